/*
 * The first picture of the map: the style of style.ts drawn on a plain canvas from the same tiles, at the same view, while the map's library is still on its
 * way or cannot run at all. What it cannot draw (a base map of vector tiles) comes with the map.
 */
import type { StyleSpecification } from "maplibre-gl";

import { type Box, type Camera, planeX, planeY, type Size, type TileAt, tilesIn, WORLD } from "./camera";
import { evaluate, type Feature } from "./expression";
import { iconCanvas } from "./icons";
import { readTile, type Shape } from "./mvt";
import { FONT } from "./style";

type Source = StyleSpecification["sources"][string];
type Bag = Record<string, unknown>;
interface Layer {
    id: string;
    type: string;
    source?: string;
    "source-layer"?: string;
    filter?: unknown;
    minzoom?: number;
    maxzoom?: number;
    paint?: Bag;
    layout?: Bag;
}

/** A tile's place on the screen, and what is in it. */
interface Sheet {
    x: number;
    y: number;
    size: number;
    layers: Map<string, { extent: number; shapes: Shape[] }>;
    image: HTMLImageElement | null;
    clips: boolean;
}

interface Plate {
    c: CanvasRenderingContext2D;
    zoom: number;
    ratio: number;
    size: Size;
    sheets: Map<string, Sheet[]>;
}

const kept = new Map<string, Promise<Sheet["layers"] | HTMLImageElement | null>>();

/** Lets go of the tiles that were read. */
export function forgetTiles(): void {
    kept.clear();
}

async function vectorTile(url: string): Promise<Sheet["layers"]> {
    const answer = await fetch(url, { credentials: "same-origin" });
    const layers: Sheet["layers"] = new Map();
    if (!answer.ok || answer.status === 204) return layers;
    for (const { name, extent, features } of readTile(new Uint8Array(await answer.arrayBuffer()))) layers.set(name, { extent, shapes: features });
    return layers;
}

function rasterTile(url: string): Promise<HTMLImageElement | null> {
    return new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(image);
        image.onerror = () => resolve(null);
        image.src = url;
    });
}

function once<T extends Sheet["layers"] | HTMLImageElement | null>(url: string, read: (url: string) => Promise<T>): Promise<T> {
    let found = kept.get(url) as Promise<T> | undefined;
    if (!found) kept.set(url, (found = read(url)));
    return found;
}

/* GeoJSON as one tile of the whole world, in units of the plane. */
function flat(positions: GeoJSON.Position[]): number[] {
    return positions.flatMap(([lon, lat]) => [planeX(lon!), planeY(lat!)]);
}

function shapesOf(data: GeoJSON.GeoJSON, properties: Bag = {}): Shape[] {
    switch (data.type) {
        case "FeatureCollection": return data.features.flatMap((f) => shapesOf(f));
        case "Feature": return data.geometry ? shapesOf(data.geometry, (data.properties ?? {}) as Bag) : [];
        case "GeometryCollection": return data.geometries.flatMap((g) => shapesOf(g, properties));
        case "Point": return [{ type: "Point", properties, parts: [flat([data.coordinates])] }];
        case "MultiPoint": return [{ type: "Point", properties, parts: data.coordinates.map((p) => flat([p])) }];
        case "LineString": return [{ type: "LineString", properties, parts: [flat(data.coordinates)] }];
        case "MultiLineString": return data.coordinates.map((line) => ({ type: "LineString", properties, parts: [flat(line)] }));
        case "Polygon": return [{ type: "Polygon", properties, parts: data.coordinates.map(flat) }];
        case "MultiPolygon": return data.coordinates.map((rings) => ({ type: "Polygon", properties, parts: rings.map(flat) }));
    }
}

const world = new WeakMap<object, Shape[]>();

function worldShapes(data: GeoJSON.GeoJSON): Shape[] {
    let shapes = world.get(data);
    if (!shapes) world.set(data, (shapes = shapesOf(data)));
    return shapes;
}

function near(shape: Shape, [x0, y0, x1, y1]: Box): boolean {
    let w = Infinity, n = Infinity, e = -Infinity, s = -Infinity;
    for (const part of shape.parts)
        for (let i = 0; i < part.length; i += 2) {
            w = Math.min(w, part[i]!);
            e = Math.max(e, part[i]!);
            n = Math.min(n, part[i + 1]!);
            s = Math.max(s, part[i + 1]!);
        }
    return w <= x1 && e >= x0 && n <= y1 && s >= y0;
}

interface Window {
    zoom: number;
    left: number;
    top: number;
    world: number;
    plane: Box;
}

function windowOf(camera: Camera, { width, height }: Size): Window {
    const wide = WORLD * 2 ** camera.zoom, left = planeX(camera.lon) * wide - width / 2, top = planeY(camera.lat) * wide - height / 2;
    return { zoom: camera.zoom, left, top, world: wide, plane: [left / wide, top / wide, (left + width) / wide, (top + height) / wide] };
}

function tilesFor(source: Extract<Source, { type: "raster" | "vector" }>, w: Window): TileAt[] {
    const round = source.type === "raster" ? Math.round : Math.floor;
    const size = source.type === "raster" ? (source.tileSize ?? 512) : 512;
    const z = Math.max(source.minzoom ?? 0, Math.min(source.maxzoom ?? 22, round(w.zoom + Math.log2(512 / size))));
    const bounds = source.bounds, [x0, y0, x1, y1] = w.plane;
    if (!bounds) return tilesIn(z, w.plane);
    return tilesIn(z, [Math.max(x0, planeX(bounds[0])), Math.max(y0, planeY(bounds[3])), Math.min(x1, planeX(bounds[2])), Math.min(y1, planeY(bounds[1]))]);
}

async function sheetsOf(source: Source, w: Window): Promise<Sheet[]> {
    if (source.type === "geojson" && typeof source.data === "object") {
        const data = source.data as GeoJSON.GeoJSON, shapes = worldShapes(data);
        return tilesIn(0, w.plane).map(({ column }) => {
            const [x0, y0, x1, y1] = w.plane, seen = shapes.filter((s) => near(s, [x0 - column, y0, x1 - column, y1]));
            return { x: column * w.world - w.left, y: -w.top, size: w.world, layers: new Map([["", { extent: 1, shapes: seen }]]), image: null, clips: false };
        });
    }
    if (source.type !== "raster" && source.type !== "vector") return [];
    const address = source.tiles?.[0];
    if (!address) return [];
    return Promise.all(tilesFor(source, w).map(async ({ z, x, y, column }): Promise<Sheet> => {
        const url = address.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y)), size = w.world / 2 ** z;
        const place = { x: column * size - w.left, y: y * size - w.top, size, clips: true };
        if (source.type === "raster") return { ...place, layers: new Map(), image: await once(url, rasterTile) };
        return { ...place, layers: await once(url, vectorTile), image: null };
    }));
}

const seen = (layer: Layer, zoom: number) =>
    layer.layout?.visibility !== "none" && zoom >= (layer.minzoom ?? 0) && zoom < (layer.maxzoom ?? 25);

function clipped(p: Plate, sheet: Sheet, draw: () => void): void {
    const r = (v: number) => Math.round(v * p.ratio) / p.ratio;
    p.c.save();
    if (sheet.clips) {
        p.c.beginPath();
        p.c.rect(r(sheet.x), r(sheet.y), r(sheet.x + sheet.size) - r(sheet.x), r(sheet.y + sheet.size) - r(sheet.y));
        p.c.clip();
    }
    draw();
    p.c.restore();
}

function* shapesIn(p: Plate, layer: Layer): Generator<[Sheet, number, Shape[]]> {
    for (const sheet of p.sheets.get(layer.source ?? "") ?? []) {
        const found = sheet.layers.get(layer["source-layer"] ?? "");
        if (found) yield [sheet, sheet.size / found.extent, found.shapes.filter((s) => !layer.filter || evaluate(layer.filter, p.zoom, s))];
    }
}

function trace(c: CanvasRenderingContext2D, sheet: Sheet, k: number, shape: Shape): void {
    c.beginPath();
    for (const part of shape.parts)
        for (let i = 0; i + 1 < part.length; i += 2) {
            const x = sheet.x + part[i]! * k, y = sheet.y + part[i + 1]! * k;
            if (i === 0) c.moveTo(x, y);
            else c.lineTo(x, y);
        }
}

function fill(p: Plate, layer: Layer): void {
    const paint = layer.paint ?? {}, outline = paint["fill-outline-color"];
    for (const [sheet, k, shapes] of shapesIn(p, layer))
        clipped(p, sheet, () => {
            for (const shape of shapes.filter((s) => s.type === "Polygon")) {
                trace(p.c, sheet, k, shape);
                p.c.globalAlpha = Number(evaluate(paint["fill-opacity"] ?? 1, p.zoom, shape));
                p.c.fillStyle = String(evaluate(paint["fill-color"], p.zoom, shape));
                p.c.fill();
                if (!outline) continue;
                p.c.strokeStyle = String(evaluate(outline, p.zoom, shape));
                p.c.lineWidth = 1;
                p.c.stroke();
            }
        });
}

function line(p: Plate, layer: Layer): void {
    const paint = layer.paint ?? {};
    for (const [sheet, k, shapes] of shapesIn(p, layer))
        clipped(p, sheet, () => {
            p.c.lineJoin = (layer.layout?.["line-join"] as CanvasLineJoin | undefined) ?? "miter";
            for (const shape of shapes.filter((s) => s.type !== "Point")) {
                const width = Number(evaluate(paint["line-width"] ?? 1, p.zoom, shape));
                trace(p.c, sheet, k, shape);
                p.c.globalAlpha = Number(evaluate(paint["line-opacity"] ?? 1, p.zoom, shape));
                p.c.strokeStyle = String(evaluate(paint["line-color"], p.zoom, shape));
                p.c.lineWidth = width;
                p.c.setLineDash(((paint["line-dasharray"] as number[] | undefined) ?? []).map((d) => d * width));
                p.c.stroke();
            }
        });
}

/* Points of a layer on the screen; those beyond a tile's edge are its neighbour's. */
function* pointsIn(p: Plate, layer: Layer): Generator<[number, number, Shape]> {
    for (const [sheet, k, shapes] of shapesIn(p, layer))
        for (const shape of shapes)
            if (shape.type === "Point")
                for (const [x, y] of shape.parts as Array<[number, number]>) {
                    const inside = x >= 0 && y >= 0 && x * k < sheet.size && y * k < sheet.size;
                    if (inside) yield [sheet.x + x * k, sheet.y + y * k, shape];
                }
}

function circle(p: Plate, layer: Layer): void {
    const paint = layer.paint ?? {};
    for (const [x, y, shape] of pointsIn(p, layer)) {
        const value = (key: string, other: unknown) => evaluate(paint[key] ?? other, p.zoom, shape);
        const stroke = Number(value("circle-stroke-width", 0));
        p.c.beginPath();
        p.c.arc(x, y, Number(value("circle-radius", 5)), 0, 7);
        p.c.fillStyle = String(value("circle-color", "#000000"));
        p.c.fill();
        if (!stroke) continue;
        p.c.arc(x, y, Number(value("circle-radius", 5)) + stroke / 2, 0, 7);
        p.c.lineWidth = stroke;
        p.c.strokeStyle = String(value("circle-stroke-color", "#000000"));
        p.c.stroke();
    }
}

function raster(p: Plate, layer: Layer): void {
    const r = (v: number) => Math.round(v * p.ratio) / p.ratio;
    p.c.globalAlpha = Number(evaluate(layer.paint?.["raster-opacity"] ?? 1, p.zoom));
    p.c.imageSmoothingEnabled = layer.paint?.["raster-resampling"] !== "nearest";
    for (const sheet of p.sheets.get(layer.source ?? "") ?? [])
        if (sheet.image) p.c.drawImage(sheet.image, r(sheet.x), r(sheet.y), r(sheet.x + sheet.size) - r(sheet.x), r(sheet.y + sheet.size) - r(sheet.y));
    p.c.globalAlpha = 1;
}

interface Sign {
    x: number;
    y: number;
    icon: string;
    scale: number;
    lines: string[];
    size: number;
    top: number;
    paint: Bag;
    shape: Feature;
}

/* DROP_EM: how much lower the map sets a line than the middle of its box. */
const LINE_EM = 1.2, DROP_EM = 0.16, PAD = 2, ICON = 22;
const fontOf = (size: number) => `400 ${size}px "${FONT[0]}", sans-serif`;

/* A name in as many lines as its width asks for, all about as long as each other. */
function wrap(c: CanvasRenderingContext2D, text: string, widest: number): string[] {
    const whole = c.measureText(text).width, target = whole / Math.max(1, Math.ceil(whole / widest)), lines: string[] = [];
    for (const word of text.split(" ")) {
        const last = lines[lines.length - 1], joined = `${last} ${word}`;
        if (last !== undefined && c.measureText(last).width < target && c.measureText(joined).width <= Math.max(target * 1.15, widest / 2)) lines[lines.length - 1] = joined;
        else lines.push(word);
    }
    return lines;
}

function signsOf(p: Plate, layer: Layer): Sign[] {
    const layout = layer.layout ?? {}, signs: Array<[number, Sign]> = [];
    for (const [x, y, shape] of pointsIn(p, layer)) {
        const value = (key: string, other: unknown) => evaluate(layout[key] ?? other, p.zoom, shape);
        const text = String(value("text-field", "") ?? ""), size = Number(value("text-size", 16));
        p.c.font = fontOf(size);
        const lines = text ? wrap(p.c, text, Number(value("text-max-width", 10)) * size) : [];
        const height = lines.length * LINE_EM * size, anchor = String(value("text-anchor", "center")), [, shift] = value("text-offset", [0, 0]) as [number, number];
        const top = y + shift * size - (anchor === "bottom" ? height : anchor === "top" ? 0 : height / 2);
        signs.push([Number(value("symbol-sort-key", 0)), { x, y, icon: String(value("icon-image", "") ?? ""), scale: Number(value("icon-size", 1)), lines, size, top, paint: layer.paint ?? {}, shape }]);
    }
    return signs.sort((a, b) => a[0] - b[0]).map(([, sign]) => sign);
}

/* Names that find room: what lies on top is placed first. Icons always show; a name gives way to them where its layer says so. */
function placed(p: Plate, layers: Layer[]): Map<string, Sign[]> {
    const boxes: Box[] = [], found = new Map<string, Sign[]>();
    for (const layer of [...layers].reverse()) {
        const quiet = layer.layout?.["icon-ignore-placement"] === true;
        const signs = signsOf(p, layer);
        for (const sign of signs) {
            p.c.font = fontOf(sign.size);
            const half = Math.max(0, ...sign.lines.map((l) => p.c.measureText(l).width)) / 2 + PAD, r = (ICON * sign.scale) / 2;
            const box: Box = [sign.x - half, sign.top - PAD, sign.x + half, sign.top + sign.lines.length * LINE_EM * sign.size + PAD];
            if (boxes.some((b) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1])) sign.lines = [];
            else if (sign.lines.length) boxes.push(box);
            if (sign.icon && !quiet) boxes.push([sign.x - r, sign.y - r, sign.x + r, sign.y + r]);
        }
        found.set(layer.id, signs);
    }
    return found;
}

function symbols(p: Plate, signs: Sign[]): void {
    const { c } = p;
    for (const { x, y, icon, scale } of signs) {
        const image = icon ? iconCanvas(icon) : null, side = ICON * scale;
        if (image) c.drawImage(image, x - side / 2, y - side / 2, side, side);
    }
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.lineJoin = "round";
    for (const { x, lines, size, top, paint, shape } of signs)
        lines.forEach((text, i) => {
            const value = (key: string, other: unknown) => evaluate(paint[key] ?? other, p.zoom, shape), at = top + ((i + 0.5) * LINE_EM + DROP_EM) * size;
            c.font = fontOf(size);
            c.globalAlpha = Number(value("text-opacity", 1));
            c.strokeStyle = String(value("text-halo-color", "transparent"));
            c.lineWidth = 2 * Number(value("text-halo-width", 0));
            if (c.lineWidth > 0) c.strokeText(text, x, at);
            c.fillStyle = String(value("text-color", "#000000"));
            c.fillText(text, x, at);
            c.globalAlpha = 1;
        });
}

function drawLayer(p: Plate, layer: Layer, signs: Map<string, Sign[]>): void {
    p.c.save();
    if (layer.type === "background") {
        p.c.fillStyle = String(evaluate(layer.paint?.["background-color"], p.zoom));
        p.c.fillRect(0, 0, p.size.width, p.size.height);
    } else if (layer.type === "fill") fill(p, layer);
    else if (layer.type === "line") line(p, layer);
    else if (layer.type === "raster") raster(p, layer);
    else if (layer.type === "circle") circle(p, layer);
    else if (layer.type === "symbol") symbols(p, signs.get(layer.id) ?? []);
    p.c.restore();
}

/** Draws a style as a camera sees it. The canvas changes at once and whole, when all that is needed has come; not at all when `late` says it is no longer wanted. */
export async function drawSketch(canvas: HTMLCanvasElement, style: StyleSpecification, camera: Camera, size: Size, late: () => boolean): Promise<boolean> {
    const ratio = devicePixelRatio || 1, w = windowOf(camera, size), sheets = new Map<string, Sheet[]>();
    const layers = (style.layers as unknown as Layer[]).filter((layer) => seen(layer, camera.zoom));
    const names = [...new Set(layers.map((l) => l.source).filter((s): s is string => !!s))];
    await Promise.all(names.map(async (name) => sheets.set(name, await sheetsOf(style.sources[name]!, w).catch(() => []))));
    /* Drawn once and by the processor: where graphics are done in software, handing it to them takes longer than the drawing. */
    const c = canvas.getContext("2d", { willReadFrequently: true });
    if (!c || late()) return false;
    canvas.width = Math.round(size.width * ratio);
    canvas.height = Math.round(size.height * ratio);
    c.scale(ratio, ratio);
    const plate: Plate = { c, zoom: camera.zoom, ratio, size, sheets };
    const signs = placed(plate, layers.filter((l) => l.type === "symbol"));
    for (const layer of layers) drawLayer(plate, layer, signs);
    return true;
}
