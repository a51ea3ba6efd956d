/*
 * Base maps from files, as people see them: vector tiles from PMTiles and pictures from MBTiles under the data, light and dark, with opacity, switch and credit;
 * and slow work that says how far it is and can be stopped.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { done, end, here, idle, keyOf, LIMIT, open, options, out, PHONE, shot, start, violations } from "./browser.mjs";
import { serve } from "./district.mjs";

const mapfile = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "serve", "mapfile.py");
const served = {};

async function serveFile(kind, ending) {
    const file = path.join(out, `${kind}.${ending}`);
    execFileSync("/usr/bin/python3", [mapfile, kind, served.box.join(","), file]);
    const server = serve(options.bin, here.project, "--basemap", file);
    const address = await server.address;
    return { server, home: new URL(address).origin, state: await keyOf(address) };
}

before(async () => {
    await start();
    const page = await open();
    const { extent } = await page.evaluate(() => fetch("/api/1/project").then((r) => r.json()));
    await page.context().close();
    served.box = extent.map((v) => Math.round(v * 1e4) / 1e4);
    served.vector = await serveFile("vector", "pmtiles");
    served.raster = await serveFile("raster", "mbtiles");
}, LIMIT);

after(async () => {
    await served.vector?.server.stop();
    await served.raster?.server.stop();
    await end();
});

/** Opens a page of one of the two servers and waits until its map stands with the file's tiles. */
async function opened(which, more = {}) {
    const { home, state } = served[which];
    const tiles = [];
    const page = await open("#/", { base: home, state, ...more });
    page.on("response", (r) => r.url().includes("/tiles/basemap/") && tiles.push(r.status()));
    await idle(page);
    await page.waitForTimeout(800);
    page.baseTiles = tiles;
    return page;
}

/** Colours of a small square of the map, where nothing is drawn on it: the mean of red, green, blue. */
async function colourAt(page, x, y) {
    const picture = await page.screenshot({ clip: { x, y, width: 4, height: 4 } });
    return page.evaluate(async (bytes) => {
        const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/png" }));
        const canvas = new OffscreenCanvas(4, 4), pen = canvas.getContext("2d");
        pen.drawImage(image, 0, 0);
        const d = pen.getImageData(0, 0, 4, 4).data;
        return [0, 1, 2].map((c) => Math.round(Array.from({ length: 16 }, (_, i) => d[4 * i + c]).reduce((a, b) => a + b) / 16));
    }, [...picture]);
}

const far = (a, b) => Math.max(...a.map((v, i) => Math.abs(v - b[i])));

for (const which of ["vector", "raster"])
    for (const scheme of ["light", "dark"])
        test(`a base map of ${which === "vector" ? "vector tiles" : "pictures"} lies under the data, ${scheme}`, LIMIT, async () => {
            const page = await opened(which, { scheme, locale: scheme === "dark" ? "uk-UA" : "en-GB" });
            await page.getByText(scheme === "dark" ? "Немає растра" : "No raster").or(page.locator("label.option").filter({ hasText: /No raster|растр/i })).first().click();
            await idle(page);
            await page.waitForTimeout(600);
            await shot(page, `base-${which}-${scheme}`);
            const box = page.getByLabel(/From a file: Test land|З файлу: Test land/);
            assert.ok(await box.isChecked());
            const places = [[560, 640], [940, 270], [1120, 670], [520, 368], [670, 600], [1180, 690]];
            const on = [];
            for (const [x, y] of places) on.push(await colourAt(page, x, y));
            await box.uncheck();
            await idle(page);
            await page.waitForTimeout(600);
            const off = [];
            for (const [x, y] of places) off.push(await colourAt(page, x, y));
            await shot(page, `base-${which}-${scheme}-off`);
            assert.ok(on.some((c, i) => far(c, off[i]) > 4), `the map looks the same with and without: ${JSON.stringify({ on, off })}`);
            await box.check();
            await page.getByLabel(/Opacity of the base map|Непрозорість підкладки/).fill("0");
            await idle(page);
            await page.waitForTimeout(600);
            const clear = [];
            for (const [x, y] of places) clear.push(await colourAt(page, x, y));
            assert.ok(clear.every((c, i) => far(c, off[i]) <= 3), `at no opacity it is as if it were off: ${JSON.stringify({ clear, off })}`);
            await page.getByLabel(/Opacity of the base map|Непрозорість підкладки/).fill("100");
            assert.match(await page.locator(".panel").innerText(), /© Testers & friends/);
            assert.match(await page.locator(".maplibregl-ctrl-attrib").innerText({ timeout: 5000 }).catch(() => "") || (await page.locator(".maplibregl-ctrl-attrib-inner").textContent()), /© Testers & friends/);
            assert.deepEqual(await violations(page), []);
            await done(page);
        });

test("on a phone, and what a person chose stays chosen", LIMIT, async () => {
    const page = await opened("vector", { size: PHONE });
    await shot(page, "base-vector-phone");
    await page.getByLabel("From a file: Test land").uncheck();
    await page.reload();
    await idle(page);
    assert.equal(await page.getByLabel("From a file: Test land").isChecked(), false);
    assert.deepEqual(await violations(page), []);
    await done(page);
});

test("a server without a base map says nothing of one", LIMIT, async () => {
    const page = await open();
    await idle(page);
    assert.equal(await page.getByText("Base map", { exact: true }).count(), 0);
    await done(page);
});

test("slow work says how far it is, and can be stopped and begun again", LIMIT, async () => {
    const page = await open();
    const jobs = [], ended = [];
    await page.route("**/api/1/forecasts", (route) => route.request().method() === "POST"
        ? route.continue({ headers: { ...route.request().headers(), prefer: "respond-async, wait=0" }, postData: JSON.stringify({ ...route.request().postDataJSON(), years: 200, draws: 20000,
            scenarios: Array(4).fill(route.request().postDataJSON().scenarios).flat() }) })
        : route.continue());
    page.on("response", (r) => {
        if (r.url().includes("/api/1/forecasts") && r.status() === 202) jobs.push(r.headers().location);
        if (r.request().method() === "DELETE") ended.push(new URL(r.url()).pathname);
    });
    await page.evaluate(() => (location.hash = "#/scenarios"));
    const stop = page.getByRole("button", { name: "Stop", exact: true });
    await stop.waitFor();
    await shot(page, "work-goes-on");
    assert.deepEqual(await violations(page), []);
    await stop.click();
    await page.getByText("Stopped; nothing was kept.").waitFor();
    await page.waitForTimeout(500);
    assert.ok(jobs.length >= 1 && ended.includes(jobs.at(-1)), `the server is told: ${JSON.stringify({ jobs, ended })}`);
    await shot(page, "work-stopped");
    await page.unroute("**/api/1/forecasts");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".scenario-main canvas").first().waitFor();
    await done(page);
});
