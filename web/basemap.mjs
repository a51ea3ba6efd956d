/*
 * The base map: land, borders and names of countries, from Natural Earth (world-atlas, 1:50m), with Crimea drawn as Ukraine's, as
 * the United Nations recognise the borders. Names come in every language that the pages speak, from ISO 3166's list.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const UKRAINE = "804";
const RUSSIA = "643";

const SMALLEST_DEG2 = 0.004;

/* A point in Crimea that tells its polygon from Russia's others. */
const SIMFEROPOL = [34.1, 44.95];

function inside([x, y], ring) {
    let odd = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        const [xi, yi] = ring[i];
        const [xj, yj] = ring[j];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
    }
    return odd;
}

/* Moves the polygon that holds Simferopol from Russia to Ukraine, merging it along their common arcs. */
export function mendCrimea(topology, { feature, mergeArcs }) {
    const all = topology.objects.countries.geometries;
    const russia = all.find((g) => g.id === RUSSIA);
    const ukraine = all.find((g) => g.id === UKRAINE);
    const polygons = (g) => (g.type === "Polygon" ? [g.arcs] : g.arcs);
    const isCrimea = (arcs) =>
        inside(SIMFEROPOL, feature(topology, { type: "Polygon", arcs }).geometry.coordinates[0]);
    const crimea = polygons(russia).filter(isCrimea);
    if (crimea.length !== 1)
        throw new Error(`base map: expected one polygon of id ${RUSSIA} that holds Simferopol, found ${crimea.length}`);
    russia.arcs = polygons(russia).filter((arcs) => arcs !== crimea[0]);
    russia.type = "MultiPolygon";
    const merged = mergeArcs(topology, [
        { type: "MultiPolygon", arcs: polygons(ukraine) },
        { type: "Polygon", arcs: crimea[0] },
    ]);
    ukraine.type = merged.type;
    ukraine.arcs = merged.arcs;
}

/* Longitudes that go on over 180 degrees rather than jump: the atlas joins its polygons across that line. */
function unwrapped(ring) {
    let shift = 0;
    return ring.map(([lon, lat], i) => {
        if (i > 0 && lon - ring[i - 1][0] > 180) shift -= 360;
        if (i > 0 && lon - ring[i - 1][0] < -180) shift += 360;
        return [lon + shift, lat];
    });
}

/* Where a name is written: the centroid of the largest part. */
function labelPoint(geometry) {
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    let best = { area: -1, at: [0, 0] };
    for (const part of parts) {
        let area = 0, x = 0, y = 0;
        const ring = unwrapped(part[0]);
        for (let i = 0; i + 1 < ring.length; i++) {
            const cross = ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
            area += cross;
            x += (ring[i][0] + ring[i + 1][0]) * cross;
            y += (ring[i][1] + ring[i + 1][1]) * cross;
        }
        if (Math.abs(area) > best.area)
            best = { area: Math.abs(area), at: [x / (3 * area), y / (3 * area)] };
    }
    return { size: best.area, at: best.at.map((v) => Math.round(v * 100) / 100) };
}

/* Printable letters that JSON writes as they are: 64 that end a number, 28 that stand before. */
const LETTERS = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter((c) => c !== '"' && c !== "\\");

function packNumber(value) {
    const folded = value < 0 ? -2 * value - 1 : 2 * value;
    let text = LETTERS[folded % 64];
    for (let more = Math.floor(folded / 64); more > 0; more = Math.floor(more / 28)) text = LETTERS[64 + (more % 28)] + text;
    return text;
}

/**
 * Arcs of a quantised topology (the first point, then steps) as one text, which is packed to two thirds of what the numbers are packed to: an arc is how many points
 * it has, its first point as a step from the end of the arc before, and each further step but half of the step before it: lines go on as they went. Read by
 * src/map/arcs.ts.
 */
export function packArcs(arcs) {
    let text = "", x = 0, y = 0;
    for (const [first, ...steps] of arcs) {
        text += packNumber(steps.length + 1) + packNumber(first[0] - x) + packNumber(first[1] - y);
        [x, y] = first;
        let before = [0, 0];
        for (const step of steps) {
            text += packNumber(step[0] - Math.trunc(before[0] / 2)) + packNumber(step[1] - Math.trunc(before[1] / 2));
            x += step[0];
            y += step[1];
            before = step;
        }
    }
    return text;
}

/** `languages` as languages.mjs reads them. */
export function makeBasemap(modules, languages) {
    const client = require(path.join(modules, "topojson-client"));
    const countries = require(path.join(modules, "i18n-iso-countries"));
    const simplify = require(path.join(modules, "topojson-simplify"));
    const topology = JSON.parse(readFileSync(path.join(modules, "world-atlas/countries-50m.json"), "utf8"));
    mendCrimea(topology, client);
    const labels = [], codes = Object.keys(languages);
    for (const g of topology.objects.countries.geometries) {
        const { size, at } = labelPoint(client.feature(topology, g).geometry);
        const name = (language) => languages[language].countries?.[g.id ?? g.properties.name] ??
            countries.getName(g.id ?? "", language, { select: "alias" });
        const english = name("en") ?? g.properties.name;
        const names = codes.map((language) => name(language) ?? english);
        labels.push([at[0], at[1], Math.round(Math.log2(size + 1e-3) * 10) / 10, ...names]);
    }
    labels.sort((a, b) => b[2] - a[2]);
    /* Only what is drawn: land, and the lines between countries; points whose triangle is too small to be seen are left out. */
    const thin = simplify.simplify(simplify.presimplify(topology), SMALLEST_DEG2);
    const land = client.mergeArcs(thin, thin.objects.countries.geometries);
    const borders = client.meshArcs(thin, thin.objects.countries, (a, b) => a !== b);
    const small = client.quantize({ type: "Topology", arcs: thin.arcs, bbox: topology.bbox, objects: { land, borders } }, 36000);
    return { topology: { type: "Topology", transform: small.transform, arcs: packArcs(small.arcs), objects: small.objects }, languages: codes, labels };
}
