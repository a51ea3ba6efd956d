/*
 * A new record of any kind, and a change of one. What is typed is kept until it is sent; where somebody else was quicker, nothing of either is lost: a person
 * decides column by column.
 */
import "../../more";

import { useEffect, useRef, useState } from "preact/hooks";

import { ApiError, record } from "../../api";
import { refresh } from "../../begin";
import { to } from "../../route";
import { app, isGuest, useText } from "../../state";
import { Busy, Notice, Panel, Symbol, Trouble, useAsk, useWord } from "../../ui";
import * as calls from "./calls";
import { Fields, useTypedWords } from "./fields";
import { begun, drop, find, formKey, keep, type Kept } from "./kept";
import { lookAgain } from "./waits";
import { blank, changeBody, columnOf, type Difference, isOfPlace, meet, merged, newBody, sameWhere, type Typed, typedOf, wrongAccuracy, wrongIn } from "./typed";
import { usePlaceWords, Where } from "./where";

/** Words that were used before, and the table of methods: to choose from, or to type something else. */
function useSuggestions(kind: string): Record<string, string[]> {
    const layers = app.use((s) => s.layers);
    const methods = useAsk((signal) => calls.methods(signal), [], kind === "search" || kind === "item");
    const organisations = [...new Set((layers?.vector ?? []).flatMap((l) => l.organisations))].sort();
    return { organisation: organisations, method: methods.value?.methods.map((m) => m.name) ?? [] };
}

/** The log-in is over: what was typed is kept, and comes back after the next one. */
export function LogInAgain() {
    const t = useText();
    return <p class="notice warn" role="alert">{t("form.log_in")} <a href={to.login()} onClick={() => app.set({ after: location.hash })}>{t("login.title")}</a></p>;
}

interface Sending {
    busy: boolean;
    error: unknown;
    refused: { name: string | null; message: string; english?: string };
}

const still: Sending = { busy: false, error: null, refused: { name: null, message: "" } };

const isStatus = (error: unknown, status: number) => error instanceof ApiError && error.status === status;

interface FormProps {
    kind: calls.Kind;
    typed: Typed;
    was: Typed;
    sending: Sending;
    onChange: (patch: Partial<Typed>) => void;
    onSend: () => void;
    onDrop: () => void;
    sendWords: string;
    unchanged?: boolean;
}

/** The form itself, the same for a new record and for one that is changed. */
export function RecordForm({ kind, typed, was, sending, onChange, onSend, onDrop, sendWords, unchanged = false }: FormProps) {
    const t = useText();
    const guest = app.use(isGuest);
    const suggestions = useSuggestions(kind.name);
    const { refused, error } = sending;
    const outside = /outside the area/.test(refused.english ?? "") || typed.outside;
    const wrong = kind.columns.some((c) => wrongIn(c, typed.columns[c.name] ?? "")) || !!wrongAccuracy(typed.accuracy);
    const placed = typed.how === "typed" ? !!typed.position.trim() : !!typed.geometry;
    return (
        <form class="record-form" onSubmit={(e) => {
            e.preventDefault();
            if (!wrong && placed && !sending.busy && !unchanged) onSend();
        }}>
            <Where of={kind.geometry} typed={typed} onChange={onChange} wrong={refused.name === "position" ? refused.message : ""} />
            {outside ? (
                <label class="option"><input type="checkbox" checked={typed.outside} onChange={(e) => onChange({ outside: e.currentTarget.checked })} /><span>{t("form.outside")}</span></label>
            ) : null}
            <section class="group">
                <h2>{t("form.what")}</h2>
                <Fields kind={kind.name} columns={kind.columns} typed={typed} was={was} suggestions={suggestions} refused={refused} onChange={onChange} />
            </section>
            <div class="send">
                {guest ? <LogInAgain /> : null}
                {error && !isStatus(error, 401) ? <Trouble error={error} /> : null}
                {isStatus(error, 0) ? <p class="hint">{t("form.lost")}</p> : null}
                {!error && refused.message && refused.name === null ? <p class="notice trouble" role="alert">{refused.message}</p> : null}
                {wrong ? <p class="hint">{t("form.mend_first")}</p> : !placed ? <p class="hint">{t("form.where_first")}</p> : null}
                <div class="row">
                    <button type="submit" disabled={sending.busy || wrong || !placed || unchanged || guest}>{sendWords}</button>
                    <button type="button" class="quiet" onClick={onDrop}>{t("form.drop")}</button>
                </div>
                <small>{t("form.kept")}</small>
            </div>
        </form>
    );
}

/* What the server will not take belongs to a field, where its sentence begins with one. */
function sendingOf(error: unknown, kind: calls.Kind): Sending {
    if (error instanceof ApiError && error.status === 422) {
        const place = isOfPlace(error.english) && columnOf(error.english, kind.columns) === null;
        return { ...still, refused: { name: place ? "position" : columnOf(error.english, kind.columns), message: error.message, english: error.english } };
    }
    return { ...still, error };
}

function New({ kind }: { kind: calls.Kind }) {
    const t = useText();
    const key = formKey(kind.name);
    const { lon, lat } = app.get().route;
    const [again] = useState(() => find(key) !== null);
    const [kept, setKept] = useState<Kept>(() => find(key) ?? begun(lon !== null && lat !== null && (kind.geometry === "point" || kind.geometry === "any")
        ? { ...blank(), how: "map", geometry: { type: "Point", coordinates: [lon, lat] } } : blank()));
    const [sending, setSending] = useState<Sending>(still);
    const [round, setRound] = useState(0);
    const latest = useRef(kept);
    latest.current = kept;
    const change = (patch: Partial<Typed>) => {
        setSending((last) => (last.refused.message ? still : last));
        const next = { ...latest.current, typed: { ...latest.current.typed, ...patch } };
        latest.current = next;
        setKept(next);
        keep(key, next);
    };
    const send = async () => {
        setSending({ ...still, busy: true });
        try {
            const made = await calls.create(kind.name, newBody(kept.id, kind.columns, kept.typed));
            drop(key);
            app.set({ told: { kind: kind.name, code: made.code, isNew: true, doubts: made.doubts.map((d) => d.message) } });
            void lookAgain();
            void refresh();
            location.hash = to.record(kind.name, made.code);
        } catch (error) {
            const code = isStatus(error, 409) ? /\b[A-Z]{2}-\d+\b/.exec((error as ApiError).english)?.[0] : null;
            if (code) await goOn(code);
            else setSending(sendingOf(error, kind));
        }
    };
    /* It had been entered before its answer was lost, and was typed on since: what was typed becomes a change of it. */
    const goOn = async (code: string) => {
        try {
            const there = await record(kind.name, code);
            if (!there.version) throw new Error(code);
            keep(formKey(kind.name, code), { ...kept, base: { version: there.version, typed: typedOf(there) } });
            drop(key);
            location.hash = to.edit(kind.name, code);
        } catch (error) {
            setSending(sendingOf(error, kind));
        }
    };
    const giveUp = () => {
        drop(key);
        setKept(begun());
        setSending(still);
        setRound((n) => n + 1);
        app.set({ ring: [], marks: [] });
    };
    return (
        <>
            {again && round === 0 ? <Notice>{t("form.again")}</Notice> : <p class="hint">{t("form.new_words")}</p>}
            <RecordForm key={round} kind={kind} typed={kept.typed} was={blank()} sending={sending} onChange={change} onSend={() => void send()} onDrop={giveUp} sendWords={t("form.enter")} />
        </>
    );
}

export function useKinds() {
    const language = app.use((s) => s.language);
    const guest = app.use(isGuest);
    const [first] = useState(guest);
    return { ...useAsk((signal) => calls.kinds(signal), [language, first && guest], !(first && guest)), nobody: first && guest };
}

export function NewPanel() {
    const t = useText();
    const word = useWord();
    const { kind: wanted, lon, lat } = app.use((s) => s.route);
    const asked = useKinds();
    const kind = asked.value?.kinds.find((k) => k.name === wanted);
    return (
        <Panel key={wanted} title={kind ? t("form.new", { kind: t(`one.${kind.name}`) }) : t("form.new_record")} back={kind ? to.add() : to.queue()}>
            {asked.nobody ? <LogInAgain /> : asked.error && !asked.value ? <Trouble error={asked.error} /> : !asked.value ? <Busy /> : kind ? <New key={kind.name} kind={kind} /> : (
                <>
                    <p>{t("form.choose")}</p>
                    <ul class="plain cards">
                        {asked.value.kinds.map((k) => <li key={k.name}><a class="area-card" href={to.add(k.name, lon, lat)}><span class="area-name"><Symbol kind={k.name} /> <b>{t(`one.${k.name}`)}</b></span><span class="muted">{word("kind", k.name)}</span></a></li>)}
                    </ul>
                </>
            )}
        </Panel>
    );
}

/* Two versions of a record, column by column, for a person to decide. */
function Meeting({ kind, differences, by, onTake, onDone }: {
    kind: calls.Kind; differences: Difference[]; by: string; onTake: (name: string, take: "mine" | "theirs") => void; onDone: () => void;
}) {
    const t = useText();
    const word = useWord();
    const typedWords = useTypedWords();
    const placeWords = usePlaceWords();
    const head = useRef<HTMLHeadingElement>(null);
    useEffect(() => head.current?.focus(), []);
    const text = (d: Difference, value: string) => (d.name === "position" ? placeWords(value) || "–" : typedWords(kind.columns.find((c) => c.name === d.name), value));
    const open = differences.filter((d) => d.take === null).length;
    return (
        <section class="group meeting" aria-labelledby="meeting-title">
            <h2 id="meeting-title" tabIndex={-1} ref={head}>{t("meet.title")}</h2>
            <p class="notice warn" role="alert">{by ? t("meet.by", { who: by }) : t("meet.somebody")} {t("meet.words")}</p>
            {differences.length === 0 ? <p>{t("meet.same")}</p> : differences.map((d) => (
                <fieldset class="decide" key={d.name}>
                    <legend>{word("column", d.name)}</legend>
                    <p class="muted">{t("meet.before")} {text(d, d.base)}</p>
                    {(["mine", "theirs"] as const).map((side) => (
                        <label key={side} class={d.take === side ? "side taken" : "side"}>
                            <input type="radio" name={`take-${d.name}`} checked={d.take === side} onChange={() => onTake(d.name, side)} />
                            <span><b>{t(side === "mine" ? "meet.mine" : "meet.theirs")}</b> {text(d, d[side])}</span>
                        </label>
                    ))}
                    {d.take === null ? <small class="wrong">{t("meet.both")}</small> : null}
                </fieldset>
            ))}
            {open ? <p class="hint" role="status">{t("meet.open#", { n: open })}</p> : null}
            <button type="button" disabled={open > 0} onClick={onDone}>{t("meet.done")}</button>
        </section>
    );
}

interface Met {
    newest: calls.Whole;
    theirs: Typed;
    differences: Difference[];
}

function Change({ kind, first }: { kind: calls.Kind; first: calls.Whole }) {
    const t = useText();
    const code = first.code, key = formKey(kind.name, code);
    const newest = { version: first.version!, typed: typedOf(first) };
    const [again] = useState(() => find(key) !== null);
    const [kept, setKept] = useState<Kept>(() => find(key) ?? { ...begun(newest.typed), base: newest });
    const base = kept.base ?? newest;
    const [met, setMet] = useState<Met | null>(() => (base.version !== first.version ? meeting(kind, base.typed, kept.typed, first) : null));
    const [sending, setSending] = useState<Sending>(still);
    const [round, setRound] = useState(0);
    const latest = useRef(kept);
    latest.current = kept;
    const put = (next: Kept) => {
        setSending((last) => (last.refused.message ? still : last));
        latest.current = next;
        setKept(next);
        keep(key, next);
    };
    const body = changeBody(kind.columns, base.typed, kept.typed);
    const send = async () => {
        if (!body) return;
        setSending({ ...still, busy: true });
        try {
            const told = await calls.change(kind.name, code, base.version, body);
            drop(key);
            app.set({ told: { kind: kind.name, code, isNew: false, doubts: told.doubts.map((d) => d.message) } });
            void lookAgain();
            void refresh();
            location.hash = to.record(kind.name, code);
        } catch (error) {
            if (!isStatus(error, 409)) return setSending(sendingOf(error, kind));
            try {
                const there = await record(kind.name, code);
                setSending(there.version === base.version ? { ...still, error } : still);
                if (there.version !== base.version) setMet(meeting(kind, base.typed, latest.current.typed, there));
            } catch (e) {
                setSending({ ...still, error: e });
            }
        }
    };
    const decided = () => {
        if (!met) return;
        put({ ...kept, base: { version: met.newest.version!, typed: met.theirs }, typed: merged(met.differences, kept.typed, met.theirs) });
        setMet(null);
        setRound((n) => n + 1);
    };
    const giveUp = () => {
        drop(key);
        location.hash = to.record(kind.name, code);
    };
    if (met)
        return <Meeting kind={kind} differences={met.differences} by={byOf(met.newest)} onDone={decided}
            onTake={(name, take) => setMet({ ...met, differences: met.differences.map((d) => (d.name === name ? { ...d, take } : d)) })} />;
    return (
        <>
            {again && round === 0 ? <Notice>{t("form.again")}</Notice> : round > 0 ? <p class="notice" role="status">{t("meet.merged")}</p> : null}
            {first.record_status === "approved" ? <Notice kind="warn">{t("form.approved_words")}</Notice> : null}
            <RecordForm key={round} kind={kind} typed={kept.typed} was={base.typed} sending={sending} unchanged={!body} onSend={() => void send()} onDrop={giveUp} sendWords={t("form.save")}
                onChange={(patch) => put({ ...latest.current, base, typed: { ...latest.current.typed, ...patch } })} />
            {!body && sameWhere(base.typed, kept.typed) ? <p class="hint">{t("form.unchanged")}</p> : null}
        </>
    );
}

const byOf = (record: calls.Whole): string => record.history?.[0]?.actor ?? "";

function meeting(kind: calls.Kind, base: Typed, mine: Typed, newest: calls.Whole): Met {
    const theirs = typedOf(newest);
    return { newest, theirs, differences: meet(kind.columns, base, mine, theirs) };
}

export function EditPanel() {
    const t = useText();
    const word = useWord();
    const { kind: name, code } = app.use((s) => s.route);
    const kinds = useKinds();
    const kind = kinds.value?.kinds.find((k) => k.name === name);
    const asked = useAsk((signal) => record(name, code, signal), [name, code], !kinds.nobody);
    const found = asked.value;
    return (
        <Panel key={code} title={t("form.change", { code })} back={to.record(name, code)}>
            <p class="subtitle"><Symbol kind={name} /> {word("kind", name)}</p>
            {kinds.nobody ? <LogInAgain /> : kinds.error || (asked.error && !found) ? <Trouble error={kinds.error ?? asked.error} />
                : !found || !kinds.value ? <Busy /> : !kind || !found.version || !found.may?.includes("change") ? <Notice kind="warn">{t("form.may_not")}</Notice>
                    : <Change key={`${name}/${code}`} kind={kind} first={found} />}
        </Panel>
    );
}
