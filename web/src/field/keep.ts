/*
 * What the device keeps: the package of a district, records until their receipt has come and their owner clears them, their photographs (photo_keep.ts), forms that are half filled in.
 * "Kept" is said only when the browser has written it down.
 */
import type { FieldPackage, Receipt } from "../../generated/schemas";
import { dropPhoto, type Photo, tiePhotos } from "./photo_keep";

/** Where a record is on its way. */
export type Stage = "kept" | "sending" | "received" | "conflict" | "refused";

export interface Kept {
    id: string;
    kind: string;
    stage: Stage;
    body: string; /* the very bytes that are sent, each time the same */
    sha256: string; /* "" where the browser reckons none */
    made_at: string;
    person: string; /* who was logged in, "" = nobody, or the one local person */
    project: string;
    tries: number;
    trouble: string; /* of the last try */
    receipt: Receipt | null;
    mended_by: string; /* id of the record that stands for this one, "" = none */
    has_left: boolean; /* was on its way once: its content stands */
}

export interface Pack {
    id: string; /* of the district */
    etag: string;
    fetched_at: string; /* by the server's clock where it said so */
    person: string;
    with_records: boolean;
    body: FieldPackage;
}

export class NoRoom extends Error {}

const NAME = "tilth-field";
const VERSION = 2;

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
    opened ??= new Promise((resolve, reject) => {
        const asked = indexedDB.open(NAME, VERSION);
        asked.onupgradeneeded = () => {
            /* A later version adds stores here, and never takes one away that holds records. */
            const db = asked.result;
            if (!db.objectStoreNames.contains("records")) db.createObjectStore("records", { keyPath: "id" });
            if (!db.objectStoreNames.contains("packs")) db.createObjectStore("packs", { keyPath: "id" });
            if (!db.objectStoreNames.contains("forms")) db.createObjectStore("forms", { keyPath: "id" });
            if (!db.objectStoreNames.contains("photos")) db.createObjectStore("photos", { keyPath: "id" }).createIndex("record", "record");
            if (!db.objectStoreNames.contains("photo-bytes")) db.createObjectStore("photo-bytes", { keyPath: "id" });
        };
        asked.onsuccess = () => {
            const db = asked.result;
            const lost = () => (opened = null);
            db.onversionchange = () => {
                db.close();
                lost();
            };
            db.onclose = lost;
            resolve(db);
        };
        asked.onerror = () => {
            opened = null;
            reject(asked.error);
        };
    });
    return opened;
}

export type Store = "records" | "packs" | "forms" | "photos" | "photo-bytes";

/** One transaction over several stores: all of it is on the device when this ends, or nothing is. */
export async function changeAll(stores: Store[], act: (of: (name: Store) => IDBObjectStore) => void): Promise<void> {
    const db = await open();
    return new Promise((resolve, reject) => {
        const fail = (e: DOMException | null) => reject(e?.name === "QuotaExceededError" ? new NoRoom(e.message) : (e ?? new Error("not kept")));
        try {
            const t = db.transaction(stores, "readwrite", { durability: "strict" });
            t.oncomplete = () => resolve();
            t.onabort = () => fail(t.error);
            act((name) => t.objectStore(name));
        } catch (e) {
            fail(e as DOMException);
        }
    });
}

const change = (store: Store, act: (s: IDBObjectStore) => void) => changeAll([store], (of) => act(of(store)));

export async function read<T>(store: Store, act: (s: IDBObjectStore) => IDBRequest): Promise<T> {
    const db = await open();
    return new Promise((resolve, reject) => {
        const asked = act(db.transaction(store, "readonly").objectStore(store));
        asked.onsuccess = () => resolve(asked.result as T);
        asked.onerror = () => reject(asked.error);
    });
}

/* Other tabs draw anew. */
let channel: BroadcastChannel | null = null;
const listeners = new Set<() => void>();

export function tell(): void {
    listeners.forEach((l) => l());
    channel?.postMessage("changed");
}

/** Called when records or packages have changed, in this tab or another. */
export function whenChanged(listener: () => void): () => void {
    if (!channel && "BroadcastChannel" in globalThis) {
        channel = new BroadcastChannel(NAME);
        channel.addEventListener("message", () => listeners.forEach((l) => l()));
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/**
 * Keeps a new record, or new content of one that has not left the device yet, with the photographs that belong to it: false where it has left. Those of its
 * photographs that are not named any more go, unless they have left.
 */
export async function keepRecord(record: Kept, photos: string[] = []): Promise<boolean> {
    let kept = false;
    await changeAll(["records", "photos", "photo-bytes"], (of) => {
        const asked = of("records").get(record.id);
        asked.onsuccess = () => {
            kept = !(asked.result as Kept | undefined)?.has_left;
            if (!kept) return;
            of("records").put(record);
            tiePhotos(of, record.id, photos);
        };
    });
    tell();
    return kept;
}

/** Changes a record as it stands now, in one transaction. */
export async function changeRecord(id: string, patch: (now: Kept) => Partial<Kept> | null): Promise<void> {
    await change("records", (s) => {
        const asked = s.get(id);
        asked.onsuccess = () => {
            const now = asked.result as Kept | undefined;
            const change = now && patch(now);
            if (now && change) s.put({ ...now, ...change });
        };
    });
    tell();
}

/** Takes a record and its photographs off the device: only when all their receipts are there. */
export async function clearRecord(id: string): Promise<void> {
    await changeAll(["records", "photos", "photo-bytes"], (of) => {
        const asked = of("records").get(id), owned = of("photos").index("record").getAll(id);
        owned.onsuccess = () => {
            const photos = owned.result as Photo[];
            if (!(asked.result as Kept | undefined)?.receipt || photos.some((p) => !p.receipt)) return;
            of("records").delete(id);
            for (const p of photos) dropPhoto(of, p.id);
        };
    });
    tell();
}

export const records = async (): Promise<Kept[]> =>
    (await read<Kept[]>("records", (s) => s.getAll())).sort((a, b) => (a.made_at < b.made_at ? 1 : -1));

export const packs = () => read<Pack[]>("packs", (s) => s.getAll());

/** Keeps a package in the place of all others: a device has one district with it. */
export async function keepPack(pack: Pack): Promise<void> {
    await change("packs", (s) => {
        s.clear();
        s.put(pack);
    });
    tell();
}

export async function dropPacks(): Promise<void> {
    await change("packs", (s) => s.clear());
    tell();
}

/** A form that is half filled in, so that a browser that ends takes nothing with it. */
export const keepForm = (id: string, form: unknown) => change("forms", (s) => s.put({ id, form }));
export const dropForm = (id: string) => change("forms", (s) => s.delete(id));
export const findForm = async <T>(id: string): Promise<T | null> =>
    ((await read<{ form: T } | undefined>("forms", (s) => s.get(id)))?.form ?? null);

export interface Room {
    promised: boolean | null; /* whether the browser promised not to clear what is kept; null = it does not say */
    used_bytes: number;
    quota_bytes: number;
}

/** Asks the browser to keep what is kept, and how much room there is. */
export async function askRoom(ask: boolean): Promise<Room> {
    const storage = navigator.storage;
    if (!storage?.estimate) return { promised: null, used_bytes: 0, quota_bytes: 0 };
    const promised = (await storage.persisted()) || (ask ? await storage.persist() : false);
    const { usage = 0, quota = 0 } = await storage.estimate();
    return { promised, used_bytes: usage, quota_bytes: quota };
}
