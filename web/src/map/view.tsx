/*
 * The map on the page: the first picture (first.ts), and over the same place the map that can be moved (gl.ts), which takes its place when it has drawn all.
 */
import "maplibre-gl/dist/maplibre-gl.css";

import type { Map } from "maplibre-gl";
import { useEffect, useRef, useState } from "preact/hooks";

import { useText } from "../state";
import { loadBasemap } from "./basemap";
import type { Box } from "./camera";
import { type FirstPicture, firstPicture } from "./first";
import { padding } from "./shown";

let current: Map | null = null;
let picture: FirstPicture | null = null;
let sketch: HTMLCanvasElement | null = null;

/** The map, for what is not drawn from the state; null until it has come. */
export function theMap(): Map | null {
    return current;
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function fitTo(bounds: Box): void {
    if (current) current.fitBounds(bounds, { padding: padding(), maxZoom: 16, duration: calm() ? 0 : 500 });
    else picture?.fit(bounds, 16);
}

export function flyTo(lon: number, lat: number, zoom = 14): void {
    const camera = { center: [lon, lat] as [number, number], zoom: Math.max(current?.getZoom() ?? picture?.camera().zoom ?? 0, zoom) };
    if (!current) picture?.look({ lon, lat, zoom: camera.zoom });
    else if (calm()) current.jumpTo(camera);
    else current.flyTo({ ...camera, duration: 700 });
}

/** One step nearer or farther. */
export function zoomBy(step: 1 | -1): void {
    if (current) step > 0 ? current.zoomIn() : current.zoomOut();
    else if (picture) picture.look({ ...picture.camera(), zoom: Math.max(0, Math.min(19, picture.camera().zoom + step)) });
}

/** Hands over what is on the screen, as it stands. */
export function takePicture(take: (canvas: HTMLCanvasElement) => void): void {
    const map = current;
    if (!map) {
        if (sketch) take(sketch);
        return;
    }
    /* The picture is there only while it is drawn. */
    map.once("render", () => take(map.getCanvas()));
    map.triggerRepaint();
}

export function boundsOf(geometry: GeoJSON.Geometry): Box | null {
    const box: Box = [180, 90, -180, -90];
    const walk = (value: unknown): void => {
        if (!Array.isArray(value)) return;
        if (typeof value[0] === "number") {
            const [x, y] = value as number[];
            box[0] = Math.min(box[0], x!);
            box[1] = Math.min(box[1], y!);
            box[2] = Math.max(box[2], x!);
            box[3] = Math.max(box[3], y!);
        } else value.forEach(walk);
    };
    if ("coordinates" in geometry) walk(geometry.coordinates);
    return box[0] > box[2] ? null : box;
}

export function MapView() {
    const holder = useRef<HTMLDivElement>(null);
    const cursor = useRef<HTMLDivElement>(null);
    const canvas = useRef<HTMLCanvasElement>(null);
    const sheet = useRef<HTMLDivElement>(null);
    const t = useText();
    const [still, setStill] = useState(false);
    useEffect(() => {
        let ended = false, stop = () => {};
        const base = loadBasemap().catch(() => null);
        const gone = () => {
            if (sheet.current) sheet.current.hidden = true;
            picture?.end();
            picture = sketch = null;
        };
        const begin = async () => {
            try {
                const [{ startMap }, land] = await Promise.all([import("./gl"), base]);
                if (ended || !picture) return;
                const started = startMap(holder.current!, cursor.current!, picture.camera(), land, gone);
                current = started.map;
                stop = started.stop;
            } catch (error) {
                /* No WebGL, or the network went: the picture stays, and can still be brought nearer. */
                console.warn(error);
                setStill(true);
            }
        };
        sketch = canvas.current;
        picture = firstPicture(canvas.current!, base, () => void begin());
        return () => {
            ended = true;
            gone();
            current = null;
            stop();
        };
    }, []);
    return (
        <div class="map" ref={cursor}>
            <div class="map-holder" ref={holder} role="application" aria-label={t("map.label")} />
            <div class="sketch" ref={sheet} aria-hidden="true">
                <canvas ref={canvas} />
                <small {...{ elementtiming: "first-map" }}>Natural Earth</small>
            </div>
            {still ? <p class="card still" role="status">{t("map.still")}</p> : null}
        </div>
    );
}
