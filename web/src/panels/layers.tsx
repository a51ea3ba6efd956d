/*
 * What the map shows: the hazard raster with its scale and legend, the kinds of record with their symbols, filters, years.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import * as api from "../api";
import type { Band } from "../api";
import { isKey, type Key, type Language, translate } from "../i18n";
import { scales } from "../map/palette";
import { app, bandOf, classesOf, isGuest, noFilters, useText } from "../state";
import { LanguageSelect, ThemeSelect } from "../settings";
import { Choice, Figure, Figures, Notice, Panel, Select, Slider, Symbol, useAsk, useWord } from "../ui";
import * as words from "../words";
import { number } from "../words";

/** Legend of a band as the server draws it: colours, the values they stand for, the unit. */
export function ScaleBar({ band }: { band: Band }) {
    const language = app.use((s) => s.language);
    const scale = app.use((s) => s.scale);
    const classes = app.use(classesOf);
    const t = useText();
    const bar = useRef<HTMLSpanElement>(null);
    const title = useBandTitle();
    const asked = useAsk((signal) => api.legend(band.name, scale, classes, signal), [band.name, scale, classes]);
    const stops = asked.value?.stops ?? [];
    useEffect(() => {
        const colours = stops.length ? stops.map((s) => s.colour) : (scales[scale] ?? scales.viridis!);
        bar.current?.style.setProperty("background-image", `linear-gradient(to right, ${colours.join(",")})`);
    }, [asked.value, scale]);
    const at = (share: number) => number(language, stops.length ? stops[Math.round(share * (stops.length - 1))]!.value : null, 2);
    const unit = unitOf(band, language);
    return (
        <figure class="scalebar">
            <figcaption>{title(band)}{unit ? <small> [{unit}]</small> : null}</figcaption>
            <span class="ramp" ref={bar} role="img" aria-label={t("legend.ramp", { low: at(0), high: at(1), unit })} />
            <span class="ends">{[0, 0.25, 0.5, 0.75, 1].map((share) => <span key={share}>{at(share)}</span>)}</span>
        </figure>
    );
}

export function unitOf(band: Band, language: Language): string {
    if (band.unit === "1") return "";
    return band.unit.replace(/\b(items|ha|m2)\b/g, (unit) => translate(language, `unit.${unit}` as Key));
}

export function useBandTitle(): (band: Band) => string {
    const t = useText();
    return (band) => {
        const key = `band.${band.name}`;
        return isKey(key) ? t(key as Key) : band.title || band.name;
    };
}

/** The three that most people ask for; the others stand behind "more". */
const mainBands = ["density_mean", "log_density_sd", "p_any"];

function Rasters() {
    const t = useText();
    const title = useBandTitle();
    const { layers, band: name, scale, opacity } = app.use((s) => s);
    const language = app.use((s) => s.language);
    const band = app.use(bandOf);
    const classes = app.use(classesOf);
    if (!layers?.raster.length)
        return isGuest(app.get()) ? null : <Notice>{t("layers.no_map")}</Notice>;
    const option = (b: Band) => (
        <label key={b.name} class="option">
            <input type="radio" name="band" checked={name === b.name} onChange={() => app.set({ band: b.name })} />
            <span>{title(b)}</span>
        </label>
    );
    const main = mainBands.flatMap((wanted) => layers.raster.filter((b) => b.name === wanted));
    const more = layers.raster.filter((b) => !main.includes(b));
    return (
        <section class="group">
            <h2>{t("layers.hazard")}</h2>
            <div class="options" role="radiogroup" aria-label={t("layers.hazard")}>
                {main.map(option)}
                <label class="option">
                    <input type="radio" name="band" checked={name === ""} onChange={() => app.set({ band: "" })} />
                    <span>{t("layers.none")}</span>
                </label>
                {more.length ? <details open={more.some((b) => b.name === name)}><summary class="hint">{t("layers.more")}</summary>{more.map(option)}</details> : null}
            </div>
            {band ? (
                <>
                    <ScaleBar band={band} />
                    <p class="hint">{t(isKey(`band.${band.name}.words`) ? (`band.${band.name}.words` as Key) : "band.density_mean.words")}</p>
                    <div class="row">
                        <Select label={t("layers.scale")} value={scale} options={(band.scales.length ? band.scales : Object.keys(scales)).map((s) => [s, s])}
                            onChange={(v) => app.set({ scale: v })} />
                        {band.classes?.length ? <Select label={t("layers.classes")} value={classes} options={band.classes.map((c): [string, string] => [c, isKey(`classes.${c}`) ? t(`classes.${c}` as Key) : c])}
                            onChange={(v) => app.set({ classes: v })} /> : null}
                        <Slider label={t("layers.opacity")} value={Math.round(opacity * 100)} min={0} max={100} step={5}
                            text={words.chance(language, opacity)} onInput={(v) => app.set({ opacity: v / 100 })} />
                    </div>
                </>
            ) : null}
        </section>
    );
}

function Vectors() {
    const t = useText();
    const word = useWord();
    const language = app.use((s) => s.language);
    const layers = app.use((s) => s.layers);
    const shown = app.use((s) => s.shown);
    return (
        <section class="group">
            <h2>{t("layers.records")}</h2>
            {(layers?.vector ?? []).map((layer) => (
                <div key={layer.kind}>
                <label class="option">
                    <input type="checkbox" checked={!!shown[layer.kind]} onChange={(e) => app.set({ shown: { ...shown, [layer.kind]: e.currentTarget.checked } })} />
                    <Symbol kind={layer.kind} />
                    <span class="grow">{word("kind", layer.kind)}</span>
                    <a class="count" href={`#/records/${layer.kind}`} aria-label={t("layers.list", { kind: word("kind", layer.kind), n: layer.count })}>
                        {words.number(language, layer.count, 6)}
                    </a>
                </label>
                {layer.kind === "hazard-area" && shown[layer.kind] ? <AreaKey /> : null}
                </div>
            ))}
        </section>
    );
}

function AreaKey() {
    const t = useText();
    return (
        <ul class="key">
            <li><span class="swatch confirmed" aria-hidden="true" />{t("key.confirmed")}</li>
            <li><span class="swatch suspected" aria-hidden="true" />{t("key.suspected")}</li>
            <li><span class="swatch closed" aria-hidden="true" />{t("key.closed")}</li>
        </ul>
    );
}

/** The base map that the server was given; the one that is built in needs no switch. */
function BaseFile() {
    const t = useText();
    const language = app.use((s) => s.language);
    const file = app.use((s) => s.baseFile);
    const shown = app.use((s) => s.baseShown);
    const opacity = app.use((s) => s.baseOpacity);
    if (!file) return null;
    return (
        <section class="group">
            <h2>{t("base.title")}</h2>
            <label class="option">
                <input type="checkbox" checked={shown} onChange={(e) => app.set({ baseShown: e.currentTarget.checked })} />
                <span class="grow">{t("base.name", { name: file.name })}</span>
            </label>
            {shown ? (
                <Slider label={t("base.opacity")} value={Math.round(opacity * 100)} min={0} max={100} step={5}
                    text={words.chance(language, opacity)} onInput={(v) => app.set({ baseOpacity: v / 100 })} />
            ) : null}
            {file.attribution ? <p class="hint">{file.attribution}</p> : null}
            <p class="hint">{t("base.borders")}</p>
        </section>
    );
}

function uniques(lists: string[][]): string[] {
    return [...new Set(lists.flat())].filter(Boolean).sort();
}

function Filter() {
    const t = useText();
    const word = useWord();
    const filters = app.use((s) => s.filters);
    const layers = app.use((s) => s.layers);
    const statuses = useMemo(() => uniques((layers?.vector ?? []).map((l) => l.statuses ?? [])), [layers]);
    const organisations = useMemo(() => uniques((layers?.vector ?? []).map((l) => l.organisations ?? [])), [layers]);
    const set = (patch: Partial<typeof filters>) => app.set({ filters: { ...filters, ...patch } });
    const used = Object.values(filters).filter(Boolean).length;
    return (
        <details class="group" open={used > 0}>
            <summary><h2>{t("filter.title")}</h2>{used ? <span class="badge">{used}</span> : null}</summary>
            <div class="row">
                <label class="field">{t("filter.from")}<input type="date" value={filters.from} onInput={(e) => set({ from: e.currentTarget.value })} /></label>
                <label class="field">{t("filter.to")}<input type="date" value={filters.to} onInput={(e) => set({ to: e.currentTarget.value })} /></label>
            </div>
            {statuses.length ? <Select label={t("filter.status")} value={filters.status} onChange={(status) => set({ status })}
                options={[["", t("filter.any")], ...statuses.map((s): [string, string] => [s, word("status", s)])]} /> : null}
            {organisations.length ? <Select label={t("filter.organisation")} value={filters.organisation} onChange={(organisation) => set({ organisation })}
                options={[["", t("filter.any")], ...organisations.map((s): [string, string] => [s, s])]} /> : null}
            <p class="hint">{t("filter.undated")}</p>
            {used ? <button type="button" class="quiet" onClick={() => app.set({ filters: noFilters })}>{t("filter.clear")}</button> : null}
        </details>
    );
}

/** First and last year of what the layers hold. */
export function yearSpan(layers: Array<{ from: string | null; to: string | null }>): [number, number] | null {
    const years = layers.flatMap((l) => [words.yearOf(l.from), words.yearOf(l.to)]).filter((y): y is number => y !== null);
    return years.length ? [Math.min(...years), Math.max(...years)] : null;
}

function Years() {
    const t = useText();
    const layers = app.use((s) => s.layers);
    const years = app.use((s) => s.years);
    const span = useMemo(() => yearSpan(layers?.vector ?? []), [layers]);
    const [playing, setPlaying] = useState(false);
    useEffect(() => {
        if (!playing || !span) return;
        const timer = setInterval(() => {
            const [from, to] = app.get().years ?? [span[0], span[0] - 1];
            if (to >= span[1]) setPlaying(false);
            else app.set({ years: [from, to + 1] });
        }, 900);
        return () => clearInterval(timer);
    }, [playing, span]);
    if (!span || span[0] === span[1]) return null;
    const [from, to] = years ?? span;
    const set = (a: number, b: number) => app.set({ years: a <= span[0] && b >= span[1] ? null : [Math.min(a, b), Math.max(a, b)] });
    return (
        <section class="group">
            <h2>{t("time.title")}</h2>
            <Slider label={t("time.from")} value={from} min={span[0]} max={span[1]} text={String(from)} onInput={(v) => set(v, Math.max(v, to))} />
            <Slider label={t("time.to")} value={to} min={span[0]} max={span[1]} text={String(to)} onInput={(v) => set(Math.min(v, from), v)} />
            <div class="row">
                <button type="button" class="quiet" aria-pressed={playing}
                    onClick={() => {
                        if (!playing && to >= span[1]) app.set({ years: [from, from] });
                        setPlaying(!playing);
                    }}>{t(playing ? "time.stop" : "time.play")}</button>
                {years ? <button type="button" class="quiet" onClick={() => app.set({ years: null })}>{t("time.all")}</button> : null}
            </div>
        </section>
    );
}

export function LayersPanel() {
    const t = useText();
    const project = app.use((s) => s.project);
    const guest = app.use(isGuest);
    const language = app.use((s) => s.language);
    const form = app.use((s) => s.form);
    return (
        <Panel title={project?.title || "Tilth"}>
            {guest ? <Notice>{t("guest.words")} {app.get().session?.accounts ? <a href="#/login">{t("login.title")}</a> : null}</Notice> : null}
            <Rasters />
            <Vectors />
            <BaseFile />
            <Years />
            <Filter />
            <section class="group">
                <h2>{t("settings.title")}</h2>
                <div class="row only-small"><LanguageSelect label={t("settings.language")} /><ThemeSelect label={t("settings.theme")} /></div>
                <Choice label={t("settings.coordinates")} value={form} onChange={(v) => app.set({ form: v })}
                    options={[["degrees", t("form.degrees")], ["dms", t("form.dms")], ["utm", "UTM"], ["mgrs", "MGRS"]]} />
            </section>
            <Figures>
                {project?.cell_m ? <Figure label={t("project.cell")} value={words.length(language, project.cell_m)} /> : null}
                {project?.crs ? <Figure label={t("project.crs")} value={project.crs} /> : null}
            </Figures>
            <p class="hint">{t("never_free")}</p>
        </Panel>
    );
}
