/*
 * The JSON API of the server (docs/api.md), and nothing else: every page goes through here. Errors come as one sentence of the server's; a network
 * that fails is told apart from a server that refuses.
 */
import type { Assess, Explain, Forecast, Methods } from "../generated/schemas";

export const base = "/api/1";

export interface Session {
    name: string | null;
    role: string;
    csrf: string;
    accounts: boolean;
    language: string | null;
}

export interface Project {
    title: string;
    extent: [number, number, number, number];
    crs: string;
    cell_m: number;
    kinds: Array<{ kind: string; title: string; count: number }>;
    map: { run: number; date?: string } | null;
    languages: string[];
    version: string;
}

export interface VectorLayer {
    name: string;
    kind: string;
    title: string;
    geometry: "point" | "line" | "polygon" | "any";
    count: number;
    columns: Array<{ name: string }>;
    from: string | null;
    to: string | null;
    statuses: string[];
    organisations: string[];
}

export interface Band {
    name: string;
    title: string;
    unit: string;
    min: number | null;
    max: number | null;
    quantiles: number[];
    scales: string[];
    log?: boolean;
    classes?: string[];
}

export interface Layers {
    vector: VectorLayer[];
    raster: Band[];
}

export interface RecordRow {
    code: string;
    lon: number | null;
    lat: number | null;
    [column: string]: unknown;
}

export interface RecordList {
    total: number;
    records: RecordRow[];
}

export interface Hit {
    kind: string;
    code: string | null;
    title: string;
    lon: number | null;
    lat: number | null;
    why: string;
}

export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
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
    let code = "", message = response.statusText || String(response.status);
    try {
        const body = (await response.json()) as { error?: string; message?: string };
        code = body.error ?? "";
        message = body.message ?? message;
    } catch {
        /* not JSON: the status is all there is */
    }
    if (response.status === 401) onUnknown();
    throw new ApiError(response.status, code, message);
}

export interface Call {
    method?: string;
    body?: unknown;
    signal?: AbortSignal | undefined;
    headers?: Record<string, string>;
}

async function send(path: string, { method = "GET", body, signal, headers = {} }: Call): Promise<Response> {
    const init: RequestInit = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin" };
    (init.headers as Record<string, string>)["Accept-Language"] = language;
    if (signal) init.signal = signal;
    if (method !== "GET") (init.headers as Record<string, string>)["X-CSRF-Token"] = csrf;
    if (body !== undefined) {
        (init.headers as Record<string, string>)["Content-Type"] = "application/json";
        init.body = JSON.stringify(body);
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
    let response = await send(path.startsWith("/") && !path.startsWith("/api") ? base + path : path, call);
    for (let wait = 60; response.status === 202; wait = Math.min(wait * 1.5, 1000)) {
        const location = response.headers.get("Location");
        if (!location) break;
        await pause(wait, call.signal);
        response = await send(location, { signal: call.signal });
    }
    if (!response.ok) return fail(response);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
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
export const layers = () => ask<Layers>("/layers");
export const records = (kind: string, values: Record<string, string | number | null>, signal?: AbortSignal) =>
    ask<RecordList>(`/records/${kind}${query(values)}`, { signal });
export const record = (kind: string, code: string, signal?: AbortSignal) =>
    ask<Record<string, unknown>>(`/records/${kind}/${encodeURIComponent(code)}`, { signal });
export const search = (q: string, signal?: AbortSignal) => ask<Hit[] | { hits: Hit[] }>(`/search${query({ q })}`, { signal });
export const explain = (lon: number, lat: number, signal?: AbortSignal) => ask<Explain>(`/explain${query({ lon, lat })}`, { signal });
export const areas = (signal?: AbortSignal) => ask<unknown>("/areas", { signal });
export const areaPage = (code: string, signal?: AbortSignal) => ask<Record<string, unknown>>(`/areas/${encodeURIComponent(code)}`, { signal });
export interface Legend {
    unit: string;
    min: number;
    max: number;
    stops: Array<{ value: number; colour: string }>;
}
export const legend = (band: string, scale: string, classes: string, signal?: AbortSignal) =>
    ask<Legend>(`/legend/${band}${query({ scale, classes })}`, { signal });
export const methods = (signal?: AbortSignal) => ask<Methods>("/methods", { signal });
export const forecasts = (signal?: AbortSignal) => ask<unknown>("/forecasts", { signal });
export const runForecast = (body: unknown, signal?: AbortSignal) => ask<Forecast>("/forecasts", { method: "POST", body, signal });
export const plan = (signal?: AbortSignal) => ask<unknown>("/plan", { signal });

export interface WhatIf {
    method: string;
    passes: number;
}

export const assessArea = (code: string, body: { what_if: WhatIf[] }, signal?: AbortSignal) =>
    ask<Assess>(`/areas/${encodeURIComponent(code)}/assess`, { method: "POST", body, signal });
export const assessPolygon = (polygon: GeoJSON.Polygon, body: { what_if: WhatIf[] }, signal?: AbortSignal) =>
    ask<Assess>("/assess", { method: "POST", body: { polygon, ...body }, signal });
