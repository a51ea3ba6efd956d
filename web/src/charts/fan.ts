/*
 * Fans: bands of 5 to 95 % and 25 to 75 % and the median, year by year. The same figures make the chart on the screen (uPlot), the SVG and the table
 * beside it; all pure but for the drawing itself.
 */
import type { ForecastFans } from "../../generated/schemas";

export interface Fan {
    title: string;
    years: number[];
    q05: number[];
    q25: number[];
    q50: number[];
    q75: number[];
    q95: number[];
}

export function fanOf(title: string, start: number, fans: ForecastFans): Fan {
    const clean = (list: Array<number | null>) => list.map((v) => v ?? NaN);
    return {
        title, years: fans.q50.map((_, i) => start + i),
        q05: clean(fans.q05), q25: clean(fans.q25), q50: clean(fans.q50), q75: clean(fans.q75), q95: clean(fans.q95),
    };
}

/** The highest value of any fan, so that fans side by side have one scale. */
export function topOf(fans: Fan[]): number {
    const top = Math.max(0, ...fans.flatMap((f) => f.q95.filter(Number.isFinite)));
    return top > 0 ? top : 1;
}

/** Round steps of an axis: 1, 2 or 5 times a power of ten, about `n` of them. */
export function ticks(top: number, n = 5): number[] {
    const raw = top / n, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw)!;
    return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
}

const escape = (text: string) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);

/** The chart as an SVG file of its own, light on white, to be put into a report. */
export function fanSvg(fan: Fan, top: number, unit: string, words: string, write: (v: number) => string): string {
    const W = 720, H = 420, L = 80, R = 20, T = 50, B = 70;
    const first = fan.years[0]!, last = fan.years[fan.years.length - 1]!;
    const x = (year: number) => L + ((year - first) / Math.max(1, last - first)) * (W - L - R);
    const y = (v: number) => H - B - (v / top) * (H - T - B);
    const path = (values: number[]) => values.map((v, i) => `${i ? "L" : "M"}${x(fan.years[i]!).toFixed(1)} ${y(v).toFixed(1)}`).join("");
    const band = (low: number[], high: number[]) =>
        `${path(high)}${low.map((_, i) => low.length - 1 - i).map((i) => `L${x(fan.years[i]!).toFixed(1)} ${y(low[i]!).toFixed(1)}`).join("")}Z`;
    const rows = ticks(top).map((v) => `<path d="M${L} ${y(v).toFixed(1)}H${W - R}" stroke="#ddd"/><text x="${L - 8}" y="${(y(v) + 4).toFixed(1)}" text-anchor="end">${escape(write(v))}</text>`);
    const step = Math.max(1, Math.ceil((last - first) / 8));
    const columns = fan.years.filter((v) => (v - first) % step === 0).map((v) => `<text x="${x(v).toFixed(1)}" y="${H - B + 20}" text-anchor="middle">${v}</text>`);
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${W} ${H}" font-family="Noto Sans, sans-serif" font-size="13" fill="#222">` +
        `<rect width="${W}" height="${H}" fill="#fff"/><text x="${L}" y="22" font-size="16" font-weight="600">${escape(fan.title)}</text><text x="${L}" y="40" fill="#555">${escape(unit)}</text>` +
        `${rows.join("")}${columns.join("")}<path d="${band(fan.q05, fan.q95)}" fill="#14624e" fill-opacity=".18"/><path d="${band(fan.q25, fan.q75)}" fill="#14624e" fill-opacity=".3"/>` +
        `<path d="${path(fan.q50)}" fill="none" stroke="#14624e" stroke-width="2.5"/><text x="${L}" y="${H - 14}" font-size="11" fill="#555">${escape(words)}</text></svg>\n`;
}
