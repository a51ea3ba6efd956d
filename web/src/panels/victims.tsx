/*
 * Victims of an accident. What names a person is sealed: it is shown to who is named for it, after they have asked for it and given their password, since each
 * look is written down. It lives in this component's memory only: nothing of it is kept in the browser, and leaving the page forgets it.
 */
import "../more";

import { useEffect, useId, useState } from "preact/hooks";

import { ApiError, ask } from "../api";
import { app, useText } from "../state";
import { Busy, Figure, Figures, Notice, Select, Text, Trouble, useAsk } from "../ui";
import { moment } from "../words";
import type { Victim as Changed, Victims as Answer } from "../../generated/schemas";
import type { Key } from "../i18n";

type Victim = Answer["victims"][number];
type Personal = NonNullable<Victim["personal"]>;
type Columns = { outcome: string; sex: string; age_group: string; activity: string; tampering: string };

const CHOICES = { outcome: ["killed", "injured"], sex: ["female", "male"], age_group: ["child", "adult"], tampering: ["yes", "no"] } as const;
const PERSONAL = ["name", "born", "address", "contact", "remarks"] as const;
const BORN = /^\d{4}(-\d{2}(-\d{2})?)?$/;

const at = (code: string) => `/accidents/${encodeURIComponent(code)}/victims`;
const KEY = "/victims-key";

/** A person of the list, in words: what names nobody. */
function About({ one }: { one: Victim }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const said = [
        ...(["outcome", "sex", "age_group"] as const).map((c) => (one[c] ? t(`victims.${c}.${one[c]}` as Key) : "")),
        one.activity ?? "",
        one.tampering === "yes" ? t("victims.tampered") : "",
    ].filter(Boolean);
    return (
        <span class="grow">
            <b>{one.code}</b> {said.join(" · ") || t("victims.nothing_known")}
            <small>{one.sealed ? t("victims.sealed") : t("victims.not_sealed")}{one.entered_by ? ` · ${one.entered_by}` : ""}{one.entered_at ? ` · ${moment(language, one.entered_at)}` : ""}</small>
        </span>
    );
}

/** What names the person. */
function Details({ personal }: { personal: Personal }) {
    const t = useText();
    return (
        <div class="victim-details">
            <Figures>{PERSONAL.map((k) => (personal[k] ? <Figure key={k} label={t(`victims.${k}` as Key)} value={personal[k]!} /> : null))}</Figures>
        </div>
    );
}

function Form({ accident, one, has_key, sees, onDone, onLeave }: { accident: string; one: Victim | null; has_key: boolean; sees: boolean; onDone: () => void; onLeave: () => void }) {
    const t = useText();
    const before: Columns = { outcome: one?.outcome ?? "", sex: one?.sex ?? "", age_group: one?.age_group ?? "", activity: one?.activity ?? "", tampering: one?.tampering ?? "" };
    const [columns, setColumns] = useState<Columns>(before);
    const [personal, setPersonal] = useState<Record<string, string>>({ ...(one?.personal ?? {}) } as Record<string, string>);
    const [touched, setTouched] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const bad = !!personal.born && !BORN.test(personal.born);
    const may = has_key && (!one?.sealed || sees);
    const set = (name: keyof Columns, value: string) => setColumns({ ...columns, [name]: value });
    const save = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        const body: Record<string, unknown> = {};
        for (const name of Object.keys(columns) as Array<keyof Columns>) if (!one || columns[name] !== before[name]) body[name] = columns[name] || null;
        if (touched) body.personal = Object.fromEntries(PERSONAL.filter((k) => personal[k]?.trim()).map((k) => [k, personal[k]!.trim()]));
        try {
            if (one) await ask<Changed>(`/victims/${encodeURIComponent(one.code)}`, { method: "PATCH", body, headers: { "If-Match": `"${one.version}"` } });
            else await ask<Changed>(at(accident), { method: "POST", body });
            onDone();
        } catch (trouble) {
            setError(trouble);
            setBusy(false);
        }
    };
    return (
        <form class="form victim-form" autocomplete="off" aria-label={one ? t("victims.change_one", { code: one.code }) : t("victims.add")} onSubmit={(e) => void save(e)}>
            {(Object.keys(CHOICES) as Array<keyof typeof CHOICES>).map((c) => (
                <Select key={c} label={t(`victims.${c}` as Key)} value={columns[c]} onChange={(v) => set(c, v)}
                    options={[["", t("victims.not_known")], ...CHOICES[c].map((v): [string, string] => [v, t((c === "tampering" ? v : `victims.${c}.${v}`) as Key)])]} />
            ))}
            <Text label={t("victims.activity")} value={columns.activity} onInput={(v) => set("activity", v)} />
            {may ? (
                <fieldset>
                    <legend>{t("victims.personal")}</legend>
                    <p class="hint">{t("victims.personal_words")}</p>
                    {PERSONAL.map((k) => (
                        <Text key={k} label={t(`victims.${k}` as Key)} value={personal[k] ?? ""} bad={k === "born" && bad} {...(k === "born" ? { hint: t("victims.born_hint") } : {})}
                            onInput={(v) => {
                                setPersonal({ ...personal, [k]: v });
                                setTouched(true);
                            }} />
                    ))}
                </fieldset>
            ) : <Notice>{has_key ? t("victims.locked") : t("victims.no_key")}</Notice>}
            {error ? <Trouble error={error} /> : null}
            <div class="row">
                <button type="submit" disabled={busy || bad}>{t("victims.save")}</button>
                <button type="button" class="quiet" onClick={onLeave}>{t("victims.leave")}</button>
            </div>
        </form>
    );
}

/** The named person's password, for this session. */
function Open({ local, onOpen, onLeave }: { local: boolean; onOpen: () => void; onLeave: () => void }) {
    const t = useText();
    const [name, setName] = useState("");
    const [password, setPassword] = useState("");
    const [error, setError] = useState<unknown>(null);
    const [busy, setBusy] = useState(false);
    const open = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        try {
            await ask(KEY, { method: "POST", body: local ? { name, password } : { password } });
            setPassword("");
            onOpen();
        } catch (trouble) {
            setError(trouble);
            setBusy(false);
        }
    };
    const status = error instanceof ApiError ? error.status : 0;
    return (
        <form class="form victim-form" autocomplete="off" aria-label={t("victims.open")} onSubmit={(e) => void open(e)}>
            <p class="hint">{t("victims.open_words")}</p>
            {local ? <Text label={t("victims.whose")} value={name} onInput={setName} /> : null}
            <Text label={t("victims.password")} type="password" value={password} onInput={setPassword} />
            {status === 403 || status === 429 ? <p class="notice trouble" role="alert">{t(status === 403 ? "victims.wrong" : "victims.wait")}</p> : error ? <Trouble error={error} /> : null}
            <div class="row">
                <button type="submit" disabled={busy || !password || (local && !name)}>{t("victims.open")}</button>
                <button type="button" class="quiet" onClick={onLeave}>{t("victims.leave")}</button>
            </div>
        </form>
    );
}

export function Victims({ code }: { code: string }) {
    const t = useText();
    const heading = useId();
    const local = app.use((s) => s.session?.local ?? false);
    const asked = useAsk((signal) => ask<Answer>(at(code), { signal }), [code]);
    const [shown, setShown] = useState<Answer | null>(null);
    const [part, setPart] = useState(""); /* "" = the list, "open", "add", or a code that is being changed */
    const [error, setError] = useState<unknown>(null);
    const [told, setTold] = useState("");
    useEffect(() => {
        setShown(null);
        setPart("");
        return () => setShown(null);
    }, [code]);
    const now = shown ?? asked.value;
    const show = async () => {
        try {
            setShown(await ask<Answer>(`${at(code)}?personal=yes`));
            setPart("");
            setError(null);
        } catch (trouble) {
            setError(trouble);
        }
    };
    const hide = () => {
        setShown(null);
        setTold("");
        asked.again();
    };
    const lock = async () => {
        await ask(KEY, { method: "DELETE" }).catch(setError);
        hide();
    };
    const written = () => {
        setPart("");
        setTold(t("victims.written"));
        if (shown) void show();
        else asked.again();
    };
    if (asked.error) return <section class="group" aria-labelledby={heading}><h2 id={heading}>{t("victims.title")}</h2><Trouble error={asked.error} /></section>;
    if (!now) return <Busy />;
    const sealed = now.victims.some((v) => v.sealed);
    return (
        <section class="group" aria-labelledby={heading}>
            <h2 id={heading}>{t("victims.title")}{now.victims.length ? <> <span class="badge">{now.victims.length}</span></> : null}</h2>
            {now.victims.length === 0 ? <p class="hint">{t("victims.none")}</p> : (
                <ul class="plain attachments victims">
                    {now.victims.map((v) => (
                        <li key={v.code} class="attachment">
                            <About one={v} />
                            {now.may_write && part !== v.code ? <button type="button" class="quiet" onClick={() => setPart(v.code)}>{t("victims.change")}<span class="hidden"> {v.code}</span></button> : null}
                            {v.personal && part !== v.code ? <Details personal={v.personal} /> : null}
                            {v.damaged ? <p class="notice trouble" role="alert">{t("victims.damaged")}</p> : null}
                            {part === v.code ? <Form accident={code} one={v} has_key={now.has_key ?? false} sees={!!shown} onDone={written} onLeave={() => setPart("")} /> : null}
                        </li>
                    ))}
                </ul>
            )}
            <p class="hidden" role="status">{told}</p>
            {sealed && now.may_read && part !== "open" ? (
                <div class="row">
                    {shown ? (
                        <>
                            <button type="button" class="quiet" onClick={hide}>{t("victims.hide")}</button>
                            <button type="button" class="quiet" onClick={() => void lock()}>{t("victims.lock")}</button>
                        </>
                    ) : <button type="button" class="quiet" onClick={() => (asked.value?.opened ? void show() : setPart("open"))}>{t("victims.show")}</button>}
                </div>
            ) : null}
            {sealed && !shown ? <p class="hint">{t(now.may_read ? "victims.logged" : "victims.not_named")}</p> : null}
            {part === "open" ? <Open local={local} onOpen={() => void show()} onLeave={() => setPart("")} /> : null}
            {error ? <Trouble error={error} /> : null}
            {part === "add" ? <Form accident={code} one={null} has_key={now.has_key ?? false} sees={false} onDone={written} onLeave={() => setPart("")} /> : null}
            {now.may_write && part === "" ? <div class="row"><button type="button" class="quiet" onClick={() => setPart("add")}>{t("victims.add")}</button></div> : null}
        </section>
    );
}
