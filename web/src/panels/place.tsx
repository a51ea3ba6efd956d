/*
 * Reasons of a place: what may be there, how sure that is, what it rests on, with links to the records; and for guests only whether the place lies in a
 * recorded hazardous area. Nothing here ever says that ground is free.
 */
import * as api from "../api";
import { formatCoordinate } from "../coordinates";
import { flyTo } from "../map/view";
import { to } from "../route";
import { app, isGuest, useText } from "../state";
import { Bar, Busy, Figure, Figures, Notice, Panel, Symbol, Trouble, useAsk, useWord } from "../ui";
import { compass, chance, date, length, number, probability } from "../words";
import type { Explain } from "../../generated/schemas";

const HA = 1e4;

/** The parts of the density as factors, the strongest first. */
export function factors(explain: Explain): Array<{ name: string; kind: string; factor: number; value: number | null; average: number | null }> {
    return explain.parts
        .map((p) => ({ name: p.name, kind: p.kind, factor: Math.exp(p.log_factor ?? 0), value: p.value, average: p.average }))
        .sort((a, b) => Math.abs(Math.log(b.factor)) - Math.abs(Math.log(a.factor)));
}

function Factors({ explain }: { explain: Explain }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const rows = factors(explain);
    const most = Math.max(1, ...rows.map((r) => Math.abs(Math.log(r.factor))));
    return (
        <section class="group">
            <h2>{t("place.why")}</h2>
            <p class="hint">{t("place.why_words", { average: number(language, Math.exp(explain.average_log_density ?? 0) * HA) })}</p>
            <ul class="plain factors">
                {rows.map((r) => {
                    const up = r.factor >= 1;
                    const times = number(language, up ? r.factor : 1 / r.factor, 2);
                    const says = Math.abs(Math.log(r.factor)) < 0.05 ? t("place.as_average") : t(up ? "place.times_more" : "place.times_less", { times });
                    return (
                        <li key={r.name}>
                            <span class="factor-name">{word("part", r.name)}{r.kind === "covariate" && r.value !== null ? <small>{t("place.value", { value: number(language, r.value, 2), average: number(language, r.average, 2) })}</small> : null}</span>
                            <span class={up ? "factor up" : "factor down"}><Bar share={Math.abs(Math.log(r.factor)) / most} label={says} /><b>{says}</b></span>
                        </li>
                    );
                })}
            </ul>
        </section>
    );
}

function Nearby({ explain }: { explain: Explain }) {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const kinds = Object.entries(explain.records).filter(([, r]) => r.nearest.length > 0);
    const without = new Map((explain.without as Array<{ code?: string; density_factor?: number }>).map((w) => [w.code, w.density_factor]));
    return (
        <section class="group">
            <h2>{t("place.records")}</h2>
            {kinds.length === 0 ? <p>{t("place.no_records")}</p> : null}
            {kinds.map(([kind, r]) => (
                <div key={kind}>
                    <h3><Symbol kind={kind} /> {word("kind", kind)} <span class="muted">{t("place.within", { n: r.within_range })}</span></h3>
                    <ul class="plain near">
                        {r.nearest.map((n) => {
                            const factor = without.get(n.code);
                            return (
                                <li key={n.code}>
                                    <a href={to.record(kind, n.code)}>{n.code}</a> <span>{n.what.replace(/^\d{4}(-\d\d){0,2}/, (d) => date(language, d))}</span>{" "}
                                    <span class="muted">{n.holds ? t("place.inside_it") : t("place.away", { distance: length(language, n.distance_m), way: t(`way.${compass(n.azimuth_deg ?? 0)}`) })}</span>
                                    {factor !== undefined ? <small> {t("place.without", { factor: number(language, factor, 2) })}</small> : null}
                                </li>
                            );
                        })}
                    </ul>
                </div>
            ))}
        </section>
    );
}

function Reasons({ explain }: { explain: Explain }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const d = explain.density_per_m2;
    const cell = explain.cell_area_m2 ?? 0, share = cell > 0 ? 1 - (explain.residual_m2 ?? cell) / cell : 0;
    return (
        <>
            <p class="lead">{t("place.density", { median: number(language, (d.q50 ?? 0) * HA), low: number(language, (d.q05 ?? 0) * HA, 2), high: number(language, (d.q95 ?? 0) * HA, 2) })}</p>
            <Figures>
                <Figure strong label={t("place.p_any")} value={probability(language, explain.p_any)} note={t("place.p_any_note", { cell: length(language, Math.sqrt(cell)) })} />
                <Figure strong label={t("place.expected")} value={number(language, explain.expected_items)} note={t("place.expected_note")} />
                <Figure label={t("place.sd")} value={`× / ÷ ${number(language, Math.exp(d.log_sd ?? 0), 2)}`} note={t("place.sd_note")} />
                <Figure label={t("place.searched")} value={chance(language, share)} note={t("place.searched_note")} />
            </Figures>
            <Factors explain={explain} />
            <Nearby explain={explain} />
        </>
    );
}

function hazardousHere(explain: Explain): string[] {
    return (explain.records["hazard-area"]?.nearest ?? []).filter((n) => n.holds).map((n) => n.code);
}

/** What the public may be told: in a recorded hazardous area, or that nothing is recorded. */
function Status({ codes }: { codes: string[] }) {
    const t = useText();
    return codes.length ? (
        <Notice kind="warn"><b>{t("place.inside")}</b> {codes.map((c) => <a key={c} href={to.record("hazard-area", c)}>{c}</a>)}</Notice>
    ) : <Notice kind="warn">{t("place.outside")}</Notice>;
}

const BOX = 1e-5;

function GuestStatus({ lon, lat }: { lon: number; lat: number }) {
    const bbox = [lon - BOX, lat - BOX, lon + BOX, lat + BOX].map((v) => v.toFixed(6)).join(",");
    const asked = useAsk((signal) => api.records("hazard-area", { bbox, limit: 10 }, signal), [bbox]);
    if (asked.error) return <Trouble error={asked.error} />;
    return asked.value ? <Status codes={asked.value.records.map((r) => r.code)} /> : <Busy />;
}

export function PlacePanel() {
    const t = useText();
    const { lon, lat } = app.use((s) => s.route);
    const form = app.use((s) => s.form);
    const guest = app.use(isGuest);
    const writes = app.use((s) => ["entry", "verifier", "approver", "administrator"].includes(s.session?.role ?? ""));
    const asked = useAsk((signal) => api.explain(lon!, lat!, signal), [lon, lat, guest], !guest && lon !== null);
    if (lon === null || lat === null) return null;
    return (
        <Panel title={t("place.title")} back={to.map()} actions={<button type="button" class="quiet" onClick={() => flyTo(lon, lat)}>{t("show")}</button>}>
            <p class="subtitle">{formatCoordinate(form, lon, lat)}{asked.value?.near ? ` · ${asked.value.near}` : ""}</p>
            {guest ? <GuestStatus lon={lon} lat={lat} /> : null}
            {asked.busy && !asked.value ? <Busy /> : null}
            {asked.error ? <Trouble error={asked.error} /> : null}
            {asked.value && !guest ? <><Status codes={hazardousHere(asked.value)} /><Reasons explain={asked.value} /></> : null}
            {writes ? <p><a href={to.add("", lon, lat)}>{t("place.enter")}</a></p> : null}
            <p class="hint">{t("never_free")}</p>
        </Panel>
    );
}
