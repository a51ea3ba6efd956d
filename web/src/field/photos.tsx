/*
 * Photographs of a record or of a form: small pictures with their state, one of them large, taking further ones along. Each lies on the device before it is shown.
 */
import { useEffect, useRef, useState } from "preact/hooks";

import { size } from "../words";
import { askRoom } from "./keep";
import { picking } from "./locking";
import { addPhoto, changePhoto, isPhotoWaiting, isRemovable, type Photo, photoBytes, PHOTOS_MAX, removePhoto } from "./photo_keep";
import { FILE_MAX_BYTES, makePhoto, NoPicture } from "./photo_make";
import { sha256 } from "./send";
import { sendNow } from "./sending";
import { field } from "./state";
import { type FieldKey, useSay } from "./texts";
import { uuid } from "./uuid";
import { NoRoom, whole } from "./vault";

/* Room that pictures leave to words: a record must be kept whatever was photographed. */
const SPARE_BYTES = 4e6;

const stages: Record<Photo["stage"], FieldKey> = { kept: "field.photo_stage.kept", sending: "field.photo_stage.sending", received: "field.photo_stage.received", refused: "field.photo_stage.refused" };

/* A picture from the device's memory, for as long as it is on show. */
function useUrl(bytes: ArrayBuffer | null): string {
    const [url, setUrl] = useState("");
    useEffect(() => {
        if (!bytes) return;
        const made = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
        setUrl(made);
        return () => URL.revokeObjectURL(made);
    }, [bytes]);
    return url;
}

function Large({ photo, label, onClose }: { photo: Photo; label: string; onClose: () => void }) {
    const t = useSay();
    const [bytes, setBytes] = useState<ArrayBuffer | null>(null);
    const close = useRef<HTMLButtonElement>(null);
    useEffect(() => {
        void photoBytes(photo.id).then(setBytes, () => undefined);
        close.current?.focus();
    }, [photo.id]);
    const url = useUrl(bytes);
    return (
        <figure class="large">
            {url ? <img src={url} alt={label} width={photo.width} height={photo.height} /> : null}
            <figcaption class="hint">{photo.width} × {photo.height}</figcaption>
            <button type="button" class="plain" ref={close} onClick={onClose}>{t("close")}</button>
        </figure>
    );
}

function One({ photo, n, all, onShow, onRemove }: { photo: Photo; n: number; all: number; onShow: () => void; onRemove: ((photo: Photo) => void) | null }) {
    const t = useSay();
    const language = field.use((s) => s.language);
    const url = useUrl(photo.thumb);
    const again = () => void changePhoto(photo.id, () => ({ stage: "kept", trouble: "" })).then(() => sendNow());
    return (
        <li class={`photo ${photo.stage}`} data-photo={photo.id}>
            <button type="button" class="thumb" onClick={onShow} aria-label={t("field.photo_show", { n, all })}>{url ? <img src={url} alt="" /> : null}</button>
            <div class="facts">
                <p class="stage">{t(photo.record === "" ? "field.photo_stage.form" : stages[photo.stage])}</p>
                <p class="hint">{size(language, photo.bytes)}{photo.receipt ? ` · ${t("field.photo_receipt", { hash: photo.receipt.sha256.slice(0, 8) })}` : ""}</p>
                {photo.trouble ? <p class="hint">{photo.trouble === "network" ? t("field.no_network") : t("field.server_said", { words: photo.trouble })}</p> : null}
                <div class="line wrap">
                    {photo.stage === "refused" ? <button type="button" class="plain" onClick={again}>{t("field.photo_again")}<span class="hidden"> {n}</span></button> : null}
                    {onRemove && isRemovable(photo) ? <button type="button" class="plain" onClick={() => onRemove(photo)}>{t("field.photo_remove")}<span class="hidden"> {n}</span></button> : null}
                </div>
            </div>
        </li>
    );
}

interface Taking {
    busy: boolean;
    said: string;
    take: (files: File[]) => Promise<void>;
}

/* Makes and keeps one picture after the other; what goes wrong with one says so and leaves the others. */
function useTaking(n: number, record: string, added: (photo: Photo) => { id: string; form: unknown } | undefined): Taking {
    const t = useSay();
    const language = field.use((s) => s.language);
    const [busy, setBusy] = useState(false), [said, setSaid] = useState("");
    const one = async (file: File): Promise<void> => {
        const made = await makePhoto(file);
        const room = await askRoom(false);
        field.set({ room });
        if (room.quota_bytes && room.quota_bytes - room.used_bytes < made.bytes.byteLength + SPARE_BYTES) throw new NoRoom("");
        const id = uuid();
        const photo: Photo = {
            id, record, stage: "kept", name: `photo-${id.slice(0, 8)}.jpg`, sha256: await sha256(made.bytes), bytes: made.bytes.byteLength, width: made.width, height: made.height,
            made_at: new Date().toISOString(), thumb: made.thumb, tries: 0, trouble: "", receipt: null, has_left: false,
        };
        await addPhoto(photo, made.bytes, added(photo));
    };
    const take = async (files: File[]) => {
        const wrong: string[] = [];
        setBusy(true);
        setSaid("");
        for (const [i, file] of files.entries()) {
            if (n + i >= PHOTOS_MAX) {
                wrong.push(t("field.photo_many", { n: PHOTOS_MAX }));
                break;
            }
            if (file.size > FILE_MAX_BYTES) {
                wrong.push(t("field.photo_large", { name: file.name, size: size(language, file.size), max: size(language, FILE_MAX_BYTES) }));
                continue;
            }
            try {
                await whole(() => one(file));
            } catch (e) {
                wrong.push(e instanceof NoPicture ? t("field.photo_none", { name: file.name }) : e instanceof NoRoom ? t("field.photo_no_room") : t("field.photo_not_kept", { why: (e as Error).message }));
                if (e instanceof NoRoom) break;
            }
        }
        setSaid([...new Set(wrong)].join(" "));
        setBusy(false);
        if (record) void sendNow();
    };
    return { busy, said, take };
}

/* Two ways: the camera, and pictures that are on the device already. */
function Take({ taking }: { taking: Taking }) {
    const t = useSay();
    const chosen = (e: Event) => {
        const input = e.currentTarget as HTMLInputElement;
        picking(false);
        const files = [...(input.files ?? [])];
        input.value = "";
        if (files.length) void taking.take(files);
    };
    return (
        <>
            <div class="line wrap">
                <label class="button plain file">{t("field.photo_take")}<input type="file" accept="image/*" capture="environment" autocomplete="off" disabled={taking.busy} onClick={() => picking(true)} onChange={chosen} {...{ onCancel: () => picking(false) }} /></label>
                <label class="button plain file">{t("field.photo_choose")}<input type="file" accept="image/*" multiple autocomplete="off" disabled={taking.busy} onClick={() => picking(true)} onChange={chosen} {...{ onCancel: () => picking(false) }} /></label>
            </div>
            {taking.busy ? <p class="hint" role="status">{t("field.photo_busy")}</p> : null}
            {taking.said ? <p class="notice trouble" role="alert">{taking.said}</p> : null}
        </>
    );
}

function List({ list, onRemove }: { list: Photo[]; onRemove: ((photo: Photo) => void) | null }) {
    const t = useSay();
    const [shown, setShown] = useState("");
    const at = list.findIndex((p) => p.id === shown);
    if (!list.length) return null;
    return (
        <>
            <ul class="plain photos">{list.map((p, i) => <One key={p.id} photo={p} n={i + 1} all={list.length} onShow={() => setShown(shown === p.id ? "" : p.id)} onRemove={onRemove} />)}</ul>
            {at >= 0 ? <Large key={shown} photo={list[at]!} label={t("field.photo_alt", { n: at + 1, all: list.length })} onClose={() => setShown("")} /> : null}
        </>
    );
}

/** In a form: what is taken belongs to it until it is kept. `added` gives the form as it is with the photograph. */
export function FormPhotos({ ids, carried, added, onRemove }: { ids: string[]; carried: number; added: (photo: Photo) => { id: string; form: unknown }; onRemove: (photo: Photo) => void }) {
    const t = useSay();
    const list = field.use((s) => s.photos).filter((p) => ids.includes(p.id));
    const taking = useTaking(list.length, "", added);
    return (
        <fieldset class="group">
            <legend>{t("field.photos")}</legend>
            <p class="notice warn">{t("field.photo_closer")}</p>
            <Take taking={taking} />
            <List list={list} onRemove={onRemove} />
            {carried ? <p class="hint">{t("field.photos_carried", { n: carried })}</p> : null}
            <p class="hint">{t("field.photo_words", { n: PHOTOS_MAX })}</p>
        </fieldset>
    );
}

/** Of a record: further ones can be taken for as long as it is on the device. */
export function RecordPhotos({ record, more }: { record: string; more: boolean }) {
    const t = useSay();
    const list = field.use((s) => s.photos).filter((p) => p.record === record);
    const taking = useTaking(list.length, record, () => undefined);
    const [open, setOpen] = useState(false);
    const waits = list.filter(isPhotoWaiting).length;
    if (!list.length && !more) return null;
    return (
        <div class="of-record" role="group" aria-label={t("field.photos")}>
            {list.length ? <p>{t("field.photos_of", { n: list.length })}{waits ? ` ${t("field.photos_wait#", { n: waits })}` : ""}</p> : null}
            <List list={list} onRemove={(p) => void removePhoto(p.id)} />
            {more && !open ? <button type="button" class="plain" onClick={() => setOpen(true)}>{t("field.photo_add")}</button> : null}
            {open ? <Take taking={taking} /> : null}
        </div>
    );
}
