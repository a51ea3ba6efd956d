/*
 * A base map from a file (tilth serve --basemap): pictures, or vector tiles as OpenMapTiles or Protomaps make them, drawn calmly under all data. Borders are the
 * file's; disputed ones are dotted where it says so.
 */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";

import { base, type Basemap } from "../api";
import type { Language } from "../i18n";
import { baseColours } from "./palette";
import { FONT } from "./style";

export interface FileShown {
    file: Basemap | null;
    shown: boolean;
    opacity: number;
    dark: boolean;
    language: Language;
    origin: string;
}

const colours = {
    light: { wood: "#dfe8d6", field: "#f0efe0", town: "#ebe6dd", water: "#cfdfe6", building: "#dfd9cf", major: "#d9c9a8", minor: "#ddd8ce", rail: "#bdb6ab", edge: "#a79f92" },
    dark: { wood: "#1d2a24", field: "#22282a", town: "#262b2e", water: "#152833", building: "#2c3337", major: "#4b4738", minor: "#333a3d", rail: "#454b4d", edge: "#6b7477" },
};

const kindOf = ["coalesce", ["get", "class"], ["get", "kind"], ""];
const among = (...kinds: string[]) => ["match", kindOf, kinds, true, false];
const level = ["to-number", ["coalesce", ["get", "admin_level"], ["get", "min_admin_level"], ["match", ["coalesce", ["get", "kind"], ""], "country", 2, 4]], 4];
const isDisputed = ["match", ["to-string", ["coalesce", ["get", "disputed"], false]], ["1", "true"], true, false];
const width = (low: number, high: number) => ["interpolate", ["exponential", 1.5], ["zoom"], 6, low, 16, high];

interface Part {
    id: string;
    type: "fill" | "line" | "symbol";
    from: string[];
    filter?: unknown;
    layout?: Record<string, unknown>;
    paint: Record<string, unknown>;
    minzoom?: number;
}

function parts(dark: boolean, language: Language): Part[] {
    const c = colours[dark ? "dark" : "light"], text = baseColours[dark ? "dark" : "light"];
    const round = { "line-cap": "round", "line-join": "round" };
    const named = ["coalesce", ["get", `name:${language}`], ["get", `name_${language}`], ["get", "name"], ["get", "name:en"]];
    const size = ["match", ["coalesce", ["get", "kind_detail"], ["get", "class"], ""], "city", 15, "town", 13, 11.5];
    return [
        { id: "field", type: "fill", from: ["landcover", "landuse"], filter: among("farmland", "grass", "meadow", "grassland", "scrub", "orchard"), paint: { "fill-color": c.field } },
        { id: "wood", type: "fill", from: ["landcover", "landuse", "park"], filter: among("wood", "forest", "national_park", "nature_reserve", "park"), paint: { "fill-color": c.wood } },
        { id: "town", type: "fill", from: ["landuse"], filter: among("residential", "commercial", "industrial", "urban_area", "military"), paint: { "fill-color": c.town } },
        { id: "water", type: "fill", from: ["water"], filter: ["in", ["geometry-type"], ["literal", ["Polygon", "MultiPolygon"]]], paint: { "fill-color": c.water } },
        { id: "stream", type: "line", from: ["waterway", "water"], filter: ["in", ["geometry-type"], ["literal", ["LineString", "MultiLineString"]]], layout: round, paint: { "line-color": c.water, "line-width": width(0.4, 4) } },
        { id: "building", type: "fill", from: ["building", "buildings"], minzoom: 13, paint: { "fill-color": c.building } },
        { id: "rail", type: "line", from: ["transportation", "roads"], filter: among("rail", "transit"), minzoom: 8, paint: { "line-color": c.rail, "line-width": width(0.6, 2), "line-dasharray": [4, 2] } },
        { id: "minor", type: "line", from: ["transportation", "roads"], filter: among("minor", "service", "track", "path", "tertiary", "minor_road"), minzoom: 9, layout: round, paint: { "line-color": c.minor, "line-width": width(0.4, 6) } },
        { id: "major", type: "line", from: ["transportation", "roads"], filter: among("motorway", "trunk", "primary", "secondary", "highway", "major_road"), layout: round, paint: { "line-color": c.major, "line-width": width(0.8, 9) } },
        { id: "border", type: "line", from: ["boundary", "boundaries"], filter: ["all", ["<=", level, 4], ["!", isDisputed]], layout: { "line-join": "round" }, paint: { "line-color": c.edge, "line-width": ["case", ["<=", level, 2], 1.6, 0.8], "line-dasharray": [4, 2] } },
        { id: "disputed", type: "line", from: ["boundary", "boundaries"], filter: ["all", ["<=", level, 4], isDisputed], layout: { "line-join": "round" }, paint: { "line-color": c.edge, "line-width": ["case", ["<=", level, 2], 1.6, 0.8], "line-dasharray": [1, 2.5] } },
        { id: "place", type: "symbol", from: ["place", "places"], filter: ["all", ["in", ["geometry-type"], ["literal", ["Point", "MultiPoint"]]], among("city", "town", "village", "hamlet", "suburb", "locality")],
            layout: { "text-field": named, "text-font": FONT, "text-size": size, "text-max-width": 8, "symbol-sort-key": ["to-number", ["coalesce", ["get", "rank"], ["get", "min_zoom"]], 20] },
            paint: { "text-color": text.text, "text-halo-color": text.halo, "text-halo-width": 1.4 } },
    ];
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function drawnParts(s: FileShown, file: Basemap): LayerSpecification[] {
    return parts(s.dark, s.language).flatMap(({ id, from, type, filter, layout, paint, minzoom }) =>
        from.filter((name) => !file.layers.length || file.layers.includes(name)).map((name) => ({
            id: `file-${id}-${name}`, type, source: "file", "source-layer": name, ...(filter ? { filter } : {}), ...(layout ? { layout } : {}), ...(minzoom ? { minzoom } : {}),
            paint: { ...paint, ...(type === "symbol" ? { "text-opacity": s.opacity } : { [`${type}-opacity`]: s.opacity }) },
        }) as unknown as LayerSpecification));
}

/** The style with the file's map under the data, over the one that is built in. */
export function withFile(style: StyleSpecification, s: FileShown): StyleSpecification {
    const { file } = s;
    if (!file?.present || !s.shown || !file.bounds) return style;
    const [w, so, e, n] = file.bounds as [number, number, number, number];
    const common = { tiles: [`${s.origin}${base}/tiles/basemap/{z}/{x}/{y}`], minzoom: file.minzoom, maxzoom: file.maxzoom, bounds: [w, so, e, n] as [number, number, number, number], attribution: escaped(file.attribution) };
    const sources: Record<string, SourceSpecification> = { ...style.sources };
    const made: LayerSpecification[] = [];
    if (file.format === "mvt") {
        const ring = [[w, so], [e, so], [e, n], [w, n], [w, so]];
        sources.file = { type: "vector", ...common };
        /* The coasts that are built in are coarse: within its bounds the file says what is water. */
        sources["file-land"] = { type: "geojson", data: { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } } };
        made.push({ id: "file-land", type: "fill", source: "file-land", paint: { "fill-color": baseColours[s.dark ? "dark" : "light"].land, "fill-antialias": false, "fill-opacity": s.opacity } });
        made.push(...drawnParts(s, file));
    } else {
        sources.file = { type: "raster", tileSize: 256, ...common };
        made.push({ id: "file", type: "raster", source: "file", paint: { "raster-opacity": s.opacity, "raster-fade-duration": 0,
            ...(s.dark ? { "raster-brightness-max": 0.45, "raster-saturation": -0.4 } : {}) } });
    }
    const at = style.layers.findIndex((l) => l.id === "borders") + 1;
    const kept = style.layers.filter((l) => l.id !== "countries" || file.format === "mvt");
    return { ...style, sources, layers: [...kept.slice(0, at), ...made, ...kept.slice(at)] };
}
