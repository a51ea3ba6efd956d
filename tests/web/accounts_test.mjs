/*
 * Accounts and invitations, as an administrator and the person who is invited use them: Debian's Chromium on the real server; both languages, laptop and phone, light and dark.
 *
 *   node accounts_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { LAPTOP, LIMIT, PHONE, done, end, here, keyOf, logIn, open, options, out, shot, start, violations } from "./browser.mjs";
import { addAccount, serve } from "./district.mjs";

const PASSWORD = "correct horse 7", OWN = "seven slow rivers";
let project, server, home;

const pages = options.pages ? ["--pages", options.pages] : [];

before(async () => {
    await start();
    const team = path.join(out, "team");
    rmSync(team, { recursive: true, force: true });
    mkdirSync(team, { recursive: true });
    project = path.join(team, "team.gpkg");
    cpSync(here.project, project);
    for (const [name, role] of [["О. Коваль", "approver"], ["Vira", "verifier"], ["Olha", "entry"], ["Admin", "administrator"]]) addAccount(options.bin, project, name, role, PASSWORD);
    server = serve(options.bin, project, ...pages);
    home = new URL(await server.address).origin;
}, { timeout: 400000 });

after(async () => {
    await server?.stop();
    await end();
});

const card = (page, name) => page.locator("li.account", { has: page.getByText(name, { exact: true }) });

async function administrator(more = {}) {
    const page = await open("", { guest: true, base: home, ...more });
    await logIn(page, "Admin", PASSWORD);
    return page;
}

async function change(page, name, act, button, password = PASSWORD) {
    await card(page, name).getByRole("button", { name: /^Change/ }).click();
    const form = card(page, name).getByRole("form");
    await form.getByRole("radio", { name: act, exact: true }).check();
    await form.getByLabel("Your password, again").fill(password);
    await form.getByRole("button", { name: button }).click();
}

test("a person is invited, sets a password that nobody else knows, and works; the link is good once", LIMIT, async () => {
    const admin = await administrator();
    await admin.goto(`${home}/#/login`);
    await admin.getByRole("link", { name: "Accounts: who may log in" }).click();
    await card(admin, "Vira").waitFor();
    assert.equal(await admin.locator("li.account").count(), 4);
    await card(admin, "Admin").getByText(/^Last log-in: /).waitFor();
    await card(admin, "Olha").getByText("Has not logged in yet").waitFor();
    await shot(admin, "accounts-laptop");
    assert.deepEqual(await violations(admin), []);
    const add = admin.getByRole("form", { name: "Add a person" });
    await add.getByLabel("Name").fill("Н. Нова");
    await add.getByLabel("Role").selectOption("verifier");
    await add.getByText("Also approves or returns what others have entered.").waitFor();
    await add.getByLabel("Your password, again").fill("wrong words 99");
    await add.getByRole("button", { name: "Make an invitation" }).click();
    await add.getByText("name or password is not right").waitFor();
    assert.equal(await add.getByLabel("Name").inputValue(), "Н. Нова", "what was typed stays, but the password");
    assert.equal(await add.getByLabel("Your password, again").inputValue(), "");
    await add.getByLabel("Your password, again").fill(PASSWORD);
    await add.getByRole("button", { name: "Make an invitation" }).click();
    const link = await admin.getByLabel("Link").inputValue();
    assert.match(link, new RegExp(`^${home}/#/welcome/[0-9a-f]{64}$`));
    await card(admin, "Н. Нова").getByText("invited", { exact: true }).waitFor();
    await shot(admin, "accounts-invitation-laptop");
    assert.deepEqual(await violations(admin), []);
    await admin.reload();
    await card(admin, "Н. Нова").waitFor();
    assert.equal(await admin.getByLabel("Link").count(), 0, "it is shown once");

    const nova = await open("", { guest: true, base: home, size: PHONE });
    const asked = [];
    nova.on("request", (r) => asked.push(r.url()));
    await nova.goto(link);
    await nova.reload(); /* a new tab, as from a message */
    await nova.getByText("You were invited.", { exact: false }).waitFor();
    await nova.getByText("Н. Нова", { exact: true }).waitFor();
    assert.equal(new URL(nova.url()).hash, "#/welcome", "the token leaves the address bar");
    assert.ok(asked.every((url) => !url.includes(link.slice(-64))), "and no request carries it in its address");
    await shot(nova, "welcome-phone");
    assert.deepEqual(await violations(nova), []);
    await nova.getByLabel("New password").fill(OWN);
    await nova.getByLabel("The same again").fill(`${OWN}!`);
    await nova.getByText("The two are not the same.").waitFor();
    assert.ok(await nova.getByRole("button", { name: "Set the password and log in" }).isDisabled());
    await nova.getByLabel("The same again").fill(OWN);
    await nova.getByRole("button", { name: "Set the password and log in" }).click();
    await nova.waitForFunction(() => location.hash === "#/map");
    assert.equal((await nova.evaluate(() => fetch("/api/1/session").then((r) => r.json()))).name, "Н. Нова");
    const late = await open("", { guest: true, base: home });
    await late.goto(link);
    await late.reload();
    await late.getByText(/this invitation was used/).waitFor();
    await shot(late, "welcome-used-laptop");
    await done(late);

    await admin.reload();
    await card(admin, "Н. Нова").getByText("active", { exact: true }).waitFor();
    await done(nova);
    await done(admin);
});

test("role, lock, unlock, reset, remove; the last administrator stays; all of it in the log", LIMIT, async () => {
    const admin = await administrator();
    const olha = await open("", { guest: true, base: home });
    await logIn(olha, "Olha", PASSWORD);
    await admin.goto(`${home}/#/accounts`);
    await card(admin, "Olha").getByRole("button", { name: /^Change/ }).click();
    await card(admin, "Olha").getByLabel("Role", { exact: true }).selectOption("verifier");
    await card(admin, "Olha").getByText("The person is logged out and has the new role").waitFor();
    await shot(admin, "accounts-change-laptop");
    assert.deepEqual(await violations(admin), []);
    await card(admin, "Olha").getByLabel("Your password, again").fill(PASSWORD);
    await card(admin, "Olha").getByRole("button", { name: "Change the role" }).click();
    await card(admin, "Olha").getByText("verifier").waitFor();
    await olha.reload();
    assert.equal((await olha.evaluate(() => fetch("/api/1/session").then((r) => r.json()))).role, "guest");
    await change(admin, "Olha", "Lock", "Lock the account");
    await card(admin, "Olha").getByText("locked", { exact: true }).waitFor();
    await olha.evaluate(() => (location.hash = "#/login"));
    await olha.getByRole("textbox", { name: "Name" }).fill("Olha");
    await olha.getByLabel("Password").fill(PASSWORD);
    await olha.getByRole("button", { name: "Log in" }).click();
    await olha.getByText(/this account is locked/).waitFor();
    await change(admin, "Olha", "Unlock", "Unlock the account");
    await card(admin, "Olha").getByText("active", { exact: true }).waitFor();
    await change(admin, "Vira", "New invitation", "Make a new invitation");
    await admin.getByText(/Give this link to Vira and to nobody else/).waitFor();
    await change(admin, "Olha", "Remove", "Remove the account");
    await admin.waitForFunction(() => ![...document.querySelectorAll("li.account b")].some((b) => b.textContent === "Olha"));
    await change(admin, "Admin", "Lock", "Lock the account");
    await card(admin, "Admin").getByText(/is the last administrator who can log in/).waitFor();
    await card(admin, "Admin").getByText("This is your own account.").waitFor();
    await shot(admin, "accounts-last-laptop");
    assert.deepEqual(await violations(admin), []);
    await admin.getByRole("link", { name: "Changes of accounts stand in the log" }).click();
    await admin.getByRole("cell", { name: "Account Olha" }).first().waitFor();
    await admin.getByText("state: active → locked").waitFor();
    await shot(admin, "accounts-log-laptop");
    assert.deepEqual(await violations(admin), []);
    assert.ok(JSON.parse(execFileSync(options.bin, ["check", project, "--json"], { encoding: "utf8", cwd: out })).findings?.every?.((f) => f.severity !== "error") ?? true);
    await done(olha);
    await done(admin);
});

test("others see no accounts; the first account of a project ends the time without", LIMIT, async () => {
    const koval = await open("", { guest: true, base: home });
    await logIn(koval, "О. Коваль", PASSWORD);
    await koval.goto(`${home}/#/login`);
    assert.equal(await koval.getByRole("link", { name: /^Accounts/ }).count(), 0);
    await koval.goto(`${home}/#/accounts`);
    await koval.getByText("Your role does not include this.").waitFor();
    await done(koval);

    const alone = path.join(out, "team", "alone.gpkg");
    cpSync(here.project, alone);
    const other = serve(options.bin, alone, ...pages);
    try {
        const address = await other.address, base = new URL(address).origin;
        const local = await open("", { base, state: await keyOf(address) });
        await local.goto(`${base}/#/accounts`);
        await local.getByText("There is no account yet.", { exact: false }).waitFor();
        await shot(local, "accounts-first-laptop");
        await local.getByRole("textbox", { name: "Name" }).fill("Перша");
        await local.getByRole("button", { name: "Make an invitation" }).click();
        const link = await local.getByLabel("Link").inputValue();
        const first = await open("", { guest: true, base });
        await first.goto(link);
        await first.reload();
        await first.getByLabel("New password").fill(OWN);
        await first.getByLabel("The same again").fill(OWN);
        await first.getByRole("button", { name: "Set the password and log in" }).click();
        await first.waitForFunction(() => location.hash === "#/map");
        await first.goto(`${base}/#/accounts`);
        await card(first, "Перша").waitFor();
        await done(first);
        await done(local);
    } finally {
        await other.stop();
    }
});

test("Ukrainian, dark, phone and laptop; by keyboard", LIMIT, async () => {
    for (const [name, size] of [["phone", PHONE], ["laptop", LAPTOP]]) {
        const page = await administrator({ size, locale: "uk-UA", scheme: "dark" });
        await page.goto(`${home}/#/accounts`);
        await card(page, "О. Коваль").waitFor();
        if (size === PHONE) await page.locator(".handle").click(); /* the sheet goes up */
        const button = card(page, "О. Коваль").getByRole("button", { name: /^Змінити/ });
        await button.focus();
        await page.keyboard.press("Enter");
        await card(page, "О. Коваль").getByLabel("Ваш пароль ще раз").waitFor();
        await shot(page, `accounts-uk-dark-${name}`);
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing is wider than the screen");
        await done(page);
    }
});

test("a person changes their own password; other sessions of theirs end, this one goes on", LIMIT, async () => {
    const person = "Petro", next = "nine quiet hills";
    addAccount(options.bin, project, person, "entry", PASSWORD);
    const other = await open("", { guest: true, base: home });
    await logIn(other, person, PASSWORD);
    const page = await open("", { guest: true, base: home, locale: "uk-UA", size: PHONE, scheme: "dark" });
    await logIn(page, person, PASSWORD);
    await page.goto(`${home}/#/login`);
    await page.getByRole("link", { name: "Змінити свій пароль" }).click();
    await page.getByRole("heading", { name: "Ваш пароль" }).waitFor();
    const button = page.getByRole("button", { name: "Змінити пароль" });
    assert.ok(await button.isDisabled());
    await page.getByLabel("Старий пароль").fill("not the old one");
    await page.getByLabel("Новий пароль").fill(next);
    await page.getByLabel("Ще раз те саме").fill("something else");
    await page.getByText("Паролі не збігаються.").waitFor();
    await page.getByLabel("Ще раз те саме").fill(next);
    await shot(page, "password-phone-uk");
    await button.click();
    await page.getByText("Старий пароль неправильний.").waitFor();
    assert.equal(await page.getByLabel("Старий пароль").inputValue(), "");
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("Старий пароль").fill(PASSWORD);
    await button.click();
    await page.getByText(/^Пароль змінено\./).waitFor();
    assert.equal(await page.getByLabel("Новий пароль").inputValue(), "");
    await page.goto(`${home}/#/queue`);
    await page.reload();
    assert.equal(await page.evaluate(async () => (await fetch("/api/1/queue")).status), 200);
    assert.equal(await other.evaluate(async () => (await fetch("/api/1/queue")).status), 401);
    await done(page);
    await other.context().close();
    const laptop = await open("", { guest: true, base: home });
    await logIn(laptop, person, next);
    await laptop.goto(`${home}/#/password`);
    await laptop.getByRole("heading", { name: "Your password" }).waitFor();
    assert.deepEqual(await violations(laptop), []);
    await shot(laptop, "password");
    await done(laptop);
});
