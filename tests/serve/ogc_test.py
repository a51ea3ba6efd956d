#!/usr/bin/python3
"""ogc_test.py BIN: the OGC API as GDAL's OAPIF driver and a plain client see it, as a guest and as staff. Needs ogrinfo (skipped without)."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Cases, Server, accounts, project  # noqa: E402


def ogr(*arguments, cookie=None):
    done = subprocess.run(["ogrinfo", *(["--config", "GDAL_HTTP_COOKIE", cookie] if cookie else []), *arguments], capture_output=True, text=True, check=False,
                          timeout=120, env={**os.environ, "no_proxy": "127.0.0.1"})
    return done.stdout + done.stderr


def plain(cases, server):
    guest, entry = server.client(), server.client("Entry")
    links = {link["rel"]: link for link in guest.get("/ogc").json["links"]}
    cases.check("the landing page names its parts", {"self", "service-desc", "conformance", "data"} <= set(links), links)
    cases.check("links are whole addresses", links["data"]["href"] == f"http://127.0.0.1:{server.port}/ogc/collections", links["data"])
    cases.check("no link carries a key", "key=" not in guest.get("/ogc").body.decode(), "")
    declared = guest.get("/ogc/conformance").json["conformsTo"]
    cases.check("Features core is declared", any(c.endswith("ogcapi-features-1/1.0/conf/core") for c in declared), declared)
    cases.check("a guest has one collection", [c["id"] for c in guest.get("/ogc/collections").json["collections"]] == ["hazard-area"], "")
    cases.check("staff has all kinds", len(entry.get("/ogc/collections").json["collections"]) == 7, "")
    cases.check("a guest sees no accidents", guest.get("/ogc/collections/accident/items").status in (401, 403), "")
    cases.check("a guest sees no tiles of items", guest.get("/ogc/collections/item/tiles/WebMercatorQuad/8/122/74").status in (401, 403), "")
    areas = guest.get("/ogc/collections/hazard-area/items")
    cases.check("features are GeoJSON", areas.headers["Content-Type"].startswith("application/geo+json") and areas.json["type"] == "FeatureCollection", areas.headers)
    cases.check("a guest sees code, name, status, class", set(areas.json["features"][0]["properties"]) == {"code", "name", "status", "classification"},
                areas.json["features"][0]["properties"])
    page, seen = "/ogc/collections/accident/items?limit=5", []
    for _ in range(10):
        reply = entry.get(page).json
        seen += [feature["id"] for feature in reply["features"]]
        following = [link["href"] for link in reply["links"] if link["rel"] == "next"]
        if not following:
            break
        page = following[0].split(str(server.port), 1)[1]
    cases.check("pages follow each other and hold everything once", len(seen) == len(set(seen)) == reply["numberMatched"] == 12, seen)
    one = entry.get("/ogc/collections/accident/items/AC-0001").json
    cases.check("one feature by its code", one["id"] == "AC-0001" and one["geometry"]["type"] == "Point", one)
    near = entry.get("/ogc/collections/accident/items?bbox=-75.105,7.0,-75.095,7.18").json
    cases.check("a box keeps what lies in it", 0 < near["numberMatched"] < 12 and
                all(-75.105 <= f["geometry"]["coordinates"][0] <= -75.095 for f in near["features"]), near["numberMatched"])
    for times, expected in (("1995/1997", 3), ("../1996", 2), ("2005-01-01T00:00:00Z/..", 2), ("1999", 1)):
        found = entry.get(f"/ogc/collections/accident/items?datetime={times}").json["numberMatched"]
        cases.check(f"datetime={times} keeps {expected}", found == expected, found)
    for bad in ("datetime=yesterday", "limit=0", "bbox=1,2,3", "colour=red", "limit=-3"):
        cases.check(f"{bad} is 400", entry.get(f"/ogc/collections/accident/items?{bad}").status == 400, "")
    cases.check("no such collection is 404", entry.get("/ogc/collections/ghost/items").status == 404, "")
    cases.check("no such feature is 404", entry.get("/ogc/collections/accident/items/AC-9999").status == 404, "")
    matrices = guest.get("/ogc/tileMatrixSets/WebMercatorQuad").json["tileMatrices"]
    cases.check("the matrix set has 23 zooms of 0.28 mm pixels", len(matrices) == 23 and abs(matrices[0]["cellSize"] / matrices[0]["scaleDenominator"] - 0.00028) < 1e-12, matrices[0])
    both = [guest.get(path) for path in ("/ogc/collections/hazard-area/tiles/WebMercatorQuad/8/122/74", "/api/1/tiles/vector/hazard-area/8/74/122.mvt")]
    cases.check("a tile by row and column is the tile by x and y", both[0].status == 200 and both[0].body == both[1].body, [r.status for r in both])
    cases.check("tile sets link to their tiles", "{tileRow}" in json.dumps(guest.get("/ogc/collections/hazard-area/tiles/WebMercatorQuad").json), "")
    return entry.cookie


def gdal(cases, server, cookie):
    root = f"OAPIF:http://127.0.0.1:{server.port}/ogc"
    listed = ogr(root)
    cases.check("GDAL lists a guest's layer", "hazard-area" in listed and "accident" not in listed, listed)
    areas = ogr("-al", root)
    cases.check("GDAL reads polygons with their names", "Feature Count: 2" in areas and "Поле 1" in areas and "POLYGON" in areas, areas)
    accidents = ogr("-al", "-so", root, "accident", cookie=cookie)
    cases.check("GDAL counts all pages of accidents for staff", "Feature Count: 12" in accidents and "killed" in accidents, accidents)
    boxed = ogr("-al", "-so", "-spat", "-75.105", "7.0", "-75.095", "7.18", root, "accident", cookie=cookie)
    cases.check("GDAL's box is passed on", "Feature Count: 12" not in boxed and "Feature Count: 0" not in boxed and "Feature Count" in boxed, boxed)


def main():
    cases = Cases()
    if shutil.which("ogrinfo") is None:
        print("skipped: there is no ogrinfo")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            gdal(cases, server, plain(cases, server))
        finally:
            server.stop()
    return cases.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    sys.exit(main())
