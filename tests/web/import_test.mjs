/*
 * Imports as a person does them in the page: a file dropped or chosen, its columns mapped, the dry run, taken in; refused rows mended one by one.
 */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";

import { LAPTOP, LIMIT, PHONE, done, end, here, idle, open, out, shot, start, violations } from "./browser.mjs";

const files = path.join(out, "files");

/* Good rows and bad ones, with columns in Ukrainian: a sign lost, a date that can be read two ways, a date to come, a row that repeats another, a number that is none. */
const CYRILLIC = ["Номер;Дата;Широта;Довгота;Загинуло;Поранено;Обставини",
    "НВ-1;2021-05-03;48.3015;37.2010;1;0;Трактор у полі", "НВ-2;2022-07-19;48.2890;37.1502;0;2;Збирання дров", "НВ-3;2020-11-30;48.3120;37.2515;0;1;Випас",
    "НВ-4;2021-08-08;-48.3000;37.2200;0;1;Знак широти втрачено", "НВ-5;03/04/2021;48.2950;37.1950;0;1;День чи місяць", "НВ-6;2091-01-01;48.2960;37.1960;0;1;Ще не сталося",
    "НВ-1;2021-05-03;48.3015;37.2010;1;0;Трактор у полі", "НВ-7;2021-02-02;48.2970;37.1970;багато;1;Не число", "НВ-8;2019-06-15;48.3055;37.2333;0;0;\"Крапка; з комою\""].join("\n");
const ITEMS = ["id,date,longitude,latitude,category,number", "X-1,2023-04-01,37.2101,48.3011,AP mine,1", "X-2,2023-04-02,37.2202,48.3022,UXO,3", "X-3,2023-04-03,37.2303,48.3033,UXO,many"].join("\n");

/* A spreadsheet as small as one can be: a zip of five parts, nothing packed. */
function xlsx(rows) {
    const cell = (v, c, r) => `<c r="${String.fromCharCode(65 + c)}${r + 1}" ${typeof v === "number" ? `><v>${v}</v>` : `t="inlineStr"><is><t>${v}</t></is>`}</c>`;
    const sheet = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows.map((row, r) => `<row r="${r + 1}">${row.map((v, c) => cell(v, c, r)).join("")}</row>`).join("")}</sheetData></worksheet>`;
    const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships", head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
    const parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
        "xl/workbook.xml": `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${office}"><sheets><sheet name="Знахідки" sheetId="1" r:id="rId1"/></sheets></workbook>`,
        "xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
        "xl/worksheets/sheet1.xml": sheet,
    };
    return zip(Object.entries(parts).map(([name, text]) => [name, Buffer.from(name === "xl/worksheets/sheet1.xml" || name.startsWith("[") ? head + text : head + text)]));
}

function crc32(bytes) {
    let crc = ~0;
    for (const byte of bytes) {
        crc ^= byte;
        for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

function zip(parts) {
    const local = [], central = [];
    let offset = 0;
    for (const [name, bytes] of parts) {
        const label = Buffer.from(name), head = Buffer.alloc(30), entry = Buffer.alloc(46), crc = crc32(bytes);
        head.writeUInt32LE(0x04034b50, 0);
        head.writeUInt16LE(20, 4);
        head.writeUInt32LE(crc, 14);
        head.writeUInt32LE(bytes.length, 18);
        head.writeUInt32LE(bytes.length, 22);
        head.writeUInt16LE(label.length, 26);
        entry.writeUInt32LE(0x02014b50, 0);
        entry.writeUInt16LE(20, 4);
        entry.writeUInt16LE(20, 6);
        entry.writeUInt32LE(crc, 16);
        entry.writeUInt32LE(bytes.length, 20);
        entry.writeUInt32LE(bytes.length, 24);
        entry.writeUInt16LE(label.length, 28);
        entry.writeUInt32LE(offset, 42);
        local.push(head, label, bytes);
        central.push(entry, label);
        offset += 30 + label.length + bytes.length;
    }
    const size = central.reduce((sum, b) => sum + b.length, 0), tail = Buffer.alloc(22);
    tail.writeUInt32LE(0x06054b50, 0);
    tail.writeUInt16LE(parts.length, 8);
    tail.writeUInt16LE(parts.length, 10);
    tail.writeUInt32LE(size, 12);
    tail.writeUInt32LE(offset, 16);
    return Buffer.concat([...local, ...central, tail]);
}

function put(name, content) {
    const file = path.join(files, name);
    writeFileSync(file, content);
    return file;
}

before(async () => {
    await start();
    mkdirSync(files, { recursive: true });
}, { timeout: 400000 });
after(end);

const choose = (page, file) => page.locator("input[type=file]").setInputFiles(file);
const field = (page, name) => page.locator(`select[data-field="${name}"]`);
const figure = async (page, label) => Number((await page.locator(".figure", { hasText: label }).first().locator("dd").innerText()).replace(/\D/g, ""));
const tried = (page) => page.waitForResponse((r) => /\/try$/.test(r.url()) && r.request().method() === "POST");
const settled = (page) => page.waitForFunction(() => !document.querySelector(".panel .busy"));

/* Drops a file on the page as the pointer does: the browser's own event, with the file in it. */
async function drop(page, name, type, content) {
    const data = await page.evaluateHandle(([n, t, c]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([c], n, { type: t }));
        return transfer;
    }, [name, type, content]);
    await page.dispatchEvent(".drop", "dragover", { dataTransfer: data });
    await page.waitForSelector(".drop.over");
    await page.dispatchEvent(".drop", "drop", { dataTransfer: data });
}

test("a CSV with columns in Ukrainian is dropped, mapped, tried, taken in; refused rows stay and are mended", LIMIT, async () => {
    const page = await open("#/import", { locale: "uk-UA" });
    await page.getByRole("heading", { name: "Імпорт" }).waitFor();
    await shot(page, "import-begin-uk");
    await drop(page, "нещасні випадки.csv", "text/csv", CYRILLIC);
    await page.waitForFunction(() => /^#\/import\/[0-9a-f]+$/.test(location.hash));
    await page.getByText("9 рядків.").waitFor();
    await page.locator("summary", { hasText: "граф" }).click();
    await page.getByRole("cell", { name: /Трактор у полі/ }).waitFor();
    const first = tried(page);
    await page.getByLabel("Що це за записи?").selectOption("accident");
    await first;
    await settled(page);
    await page.getByText("Потрібен один зі способів").waitFor();
    await shot(page, "import-mapping-uk");
    for (const [name, column] of [["lon", "Довгота"], ["lat", "Широта"], ["id", "Номер"], ["date", "Дата"], ["killed", "Загинуло"], ["injured", "Поранено"]]) {
        const again = tried(page);
        await field(page, name).selectOption({ label: column });
        await again;
    }
    /* A text of one's own for all rows. */
    const last = tried(page);
    await field(page, "category").selectOption("=");
    await last;
    await settled(page);
    const own = page.getByLabel(/^Текст для всіх/);
    assert.ok((await own.count()) === 1);
    await page.waitForFunction(() => document.querySelectorAll(".refused-rows tbody tr").length > 0);
    const counts = { added: await figure(page, "буде додано"), refused: await figure(page, "буде відхилено") };
    assert.equal(counts.added + counts.refused, 9, JSON.stringify(counts));
    assert.ok(counts.added >= 4, JSON.stringify(counts));
    assert.ok(counts.refused >= 4, JSON.stringify(counts));
    const why = await page.locator(".refused-rows").innerText();
    for (const words of ["з іншим знаком широти", "дата в майбутньому", "цей номер уже був у файлі вище", "число не вдається прочитати"]) assert.ok(why.includes(words), `${words}: ${why}`);
    assert.match(await page.locator(".refused-rows .proposal").first().innerText(), /lat: 48\.3/);
    /* The same rows on the map and in the table. */
    assert.equal(await page.locator(".panel table").last().locator("tbody tr").count(), counts.added);
    await idle(page);
    await shot(page, "import-tried-uk");
    await page.locator(".take-in").scrollIntoViewIfNeeded();
    await shot(page, "import-take-uk");
    await page.getByRole("button", { name: /^Прийняти/ }).click();
    await page.getByRole("heading", { name: /прийнято \(імпорт \d+\)/ }).waitFor();
    assert.equal(await figure(page, "додано"), counts.added);
    assert.deepEqual(await violations(page), []);
    await shot(page, "import-report-uk");
    await page.getByRole("link", { name: /Виправити \d+ відхилен/ }).click();
    await page.waitForSelector(".refused-row");
    assert.equal(await page.locator(".refused-row").count(), counts.refused);
    await shot(page, "refused-uk");
    assert.deepEqual(await violations(page), []);
    /* The proposal is offered; nobody has taken it yet. */
    await page.locator(".refused-row", { hasText: "з іншим знаком широти" }).getByRole("link", { name: /Виправити рядок/ }).click();
    await page.getByText("Можливо, малося на увазі").waitFor();
    const position = page.getByLabel("Положення", { exact: true });
    assert.match(await position.inputValue(), /-48\.3/);
    assert.equal(await page.locator('[data-field="injured"]').inputValue(), "1");
    await page.getByRole("button", { name: "Внести це до форми" }).click();
    await page.waitForFunction(() => [...document.querySelectorAll("input")].some((i) => /^48\.3\d* N, 37\.22/.test(i.value)));
    await shot(page, "refused-mend-uk");
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Внести як чернетку" }).click();
    await page.waitForFunction(() => location.hash.startsWith("#/records/accident/"));
    const code = await page.evaluate(() => location.hash.split("/").at(-1));
    /* Back in the list it is seen as mended, and is no longer among those that wait. */
    await page.goBack();
    await page.getByText("Виправлено як").waitFor();
    await page.goBack();
    await page.waitForSelector(".refused-row");
    await page.waitForFunction((n) => document.querySelectorAll(".refused-row").length === n, counts.refused - 1);
    await page.locator(".choice label", { hasText: "і виправлені" }).click();
    await page.getByRole("link", { name: code, exact: true }).waitFor();
    await shot(page, "refused-mended-uk");
    await done(page);
});

test("the same columns again: mapped as last time; rows with the same numbers are not added twice", LIMIT, async () => {
    const page = await open("#/import");
    await choose(page, put("нещасні випадки.csv", CYRILLIC.replace("НВ-2;2022-07-19;48.2890;37.1502;0;2", "НВ-2;2022-07-19;48.2890;37.1502;1;1")));
    await page.getByLabel("What are these records?").selectOption("accident");
    await page.getByText("As it was last time").waitFor();
    await page.waitForSelector(".incoming-key");
    assert.equal(await figure(page, "would be added"), 0);
    assert.equal(await figure(page, "would be updated"), 1);
    assert.ok((await figure(page, "unchanged")) >= 2);
    await page.locator(".incoming-key", { hasText: "updated" }).waitFor();
    await shot(page, "import-updated");
    /* An option changes the outcome at once. */
    await page.locator("summary", { hasText: "More options" }).click();
    const again = tried(page);
    await page.getByLabel("Only rows for which").fill("\"Загинуло\" = '1'");
    await again;
    await settled(page);
    assert.ok((await figure(page, "would be updated")) <= 1);
    await done(page);
});

test("a spreadsheet, in English: a suggested mapping, a table and the map with the same rows", LIMIT, async () => {
    const page = await open("#/import");
    await choose(page, put("finds.xlsx", xlsx([["id", "date", "longitude", "latitude", "category", "number"], ["X-1", "2023-04-01", 37.2101, 48.3011, "AP mine", 1],
        ["X-2", "2023-04-02", 37.2202, 48.3022, "UXO", 3], ["X-3", "2023-04-03", 37.2303, 48.3033, "UXO", "many"]])));
    await page.getByText("3 rows.").waitFor();
    await page.getByLabel("What are these records?").selectOption("item");
    await page.getByText("Proposed by the names of the columns").waitFor();
    await page.waitForSelector(".incoming-key");
    assert.equal(await field(page, "lon").evaluate((s) => s.selectedOptions[0].text), "longitude");
    assert.equal(await figure(page, "would be added"), 2);
    assert.equal(await figure(page, "would be refused"), 1);
    await page.locator(".panel table").last().getByRole("button").first().click();
    await idle(page);
    await shot(page, "import-xlsx");
    assert.deepEqual(await violations(page), []);
    await page.evaluate(() => (document.documentElement.dataset.theme = "dark"));
    assert.deepEqual(await violations(page), []);
    await done(page);
});

test("what is no data is refused in one sentence, and nothing stays of it", LIMIT, async () => {
    const page = await open("#/import");
    await choose(page, put("no-data.xlsx", "this is no spreadsheet"));
    await page.getByRole("alert").waitFor();
    assert.match(await page.getByRole("alert").innerText(), /no-data\.xlsx/);
    await choose(page, put("empty.csv", ""));
    await page.getByText("empty.csv is empty.").waitFor();
    await choose(page, put("picture.gpkg", Buffer.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 0])));
    await page.getByText(/picture\.gpkg/).waitFor();
    await shot(page, "import-no-data");
    assert.equal(await page.locator(".waiting-file", { hasText: "no-data" }).count(), 0);
    await page.reload();
    await page.locator(".drop").waitFor();
    await page.waitForTimeout(500);
    assert.equal(await page.locator(".waiting-file", { hasText: /no-data|picture|empty/ }).count(), 0);
    await done(page);
});

test("back and forward, and a reload, keep what was chosen", LIMIT, async () => {
    const page = await open("#/import");
    await choose(page, put("items.csv", ITEMS));
    await page.getByLabel("What are these records?").selectOption("item");
    await page.waitForSelector(".incoming-key");
    const again = tried(page);
    await field(page, "number").selectOption("");
    await again;
    await settled(page);
    assert.equal(await figure(page, "would be added"), 3);
    await page.evaluate(() => (location.hash = "#/areas"));
    await page.locator(".area-card").first().waitFor();
    await page.goBack();
    await page.getByText("As you have set it.").waitFor();
    await page.waitForSelector(".incoming-key");
    assert.equal(await field(page, "number").inputValue(), "");
    await page.reload();
    await page.getByText("As you have set it.").waitFor();
    await page.waitForSelector(".incoming-key");
    assert.equal(await figure(page, "would be added"), 3);
    await page.goBack();
    await page.getByRole("heading", { name: "Files that wait" }).waitFor();
    await page.goForward();
    await page.waitForSelector(".incoming-key");
    await done(page);
});

test("two tabs: what has changed meanwhile is told, and a file is taken in once", LIMIT, async () => {
    const one = await open("#/import");
    await choose(one, put("twice.csv", ITEMS.replace(/X-/g, `Z${process.pid}-`).replace("many", "1")));
    await one.getByLabel("What are these records?").selectOption("item");
    await one.waitForSelector(".incoming-key");
    const at = await one.evaluate(() => location.hash);
    const two = await one.context().newPage();
    two.setDefaultTimeout(30000);
    await two.goto(`${here.home}/${at}`);
    await two.getByLabel("What are these records?").selectOption("item");
    await two.waitForSelector(".incoming-key");
    await two.getByRole("button", { name: /^Take it in: 3 new/ }).click();
    await two.getByRole("heading", { name: /twice.csv has been taken in/ }).waitFor();
    await one.bringToFront();
    await one.getByRole("button", { name: /^Take it in/ }).click();
    await one.getByRole("alert").waitFor();
    await shot(one, "import-two-tabs");
    await one.reload();
    await one.getByText("It may have been taken in or removed").waitFor();
    await done(one);
});

test("by keyboard alone", LIMIT, async () => {
    const page = await open("#/import");
    await page.locator(".drop input").waitFor();
    await page.locator("#panel-title").focus();
    let there = false;
    for (let i = 0; i < 8 && !there; i++) {
        await page.keyboard.press("Tab");
        there = await page.evaluate(() => document.activeElement?.matches("input[type=file]"));
    }
    assert.ok(there, "the choice of a file is reached by the Tab key");
    const chooser = page.waitForEvent("filechooser");
    await page.keyboard.press("Space");
    await (await chooser).setFiles(put("keys.csv", ITEMS.replace(/X-/g, "K-")));
    /* The new page takes the focus to its title when it is there, which may be after the choice has been reached. */
    const kind = page.getByLabel("What are these records?");
    for (let i = 0; i < 9 && (await kind.inputValue()) !== "item"; i++)
        await kind.press("ArrowDown");
    await page.waitForSelector(".incoming-key");
    await page.locator(".take-in button").focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /keys.csv has been taken in/ }).waitFor();
    assert.ok(await page.evaluate(() => document.activeElement?.id === "import-done"), "the report takes the focus");
    await done(page);
});

for (const [scheme, locale] of [["light", "uk-UA"], ["dark", "en-GB"]])
    test(`on a phone (${scheme}, ${locale})`, LIMIT, async () => {
        const page = await open("#/queue", { size: PHONE, scheme, locale });
        await page.getByRole("link", { name: locale === "uk-UA" ? "Імпорт" : "Import" }).first().click();
        await page.locator(".drop").waitFor();
        await page.getByRole("button", { name: /Підняти панель|Pull the panel up/ }).click().catch(() => undefined);
        await shot(page, `phone-import-${scheme}`);
        assert.deepEqual(await violations(page), []);
        await choose(page, put("phone.csv", ITEMS.replace(/X-/g, "P-")));
        await page.locator("select").filter({ hasText: locale === "uk-UA" ? "виберіть" : "choose" }).selectOption("item");
        await page.waitForSelector(".incoming-key");
        await settled(page);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= PHONE.width, "nothing is wider than the screen");
        await shot(page, `phone-import-mapping-${scheme}`);
        await page.locator(".refused-rows").scrollIntoViewIfNeeded();
        await shot(page, `phone-import-tried-${scheme}`);
        assert.deepEqual(await violations(page), []);
        await done(page);
    });

test("a guest does not import", LIMIT, async () => {
    const page = await open("#/import", { guest: true });
    await page.getByText("Importing is for the roles").first().waitFor();
    assert.equal(await page.getByRole("link", { name: "Import", exact: true }).count(), 0);
    assert.equal(await page.locator(".drop").count(), 0);
    await done(page);
});
