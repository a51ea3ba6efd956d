/*
 * Whether a place lies in a recorded hazardous area. Where the circle of the position's accuracy, widened by the perimeter's own, touches an area, the
 * place counts as in it. Distances are reckoned on the plane that touches the ellipsoid at the place, and said on the ellipsoid. Outside of
 * what the device has with it, nothing is known.
 */
import type { FieldPackage, FieldPackageArea } from "../../generated/schemas";
import { inverse, type Position } from "../geodesy";

export type Verdict = "inside" | "touching" | "outside" | "beyond";

export interface Near {
    area: FieldPackageArea;
    distance_m: number; /* to the nearest point of its perimeter */
    bearing_deg: number;
}

export interface Found {
    verdict: Verdict;
    areas: Near[]; /* that it lies in or touches, nearest boundary first */
    ended: FieldPackageArea[]; /* recorded as ended, and the place lies in them */
    nearest: Near | null; /* of those that have not ended */
    edge_m: number; /* to the edge of what the device has with it */
    unplaced: number; /* areas without a perimeter: nothing can be said of them */
}

const RADIUS_M = 6371009;
const PER_DEG_M = (RADIUS_M * Math.PI) / 180;

const wrap = (deg: number) => ((((deg + 180) % 360) + 360) % 360) - 180;

export function rings(area: FieldPackageArea): Position[][] {
    const g = area.geometry as { type: string; coordinates: unknown } | null;
    if (!g) return [];
    if (g.type === "Polygon") return g.coordinates as Position[][];
    if (g.type === "MultiPolygon") return (g.coordinates as Position[][][]).flat();
    return [];
}

/** Nearest point of a segment to the origin. */
function nearestOf(ax: number, ay: number, bx: number, by: number): [number, number] {
    const dx = bx - ax, dy = by - ay, length2 = dx * dx + dy * dy;
    const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length2));
    return [ax + t * dx, ay + t * dy];
}

/** Whether the origin lies in the rings (even and odd), and the nearest point of them. */
function look(all: Position[][], at: Position): { inside: boolean; point: [number, number] } | null {
    const perLon = PER_DEG_M * Math.cos((at[1] * Math.PI) / 180);
    let inside = false, best = Infinity, point: [number, number] | null = null;
    for (const ring of all)
        for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
            const ax = wrap(ring[j]![0] - at[0]) * perLon, ay = (ring[j]![1] - at[1]) * PER_DEG_M;
            const bx = wrap(ring[i]![0] - at[0]) * perLon, by = (ring[i]![1] - at[1]) * PER_DEG_M;
            if (ay > 0 !== by > 0 && ax + ((0 - ay) / (by - ay)) * (bx - ax) > 0) inside = !inside;
            const [x, y] = nearestOf(ax, ay, bx, by), d = x * x + y * y;
            if (d < best) {
                best = d;
                point = [x / perLon, y / PER_DEG_M];
            }
        }
    return point ? { inside, point } : null;
}

function edgeOf(covers: readonly number[], at: Position): number {
    const perLon = PER_DEG_M * Math.cos((at[1] * Math.PI) / 180);
    const [west, south, east, north] = covers as [number, number, number, number];
    return Math.min((at[0] - west) * perLon, (east - at[0]) * perLon, (at[1] - south) * PER_DEG_M, (north - at[1]) * PER_DEG_M);
}

export function lookUp(pack: Pick<FieldPackage, "areas" | "covers">, at: Position, accuracy_m: number | null): Found {
    const reached: Near[] = [], ended: FieldPackageArea[] = [];
    let nearest: Near | null = null, unplaced = 0, isInside = false;
    const edge_m = edgeOf(pack.covers, at);
    for (const area of pack.areas) {
        const found = look(rings(area), at);
        if (!found) {
            if (!area.is_ended) unplaced++;
            continue;
        }
        if (area.is_ended) {
            if (found.inside) ended.push(area);
            continue;
        }
        const near: Near = { area, ...inverse(at, [at[0] + found.point[0], at[1] + found.point[1]]) };
        if (!nearest || near.distance_m < nearest.distance_m) nearest = near;
        if (found.inside || near.distance_m <= (accuracy_m ?? 0) + (area.accuracy_m ?? 0)) reached.push(near);
        isInside = isInside || found.inside;
    }
    reached.sort((a, b) => a.distance_m - b.distance_m);
    const verdict = isInside ? "inside" : reached.length ? "touching" : edge_m <= (accuracy_m ?? 0) ? "beyond" : "outside";
    return { verdict, areas: reached, ended, nearest, edge_m, unplaced };
}
