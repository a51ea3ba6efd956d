/*
 * A raster on its way in: where it lies and what it holds, whether it is a quantity or classes, and the covariates that it would become, each as a small picture
 * of the project's grid with what is not known of the area. Nothing is written before the last button.
 */
import { useEffect, useRef } from "preact/hooks";

import { ApiError } from "../../api";
import { boundsOf, fitTo } from "../../map/view";
import { to } from "../../route";
import { app, useText } from "../../state";
import { Busy, Choice, Figure, Figures, Notice, Select, Text, Trouble } from "../../ui";
import { chance, number, typedNumber } from "../../words";
import { useSize } from "./begin";
import * as calls from "./calls";
import { type Trial, useWayIn } from "./trial";

type Raster = NonNullable<calls.Sent["raster"]>;
type Band = Raster["bands"][number];
type RasterTryLayer = calls.RasterTried["layers"][number];
type Way = calls.RasterOptions["way"];

const CLASSES_MAX = 32;

interface Chosen {
    band: number;
    way: Way;
    name: string;
    crs: string;
    classes: Array<{ value: number; name: string; on: boolean }>;
    mean: string;
    sd: string;
}

/* Whole numbers of few values are classes, most likely; of them the commonest is left out: its share follows from the others. */
function firstChoice(file: calls.Sent, band: number): Chosen {
    const { classes: found, type } = file.raster!.bands[band - 1]!, all = found ?? [];
    const most = all.reduce((n, c) => Math.max(n, c.n), 0), at = all.findIndex((c) => c.n === most);
    return { band, way: all.length > 1 && all.length <= CLASSES_MAX && !type.startsWith("Float") ? "classes" : "mean", name: file.name.replace(/\.[^.]*$/, ""), crs: "", mean: "", sd: "",
        classes: all.map((c, i) => ({ value: c.value, name: c.name || String(c.value), on: i !== at })) };
}

/* As it is sent; null while a class is to be chosen, or a number is none. */
function request(chosen: Chosen): calls.RasterOptions | null {
    const classes = chosen.classes.filter((c) => c.on).map(({ value, name }) => ({ value, name: name.trim() }));
    const mean = typedNumber(chosen.mean || "0"), sd = typedNumber(chosen.sd || "0");
    if (mean === null || sd === null || sd < 0) return null;
    if (chosen.way === "classes" && (!classes.length || classes.length > CLASSES_MAX || classes.some((c) => !c.name))) return null;
    return { way: chosen.way, band: chosen.band, ...(chosen.name.trim() ? { name: chosen.name.trim() } : {}), ...(chosen.crs.trim() ? { crs: chosen.crs.trim() } : {}),
        ...(chosen.way === "classes" ? { classes } : {}), ...(mean ? { prior_mean: mean } : {}), ...(sd ? { prior_sd: sd } : {}) };
}

type Cell = Raster["cell"];

function useCellSize(): (cell: Cell) => string {
    const t = useText();
    const language = app.use((s) => s.language);
    return ({ x, y, unit }) => {
        const one = (v: number) => (unit === "degree" ? `${number(language, v)}°` : unit === "m" ? `${number(language, v)} ${t("unit.m")}` : number(language, v));
        return Math.abs(x - y) <= 1e-6 * Math.abs(x) ? one(x) : `${one(x)} × ${one(y)}`;
    };
}

function Facts({ raster, band, cell, way }: { raster: Raster; band: Band; cell: Cell; way: Way }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const size = useCellSize();
    const n = (v: number | null) => number(language, v, 4);
    return (
        <>
            <Figures>
                <Figure label={t("raster.size")} value={t("raster.cells", { x: number(language, raster.n_x, 9), y: number(language, raster.n_y, 9) })} />
                <Figure label={t("raster.cell")} value={size(cell)} />
                <Figure label={t("raster.system")} value={raster.crs || t("raster.no_system")} />
                <Figure label={t("raster.without")} value={chance(language, 1 - band.known / Math.max(1, band.looked))} />
                <Figure label={t("raster.values")} value={band.min === null ? "–" : t("raster.from_to", { from: n(band.min), to: n(band.max) })} {...(band.mean === null || way === "classes" ? {} : { note: t("raster.mean", { mean: n(band.mean) }) })} />
            </Figures>
            {band.looked < raster.n_x * raster.n_y ? <p class="hint">{t("raster.looked", { share: chance(language, band.looked / (raster.n_x * raster.n_y)) })}</p> : null}
        </>
    );
}

function Classes({ band, classes, onChange: set }: { band: Band; classes: Chosen["classes"]; onChange: (i: number, patch: Partial<Chosen["classes"][number]>) => void }) {
    const t = useText();
    const language = app.use((s) => s.language);
    return (
        <fieldset class="plain-set raster-classes">
            <legend>{t("raster.classes")}</legend>
            <p class="hint">{t("raster.classes_hint")}</p>
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("raster.classes")}>
                <table>
                    <thead><tr><th scope="col">{t("raster.take_class")}</th><th scope="col" class="number">{t("raster.value")}</th><th scope="col" class="number">{t("raster.share")}</th><th scope="col">{t("raster.class_name")}</th></tr></thead>
                    <tbody>{classes.map((c, i) => (
                        <tr key={c.value}>
                            <td><input type="checkbox" checked={c.on} aria-label={t("raster.take_this", { value: c.value })} onChange={(e) => set(i, { on: e.currentTarget.checked })} /></td>
                            <th scope="row" class="number">{c.value}</th>
                            <td class="number">{chance(language, (band.classes?.[i]?.n ?? 0) / Math.max(1, band.known))}</td>
                            <td><input type="text" value={c.name} maxLength={40} aria-label={t("raster.name_of", { value: c.value })} disabled={!c.on} onInput={(e) => set(i, { name: e.currentTarget.value })} /></td>
                        </tr>
                    ))}</tbody>
                </table>
            </div>
            {classes.every((c) => c.on) ? <Notice kind="warn">{t("raster.leave_one")}</Notice> : classes.some((c) => c.on) ? null : <Notice kind="warn">{t("raster.choose_class")}</Notice>}
        </fieldset>
    );
}

/* From the lowest to the highest value in the scale of the maps' uncertainty; what is not known is left clear. */
const SCALE = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]] as const;

function colour(share: number): [number, number, number] {
    const at = Math.min(share * (SCALE.length - 1), SCALE.length - 1 - 1e-9), i = Math.floor(at), f = at - i;
    return [0, 1, 2].map((k) => Math.round(SCALE[i]![k]! + f * (SCALE[i + 1]![k]! - SCALE[i]![k]!))) as [number, number, number];
}

function Picture({ preview, label }: { preview: RasterTryLayer["preview"]; label: string }) {
    const canvas = useRef<HTMLCanvasElement>(null);
    useEffect(() => {
        const context = canvas.current?.getContext("2d");
        if (!context || !preview.n_x || !preview.n_y) return;
        const image = context.createImageData(preview.n_x, preview.n_y);
        preview.cells.forEach((v, i) => v >= 0 && image.data.set([...colour(v / 255), 255], 4 * i));
        context.putImageData(image, 0, 0);
    }, [preview]);
    return <canvas ref={canvas} class="raster-picture" width={Math.max(1, preview.n_x)} height={Math.max(1, preview.n_y)} role="img" aria-label={label} />;
}

function Layer({ layer }: { layer: RasterTryLayer }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const n = (v: number | null) => number(language, v, 4);
    const unknown = chance(language, layer.unknown / Math.max(1, layer.cells)), { min, max, mean } = layer.preview;
    return (
        <li class="raster-layer">
            <Picture preview={layer.preview} label={t("raster.picture", { name: layer.name, from: n(min), to: n(max) })} />
            <div>
                <p><b>{layer.name}</b> <small>{t(`raster.state.${layer.state}`)}</small></p>
                <p>{t("raster.spread", { from: n(min), mean: n(mean), to: n(max) })}</p>
                <p class={layer.unknown ? "notice warn" : "hint"}>{layer.unknown ? t("raster.unknown", { share: unknown }) : t("raster.whole")}</p>
            </div>
        </li>
    );
}

/* The outline over the map, beside which the area of interest lies. */
function useOutline(outline: Raster["outline"]) {
    useEffect(() => {
        const geometry = outline as unknown as GeoJSON.Polygon | null;
        if (!geometry) return;
        app.set({ incoming: { type: "FeatureCollection", features: [{ type: "Feature", properties: { state: "added" }, geometry }] } });
        const box = boundsOf(geometry);
        if (box) fitTo(box);
        return () => app.set({ incoming: null });
    }, [JSON.stringify(outline)]);
}

function Result({ trial }: { trial: Trial<calls.RasterTried> }) {
    const t = useText();
    const { tried } = trial;
    if (!tried) return trial.error ? <Trouble error={trial.error} /> : trial.busy ? <Busy label={t("import.trying")} /> : null;
    return (
        <div class={trial.busy ? "waiting" : ""}>
            {trial.error ? <Trouble error={trial.error} /> : null}
            {trial.busy ? <Busy label={t("import.trying")} /> : null}
            {tried.problem ? <p class="notice trouble" role="alert">{tried.problem}</p> : (
                <section class="group" aria-live="polite">
                    <h2>{t("import.dry_run")}</h2>
                    <p class="hint">{t("raster.would#", { n: tried.layers.length })}</p>
                    <ul class="plain raster-layers">{tried.layers.map((layer) => <Layer key={layer.name} layer={layer} />)}</ul>
                </section>
            )}
        </div>
    );
}

function Report({ done }: { done: calls.Done }) {
    const t = useText();
    const head = useRef<HTMLHeadingElement>(null);
    useEffect(() => head.current?.focus(), []);
    return (
        <section class="group" aria-labelledby="import-done">
            <h2 id="import-done" tabIndex={-1} ref={head}>{t("import.done", { file: done.file, n: done.import })}</h2>
            <ul>{Object.entries(done.mapping).map(([name, state]) => <li key={name}><b>{name}</b> <small>{t(`raster.state.${state as RasterTryLayer["state"]}`)}</small></li>)}</ul>
            <div class="row"><a class="button" href={to.import()}>{t("import.another")}</a></div>
            <p class="hint">{t("raster.map_is_old")}</p>
        </section>
    );
}

export function RasterOne({ file }: { file: calls.Sent }) {
    const t = useText();
    const size = useSize();
    const raster = file.raster!;
    const { chosen, latest, change, trial, done, busy, error, commit } = useWayIn(file.id, () => firstChoice(file, 1), request, calls.attemptRaster);
    const band = raster.bands[chosen.band - 1] ?? raster.bands[0]!;
    useOutline(done ? null : (trial.tried?.outline ?? raster.outline));
    const changeClass = (i: number, patch: Partial<Chosen["classes"][number]>) =>
        change({ classes: latest.current.classes.map((c, k) => (k === i ? { ...c, ...patch } : c)) });
    if (done) return <Report done={done} />;
    const changes = trial.tried ? trial.tried.counts.added + trial.tried.counts.updated : 0;
    const ways: Way[] = band.classes && band.classes.length <= CLASSES_MAX ? ["mean", "classes", "nearest"] : ["mean", "nearest"];
    return (
        <>
            <p class="subtitle">{size(file.bytes)} · {file.driver}</p>
            <p>{t("raster.words")}</p>
            {raster.bands.length > 1 ? (
                <Select label={t("raster.band")} value={String(chosen.band)} onChange={(b) => change({ ...firstChoice(file, Number(b)), name: chosen.name, crs: chosen.crs })}
                    options={raster.bands.map((b, i) => [String(i + 1), b.name ? `${i + 1}: ${b.name}` : String(i + 1)])} />
            ) : null}
            <Facts raster={raster} band={band} cell={trial.tried?.cell ?? raster.cell} way={chosen.way} />
            {raster.crs ? null : <Text label={t("import.crs")} value={chosen.crs} hint={t("raster.crs_hint")} onInput={(crs) => change({ crs })} />}
            <Choice label={t("raster.what")} value={chosen.way} onChange={(way) => change({ way })} options={ways.map((w): [Way, string] => [w, t(`raster.way.${w}`)])} />
            <p class="hint">{t(`raster.way_hint.${chosen.way}`)}</p>
            <Text label={t("raster.name")} value={chosen.name} hint={t(chosen.way === "classes" ? "raster.name_hint_classes" : "raster.name_hint")} onInput={(name) => change({ name })} />
            {chosen.way === "classes" ? <Classes band={band} classes={chosen.classes} onChange={changeClass} /> : null}
            <details class="group" open={!!(chosen.mean || chosen.sd)}>
                <summary><h2>{t("import.more")}</h2></summary>
                <p class="hint">{t("raster.prior_hint")}</p>
                <Text label={t("raster.prior_mean")} value={chosen.mean} onInput={(mean) => change({ mean })} bad={typedNumber(chosen.mean || "0") === null} />
                <Text label={t("raster.prior_sd")} value={chosen.sd} onInput={(sd) => change({ sd })} bad={!((typedNumber(chosen.sd || "0") ?? -1) >= 0)} />
            </details>
            <Result trial={trial} />
            {trial.tried?.token ? (
                <section class="group take-in">
                    {error ? <Trouble error={error} /> : null}
                    {error instanceof ApiError && error.status === 409 ? <Notice kind="warn">{t("import.changed")}</Notice> : null}
                    <button type="button" disabled={!trial.fresh || busy || changes === 0} onClick={() => void commit()}>{busy ? t("import.taking") : changes ? t("raster.take#", { n: changes }) : t("raster.nothing_new")}</button>
                    <small>{t("raster.take_words")}</small>
                </section>
            ) : error ? <Trouble error={error} /> : null}
        </>
    );
}
