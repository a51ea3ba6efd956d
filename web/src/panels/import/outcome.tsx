/*
 * What an import would do, or has done: counts, reasons in words, the rows that are refused, and what would come in.
 */
import { useEffect, useState } from "preact/hooks";

import { formatCoordinate } from "../../coordinates";
import { isKey, type Key } from "../../i18n";
import { boundsOf, fitTo, flyTo } from "../../map/view";
import { app, useText } from "../../state";
import { Choice, Figure, Figures, Symbol, useCell, useWord } from "../../ui";
import { number } from "../../words";
import type { Counts, Reason, RefusedRow } from "./calls";

export function CountFigures({ counts, done }: { counts: Counts; done: boolean }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const n = (v: number) => number(language, v, 9);
    return (
        <>
            <Figures>
                <Figure strong label={t(done ? "import.was_added" : "import.would_add")} value={n(counts.added)} />
                <Figure strong label={t(done ? "import.was_updated" : "import.would_update")} value={n(counts.updated)} />
                <Figure strong label={t("import.unchanged")} value={n(counts.unchanged)} />
                <Figure strong label={t(done ? "import.was_refused" : "import.would_refuse")} value={n(counts.refused)} />
            </Figures>
            <p class="hint">{t("import.sum", { read: n(counts.read), added: n(counts.added), updated: n(counts.updated), unchanged: n(counts.unchanged), refused: n(counts.refused) })}</p>
        </>
    );
}

/** Words for a reason; its own name where there are none. */
export function useReason(): (reason: string) => string {
    const t = useText();
    return (reason) => (isKey(`reason.${reason}`) ? t(`reason.${reason}` as Key) : reason.replace(/-/g, " "));
}

export function Reasons({ reasons }: { reasons: Reason[] }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const reason = useReason();
    if (!reasons.length) return null;
    const part = (refused: boolean) => {
        const rows = reasons.filter((r) => r.refused === refused);
        return rows.length ? (
            <>
                <h3>{t(refused ? "import.refused_because" : "import.taken_with_doubt")}</h3>
                <ul class="reasons">{rows.map((r) => (
                    <li key={r.reason}><b>{number(language, r.n, 9)} × {reason(r.reason)}</b><small>{t("import.first_one", { example: r.example })}</small></li>
                ))}</ul>
            </>
        ) : null;
    };
    return <section class="group"><h2>{t("import.reasons")}</h2>{part(true)}{part(false)}</section>;
}

/** A refused row's values as they came, column by column. */
export function Original({ values }: { values: Record<string, unknown> | null }) {
    const rows = Object.entries(values ?? {});
    return <dl class="original">{rows.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v === null || v === "" ? "–" : String(v)}</dd></div>)}</dl>;
}

const words = (values: Record<string, unknown>) => Object.entries(values).filter(([, v]) => v !== null && v !== "").map(([k, v]) => `${k}: ${String(v)}`).join(" · ");

export function Proposal({ proposal }: { proposal: Record<string, unknown> | null }) {
    const t = useText();
    return proposal ? <span class="proposal">{words(proposal)}</span> : <span class="muted">{t("refused.no_proposal")}</span>;
}

export function RefusedTable({ rows, total }: { rows: RefusedRow[]; total: number }) {
    const t = useText();
    const reason = useReason();
    if (!rows.length) return null;
    return (
        <section class="group">
            <h2>{t("import.refused_rows")}</h2>
            <p class="hint">{total > rows.length ? t("import.first_of", { n: rows.length, total }) : ""} {t("refused.words")}</p>
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("import.refused_rows")}>
                <table class="refused-rows">
                    <thead><tr><th scope="col" class="number">{t("import.row")}</th><th scope="col">{t("import.why")}</th><th scope="col">{t("import.meant")}</th><th scope="col">{t("import.as_it_came")}</th></tr></thead>
                    <tbody>{rows.map((r) => (
                        <tr key={r.row}>
                            <th scope="row" class="number">{r.row}</th>
                            <td><b>{reason(r.reason)}</b><br />{r.message}</td>
                            <td><Proposal proposal={r.proposal as Record<string, unknown> | null} /></td>
                            <td class="original">{words((r.original ?? {}) as Record<string, unknown>)}</td>
                        </tr>
                    ))}</tbody>
                </table>
            </div>
        </section>
    );
}

const STATES = ["added", "updated", "unchanged"] as const;
type State = (typeof STATES)[number];
const stateOf = (f: GeoJSON.Feature): State => (STATES.includes(f.properties?.state as State) ? (f.properties!.state as State) : "unchanged");

/** What would come in, on the map and in a table: the same rows in both. */
export function Incoming({ sample, counts }: { sample: GeoJSON.FeatureCollection; counts: Counts }) {
    const t = useText();
    const word = useWord();
    const cell = useCell();
    const form = app.use((s) => s.form);
    const [state, setState] = useState<State>("added");
    useEffect(() => {
        app.set({ incoming: sample });
        const boxes = sample.features.flatMap((f) => (f.geometry ? [boundsOf(f.geometry)] : [])).filter((b) => b !== null);
        if (boxes.length) fitTo([Math.min(...boxes.map((b) => b[0])), Math.min(...boxes.map((b) => b[1])), Math.max(...boxes.map((b) => b[2])), Math.max(...boxes.map((b) => b[3]))]);
        return () => app.set({ incoming: null });
    }, [sample]);
    const there = STATES.filter((s) => sample.features.some((f) => stateOf(f) === s));
    const shown = there.includes(state) ? state : (there[0] ?? "added");
    const rows = sample.features.filter((f) => stateOf(f) === shown).slice(0, 200);
    const columns = [...new Set(rows.flatMap((f) => Object.keys(f.properties ?? {})))].filter((c) => c !== "row" && c !== "state");
    const all = counts.added + counts.updated + counts.unchanged;
    if (!sample.features.length) return null;
    return (
        <section class="group">
            <h2>{t("import.incoming")}</h2>
            <ul class="incoming-key">{there.map((s) => <li key={s}><Symbol kind={s} />{t(`import.state.${s}`)}</li>)}</ul>
            {all > sample.features.length ? <p class="hint">{t("import.sample", { n: sample.features.length, total: all })}</p> : null}
            {there.length > 1 ? <Choice label={t("import.show_state")} value={shown} onChange={setState} options={there.map((s) => [s, t(`import.state.${s}`)])} /> : null}
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("import.incoming")}>
                <table>
                    <thead><tr><th scope="col" class="number">{t("import.row")}</th>{columns.map((c) => <th key={c} scope="col">{word("column", c)}</th>)}<th scope="col">{t("column.position")}</th></tr></thead>
                    <tbody>{rows.map((f, i) => {
                        const box = f.geometry ? boundsOf(f.geometry) : null, at: [number, number] | null = box ? [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] : null;
                        return (
                            <tr key={i}>
                                <th scope="row" class="number">{String(f.properties?.row ?? "")}</th>
                                {columns.map((c) => <td key={c}>{cell(c, f.properties?.[c])}</td>)}
                                <td class="nowrap">{at ? <button type="button" class="link" onClick={() => flyTo(at[0], at[1])}>{formatCoordinate(form, at[0], at[1])}</button> : "–"}</td>
                            </tr>
                        );
                    })}</tbody>
                </table>
            </div>
            {sample.features.filter((f) => stateOf(f) === shown).length > rows.length ? <p class="hint">{t("import.table_cut", { n: rows.length })}</p> : null}
        </section>
    );
}
