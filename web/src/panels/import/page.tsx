/*
 * One file on its way in: what it holds, what its rows are, which column goes where; the dry run; taking it in; the report. Nothing is written before the
 * last button, and then exactly what the dry run has shown.
 */
import { useEffect, useRef } from "preact/hooks";

import { ApiError } from "../../api";
import { to } from "../../route";
import { app, useText } from "../../state";
import { Busy, Notice, Panel, Select, Trouble, useAsk, useWord } from "../../ui";
import { number } from "../../words";
import { useSize } from "./begin";
import * as calls from "./calls";
import { LayerTable, type Mapping, MappingForm, More } from "./mapping";
import { CountFigures, Incoming, Reasons, RefusedTable } from "./outcome";
import { RasterOne } from "./raster";
import { type Trial as TrialOf, useWayIn } from "./trial";

const KINDS = ["hazard-area", "accident", "item", "search", "report", "line", "place"] as const;

type Trial = TrialOf<calls.Tried>;
type Chosen = Omit<calls.Options, "as"> & { as: calls.Options["as"] | "" };

/* As it is sent: what is empty is left out. */
function request(chosen: Chosen): calls.Options | null {
    if (!chosen.as) return null;
    return Object.fromEntries(Object.entries(chosen).filter(([, v]) => v !== "" && v !== false && v !== undefined && v !== null)) as calls.Options;
}

function Report({ done, kind }: { done: calls.Done; kind: string }) {
    const t = useText();
    const word = useWord();
    const head = useRef<HTMLHeadingElement>(null);
    useEffect(() => head.current?.focus(), []);
    return (
        <section class="group" aria-labelledby="import-done">
            <h2 id="import-done" tabIndex={-1} ref={head}>{t("import.done", { file: done.file, n: done.import })}</h2>
            <CountFigures counts={done.counts} done />
            <Reasons reasons={done.reasons} />
            <div class="row">
                {done.counts.refused ? <a class="button strong" href={to.refused(String(done.import))}>{t("import.mend#", { n: done.counts.refused })}</a> : null}
                <a class="button" href={to.records(kind)}>{t("import.see", { kind: word("kind", kind) })}</a>
                <a class="button" href={to.import()}>{t("import.another")}</a>
            </div>
            <p class="hint">{t("import.map_is_old")}</p>
        </section>
    );
}

function TakeIn({ trial, busy, error, onCommit }: { trial: Trial; busy: boolean; error: unknown; onCommit: () => void }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const counts = trial.tried?.counts;
    const n = counts ? counts.added + counts.updated : 0;
    return (
        <section class="group take-in">
            {error ? <Trouble error={error} /> : null}
            {error instanceof ApiError && error.status === 409 ? <Notice kind="warn">{t("import.changed")}</Notice> : null}
            <button type="button" disabled={!trial.fresh || !trial.tried?.token || busy || n + (counts?.refused ?? 0) === 0} onClick={onCommit}>
                {busy ? t("import.taking") : t("import.take", { added: number(language, counts?.added ?? 0, 9), updated: number(language, counts?.updated ?? 0, 9) })}
            </button>
            <small>{t("import.take_words")}</small>
        </section>
    );
}

function Result({ trial }: { trial: Trial }) {
    const t = useText();
    const { tried } = trial;
    if (!tried) return trial.error ? <Trouble error={trial.error} /> : <Busy label={t("import.trying")} />;
    return (
        <div class={trial.busy ? "waiting" : ""}>
            {trial.error ? <Trouble error={trial.error} /> : null}
            {trial.busy ? <Busy label={t("import.trying")} /> : null}
            {tried.problem ? <p class="notice trouble" role="alert">{tried.problem}</p> : (
                <>
                    <section class="group" aria-live="polite"><h2>{t("import.dry_run")}</h2><CountFigures counts={tried.counts} done={false} /></section>
                    <Reasons reasons={tried.reasons} />
                    <RefusedTable rows={tried.refused} total={tried.counts.refused} />
                    <Incoming sample={tried.sample as unknown as GeoJSON.FeatureCollection} counts={tried.counts} />
                </>
            )}
        </div>
    );
}

function One({ file }: { file: calls.Sent }) {
    const t = useText();
    const word = useWord();
    const size = useSize();
    const { chosen, change, trial, done, busy, error, commit } = useWayIn(file.id, (): Chosen => ({ as: "" }), request, calls.attempt);
    const layer = file.layers.find((l) => l.name === chosen.layer) ?? file.layers[0]!;
    if (done) return <Report done={done} kind={done.as} />;
    return (
        <>
            <p class="subtitle">{size(file.bytes)} · {file.driver}</p>
            {file.layers.length > 1 ? (
                <Select label={t("import.layer")} value={layer.name} onChange={(name) => change({ layer: name, map: undefined })}
                    options={file.layers.map((l) => [l.name, t("import.layer_rows", { name: l.name, n: l.rows })])} />
            ) : <p class="hint">{t("import.rows#", { n: layer.rows })}{layer.geometry !== "none" ? ` ${t(`import.geometry.${layer.geometry}`)}` : ""}</p>}
            <LayerTable layer={layer} />
            <Select label={t("import.as")} value={chosen.as} onChange={(as) => change({ as: as as Chosen["as"], map: undefined })}
                options={[["", t("import.choose_kind")], ...KINDS.map((k): [string, string] => [k, word("kind", k)])]} />
            {chosen.as ? (
                <>
                    {trial.tried ? <MappingForm fields={trial.tried.fields} layer={layer} mapping={(chosen.map ?? trial.tried.mapping) as Mapping} from={trial.tried.mapping_from}
                        changed={!!chosen.map} onChange={(map) => change({ map })} onForget={() => change({ map: undefined })} /> : null}
                    <More options={{ ...chosen, as: chosen.as }} onChange={(patch) => change(patch as Partial<Chosen>)} />
                    <Result trial={trial} />
                    {trial.tried?.token ? <TakeIn trial={trial} busy={busy} error={error} onCommit={() => void commit()} /> : error ? <Trouble error={error} /> : null}
                </>
            ) : null}
        </>
    );
}

export function FilePanel({ id }: { id: string }) {
    const t = useText();
    const asked = useAsk((signal) => calls.one(id, signal), [id]);
    return (
        <Panel key={id} title={asked.value?.name ?? t("import.title")} back={to.import()}>
            {asked.error ? <><Trouble error={asked.error} /><p class="hint">{t("import.gone")}</p></> : asked.value?.raster ? <RasterOne key={id} file={asked.value} /> : asked.value ? <One key={id} file={asked.value} /> : <Busy />}
        </Panel>
    );
}
