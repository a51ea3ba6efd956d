/*
 * What an older version of this page kept without a lock. It moves into the locked database row by row: sealed and written there, then taken out here; where that is cut off in between
 * the row is in both, and the one here goes next time. In the end the old database is deleted as a whole; its bytes may stay in the browser's files
 * for long (Chromium's do), which only the removal of all the site's data ends: the page says so.
 */
import type { Pack } from "./keep";
import { all, answer, dropBase, inOne, openPut, type Store, STORES, update, type Value } from "./vault";

export const OLD = "tilth-field";
/* One more than the last version of it: a tab with the older page lets go, and writes nothing any more. */
const CLOSED = 3;

/** The database of before, null where there is none. */
function openOld(): Promise<IDBDatabase | null> {
    return new Promise((resolve) => {
        const asked = indexedDB.open(OLD, CLOSED);
        let isNew = false;
        asked.onupgradeneeded = (e) => {
            isNew = e.oldVersion === 0;
            if (isNew) asked.transaction!.abort();
            else for (const name of STORES) if (!asked.result.objectStoreNames.contains(name)) {
                const store = asked.result.createObjectStore(name, { keyPath: "id" });
                if (name === "photos") store.createIndex("record", "record");
            }
        };
        asked.onsuccess = () => {
            asked.result.onversionchange = () => asked.result.close();
            resolve(asked.result);
        };
        asked.onerror = () => resolve(null);
    });
}

export interface Before {
    db: IDBDatabase;
    rows: number;
    needsLock: boolean; /* there is more than what the server shows to everybody */
}

const keysOf = (db: IDBDatabase, store: Store) => answer<string[]>(db.transaction(store, "readonly").objectStore(store).getAllKeys());

export async function before(): Promise<Before | null> {
    const db = await openOld();
    if (!db) return null;
    const counts = await Promise.all(STORES.map(async (store) => (await keysOf(db, store)).length));
    const rows = counts.reduce((sum, n) => sum + n, 0);
    if (!rows) {
        db.close();
        await dropBase(OLD);
        return null;
    }
    const packs = await answer<Pack[]>(db.transaction("packs", "readonly").objectStore("packs").getAll());
    return { db, rows, needsLock: rows > packs.length || packs.some((p) => !p.body.is_public) };
}

/** Moves the public part of whoever has no lock. */
export async function movePublic({ db }: Before): Promise<void> {
    const [pack] = await answer<Pack[]>(db.transaction("packs", "readonly").objectStore("packs").getAll());
    if (pack) await openPut("pack", pack);
    db.close();
    await dropBase(OLD);
}

async function moveStore(db: IDBDatabase, store: Store, moved: () => void): Promise<void> {
    /* Without their bytes: photographs are many and large. */
    const there = new Set(store === "photo-bytes" ? [] : (await all<Value>(store)).map((v) => v.id));
    for (const id of await keysOf(db, store)) {
        const value = await answer<Value | undefined>(db.transaction(store, "readonly").objectStore(store).get(id));
        if (value && !there.has(id)) await update([{ store, id }], ([found]) => (found!.length ? [] : [{ store, put: value }]));
        await inOne(db, [store], (of) => void of(store).delete(id));
        moved();
    }
}

/** Moves everything under the open lock, telling how far it is. One tab at a time does. */
export async function moveOld(progress: (done: number, of: number) => void): Promise<void> {
    const work = async () => {
        const found = await before();
        if (!found) return;
        await openPut("traces", true);
        let done = 0;
        for (const store of STORES) await moveStore(found.db, store, () => progress(++done, found.rows));
        found.db.close();
        await dropBase(OLD);
    };
    if (navigator.locks) await navigator.locks.request("tilth-field-move", work);
    else await work();
}
