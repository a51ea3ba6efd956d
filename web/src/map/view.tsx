/*
 * The map itself: what is shown follows from the state (style.ts); what a person does on it changes the state.
 */
import "maplibre-gl/dist/maplibre-gl.css";

import { AttributionControl, Map, type MapMouseEvent, ScaleControl, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import { useEffect, useRef } from "preact/hooks";

import type { Position } from "../geodesy";
import { to } from "../route";
import { app, bandOf, classesOf, type State, useText } from "../state";
import { applyStyle } from "./apply";
import { loadBasemap } from "./basemap";
import { startDrawing } from "./draw";
import { drawIcon, iconNames } from "./icons";
import { type BaseData, buildStyle, layerId } from "./style";

setWorkerUrl(new URL(MAP_WORKER, location.href).href);

let current: Map | null = null;

/** The map, for what is not drawn from the state: flights and pictures. */
export function theMap(): Map | null {
    return current;
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

type Box = [number, number, number, number];

/** Room that is left free around what is shown: on a phone the sheet lies over the lower half of the map. */
function padding() {
    if (innerWidth >= 760) return { top: 40, bottom: 40, left: 40, right: 70 };
    return { top: 90, bottom: app.get().sheet === "low" ? 30 : Math.round(innerHeight * 0.46), left: 20, right: 60 };
}

export function fitTo(bounds: Box): void {
    current?.fitBounds(bounds, { padding: padding(), maxZoom: 16, duration: calm() ? 0 : 500 });
}

export function flyTo(lon: number, lat: number, zoom = 14): void {
    if (!current) return;
    const camera = { center: [lon, lat] as [number, number], zoom: Math.max(current.getZoom(), zoom) };
    if (calm()) current.jumpTo(camera);
    else current.flyTo({ ...camera, duration: 700 });
}

export function boundsOf(geometry: GeoJSON.Geometry): [number, number, number, number] | null {
    const box: [number, number, number, number] = [180, 90, -180, -90];
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

function shownOf(state: State) {
    const { route } = state;
    return {
        origin: location.origin, dark: state.dark, language: state.language, extent: (state.project?.extent ?? null) as Box | null, band: bandOf(state),
        scale: state.scale, opacity: state.opacity, layers: state.layers?.vector ?? [], shown: state.shown, filters: state.filters,
        years: state.years, path: state.path, measuring: state.tool === "measure", selected: state.selected,
        point: route.page === "place" && route.lon !== null && route.lat !== null ? ([route.lon, route.lat] as Position) : null,
        marks: state.marks, classes: classesOf(state),
    };
}

function clicked(map: Map, event: MapMouseEvent): void {
    const state = app.get();
    const at: Position = [event.lngLat.lng, event.lngLat.lat];
    if (state.tool === "measure") {
        app.set({ path: [...state.path, at] });
        return;
    }
    if (state.tool === "draw") return;
    const near: [[number, number], [number, number]] = [
        [event.point.x - 6, event.point.y - 6],
        [event.point.x + 6, event.point.y + 6],
    ];
    const kinds = (state.layers?.vector ?? []).map((l) => `${layerId(l.kind)}-point`).filter((id) => map.getLayer(id));
    const hit = map.queryRenderedFeatures(near, { layers: kinds })[0];
    const code = hit?.properties.code as string | undefined;
    const kind = hit?.layer.id.replace(/^kind-/, "").replace(/-point$/, "");
    location.hash = hit && code && kind ? to.record(kind, code) : to.place(at[0], at[1]);
}

export function MapView() {
    const holder = useRef<HTMLDivElement>(null);
    const cursor = useRef<HTMLDivElement>(null);
    const t = useText();
    useEffect(() => {
        let base: BaseData | null = null;
        const first = app.get();
        let style: StyleSpecification = buildStyle(shownOf(first), base);
        const map = new Map({
            container: holder.current!, style, attributionControl: false, maxZoom: 19, pitchWithRotate: false, dragRotate: false,
            fadeDuration: 0,
        });
        current = map;
        map.touchZoomRotate.disableRotation();
        map.addControl(new AttributionControl({ compact: true, customAttribution: "Natural Earth" }), "bottom-right");
        map.addControl(new ScaleControl({ unit: "metric" }), innerWidth < 760 ? "bottom-left" : "bottom-right");
        /* The map begins while the project is still asked for; it goes to its place when that is known. */
        let placed = false;
        const place = () => {
            const extent = app.get().project?.extent;
            if (placed || !extent) return;
            placed = true;
            map.fitBounds(extent as Box, { padding: padding(), duration: 0 });
        };
        place();
        const redraw = () => {
            place();
            const next = buildStyle(shownOf(app.get()), base);
            applyStyle(map, style, next);
            style = next;
        };
        let loaded = false, waiting = 0;
        const soon = () => {
            if (!loaded || waiting) return;
            waiting = requestAnimationFrame(() => {
                waiting = 0;
                redraw();
            });
        };
        const stop = app.subscribe(soon);
        map.on("style.load", () => {
            for (const id of iconNames) {
                const icon = drawIcon(id);
                if (icon && !map.hasImage(id)) map.addImage(id, icon.image, { pixelRatio: icon.pixelRatio });
            }
            loaded = true;
            redraw();
        });
        /* The base map comes after what it lies under. */
        map.once("load", async () => {
            base = await loadBasemap();
            soon();
        });
        map.on("click", (event) => clicked(map, event));
        map.on("dblclick", (event) => {
            if (app.get().tool === "measure") event.preventDefault();
        });
        const moved = () => {
            const b = map.getBounds(), c = map.getCenter();
            app.set({ bounds: [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], view: { lon: c.lng, lat: c.lat, zoom: map.getZoom() } });
        };
        map.on("moveend", moved);
        map.on("load", moved);
        map.on("mousemove", (event) => cursor.current?.dispatchEvent(new CustomEvent("place", { detail: event.lngLat, bubbles: true })));
        map.on("idle", () => {
            if (!placed) return;
            holder.current?.setAttribute("data-idle", String(Number(holder.current.dataset.idle ?? 0) + 1));
        });
        map.on("error", ({ error }) => {
            /* A tile that is not there is no news; a session that ended is told by the API's own calls. */
            if (error && !/AbortError|40[134]|Failed to fetch/.test(`${(error as Error).name} ${error.message}`)) console.warn(error.message);
        });
        const drawing = startDrawing(map);
        return () => {
            stop();
            drawing();
            current = null;
            map.remove();
        };
    }, []);
    return (
        <div class="map" ref={cursor}>
            <div class="map-holder" ref={holder} role="application" aria-label={t("map.label")} />
        </div>
    );
}
