/*
 * The field view without a browser: looking places up, what is sent of a form, which receipt is whose, texts.
 */
import assert from "node:assert/strict";
import test from "node:test";

import type { FieldPackageArea, FieldPackageColumn, FieldPackageRecord, Receipt } from "../generated/schemas";

/* What the modules ask of a browser when they are loaded. */
Object.assign(globalThis, { localStorage: { getItem: () => null, setItem: () => undefined } });
if (!("languages" in (globalThis.navigator ?? {}))) Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"], onLine: true }, configurable: true });

const { lookUp } = await import("../src/field/lookup");
const { bodyOf, draftOf, emptyDraft } = await import("../src/field/forms");
const { isReceiptOf, sha256, waitingOf } = await import("../src/field/send");
const { verdictOf } = await import("../src/field/verdict");
const { bare, fit } = await import("../src/field/photo_make");
const { boxView, projector, scaleLength } = await import("../src/field/map");
const { forms, languages } = await import("../src/i18n");
await import("../src/field/texts");
import type { Language } from "../src/i18n";
import fieldTexts from "../generated/texts/field.json";

const covers = [37, 48, 37.5, 48.4];
const square = (code: string, w: number, s: number, e: number, n: number, more: Partial<FieldPackageArea> = {}): FieldPackageArea => ({
    code, name: null, classification: "CHA", status: "open", is_ended: false, accuracy_m: null,
    geometry: { type: "MultiPolygon", coordinates: [[[[w, s], [e, s], [e, n], [w, n], [w, s]]]] }, ...more,
});
const near = (value: number, wanted: number, tolerance: number) => assert.ok(Math.abs(value - wanted) <= tolerance, `${value} is not within ${tolerance} of ${wanted}`);

test("a place in an area is said to be in it, whatever its accuracy", () => {
    const areas = [square("HA-1", 37.1, 48.1, 37.12, 48.12)];
    for (const accuracy of [null, 3, 5000]) assert.equal(lookUp({ areas, covers }, [37.11, 48.11], accuracy).verdict, "inside");
});

test("distance and direction to the nearest boundary", () => {
    const areas = [square("HA-1", 37.1, 48.1, 37.12, 48.12), square("HA-2", 37.3, 48.1, 37.32, 48.12)];
    const found = lookUp({ areas, covers }, [37.11, 48.09], 10);
    assert.equal(found.verdict, "outside");
    assert.equal(found.nearest?.area.code, "HA-1");
    near(found.nearest!.distance_m, 1112, 1); /* 0.01 degrees of a meridian at 48 N: 1111.9 m on WGS 84 */
    near(found.nearest!.bearing_deg, 0, 0.1);
});

test("where the circle of accuracy touches an area, the place counts as in it", () => {
    const areas = [square("HA-1", 37.1, 48.1, 37.12, 48.12)];
    const at: [number, number] = [37.11, 48.0995]; /* 55.6 m south of it */
    assert.equal(lookUp({ areas, covers }, at, 50).verdict, "outside");
    assert.equal(lookUp({ areas, covers }, at, 60).verdict, "touching");
    assert.equal(lookUp({ areas, covers }, at, null).verdict, "outside");
    const blurred = [square("HA-1", 37.1, 48.1, 37.12, 48.12, { accuracy_m: 40 })];
    assert.equal(lookUp({ areas: blurred, covers }, at, 20).verdict, "touching", "the perimeter's own accuracy counts as well");
    assert.equal(lookUp({ areas, covers }, [37.1, 48.1], 0).verdict !== "outside", true, "a corner belongs to its area");
});

test("a hole is outside, and its edge is a boundary", () => {
    const ring = (w: number, s: number, e: number, n: number) => [[w, s], [e, s], [e, n], [w, n], [w, s]];
    const areas = [square("HA-1", 0, 0, 0, 0, { geometry: { type: "Polygon", coordinates: [ring(37.1, 48.1, 37.2, 48.2), ring(37.14, 48.14, 37.16, 48.16)] } })];
    const found = lookUp({ areas, covers }, [37.15, 48.15], 5);
    assert.equal(found.verdict, "outside");
    near(found.nearest!.distance_m, 743, 3);
});

test("an area that has ended warns of nothing, and is named with its status", () => {
    const found = lookUp({ areas: [square("HA-1", 37.1, 48.1, 37.12, 48.12, { is_ended: true, status: "cleared" })], covers }, [37.11, 48.11], 5);
    assert.equal(found.verdict, "outside");
    assert.equal(found.ended[0]?.code, "HA-1");
    assert.equal(found.nearest, null);
});

test("outside of what the device has with it nothing is known", () => {
    const areas = [square("HA-1", 37.1, 48.1, 37.12, 48.12)];
    assert.equal(lookUp({ areas, covers }, [36.9, 48.11], 5).verdict, "beyond");
    assert.equal(lookUp({ areas, covers }, [37.0005, 48.2], 60).verdict, "beyond", "the circle reaches over the edge");
    assert.equal(lookUp({ areas, covers }, [37.0005, 48.2], 5).verdict, "outside");
});

test("an area without a perimeter is counted, not passed over", () => {
    assert.equal(lookUp({ areas: [square("HA-1", 0, 0, 0, 0, { geometry: null })], covers }, [37.11, 48.11], 5).unplaced, 1);
});

const columns: FieldPackageColumn[] = [
    { name: "date", type: "date", choices: [], min: null, max: null }, { name: "killed", type: "integer", choices: [], min: 0, max: 9 },
    { name: "marked", type: "yesno", choices: [], min: 0, max: 1 }, { name: "category", type: "text", choices: [], min: null, max: null },
];
const facts = { id: "11111111-2222-4333-8444-555555555555", made_at: "2026-11-23T10:00:00.000Z", device: "a1", project: "00" };

test("of a new record what is filled in is sent, with its types", () => {
    const body = JSON.parse(bodyOf("accident", columns, { ...emptyDraft(), values: { date: "2026-11-22", killed: "2", marked: "0", category: " " }, place: { at: [37, 48], accuracy_m: 4.5, measured: "2026-11-23T09:59:00.000Z" } }, facts));
    assert.deepEqual(body, { ...facts, kind: "accident", columns: { date: "2026-11-22", killed: 2, marked: false }, geometry: { type: "Point", coordinates: [37, 48] }, accuracy_m: 4.5, position_at: "2026-11-23T09:59:00.000Z" });
});

test("of a correction what differs is sent, with what was seen", () => {
    const base: FieldPackageRecord = { kind: "accident", code: "AC-0001", version: "0".repeat(32), lon: 37, lat: 48, accuracy_m: 10, remarks: "old", columns: { date: "2024", killed: 1, marked: true, category: "AP mine" } };
    const body = JSON.parse(bodyOf("accident", columns, { ...draftOf(base), values: { date: "2024", killed: "3", marked: "1", category: "" } }, facts));
    assert.deepEqual(body.columns, { killed: 3, category: null });
    assert.equal(body.code, "AC-0001");
    assert.equal(body.base_version, base.version);
    assert.deepEqual(body.seen, { columns: base.columns, remarks: "old", lon: 37, lat: 48 });
    assert.ok(!("geometry" in body) && !("remarks" in body));
    assert.equal(bodyOf("accident", columns, draftOf(base), facts), bodyOf("accident", columns, draftOf(base), facts), "the same form makes the same bytes");
});

test("a receipt is of a record when its id and its bytes are", async () => {
    const sum = await sha256("abc");
    assert.equal(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-2, appendix B.1 */
    const receipt = { schema: "tilth.receipt/1", id: "x", sha256: sum } as Receipt;
    assert.ok(isReceiptOf(receipt, { id: "x", sha256: sum }));
    assert.ok(!isReceiptOf(receipt, { id: "y", sha256: sum }));
    assert.ok(!isReceiptOf({ ...receipt, sha256: "0".repeat(64) }, { id: "x", sha256: sum }));
});

/* A JPEG as to its parts: JFIF, a quantisation table, a frame, a scan with a stuffed FF and a restart marker, its end. */
const hex = (text: string) => Uint8Array.from(text.replace(/\s/g, "").match(/../g)!.map((b) => Number.parseInt(b, 16)));
const SOI = "ffd8", JFIF = "ffe00010 4a46494600 0101000001 00010000", TABLE = "ffdb0004 0102", FRAME = "ffc0000b 080010000801011100", SCAN = "ffda0008 010100003f00 12ff0034ffd056", EOI = "ffd9";
const PLAIN = hex(SOI + JFIF + TABLE + FRAME + SCAN + EOI);

test("a picture keeps its coded bytes and loses what its file tells beside them", () => {
    assert.deepEqual(bare(PLAIN), PLAIN);
    const exif = "ffe10010 457869660000 4d4d002a00000008", xmp = "ffe10006 68747470", iptc = "ffed0004 3131", comment = "fffe0005 616263", others = "ffe20006 4d504600 ffef0003 00";
    assert.deepEqual(bare(hex(SOI + exif + JFIF + xmp + TABLE + iptc + FRAME + comment + others + SCAN + EOI)), PLAIN);
    assert.deepEqual(bare(hex(SOI + JFIF + TABLE + FRAME + SCAN + exif + EOI)), PLAIN, "also behind the scan");
    assert.deepEqual(bare(hex(SOI + JFIF + TABLE + FRAME + SCAN + EOI + "0000001866747970")), PLAIN, "and what is appended, such as a film");
    const colours = "ffe20010 4943435f50524f46494c4500 0101";
    assert.deepEqual(bare(hex(SOI + JFIF + colours + TABLE + FRAME + SCAN + EOI)), hex(SOI + JFIF + colours + TABLE + FRAME + SCAN + EOI), "colours stay");
});

test("what is no JPEG or is cut off makes no picture", () => {
    for (let n = 0; n < PLAIN.length; n++) assert.throws(() => bare(PLAIN.subarray(0, n)), `${n} bytes`);
    for (const other of ["89504e470d0a1a0a", "3c7376673e", ""]) assert.throws(() => bare(hex(other || "00")));
});

test("a picture is made smaller, never larger, and keeps its shape", () => {
    assert.deepEqual(fit(4000, 3000, 2048), [2048, 1536]);
    assert.deepEqual(fit(3000, 4000, 2048), [1536, 2048]);
    assert.deepEqual(fit(800, 600, 2048), [800, 600]);
    assert.deepEqual(fit(20000, 3, 2048), [2048, 1]);
});

test("a record waits for as long as one of its photographs does", () => {
    const record = (id: string, stage: string) => ({ id, stage }) as never, photo = (of: string, stage: string) => ({ record: of, stage }) as never;
    const names = (found: Array<{ id: string }>) => found.map((r) => r.id);
    assert.deepEqual(names(waitingOf([record("a", "received"), record("b", "kept"), record("c", "refused")], [])), ["b"]);
    assert.deepEqual(names(waitingOf([record("a", "received"), record("c", "refused")], [photo("c", "sending"), photo("", "kept")])), ["c"]);
    assert.deepEqual(names(waitingOf([record("a", "received")], [photo("a", "refused"), photo("a", "received")])), []);
});

test("an error is of the moment, of the session, or for a person", () => {
    for (const status of [0, 423, 429, 500, 503, 507]) assert.equal(verdictOf(status), "again", String(status));
    assert.equal(verdictOf(401), "login");
    for (const status of [400, 409, 413, 422]) assert.equal(verdictOf(status), "person", String(status));
});

test("the map: there and back, and a round scale", () => {
    const view = boxView([37, 48, 37.2, 48.1], 390, 500), { to, from } = projector(view, 390, 500);
    const [lon, lat] = from(...to([37.03, 48.07]));
    near(lon, 37.03, 1e-9);
    near(lat, 48.07, 1e-9);
    for (const corner of [[37, 48], [37.2, 48.1]] as Array<[number, number]>) {
        const [x, y] = to(corner);
        assert.ok(x >= 0 && x <= 390 && y >= 0 && y <= 500);
    }
    for (const [most, wanted] of [[110, 100], [99, 50], [2345, 2000], [0.9, 0.5]] as const) assert.equal(scaleLength(most), wanted);
});

test("every text of the field view is in each language, with the same places, and none says that ground is safe", () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();
    const english: Record<string, string> = fieldTexts.en;
    assert.deepEqual(Object.keys(fieldTexts), Object.keys(languages));
    for (const [language, texts] of Object.entries(fieldTexts) as Array<[Language, Record<string, string>]>) {
        assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort(), language);
        for (const [key, text] of Object.entries(texts)) {
            assert.ok(text.trim() !== "", `${language}: ${key} is empty`);
            assert.equal(places(text), places(english[key]!), `${language}: ${key}`);
            if (key.endsWith("#")) assert.equal(text.split("|").length, forms[language].length, `${language}: ${key}, forms for ${forms[language]}`);
            assert.doesNotMatch(text, /\bsafe(ly|ty)?\b|(?<!не)безпечн/i);
        }
    }
    assert.ok((languages.uk as Record<string, string>)["field.not_free"], "they come with the field view");
});
