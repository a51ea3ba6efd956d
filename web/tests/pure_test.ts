/*
 * What needs no browser: coordinates (held to the program's own table), geodesy, words, languages, addresses, style, charts.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { changed, hasKnob, scaleKnob } from "../src/charts/assumptions";
import { fanOf, fanSvg, ticks, topOf } from "../src/charts/fan";
import { rowsOf, yearMarks } from "../src/charts/gantt";
import { formatCoordinate, toMgrs, toUtm } from "../src/coordinates";
import { crossesItself, destination, inverse, type Position, ringArea, traverse } from "../src/geodesy";
import { fill, forms, type Key, type Language, languages, preferred, translate } from "../src/i18n";
import "../src/more";
import { buildStyle, filterOf, rasterTiles } from "../src/map/style";
import { unwrap } from "../src/map/unwrap";
import { parseRoute, to } from "../src/route";
import { typedLegs, typedPosition } from "../src/typed";
import { area, chance, compass, date, number, probability, typedNumber, yearOf } from "../src/words";

const near = (value: number, wanted: number, tolerance: number) => assert.ok(Math.abs(value - wanted) <= tolerance, `${value} is not within ${tolerance} of ${wanted}`);

/* Lines of tests/tables/coord_format.tbl that speak of what the pages write as well: metres, in UTM and MGRS. */
test("UTM and MGRS agree with the program's own table", () => {
    const lines = readFileSync(`${process.env.TILTH_SOURCE}/tests/tables/coord_format.tbl`, "utf8").split("\n");
    let checked = 0;
    lines.forEach((line, i) => {
        const [verb, lon, lat, form, precision] = line.split(/\s+/);
        if (verb !== "write" || !(form === "utm" || form === "mgrs") || precision !== "1") return;
        const wanted = lines[i + 1]!.replace(/^expect\s+/, "");
        if (wanted.startsWith("failure") || Math.abs(Number(lat)) > 80) return;
        assert.equal(formatCoordinate(form, Number(lon), Number(lat)).replace(form === "mgrs" ? / /g : /$^/, ""), wanted);
        checked++;
    });
    assert.ok(checked >= 6, `only ${checked} lines of the table were checked`);
});

test("UTM is good to a millimetre", () => {
    const utm = toUtm(30.5234, 50.4501);
    near(utm.easting_m, 324182.209, 1e-3);
    near(utm.northing_m, 5591607.607, 1e-3);
    assert.equal(toMgrs(10, 84.9), null);
});

test("seconds are carried over rather than written as 60", () => {
    assert.equal(formatCoordinate("dms", -77.5, -4.99999999), "5°00′00.0″S 77°30′00.0″W");
    assert.equal(formatCoordinate("degrees", 190, -5), "5.00000° S, 170.00000° W");
});

/* Vincenty's own worked lines are of the Bessel ellipsoid; these come from GeodSolve 2.1 on WGS 84. */
test("direct and inverse geodesics are each other's inverse", () => {
    for (const [lon, lat, bearing, distance] of [[37.2, 48.3, 98.6, 120], [-75.1, 7.2, 271.5, 4321], [0, 0, 45, 100000], [151, -33.8, 359.9, 12.5]] as const) {
        const there = destination([lon, lat], bearing, distance), back = inverse([lon, lat], there);
        near(back.distance_m, distance, 1e-4);
        near(back.bearing_deg, bearing, 1e-5);
    }
    near(inverse([0, 0], [1, 0]).distance_m, 111319.4908, 1e-3); /* a degree of the equator: a * pi / 180 */
    near(inverse([0, 0], [0, 1]).distance_m, 110574.3886, 1e-3); /* a degree of the meridian at the equator */
});

test("a square of 100 m by bearing and distance has a hectare and closes", () => {
    const legs = [0, 90, 180, 270].map((bearing_deg) => ({ bearing_deg, distance_m: 100 }));
    const found = traverse([37.23, 48.29], legs, 0);
    assert.equal(found.ring.length, 4);
    near(ringArea(found.ring), 1e4, 1);
    near(found.closure_m!, 0, 0.01);
});

test("a declination of 8.6 degrees moves the end of 120 m by 18 m", () => {
    const plain = destination([35, 48.5], 40, 120), turned = destination([35, 48.5], 48.6, 120);
    near(inverse(plain, turned).distance_m, 18, 0.1);
});

test("a traverse that does not come back is left open", () => {
    assert.equal(traverse([37, 48], [{ bearing_deg: 0, distance_m: 100 }, { bearing_deg: 90, distance_m: 100 }], 0).closure_m, null);
});

test("sides that cross are seen", () => {
    const square: Position[] = [[0, 0], [1, 0], [1, 1], [0, 1]];
    assert.equal(crossesItself(square), false);
    assert.equal(crossesItself([square[0]!, square[2]!, square[1]!, square[3]!]), true);
});

test("typed positions: latitude first unless letters say otherwise", () => {
    assert.deepEqual(typedPosition("48.2955, 37.2343"), [37.2343, 48.2955]);
    assert.deepEqual(typedPosition("48.2955° N, 37.2343° E"), [37.2343, 48.2955]);
    assert.deepEqual(typedPosition("37.2343 E 48.2955 N"), [37.2343, 48.2955]);
    assert.deepEqual(typedPosition("33.5 S, 70.1 W"), [-70.1, -33.5]);
    assert.deepEqual(typedPosition("48,2955; 37,2343"), [37.2343, 48.2955]);
    assert.equal(typedPosition("98.2, 37"), null);
    assert.equal(typedPosition("37U CP 69045 65045"), null);
});

test("typed legs name the line that is wrong", () => {
    assert.deepEqual(typedLegs("90 120\n\n180,5 80 m"), { legs: [{ bearing_deg: 90, distance_m: 120 }, { bearing_deg: 180.5, distance_m: 80 }], wrong: null });
    assert.equal(typedLegs("90 120\nnorth 5").wrong, 2);
    assert.equal(typedLegs("90 -3").wrong, 1);
    assert.equal(typedLegs("400 3").wrong, 1);
});

test("a chance is never rounded to none or all", () => {
    assert.equal(chance("en", 0.0001), "< 0.1%");
    assert.equal(chance("en", 0.99999), "> 99.9%");
    assert.equal(chance("en", 0.5), "50%");
    assert.equal(chance("en", null), "–");
    assert.equal(chance("en", 1), "100%"); // a share may be the whole, what draws say of a chance never is
    assert.equal(probability("en", 1), "> 99.9%");
    assert.equal(probability("en", 0), "< 0.1%");
    assert.equal(probability("en", 0.5), "50%");
    assert.equal(probability("en", null), "–");
});

test("numbers, areas, dates and bearings as people read them", () => {
    assert.equal(number("en", 1234567), "1,234,567");
    assert.equal(number("en", 0.000012345), "1.2 × 10⁻⁵");
    assert.equal(number("en", NaN), "–");
    assert.equal(area("en", 60415), "6.04 ha");
    assert.equal(area("uk", 999), "999 м²");
    assert.equal(date("en", "2022-08-17"), "17 Aug 2022");
    assert.equal(date("en", "1999"), "1999");
    assert.equal(compass(359), "n");
    assert.equal(compass(-60), "nw");
    assert.equal(yearOf("1999-05"), 1999);
    assert.equal(yearOf(null), null);
    assert.equal(typedNumber(" 1 234,5 "), 1234.5);
    assert.equal(typedNumber("12abc"), null);
});

test("every language has every text, with the same places, and forms for its numbers", () => {
    const keys = Object.keys(languages.en) as Key[];
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join();
    for (const [language, texts] of Object.entries(languages)) {
        assert.deepEqual(Object.keys(texts).sort(), [...keys].sort(), language);
        for (const key of keys) {
            assert.ok(texts[key].trim() !== "", `${language}: ${key} is empty`);
            assert.equal(places(texts[key]), places(languages.en[key]), `${language}: ${key}`);
            if (key.endsWith("#")) assert.equal(texts[key].split("|").length, forms[language as Language].length, `${language}: ${key}, forms for ${forms[language as Language]}`);
        }
    }
});

test("no text says that ground is safe", () => {
    for (const texts of Object.values(languages)) for (const text of Object.values(texts)) assert.doesNotMatch(text, /\bsafe(ly|ty)?\b|(?<!не)безпечн/i);
});

test("forms of number follow the language", () => {
    assert.deepEqual([forms.en, forms.uk], [["one", "other"], ["one", "few", "many", "other"]]);
    assert.equal(translate("en", "areas.count#", { n: 1 }), "1 area");
    assert.equal(translate("uk", "areas.count#", { n: 2 }), "2 райони");
    assert.equal(translate("uk", "areas.count#", { n: 11 }), "11 районів");
    assert.equal(fill("{a} and {b}", { a: 1 }), "1 and {b}");
    assert.equal(preferred(["tlh-KX", "uk-UA", "en"]), "uk");
    assert.equal(preferred(["tlh"]), "en");
});

test("addresses lead there and back", () => {
    assert.deepEqual(parseRoute(to.record("hazard-area", "HA/1 ä")), { page: "area", kind: "hazard-area", code: "HA/1 ä", lon: null, lat: null });
    assert.deepEqual(parseRoute(to.record("item", "IT-1")), { page: "record", kind: "item", code: "IT-1", lon: null, lat: null });
    assert.equal(parseRoute(to.place(37.2, 48.3)).lon, 37.2);
    assert.equal(parseRoute("#/place/abc").page, "map");
    assert.equal(parseRoute("#/nonsense/%E0%A4%A").page, "map");
    assert.equal(parseRoute("").page, "map");
});

test("a filter hides by date but never what has no date", () => {
    const rule = JSON.stringify(filterOf({ from: "2020-01-01", to: "", status: "open", organisation: "" }, [2019, 2021]));
    assert.match(rule, /2020-01-01/);
    assert.match(rule, /"open"/);
    assert.match(rule, /\["any",\["==",/);
    assert.deepEqual(filterOf({ from: "", to: "", status: "", organisation: "" }, null), ["all"]);
});

test("the style of nothing is a style, and layers stand in their order", () => {
    const shown = { origin: "http://h", dark: false, language: "en" as const, extent: null, band: null, scale: "viridis", classes: "linear", opacity: 1, layers: [], shown: {}, filters: { from: "", to: "", status: "", organisation: "" },
        years: null, path: [], measuring: false, selected: null, point: null, marks: [], version: "" };
    assert.equal(buildStyle(shown, null).version, 8);
    const layer = (kind: string, geometry: "point" | "polygon") => ({ name: kind, kind, title: kind, geometry, count: 1, columns: [], from: null, to: null, statuses: [], organisations: [] });
    const ids = buildStyle({ ...shown, layers: [layer("accident", "point"), layer("hazard-area", "polygon")] }, null).layers.map((l) => l.id);
    assert.ok(ids.indexOf("kind-hazard-area-fill") < ids.indexOf("kind-accident-point"));
    assert.equal(new Set(ids).size, ids.length);
});

test("tiles' addresses carry what they depend on", () => {
    const band = { name: "mean", title: "", unit: "", min: 0, max: 1, quantiles: [], scales: [] };
    assert.equal(rasterTiles("http://h", band, "magma", "log", "7"), "http://h/api/1/tiles/raster/mean/{z}/{x}/{y}.png?scale=magma&classes=log");
});

test("rings that cross 180 degrees go on, and close round the pole", () => {
    assert.deepEqual(unwrap([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]], true), [[179, 0], [181, 0], [181, 1], [179, 1], [179, 0]]);
    const round = unwrap([[0, -70], [120, -70], [-120, -70], [0, -70]], true);
    assert.deepEqual(round.slice(-3), [[360, -90], [0, -90], [0, -70]]);
});

test("fans keep their order and scale, and make an SVG of their own", () => {
    const line = (v: number) => [v, v * 2];
    const fan = fanOf("A <b>", 2025, { mean: [], mcse: [], q05: line(1), q25: line(2), q50: line(3), q75: line(4), q95: line(5) } as never);
    assert.deepEqual(fan.years, [2025, 2026]);
    assert.equal(topOf([fan]), 10);
    assert.deepEqual(ticks(10), [0, 2, 4, 6, 8, 10]);
    const svg = fanSvg(fan, 10, "people", "words & more", String);
    assert.match(svg, /^<svg xmlns/);
    assert.match(svg, /A &lt;b&gt;/);
    assert.doesNotMatch(svg, /NaN/);
});

test("sliders change best, low and high of their assumption, and nothing else", () => {
    const yaml = 'title: X\nfunding:\n  - {from: 2011, per_year: {best: 18 MUSD/year, low: 1.2e1 MUSD/year, high: 28 MUSD/year, source: "best: 3"}}\npeople:\n  use: {best: 1, low: 0.6, high: 1.6, source: "a"}\n';
    const twice = scaleKnob(yaml, "per_year", 2);
    assert.match(twice, /best: 36 MUSD\/year, low: 24 MUSD\/year, high: 56 MUSD/);
    assert.match(twice, /use: \{best: 1, low: 0\.6/);
    assert.ok(hasKnob(yaml, "use") && !hasKnob(yaml, "teams"));
    assert.equal(scaleKnob(yaml, "use", 1), yaml);
    assert.match(changed(yaml, { use: 2 }, "as changed"), /^title: "X, as changed"/);
});

test("a schedule's bars lie where their days are", () => {
    const task = { task: "T1", area: "A", name: "", team: "x", start: "2025-07-01", end: "2025-12-31", score: 1 };
    const [row] = rowsOf([task], ["x"], "2025-01-01", "2025-12-31");
    near(row!.bars[0]!.left, (181 / 365) * 100, 1e-9);
    near(row!.bars[0]!.left + row!.bars[0]!.width, 100, 1e-9);
    assert.deepEqual(yearMarks("2025-06-01", "2026-05-31").map((m) => m.label), ["2025", "2026"]);
});
