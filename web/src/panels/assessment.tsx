/*
 * What may remain in an area: figures with their words, what more work would change (sliders), what was searched, and what all that rests on.
 */
import { useEffect, useRef, useState } from "preact/hooks";

import * as api from "../api";
import { to } from "../route";
import { app, useText } from "../state";
import { Bar, Figure, Figures, Notice, Slider, Trouble, useAsk, useWord, Working } from "../ui";
import { area, chance, date, length, money, number, probability } from "../words";
import type { Assess, WhatIf as WhatIfAnswer } from "../../generated/schemas";

const PASSES_MAX = 5;

/** Of an area that is suspected and nothing more: what changes if the suspicion is false. The figures above, and criteria, take it as true. */
function Doubt({ suspicion }: { suspicion: Assess["remaining"]["suspicion"] }) {
    const t = useText();
    const language = app.use((s) => s.language);
    if (!suspicion?.in_doubt || !suspicion.holds || !suspicion.p_any) return null;
    const say = (p: number | null | undefined) => probability(language, p ?? null);
    return (
        <p class="hint">{t("assess.doubt", {
            holds: say(suspicion.holds.value), holds_low: say(suspicion.holds.low), holds_high: say(suspicion.holds.high), areas: number(language, suspicion.true_of_such?.areas ?? 0),
            none: say(suspicion.p_any_if_false), p: say(suspicion.p_any.value), low: say(suspicion.p_any.low), high: say(suspicion.p_any.high),
        })}</p>
    );
}

export function Remaining({ assess }: { assess: Assess }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const r = assess.remaining, s = assess.searched;
    return (
        <section class="group">
            <h2>{t("assess.remaining")}</h2>
            <p class="lead">{t("assess.words", { expected: number(language, r.expected.value, 2), upper: number(language, r.upper95.value, 2), p: probability(language, r.p_any.value), what: assess.speaks_of.words })}</p>
            <Figures>
                <Figure strong label={t("assess.expected")} value={number(language, r.expected.value)} note={t("assess.expected_note", { ha: number(language, r.per_ha.expected, 2) })} />
                <Figure strong label={t("assess.upper95")} value={number(language, r.upper95.value)} note={t("assess.upper95_note")} />
                <Figure strong label={t("assess.p_any")} value={probability(language, r.p_any.value)} note={t("assess.p_any_note", { before: probability(language, r.prior.p_any) })} />
                <Figure label={t("assess.searched")} value={chance(language, s.share)} note={t("assess.searched_note", { area: area(language, s.area_m2), effective: chance(language, s.effective_share) })} />
                <Figure label={t("assess.found")} value={number(language, assess.found.total)} note={t("assess.found_note", { search: number(language, assess.found.by_search), chance: number(language, assess.found.by_chance) })} />
                <Figure label={t("assess.area")} value={area(language, assess.area.area_m2)} />
            </Figures>
            <Doubt suspicion={r.suspicion} />
        </section>
    );
}

function Compared({ label, now, then, text }: { label: string; now: number; then: number | null; text: (v: number | null) => string }) {
    const t = useText();
    const says = t("whatif.bar", { what: label, now: text(now), then: text(then) });
    return (
        <div class="compared">
            <span>{label}</span><b>{text(now)} → {text(then)}</b>
            <Bar share={now > 0 && then !== null ? then / now : 0} label={says} />
        </div>
    );
}

function After({ now, answer }: { now: Assess["remaining"]; answer: WhatIfAnswer | null }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const after = answer?.after ?? null;
    const plain = (v: number | null) => number(language, v, 3);
    return (
        <div class="after" role="status">
            <Compared label={t("assess.expected")} now={now.expected.value ?? 0} then={after ? after.expected.value : (now.expected.value ?? 0)} text={plain} />
            <Compared label={t("assess.upper95")} now={now.upper95.value ?? 0} then={after ? after.upper95.value : (now.upper95.value ?? 0)} text={plain} />
            <Compared label={t("assess.p_any")} now={now.p_any.value ?? 0} then={after ? after.p_any.value : (now.p_any.value ?? 0)} text={(v) => probability(language, v)} />
            {answer && answer.steps.length ? (
                <p class="hint">{answer.days !== null ? t("whatif.days", { days: number(language, answer.days, 2) }) : t("whatif.no_pace")}{" · "}
                    {answer.cost !== null ? money(language, answer.cost, answer.currency) : t("whatif.no_price")}</p>
            ) : <p class="hint">{t("whatif.none")}</p>}
        </div>
    );
}

/** Sliders of methods and passes, all counted together; each change asks anew, and the last answer stays until the next is there. */
function WhatIf({ first, subject }: { first: Assess; subject: api.Subject }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const methods = [...new Set(first.what_if.map((w) => w.method))];
    const [passes, setPasses] = useState<Record<string, number>>({});
    const [answer, setAnswer] = useState<WhatIfAnswer | null>(null);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const [took_ms, setTook] = useState<number | null>(null);
    const asked = useRef<AbortController | null>(null);
    /* Asked once without steps, so that the assessment is in the server's memory before the first slider moves. */
    useEffect(() => {
        const stop = (asked.current = new AbortController());
        subject.whatIf([], stop.signal).catch(() => undefined);
        return () => asked.current?.abort();
    }, []);
    const change = (method: string, n: number) => {
        const next = { ...passes, [method]: n };
        setPasses(next);
        asked.current?.abort();
        const stop = (asked.current = new AbortController());
        const steps = methods.filter((m) => (next[m] ?? 0) > 0).map((m) => ({ method: m, passes: next[m]! }));
        setBusy(true);
        const began = performance.now();
        subject.whatIf(steps, stop.signal).then((found) => {
            if (stop.signal.aborted) return;
            setAnswer(found);
            setTook(performance.now() - began);
            setBusy(false);
            setError(null);
        }, (e) => {
            if (stop.signal.aborted) return;
            setError(e);
            setBusy(false);
        });
    };
    if (!methods.length) return null;
    return (
        <section class={busy ? "group what-ifs waiting" : "group what-ifs"} data-took-ms={took_ms === null ? undefined : Math.round(took_ms)}>
            <h2>{t("whatif.title")}</h2>
            <p class="hint">{t("whatif.hint")}</p>
            {error ? <Trouble error={error} /> : null}
            {methods.map((m) => {
                const alone = first.what_if.find((w) => w.method === m && w.passes === 1);
                return (
                    <div class="what-if" key={m}>
                        <Slider label={m} min={0} max={PASSES_MAX} value={passes[m] ?? 0} text={t("whatif.passes#", { n: passes[m] ?? 0 })} onInput={(n) => change(m, n)} />
                        {alone ? <small>{t("whatif.alone", { expected: number(language, alone.expected.value, 2), p: probability(language, alone.p_any.value) })}</small> : null}
                    </div>
                );
            })}
            <After now={first.remaining} answer={answer} />
        </section>
    );
}

function Searched({ assess }: { assess: Assess }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const rows = [...assess.searched.by, ...assess.quality];
    return (
        <section class="group">
            <h2>{t("assess.searches")}</h2>
            {rows.length === 0 ? <p>{t("assess.no_searches")}</p> : (
                <div class="table-holder" tabIndex={0} role="region" aria-label={t("assess.searches")}>
                    <table>
                        <thead><tr><th scope="col">{t("column.code")}</th><th scope="col">{t("column.type")}</th><th scope="col">{t("column.method")}</th><th scope="col">{t("column.passes")}</th><th scope="col">{t("column.date_end")}</th><th scope="col">{t("column.organisation")}</th><th scope="col">{t("assess.share")}</th><th scope="col">{t("column.found")}</th></tr></thead>
                        <tbody>{rows.map((w, i) => (
                            <tr key={`${w.code}${i}`}>
                                <th scope="row">{w.code ? <a href={to.record("search", w.code)}>{w.code}</a> : "–"}</th>
                                <td>{w.type ? word("type", w.type) : "–"}</td><td>{w.method ?? "–"}</td><td>{w.passes}</td><td class="nowrap">{date(language, w.date_end)}</td>
                                <td>{w.organisation ?? "–"}</td><td>{chance(language, w.share)}</td><td>{number(language, w.found)}</td>
                            </tr>
                        ))}</tbody>
                    </table>
                </div>
            )}
        </section>
    );
}

export function RestsOn({ assess }: { assess: Assess }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const warnings = [...new Set(assess.warnings.map((w) => w.words))];
    return (
        <>
            {warnings.length ? <section class="group"><h2>{t("assess.warnings")}</h2>{warnings.map((w) => <Notice key={w} kind="warn">{w}</Notice>)}</section> : null}
            <details class="group">
                <summary><h2>{t("assess.reasons")}</h2></summary>
                <ul class="plain factors">{assess.reasons.map((r) => (
                    <li key={r.name}><span class="factor-name">{word("part", r.name)}<small>{r.words}</small></span><b>× {number(language, r.factor, 2)}</b></li>
                ))}</ul>
            </details>
            <details class="group">
                <summary><h2>{t("assess.assumptions")}</h2><span class="badge">{assess.assumptions.length}</span></summary>
                <ul class="assumptions">{assess.assumptions.map((a, i) => <li key={i}>{a.words}</li>)}</ul>
            </details>
            <details class="group">
                <summary><h2>{t("assess.turning")}</h2></summary>
                <div class="table-holder" tabIndex={0} role="region" aria-label={t("assess.turning")}>
                    <table>
                        <thead><tr><th scope="col">#</th><th scope="col">MGRS</th><th scope="col">{t("assess.bearing")}</th><th scope="col">{t("assess.distance")}</th></tr></thead>
                        <tbody>{assess.area.turning_points.map((p) => (
                            <tr key={`${p.part}-${p.ring}-${p.n}`}><th scope="row">{p.n}</th><td class="nowrap">{p.mgrs}</td><td>{number(language, p.bearing_deg, 4)}°</td><td>{length(language, p.distance_m)}</td></tr>
                        ))}</tbody>
                    </table>
                </div>
            </details>
            <p class="hint">{t("assess.map", { run: assess.map.run, cell: length(language, assess.map.cell_m), draws: number(language, assess.remaining.n_draws, 6) })}</p>
        </>
    );
}

export function Assessment({ subject }: { subject: api.Subject }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const asked = useAsk((signal, slow) => subject.assess(signal, slow), [subject.identity, language]);
    if (asked.error) return <Trouble error={asked.error} />;
    if (!asked.value) return <Working asked={asked} label={t("assess.busy")} />;
    return (
        <>
            <Remaining assess={asked.value} />
            <WhatIf key={`${subject.identity}-${language}`} first={asked.value} subject={subject} />
            <Searched assess={asked.value} />
            <RestsOn assess={asked.value} />
            <Notice>{t("assess.person_decides")}</Notice>
        </>
    );
}
