/*
 * Builds the pages: types from the schemas, texts from the languages, type check, base map, bundles, and the list of files. It runs in a folder of the build
 * tree where src/ and the scripts are links to here and node_modules/ lies beside them (web/CMakeLists.txt), so that the source tree
 * stays as it is.
 *
 *   node build.mjs --schemas DIR --out DIR [--tests DIR]
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

import { makeBasemap } from "./basemap.mjs";
import { buildField } from "./field.mjs";
import { readLanguages, writeTexts } from "./languages.mjs";
import { makeTypes } from "./types.mjs";

const { values: options } = parseArgs({
    options: {
        schemas: { type: "string" },
        out: { type: "string" },
        tests: { type: "string" },
    },
});
const here = process.cwd();
const out = path.resolve(options.out);

mkdirSync("generated", { recursive: true });
writeFileSync("generated/schemas.ts", makeTypes(options.schemas));
const languages = readLanguages("src/languages");
writeTexts(languages, "generated/texts");
writeFileSync("generated/basemap.topojson", JSON.stringify(makeBasemap(path.join(here, "node_modules"), languages)));
try {
    execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], { stdio: "inherit" });
} catch {
    process.exit(1); /* the compiler has said why */
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const shared = {
    bundle: true,
    format: "esm",
    target: ["es2022"],
    minify: true,
    legalComments: "none",
    preserveSymlinks: true,
    logLevel: "warning",
};

/* The map's worker is a bundle of its own: the content policy takes no code from a blob. */
await build({
    ...shared,
    entryPoints: { "map-worker": "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs" },
    entryNames: "[name]-[hash]",
    outdir: path.join(out, "assets"),
});
const worker = readdirSync(path.join(out, "assets")).find((name) => name.startsWith("map-worker-"));

const result = await build({
    ...shared,
    entryPoints: { app: "src/main.tsx" },
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    outdir: path.join(out, "assets"),
    splitting: true,
    metafile: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".woff2": "file", ".svg": "file", ".topojson": "file" },
    define: { MAP_WORKER: JSON.stringify(`/assets/${worker}`) },
    publicPath: "/assets",
});
const files = Object.entries(result.metafile.outputs);
const entry = files.find(([, info]) => info.entryPoint === "src/main.tsx");
const name = (file) => `/assets/${path.basename(file)}`;
const first = entry[1].imports.filter((i) => i.kind === "import-statement").map((i) => name(i.path));

const page = readFileSync("src/index.html", "utf8")
    .replace("{{css}}", name(entry[1].cssBundle))
    .replace("{{js}}", name(entry[0]))
    .replace("{{preload}}", [...first.map((f) => `<link rel="modulepreload" href="${f}">`),
        `<link rel="preload" as="font" type="font/woff2" crossorigin href="${name(files.find(([f]) => /latin-wght-normal/.test(f) && !/ext/.test(f))[0])}">`].join("\n    "));
writeFileSync(path.join(out, "index.html"), page);
for (const file of readdirSync("src/public"))
    cpSync(path.join("src/public", file), path.join(out, file), { recursive: true });
await buildField(shared, out);

/* Tests of what needs no browser, for node's own runner. */
if (options.tests && existsSync("tests")) {
    rmSync(options.tests, { recursive: true, force: true });
    const tests = readdirSync("tests").filter((f) => f.endsWith("_test.ts"));
    await build({
        ...shared,
        minify: false,
        platform: "node",
        /* Debian 12's node knows the browser's crypto under another name. */
        banner: { js: 'import { webcrypto as nodesCrypto } from "node:crypto"; globalThis.crypto ??= nodesCrypto;' },
        packages: "external",
        entryPoints: tests.map((f) => path.join("tests", f)),
        outdir: options.tests,
        outExtension: { ".js": ".mjs" },
        jsx: "automatic",
        jsxImportSource: "preact",
        loader: { ".css": "empty", ".topojson": "file" },
    });
}
