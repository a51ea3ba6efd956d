/*
 * What this device has with it, who is logged in, how much the browser promises; language and notation; a newer version of the page.
 */
import { useEffect, useState } from "preact/hooks";

import type { FieldDistricts } from "../../generated/schemas";
import * as api from "../api";
import { type Language, languageNames, locales } from "../i18n";
import { askRoom, dropPacks } from "./keep";
import { LockSection, NoLock, SetLock } from "./lock";
import { stay } from "./locking";
import { sendNow } from "./sending";
import { field, isStaff, waiting as waits } from "./state";
import { takeAlong } from "./pack";
import { chosen, useName, useSay } from "./texts";
import { takeNewer } from "./update";

function words(t: ReturnType<typeof useSay>, error: unknown): string {
    if (!(error instanceof api.ApiError)) return t("field.not_kept", { why: (error as Error).message });
    return error.status === 0 ? t("field.no_network") : error.message;
}

function District() {
    const t = useSay();
    const { pack, online, session, language, lock } = field.use((s) => s);
    const staff = field.use(isStaff);
    const writes = staff && session?.role !== "quality manager";
    const [list, setList] = useState<FieldDistricts["districts"]>([]);
    const [id, setId] = useState(pack?.id ?? "all");
    const [withRecords, setWithRecords] = useState(pack?.with_records ?? false);
    const [said, setSaid] = useState(""), [busy, setBusy] = useState(false);
    useEffect(() => {
        if (online) void api.ask<FieldDistricts>("/field/districts").then((d) => setList(d.districts), () => undefined);
    }, [online, session?.name]);
    const take = async () => {
        setBusy(true);
        setSaid("");
        try {
            const changed = await takeAlong(id, withRecords && writes);
            setSaid(t(changed ? "field.pack_taken" : "field.pack_same"));
        } catch (error) {
            setSaid(words(t, error));
        }
        setBusy(false);
    };
    return (
        <section class="group">
            <h2>{t("field.pack")}</h2>
            {pack ? (
                <p>{t("field.pack_words", { title: chosen(language, pack.body.district.name), n: pack.body.areas.length, at: new Intl.DateTimeFormat(locales[language], { dateStyle: "medium", timeStyle: "short" }).format(new Date(pack.fetched_at)) })}
                    {pack.body.is_public ? ` ${t("field.pack_public")}` : ""}{pack.with_records ? ` ${t("field.pack_records", { n: pack.body.records?.length ?? 0 })}` : ""}</p>
            ) : <p class="notice warn">{t("field.no_pack")}</p>}
            {pack?.body.records_left_out ? <p class="notice warn">{t("field.left_out", { n: pack.body.records_left_out })}</p> : null}
            {list.length > 1 ? (
                <div class="field">
                    <label for="district">{t("field.district")}</label>
                    <select id="district" value={id} onChange={(e) => setId(e.currentTarget.value)}>
                        {list.map((d) => <option key={d.id} value={d.id}>{d.id === "all" ? `${chosen(language, d.name)} (${t("field.district_all")})` : chosen(language, d.name)}</option>)}
                    </select>
                </div>
            ) : null}
            {staff && lock === "none" ? <><p class="notice warn">{t("field.lock_first")}</p><SetLock /></> : null}
            {staff && lock === "plain" ? <NoLock /> : null}
            {writes && lock === "open" ? <label class="tick"><input type="checkbox" checked={withRecords} onChange={(e) => setWithRecords(e.currentTarget.checked)} /><span>{t("field.with_records")}</span></label> : null}
            {staff && lock !== "open" ? null : <button type="button" disabled={!online || busy} onClick={() => void take()}>{t(pack ? "field.pack_again" : "field.pack_take")}</button>}
            {said ? <p class="notice" role="status">{said}</p> : null}
            {!online ? <p class="hint">{t("field.needs_network")}</p> : null}
            {pack ? <button type="button" class="plain" onClick={() => void dropPacks().then(() => field.set({ pack: null }))}>{t("field.pack_drop")}</button> : null}
        </section>
    );
}

function Who() {
    const t = useSay();
    const name = useName();
    const { session, online } = field.use((s) => s);
    const staff = field.use(isStaff);
    const waiting = field.use((s) => waits(s).length);
    const [who, setWho] = useState(""), [password, setPassword] = useState(""), [error, setError] = useState(""), [busy, setBusy] = useState(false);
    const enter = async (e: Event) => {
        e.preventDefault();
        setBusy(true);
        try {
            field.set({ session: await api.logIn(who, password) });
            stay();
            setError("");
            setPassword("");
            void sendNow();
        } catch (trouble) {
            setError(words(t, trouble));
        }
        setBusy(false);
    };
    return (
        <section class="group">
            <h2>{staff ? t("login.you") : t("login.title")}</h2>
            {staff ? (
                <>
                    <p><b>{session!.name || t("login.local")}</b> ({name("role", session!.role)})</p>
                    {session!.accounts ? <button type="button" class="plain" disabled={!online} onClick={() => void api.logOut().then((s) => field.set({ session: s }), () => undefined)}>{t("login.leave")}</button> : null}
                    {waiting ? <p class="hint">{t("field.leave_waits")}</p> : null}
                </>
            ) : (
                <form class="form" onSubmit={(e) => void enter(e)}>
                    <p class="hint">{t("field.login_words")}</p>
                    <div class="field"><label for="login-name">{t("login.name")}</label><input id="login-name" value={who} autocomplete="username" onInput={(e) => setWho(e.currentTarget.value)} /></div>
                    <div class="field"><label for="login-password">{t("login.password")}</label><input id="login-password" type="password" value={password} autocomplete="current-password" onInput={(e) => setPassword(e.currentTarget.value)} /></div>
                    {error ? <p class="notice trouble" role="alert">{error}</p> : null}
                    <button type="submit" disabled={busy || !online || !who || !password}>{t("login.enter")}</button>
                </form>
            )}
        </section>
    );
}

function Room() {
    const t = useSay();
    const { room, worker } = field.use((s) => s);
    const mb = (n: number) => (n / 1e6).toFixed(n < 1e7 ? 1 : 0);
    return (
        <section class="group">
            <h2>{t("field.keeping")}</h2>
            <p>{t(worker === "ready" ? "field.works_offline" : worker === "none" ? "field.no_worker" : "field.worker_waits")}</p>
            {room ? <p>{t(room.promised ? "field.promised" : room.promised === null ? "field.promise_unknown" : "field.not_promised")} {room.quota_bytes ? t("field.room", { used: mb(room.used_bytes), all: mb(room.quota_bytes) }) : ""}</p> : null}
            {room?.promised === false ? <button type="button" class="plain" onClick={() => void askRoom(true).then((r) => field.set({ room: r }))}>{t("field.ask_promise")}</button> : null}
            <p class="hint">{t("field.install")}</p>
        </section>
    );
}

export function DevicePage() {
    const t = useSay();
    const { language, form, dark, newer } = field.use((s) => s);
    return (
        <main class="page">
            <h1>{t("field.tab.device")}</h1>
            {newer ? <div class="notice warn"><p>{t("field.newer")}</p><button type="button" onClick={takeNewer}>{t("field.newer_take")}</button></div> : null}
            <District />
            <Who />
            <section class="group">
                <h2>{t("field.choices")}</h2>
                <div class="field">
                    <label for="language">{t("settings.language")}</label>
                    <select id="language" value={language} onChange={(e) => field.set({ language: e.currentTarget.value as Language })}>
                        {Object.entries(languageNames).map(([code, text]) => <option key={code} value={code} lang={code}>{text}</option>)}
                    </select>
                </div>
                <div class="field">
                    <label for="notation">{t("field.notation")}</label>
                    <select id="notation" value={form} onChange={(e) => field.set({ form: e.currentTarget.value as typeof form })}>
                        <option value="degrees">{t("field.degrees")}</option>
                        <option value="dms">{t("field.dms")}</option>
                        <option value="utm">UTM</option>
                        <option value="mgrs">MGRS</option>
                    </select>
                </div>
                <label class="tick"><input type="checkbox" checked={dark} onChange={(e) => field.set({ dark: e.currentTarget.checked })} /><span>{t("field.night")}</span></label>
            </section>
            <LockSection />
            <Room />
            <p><a href="/">{t("field.to_map")}</a></p>
        </main>
    );
}
