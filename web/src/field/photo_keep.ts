/*
 * Photographs on the device: what is known of each, with a small picture of it, and its bytes apart, so that a list of them loads none. One that was added to
 * a form belongs to no record until the form is kept; it lies on the device from its first moment all the same.
 */
import type { FieldPhotographsPhotograph } from "../../generated/schemas";
import { changeAll, read, type Store, tell } from "./keep";

export interface Photo {
    id: string;
    record: string; /* id of its record, "" = of a form that is not kept yet */
    stage: "kept" | "sending" | "received" | "refused";
    name: string;
    sha256: string; /* "" where the browser reckons none */
    bytes: number;
    width: number;
    height: number;
    made_at: string;
    thumb: ArrayBuffer; /* a JPEG of a few KiB */
    tries: number;
    trouble: string; /* of the last try */
    receipt: FieldPhotographsPhotograph | null;
    has_left: boolean; /* was on its way once: the server may have it */
}

type Of = (name: Store) => IDBObjectStore;

/** Photographs of a record that one may have, all in all. */
export const PHOTOS_MAX = 20;

export const photos = async (): Promise<Photo[]> => (await read<Photo[]>("photos", (s) => s.getAll())).sort((a, b) => (a.made_at < b.made_at ? -1 : 1));

export const photoBytes = async (id: string): Promise<ArrayBuffer | null> =>
    (await read<{ bytes: ArrayBuffer } | undefined>("photo-bytes", (s) => s.get(id)))?.bytes ?? null;

export const isPhotoWaiting = (p: Photo) => p.stage === "kept" || p.stage === "sending";

/** Whether a person may take it away: it never left, or the server has refused it. */
export const isRemovable = (p: Photo) => !p.receipt && (p.stage === "refused" || !p.has_left);

/** Keeps a photograph; of a form, together with what the form holds by now, so that neither is there without the other. */
export async function addPhoto(photo: Photo, bytes: ArrayBuffer, form?: { id: string; form: unknown }): Promise<void> {
    await changeAll(["photos", "photo-bytes", "forms"], (of) => {
        of("photo-bytes").put({ id: photo.id, bytes });
        of("photos").put(photo);
        if (form) of("forms").put(form);
    });
    tell();
}

export function dropPhoto(of: Of, id: string): void {
    of("photos").delete(id);
    of("photo-bytes").delete(id);
}

/** Ties photographs to a record, within a transaction; those that are not wanted any more go, unless they have left. */
export function tiePhotos(of: Of, record: string, wanted: string[]): void {
    const before = of("photos").index("record").getAll(record);
    before.onsuccess = () => {
        for (const p of before.result as Photo[]) if (!wanted.includes(p.id) && isRemovable(p)) dropPhoto(of, p.id);
    };
    for (const id of wanted) {
        const asked = of("photos").get(id);
        asked.onsuccess = () => {
            const p = asked.result as Photo | undefined;
            if (p && p.record === "") of("photos").put({ ...p, record });
        };
    }
}

/** Takes a photograph away, where a person may. */
export async function removePhoto(id: string): Promise<void> {
    await changeAll(["photos", "photo-bytes"], (of) => {
        const asked = of("photos").get(id);
        asked.onsuccess = () => {
            const p = asked.result as Photo | undefined;
            if (p && isRemovable(p)) dropPhoto(of, id);
        };
    });
    tell();
}

/** Takes those away that belong to a form which is discarded. */
export async function removeLoose(ids: string[]): Promise<void> {
    await changeAll(["photos", "photo-bytes"], (of) => {
        for (const id of ids) {
            const asked = of("photos").get(id);
            asked.onsuccess = () => (asked.result as Photo | undefined)?.record === "" && dropPhoto(of, id);
        }
    });
    tell();
}

export async function changePhoto(id: string, patch: (now: Photo) => Partial<Photo>): Promise<void> {
    await changeAll(["photos"], (of) => {
        const asked = of("photos").get(id);
        asked.onsuccess = () => {
            const now = asked.result as Photo | undefined;
            if (now) of("photos").put({ ...now, ...patch(now) });
        };
    });
    tell();
}
