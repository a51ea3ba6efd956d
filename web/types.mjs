/*
 * TypeScript types of the program's outputs, from schemas/*.json: one interface a schema, named after it (tilth.assess/1 becomes
 * Assess), and one a definition inside it (AssessFigure). Only what our schemas use of JSON Schema is known here; anything else is
 * `unknown`, which the compiler then asks to be looked at.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const pascal = (words) =>
    words
        .split(/[^A-Za-z0-9]+/)
        .filter(Boolean)
        .map((w) => w[0].toUpperCase() + w.slice(1))
        .join("");

const key = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name));

function objectType(schema, name, indent) {
    const inner = `${indent}    `;
    const required = new Set(schema.required ?? []);
    const rows = Object.entries(schema.properties ?? {}).map(
        ([k, v]) => `${inner}${key(k)}${required.has(k) ? "" : "?"}: ${typeOf(v, name, inner)};\n`,
    );
    const extra = schema.additionalProperties;
    if (rows.length === 0)
        return `{ [key: string]: ${extra && typeof extra === "object" ? typeOf(extra, name, indent) : "unknown"} }`;
    if (extra === true) rows.push(`${inner}[key: string]: unknown;\n`);
    return `{\n${rows.join("")}${indent}}`;
}

function plainType(type, schema, name, indent) {
    switch (type) {
        case "string":
            return "string";
        case "number":
        case "integer":
            return "number";
        case "boolean":
            return "boolean";
        case "null":
            return "null";
        case "array":
            return `Array<${schema.items ? typeOf(schema.items, name, indent) : "unknown"}>`;
        case "object":
            return objectType(schema, name, indent);
        default:
            return "unknown";
    }
}

export function typeOf(schema, name, indent = "") {
    if (schema === true || schema === undefined) return "unknown";
    if (schema.$ref) return name + pascal(schema.$ref.split("/").at(-1));
    if ("const" in schema) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
    const union = schema.oneOf ?? schema.anyOf;
    if (union) return union.map((s) => typeOf(s, name, indent)).join(" | ");
    const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? (schema.properties ? "object" : "unknown")];
    return types.map((t) => plainType(t, schema, name, indent)).join(" | ");
}

export function makeTypes(folder) {
    let text = "/* Made by web/types.mjs from schemas/. */\n";
    for (const file of readdirSync(folder).filter((f) => /^tilth\..*\.json$/.test(f)).sort()) {
        const schema = JSON.parse(readFileSync(path.join(folder, file), "utf8"));
        const name = pascal(file.replace(/^tilth\./, "").replace(/\.\d+\.json$/, ""));
        for (const [part, inner] of Object.entries(schema.$defs ?? {}))
            text += `export type ${name}${pascal(part)} = ${typeOf(inner, name)};\n`;
        text += `/** ${schema.title ?? file} */\nexport type ${name} = ${typeOf(schema, name)};\n`;
    }
    return text;
}
