/*
 * Where a record stands on its way, and what may be done with it: change, submit, approve, return with a comment. What was said about it, and what hangs on it.
 */
import "../../more";

import { useEffect, useState } from "preact/hooks";

import { ApiError, record } from "../../api";
import { to } from "../../route";
import { app, useText } from "../../state";
import { Busy, Trouble, useAsk, useWord } from "../../ui";
import { moment } from "../../words";
import { Attachments } from "./attachments";
import * as calls from "./calls";
import { Field } from "./fields";
import { drop, find, keep, person } from "./kept";
import { lookAgain } from "./waits";

type Reviews = NonNullable<calls.Whole["reviews"]>;

function Reviews({ rows }: { rows: Reviews }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    if (!rows.length) return null;
    return (
        <ol class="history reviews" aria-label={t("way.reviews")}>
            {rows.map((r, i) => (
                <li key={i}><time dateTime={r.at}>{moment(language, r.at)}</time> {t(`act.${r.act}`)} <span class="muted">{r.person}{r.role ? ` (${word("role", r.role)})` : ""}</span>
                    {r.comment ? <q class="comment">{r.comment}</q> : null}</li>
            ))}
        </ol>
    );
}

interface Comment {
    person: string;
    text: string;
}

/* The comment is kept as a form is: a session may end while it is written. */
function Steps({ found, onDone }: { found: calls.Whole; onDone: () => void }) {
    const t = useText();
    const key = `comment:${found.kind}:${found.code}`;
    const [who] = useState(person);
    const [comment, setComment] = useState(() => find<Comment>(key)?.text ?? "");
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const [missing, setMissing] = useState(false);
    const may = found.may ?? [];
    const act = async (what: calls.Act) => {
        if (what === "return" && !comment.trim()) return setMissing(true);
        setBusy(true);
        setError(null);
        try {
            await calls.step(found.kind, found.code, what, found.version ?? "", comment);
            drop(key);
            setComment("");
            void lookAgain();
            onDone();
        } catch (e) {
            setError(e);
        }
        setBusy(false);
    };
    const acts = (["submit", "approve", "return"] as const).filter((a) => may.includes(a));
    if (!acts.length) return error ? <Trouble error={error} /> : null;
    const reviews = acts.includes("approve") || acts.includes("return");
    return (
        <div class="steps">
            <Field label={t(reviews ? "way.comment_review" : "way.comment")} value={comment} lines={2} wrong={missing ? t("way.comment_missing") : ""} onInput={(v) => {
                setComment(v);
                setMissing(false);
                if (v) keep(key, { person: who, text: v });
                else drop(key);
            }} />
            {error ? <Trouble error={error} /> : null}
            {error instanceof ApiError && error.status === 409 ? <button type="button" class="quiet" onClick={() => {
                setError(null);
                onDone();
            }}>{t("way.look_again")}</button> : null}
            <div class="row">
                {acts.map((a) => <button key={a} type="button" class={a === "return" ? "quiet" : ""} disabled={busy} onClick={() => void act(a)}>{t(`way.${a}`)}</button>)}
            </div>
        </div>
    );
}

/* What came of entering or changing it, on the page where that leads. */
function Told({ code }: { code: string }) {
    const t = useText();
    const told = app.use((s) => s.told);
    useEffect(() => () => {
        if (app.get().told?.code === code) app.set({ told: null });
    }, [code]);
    if (told?.code !== code) return null;
    return (
        <>
            <p class="notice done" role="status">{t(told.isNew ? "way.entered" : "way.changed", { code })}</p>
            {told.doubts.length ? <div class="notice warn" role="alert"><b>{t("way.doubts")}</b><ul>{told.doubts.map((d) => <li key={d}>{d}</li>)}</ul></div> : null}
        </>
    );
}

function why(found: calls.Whole): "way.wait_other" | "way.own_draft" | null {
    const may = found.may ?? [];
    if (found.record_status === "submitted" && !may.includes("approve")) return "way.wait_other";
    if (found.record_status === "draft" && may.includes("submit")) return "way.own_draft";
    return null;
}

export function Way({ found, onDone }: { found: calls.Whole; onDone: () => void }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const status = found.record_status ?? "draft", hint = why(found);
    return (
        <section class="group way" aria-label={t("way.title")}>
            <Told code={found.code} />
            <div class="way-head">
                <span class={`tag way-${status}`}>{t(`way.is_${status}`)}</span>
                {found.entered_by ? <small>{t("way.entered_by", { who: found.entered_by, when: moment(language, found.entered_at) })}</small> : null}
                {found.approved_by && status === "approved" ? <small>{t("way.approved_by", { who: found.approved_by, when: moment(language, found.approved_at) })}</small> : null}
            </div>
            {hint ? <p class="hint">{t(hint)}</p> : null}
            {found.may?.includes("change") ? <p><a class="button" href={to.edit(found.kind, found.code)}>{t("way.change")}</a></p> : null}
            <Steps key={`${found.code}${found.version}`} found={found} onDone={onDone} />
            <Reviews rows={found.reviews ?? []} />
        </section>
    );
}

/** Of a record that the page has already. */
export function RecordWork({ found, onDone }: { found: calls.Whole; onDone: () => void }) {
    if (!found.version) return null;
    return <><Way found={found} onDone={onDone} /><Attachments kind={found.kind} code={found.code} /></>;
}

/** Of an area: its page knows of the assessment and decisions, and this of the record's own way. */
export function AreaWork({ code, onDone }: { code: string; onDone: () => void }) {
    const t = useText();
    const session = app.use((s) => s.session);
    const asked = useAsk((signal) => record("hazard-area", code, signal), [code, session?.name]);
    if (asked.error) return <Trouble error={asked.error} />;
    if (!asked.value) return <Busy />;
    if (!asked.value.version) return null;
    return (
        <>
            <Way found={asked.value} onDone={() => {
                asked.again();
                onDone();
            }} />
            <section class="group"><h2>{t("release.link_title")}</h2><p class="hint">{t("release.link_words")}</p><p><a class="button" href={to.release(code)}>{t("release.link")}</a></p></section>
        </>
    );
}
