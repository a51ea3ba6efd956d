/*
 * The base map that is built in: land, borders, names of countries.
 */
import { feature } from "topojson-client";
import address from "../../generated/basemap.topojson";
import type { GeometryCollection, MultiLineString, MultiPolygon, Topology } from "topojson-specification";

import { readArcs } from "./arcs";
import type { BaseData } from "./style";
import { unwrap } from "./unwrap";

type Drawn = Topology<{ land: MultiPolygon; borders: MultiLineString } & Record<string, GeometryCollection | MultiPolygon | MultiLineString>>;

interface Bundled {
    topology: Omit<Drawn, "arcs"> & { arcs: string };
    languages: string[];
    labels: Array<[lon: number, lat: number, size: number, ...names: string[]]>; /* a name a language */
}

export async function loadBasemap(): Promise<BaseData> {
    const { topology: packed, languages, labels } = (await (await fetch(address)).json()) as Bundled;
    const topology: Drawn = { ...packed, arcs: readArcs(packed.arcs) };
    const land = feature(topology, topology.objects.land).geometry as GeoJSON.MultiPolygon;
    const borders = feature(topology, topology.objects.borders).geometry as GeoJSON.MultiLineString;
    return {
        land: { type: "MultiPolygon", coordinates: land.coordinates.map((polygon) => polygon.map((ring) => unwrap(ring, true))) },
        borders: { type: "MultiLineString", coordinates: borders.coordinates.map((line) => unwrap(line, false)) },
        labels: {
            type: "FeatureCollection",
            features: labels.filter(([, lat]) => lat > -58).map(([lon, lat, size, ...names]) => ({
                type: "Feature", properties: { ...Object.fromEntries(languages.map((language, i) => [language, names[i]])), size }, geometry: { type: "Point", coordinates: [lon, lat] },
            })),
        },
    };
}
