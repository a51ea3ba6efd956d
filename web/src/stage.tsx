/*
 * What lies over the map: its buttons, position of the pointer, the measure, the legend; and the table below it.
 */
import { useEffect, useRef, useState } from "preact/hooks";

import { formatCoordinate } from "./coordinates";
import { inverse, pathLength, ringArea } from "./geodesy";
import { fitTo, flyTo, MapView, takePicture, zoomBy } from "./map/view";
import { ScaleBar } from "./panels/layers";
import { RecordTable } from "./panels/records";
import { app, bandOf, useText } from "./state";
import { download, Symbol, useWord } from "./ui";
import * as words from "./words";

function Pointer() {
    const form = app.use((s) => s.form);
    const view = app.use((s) => s.view);
    const t = useText();
    const [at, setAt] = useState<[number, number] | null>(null);
    const out = useRef<HTMLOutputElement>(null);
    useEffect(() => {
        const move = (e: Event) => {
            const place = (e as CustomEvent<{ lng: number; lat: number }>).detail;
            setAt([place.lng, place.lat]);
        };
        addEventListener("place", move);
        return () => removeEventListener("place", move);
    }, []);
    const [lon, lat] = at ?? [view?.lon ?? 0, view?.lat ?? 0];
    return view ? <output class="pointer" ref={out} aria-label={t("map.pointer")} aria-live="off">{formatCoordinate(form, lon, lat)}</output> : null;
}

function Measure() {
    const t = useText();
    const tool = app.use((s) => s.tool);
    const path = app.use((s) => s.path);
    const language = app.use((s) => s.language);
    if (tool !== "measure") return null;
    const last = path.length > 1 ? inverse(path[path.length - 2]!, path[path.length - 1]!) : null;
    return (
        <section class="card measure" aria-label={t("measure.title")}>
            <p role="status">
                {path.length < 2 ? t("measure.start") : t("measure.length", { length: words.length(language, pathLength(path)) })}
                {last ? <><br />{t("measure.bearing", { bearing: words.number(language, last.bearing_deg, 4) })}</> : null}
                {path.length > 2 ? <><br />{t("measure.area", { area: words.area(language, ringArea(path)) })}</> : null}
            </p>
            <div class="row">
                <button type="button" class="quiet" disabled={!path.length} onClick={() => app.set({ path: path.slice(0, -1) })}>{t("measure.undo")}</button>
                <button type="button" class="quiet" onClick={() => app.set({ tool: "none", path: [] })}>{t("close")}</button>
            </div>
        </section>
    );
}

/** The map as a picture with its scale: what is on the screen, as it stands. */
function savePicture(): void {
    takePicture((canvas) => canvas.toBlob((blob) => blob && download("tilth-map.png", "image/png", blob)));
}

function Buttons() {
    const t = useText();
    const tool = app.use((s) => s.tool);
    const extent = app.use((s) => s.project?.extent);
    const open = app.use((s) => s.tableOpen);
    const [place, setPlace] = useState("");
    const locate = () => {
        setPlace("");
        navigator.geolocation?.getCurrentPosition(
            ({ coords }) => {
                location.hash = `#/place/${coords.longitude.toFixed(6)},${coords.latitude.toFixed(6)}`;
                flyTo(coords.longitude, coords.latitude);
            },
            () => setPlace(t("map.no_position")),
        );
    };
    const icon = (d: string) => <svg viewBox="0 0 24 24" aria-hidden="true"><path d={d} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" /></svg>;
    return (
        <div class="map-buttons" role="group" aria-label={t("map.buttons")}>
            <button type="button" aria-label={t("map.in")} title={t("map.in")} onClick={() => zoomBy(1)}>{icon("M12 5v14M5 12h14")}</button>
            <button type="button" aria-label={t("map.out")} title={t("map.out")} onClick={() => zoomBy(-1)}>{icon("M5 12h14")}</button>
            <button type="button" aria-label={t("map.whole")} title={t("map.whole")} onClick={() => extent && fitTo(extent as [number, number, number, number])}>{icon("M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5")}</button>
            <button type="button" aria-label={t("map.locate")} title={t("map.locate")} onClick={locate}>{icon("M12 2v4M12 18v4M2 12h4M18 12h4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z")}</button>
            <button type="button" aria-label={t("measure.title")} title={t("measure.title")} aria-pressed={tool === "measure"}
                onClick={() => app.set({ tool: tool === "measure" ? "none" : "measure", path: [] })}>{icon("M3 16 16 3l5 5L8 21zM8 11l2 2M11 8l2 2M14 5l2 2")}</button>
            <button type="button" aria-label={t("map.picture")} title={t("map.picture")} onClick={savePicture}>{icon("M12 4v11M7 10l5 5 5-5M4 20h16")}</button>
            <button type="button" aria-label={t("table.title")} title={t("table.title")} aria-pressed={open} onClick={() => app.set({ tableOpen: !open })}>{icon("M4 5h16v14H4zM4 10h16M4 15h16M10 5v14")}</button>
            {place ? <p class="card" role="alert">{place}</p> : null}
        </div>
    );
}

function Legend() {
    const band = app.use(bandOf);
    const shown = app.use((s) => s.shown);
    const years = app.use((s) => s.years);
    const layers = app.use((s) => s.layers);
    const t = useText();
    const word = useWord();
    const kinds = (layers?.vector ?? []).filter((l) => shown[l.kind]);
    if (!band && !kinds.length) return null;
    return (
        <aside class="card legend" aria-label={t("legend.title")}>
            {band ? <ScaleBar band={band} /> : null}
            <ul>{kinds.map((l) => <li key={l.kind}><Symbol kind={l.kind} />{word("kind", l.kind)}</li>)}</ul>
            {years ? <p class="years">{t("legend.years", { from: years[0], to: years[1] })}</p> : null}
        </aside>
    );
}

function TableBelow() {
    const t = useText();
    const word = useWord();
    const layers = app.use((s) => s.layers);
    const shown = app.use((s) => s.shown);
    const kinds = (layers?.vector ?? []).map((l) => l.kind).filter((k) => shown[k]);
    const [wanted, setWanted] = useState("");
    const kind = kinds.find((k) => k === wanted) ?? kinds[0];
    return (
        <section class="below" aria-label={t("table.title")}>
            <div class="below-head">
                <div class="pills" role="group" aria-label={t("table.kind")}>
                    {kinds.map((k) => <button key={k} type="button" aria-pressed={k === kind} onClick={() => setWanted(k)}><Symbol kind={k} />{word("kind", k)}</button>)}
                </div>
                <button type="button" class="quiet" onClick={() => app.set({ tableOpen: false })}>{t("close")}</button>
            </div>
            {kind ? <RecordTable kind={kind} caption={word("kind", kind)} /> : <p class="hint">{t("table.none")}</p>}
        </section>
    );
}

export function Stage() {
    const open = app.use((s) => s.tableOpen);
    const t = useText();
    return (
        <section class={open ? "stage with-table" : "stage"} aria-label={t("map.region")}>
            <div class="stage-map">
                <MapView />
                <Buttons />
                <Measure />
                <div class="corner"><Legend /><Pointer /></div>
            </div>
            {open ? <TableBelow /> : null}
        </section>
    );
}
