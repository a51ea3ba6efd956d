/*
 * Evidence that came into released areas: each waits for an answer by an approver or a quality manager, and none goes away.
 */
import "../../more";

import { useState } from "preact/hooks";

import { to } from "../../route";
import { app, isGuest, useText } from "../../state";
import { Busy, Choice, Panel, Trouble, useAsk, useWord } from "../../ui";
import { date } from "../../words";
import * as calls from "./calls";
import { Field } from "./fields";
import { drop, find, keep, person } from "./kept";
import { LogInAgain } from "./record_form";
import { lookAgain } from "./waits";

function Answer({ finding, onDone }: { finding: calls.Finding; onDone: () => void }) {
    const t = useText();
    const key = `answer:${finding.id}`;
    const [who] = useState(person);
    const [text, setText] = useState(() => find<{ person: string; text: string }>(key)?.text ?? "");
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const send = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        try {
            await calls.answer(finding.id, text.trim());
            drop(key);
            setError(null);
            void lookAgain();
            onDone();
        } catch (trouble) {
            setError(trouble);
        }
        setBusy(false);
    };
    return (
        <form class="form" onSubmit={(e) => void send(e)}>
            <Field label={t("findings.answer")} lines={3} value={text} hint={t("findings.answer_hint")} onInput={(v) => {
                setText(v);
                if (v) keep(key, { person: who, text: v });
                else drop(key);
            }} />
            {error ? <Trouble error={error} /> : null}
            <button type="submit" disabled={busy || !text.trim()}>{t("findings.send")}</button>
        </form>
    );
}

export function FindingsPanel() {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const guest = app.use(isGuest);
    const role = app.use((s) => s.session?.role ?? "guest");
    const [which, setWhich] = useState<"open" | "all">("open");
    const asked = useAsk((signal) => calls.findings(which === "all", "", signal), [which, role], !guest);
    const may = role === "approver" || role === "quality manager";
    return (
        <Panel title={t("findings.title")} back={to.queue()}>
            <p class="hint">{t("findings.words")}</p>
            {guest ? <LogInAgain /> : (
                <>
                    <Choice label={t("findings.which")} value={which} onChange={setWhich} options={[["open", t("findings.open")], ["all", t("findings.with_answered")]]} />
                    {asked.error ? <Trouble error={asked.error} /> : !asked.value ? <Busy /> : asked.value.findings.length === 0 ? <p role="status">{t("findings.none")}</p> : (
                        <ul class="plain cards">
                            {asked.value.findings.map((f) => (
                                <li key={f.id} class="finding">
                                    <p><b><a href={to.record("hazard-area", f.area)}>{f.area}</a></b> · {t(`one.${f.kind}`)} <a href={to.record(f.kind, f.record)}>{f.record}</a></p>
                                    <p>{f.message}</p>
                                    <small>{t("findings.raised", { when: date(language, f.raised) })}</small>
                                    {f.answered ? <p class="notice">{t("findings.answered", { who: f.answered.person, role: word("role", f.answered.role), when: date(language, f.answered.date) })} <q class="comment">{f.answered.answer}</q></p>
                                        : may ? <Answer finding={f} onDone={asked.again} /> : <p class="notice warn">{t("findings.who")}</p>}
                                </li>
                            ))}
                        </ul>
                    )}
                </>
            )}
        </Panel>
    );
}
