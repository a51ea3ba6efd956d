/*
 * Photographs in the field view, as somebody in the field takes them along: Debian's Chromium on the real server, without a network, with one that breaks, with a
 * full device; both languages, a phone and a laptop.
 *
 *   node photos_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { LAPTOP, LIMIT, PHONE, done, end, here, logIn as logInMain, open, options, out, shot, start, violations, watch } from "./browser.mjs";
import { addAccount, serve } from "./district.mjs";
import { held, setLock, unlock } from "./locked.mjs";

const { chromium } = await import(path.join(options.modules, "playwright-core/index.mjs"));
const PASSWORD = "correct horse 7", PLACE = "48.12345N-SECRET";
const contexts = new Set();
let project, server, home, place, team, pictures;

async function phone(name, { size = PHONE, locale = "en-GB", dark = false } = {}) {
    const folder = path.join(out, "profiles", name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const context = await chromium.launchPersistentContext(folder, {
        executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"], viewport: size, locale, hasTouch: size === PHONE, colorScheme: dark ? "dark" : "light",
        deviceScaleFactor: size === PHONE ? 2 : 1, geolocation: { longitude: place[0], latitude: place[1], accuracy: 8 }, permissions: ["geolocation"], acceptDownloads: true,
    });
    contexts.add(context);
    context.on("close", () => contexts.delete(context));
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(30000);
    watch(page);
    return page;
}

const words = {
    en: { device: "Device", report: "Report", records: "Records", name: "Name", password: "Password", enter: "Log in", take: /Take along|Bring up to date/, taken: /^(Taken along|Nothing has changed)\.$/,
        accident: "Accident", mine: /^Use my position \(± \d/, keep: "Keep on this device", choose: "Choose pictures", remove: /^Remove/, received: "Received by the server" },
    uk: { device: "Пристрій", report: "Повідомити", records: "Записи", name: /^Ім['’]я$/, password: "Пароль", enter: "Увійти", take: /Взяти з собою|Оновити/, taken: /^(Взято|Нічого не змінилося)\.$/,
        accident: "Нещасний випадок", mine: /\(± \d/, keep: "Зберегти на пристрої", choose: "Вибрати зображення", remove: /^Прибрати/, received: "Отримано сервером" },
};

const tab = (page, name) => page.locator(".tabs a", { has: page.getByText(name, { exact: true }) }).click();

async function ready(page, who, w = words.en) {
    await page.goto(`${home}/field`);
    await page.waitForSelector(".tabs");
    await page.waitForFunction(() => navigator.serviceWorker.ready.then((r) => r.active?.state === "activated"));
    await page.locator('.tabs a[href="#device"]').click();
    await page.getByLabel(w.name).fill(who);
    await page.getByLabel(w.password).fill(PASSWORD);
    await page.getByRole("button", { name: w.enter }).click();
    await page.getByText(who, { exact: true }).waitFor();
    await setLock(page);
    await page.getByRole("button", { name: w.take }).click();
    await page.getByText(w.taken).waitFor();
}

async function begin(page, kind = "Accident") {
    await page.locator('.tabs a[href="#report"]').click();
    await page.locator(`button.big.${{ Accident: "accident", "Hazard report": "report", "Item found": "item" }[kind]}`).click();
}

const add = (page, ...files) => page.locator('input[type="file"][multiple]').setInputFiles(files);
const thumbs = (page, n) => page.waitForFunction((wanted) => [...document.querySelectorAll(".photo .thumb img")].filter((i) => i.naturalWidth > 0).length === wanted, n);
const shown = (page) => page.locator(".photo").count();

/* What the page keeps of photographs. */
async function kept(page) {
    const all = await held(page);
    const taken = all.photos.sort((p, q) => (p.made_at < q.made_at ? -1 : 1)); /* in the order of taking; ids are random */
    return { photos: taken.map(({ thumb, ...p }) => ({ ...p, thumb: thumb.length })), bytes: all["photo-bytes"].map((b) => ({ id: b.id, text: b.bytes.toString("latin1") })), records: all.records };
}

/* Real pictures, made by the browser; one as a camera writes it, with a place in it. */
async function makePictures(folder) {
    const page = await open("", { guest: true });
    const made = await page.evaluate(async () => {
        const of = async (width, height, hue, type) => {
            const canvas = Object.assign(document.createElement("canvas"), { width, height }), to = canvas.getContext("2d");
            for (let i = 0; i < 60; i++) {
                to.fillStyle = `hsl(${hue + i * 3} 60% ${30 + (i % 7) * 8}%)`;
                to.fillRect((i * 97) % width, (i * 61) % height, width / 5, height / 6);
            }
            to.fillStyle = "#fff";
            to.font = `${height / 8}px sans-serif`;
            to.fillText("⚠ 1", width / 3, height / 2);
            const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, 0.9));
            return [...new Uint8Array(await blob.arrayBuffer())];
        };
        return { camera: await of(4000, 3000, 20, "image/jpeg"), tall: await of(900, 1600, 120, "image/jpeg"), drawn: await of(640, 480, 220, "image/png"), fourth: await of(700, 500, 300, "image/jpeg") };
    });
    await page.context().close();
    const file = (name, bytes) => {
        writeFileSync(path.join(folder, name), bytes);
        return path.join(folder, name);
    };
    const camera = Buffer.from(made.camera), told = Buffer.from(`Exif\0\0MM\0*${PLACE}`, "latin1"), size = Buffer.alloc(2);
    size.writeUInt16BE(told.length + 2);
    return {
        camera: file("IMG_Olha_home.jpg", Buffer.concat([camera.subarray(0, 2), Buffer.from([0xff, 0xe1]), size, told, camera.subarray(2), Buffer.from(`film ${PLACE}`)])),
        tall: file("tall.jpg", Buffer.from(made.tall)), drawn: file("drawn.png", Buffer.from(made.drawn)), fourth: file("fourth.jpg", Buffer.from(made.fourth)),
        words: file("notes.jpg", Buffer.from("these are words and no picture")),
    };
}

before(async () => {
    await start();
    team = path.join(out, "team");
    rmSync(team, { recursive: true, force: true });
    mkdirSync(team, { recursive: true });
    project = path.join(team, "team.gpkg");
    cpSync(here.project, project);
    for (const [name, role] of [["Olha", "entry"], ["Petro", "entry"], ["Vira", "verifier"]]) addAccount(options.bin, project, name, role, PASSWORD);
    server = serve(options.bin, project, ...(options.pages ? ["--pages", options.pages] : []));
    home = new URL(await server.address).origin;
    const { areas } = await (await fetch(`${home}/api/1/field/package`)).json();
    const ring = areas.find((a) => !a.is_ended && a.geometry).geometry.coordinates.flat(2);
    place = [Math.min(...ring.filter((_, i) => i % 2 === 0)) - 0.004, Math.min(...ring.filter((_, i) => i % 2 === 1)) - 0.004];
    pictures = await makePictures(team);
}, { timeout: 400000 });

after(async () => {
    for (const context of contexts) await context.close().catch(() => undefined);
    await server?.stop();
    await end();
});

test("taken without a network: smaller, without what the camera told, kept over a dead browser, sent after the record, on the office's page", LIMIT, async () => {
    const page = await phone("olha");
    await ready(page, "Olha");
    await page.context().setOffline(true);
    await begin(page);
    await page.getByRole("button", { name: words.en.mine }).click();
    await page.getByLabel("Category").fill("AP mine");
    await add(page, pictures.camera, pictures.tall, pictures.drawn);
    await thumbs(page, 3);
    await page.getByText("Never go closer for a picture.", { exact: false }).waitFor();
    await page.locator(".photos").scrollIntoViewIfNeeded();
    await shot(page, "photos-form-phone");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Show photograph 1 of 3 large" }).click();
    await page.waitForFunction(() => document.querySelector(".large img")?.naturalWidth === 2048);
    await shot(page, "photos-large-phone");
    assert.deepEqual(await violations(page), []);
    await page.locator(".large").getByRole("button", { name: "Close" }).click();
    /* Nothing typed or taken is lost by a reload; what is removed is gone. */
    await page.reload();
    await unlock(page);
    await begin(page);
    await thumbs(page, 3);
    await page.locator(".photo").nth(2).getByRole("button", { name: words.en.remove }).click();
    await thumbs(page, 2);
    let held = await kept(page);
    for (const until = Date.now() + 10000; held.bytes.length !== 2 && Date.now() < until; held = await kept(page)); /* it goes off the screen first */
    assert.equal(held.bytes.length, 2);
    for (const b of held.bytes) assert.ok(!b.text.includes("SECRET") && !b.text.includes("Exif") && !b.text.includes("film"), "no place is left in the file");
    assert.deepEqual(held.photos.map((p) => [p.width, p.height]), [[2048, 1536], [900, 1600]]);
    assert.ok(held.photos.every((p) => p.name.startsWith("photo-") && p.thumb > 200 && p.thumb < 60000), "names of files are not kept either");
    await page.getByRole("button", { name: words.en.keep }).click();
    await page.locator(".record").first().waitFor();
    await thumbs(page, 2);
    held = await kept(page);
    assert.ok(held.photos.every((p) => p.record === held.records[0].id && p.stage === "kept"));
    await page.getByText(/2 photographs wait to be sent/).first().waitFor();
    await shot(page, "photos-kept-phone");
    assert.deepEqual(await violations(page), []);

    await page.context().setOffline(false);
    await page.waitForFunction(() => [...document.querySelectorAll(".photo .stage")].filter((e) => e.textContent === "Received by the server").length === 2);
    held = await kept(page);
    assert.ok(held.photos.every((p) => p.receipt.sha256 === p.sha256 && p.sha256 === createHash("sha256").update(Buffer.from(held.bytes.find((b) => b.id === p.id).text, "latin1")).digest("hex")), "each receipt is of the very bytes");
    await shot(page, "photos-received-phone");
    const code = held.records[0].receipt.code;
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save a copy as a file" }).click();
    await page.getByText("The file is not encrypted", { exact: false }).waitFor();
    await page.getByRole("button", { name: "Save it without encryption" }).click();
    const copy = JSON.parse(readFileSync(await (await saved).path(), "utf8"));
    assert.equal(copy.records.length, 1);
    assert.deepEqual(copy.photographs.map((p) => createHash("sha256").update(Buffer.from(p.jpeg_base64, "base64")).digest("hex")).sort(), held.photos.map((p) => p.sha256).sort());
    /* In the office. */
    const office = await open("", { guest: true, base: home });
    await logInMain(office, "Vira", PASSWORD);
    await office.goto(`${home}/#/records/accident/${code}`);
    const row = office.locator(".attachment").first();
    await row.getByRole("button", { name: /^Show/ }).click();
    await office.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth === 2048);
    await office.locator(".picture").scrollIntoViewIfNeeded();
    await shot(office, "photos-record-laptop");
    await done(office);
    /* Cleared by hand, with its photographs. */
    await page.getByRole("button", { name: "Clear from this device" }).click();
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.waitForFunction(() => !document.querySelector(".record"));
    held = await kept(page);
    assert.deepEqual([held.records.length, held.photos.length, held.bytes.length], [0, 0, 0]);
    await done(page);
});

test("a lost answer and a broken connection: each photograph comes once; a session that ends keeps them", LIMIT, async () => {
    const page = await phone("lost");
    await ready(page, "Olha");
    let posts = 0;
    await page.context().route("**/photographs?*", async (route) => {
        posts++;
        if (posts === 1) {
            await route.fetch(); /* the server has it; its answer does not arrive */
            return route.abort("connectionreset");
        }
        if (posts === 2) return route.abort("connectionreset"); /* the next one breaks before it is there */
        return route.continue();
    });
    await begin(page, "Item found");
    await page.getByRole("button", { name: words.en.mine }).click();
    await add(page, pictures.tall, pictures.fourth);
    await thumbs(page, 2);
    await page.getByRole("button", { name: words.en.keep }).click();
    await page.getByText("There is no network, or the server does not answer.", { exact: false }).first().waitFor();
    assert.equal(await page.locator(".record > .stage").first().innerText(), "Received by the server", "the words are there already");
    assert.equal(await page.getByRole("button", { name: "Clear from this device" }).count(), 0, "a record whose photographs wait stays");
    await page.getByRole("button", { name: "Send now" }).click(); /* asks first: the first one is there; the second breaks */
    await page.waitForFunction(() => [...document.querySelectorAll(".photo .stage")].filter((e) => e.textContent === "Received by the server").length === 1);
    await page.getByRole("button", { name: "Send now" }).click();
    await page.waitForFunction(() => [...document.querySelectorAll(".photo .stage")].filter((e) => e.textContent === "Received by the server").length === 2);
    assert.equal(posts, 3, "the one whose answer was lost was not sent again");
    const [record] = (await kept(page)).records;
    const came = await page.evaluate((id) => fetch(`/api/1/field/records/${id}/photographs`).then((r) => r.json()), record.id);
    assert.equal(came.photographs.length, 2);

    /* Further ones can be added to a record that has its receipt; the session ends meanwhile. */
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Add photographs" }).click();
    await add(page, pictures.drawn);
    await page.getByText(/Your session has ended/).waitFor();
    await shot(page, "photos-session-over-phone");
    assert.equal((await kept(page)).photos.filter((p) => p.stage === "kept").length, 1);
    await page.locator('.tabs a[href="#device"]').click();
    await page.getByLabel("Name").fill("Olha");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.locator('.tabs a[href="#records"]').click();
    await page.waitForFunction(() => [...document.querySelectorAll(".photo .stage")].filter((e) => e.textContent === "Received by the server").length === 3);
    await done(page);
});

test("what is no picture, one that is too large, too many, a full device: told, and nothing else is lost", LIMIT, async () => {
    const page = await phone("full");
    await ready(page, "Olha");
    await page.context().setOffline(true);
    await begin(page, "Hazard report");
    await page.getByRole("button", { name: words.en.mine }).click();
    await page.getByLabel("Description").fill("a red sign");
    await add(page, pictures.words, pictures.fourth);
    await page.getByText("notes.jpg is no picture that this device can read", { exact: false }).waitFor();
    await thumbs(page, 1);
    await shot(page, "photos-no-picture-phone");
    assert.deepEqual(await violations(page), []);
    /* Too large: said before it is read; the input takes it as a browser would. */
    await page.evaluate(() => {
        const input = document.querySelector('input[type="file"][multiple]'), list = new DataTransfer();
        list.items.add(new File([new Uint8Array(65 * 1024 * 1024)], "huge.jpg", { type: "image/jpeg" }));
        input.files = list.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await page.getByText(/^huge\.jpg has 6[58][.,]?\d* M.?B; at most/).waitFor();
    /* The browser gives no more room: it says so beforehand, or at the very moment. */
    const noRoom = page.getByText("There is no room for this photograph on the device: it is NOT kept.", { exact: false });
    await page.evaluate(() => { /* Chromium tells no page how full its disk is: 10 GiB are always left */
        globalThis.realEstimate = navigator.storage.estimate;
        navigator.storage.estimate = () => Promise.resolve({ usage: 6e6, quota: 8e6 });
    });
    await add(page, pictures.camera);
    await noRoom.waitFor();
    await page.evaluate(() => (navigator.storage.estimate = globalThis.realEstimate));
    await add(page, pictures.words);
    await page.getByText("notes.jpg is no picture", { exact: false }).waitFor();
    await page.evaluate(() => {
        globalThis.realPut = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function put(value) {
            if (this.name !== "photo-bytes") return globalThis.realPut.call(this, value);
            this.transaction.abort();
            throw new DOMException("full", "QuotaExceededError");
        };
    });
    await add(page, pictures.camera);
    await noRoom.waitFor();
    await page.evaluate(() => (IDBObjectStore.prototype.put = globalThis.realPut));
    await shot(page, "photos-no-room-phone");
    assert.equal((await kept(page)).photos.length, 1, "the first one stays");
    assert.equal(await page.getByLabel("Description").inputValue(), "a red sign");
    await add(page, ...Array(21).fill(pictures.drawn).map((file, i) => {
        const other = path.join(team, `many-${i}.png`);
        cpSync(file, other);
        return other; /* the same picture: each is one of its own on the device, and one of them at the server */
    }));
    await page.getByText("A record has at most 20 photographs.").waitFor({ timeout: 60000 });
    assert.equal(await shown(page), 20);
    /* Discarding the form takes its photographs along; nothing is left of them. */
    await page.getByRole("button", { name: "Discard what is typed" }).click();
    await page.locator("button.big").first().waitFor();
    await page.waitForFunction(() => new Promise((resolve) => {
        indexedDB.open("tilth-field-locked").onsuccess = (e) => {
            const db = e.target.result;
            db.transaction("photo-bytes").objectStore("photo-bytes").count().onsuccess = (n) => {
                db.close();
                resolve(n.target.result === 0);
            };
        };
    }));
    await done(page);
});

test("a photograph that the server refuses waits for a person; one of a refused record comes to the record that mends it", LIMIT, async () => {
    const page = await phone("refused");
    await ready(page, "Petro");
    let refuse = true;
    await page.context().route("**/photographs?*", (route) => (refuse ? route.fulfill({ status: 422, contentType: "application/json", body: JSON.stringify({ schema: "tilth.error/1", error: "TL_EDATA", message: "this is no photograph" }) }) : route.continue()));
    await begin(page);
    await page.getByRole("button", { name: words.en.mine }).click();
    await page.getByLabel("Injured").fill("-4");
    await add(page, pictures.fourth);
    await thumbs(page, 1);
    await page.getByRole("button", { name: words.en.keep }).click();
    await page.getByText("Refused by the server").waitFor();
    await page.getByText("The server says: this is no photograph").waitFor();
    await shot(page, "photos-refused-phone");
    assert.deepEqual(await violations(page), []);
    refuse = false;
    await page.getByRole("button", { name: /^Send again/ }).click();
    await page.locator(".photo .stage", { hasText: "Received by the server" }).waitFor();
    /* The office sees it beside what was refused. */
    const office = await open("", { guest: true, base: home });
    await logInMain(office, "Vira", PASSWORD);
    await office.goto(`${home}/#/conflicts`);
    const came = office.getByRole("group", { name: "Photographs that came with it" }).first();
    await came.getByRole("button", { name: /^Show/ }).click();
    await office.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth === 700);
    await came.scrollIntoViewIfNeeded();
    await shot(office, "photos-conflicts-laptop");
    assert.deepEqual(await violations(office), []);
    await page.getByRole("button", { name: "Mend it" }).click();
    await page.getByText("Photographs of the refused record: 1. They come to this one by themselves.").waitFor();
    await page.getByLabel("Injured").fill("4");
    await add(page, pictures.tall);
    await thumbs(page, 1);
    await page.getByRole("button", { name: words.en.keep }).click();
    await page.waitForFunction(() => [...document.querySelectorAll(".photo .stage")].filter((e) => e.textContent === "Received by the server").length === 2);
    const { records } = await kept(page);
    const code = records.find((r) => r.receipt?.code)?.receipt.code;
    const attached = await page.evaluate((c) => fetch(`/api/1/records/accident/${c}/attachments`).then((r) => r.json()), code);
    assert.equal(attached.attachments.length, 2, "both hang on the record that was entered");
    await done(office);
    await done(page);
});

test("Ukrainian, at night, on a phone and a laptop", LIMIT, async () => {
    for (const [name, size] of [["phone", PHONE], ["laptop", LAPTOP]]) {
        const page = await phone(`uk-${name}`, { size, locale: "uk-UA" });
        await ready(page, "Olha", words.uk);
        await page.getByLabel("Темний вигляд, для ночі").check();
        await page.context().setOffline(true);
        await begin(page);
        await page.getByRole("button", { name: words.uk.mine }).click();
        await add(page, pictures.camera, pictures.fourth);
        await thumbs(page, 2);
        await page.getByText("Ніколи не підходьте ближче заради знімка.", { exact: false }).scrollIntoViewIfNeeded();
        await shot(page, `photos-form-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        await page.getByRole("button", { name: words.uk.keep }).click();
        await thumbs(page, 2);
        await shot(page, `photos-kept-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the screen");
        await done(page);
    }
});
