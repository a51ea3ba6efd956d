/*
 * A polygon of one's own: drawn on the map, typed as turning points, or as bearings and distances; and its assessment at once. Nothing of it is kept.
 */
import { useEffect, useMemo, useState } from "preact/hooks";

import * as api from "../api";
import { formatCoordinate } from "../coordinates";
import { crossesItself, inverse, type Position, ringArea, traverse } from "../geodesy";
import { fitTo } from "../map/view";
import { to } from "../route";
import { app, useText } from "../state";
import { typedLegs, typedPosition } from "../typed";
import { Choice, Figure, Figures, Notice, Panel, Text } from "../ui";
import { area, length, number, typedNumber } from "../words";
import { Assessment } from "./assessment";

type How = "map" | "points" | "legs";

async function readPosition(text: string): Promise<Position | null> {
    const plain = typedPosition(text);
    if (plain) return plain;
    const answer = await api.search(text.trim());
    const hit = answer.hits.find((h) => h.kind === "coordinate" && h.lon !== null && h.lat !== null);
    return hit ? [hit.lon!, hit.lat!] : null;
}

function useRing(set: (ring: Position[]) => void) {
    return (ring: Position[]) => {
        set(ring);
        app.set({ ring });
        if (ring.length > 2) {
            const xs = ring.map((p) => p[0]), ys = ring.map((p) => p[1]);
            fitTo([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
        }
    };
}

/** Texts that are typed and not taken yet, where a form keeps them. */
export interface KeptTexts {
    texts?: Record<string, string>;
    onText?: (name: string, text: string) => void;
}

function useKeptText({ texts, onText }: KeptTexts, name: string, first: () => string): [string, (text: string) => void] {
    const [text, setText] = useState(() => texts?.[name] ?? first());
    return [text, (next) => {
        setText(next);
        onText?.(name, next);
    }];
}

export function Points({ least = 3, ...kept }: KeptTexts & { least?: number }) {
    const t = useText();
    const form = app.use((s) => s.form);
    const ring = app.use((s) => s.ring);
    const [text, setText] = useKeptText(kept, "points", () => ring.map((p) => formatCoordinate(form, p[0], p[1])).join("\n"));
    const [trouble, setTrouble] = useState("");
    const apply = useRing(() => undefined);
    const take = async () => {
        const lines = text.split("\n").map((l) => l.trim()).filter(Boolean);
        const found: Position[] = [];
        for (const [i, line] of lines.entries()) {
            const at = await readPosition(line).catch(() => null);
            if (!at) return setTrouble(t("draw.bad_point", { line: i + 1, text: line }));
            found.push(at);
        }
        if (found.length < least) return setTrouble(t("draw.too_few"));
        setTrouble("");
        apply(found);
    };
    return (
        <>
            <label class="field">{t("draw.points")}
                <textarea rows={6} value={text} onInput={(e) => setText(e.currentTarget.value)} placeholder={"48.2955 N, 37.2343 E\n37U CP 69045 65045"} />
                <small>{t("draw.points_hint")}</small>
            </label>
            {trouble ? <Notice kind="warn">{trouble}</Notice> : null}
            <button type="button" onClick={() => void take()}>{t("draw.take")}</button>
        </>
    );
}

export function Legs(kept: KeptTexts) {
    const t = useText();
    const language = app.use((s) => s.language);
    const [start, setStart] = useKeptText(kept, "start", () => "");
    const [text, setText] = useKeptText(kept, "legs", () => "");
    const [declination, setDeclination] = useKeptText(kept, "declination", () => "0");
    const [trouble, setTrouble] = useState("");
    const [closure, setClosure] = useState<{ closure_m: number | null; way_m: number } | null>(null);
    const apply = useRing(() => undefined);
    const take = async () => {
        const at = await readPosition(start).catch(() => null);
        if (!at) return setTrouble(t("draw.bad_start", { text: start }));
        const turn = typedNumber(declination);
        if (turn === null || Math.abs(turn) > 90) return setTrouble(t("draw.bad_declination", { text: declination }));
        const { legs, wrong } = typedLegs(text);
        if (wrong !== null) return setTrouble(t("draw.bad_leg", { line: wrong }));
        const found = traverse(at, legs, turn);
        if (found.ring.length < 3) return setTrouble(t("draw.too_few"));
        setTrouble("");
        setClosure(found);
        apply(found.ring);
    };
    return (
        <>
            <Text label={t("draw.start")} value={start} onInput={setStart} placeholder="48.2955 N, 37.2343 E" hint={t("draw.points_hint")} />
            <label class="field">{t("draw.legs")}
                <textarea rows={5} value={text} onInput={(e) => setText(e.currentTarget.value)} placeholder={"90 120\n180 80\n270 120"} />
                <small>{t("draw.legs_hint")}</small>
            </label>
            <Text label={t("draw.declination")} value={declination} onInput={setDeclination} hint={t("draw.declination_hint")} />
            {trouble ? <Notice kind="warn">{trouble}</Notice> : null}
            <button type="button" onClick={() => void take()}>{t("draw.take")}</button>
            {closure ? <p role="status">{closure.closure_m === null ? t("draw.open") : t("draw.closure", { gap: closure.closure_m < 0.1 ? `${number(language, Math.round(closure.closure_m * 100) / 100, 1)} m` : length(language, closure.closure_m), way: length(language, closure.way_m) })}</p> : null}
        </>
    );
}

export function Sides({ ring }: { ring: Position[] }) {
    const t = useText();
    const form = app.use((s) => s.form);
    const language = app.use((s) => s.language);
    return (
        <details class="group">
            <summary><h2>{t("assess.turning")}</h2><span class="badge">{ring.length}</span></summary>
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("assess.turning")}>
                <table>
                    <thead><tr><th scope="col">#</th><th scope="col">{t("column.position")}</th><th scope="col">{t("assess.bearing")}</th><th scope="col">{t("assess.distance")}</th></tr></thead>
                    <tbody>{ring.map((p, i) => {
                        const leg = inverse(p, ring[(i + 1) % ring.length]!);
                        return <tr key={i}><th scope="row">{i + 1}</th><td class="nowrap">{formatCoordinate(form, p[0], p[1])}</td><td>{number(language, leg.bearing_deg, 4)}°</td><td>{length(language, leg.distance_m)}</td></tr>;
                    })}</tbody>
                </table>
            </div>
        </details>
    );
}

export function DrawPanel() {
    const t = useText();
    const [how, setHow] = useState<How>("map");
    const ring = app.use((s) => s.ring);
    const language = app.use((s) => s.language);
    const hasMap = app.use((s) => !!s.project?.map);
    const [assessed, setAssessed] = useState<Position[] | null>(null);
    const crossed = useMemo(() => crossesItself(ring), [ring]);
    useEffect(() => {
        app.set({ tool: "draw", path: [] });
        return () => app.set({ tool: "none" });
    }, []);
    const good = ring.length >= 3 && !crossed;
    const writes = app.use((s) => ["entry", "verifier", "approver", "administrator"].includes(s.session?.role ?? ""));
    const enter = async () => {
        const { beginWith } = await import("./work/kept");
        beginWith("hazard-area", polygon(ring));
        location.hash = to.add("hazard-area");
    };
    const polygon = (points: Position[]): GeoJSON.Polygon => ({ type: "Polygon", coordinates: [[...points, points[0]!]] });
    return (
        <Panel title={t("draw.title")}>
            <p class="hint">{t("draw.words")}</p>
            <Choice label={t("draw.how")} value={how} onChange={setHow} options={[["map", t("draw.on_map")], ["points", t("draw.by_points")], ["legs", t("draw.by_legs")]]} />
            {how === "map" ? <p>{t(ring.length >= 3 ? "draw.edit" : "draw.begin")}</p> : how === "points" ? <Points /> : <Legs />}
            {ring.length >= 3 ? (
                <>
                    <Figures>
                        <Figure label={t("assess.area")} value={area(language, ringArea(ring))} />
                        <Figure label={t("draw.around")} value={length(language, ring.reduce((s, p, i) => s + inverse(p, ring[(i + 1) % ring.length]!).distance_m, 0))} />
                    </Figures>
                    <Sides ring={ring} />
                </>
            ) : null}
            {crossed ? <Notice kind="warn">{t("draw.crossed")}</Notice> : null}
            {hasMap ? null : <Notice>{t("layers.no_map")}</Notice>}
            <div class="row">
                <button type="button" disabled={!good || !hasMap} onClick={() => setAssessed(ring)}>{t("draw.assess")}</button>
                <button type="button" class="quiet" disabled={!ring.length} onClick={() => {
                    app.set({ ring: [] });
                    setAssessed(null);
                }}>{t("draw.clear")}</button>
                {writes ? <button type="button" class="quiet" disabled={!good} onClick={() => void enter()}>{t("draw.enter")}</button> : null}
            </div>
            {assessed ? (
                <>
                    {assessed !== ring ? <Notice kind="warn">{t("draw.changed")}</Notice> : null}
                    <Assessment subject={api.polygonSubject(polygon(assessed))} />
                </>
            ) : null}
        </Panel>
    );
}
