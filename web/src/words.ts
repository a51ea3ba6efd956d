/*
 * Numbers as people read them, each with its unit, in the language of the page. Nothing is rounded to look surer than it is: two or three figures.
 */
import { type Language, locales, translate } from "./i18n";

export function number(language: Language, value: number | null | undefined, figures = 3): string {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    if (size !== 0 && size < 1e-4) return value.toExponential(1).replace("e-", " × 10⁻").replace(/⁻(\d+)$/, (_, d: string) => `⁻${superscript(d)}`);
    return new Intl.NumberFormat(locales[language], size >= 10 ** figures
        ? { maximumFractionDigits: 0 }
        : { maximumSignificantDigits: figures }).format(value);
}

function superscript(digits: string): string {
    return digits.replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]!);
}

/** A chance as a percentage, never rounded to none or all. */
export function chance(language: Language, p: number | null | undefined): string {
    if (p === null || p === undefined || !Number.isFinite(p)) return "–";
    const format = (v: number, digits: number) =>
        new Intl.NumberFormat(locales[language], { style: "percent", maximumFractionDigits: digits }).format(v);
    if (p > 0 && p < 0.001) return `< ${format(0.001, 1)}`;
    if (p < 1 && p > 0.999) return `> ${format(0.999, 1)}`;
    return format(p, p < 0.1 || p > 0.99 ? 1 : 0);
}

/** A chance that was computed: no draws show that something cannot be, or that it must, whatever the digits that were kept of it. */
export function probability(language: Language, p: number | null | undefined): string {
    return chance(language, p === null || p === undefined ? p : Math.min(Math.max(p, 1e-9), 1 - 1e-9));
}

export function length(language: Language, m: number | null | undefined): string {
    if (m === null || m === undefined) return "–";
    return m >= 1000 ? `${number(language, m / 1000)} ${translate(language, "unit.km")}` : `${number(language, m)} ${translate(language, "unit.m")}`;
}

/** An area in square metres, hectares or square kilometres. */
export function area(language: Language, m2: number | null | undefined): string {
    if (m2 === null || m2 === undefined) return "–";
    if (m2 < 1e4) return `${number(language, m2)} ${translate(language, "unit.m2")}`;
    if (m2 < 1e7) return `${number(language, m2 / 1e4)} ${translate(language, "unit.ha")}`;
    return `${number(language, m2 / 1e6)} ${translate(language, "unit.km2")}`;
}

export function money(language: Language, value: number | null | undefined, currency: string | null | undefined): string {
    if (value === null || value === undefined) return "–";
    return `${number(language, value)} ${currency ?? ""}`.trim();
}

export function date(language: Language, iso: string | null | undefined): string {
    if (!iso) return "–";
    const [y, m, d] = iso.slice(0, 10).split("-").map(Number);
    if (!y) return iso;
    if (!m) return String(y);
    const options: Intl.DateTimeFormatOptions = d ? { day: "numeric", month: "short", year: "numeric" } : { month: "short", year: "numeric" };
    return new Intl.DateTimeFormat(locales[language], { ...options, timeZone: "UTC" }).format(Date.UTC(y, m - 1, d || 1));
}

/** Day and time, in the time of whoever reads. */
export function moment(language: Language, iso: string | null | undefined): string {
    const at = new Date(iso ?? "");
    if (!iso || iso.length < 16 || Number.isNaN(at.getTime())) return date(language, iso);
    return new Intl.DateTimeFormat(locales[language], { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(at);
}

/** A size of a file. */
export function size(language: Language, bytes: number): string {
    const step = bytes < 1024 ? 0 : bytes < 1024 * 1024 ? 1 : 2;
    return `${number(language, bytes / 1024 ** step)} ${translate(language, (["unit.b", "unit.kib", "unit.mib"] as const)[step]!)}`;
}

/** Compass direction of a bearing, as one of eight keys. */
export function compass(bearing_deg: number): "n" | "ne" | "e" | "se" | "s" | "sw" | "w" | "nw" {
    return (["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const)[Math.round((((bearing_deg % 360) + 360) % 360) / 45) % 8]!;
}

/** Year of an ISO date, of any length. */
export function yearOf(iso: string | null | undefined): number | null {
    const year = Number(iso?.slice(0, 4));
    return iso && Number.isInteger(year) ? year : null;
}

/** A number that a person typed, with a comma or a point. */
export function typedNumber(text: string): number | null {
    const clean = text.trim().replace(/\s/g, "").replace(",", ".");
    if (!/^[-+]?\d+(\.\d+)?$/.test(clean)) return null;
    return Number(clean);
}
