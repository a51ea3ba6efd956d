/*
 * Languages of the pages: one file a language in languages/. A text has places "{name}", and forms by number "one|few|many|other" where
 * its key ends with "#" (as Intl.PluralRules names them, in that order, as many as the language has). Texts of pages that are fetched when they are
 * needed lie in languages/more.*.json, and come with them (more.ts).
 */
import en from "./languages/en.json";
import type more from "./languages/more.en.json";
import uk from "./languages/uk.json";

export type Language = "en" | "uk";
export type Key = keyof typeof en | keyof typeof more;
export type Values = Record<string, string | number>;

type Texts = Record<Key, string>;
/* Until more.ts has come, what is in it is not asked for: its pages come with it. */
export const languages: Record<Language, Texts> = { en: { ...en } as Texts, uk: { ...uk } as Texts };

/** Texts that come with a page. */
export function addTexts(texts: Record<Language, Partial<Texts>>): void {
    for (const language of Object.keys(texts) as Language[]) Object.assign(languages[language], texts[language]);
}

export const languageNames: Record<Language, string> = { en: "English", uk: "Українська" };

/** Forms of a number that a language's texts give, in their order. */
const forms: Record<Language, Intl.LDMLPluralRule[]> = {
    en: ["one", "other"],
    uk: ["one", "few", "many", "other"],
};

export function fill(text: string, values: Values): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function translate(language: Language, key: Key, values: Values = {}): string {
    let text: string = languages[language][key] ?? languages.en[key] ?? key;
    if (key.endsWith("#")) {
        const all = text.split("|");
        const form = new Intl.PluralRules(language).select(Number(values.n ?? 0));
        text = all[Math.max(0, forms[language].indexOf(form))] ?? all[all.length - 1]!;
    }
    return fill(text, values);
}

/** Whether there is such a text: for words that come from the server, such as kinds and statuses. */
export function isKey(key: string): key is Key {
    return key in languages.en;
}

/** The first of the browser's languages that the pages speak. */
export function preferred(wanted: readonly string[]): Language {
    for (const tag of wanted) {
        const base = tag.toLowerCase().split("-")[0];
        if (base === "en" || base === "uk") return base;
    }
    return "en";
}
