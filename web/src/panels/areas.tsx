/*
 * Hazardous areas: the list, and the page of one (its dossier): facts, assessment, decisions, history.
 */
import { useEffect, useMemo, useState } from "preact/hooks";

import * as api from "../api";
import { boundsOf, fitTo, flyTo } from "../map/view";
import { to } from "../route";
import { app, isGuest, useText } from "../state";
import { Busy, Figure, Figures, Notice, Panel, Select, Symbol, Text, Trouble, lazy, useAsk, useCell, useWord } from "../ui";
import { area, date, number, probability } from "../words";
import type { Areas } from "../../generated/schemas";
import { Assessment } from "./assessment";
import { History } from "./history";

const AreaWork = lazy(async () => (await import("./work/record_work")).AreaWork);
const Attachments = lazy(async () => (await import("./work/attachments")).Attachments);

interface AreaRow {
    code: string;
    name: string | null;
    status: string | null;
    classification: string | null;
    area_m2: number | null;
    lon: number | null;
    lat: number | null;
    /** doubted: P(any) with the doubt about the suspicion, of an area that is suspected and nothing more. */
    assessment: { expected: number | null; p_any: number | null; upper95?: number | null; doubted: number | null } | null;
}

type Any = Record<string, unknown>;
const text = (v: unknown): string | null => (v === null || v === undefined ? null : String(v));
const figure = (v: unknown): number | null => (typeof v === "number" ? v : v && typeof v === "object" && typeof (v as Any).value === "number" ? ((v as Any).value as number) : null);

/** The list, with the figures of each area's latest assessment taken out of their objects. */
export function readAreas(answer: Areas): AreaRow[] {
    return answer.areas.map((row) => {
        const a = row as Any, kept = row.assessment ?? null;
        return {
            code: row.code, name: text(a.name), status: text(a.status), classification: text(a.classification), area_m2: row.area_m2, lon: row.lon, lat: row.lat,
            assessment: kept ? { expected: figure(kept.expected), p_any: figure(kept.p_any), upper95: figure(kept.upper95), doubted: kept.doubt?.p_any ?? null } : null,
        };
    });
}

const sorters: Record<string, (a: AreaRow, b: AreaRow) => number> = {
    code: (a, b) => a.code.localeCompare(b.code, undefined, { numeric: true }),
    area: (a, b) => (b.area_m2 ?? 0) - (a.area_m2 ?? 0),
    expected: (a, b) => (b.assessment?.expected ?? -1) - (a.assessment?.expected ?? -1),
};

export function AreasPanel() {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const asked = useAsk((signal) => api.areas(signal), []);
    const [q, setQ] = useState("");
    const [status, setStatus] = useState("");
    const [sort, setSort] = useState("code");
    const all = useMemo(() => (asked.value ? readAreas(asked.value) : []), [asked.value]);
    const statuses = [...new Set(all.map((a) => a.status).filter((s): s is string => !!s))].sort();
    const rows = all.filter((a) => (!status || a.status === status) && `${a.code} ${a.name ?? ""}`.toLowerCase().includes(q.toLowerCase())).sort(sorters[sort]);
    return (
        <Panel title={t("areas.title")}>
            <div class="row">
                <Text label={t("areas.find")} value={q} onInput={setQ} />
                <Select label={t("filter.status")} value={status} onChange={setStatus} options={[["", t("filter.any")], ...statuses.map((s): [string, string] => [s, word("status", s)])]} />
                <Select label={t("areas.sort")} value={sort} onChange={setSort} options={[["code", t("column.code")], ["area", t("column.area_m2")], ...(all.some((a) => a.assessment) ? [["expected", t("assess.expected")] as [string, string]] : [])]} />
            </div>
            {asked.error ? <Trouble error={asked.error} /> : !asked.value ? <Busy /> : <p class="hint" role="status">{t("areas.count#", { n: rows.length })}</p>}
            <ul class="plain cards">
                {rows.map((a) => (
                    <li key={a.code}>
                        <a class="area-card" href={to.record("hazard-area", a.code)}>
                            <span class="area-name"><b>{a.name || a.code}</b><small>{a.name ? a.code : ""}</small></span>
                            <span class="tags">
                                {a.classification ? <span class={a.classification === "CHA" ? "tag cha" : "tag sha"}>{a.classification}</span> : null}
                                {a.status ? <span class="tag">{word("status", a.status)}</span> : null}
                            </span>
                            <span class="area-figures">{area(language, a.area_m2)}{a.assessment?.expected !== null && a.assessment?.expected !== undefined
                                ? <> · {t("areas.expected", { n: number(language, a.assessment.expected, 2), p: probability(language, a.assessment.p_any) })}{a.assessment.doubted !== null ? <> ({t("areas.doubted", { p: probability(language, a.assessment.doubted) })})</> : null}</> : null}</span>
                        </a>
                    </li>
                ))}
            </ul>
        </Panel>
    );
}

function Decisions({ rows }: { rows: Any[] }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    return (
        <section class="group">
            <h2>{t("area.decisions")}</h2>
            {rows.length === 0 ? <p>{t("area.no_decisions")}</p> : (
                <ol class="history">{rows.map((d, i) => (
                    <li key={i}><time>{date(language, text(d.date))}</time> <b>{word("status", String(d.as))}</b> – {text(d.person)} ({word("role", String(d.role))}): {text(d.reason)}</li>
                ))}</ol>
            )}
        </section>
    );
}

function Findings({ rows }: { rows: Any[] }) {
    const t = useText();
    const language = app.use((s) => s.language);
    if (!rows.length) return null;
    return (
        <section class="group">
            <h2>{t("area.findings")}</h2>
            {rows.map((f, i) => <Notice key={i} kind="warn"><b>{date(language, text(f.raised))}</b> {text(f.message)} {f.answered ? t("area.answered", { who: String((f.answered as Any).person ?? "") }) : t("area.unanswered")}</Notice>)}
        </section>
    );
}

/** The dossier is of an assessment that is kept: it is kept first, and the log says by whom. */
function Dossier({ code }: { code: string }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const make = async () => {
        setBusy(true);
        try {
            await api.keepAssessment(code);
            const link = document.createElement("a");
            link.href = `${api.base}/areas/${encodeURIComponent(code)}/dossier.pdf?language=${language}`;
            link.download = `${code}.pdf`;
            link.click();
            setError(null);
        } catch (e) {
            setError(e);
        }
        setBusy(false);
    };
    return <>{error ? <Trouble error={error} /> : null}<button type="button" disabled={busy} onClick={() => void make()}>{t("area.pdf")}</button></>;
}

const DETAILS = ["classification", "evidence", "status", "category", "date", "date_closed", "organisation", "blocked_land_use", "beneficiaries", "priority", "depth_cm"];

export function AreaPanel() {
    const t = useText();
    const word = useWord();
    const cell = useCell();
    const code = app.use((s) => s.route.code);
    const guest = app.use(isGuest);
    const hasMap = app.use((s) => !!s.project?.map);
    const language = app.use((s) => s.language);
    const asked = useAsk((signal) => api.areaPage(code, signal), [code]);
    const found = asked.value;
    const facts = (found?.area ?? {}) as Any;
    const values = facts;
    const geometry = (found?.geometry ?? null) as GeoJSON.Geometry | null;
    const box = geometry ? boundsOf(geometry) : null;
    useEffect(() => {
        app.set({ selected: geometry });
        if (box) fitTo(box);
        return () => app.set({ selected: null });
    }, [geometry]);
    const edit = () => {
        const ring = geometry?.type === "Polygon" ? geometry.coordinates[0] : geometry?.type === "MultiPolygon" ? geometry.coordinates[0]?.[0] : null;
        if (ring) app.set({ ring: ring.slice(0, -1).map(([x, y]) => [x!, y!]) });
        location.hash = to.draw();
    };
    const history = found?.history ?? [];
    return (
        <Panel title={text(values.name) || code} back={to.areas()} actions={box ? <button type="button" class="quiet" onClick={() => (box[0] === box[2] ? flyTo(box[0], box[1]) : fitTo(box))}>{t("show")}</button> : null}>
            <p class="subtitle"><Symbol kind="hazard-area" /> {t("area.subtitle", { code })}</p>
            {asked.error ? <Trouble error={asked.error} /> : !found ? <Busy /> : (
                <>
                    <Figures>
                        {DETAILS.filter((c) => values[c] !== null && values[c] !== undefined && values[c] !== "").map((c) => <Figure key={c} label={word("column", c)} value={cell(c, values[c])} />)}
                        {typeof values.area_m2 === "number" ? <Figure label={t("column.area_m2")} value={area(language, values.area_m2)} /> : null}
                    </Figures>
                    <Notice kind="warn">{t("area.keep_out")}</Notice>
                    {guest ? null : (
                        <>
                            <AreaWork key={code} code={code} onDone={asked.again} />
                            {hasMap ? <Assessment subject={api.areaSubject(code)} /> : <Notice>{t("layers.no_map")}</Notice>}
                            <div class="row">
                                {hasMap ? <Dossier code={code} /> : null}
                                {geometry ? <button type="button" class="quiet" onClick={edit}>{t("area.edit")}</button> : null}
                            </div>
                            <Decisions rows={(found.decisions ?? []) as Any[]} />
                            <Findings rows={(found.findings ?? []) as Any[]} />
                            <Attachments key={`attached-${code}`} kind="hazard-area" code={code} />
                            <History rows={history} />
                        </>
                    )}
                </>
            )}
        </Panel>
    );
}
