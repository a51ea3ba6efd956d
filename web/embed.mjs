/*
 * Writes the pages as one assembler file (.incbin) and one table in C (src/serve/pages.h).
 *
 *   node embed.mjs --pages DIR --out DIR
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const { values: options } = parseArgs({ options: { pages: { type: "string" }, out: { type: "string" } } });
const out = path.resolve(options.out);
const types = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".topojson": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
};

function filesOf(folder) {
    return readdirSync(folder).flatMap((name) => {
        const file = path.join(folder, name);
        return statSync(file).isDirectory() ? filesOf(file) : [file];
    });
}

const address = (file) => {
    const name = `/${path.relative(options.pages, file).split(path.sep).join("/")}`;
    return name === "/index.html" ? "/" : name === "/field.html" ? "/field" : name;
};

mkdirSync(path.join(out, "files"), { recursive: true });
const rows = filesOf(options.pages)
    .map((file) => {
        const plain = readFileSync(file);
        const gzip = gzipSync(plain, { level: 9 });
        const type = types[path.extname(file)];
        if (!type) throw new Error(`${file}: no media type is known for it`);
        const zipped = gzip.length < plain.length * 0.95;
        return {
            path: address(file),
            type,
            bytes: zipped ? gzip : plain,
            plain: plain.length,
            zipped,
            etag: createHash("sha256").update(plain).digest("hex").slice(0, 32),
            immutable: /^\/assets\/.*-[A-Z0-9]{8}\.\w+$/.test(address(file)),
        };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));

let assembler = '/* Made by web/embed.mjs. */\n    .section .rodata\n';
let table = '/* Made by web/embed.mjs. */\n#include "serve/pages.h"\n\n';
let entries = "";
rows.forEach((row, i) => {
    const file = path.join(out, "files", `${i}.bin`);
    writeFileSync(file, row.bytes);
    assembler += `    .balign 16\n    .globl tl_pages_bytes_${i}\ntl_pages_bytes_${i}:\n    .incbin ${JSON.stringify(file)}\n`;
    table += `extern const unsigned char tl_pages_bytes_${i}[];\n`;
    entries += `    {${JSON.stringify(row.path)}, ${JSON.stringify(row.type)}, "\\"${row.etag}\\"", tl_pages_bytes_${i},\n` +
        `     ${row.bytes.length}, ${row.plain}, ${row.zipped}, ${row.immutable}},\n`;
});
assembler += '    .section .note.GNU-stack,"",%progbits\n';
writeFileSync(path.join(out, "pages.S"), assembler);
writeFileSync(path.join(out, "pages.c"),
    `${table}\nconst struct tl_pages_file tl_pages_files[] = {\n${entries}};\nconst size_t tl_pages_n = ${rows.length};\n`);
