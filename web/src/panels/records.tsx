/*
 * The table beside the map: the same records as the map shows, for those who read rather than look; and the page of one record.
 */
import { useEffect, useState } from "preact/hooks";

import * as api from "../api";
import { formatCoordinate } from "../coordinates";
import { boundsOf, fitTo, flyTo } from "../map/view";
import { to } from "../route";
import { app, isGuest, useText } from "../state";
import { Busy, Figure, Figures, Notice, Panel, Select, Symbol, Trouble, lazy, useAsk, useCell, useWord } from "../ui";
import { History } from "./history";

const RecordWork = lazy(async () => (await import("./work/record_work")).RecordWork);
const Victims = lazy(async () => (await import("./victims")).Victims);
/* Who may enter victims; others are not told how many there are. */
const KEEPERS = ["entry", "verifier", "approver", "administrator"];

const COLUMNS: Record<string, string[]> = {
    "hazard-area": ["name", "classification", "status", "category", "date", "organisation"],
    accident: ["date", "category", "killed", "injured", "activity"],
    item: ["date", "category", "model", "number", "how"],
    search: ["type", "method", "date_start", "date_end", "organisation", "area_m2", "found"],
    report: ["date", "category", "description", "reliability"],
    line: ["type", "name", "date"],
    place: ["name", "type", "population", "admin1"],
};

const PAGE = 100;

/** Filters of the map as the API takes them. */
export function filterQuery(kind: string): Record<string, string | number | null> {
    const { filters, years, bounds } = app.get();
    const from = years && (!filters.from || filters.from < String(years[0])) ? String(years[0]) : filters.from;
    const until = years && (!filters.to || filters.to > `${years[1]}-12-31`) ? `${years[1]}-12-31` : filters.to;
    const columns = app.get().layers?.vector.find((l) => l.kind === kind)?.columns ?? [];
    const has = (name: string) => columns.length === 0 || columns.some((c) => (c as { name?: string }).name === name);
    return {
        bbox: bounds ? [Math.max(-180, bounds[0]), Math.max(-90, bounds[1]), Math.min(180, bounds[2]), Math.min(90, bounds[3])].map((v) => v.toFixed(6)).join(",") : null,
        from: from || null,
        to: until || null,
        status: filters.status && (has("status") || has("released_as")) ? filters.status : null,
        organisation: filters.organisation && has("organisation") ? filters.organisation : null,
    };
}

export function RecordTable({ kind, caption }: { kind: string; caption: string }) {
    const t = useText();
    const word = useWord();
    const cell = useCell();
    const state = app.use((s) => s);
    const [offset, setOffset] = useState(0);
    const key = JSON.stringify([kind, filterQuery(kind)]);
    useEffect(() => setOffset(0), [key]);
    const asked = useAsk((signal) => api.records(kind, { ...filterQuery(kind), limit: PAGE, offset }, signal), [key, offset]);
    const columns = COLUMNS[kind] ?? [];
    if (asked.error) return <Trouble error={asked.error} />;
    const list = asked.value;
    if (!list) return <Busy />;
    return (
        <>
            <p class="hint" role="status">{t("table.count#", { n: list.total })}{list.total > PAGE ? ` ${t("table.part", { from: offset + 1, to: Math.min(offset + PAGE, list.total) })}` : ""}</p>
            <div class="table-holder" tabIndex={0} role="region" aria-label={caption}>
                <table>
                    <caption class="hidden">{caption}</caption>
                    <thead><tr><th scope="col">{t("column.code")}</th>{columns.map((c) => <th key={c} scope="col">{word("column", c)}</th>)}<th scope="col">{t("column.position")}</th></tr></thead>
                    <tbody>
                        {list.records.map((r) => (
                            <tr key={r.code}>
                                <th scope="row"><a href={to.record(kind, r.code)}>{r.code}</a></th>
                                {columns.map((c) => <td key={c}>{cell(c, (r as api.RecordRow)[c])}</td>)}
                                <td class="nowrap">{r.lon !== null && r.lat !== null && r.lon !== undefined && r.lat !== undefined ? formatCoordinate(state.form, r.lon, r.lat) : "–"}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            </div>
            {list.total > PAGE ? (
                <div class="row">
                    <button type="button" class="quiet" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>{t("table.before")}</button>
                    <button type="button" class="quiet" disabled={offset + PAGE >= list.total} onClick={() => setOffset(offset + PAGE)}>{t("table.after")}</button>
                </div>
            ) : null}
        </>
    );
}

export function RecordsPanel() {
    const t = useText();
    const word = useWord();
    const layers = app.use((s) => s.layers);
    const wanted = app.use((s) => s.route.kind);
    const kinds = (layers?.vector ?? []).map((l) => l.kind);
    const kind = kinds.some((k) => k === wanted) ? wanted : (kinds[0] ?? "");
    return (
        <Panel title={t("table.title")}>
            <p class="hint">{t("table.words")}</p>
            <Select label={t("table.kind")} value={kind} options={kinds.map((k) => [k, word("kind", k)])} onChange={(k) => (location.hash = to.records(k))} />
            {kind ? <RecordTable kind={kind} caption={word("kind", kind)} /> : <Notice>{t("table.none")}</Notice>}
        </Panel>
    );
}

export function RecordPanel() {
    const t = useText();
    const word = useWord();
    const cell = useCell();
    const { kind, code } = app.use((s) => s.route);
    const form = app.use((s) => s.form);
    const guest = app.use(isGuest);
    const role = app.use((s) => s.session?.role ?? "guest");
    const asked = useAsk((signal) => api.record(kind, code, signal), [kind, code]);
    const found = asked.value;
    const geometry = (found?.geometry ?? null) as GeoJSON.Geometry | null;
    const box = geometry ? boundsOf(geometry) : null;
    useEffect(() => {
        app.set({ selected: geometry });
        return () => app.set({ selected: null });
    }, [geometry]);
    const show = () => {
        if (!box) return;
        if (box[0] === box[2] && box[1] === box[3]) flyTo(box[0], box[1]);
        else fitTo(box);
    };
    const about = { ...found?.columns, remarks: found?.remarks, accuracy_m: found?.accuracy_m, source: found?.source, source_id: found?.source_id } as Record<string, unknown>;
    const rows = Object.entries(about).filter(([, v]) => v !== null && v !== undefined && v !== "" && typeof v !== "object");
    const links = found?.links ?? [];
    return (
        <Panel title={code} back={to.records(kind)} actions={box ? <button type="button" class="quiet" onClick={show}>{t("show")}</button> : null}>
            <p class="subtitle"><Symbol kind={kind} /> {word("kind", kind)}</p>
            {asked.busy && !found ? <Busy /> : null}
            {asked.error ? <Trouble error={asked.error} /> : null}
            {found ? (
                <>
                    <Figures>
                        {rows.map(([k, v]) => <Figure key={k} label={word("column", k)} value={cell(k, v)} />)}
                        {box ? <Figure label={t("column.position")} value={formatCoordinate(form, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)} /> : null}
                    </Figures>
                    {box ? <p><a href={to.place((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)}>{t("record.why_here")}</a></p> : null}
                    {guest ? null : <RecordWork key={code} found={found} onDone={asked.again} />}
                    {kind === "accident" && KEEPERS.includes(role) ? <Victims key={`victims ${code}`} code={code} /> : null}
                    {links.length ? (
                        <section class="group"><h2>{t("record.links")}</h2>
                            <ul class="plain">{links.map((l) => <li key={`${l.kind}${l.id}`}><a href={to.record(l.kind, l.id)}>{l.id}</a> {l.rel}</li>)}</ul>
                        </section>
                    ) : null}
                    <History rows={found.history ?? []} />
                </>
            ) : null}
        </Panel>
    );
}
