/*
 * Where a record lies: a position in any notation with its meaning at once, or a click on the map; a line or a perimeter drawn, typed as turning points, or
 * by bearing and distance. Of a geometry in several parts one ring is edited at a time, and the others stay as they are.
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { ApiError } from "../../api";
import { formatCoordinate } from "../../coordinates";
import { crossesItself, inverse, ringArea, type Position as Point } from "../../geodesy";
import { boundsOf, fitTo, flyTo } from "../../map/view";
import { app, useText } from "../../state";
import { Choice, Notice, Select } from "../../ui";
import { area, length, number } from "../../words";
import { Legs, Points, Sides } from "../draw";
import * as calls from "./calls";
import { Field } from "./fields";
import { ringsOf, type Typed, withRing } from "./typed";

type Part = { typed: Typed; onChange: (patch: Partial<Typed>) => void; wrong: string };
export type Shape = "point" | "line" | "polygon";

interface Meaning {
    value: calls.Position | null;
    error: string;
    busy: boolean;
}

/** What a typed position means, as the server would take it. */
function useMeaning(text: string, outside: boolean): Meaning {
    const [meaning, setMeaning] = useState<Meaning>({ value: null, error: "", busy: false });
    useEffect(() => {
        const clean = text.trim();
        if (!clean) {
            setMeaning({ value: null, error: "", busy: false });
            return;
        }
        const stop = new AbortController();
        setMeaning((last) => ({ ...last, busy: true }));
        const timer = setTimeout(() => {
            calls.position(clean, outside, stop.signal).then(
                (value) => setMeaning({ value, error: "", busy: false }),
                (e) => !stop.signal.aborted && setMeaning({ value: null, error: e instanceof ApiError && e.status === 422 ? e.message : "", busy: false }),
            );
        }, 220);
        return () => {
            clearTimeout(timer);
            stop.abort();
        };
    }, [text, outside]);
    return meaning;
}

/** Metres on the ground of one step of the pointer: what a click on the map is good for at best. */
function useClickGrain(): number {
    const view = app.use((s) => s.view);
    /* One pixel of the map, which has tiles of 512; a hand is good for some four of them. */
    return view ? ((4 * 40075016.7 * Math.cos((view.lat * Math.PI) / 180)) / 512) / 2 ** view.zoom : 0;
}

function OnePoint({ typed, onChange, wrong }: Part) {
    const t = useText();
    const language = app.use((s) => s.language);
    const form = app.use((s) => s.form);
    const picked = app.use((s) => s.picked);
    const view = app.use((s) => s.view);
    const grain_m = useClickGrain();
    const change = useRef(onChange);
    change.current = onChange;
    const meaning = useMeaning(typed.how === "typed" ? typed.position : "", typed.outside);
    const put = (at: Point) => change.current({ how: "map", position: "", geometry: { type: "Point", coordinates: [Number(at[0].toFixed(8)), Number(at[1].toFixed(8))] } });
    useEffect(() => {
        app.set({ tool: "pick", picked: null, path: [] });
        return () => app.set({ tool: "none", picked: null, marks: [] });
    }, []);
    useEffect(() => {
        if (picked) put(picked);
    }, [picked]);
    const from = typed.how === "map" && typed.geometry?.type === "Point" ? (typed.geometry.coordinates as Point) : meaning.value ? ([meaning.value.lon, meaning.value.lat] as Point) : null;
    useEffect(() => {
        if (from) flyTo(from[0], from[1], 12);
    }, []);
    useEffect(() => {
        app.set({ marks: from ? [{ lon: from[0], lat: from[1], label: t("form.here") }] : [] });
    }, [from?.[0], from?.[1], language]);
    return (
        <>
            <Field name="position" label={t("form.position")} value={typed.how === "typed" ? typed.position : ""} onInput={(v) => onChange({ how: "typed", position: v })}
                hint={t("form.position_hint")} wrong={wrong || meaning.error} placeholder={typed.how === "map" && from ? formatCoordinate(form, from[0], from[1]) : "48.2955 N, 37.2343 E"} />
            <div class="meaning" role="status">
                {from ? (
                    <>
                        <p><b>{typed.how === "map" ? t("form.on_map") : t("form.means")}</b> {formatCoordinate("degrees", from[0], from[1])}</p>
                        <p class="muted">{formatCoordinate("utm", from[0], from[1])} · {formatCoordinate("mgrs", from[0], from[1])}</p>
                        {meaning.value && typed.how === "typed" && meaning.value.accuracy_m !== null
                            ? <p class="muted">{t("form.notation_accuracy", { m: length(language, meaning.value.accuracy_m) })}</p> : null}
                        {meaning.value?.doubts.map((d) => <Notice key={d.reason} kind="warn">{d.message}</Notice>)}
                    </>
                ) : null}
            </div>
            <div class="row">
                <button type="button" class="quiet" disabled={!view} onClick={() => view && put([view.lon, view.lat])}>{t("form.middle")}</button>
                {from ? <button type="button" class="quiet" onClick={() => flyTo(from[0], from[1])}>{t("show")}</button> : null}
            </div>
            {typed.how === "map" && from && grain_m > 0 ? <small>{t("form.grain", { m: length(language, grain_m) })}</small> : null}
        </>
    );
}

type How = "map" | "points" | "legs";

function ManyPoints({ typed, onChange, wrong, shape }: Part & { shape: "line" | "polygon" }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const ring = app.use((s) => s.ring);
    const [how, setHow] = useState<How>("map");
    const [which, setWhich] = useState(0);
    const rings = useMemo(() => ringsOf(typed.geometry), [typed.geometry]);
    const change = useRef(onChange), geometry = useRef(typed.geometry), mine = useRef<Point[]>([]);
    change.current = onChange;
    geometry.current = typed.geometry;
    const least = shape === "line" ? 2 : 3;
    useEffect(() => {
        const first = ringsOf(geometry.current)[which]?.points ?? [];
        mine.current = first;
        app.set({ tool: "draw", drawing: shape, path: [], ring: first });
        const stop = app.subscribe((state) => {
            if (state.tool !== "draw" || state.ring === mine.current) return;
            mine.current = state.ring;
            change.current({ how: "map", geometry: withRing(geometry.current, which, state.ring, shape) });
        });
        return () => {
            stop();
            app.set({ tool: "none", drawing: "polygon", ring: [] });
        };
    }, [shape, which]);
    useEffect(() => {
        app.set({ selected: rings.length > 1 ? typed.geometry : null });
        return () => app.set({ selected: null });
    }, [rings.length, which]);
    useEffect(() => {
        const box = typed.geometry ? boundsOf(typed.geometry) : null;
        if (box) fitTo(box);
    }, []);
    const kept = { texts: typed.texts, onText: (name: string, text: string) => onChange({ texts: { ...typed.texts, [name]: text } }) };
    const ways: Array<[How, string]> = [["map", t("draw.on_map")], ["points", t("draw.by_points")]];
    if (shape === "polygon") ways.push(["legs", t("draw.by_legs")]);
    return (
        <>
            {rings.length > 1 ? (
                <Select label={t("form.ring")} value={String(which)} onChange={(v) => setWhich(Number(v))}
                    options={rings.map((r, i) => [String(i), t(r.ring ? "form.hole_of" : "form.part_of", { n: r.part + 1, hole: r.ring })])} />
            ) : null}
            <Choice label={t("draw.how")} value={how} onChange={setHow} options={ways} />
            {how === "map" ? <p class="hint">{t(ring.length >= least ? "draw.edit" : shape === "line" ? "form.begin_line" : "draw.begin")}</p>
                : how === "points" ? <Points key={which} least={least} {...kept} /> : <Legs {...kept} />}
            {ring.length >= least ? (
                <>
                    <p role="status">{shape === "polygon" ? t("form.encloses", { area: area(language, ringArea(ring)), n: ring.length })
                        : t("form.runs", { length: length(language, ring.reduce((s, p, i) => (i ? s + inverse(ring[i - 1]!, p).distance_m : 0), 0)), n: ring.length })}</p>
                    {shape === "polygon" ? <Sides ring={ring} /> : null}
                    {rings.length < 2 ? <div class="row"><button type="button" class="quiet" onClick={() => app.set({ ring: [] })}>{t("draw.clear")}</button></div> : null}
                </>
            ) : null}
            {shape === "polygon" && crossesItself(ring) ? <Notice kind="warn">{t("draw.crossed")}</Notice> : null}
            {wrong ? <p class="notice trouble" role="alert">{wrong}</p> : null}
        </>
    );
}

const shapeOf = (geometry: GeoJSON.Geometry | null): Shape =>
    /Polygon/.test(geometry?.type ?? "") ? "polygon" : /Line/.test(geometry?.type ?? "") ? "line" : "point";

export function Where({ of, ...part }: Part & { of: calls.Kind["geometry"] }) {
    const t = useText();
    const [shape, setShape] = useState<Shape>(of === "any" ? shapeOf(part.typed.geometry) : of);
    return (
        <section class="group">
            <h2>{t("form.where")}</h2>
            {of === "any" ? (
                <Choice label={t("form.shape")} value={shape} options={[["point", t("form.point")], ["line", t("form.line")], ["polygon", t("form.polygon")]]}
                    onChange={(v) => {
                        setShape(v);
                        app.set({ ring: [] });
                        part.onChange({ geometry: null, position: "", how: v === "point" ? "typed" : "map" });
                    }} />
            ) : null}
            {shape === "point" ? <OnePoint {...part} /> : <ManyPoints key={shape} {...part} shape={shape} />}
        </section>
    );
}

/** A place in words, for where two versions of it are compared. */
export function usePlaceWords(): (text: string) => string {
    const t = useText();
    const language = app.use((s) => s.language);
    const form = app.use((s) => s.form);
    return (text) => {
        if (!text.startsWith("{")) return text;
        const geometry = JSON.parse(text) as GeoJSON.Geometry;
        if (geometry.type === "Point") return formatCoordinate(form, geometry.coordinates[0]!, geometry.coordinates[1]!);
        const rings = ringsOf(geometry), points = rings.reduce((n, r) => n + r.points.length, 0);
        const m2 = rings.reduce((s, r) => s + (/Polygon/.test(geometry.type) ? (r.ring ? -1 : 1) * ringArea(r.points) : 0), 0);
        return m2 > 0 ? t("form.encloses", { area: area(language, m2), n: points }) : t("form.points", { n: number(language, points) });
    };
}
