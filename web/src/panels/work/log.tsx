/*
 * Who changed what, and who read what: the project's log, and the reads of sensitive records with what says whether lines are missing.
 */
import "../../more";

import { useState } from "preact/hooks";

import { isKey, type Key } from "../../i18n";
import { to } from "../../route";
import { app, isGuest, useText } from "../../state";
import { Busy, Choice, Notice, Panel, Select, Trouble, useAsk, useCell, useWord } from "../../ui";
import { moment } from "../../words";
import * as calls from "./calls";
import { LogInAgain } from "./record_form";

const KINDS = ["hazard-area", "accident", "item", "search", "report", "line", "place"];
const PAGE = 100;

/* A value that was not known, or is not any more, stands in one of the two only. */
function differ({ op, before, after }: calls.Line): string[] {
    if (op !== "update" || !before || !after) return [];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((k) => JSON.stringify(before[k] ?? null) !== JSON.stringify(after[k] ?? null));
}

function useTable(): (table: string) => string {
    const t = useText();
    const word = useWord();
    return (table) => (isKey(`table.${table}`) ? t(`table.${table}` as Key) : word("kind", table.replace(/_/g, "-")));
}

function What({ line }: { line: calls.Line }) {
    const t = useText();
    const word = useWord();
    const cell = useCell();
    const rows = differ(line);
    const shown = (line.op === "insert" ? line.after : line.op === "delete" ? line.before : null) ?? {};
    return (
        <>
            {line.moved && line.op === "update" ? <small class="change">{t("op.moved")}</small> : null}
            {rows.map((c) => <small class="change" key={c}>{word("column", c)}: {cell(c, line.before?.[c])} → {cell(c, line.after?.[c])}</small>)}
            {Object.keys(shown).length ? (
                <details><summary>{t("log.values")}</summary>
                    {Object.entries(shown).filter(([, v]) => v !== null && v !== "").map(([k, v]) => <small class="change" key={k}>{word("column", k)}: {typeof v === "object" ? JSON.stringify(v) : String(v)}</small>)}
                </details>
            ) : null}
        </>
    );
}

function Changes() {
    const t = useText();
    const word = useWord();
    const table = useTable();
    const language = app.use((s) => s.language);
    const [kind, setKind] = useState("");
    const [before, setBefore] = useState<number[]>([]);
    const asked = useAsk((signal) => calls.log(before.at(-1) ?? null, kind, signal), [kind, before.length]);
    const lines = asked.value?.lines ?? [];
    return (
        <>
            <Select label={t("table.kind")} value={kind} options={[["", t("filter.any")], ...KINDS.map((k): [string, string] => [k, word("kind", k)])]} onChange={(k) => {
                setKind(k);
                setBefore([]);
            }} />
            {asked.error ? <Trouble error={asked.error} /> : !asked.value ? <Busy /> : (
                <div class="table-holder" tabIndex={0} role="region" aria-label={t("log.changes")}>
                    <table class="log-table">
                        <caption class="hidden">{t("log.changes")}</caption>
                        <thead><tr><th scope="col">{t("log.when")}</th><th scope="col">{t("log.who")}</th><th scope="col">{t("log.did")}</th><th scope="col">{t("log.table")}</th><th scope="col">{t("log.what")}</th></tr></thead>
                        <tbody>{lines.map((l) => (
                            <tr key={l.id}><th scope="row"><time dateTime={l.at}>{moment(language, l.at)}</time></th><td>{l.actor ?? "–"}</td><td>{t(`op.${l.op}`)}</td>
                                <td>{table(l.table)} {String((l.after ?? l.before ?? {})[l.table === "account" ? "name" : "code"] ?? l.record)}</td><td><What line={l} /></td></tr>
                        ))}</tbody>
                    </table>
                </div>
            )}
            {asked.value && !asked.value.complete ? <p class="hint">{t("log.part")}</p> : null}
            <div class="row">
                <button type="button" class="quiet" disabled={!before.length} onClick={() => setBefore(before.slice(0, -1))}>{t("log.later")}</button>
                <button type="button" class="quiet" disabled={lines.length < PAGE} onClick={() => setBefore([...before, lines.at(-1)!.id])}>{t("log.earlier")}</button>
            </div>
        </>
    );
}

function ReadsTable() {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const [limit, setLimit] = useState(PAGE);
    const asked = useAsk((signal) => calls.reads(limit, signal), [limit]);
    if (asked.error) return <Trouble error={asked.error} />;
    if (!asked.value) return <Busy />;
    return (
        <>
            <Notice kind={asked.value.intact ? "plain" : "warn"}>{t(asked.value.intact ? "log.intact" : "log.broken")}</Notice>
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("log.reads")}>
                <table class="log-table">
                    <caption class="hidden">{t("log.reads")}</caption>
                    <thead><tr><th scope="col">{t("log.when")}</th><th scope="col">{t("log.who")}</th><th scope="col">{t("login.role")}</th><th scope="col">{t("log.what")}</th><th scope="col">{t("log.of")}</th><th scope="col" class="number">{t("log.n")}</th></tr></thead>
                    <tbody>{asked.value.lines.map((r, i) => (
                        <tr key={`${r.at}${i}`}><th scope="row"><time dateTime={r.at}>{moment(language, r.at)}</time></th><td>{r.person}</td><td>{word("role", r.role)}</td><td>{isKey(`read.${r.what}`) ? t(`read.${r.what}` as Key) : r.what}</td>
                            <td>{r.code && r.kind ? <a href={to.record(r.kind, r.code)}>{r.code}</a> : r.code || word("kind", r.kind)}</td><td class="number">{r.n}</td></tr>
                    ))}</tbody>
                </table>
            </div>
            <button type="button" class="quiet" disabled={asked.value.lines.length < limit || limit >= 1000} onClick={() => setLimit(1000)}>{t("log.earlier")}</button>
        </>
    );
}

export function LogPanel() {
    const t = useText();
    const guest = app.use(isGuest);
    const role = app.use((s) => s.session?.role ?? "guest");
    const reads = role === "administrator" || role === "quality manager";
    const [which, setWhich] = useState<"changes" | "reads">("changes");
    return (
        <Panel title={t("log.title")} back={to.queue()}>
            <p class="hint">{t("log.words")}</p>
            {guest ? <LogInAgain /> : role === "entry" ? <Notice kind="warn">{t("error.role")}</Notice> : (
                <>
                    {reads ? <Choice label={t("log.which")} value={which} onChange={setWhich} options={[["changes", t("log.changes")], ["reads", t("log.reads")]]} /> : null}
                    {which === "changes" || !reads ? <Changes /> : <ReadsTable />}
                </>
            )}
        </Panel>
    );
}
