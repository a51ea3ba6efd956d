/*
 * What hangs on a record: photographs, forms, sketches. Each is kept once by its content; opening one is written down by the server. A picture is shown from
 * the bytes in the browser's memory, never by an address.
 */
import "../../more";

import { useEffect, useId, useRef, useState } from "preact/hooks";

import { ApiError, ask, bytes, query } from "../../api";
import { app, useText } from "../../state";
import { Busy, download, Trouble, useAsk } from "../../ui";
import { moment, size } from "../../words";
import type { Attachments as Answer } from "../../../generated/schemas";

type Attachment = Answer["attachments"][number];

const MAX_BYTES = 32 * 1024 * 1024;
const PICTURES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const writers = ["entry", "verifier", "approver", "administrator"];

const list = (kind: string, code: string, signal?: AbortSignal) => ask<Answer>(`/records/${kind}/${encodeURIComponent(code)}/attachments`, { signal });
const add = (kind: string, code: string, file: File) =>
    ask<Answer>(`/records/${kind}/${encodeURIComponent(code)}/attachments${query({ name: file.name })}`, { method: "POST", raw: file });

function Picture({ one, onGone }: { one: Attachment; onGone: () => void }) {
    const t = useText();
    const [url, setUrl] = useState("");
    const [error, setError] = useState<unknown>(null);
    useEffect(() => {
        const stop = new AbortController();
        let made = "";
        bytes(`/attachments/${one.id}`, stop.signal).then((blob) => {
            if (stop.signal.aborted) return;
            /* Its kind is what the server kept, not what the bytes may say of themselves. */
            made = URL.createObjectURL(new Blob([blob], { type: one.media_type }));
            setUrl(made);
        }, (e) => !stop.signal.aborted && setError(e));
        return () => {
            stop.abort();
            if (made) URL.revokeObjectURL(made);
        };
    }, [one.id]);
    if (error) return <Trouble error={error} />;
    return (
        <figure class="picture">
            {url ? <img src={url} alt={one.name} /> : <Busy />}
            <button type="button" class="quiet" onClick={onGone}>{t("close")}</button>
        </figure>
    );
}

/** One of a list: what it is, to be shown where it is a picture, and a copy of it. */
export function AttachmentRow({ one }: { one: Attachment }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const [shown, setShown] = useState(false);
    const [error, setError] = useState<unknown>(null);
    const picture = PICTURES.includes(one.media_type);
    const save = async () => {
        try {
            download(one.name, one.media_type, await bytes(`/attachments/${one.id}`));
            setError(null);
        } catch (e) {
            setError(e);
        }
    };
    return (
        <li class="attachment">
            <span class="grow"><b>{one.name}</b><small>{[one.bytes === null ? "" : size(language, one.bytes), one.by, one.at ? moment(language, one.at) : ""].filter(Boolean).join(" · ")}</small></span>
            {one.missing ? <small class="wrong">{t("attach.missing")}</small> : (
                <span class="tools-row">
                    {picture ? <button type="button" class="quiet" aria-expanded={shown} onClick={() => setShown(!shown)}>{t("attach.show")}<span class="hidden"> {one.name}</span></button> : null}
                    <button type="button" class="quiet" onClick={() => void save()}>{t("attach.save")}<span class="hidden"> {one.name}</span></button>
                </span>
            )}
            {error ? <Trouble error={error} /> : null}
            {shown ? <Picture one={one} onGone={() => setShown(false)} /> : null}
        </li>
    );
}

export function Attachments({ kind, code }: { kind: string; code: string }) {
    const t = useText();
    const language = app.use((s) => s.language);
    const role = app.use((s) => s.session?.role ?? "guest");
    const id = useId();
    const asked = useAsk((signal) => list(kind, code, signal), [kind, code]);
    const [now, setNow] = useState<Attachment[] | null>(null);
    const [busy, setBusy] = useState("");
    const [error, setError] = useState<unknown>(null);
    const [large, setLarge] = useState("");
    const [over, setOver] = useState(false);
    const input = useRef<HTMLInputElement>(null);
    const rows = now ?? asked.value?.attachments ?? [];
    const send = async (files: File[]) => {
        setError(null);
        setLarge("");
        for (const file of files) {
            if (file.size > MAX_BYTES) {
                setLarge(t("attach.large", { name: file.name, max: size(language, MAX_BYTES) }));
                continue;
            }
            setBusy(file.name);
            try {
                setNow((await add(kind, code, file)).attachments);
            } catch (e) {
                setError(e);
                break;
            }
        }
        setBusy("");
        if (input.current) input.current.value = "";
    };
    /* A server that has no attachments yet says nothing about them. */
    if (asked.error instanceof ApiError && asked.error.status === 404) return null;
    return (
        <section class="group" aria-label={t("attach.title")}>
            <h2>{t("attach.title")}{rows.length ? <> <span class="badge">{rows.length}</span></> : null}</h2>
            {asked.error ? <Trouble error={asked.error} /> : asked.busy && !asked.value ? <Busy /> : rows.length === 0 ? <p class="hint">{t("attach.none")}</p> : <ul class="plain attachments">{rows.map((a) => <AttachmentRow key={a.id} one={a} />)}</ul>}
            {writers.includes(role) ? (
                <div class={over ? "drop over" : "drop"} onDragOver={(e) => {
                    e.preventDefault();
                    setOver(true);
                }} onDragLeave={() => setOver(false)} onDrop={(e) => {
                    e.preventDefault();
                    setOver(false);
                    void send([...(e.dataTransfer?.files ?? [])]);
                }}>
                    <label for={id}>{t("attach.add")}</label>
                    <input id={id} ref={input} type="file" multiple disabled={!!busy} onChange={(e) => void send([...(e.currentTarget.files ?? [])])} />
                    <small>{t("attach.hint", { max: size(language, MAX_BYTES) })}</small>
                </div>
            ) : null}
            {busy ? <Busy label={t("attach.busy", { name: busy })} /> : null}
            {large ? <p class="notice trouble" role="alert">{large}</p> : null}
            {error ? <Trouble error={error} /> : null}
        </section>
    );
}
