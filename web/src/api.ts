/*
 * The JSON API of the server (docs/api.md), and nothing else: every page goes through here. Errors come as one sentence of the server's; a network
 * that fails is told apart from a server that refuses.
 */
import type { Area, Areas, Assess, Basemap, Explain, Forecast, ForecastScenarios, Layers, Legend, Plan, Project, Record as Whole, Records, Search as Found, Session, WhatIf } from "../generated/schemas";

export const base = "/api/1";

export type { Basemap, Project, Session };
export type VectorLayer = Layers["vector"][number];
export type Band = Layers["raster"][number] & { log?: boolean; classes?: string[] };
export type { Layers };
export type RecordRow = Records["records"][number] & { [column: string]: unknown };
export type Hit = Found["hits"][number];

export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
        /** The same in English, whatever language the page speaks: what the page goes by. */
        readonly english = message,
    ) {
        super(message);
    }
}

let csrf = "";
let language = "en";

/** Language of what the server says. */
export function speak(wanted: string): void {
    language = wanted;
}

let onUnknown: () => void = () => {};

/** Called when a session has ended, so that the pages can say so. */
export function whenSessionEnds(call: () => void): void {
    onUnknown = call;
}

async function fail(response: Response): Promise<never> {
    let code = "", message = response.statusText || String(response.status), english: string | undefined;
    try {
        const body = (await response.json()) as { error?: string; message?: string; in_english?: string };
        code = body.error ?? "";
        message = body.message ?? message;
        english = body.in_english;
    } catch {
        /* not JSON: the status is all there is */
    }
    if (response.status === 401) onUnknown();
    throw new ApiError(response.status, code, message, english);
}

export interface Call {
    method?: string;
    body?: unknown;
    raw?: Blob; /* sent as it is, with its own media type */
    signal?: AbortSignal | undefined;
    headers?: Record<string, string>;
    cache?: RequestCache;
    /** Slow work: the server may answer that it goes on, and this is told how far it is. */
    slow?: ((progress: Progress) => void) | undefined;
}

/** How far slow work is: the share of the step that the words name. */
export interface Progress {
    share: number | null;
    words: string;
}

async function send(path: string, { method = "GET", body, raw, signal, headers = {}, cache }: Call): Promise<Response> {
    const init: RequestInit = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin" };
    (init.headers as Record<string, string>)["Accept-Language"] = language;
    if (signal) init.signal = signal;
    if (cache) init.cache = cache;
    if (method !== "GET") (init.headers as Record<string, string>)["X-CSRF-Token"] = csrf;
    if (body !== undefined) {
        (init.headers as Record<string, string>)["Content-Type"] = "application/json";
        init.body = JSON.stringify(body);
    }
    if (raw) {
        (init.headers as Record<string, string>)["Content-Type"] = raw.type || "application/octet-stream";
        init.body = raw;
    }
    try {
        return await fetch(path, init);
    } catch (error) {
        if ((error as Error).name === "AbortError") throw error;
        throw new ApiError(0, "NETWORK", "");
    }
}

const pause = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal?.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(new DOMException("aborted", "AbortError"));
        });
    });

/** Asks; work that takes long answers 202 with a Location, which is then asked until it is done. */
export async function ask<T>(path: string, call: Call = {}): Promise<T> {
    const asked = call.slow ? { ...call, headers: { ...call.headers, Prefer: "respond-async" } } : call;
    let response = await send(path.startsWith("/") && !path.startsWith("/api") ? base + path : path, asked);
    for (let wait = 60; response.status === 202; wait = Math.min(wait * 1.5, 1000)) {
        const location = response.headers.get("Location");
        if (!location) break;
        try {
            call.slow?.((await response.json()) as Progress);
            await pause(wait, call.signal);
            response = await send(location, { signal: call.signal });
        } catch (error) {
            /* Who asked does not want it any more: nor need the server go on. */
            if (call.signal?.aborted) void send(location, { method: "DELETE" }).catch(() => undefined);
            throw error;
        }
    }
    if (!response.ok) return fail(response);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
}

/** Sends a file as it is, telling what share has gone: the browser's newer way of asking does not say. */
export function sendFile<T>(path: string, file: Blob, progress: (share: number) => void, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        const network = () => reject(new ApiError(0, "NETWORK", ""));
        request.open("POST", base + path);
        for (const [name, value] of [["Accept", "application/json"], ["Accept-Language", language], ["X-CSRF-Token", csrf], ["Content-Type", "application/octet-stream"]] as const)
            request.setRequestHeader(name, value);
        request.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
        request.onerror = network;
        request.onabort = () => reject(new DOMException("aborted", "AbortError"));
        request.onload = () => {
            const answer = new Response(request.responseText, { status: request.status, statusText: request.statusText });
            if (answer.ok) answer.json().then((value) => resolve(value as T), network);
            else fail(answer).catch(reject);
        };
        signal.addEventListener("abort", () => request.abort());
        request.send(file);
    });
}

/** The bytes of an address of the API. */
export async function bytes(path: string, signal?: AbortSignal): Promise<Blob> {
    const response = await send(base + path, { signal, headers: { Accept: "*/*" } });
    if (!response.ok) return fail(response);
    return response.blob();
}

/** Asks for what may have changed since: no body where it has the ETag that is known. `date` is by the server's clock. */
export async function askNew<T>(path: string, etag: string): Promise<{ body: T | null; etag: string; date: string | null }> {
    /* Past the browser's own cache, which lies open on the device; what it has from before goes. */
    const response = await send(base + path, { headers: etag ? { "If-None-Match": etag } : {}, cache: "reload" });
    const date = response.headers.get("Date");
    if (response.status === 304) return { body: null, etag, date };
    if (!response.ok) return fail(response);
    return { body: (await response.json()) as T, etag: response.headers.get("ETag") ?? "", date };
}

export function query(values: Record<string, string | number | null | undefined>): string {
    const parts = Object.entries(values)
        .filter(([, v]) => v !== null && v !== undefined && v !== "")
        .map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`);
    return parts.length ? `?${parts.join("&")}` : "";
}

export async function session(): Promise<Session> {
    const found = await ask<Session>("/session");
    csrf = found.csrf ?? "";
    return found;
}

export async function logIn(name: string, password: string): Promise<Session> {
    await ask("/session", { method: "POST", body: { name, password } });
    return session();
}

export async function logOut(): Promise<Session> {
    await ask("/session", { method: "DELETE" });
    return session();
}

export const project = () => ask<Project>("/project");
export const basemap = () => ask<Basemap>("/basemap");
export const layers = () => ask<Layers>("/layers");
export const records = (kind: string, values: Record<string, string | number | null>, signal?: AbortSignal) =>
    ask<Records>(`/records/${kind}${query(values)}`, { signal });
export const record = (kind: string, code: string, signal?: AbortSignal) =>
    ask<Whole>(`/records/${kind}/${encodeURIComponent(code)}`, { signal });
export const search = (q: string, signal?: AbortSignal) => ask<Found>(`/search${query({ q })}`, { signal });
export const explain = (lon: number, lat: number, signal?: AbortSignal) => ask<Explain>(`/explain${query({ lon, lat })}`, { signal });
export const areas = (signal?: AbortSignal) => ask<Areas>("/areas", { signal });
export const areaPage = (code: string, signal?: AbortSignal) => ask<Area>(`/areas/${encodeURIComponent(code)}`, { signal });
export const legend = (band: string, scale: string, classes: string, signal?: AbortSignal) =>
    ask<Legend>(`/legend/${band}${query({ scale, classes })}`, { signal });
export const forecasts = (signal?: AbortSignal) => ask<ForecastScenarios>("/forecasts", { signal });
export const runForecast = (body: unknown, signal?: AbortSignal, slow?: Call["slow"]) => ask<Forecast>("/forecasts", { method: "POST", body, signal, slow });
export const plan = (signal?: AbortSignal) => ask<Plan>("/plan", { signal });

/** Passes of a method. */
export type Step = { method: string; passes: number };

/** What may be asked of an area or a polygon: its assessment, and what would remain after a programme of work. */
export interface Subject {
    identity: string;
    assess(signal: AbortSignal, slow?: Call["slow"]): Promise<Assess>;
    whatIf(steps: Step[], signal: AbortSignal): Promise<WhatIf>;
}

export function areaSubject(code: string): Subject {
    const at = `/areas/${encodeURIComponent(code)}`;
    return {
        identity: code,
        assess: (signal, slow) => ask<Assess>(`${at}/assess`, { method: "POST", body: {}, signal, slow }),
        whatIf: (steps, signal) => ask<WhatIf>(`${at}/what-if`, { method: "POST", body: { steps }, signal }),
    };
}

/** Keeps the assessment of an area in the project: its dossier is made of that one. */
export const keepAssessment = (code: string) => ask<Assess>(`/areas/${encodeURIComponent(code)}/assess`, { method: "POST", body: { keep: true } });

export function polygonSubject(polygon: GeoJSON.Polygon): Subject {
    return {
        identity: JSON.stringify(polygon.coordinates),
        assess: (signal, slow) => ask<Assess>("/assess", { method: "POST", body: { polygon }, signal, slow }),
        whatIf: (steps, signal) => ask<WhatIf>("/what-if", { method: "POST", body: { polygon, steps }, signal }),
    };
}
