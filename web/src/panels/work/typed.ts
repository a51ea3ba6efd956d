/*
 * What somebody types into a form, as it was typed; how it is sent; and what becomes of it when somebody else changed the same record meanwhile.
 */
import type { Column, Whole } from "./calls";
import { typedNumber } from "../../words";

export interface Typed {
    columns: Record<string, string>; /* "" = not known */
    remarks: string;
    accuracy: string;
    position: string; /* in any notation; holds where `how` is "typed" */
    geometry: GeoJSON.Geometry | null; /* put on the map or drawn; holds where `how` is "map" */
    how: "typed" | "map";
    outside: boolean; /* somebody has said that it may lie outside the area of interest */
    texts: Record<string, string>; /* turning points and legs that are not taken yet */
}

export const blank = (): Typed => ({ columns: {}, remarks: "", accuracy: "", position: "", geometry: null, how: "typed", outside: false, texts: {} });

const asText = (value: unknown): string =>
    value === null || value === undefined ? "" : typeof value === "boolean" ? (value ? "1" : "0") : String(value);

/** A record as a form shows it. */
export function typedOf(record: Whole): Typed {
    const columns = Object.fromEntries(Object.entries(record.columns).map(([k, v]) => [k, asText(v)]));
    const text = record.position_text ?? "";
    return { ...blank(), columns, remarks: record.remarks ?? "", accuracy: asText(record.accuracy_m), position: text,
        geometry: (record.geometry as GeoJSON.Geometry | null) ?? null, how: text ? "typed" : "map" };
}

/** What is plainly wrong before it is sent; the server checks all of it again, and more. */
export type Wrong = { key: "form.not_number" | "form.not_whole" | "form.range" | "form.not_accuracy"; values: Record<string, string | number> };

export function wrongIn(column: Column, text: string): Wrong | null {
    if (!text.trim() || (column.type !== "integer" && column.type !== "real")) return null;
    const value = typedNumber(text);
    if (value === null) return { key: "form.not_number", values: { text } };
    if (column.type === "integer" && !Number.isInteger(value)) return { key: "form.not_whole", values: { text } };
    if ((column.min !== null && value < column.min) || (column.max !== null && value > column.max))
        return { key: "form.range", values: { min: column.min ?? 0, max: column.max ?? 0 } };
    return null;
}

export function wrongAccuracy(text: string): Wrong | null {
    const value = typedNumber(text);
    return text.trim() && (value === null || value < 0 || value > 1e6) ? { key: "form.not_accuracy", values: { text } } : null;
}

/* Numbers may be typed with a comma; what is no number goes as it stands, for the server to say so. */
function valueOf(column: Column, text: string): string | number | boolean | null {
    const clean = text.trim();
    if (!clean) return null;
    if (column.type === "yesno") return clean === "1" ? true : clean === "0" ? false : clean;
    if (column.type === "integer" || column.type === "real") return typedNumber(clean) ?? clean;
    return clean;
}

type Body = Record<string, unknown>;

function whereBody(typed: Typed): Body {
    if (typed.how === "typed") return typed.position.trim() ? { position: typed.position.trim() } : {};
    return typed.geometry ? { geometry: typed.geometry } : {};
}

/** The body of a new record. */
export function newBody(id: string, columns: Column[], typed: Typed): Body {
    const filled = columns.filter((c) => (typed.columns[c.name] ?? "").trim());
    const accuracy = typedNumber(typed.accuracy);
    return {
        id, columns: Object.fromEntries(filled.map((c) => [c.name, valueOf(c, typed.columns[c.name]!)])), ...whereBody(typed),
        ...(accuracy !== null ? { accuracy_m: accuracy } : {}), ...(typed.remarks.trim() ? { remarks: typed.remarks.trim() } : {}),
        ...(typed.outside ? { outside_is_ok: true } : {}),
    };
}

/** Whether two say the same place, in the same way. */
export function sameWhere(a: Typed, b: Typed): boolean {
    if (a.how === "typed" || b.how === "typed") return a.how === b.how && a.position.trim() === b.position.trim();
    return JSON.stringify(a.geometry) === JSON.stringify(b.geometry);
}

const numberEqual = (a: string, b: string) => a.trim() === b.trim() || (typedNumber(a) !== null && typedNumber(a) === typedNumber(b));

function sameColumn(column: Column, a: string, b: string): boolean {
    return column.type === "integer" || column.type === "real" ? numberEqual(a, b) : a.trim() === b.trim();
}

/** What differs from what was seen, as a change is sent; null where nothing does. */
export function changeBody(columns: Column[], base: Typed, mine: Typed): Body | null {
    const changed = columns.filter((c) => !sameColumn(c, base.columns[c.name] ?? "", mine.columns[c.name] ?? ""));
    const moved = !sameWhere(base, mine) && Object.keys(whereBody(mine)).length > 0;
    const accuracy = typedNumber(mine.accuracy);
    const body: Body = {};
    if (changed.length) body.columns = Object.fromEntries(changed.map((c) => [c.name, valueOf(c, mine.columns[c.name] ?? "")]));
    if (moved) Object.assign(body, whereBody(mine), mine.outside ? { outside_is_ok: true } : {});
    /* With a new place the accuracy that is on show goes along, or else that of the notation counts. */
    if (!numberEqual(base.accuracy, mine.accuracy) || (moved && accuracy !== null)) body.accuracy_m = accuracy;
    if (base.remarks.trim() !== mine.remarks.trim()) body.remarks = mine.remarks.trim() || null;
    return Object.keys(body).length ? body : null;
}

/** A part of a record of which two versions differ: whose is taken is for a person to say. */
export interface Difference {
    name: string; /* a column; or remarks, accuracy_m, position */
    base: string;
    mine: string;
    theirs: string;
    take: "mine" | "theirs" | null; /* null: both have changed it, and nobody has decided yet */
}

const PLACE = "position", REMARKS = "remarks", ACCURACY = "accuracy_m";

function partOf(typed: Typed, name: string): string {
    if (name === REMARKS) return typed.remarks.trim();
    if (name === ACCURACY) return typed.accuracy.trim();
    if (name === PLACE) return typed.how === "typed" ? typed.position.trim() : typed.geometry ? JSON.stringify(typed.geometry) : "";
    return (typed.columns[name] ?? "").trim();
}

/** Column by column, where my version and the newest differ. What only one of us changed is proposed; what both did is open. */
export function meet(columns: Column[], base: Typed, mine: Typed, theirs: Typed): Difference[] {
    const same = (name: string, a: Typed, b: Typed): boolean => {
        const column = columns.find((c) => c.name === name);
        if (column) return sameColumn(column, a.columns[name] ?? "", b.columns[name] ?? "");
        return name === PLACE ? sameWhere(a, b) : name === ACCURACY ? numberEqual(a.accuracy, b.accuracy) : partOf(a, name) === partOf(b, name);
    };
    return [...columns.map((c) => c.name), PLACE, ACCURACY, REMARKS].filter((name) => !same(name, mine, theirs)).map((name) => {
        const i = !same(name, base, mine), they = !same(name, base, theirs);
        return { name, base: partOf(base, name), mine: partOf(mine, name), theirs: partOf(theirs, name), take: i && they ? null : i ? "mine" : "theirs" };
    });
}

/** The newest version with what was taken of mine. */
export function merged(differences: Difference[], mine: Typed, theirs: Typed): Typed {
    const out: Typed = { ...theirs, columns: { ...theirs.columns }, texts: mine.texts };
    for (const d of differences) {
        if (d.take !== "mine") continue;
        if (d.name === PLACE) Object.assign(out, { how: mine.how, position: mine.position, geometry: mine.geometry, outside: mine.outside });
        else if (d.name === REMARKS) out.remarks = mine.remarks;
        else if (d.name === ACCURACY) out.accuracy = mine.accuracy;
        else out.columns[d.name] = mine.columns[d.name] ?? "";
    }
    return out;
}

/** Whether a message of the server, in English, speaks of where something is. */
export function isOfPlace(message: string): boolean {
    return /position|geometry|outside the area|would lie|longitude|latitude/.test(message);
}

/** The column that a message of the server, in English, speaks of: it begins with its name. */
export function columnOf(message: string, columns: Column[]): string | null {
    const word = /^(?:columns: )?(\w+)\b/.exec(message)?.[1] ?? "";
    return columns.some((c) => c.name === word) || [PLACE, ACCURACY, REMARKS].includes(word) ? word : null;
}

/** All rings of a polygon or many, with where each stands; lines have one. */
export interface Ring {
    part: number;
    ring: number;
    points: Array<[number, number]>;
}

export function ringsOf(geometry: GeoJSON.Geometry | null): Ring[] {
    if (!geometry) return [];
    const open = (ring: GeoJSON.Position[]) => ring.slice(0, -1).map((p) => [p[0]!, p[1]!] as [number, number]);
    if (geometry.type === "Polygon") return geometry.coordinates.map((r, i) => ({ part: 0, ring: i, points: open(r) }));
    if (geometry.type === "MultiPolygon") return geometry.coordinates.flatMap((polygon, part) => polygon.map((r, i) => ({ part, ring: i, points: open(r) })));
    if (geometry.type === "LineString") return [{ part: 0, ring: 0, points: geometry.coordinates.map((p) => [p[0]!, p[1]!]) }];
    if (geometry.type === "MultiLineString") return geometry.coordinates.map((l, part) => ({ part, ring: 0, points: l.map((p) => [p[0]!, p[1]!] as [number, number]) }));
    return [];
}

/** The geometry with one of its rings replaced; the others stay as they are. */
export function withRing(geometry: GeoJSON.Geometry | null, which: number, points: Array<[number, number]>, shape: "line" | "polygon"): GeoJSON.Geometry | null {
    const rings = ringsOf(geometry), at = rings[which];
    if (points.length < (shape === "line" ? 2 : 3)) return rings.length > 1 ? geometry : null;
    const ring: GeoJSON.Position[] = shape === "line" ? points : [...points, points[0]!];
    if (geometry?.type === "MultiPolygon" && at)
        return { type: "MultiPolygon", coordinates: geometry.coordinates.map((polygon, part) => polygon.map((r, i) => (part === at.part && i === at.ring ? ring : r))) };
    if (geometry?.type === "Polygon" && at && shape === "polygon")
        return { type: "Polygon", coordinates: geometry.coordinates.map((r, i) => (i === at.ring ? ring : r)) };
    if (geometry?.type === "MultiLineString" && at)
        return { type: "MultiLineString", coordinates: geometry.coordinates.map((l, part) => (part === at.part ? ring : l)) };
    return shape === "line" ? { type: "LineString", coordinates: ring } : { type: "Polygon", coordinates: [ring] };
}
