/*
 * Fetching the package of a district: with its ETag, so that what has not changed is not sent again.
 */
import type { FieldPackage } from "../../generated/schemas";
import { askNew, query } from "../api";
import { askRoom, help, keepPack, packs } from "./keep";
import { field, isShut } from "./state";

export async function loadPack(): Promise<void> {
    const [kept, shown] = await Promise.all([packs().catch(() => []), help().catch(() => null)]);
    field.set(isShut(field.get()) ? { help: shown } : { pack: kept[0] ?? null, help: shown });
}

/** Takes a district along in the place of the one before; false where it is as it was. */
export async function takeAlong(district: string, withRecords: boolean): Promise<boolean> {
    const { session, pack } = field.get();
    const known = pack && pack.id === district && pack.with_records === withRecords && pack.person === (session?.name ?? "") ? pack : null;
    const answer = await askNew<FieldPackage>(`/field/package${query({ district, records: withRecords ? "yes" : "no" })}`, known?.etag ?? "");
    const fetched_at = new Date(answer.date ?? Date.now()).toISOString();
    const next = answer.body ? { id: district, etag: answer.etag, fetched_at, person: session?.name ?? "", with_records: withRecords, body: answer.body } : { ...known!, fetched_at };
    await keepPack(next);
    await loadPack();
    field.set({ room: await askRoom(true) });
    return answer.body !== null;
}
