/*
 * What the pages of work ask of the server: forms, records by hand and their way, decisions, logs.
 */
import { ask, query } from "../../api";
import type { Edited, Findings, Kinds, Log, Position, Queue, Reads, Record as Whole, Release } from "../../../generated/schemas";

export type Kind = Kinds["kinds"][number];
export type Column = Kind["columns"][number];
export type Waiting = Queue["records"][number];
export type Finding = Findings["findings"][number];
export type Line = Log["lines"][number];
export type Read = Reads["lines"][number];
export type Act = "submit" | "approve" | "return";
export type { Edited, Position, Release, Whole };

const at = (kind: string, code: string) => `/records/${kind}/${encodeURIComponent(code)}`;
const seen = (version: string) => ({ "If-Match": `"${version}"` });

export const kinds = (signal?: AbortSignal) => ask<Kinds>("/kinds", { signal });
export const position = (text: string, outside: boolean, signal?: AbortSignal) =>
    ask<Position>(`/position${query({ text, outside: outside ? "yes" : null })}`, { signal });
export const create = (kind: string, body: unknown) => ask<Edited>(`/records/${kind}`, { method: "POST", body });
export const change = (kind: string, code: string, version: string, body: unknown) =>
    ask<Edited>(at(kind, code), { method: "PATCH", body, headers: seen(version) });
export const step = (kind: string, code: string, act: Act, version: string, comment: string) =>
    ask<Edited>(`${at(kind, code)}/${act}`, { method: "POST", body: comment.trim() ? { comment: comment.trim() } : {}, headers: seen(version) });
export const queue = (status: "submitted" | "draft", signal?: AbortSignal) => ask<Queue>(`/queue${query({ status, limit: 1000 })}`, { signal });
export const methods = (signal?: AbortSignal) => ask<{ methods: Array<{ name: string }> }>("/methods", { signal });
export const findings = (all: boolean, area: string, signal?: AbortSignal) =>
    ask<Findings>(`/findings${query({ area, all: all ? "yes" : null })}`, { signal });
export const answer = (id: number, text: string) => ask<Findings>(`/findings/${id}/answer`, { method: "POST", body: { answer: text } });
export const release = (code: string, body: { as: string; reason: string; password: string }) =>
    ask<Release>(`/areas/${encodeURIComponent(code)}/release`, { method: "POST", body });
export const log = (before: number | null, kind: string, signal?: AbortSignal) => ask<Log>(`/log${query({ limit: 100, before, kind })}`, { signal });
export const reads = (limit: number, signal?: AbortSignal) => ask<Reads>(`/reads${query({ limit })}`, { signal });
