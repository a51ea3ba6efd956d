/*
 * What to do when something is found, and whom to call. General sentences of risk education in our own words, after the field's standard messages
 * (do not touch, go back the way you came, mark, tell), and what the project has set.
 */
import { field } from "./state";
import { chosen, type FieldKey, useSay } from "./texts";

const steps: FieldKey[] = ["field.eore.stop", "field.eore.touch", "field.eore.back", "field.eore.mark", "field.eore.tell"];
const inside: FieldKey[] = ["field.eore.in_stay", "field.eore.in_call", "field.eore.in_others"];
const always: FieldKey[] = ["field.eore.no_marks", "field.eore.paths", "field.eore.children", "field.eore.fire"];

export function HelpPage() {
    const t = useSay();
    const { pack, help, language } = field.use((s) => s);
    const shown = pack?.body ?? help; /* also while it is locked */
    const contacts = shown?.contacts ?? [], words = shown?.words ?? [];
    const list = (keys: FieldKey[]) => <ol>{keys.map((k) => <li key={k}>{t(k)}</li>)}</ol>;
    return (
        <main class="page help">
            <h1>{t("field.tab.help")}</h1>
            <section class="calls">
                <h2>{t("field.call")}</h2>
                {contacts.length ? (
                    <ul class="plain">{contacts.map((c) => (
                        <li key={c.phone}>
                            <a class="call" href={`tel:${c.phone.replace(/[^+\d]/g, "")}`}><span>{chosen(language, c.name)}</span> <b>{c.phone}</b></a>
                            {c.words ? <p class="hint">{chosen(language, c.words)}</p> : null}
                        </li>
                    ))}</ul>
                ) : <p class="notice warn">{t(shown ? "field.no_contacts" : "field.no_pack")}</p>}
            </section>
            <section><h2>{t("field.eore.seen")}</h2>{list(steps)}</section>
            <section><h2>{t("field.eore.inside")}</h2>{list(inside)}</section>
            <section><h2>{t("field.eore.always")}</h2>{list(always)}</section>
            {words.length ? <section><h2>{t("field.words", { project: shown!.title })}</h2>{words.map((w, i) => <p key={i}>{chosen(language, w)}</p>)}</section> : null}
        </main>
    );
}
