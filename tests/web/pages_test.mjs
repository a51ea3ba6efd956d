/*
 * The pages as a person uses them: Debian's Chromium on the real server with a simulated district, in both languages, at the size of a laptop and of a phone.
 * Screenshots and figures lie in the output folder, to be looked at. No timing is asserted: figures.json has them.
 *
 *   node pages_test.mjs --bin BUILD/bin/tilth --modules BUILD/web/node_modules --out FOLDER
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { ALL_SOFTWARE_GL, LAPTOP, LIMIT, PHONE, SOFTWARE, WALL, done, end, figures, here, idle, launch, open, options, out, processorTime, shot, start, violations } from "./browser.mjs";
import { addAccount, serve } from "./district.mjs";

let home, team, teamHome;

before(async () => {
    await start();
    home = here.home;
}, { timeout: 400000 });

after(async () => {
    await team?.stop();
    await end();
});

/* When the first picture of the map was on the screen, as the browser itself tells (Element Timing of the words that come in the same frame). */
const shownAt = (page) => page.evaluate(() => new Promise((resolve) => {
    new PerformanceObserver((list) => {
        const entry = list.getEntries().find((e) => e.identifier === "first-map");
        if (entry) resolve(performance.timeOrigin + entry.renderTime);
    }).observe({ type: "element", buffered: true });
}));

for (const [name, flags] of [["software", SOFTWARE], ["all_software_gl", ALL_SOFTWARE_GL]])
    test(`a cold start shows the map, within its weight (${name})`, LIMIT, async () => {
        const now = () => performance.timeOrigin + performance.now(), before = processorTime("chromium");
        const started = now(), cold = await launch(flags);
        const page = await (await cold.newContext({ viewport: LAPTOP, storageState: here.keyed })).newPage();
        const asked = now(), used = processorTime("chromium");
        await page.goto(home, { waitUntil: "commit" });
        const shown = await shownAt(page), work = processorTime("chromium");
        /* What stands there is the whole first map: its legend has numbers, its view is known, and the library of the other map has not begun. */
        assert.match(await page.locator(".legend .ramp").getAttribute("aria-label"), /\d/);
        assert.match(await page.locator(".pointer").innerText(), /° N/);
        assert.ok(await page.evaluate(() => !performance.getEntriesByType("resource").some((r) => /\/gl-/.test(r.name)) || !document.querySelector(".map-holder[data-idle]")));
        await page.waitForSelector(".map-holder[data-idle]", { state: "attached" });
        figures[`first_map_${name}`] = { browser_and_map_ms: Math.round(shown - started), map_ms: Math.round(shown - asked), map_processor_ms: work - used,
            browser_processor_ms: used - before, movable_map_ms: Math.round(now() - asked), movable_map_processor_ms: processorTime("chromium") - used };
        await page.waitForTimeout(1500);
        /* As the browser's own record of what was sent has it; the map's worker is in it, tiles and answers of the API are not counted. */
        const bytes = await page.evaluate(() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
            .filter((r) => !r.name.includes("/api/")).reduce((sum, r) => sum + r.transferSize, 0));
        figures.page_weight_kib = Math.round(bytes / 1024);
        await cold.close();
        assert.ok(bytes > 100 * 1024, `only ${bytes} bytes were counted`);
        assert.ok(bytes < 700 * 1024, `the page weighs ${figures.page_weight_kib} KiB`);
    });

/* Share of pixels of two pictures of the same size that differ plainly. */
const difference = (page, a, b) => page.evaluate(async (pictures) => {
    const [x, y] = await Promise.all(pictures.map(async (text) => {
        const image = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))])), canvas = new OffscreenCanvas(image.width, image.height), c = canvas.getContext("2d");
        c.drawImage(image, 0, 0);
        return c.getImageData(0, 0, image.width, image.height).data;
    }));
    let other = 0;
    for (let i = 0; i < x.length; i += 4) if (Math.abs(x[i] - y[i]) + Math.abs(x[i + 1] - y[i + 1]) + Math.abs(x[i + 2] - y[i + 2]) > 90) other++;
    return other / (x.length / 4);
}, [a.toString("base64"), b.toString("base64")]);

for (const [name, size, scheme] of [["laptop", LAPTOP, "light"], ["phone", PHONE, "dark"]])
    test(`the first picture is the map that follows it, in place and colours (${name})`, LIMIT, async () => {
        const page = await open("#/login", { size, scheme });
        let go;
        const held = new Promise((resolve) => (go = resolve));
        await page.route(/assets\/gl-/, async (route) => {
            await held;
            await route.continue();
        });
        await page.goto(`${home}/#/map`);
        await page.reload();
        await page.waitForSelector(".sketch[data-picture]", { state: "attached" });
        await page.locator(".legend .ramp").waitFor();
        await page.waitForTimeout(500);
        /* The middle of the map, where nothing lies over it. */
        const box = await page.locator(".map").boundingBox(), clip = { x: box.x + box.width * 0.05, y: box.y + box.height * (size === PHONE ? 0.2 : 0.05), width: box.width * 0.78, height: box.height * (size === PHONE ? 0.25 : 0.65) };
        const first = await page.screenshot({ clip });
        await shot(page, `first-picture-${name}`);
        go();
        await page.waitForSelector(".map-holder[data-idle]", { state: "attached" });
        await page.waitForSelector(".sketch", { state: "hidden" });
        await page.waitForTimeout(500);
        const then = await page.screenshot({ clip });
        await shot(page, `first-picture-${name}-then`);
        const blank = await open("#/login");
        figures[`first_picture_differs_${name}`] = Number((await difference(blank, first, then)).toFixed(4));
        assert.ok(figures[`first_picture_differs_${name}`] < (size === PHONE ? 0.06 : 0.03), `${figures[`first_picture_differs_${name}`]} of the pixels differ`);
        await done(blank);
        await done(page);
    });

test("without WebGL the picture stays, can be brought nearer, and says so", LIMIT, async () => {
    const bare = await launch(["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]);
    const page = await (await bare.newContext({ viewport: LAPTOP, storageState: here.keyed })).newPage();
    await page.goto(home);
    await page.getByText(/needs WebGL/).waitFor();
    const first = await page.getAttribute(".sketch", "data-picture");
    await page.getByRole("button", { name: "Zoom in" }).click();
    await page.waitForFunction((n) => document.querySelector(".sketch").dataset.picture !== n, first);
    await page.goto(`${home}/#/areas/HA-0003`);
    await page.getByRole("heading", { name: "What may remain" }).waitFor();
    await page.waitForTimeout(800);
    await shot(page, "no-webgl");
    await bare.close();
});

test("the map: rasters, scales, opacity, legend with its unit", LIMIT, async () => {
    const page = await open();
    await idle(page);
    await shot(page, "map-light");
    assert.ok((await page.locator(".legend .ramp").getAttribute("aria-label")).includes("items"), "the legend gives the unit");
    const asked = page.waitForRequest((r) => /tiles\/raster\/p_any\/.*scale=viridis/.test(r.url()));
    await page.getByLabel("Chance of at least one item").check();
    await asked;
    const other = page.waitForRequest((r) => /tiles\/raster\/p_any\/.*scale=magma/.test(r.url()));
    await page.getByLabel("Colour scale").selectOption("magma");
    await other;
    await page.getByLabel("Opacity").fill("40");
    await page.getByLabel("Uncertainty of the density").check();
    await idle(page);
    await shot(page, "map-uncertainty");
    const picture = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as a picture" }).click();
    const png = readFileSync(await (await picture).path());
    assert.equal(png.subarray(1, 4).toString(), "PNG");
    assert.ok(png.length > 20000, `the picture has ${png.length} bytes only: it is empty`);
    await page.getByLabel("No raster").check();
    await page.waitForFunction(() => !document.querySelector(".legend .ramp"));
    await done(page);
});

test("the table beside the map has the same content, and follows filter and years", LIMIT, async () => {
    const page = await open();
    await idle(page);
    const total = async () => Number(/\d+/.exec(await page.locator(".below [role=status]").innerText())[0]);
    await page.getByRole("button", { name: "Table of records" }).click();
    await page.waitForSelector(".below tbody tr");
    const all = await total();
    assert.equal(await page.locator(".below tbody tr").count(), all, "all hazardous areas in view are listed");
    await page.locator("summary", { hasText: "Filter" }).click();
    await page.getByLabel("Status").selectOption("open");
    await page.waitForFunction((n) => Number(/\d+/.exec(document.querySelector(".below [role=status]")?.textContent ?? "")?.[0]) < n, all);
    assert.ok((await page.locator(".below tbody td:nth-child(4)").allInnerTexts()).every((s) => s === "open"));
    await page.getByRole("button", { name: "Clear the filter" }).click();
    const last = page.getByLabel("Last year");
    await last.fill(await last.getAttribute("min"));
    await page.waitForFunction((n) => Number(/\d+/.exec(document.querySelector(".below [role=status]")?.textContent ?? "")?.[0]) < n, all);
    await idle(page);
    await shot(page, "map-table-years");
    await done(page);
});

test("measure, and coordinates in four forms", LIMIT, async () => {
    const page = await open();
    await idle(page);
    const canvas = await page.locator(".maplibregl-canvas").boundingBox();
    const at = (x, y) => [canvas.x + canvas.width * x, canvas.y + canvas.height * y];
    await page.getByRole("button", { name: "Measure" }).click();
    for (const [x, y] of [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6]]) {
        await page.mouse.click(...at(x, y));
        await page.waitForTimeout(350);
    }
    const words = await page.locator(".measure [role=status]").innerText();
    assert.match(words, /Length: [\d.,]+ k?m/);
    assert.match(words, /true bearing (179|180|181)/);
    assert.match(words, /Area enclosed/);
    await shot(page, "measure");
    await page.getByRole("button", { name: "Close" }).click();
    for (const [form, pattern] of [["Degrees", /° N, .*° E/], ["Minutes, seconds", /′.*″N/], ["UTM", /^\d\d[A-Z] \d{6} \d{7}$/], ["MGRS", /^\d\d[A-Z] [A-Z]{2} \d{5} \d{5}$/]]) {
        await page.locator(".choice label", { hasText: new RegExp(`^${form}$`) }).click();
        await page.waitForFunction((p) => new RegExp(p).test(document.querySelector(".pointer").textContent), pattern.source);
    }
    await done(page);
});

test("search by code, name and coordinates", LIMIT, async () => {
    const page = await open();
    await idle(page);
    const find = page.getByRole("combobox", { name: /Search/ });
    await page.keyboard.press("/");
    await find.fill("HA-0003");
    await page.getByRole("option", { name: /HA-0003/ }).first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash.includes("HA-0003"));
    await find.fill("48.2955, 37.2343");
    await page.getByRole("option", { name: /Coordinates/ }).first().waitFor();
    await shot(page, "search");
    await find.fill("no such thing anywhere");
    await page.getByText("Nothing found.").waitFor();
    await done(page);
});

test("a click on the map tells why, with links to the records", LIMIT, async () => {
    const page = await open();
    await idle(page);
    const canvas = await page.locator(".maplibregl-canvas").boundingBox();
    await page.mouse.click(canvas.x + canvas.width * 0.55, canvas.y + canvas.height * 0.45);
    await page.waitForFunction(() => location.hash.startsWith("#/place/") || location.hash.startsWith("#/records/"));
    await page.goto(`${home}/#/place/37.2343,48.2955`);
    await page.getByText(/items per hectare; with 90 % probability/).waitFor();
    await page.getByText("Why this figure").waitFor();
    await idle(page);
    await shot(page, "place");
    const link = page.locator(".near a").first();
    const code = await link.innerText();
    await link.click();
    await page.getByText(code).first().waitFor();
    await page.goBack();
    await page.getByText("Why this figure").waitFor();
    await done(page);
});

test("outside any recorded area is no statement that the ground is free", LIMIT, async () => {
    const page = await open("#/place/37.07,48.235");
    await page.getByText(/Outside any recorded area: that is not a statement that the ground is free|In a recorded hazardous area/).waitFor();
    await done(page);
});

test("areas: list, dossier, what-if sliders that answer at once", LIMIT, async () => {
    const page = await open("#/areas");
    await page.locator(".area-card").first().waitFor();
    assert.ok((await page.locator(".area-card").count()) > 10);
    await page.getByLabel("Name or code").fill("HA-0003");
    await page.waitForFunction(() => document.querySelectorAll(".area-card").length === 1);
    await shot(page, "areas");
    await page.locator(".area-card").click();
    await page.getByRole("heading", { name: "What may remain" }).waitFor();
    await page.locator(".what-if").first().waitFor();
    await idle(page);
    await shot(page, "area");
    const row = page.locator(".what-if", { hasText: "manual" }).first();
    const before = await page.locator(".after").innerText();
    const times = [];
    for (const passes of ["2", "3", "4", "1"]) {
        const answered = page.waitForResponse((r) => /what-if/.test(r.url()) && r.request().method() === "POST");
        await row.locator("input").fill(passes);
        await answered;
        await page.waitForFunction(() => !document.querySelector(".what-ifs.waiting"));
        times.push(Number(await page.locator("[data-took-ms]").getAttribute("data-took-ms")));
        if (passes === "3") assert.notEqual(await page.locator(".after").innerText(), before);
    }
    figures.what_if_ms = times;
    await row.scrollIntoViewIfNeeded();
    await shot(page, "area-what-if");
    assert.match(await page.locator(".panel").innerText(), /a person with the role for it decides/);
    await done(page);
});

test("a polygon by bearing and distance, and one by turning points, are assessed", LIMIT, async () => {
    const page = await open("#/draw");
    await page.locator(".choice label", { hasText: "Bearing and distance" }).click();
    await page.getByLabel("Start point").fill("48.2955 N, 37.2343 E");
    await page.getByLabel(/Legs, one a line/).fill("0 200\n90 200\n180 200\n270 200");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByText(/fails to close by/).waitFor();
    await page.getByRole("button", { name: "Assess it" }).click();
    await page.getByRole("heading", { name: "What may remain" }).waitFor();
    await page.locator(".what-if").first().waitFor();
    await idle(page);
    await shot(page, "draw-legs");
    await page.getByRole("button", { name: "Begin anew" }).click();
    await page.locator(".choice label", { hasText: "Turning points" }).click();
    await page.getByLabel(/One turning point a line/).fill("48.30 N, 37.20 E\nrubbish\n48.31 N, 37.21 E");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByText(/Line 2: "rubbish" is not a position/).waitFor();
    await page.getByLabel(/One turning point a line/).fill("48.300 N, 37.200 E\n48.302 N, 37.200 E\n48.302 N, 37.204 E\n48.300 N, 37.204 E");
    await page.getByRole("button", { name: "Show this polygon" }).click();
    await page.getByText("6.6 ha").first().waitFor();
    await done(page);
});

test("a polygon is drawn on the map with the pointer", LIMIT, async () => {
    const page = await open("#/draw");
    await idle(page);
    const canvas = await page.locator(".maplibregl-canvas").boundingBox();
    const corners = [[0.5, 0.4], [0.65, 0.4], [0.65, 0.6], [0.5, 0.6], [0.5, 0.4]];
    await page.waitForTimeout(800);
    for (const [x, y] of corners) {
        await page.mouse.move(canvas.x + canvas.width * x, canvas.y + canvas.height * y, { steps: 4 });
        await page.mouse.click(canvas.x + canvas.width * x, canvas.y + canvas.height * y);
        await page.waitForTimeout(250);
    }
    await page.getByText("Way round").waitFor();
    await shot(page, "draw-map");
    await done(page);
});

test("scenarios side by side, changed by sliders, with pictures to take away", LIMIT, async () => {
    const page = await open("#/scenarios");
    await page.locator(".fan canvas").first().waitFor();
    assert.equal(await page.locator(".fan").count(), 2);
    await page.getByLabel("Funding").fill("6");
    await page.waitForFunction(() => document.querySelectorAll(".fan").length === 3);
    await page.waitForTimeout(400);
    await shot(page, "scenarios");
    const svg = page.waitForEvent("download");
    await page.getByRole("button", { name: "SVG" }).first().click();
    const text = readFileSync(await (await svg).path(), "utf8");
    assert.match(text, /^<svg xmlns/);
    assert.doesNotMatch(text, /NaN/);
    const png = page.waitForEvent("download");
    await page.getByRole("button", { name: "PNG" }).first().click();
    assert.equal(readFileSync(await (await png).path()).subarray(1, 4).toString(), "PNG");
    await done(page);
});

test("Ukrainian and back without a reload, on every page", LIMIT, async () => {
    const page = await open("#/areas/HA-0003");
    await page.getByRole("heading", { name: "What may remain" }).waitFor();
    await page.evaluate(() => (window.stayed = true));
    await page.getByLabel("Language").first().selectOption("uk");
    await page.getByRole("heading", { name: "Що може залишатися" }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), "uk");
    await shot(page, "area-uk");
    for (const [at, words] of [["#/map", "Небезпека"], ["#/areas", "Небезпечні райони"], ["#/draw", "Оцінити полігон"], ["#/scenarios", "Сценарії"], ["#/plan", "План робіт"]]) {
        await page.evaluate((h) => (location.hash = h), at);
        await page.getByRole("heading", { name: words }).first().waitFor();
    }
    assert.equal(await page.evaluate(() => window.stayed), true);
    await page.getByLabel("Мова").first().selectOption("en");
    await page.getByRole("heading", { name: "Plan of work" }).waitFor();
    await done(page);
    const browserSpeaks = await open("", { locale: "uk-UA" });
    await browserSpeaks.getByRole("heading", { name: "Небезпека" }).waitFor();
    await idle(browserSpeaks);
    await shot(browserSpeaks, "map-uk");
    await done(browserSpeaks);
});

test("light and dark by the device and by choice", LIMIT, async () => {
    const page = await open("", { scheme: "dark" });
    await idle(page);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await shot(page, "map-dark");
    await page.getByLabel("Light or dark").first().selectOption("light");
    await page.waitForFunction(() => document.documentElement.dataset.theme === "light");
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.theme === "light");
    await done(page);
});

test("a phone: every page is there, the sheet moves, nothing is wider than the screen", LIMIT, async () => {
    const page = await open("", { size: PHONE, locale: "uk-UA" });
    await idle(page);
    await shot(page, "phone-map-uk");
    await page.getByRole("button", { name: "Підняти панель" }).click();
    await page.waitForSelector(".sheet-full");
    await page.getByRole("button", { name: "Опустити панель" }).click();
    await page.waitForSelector(".sheet-low");
    for (const [name, at] of [["areas", "#/areas"], ["area", "#/areas/HA-0003"], ["place", "#/place/37.2343,48.2955"], ["draw", "#/draw"], ["scenarios", "#/scenarios"], ["plan", "#/plan"], ["login", "#/login"]]) {
        await page.evaluate((h) => (location.hash = h), at);
        await page.waitForTimeout(900);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= PHONE.width, `${name} is wider than the screen`);
        await shot(page, `phone-${name}-uk`);
    }
    await done(page);
});

test("a wall screen", LIMIT, async () => {
    const page = await open("", { size: WALL, scheme: "dark" });
    await idle(page);
    await shot(page, "wall-dark");
    await done(page);
});

test("keyboard alone: skip link, pages, a record from the table", LIMIT, async () => {
    const page = await open("#/records/hazard-area");
    await page.locator("tbody th a").first().waitFor();
    const seen = [];
    await page.evaluate(() => document.activeElement?.blur());
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press("Tab");
        const what = await page.evaluate(() => {
            const e = document.activeElement;
            const box = e.getBoundingClientRect();
            return { name: e.getAttribute("aria-label") || e.textContent.trim().slice(0, 40) || e.tagName, visible: box.width > 0 && box.height > 0, href: e.getAttribute("href") };
        });
        seen.push(what);
        if (what.href?.startsWith("#/areas/HA")) break;
    }
    assert.ok(seen.every((s) => s.visible), JSON.stringify(seen.find((s) => !s.visible)));
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash.startsWith("#/areas/HA"));
    await done(page);
});

for (const [size, name] of [[LAPTOP, "laptop"], [PHONE, "phone"]])
    for (const scheme of ["light", "dark"])
        test(`axe finds nothing on any page (${name}, ${scheme})`, { timeout: 240000 }, async () => {
            const page = await open("", { size, scheme });
            await idle(page);
            const bad = [];
            const pages = { map: "#/map", records: "#/records/item", record: "#/records/item/IT-0151", place: "#/place/37.2343,48.2955", areas: "#/areas", area: "#/areas/HA-0003", draw: "#/draw", scenarios: "#/scenarios", plan: "#/plan", login: "#/login" };
            for (const [title, at] of Object.entries(pages)) {
                await page.evaluate((h) => (location.hash = h), at);
                await page.waitForFunction(() => !document.querySelector(".busy"), undefined, { timeout: 30000 });
                await page.waitForTimeout(500);
                bad.push(...(await violations(page)).map((v) => `${title}: ${v}`));
                assert.doesNotMatch(await page.locator("body").innerText(), /\bsafe\b/i);
            }
            assert.deepEqual(bad, []);
            await done(page);
        });

test("a guest sees hazardous areas and nothing else", LIMIT, async () => {
    const page = await open("", { guest: true });
    await idle(page);
    await page.getByText(/You see the public view/).waitFor();
    const words = await page.locator("body").innerText();
    for (const hidden of ["Accidents", "Items found", "Searches", "Reports", "Scenarios", "Expected density"]) assert.ok(!words.includes(hidden), hidden);
    await shot(page, "guest");
    await page.evaluate(() => (location.hash = "#/place/37.2343,48.2955"));
    await page.getByText("In a recorded hazardous area:").waitFor();
    await page.evaluate(() => (location.hash = "#/areas/HA-0003"));
    await page.getByText(/Keep out of recorded hazardous areas/).waitFor();
    assert.ok(!(await page.locator("body").innerText()).includes("What may remain"));
    assert.deepEqual(await violations(page), []);
    await done(page);
});

test("log in and out where there are accounts", LIMIT, async () => {
    const folder = path.join(out, "team"), second = path.join(folder, "team.gpkg");
    rmSync(folder, { recursive: true, force: true }); /* of an earlier run: its accounts lie beside it */
    mkdirSync(folder, { recursive: true });
    writeFileSync(second, readFileSync(here.project));
    addAccount(options.bin, second, "olena", "quality", "a long enough password");
    team = serve(options.bin, second);
    teamHome = new URL(await team.address).origin;
    const page = await open("#/login", { guest: true, base: teamHome });
    await page.getByLabel("Name", { exact: true }).fill("olena");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    await shot(page, "login-refused");
    assert.deepEqual(await violations(page), []);
    await page.getByLabel("Password").fill("a long enough password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Expected density of items").first().waitFor();
    await page.evaluate(() => (location.hash = "#/login"));
    await page.getByText("quality manager").waitFor();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Password").waitFor();
    await page.evaluate(() => (location.hash = "#/map"));
    await page.getByText(/You see the public view/).waitFor();
    await done(page);
});

test("a server that is gone is told, and the page lives on", LIMIT, async () => {
    const page = await open("#/areas");
    await page.locator(".area-card").first().waitFor();
    await page.route("**/api/**", (r) => r.abort());
    await page.locator(".area-card").first().click();
    await page.getByText("The server does not answer.").first().waitFor();
    await page.unroute("**/api/**");
    await page.goBack();
    await page.locator(".area-card").first().waitFor();
    await done(page);
});
