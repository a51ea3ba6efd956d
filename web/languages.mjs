/*
 * Languages of the pages: one file each in src/languages/, called by its code (BCP 47). Its sections are
 *
 *     language   its own name, and the locale that numbers and dates are written by
 *     countries  names for the base map where the list of ISO 3166 has none, or one that takes a side (by number, or by English name); may be left out
 *     first      texts of the first visit; the field view has them, too
 *     more       texts of the pages that are fetched when they are opened
 *     field      texts of the field view
 *
 * Each of the last three becomes one file in generated/texts/ with all languages, so that a bundle carries its own texts and no others.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const SECTIONS = ["first", "more", "field"];
const OTHERS = ["language", "countries"];

function check(file, texts) {
    const wrong = Object.keys(texts).find((section) => !SECTIONS.includes(section) && !OTHERS.includes(section));
    if (wrong !== undefined)
        throw new Error(`${file}: section "${wrong}"; expected one of ${[...OTHERS, ...SECTIONS].join(", ")}`);
    for (const section of ["language", ...SECTIONS])
        if (typeof texts[section] !== "object") throw new Error(`${file}: section "${section}" is missing`);
    const { name, locale } = texts.language;
    if (!name || !locale || Intl.NumberFormat.supportedLocalesOf(locale).length === 0)
        throw new Error(`${file}: "language" is ${JSON.stringify(texts.language)}; expected a name and a locale such as en-GB`);
}

/** All languages by their code, English first. */
export function readLanguages(folder) {
    const codes = readdirSync(folder).filter((f) => f.endsWith(".json")).map((f) => f.slice(0, -".json".length));
    codes.sort((a, b) => (b === "en") - (a === "en") || (a < b ? -1 : 1));
    return Object.fromEntries(codes.map((code) => {
        const file = path.join(folder, `${code}.json`);
        const texts = JSON.parse(readFileSync(file, "utf8"));
        check(file, texts);
        return [code, texts];
    }));
}

export function writeTexts(languages, folder) {
    mkdirSync(folder, { recursive: true });
    for (const section of ["language", ...SECTIONS])
        writeFileSync(path.join(folder, `${section}.json`),
            JSON.stringify(Object.fromEntries(Object.entries(languages).map(([code, texts]) => [code, texts[section]]))));
}
