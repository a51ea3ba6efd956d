#!/usr/bin/python3
"""ogc_test.py BIN: the OGC API as GDAL's OAPIF driver and a plain client see it, as a guest and as staff. Needs ogrinfo (skipped without)."""
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import PASSWORD, Cases, Server, accounts, project, tilth  # noqa: E402


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


def basic(name, password=PASSWORD):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def by_password(cases, server):
    """GIS programs know no log-in page: HTTP Basic, here and nowhere else, with the limits of a log-in."""
    nobody = server.client()
    path = "/ogc/collections/accident/items?limit=3"
    asked = nobody.get(path)
    cases.check("without a log-in: 401 that names Basic", asked.status == 401 and asked.headers["WWW-Authenticate"].startswith("Basic "), dict(asked.headers))
    cases.check("with name and password: all that the account may see", nobody.get(path, **basic("O. Koval")).json["numberMatched"] == 12, "")
    cases.check("and again, without the cost of a password each time", all(nobody.get(path, **basic("O. Koval")).status == 200 for _ in range(200)), "")
    cases.check("no cookie comes of it", "Set-Cookie" not in nobody.get(path, **basic("O. Koval")).headers, "")
    cases.check("the API itself takes none", nobody.get("/api/1/records/accident", **basic("O. Koval")).status == 403 and
                "WWW-Authenticate" not in nobody.get("/api/1/records/accident").headers, "")
    wrong = nobody.get(path, **basic("O. Koval", "wrong horse 7"))
    cases.check("a wrong password: 401, also where guests may look", wrong.status == 401 and nobody.get("/ogc/collections/hazard-area/items", **basic("O. Koval", "x")).status == 401, wrong.body)
    for bad in ("Basic", "Basic !!!", "Bearer abc", "Basic " + "A" * 3000, "Basic QQ=="):
        cases.check(f"{bad[:14]}: refused", nobody.get(path, Authorization=bad).status in (400, 401), "")
    tilth(server.folder, "account", "p.gpkg", "passwd", "--name", "O. Koval", "--quiet", text="another horse 8\n")
    cases.check("a new password ends the old one at once", nobody.get(path, **basic("O. Koval")).status == 401, "")
    cases.check("and is good itself", nobody.get(path, **basic("O. Koval", "another horse 8")).status == 200, "")
    tilth(server.folder, "account", "p.gpkg", "remove", "--name", "O. Koval", "--quiet")
    cases.check("a removed account has no way in", nobody.get(path, **basic("O. Koval", "another horse 8")).status == 401, "")
    tries = [nobody.get(path, **basic("Quality", f"wrong horse {i}")).status for i in range(14)]
    cases.check("guessing is held back as at a log-in", tries[0] == 401 and tries[-1] == 429, tries)


def qgis(cases, server):
    """QGIS without a screen; Debian's own Python has it."""
    done = subprocess.run(["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "qgis_check.py"), str(server.port), "Entry", PASSWORD], capture_output=True,
                          text=True, check=False, timeout=240, env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "no_proxy": "127.0.0.1", "HOME": server.folder,
                                                                    "XDG_RUNTIME_DIR": server.folder})
    if done.returncode == 77:
        print("notice: there is no QGIS here; what it makes of the OGC API was not tested")
        return
    line = next((l for l in done.stdout.splitlines() if l.startswith("TOLD ")), None)
    cases.check("QGIS runs", line is not None, done.stdout[-600:] + done.stderr[-600:])
    told = json.loads(line[5:]) if line else {}
    guest, staff = told.get("guest", {}), told.get("staff", {})
    cases.check("QGIS as a guest: both areas with their columns, in WGS 84", guest.get("valid") and guest["names"] == ["Поле 1", "Поле 2"] and guest["empty"] == 0 and
                {"code", "name", "status", "classification"} <= set(guest["fields"]) and guest["crs"] in ("EPSG:4326", "OGC:CRS84"), told)
    cases.check("QGIS as a guest: no accidents", told.get("guest_accidents") is False, told)
    cases.check("QGIS by name and password: all twelve accidents over three pages", staff.get("valid") and staff["n"] == staff["codes"] == 12 and "killed" in staff["fields"], told)
    cases.check("QGIS with a wrong password: nothing", told.get("wrong_password") is False, told)
    cases.check("QGIS reads vector tiles", told.get("tiles", {}).get("valid") and told["tiles"]["colours"] > 2, told)


def main():
    cases = Cases()
    if shutil.which("ogrinfo") is None:
        print("skipped: there is no ogrinfo")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        path = project(folder)
        accounts(folder)
        server = Server(path)
        server.folder = folder
        try:
            gdal(cases, server, plain(cases, server))
            qgis(cases, server)
            by_password(cases, server)
        finally:
            server.stop()
    return cases.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    sys.exit(main())
