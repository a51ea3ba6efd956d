/*
 * The device's database. Every row but the few in "open" is sealed (crypt.ts), and nothing is read or written while it is locked. Sealing takes time, for which the browser's
 * transactions do not wait: a change reads its rows, makes the new ones, and writes them in one transaction if what it read is still as it was; if not, it begins anew.
 */
import { canLock, changeLock, delayMs, type Keys, type Lock, makeLock, measureRounds, nameOf, openLock, seal, type Sealed, unseal } from "./crypt";

export class NoRoom extends Error {}
/** Something is to be kept, or read, that only an open lock can keep or read. */
export class Locked extends Error {}

export type Store = "records" | "packs" | "forms" | "photos" | "photo-bytes";
export const STORES: Store[] = ["records", "packs", "forms", "photos", "photo-bytes"];

export interface Value {
    id: string;
    record?: string; /* of a photograph */
    stage?: string;
}

/** One row by its id, all of a record, or all. */
export interface Asked {
    store: Store;
    id?: string;
    record?: string;
}

export type Step = { store: Store; put: Value } | { store: Store; drop: string };

/* What stands beside what is sealed is seen by whoever has the device: how many there are, which photograph is whose, and what waits. */
interface Row extends Sealed {
    id: string;
    record?: string;
    waits: boolean;
}

export const NAME = "tilth-field-locked";
const VERSION = 1;

const waitsOf = (value: Value) => value.stage === "kept" || value.stage === "sending";

let opened: Promise<IDBDatabase> | null = null;
let keys: Keys | null = null;
/* A database of an older version of this page where nothing can be locked: what is there may be read, sent and cleared, and nothing comes to it. */
let plain: IDBDatabase | null = null;

function open(): Promise<IDBDatabase> {
    opened ??= new Promise((resolve, reject) => {
        const asked = indexedDB.open(NAME, VERSION);
        asked.onupgradeneeded = () => {
            /* A later version adds stores here, and never takes one away that holds records. */
            for (const name of ["lock", "open", "records", "packs", "forms", "photo-bytes"]) asked.result.createObjectStore(name, { keyPath: "id" });
            asked.result.createObjectStore("photos", { keyPath: "id" }).createIndex("record", "record");
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

const failure = (e: unknown) => ((e as DOMException | null)?.name === "QuotaExceededError" ? new NoRoom((e as Error).message) : ((e as Error | null) ?? new Error("not kept")));

/** One transaction: all of it is on the device when this ends, or nothing is. */
export function inOne(db: IDBDatabase, stores: string[], act: (of: (name: string) => IDBObjectStore, stop: (e: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
        let why: unknown = null;
        try {
            const t = db.transaction(stores, "readwrite", { durability: "strict" });
            const stop = (e: unknown) => {
                why = e;
                try {
                    t.abort();
                } catch {
                    /* it is ending already */
                }
            };
            t.oncomplete = () => resolve();
            t.onabort = () => reject(failure(why ?? t.error));
            act((name) => t.objectStore(name), stop);
        } catch (e) {
            reject(failure(e));
        }
    });
}

export function answer<T>(asked: IDBRequest): Promise<T> {
    return new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result as T);
        asked.onerror = () => reject(asked.error);
    });
}

/* Whose rows are read and written now. */
async function base(): Promise<IDBDatabase> {
    if (plain) return plain;
    if (!keys) throw new Locked("locked");
    return open();
}

/* Names of forms and districts tell something: they lie under names that tell nothing. */
const rowOf = async (store: Store, id: string) => (keys && (store === "forms" || store === "packs") ? nameOf(keys, store, id) : id);

async function sealedRow(store: Store, value: Value): Promise<Row> {
    if (plain) return value as unknown as Row;
    if (!keys) throw new Locked("locked");
    const id = await rowOf(store, value.id);
    return { id, ...(value.record === undefined ? {} : { record: value.record }), waits: waitsOf(value), ...(await seal(keys, store, id, value)) };
}

/* What was opened last stays at hand while it is unlocked: pictures keep their identity, and a list of a hundred records is not opened anew for one change. */
const atHand = new Map<string, { iv: Uint8Array; value: Value }>();
const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((v, i) => v === b[i]);

async function valueOf<T>(store: Store, row: Row): Promise<T> {
    if (plain) return row as T;
    if (!keys) throw new Locked("locked");
    const name = `${store}/${row.id}`, known = atHand.get(name);
    if (known && same(known.iv, row.iv)) return known.value as T;
    const value = await unseal<T>(keys, store, row.id, row);
    if (store !== "photo-bytes" && keys) atHand.set(name, { iv: row.iv, value: value as Value });
    return value;
}

const request = (s: IDBObjectStore, a: { id?: string | undefined; record?: string | undefined }): IDBRequest =>
    a.id !== undefined ? s.getAll(a.id) : a.record !== undefined ? s.index("record").getAll(a.record) : s.getAll();

const mark = (rows: Row[]) => rows.map((r) => `${r.id}:${r.iv ? [...r.iv].join() : JSON.stringify(r)}`).join(";");

async function attempt(asked: Asked[], decide: (found: Value[][]) => Step[]): Promise<boolean> {
    const db = await base();
    const lines = await Promise.all(asked.map(async (a) => ({ ...a, id: a.id === undefined ? undefined : await rowOf(a.store, a.id) })));
    const before = await Promise.all(lines.map((a) => answer<Row[]>(request(db.transaction(a.store, "readonly").objectStore(a.store), a))));
    const found = await Promise.all(before.map((rows, i) => Promise.all(rows.map((row) => valueOf<Value>(asked[i]!.store, row)))));
    const steps = await Promise.all(decide(found).map(async (s) => ("put" in s ? { store: s.store, row: await sealedRow(s.store, s.put), drop: "" } : { store: s.store, row: null, drop: await rowOf(s.store, s.drop) })));
    if (!steps.length) return true;
    if (plain && steps.some((s) => s.row && !before.some((rows) => rows.some((r) => r.id === s.row!.id)))) throw new Locked("nothing comes to what cannot be locked");
    let left = lines.length, isSame = true;
    await inOne(db, [...new Set([...asked, ...steps].map((s) => s.store))], (of, stop) => {
        const write = () => {
            if (!isSame) return;
            try {
                for (const s of steps) if (s.row) of(s.store).put(s.row);
                else of(s.store).delete(s.drop);
            } catch (e) {
                stop(e);
            }
        };
        if (!left) write();
        lines.forEach((a, i) => {
            const now = request(of(a.store), a);
            now.onsuccess = () => {
                isSame = isSame && mark(now.result as Row[]) === mark(before[i]!);
                if (--left === 0) write();
            };
        });
    });
    return isSame;
}

/* One change of this page after the other, in the order in which they were asked for. */
let last: Promise<unknown> = Promise.resolve();

/** Changes what is kept: `decide` is given what was asked for, and says what is to be put and dropped; it may be asked again. */
export function update(asked: Asked[], decide: (found: Value[][]) => Step[]): Promise<void> {
    next = null;
    const turn = last.then(async () => {
        while (!(await attempt(asked, decide)));
    });
    last = turn.catch(() => undefined);
    return turn;
}

/* What waits for its turn with nothing behind it. */
let next: { store: Store; value: Value; done: Promise<void> } | null = null;

/** Keeps a value that changes at each stroke: where an earlier one still waits for its turn and nothing has come after it, this one goes in its place. */
export function keepLatest(store: Store, value: Value): Promise<void> {
    if (next?.store === store && next.value.id === value.id) {
        next.value = value;
        return next.done;
    }
    const mine = { store, value, done: Promise.resolve() };
    mine.done = update([], () => {
        if (next === mine) next = null;
        return [{ store, put: mine.value }];
    });
    next = mine;
    return mine.done;
}

/* Whoever reads sees what was asked to be written before. */
export async function all<T>(store: Store): Promise<T[]> {
    await last;
    const db = await base();
    const rows = await answer<Row[]>(db.transaction(store, "readonly").objectStore(store).getAll());
    return Promise.all(rows.map((row) => valueOf<T>(store, row)));
}

export async function one<T>(store: Store, id: string): Promise<T | null> {
    await last;
    const db = await base(), row = await answer<Row | undefined>(db.transaction(store, "readonly").objectStore(store).get(await rowOf(store, id)));
    return row ? valueOf<T>(store, row) : null;
}

/* Work of several changes that belong together: the lock waits for it. */
let underWay = 0;

export async function whole<T>(work: () => Promise<T>): Promise<T> {
    underWay++;
    try {
        return await work();
    } finally {
        underWay--;
    }
}

export const isBusy = () => underWay > 0;

/** Forgets the keys when what was asked for is written, at the latest after `most_ms`. Whoever unlocks meanwhile has keys of their own. */
export async function forget(most_ms = 20000): Promise<void> {
    const mine = keys, until = performance.now() + most_ms;
    const settled = async () => {
        do {
            await last;
            if (underWay) await new Promise((resolve) => setTimeout(resolve, 20));
        } while (underWay && performance.now() < until);
    };
    await Promise.race([settled(), new Promise((resolve) => setTimeout(resolve, most_ms))]);
    if (keys !== mine) return;
    keys = null;
    atHand.clear();
}

/** Whether rows can be read now. */
export const isOpen = () => keys !== null || plain !== null;
export const hasKeys = () => keys !== null;

export function usePlain(db: IDBDatabase): void {
    plain = db;
}

/* What is seen without a passphrase: numbers to call, and the public part for whoever has no lock. */
export async function openGet<T>(id: string): Promise<T | null> {
    return (await answer<{ value: T } | undefined>((await open()).transaction("open", "readonly").objectStore("open").get(id)))?.value ?? null;
}

export async function openPut(id: string, value: unknown): Promise<void> {
    await inOne(await open(), ["open"], (of) => void of("open").put({ id, value }));
}

export async function openDrop(...ids: string[]): Promise<void> {
    await inOne(await open(), ["open"], (of) => ids.forEach((id) => void of("open").delete(id)));
}

const lockNow = async () => (await answer<Lock | undefined>((await open()).transaction("lock", "readonly").objectStore("lock").get("lock"))) ?? null;
export const hasLock = async () => (await lockNow()) !== null;

/** Sets the lock and opens it; false where another tab has set one meanwhile. */
export async function setLock(phrase: string): Promise<boolean> {
    if (!canLock()) throw new Locked("this browser has no means to lock anything here");
    const lock = await makeLock(phrase, await measureRounds());
    const found = await openLock(lock, phrase);
    try {
        await inOne(await open(), ["lock"], (of) => void of("lock").add(lock));
    } catch (e) {
        if (await hasLock()) return false;
        throw e;
    }
    keys = found;
    return true;
}

interface Tries {
    id: "tries";
    wrong: number;
    at: number;
}

/** How long the next try waits [ms]. A clock that was set back counts from now. */
export async function waitMs(): Promise<number> {
    const tries = await answer<Tries | undefined>((await open()).transaction("lock", "readonly").objectStore("lock").get("tries"));
    return tries ? rest(tries, Date.now()) : 0;
}

const rest = (tries: Tries, now: number) => Math.min(delayMs(tries.wrong), Math.max(0, delayMs(tries.wrong) - (now - tries.at)));

/* A try is written down before it is made, so that a page that is closed meanwhile saves none. */
async function countTry(): Promise<number> {
    let wait = 0;
    await inOne(await open(), ["lock"], (of) => {
        const asked = of("lock").get("tries");
        asked.onsuccess = () => {
            const tries = (asked.result as Tries | undefined) ?? { id: "tries", wrong: 0, at: 0 }, now = Date.now();
            wait = rest(tries, now);
            if (wait === 0) of("lock").put({ id: "tries", wrong: tries.wrong + 1, at: now });
            else if (now < tries.at) of("lock").put({ ...tries, at: now });
        };
    });
    return wait;
}

const rightTry = async () => inOne(await open(), ["lock"], (of) => void of("lock").delete("tries"));

export type Try = { outcome: "open" } | { outcome: "wrong" | "wait"; wait_ms: number };

async function tried<T>(act: (lock: Lock) => Promise<T | null>, right: (found: T, lock: Lock) => Promise<void>): Promise<Try> {
    const lock = await lockNow();
    if (!lock) throw new Locked("there is no lock");
    const wait_ms = await countTry();
    if (wait_ms) return { outcome: "wait", wait_ms };
    const found = await act(lock);
    if (found === null) return { outcome: "wrong", wait_ms: await waitMs() };
    await right(found, lock);
    await rightTry();
    return { outcome: "open" };
}

export const unlock = (phrase: string): Promise<Try> => tried((lock) => openLock(lock, phrase), async (found) => {
    keys = found;
});

/** Another passphrase for the same keys: one row changes, what is kept stays as it is. */
export const changePhrase = (old: string, fresh: string): Promise<Try> => tried(
    async (lock) => changeLock(lock, old, fresh, await measureRounds()),
    async (made, before) => inOne(await open(), ["lock"], (of, stop) => {
        const asked = of("lock").get("lock");
        asked.onsuccess = () => {
            if (same((asked.result as Lock).salt, before.salt)) of("lock").put(made);
            else stop(new Error("another tab has changed it meanwhile"));
        };
    }));

export interface Counts {
    records: number; /* that the server has not received */
    photos: number;
    forms: number; /* half filled in */
}

/** What has not reached the server, as far as it can be told while it is locked. */
export async function countWaiting(): Promise<Counts> {
    const db = plain ?? (await open());
    const rows = async (store: Store) => answer<Array<Partial<Row> & Value>>(db.transaction(store, "readonly").objectStore(store).getAll());
    const waits = (list: Array<Partial<Row> & Value>) => list.filter((r) => r.waits ?? waitsOf(r)).length;
    return { records: waits(await rows("records")), photos: waits(await rows("photos")), forms: (await rows("forms")).length };
}

/** Takes everything off the device that this page has kept on it, the lock too. */
export async function wipe(older: string): Promise<void> {
    keys = null;
    atHand.clear();
    plain?.close();
    plain = null;
    const db = await open();
    await inOne(db, ["lock", "open", ...STORES], (of) => ["lock", "open", ...STORES].forEach((name) => void of(name).clear()));
    db.close();
    opened = null;
    for (const name of [NAME, older]) await dropBase(name);
}

/** Deletes a database; another tab that holds it is told to let it go, and is not waited for. */
export function dropBase(name: string): Promise<void> {
    return new Promise((resolve) => {
        const asked = indexedDB.deleteDatabase(name);
        asked.onsuccess = asked.onerror = asked.onblocked = () => resolve();
    });
}
