/*
 * The map that can be moved, by MapLibre: fetched when the first picture stands (view.tsx). What is shown follows from the state (style.ts); what a person
 * does on it changes the state.
 */
import { AttributionControl, Map, type MapMouseEvent, ScaleControl, setWorkerUrl, type StyleSpecification } from "maplibre-gl";

import type { Position } from "../geodesy";
import { to } from "../route";
import { app } from "../state";
import { applyStyle } from "./apply";
import { withFile } from "./file";
import type { Camera } from "./camera";
import { startDrawing } from "./draw";
import { drawIcon, iconNames } from "./icons";
import { shownOf } from "./shown";
import { type BaseData, buildStyle, layerId } from "./style";

setWorkerUrl(new URL(MAP_WORKER, location.href).href);

function clicked(map: Map, event: MapMouseEvent): void {
    const state = app.get();
    const at: Position = [event.lngLat.lng, event.lngLat.lat];
    if (state.tool === "measure") {
        app.set({ path: [...state.path, at] });
        return;
    }
    if (state.tool === "pick") {
        app.set({ picked: at });
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

/* All that is shown: the data, what lies under them, and the file's base map between. */
function whole(base: BaseData | null): StyleSpecification {
    const state = app.get();
    return withFile(buildStyle(shownOf(state), base), {
        file: state.baseFile, shown: state.baseShown, opacity: state.baseOpacity, dark: state.dark, language: state.language, origin: location.origin,
    });
}

/* Lets the map's style follow the state. */
function follow(map: Map, style: StyleSpecification, base: BaseData | null): () => void {
    let loaded = false, waiting = 0;
    const redraw = () => {
        const next = whole(base);
        applyStyle(map, style, next);
        style = next;
    };
    map.on("style.load", () => {
        for (const id of iconNames) {
            const icon = drawIcon(id);
            if (icon && !map.hasImage(id)) map.addImage(id, icon.image, { pixelRatio: icon.pixelRatio });
        }
        loaded = true;
        redraw();
    });
    return app.subscribe(() => {
        if (!loaded || waiting) return;
        waiting = requestAnimationFrame(() => {
            waiting = 0;
            redraw();
        });
    });
}

function listen(map: Map, cursor: HTMLElement): void {
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
    map.on("mousemove", (event) => cursor.dispatchEvent(new CustomEvent("place", { detail: event.lngLat, bubbles: true })));
    map.on("error", ({ error }) => {
        /* A tile that is not there is no news; a session that ended is told by the API's own calls. */
        if (error && !/AbortError|40[134]|Failed to fetch/.test(`${(error as Error).name} ${error.message}`)) console.warn(error.message);
    });
}

/** Begins the map where the first picture looks; `shown` is called when it has drawn all, or is moved before that. */
export function startMap(holder: HTMLElement, cursor: HTMLElement, at: Camera, base: BaseData | null, shown: () => void): { map: Map; stop: () => void } {
    const style = whole(base);
    const map = new Map({
        container: holder, style, center: [at.lon, at.lat], zoom: at.zoom, attributionControl: false, maxZoom: 19, pitchWithRotate: false, dragRotate: false,
        fadeDuration: 0,
    });
    map.touchZoomRotate.disableRotation();
    map.addControl(new AttributionControl({ compact: true, customAttribution: "Natural Earth" }), "bottom-right");
    map.addControl(new ScaleControl({ unit: "metric" }), innerWidth < 760 ? "bottom-left" : "bottom-right");
    const stop = follow(map, style, base);
    listen(map, cursor);
    map.once("movestart", shown);
    map.on("idle", () => {
        shown();
        holder.setAttribute("data-idle", String(Number(holder.dataset.idle ?? 0) + 1));
    });
    const drawing = startDrawing(map);
    return {
        map,
        stop: () => {
            stop();
            drawing();
            map.remove();
        },
    };
}
