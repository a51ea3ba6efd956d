/*
 * The field view: for a phone in the sun, without a network.
 */
import "./field.css";

import { render } from "preact";
import { useEffect } from "preact/hooks";

import * as api from "../api";
import { DevicePage } from "./device";
import { FormPage, ReportPage } from "./forms";
import { HelpPage } from "./help";
import { LockPage } from "./lock";
import { beginLocking, leave, lockNow } from "./locking";
import { loadPack } from "./pack";
import { PlacePage } from "./place";
import { RecordsPage } from "./records";
import { AGAIN_MS, bindSending, loadRecords, sendNow } from "./sending";
import { bindField, field, isShut, type Tab, waiting as waits } from "./state";
import { type FieldKey, useSay } from "./texts";
import { bindWorker, takeNewer } from "./update";

const tabs: Array<{ tab: Tab; key: FieldKey; icon: string }> = [
    { tab: "place", key: "field.tab.place", icon: "M12 21c-5-6-7-9-7-12a7 7 0 0 1 14 0c0 3-2 6-7 12zM12 11.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z" },
    { tab: "report", key: "field.tab.report", icon: "M12 3 2.5 20h19zM12 9v5M12 17v.5" },
    { tab: "records", key: "field.tab.records", icon: "M5 4h14v16H5zM8 9h8M8 13h8M8 17h5" },
    { tab: "help", key: "field.tab.help", icon: "M6 3h4l1.5 5-2.5 2a12 12 0 0 0 5 5l2-2.5 5 1.5v4a2 2 0 0 1-2 2A17 17 0 0 1 4 5a2 2 0 0 1 2-2z" },
    { tab: "device", key: "field.tab.device", icon: "M7 2h10v20H7zM11 18.5h2" },
];

const lockedTab: (typeof tabs)[number] = { tab: "place", key: "field.tab.lock", icon: "M5 11h14v10H5zM8 11V7a4 4 0 0 1 8 0v4M12 15v2" };

const isHidden = (lock: string) => lock === "locked" || lock === "unset" || lock === "moving";

const tabOf = (hash: string): Tab => tabs.find((t) => `#${t.tab}` === hash)?.tab ?? "place";

function Head() {
    const t = useSay();
    const { online, newer, pack, lock } = field.use((s) => s);
    return (
        <header class="head">
            <a class="brand" href="#place" onClick={() => field.set({ tab: "place", open: null })}><img src="/icon.svg" alt="" width="30" height="30" /><span>Tilth</span></a>
            <span class="district">{pack?.body.title ?? ""}</span>
            <span class={online ? "net" : "net off"} role="status">{t(online ? "field.online" : "field.offline")}</span>
            {lock === "open" ? <button type="button" class="plain small" onClick={() => void lockNow()}><svg viewBox="0 0 24 24" aria-hidden="true"><path d={lockedTab.icon} fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" /></svg><span>{t("field.lock_now")}</span></button> : null}
            {newer ? <button type="button" class="plain" onClick={takeNewer}>{t("field.newer_take")}</button> : null}
        </header>
    );
}

function Tabs() {
    const t = useSay();
    const { tab, open, lock } = field.use((s) => s);
    const shown = isHidden(lock) ? [lockedTab, tabs.find((one) => one.tab === "help")!] : tabs;
    const current = isHidden(lock) && tab !== "help" ? "place" : tab;
    const waiting = field.use((s) => waits(s).length);
    return (
        <nav class="tabs" aria-label={t("nav.label")}>
            {shown.map((one) => (
                <a key={one.tab} href={`#${one.tab}`} aria-current={current === one.tab && !open ? "page" : undefined} onClick={() => field.set({ tab: one.tab, open: null })}>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d={one.icon} fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" stroke-linecap="round" /></svg>
                    <span>{t(one.key)}</span>
                    {one.tab === "records" && waiting ? <b class="count"><span aria-hidden="true">{waiting}</span><span class="hidden">{t("field.waiting#", { n: waiting })}</span></b> : null}
                </a>
            ))}
        </nav>
    );
}

function App() {
    const t = useSay();
    const { tab, open, ready, lock, locks_soon } = field.use((s) => s);
    useEffect(() => {
        document.title = "Tilth";
        scrollTo(0, 0);
    }, [tab, open]);
    if (!ready) return null;
    return (
        <>
            <Head />
            {locks_soon ? <p class="soon" role="status">{t("field.lock_soon")}</p> : null}
            {isHidden(lock) ? tab === "help" ? <HelpPage /> : <LockPage /> : open ? <FormPage key={`${open.kind}/${open.from?.id ?? open.record}`} {...open} />
                : tab === "report" ? <ReportPage /> : tab === "records" ? <RecordsPage /> : tab === "help" ? <HelpPage /> : tab === "device" ? <DevicePage /> : <PlacePage />}
            <Tabs />
        </>
    );
}

async function begin(): Promise<void> {
    bindSending();
    await beginLocking();
    if (!isShut(field.get())) await Promise.all([loadPack(), loadRecords()]);
    field.set({ ready: true });
    /* Browsers say "online" of any network, whether the server can be reached or not: whoever asks it knows. */
    const look = () => void leave().catch(() => undefined).then(api.session).then((session) => {
        field.set({ session, online: true });
        if (waits(field.get()).length) void sendNow();
    }, (error) => field.set({ online: error instanceof api.ApiError && error.status !== 0 }));
    look();
    addEventListener("online", look);
    setInterval(() => !field.get().online && look(), AGAIN_MS);
}

bindField();
api.whenSessionEnds(() => field.set((s) => ({ session: s.session ? { ...s.session, role: "guest", name: null } : null })));
field.set({ tab: tabOf(location.hash) });
addEventListener("hashchange", () => field.set({ tab: tabOf(location.hash), open: null }));
void begin();
void bindWorker();
render(<App />, document.getElementById("app")!);
