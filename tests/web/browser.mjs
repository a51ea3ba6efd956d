/*
 * What every test in the browser does in the same way: Debian's Chromium on the real server with the simulated district, a page at a size and in a language,
 * pictures and figures in the output folder.
 *
 *   node SUBJECT_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER [--project P.gpkg] [--pages FOLDER]
 */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

import { makeDistrict, serve } from "./district.mjs";

export const { values: options } = parseArgs({ options: { bin: { type: "string" }, modules: { type: "string" }, out: { type: "string" }, project: { type: "string" }, pages: { type: "string" } } });
export const out = path.resolve(options.out);
export const LIMIT = { timeout: 120000 };
export const LAPTOP = { width: 1366, height: 820 }, PHONE = { width: 390, height: 844 }, WALL = { width: 2560, height: 1340 };
/** Written to figures.json when the tests end; no timing is asserted unless a test says so. */
export const figures = {};

const { chromium } = await import(path.join(options.modules, "playwright-core/index.mjs"));
const axe = readFileSync(path.join(options.modules, "axe-core/axe.min.js"), "utf8");
const shots = path.join(out, "screenshots");
let browser, server;

/** The project that is served, the server's origin, and the log-in of the one local person; set by start(). */
export const here = { project: "", home: "", keyed: undefined };

/* Two ways of drawing without a graphics processor: what Chromium does by itself (the page by the processor, WebGL in software), and all through WebGL's software. */
export const SOFTWARE = ["--no-sandbox", "--enable-unsafe-swiftshader"], ALL_SOFTWARE_GL = [...SOFTWARE, "--use-angle=swiftshader"];
export const launch = (args = ALL_SOFTWARE_GL) => chromium.launch({ executablePath: "/usr/bin/chromium", args });

/** Processor time [ms] of all processes below this one whose command has a word in it, with those that have ended below them. */
export function processorTime(word) {
    const found = new Map();
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
        try {
            const stat = readFileSync(`/proc/${pid}/stat`, "utf8"), fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
            found.set(Number(pid), { parent: fields[1], ticks: fields[11] + fields[12] + fields[13] + fields[14], command: readFileSync(`/proc/${pid}/cmdline`, "utf8") });
        } catch {
            /* it has ended meanwhile */
        }
    const below = (pid) => (pid === process.pid ? true : found.has(pid) && pid > 1 ? below(found.get(pid).parent) : false);
    return [...found].filter(([pid, { command }]) => command.includes(word) && below(pid)).reduce((sum, [, { ticks }]) => sum + ticks * 10, 0);
}

/** Opens the address that a server printed, with its one-time key: the state of a browser that is logged in by it. */
export async function keyOf(address) {
    const context = await browser.newContext();
    await (await context.newPage()).goto(address);
    const state = { cookies: await context.cookies(), origins: [] };
    await context.close();
    return state;
}

/** To be called before all tests: district, server, browser. */
export async function start() {
    mkdirSync(shots, { recursive: true });
    here.project = options.project ?? makeDistrict(options.bin, path.join(out, "project"));
    server = serve(options.bin, here.project);
    const address = await server.address;
    here.home = new URL(address).origin;
    browser = await launch();
    here.keyed = await keyOf(address);
}

/** To be called after all tests. */
export async function end() {
    await browser?.close();
    await server?.stop();
    writeFileSync(path.join(out, "figures.json"), `${JSON.stringify(figures, null, 4)}\n`);
    console.log(`# figures: ${JSON.stringify(figures)}`);
}

/** A page of its own: with the local person's log-in, with a state given (that of another server or person), or as a guest. */
export async function open(at = "", { size = LAPTOP, scheme = "light", locale = "en-GB", guest = false, base = here.home, state } = {}) {
    const context = await browser.newContext({ viewport: size, colorScheme: scheme, locale, ...(state ? { storageState: state } : guest ? {} : { storageState: here.keyed }),
        hasTouch: size === PHONE, deviceScaleFactor: size === PHONE ? 2 : 1, acceptDownloads: true });
    const page = await context.newPage();
    page.setDefaultTimeout(30000);
    watch(page);
    await page.goto(`${base}/${at}`);
    return page;
}

/** Collects what goes wrong in a page: done() asks for it. */
export function watch(page) {
    page.troubles = [];
    page.on("pageerror", (e) => page.troubles.push(e.message));
    page.on("console", (m) => /Content Security Policy|Refused to/.test(m.text()) && page.troubles.push(m.text()));
}

/** Waits until the map has drawn all that it was asked for. */
export async function idle(page) {
    await page.waitForSelector(".map-holder[data-idle]", { state: "attached" });
    const before = await page.getAttribute(".map-holder", "data-idle");
    await page.waitForFunction((n) => document.querySelector(".map-holder")?.dataset.idle !== n, before, { timeout: 1500 }).catch(() => undefined);
}

export const shot = (page, name) => page.screenshot({ path: path.join(shots, `${name}.png`) });

export async function done(page) {
    assert.deepEqual(page.troubles, [], "errors of the page");
    await page.context().close();
}

/** What axe-core finds, a line each. */
export async function violations(page) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    return found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
}

/** Logs a person in on a server with accounts, by the page that people use; the page is then theirs. */
export async function logIn(page, name, password) {
    await page.evaluate(() => (location.hash = "#/login"));
    await page.getByLabel(/^(Name|Ім['’]я)$/).fill(name);
    await page.getByLabel(/^(Password|Пароль)$/).fill(password);
    await page.getByRole("button", { name: /^(Log in|Увійти)$/ }).click();
    await page.waitForFunction(() => !document.querySelector("input[type=password]"));
}
