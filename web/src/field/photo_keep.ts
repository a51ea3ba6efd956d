/*
 * Photographs on the device: what is known of each, with a small picture of it, and its bytes apart, so that a list of them loads none. One that was added to
 * a form belongs to no record until the form is kept; it lies on the device from its first moment all the same.
 */
import type { FieldPhotographsPhotograph } from "../../generated/schemas";
import { tell } from "./keep";
import { all, isOpen, one, type Step, update } from "./vault";

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

/** Photographs of a record that one may have, all in all. */
export const PHOTOS_MAX = 20;

export const photos = async (): Promise<Photo[]> => (isOpen() ? (await all<Photo>("photos")).sort((a, b) => (a.made_at < b.made_at ? -1 : 1)) : []);

export const photoBytes = async (id: string): Promise<ArrayBuffer | null> => (await one<{ bytes: ArrayBuffer }>("photo-bytes", id))?.bytes ?? null;

export const isPhotoWaiting = (p: Photo) => p.stage === "kept" || p.stage === "sending";

/** Whether a person may take it away: it never left, or the server has refused it. */
export const isRemovable = (p: Photo) => !p.receipt && (p.stage === "refused" || !p.has_left);

/** Keeps a photograph; of a form, together with what the form holds by now, so that neither is there without the other. */
export async function addPhoto(photo: Photo, bytes: ArrayBuffer, form?: { id: string; form: unknown }): Promise<void> {
    await update([], () => [{ store: "photo-bytes", put: { id: photo.id, bytes } as { id: string } }, { store: "photos", put: photo }, ...(form ? [{ store: "forms", put: form } as Step] : [])]);
    tell();
}

export const dropPhoto = (id: string): Step[] => [{ store: "photos", drop: id }, { store: "photo-bytes", drop: id }];

/** Ties photographs to a record: those that it has and that are not wanted any more go, unless they have left. */
export function tiePhotos(record: string, owned: Photo[], wanted: Photo[]): Step[] {
    const gone = owned.filter((p) => !wanted.some((w) => w.id === p.id) && isRemovable(p));
    return [...gone.flatMap((p) => dropPhoto(p.id)), ...wanted.filter((p) => p.record === "").map((p): Step => ({ store: "photos", put: { ...p, record } }))];
}

/** Takes a photograph away, where a person may. */
export async function removePhoto(id: string): Promise<void> {
    await update([{ store: "photos", id }], ([found]) => (found as Photo[]).filter(isRemovable).flatMap((p) => dropPhoto(p.id)));
    tell();
}

/** Takes those away that belong to a form which is discarded. */
export async function removeLoose(ids: string[]): Promise<void> {
    await update(ids.map((id) => ({ store: "photos" as const, id })), (found) => (found.flat() as Photo[]).filter((p) => p.record === "").flatMap((p) => dropPhoto(p.id)));
    tell();
}

export async function changePhoto(id: string, patch: (now: Photo) => Partial<Photo>): Promise<void> {
    await update([{ store: "photos", id }], ([found]) => (found as Photo[]).map((p): Step => ({ store: "photos", put: { ...p, ...patch(p) } as Photo })));
    tell();
}
