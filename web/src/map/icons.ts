/*
 * Symbols of points: a shape and a colour for each kind, with a rim that sets it off from any ground.
 */
import { baseColours, kindColour, kindColourDark, kindShape, type Shape } from "./palette";

const SIZE = 22;

function trace(c: CanvasRenderingContext2D, shape: Shape, r: number): void {
    const m = SIZE / 2;
    c.beginPath();
    if (shape === "triangle") {
        c.moveTo(m, m - r * 1.15);
        c.lineTo(m + r * 1.08, m + r * 0.8);
        c.lineTo(m - r * 1.08, m + r * 0.8);
    } else if (shape === "square") c.rect(m - r * 0.82, m - r * 0.82, r * 1.64, r * 1.64);
    else if (shape === "diamond") {
        c.moveTo(m, m - r * 1.15);
        c.lineTo(m + r * 1.15, m);
        c.lineTo(m, m + r * 1.15);
        c.lineTo(m - r * 1.15, m);
    } else c.arc(m, m, shape === "dot" ? r * 0.45 : r * 0.9, 0, 7);
    c.closePath();
}

/** All icons: a kind and whether the map is light or dark. */
export const iconNames = Object.keys(kindShape).flatMap((kind) => [`${kind}-light`, `${kind}-dark`]);

/** Image of an icon named "accident-light"; null for a name that is not one of ours. */
export function drawIcon(name: string): { image: ImageData; pixelRatio: number } | null {
    const cut = name.lastIndexOf("-");
    const kind = name.slice(0, cut), dark = name.slice(cut + 1) === "dark";
    const shape = kindShape[kind];
    if (!shape) return null;
    const ratio = 2, canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIZE * ratio;
    const c = canvas.getContext("2d");
    if (!c) return null;
    c.scale(ratio, ratio);
    trace(c, shape, 8);
    c.lineJoin = "round";
    c.strokeStyle = baseColours[dark ? "dark" : "light"].halo;
    c.lineWidth = 4;
    c.stroke();
    c.fillStyle = (dark ? kindColourDark : kindColour)[kind] ?? "#777777";
    c.fill();
    c.strokeStyle = dark ? "#000000" : "#ffffff";
    c.lineWidth = 1;
    c.stroke();
    return { image: c.getImageData(0, 0, canvas.width, canvas.height), pixelRatio: ratio };
}
