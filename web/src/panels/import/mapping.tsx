/*
 * Which column of the file goes into which field: proposed by the server (as last time, or by the names), changed by a person; and what else an import
 * may be told.
 */
import { useId } from "preact/hooks";

import { isKey, type Key } from "../../i18n";
import { useText } from "../../state";
import { Select, Text, useWord } from "../../ui";
import type { Column, Field, FileLayer, Options, Tried } from "./calls";

const PLACES = ["lon", "lat", "position", "x", "y", "wkt"];

/** Words for a field: its own, or those of the register's column. */
export function useFieldWord(): (field: Pick<Field, "name" | "title">) => string {
    const t = useText();
    const word = useWord();
    return ({ name, title }) => {
        for (const key of [`field.${name}`, `column.${name}`]) if (isKey(key)) return t(key as Key);
        return title || word("column", name);
    };
}

/* What a field is filled from: a column by its number, a text of one's own, or nothing. */
const NONE = "", CONSTANT = "=";

function FieldRow(p: { field: Field; columns: Column[]; from: string | undefined; onChange: (from: string) => void }) {
    const t = useText();
    const word = useFieldWord();
    const id = useId();
    const { field, from = "" } = p;
    const { type, choices = [] } = field;
    const constant = from.startsWith("=");
    const at = p.columns.findIndex((c) => c.name === from);
    const value = constant ? CONSTANT : at >= 0 ? String(at) : NONE;
    const examples = at >= 0 ? p.columns[at]!.examples.filter(Boolean).slice(0, 3) : [];
    const change = (choice: string) => p.onChange(choice === NONE ? "" : choice === CONSTANT ? `=${choices[0] ?? ""}` : p.columns[Number(choice)]!.name);
    if (type === "option")
        return (
            <div class="field-row">
                <label for={id}>{word(field)}</label>
                <select id={id} value={from} data-field={field.name} onChange={(e) => p.onChange(e.currentTarget.value)}>
                    <option value="">{t("import.by_itself")}</option>
                    {choices.map((c) => <option key={c} value={c}>{isKey(`option.${c.slice(1)}`) ? t(`option.${c.slice(1)}` as Key) : c.slice(1)}</option>)}
                </select>
            </div>
        );
    const missing = field.required && !from;
    return (
        <div class={missing ? "field-row missing" : "field-row"}>
            <label for={id}>{word(field)}{field.required ? <b class="needed"> {t("import.required")}</b> : null}</label>
            <select id={id} value={value} data-field={field.name} aria-invalid={missing ? "true" : "false"} aria-describedby={`${id}-more`} onChange={(e) => change(e.currentTarget.value)}>
                <option value={NONE}>{t("import.not_given")}</option>
                {p.columns.map((c, i) => <option key={c.name} value={String(i)}>{c.name}</option>)}
                <option value={CONSTANT}>{t("import.constant")}</option>
            </select>
            {constant ? choices.length ? (
                <select aria-label={t("import.constant_for", { field: word(field) })} value={from.slice(1)} onChange={(e) => p.onChange(`=${e.currentTarget.value}`)}>
                    {choices.map((c) => <option key={c} value={c}>{isKey(`choice.${c}`) ? t(`choice.${c}` as Key) : c}</option>)}
                </select>
            ) : <input type="text" aria-label={t("import.constant_for", { field: word(field) })} value={from.slice(1)} onInput={(e) => p.onChange(`=${e.currentTarget.value}`)} /> : null}
            <small id={`${id}-more`}>{examples.length ? t("import.for_example", { examples: examples.join(" · ") }) : ""}</small>
        </div>
    );
}

export type Mapping = Record<string, string>;

export function MappingForm(p: { fields: Field[]; layer: FileLayer; mapping: Mapping; from: Tried["mapping_from"]; changed: boolean; onChange: (mapping: Mapping) => void; onForget: () => void }) {
    const t = useText();
    const row = (field: Field) => (
        <FieldRow key={field.name} field={field} columns={p.layer.columns} from={p.mapping[field.name]} onChange={(from) => p.onChange({ ...p.mapping, [field.name]: from })} />
    );
    const places = p.fields.filter((f) => PLACES.includes(f.name)), others = p.fields.filter((f) => !PLACES.includes(f.name));
    const used = new Set(Object.values(p.mapping));
    const isPlaced = p.layer.geometry !== "none" || places.some((f) => p.mapping[f.name]);
    const left = p.layer.columns.filter((c) => !used.has(c.name));
    return (
        <section class="group">
            <h2>{t("import.mapping")}</h2>
            <p class="hint">{t(p.changed ? "import.from_given" : p.from === "remembered" ? "import.from_remembered" : "import.from_suggested")}
                {p.changed ? <> <button type="button" class="link" onClick={p.onForget}>{t("import.forget_mapping")}</button></> : null}</p>
            <fieldset class="plain-set"><legend>{t("import.where_they_lie")}</legend>
                {p.layer.geometry !== "none" ? <p class="hint">{t("import.has_geometry")}</p> : isPlaced ? null : <p class="notice warn">{t("import.needs_place")}</p>}
                {places.map(row)}
            </fieldset>
            <fieldset class="plain-set"><legend>{t("import.what_they_say")}</legend>{others.map(row)}</fieldset>
            {left.length ? <p class="hint">{t("import.left_out", { columns: left.map((c) => c.name).join(", ") })}</p> : null}
        </section>
    );
}

export function LayerTable({ layer }: { layer: FileLayer }) {
    const t = useText();
    return (
        <details>
            <summary>{t("import.columns#", { n: layer.columns.length })}</summary>
            <div class="table-holder" tabIndex={0} role="region" aria-label={t("import.columns_of", { layer: layer.name })}>
                <table>
                    <thead><tr><th scope="col">{t("import.column")}</th><th scope="col">{t("import.type")}</th><th scope="col" class="number">{t("import.filled")}</th><th scope="col">{t("import.examples")}</th></tr></thead>
                    <tbody>{layer.columns.map((c) => (
                        <tr key={c.name}><th scope="row">{c.name}</th><td>{t(`import.type.${c.type}`)}</td><td class="number">{c.filled}</td><td>{c.examples.filter(Boolean).join(" · ")}</td></tr>
                    ))}</tbody>
                </table>
            </div>
        </details>
    );
}

/** What else an import may be told; most files need none of it. */
export function More({ options, onChange }: { options: Options; onChange: (patch: Partial<Options>) => void }) {
    const t = useText();
    const text = (key: "source" | "crs" | "where", hint: string) => (
        <Text label={t(`import.${key}`)} value={options[key] ?? ""} hint={hint} onInput={(v) => onChange({ [key]: v })} />
    );
    const used = !!(options.source || options.crs || options.where || options.encoding || options.keep_duplicates || options.allow_outside);
    return (
        <details class="group" open={used}>
            <summary><h2>{t("import.more")}</h2></summary>
            {text("source", t("import.source_hint"))}
            {text("crs", t("import.crs_hint"))}
            {text("where", t("import.where_hint"))}
            <Select label={t("import.encoding")} value={options.encoding ?? ""} onChange={(encoding) => onChange({ encoding })}
                options={[["", t("import.encoding_auto")], ["UTF-8", "UTF-8"], ["CP1251", "Windows-1251"], ["CP1252", "Windows-1252"], ["ISO-8859-5", "ISO 8859-5"]]} />
            <label class="option"><input type="checkbox" checked={!!options.keep_duplicates} onChange={(e) => onChange({ keep_duplicates: e.currentTarget.checked })} /><span>{t("import.keep_duplicates")}</span></label>
            <label class="option"><input type="checkbox" checked={!!options.allow_outside} onChange={(e) => onChange({ allow_outside: e.currentTarget.checked })} /><span>{t("import.allow_outside")}</span></label>
        </details>
    );
}
