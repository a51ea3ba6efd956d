/*
 * What people type: positions and legs of a traverse.
 */
import type { Leg, Position } from "./geodesy";
import { typedNumber } from "./words";

/** A position as typed: two numbers are latitude and longitude as people say them, unless letters tell otherwise; the server reads all other forms. */
export function typedPosition(text: string): Position | null {
    const found = /^\s*([-+]?\d+(?:[.,]\d+)?)\s*°?\s*([NSEW])?\s*[,;\s]\s*([-+]?\d+(?:[.,]\d+)?)\s*°?\s*([NSEW])?\s*$/i.exec(text);
    if (!found) return null;
    const a = typedNumber(found[1]!), b = typedNumber(found[3]!);
    if (a === null || b === null) return null;
    const sign = (v: number, letter: string | undefined) => (/[SW]/i.test(letter ?? "") ? -v : v);
    const eastFirst = /[EW]/i.test(found[2] ?? "") || /[NS]/i.test(found[4] ?? "");
    const lat = eastFirst ? sign(b, found[4]) : sign(a, found[2]), lon = eastFirst ? sign(a, found[2]) : sign(b, found[4]);
    return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}

/** Legs as typed, a line each: "bearing distance"; null names the line that is wrong. */
export function typedLegs(text: string): { legs: Leg[]; wrong: number | null } {
    const legs: Leg[] = [];
    const lines = text.split("\n").map((l) => l.trim());
    for (let i = 0; i < lines.length; i++) {
        if (!lines[i]) continue;
        const [bearing, distance, ...more] = lines[i]!.replace(/[°m;]/g, " ").trim().split(/\s+/).map(typedNumber);
        if (bearing === null || bearing === undefined || distance === null || distance === undefined || more.length || distance <= 0 || Math.abs(bearing) > 360)
            return { legs, wrong: i + 1 };
        legs.push({ bearing_deg: bearing, distance_m: distance });
    }
    return { legs, wrong: null };
}
