/*
 * The field view as somebody in the field uses it: Debian's Chromium on the real server, then without a network; in both languages, at the size of a phone and of a laptop.
 *
 *   node field_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { LAPTOP, LIMIT, PHONE, done, end, figures, here, logIn as logInMain, options, out, shot, start, violations, watch } from "./browser.mjs";
import { addAccount, serve } from "./district.mjs";
import { held, raw, setLock, unlock } from "./locked.mjs";

const { chromium } = await import(path.join(options.modules, "playwright-core/index.mjs"));
const PASSWORD = "correct horse 7";
const contexts = new Set();
let project, server, home, port, package_, place, home_folder;

/* A browser with a profile of its own: workers and databases as on a phone; the same folder again is the same phone. */
async function phone(name, { size = PHONE, locale = "en-GB", at = place, accuracy = 8, fresh = true } = {}) {
    const folder = path.join(out, "profiles", name);
    if (fresh) rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const context = await chromium.launchPersistentContext(folder, {
        executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"], viewport: size, locale, hasTouch: size === PHONE,
        deviceScaleFactor: size === PHONE ? 2 : 1, geolocation: { longitude: at[0], latitude: at[1], accuracy }, permissions: ["geolocation"], acceptDownloads: true,
    });
    contexts.add(context);
    context.on("close", () => contexts.delete(context));
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(30000);
    watch(page);
    return page;
}

const tab = (page, name) => page.locator(".tabs a", { has: page.getByText(name, { exact: true }) }).click();

async function opened(page) {
    await page.goto(`${home}/field`);
    await page.waitForSelector(".tabs");
    await page.waitForFunction(() => navigator.serviceWorker.ready.then((r) => r.active?.state === "activated"));
}

async function logIn(page, name) {
    await tab(page, "Device");
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText(name, { exact: true }).waitFor();
}

async function takeAlong(page, records = false) {
    await tab(page, "Device");
    await page.locator("#phrase-new").or(page.getByRole("button", { name: /Take along|Bring up to date/ })).first().waitFor();
    if (await page.locator("#phrase-new").isVisible()) await setLock(page);
    if (records) await page.getByLabel(/Take accidents, items and reports along/).check();
    await page.getByRole("button", { name: /Take along|Bring up to date/ }).click();
    await page.getByText(/^(Taken along|Nothing has changed)\.$/).waitFor();
}

/* Fills a form in and keeps it; the record's id on the device. */
async function report(page, kind, fill) {
    const before = await page.evaluate(ids);
    await tab(page, "Report");
    await page.getByRole("button", { name: kind, exact: true }).click();
    await page.getByRole("button", { name: /^Use my position \(± \d/ }).click();
    await fill(page);
    await page.getByRole("button", { name: "Keep on this device" }).click();
    await page.locator(".record").first().waitFor();
    return (await page.evaluate(ids)).find((id) => !before.includes(id));
}

/* In the page: what its database holds. */
const ids = () => new Promise((resolve, reject) => {
    const asked = indexedDB.open("tilth-field-locked");
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
        const all = asked.result.transaction("records").objectStore("records").getAllKeys();
        all.onsuccess = () => resolve(all.result);
    };
});

const stage = (page, id) => page.locator(`.record[data-id="${id}"] .stage`);
const count = (kind) => JSON.parse(execFileSync(options.bin, ["info", project, "--json"], { encoding: "utf8", cwd: home_folder })).project.records[kind];

async function restart() {
    await server.stop();
    server = serve(options.bin, project, "--port", String(port), ...(options.pages ? ["--pages", options.pages] : []));
    await server.address;
}

before(async () => {
    await start();
    home_folder = path.join(out, "team");
    rmSync(home_folder, { recursive: true, force: true });
    mkdirSync(home_folder, { recursive: true });
    project = path.join(home_folder, "team.gpkg");
    cpSync(here.project, project);
    for (const [name, role] of [["Olha", "entry"], ["Petro", "entry"], ["Vira", "verifier"], ["Admin", "administrator"]]) addAccount(options.bin, project, name, role, PASSWORD);
    server = serve(options.bin, project, ...(options.pages ? ["--pages", options.pages] : []));
    home = new URL(await server.address).origin;
    port = Number(new URL(home).port);
    package_ = await (await fetch(`${home}/api/1/field/package`)).json();
    const ring = package_.areas.find((a) => !a.is_ended && a.geometry).geometry.coordinates.flat(2);
    place = [Math.min(...ring.filter((_, i) => i % 2 === 0)) - 0.004, Math.min(...ring.filter((_, i) => i % 2 === 1)) - 0.004];
}, { timeout: 400000 });

after(async () => {
    for (const context of contexts) await context.close().catch(() => undefined); /* of a test that failed */
    await server?.stop();
    await end();
});

/* A point inside an area: of its horizontal lines, the middle of the widest piece. */
function insideOf(area) {
    const ring = area.geometry.type === "Polygon" ? area.geometry.coordinates[0] : area.geometry.coordinates[0][0];
    const ys = ring.map((p) => p[1]), y = (Math.min(...ys) + Math.max(...ys)) / 2 + 1e-9;
    const xs = ring.flatMap((p, i) => {
        const q = ring[(i + 1) % ring.length];
        return p[1] > y !== q[1] > y ? [p[0] + ((y - p[1]) / (q[1] - p[1])) * (q[0] - p[0])] : [];
    }).sort((a, b) => a - b);
    return [(xs[0] + xs[1]) / 2, y];
}

test("the page can be installed, works without a network, and a guest sees areas and whom to call only", LIMIT, async () => {
    const page = await phone("guest");
    await opened(page);
    const cdp = await page.context().newCDPSession(page);
    assert.deepEqual((await cdp.send("Page.getInstallabilityErrors")).installabilityErrors, [], "Chromium finds nothing that keeps it from being installed");
    await takeAlong(page);
    await page.context().setOffline(true);
    await page.reload();
    await page.getByText("no network", { exact: true }).waitFor();
    await tab(page, "Place");
    await page.getByText("Outside any recorded area").waitFor();
    await page.getByText("That is not a statement that the ground is free").waitFor();
    await page.getByText(/^Nearest recorded boundary: .* m to the .*HA-\d+/).waitFor();
    await shot(page, "field-outside-phone");
    assert.deepEqual(await violations(page), []);
    await tab(page, "Call");
    await page.getByText("Do not touch it").waitFor();
    await shot(page, "field-help-phone");
    await tab(page, "Report");
    await page.getByText(/Log in, and take the district along again/).waitFor();
    const rows = await raw(page), kept = rows.open.find((r) => r.id === "pack").value.body; /* public: it needs no lock */
    assert.deepEqual([rows.lock.length, rows.packs.length], [0, 0]);
    assert.ok(kept.is_public && !("places" in kept) && !("records" in kept) && !JSON.stringify(kept).includes("AP mine"));
    await done(page);
});

test("in an area, and where the circle of accuracy touches one", LIMIT, async () => {
    const area = package_.areas.find((a) => !a.is_ended && a.geometry);
    const page = await phone("in", { at: insideOf(area) });
    await opened(page);
    await takeAlong(page);
    await tab(page, "Place");
    await page.getByRole("heading", { name: "In a recorded hazardous area" }).waitFor();
    assert.ok((await page.locator(".answer").innerText()).includes("That is no way out"), "no direction to walk is given from within");
    await shot(page, "field-inside-phone");
    assert.deepEqual(await violations(page), []);
    await page.context().setGeolocation({ longitude: place[0], latitude: place[1], accuracy: 3000 });
    await page.getByRole("heading", { name: "Your position may lie in a recorded hazardous area" }).waitFor();
    await page.getByText(/^± 3 km, measured \d+ s ago$/).waitFor();
    await page.getByLabel("Look up a place").fill("1.5, 2.5");
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page.getByRole("heading", { name: "Nothing is known of this place here" }).waitFor();
    await page.getByLabel("Look up a place").fill("somewhere");
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await page.getByRole("alert").waitFor();
    await done(page);
});

test("an administrator sets whom to call; staff take places and forms along", LIMIT, async () => {
    const admin = await phone("admin", { size: LAPTOP });
    await opened(admin);
    await logIn(admin, "Admin");
    const set = await admin.evaluate(async () => {
        const session = await (await fetch("/api/1/session")).json(), asked = await fetch("/api/1/field/settings");
        return (await fetch("/api/1/field/settings", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrf, "If-Match": asked.headers.get("ETag") },
            body: JSON.stringify({ contacts: [{ name: { en: "Rescue service", uk: "Служба порятунку" }, phone: "101" }], words: [{ en: "The path to the school is closed.", uk: "Стежка до школи закрита." }] }) })).status;
    });
    assert.equal(set, 200);
    await takeAlong(admin);
    await tab(admin, "Call");
    await admin.getByRole("link", { name: /Rescue service 101/ }).waitFor();
    await admin.getByText("The path to the school is closed.").waitFor();
    await tab(admin, "Place");
    await admin.waitForFunction(() => Number(document.querySelector("canvas")?.dataset.drawn) > 1);
    await shot(admin, "field-place-laptop");
    assert.deepEqual(await violations(admin), []);
    await done(admin);
});

test("records without a network: kept, the browser killed, sent when it is back, and cleared by hand only", LIMIT, async () => {
    const before = count("accident");
    let page = await phone("olha");
    await opened(page);
    await logIn(page, "Olha");
    await takeAlong(page);
    await page.context().setOffline(true);
    const first = await report(page, "Accident", async (p) => {
        await shot(p, "field-form-phone");
        await p.getByLabel("Category").fill("AP mine");
        await p.getByLabel("Injured").fill("1");
        assert.deepEqual(await violations(p), []);
    });
    const second = await report(page, "Hazard report", (p) => p.getByLabel("Description").fill("a red sign at the bridge"));
    assert.equal(await stage(page, first).innerText(), "On this device only");
    await page.getByText("2 records are on this device only", { exact: true }).first().waitFor();
    await shot(page, "field-records-offline-phone");
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.locator(`.record[data-id="${first}"]`).getByRole("button", { name: "Clear from this device" }).count(), 0, "what has no receipt cannot be cleared");
    /* A form that is half filled in, and then the browser dies. */
    await tab(page, "Report");
    await page.getByRole("button", { name: "Item found", exact: true }).click();
    await page.getByLabel("Model").fill("PMN-2?");
    await page.waitForTimeout(500);
    const cdp = await page.context().newCDPSession(page);
    const dead = new Promise((resolve) => page.context().on("close", resolve));
    await cdp.send("Browser.crash").catch(() => undefined); /* does not end: it dies */
    await dead;

    page = await phone("olha", { fresh: false });
    await page.context().setOffline(true);
    await page.goto(`${home}/field`);
    await unlock(page);
    await tab(page, "Records");
    assert.equal(await page.locator(".record").count(), 2, "both are there after the browser died");
    await tab(page, "Report");
    await page.getByRole("button", { name: "Item found", exact: true }).click();
    await page.waitForFunction(() => document.querySelector("#column-model")?.value === "PMN-2?");
    await tab(page, "Records");

    /* The network is back: nobody presses anything. The session may have died with the browser, which writes cookies down when it pleases. */
    await page.context().setOffline(false);
    const ended = page.getByText(/Your session has ended/), received = stage(page, first).getByText("Received by the server");
    await ended.or(received).first().waitFor();
    if (await ended.isVisible()) {
        await logIn(page, "Olha");
        await tab(page, "Records");
    }
    await received.waitFor();
    await stage(page, second).getByText("Received by the server").waitFor();
    await shot(page, "field-records-received-phone");
    assert.deepEqual(await violations(page), []);
    assert.equal(count("accident"), before + 1);
    await page.reload();
    await unlock(page);
    await tab(page, "Records");
    assert.equal(await page.locator(".record").count(), 2, "they stay until somebody clears them");
    await page.locator(`.record[data-id="${first}"]`).getByRole("button", { name: "Clear from this device" }).click();
    await page.locator(`.record[data-id="${first}"]`).getByRole("button", { name: "Clear", exact: true }).click();
    await page.waitForFunction((id) => !document.querySelector(`.record[data-id="${id}"]`), first);
    assert.deepEqual(await page.evaluate(ids), [second]);
    await done(page);
});

test("a lost answer, a server that is down, a session that ended: sent once, nothing lost", LIMIT, async () => {
    const before = count("item");
    const page = await phone("lost");
    await opened(page);
    await logIn(page, "Olha");
    await takeAlong(page);
    let lost = 0;
    await page.context().route("**/api/1/field/records?*", async (route) => {
        if (lost++ === 0) {
            await route.fetch(); /* the server has it; its answer does not arrive */
            return route.abort("connectionreset");
        }
        return route.continue();
    });
    const id = await report(page, "Item found", (p) => p.getByLabel("Category").fill("ERW"));
    await page.getByText(/The server cannot be reached/).waitFor();
    assert.equal(await stage(page, id).innerText(), "On this device only");
    await page.getByRole("button", { name: "Send now" }).click();
    await stage(page, id).getByText("Received by the server").waitFor();
    assert.equal(lost, 2);
    assert.equal(count("item"), before + 1, "the server has it once");

    await server.stop();
    const down = await report(page, "Item found", (p) => p.getByLabel("Category").fill("UXO"));
    await page.getByText(/There is no network, or the server does not answer/).waitFor();
    await restart();
    await page.getByRole("button", { name: "Send now" }).click();
    await stage(page, down).getByText("Received by the server").waitFor();

    await page.context().clearCookies(); /* the session is gone */
    const after_ = await report(page, "Item found", (p) => p.getByLabel("Category").fill("fuze"));
    await page.getByText(/Your session has ended. Nothing is lost/).waitFor();
    assert.equal(await stage(page, after_).innerText(), "On this device only");
    await shot(page, "field-session-ended-phone");
    assert.deepEqual(await violations(page), []);
    await logIn(page, "Olha");
    await tab(page, "Records");
    await stage(page, after_).getByText("Received by the server").waitFor();
    assert.equal(count("item"), before + 3);
    await done(page);
});

test("two tabs send each record once; somebody else's records wait for their owner", LIMIT, async () => {
    const before = count("report");
    const one = await phone("tabs");
    await opened(one);
    await logIn(one, "Olha");
    await takeAlong(one);
    await one.context().setOffline(true);
    for (const words of ["first", "second", "third"]) await report(one, "Hazard report", (p) => p.getByLabel("Description").fill(words));
    const two = await one.context().newPage();
    watch(two);
    await two.goto(`${home}/field#records`);
    await unlock(two);
    await two.locator(".record").first().waitFor();
    let posts = 0;
    one.context().on("request", (r) => r.method() === "POST" && /field\/records/.test(r.url()) && posts++);
    await one.context().setOffline(false);
    for (const page of [one, two]) await page.waitForFunction(() => [...document.querySelectorAll(".record .stage")].filter((s) => s.textContent === "Received by the server").length === 3);
    assert.equal(posts, 3, "one tab sends at a time");
    assert.equal(count("report"), before + 3);
    await two.close();
    await one.context().setOffline(true);
    const hers = await report(one, "Hazard report", (p) => p.getByLabel("Description").fill("of Olha"));
    await one.context().clearCookies();
    await one.context().setOffline(false);
    await one.getByText(/Your session has ended/).waitFor();
    await logIn(one, "Petro");
    await tab(one, "Records");
    await one.getByText(/made by somebody else on this device/).waitFor();
    assert.equal(await stage(one, hers).innerText(), "On this device only");
    await one.getByRole("button", { name: "Send in my name" }).click();
    await stage(one, hers).getByText("Received by the server").waitFor();
    await done(one);
});

test("refused: the reason, mended, received; a wrong clock is told", LIMIT, async () => {
    const page = await phone("refused");
    await opened(page);
    await logIn(page, "Olha");
    await takeAlong(page);
    const id = await report(page, "Accident", (p) => p.getByLabel("Killed").fill("minus two"));
    await stage(page, id).getByText("Refused: read the reason and mend it").waitFor();
    await shot(page, "field-refused-phone");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Mend it" }).click();
    await page.getByText(/The server refused it: killed/).waitFor();
    await page.getByLabel("Killed").fill("2");
    await page.getByRole("button", { name: "Keep on this device" }).click();
    await page.getByText("Received by the server", { exact: true }).waitFor();
    await page.getByText("Mended: another record stands for it.").waitFor();
    await page.clock.install({ time: Date.now() + 3 * 86400000 });
    await page.reload();
    await unlock(page);
    const ahead = await report(page, "Accident", (p) => p.getByLabel("Injured").fill("1"));
    await stage(page, ahead).getByText("Received by the server").waitFor();
    await page.getByText(/the device's clock is 43\d\d minutes ahead/).waitFor();
    await page.getByText(/lies after today by the server's clock/).waitFor();
    await done(page);
});

test("a correction that meets a newer version is kept beside, and a person decides on the main page", LIMIT, async () => {
    const page = await phone("conflict");
    await opened(page);
    await logIn(page, "Olha");
    await takeAlong(page, true);
    await page.context().setOffline(true);
    await tab(page, "Report");
    await page.getByLabel("Code or words").fill("AC-0001");
    await page.getByRole("button", { name: /^AC-0001/ }).first().click();
    await page.getByLabel("Injured").fill("4");
    await page.getByLabel("Remarks").fill("asked in the village");
    await page.getByRole("button", { name: "Keep on this device" }).click();
    await page.getByText("On this device only", { exact: true }).waitFor();

    const office = await phone("office", { size: LAPTOP });
    await office.goto(`${home}/#/login`);
    await logInMain(office, "Vira", PASSWORD);
    const changed = await office.evaluate(async () => {
        const session = await (await fetch("/api/1/session")).json(), asked = await fetch("/api/1/records/accident/AC-0001");
        return (await fetch("/api/1/records/accident/AC-0001", { method: "PATCH", headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrf, "If-Match": asked.headers.get("ETag") }, body: JSON.stringify({ columns: { injured: 2, killed: 1 } }) })).status;
    });
    assert.equal(changed, 200);
    await page.context().setOffline(false);
    await page.getByText("Kept beside a newer version: a person decides", { exact: true }).waitFor();
    await shot(page, "field-conflict-phone");

    await office.goto(`${home}/#/conflicts`);
    const row = office.getByRole("row", { name: /Injured/ });
    await row.waitFor();
    await shot(office, "conflicts-laptop");
    assert.deepEqual(await violations(office), []);
    assert.ok(await office.getByRole("button", { name: "Apply what is chosen" }).isDisabled());
    await row.getByRole("radio").first().check();
    for (const other of await office.getByRole("row").all()) {
        const radios = other.getByRole("radio");
        if ((await radios.count()) === 2 && !(await radios.first().isChecked())) await radios.nth(1).check();
    }
    await office.getByLabel(/Comment/).fill("asked by phone");
    await office.getByRole("button", { name: "Apply what is chosen" }).click();
    await office.getByText("Nothing waits to be decided.").waitFor();
    const now = await office.evaluate(async () => (await (await fetch("/api/1/records/accident/AC-0001")).json()).columns);
    assert.equal(now.injured, 4);
    assert.equal(now.killed, 1);
    await done(office);
    await page.reload();
    await unlock(page);
    await tab(page, "Records");
    await report(page, "Hazard report", (p) => p.getByLabel("Description").fill("so that it asks"));
    await page.getByText(/^Vira decided on/).waitFor();
    await done(page);
});

test("a newer version of the page takes no record away, and is taken when somebody says so", LIMIT, async () => {
    const page = await phone("update");
    await opened(page);
    await logIn(page, "Olha");
    await takeAlong(page);
    await page.context().setOffline(true);
    const id = await report(page, "Hazard report", (p) => p.getByLabel("Description").fill("before the update"));
    await page.context().setOffline(false);
    await page.context().route("**/api/1/field/records?*", (route) => route.abort());
    /* The same worker with another version, as a new build of the program would have it; the route of the browser reaches workers' scripts as well. */
    const worker = await (await fetch(`${home}/field-worker.js`)).text();
    const fresh = path.join(out, "pages-new");
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(path.join(fresh, "assets"), { recursive: true });
    for (const file of [...worker.matchAll(/"(\/[^"]+)"/g)].map((m) => m[1]).filter((f) => f !== "/field" && !f.startsWith("/api"))) {
        if (!/\.\w+$/.test(file)) continue;
        writeFileSync(path.join(fresh, file), Buffer.from(await (await fetch(home + file)).arrayBuffer()));
    }
    const html = await (await fetch(`${home}/field`)).text();
    writeFileSync(path.join(fresh, "field.html"), html.replace("<body>", "<body data-version=\"new\">"));
    writeFileSync(path.join(fresh, "index.html"), html);
    const version = /"([0-9a-f]{12})"/.exec(worker)[1];
    writeFileSync(path.join(fresh, "field-worker.js"), worker.replace(version, "0123456789ab"));
    await server.stop();
    server = serve(options.bin, project, "--port", String(port), "--pages", fresh);
    await server.address;
    await page.reload();
    assert.equal(await page.evaluate(() => document.body.dataset.version ?? "old"), "old", "the version that is here goes on");
    await page.evaluate(() => navigator.serviceWorker.getRegistration("/field").then((r) => r.update()));
    const reloaded = page.waitForEvent("load");
    await page.getByRole("button", { name: "Use the newer version" }).first().click();
    await reloaded;
    await page.waitForFunction(() => document.body.dataset.version === "new");
    await unlock(page);
    assert.deepEqual((await held(page)).records.map((r) => r.id), [id], "the record is there");
    assert.deepEqual((await page.evaluate(() => caches.keys())).length, 1, "one version of the page is kept");
    await restart();
    await done(page);
});

test("Ukrainian, at night, on a laptop and a phone", LIMIT, async () => {
    for (const [name, size] of [["phone", PHONE], ["laptop", LAPTOP]]) {
        const page = await phone(`uk-${name}`, { size, locale: "uk-UA" });
        await opened(page);
        await tab(page, "Пристрій");
        await page.getByRole("button", { name: "Взяти з собою" }).click();
        await page.getByText("Взято.").waitFor();
        await page.getByLabel("Темний вигляд, для ночі").check();
        assert.deepEqual(await violations(page), []);
        await shot(page, `field-device-uk-dark-${name}`);
        await tab(page, "Місце");
        await page.getByText("Поза зареєстрованими районами").waitFor();
        await shot(page, `field-place-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        await tab(page, "Виклик");
        await page.getByText("Служба порятунку").waitFor();
        await shot(page, `field-help-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the screen");
        await done(page);
    }
});

test("what a device fetches for the field view", LIMIT, async () => {
    const page = await phone("weight");
    await opened(page);
    const sizes = await page.evaluate(async () => {
        const names = await caches.keys(), cache = await caches.open(names[0]);
        return Promise.all((await cache.keys()).map(async (r) => [new URL(r.url).pathname, Number((await cache.match(r)).headers.get("content-length"))]));
    });
    figures.field_files_kib = Math.round(sizes.reduce((sum, [, n]) => sum + n, 0) / 1024);
    figures.field_package_bytes = Number((await fetch(`${home}/api/1/field/package`)).headers.get("content-length"));
    assert.ok(sizes.length >= 7 && existsSync(project));
    await done(page);
});
