/*
 * Where am I, and is that a recorded hazardous area? The answer is large and in words; the map and the list of the nearest areas stand below it.
 */
import { useEffect, useMemo, useState } from "preact/hooks";

import { formatCoordinate } from "../coordinates";
import { typedPosition } from "../typed";
import { compass, length } from "../words";
import { type Found, lookUp, type Near } from "./lookup";
import { FieldMap } from "./map";
import { OLD_MS, startPosition, useNow } from "./position";
import { field } from "./state";
import { type FieldKey, useSay } from "./texts";

const named = (near: Near["area"]) => (near.name ? `${near.code} · ${near.name}` : near.code);

/** "12 s", "3 min", "2 h". */
export function useAge(): (ms: number) => string {
    const t = useSay();
    return (ms) => (ms < 90000 ? t("field.seconds", { n: Math.max(0, Math.round(ms / 1000)) }) : ms < 5400000 ? t("field.minutes", { n: Math.round(ms / 60000) }) : t("field.hours", { n: Math.round(ms / 3600000) }));
}

function Where() {
    const t = useSay();
    const now = useNow();
    const age = useAge();
    const { fix, trouble, form, language, picked } = field.use((s) => s);
    if (picked)
        return (
            <div class="where">
                <p><b>{t("field.picked")}</b> <span class="figures">{formatCoordinate(form, picked[0], picked[1])}</span></p>
                <button type="button" class="plain" onClick={() => field.set({ picked: null })}>{t("field.back_to_me")}</button>
            </div>
        );
    if (!fix)
        return <p class={trouble ? "notice warn" : "notice"} role="status">{t(trouble === "denied" ? "field.position_denied" : trouble === "none" ? "field.position_none" : trouble === "slow" ? "field.position_slow" : "field.position_waits")}</p>;
    const old = now - fix.time > OLD_MS;
    return (
        <div class="where">
            <p><b>{t("field.you")}</b> <span class="figures">{formatCoordinate(form, fix.at[0], fix.at[1])}</span></p>
            <p class={old ? "old" : ""}>{t("field.accuracy", { m: length(language, Math.ceil(fix.accuracy_m)), age: age(now - fix.time) })}</p>
            {old ? <p class="notice warn" role="alert">{t("field.position_old")}</p> : null}
        </div>
    );
}

const titles: Record<Found["verdict"], FieldKey> = { inside: "field.inside", touching: "field.touching", outside: "field.outside", beyond: "field.beyond" };

function Answer({ found, accuracy_m }: { found: Found; accuracy_m: number | null }) {
    const t = useSay();
    const language = field.use((s) => s.language);
    const inIt = found.verdict === "inside" || found.verdict === "touching";
    const near = found.nearest;
    return (
        <section class={`answer ${found.verdict}`} role="status" aria-live="polite">
            <h2>{t(titles[found.verdict])}</h2>
            {found.verdict === "touching" ? <p>{t("field.touching_words", { m: length(language, Math.ceil(accuracy_m ?? 0)) })}</p> : null}
            {found.areas.map((n) => <p key={n.area.code}><b>{named(n.area)}</b>{n.area.classification ? ` (${n.area.classification})` : ""}</p>)}
            {found.verdict === "outside" ? <p class="not-free">{t("field.not_free")}</p> : null}
            {found.verdict === "beyond" ? <p class="not-free">{t("field.beyond_words")}</p> : null}
            {found.ended.map((a) => <p key={a.code}>{t("field.ended", { area: named(a), status: a.status ?? "" })}</p>)}
            {inIt && near ? <p>{t("field.boundary_in", { m: length(language, near.distance_m) })}</p> : null}
            {!inIt && near ? <p>{t("field.boundary_out", { m: length(language, near.distance_m), way: t(`way.${compass(near.bearing_deg)}` as FieldKey), deg: Math.round(near.bearing_deg) % 360, area: named(near.area) })}</p> : null}
            {!inIt && near && found.verdict === "outside" && found.edge_m < near.distance_m ? <p>{t("field.edge", { m: length(language, found.edge_m) })}</p> : null}
            {!near && found.verdict === "outside" ? <p>{t("field.no_areas")}</p> : null}
            {found.unplaced ? <p>{t("field.unplaced#", { n: found.unplaced })}</p> : null}
            {inIt ? <a class="button" href="#help" onClick={() => field.set({ tab: "help" })}>{t("field.what_to_do")}</a> : null}
        </section>
    );
}

function Typed() {
    const t = useSay();
    const [text, setText] = useState(""), [bad, setBad] = useState(false);
    const look = (e: Event) => {
        e.preventDefault();
        const at = typedPosition(text);
        setBad(!at);
        if (at) field.set({ picked: at });
    };
    return (
        <form class="typed" autocomplete="off" onSubmit={look}>
            <label for="typed-place">{t("field.look_up")}</label>
            <div class="line">
                <input id="typed-place" value={text} inputMode="text" autocomplete="off" placeholder="48.2955, 37.2343" aria-invalid={bad} aria-describedby="typed-hint" onInput={(e) => setText(e.currentTarget.value)} />
                <button type="submit" class="plain">{t("field.look")}</button>
            </div>
            <p id="typed-hint" class={bad ? "notice trouble" : "hint"} role={bad ? "alert" : undefined}>{t(bad ? "field.look_bad" : "field.look_hint")}</p>
        </form>
    );
}

export function PlacePage() {
    const t = useSay();
    const { pack, fix, picked, records, language } = field.use((s) => s);
    useEffect(startPosition, []);
    const at = picked ?? fix?.at ?? null, accuracy_m = picked ? null : (fix?.accuracy_m ?? null);
    const found = useMemo(() => (pack && at ? lookUp(pack.body, at, accuracy_m) : null), [pack, at?.[0], at?.[1], accuracy_m]);
    const pins = useMemo(() => records.flatMap((r) => {
        const point = (JSON.parse(r.body) as { geometry?: { coordinates: [number, number] } }).geometry?.coordinates;
        return point ? [point] : [];
    }), [records]);
    const nearest = useMemo(() => (pack && at ? pack.body.areas.filter((a) => !a.is_ended)
        .flatMap((a) => lookUp({ areas: [a], covers: pack.body.covers }, at, null).nearest ?? []).sort((a, b) => a.distance_m - b.distance_m).slice(0, 8) : []), [pack, at?.[0], at?.[1]]);
    return (
        <main class="page place">
            <h1 class="hidden">{t("field.tab.place")}</h1>
            <Where />
            {!pack ? <p class="notice warn">{t("field.no_pack")} <a href="#device" onClick={() => field.set({ tab: "device" })}>{t("field.tab.device")}</a></p> : null}
            {found ? <Answer found={found} accuracy_m={accuracy_m} /> : null}
            <FieldMap pack={pack?.body ?? null} pins={pins} />
            <Typed />
            {nearest.length ? (
                <section>
                    <h2>{t("field.nearest")}</h2>
                    <table>
                        <thead><tr><th scope="col">{t("field.area")}</th><th scope="col">{t("field.distance")}</th><th scope="col">{t("field.direction")}</th></tr></thead>
                        <tbody>{nearest.map((n) => (
                            <tr key={n.area.code}>
                                <td>{named(n.area)}</td>
                                <td class="number">{length(language, n.distance_m)}</td>
                                <td>{found?.areas.some((a) => a.area.code === n.area.code) ? "–" : t(`way.${compass(n.bearing_deg)}` as FieldKey)}</td>
                            </tr>
                        ))}</tbody>
                    </table>
                </section>
            ) : null}
        </main>
    );
}
