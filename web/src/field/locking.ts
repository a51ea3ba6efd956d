/*
 * When it locks: by a button, some minutes without a touch, two minutes out of sight, when the browser puts the page to sleep, and at each start. What is being written, sent or
 * photographed at that moment is waited for, for ten minutes at most.
 */
import * as api from "../api";
import { canLock } from "./crypt";
import { help, tell, whenChanged } from "./keep";
import { before, moveOld, movePublic, OLD } from "./migrate";
import { loadPack } from "./pack";
import { loadRecords, sendNow } from "./sending";
import { field, waiting } from "./state";
import { forget, hasLock, isBusy, openGet, setLock, type Try, unlock, usePlain, wipe } from "./vault";

export const AWAY_MS = 120000;
const LEAVE = "tilth.field.leave";
const SOON_MS = 30000, LONGER_MS = 600000, LOOK_MS = 1000;

/* By two clocks: one may be set, the other stands while the device sleeps. */
interface Moment {
    wall: number;
    steady: number;
}
const now = (): Moment => ({ wall: Date.now(), steady: performance.now() });
const since = (m: Moment) => Math.max(Date.now() - m.wall, performance.now() - m.steady);

let touched = now();
let hidden: Moment | null = null;
let isPicking = false;
/* The form that was open when it locked: it is there again afterwards. */
let again: { kind: string; from: string; record: string } | null = null;

/** A picture is being taken or chosen: other programs have the screen. */
export function picking(begins: boolean): void {
    isPicking = begins;
    touched = now();
}

export async function lockNow(others = true): Promise<void> {
    const { lock, open } = field.get();
    if (lock !== "open") return;
    if (others) tell("lock");
    again = open && { kind: open.kind, from: open.from?.id ?? "", record: open.record };
    field.set({ lock: "locked", pack: null, records: [], photos: [], open: null, picked: null, sent: null, locks_soon: false });
    await forget();
}

function look(): void {
    const { lock, lock_minutes, sending, locks_soon } = field.get();
    if (lock !== "open") return;
    const most = lock_minutes * 60000;
    const left = Math.min(most - since(touched), hidden ? Math.min(most, AWAY_MS) - since(hidden) : Infinity);
    if (left <= 0 && (left < -LONGER_MS || !(sending || isPicking || isBusy()))) void lockNow(false);
    else if (locks_soon !== left < SOON_MS) field.set({ locks_soon: left < SOON_MS });
}

/* After the keys are there: what was here before goes under the lock, and what is kept is shown. */
async function goOn(): Promise<void> {
    field.set({ lock: "moving", moved: null, unmoved: "" });
    await moveOld((done, of) => field.set({ moved: { done, of } })).catch((e: Error) => field.set({ unmoved: e.message || e.name }));
    await Promise.all([loadPack(), loadRecords()]);
    field.set({ traces: (await openGet<boolean>("traces").catch(() => null)) ?? false });
    touched = now();
    const form = again, from = form?.from ? (field.get().records.find((r) => r.id === form.from) ?? null) : null;
    again = null;
    field.set({ lock: "open", moved: null, open: form && (from || !form.from) ? { kind: form.kind, from, record: form.record } : null });
    if (waiting(field.get()).length) void sendNow();
}

export async function unlockWith(phrase: string): Promise<Try> {
    const found = await unlock(phrase);
    if (found.outcome === "open") await goOn();
    return found;
}

/** Sets a lock and opens it; where another tab was quicker, this one is locked by that. */
export async function setLockWith(phrase: string): Promise<void> {
    if (await setLock(phrase)) await goOn();
    else field.set({ lock: "locked" });
}

/** Everything off the device, and begin anew. */
export async function wipeAll(): Promise<void> {
    await wipe(OLD);
    localStorage.removeItem("tilth.device");
    localStorage.setItem(LEAVE, "yes");
    await leave().catch(() => undefined);
    tell("wiped");
    location.reload();
}

/** Logs out whoever was logged in on a device that was wiped, when there is a network for it. */
export async function leave(): Promise<void> {
    if (!localStorage.getItem(LEAVE)) return;
    const session = await api.session();
    if (session.accounts && session.role !== "guest") await api.logOut();
    stay();
}

/** Whoever logs in after that stays. */
export const stay = () => localStorage.removeItem(LEAVE);

async function stateNow(): Promise<void> {
    const found = await before();
    if (canLock()) {
        const has = await hasLock();
        if (!has && found && !found.needsLock) await movePublic(found);
        found?.db.close();
        field.set({ lock: has ? "locked" : found?.needsLock ? "unset" : "none" });
        return;
    }
    if (found?.needsLock) usePlain(found.db);
    else if (found) await movePublic(found);
    field.set({ lock: "plain", unlocked_rows: found?.needsLock ?? false });
}

export async function beginLocking(): Promise<void> {
    await stateNow().catch(() => undefined); /* a browser without a database: each thing that is to be kept says so */
    field.set({ help: await help().catch(() => null) });
    for (const name of ["pointerdown", "keydown", "wheel"]) addEventListener(name, () => (touched = now()), { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => {
        look(); /* before anything is drawn */
        hidden = document.visibilityState === "hidden" ? now() : null;
    });
    document.addEventListener("freeze", () => void (isPicking || lockNow(false)));
    whenChanged((told) => {
        if (told === "lock") void lockNow(false);
        if (told === "wiped") location.reload();
    });
    setInterval(look, LOOK_MS);
}
