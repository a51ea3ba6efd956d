/*
 * A fan on the screen, with its pictures to take away and its table.
 */
import "uplot/dist/uPlot.min.css";

import { useEffect, useRef } from "preact/hooks";
import type uPlotType from "uplot";

import { app, useText } from "../state";
import { download } from "../ui";
import { number } from "../words";
import { type Fan, fanSvg } from "./fan";

const file = (title: string) => title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 60) || "chart";

export function FanChart({ fan, top, unit, words }: { fan: Fan; top: number; unit: string; words: string }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const dark = app.use((s) => s.dark);
    const holder = useRef<HTMLDivElement>(null);
    const plot = useRef<uPlotType | null>(null);
    useEffect(() => {
        let gone = false, watch: ResizeObserver | null = null;
        void import("uplot").then(({ default: UPlot }) => {
            if (gone || !holder.current) return;
            const ink = dark ? "#a8b3ad" : "#55605a", accent = dark ? "#6fcfb0" : "#14624e";
            const soft = (share: string) => `${accent}${share}`;
            const axis = { stroke: ink, grid: { stroke: dark ? "#344046" : "#e6e2d8", width: 1 }, ticks: { show: false }, font: '12px "Noto Sans Variable"' };
            const line = (label: string, width: number) => ({ label, stroke: width ? accent : "transparent", width, points: { show: false },
                value: (_: uPlotType, v: number | null) => (v === null ? "–" : number(language, v)) });
            const width = holder.current.clientWidth;
            plot.current = new UPlot({
                width, height: Math.max(220, Math.min(340, width * 0.6)), legend: { show: true, live: true },
                scales: { x: { time: false }, y: { range: [0, top * 1.02] } },
                axes: [{ ...axis, values: (_, v) => v.map(String) }, { ...axis, size: 64, values: (_, v) => v.map((n) => number(language, n)) }],
                series: [{ label: t("fan.year"), value: (_, v) => (v === null ? "–" : String(v)) }, line("5 %", 0), line("25 %", 0), line("50 %", 2.5), line("75 %", 0), line("95 %", 0)],
                bands: [{ series: [5, 1], fill: soft("2e") }, { series: [4, 2], fill: soft("4d") }],
            }, [fan.years, fan.q05, fan.q25, fan.q50, fan.q75, fan.q95], holder.current);
            watch = new ResizeObserver(() => {
                const w = holder.current?.clientWidth ?? 0;
                if (w > 0 && plot.current && Math.abs(w - plot.current.width) > 2) plot.current.setSize({ width: w, height: plot.current.height });
            });
            watch.observe(holder.current);
        });
        return () => {
            gone = true;
            watch?.disconnect();
            plot.current?.destroy();
            plot.current = null;
        };
    }, [fan, top, dark, language]);
    const picture = () => {
        const drawn = plot.current?.ctx.canvas;
        if (!drawn) return;
        const head = 44, out = document.createElement("canvas");
        out.width = drawn.width;
        out.height = drawn.height + head;
        const c = out.getContext("2d")!;
        c.fillStyle = dark ? "#1a2125" : "#ffffff";
        c.fillRect(0, 0, out.width, out.height);
        c.fillStyle = dark ? "#e7ebe8" : "#1b2420";
        c.font = '18px "Noto Sans Variable"';
        c.fillText(`${fan.title} · ${unit}`, 12, 28, out.width - 24);
        c.drawImage(drawn, 0, head);
        out.toBlob((blob) => blob && download(`${file(fan.title)}.png`, "image/png", blob));
    };
    const end = fan.years.length - 1;
    return (
        <figure class="fan">
            <figcaption><b>{fan.title}</b><small>{unit}</small></figcaption>
            <div ref={holder} class="plot" role="img" aria-label={t("fan.label", { title: fan.title, year: fan.years[end] ?? "", low: number(language, fan.q05[end]), median: number(language, fan.q50[end]), high: number(language, fan.q95[end]) })} />
            <p class="hint">{t("fan.words", { year: fan.years[end] ?? "", low: number(language, fan.q05[end], 2), median: number(language, fan.q50[end], 2), high: number(language, fan.q95[end], 2) })}</p>
            <div class="row">
                <button type="button" class="quiet" onClick={picture}>PNG</button>
                <button type="button" class="quiet" onClick={() => download(`${file(fan.title)}.svg`, "image/svg+xml", fanSvg(fan, top, unit, words, (v) => number(language, v)))}>SVG</button>
                <details class="figures-table">
                    <summary>{t("fan.table")}</summary>
                    <div class="table-holder" tabIndex={0} role="region" aria-label={t("fan.table")}>
                        <table>
                            <thead><tr><th scope="col">{t("fan.year")}</th><th scope="col">5 %</th><th scope="col">25 %</th><th scope="col">50 %</th><th scope="col">75 %</th><th scope="col">95 %</th></tr></thead>
                            <tbody>{fan.years.map((year, i) => <tr key={year}><th scope="row">{year}</th>{[fan.q05, fan.q25, fan.q50, fan.q75, fan.q95].map((q, k) => <td key={k}>{number(language, q[i])}</td>)}</tr>)}</tbody>
                        </table>
                    </div>
                </details>
            </div>
        </figure>
    );
}
