/*
 * What was made on this device, and where each record is: here only, on its way, received, kept beside a newer version, refused. Nothing goes away by itself.
 */
import { useState } from "preact/hooks";

import { type Language, locales } from "../i18n";
import { date } from "../words";
import { clearRecord, type Kept } from "./keep";
import { type Photo, photoBytes } from "./photo_keep";
import { RecordPhotos } from "./photos";
import { sendNow } from "./sending";
import { field, waiting as waits } from "./state";
import { type FieldKey, useName, useSay } from "./texts";

const stages: Record<Kept["stage"], FieldKey> = { kept: "field.stage.kept", sending: "field.stage.sending", received: "field.stage.received", conflict: "field.stage.conflict", refused: "field.stage.refused" };

function time(language: Language, iso: string): string {
    return new Intl.DateTimeFormat(locales[language], { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

function Clear({ record }: { record: Kept }) {
    const t = useSay();
    const [asked, setAsked] = useState(false);
    const keeps = field.use((s) => s.photos.some((p) => p.record === record.id && !p.receipt));
    if (!record.receipt) return null;
    if (keeps) return <p class="hint">{t("field.clear_photos")}</p>;
    return asked ? (
        <div class="line wrap" role="group" aria-label={t("field.clear")}>
            <p>{t(record.stage === "refused" && !record.mended_by ? "field.clear_refused" : "field.clear_sure")}</p>
            <button type="button" class="plain" onClick={() => void clearRecord(record.id)}>{t("field.clear_yes")}</button>
            <button type="button" class="plain" onClick={() => setAsked(false)}>{t("field.clear_no")}</button>
        </div>
    ) : <button type="button" class="plain" onClick={() => setAsked(true)}>{t("field.clear")}</button>;
}

function Receipt({ record }: { record: Kept }) {
    const t = useSay();
    const language = field.use((s) => s.language);
    const r = record.receipt;
    if (!r) return null;
    return (
        <>
            <p class="hint">{t("field.receipt", { at: time(language, r.received_at), hash: r.sha256.slice(0, 8) })}</p>
            {r.message ? <p class={`notice ${record.stage === "refused" ? "trouble" : "warn"}`}>{r.message}</p> : null}
            {r.doubts.map((d) => <p key={d.reason} class="notice warn">{t("field.doubt", { words: d.message })}</p>)}
            {r.decided ? <p class="notice">{t("field.decided", { who: r.decided.person, at: time(language, r.decided.at) })}</p> : null}
        </>
    );
}

function trouble(record: Kept, t: ReturnType<typeof useSay>): string {
    if (record.trouble === "network") return t("field.no_network");
    if (record.trouble === "receipt") return t("field.wrong_receipt");
    return t("field.server_said", { words: record.trouble });
}

function Item({ record }: { record: Kept }) {
    const t = useSay();
    const name = useName();
    const language = field.use((s) => s.language);
    const canAdd = field.use((s) => s.lock === "open"); /* what cannot be locked gets nothing new */
    const body = JSON.parse(record.body) as { code?: string; columns?: Record<string, unknown> };
    const title = record.receipt?.code ?? body.code ?? name("field.form", record.kind);
    const facts = [body.columns?.date ? date(language, String(body.columns.date)) : "", body.columns?.category, body.columns?.description].filter(Boolean).join(" · ");
    const mend = () => field.set({ open: { kind: record.kind, from: record, record: "" } });
    return (
        <li class={`record ${record.stage}`} data-id={record.id}>
            <h2>{title}</h2>
            <p class="stage">{t(stages[record.stage])}</p>
            {facts ? <p>{facts}</p> : null}
            <p class="hint">{t("field.made", { at: time(language, record.made_at) })}{record.person ? ` · ${record.person}` : ""}</p>
            {record.trouble ? <p class="notice warn">{trouble(record, t)}</p> : null}
            <Receipt record={record} />
            <RecordPhotos record={record.id} more={!record.mended_by && canAdd} />
            <div class="line wrap">
                {canAdd && record.stage === "refused" && !record.mended_by ? <button type="button" onClick={mend}>{t("field.mend")}</button> : null}
                {canAdd && record.stage === "kept" && !record.has_left ? <button type="button" class="plain" onClick={mend}>{t("field.change")}</button> : null}
                {record.mended_by ? <p class="hint">{t("field.mended")}</p> : null}
                <Clear record={record} />
            </div>
        </li>
    );
}

function Outcome() {
    const t = useSay();
    const { sent, online } = field.use((s) => s);
    const waiting = field.use((s) => waits(s).length);
    if (!sent || (!waiting && sent.outcome !== "other-person")) return null;
    const keys: Partial<Record<typeof sent.outcome, FieldKey>> = { offline: "field.out.offline", login: "field.out.login", "other-person": "field.out.person", "other-project": "field.out.project", busy: "field.out.busy", later: "field.out.later" };
    const key = keys[sent.outcome];
    if (!key) return null;
    return (
        <div class="notice warn" role="status">
            <p>{t(key)}{sent.outcome === "later" && sent.words && sent.words !== "receipt" ? ` ${t("field.server_said", { words: sent.words })}` : ""}</p>
            {sent.outcome === "login" ? <a class="button" href="#device" onClick={() => field.set({ tab: "device" })}>{t("login.title")}</a> : null}
            {sent.outcome === "other-person" && online ? <button type="button" class="plain" onClick={() => void sendNow(true)}>{t("field.send_mine")}</button> : null}
        </div>
    );
}

const base64 = (bytes: ArrayBuffer) => new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([bytes]));
});

/** All that is kept, photographs among it, as a file: for the day when a device breaks or a server is gone. A piece for each photograph, so that memory holds one. */
async function saveCopy(records: Kept[], photos: Photo[]): Promise<void> {
    const parts: Blob[] = [];
    for (const { thumb: _, ...photo } of photos) {
        const bytes = await photoBytes(photo.id);
        parts.push(new Blob([parts.length ? ",\n" : "", JSON.stringify({ ...photo, jpeg_base64: bytes ? await base64(bytes) : null })]));
    }
    const head = JSON.stringify({ schema: "tilth.field-copy/1", records }, null, 1).slice(0, -1).trimEnd();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([head, ',\n "photographs": [', ...parts, "]}\n"], { type: "application/json" }));
    link.download = `tilth-field-${new Date().toISOString().slice(0, 10)}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}

/* The one thing that leaves the lock as it is: said before. */
function Copy({ records, photos }: { records: Kept[]; photos: Photo[] }) {
    const t = useSay();
    const [asked, setAsked] = useState(false);
    if (!asked) return <button type="button" class="plain" onClick={() => setAsked(true)}>{t("field.copy")}</button>;
    return (
        <div class="group" role="group" aria-label={t("field.copy")}>
            <p class="notice warn">{t("field.copy_open")}</p>
            <button type="button" onClick={() => void saveCopy(records, photos).then(() => setAsked(false))}>{t("field.copy_yes")}</button>
            <button type="button" class="plain" onClick={() => setAsked(false)}>{t("back")}</button>
        </div>
    );
}

export function RecordsPage() {
    const t = useSay();
    const { records, photos, sending, room, lock } = field.use((s) => s);
    const alone = field.use((s) => waits(s).length);
    const pictures = photos.filter((p) => p.record !== "" && !p.receipt).length;
    return (
        <main class="page">
            <h1>{t("field.tab.records")}</h1>
            {alone ? <p class="notice warn" role="status">{t("field.waiting#", { n: alone })}{pictures ? ` ${t("field.photos_wait#", { n: pictures })}` : ""}</p> : records.length ? <p class="notice" role="status">{t("field.none_waits")}</p> : <p class="notice">{t("field.no_records")}</p>}
            {alone && room?.promised === false ? <p class="hint">{t("field.not_promised")}</p> : null}
            {alone ? <button type="button" disabled={sending} onClick={() => void sendNow()}>{t(sending ? "field.sending" : "field.send")}</button> : null}
            {alone && lock === "open" ? <p class="hint">{t("field.lock_sends")}</p> : null}
            <Outcome />
            <ul class="plain records">{records.map((r) => <Item key={r.id} record={r} />)}</ul>
            {records.length ? <Copy records={records} photos={photos.filter((p) => p.record !== "")} /> : null}
        </main>
    );
}

