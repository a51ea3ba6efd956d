/*
 * Changes from the field that met a newer version of their record: side by side what the device saw, what it sent and what stands in the register; a person
 * chooses each. Beside them what was refused and nobody has mended.
 */
import "../more";

import { useState } from "preact/hooks";

import type { Conflicts, ConflictsConflict, FieldRefused } from "../../generated/schemas";
import * as api from "../api";
import { to } from "../route";
import { app, isGuest, useText } from "../state";
import { Busy, Notice, Panel, Trouble, useAsk, useCell, useWord } from "../ui";
import { moment } from "../words";
import { AttachmentRow } from "./work/attachments";

type Choice = "field" | "register";

function Columns({ one, take, set }: { one: ConflictsConflict; take: Record<string, Choice>; set: (name: string, choice: Choice) => void }) {
    const t = useText();
    const word = useWord();
    const cell = useCell();
    const pick = (name: string, choice: Choice, value: unknown) => (
        <label class="option">
            <input type="radio" name={`${one.id}-${name}`} checked={take[name] === choice} onChange={() => set(name, choice)} />
            <span><span class="hidden">{word("column", name)}, {t(choice === "field" ? "conflicts.field" : "conflicts.register")}: </span>{cell(name, value)}</span>
        </label>
    );
    return (
        <div class="table-scroll" tabIndex={0} role="region" aria-label={`${one.code}: ${t("conflicts.field")}, ${t("conflicts.register")}`}>
            <table>
                <thead><tr><th scope="col">{t("conflicts.column")}</th><th scope="col">{t("conflicts.seen")}</th><th scope="col">{t("conflicts.field")}</th><th scope="col">{t("conflicts.register")}</th></tr></thead>
                <tbody>{one.columns.map((c) => (
                    <tr key={c.name}>
                        <th scope="row">{word("column", c.name)}</th>
                        <td>{cell(c.name, c.seen)}</td>
                        <td>{pick(c.name, "field", c.field)}</td>
                        <td>{pick(c.name, "register", c.register)}</td>
                    </tr>
                ))}</tbody>
            </table>
        </div>
    );
}

/* What came with it: kept with what came, whatever is decided. */
function Photographs({ list, words }: { list: ConflictsConflict["photographs"]; words: string }) {
    const t = useText();
    if (!list.length) return null;
    return (
        <div class="came" role="group" aria-label={t("conflicts.photos")}>
            <h3>{t("conflicts.photos")} <span class="badge">{list.length}</span></h3>
            <ul class="plain attachments">{list.map((p) => <AttachmentRow key={p.id} one={p} />)}</ul>
            <p class="hint">{words}</p>
        </div>
    );
}

function One({ one, decides, again }: { one: ConflictsConflict; decides: boolean; again: () => void }) {
    const t = useText();
    const language = app.use((s) => s.language);
    /* What is the same on both sides is no question. */
    const [take, setTake] = useState<Record<string, Choice>>(() => Object.fromEntries(one.columns.filter((c) => c.field === c.register).map((c) => [c.name, "register" as Choice])));
    const [comment, setComment] = useState(""), [error, setError] = useState<unknown>(null), [busy, setBusy] = useState(false);
    const whole = one.columns.every((c) => take[c.name]);
    const decide = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        try {
            await api.ask(`/conflicts/${one.id}/decide`, { method: "POST", body: { take, ...(comment.trim() ? { comment: comment.trim() } : {}) }, headers: { "If-Match": `"${one.version}"` } });
            again();
        } catch (trouble) {
            setError(trouble);
        }
        setBusy(false);
    };
    return (
        <section class="group" aria-label={one.code ?? one.uuid}>
            <h2><a href={to.record(one.kind, one.code ?? "")}>{one.code}</a></h2>
            <p class="hint">{t("conflicts.came", { who: one.person || "–", made: moment(language, one.made_at), received: moment(language, one.received_at) })}</p>
            {one.ahead_s !== null && Math.abs(one.ahead_s) > 300 ? <Notice kind="warn">{t("conflicts.clock", { minutes: Math.round(one.ahead_s / 60) })}</Notice> : null}
            {one.message ? <p>{one.message}</p> : null}
            <Photographs list={one.photographs} words={t("conflicts.photos_words")} />
            <form class="conflict" onSubmit={(e) => void decide(e)}>
                <Columns one={one} take={take} set={(name, choice) => setTake({ ...take, [name]: choice })} />
                {decides && one.version ? (
                    <>
                        <div class="field"><label for={`comment-${one.id}`}>{t("conflicts.comment")}</label><textarea id={`comment-${one.id}`} rows={2} value={comment} onInput={(e) => setComment(e.currentTarget.value)} /></div>
                        {error ? <Trouble error={error} /> : null}
                        <button type="submit" disabled={!whole || busy}>{t("conflicts.decide")}</button>
                        {whole ? null : <p class="hint">{t("conflicts.each")}</p>}
                    </>
                ) : null}
                {one.version ? null : <Notice kind="warn">{t("conflicts.gone")}</Notice>}
            </form>
        </section>
    );
}

function Refused({ list }: { list: FieldRefused["records"] }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    return (
        <section class="group">
            <h2>{t("conflicts.refused")}</h2>
            <p class="hint">{t("conflicts.refused_words")}</p>
            <ul class="plain cards">{list.map((r) => (
                <li key={r.uuid}>
                    <p><b>{word("kind", r.kind)}</b> · {t("conflicts.came", { who: r.person || "–", made: moment(language, r.made_at), received: moment(language, r.received_at) })}</p>
                    <p class="notice warn">{r.message}</p>
                    <Photographs list={r.photographs} words={t("conflicts.photos_refused")} />
                    <details><summary>{t("conflicts.as_it_came")}</summary><pre tabIndex={0}>{JSON.stringify(r.body, null, 1)}</pre></details>
                </li>
            ))}</ul>
        </section>
    );
}

export function ConflictsPanel() {
    const t = useText();
    const guest = app.use(isGuest);
    const session = app.use((s) => s.session);
    const decides = ["verifier", "approver", "administrator"].includes(session?.role ?? "");
    const conflicts = useAsk((signal) => api.ask<Conflicts>("/conflicts", { signal }), [session?.name], !guest);
    const refused = useAsk((signal) => api.ask<FieldRefused>("/field/refused", { signal }), [session?.name], decides);
    if (guest) return <Panel title={t("conflicts.title")} back={to.map()}><Trouble error={new api.ApiError(401, "", "")} /></Panel>;
    return (
        <Panel title={t("conflicts.title")} back={to.queue()}>
            <p class="hint">{t("conflicts.words")}</p>
            {conflicts.error ? <Trouble error={conflicts.error} /> : null}
            {conflicts.value ? null : conflicts.error ? null : <Busy />}
            {conflicts.value?.total === 0 ? <Notice>{t("conflicts.none")}</Notice> : null}
            {conflicts.value?.conflicts.map((one) => <One key={`${one.id}-${one.version}`} one={one} decides={decides} again={conflicts.again} />)}
            {conflicts.value && conflicts.value.total > conflicts.value.conflicts.length ? <p class="hint">{t("conflicts.more", { n: conflicts.value.total - conflicts.value.conflicts.length })}</p> : null}
            {refused.value?.records.length ? <Refused list={refused.value.records} /> : null}
        </Panel>
    );
}
