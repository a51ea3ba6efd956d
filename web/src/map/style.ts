/*
 * The map's style as a function of what is to be shown: pure, so that it can be tested and compared; MapLibre works out what has changed.
 */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";

import type { Band, VectorLayer } from "../api";
import { base } from "../api";
import type { Position } from "../geodesy";
import type { Language } from "../i18n";
import type { Filters } from "../state";
import { baseColours, kindColour, kindColourDark } from "./palette";

export interface Shown {
    origin: string;
    dark: boolean;
    language: Language;
    extent: [number, number, number, number] | null;
    band: Band | null;
    scale: string;
    classes: string;
    opacity: number;
    layers: VectorLayer[];
    shown: Record<string, boolean>;
    filters: Filters;
    years: [number, number] | null;
    path: Position[];
    measuring: boolean;
    selected: GeoJSON.Geometry | null;
    point: Position | null;
    marks: Array<{ lon: number; lat: number; label: string }>;
    incoming: GeoJSON.FeatureCollection | null;
    edition?: number; /* 0: as the page found the records */
}

export interface BaseData {
    land: GeoJSON.GeoJSON;
    borders: GeoJSON.GeoJSON;
    labels: GeoJSON.FeatureCollection;
}

type Filter = NonNullable<LayerSpecification extends { filter?: infer F } ? F : never>;

export const FONT = ["Noto Sans Variable"];
const empty: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

/** Order of drawing, from below. */
export const order = ["search", "hazard-area", "line", "report", "item", "accident", "task", "place"];

/** Kinds that are shown at first. */
export const atFirst = ["hazard-area", "accident", "place"];

export function layerId(kind: string): string {
    return `kind-${kind}`;
}

/** Expression that lets a feature through. Records without a date, status or organisation are not hidden by a date; they are by the others. */
export function filterOf(filters: Filters, years: [number, number] | null): unknown[] {
    const when = ["coalesce", ["get", "date"], ["get", "date_end"], ["get", "date_start"], ""];
    const rules: unknown[] = ["all"];
    const undated = ["==", when, ""];
    if (filters.from) rules.push(["any", undated, [">=", when, filters.from]]);
    if (filters.to) rules.push(["any", undated, ["<=", ["slice", when, 0, filters.to.length], filters.to]]);
    if (years) {
        rules.push(["any", undated, [">=", ["slice", when, 0, 4], String(years[0])]]);
        rules.push(["any", undated, ["<=", ["slice", when, 0, 4], String(years[1])]]);
    }
    if (filters.status) rules.push(["==", ["coalesce", ["get", "status"], ["get", "released_as"], ""], filters.status]);
    if (filters.organisation) rules.push(["==", ["coalesce", ["get", "organisation"], ""], filters.organisation]);
    return rules;
}

/** Address of the raster's tiles. Whether they have changed since is asked by their ETag. */
export function rasterTiles(origin: string, band: Band, scale: string, classes: string): string {
    return `${origin}${base}/tiles/raster/${band.name}/{z}/{x}/{y}.png?scale=${scale}&classes=${classes}`;
}

function vectorLayers(layer: VectorLayer, s: Shown): LayerSpecification[] {
    const colour = (s.dark ? kindColourDark : kindColour)[layer.kind] ?? "#777777";
    const common = {
        source: layerId(layer.kind),
        "source-layer": layer.name,
        layout: { visibility: s.shown[layer.kind] ? "visible" : "none" } as const,
    };
    const rule = filterOf(s.filters, s.years);
    const of = (...types: string[]) => ["all", rule, ["in", ["geometry-type"], ["literal", types]]] as unknown as Filter;
    const areas = of("Polygon", "MultiPolygon"), lines = of("LineString", "MultiLineString"), points = of("Point", "MultiPoint");
    const isSuspected = ["==", ["coalesce", ["get", "classification"], ""], "SHA"];
    const isOpen = ["match", ["coalesce", ["get", "status"], "open"], ["closed", "handed over", "cancelled", "reduced", "cleared"], false, true];
    const made: unknown[] = [];
    if (layer.geometry === "polygon" || layer.geometry === "any") {
        const isArea = layer.kind === "hazard-area";
        made.push(
            {
                id: `${layerId(layer.kind)}-fill`, type: "fill", ...common, filter: areas,
                paint: {
                    "fill-antialias": false,
                    "fill-color": colour,
                    "fill-opacity": isArea ? ["case", isOpen, ["case", isSuspected, 0.14, 0.26], 0.06] : 0.12,
                },
            },
            {
                id: `${layerId(layer.kind)}-edge`, type: "line", ...common, filter: isArea ? ["all", areas, ["!", isSuspected]] : areas,
                layout: { ...common.layout, "line-join": "round" },
                paint: { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 8, isArea ? 1.2 : 0.5, 14, isArea ? 2.6 : 1.2],
                    "line-opacity": isArea ? ["case", isOpen, 1, 0.55] : 0.8 },
            },
        );
        if (isArea)
            made.push({
                id: `${layerId(layer.kind)}-dash`, type: "line", ...common, filter: ["all", areas, isSuspected],
                paint: { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 1.2, 14, 2.6], "line-dasharray": [2.5, 1.5],
                    "line-opacity": ["case", isOpen, 1, 0.55] },
            });
    }
    if (layer.geometry === "line" || layer.geometry === "any")
        made.push({
            id: `${layerId(layer.kind)}-line`, type: "line", ...common, filter: lines,
            paint: { "line-color": colour, "line-width": ["match", ["coalesce", ["get", "type"], ""], ["defence line", "confrontation line"], 2.2, 1.1],
                "line-opacity": 0.85 },
        });
    if (layer.geometry === "point" || layer.geometry === "any")
        made.push(layer.kind === "place"
            ? {
                id: `${layerId(layer.kind)}-name`, type: "symbol", ...common, filter: points,
                layout: { ...common.layout, "text-field": ["coalesce", ["get", "name"], ["get", "code"]], "text-font": FONT, "text-size": 12,
                    "text-anchor": "bottom", "text-offset": [0, -0.35], "icon-image": `place-${s.dark ? "dark" : "light"}`, "text-optional": true,
                    "icon-allow-overlap": true },
                paint: { "text-color": baseColours[s.dark ? "dark" : "light"].text, "text-halo-color": baseColours[s.dark ? "dark" : "light"].halo,
                    "text-halo-width": 1.6 },
            }
            : {
                id: `${layerId(layer.kind)}-point`, type: "symbol", ...common, filter: points,
                layout: { ...common.layout, "icon-image": `${layer.kind}-${s.dark ? "dark" : "light"}`, "icon-allow-overlap": true,
                    "icon-ignore-placement": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 14, 1] },
            });
    return made as LayerSpecification[];
}

type Overlay = [name: string, data: GeoJSON.GeoJSON, layers: LayerSpecification[]];

/* What would come in by an import: each state by colour and shape. */
function incoming(data: GeoJSON.FeatureCollection, s: Shown): Overlay {
    const colours = s.dark ? kindColourDark : kindColour, colour = ["match", ["get", "state"], ...["added", "updated"].flatMap((k) => [k, colours[k]!]), colours.unchanged!];
    return ["incoming", data, [
        { id: "incoming-fill", type: "fill", source: "incoming", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.25 } },
        { id: "incoming-edge", type: "line", source: "incoming", filter: ["!=", ["geometry-type"], "Point"],
            paint: { "line-color": colour, "line-width": ["match", ["get", "state"], "unchanged", 1.2, 2.6] } },
        { id: "incoming-point", type: "symbol", source: "incoming", filter: ["==", ["geometry-type"], "Point"],
            layout: { "icon-image": ["match", ["get", "state"], ...["added", "updated"].flatMap((k) => [k, `${k}-${s.dark ? "dark" : "light"}`]), `unchanged-${s.dark ? "dark" : "light"}`],
                "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": 0.9 } },
    ] as unknown as LayerSpecification[]];
}

/* What lies over all, as long as there is something of it: an empty source costs the map time at its start. */
function overlays(s: Shown): Overlay[] {
    const colours = baseColours[s.dark ? "dark" : "light"], strong = s.dark ? "#ffffff" : "#111111", found: Overlay[] = [];
    if (s.incoming) found.push(incoming(s.incoming, s));
    if (s.marks.length)
        found.push(["marks", { type: "FeatureCollection", features: s.marks.map(({ lon, lat, label }) => (
            { type: "Feature", properties: { label }, geometry: { type: "Point", coordinates: [lon, lat] } })) }, [
            { id: "marks", type: "symbol", source: "marks",
                layout: { "icon-image": `task-${s.dark ? "dark" : "light"}`, "icon-allow-overlap": true, "text-field": ["get", "label"], "text-font": FONT, "text-size": 11,
                    "text-anchor": "top", "text-offset": [0, 0.8], "text-optional": true },
                paint: { "text-color": colours.text, "text-halo-color": colours.halo, "text-halo-width": 1.6 } },
        ]]);
    if (s.selected)
        found.push(["selected", { type: "Feature", geometry: s.selected, properties: {} }, [
            { id: "selected-fill", type: "fill", source: "selected", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": strong, "fill-opacity": 0.08 } },
            { id: "selected-edge", type: "line", source: "selected", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": strong, "line-width": 3.5 } },
            { id: "selected-point", type: "circle", source: "selected", filter: ["==", ["geometry-type"], "Point"],
                paint: { "circle-radius": 13, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": strong, "circle-stroke-width": 3 } },
        ]]);
    if (s.path.length)
        found.push(["measured", measured(s.path), [
            { id: "measured-line", type: "line", source: "measured", filter: ["==", ["geometry-type"], "LineString"],
                paint: { "line-color": strong, "line-width": 2.5, "line-dasharray": [2, 1] } },
            { id: "measured-point", type: "circle", source: "measured", filter: ["==", ["geometry-type"], "Point"],
                paint: { "circle-radius": 4.5, "circle-color": colours.halo, "circle-stroke-color": strong, "circle-stroke-width": 2 } },
        ]]);
    if (s.point)
        found.push(["point", { type: "Feature", geometry: { type: "Point", coordinates: s.point }, properties: {} }, [
            { id: "point-ring", type: "circle", source: "point", paint: { "circle-radius": 9, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colours.halo, "circle-stroke-width": 6 } },
            { id: "point", type: "circle", source: "point", paint: { "circle-radius": 9, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": strong, "circle-stroke-width": 2.5 } },
        ]]);
    return found;
}

export function buildStyle(s: Shown, data: BaseData | null): StyleSpecification {
    const colours = baseColours[s.dark ? "dark" : "light"];
    const sources: Record<string, SourceSpecification> = {
        land: { type: "geojson", data: data?.land ?? empty, tolerance: 0.2, maxzoom: 10 },
        borders: { type: "geojson", data: data?.borders ?? empty, tolerance: 0.2, maxzoom: 10 },
        countries: { type: "geojson", data: data?.labels ?? empty },
        extent: { type: "geojson", data: s.extent ? frame(s.extent) : empty },
    };
    const layers: LayerSpecification[] = [
        { id: "sea", type: "background", paint: { "background-color": colours.sea } },
        { id: "land", type: "fill", source: "land", paint: { "fill-color": colours.land, "fill-outline-color": colours.coast } },
        { id: "borders", type: "line", source: "borders", paint: { "line-color": colours.border, "line-width": 1, "line-dasharray": [4, 2] } },
    ];
    if (s.band) {
        sources.raster = {
            type: "raster", tiles: [rasterTiles(s.origin, s.band, s.scale, s.classes)], tileSize: 256, maxzoom: 16,
            ...(s.extent ? { bounds: s.extent } : {}),
        };
        layers.push({ id: "raster", type: "raster", source: "raster", paint: { "raster-opacity": s.opacity, "raster-resampling": "nearest", "raster-fade-duration": 0 } });
    }
    layers.push({ id: "extent", type: "line", source: "extent", paint: { "line-color": colours.text, "line-opacity": 0.5, "line-width": 1 } });
    const rank = (l: VectorLayer) => (order.indexOf(l.kind) + 100) % 100;
    for (const layer of [...s.layers].sort((a, b) => rank(a) - rank(b))) {
        sources[layerId(layer.kind)] = {
            type: "vector", tiles: [`${s.origin}${base}/tiles/vector/${layer.name}/{z}/{x}/{y}.mvt${s.edition ? `?v=${s.edition}` : ""}`], maxzoom: 14,
        };
        layers.push(...vectorLayers(layer, s));
    }
    layers.push(
        { id: "countries", type: "symbol", source: "countries", maxzoom: 8,
            layout: { "text-field": ["get", s.language], "text-font": FONT, "text-size": ["interpolate", ["linear"], ["get", "size"], 0, 10, 9, 15], "text-max-width": 7,
                "symbol-sort-key": ["-", ["get", "size"]] },
            paint: { "text-color": colours.text, "text-opacity": 0.75, "text-halo-color": colours.halo, "text-halo-width": 1.2 } },
    );
    for (const [name, data, drawn] of overlays(s)) {
        sources[name] = { type: "geojson", data };
        layers.push(...drawn);
    }
    return { version: 8, sources, layers };
}

export function frame([w, s, e, n]: [number, number, number, number]): GeoJSON.Feature {
    return { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [[w, s], [e, s], [e, n], [w, n], [w, s]] } };
}

function measured(path: Position[]): GeoJSON.FeatureCollection {
    const features: GeoJSON.Feature[] = path.map((p) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: p } }));
    if (path.length > 1) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: path } });
    return { type: "FeatureCollection", features };
}
