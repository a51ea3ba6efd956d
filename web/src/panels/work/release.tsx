/*
 * A decision about an area: what the assessment that is kept says, criteria where some were given, the product, the reason, and the approver's name and password
 * again. A person decides; nothing here says that ground is free of hazard.
 */
import "../../more";

import { useEffect, useState } from "preact/hooks";

import { ApiError, areaPage, base, keepAssessment } from "../../api";
import { refresh } from "../../begin";
import { boundsOf, fitTo } from "../../map/view";
import { to } from "../../route";
import { app, isGuest, useText } from "../../state";
import { Busy, Choice, Figure, Figures, Notice, Panel, Symbol, Text, Trouble, useAsk, useWord } from "../../ui";
import { date, number } from "../../words";
import type { Assess } from "../../../generated/schemas";
import { Remaining, RestsOn } from "../assessment";
import * as calls from "./calls";
import { Field } from "./fields";
import { drop, find, keep, person } from "./kept";
import { LogInAgain } from "./record_form";

const PRODUCTS = ["cancelled", "reduced", "cleared"] as const;
type Product = (typeof PRODUCTS)[number];

function Criteria({ assess, as }: { assess: Assess; as: Product | "" }) {
    const t = useText();
    const word = useWord();
    const criteria = assess.criteria;
    const met = (v: boolean | null) => t(v === null ? "release.not_judged" : v ? "release.met" : "release.not_met");
    return (
        <section class="group">
            <h2>{t("release.criteria")}</h2>
            {!criteria ? <p>{t("release.no_criteria")}</p> : (
                <>
                    <p>{[criteria.title, criteria.authority].filter(Boolean).join(", ") || criteria.file}</p>
                    {criteria.verdicts.filter((v) => !as || v.as === as).map((v) => (
                        <div key={v.as} class={v.met === false ? "notice warn" : "notice"}>
                            <b>{word("status", v.as)}: {met(v.met)}</b>
                            <ul>{v.tests.map((x) => <li key={x.name}>{x.words} – {met(x.met)}</li>)}</ul>
                        </div>
                    ))}
                </>
            )}
        </section>
    );
}

interface Begun {
    person: string;
    as: Product | "";
    reason: string;
}

function Decide({ code, assess, onDone, onAsk }: { code: string; assess: Assess; onDone: (made: calls.Release) => void; onAsk: () => void }) {
    const t = useText();
    const word = useWord();
    const name = app.use((s) => s.session?.name ?? "");
    const key = `release:${code}`;
    const [begun, setBegun] = useState<Begun>(() => find<Begun>(key) ?? { person: person(), as: "", reason: "" });
    const [typedName, setName] = useState("");
    const [password, setPassword] = useState("");
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const [otherName, setOther] = useState(false);
    const put = (patch: Partial<Begun>) => {
        const next = { ...begun, ...patch };
        setBegun(next);
        keep(key, next);
    };
    const send = async (e: Event) => {
        e.preventDefault();
        if (!begun.as) return;
        if (typedName.trim().toLocaleLowerCase() !== name.trim().toLocaleLowerCase()) return setOther(true);
        setOther(false);
        setBusy(true);
        try {
            const made = await calls.release(code, { as: begun.as, reason: begun.reason.trim(), password });
            drop(key);
            void refresh();
            onDone(made);
        } catch (trouble) {
            setError(trouble);
        }
        setPassword("");
        setBusy(false);
    };
    const against = begun.as && assess.criteria?.verdicts.find((v) => v.as === begun.as)?.met === false;
    /* A wrong password is no ended session: the server's sentence says which it was. */
    const refused = error instanceof ApiError && [401, 403, 429].includes(error.status) ? error.message : "";
    return (
        <form class="group decide-form" onSubmit={(e) => void send(e)}>
            <h2>{t("release.decision")}</h2>
            <Choice label={t("release.product")} value={begun.as as Product} onChange={(v) => put({ as: v })} options={PRODUCTS.map((p): [Product, string] => [p, word("status", p)])} />
            {begun.as ? <p class="hint">{t(`release.is_${begun.as}`)}</p> : null}
            {against ? <Notice kind="warn">{t("release.against")}</Notice> : null}
            <Field label={t("release.reason")} lines={4} value={begun.reason} hint={t("release.reason_hint")} onInput={(v) => put({ reason: v })} />
            <Text label={t("release.name")} value={typedName} onInput={setName} complete="username" hint={t("release.name_hint")} bad={otherName} />
            {otherName ? <p class="notice trouble" role="alert">{t("release.other_name", { name })}</p> : null}
            <Text label={t("release.password")} type="password" value={password} onInput={setPassword} complete="current-password" />
            {refused ? <p class="notice trouble" role="alert">{refused}</p> : error ? <Trouble error={error} /> : null}
            {error instanceof ApiError && error.status === 409 ? <button type="button" class="quiet" onClick={onAsk}>{t("release.assess_again")}</button> : null}
            <p class="hint">{t("release.person_decides")}</p>
            <button type="submit" disabled={busy || !begun.as || !begun.reason.trim() || !typedName.trim() || !password}>{t("release.record")}</button>
        </form>
    );
}

function Made({ made }: { made: calls.Release }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    return (
        <section class="group">
            <p class="notice done" role="status">{t("release.recorded", { n: made.id, area: made.area, as: word("status", made.as), who: made.person })}</p>
            {made.against_criteria ? <Notice kind="warn">{t("release.against_kept")}</Notice> : null}
            <p>{t("release.remains", { expected: number(language, made.remaining.expected.value, 2), upper: number(language, made.remaining.upper95.value, 2) })}</p>
            <p class="hint">{t("never_free")}</p>
            <div class="row"><a class="button" href={to.record("hazard-area", made.area)}>{t("release.to_area")}</a>
                <a class="button" href={`${base}/areas/${encodeURIComponent(made.area)}/dossier.pdf?language=${language}`} download={`${made.area}.pdf`}>{t("area.pdf")}</a></div>
        </section>
    );
}

export function ReleasePanel() {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const code = app.use((s) => s.route.code);
    const session = app.use((s) => s.session);
    const guest = app.use(isGuest);
    const [nobody] = useState(guest);
    const asked = useAsk((signal) => areaPage(code, signal), [code, session?.name], !(nobody && guest));
    const [made, setMade] = useState<calls.Release | null>(null);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const found = asked.value;
    const assess = (found?.assessment ?? null) as Assess | null;
    const facts = (found?.area ?? {}) as Record<string, unknown>;
    const decisions = (found?.decisions ?? []) as Array<Record<string, unknown>>;
    const geometry = (found?.geometry ?? null) as GeoJSON.Geometry | null;
    useEffect(() => {
        const box = geometry ? boundsOf(geometry) : null;
        app.set({ selected: geometry });
        if (box) fitTo(box);
        return () => app.set({ selected: null });
    }, [JSON.stringify(geometry)]);
    const measure = async () => {
        setBusy(true);
        try {
            await keepAssessment(code);
            setError(null);
            asked.again();
        } catch (e) {
            setError(e);
        }
        setBusy(false);
    };
    const role = session?.role ?? "guest";
    return (
        <Panel key={code} title={t("release.title", { code })} back={to.record("hazard-area", code)}>
            <p class="subtitle"><Symbol kind="hazard-area" /> {String(facts.name ?? code)}</p>
            {nobody && guest ? <LogInAgain /> : asked.error && !found ? <Trouble error={asked.error} /> : !found ? <Busy /> : made ? <Made made={made} /> : (
                <>
                    <Figures><Figure label={t("column.status")} value={word("status", String(facts.status ?? "–"))} /><Figure label={t("column.classification")} value={String(facts.classification ?? "–")} /></Figures>
                    {decisions.length ? <Notice kind="warn">{t("release.decided", { as: word("status", String(decisions.at(-1)?.as)), who: String(decisions.at(-1)?.person), when: date(language, String(decisions.at(-1)?.date)) })}</Notice> : null}
                    {busy ? <Busy label={t("assess.busy")} /> : null}
                    {error ? <Trouble error={error} /> : null}
                    {!assess ? (
                        <section class="group"><h2>{t("assess.remaining")}</h2><p>{t("release.no_assessment")}</p></section>
                    ) : <><Remaining assess={assess} /><RestsOn assess={assess} /><Criteria assess={assess} as="" /></>}
                    <div class="row"><button type="button" class={assess ? "quiet" : ""} disabled={busy} onClick={() => void measure()}>{t(assess ? "release.assess_again" : "release.assess")}</button></div>
                    {role !== "approver" || !session?.accounts ? (
                        <Notice kind="warn">{t(session?.accounts === false ? "release.needs_accounts" : "release.may_not", { role: word("role", role) })}</Notice>
                    ) : assess ? <Decide key={code} code={code} assess={assess} onAsk={() => void measure()} onDone={setMade} /> : null}
                </>
            )}
        </Panel>
    );
}
