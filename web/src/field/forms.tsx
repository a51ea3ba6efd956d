/*
 * Forms for an accident, an item found, a hazard report: made of the register's own columns, which came with the package. What is typed is kept at
 * each stroke; "kept on this device" is said when the browser has written it down.
 */
import { useEffect, useRef, useState } from "preact/hooks";

import type { FieldPackageColumn, FieldPackageRecord } from "../../generated/schemas";
import { formatCoordinate } from "../coordinates";
import type { Position } from "../geodesy";
import { length } from "../words";
import { dropForm, findForm, type Kept, keepForm, keepRecord } from "./keep";
import { isRemovable, type Photo, removeLoose } from "./photo_keep";
import { NoLock } from "./lock";
import { FormPhotos } from "./photos";
import { startPosition } from "./position";
import { sha256 } from "./send";
import { sendNow } from "./sending";
import { field } from "./state";
import { type FieldKey, useName, useSay } from "./texts";
import { uuid } from "./uuid";
import { NoRoom, whole } from "./vault";

export interface Draft {
    values: Record<string, string>;
    remarks: string;
    place: { at: Position; accuracy_m: number | null; measured: string | null } | null;
    typed: string;
    outside: boolean;
    base: FieldPackageRecord | null; /* the record that is corrected */
    mends: string; /* id of the refused one */
    replaces: string; /* id of one that has not left yet */
    photos?: string[]; /* ids of its photographs; a form of an older version of this page has none */
}

const today = () => {
    const d = new Date();
    return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`;
};

export const emptyDraft = (): Draft => ({ values: { date: today() }, remarks: "", place: null, typed: "", outside: false, base: null, mends: "", replaces: "", photos: [] });

const asText = (v: unknown) => (v === null || v === undefined ? "" : v === true ? "1" : v === false ? "0" : String(v));

/** A draft to correct a record that came with the package. */
export function draftOf(record: FieldPackageRecord): Draft {
    const values = Object.fromEntries(Object.entries(record.columns).map(([k, v]) => [k, asText(v)]));
    const place = record.lon !== null && record.lat !== null ? { at: [record.lon, record.lat] as Position, accuracy_m: record.accuracy_m, measured: null } : null;
    return { ...emptyDraft(), values, remarks: record.remarks ?? "", place, base: record };
}

interface Body {
    columns?: Record<string, unknown>;
    remarks?: string;
    geometry?: { coordinates: Position };
    accuracy_m?: number;
    position?: string;
    position_at?: string;
    outside_is_ok?: boolean;
    code?: string;
    base_version?: string;
    seen?: { columns: Record<string, unknown>; remarks: string | null; lon: number | null; lat: number | null };
    mends?: string;
}

/** A draft to mend a refused record, or to change one that has not left yet. */
export function draftOfKept(kept: Kept): Draft {
    const body = JSON.parse(kept.body) as Body;
    const values = Object.fromEntries(Object.entries({ ...body.seen?.columns, ...body.columns }).map(([k, v]) => [k, asText(v)]));
    const base = body.code && body.base_version && body.seen
        ? { kind: kept.kind, code: body.code, version: body.base_version, accuracy_m: null, ...body.seen, remarks: body.seen.remarks } as FieldPackageRecord : null;
    return {
        values, remarks: body.remarks ?? base?.remarks ?? "", typed: body.position ?? "", outside: body.outside_is_ok ?? false, base,
        place: body.geometry ? { at: body.geometry.coordinates, accuracy_m: body.accuracy_m ?? null, measured: body.position_at ?? null } : null,
        photos: kept.stage === "refused" ? [] : field.get().photos.filter((p) => p.record === kept.id).map((p) => p.id),
        mends: kept.stage === "refused" ? kept.id : (body.mends ?? ""), replaces: kept.stage === "refused" ? "" : kept.id,
    };
}

function valueOf(column: FieldPackageColumn, text: string): unknown {
    if (text.trim() === "") return null;
    if (column.type === "yesno") return text === "1";
    const number = Number(text.replace(",", "."));
    return (column.type === "integer" || column.type === "real") && Number.isFinite(number) ? number : text.trim();
}

const samePlace = (a: Position | undefined, b: FieldPackageRecord) => !!a && a[0] === b.lon && a[1] === b.lat;

/** What is sent: of a new record what is filled in, of a correction what differs from what was seen. */
export function bodyOf(kind: string, columns: FieldPackageColumn[], draft: Draft, facts: { id: string; made_at: string; device: string; project: string }): string {
    const { base, place } = draft;
    const values: Record<string, unknown> = {};
    for (const c of columns) {
        const value = valueOf(c, draft.values[c.name] ?? "");
        if (base ? asText(value) !== asText(base.columns[c.name]) : value !== null) values[c.name] = value;
    }
    const moved = !base || !samePlace(place?.at, base);
    return JSON.stringify({
        id: facts.id, kind, made_at: facts.made_at, device: facts.device, project: facts.project,
        ...(base ? { code: base.code, base_version: base.version, seen: { columns: base.columns, remarks: base.remarks, lon: base.lon, lat: base.lat } } : {}),
        ...(draft.mends ? { mends: draft.mends } : {}),
        columns: values,
        ...(draft.remarks.trim() && draft.remarks.trim() !== (base?.remarks ?? "") ? { remarks: draft.remarks.trim() } : {}),
        ...(draft.typed.trim() ? { position: draft.typed.trim() }
            : place && moved ? { geometry: { type: "Point", coordinates: place.at }, ...(place.accuracy_m !== null ? { accuracy_m: place.accuracy_m } : {}), ...(place.measured ? { position_at: place.measured } : {}) } : {}),
        ...(draft.outside ? { outside_is_ok: true } : {}),
    });
}

function device(): string {
    let name = "";
    try {
        name = localStorage.getItem("tilth.device") ?? "";
        if (!name) localStorage.setItem("tilth.device", (name = uuid().slice(0, 8)));
    } catch {
        /* no storage: a name for this time */
    }
    return name || uuid().slice(0, 8);
}

async function keep(kind: string, columns: FieldPackageColumn[], draft: Draft, form: string): Promise<void> {
    const { session, pack, records } = field.get();
    const replaced = records.find((r) => r.id === draft.replaces && !r.has_left);
    const id = replaced?.id ?? uuid(), made_at = replaced?.made_at ?? new Date().toISOString();
    const body = bodyOf(kind, columns, draft, { id, made_at, device: device(), project: pack!.body.project });
    const record: Kept = { id, kind, stage: "kept", body, sha256: await sha256(body), made_at, person: session?.name ?? pack!.person, project: pack!.body.project, tries: 0, trouble: "", receipt: null, mended_by: "", has_left: false };
    const ends = { form, mends: draft.mends };
    if (!(await keepRecord(record, draft.photos, ends))) { /* it left meanwhile: this is another record, and the first stands */
        const other = uuid();
        const again = bodyOf(kind, columns, { ...draft, replaces: "" }, { id: other, made_at, device: device(), project: pack!.body.project });
        await keepRecord({ ...record, id: other, body: again, sha256: await sha256(again) }, draft.photos, ends);
    }
}

function Column({ column, value, onInput }: { column: FieldPackageColumn; value: string; onInput: (v: string) => void }) {
    const t = useSay();
    const name = useName();
    const id = `column-${column.name}`;
    const options = column.type === "yesno" ? ([["", t("field.not_known")], ["1", t("yes")], ["0", t("no")]] as const)
        : column.type === "choice" ? ([["", t("field.not_known")], ...column.choices.map((c) => [c, name("choice", c)] as const)] as const) : null;
    /* A date that is known to the year only stays one. */
    const kind = column.type === "date" && /^(\d{4}-\d\d-\d\d)?$/.test(value) ? { type: "date" } : column.type === "integer" ? { type: "text", inputMode: "numeric" } : column.type === "real" ? { type: "text", inputMode: "decimal" } : { type: "text" };
    return (
        <div class="field">
            <label for={id}>{name("column", column.name)}</label>
            {options ? (
                <select id={id} value={value} onChange={(e) => onInput(e.currentTarget.value)}>
                    {options.map(([v, text]) => <option key={v} value={v}>{text}</option>)}
                </select>
            ) : column.name === "description" ? <textarea id={id} rows={4} autocomplete="off" value={value} onInput={(e) => onInput(e.currentTarget.value)} />
                : <input id={id} {...(kind as object)} value={value} autocomplete="off" onInput={(e) => onInput(e.currentTarget.value)} />}
        </div>
    );
}

function Place({ draft, set }: { draft: Draft; set: (patch: Partial<Draft>) => void }) {
    const t = useSay();
    const { fix, picked, form, language } = field.use((s) => s);
    useEffect(startPosition, []);
    const here = () => fix && set({ place: { at: fix.at, accuracy_m: Math.round(fix.accuracy_m * 10) / 10, measured: new Date(fix.time).toISOString() }, typed: "" });
    return (
        <fieldset class="group">
            <legend>{t("column.position")}</legend>
            {draft.typed ? null : draft.place
                ? <p class="figures" role="status">{formatCoordinate(form, draft.place.at[0], draft.place.at[1])}{draft.place.accuracy_m !== null ? ` ± ${length(language, draft.place.accuracy_m)}` : ""}</p>
                : <p class="hint">{t("field.place_missing")}</p>}
            <div class="line wrap">
                <button type="button" class="plain" disabled={!fix} onClick={here}>{t("field.use_mine", { m: fix ? length(language, Math.ceil(fix.accuracy_m)) : "–" })}</button>
                {picked ? <button type="button" class="plain" onClick={() => set({ place: { at: picked, accuracy_m: null, measured: null }, typed: "" })}>{t("field.use_picked")}</button> : null}
            </div>
            <div class="field">
                <label for="typed-position">{t("field.or_typed")}</label>
                <input id="typed-position" value={draft.typed} autocomplete="off" placeholder="37U CP 69045 65045" onInput={(e) => set({ typed: e.currentTarget.value })} />
            </div>
            <label class="tick"><input type="checkbox" checked={draft.outside} onChange={(e) => set({ outside: e.currentTarget.checked })} /><span>{t("field.outside_ok")}</span></label>
        </fieldset>
    );
}

const titles: Record<string, FieldKey> = { accident: "field.form.accident", item: "field.form.item", report: "field.form.report" };

/** The draft, how it is changed, and what it is at this moment: later than what was drawn last. */
function useDraft(key: string, from: () => Draft): [Draft | null, (patch: Partial<Draft>) => void, () => Draft | null] {
    const [draft, setDraft] = useState<Draft | null>(null);
    const latest = useRef<Draft | null>(null);
    useEffect(() => {
        let gone = false;
        void findForm<Draft>(key).catch(() => null).then((found) => {
            if (gone) return;
            latest.current = found ?? from();
            setDraft(latest.current);
        });
        return () => {
            gone = true;
        };
    }, [key]);
    const set = (patch: Partial<Draft>) => {
        if (!latest.current) return;
        latest.current = { ...latest.current, ...patch };
        setDraft(latest.current);
        void keepForm(key, latest.current).catch(() => undefined);
    };
    return [draft, set, () => latest.current];
}

export function FormPage({ kind, from, record }: { kind: string; from: Kept | null; record: string }) {
    const t = useSay();
    const pack = field.use((s) => s.pack);
    const [trouble, setTrouble] = useState("");
    const [busy, setBusy] = useState(false);
    const columns = pack?.body.forms?.find((f) => f.kind === kind)?.columns ?? [];
    const base = pack?.body.records?.find((r) => r.code === record) ?? null;
    const key = `${kind}/${from?.id ?? record}`;
    const [draft, set, now] = useDraft(key, () => (from ? draftOfKept(from) : base ? draftOf(base) : emptyDraft()));
    const head = useRef<HTMLHeadingElement>(null);
    useEffect(() => head.current?.focus(), []);
    const carried = field.use((s) => (draft?.mends ? s.photos.filter((p) => p.record === draft.mends).length : 0));
    const added = (photo: Photo) => {
        set({ photos: [...(now()?.photos ?? []), photo.id] });
        return { id: key, form: now() };
    };
    const removed = (photo: Photo) => {
        set({ photos: (now()?.photos ?? []).filter((id) => id !== photo.id) });
        if (photo.record === "" && isRemovable(photo)) void removeLoose([photo.id]);
    };
    const leave = async () => {
        await dropForm(key).catch(() => undefined);
        await removeLoose(draft?.photos ?? []).catch(() => undefined);
        field.set({ open: null });
    };
    const save = async (e: Event) => {
        e.preventDefault();
        if (!draft) return;
        if (!draft.place && !draft.typed.trim()) {
            setTrouble(t("field.place_needed"));
            return;
        }
        setBusy(true);
        try {
            await whole(() => keep(kind, columns, draft, key));
            field.set({ open: null, tab: "records" });
            void sendNow();
        } catch (error) {
            setTrouble(error instanceof NoRoom ? t("field.no_room") : t("field.not_kept", { why: (error as Error).message }));
        }
        setBusy(false);
    };
    if (!draft) return null;
    return (
        <main class="page">
            <h1 tabIndex={-1} ref={head}>{draft.base ? t("field.correct", { code: draft.base.code }) : t(titles[kind]!)}</h1>
            {from?.stage === "refused" ? <p class="notice trouble">{t("field.refused_because", { why: from.receipt?.message ?? from.trouble })}</p> : null}
            {/* Browsers write what stands in a form into their own files, to restore a tab; not where completion is off. */}
            <form class="form" autocomplete="off" onSubmit={(e) => void save(e)}>
                <Place draft={draft} set={set} />
                {columns.map((c) => <Column key={c.name} column={c} value={draft.values[c.name] ?? ""} onInput={(v) => set({ values: { ...draft.values, [c.name]: v } })} />)}
                <div class="field">
                    <label for="remarks">{t("column.remarks")}</label>
                    <textarea id="remarks" rows={4} autocomplete="off" value={draft.remarks} onInput={(e) => set({ remarks: e.currentTarget.value })} />
                </div>
                <FormPhotos ids={draft.photos ?? []} carried={carried} added={added} onRemove={removed} />
                <p class="hint">{t("field.no_names")}</p>
                {trouble ? <p class="notice trouble" role="alert">{trouble}</p> : null}
                <button type="submit" disabled={busy}>{t("field.keep")}</button>
                <button type="button" class="plain" onClick={() => field.set({ open: null })}>{t("field.later")}</button>
                <button type="button" class="plain" onClick={() => void leave()}>{t("field.discard")}</button>
            </form>
        </main>
    );
}

export function ReportPage() {
    const t = useSay();
    const { pack, lock } = field.use((s) => s);
    const forms = pack?.body.forms ?? [], records = pack?.body.records ?? [];
    const [q, setQ] = useState("");
    const found = q.trim() ? records.filter((r) => `${r.code} ${Object.values(r.columns).join(" ")}`.toLowerCase().includes(q.trim().toLowerCase())).slice(0, 20) : records.slice(-5).reverse();
    if (lock === "plain")
        return (
            <main class="page">
                <h1>{t("field.tab.report")}</h1>
                <NoLock />
            </main>
        );
    if (!forms.length)
        return (
            <main class="page">
                <h1>{t("field.tab.report")}</h1>
                <p class="notice">{t(pack ? "field.report_login" : "field.no_pack")} <a href="#device" onClick={() => field.set({ tab: "device" })}>{t("field.tab.device")}</a></p>
            </main>
        );
    return (
        <main class="page">
            <h1>{t("field.tab.report")}</h1>
            <div class="choices">
                {forms.map((f) => <button key={f.kind} type="button" class={`big ${f.kind}`} onClick={() => field.set({ open: { kind: f.kind, from: null, record: "" } })}>{t(titles[f.kind]!)}</button>)}
            </div>
            {records.length ? (
                <section>
                    <h2>{t("field.correct_one")}</h2>
                    <div class="field">
                        <label for="find-record">{t("field.find")}</label>
                        <input id="find-record" value={q} autocomplete="off" onInput={(e) => setQ(e.currentTarget.value)} />
                    </div>
                    <ul class="plain">{found.map((r) => (
                        <li key={r.code}><button type="button" class="row" onClick={() => field.set({ open: { kind: r.kind, from: null, record: r.code } })}><b>{r.code}</b> {asText(r.columns.date)} {asText(r.columns.category)}</button></li>
                    ))}</ul>
                </section>
            ) : null}
        </main>
    );
}

