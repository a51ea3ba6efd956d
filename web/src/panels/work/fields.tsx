/*
 * The fields of a form, made from the kind's columns: title, unit, choices, help, and what is wrong with what was typed.
 */
import { useEffect, useId, useRef } from "preact/hooks";

import { isKey, type Key } from "../../i18n";
import { useText } from "../../state";
import { useWord } from "../../ui";
import type { Column } from "./calls";
import { type Typed, type Wrong, wrongAccuracy, wrongIn } from "./typed";

export function Field(p: {
    label: string; value: string; onInput: (v: string) => void; hint?: string; wrong?: string; placeholder?: string; numeric?: boolean; lines?: number;
    suggestions?: string[]; name?: string;
}) {
    const id = useId();
    const t = useText();
    /* What the server takes it to mean; a person says whether it does. */
    const meant = /\(did you mean (.+)\?\)$/.exec(p.wrong ?? "")?.[1];
    const about = [p.wrong ? `${id}-wrong` : "", p.hint ? `${id}-hint` : ""].filter(Boolean).join(" ") || undefined;
    const shared = { id, value: p.value, placeholder: p.placeholder ?? "", "aria-invalid": p.wrong ? ("true" as const) : ("false" as const), "aria-describedby": about, "data-field": p.name };
    return (
        <div class="field">
            <label for={id}>{p.label}</label>
            {p.lines ? <textarea {...shared} class="prose" rows={p.lines} onInput={(e) => p.onInput(e.currentTarget.value)} /> : (
                <input {...shared} type="text" autocomplete="off" inputMode={p.numeric ? "decimal" : undefined} list={p.suggestions?.length ? `${id}-list` : undefined}
                    onInput={(e) => p.onInput(e.currentTarget.value)} />
            )}
            {p.suggestions?.length ? <datalist id={`${id}-list`}>{p.suggestions.map((s) => <option key={s} value={s} />)}</datalist> : null}
            {p.wrong ? <small class="wrong" id={`${id}-wrong`} role="alert">{p.wrong}</small> : null}
            {meant ? <button type="button" class="quiet" onClick={() => p.onInput(meant)}>{t("form.take", { text: meant })}</button> : null}
            {p.hint ? <small id={`${id}-hint`}>{p.hint}</small> : null}
        </div>
    );
}

function Choose(p: { label: string; value: string; options: Array<[string, string]>; onInput: (v: string) => void; hint?: string; wrong?: string; name?: string }) {
    const id = useId();
    const about = [p.wrong ? `${id}-wrong` : "", p.hint ? `${id}-hint` : ""].filter(Boolean).join(" ") || undefined;
    return (
        <div class="field">
            <label for={id}>{p.label}</label>
            <select id={id} value={p.value} aria-describedby={about} aria-invalid={p.wrong ? "true" : "false"} data-field={p.name} onChange={(e) => p.onInput(e.currentTarget.value)}>
                {p.options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
            </select>
            {p.wrong ? <small class="wrong" id={`${id}-wrong`} role="alert">{p.wrong}</small> : null}
            {p.hint ? <small id={`${id}-hint`}>{p.hint}</small> : null}
        </div>
    );
}

/** Words of a choice: a status, a kind of search, anything else under "choice."; itself where there are none. */
export function useChoice(): (column: string, value: string) => string {
    const t = useText();
    const word = useWord();
    return (column, value) => {
        if (column === "status" || column === "released_as") return word("status", value);
        for (const key of [`choice.${value}`, `type.${value}`]) if (isKey(key)) return t(key as Key);
        return value;
    };
}

/** Words for what is typed into a column, as a table shows it. */
export function useTypedWords(): (column: Column | undefined, value: string) => string {
    const t = useText();
    const choice = useChoice();
    return (column, value) => (value === "" ? "–" : column?.type === "choice" ? choice(column.name, value)
        : column?.type === "yesno" ? (value === "1" ? t("yes") : value === "0" ? t("no") : value) : value);
}

/* What ends an area is a decision and not a field; what it is stays on offer. */
function choicesOf(kind: string, column: Column, now: string): string[] {
    const all = column.choices as string[];
    return kind === "hazard-area" && column.name === "status" ? all.filter((c) => c === "open" || c === now) : all;
}

const LONG = ["description"];

export interface FieldsProps {
    kind: string;
    columns: Column[];
    typed: Typed;
    was: Typed;
    suggestions: Record<string, string[]>;
    refused: { name: string | null; message: string };
    onChange: (patch: Partial<Typed>) => void;
}

export function Fields({ kind, columns, typed, was, suggestions, refused, onChange }: FieldsProps) {
    const t = useText();
    const word = useWord();
    const choice = useChoice();
    const box = useRef<HTMLDivElement>(null);
    const set = (name: string) => (value: string) => onChange({ columns: { ...typed.columns, [name]: value } });
    const wrongWords = (wrong: Wrong | null, name: string) => (wrong ? t(wrong.key, wrong.values) : refused.name === name ? refused.message : "");
    useEffect(() => {
        /* The field that the server refused takes the focus. */
        if (refused.name) box.current?.querySelector<HTMLElement>(`[data-field="${refused.name}"]`)?.focus();
    }, [refused]);
    return (
        <div class="fields" ref={box}>
            {columns.map((c) => {
                const value = typed.columns[c.name] ?? "", shared = { name: c.name, label: word("column", c.name), value, onInput: set(c.name), wrong: wrongWords(wrongIn(c, value), c.name) };
                if (c.type === "choice" || c.type === "yesno") {
                    const options: Array<[string, string]> = c.type === "yesno" ? [["1", t("yes")], ["0", t("no")]]
                        : choicesOf(kind, c, was.columns[c.name] ?? "").map((v) => [v, choice(c.name, v)]);
                    return <Choose key={c.name} {...shared} hint={kind === "hazard-area" && c.name === "status" ? t("form.status_hint") : c.type === "yesno" ? c.meaning.replace(/ \([01]\)/g, "") : c.meaning} options={[["", t("form.unknown")], ...options]} />;
                }
                const range = c.type === "integer" || c.type === "real";
                return <Field key={c.name} {...shared} hint={c.type === "date" ? `${c.meaning} ${t("form.date_hint")}` : c.meaning} numeric={range} lines={LONG.includes(c.name) ? 4 : 0} suggestions={suggestions[c.name]} />;
            })}
            <Field name="accuracy_m" label={word("column", "accuracy_m")} value={typed.accuracy} numeric onInput={(v) => onChange({ accuracy: v })} hint={t("form.accuracy_hint")} wrong={wrongWords(wrongAccuracy(typed.accuracy), "accuracy_m")} />
            <Field name="remarks" label={word("column", "remarks")} value={typed.remarks} lines={3} onInput={(v) => onChange({ remarks: v })} wrong={wrongWords(null, "remarks")} />
        </div>
    );
}
