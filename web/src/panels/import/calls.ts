/*
 * What the import pages ask of the server: files that were sent, dry runs, what was taken in, and rows that were refused.
 */
import { ask, query, sendFile } from "../../api";
import type { Edited, ImportDone, ImportRequest, ImportTry, RasterRequest, RasterTry, Refused, Upload, Uploads } from "../../../generated/schemas";

export type Sent = Upload;
export type FileLayer = Upload["layers"][number];
export type Column = FileLayer["columns"][number];
export type Tried = ImportTry;
export type Field = ImportTry["fields"][number];
export type Counts = ImportTry["counts"];
export type Reason = ImportTry["reasons"][number];
export type RefusedRow = ImportTry["refused"][number];
export type Options = ImportRequest;
export type RasterOptions = RasterRequest;
export type RasterTried = RasterTry;
export type Done = ImportDone;
export type KeptRow = Refused["refused"][number];
export type Values = { [name: string]: unknown };

const at = (id: string) => `/imports/${encodeURIComponent(id)}`;

export const send = (file: File, progress: (share: number) => void, signal: AbortSignal) =>
    sendFile<Sent>(`/imports${query({ name: file.name })}`, file, progress, signal);
export const sent = (signal?: AbortSignal) => ask<Uploads>("/imports", { signal });
export const one = (id: string, signal?: AbortSignal) => ask<Sent>(at(id), { signal });
export const remove = (id: string) => ask<Sent>(at(id), { method: "DELETE" });
export const attempt = (id: string, options: Options, signal?: AbortSignal) => ask<Tried>(`${at(id)}/try`, { method: "POST", body: options, signal });
export const attemptRaster = (id: string, options: RasterOptions, signal?: AbortSignal) => ask<RasterTried>(`${at(id)}/try-raster`, { method: "POST", body: options, signal });
export const commit = (id: string, token: string) => ask<Done>(`${at(id)}/commit`, { method: "POST", body: { token } });
export const refused = (values: { import?: string; id?: string; open?: string; limit?: number; offset?: number }, signal?: AbortSignal) =>
    ask<Refused>(`/refused${query(values)}`, { signal });
export const mend = (id: number, body: unknown) => ask<Edited>(`/refused/${id}/mend`, { method: "POST", body });
