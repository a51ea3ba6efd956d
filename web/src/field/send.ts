/*
 * Sending what is kept. One tab at a time sends (Web Locks), a record after the other; each is written down as on its way before it leaves, and as received
 * only when the server's receipt is of these very bytes. Whatever goes wrong, the record stays: the server knows a record that it has had before.
 */
import type { FieldDistricts, Receipt, Session } from "../../generated/schemas";
import * as api from "../api";
import { changeRecord, type Kept, records } from "./keep";
import { isPhotoWaiting, type Photo, photos } from "./photo_keep";
import { sendPhotos } from "./photo_send";
import { type Sent, verdictOf } from "./verdict";

const LOCK = "tilth-field-send";
const LIMIT_MS = 60000;

export async function sha256(content: string | ArrayBuffer): Promise<string> {
    if (!crypto.subtle) return ""; /* not over TLS: the browser reckons none */
    const sum = await crypto.subtle.digest("SHA-256", typeof content === "string" ? new TextEncoder().encode(content) : content);
    return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

const stageOf = (receipt: Receipt): Kept["stage"] =>
    receipt.state === "refused" ? "refused" : receipt.state === "conflict" ? "conflict" : "received";

/** Whether a receipt is of this record and of its very bytes. */
export function isReceiptOf(receipt: Receipt, record: Pick<Kept, "id" | "sha256">): boolean {
    return receipt.schema === "tilth.receipt/1" && receipt.id === record.id && (record.sha256 === "" || receipt.sha256 === record.sha256);
}

async function post(record: Kept): Promise<Receipt> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), LIMIT_MS);
    try {
        return await api.ask<Receipt>(`/field/records${api.query({ sent_at: new Date().toISOString() })}`, {
            method: "POST", raw: new Blob([record.body], { type: "application/json" }), signal: stop.signal,
        });
    } catch (error) {
        throw stop.signal.aborted ? new api.ApiError(0, "NETWORK", "") : error;
    } finally {
        clearTimeout(timer);
    }
}

async function sendOne(record: Kept): Promise<Sent | null> {
    await changeRecord(record.id, () => ({ stage: "sending", tries: record.tries + 1, has_left: true, trouble: "" }));
    try {
        const receipt = await post(record);
        if (!isReceiptOf(receipt, record)) {
            await changeRecord(record.id, () => ({ stage: "kept", trouble: "receipt" }));
            return { outcome: "later", n: 0, words: "receipt" };
        }
        await changeRecord(record.id, () => ({ stage: stageOf(receipt), receipt, trouble: "" }));
        return null;
    } catch (error) {
        const e = error instanceof api.ApiError ? error : new api.ApiError(0, "", String(error));
        const verdict = verdictOf(e.status);
        await changeRecord(record.id, () => ({ stage: "kept", trouble: e.status === 0 ? "network" : e.message }));
        if (verdict === "person") return null; /* the others need not wait for this one */
        return { outcome: verdict === "login" ? "login" : e.status === 0 ? "offline" : "later", n: 0, words: e.message };
    }
}

export const isWaiting = (r: Kept) => r.stage === "kept" || r.stage === "sending";

/** Records of which something waits: themselves, or a photograph of theirs. */
export const waitingOf = (all: Kept[], pictures: Photo[]) => all.filter((r) => isWaiting(r) || pictures.some((p) => p.record === r.id && isPhotoWaiting(p)));

async function sendAll(anyPerson: boolean, whenSession: (s: Session) => void): Promise<Sent> {
    /* Whoever holds the lock is the only one who sends: what is still "sending" was cut off. */
    const waiting = waitingOf(await records(), await photos()).reverse();
    for (const r of waiting) if (r.stage === "sending") await changeRecord(r.id, () => ({ stage: "kept" }));
    if (!waiting.length) return { outcome: "nothing", n: 0, words: "" };
    let session: Session, project: string;
    try {
        session = await api.session();
        whenSession(session);
        if (session.role === "guest") return { outcome: "login", n: 0, words: "" };
        project = (await api.ask<FieldDistricts>("/field/districts")).project;
    } catch (error) {
        const e = error as Error;
        return { outcome: e instanceof api.ApiError && e.status !== 0 ? "later" : "offline", n: 0, words: e.message };
    }
    const mine = waiting.filter((r) => r.project === project);
    const ours = mine.filter((r) => anyPerson || r.person === (session.name ?? ""));
    let n = 0;
    for (const record of ours.filter(isWaiting)) {
        const stopped = await sendOne(record);
        if (stopped) return { ...stopped, n };
        n++;
    }
    /* Words are small and go first; pictures follow. */
    const sent = new Set(ours.map((r) => r.id));
    const stopped = await sendPhotos((await records()).filter((r) => sent.has(r.id)));
    if (stopped) return { ...stopped, n };
    const left = ours.length < mine.length ? "other-person" : mine.length < waiting.length ? "other-project" : "done";
    return { outcome: left, n, words: "" };
}

/** Sends what waits, unless another tab does. */
export async function send(whenSession: (s: Session) => void, anyPerson = false): Promise<Sent> {
    if (!navigator.locks) return sendAll(anyPerson, whenSession);
    return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) =>
        lock ? sendAll(anyPerson, whenSession) : Promise.resolve<Sent>({ outcome: "busy", n: 0, words: "" }));
}

/** Asks whether somebody has decided about what is kept beside a newer version. */
export async function askDecisions(): Promise<void> {
    for (const r of (await records()).filter((k) => k.stage === "conflict" && !k.receipt?.decided)) {
        const receipt = await api.ask<Receipt>(`/field/records/${r.id}`).catch(() => null);
        if (receipt && isReceiptOf(receipt, r)) await changeRecord(r.id, () => ({ receipt }));
    }
}
