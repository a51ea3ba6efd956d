/*
 * Entering and changing records, their way to approval, decisions and findings, as people with accounts of several roles do it: in both languages, at the size of
 * a laptop and of a phone. Screenshots lie in the output folder, to be looked at.
 *
 *   node edit_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER [--project P.gpkg]
 */
import assert from "node:assert/strict";
import { copyFileSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { done, end, here, idle, LAPTOP, LIMIT, logIn, open, options, out, PHONE, shot, start, violations } from "./browser.mjs";
import { addAccount, serve } from "./district.mjs";

const PASSWORD = "a long enough password";
const PEOPLE = { Olha: "entry", Vira: "verifier", Petro: "approver", Yana: "quality", Anna: "administrator" };
const states = {};
let team, base;

/** A page of somebody who is logged in. */
const as = (name, at = "", more = {}) => open(at, { base, state: states[name], ...more });

/** The API as somebody: for what a test has to know or to bring about behind the pages' back. */
async function api(page, method, address, body, headers = {}) {
    return page.evaluate(async ([method, address, body, headers]) => {
        const { csrf } = await (await fetch("/api/1/session")).json();
        const reply = await fetch(`/api/1${address}`, { method, headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, ...headers }, body: body === null ? undefined : JSON.stringify(body) });
        return { status: reply.status, json: await reply.json().catch(() => null) };
    }, [method, address, body ?? null, headers]);
}

before(async () => {
    await start();
    const project = path.join(out, "edit.gpkg");
    for (const more of ["", ".accounts", ".reads", "-wal", "-shm"]) rmSync(project + more, { force: true });
    copyFileSync(here.project, project);
    for (const [name, role] of Object.entries(PEOPLE)) addAccount(options.bin, project, name, role, PASSWORD);
    team = serve(options.bin, project);
    base = new URL(await team.address).origin;
    for (const name of Object.keys(PEOPLE)) {
        const page = await open("", { base, guest: true });
        await logIn(page, name, PASSWORD);
        states[name] = await page.context().storageState();
        await done(page);
    }
}, { timeout: 600000 });

after(async () => {
    await team?.stop();
    await end();
});

const title = (page, words) => page.getByRole("heading", { level: 1, name: words }).waitFor();
const codeOf = (page) => page.evaluate(() => decodeURIComponent(location.hash.split("/").at(-1)));
const onRecord = async (page, kind = "accident") => {
    await page.waitForFunction((k) => new RegExp(k === "hazard-area" ? "^#/areas/HA-" : `^#/records/${k}/`).test(location.hash), kind);
    return codeOf(page);
};
const choose = (page, words) => page.locator(".choice label", { hasText: words }).first().click();

let accident;

test("entry: a form from the register's table, a position with its meaning, what is wrong, a draft with its doubts", LIMIT, async () => {
    const page = await as("Olha", "#/queue");
    await title(page, "Work");
    await page.getByRole("link", { name: "New record" }).click();
    await page.getByRole("link", { name: /^Accident/ }).click();
    await title(page, "New: Accident");
    const send = page.getByRole("button", { name: "Enter as a draft" });
    assert.ok(await send.isDisabled(), "nothing is sent without a place");
    await page.getByLabel("Position", { exact: true }).fill("by the tree");
    await page.locator(".wrong").first().waitFor();
    await page.getByLabel("Position", { exact: true }).fill("48°17′43.8″N 37°14′03.5″E");
    await page.getByText("That means:").waitFor();
    const meaning = await page.locator(".meaning").innerText();
    assert.match(meaning, /48\.2955/);
    assert.match(meaning, /37U CP|37U/);
    await page.getByLabel("Killed").fill("two");
    await page.getByText("\"two\" is not a number.").waitFor();
    assert.ok(await send.isDisabled());
    await page.getByLabel("Killed").fill("1");
    await page.getByLabel("Date").fill("03/04/2020");
    await page.getByLabel("During demining").selectOption("0");
    await page.getByLabel("Category").fill("AP mine");
    await page.getByLabel("Remarks").fill("біля школи");
    await idle(page);
    await shot(page, "form-accident");
    await send.click();
    await page.getByText(/which is the day/).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("data-field") === "date"); // the field that was refused takes the focus
    await shot(page, "form-refused");
    assert.doesNotMatch(await page.locator(".wrong").first().innerText(), /date_format/, "no advice for importers");
    await page.getByRole("button", { name: "Take 2020-04-03" }).click();
    assert.equal(await page.getByLabel("Date").inputValue(), "2020-04-03");
    await page.getByLabel("Date").fill("2020");
    await send.click();
    accident = await onRecord(page);
    await page.getByText(`${accident} is entered as a draft.`).waitFor();
    await page.getByText(/2020, without month and day/).waitFor();
    await idle(page);
    await shot(page, "record-draft");
    const record = (await api(page, "GET", `/records/accident/${accident}`)).json;
    assert.equal(record.position_text, "48°17′43.8″N 37°14′03.5″E");
    assert.equal(record.columns.killed, 1);
    assert.equal(record.columns.during_demining, false);
    assert.equal(record.remarks, "біля школи");
    await done(page);
});

test("what is typed survives a reload, back and forward, and goes when it is sent or discarded", LIMIT, async () => {
    const page = await as("Olha", "#/new/item");
    await title(page, "New: Item found");
    await page.getByLabel("Model", { exact: true }).fill("unknown, cylindrical");
    await page.getByLabel("Position", { exact: true }).fill("48.30 N, 37.20 E");
    await page.getByText("That means:").waitFor();
    await page.reload();
    await page.getByText("Here is what you had typed and not sent.").waitFor();
    assert.equal(await page.getByLabel("Model", { exact: true }).inputValue(), "unknown, cylindrical");
    await page.evaluate(() => (location.hash = "#/areas"));
    await page.locator(".area-card").first().waitFor();
    await page.goBack();
    await title(page, "New: Item found");
    assert.equal(await page.getByLabel("Position", { exact: true }).inputValue(), "48.30 N, 37.20 E");
    await page.evaluate(() => (location.hash = "#/queue"));
    await page.getByText("Begun and not sent").waitFor();
    await page.getByRole("link", { name: /New: Item found/ }).click();
    await page.getByRole("button", { name: "Discard" }).click();
    assert.equal(await page.getByLabel("Model", { exact: true }).inputValue(), "");
    assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((k) => k.startsWith("tilth.form")).length), 0);
    await done(page);
});

test("an answer that was lost: sent again, it is entered once", LIMIT, async () => {
    const page = await as("Olha", "#/new/report");
    await title(page, "New: Report");
    const total = async () => (await api(page, "GET", "/records/report?limit=1")).json.total;
    const before = await total();
    await page.getByLabel("Position", { exact: true }).fill("48.31 N, 37.21 E");
    await page.getByLabel("Description").fill("a shepherd saw a cylinder by the ditch");
    await page.route("**/api/1/records/report", async (route) => {
        await route.fetch(); /* the server has it */
        await route.abort();
    }, { times: 1 });
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    await page.getByText(/Nothing is lost: send again/).waitFor();
    assert.equal(await total(), before + 1);
    await shot(page, "form-lost");
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    const code = await onRecord(page, "report");
    assert.equal(await total(), before + 1, "it is there once");
    /* And once more, with words typed on after the answer was lost: they become a change of the same record. */
    await page.evaluate(() => (location.hash = "#/new/report"));
    await title(page, "New: Report");
    await page.getByLabel("Position", { exact: true }).fill("48.31 N, 37.22 E");
    await page.route("**/api/1/records/report", async (route) => {
        await route.fetch();
        await route.abort();
    }, { times: 1 });
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    await page.getByText(/Nothing is lost: send again/).waitFor();
    await page.getByLabel("Description").fill("typed on");
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    await page.waitForFunction(() => location.hash.startsWith("#/edit/report/"));
    assert.equal(await page.getByLabel("Description").inputValue(), "typed on");
    await page.getByRole("button", { name: "Save the change" }).click();
    const other = await onRecord(page, "report");
    assert.notEqual(other, code);
    assert.equal(await total(), before + 2);
    assert.equal((await api(page, "GET", `/records/report/${other}`)).json.columns.description, "typed on");
    await done(page);
});

test("submitted, returned with a comment, mended, approved", LIMIT, async () => {
    const olha = await as("Olha", `#/records/accident/${accident}`);
    await olha.getByRole("button", { name: "Submit for approval" }).click();
    await olha.getByText("waits for approval").first().waitFor();
    await olha.getByText(/Somebody else has to approve it/).waitFor();
    const vira = await as("Vira", "#/queue");
    await vira.getByRole("heading", { name: /Waits for you/ }).waitFor();
    await vira.getByRole("link", { name: new RegExp(accident) }).waitFor();
    assert.equal(await vira.locator(".tabs .badge").innerText(), "1");
    await shot(vira, "queue-verifier");
    await vira.getByRole("link", { name: new RegExp(accident) }).click();
    await vira.getByRole("button", { name: "Return with the comment" }).click();
    await vira.getByText(/Say what is to be mended/).waitFor();
    await vira.getByLabel(/Comment/).fill("Which village?\nAnd how many were injured?");
    await shot(vira, "record-review");
    await vira.getByRole("button", { name: "Return with the comment" }).click();
    await vira.locator(".way-draft").waitFor();
    await vira.waitForFunction(() => !document.querySelector(".tabs .badge"));
    await olha.evaluate(() => (location.hash = "#/queue"));
    await olha.getByRole("heading", { name: /Came back to you/ }).waitFor();
    await olha.getByText("Which village?").waitFor();
    await shot(olha, "queue-entry");
    await olha.getByRole("link", { name: new RegExp(accident) }).click();
    await olha.getByText("And how many were injured?").first().waitFor();
    await olha.getByRole("link", { name: "Change", exact: true }).click();
    assert.ok(await olha.getByRole("button", { name: "Save the change" }).isDisabled(), "nothing is changed yet");
    await olha.getByLabel("Injured").fill("2");
    await olha.getByRole("button", { name: "Save the change" }).click();
    await onRecord(olha);
    await olha.getByText(`${accident} is changed.`).waitFor();
    await olha.getByRole("button", { name: "Submit for approval" }).click();
    await olha.getByText("waits for approval").first().waitFor();
    const petro = await as("Petro", `#/records/accident/${accident}`);
    await petro.getByRole("button", { name: "Approve" }).click();
    await petro.getByText(/approved by Petro/).waitFor();
    await shot(petro, "record-approved");
    const record = (await api(petro, "GET", `/records/accident/${accident}`)).json;
    assert.deepEqual([record.record_status, record.columns.injured, record.columns.killed], ["approved", 2, 1]);
    for (const page of [olha, vira, petro]) await done(page);
});

test("two people change the same record: column by column, and nothing is lost", LIMIT, async () => {
    const olha = await as("Olha", `#/edit/accident/${accident}`), vira = await as("Vira", `#/edit/accident/${accident}`);
    await olha.getByLabel("Killed").waitFor();
    await vira.getByLabel("Killed").fill("2");
    await vira.getByLabel("Activity").fill("farming");
    await olha.getByLabel("Killed").fill("3");
    await olha.getByLabel("Remarks").fill("біля школи, за ставом");
    await vira.getByRole("button", { name: "Save the change" }).click();
    await onRecord(vira);
    await olha.getByRole("button", { name: "Save the change" }).click();
    await olha.getByRole("heading", { name: "Two versions of this record" }).waitFor();
    await olha.getByText(/Vira has changed it/).waitFor();
    await shot(olha, "two-versions");
    assert.deepEqual(await violations(olha), []);
    const go = olha.getByRole("button", { name: "Go on with this" });
    assert.ok(await go.isDisabled(), "what both changed is not decided by the program");
    const column = (name) => olha.getByRole("group", { name });
    assert.ok(await column("Remarks").getByRole("radio", { name: /^Yours/ }).isChecked());
    assert.ok(await column("Activity").getByRole("radio", { name: /^There now/ }).isChecked());
    await column("Killed").getByRole("radio", { name: /^There now/ }).check();
    await go.click();
    await olha.getByText(/This is the newest version/).waitFor();
    assert.equal(await olha.getByLabel("Killed").inputValue(), "2");
    assert.equal(await olha.getByLabel("Activity").inputValue(), "farming");
    await olha.getByRole("button", { name: "Save the change" }).click();
    await onRecord(olha);
    const record = (await api(olha, "GET", `/records/accident/${accident}`)).json;
    assert.deepEqual([record.columns.killed, record.columns.activity, record.remarks, record.columns.injured], [2, "farming", "біля школи, за ставом", 2]);
    /* Met on the way back as well: a form that was kept, of a version that is not the newest any more. */
    await olha.evaluate((c) => (location.hash = `#/edit/accident/${c}`), accident);
    await olha.getByLabel("Slope").fill("steep");
    const version = (await api(vira, "GET", `/records/accident/${accident}`)).json.version;
    assert.equal((await api(vira, "PATCH", `/records/accident/${accident}`, { columns: { vegetation: "shrubs" } }, { "If-Match": `"${version}"` })).status, 200);
    await olha.reload();
    await olha.getByRole("heading", { name: "Two versions of this record" }).waitFor();
    await go.click();
    await olha.getByRole("button", { name: "Save the change" }).click();
    await onRecord(olha);
    const after = (await api(olha, "GET", `/records/accident/${accident}`)).json.columns;
    assert.deepEqual([after.slope, after.vegetation], ["steep", "shrubs"]);
    for (const page of [olha, vira]) await done(page);
});

test("two tabs of one person: an act on what is not the newest is refused, and shown anew", LIMIT, async () => {
    const first = await as("Petro", `#/records/accident/${accident}`);
    await first.getByRole("button", { name: "Approve" }).waitFor();
    const second = await first.context().newPage();
    await second.goto(`${base}/#/records/accident/${accident}`);
    await second.getByLabel(/Comment/).fill("no");
    await second.getByRole("button", { name: "Return with the comment" }).click();
    await second.locator(".way-draft").waitFor();
    await first.getByRole("button", { name: "Approve" }).click();
    await first.locator(".notice.trouble").waitFor();
    await first.getByRole("button", { name: "Look at it as it is now" }).click();
    await first.locator(".way-draft").waitFor();
    await done(first);
});

test("a session that ends: what was typed is there after the next log-in, and only for the same person", LIMIT, async () => {
    const page = await open("", { base, guest: true });
    await logIn(page, "Olha", PASSWORD);
    await page.evaluate(() => (location.hash = "#/new/accident"));
    await page.getByLabel("Position", { exact: true }).fill("48.32 N, 37.22 E");
    await page.getByLabel("Activity").fill("gathering wood");
    await page.context().clearCookies();
    /* Sent, or known before by what the page looks up by itself. */
    await page.getByRole("button", { name: "Enter as a draft" }).click({ timeout: 5000 }).catch(() => undefined);
    await page.getByText(/Your session has ended. What you typed is kept/).waitFor();
    assert.equal(await page.getByLabel("Activity").inputValue(), "gathering wood", "it is still on the screen");
    await shot(page, "session-ended");
    await page.getByRole("alert").getByRole("link", { name: "Log in" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Vira");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByLabel("Activity").waitFor();
    assert.equal(await page.getByLabel("Activity").inputValue(), "", "somebody else does not see it");
    await page.getByLabel("Activity").fill("Vira's own");
    await page.context().clearCookies();
    await page.reload();
    await page.evaluate(() => (location.hash = "#/login"));
    await page.getByLabel("Name", { exact: true }).fill("Olha");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForFunction(() => !document.querySelector("input[type=password]"));
    await page.evaluate(() => (location.hash = "#/new/accident"));
    await page.getByText("Here is what you had typed and not sent.").waitFor();
    assert.equal(await page.getByLabel("Activity").inputValue(), "gathering wood", "and has not written over it");
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    await onRecord(page);
    await page.evaluate(() => (location.hash = "#/new/item"));
    await page.getByLabel("Model", { exact: true }).fill("x");
    await page.evaluate(() => (location.hash = "#/login"));
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Password").waitFor();
    assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((k) => k.startsWith("tilth.form.Olha")).length), 0, "logging out takes it along");
    await done(page);
});

test("a point put on the map, from the middle of the map, and outside of the area", LIMIT, async () => {
    const page = await as("Olha", "#/new/item");
    await title(page, "New: Item found");
    await idle(page);
    const canvas = await page.locator(".maplibregl-canvas").boundingBox();
    await page.mouse.click(canvas.x + canvas.width * 0.5, canvas.y + canvas.height * 0.4);
    await page.getByText("Put on the map:").waitFor();
    assert.ok(page.url().includes("#/new/item"), "a click puts the point and does not leave the form");
    await idle(page);
    await shot(page, "form-on-map");
    const words = () => page.locator(".meaning").innerText();
    const clicked = await words();
    await page.getByRole("button", { name: "Take the middle of the map" }).click();
    await page.waitForFunction((w) => document.querySelector(".meaning").innerText !== w, clicked);
    await page.getByLabel("Position", { exact: true }).fill("50 N, 30 E");
    await page.getByText(/outside the area/).first().waitFor();
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    await page.getByRole("checkbox", { name: /It does lie outside/ }).check();
    await page.getByText("That means:").waitFor();
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    const code = await onRecord(page, "item");
    assert.deepEqual((await api(page, "GET", `/records/item/${code}`)).json.geometry.coordinates, [30, 50]);
    await done(page);
});

let drawn;

test("an area by bearing and distance; its perimeter changed by turning points; a part of many; a line", LIMIT, async () => {
    const page = await as("Olha", "#/new/hazard-area");
    await title(page, "New: Hazardous area");
    await page.getByLabel("Name", { exact: true }).fill("Поле за ставом");
    await page.getByLabel("Class", { exact: true }).selectOption("SHA");
    assert.deepEqual(await page.getByLabel("Status").locator("option").allInnerTexts(), ["not known", "open"], "what ends an area is no field");
    await choose(page, "Bearing and distance");
    await page.getByLabel("Start point").fill("48.2955 N, 37.2343 E");
    await page.getByLabel(/Legs, one a line/).fill("0 200\n90 200\n180 200\n270 200");
    await page.reload();
    await choose(page, "Bearing and distance");
    assert.equal(await page.getByLabel(/Legs, one a line/).inputValue(), "0 200\n90 200\n180 200\n270 200", "legs that were not taken yet are kept, too");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByText(/Encloses 4 ha, 4 turning points/).waitFor();
    await idle(page);
    await shot(page, "form-area");
    /* The map has it at once: its tiles are asked for anew. */
    const tile = page.waitForRequest((r) => /tiles\/vector\/hazard.area\/.*\?v=1$/.test(r.url()));
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    drawn = await onRecord(page, "hazard-area");
    await tile;
    await page.getByRole("link", { name: "Change", exact: true }).click();
    await title(page, `Change ${drawn}`);
    await page.getByText(/Encloses 4 ha/).waitFor();
    await choose(page, "Turning points");
    await page.getByLabel(/One turning point a line/).fill("48.300 N, 37.200 E\n48.302 N, 37.200 E\n48.302 N, 37.204 E\n48.300 N, 37.204 E");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByText(/Encloses 6\.6/).waitFor();
    await page.getByRole("button", { name: "Save the change" }).click();
    await onRecord(page, "hazard-area");
    const record = (await api(page, "GET", `/records/hazard-area/${drawn}`)).json;
    assert.deepEqual(record.geometry.coordinates[0].map(([x, y]) => [x, y].map((v) => v.toFixed(3)).join(" ")).sort().at(-1), "37.204 48.302");
    /* Two parts, of which one is changed. */
    const square = (x) => [[[x, 48.3], [x + 0.002, 48.3], [x + 0.002, 48.302], [x, 48.302], [x, 48.3]]];
    const many = (await api(page, "POST", "/records/hazard-area", { columns: { name: "Two parts" }, geometry: { type: "MultiPolygon", coordinates: [square(37.2), square(37.21)] } })).json;
    await page.evaluate((c) => (location.hash = `#/edit/hazard-area/${c}`), many.code);
    await page.getByLabel("Part of the geometry").selectOption("1");
    await choose(page, "Turning points");
    await page.getByLabel(/One turning point a line/).fill("48.300 N, 37.210 E\n48.303 N, 37.210 E\n48.303 N, 37.213 E");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByText(/3 turning points/).waitFor();
    await page.getByRole("button", { name: "Save the change" }).click();
    await onRecord(page, "hazard-area");
    const kept = (await api(page, "GET", `/records/hazard-area/${many.code}`)).json.geometry;
    assert.equal(kept.type, "MultiPolygon");
    const places = (part) => part[0].map((at) => at.map((v) => v.toFixed(6)).join(" "));
    assert.deepEqual(places(kept.coordinates[0]), places(square(37.2)), "the other part is as it was");
    assert.equal(kept.coordinates[1][0].length, 4);
    await page.evaluate(() => (location.hash = "#/new/line"));
    await title(page, "New: Line");
    await choose(page, "Turning points");
    await page.getByLabel(/One turning point a line/).fill("48.30 N, 37.20 E\n48.31 N, 37.21 E");
    await page.getByLabel("Type", { exact: true }).selectOption("trench");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByText(/km long, 2 turning points/).waitFor();
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    const line = await onRecord(page, "line");
    assert.equal((await api(page, "GET", `/records/line/${line}`)).json.geometry.type, "LineString");
    await done(page);
});

test("a perimeter drawn on the map with the pointer becomes an area; a polygon that was assessed, too", LIMIT, async () => {
    const page = await as("Olha", "#/new/hazard-area");
    await title(page, "New: Hazardous area");
    await idle(page);
    const canvas = await page.locator(".maplibregl-canvas").boundingBox();
    await page.waitForTimeout(800);
    for (const [x, y] of [[0.5, 0.4], [0.65, 0.4], [0.65, 0.6], [0.5, 0.6], [0.5, 0.4]]) {
        await page.mouse.move(canvas.x + canvas.width * x, canvas.y + canvas.height * y, { steps: 4 });
        await page.mouse.click(canvas.x + canvas.width * x, canvas.y + canvas.height * y);
        await page.waitForTimeout(250);
    }
    await page.getByText(/Encloses .*4 turning points/).waitFor();
    await idle(page);
    await shot(page, "form-drawn");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.evaluate(() => (location.hash = "#/draw"));
    await choose(page, "Turning points");
    await page.getByLabel(/One turning point a line/).fill("48.300 N, 37.200 E\n48.302 N, 37.200 E\n48.302 N, 37.204 E\n48.300 N, 37.204 E");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByRole("button", { name: "Enter as a hazardous area" }).click();
    await title(page, "New: Hazardous area");
    await page.getByText(/Encloses 6\.6/).waitFor();
    await page.getByRole("button", { name: "Discard" }).click();
    await done(page);
});

test("attachments: added, shown as a picture, saved", LIMIT, async () => {
    const page = await as("Olha", `#/records/accident/${accident}`);
    await page.getByText("Nothing is attached.").waitFor();
    const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFklEQVR4nGNkYPjPgA0wYRUdVAkGAB0qAQ9VNjRsAAAAAElFTkSuQmCC", "base64");
    await page.getByLabel("Add files").setInputFiles([{ name: "ditch.png", mimeType: "image/png", buffer: png }, { name: "sketch of the place.txt", mimeType: "text/plain", buffer: Buffer.from("a sketch") }]);
    await page.getByText("sketch of the place.txt").first().waitFor();
    await page.getByRole("button", { name: "Show ditch.png" }).click();
    await page.waitForFunction(() => document.querySelector(".picture img")?.naturalWidth > 0);
    await page.locator(".picture").scrollIntoViewIfNeeded();
    await shot(page, "attachments");
    assert.deepEqual(await violations(page), []);
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save a copy ditch.png" }).click();
    assert.equal((await saved).suggestedFilename(), "ditch.png");
    await page.reload();
    await page.getByText("ditch.png").first().waitFor();
    await page.evaluate(() => (location.hash = "#/areas/HA-0003"));
    await page.getByText("Nothing is attached.").waitFor();
    const yana = await as("Yana", `#/records/accident/${accident}`);
    await yana.getByText("ditch.png").first().waitFor();
    assert.equal(await yana.getByLabel("Add files").count(), 0, "a quality manager looks only");
    for (const p of [page, yana]) await done(p);
});

const AREA = "HA-0003";

test("a decision: who may not, a wrong password, another name, the right one", { timeout: 240000 }, async () => {
    const olha = await as("Olha", `#/areas/${AREA}`);
    await olha.getByRole("link", { name: "Decide about its release" }).click();
    await title(olha, `Decision about ${AREA}`);
    await olha.getByText(/Your role \(data entry\) does not decide about land/).waitFor();
    assert.equal(await olha.locator("input[type=password]").count(), 0);
    await done(olha);
    const petro = await as("Petro", `#/release/${AREA}`);
    await petro.getByText("No assessment of this area is kept yet").waitFor();
    await petro.getByRole("button", { name: "Assess it and keep that" }).click();
    await petro.getByRole("heading", { name: "What may remain" }).waitFor({ timeout: 120000 });
    await petro.getByText(/No criteria were given with this assessment/).waitFor();
    await choose(petro, "cleared");
    await petro.getByLabel("Reason").fill("Manual clearance to 20 cm, sampled afterwards.");
    await petro.getByLabel(/Your name/).fill("Vira");
    await petro.getByLabel("Password").fill(PASSWORD);
    await petro.getByRole("button", { name: "Record the decision" }).click();
    await petro.getByText(/You are logged in as Petro/).waitFor();
    await petro.getByLabel(/Your name/).fill("petro");
    await petro.getByLabel("Password").fill("not the password");
    await petro.getByRole("button", { name: "Record the decision" }).click();
    await petro.locator(".decide-form .trouble").waitFor();
    await petro.locator(".decide-form").scrollIntoViewIfNeeded();
    await shot(petro, "release-refused");
    assert.equal((await api(petro, "GET", `/areas/${AREA}`)).json.decisions.length, 0, "a wrong password decides nothing");
    assert.equal(await petro.getByLabel("Reason").inputValue(), "Manual clearance to 20 cm, sampled afterwards.");
    assert.ok(!(await petro.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).includes("password"), "no password is kept");
    assert.deepEqual(await violations(petro), []);
    await petro.getByLabel("Password").fill(PASSWORD);
    await petro.getByRole("button", { name: "Record the decision" }).click();
    await petro.getByText(new RegExp(`is recorded: ${AREA} is released as cleared, by Petro`)).waitFor();
    assert.doesNotMatch(await petro.locator("body").innerText(), /\bsafe\b/i);
    await shot(petro, "release-recorded");
    const decisions = (await api(petro, "GET", `/areas/${AREA}`)).json.decisions;
    assert.deepEqual(decisions.map((d) => [d.as, d.person, d.role, d.reason]), [["cleared", "Petro", "approver", "Manual clearance to 20 cm, sampled afterwards."]]);
    await petro.getByRole("link", { name: "To the area" }).click();
    await petro.getByText("Manual clearance to 20 cm").waitFor();
    await done(petro);
});

test("evidence in the released area waits for an answer, and gets one", LIMIT, async () => {
    const vira = await as("Vira", "#/findings");
    const area = (await api(vira, "GET", `/areas/${AREA}`)).json.area;
    assert.equal((await api(vira, "POST", "/records/accident", { columns: { date: "2026-11-20" }, geometry: { type: "Point", coordinates: [area.lon, area.lat] } })).status, 201);
    await vira.reload();
    await vira.getByText(/Not answered yet: an approver or a quality manager answers/).waitFor();
    const yana = await as("Yana", "#/queue");
    await yana.getByText("1 finding waits for an answer.").waitFor();
    await yana.waitForFunction(() => document.querySelector(".tabs .badge")?.textContent === "1");
    await yana.getByRole("link", { name: "See all" }).click();
    await yana.getByLabel("Answer", { exact: true }).fill("The area is opened again and marked.");
    await shot(yana, "findings");
    assert.deepEqual(await violations(yana), []);
    await yana.getByRole("button", { name: "Answer it" }).click();
    await yana.getByText("Nothing waits for an answer.").waitFor();
    await yana.waitForFunction(() => !document.querySelector(".tabs .badge"));
    await choose(yana, /^all$/);
    await yana.getByText(/Answered by Yana \(quality manager\)/).waitFor();
    for (const page of [vira, yana]) await done(page);
});

test("the log and the reads", LIMIT, async () => {
    const anna = await as("Anna", "#/log");
    await anna.locator("tbody tr").first().waitFor();
    assert.match(await anna.locator("tbody").innerText(), /Olha/);
    await anna.getByLabel("Kind of record").selectOption("accident");
    await anna.getByText(`Accidents ${accident}`).first().waitFor();
    await shot(anna, "log");
    await choose(anna, "Reads");
    await anna.getByText(/No line of the reads is missing/).waitFor();
    assert.match(await anna.locator("tbody").innerText(), /Olha/);
    await shot(anna, "reads");
    await done(anna);
    const olha = await as("Olha", "#/log");
    await olha.getByText("Your role does not include this.").waitFor();
    await done(olha);
});

const pagesOf = () => ({
    queue: "#/queue", kinds: "#/new", new: "#/new/accident", report: "#/new/report", area: "#/new/hazard-area", edit: `#/edit/accident/${accident}`, perimeter: `#/edit/hazard-area/${drawn}`,
    record: `#/records/accident/${accident}`, dossier: `#/areas/${drawn}`, release: `#/release/${AREA}`, findings: "#/findings", log: "#/log",
});
const settled = async (page) => {
    await page.waitForFunction(() => !document.querySelector(".busy"), undefined, { timeout: 60000 });
    await page.waitForTimeout(500);
};

test("Ukrainian, on a phone: every page is there, nothing is wider than the screen", { timeout: 240000 }, async () => {
    const page = await as("Petro", "#/queue", { size: PHONE, locale: "uk-UA" });
    await title(page, "Робота");
    for (const [name, at] of Object.entries(pagesOf())) {
        await page.evaluate((h) => (location.hash = h), at);
        await settled(page);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= PHONE.width, `${name} is wider than the screen`);
        const odd = await page.evaluate(() => [...document.querySelectorAll(".panel-body *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-holder, .hidden")).map((e) => e.className || e.tagName).slice(0, 3));
        assert.deepEqual(odd, [], `${name}: parts stick out`);
        await shot(page, `phone-${name}-uk`);
    }
    await page.evaluate(() => (location.hash = "#/new/accident"));
    await page.getByLabel("Положення", { exact: true }).fill("48.33 N, 37.23 E");
    await page.getByText("Це означає:").waitFor();
    await page.getByLabel("Загиблі").fill("0");
    await page.getByRole("button", { name: "Підняти панель" }).click();
    await settled(page);
    await shot(page, "phone-form-full-uk");
    await page.getByRole("button", { name: "Внести як чернетку" }).click();
    await onRecord(page);
    await page.getByText(/внесено як чернетку/).waitFor();
    await done(page);
});

for (const [size, name] of [[LAPTOP, "laptop"], [PHONE, "phone"]])
    for (const scheme of ["light", "dark"])
        test(`axe finds nothing on the pages of work (${name}, ${scheme})`, { timeout: 240000 }, async () => {
            const page = await as("Petro", "", { size, scheme });
            await idle(page);
            const bad = [];
            for (const [at, hash] of Object.entries(pagesOf())) {
                await page.evaluate((h) => (location.hash = h), hash);
                await settled(page);
                bad.push(...(await violations(page)).map((v) => `${at}: ${v}`));
                assert.doesNotMatch(await page.locator("body").innerText(), /\bsafe\b/i);
                if (scheme === "dark") await shot(page, `${name}-${at}-dark`);
            }
            assert.deepEqual(bad, []);
            await done(page);
        });

test("without accounts the one person approves what they entered, and decides about no land", LIMIT, async () => {
    const page = await open("#/new/item");
    await page.getByLabel("Position", { exact: true }).fill("48.31 N, 37.21 E");
    await page.getByRole("button", { name: "Enter as a draft" }).click();
    await onRecord(page, "item");
    await page.getByRole("button", { name: "Submit for approval" }).click();
    await page.getByRole("button", { name: "Approve" }).click();
    await page.locator(".way-approved").waitFor();
    await page.evaluate((a) => (location.hash = `#/release/${a}`), AREA);
    await page.getByText(/Without accounts nobody can decide/).waitFor();
    assert.equal(await page.locator("input[type=password]").count(), 0);
    await done(page);
});

test("a guest has none of it", LIMIT, async () => {
    const page = await open("#/queue", { base, guest: true });
    await page.getByRole("alert").getByRole("link", { name: "Log in" }).waitFor();
    for (const at of ["#/new/accident", `#/edit/accident/${accident}`, `#/release/${AREA}`, "#/findings", "#/log"]) {
        await page.evaluate((h) => (location.hash = h), at);
        await page.getByRole("alert").first().waitFor();
        assert.equal(await page.locator(".panel form").count(), 0, at);
    }
    await done(page);
});
