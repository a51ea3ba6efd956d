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
    } else if (shape === "plus") {
        const a = r * 1.1, b = r * 0.4;
        for (const [x, y] of [[-b, -a], [b, -a], [b, -b], [a, -b], [a, b], [b, b], [b, a], [-b, a], [-b, b], [-a, b], [-a, -b], [-b, -b]] as const) c.lineTo(m + x, m + y);
    } else c.arc(m, m, shape === "dot" ? r * 0.45 : r * 0.9, 0, 7);
    c.closePath();
}

/** All icons: a kind and whether the map is light or dark. */
export const iconNames = Object.keys(kindShape).flatMap((kind) => [`${kind}-light`, `${kind}-dark`]);

const RATIO = 2;
const drawn = new Map<string, HTMLCanvasElement | null>();

function makeIcon(name: string): HTMLCanvasElement | null {
    const cut = name.lastIndexOf("-");
    const kind = name.slice(0, cut), dark = name.slice(cut + 1) === "dark";
    const shape = kindShape[kind], canvas = document.createElement("canvas"), c = canvas.getContext("2d", { willReadFrequently: true });
    if (!shape || !c) return null;
    canvas.width = canvas.height = SIZE * RATIO;
    c.scale(RATIO, RATIO);
    trace(c, shape, 8);
    c.lineJoin = "round";
    c.strokeStyle = baseColours[dark ? "dark" : "light"].halo;
    c.lineWidth = 4;
    c.stroke();
    const colour = (dark ? kindColourDark : kindColour)[kind] ?? "#777777";
    if (shape === "ring") {
        c.strokeStyle = colour;
        c.lineWidth = 2.2;
        c.stroke();
        return canvas;
    }
    c.fillStyle = colour;
    c.fill();
    c.strokeStyle = dark ? "#000000" : "#ffffff";
    c.lineWidth = 1;
    c.stroke();
    return canvas;
}

/** Picture of an icon named "accident-light", drawn once; null for a name that is not one of ours. */
export function iconCanvas(name: string): HTMLCanvasElement | null {
    let canvas = drawn.get(name);
    if (canvas === undefined) drawn.set(name, (canvas = makeIcon(name)));
    return canvas;
}

/** The same as the map's library takes it. */
export function drawIcon(name: string): { image: ImageData; pixelRatio: number } | null {
    const canvas = iconCanvas(name);
    const image = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height);
    return image ? { image, pixelRatio: RATIO } : null;
}
