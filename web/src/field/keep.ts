/*
 * What the device keeps: the package of a district, records until their receipt has come and their owner clears them, their photographs (photo_keep.ts), forms that are half filled in.
 * "Kept" is said only when the browser has written it down, and everything is sealed before it is (vault.ts); but for a public package of whoever has set no lock.
 */
import type { FieldPackage, Receipt } from "../../generated/schemas";
import { dropPhoto, type Photo, tiePhotos } from "./photo_keep";
import { all, hasKeys, isOpen, keepLatest, Locked, one, openDrop, openGet, openPut, type Step, update } from "./vault";

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

/** What is seen while it is locked, too: whom to call, and the project's own words, as the server shows them to everybody. */
export type Help = Pick<FieldPackage, "contacts" | "words" | "title">;

const CHANNEL = "tilth-field";

/* Other tabs draw anew, lock, or begin anew. */
type Told = "changed" | "lock" | "wiped";
let channel: BroadcastChannel | null = null;
const listeners = new Set<(told: Told) => void>();

export function tell(told: Told = "changed"): void {
    if (told === "changed") listeners.forEach((l) => l(told));
    channel?.postMessage(told);
}

/** Called when records or packages have changed, in this tab or another; and when another tab has locked or wiped what is kept. */
export function whenChanged(listener: (told: Told) => void): () => void {
    if (!channel && "BroadcastChannel" in globalThis) {
        channel = new BroadcastChannel(CHANNEL);
        channel.addEventListener("message", (e) => listeners.forEach((l) => l(e.data as Told)));
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** What ends with a record that is kept: the form it was typed into, and the refused record that it mends. */
export interface Ends {
    form?: string;
    mends?: string;
}

/**
 * Keeps a new record, or new content of one that has not left the device yet, with the photographs that belong to it: false where it has left. Those of its
 * photographs that are not named any more go, unless they have left. All of it or nothing.
 */
export async function keepRecord(record: Kept, photos: string[] = [], { form = "", mends = "" }: Ends = {}): Promise<boolean> {
    let kept = false;
    const asked = [{ store: "records" as const, id: record.id }, { store: "records" as const, id: mends }, { store: "photos" as const, record: record.id }, ...photos.map((id) => ({ store: "photos" as const, id }))];
    await update(asked, ([before, mended, owned, ...wanted]) => {
        kept = !(before as Kept[])[0]?.has_left;
        if (!kept) return [];
        const steps: Step[] = [{ store: "records", put: record }, ...tiePhotos(record.id, owned as Photo[], wanted.flat() as Photo[])];
        for (const m of mended as Kept[]) steps.push({ store: "records", put: { ...m, mended_by: record.id } as Kept });
        if (form) steps.push({ store: "forms", drop: form });
        return steps;
    });
    tell();
    return kept;
}

/** Changes a record as it stands now. */
export async function changeRecord(id: string, patch: (now: Kept) => Partial<Kept> | null): Promise<void> {
    await update([{ store: "records", id }], ([found]) => {
        const now = (found as Kept[])[0], change = now && patch(now);
        return change ? [{ store: "records", put: { ...now, ...change } }] : [];
    });
    tell();
}

/** Takes a record and its photographs off the device: only when all their receipts are there. */
export async function clearRecord(id: string): Promise<void> {
    await update([{ store: "records", id }, { store: "photos", record: id }], ([found, owned]) => {
        const photos = owned as Photo[];
        if (!(found as Kept[])[0]?.receipt || photos.some((p) => !p.receipt)) return [];
        return [{ store: "records", drop: id }, ...photos.flatMap((p) => dropPhoto(p.id))];
    });
    tell();
}

export const records = async (): Promise<Kept[]> => (isOpen() ? (await all<Kept>("records")).sort((a, b) => (a.made_at < b.made_at ? 1 : -1)) : []);

/** What was taken along: what is locked, or the public part of whoever has no lock. */
export async function packs(): Promise<Pack[]> {
    const locked = isOpen() ? await all<Pack>("packs") : [];
    if (locked.length) return locked;
    const shown = await openGet<Pack>("pack");
    return shown ? [shown] : [];
}

export const help = () => openGet<Help>("help");

/** Keeps a package in the place of all others: a device has one district with it. */
export async function keepPack(pack: Pack): Promise<void> {
    const { contacts, words, title } = pack.body;
    if (hasKeys()) {
        await update([{ store: "packs" }], ([found]) => [...found!.map((p): Step => ({ store: "packs", drop: p.id })), { store: "packs", put: pack }]);
        await openDrop("pack");
    } else if (pack.body.is_public) {
        if (isOpen()) await dropPacks();
        await openPut("pack", pack);
    } else throw new Locked("only the public part is kept without a lock");
    await openPut("help", { contacts, words, title } satisfies Help);
    tell();
}

export async function dropPacks(): Promise<void> {
    if (isOpen()) await update([{ store: "packs" }], ([found]) => found!.map((p) => ({ store: "packs", drop: p.id })));
    await openDrop("pack", "help");
    tell();
}

/** A form that is half filled in, so that a browser that ends takes nothing with it. */
export const keepForm = (id: string, form: unknown) => keepLatest("forms", { id, form } as { id: string });
export const dropForm = (id: string) => update([], () => [{ store: "forms", drop: id }]);
export const findForm = async <T>(id: string): Promise<T | null> => (await one<{ form: T }>("forms", id))?.form ?? null;

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
