/*
 * Rows that were refused stay here until each is mended: by a person, in the form of a record, with the row as it came beside it. A proposal is offered and
 * never taken by itself.
 */
import { useRef, useState } from "preact/hooks";

import { ApiError } from "../../api";
import { to } from "../../route";
import { app, useText } from "../../state";
import { Busy, Choice, Notice, Panel, Symbol, Trouble, useAsk, useWord } from "../../ui";
import * as work from "../work/calls";
import { RecordForm, useKinds } from "../work/record_form";
import { begun, drop, find, keep, type Kept } from "../work/kept";
import { blank, columnOf, isOfPlace, newBody, type Typed } from "../work/typed";
import * as calls from "./calls";
import { Original, Proposal, useReason } from "./outcome";

const PAGE = 50;

const filled = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

/** A refused row as the form of a record shows it: by the mapping of its import, and its proposal where somebody takes it. */
export function typedFrom(row: Pick<calls.KeptRow, "original" | "mapping">, columns: string[], taken: calls.Values | null): Typed {
    const mapping = row.mapping ?? {}, original = (row.original ?? {}) as calls.Values, typed = blank();
    const of = (field: string): string => {
        if (taken && field in taken) return filled(taken[field]);
        const column = mapping[field];
        return column === undefined ? "" : column.startsWith("=") ? column.slice(1) : filled(original[column]);
    };
    for (const name of columns) typed.columns[name] = of(name);
    typed.remarks = of("remarks");
    typed.accuracy = of("accuracy");
    const lon = of("lon"), lat = of("lat");
    /* With letters there is no doubt which is which. */
    typed.position = lon && lat ? (/^[-+\d.,\s]+$/.test(lon + lat) ? `${lat} N, ${lon} E` : `${lat} ${lon}`) : of("position");
    return typed;
}

function useMending(row: calls.KeptRow, kind: work.Kind, id: string, onMended: (code: string) => void) {
    const [sending, setSending] = useState({ busy: false, error: null as unknown, refused: { name: null as string | null, message: "", english: "" } });
    const send = async (typed: Typed) => {
        setSending({ busy: true, error: null, refused: { name: null, message: "", english: "" } });
        try {
            const made = await calls.mend(row.id, newBody(id, kind.columns, typed));
            app.set({ told: { kind: kind.name, code: made.code, isNew: true, doubts: made.doubts.map((d) => d.message) } });
            onMended(made.code);
        } catch (error) {
            if (!(error instanceof ApiError) || error.status !== 422) return setSending({ busy: false, error, refused: { name: null, message: "", english: "" } });
            const column = columnOf(error.english, kind.columns);
            const place = column === null && isOfPlace(error.english);
            setSending({ busy: false, error: null, refused: { name: place ? "position" : column, message: error.message, english: error.english } });
        }
    };
    return { sending, send };
}

function Mend({ row, kind }: { row: calls.KeptRow; kind: work.Kind }) {
    const t = useText();
    const reason = useReason();
    const names = kind.columns.map((c) => c.name);
    const key = `mend:${row.id}`;
    const [first] = useState<Kept>(() => find(key) ?? begun(typedFrom(row, names, null)));
    const [typed, setTyped] = useState<Typed>(first.typed);
    const latest = useRef(typed);
    const [round, setRound] = useState(0);
    const [taken, setTaken] = useState(false);
    const { sending, send } = useMending(row, kind, first.id, (code) => {
        drop(key);
        location.hash = to.record(kind.name, code);
    });
    const put = (next: Typed) => {
        latest.current = next;
        setTyped(next);
        keep(key, { ...first, typed: next });
    };
    const take = (values: calls.Values | null) => {
        put(typedFrom(row, names, values));
        setTaken(values !== null);
        setRound((n) => n + 1);
    };
    return (
        <>
            <section class="group">
                <p class="notice warn"><b>{reason(row.reason)}</b><br />{row.message}</p>
                <details open><summary>{t("refused.as_it_came", { file: row.file, row: row.row })}</summary><Original values={row.original as calls.Values | null} /></details>
                {row.proposal ? (
                    <div class="offer">
                        <p>{t("refused.offer")} <Proposal proposal={row.proposal as calls.Values} /></p>
                        {taken ? <p role="status">{t("refused.taken")} <button type="button" class="link" onClick={() => take(null)}>{t("refused.untake")}</button></p>
                            : <button type="button" class="quiet" onClick={() => take(row.proposal as calls.Values)}>{t("refused.take")}</button>}
                    </div>
                ) : null}
            </section>
            <RecordForm key={round} kind={kind} typed={typed} was={blank()} sending={sending} onChange={(patch) => put({ ...latest.current, ...patch })}
                onSend={() => void send(typed)} onDrop={() => take(null)} sendWords={t("refused.enter")} />
        </>
    );
}

function MendPanel({ of, id }: { of: string; id: string }) {
    const t = useText();
    const asked = useAsk((signal) => calls.refused({ id }, signal), [id]);
    const kinds = useKinds();
    const row = asked.value?.refused[0], kind = kinds.value?.kinds.find((k) => k.name === row?.kind);
    return (
        <Panel key={id} title={row ? t("refused.mend_row", { row: row.row }) : t("refused.title")} back={to.refused(of)}>
            {asked.error || kinds.error ? <Trouble error={asked.error ?? kinds.error} /> : !asked.value || !kinds.value ? <Busy />
                : !row || !kind ? <Notice kind="warn">{t("refused.none_such")}</Notice>
                    : row.mended_as ? <Notice>{t("refused.mended_as")} <a href={to.record(kind.name, row.mended_as)}>{row.mended_as}</a></Notice>
                        : <Mend key={row.id} row={row} kind={kind} />}
        </Panel>
    );
}

function Row({ row, of }: { row: calls.KeptRow; of: string }) {
    const t = useText();
    const word = useWord();
    const reason = useReason();
    const what = row.kind ? word("kind", row.kind) : "";
    return (
        <li class="refused-row">
            <p><Symbol kind={row.kind ?? ""} /> <b>{reason(row.reason)}</b> <small>{t("refused.from", { file: row.file, row: row.row })} · {what}</small></p>
            <p>{row.message}</p>
            <details><summary>{t("import.as_it_came")}</summary><Original values={row.original as calls.Values | null} /></details>
            {row.mended_as ? <p class="mended"><span aria-hidden="true">✓</span> {t("refused.mended_as")} <a href={to.record(row.kind ?? "", row.mended_as)}>{row.mended_as}</a></p>
                : <a class="button" href={to.refused(of || String(row.import), String(row.id))} aria-label={t("refused.mend_row", { row: row.row })}>{t("refused.mend")}</a>}
        </li>
    );
}

export function RefusedPanel({ of, id }: { of: string; id: string }) {
    const t = useText();
    const [open, setOpen] = useState<"open" | "all">("open");
    const [offset, setOffset] = useState(0);
    const asked = useAsk((signal) => calls.refused({ import: of, open: open === "open" ? "yes" : "", limit: PAGE, offset }, signal), [of, open, offset], !id);
    if (id) return <MendPanel of={of} id={id} />;
    const list = asked.value;
    const show = (which: "open" | "all") => {
        setOpen(which);
        setOffset(0);
    };
    return (
        <Panel key={of} title={of ? t("refused.of_import", { n: of }) : t("refused.title")} back={to.import()}>
            <p class="hint">{t("refused.words")}</p>
            <Choice label={t("refused.show")} value={open} onChange={show} options={[["open", t("refused.open")], ["all", t("refused.with_mended")]]} />
            {asked.error ? <Trouble error={asked.error} /> : !list ? <Busy /> : (
                <>
                    <p class="hint" role="status">{t("refused.count#", { n: list.total })}{list.total > PAGE ? ` ${t("table.part", { from: offset + 1, to: Math.min(offset + PAGE, list.total) })}` : ""}</p>
                    <ul class="plain cards">{list.refused.map((row) => <Row key={row.id} row={row} of={of} />)}</ul>
                    {list.total > PAGE ? (
                        <div class="row">
                            <button type="button" class="quiet" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>{t("table.before")}</button>
                            <button type="button" class="quiet" disabled={offset + PAGE >= list.total} onClick={() => setOffset(offset + PAGE)}>{t("table.after")}</button>
                        </div>
                    ) : null}
                </>
            )}
            {of ? <p><a href={to.refused()}>{t("refused.all")}</a></p> : null}
        </Panel>
    );
}
