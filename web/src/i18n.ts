/*
 * Languages of the pages: one file a language in languages/, split by its sections when the pages are built (languages.mjs). A text has places
 * "{name}", and forms by number "one|few|many|other" where its key ends with "#": those that Intl.PluralRules names for the language, in its order.
 * Texts of pages that are fetched when they are needed come with them (more.ts).
 */
import facts from "../generated/texts/language.json";
import first from "../generated/texts/first.json";
import type more from "../generated/texts/more.json";

export type Language = keyof typeof facts;
export type Key = keyof typeof first.en | keyof typeof more.en;
export type Values = Record<string, string | number>;

type Texts = Record<Key, string>;
type SomeTexts = Record<Language, Record<string, string>>;
const codes = Object.keys(facts) as Language[];
const each = <T>(make: (language: Language) => T) => Object.fromEntries(codes.map((code) => [code, make(code)])) as Record<Language, T>;

/* Until more.ts has come, what is in it is not asked for: its pages come with it. */
export const languages: Record<Language, Texts> = each((code) => ({ ...(first as SomeTexts)[code] }) as Texts);

/** Texts that come with a page. */
export function addTexts(texts: SomeTexts): void {
    for (const code of codes) Object.assign(languages[code], texts[code]);
}

export const languageNames = each((code) => facts[code].name);
/** As numbers and dates are written. */
export const locales = each((code) => facts[code].locale);

const ORDER: Intl.LDMLPluralRule[] = ["zero", "one", "two", "few", "many", "other"];

/** Forms of a number that a language's texts give, in their order. */
export const forms = each((code) => {
    const has = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    return ORDER.filter((form) => has.includes(form));
});

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

/** The first of the browser's languages that the pages speak: "pt-BR" is met by a file pt-BR, and else by pt. */
export function preferred(wanted: readonly string[]): Language {
    for (const tag of wanted.map((w) => w.toLowerCase())) {
        const met = codes.find((code) => code.toLowerCase() === tag) ?? codes.find((code) => code.toLowerCase() === tag.split("-")[0]);
        if (met) return met;
    }
    return "en";
}
