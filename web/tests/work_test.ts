/*
 * Forms and their two versions, without a browser: what is sent, what is plainly wrong, and what becomes of two people's changes.
 */
import assert from "node:assert/strict";
import test from "node:test";

import type { Column, Waiting } from "../src/panels/work/calls";
import { uuid } from "../src/panels/work/kept";
import { blank, changeBody, columnOf, meet, merged, newBody, ringsOf, sameWhere, type Typed, wrongAccuracy, wrongIn, withRing } from "../src/panels/work/typed";
import { pilesOf } from "../src/panels/work/waits";
import { parseRoute, to } from "../src/route";

const column = (name: string, type: Column["type"], min: number | null = null, max: number | null = null): Column => ({ name, type, choices: [], min, max, meaning: "" });
const columns = [column("date", "date"), column("killed", "integer", 0, 100000), column("depth_cm", "real", 0, 1000), column("marked", "yesno"), column("category", "text")];
const typed = (patch: Partial<Typed>): Typed => ({ ...blank(), ...patch });

test("a new record sends what was filled in, numbers with a comma or a point", () => {
    const body = newBody("u", columns, typed({ columns: { killed: " 2 ", depth_cm: "12,5", marked: "0", category: " AP mine ", date: "" }, position: "48 N 37 E", accuracy: "7,5", remarks: " x " }));
    assert.deepEqual(body, { id: "u", columns: { killed: 2, depth_cm: 12.5, marked: false, category: "AP mine" }, position: "48 N 37 E", accuracy_m: 7.5, remarks: "x" });
    const drawn = newBody("u", columns, typed({ how: "map", position: "48 N 37 E", geometry: { type: "Point", coordinates: [37, 48] }, outside: true }));
    assert.deepEqual(drawn, { id: "u", columns: {}, geometry: { type: "Point", coordinates: [37, 48] }, outside_is_ok: true });
});

test("what is no number goes as it stands, and the form says so before", () => {
    assert.deepEqual(newBody("u", columns, typed({ columns: { killed: "two" } })).columns, { killed: "two" });
    assert.equal(wrongIn(columns[1]!, "two")?.key, "form.not_number");
    assert.equal(wrongIn(columns[1]!, "1,5")?.key, "form.not_whole");
    assert.equal(wrongIn(columns[2]!, "1001")?.key, "form.range");
    assert.equal(wrongIn(columns[2]!, "1000"), null);
    assert.equal(wrongIn(columns[4]!, "two"), null);
    assert.equal(wrongAccuracy("-1")?.key, "form.not_accuracy");
    assert.equal(wrongAccuracy(""), null);
});

test("a change sends what differs from what was seen, and null for what was taken away", () => {
    const base = typed({ columns: { killed: "1", depth_cm: "12.5", category: "AP mine" }, remarks: "a", accuracy: "5", position: "48 N 37 E" });
    assert.equal(changeBody(columns, base, { ...base, columns: { ...base.columns, depth_cm: "12,50" } }), null);
    assert.deepEqual(changeBody(columns, base, { ...base, columns: { ...base.columns, killed: "", category: "ERW" }, remarks: "" }), { columns: { killed: null, category: "ERW" }, remarks: null });
    assert.deepEqual(changeBody(columns, base, { ...base, position: "48.1 N 37 E" }), { position: "48.1 N 37 E", accuracy_m: 5 });
    assert.deepEqual(changeBody(columns, base, { ...base, accuracy: "" }), { accuracy_m: null });
    assert.equal(changeBody(columns, base, { ...base, position: " " }), null); /* a place is changed, never taken away */
});

test("two versions: what one changed is proposed, what both changed waits for a person, and nothing is lost", () => {
    const base = typed({ columns: { killed: "1", category: "AP mine", date: "2024" }, remarks: "a", position: "48 N 37 E" });
    const mine = { ...base, columns: { ...base.columns, killed: "3" }, remarks: "mine" };
    const theirs = { ...base, columns: { ...base.columns, killed: "2", category: "ERW" } };
    const found = meet(columns, base, mine, theirs);
    assert.deepEqual(found.map((d) => [d.name, d.base, d.mine, d.theirs, d.take]), [["killed", "1", "3", "2", null], ["category", "AP mine", "AP mine", "ERW", "theirs"], ["remarks", "a", "mine", "a", "mine"]]);
    found[0]!.take = "theirs";
    const out = merged(found, mine, theirs);
    assert.deepEqual([out.columns, out.remarks], [{ killed: "2", category: "ERW", date: "2024" }, "mine"]);
    assert.deepEqual(changeBody(columns, theirs, out), { remarks: "mine" });
    found[0]!.take = "mine";
    assert.deepEqual(changeBody(columns, theirs, merged(found, mine, theirs)), { columns: { killed: 3 }, remarks: "mine" });
    assert.deepEqual(meet(columns, base, mine, mine), []);
});

test("two versions of a place are two versions, typed or drawn", () => {
    const at = (lon: number): Typed => typed({ how: "map", geometry: { type: "Point", coordinates: [lon, 48] } });
    assert.ok(sameWhere(at(37), at(37)) && !sameWhere(at(37), at(38)) && !sameWhere(at(37), typed({ position: "48 N 37 E" })));
    const found = meet(columns, at(37), at(38), at(39));
    assert.deepEqual(found.map((d) => [d.name, d.take]), [["position", null]]);
    assert.deepEqual(merged([{ ...found[0]!, take: "mine" }], at(38), at(39)).geometry, { type: "Point", coordinates: [38, 48] });
});

test("of a perimeter in parts one ring changes and the others stay", () => {
    const square = (x: number): GeoJSON.Position[] => [[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]];
    const many: GeoJSON.MultiPolygon = { type: "MultiPolygon", coordinates: [[square(0), square(0.2)], [square(5)]] };
    assert.deepEqual(ringsOf(many).map((r) => [r.part, r.ring, r.points.length]), [[0, 0, 4], [0, 1, 4], [1, 0, 4]]);
    const changed = withRing(many, 2, [[5, 0], [7, 0], [7, 1]], "polygon") as GeoJSON.MultiPolygon;
    assert.deepEqual(changed.coordinates[0], many.coordinates[0]);
    assert.deepEqual(changed.coordinates[1], [[[5, 0], [7, 0], [7, 1], [5, 0]]]);
    assert.deepEqual(withRing(null, 0, [[0, 0], [1, 0], [1, 1]], "polygon"), { type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] });
    assert.deepEqual(withRing(null, 0, [[0, 0], [1, 0]], "line"), { type: "LineString", coordinates: [[0, 0], [1, 0]] });
    assert.equal(withRing(null, 0, [[0, 0]], "line"), null);
    assert.equal(withRing(many, 0, [], "polygon"), many); /* a part that is being drawn anew is not gone */
});

test("a refusal of the server finds its field", () => {
    assert.equal(columnOf('killed is "2,5", expected a number', columns), "killed");
    assert.equal(columnOf("columns: killed: expected a text", columns), "killed");
    assert.equal(columnOf("accuracy_m is -1", columns), "accuracy_m");
    assert.equal(columnOf("something else", columns), null);
});

test("what waits for whom", () => {
    const row = (code: string, status: Waiting["record_status"], by: string, act: Waiting["act"], person: string): Waiting => ({ kind: "accident", code, record_status: status, entered_by: by, entered_at: null, comment: null, act, person });
    const submitted = [row("A", "submitted", "Olha", "submitted", "Olha"), row("B", "submitted", "Vira", "submitted", "Vira"), row("C", "submitted", "Olha", "changed", "Vira")];
    const drafts = [row("D", "draft", "Olha", "returned", "Vira"), row("E", "draft", "Olha", "entered", "Olha"), row("F", "draft", "Vira", "entered", "Vira")];
    const codes = (rows: Waiting[]) => rows.map((r) => r.code).join("");
    const vira = pilesOf(submitted, drafts, "Vira", "verifier", false), olha = pilesOf(submitted, drafts, "Olha", "entry", false);
    assert.deepEqual([codes(vira.approve), codes(vira.sent), codes(vira.back), codes(vira.drafts), codes(vira.others)], ["A", "BC", "", "F", "DE"]);
    assert.deepEqual([codes(olha.approve), codes(olha.sent), codes(olha.back), codes(olha.drafts), codes(olha.others)], ["", "AC", "D", "E", "BF"]);
    assert.equal(codes(pilesOf(submitted, drafts, "", "administrator", true).approve), "ABC");
});

test("an id is a UUID of version 4, and another one each time", () => {
    assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.notEqual(uuid(), uuid());
});

test("addresses of the pages for work", () => {
    assert.deepEqual({ ...parseRoute(to.edit("accident", "AC-0001")) }, { page: "edit", kind: "accident", code: "AC-0001", lon: null, lat: null });
    assert.equal(parseRoute(to.add("accident")).kind, "accident");
    assert.deepEqual([parseRoute(to.add("", 37.2, 48.3)).kind, parseRoute(to.add("", 37.2, 48.3)).lon, parseRoute("#/new/item/x,y").lon], ["", 37.2, null]);
    assert.equal(parseRoute(to.release("HA-0001")).code, "HA-0001");
    assert.equal(parseRoute("#/edit/accident").page, "map");
});
