/*
 * Rasters as a person brings them in: land cover by its classes, elevation that does not say where it lies, one that lies elsewhere. Debian's Chromium on the real server;
 * both languages, laptop and phone, light and dark.
 *
 *   node rasters_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { LAPTOP, LIMIT, PHONE, done, end, here, idle, open, out, shot, start, violations } from "./browser.mjs";

const files = path.join(out, "files"), N = 240;

function grid(name, value, [west, south, east, north]) {
    const cell = Math.max(east - west, north - south) / N, rows = [];
    for (let y = 0; y < N; y++) rows.push(Array.from({ length: N }, (_, x) => value(x, y)).join(" "));
    writeFileSync(path.join(files, `${name}.asc`), `ncols ${N}\nnrows ${N}\nxllcorner ${west}\nyllcorner ${south}\ncellsize ${cell}\nNODATA_value -9999\n${rows.join("\n")}\n`);
}

const tiff = (name, type) => execFileSync("gdal_translate", ["-q", "-a_srs", "EPSG:4326", "-ot", type, `${name}.asc`, `${name}.tif`], { cwd: files, timeout: 60000 });

before(async () => {
    await start();
    mkdirSync(files, { recursive: true });
    const page = await open("#/map");
    const [w, s, e, n] = await page.evaluate(async () => (await (await fetch("/api/1/project")).json()).extent);
    await page.context().close();
    const wide = [w - 0.1 * (e - w), s - 0.1 * (n - s), e + 0.1 * (e - w), n + 0.1 * (n - s)];
    grid("cover", (x, y) => (x > 190 ? -9999 : x < 60 ? 10 : Math.hypot(x - 120, y - 120) < 40 ? 30 : 20), wide);
    grid("elevation", (x, y) => (120 + 40 * Math.sin(x / 30) + 25 * Math.cos(y / 40)).toFixed(2), wide);
    grid("elsewhere", (x, y) => x + y, [-75, 7, -74, 8]);
    tiff("cover", "Int16");
    tiff("elsewhere", "Int32");
    writeFileSync(path.join(files, "broken.tif"), "II*\0 this is no raster");
}, { timeout: 400000 });

after(() => end());

const send = (page, name) => page.setInputFiles(".drop input", path.join(files, name));
const settled = (page) => page.waitForFunction(() => document.querySelector(".raster-layer canvas") && !document.querySelector(".waiting, .busy"));

/* Colours that a picture has: what is drawn there is more than one of them. */
const colours = (page) => page.evaluate(() => {
    const canvas = document.querySelector(".raster-picture"), data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 4).join())).size;
});

test("land cover: classes are proposed, named, seen on the grid and taken in", LIMIT, async () => {
    const page = await open("#/import");
    await page.getByText(/rasters as GeoTIFF/).waitFor();
    await send(page, "cover.tif");
    await page.getByRole("radio", { name: "classes", exact: true }).waitFor();
    assert.ok(await page.getByRole("radio", { name: "classes", exact: true }).isChecked(), "whole numbers of few values are classes");
    await settled(page);
    const facts = await page.locator(".figures").first().innerText();
    for (const words of ["240 × 240 cells", "WGS 84", "°"]) assert.ok(facts.includes(words), `${words}: ${facts}`);
    /* The commonest is left out. */
    assert.deepEqual(await page.locator(".raster-classes input[type=checkbox]").evaluateAll((boxes) => boxes.map((b) => b.checked)), [true, false, true]);
    await page.getByLabel("Name of class 10").fill("forest");
    await page.getByLabel("Name of class 30").fill("fields");
    await page.waitForFunction(() => [...document.querySelectorAll(".raster-layer b")].map((b) => b.textContent).join() === "cover_forest,cover_fields");
    await settled(page);
    assert.match(await page.locator(".raster-layer").first().innerText(), /No value in \d+ ?% of the area of interest/);
    assert.ok((await colours(page)) > 2);
    await page.getByText("It would become 2 covariates").waitFor();
    await idle(page);
    await shot(page, "raster-classes");
    await page.getByLabel("Take class 20").check();
    await page.getByText(/Leave one out: their shares add up to one/).waitFor();
    await page.getByLabel("Take class 20").uncheck();
    await settled(page);
    /* What was chosen is there after a reload. */
    await page.reload();
    await settled(page);
    assert.equal(await page.getByLabel("Name of class 10").inputValue(), "forest");
    assert.deepEqual(await violations(page), []);
    await page.locator(".raster-layers").scrollIntoViewIfNeeded();
    await shot(page, "raster-tried");
    await page.getByRole("button", { name: "Take in 2 covariates" }).click();
    await page.locator("#import-done").waitFor();
    await page.getByText("cover_forest", { exact: true }).waitFor();
    await shot(page, "raster-done");
    assert.deepEqual(await violations(page), []);
    /* The same again is nothing new. */
    await page.goto(`${here.home}/#/import`);
    await send(page, "cover.tif");
    await page.getByRole("radio", { name: "classes", exact: true }).waitFor();
    await page.getByLabel("Name of class 10").fill("forest");
    await page.getByLabel("Name of class 30").fill("fields");
    await page.waitForFunction(() => [...document.querySelectorAll(".raster-layer b")].map((b) => b.textContent).join() === "cover_forest,cover_fields");
    assert.deepEqual(await page.locator(".raster-layer small").allInnerTexts(), ["there already, the same", "there already, the same"]);
    await page.getByRole("button", { name: "Nothing new to take in" }).waitFor();
    assert.ok(await page.getByRole("button", { name: "Nothing new to take in" }).isDisabled());
    await done(page);
});

test("elevation that does not say where it lies, on a phone in Ukrainian, in the dark", LIMIT, async () => {
    const page = await open("#/import", { size: PHONE, scheme: "dark", locale: "uk-UA" });
    await send(page, "elevation.asc");
    await page.getByText("растр не каже, в якій він системі координат").waitFor();
    await page.getByText("файл не каже").first().waitFor();
    await page.locator(".handle").click().catch(() => undefined);
    await shot(page, "raster-no-system-phone-uk");
    await page.getByLabel("Система координат").fill("EPSG:4326");
    await settled(page);
    assert.match(await page.locator(".raster-layer").innerText(), /Має значення всюди в районі робіт/);
    assert.ok((await colours(page)) > 20);
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Узяти 1 чинник" }).scrollIntoViewIfNeeded();
    await shot(page, "raster-elevation-phone-uk");
    await page.getByRole("button", { name: "Узяти 1 чинник" }).click();
    await page.locator("#import-done").waitFor();
    assert.deepEqual(await violations(page), []);
    await done(page);
});

test("one that lies elsewhere, and one that is none, are refused in words", LIMIT, async () => {
    const page = await open("#/import", { size: LAPTOP, locale: "uk-UA" });
    await send(page, "elsewhere.tif");
    await page.getByText("растр і сітка не перекриваються").waitFor();
    assert.equal(await page.locator(".take-in").count(), 0);
    await idle(page);
    await shot(page, "raster-elsewhere-uk");
    assert.deepEqual(await violations(page), []);
    await page.goto(`${here.home}/#/import`);
    await send(page, "broken.tif");
    await page.getByText(/broken\.tif: це не растр, який можна прочитати/).waitFor();
    await done(page);
});
