/*
 * A light map of what the device has with it, drawn on a canvas: outlines of land and borders, roads and rivers, areas, places, where one is with the circle
 * of its accuracy. North is up; distances are true in the middle. An area is filled and hatched to the outer edge of its line, never less than it is.
 */
import { useEffect, useRef } from "preact/hooks";

import type { FieldPackage } from "../../generated/schemas";
import type { Position } from "../geodesy";
import type { Language } from "../i18n";
import { loadBasemap } from "../map/basemap";
import { length } from "../words";
import { rings } from "./lookup";
import { field, type Fix } from "./state";
import { useSay } from "./texts";

const PER_DEG_M = (6371009 * Math.PI) / 180;
const TAP_PX = 8;

interface View {
    at: Position;
    m_per_px: number;
}

interface Drawn {
    pack: FieldPackage | null;
    fix: Fix | null;
    picked: Position | null;
    pins: Position[];
    land: Position[][];
    borders: Position[][];
    dark: boolean;
    language: Language;
}

interface Colours { sea: string; land: string; border: string; water: string; road: string; area: string; fill: string; ended: string; ink: string; halo: string; me: string; picked: string }

const light: Colours = { sea: "#d5e3ea", land: "#ffffff", border: "#7a7a7a", water: "#2b6ea8", road: "#8a7f6d", area: "#b83200", fill: "rgb(224 76 0 / 26%)", ended: "#6b6b6b", ink: "#000000", halo: "#ffffff", me: "#0050c8", picked: "#000000" };
const night: Colours = { sea: "#0b1216", land: "#161d20", border: "#8b979b", water: "#6ab0e8", road: "#9c917e", area: "#ff9a57", fill: "rgb(255 138 61 / 30%)", ended: "#a5a5a5", ink: "#ffffff", halo: "#000000", me: "#7db4ff", picked: "#ffffff" };

export function boxView(box: readonly number[], width: number, height: number): View {
    const [west, south, east, north] = box as [number, number, number, number];
    const lat = (south + north) / 2;
    const wide = (east - west) * PER_DEG_M * Math.cos((lat * Math.PI) / 180), high = (north - south) * PER_DEG_M;
    return { at: [(west + east) / 2, lat], m_per_px: Math.max(0.3, 1.08 * Math.max(wide / width, high / height)) };
}

/** From a place to the canvas and back. */
export function projector(view: View, width: number, height: number) {
    const k = PER_DEG_M / view.m_per_px, c = Math.cos((view.at[1] * Math.PI) / 180);
    return {
        to: ([lon, lat]: Position): [number, number] => [width / 2 + (lon - view.at[0]) * k * c, height / 2 - (lat - view.at[1]) * k],
        from: (x: number, y: number): Position => [view.at[0] + (x - width / 2) / (k * c), view.at[1] - (y - height / 2) / k],
    };
}

/** A round length for the scale bar that is at most `most_m`. */
export function scaleLength(most_m: number): number {
    const step = 10 ** Math.floor(Math.log10(most_m));
    return [5, 2, 1].map((f) => f * step).find((v) => v <= most_m) ?? step;
}

type Pen = CanvasRenderingContext2D;

function trace(g: Pen, lines: Position[][], to: (p: Position) => [number, number], close: boolean): void {
    g.beginPath();
    for (const line of lines) {
        line.forEach((p, i) => {
            const [x, y] = to(p);
            if (i === 0) g.moveTo(x, y);
            else g.lineTo(x, y);
        });
        if (close) g.closePath();
    }
}

function hatch(colour: string): CanvasPattern | string {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 12;
    const g = tile.getContext("2d")!;
    g.strokeStyle = colour;
    g.lineWidth = 1.6;
    g.beginPath();
    for (const o of [-12, 0, 12]) {
        g.moveTo(o, 12);
        g.lineTo(o + 12, 0);
    }
    g.stroke();
    return g.createPattern(tile, "repeat") ?? "transparent";
}

function drawAreas(g: Pen, d: Drawn, c: Colours, to: (p: Position) => [number, number]): void {
    const pattern = hatch(c.area);
    g.lineJoin = "round";
    for (const ended of [true, false])
        for (const area of (d.pack?.areas ?? []).filter((a) => a.is_ended === ended)) {
            trace(g, rings(area), to, true);
            if (!ended) {
                g.fillStyle = c.fill;
                g.fill("evenodd");
                g.fillStyle = pattern;
                g.fill("evenodd");
            }
            g.setLineDash(ended ? [3, 4] : area.classification === "SHA" ? [9, 4] : []);
            g.lineWidth = ended ? 1.5 : 3;
            g.strokeStyle = ended ? c.ended : c.area;
            g.stroke();
        }
    g.setLineDash([]);
}

function label(g: Pen, c: Colours, text: string, x: number, y: number): void {
    g.lineWidth = 4;
    g.strokeStyle = c.halo;
    g.fillStyle = c.ink;
    g.strokeText(text, x, y);
    g.fillText(text, x, y);
}

/* Names of the larger places first; one that would lie over another is left out, its dot stays. */
function drawPlaces(g: Pen, d: Drawn, c: Colours, to: (p: Position) => [number, number], width: number, height: number): void {
    const taken: Array<[number, number, number, number]> = [];
    const rank = (type: string | null) => ["city", "town", "village"].indexOf(type ?? "") + 1 || 9;
    g.font = "600 15px 'Noto Sans Variable', system-ui, sans-serif";
    for (const place of [...(d.pack?.places ?? [])].sort((a, b) => rank(a.type) - rank(b.type))) {
        const [x, y] = to([place.lon, place.lat]);
        if (x < -80 || y < -20 || x > width + 20 || y > height + 20) continue;
        g.beginPath();
        g.arc(x, y, 4, 0, 7);
        g.fillStyle = c.ink;
        g.fill();
        const w = g.measureText(place.name ?? "").width, box: [number, number, number, number] = [x + 7, y - 12, x + 9 + w, y + 8];
        if (!place.name || taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1])) continue;
        taken.push(box);
        label(g, c, place.name, x + 8, y + 5);
    }
}

function drawSelf(g: Pen, d: Drawn, c: Colours, view: View, to: (p: Position) => [number, number]): void {
    if (d.fix) {
        const [x, y] = to(d.fix.at), r = d.fix.accuracy_m / view.m_per_px;
        g.beginPath();
        g.arc(x, y, Math.max(r, 1), 0, 7);
        g.fillStyle = d.dark ? "rgb(125 180 255 / 22%)" : "rgb(0 80 200 / 16%)";
        g.fill();
        g.lineWidth = 2;
        g.strokeStyle = c.me;
        g.stroke();
        g.beginPath();
        g.arc(x, y, 8, 0, 7);
        g.fillStyle = c.me;
        g.fill();
        g.lineWidth = 3;
        g.strokeStyle = c.halo;
        g.stroke();
    }
    if (d.picked) {
        const [x, y] = to(d.picked);
        g.lineWidth = 3;
        g.strokeStyle = c.picked;
        g.beginPath();
        for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1]] as const) {
            g.moveTo(x + dx * 6, y + dy * 6);
            g.lineTo(x + dx * 18, y + dy * 18);
        }
        g.stroke();
    }
    g.fillStyle = c.picked;
    for (const [x, y] of d.pins.map(to)) {
        g.beginPath();
        g.moveTo(x, y - 8);
        g.lineTo(x + 8, y + 6);
        g.lineTo(x - 8, y + 6);
        g.closePath();
        g.fill();
    }
}

function drawScale(g: Pen, d: Drawn, c: Colours, view: View, height: number): void {
    const m = scaleLength(110 * view.m_per_px), px = m / view.m_per_px;
    g.fillStyle = c.halo;
    g.fillRect(10, height - 34, px + 8, 28);
    g.strokeStyle = c.ink;
    g.lineWidth = 2.5;
    g.beginPath();
    g.moveTo(14, height - 16);
    g.lineTo(14, height - 10);
    g.lineTo(14 + px, height - 10);
    g.lineTo(14 + px, height - 16);
    g.stroke();
    g.font = "600 13px 'Noto Sans Variable', system-ui, sans-serif";
    label(g, c, length(d.language, m), 18, height - 18);
}

function draw(canvas: HTMLCanvasElement, d: Drawn, view: View): void {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const g = canvas.getContext("2d")!, c = d.dark ? night : light, { to } = projector(view, width, height);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.fillStyle = d.land.length ? c.sea : c.land;
    g.fillRect(0, 0, width, height);
    trace(g, d.land, to, true);
    g.fillStyle = c.land;
    g.fill("evenodd");
    trace(g, d.borders, to, false);
    g.strokeStyle = c.border;
    g.lineWidth = 1.5;
    g.setLineDash([6, 4]);
    g.stroke();
    g.setLineDash([]);
    for (const type of ["river", "road"]) {
        const lines = (d.pack?.lines ?? []).filter((l) => l.type === type && l.geometry).flatMap((l) => {
            const geometry = l.geometry as { type: string; coordinates: unknown };
            return geometry.type === "MultiLineString" ? (geometry.coordinates as Position[][]) : [geometry.coordinates as Position[]];
        });
        trace(g, lines, to, false);
        g.strokeStyle = type === "river" ? c.water : c.road;
        g.lineWidth = 2;
        g.stroke();
    }
    drawAreas(g, d, c, to);
    drawPlaces(g, d, c, to, width, height);
    drawSelf(g, d, c, view, to);
    drawScale(g, d, c, view, height);
}

/** Outlines of land near the district only: the whole world is not drawn each time. */
let outlines: Promise<{ land: Position[][]; borders: Position[][] }> | null = null;
const loadOutlines = () =>
    (outlines ??= loadBasemap().then((base) => ({ land: (base.land as GeoJSON.MultiPolygon).coordinates.flat() as Position[][], borders: (base.borders as GeoJSON.MultiLineString).coordinates as Position[][] })).catch(() => {
        outlines = null;
        return { land: [], borders: [] };
    }));

function nearLines(lines: Position[][], box: readonly number[]): Position[][] {
    return lines.filter((line) => {
        let w = 999, s = 999, e = -999, n = -999;
        for (const [x, y] of line) {
            w = Math.min(w, x);
            e = Math.max(e, x);
            s = Math.min(s, y);
            n = Math.max(n, y);
        }
        return w < box[2]! + 2 && e > box[0]! - 2 && s < box[3]! + 2 && n > box[1]! - 2;
    });
}

/** Fingers and the mouse: one moves the map, two zoom, a tap picks a place. */
function useFingers(canvas: { current: HTMLCanvasElement | null }, view: { current: View | null }, redraw: () => void): void {
    useEffect(() => {
        const el = canvas.current!;
        const down = new Map<number, [number, number]>();
        let moved = 0;
        const spread = () => {
            const [a, b] = [...down.values()];
            return a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0;
        };
        const begin = (e: PointerEvent) => {
            el.setPointerCapture(e.pointerId);
            if (!down.size) moved = 0;
            down.set(e.pointerId, [e.offsetX, e.offsetY]);
        };
        const move = (e: PointerEvent) => {
            const last = down.get(e.pointerId), v = view.current;
            if (!last || !v) return;
            const before = spread();
            down.set(e.pointerId, [e.offsetX, e.offsetY]);
            const dx = (e.offsetX - last[0]) / down.size, dy = (e.offsetY - last[1]) / down.size, after = spread();
            moved += Math.hypot(dx, dy);
            const m_per_px = before && after ? limit(v.m_per_px * (before / after)) : v.m_per_px;
            view.current = { at: projector(v, 0, 0).from(-dx, -dy), m_per_px };
            redraw();
        };
        const lift = (e: PointerEvent) => {
            const only = down.size === 1;
            if (down.delete(e.pointerId) && only && moved < TAP_PX && e.type === "pointerup" && view.current)
                field.set({ picked: projector(view.current, el.clientWidth, el.clientHeight).from(e.offsetX, e.offsetY) });
        };
        const wheel = (e: WheelEvent) => {
            e.preventDefault();
            if (view.current) view.current = { ...view.current, m_per_px: limit(view.current.m_per_px * (e.deltaY > 0 ? 1.25 : 0.8)) };
            redraw();
        };
        const events: Array<[string, (e: never) => void]> = [["pointerdown", begin], ["pointermove", move], ["pointerup", lift], ["pointercancel", lift], ["wheel", wheel]];
        for (const [name, call] of events) el.addEventListener(name, call as EventListener, { passive: false });
        return () => events.forEach(([name, call]) => el.removeEventListener(name, call as EventListener));
    }, []);
}

const limit = (m_per_px: number) => Math.max(0.15, Math.min(5000, m_per_px));

export function FieldMap({ pack, pins }: { pack: FieldPackage | null; pins: Position[] }) {
    const t = useSay();
    const canvas = useRef<HTMLCanvasElement>(null), view = useRef<View | null>(null), base = useRef<{ land: Position[][]; borders: Position[][] }>({ land: [], borders: [] });
    const { fix, picked, dark, language } = field.use((s) => s);
    const now = useRef<() => void>(() => undefined);
    const show = () => {
        const el = canvas.current;
        if (!el || !el.clientWidth) return;
        view.current ??= pack ? boxView(pack.district.box, el.clientWidth, el.clientHeight) : { at: fix?.at ?? [31, 49], m_per_px: fix ? 20 : 4000 };
        draw(el, { pack, fix, picked, pins, dark, language, ...base.current }, view.current);
        el.dataset.drawn = String(Number(el.dataset.drawn ?? 0) + 1);
    };
    now.current = show;
    const redraw = () => void requestAnimationFrame(() => now.current());
    useEffect(redraw);
    useEffect(() => {
        view.current = null;
        void loadOutlines().then((all) => {
            base.current = pack ? { land: nearLines(all.land, pack.covers), borders: nearLines(all.borders, pack.covers) } : all;
            redraw();
        });
    }, [pack]);
    useEffect(() => {
        const look = new ResizeObserver(redraw);
        look.observe(canvas.current!);
        return () => look.disconnect();
    }, []);
    useFingers(canvas, view, redraw);
    const zoom = (by: number) => {
        if (view.current) view.current = { ...view.current, m_per_px: limit(view.current.m_per_px * by) };
        redraw();
    };
    const centre = () => {
        if (fix && view.current) view.current = { at: fix.at, m_per_px: Math.min(view.current.m_per_px, 10) };
        redraw();
    };
    const whole = () => {
        view.current = null;
        redraw();
    };
    return (
        <div class="map">
            <canvas ref={canvas} role="img" aria-label={t("field.map")} />
            <div class="map-buttons">
                <button type="button" aria-label={t("field.zoom_in")} onClick={() => zoom(0.5)}>+</button>
                <button type="button" aria-label={t("field.zoom_out")} onClick={() => zoom(2)}>−</button>
                <button type="button" aria-label={t("field.to_me")} disabled={!fix} onClick={centre}>◎</button>
                <button type="button" aria-label={t("field.whole")} disabled={!pack} onClick={whole}>⤢</button>
            </div>
        </div>
    );
}
