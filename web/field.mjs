/*
 * The field view: one bundle of its own, without the map's library, and the worker that keeps exactly its files on a device. The version is the hash
 * of those files, so that a device fetches a new one when, and only when, something has changed.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

export async function buildField(shared, out) {
    const result = await build({
        ...shared,
        entryPoints: { field: "src/field/main.tsx" },
        entryNames: "[name]-[hash]",
        assetNames: "[name]-[hash]",
        outdir: path.join(out, "assets"),
        metafile: true,
        jsx: "automatic",
        jsxImportSource: "preact",
        loader: { ".woff2": "file", ".topojson": "file" },
        publicPath: "/assets",
    });
    const made = Object.entries(result.metafile.outputs);
    const name = (file) => `/assets/${path.basename(file)}`;
    const [entry, facts] = made.find(([, info]) => info.entryPoint === "src/field/main.tsx");
    const page = readFileSync("src/field.html", "utf8").replace("{{css}}", name(facts.cssBundle)).replace("{{js}}", name(entry));
    writeFileSync(path.join(out, "field.html"), page);
    const hash = createHash("sha256").update(page);
    for (const file of ["icon.svg", "field.webmanifest"]) hash.update(readFileSync(path.join("src/public", file)));
    const files = ["/field", "/icon.svg", "/field.webmanifest", ...made.map(([file]) => name(file))].sort();
    hash.update(files.join());
    await build({
        ...shared,
        entryPoints: { "field-worker": "src/field/worker.ts" },
        outdir: out,
        define: { FIELD_FILES: JSON.stringify(files), FIELD_VERSION: JSON.stringify(hash.digest("hex").slice(0, 12)) },
    });
}
