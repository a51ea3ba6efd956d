/*
 * What the field view knows while it is open. What must last is in keep.ts; here is only what a person chose, in the browser's own storage.
 */
import type { Session } from "../../generated/schemas";
import { speak } from "../api";
import type { CoordinateForm } from "../coordinates";
import type { Position } from "../geodesy";
import { type Language, preferred } from "../i18n";
import { makeStore } from "../store";
import type { Help, Kept, Pack, Room } from "./keep";
import type { Photo } from "./photo_keep";
import { waitingOf } from "./send";
import type { Sent } from "./verdict";

/**
 * none: no lock, and nothing here that needs one. unset: what an older version of this page kept needs one now. locked. moving: what was here before goes under the lock.
 * open. plain: this address has no means to lock anything.
 */
export type LockState = "none" | "unset" | "locked" | "moving" | "open" | "plain";

export type Tab = "place" | "report" | "records" | "help" | "device";

/** Where the device is, as it was measured last. */
export interface Fix {
    at: Position;
    accuracy_m: number;
    time: number; /* by the device's clock */
}

export interface State {
    tab: Tab;
    language: Language;
    form: CoordinateForm;
    dark: boolean;
    session: Session | null;
    online: boolean;
    ready: boolean;
    lock: LockState;
    lock_minutes: number; /* without a touch */
    locks_soon: boolean; /* said shortly before */
    moved: { done: number; of: number } | null;
    unlocked_rows: boolean; /* of an older version, where nothing can be locked */
    traces: boolean; /* of what lay open here before may be in the browser's files */
    unmoved: string; /* why not all of what was here before could be locked */
    help: Help | null; /* whom to call, while it is locked as well */
    pack: Pack | null;
    records: Kept[];
    photos: Photo[]; /* of all records and forms, without their bytes */
    room: Room | null;
    fix: Fix | null;
    trouble: "" | "denied" | "none" | "slow"; /* of the position */
    picked: Position | null; /* on the map or typed: looked up in the place of the position */
    sending: boolean;
    sent: Sent | null;
    newer: boolean; /* a newer version of this page is waiting */
    worker: "" | "none" | "ready";
    open: { kind: string; from: Kept | null; record: string } | null; /* the form that is open */
}

const STORAGE = "tilth.field";
const CHOSEN = ["language", "form", "dark", "lock_minutes"] as const;
/** Minutes without a touch until it locks. */
export const LOCK_MINUTES = [1, 2, 5, 15, 30];

function before(): Partial<State> {
    try {
        const found = JSON.parse(localStorage.getItem(STORAGE) ?? "{}") as Partial<State>;
        return Object.fromEntries(CHOSEN.filter((k) => k in found && (k !== "lock_minutes" || LOCK_MINUTES.includes(found[k] ?? 0))).map((k) => [k, found[k]]));
    } catch {
        return {};
    }
}

export const field = makeStore<State>({
    tab: "place",
    language: preferred(navigator.languages ?? []),
    form: "degrees",
    dark: false,
    session: null,
    online: navigator.onLine,
    ready: false,
    lock: "none",
    lock_minutes: 5,
    locks_soon: false,
    unlocked_rows: false,
    moved: null,
    traces: false,
    unmoved: "",
    help: null,
    pack: null,
    records: [],
    photos: [],
    room: null,
    fix: null,
    trouble: "",
    picked: null,
    sending: false,
    sent: null,
    newer: false,
    worker: "",
    open: null,
    ...before(),
});

function dress({ language, dark }: State): void {
    document.documentElement.lang = language;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    speak(language);
}

/** Ties the state to the page and to what was chosen. */
export function bindField(): void {
    dress(field.get());
    field.subscribe((s) => {
        dress(s);
        try {
            localStorage.setItem(STORAGE, JSON.stringify(Object.fromEntries(CHOSEN.map((k) => [k, s[k]]))));
        } catch {
            /* no storage: it lasts as long as the page */
        }
    });
    addEventListener("online", () => field.set({ online: true }));
    addEventListener("offline", () => field.set({ online: false }));
}

/** Whether what is kept may be shown: else only whom to call, and the lock. */
export const isShut = (s: State) => s.lock === "locked" || s.lock === "unset";

export const isStaff = (s: State) => !!s.session && s.session.role !== "guest";

/** Records of which something has not reached the server. */
export const waiting = (s: State) => waitingOf(s.records, s.photos);
