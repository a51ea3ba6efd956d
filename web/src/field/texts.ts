/*
 * Texts of the field view: its own, beside those of the pages.
 */
import texts from "../../generated/texts/field.json";
import { addTexts, isKey, type Key, type Language, translate, type Values } from "../i18n";
import { field } from "./state";

export type FieldKey = Key | keyof typeof texts.en;

addTexts(texts);

export const say = (language: Language, key: FieldKey, values?: Values) => translate(language, key as Key, values);

export function useSay(): (key: FieldKey, values?: Values) => string {
    const language = field.use((s) => s.language);
    return (key, values) => say(language, key, values);
}

/** A word of the register, where there is a text for it; itself else. */
export function useName(): (group: string, value: string) => string {
    const t = useSay();
    return (group, value) => (isKey(`${group}.${value}`) ? t(`${group}.${value}` as FieldKey) : value.replace(/_/g, " "));
}

/** A text that a person has set: one for all languages, or one by language. */
export function chosen(language: Language, text: unknown): string {
    if (typeof text === "string") return text;
    const all = (text ?? {}) as Record<string, string>;
    return all[language] ?? all.en ?? Object.values(all)[0] ?? "";
}
