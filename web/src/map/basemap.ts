/*
 * The base map that is built in: land, borders, names of countries. Longitudes of a ring go on over 180 degrees rather than jump, as the atlas joins its
 * polygons across that line; one that goes round a pole is closed along it.
 */
import { feature } from "topojson-client";
import address from "../../generated/basemap.topojson";
import type { GeometryCollection, MultiLineString, MultiPolygon, Topology } from "topojson-specification";

import type { BaseData } from "./style";

interface Bundled {
    topology: Topology<{ land: MultiPolygon; borders: MultiLineString } & Record<string, GeometryCollection | MultiPolygon | MultiLineString>>;
    labels: Array<[lon: number, lat: number, size: number, en: string, uk: string]>;
}

export function unwrap(ring: GeoJSON.Position[], closes: boolean): GeoJSON.Position[] {
    let shift = 0;
    const out = ring.map((p, i) => {
        const step = i > 0 ? p[0]! - ring[i - 1]![0]! : 0;
        if (step > 180) shift -= 360;
        if (step < -180) shift += 360;
        return [p[0]! + shift, p[1]!];
    });
    if (closes && shift !== 0) {
        const first = out[0]!, last = out[out.length - 1]!, pole = first[1]! < 0 ? -90 : 90;
        out.push([last[0]!, pole], [first[0]!, pole], first);
    }
    return out;
}

export async function loadBasemap(): Promise<BaseData> {
    const { topology, labels } = (await (await fetch(address)).json()) as Bundled;
    const land = feature(topology, topology.objects.land).geometry as GeoJSON.MultiPolygon;
    const borders = feature(topology, topology.objects.borders).geometry as GeoJSON.MultiLineString;
    return {
        land: { type: "MultiPolygon", coordinates: land.coordinates.map((polygon) => polygon.map((ring) => unwrap(ring, true))) },
        borders: { type: "MultiLineString", coordinates: borders.coordinates.map((line) => unwrap(line, false)) },
        labels: {
            type: "FeatureCollection",
            features: labels.filter(([, lat]) => lat > -58).map(([lon, lat, size, en, uk]) => ({
                type: "Feature", properties: { en, uk, size }, geometry: { type: "Point", coordinates: [lon, lat] },
            })),
        },
    };
}
