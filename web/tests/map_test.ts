/*
 * The first picture stands on a reader of vector tiles, a reader of expressions and a camera of its own: each is held against the map's own libraries.
 */
import assert from "node:assert/strict";
import test from "node:test";

import { readFileSync } from "node:fs";

import { VectorTile } from "@mapbox/vector-tile";
import { createExpression, featureFilter } from "@maplibre/maplibre-gl-style-spec";
import { fromGeojsonVt } from "@maplibre/vt-pbf";
import { PbfReader } from "pbf";

import address from "../generated/basemap.topojson";
import { readArcs } from "../src/map/arcs";
import { boxOf, cameraFor, planeLat, planeLon, planeX, planeY, tilesIn } from "../src/map/camera";
import { evaluate, type Feature } from "../src/map/expression";
import { readTile } from "../src/map/mvt";
import { buildStyle } from "../src/map/style";

const layer = (kind: string, geometry: "point" | "polygon" | "any") =>
    ({ name: kind, kind, title: kind, geometry, count: 1, columns: [], from: null, to: null, statuses: [], organisations: [] });
const band = { name: "density_mean", title: "", unit: "", min: 0, max: 1, quantiles: [], scales: [] };
const point: GeoJSON.Feature = { type: "Feature", properties: { state: "added" }, geometry: { type: "Point", coordinates: [30, 50] } };

/* A style with all that the map can ever show. */
function fullStyle(dark: boolean) {
    return buildStyle({
        origin: "http://h", dark, language: "en", extent: [30, 48, 31, 49], band, scale: "viridis", classes: "linear", opacity: 0.5,
        layers: ["hazard-area", "accident", "item", "search", "report", "line", "place", "task"].map((kind) => layer(kind, "any")),
        shown: { "hazard-area": true, accident: true, place: true }, filters: { from: "2020-05-01", to: "2023", status: "open", organisation: "A" }, years: [2001, 2022],
        path: [[30, 48], [31, 49]], measuring: true, selected: { type: "Point", coordinates: [30, 48] }, point: [30, 48], marks: [{ lon: 30, lat: 48, label: "T1" }],
        incoming: { type: "FeatureCollection", features: [point] },
    } as never, null);
}

const features: Feature[] = [
    { type: "Point", properties: {} },
    { type: "Point", properties: { code: "A-1", name: "Нове", state: "updated", date: "2021-03-04", status: "open", organisation: "A", size: 4.5, en: "Somewhere", n: 3 } },
    { type: "LineString", properties: { type: "defence line", date_start: "2000", status: "closed", state: "unchanged", size: 12 } },
    { type: "Polygon", properties: { classification: "SHA", status: "closed", date_end: "2022-12-31", organisation: "B", state: "added", size: -3 } },
    { type: "Polygon", properties: { classification: "CHA", date: "2019", released_as: "open" } },
];
const numberOf: Record<Feature["type"], 1 | 2 | 3> = { Point: 1, LineString: 2, Polygon: 3 };

test("every expression of the style means to the first picture what it means to the map", () => {
    let checked = 0;
    for (const dark of [false, true])
        for (const drawn of fullStyle(dark).layers as Array<Record<string, unknown>>) {
            for (const feature of features) {
                const plain = { type: numberOf[feature.type], properties: feature.properties, geometry: [] };
                if (drawn.filter) {
                    const filter = featureFilter(drawn.filter as never, String(drawn.id));
                    for (const zoom of [5, 11.3]) assert.equal(!!evaluate(drawn.filter, zoom, feature), filter.filter({ zoom } as never, plain as never), `${drawn.id} of ${JSON.stringify(feature)}`);
                    checked++;
                }
                for (const part of ["paint", "layout"])
                    for (const [key, value] of Object.entries((drawn[part] ?? {}) as Record<string, unknown>)) {
                        if (!Array.isArray(value) || typeof value[0] !== "string" || key === "text-font") continue;
                        const made = createExpression(value as never, `${drawn.id}.${key}`);
                        assert.equal(made.result, "success", `${drawn.id} ${key}`);
                        for (const zoom of [5, 8, 11.3, 17]) {
                            let right: unknown;
                            try {
                                right = (made.value as { evaluateWithoutErrorHandling(globals: unknown, feature: unknown): unknown }).evaluateWithoutErrorHandling({ zoom }, plain);
                            } catch {
                                continue; /* a value that is not of the wanted type: the map takes the default, and there is nothing to compare */
                            }
                            assert.deepEqual(evaluate(value, zoom, feature) ?? null, right ?? null, `${drawn.id} ${key} at ${zoom} of ${JSON.stringify(feature)}`);
                            checked++;
                        }
                    }
            }
        }
    assert.ok(checked > 500, `only ${checked} values were compared`);
});

test("an expression that is not known is refused rather than guessed", () => {
    assert.throws(() => evaluate(["within", {}], 3), /within/);
});

function chance(seed: number): () => number {
    return () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
}

test("vector tiles read as the map reads them", () => {
    const next = chance(7), coordinate = () => Math.floor(next() * 4300) - 100;
    const made = Array.from({ length: 300 }, (_, i) => {
        const type = (i % 3) + 1, line = () => Array.from({ length: 3 + Math.floor(next() * 5) }, () => [coordinate(), coordinate()]);
        const closed = () => {
            const ring = line();
            return [...ring, ring[0]];
        };
        return { type, id: i, geometry: type === 1 ? line() : type === 2 ? [line(), line()] : [closed(), closed()],
            tags: { code: `К-${i}`, n: i * 1000003, share: next(), low: -i - 1, open: i % 2 === 0 } };
    });
    const bytes = fromGeojsonVt({ things: { features: made } } as never, { version: 2, extent: 4096 });
    const mine = readTile(bytes), reference = new VectorTile(new PbfReader(bytes)).layers.things!;
    assert.equal(mine.length, 1);
    assert.equal(mine[0]!.name, "things");
    assert.equal(mine[0]!.extent, reference.extent);
    assert.equal(mine[0]!.features.length, reference.length);
    mine[0]!.features.forEach((shape, i) => {
        const other = reference.feature(i);
        assert.equal(numberOf[shape.type], other.type);
        assert.deepEqual(shape.properties, { ...other.properties });
        assert.deepEqual(shape.parts, shape.type === "Point" ? other.loadGeometry().flatMap((ring) => ring.map((p) => [p.x, p.y])) : other.loadGeometry().map((ring) => ring.flatMap((p) => [p.x, p.y])));
    });
    for (let cut = 1; cut < 40; cut++) assert.throws(() => readTile(bytes.subarray(0, bytes.length - cut)));
});

test("the camera shows the box within what the padding leaves free", () => {
    const size = { width: 900, height: 700 }, pad = { top: 40, bottom: 60, left: 10, right: 70 };
    const camera = cameraFor([37, 48, 37.5, 48.2], size, pad, 19), [w, s, e, n] = boxOf(camera, size), scale = 512 * 2 ** camera.zoom;
    const px = (lon: number) => (planeX(lon) - planeX(w)) * scale, py = (lat: number) => (planeY(lat) - planeY(n)) * scale;
    assert.ok(Math.abs(px(37) - 10) < 1e-6 && Math.abs(px(37.5) - 830) < 1e-6, "it fills the width that is free");
    assert.ok(py(48.2) >= 40 - 1e-6 && py(48) <= 640 + 1e-6, "and lies within the height");
    assert.ok(Math.abs((py(48.2) + py(48)) / 2 - 340) < 1e-6, "in the middle of it");
    assert.ok(w < 37 && e > 37.5 && s < 48 && n > 48.2);
    assert.equal(cameraFor([37, 48, 37, 48], size, pad, 16).zoom, 16);
    for (const [lon, lat] of [[-179.9, -80], [0, 0], [12.5, 84.9]] as const) {
        assert.ok(Math.abs(planeLon(planeX(lon)) - lon) < 1e-9);
        assert.ok(Math.abs(planeLat(planeY(lat)) - lat) < 1e-9);
    }
});

test("tiles that a view needs, over the antimeridian as well", () => {
    assert.deepEqual(tilesIn(1, [0.2, 0.2, 0.7, 0.4]), [{ z: 1, x: 0, y: 0, column: 0 }, { z: 1, x: 1, y: 0, column: 1 }]);
    assert.deepEqual(tilesIn(2, [-0.1, -1, 0.1, 0.1]), [{ z: 2, x: 3, y: 0, column: -1 }, { z: 2, x: 0, y: 0, column: 0 }]);
});

test("arcs are read from their text", () => {
    /* By hand: "!" is 0, "#" 1 which is -1, "$" 2 which is 1; "%" 3, -2; "&" 4, 2. Two points from (1, 2), a step of (-1, 1); then three from the end on, steps (2, 2), (1, 2): the last is told as (0, 1). */
    assert.deepEqual(readArcs("&$&#$" + "(!!" + "&&!$"), [[[1, 2], [-1, 1]], [[0, 3], [2, 2], [1, 2]]]);
    assert.deepEqual(readArcs(""), []);
    assert.throws(() => readArcs("&$"), RangeError);
    assert.throws(() => readArcs("&$é"), RangeError);
});

test("the base map's arcs are those of a topology: rings close, lines are in the world", () => {
    const { topology } = JSON.parse(readFileSync(new URL(address, import.meta.url), "utf8"));
    const arcs = readArcs(topology.arcs).map((arc) => {
        let x = 0, y = 0;
        return arc.map(([dx, dy]) => [(x += dx!), (y += dy!)] as const);
    });
    const { scale, translate } = topology.transform;
    assert.ok(arcs.length > 1000 && arcs.every((arc) => arc.length >= 2));
    for (const arc of arcs)
        for (const [x, y] of arc) {
            const lon = x * scale[0] + translate[0], lat = y * scale[1] + translate[1];
            assert.ok(Math.abs(lon) <= 180.001 && Math.abs(lat) <= 90.001, `${lon}, ${lat}`);
        }
    const ends = (i: number) => (i < 0 ? [arcs[~i]!.at(-1)!, arcs[~i]![0]!] : [arcs[i]![0]!, arcs[i]!.at(-1)!]);
    let rings = 0;
    for (const polygon of topology.objects.land.arcs as number[][][])
        for (const ring of polygon) {
            ring.forEach((arc, i) => assert.deepEqual(ends(arc)[1], ends(ring[(i + 1) % ring.length]!)[0]));
            rings++;
        }
    assert.ok(rings > 500, `${rings} rings`);
});
