/*
 * Sending photographs: after the receipt of their record, one by one. The server knows each by its content, so that one whose answer was lost does not come twice;
 * before it is sent again the server is asked whether it came, which is cheaper than a photograph.
 */
import type { FieldPhotographs, FieldPhotographsPhotograph } from "../../generated/schemas";
import * as api from "../api";
import type { Kept } from "./keep";
import { changePhoto, isPhotoWaiting, type Photo, photoBytes, photos } from "./photo_keep";
import { type Sent, verdictOf } from "./verdict";

/* The server lets a body go on for as long as 4 KiB a second come. */
const limitMs = (bytes: number) => 60000 + bytes / 4;

const at = (record: string) => `/field/records/${record}/photographs`;

const isOf = (one: FieldPhotographsPhotograph, photo: Photo) => one.bytes === photo.bytes && (photo.sha256 === "" || one.sha256 === photo.sha256);

async function timed<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ms);
    try {
        return await ask(stop.signal);
    } catch (error) {
        throw stop.signal.aborted ? new api.ApiError(0, "NETWORK", "") : error;
    } finally {
        clearTimeout(timer);
    }
}

/* What the server has of it already. */
async function known(photo: Photo): Promise<FieldPhotographsPhotograph | null> {
    if (photo.tries === 0 || photo.sha256 === "") return null;
    const came = await timed(60000, (signal) => api.ask<FieldPhotographs>(at(photo.record), { signal }));
    return came.photographs.find((one) => isOf(one, photo)) ?? null;
}

async function post(photo: Photo): Promise<FieldPhotographsPhotograph> {
    const bytes = await photoBytes(photo.id);
    if (!bytes) throw new api.ApiError(422, "", "the device has lost its bytes");
    const came = await timed(limitMs(photo.bytes), (signal) =>
        api.ask<FieldPhotographs>(`${at(photo.record)}${api.query({ name: photo.name })}`, { method: "POST", raw: new Blob([bytes], { type: "image/jpeg" }), signal }));
    const one = came.photographs.find((p) => isOf(p, photo));
    if (!one) throw new api.ApiError(0, "", ""); /* not of these bytes: asked again */
    return one;
}

async function sendOne(photo: Photo): Promise<Sent | null> {
    try {
        const came = await known(photo);
        if (!came) await changePhoto(photo.id, (now) => ({ stage: "sending", tries: now.tries + 1, has_left: true, trouble: "" }));
        const receipt = came ?? (await post(photo));
        await changePhoto(photo.id, () => ({ stage: "received", receipt, trouble: "" }));
        return null;
    } catch (error) {
        const e = error instanceof api.ApiError ? error : new api.ApiError(0, "", String(error));
        /* The server may know the record again one day: it was put back from a copy, say. */
        const verdict = e.status === 404 ? "again" : verdictOf(e.status);
        await changePhoto(photo.id, () => ({ stage: verdict === "person" ? "refused" : "kept", trouble: e.status === 0 ? "network" : e.message }));
        if (verdict === "person" || e.status === 404) return null;
        return { outcome: verdict === "login" ? "login" : e.status === 0 ? "offline" : "later", n: 0, words: e.message };
    }
}

/** Sends photographs of records that have their receipt; why it stopped, null = it did not. Only whoever holds the lock calls it. */
export async function sendPhotos(records: Kept[]): Promise<Sent | null> {
    const ready = new Set(records.filter((r) => r.receipt).map((r) => r.id));
    for (const photo of (await photos()).filter((p) => isPhotoWaiting(p) && ready.has(p.record))) {
        const stopped = await sendOne(photo);
        if (stopped) return stopped;
    }
    return null;
}
