/*
 * Where a file comes in: dropped or chosen, sent while its progress is shown; and the files that were sent before and wait.
 */
import { useEffect, useRef, useState } from "preact/hooks";

import { ApiError } from "../../api";
import { to } from "../../route";
import { app, useText } from "../../state";
import { Notice, Panel, Trouble, useAsk } from "../../ui";
import { date, number } from "../../words";
import * as calls from "./calls";

const MOST_MIB = 256;
const ENDINGS = ".csv,.tsv,.txt,.xlsx,.ods,.geojson,.json,.gpkg,.kml,.kmz,.gpx,.zip,.fgb,.tif,.tiff,.asc,.img,.hgt";

/** A size as people say it. */
export function useSize(): (bytes: number) => string {
    const t = useText();
    const language = app.use((s) => s.language);
    return (bytes) => (bytes < 1024 ? t("import.bytes#", { n: bytes }) : bytes < 1048576 ? t("import.kib", { n: number(language, bytes / 1024) })
        : t("import.mib", { n: number(language, bytes / 1048576) }));
}

interface Sending {
    name: string;
    share: number;
    stop: AbortController;
}

function useSending(): { sending: Sending | null; error: unknown; send: (files: FileList | null | undefined) => void } {
    const t = useText();
    const [sending, setSending] = useState<Sending | null>(null);
    const [error, setError] = useState<unknown>(null);
    const alive = useRef(true);
    const now = useRef<AbortController | null>(null);
    useEffect(() => () => {
        alive.current = false;
        now.current?.abort();
    }, []);
    const send = (files: FileList | null | undefined) => {
        const file = files?.[0];
        if (!file || now.current) return;
        if (files.length > 1) return setError(new ApiError(422, "", t("import.one_file")));
        if (file.size === 0) return setError(new ApiError(422, "", t("import.empty_file", { name: file.name })));
        if (file.size > MOST_MIB * 1048576) return setError(new ApiError(413, "", t("import.too_large", { name: file.name, most: MOST_MIB })));
        const stop = (now.current = new AbortController());
        setError(null);
        setSending({ name: file.name, share: 0, stop });
        calls.send(file, (share) => alive.current && setSending({ name: file.name, share, stop }), stop.signal).then(
            (sent) => {
                if (alive.current) location.hash = to.import(sent.id);
            },
            (e) => alive.current && !stop.signal.aborted && setError(e),
        ).finally(() => {
            now.current = null;
            if (alive.current) setSending(null);
        });
    };
    return { sending, error, send };
}

function Progress({ sending }: { sending: Sending }) {
    const t = useText();
    const whole = Math.round(sending.share * 100);
    return (
        <div class="sending" role="status">
            <p>{sending.share < 1 ? t("import.sending", { name: sending.name, share: whole }) : t("import.reading", { name: sending.name })}</p>
            <progress max={100} {...(sending.share < 1 ? { value: whole } : {})} aria-label={t("import.progress")} />
            <button type="button" class="quiet" onClick={() => sending.stop.abort()}>{t("import.stop")}</button>
        </div>
    );
}

function Waiting() {
    const t = useText();
    const language = app.use((s) => s.language);
    const size = useSize();
    const asked = useAsk((signal) => calls.sent(signal), []);
    const [error, setError] = useState<unknown>(null);
    const files = asked.value?.imports ?? [];
    const remove = (id: string) => void calls.remove(id).then(() => asked.again(), setError);
    if (asked.error) return <Trouble error={asked.error} />;
    if (!files.length) return null;
    return (
        <section class="group">
            <h2>{t("import.waiting")}</h2>
            {error ? <Trouble error={error} /> : null}
            <ul class="plain cards">
                {files.map((f) => (
                    <li key={f.id} class="waiting-file">
                        <a href={to.import(f.id)}><b>{f.name}</b></a>
                        <small>{size(f.bytes)} · {date(language, f.at)}{f.by ? ` · ${f.by}` : ""}</small>
                        <button type="button" class="quiet" aria-label={t("import.remove", { name: f.name })} onClick={() => remove(f.id)}>{t("import.remove_short")}</button>
                    </li>
                ))}
            </ul>
            <p class="hint">{t("import.kept_for")}</p>
        </section>
    );
}

export function BeginPanel() {
    const t = useText();
    const { sending, error, send } = useSending();
    const [over, setOver] = useState(false);
    const drop = (e: DragEvent) => {
        e.preventDefault();
        setOver(false);
        send(e.dataTransfer?.files);
    };
    const hover = (e: DragEvent) => {
        e.preventDefault();
        if (e.dataTransfer) e.dataTransfer.dropEffect = "copy";
        setOver(true);
    };
    return (
        <Panel title={t("import.title")}>
            <p>{t("import.words")}</p>
            {sending ? <Progress sending={sending} /> : (
                <label class={over ? "drop over" : "drop"} onDragOver={hover} onDragLeave={() => setOver(false)} onDrop={drop}>
                    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 15V4M7 9l5-5 5 5M4 15v4h16v-4" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" /></svg>
                    <b>{t("import.drop")}</b>
                    <span>{t("import.choose")}</span>
                    <input type="file" accept={ENDINGS} aria-describedby="import-kinds" onChange={(e) => {
                        send(e.currentTarget.files);
                        e.currentTarget.value = "";
                    }} />
                    <small id="import-kinds">{t("import.formats", { most: MOST_MIB })}</small>
                </label>
            )}
            {error ? <Trouble error={error} /> : null}
            <Waiting />
            <p><a href={to.refused()}>{t("refused.all")}</a></p>
            <Notice>{t("import.nothing_yet")}</Notice>
        </Panel>
    );
}
