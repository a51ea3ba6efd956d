/*
 * Brings a map from one style to the next by the smallest steps. MapLibre's own comparison looks into every coordinate of every source, and takes off
 * layers that others have put on (those of the drawing tool).
 */
import type { GeoJSONSource, LayerSpecification, Map, RasterTileSource, SourceSpecification, StyleSpecification, VectorTileSource } from "maplibre-gl";

const same = (a: unknown, b: unknown) => a === b || JSON.stringify(a) === JSON.stringify(b);
type Bag = Record<string, unknown>;

function applySource(map: Map, id: string, before: SourceSpecification, after: SourceSpecification): boolean {
    if (before.type === "geojson" && after.type === "geojson") {
        if (before.data !== after.data && !same(before.data, after.data))
            (map.getSource(id) as GeoJSONSource).setData(after.data);
        return true;
    }
    if (same(before, after)) return true;
    if (before.type === "raster" && after.type === "raster" && same({ ...before, tiles: 0 }, { ...after, tiles: 0 })) {
        (map.getSource(id) as RasterTileSource).setTiles(after.tiles ?? []);
        return true;
    }
    if (before.type === "vector" && after.type === "vector" && same({ ...before, tiles: 0 }, { ...after, tiles: 0 })) {
        (map.getSource(id) as VectorTileSource).setTiles(after.tiles ?? []);
        return true;
    }
    return false;
}

function applyLayer(map: Map, before: LayerSpecification, after: LayerSpecification): void {
    const a = before as unknown as Record<string, Bag | undefined>, b = after as unknown as Record<string, Bag | undefined>;
    for (const part of ["paint", "layout"] as const)
        for (const key of new Set([...Object.keys(a[part] ?? {}), ...Object.keys(b[part] ?? {})]))
            if (!same(a[part]?.[key], b[part]?.[key])) {
                if (part === "paint") map.setPaintProperty(after.id, key as never, b[part]?.[key] as never);
                else map.setLayoutProperty(after.id, key as never, b[part]?.[key] as never);
            }
    if (!same(a.filter, b.filter)) map.setFilter(after.id, b.filter as never);
}

export function applyStyle(map: Map, before: StyleSpecification, after: StyleSpecification): void {
    const old = new globalThis.Map(before.layers.map((l) => [l.id, l]));
    const wanted = new Set(after.layers.map((l) => l.id));
    const gone = new Set<string>();
    for (const [id, source] of Object.entries(before.sources)) {
        const next = after.sources[id];
        if (!next || !applySource(map, id, source, next)) gone.add(id);
    }
    for (const layer of before.layers)
        if (!wanted.has(layer.id) || ("source" in layer && gone.has(layer.source as string))) {
            map.removeLayer(layer.id);
            old.delete(layer.id);
        }
    for (const id of gone) map.removeSource(id);
    for (const [id, source] of Object.entries(after.sources)) if (!before.sources[id] || gone.has(id)) map.addSource(id, source);
    /* From the top down, so that the layer above is always there to be put below. */
    for (let i = after.layers.length - 1; i >= 0; i--) {
        const layer = after.layers[i]!, last = old.get(layer.id);
        if (last) applyLayer(map, last, layer);
        else map.addLayer(layer, after.layers[i + 1]?.id);
    }
}
