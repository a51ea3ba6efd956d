/*
 * Victims of an accident in the page, as people of several roles use it: entered by who cannot read, shown to who is named and asks for it, in both languages, at the
 * size of a laptop and of a phone. Nothing of it stays in the browser.
 *
 *   node victims_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER [--project P.gpkg]
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { done, end, here, LAPTOP, LIMIT, logIn, open, options, out, PHONE, shot, start, violations } from "./browser.mjs";
import { addAccount, serve } from "./district.mjs";

const PASSWORD = "a long enough password", OWN = "keeper of names 1";
const PEOPLE = { Olha: "entry", Petro: "approver", Yana: "quality" };
const DETAILS = { Name: "Тарас Мельник", "Date of birth": "1987-03-14", Address: "Kamianka, Lisova 12", Contact: "0671112233", Remarks: "left leg lost" };
const states = {};
let team, base, project;

const as = (name, more = {}) => open("#/records/accident/AC-0001", { base, state: states[name], ...more });
const row = (page, code) => section(page).locator("li b", { hasText: code });
const section = (page) => page.getByRole("region", { name: /^(Victims|Постраждалі)/ });

before(async () => {
    await start();
    project = path.join(out, "victims.gpkg");
    for (const more of ["", ".accounts", ".reads", ".keys", "-wal", "-shm"]) rmSync(project + more, { force: true });
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

test("without a key, what names nobody is entered", LIMIT, async () => {
    const page = await as("Olha");
    await section(page).getByText("No victims are on record.").waitFor();
    await section(page).getByRole("button", { name: "Add a victim" }).click();
    await page.getByText("no key for personal details yet").waitFor();
    assert.equal(await section(page).getByLabel("Name").count(), 0);
    await section(page).getByLabel("Outcome").selectOption("killed");
    await section(page).getByRole("button", { name: "Save" }).click();
    await row(page, "VI-0001").waitFor();
    await section(page).getByText("no personal details").waitFor();
    await done(page);
    execFileSync(options.bin, ["victims", project, "init", "--name", "Petro", "--quiet"], { input: `${OWN}\n`, stdio: ["pipe", "ignore", "inherit"] });
});

test("who enters writes personal details and cannot read them", LIMIT, async () => {
    const page = await as("Olha");
    await section(page).getByRole("button", { name: "Add a victim" }).click();
    await section(page).getByLabel("Outcome").selectOption("injured");
    await section(page).getByLabel("Sex").selectOption("male");
    await section(page).getByLabel("Age group").selectOption("adult");
    await section(page).getByLabel("What the person was doing").fill("mowing");
    for (const [label, value] of Object.entries(DETAILS)) await section(page).getByLabel(label, { exact: true }).fill(value);
    await section(page).getByLabel("Date of birth").fill("14.03.87");
    assert.ok(await section(page).getByRole("button", { name: "Save" }).isDisabled(), "a date that is none is not sent");
    await section(page).getByLabel("Date of birth").fill(DETAILS["Date of birth"]);
    assert.deepEqual(await violations(page), []);
    await section(page).getByRole("button", { name: "Save" }).scrollIntoViewIfNeeded();
    await shot(page, "victims-entering-laptop");
    await section(page).getByRole("button", { name: "Save" }).click();
    await row(page, "VI-0002").waitFor();
    await section(page).getByText("injured · male · adult · mowing").waitFor();
    assert.equal(await section(page).getByRole("button", { name: "Show personal details" }).count(), 0);
    await page.getByText("shown to persons who are named for them").waitFor();
    assert.ok(!(await page.content()).includes("Мельник"));
    await section(page).getByRole("button", { name: "Change VI-0002" }).click();
    await section(page).getByText("There are sealed personal details").waitFor();
    await done(page);
});

test("a named person asks for them, gives a password, and they go again", LIMIT, async () => {
    const page = await as("Petro");
    await row(page, "VI-0002").waitFor();
    assert.ok(!(await page.content()).includes("Мельник"));
    await section(page).getByRole("button", { name: "Show personal details" }).click();
    await section(page).getByLabel("Password for personal details").fill("not this one");
    await section(page).getByRole("button", { name: "Open" }).click();
    await section(page).getByText("does not open the personal details").waitFor();
    await section(page).getByLabel("Password for personal details").fill(OWN);
    assert.deepEqual(await violations(page), []);
    await section(page).getByRole("button", { name: "Open" }).click();
    for (const value of Object.values(DETAILS).filter((v) => v !== "1987-03-14")) await section(page).getByText(value).waitFor();
    assert.deepEqual(await violations(page), []);
    await section(page).getByText("left leg lost").scrollIntoViewIfNeeded();
    await shot(page, "victims-shown-laptop");
    /* Neither the address nor anything that a browser keeps knows of it. */
    const kept = await page.evaluate(async () => JSON.stringify([location.href, document.title, history.state, { ...localStorage }, { ...sessionStorage }, await indexedDB.databases(), await caches.keys()]));
    for (const value of [...Object.values(DETAILS), OWN]) assert.ok(!kept.includes(value), value);
    await section(page).getByRole("button", { name: "Change VI-0002" }).click();
    assert.equal(await section(page).getByLabel("Name", { exact: true }).inputValue(), DETAILS.Name);
    await section(page).getByLabel("Remarks").fill("both legs");
    await section(page).getByRole("button", { name: "Save" }).click();
    await section(page).getByText("both legs").waitFor();
    await section(page).getByRole("button", { name: "Hide", exact: true }).click();
    await section(page).getByText("both legs").waitFor({ state: "detached" });
    await section(page).getByRole("button", { name: "Show personal details" }).click(); /* still open for this session */
    await section(page).getByText("both legs").waitFor();
    await section(page).getByRole("button", { name: "Hide and lock" }).click();
    await section(page).getByRole("button", { name: "Show personal details" }).click();
    await section(page).getByLabel("Password for personal details").waitFor();
    /* another page and back: forgotten */
    await page.evaluate(() => (location.hash = "#/areas"));
    await page.getByRole("heading", { level: 1, name: "Areas" }).waitFor();
    assert.ok(!(await page.content()).includes("Мельник"));
    await done(page);
    const reads = readFileSync(`${project}.reads`, "utf8");
    assert.match(reads, /"person":"Petro".*"what":"personal details","kind":"victim","code":"VI-0002"/);
    assert.ok(!reads.includes("Мельник"));
});

test("others are not told how many", LIMIT, async () => {
    for (const more of [{ state: states.Yana }, { guest: true, state: undefined }]) {
        const page = await open("#/records/accident/AC-0001", { base, ...more });
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForTimeout(800);
        assert.equal(await section(page).count(), 0);
        assert.ok(!(await page.content()).includes("VI-000"));
        await done(page);
    }
});

test("in Ukrainian, on a phone, light and dark", LIMIT, async () => {
    for (const scheme of ["light", "dark"]) {
        const page = await as("Petro", { size: PHONE, scheme, locale: "uk-UA" });
        await row(page, "VI-0002").waitFor();
        await section(page).getByText("поранено · чоловіча · дорослий(-а) · mowing").waitFor();
        await section(page).getByRole("button", { name: "Показати особисті дані" }).click();
        await section(page).getByLabel("Пароль до особистих даних").fill(OWN);
        await section(page).getByRole("button", { name: "Відкрити" }).click();
        await section(page).getByText(DETAILS.Name).waitFor();
        await section(page).getByText(DETAILS.Name).scrollIntoViewIfNeeded();
        assert.deepEqual(await violations(page), []);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
        assert.ok(wide, "nothing wider than the phone");
        await shot(page, `victims-phone-${scheme}-uk`);
        await section(page).getByRole("button", { name: "Сховати й замкнути" }).click();
        await section(page).getByText(DETAILS.Name).waitFor({ state: "detached" });
        await done(page);
    }
    const page = await as("Petro", { size: LAPTOP, scheme: "dark" });
    await row(page, "VI-0002").waitFor();
    assert.deepEqual(await violations(page), []);
    await done(page);
});
