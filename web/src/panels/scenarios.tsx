/*
 * Decades ahead: scenarios side by side as fans on one scale, with sliders for the main assumptions, and what the figures rest on.
 */
import { useMemo, useState } from "preact/hooks";

import * as api from "../api";
import { changed, hasKnob, isChanged, type Knob, knobs } from "../charts/assumptions";
import { FanChart } from "../charts/chart";
import { fanOf, topOf } from "../charts/fan";
import { app, useText } from "../state";
import { Busy, Choice, Notice, Panel, Select, Slider, Trouble, Working, useAsk } from "../ui";
import { number } from "../words";
import type { Forecast, ForecastScenario } from "../../generated/schemas";

type Quantity = "casualties" | "casualties_sum" | "live" | "inert" | "suspected_km2" | "cost_sum" | "deminer_accidents";
const quantities: Quantity[] = ["casualties", "casualties_sum", "live", "inert", "suspected_km2", "cost_sum", "deminer_accidents"];
const DRAWS = 2000;
const STEPS = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4];

type Factors = Partial<Record<Knob["key"], number>>;

function Knobs({ yaml, factors, set }: { yaml: string; factors: Factors; set: (f: Factors) => void }) {
    const t = useText();
    const language = app.use((s) => s.language);
    return (
        <div class="knobs">
            {knobs.filter((k) => hasKnob(yaml, k)).map((k) => (
                <Slider key={k} label={t(`knob.${k}`)} min={0} max={STEPS.length - 1} value={STEPS.indexOf(factors[k] ?? 1)} text={`× ${number(language, factors[k] ?? 1)}`}
                    onInput={(i) => set({ ...factors, [k]: STEPS[i]! })} />
            ))}
        </div>
    );
}

function RestsOn({ scenario }: { scenario: ForecastScenario }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const shares = (scenario.variance_shares.casualties ?? []).filter((v) => (v.total ?? 0) > 0.01).sort((a, b) => (b.total ?? 0) - (a.total ?? 0)).slice(0, 5);
    return (
        <details class="group">
            <summary><h2>{scenario.title}: {t("scenario.rests_on")}</h2><span class="badge">{scenario.assumptions.length}</span></summary>
            <p>{scenario.note}</p>
            {shares.length ? <p>{t("scenario.shares")} {shares.map((s) => `${s.topic} (${number(language, (s.total ?? 0) * 100, 2)} %)`).join(", ")}.</p> : null}
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("scenario.rests_on")}>
                <table>
                    <thead><tr><th scope="col">{t("scenario.what")}</th><th scope="col">{t("scenario.best")}</th><th scope="col">{t("scenario.range")}</th><th scope="col">{t("scenario.unit")}</th><th scope="col">{t("column.source")}</th></tr></thead>
                    <tbody>{scenario.assumptions.map((a, i) => (
                        <tr key={i}><th scope="row">{a.what}</th><td>{number(language, a.best)}</td><td class="nowrap">{number(language, a.low)} – {number(language, a.high)}</td><td>{a.unit}</td><td>{a.source}</td></tr>
                    ))}</tbody>
                </table>
            </div>
        </details>
    );
}

function Fans({ forecast, quantity, set }: { forecast: Forecast; quantity: Quantity; set: "observed" | "claimed" }) {
    const t = useText();
    const fans = useMemo(() => forecast.scenarios.map((s) => fanOf(s.title, forecast.start, s[set].all[quantity])), [forecast, quantity, set]);
    const top = topOf(fans);
    return (
        <div class="fans">
            {fans.map((fan, i) => (
                <FanChart key={`${fan.title}${i}`} fan={fan} top={top} words={forecast.words ?? ""}
                    unit={quantity === "cost_sum" ? t("quantity.cost_sum", { currency: forecast.scenarios[i]!.currency ?? "" }) : t(`quantity.${quantity}`, { currency: "" })} />
            ))}
        </div>
    );
}

/** Which scenarios are run: those chosen, and one as changed by the sliders beside it as it was. */
export function bodyOf(list: Array<{ name: string; yaml: string }>, chosen: string[], factors: Factors, note: string, years: number) {
    const scenarios = chosen.map((name): string | { yaml: string } => name);
    const first = list.find((s) => s.name === chosen[0]);
    if (first && isChanged(factors)) scenarios.splice(1, 0, { yaml: changed(first.yaml, factors, note) });
    return { scenarios, years, draws: DRAWS };
}

export function ScenariosPanel() {
    const t = useText();
    const listed = useAsk((signal) => api.forecasts(signal), []);
    const list = listed.value?.scenarios ?? [];
    const [picked, setPicked] = useState<string[] | null>(null);
    const [factors, setFactors] = useState<Factors>({});
    const [years, setYears] = useState(30);
    const [quantity, setQuantity] = useState<Quantity>("casualties");
    const [set, setSet] = useState<"observed" | "claimed">("observed");
    const chosen = picked ?? list.filter((s) => /ukraine/.test(s.name)).map((s) => s.name).slice(0, 2);
    const body = bodyOf(list, chosen, factors, t("scenario.changed"), years);
    const asked = useAsk((signal, slow) => api.runForecast(body, signal, slow), [JSON.stringify(body)], chosen.length > 0);
    const title = (s: { name: string; yaml: string }) => /^title: *"?(.*?)"?$/m.exec(s.yaml)?.[1] ?? s.name;
    const first = list.find((s) => s.name === chosen[0]);
    return (
        <Panel title={t("scenario.title")}>
            <p class="lead">{t("scenario.words")}</p>
            {listed.error ? <Trouble error={listed.error} /> : !listed.value ? <Busy /> : (
                <div class="scenario-grid">
                    <div class="scenario-side">
                        <fieldset class="plain-set"><legend>{t("scenario.choose")}</legend>
                            {list.map((s) => (
                                <label key={s.name} class="option"><input type="checkbox" checked={chosen.includes(s.name)}
                                    onChange={(e) => setPicked(e.currentTarget.checked ? [...chosen, s.name] : chosen.filter((n) => n !== s.name))} /><span>{title(s)}</span></label>
                            ))}
                        </fieldset>
                        <Slider label={t("scenario.years")} min={5} max={50} step={5} value={years} text={String(years)} onInput={setYears} />
                        <Select label={t("scenario.quantity")} value={quantity} onChange={(v) => setQuantity(v as Quantity)} options={quantities.map((q) => [q, t(`quantity.${q}`, { currency: "" })])} />
                        <Choice label={t("scenario.set")} value={set} onChange={setSet} options={[["observed", t("scenario.observed")], ["claimed", t("scenario.claimed")]]} />
                        {first ? <><h2>{t("scenario.knobs", { title: title(first) })}</h2><Knobs yaml={first.yaml} factors={factors} set={setFactors} />
                            {isChanged(factors) ? <button type="button" class="quiet" onClick={() => setFactors({})}>{t("scenario.reset")}</button> : null}</> : null}
                    </div>
                    <div class="scenario-main" aria-busy={asked.busy}>
                        {asked.error ? <Trouble error={asked.error} /> : null}
                        {chosen.length && !asked.error && (!asked.value || asked.progress) ? <Working asked={asked} label={t("scenario.busy")} /> : null}
                        {chosen.length === 0 ? <Notice>{t("scenario.none")}</Notice> : null}
                        {asked.value && chosen.length ? (
                            <>
                                <Fans forecast={asked.value} quantity={quantity} set={set} />
                                <Notice>{t("scenario.basis", { draws: asked.value.draws ?? DRAWS, seed: asked.value.seed ?? "" })}</Notice>
                                {asked.value.scenarios.map((s, i) => <RestsOn key={i} scenario={s} />)}
                            </>
                        ) : null}
                    </div>
                </div>
            )}
        </Panel>
    );
}
