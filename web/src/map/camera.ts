/*
 * Where the map looks, in web mercator: the same arithmetic for the first picture and for the map that follows it, so that nothing moves between them.
 */
export interface Camera {
    lon: number;
    lat: number;
    zoom: number;
}

export interface Size {
    width: number;
    height: number;
}

export interface Padding {
    top: number;
    bottom: number;
    left: number;
    right: number;
}

export type Box = [west: number, south: number, east: number, north: number];

/** Pixels of the world at zoom 0. */
export const WORLD = 512;
const LIMIT = 85.051129;

/** Position on the plane, 0 to 1 from west to east and from north to south. */
export const planeX = (lon: number) => lon / 360 + 0.5;
export function planeY(lat: number): number {
    const bounded = Math.max(-LIMIT, Math.min(LIMIT, lat));
    return 0.5 - Math.log(Math.tan(Math.PI / 4 + (bounded * Math.PI) / 360)) / (2 * Math.PI);
}
export const planeLon = (x: number) => (x - 0.5) * 360;
export const planeLat = (y: number) => (360 / Math.PI) * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - 90;

/** The camera that shows a box within what the padding leaves free. */
export function cameraFor([w, s, e, n]: Box, { width, height }: Size, pad: Padding, maxZoom: number): Camera {
    const x0 = planeX(w), x1 = planeX(e), y0 = planeY(n), y1 = planeY(s);
    const free = [Math.max(1, width - pad.left - pad.right), Math.max(1, height - pad.top - pad.bottom)];
    const scale = Math.min(free[0]! / Math.max(1e-12, (x1 - x0) * WORLD), free[1]! / Math.max(1e-12, (y1 - y0) * WORLD));
    const least = Math.max(0, Math.log2(height / WORLD)); /* the map never shows more than the world's height */
    const zoom = Math.max(least, Math.min(maxZoom, Math.log2(scale)));
    const world = WORLD * 2 ** zoom;
    const x = (x0 + x1) / 2 - (pad.left - pad.right) / 2 / world, y = (y0 + y1) / 2 - (pad.top - pad.bottom) / 2 / world;
    const half = height / 2 / world;
    return { lon: planeLon(x), lat: planeLat(Math.max(half, Math.min(1 - half, y))), zoom };
}

/** What a camera sees. */
export function boxOf({ lon, lat, zoom }: Camera, { width, height }: Size): Box {
    const world = WORLD * 2 ** zoom, x = planeX(lon), y = planeY(lat);
    const dx = width / 2 / world, dy = height / 2 / world;
    return [planeLon(x - dx), planeLat(y + dy), planeLon(x + dx), planeLat(y - dy)];
}

export interface TileAt {
    z: number;
    x: number;
    y: number;
    /** Column counted on over the antimeridian: where it is drawn. */
    column: number;
}

/** Tiles of a zoom that lie in a box of the plane. */
export function tilesIn(z: number, [x0, y0, x1, y1]: [number, number, number, number]): TileAt[] {
    const n = 2 ** z, found: TileAt[] = [];
    for (let y = Math.max(0, Math.floor(y0 * n)); y <= Math.min(n - 1, Math.floor(y1 * n)); y++)
        for (let column = Math.floor(x0 * n); column <= Math.floor(x1 * n); column++)
            found.push({ z, x: ((column % n) + n) % n, y, column });
    return found;
}
