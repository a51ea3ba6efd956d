/*
 * The field view's lock: what lies on the device says nothing without the passphrase, whatever happens to page, browser or person; Debian's Chromium on the real server.
 *
 *   node lock_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { LAPTOP, LIMIT, PHONE, done, end, figures, here, open, options, out, shot, start, violations, watch } from "./browser.mjs";
import { addAccount, serve } from "./district.mjs";
import { PHRASE, held, raw, setLock, unlock } from "./locked.mjs";

const { chromium } = await import(path.join(options.modules, "playwright-core/index.mjs"));
const PASSWORD = "correct horse 7", SECRET = "zhovtyj-stovp-7731", TYPED = "napivslovo-5519", OLD = "tilth-field";
const contexts = new Set();
let project, server, home, place, team, picture;

const profile = (name) => path.join(out, "profiles", name);

async function phone(name, { size = PHONE, locale = "en-GB", fresh = true, args = [] } = {}) {
    if (fresh) rmSync(profile(name), { recursive: true, force: true });
    mkdirSync(profile(name), { recursive: true });
    const context = await chromium.launchPersistentContext(profile(name), {
        executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", ...args], viewport: size, locale, hasTouch: size === PHONE,
        deviceScaleFactor: size === PHONE ? 2 : 1, geolocation: { longitude: place[0], latitude: place[1], accuracy: 8 }, permissions: ["geolocation"], acceptDownloads: true,
    });
    contexts.add(context);
    context.on("close", () => contexts.delete(context));
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(30000);
    watch(page);
    return page;
}

const tab = (page, at) => page.locator(`.tabs a[href="#${at}"]`).click();

async function opened(page, at = home) {
    await page.goto(`${at}/field`);
    await page.waitForSelector(".tabs");
    if (at === home) await page.waitForFunction(() => navigator.serviceWorker.ready.then((r) => r.active?.state === "activated"));
}

async function logIn(page, name = "Olha") {
    await tab(page, "device");
    await page.locator("#login-name").fill(name);
    await page.locator("#login-password").fill(PASSWORD);
    await page.locator('form:has(#login-password) button[type="submit"]').click();
    await page.getByText(name, { exact: true }).waitFor();
}

async function ready(page, records = false) {
    await opened(page);
    await logIn(page);
    await setLock(page);
    if (records) await page.getByLabel(/Take accidents, items and reports along/).check();
    await page.getByRole("button", { name: /Take along|Взяти з собою/ }).click();
    await page.getByText(/^(Taken along|Взято)\.$/).waitFor();
}

async function begin(page, kind = "report") {
    await tab(page, "report");
    await page.locator(`button.big.${kind}`).click();
}

const useMine = (page) => page.locator("fieldset.group button.plain").first().click();
const keepIt = async (page) => {
    await page.locator('form.form button[type="submit"]').click();
    await page.locator(".record").first().waitFor();
};
const add = (page, ...files) => page.locator('input[type="file"][multiple]').setInputFiles(files);
const thumbs = (page, n) => page.waitForFunction((wanted) => [...document.querySelectorAll(".photo .thumb img")].filter((i) => i.naturalWidth > 0).length === wanted, n);
const isShut = (page) => page.locator("#phrase").waitFor();

/* All bytes of a database as one piece: rows' own words as JSON, and their bytes. */
function pieces(value, found = []) {
    if (Buffer.isBuffer(value)) found.push(value);
    else if (value && typeof value === "object") for (const [k, v] of Object.entries(value)) pieces(v, (found.push(Buffer.from(k)), found));
    else found.push(Buffer.from(String(value)));
    return found;
}

/* How every picture of this page begins. */
const HEAD = Buffer.from("ffd8ffe000104a464946", "hex");

const saysOf = (buffers, text) => {
    const one = Buffer.from(text), two = Buffer.isBuffer(text) ? one : Buffer.from(text, "utf16le");
    return buffers.some((b) => b.includes(one) || b.includes(two));
};

/* Every file of a profile. */
function files(folder) {
    return readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name)).filter((name) => {
        try {
            return statSync(name).isFile();
        } catch {
            return false;
        }
    });
}
const onDisk = (folder, text) => files(folder).filter((name) => saysOf([readFileSync(name)], text)).map((name) => path.relative(folder, name));

async function kill(page) {
    const dead = new Promise((resolve) => page.context().on("close", resolve));
    const cdp = await page.context().browser()?.newBrowserCDPSession().catch(() => null) ?? (await page.context().newCDPSession(page));
    await cdp.send("Browser.crash").catch(() => undefined); /* does not end: it dies */
    await dead;
}

async function makePicture(folder) {
    const page = await open("", { guest: true });
    const bytes = await page.evaluate(async () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 1200, height: 900 }), to = canvas.getContext("2d");
        for (let i = 0; i < 60; i++) {
            to.fillStyle = `hsl(${i * 6} 60% 50%)`;
            to.fillRect((i * 97) % 1200, (i * 61) % 900, 240, 150);
        }
        return [...new Uint8Array(await (await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9))).arrayBuffer())];
    });
    await page.context().close();
    writeFileSync(path.join(folder, "picture.jpg"), Buffer.from(bytes));
    return path.join(folder, "picture.jpg");
}

before(async () => {
    await start();
    team = path.join(out, "team");
    rmSync(team, { recursive: true, force: true });
    mkdirSync(team, { recursive: true });
    project = path.join(team, "team.gpkg");
    cpSync(here.project, project);
    for (const [name, role] of [["Olha", "entry"], ["Vira", "verifier"]]) addAccount(options.bin, project, name, role, PASSWORD);
    server = serve(options.bin, project, "--name", "field.test", ...(options.pages ? ["--pages", options.pages] : []));
    home = `http://127.0.0.1:${new URL(await server.address).port}`; /* the address that is printed has the name */
    const { areas } = await (await fetch(`${home}/api/1/field/package`)).json();
    const ring = areas.find((a) => !a.is_ended && a.geometry).geometry.coordinates.flat(2);
    place = [Math.min(...ring.filter((_, i) => i % 2 === 0)) - 0.00412345, Math.min(...ring.filter((_, i) => i % 2 === 1)) - 0.00412345];
    picture = await makePicture(team);
}, { timeout: 400000 });

after(async () => {
    for (const context of contexts) await context.close().catch(() => undefined);
    await server?.stop();
    await end();
});

test("nothing that lies on the device says a word, a place or shows a picture: databases, caches, files of the browser", LIMIT, async () => {
    const page = await phone("silent");
    await ready(page, true);
    await shot(page, "lock-device-phone");
    assert.deepEqual(await violations(page), []);
    await page.context().setOffline(true);
    await begin(page);
    await useMine(page);
    await page.getByLabel("Description").fill(SECRET);
    await add(page, picture);
    await thumbs(page, 1);
    await keepIt(page);
    await begin(page, "item");
    await page.getByLabel("Model").fill(TYPED);
    await page.waitForTimeout(500);
    /* A correction of a record that came along: its code is in the form's name. */
    await tab(page, "report");
    await page.getByLabel("Code or words").fill("AC-0001");
    await page.getByRole("button", { name: /^AC-0001/ }).first().click();
    await page.getByLabel("Remarks").fill(`${TYPED}-b`);
    await page.waitForTimeout(500);

    const inside = await held(page), open_ = pieces(inside), lon = String(place[0]).slice(0, 9);
    const words = [SECRET, TYPED, lon, "AC-0001", HEAD, "HA-0001", "geometry", "description"];
    for (const word of words) if (!saysOf(open_, word)) assert.fail(`the control: opened, it says "${word}"`);
    assert.deepEqual([inside.records.length, inside.photos.length, inside["photo-bytes"].length, inside.forms.length], [1, 1, 1, 2]);
    const rows = await raw(page), shut = pieces(rows);
    for (const word of words) assert.ok(!saysOf(shut, word), `locked, nothing says "${word}"`);
    assert.deepEqual(rows.open.map((r) => [r.id, Object.keys(r.value).sort()]), [["help", ["contacts", "title", "words"]]], "numbers to call lie open, and nothing else");
    const ivs = [...rows.records, ...rows.forms, ...rows.photos, ...rows["photo-bytes"], ...rows.packs].map((r) => r.iv.toString("hex"));
    assert.equal(new Set(ivs).size, ivs.length, "no nonce twice");
    /* Whether a report is long or short is not told by its row. */
    assert.equal((rows.records[0].sealed.length - 16) % 1024, 0);
    const stored = await page.evaluate(async () => ({ local: JSON.stringify({ ...localStorage }), session: JSON.stringify({ ...sessionStorage }), databases: (await indexedDB.databases()).map((d) => d.name),
        cached: (await Promise.all((await caches.keys()).map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname)))).flat() }));
    assert.deepEqual(stored.databases, ["tilth-field-locked"]);
    assert.ok(stored.cached.every((p) => !p.startsWith("/api")), "the worker keeps the page's own files only");
    for (const word of words) assert.ok(!saysOf([Buffer.from(stored.local + stored.session)], word));
    await done(page);
    /* The browser is gone: what is left in its files. */
    for (const word of [SECRET, TYPED, lon, "AC-0001", HEAD, "HA-0001"]) assert.deepEqual(onDisk(profile("silent"), word), [], `no file of the browser says "${word}"`);
    /* Its cache packs what it keeps, so that words are not found: the addresses tell. */
    const cached = (address) => onDisk(profile("silent"), address).filter((name) => /^Default.Cache/.test(name));
    assert.deepEqual(cached("/api/1/field/"), [], "nor does its cache hold what was taken along");
    assert.ok(cached("/assets/field-").length > 0, "the control: the page's own files are there");
    assert.ok(onDisk(profile("silent"), "tilth-field-locked").length > 0, "the control: the name of the database is found in its files");
});

test("it locks by the button, without a touch, out of sight, and at each start; the form is there again", LIMIT, async () => {
    const page = await phone("locks");
    await page.clock.install();
    await ready(page);
    await page.context().setOffline(true);
    await begin(page);
    await useMine(page);
    await page.getByLabel("Description").fill("half a sentence");
    await page.locator("header button.small").click();
    await isShut(page);
    assert.equal(await page.getByText("half a sentence").count(), 0);
    assert.deepEqual(await page.locator(".tabs a").evaluateAll((all) => all.map((a) => a.getAttribute("href"))), ["#place", "#help"], "whom to call is there without the passphrase");
    await shot(page, "lock-locked-phone");
    assert.deepEqual(await violations(page), []);
    await tab(page, "help");
    await page.getByText("Do not touch it, do not move it", { exact: false }).waitFor();
    await tab(page, "place");
    await unlock(page);
    await page.waitForFunction(() => document.querySelector("#column-description")?.value === "half a sentence");
    /* Without a touch: said half a minute before, and a touch puts it off. */
    await page.clock.fastForward("04:40");
    await page.locator(".soon").waitFor();
    await shot(page, "lock-soon-phone");
    assert.deepEqual(await violations(page), []);
    await page.locator("h1").first().click();
    await page.locator(".soon").waitFor({ state: "detached" });
    await page.clock.fastForward("04:00");
    await page.waitForTimeout(1500);
    assert.equal(await page.locator("#phrase").count(), 0);
    await page.clock.fastForward("01:30");
    await isShut(page);
    await unlock(page);
    await page.waitForFunction(() => document.querySelector("#column-description")?.value === "half a sentence");
    await keepIt(page);
    assert.equal((await held(page)).forms.length, 0, "a record that is kept leaves no form");
    /* Out of sight for two minutes. */
    const away = (state) => page.evaluate((s) => {
        Object.defineProperty(document, "visibilityState", { value: s, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }, state);
    await away("hidden");
    await page.clock.fastForward("01:50");
    await away("visible");
    await page.waitForTimeout(1500);
    assert.equal(await page.locator("#phrase").count(), 0);
    await away("hidden");
    await page.clock.fastForward("02:05");
    await away("visible");
    await isShut(page);
    await page.getByText("1 record is on this device only. Sending goes on only while this page is open and unlocked.", { exact: false }).waitFor();
    await unlock(page);
    /* While a picture is taken other programs have the screen: it waits for that. */
    await begin(page, "item");
    await page.locator('input[type="file"][multiple]').waitFor({ state: "attached" });
    await page.evaluate(() => document.querySelector('input[type="file"][multiple]').addEventListener("click", (e) => e.preventDefault(), { once: true }));
    await page.locator('input[type="file"][multiple]').dispatchEvent("click");
    await away("hidden");
    await page.clock.fastForward("06:00");
    await away("visible");
    await add(page, picture);
    await thumbs(page, 1);
    assert.equal(await page.locator("#phrase").count(), 0);
    /* A start begins locked, offline too. */
    await page.reload();
    await isShut(page);
    await unlock(page);
    await begin(page, "item");
    await thumbs(page, 1);
    await done(page);
});

test("a wrong passphrase: told, and each further one waits longer, over a reload as well", LIMIT, async () => {
    const page = await phone("wrong");
    await ready(page);
    await page.locator("header button.small").click();
    const attempt = async (phrase) => {
        await page.locator("#phrase").fill(phrase);
        await page.locator('form:has(#phrase) button[type="submit"]').click();
    };
    for (let i = 0; i < 3; i++) {
        await attempt(`wrong ${i}`);
        await page.getByText("That is not the passphrase.").waitFor();
        await page.waitForFunction(() => document.querySelector("#phrase").value === "");
    }
    await page.getByText(/^The next try waits [345] s\.$/).waitFor();
    await page.locator("#phrase").fill(PHRASE);
    assert.ok(await page.locator('form:has(#phrase) button[type="submit"]').isDisabled());
    await shot(page, "lock-wrong-phone");
    assert.deepEqual(await violations(page), []);
    await page.reload();
    await page.getByText(/^The next try waits \d s\.$/).waitFor();
    await page.waitForFunction(() => !document.querySelector(".hint.figures"));
    await attempt("wrong again");
    await page.getByText(/^The next try waits (10|9|8) s\.$/).waitFor();
    assert.equal((await raw(page)).lock.find((r) => r.id === "tries").wrong, 4);
    await page.waitForFunction(() => !document.querySelector(".hint.figures"), null, { timeout: 15000 });
    await unlock(page);
    assert.equal((await raw(page)).lock.find((r) => r.id === "tries"), undefined, "the right one begins anew");
    await done(page);
});

test("another passphrase: not a record is sealed anew, and the old one opens nothing", LIMIT, async () => {
    const page = await phone("change");
    await opened(page);
    await logIn(page);
    /* What is short is called so, what is too short or typed differently is not taken. */
    await page.locator("#phrase-new").fill("2468");
    await page.getByText("This is short.", { exact: false }).waitFor();
    await page.getByRole("button", { name: "Set the lock" }).click();
    await page.getByRole("alert").getByText("A passphrase has at least 6 characters.").waitFor();
    await page.locator("#phrase-new").fill("чотири довгі слова");
    await page.locator("#phrase-twice").fill("чотири довгі слов");
    await page.getByRole("button", { name: "Set the lock" }).click();
    await page.getByRole("alert").getByText("The two are not the same.").waitFor();
    await page.getByRole("alert").scrollIntoViewIfNeeded();
    await shot(page, "lock-set-phone");
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.getByRole("button", { name: "Take along" }).count(), 0, "without a lock nothing is taken along by whoever is logged in");
    await setLock(page);
    await page.getByRole("button", { name: "Take along" }).click();
    await page.getByText("Taken along.").waitFor();
    await page.context().setOffline(true);
    await begin(page);
    await useMine(page);
    await page.getByLabel("Description").fill(SECRET);
    await keepIt(page);
    const earlier = await raw(page);
    await tab(page, "device");
    await page.getByRole("button", { name: "Change the passphrase" }).click();
    await page.locator("#phrase-old").fill("not it at all");
    await page.locator("#phrase-new").fill("five other words of mine");
    await page.locator("#phrase-twice").fill("five other words of mine");
    await page.locator("form").getByRole("button", { name: "Change the passphrase" }).click();
    await page.getByText("That is not the passphrase.").waitFor();
    await page.locator("#phrase-old").fill(PHRASE);
    await page.locator("form").getByRole("button", { name: "Change the passphrase" }).scrollIntoViewIfNeeded();
    await shot(page, "lock-change-phone");
    assert.deepEqual(await violations(page), []);
    await page.locator("form").getByRole("button", { name: "Change the passphrase" }).click();
    await page.getByText("The passphrase is changed.").waitFor();
    const later = await raw(page);
    assert.deepEqual({ ...later, lock: 0 }, { ...earlier, lock: 0 }, "each row is as it was, byte for byte");
    assert.notDeepEqual(later.lock, earlier.lock);
    await assert.rejects(held(page, PHRASE));
    assert.equal(JSON.parse((await held(page, "five other words of mine")).records[0].body).columns.description, SECRET);
    await page.reload();
    await page.locator("#phrase").fill(PHRASE);
    await page.locator('form:has(#phrase) button[type="submit"]').click();
    await page.getByText("That is not the passphrase.").waitFor();
    await unlock(page, " five other words of mine "); /* a keyboard's own blanks at the ends do not count */
    await tab(page, "records");
    await page.getByText(SECRET).waitFor();
    await done(page);
});

test("forgotten: wiped only after what is lost was said, twice; then the page begins anew", LIMIT, async () => {
    const page = await phone("forgotten");
    await ready(page);
    await page.context().setOffline(true);
    for (const n of [1, 2]) {
        await begin(page);
        await useMine(page);
        await page.getByLabel("Description").fill(`${SECRET} ${n}`);
        if (n === 1) {
            await add(page, picture);
            await thumbs(page, 1);
        }
        await keepIt(page);
    }
    const second = await page.context().newPage();
    watch(second);
    await second.goto(`${home}/field`);
    await unlock(second);
    await page.reload();
    await isShut(page);
    await page.getByRole("button", { name: "I have forgotten the passphrase" }).click();
    await page.getByText("The server has not received these, and they will be lost: reports: 2, photographs: 1, forms half filled in: 0.").waitFor();
    await page.getByRole("button", { name: "Go on to wipe" }).click();
    assert.ok(await page.getByRole("button", { name: "Wipe now" }).isDisabled());
    await page.getByRole("button", { name: "Wipe now" }).scrollIntoViewIfNeeded();
    await shot(page, "lock-wipe-phone");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Back" }).click();
    assert.equal((await raw(page)).records.length, 2, "nothing has gone yet");
    await page.getByRole("button", { name: "I have forgotten the passphrase" }).click();
    await page.getByRole("button", { name: "Go on to wipe" }).click();
    await page.getByLabel("I know that this cannot be undone.").check();
    const reloaded = page.waitForEvent("load");
    await page.getByRole("button", { name: "Wipe now" }).click();
    await reloaded;
    await page.locator('.tabs a[href="#device"]').waitFor();
    await second.locator('.tabs a[href="#device"]').waitFor();
    await second.waitForFunction(() => !document.querySelector("header button.small"));
    const rows = await raw(page);
    assert.ok(Object.values(rows).every((all) => all.length === 0), JSON.stringify(Object.fromEntries(Object.entries(rows).map(([k, v]) => [k, v.length]))));
    await second.close();
    /* Without a network nobody is logged out: it is made up for when there is one. */
    await page.context().setOffline(false);
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await page.locator("#login-name").or(page.locator('.tabs a[href="#device"]')).first().waitFor();
    await tab(page, "device");
    await page.locator("#login-name").waitFor();
    assert.equal((await page.evaluate(async () => (await (await fetch("/api/1/session")).json()).role)), "guest");
    await ready(page);
    await done(page);
});

/* In the page: a database as the version before the lock left it, open to everybody. */
async function seedOld(page, n) {
    const bytes = [...readFileSync(picture)];
    await page.evaluate(async ({ count, secret, jpeg, lon, lat }) => {
        const session = await (await fetch("/api/1/session")).json();
        const body = await (await fetch("/api/1/field/package?district=all&records=yes", { cache: "no-store" })).json();
        const db = await new Promise((resolve, reject) => {
            const asked = indexedDB.open("tilth-field", 2);
            asked.onupgradeneeded = () => {
                for (const name of ["records", "packs", "forms", "photo-bytes"]) asked.result.createObjectStore(name, { keyPath: "id" });
                asked.result.createObjectStore("photos", { keyPath: "id" }).createIndex("record", "record");
            };
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = () => reject(asked.error);
        });
        const t = db.transaction([...db.objectStoreNames], "readwrite"), hex = (b) => [...new Uint8Array(b)].map((v) => v.toString(16).padStart(2, "0")).join("");
        const rows = [];
        for (let i = 0; i < count; i++) {
            const id = `11111111-2222-4333-8444-${String(i).padStart(12, "0")}`;
            rows.push({ id, text: JSON.stringify({ id, kind: "report", made_at: `2026-11-20T10:00:0${i % 10}.000Z`, device: "old", project: body.project, columns: { date: "2026-11-20", description: `${secret} ${i}` }, geometry: { type: "Point", coordinates: [lon, lat] } }) });
        }
        t.objectStore("packs").put({ id: "all", etag: "x", fetched_at: "2026-11-20T09:00:00.000Z", person: session.name, with_records: true, body });
        t.objectStore("forms").put({ id: "item/", form: { values: { model: secret }, remarks: "", place: null, typed: "", outside: false, base: null, mends: "", replaces: "", photos: [] } });
        const done_ = new Promise((resolve, reject) => ((t.oncomplete = resolve), (t.onabort = () => reject(t.error))));
        for (const { id, text } of rows) t.objectStore("records").put({ id, kind: "report", stage: "kept", body: text, sha256: "", made_at: JSON.parse(text).made_at, person: session.name, project: body.project, tries: 0, trouble: "", receipt: null, mended_by: "", has_left: false });
        for (const [i, { id }] of rows.slice(0, 3).entries()) {
            const photo = `99999999-2222-4333-8444-${String(i).padStart(12, "0")}`;
            t.objectStore("photos").put({ id: photo, record: id, stage: "kept", name: `photo-${i}.jpg`, sha256: "", bytes: jpeg.length, width: 1200, height: 900, made_at: `2026-11-20T10:01:0${i}.000Z`, thumb: new Uint8Array(jpeg).buffer, tries: 0, trouble: "", receipt: null, has_left: false });
            t.objectStore("photo-bytes").put({ id: photo, bytes: new Uint8Array(jpeg).buffer });
        }
        await done_;
        for (const { id, text } of rows) {
            const sha256 = crypto.subtle ? hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))) : "";
            const u = db.transaction("records", "readwrite"), s = u.objectStore("records"), asked = s.get(id);
            asked.onsuccess = () => s.put({ ...asked.result, sha256 });
            await new Promise((resolve) => (u.oncomplete = resolve));
        }
        db.close();
    }, { count: n, secret: SECRET, jpeg: bytes, lon: place[0], lat: place[1] });
}

const sum = (buffer) => createHash("sha256").update(buffer).digest("hex");
const plain = (stores) => Object.fromEntries(["records", "packs", "forms", "photos", "photo-bytes"].map((s) => [s, (stores[s] ?? []).map((r) => JSON.stringify(r, (k, v) => (v?.type === "Buffer" ? sum(Buffer.from(v.data)) : v))).sort()]));

test("what an older version kept open is locked at the first start; killed in the middle twice, nothing is lost and nothing doubled", { timeout: 240000 }, async () => {
    let page = await phone("older");
    await opened(page);
    await logIn(page);
    await seedOld(page, 6);
    const was = await raw(page, OLD), wanted = plain(was);
    assert.deepEqual(Object.values(wanted).map((r) => r.length), [6, 1, 1, 3, 3]);
    await page.reload();
    await page.getByText("An older version of this page kept reports or exact places here without encryption.", { exact: false }).waitFor();
    assert.equal(await page.locator('.tabs a[href="#records"]').count(), 0, "nothing goes on before");
    await shot(page, "lock-older-phone");
    assert.deepEqual(await violations(page), []);
    await page.context().close();
    const openBefore = onDisk(profile("older"), SECRET);
    assert.ok(openBefore.length > 0, "the control: what lies open is found in the browser's files");

    /* The browser is killed at the n-th row that is to be written or taken out: there the page asks something, and nobody answers. */
    const cut = async (method, name, n, act) => {
        page = await phone("older", { fresh: false });
        await page.addInitScript((at) => {
            let seen = 0;
            const real = IDBObjectStore.prototype[at.method];
            IDBObjectStore.prototype[at.method] = function call(...all) {
                if (this.transaction.db.name === at.name && this.name !== "lock" && this.name !== "open" && ++seen === at.n) alert("there");
                return real.apply(this, all);
            };
        }, { method, name, n });
        const there = new Promise((resolve) => page.on("dialog", resolve));
        await page.context().setOffline(true);
        await page.goto(`${home}/field`);
        await act(page);
        await there;
        await kill(page);
    };
    const type = async (p, id) => {
        await p.locator(id).fill(PHRASE);
        if (id === "#phrase-new") await p.locator("#phrase-twice").fill(PHRASE);
        await p.locator(`form:has(${id}) button[type="submit"]`).click({ noWaitAfter: true });
    };
    await cut("delete", OLD, 3, (p) => type(p, "#phrase-new")); /* sealed and written, and still in the old one */
    await cut("put", "tilth-field-locked", 2, (p) => type(p, "#phrase")); /* before it is written */

    page = await phone("older", { fresh: false });
    await page.context().setOffline(true);
    await page.goto(`${home}/field`);
    await isShut(page);
    const half = [await raw(page, OLD), await raw(page)].map((all) => all.records.length);
    assert.ok(half[0] > 0 && half[0] < 6 && half[1] > 0 && half[1] < 6, `in the middle of it: ${half}`);
    await unlock(page);
    await tab(page, "records");
    assert.equal(await page.locator(".record").count(), 6);
    await thumbs(page, 3);
    assert.deepEqual(plain(await held(page)), wanted, "the same rows, word for word and picture for picture");
    assert.deepEqual(await page.evaluate(async () => (await indexedDB.databases()).map((d) => d.name)), ["tilth-field-locked"]);
    await begin(page, "item");
    await page.waitForFunction((v) => document.querySelector("#column-model")?.value === v, SECRET);
    /* And they go to the server, each once. */
    await page.context().setOffline(false);
    await tab(page, "records");
    const ended = page.getByText(/Your session has ended/), received = page.locator(".record > .stage", { hasText: "Received by the server" });
    await ended.or(received.first()).first().waitFor();
    if (await ended.isVisible()) {
        await logIn(page);
        await tab(page, "records");
    }
    await page.waitForFunction(() => [...document.querySelectorAll(".record > .stage")].filter((s) => s.textContent === "Received by the server").length === 6);
    await page.context().close();
    figures.files_with_old_words = [openBefore.length, onDisk(profile("older"), SECRET).length];
});

test("on an address that begins with http nothing is kept that needs a lock; what is there from before can be sent and wiped", LIMIT, async () => {
    const at = `http://field.test:${new URL(home).port}`;
    const page = await phone("http", { args: ["--host-resolver-rules=MAP field.test 127.0.0.1"] });
    await opened(page, at);
    assert.equal(await page.evaluate(() => typeof crypto.subtle), "undefined", "the control: the browser has no means here");
    await logIn(page);
    await page.getByText("This address begins with http", { exact: false }).first().waitFor();
    await shot(page, "lock-http-phone");
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.getByRole("button", { name: "Take along" }).count(), 0);
    await tab(page, "report");
    await page.getByText("So no reports are taken on it", { exact: false }).waitFor();
    assert.equal(await page.locator("button.big").count(), 0);
    const rows = await raw(page);
    assert.ok(Object.values(rows).every((all) => all.length === 0), "nothing is kept");
    /* From before. */
    await seedOld(page, 1);
    await page.reload();
    await tab(page, "records");
    await page.getByText("Received by the server", { exact: true }).first().waitFor();
    await tab(page, "device");
    await page.getByText("An older version of this page left reports or exact places here", { exact: false }).first().waitFor();
    await tab(page, "report");
    assert.equal(await page.locator("button.big").count(), 0, "nothing is added to it");
    await tab(page, "device");
    await page.getByRole("button", { name: "Wipe this device's copy" }).click();
    await page.getByRole("button", { name: "Go on to wipe" }).click();
    await page.getByLabel("I know that this cannot be undone.").check();
    const reloaded = page.waitForEvent("load");
    await page.getByRole("button", { name: "Wipe now" }).click();
    await reloaded;
    await page.locator('.tabs a[href="#device"]').waitFor();
    assert.deepEqual(await raw(page, OLD), {});
    await done(page);
});

test("what it costs: setting, opening, a hundred records with photographs", LIMIT, async () => {
    const page = await phone("cost");
    await opened(page);
    await logIn(page);
    await seedOld(page, 100);
    await page.reload();
    const timed = async (act) => {
        const from = Date.now();
        await act();
        return Date.now() - from;
    };
    await page.context().setOffline(true);
    await page.locator("#phrase-new").waitFor();
    figures.lock_moving_100_ms = await timed(async () => {
        await page.locator("#phrase-new").fill(PHRASE);
        await page.locator("#phrase-twice").fill(PHRASE);
        await page.locator('form:has(#phrase-new) button[type="submit"]').click();
        await page.locator("header button.small").waitFor();
    });
    await page.locator("header button.small").click();
    figures.lock_opening_100_ms = await timed(() => unlock(page));
    /* As on a processor of a sixth: what the page itself does; the browser's cryptography goes on as fast as here. */
    const cdp = await page.context().newCDPSession(page);
    await page.locator("header button.small").click();
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 6 });
    figures.lock_opening_100_slow_ms = await timed(() => unlock(page));
    await begin(page, "item");
    await page.locator("#column-model").waitFor();
    await page.evaluate(() => {
        const put = IDBObjectStore.prototype.put;
        globalThis.lag = { strokes: 0, puts: 0, at: 0, ms: 0 };
        addEventListener("input", () => Object.assign(globalThis.lag, { strokes: ++globalThis.lag.strokes, at: performance.now() }), true);
        IDBObjectStore.prototype.put = function call(...all) {
            if (this.name === "forms") this.transaction.addEventListener("complete", () => Object.assign(globalThis.lag, { puts: ++globalThis.lag.puts, ms: performance.now() - globalThis.lag.at }));
            return put.apply(this, all);
        };
    });
    await page.locator("#column-model").pressSequentially("PMN-2 found beside the road");
    await page.waitForTimeout(3000);
    figures.lock_strokes_slow = await page.evaluate(() => ({ ...globalThis.lag, at: undefined }));
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    const typed = await page.locator("#column-model").inputValue();
    assert.ok(typed.includes("PMN-2 found beside the road"));
    assert.deepEqual((await held(page)).forms.map((f) => f.form.values.model), [typed], "the last stroke is the one that is kept");
    const rows = await raw(page);
    figures.lock_rounds = rows.lock[0].iterations;
    assert.ok(figures.lock_rounds >= 600000 && rows.records.length === 100);
    await done(page);
});

test("Ukrainian, at night, on a phone and a laptop", LIMIT, async () => {
    for (const [name, size] of [["phone", PHONE], ["laptop", LAPTOP]]) {
        const page = await phone(`uk-${name}`, { size, locale: "uk-UA" });
        await opened(page);
        await logIn(page);
        await page.getByLabel("Темний вигляд, для ночі").check();
        await page.locator("#phrase-new").fill("13579024");
        await page.getByText("Вона коротка.", { exact: false }).scrollIntoViewIfNeeded();
        await shot(page, `lock-set-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        await setLock(page);
        await page.getByLabel("Блокувати без дотику через").selectOption("15");
        await page.getByLabel("Блокувати без дотику через").scrollIntoViewIfNeeded();
        await shot(page, `lock-device-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        await page.locator("header button.small").click();
        await page.getByRole("heading", { name: "Заблоковано" }).waitFor();
        await page.locator("#phrase").fill("не та");
        await page.locator('form:has(#phrase) button[type="submit"]').click();
        await page.getByText("Це не та парольна фраза.").waitFor();
        await shot(page, `lock-locked-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        await page.getByRole("button", { name: "Я не пам’ятаю парольної фрази" }).click();
        await page.getByText("Тут нічого не чекає на надсилання.").waitFor();
        await shot(page, `lock-wipe-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the screen");
        await done(page);
    }
});
