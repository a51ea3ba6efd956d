/*
 * Lengths, bearings and areas on the WGS 84 ellipsoid, for measuring and for polygons given by bearing and distance: Vincenty's direct and inverse
 * formulas (Survey Review 23, 1975), to half a millimetre. What is assessed is measured again by the server, which has the last word.
 */
export type Position = [lon: number, lat: number];

const A = 6378137;
const F = 1 / 298.257223563;
const B = A * (1 - F);
const rad = (deg: number) => (deg * Math.PI) / 180;
const deg = (r: number) => (r * 180) / Math.PI;

function series(u2: number): [number, number] {
    return [
        1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2))),
        (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2))),
    ];
}

function correction(b: number, sinS: number, cosS: number, cos2m: number): number {
    return (
        b * sinS *
        (cos2m + (b / 4) * (cosS * (-1 + 2 * cos2m ** 2) - (b / 6) * cos2m * (-3 + 4 * sinS ** 2) * (-3 + 4 * cos2m ** 2)))
    );
}

/** Where one comes to from a place by a true bearing and a distance. */
export function destination([lon, lat]: Position, bearing_deg: number, distance_m: number): Position {
    const a1 = rad(bearing_deg), tanU1 = (1 - F) * Math.tan(rad(lat));
    const cosU1 = 1 / Math.hypot(1, tanU1), sinU1 = tanU1 * cosU1;
    const s1 = Math.atan2(tanU1, Math.cos(a1)), sinA = cosU1 * Math.sin(a1), cos2A = 1 - sinA ** 2;
    const [k, b] = series((cos2A * (A ** 2 - B ** 2)) / B ** 2);
    const straight = distance_m / (B * k);
    let s = straight, cos2m = 0;
    for (let i = 0; i < 50; i++) {
        cos2m = Math.cos(2 * s1 + s);
        const next = straight + correction(b, Math.sin(s), Math.cos(s), cos2m);
        if (Math.abs(next - s) < 1e-12) break;
        s = next;
    }
    const sinS = Math.sin(s), cosS = Math.cos(s);
    const x = sinU1 * sinS - cosU1 * cosS * Math.cos(a1);
    const lat2 = Math.atan2(sinU1 * cosS + cosU1 * sinS * Math.cos(a1), (1 - F) * Math.hypot(sinA, x));
    const l = Math.atan2(sinS * Math.sin(a1), cosU1 * cosS - sinU1 * sinS * Math.cos(a1));
    const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
    const d = l - (1 - c) * F * sinA * (s + c * sinS * (cos2m + c * cosS * (-1 + 2 * cos2m ** 2)));
    return [lon + deg(d), deg(lat2)];
}

/** Distance and true bearing from one place to another; places of one district, never opposite ends of the earth. */
export function inverse([lon1, lat1]: Position, [lon2, lat2]: Position): { distance_m: number; bearing_deg: number } {
    const l = rad(lon2 - lon1);
    const u1 = Math.atan((1 - F) * Math.tan(rad(lat1))), u2 = Math.atan((1 - F) * Math.tan(rad(lat2)));
    let lambda = l;
    for (let i = 0; i < 200; i++) {
        const x = Math.cos(u2) * Math.sin(lambda);
        const y = Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda);
        const sinS = Math.hypot(x, y);
        if (sinS === 0) return { distance_m: 0, bearing_deg: 0 };
        const cosS = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda);
        const s = Math.atan2(sinS, cosS), sinA = (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sinS;
        const cos2A = 1 - sinA ** 2;
        const cos2m = cos2A === 0 ? 0 : cosS - (2 * Math.sin(u1) * Math.sin(u2)) / cos2A;
        const c = (F / 16) * cos2A * (4 + F * (4 - 3 * cos2A));
        const next = l + (1 - c) * F * sinA * (s + c * sinS * (cos2m + c * cosS * (-1 + 2 * cos2m ** 2)));
        if (Math.abs(next - lambda) < 1e-12 || i === 199) {
            const [k, b] = series((cos2A * (A ** 2 - B ** 2)) / B ** 2);
            return {
                distance_m: B * k * (s - correction(b, sinS, cosS, cos2m)),
                bearing_deg: (deg(Math.atan2(x, y)) + 360) % 360,
            };
        }
        lambda = next;
    }
    return { distance_m: 0, bearing_deg: 0 };
}

/** Area of a small ring [m2]: on the plane that touches the ellipsoid in its middle, by its own radii of curvature there. */
export function ringArea(ring: readonly Position[]): number {
    if (ring.length < 3) return 0;
    const lat0 = rad(ring.reduce((s, p) => s + p[1], 0) / ring.length);
    const e2 = F * (2 - F), w = Math.sqrt(1 - e2 * Math.sin(lat0) ** 2);
    const perLon = rad(1) * (A / w) * Math.cos(lat0), perLat = (rad(1) * A * (1 - e2)) / w ** 3;
    const [lon0, base] = ring[0]!;
    let twice = 0;
    ring.forEach(([x1, y1], i) => {
        const [x2, y2] = ring[(i + 1) % ring.length]!;
        twice += (x1 - lon0) * (y2 - base) - (x2 - lon0) * (y1 - base);
    });
    return (Math.abs(twice) / 2) * perLon * perLat;
}

export function pathLength(path: readonly Position[]): number {
    return path.slice(1).reduce((sum, p, i) => sum + inverse(path[i]!, p).distance_m, 0);
}

export interface Leg {
    bearing_deg: number;
    distance_m: number;
}

/**
 * Turning points of a polygon that is given as a start and legs, and by how much it fails to close: the distance from the end of the last leg back
 * to the start. Where the last leg leads back to the start (within 5 % of the way round), its end is the start.
 */
export function traverse(start: Position, legs: readonly Leg[], declination_deg: number) {
    const points: Position[] = [start];
    for (const leg of legs)
        points.push(destination(points[points.length - 1]!, leg.bearing_deg + declination_deg, leg.distance_m));
    const way_m = legs.reduce((s, leg) => s + leg.distance_m, 0);
    const gap_m = inverse(points[points.length - 1]!, start).distance_m;
    const returns = legs.length >= 3 && gap_m <= 0.05 * way_m;
    return { ring: returns ? points.slice(0, -1) : points, closure_m: returns ? gap_m : null, way_m };
}

/** Whether two sides of a ring cross: such a polygon has no inside that people agree on. */
export function crossesItself(ring: readonly Position[]): boolean {
    const side = (a: Position, b: Position, c: Position) =>
        Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
    const n = ring.length;
    for (let i = 0; i < n; i++)
        for (let j = i + 2; j < n; j++) {
            if (i === 0 && j === n - 1) continue;
            const a = ring[i]!, b = ring[(i + 1) % n]!, c = ring[j]!, d = ring[(j + 1) % n]!;
            if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true;
        }
    return false;
}
