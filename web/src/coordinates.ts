/*
 * Coordinates of WGS 84 as people write them: degrees; degrees, minutes, seconds; UTM; MGRS. UTM by Krueger's series to the sixth order in the
 * third flattening (Karney, Transverse Mercator with an accuracy of a few nanometers, 2011, equations 7 to 11 and 35), good to well
 * under a millimetre inside a zone. Tested against tests/tables/coord_format.tbl, which the program itself is held to.
 */
export type CoordinateForm = "degrees" | "dms" | "utm" | "mgrs";

const A = 6378137;
const F = 1 / 298.257223563;
const N = F / (2 - F);
const E = Math.sqrt(F * (2 - F));
const K0 = 0.9996;

function polynomial(c: number[]): number {
    return c.reduceRight((sum, v) => sum * N + v, 0);
}

const RECTIFYING = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
const ALPHA = [
    polynomial([0, 1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800]),
    polynomial([0, 0, 13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360]),
    polynomial([0, 0, 0, 61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440]),
    polynomial([0, 0, 0, 0, 49561 / 161280, -179 / 168, 6601661 / 7257600]),
    polynomial([0, 0, 0, 0, 0, 34729 / 80640, -3418889 / 1995840]),
    polynomial([0, 0, 0, 0, 0, 0, 212378941 / 319334400]),
];

const rad = (deg: number) => (deg * Math.PI) / 180;

/** Zone of a place, with the exceptions for Norway and Svalbard; a shared meridian belongs to the zone east of it. */
export function utmZone(lon: number, lat: number): number {
    const east = ((((lon + 180) % 360) + 360) % 360) - 180;
    const zone = Math.min(60, Math.floor((east + 180) / 6) + 1);
    if (lat >= 56 && lat < 64 && east >= 3 && east < 12) return 32;
    if (lat >= 72 && lat < 84 && east >= 0 && east < 42) return east < 9 ? 31 : east < 21 ? 33 : east < 33 ? 35 : 37;
    return zone;
}

export interface Utm {
    zone: number;
    north: boolean;
    easting_m: number;
    northing_m: number;
}

export function toUtm(lon: number, lat: number): Utm {
    const zone = utmZone(lon, lat);
    const lambda = rad(lon - (zone * 6 - 183));
    const sin = Math.sin(rad(lat));
    const t = Math.sinh(Math.atanh(sin) - E * Math.atanh(E * sin));
    const xi = Math.atan2(t, Math.cos(lambda));
    const eta = Math.asinh(Math.sin(lambda) / Math.hypot(t, Math.cos(lambda)));
    let x = eta, y = xi;
    ALPHA.forEach((a, i) => {
        const j = 2 * (i + 1);
        x += a * Math.cos(j * xi) * Math.sinh(j * eta);
        y += a * Math.sin(j * xi) * Math.cosh(j * eta);
    });
    const north = lat >= 0;
    return { zone, north, easting_m: 500000 + K0 * RECTIFYING * x, northing_m: (north ? 0 : 1e7) + K0 * RECTIFYING * y };
}

const BANDS = "CDEFGHJKLMNPQRSTUVWX";
const COLUMNS = ["ABCDEFGH", "JKLMNPQR", "STUVWXYZ"];
const ROWS = "ABCDEFGHJKLMNPQRSTUV";

/** MGRS to the metre; null towards the poles, where the map does not go. */
export function toMgrs(lon: number, lat: number): string | null {
    if (lat < -80 || lat >= 84) return null;
    const { zone, easting_m, northing_m } = toUtm(lon, lat);
    const band = BANDS[Math.min(19, Math.floor((lat + 80) / 8))];
    const column = COLUMNS[(zone - 1) % 3]![Math.floor(easting_m / 1e5) - 1];
    const row = ROWS[(Math.floor(northing_m / 1e5) + (zone % 2 === 0 ? 5 : 0)) % 20];
    const digits = (v: number) => String(Math.floor(v % 1e5)).padStart(5, "0");
    return `${String(zone).padStart(2, "0")}${band}${column}${row}${digits(easting_m)}${digits(northing_m)}`;
}

function dms(value: number, positive: string, negative: string): string {
    const tenths = Math.round(Math.abs(value) * 36000);
    const d = Math.floor(tenths / 36000), m = Math.floor((tenths % 36000) / 600), s = (tenths % 600) / 10;
    return `${d}°${String(m).padStart(2, "0")}′${s.toFixed(1).padStart(4, "0")}″${value < 0 ? negative : positive}`;
}

export function formatCoordinate(form: CoordinateForm, lon: number, lat: number): string {
    const wrapped = ((((lon + 180) % 360) + 360) % 360) - 180;
    if (form === "dms") return `${dms(lat, "N", "S")} ${dms(wrapped, "E", "W")}`;
    if (form === "mgrs") {
        const mgrs = toMgrs(wrapped, lat);
        if (mgrs) return mgrs.replace(/^(...)(..)(.....)(.....)$/, "$1 $2 $3 $4");
    }
    if (form === "utm" && lat >= -80 && lat <= 84) {
        const utm = toUtm(wrapped, lat);
        const band = BANDS[Math.min(19, Math.floor((lat + 80) / 8))];
        /* Band S is written in words: "38S" would be read as the south by half of the world. */
        const half = band === "S" ? " north" : band;
        return `${utm.zone}${half} ${utm.easting_m.toFixed(0)} ${utm.northing_m.toFixed(0)}`;
    }
    return `${Math.abs(lat).toFixed(5)}° ${lat < 0 ? "S" : "N"}, ${Math.abs(wrapped).toFixed(5)}° ${wrapped < 0 ? "W" : "E"}`;
}
