/*
 * Small parts that all pages are made of.
 */
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import { ApiError, type Progress } from "./api";
import { isKey, type Key } from "./i18n";
import { kindColour, kindColourDark, kindShape } from "./map/palette";
import { app, useText } from "./state";
import * as words from "./words";

type Children = { children?: ComponentChildren };

/** What is being asked of the server: the answer, or why there is none. */
export interface Asked<T> {
    value: T | null;
    error: unknown;
    busy: boolean;
    /** Of slow work that goes on at the server. */
    progress: Progress | null;
}

/** Asks when `inputs` change; an answer that comes too late is dropped, and the last one stays on show meanwhile. */
export function useAsk<T>(call: (signal: AbortSignal, slow: (progress: Progress) => void) => Promise<T>, inputs: unknown[], when = true): Asked<T> & { again: () => void; stop: () => void } {
    const [asked, setAsked] = useState<Asked<T>>({ value: null, error: null, busy: when, progress: null });
    const under = useRef<AbortController | null>(null);
    const [n, setN] = useState(0);
    useEffect(() => {
        if (!when) return;
        const stop = (under.current = new AbortController());
        setAsked((last) => ({ ...last, busy: true, progress: null }));
        call(stop.signal, (progress) => !stop.signal.aborted && setAsked((last) => ({ ...last, progress }))).then(
            (value) => !stop.signal.aborted && setAsked({ value, error: null, busy: false, progress: null }),
            (error) => !stop.signal.aborted && setAsked({ value: null, error, busy: false, progress: null }),
        );
        return () => stop.abort();
    }, [...inputs, n, when]);
    const stop = () => {
        under.current?.abort();
        setAsked((last) => ({ ...last, busy: false, progress: null }));
    };
    return { ...asked, again: () => setN((i) => i + 1), stop };
}

export function Trouble({ error }: { error: unknown }) {
    const t = useText();
    const text = error instanceof ApiError
        ? error.status === 0 ? t("error.network") : error.status === 401 ? t("error.session") : error.status === 403 ? t("error.role") : error.message
        : String(error);
    const ended = error instanceof ApiError && error.status === 401;
    return <p class="notice trouble" role="alert">{text}{ended ? <> <a href="#/login" onClick={() => app.set({ after: location.hash })}>{t("login.title")}</a></> : null}</p>;
}

export function Busy({ label }: { label?: string }) {
    const t = useText();
    return <p class="busy" role="status"><span class="spinner" aria-hidden="true" />{label ?? t("busy")}</p>;
}

/** Slow work: how far it is, and a way to stop it once the server says that it goes on; then a way to ask again. */
export function Working({ asked, label }: { asked: Asked<unknown> & { again: () => void; stop: () => void }; label?: string }) {
    const t = useText();
    const language = app.use((s) => s.language);
    if (!asked.busy)
        return <p class="notice" role="status">{t("work.stopped")} <button type="button" class="quiet" onClick={asked.again}>{t("again")}</button></p>;
    const { progress } = asked;
    return (
        <div class="working">
            <Busy {...(label ? { label } : {})} />
            {progress ? (
                <p class="row">
                    <progress max={1} {...(progress.share === null ? {} : { value: progress.share })} aria-label={label ?? t("busy")} />
                    {progress.share === null ? null : <small>{words.chance(language, progress.share)}</small>}
                    <button type="button" class="quiet" onClick={asked.stop}>{t("work.stop")}</button>
                </p>
            ) : null}
        </div>
    );
}

export function Notice({ kind = "plain", children }: Children & { kind?: "plain" | "warn" }) {
    return <p class={`notice ${kind}`}>{children}</p>;
}

export function Panel({ title, children, back, actions }: Children & { title: string; back?: string; actions?: ComponentChildren }) {
    const t = useText();
    const head = useRef<HTMLHeadingElement>(null);
    /* A new page begins at its heading, for who listens rather than looks. */
    /* Who is writing already is not interrupted. */
    useEffect(() => {
        if (!/INPUT|TEXTAREA/.test(document.activeElement?.tagName ?? "")) head.current?.focus({ preventScroll: true });
    }, []);
    useEffect(() => {
        document.title = `${title} · Tilth`;
    }, [title]);
    return (
        <section class="panel-body" aria-labelledby="panel-title">
            <header class="panel-head">
                {back ? <a class="back" href={back} aria-label={t("back")}>←</a> : null}
                <h1 id="panel-title" tabIndex={-1} ref={head}>{title}</h1>
                {actions}
            </header>
            {children}
        </section>
    );
}

export function Figure({ label, value, note, strong = false }: { label: string; value: string; note?: string; strong?: boolean }) {
    return (
        <div class={strong ? "figure strong" : "figure"}>
            <dt>{label}</dt>
            <dd>{value}{note ? <small>{note}</small> : null}</dd>
        </div>
    );
}

export function Figures({ children }: Children) {
    return <dl class="figures">{children}</dl>;
}

export function Slider(p: { label: string; value: number; min: number; max: number; step?: number; text: string; onInput: (v: number) => void }) {
    const id = useId();
    return (
        <div class="slider">
            <label for={id}>{p.label}</label>
            <output for={id}>{p.text}</output>
            <input id={id} type="range" min={p.min} max={p.max} step={p.step ?? 1} value={p.value} aria-valuetext={p.text}
                onInput={(e) => p.onInput(Number(e.currentTarget.value))} />
        </div>
    );
}

export function Select(p: { label: string; value: string; options: Array<[value: string, text: string]>; onChange: (v: string) => void }) {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{p.label}</label>
            <select id={id} value={p.value} onChange={(e) => p.onChange(e.currentTarget.value)}>
                {p.options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
            </select>
        </div>
    );
}

export function Text(p: { label: string; value: string; onInput: (v: string) => void; type?: "text" | "password" | "number" | "date"; hint?: string; placeholder?: string; bad?: boolean; complete?: string }) {
    const id = useId();
    return (
        <div class="field">
            <label for={id}>{p.label}</label>
            <input id={id} {...({ type: p.type ?? "text" } as object)} value={p.value} placeholder={p.placeholder ?? ""} aria-invalid={p.bad ? "true" : "false"}
                autocomplete={p.complete ?? "off"} aria-describedby={p.hint ? `${id}-hint` : undefined} onInput={(e) => p.onInput(e.currentTarget.value)} />
            {p.hint ? <small id={`${id}-hint`}>{p.hint}</small> : null}
        </div>
    );
}

/** Words for a value that comes from the register: a kind, a status, a column; itself where there are none. */
export function useWord(): (group: "kind" | "status" | "column" | "role" | "type" | "part", value: string) => string {
    const t = useText();
    return (group, value) => {
        const key = `${group}.${value}`;
        return isKey(key) ? t(key as Key) : value.replace(/_/g, " ");
    };
}

/** A cell of a table: a date as a date, a number with its figures, anything else as it stands. */
export function useCell(): (column: string, value: unknown) => string {
    const language = app.use((s) => s.language);
    const word = useWord();
    const t = useText();
    return (column, value) => {
        if (value === null || value === undefined || value === "") return "–";
        if (/^date/.test(column)) return words.date(language, String(value));
        if (column === "area_m2") return words.area(language, Number(value));
        if (column === "status" || column === "released_as") return word("status", String(value));
        if (column === "during_demining" || column === "marked") return t(Number(value) ? "yes" : "no");
        return typeof value === "number" ? words.number(language, value, 4) : String(value);
    };
}

/** The symbol of a kind, as on the map. */
export function Symbol({ kind }: { kind: string }) {
    const dark = app.use((s) => s.dark);
    const colour = (dark ? kindColourDark : kindColour)[kind] ?? "#777777";
    const shape = kindShape[kind] ?? "circle";
    const body = {
        area: <rect x="2" y="4" width="16" height="12" rx="2" fill={colour} fill-opacity="0.26" stroke={colour} stroke-width="2" />,
        hatch: <rect x="2" y="4" width="16" height="12" rx="2" fill={colour} fill-opacity="0.15" stroke={colour} stroke-width="1.2" />,
        triangle: <path d="M10 2.5 17.5 16h-15z" fill={colour} />,
        circle: <circle cx="10" cy="10" r="6.5" fill={colour} />,
        square: <rect x="4" y="4" width="12" height="12" fill={colour} />,
        diamond: <path d="M10 1.5 18.5 10 10 18.5 1.5 10z" fill={colour} />,
        line: <path d="M2 15 8 6l5 6 5-8" fill="none" stroke={colour} stroke-width="2" />,
        dot: <circle cx="10" cy="10" r="3.5" fill={colour} />,
        plus: <path d="M7.5 2h5v5.5H18v5h-5.5V18h-5v-5.5H2v-5h5.5z" fill={colour} />,
        ring: <circle cx="10" cy="10" r="6" fill="none" stroke={colour} stroke-width="2.2" />,
    }[shape];
    return <svg class="symbol" viewBox="0 0 20 20" aria-hidden="true">{body}</svg>;
}

/** Two bars of the same scale: before and after. */
export function Bar({ share, label }: { share: number; label: string }) {
    const inner = useRef<HTMLSpanElement>(null);
    useEffect(() => {
        inner.current?.style.setProperty("width", `${Math.max(0, Math.min(1, share)) * 100}%`);
    }, [share]);
    return <span class="bar" role="img" aria-label={label}><span ref={inner} /></span>;
}

/** A switch of a few choices. */
export function Choice<T extends string>(p: { label: string; value: T; options: Array<[T, string]>; onChange: (v: T) => void }) {
    const name = useId();
    return (
        <fieldset class="choice">
            <legend>{p.label}</legend>
            {p.options.map(([value, text]) => (
                <label key={value}><input type="radio" name={name} checked={p.value === value} onChange={() => p.onChange(value)} /><span>{text}</span></label>
            ))}
        </fieldset>
    );
}

export function download(name: string, type: string, content: string | Blob): void {
    const blob = typeof content === "string" ? new Blob([content], { type }) : content;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}

/** A page, or a part of one, that is fetched when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
    let kept: ComponentType<P> | null = null;
    return function Lazy(p: P) {
        const [Part, setPart] = useState<ComponentType<P> | null>(() => kept);
        const [failed, setFailed] = useState(false);
        useEffect(() => {
            if (Part) return;
            load().then((found) => {
                kept = found;
                setPart(() => found);
            }, () => setFailed(true));
        }, []);
        if (Part) return <Part {...p} />;
        return failed ? <Trouble error={new ApiError(0, "", "")} /> : <Busy />;
    };
}
