#!/usr/bin/python3
"""import_test.py BIN [EXPLOIT]: files uploaded, tried, taken in and mended through the API. The same as the command line makes of them; bad, hostile and cut-off
ones; full disks; a reader that has been taken over (EXPLOIT, a library that is preloaded) and what it can do then: nothing."""
import http.client
import io
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from schemas import wrong  # noqa: E402
from server import Reply, Server, accounts, project, tilth, wait_until  # noqa: E402
from uploads import Uploads  # noqa: E402

IMPORTS = "/api/1/imports"
KINDS = {"accident": "accident", "item": "item", "hazard-area": "hazard_area", "place": "place", "search": "search"}
HEAD = "id,lon,lat,date,category,village\n"


def files(folder):
    """Of the folder of uploads, but the copy of the project on which imports are tried (trial_test.py)."""
    return sorted(name for name in os.listdir(folder) if not name.split(".", 1)[-1].startswith(("copy", "hold")))


def upload(client, name, data, query=""):
    return client.ask("POST", f"{IMPORTS}?name={urllib.parse.quote(name)}{query}", raw=data, headers={"Content-Type": "application/octet-stream"})


def rows(n, first=0):
    return HEAD + "".join(f"n{i},-75.{10 + i % 9}{i % 10},7.0{1 + i % 8}{i % 7},20{10 + i % 9}-03-{10 + i % 20},AP mine,Село {i}\n" for i in range(first, first + n))


def records(path, table):
    """All that a record is, but when and by whom it was entered."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    names = [row[1] for row in base.execute(f"PRAGMA table_info({table})") if row[1] not in ("entered_at", "entered_by")]
    found = base.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY id").fetchall()
    extra = [base.execute("SELECT import_id, row, reason, message, original, proposal FROM refused ORDER BY id").fetchall(),
             base.execute("SELECT import_id, kind, record_id, row, reason, message FROM finding ORDER BY id").fetchall(),
             base.execute("SELECT kind, sha256, source, n_read, n_added, n_updated, n_unchanged, n_refused FROM import ORDER BY id").fetchall()]
    base.close()
    return found, extra


# The same as the command line.

def make_files(folder):
    """A file of every kind, from one table with rows that are refused, doubted and updated."""
    os.makedirs(folder)

    def ogr(name, *more, source="a.csv", driver=None):
        subprocess.run(["ogr2ogr", *(["-f", driver] if driver else []), *more, name, source], cwd=folder, check=True, capture_output=True)
    table = rows(40) + "zero,0,0,2020,AP mine,x\nfuture,-75.1,7.1,2099-01-01,AP mine,x\nswap,7.1,-75.1,2019,AP mine,x\n" + rows(3) + ",-75.11,7.11,1999,ERW,\"a, \"\"b\"\"\"\n"
    with open(os.path.join(folder, "a.csv"), "w", encoding="utf-8") as file:
        file.write(table)
    points = ["-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "-a_srs", "EPSG:4326"]
    ogr("a.xlsx", driver="XLSX")
    ogr("a.ods", driver="ODS")
    ogr("a.geojson", *points)
    ogr("a.json", *points, driver="GeoJSON")
    ogr("a.gpkg", *points, "-t_srs", "EPSG:32618", "-s_srs", "EPSG:4326", "-where", "id not in ('zero', 'swap')")
    ogr("a.kml", *points, driver="LIBKML")
    ogr("a.fgb", *points, driver="FlatGeobuf")
    with open(os.path.join(folder, "a.gpx"), "w", encoding="utf-8") as file:
        points_of = "".join(f'<wpt lat="7.0{1 + i % 8}" lon="-75.1{i}"><time>2019-03-0{1 + i}T10:00:00Z</time><name>Місце {i}</name></wpt>' for i in range(9))
        file.write(f'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{points_of}<wpt lat="-75" lon="7"/></gpx>')
    ogr("a.shp", *points, "-lco", "ENCODING=CP1251")
    ogr("wal.gpkg", *points)
    base = sqlite3.connect(os.path.join(folder, "wal.gpkg"))
    base.execute("PRAGMA journal_mode=WAL")
    base.close()
    with zipfile.ZipFile(os.path.join(folder, "a.zip"), "w", zipfile.ZIP_DEFLATED) as out:
        for part in ("shp", "shx", "dbf", "prj", "cpg"):
            out.write(os.path.join(folder, f"a.{part}"), f"Дані/a.{part}")
        out.writestr("Дані/read me.txt", "about")
    with zipfile.ZipFile(os.path.join(folder, "a.kmz"), "w", zipfile.ZIP_DEFLATED) as out:
        out.write(os.path.join(folder, "a.kml"), "doc.kml")
    with open(os.path.join(folder, "cp.csv"), "wb") as file:
        file.write(table.encode("cp1251"))
    with open(os.path.join(folder, "xy.csv"), "w", encoding="utf-8") as file:
        file.write("код,x,y,рік,type_code\n" + "".join(f"k{i},{490000 + 200 * i},{780000 + 150 * i},{1990 + i},{i % 3}\n" for i in range(20)))
    ring = "((-75.16 7.05, -75.15 7.05, -75.15 7.06, -75.16 7.06, -75.16 7.05))"
    with open(os.path.join(folder, "wkt.csv"), "w", encoding="utf-8") as file:
        file.write(f"id,wkt,name,status\np1,\"POLYGON {ring}\",Поле 9,open\np2,\"POLYGON EMPTY\",x,open\np3,\"MULTIPOLYGON ({ring})\",same,closed\n")
    with open(os.path.join(folder, "empty.csv"), "w", encoding="utf-8") as file:
        file.write("id,lon,lat\n")
    done = subprocess.run(["ogr2ogr", "-f", "OpenFileGDB", *points, "a.gdb", "a.csv"], cwd=folder, capture_output=True, check=False)
    if done.returncode == 0:
        shutil.make_archive(os.path.join(folder, "a.gdb"), "zip", folder, "a.gdb")


SAME = [  # file, as, options of the page, of the command line
    ("a.csv", "accident", {}, []),
    ("a.xlsx", "accident", {}, []),
    ("a.ods", "accident", {}, []),
    ("a.geojson", "accident", {}, []),
    ("a.json", "item", {"keep_duplicates": True}, ["--keep-duplicates"]),
    ("a.gpkg", "accident", {}, []),
    ("wal.gpkg", "accident", {}, []),
    ("a.kml", "accident", {}, []),
    ("a.kmz", "accident", {}, []),
    ("a.fgb", "accident", {}, []),
    ("a.gpx", "item", {}, []),
    ("a.zip", "accident", {}, []),
    ("a.gdb.zip", "accident", {}, []),
    ("cp.csv", "accident", {"encoding": "CP1251"}, ["--encoding", "CP1251"]),
    ("xy.csv", "accident", {"crs": "EPSG:32618", "where": "type_code in (1, 2)", "source": "команда",
                            "map": {"x": "x", "y": "y", "id": "код", "date": "рік", "category": "=AP mine"}},
     ["--crs", "EPSG:32618", "--where", "type_code in (1, 2)", "--source", "команда", "--map", "x=x", "--map", "y=y", "--map", "id=код", "--map", "date=рік",
      "--map", "category==AP mine"]),
    ("wkt.csv", "hazard-area", {}, []),
    ("a.csv", "place", {"allow_outside": True, "map": {"lon": "lon", "lat": "lat", "name": "village", "id": "id"}},
     ["--allow-outside", "--map", "lon=lon", "--map", "lat=lat", "--map", "name=village"]),
]


def same(run, folder):
    files = os.path.join(folder, "files")
    make_files(files)
    page, line = os.path.join(folder, "page"), os.path.join(folder, "line")
    os.makedirs(page)
    project(page)
    accounts(page)
    shutil.copytree(page, line)
    server = Server(os.path.join(page, "p.gpkg"))
    entry = server.client("Entry")
    try:
        for name, kind, options, words in SAME:
            path = os.path.join(files, name)
            if not os.path.exists(path):
                print(f"skipped {name}: this GDAL cannot write it")
                continue
            what = f"{name} as {kind}"
            told = subprocess.run(["tilth", "import", "p.gpkg", path, "--as", kind, "--json", *words],
                                  cwd=line, capture_output=True, text=True, check=False)
            with open(path, "rb") as file:
                reply = upload(entry, name, file.read(), "&encoding=" + options["encoding"] if "encoding" in options else "")
            here = run.valid(f"{what}: uploaded", reply, "tilth.upload/1", 201)
            if here is None or told.returncode != 0:
                run.check(f"{what}: imported by the command line", told.returncode == 0, told.stderr)
                continue
            told = json.loads(told.stdout)
            tried = run.valid(f"{what}: tried", entry.post(f"{IMPORTS}/{here['id']}/try", {"as": kind, **options}), "tilth.import-try/1")
            counts = {key: told[key] for key in ("read", "added", "updated", "unchanged", "refused")}
            run.check(f"{what}: the trial's counts", tried and tried["problem"] is None and tried["counts"] == counts and counts["read"] > 0, (tried and tried["counts"], counts, tried and tried["problem"]))
            shown = [feature["properties"]["state"] for feature in tried["sample"]["features"]]
            run.check(f"{what}: the map shows what comes in", [shown.count(s) for s in ("added", "updated", "unchanged")] == [counts[s] for s in ("added", "updated", "unchanged")] and
                      len(tried["refused"]) == counts["refused"], (shown, counts))
            before = records(os.path.join(page, "p.gpkg"), KINDS[kind])
            done = run.valid(f"{what}: taken in", entry.post(f"{IMPORTS}/{here['id']}/commit", {"token": tried["token"]}), "tilth.import-done/1")
            run.check(f"{what}: the same counts, file and driver", done and done["counts"] == counts and done["sha256"] == told["sha256"] and done["driver"] == told["driver"] and
                      done["import"] == told["import_id"], (done, told))
            ours, theirs = records(os.path.join(page, "p.gpkg"), KINDS[kind]), records(os.path.join(line, "p.gpkg"), KINDS[kind])
            run.check(f"{what}: the same records, ids, refused rows and doubts", ours == theirs,
                      next(((a, b) for a, b in zip(ours[0] + sum(ours[1], []), theirs[0] + sum(theirs[1], [])) if a != b), (len(ours[0]), len(theirs[0]))))
            run.check(f"{what}: the trial had changed nothing", before != ours)
            gone = entry.get(f"{IMPORTS}/{here['id']}")
            run.refused(f"{what}: the upload is gone", gone, 404, "no such upload")
        checked = subprocess.run(["tilth", "check", "p.gpkg"], cwd=page, capture_output=True, text=True, check=False)
        run.check("the project is whole", checked.returncode == 0, checked.stdout + checked.stderr)
    finally:
        run.check("the server ends well", server.stop() == 0, server.errors)
    run.check("and leaves no folder", not os.path.exists(os.path.join(page, "p.gpkg.uploads")))


# Trying, taking in, mending.

def flow(run, server, path):
    entry, verifier = server.client("Entry"), server.client("Verifier")
    here = run.valid("a table", upload(entry, "deaths.csv", (rows(30) + "z,0,0,2020,AP mine,x\ny,-75.1,7.1,2099,AP mine,x\n").encode()), "tilth.upload/1", 201)
    run.check("is told column by column", here["layers"][0]["rows"] == 32 and [c["name"] for c in here["layers"][0]["columns"]] == HEAD.strip().split(",") and
              [c["type"] for c in here["layers"][0]["columns"]] == ["text", "number", "number", "date", "text", "text"] and
              here["layers"][0]["columns"][5]["examples"][:2] == ["Село 0", "Село 1"] and here["by"] == "Entry", here["layers"])
    print("  walls that stand here: " + (", ".join(here["walls"]) or "none"))
    run.check("the reader was walled in", here["walls"], here["walls"])
    listed = run.valid("it is listed, for others too", verifier.get(IMPORTS), "tilth.uploads/1")
    run.check("as itself", listed["imports"] == [here])
    one = f"{IMPORTS}/{here['id']}"
    run.check("and shown", run.valid("one upload", verifier.get(one), "tilth.upload/1") == here)
    request = {"as": "accident", "map": {"lon": "lon", "lat": "lat", "id": "id", "date": "date", "category": "category"}}
    run.check("the request is as its schema says", not wrong(request, "tilth.import-request/1"))
    bad = run.valid("a mapping that does not do", entry.post(one + "/try", {"as": "accident", "map": {"date": "date"}}), "tilth.import-try/1")
    run.check("is told with the fields that there are", "no position is mapped" in bad["problem"] and bad["token"] is None and bad["counts"]["read"] == 0 and
              {"lon", "lat", "wkt", "date", "category", "remarks"} <= {f["name"] for f in bad["fields"]} and bad["mapping"] == {"date": "date"}, bad)
    bad = run.valid("a column that is not there", entry.post(one + "/try", {"as": "accident", "map": {"lon": "longitud", "lat": "lat"}}), "tilth.import-try/1")
    run.check("is named", "longitud" in bad["problem"], bad["problem"])
    run.refused("a field that is none", entry.post(one + "/try", {"as": "accident", "map": {"lon": "lon", "lat": "lat", "moon": "id"}}), 400, "moon")
    run.refused("a kind that is none", entry.post(one + "/try", {"as": "covariate"}), 400, "covariate")
    run.refused("a layer that is not there", entry.post(one + "/try", {"as": "accident", "layer": "other"}), 404, "other")
    run.refused("a condition that is none", entry.post(one + "/try", {"as": "accident", "where": "id =="}), 422, "condition")
    run.refused("a member that is none", entry.post(one + "/try", {"as": "accident", "dry_run": False}), 400, "dry_run")
    first = run.valid("what the names suggest", entry.post(one + "/try", {"as": "accident"}), "tilth.import-try/1")
    run.check("is a mapping", first["mapping_from"] == "suggested" and first["mapping"]["lon"] == "lon" and first["counts"]["added"] == 30 and first["counts"]["refused"] == 2, first["counts"])
    tried = run.valid("a mapping that is given", entry.post(one + "/try", request), "tilth.import-try/1")
    run.check("counts reconcile", tried["counts"] == {"read": 32, "added": 30, "updated": 0, "unchanged": 0, "refused": 2} and tried["mapping_from"] == "given", tried["counts"])
    run.check("refused rows come with values", [r["row"] for r in tried["refused"]] == [31, 32] and tried["refused"][0]["original"]["id"] == "z", tried["refused"])
    feature = tried["sample"]["features"][0]
    run.check("a row on the map", feature["geometry"] == {"type": "Point", "coordinates": [-75.1, 7.01]} and feature["properties"]["row"] == 1 and
              feature["properties"]["state"] == "added" and feature["properties"]["category"] == "AP mine" and feature["properties"]["id"] == "n0", feature)
    again = entry.post(one + "/try", request).json
    run.check("the same trial has the same token", again["token"] == tried["token"] != first["token"])
    n = len(records(path, "accident")[0])
    run.refused("a token of another trial", entry.post(one + "/commit", {"token": first["token"]}), 409, "try it again")
    run.refused("no token", entry.post(one + "/commit", {}), 400, "token")
    same_id = entry.post("/api/1/records/accident", {"columns": {"date": "2020", "category": "AP mine"}, "position": "7.05N 75.15W", "id": "hand-1"})
    run.check("somebody enters a record that has nothing to do with it", same_id.status == 201, same_id.body)
    other = tempfile.mkdtemp()
    with open(os.path.join(other, "deaths.csv"), "w", encoding="utf-8") as file:
        file.write(rows(5))
    tilth(other, "import", path, "deaths.csv", "--as", "accident", "--quiet")
    run.refused("others have taken in some of it", entry.post(one + "/commit", {"token": tried["token"]}), 409, "has changed since the dry run", "25 would be added")
    run.check("nothing was written", len(records(path, "accident")[0]) == n + 6)
    tried = entry.post(one + "/try", request).json
    run.check("the new trial shows how it is now", [tried["counts"][k] for k in ("added", "updated", "unchanged")] in ([25, 0, 5], [25, 5, 0]), tried["counts"])
    done = run.valid("taken in", entry.post(one + "/commit", {"token": tried["token"]}), "tilth.import-done/1")
    run.check("as it was shown", done["counts"] == tried["counts"], done)
    run.refused("once", entry.post(one + "/commit", {"token": tried["token"]}), 404, "no such upload")
    shutil.rmtree(other)
    mend(run, server, done["import"])
    lines = server.client("Admin").get("/api/1/log?limit=200").json["lines"]
    run.check("the log names who imported", any(line["table"] == "import" and line["actor"] == "Entry" for line in lines))
    remembered = upload(entry, "more.csv", rows(3, 50).encode()).json["id"]
    told = entry.post(f"{IMPORTS}/{remembered}/try", {"as": "accident"}).json
    run.check("the mapping is found again", told["mapping_from"] == "remembered" and told["mapping"] == request["map"], told["mapping"])
    gone = run.valid("deleted", verifier.ask("DELETE", f"{IMPORTS}/{remembered}"), "tilth.upload/1")
    run.check("is gone", gone["id"] == remembered and verifier.get(IMPORTS).json["imports"] == [])
    run.refused("deleted again", verifier.ask("DELETE", f"{IMPORTS}/{remembered}"), 404, "no such upload")


def mend(run, server, number):
    entry = server.client("Entry")
    kept = run.valid("refused rows of an import", entry.get(f"/api/1/refused?import={number}"), "tilth.refused/1")
    run.check("with file, row and reason", kept["total"] == 2 and [r["row"] for r in kept["refused"]] == [31, 32] and kept["refused"][0]["file"] == "deaths.csv" and
              kept["refused"][0]["kind"] == "accident" and kept["refused"][0]["reason"] == "zero-position" and kept["refused"][0]["mended_as"] is None, kept)
    row = kept["refused"][0]["id"]
    form = {"columns": {"date": "2020", "category": "AP mine"}, "position": "7.055N 75.125W", "remarks": "position from the village head"}
    run.refused("a mending that is none", entry.post(f"/api/1/refused/{row}/mend", {**form, "columns": {"category": "AP mine", "date": "2099"}}), 422, "2099")
    reply = entry.post(f"/api/1/refused/{row}/mend", form)
    made = run.valid("mended", reply, "tilth.edited/1", 201)
    run.check("as a draft by hand", made["record_status"] == "draft" and entry.get(reply.headers["Location"]).json["remarks"] == form["remarks"], made)
    run.refused("mended again", entry.post(f"/api/1/refused/{row}/mend", form), 409, "mended already", made["code"])
    run.refused("no such row", entry.post("/api/1/refused/99999/mend", form), 404, "99999")
    kept = entry.get(f"/api/1/refused?import={number}").json
    run.check("the row says what came of it and stays", kept["total"] == 2 and kept["refused"][0]["mended_as"] == made["code"], kept["refused"][0])
    left = run.valid("those that are left", entry.get(f"/api/1/refused?import={number}&open=yes&limit=1"), "tilth.refused/1")
    run.check("are one less", left["total"] == 1 and left["refused"][0]["row"] == 32, left)
    reads = server.client("Admin").get("/api/1/reads?limit=50").json
    run.check("who reads them is written down", any("refused" in json.dumps(line) for line in reads["reads"] if isinstance(line, dict)) if "reads" in reads else "refused" in json.dumps(reads), reads)


# Bad files.

def bomb(member, text, times):
    """A spreadsheet or archive that is small and becomes very large."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        with made.open(member, "w", force_zip64=True) as file:
            for _ in range(times):
                file.write(text)
    return out.getvalue()


def archive(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in members:
            made.writestr(name, data)
    return out.getvalue()


def laughs(document):
    """Ten levels of ten: ten thousand million times the first."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 11))
    return f'<?xml version="1.0"?><!DOCTYPE x [{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]>{document}'.encode()


def bad_files(run, server, folder):
    entry = server.client("Entry")
    secret = os.path.join(folder, "secret.csv")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("id,lon,lat\nsecret,1,1\n")
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    garbage = bytes((i * 131 + i // 7 * 17) % 256 for i in range(5000))
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>%s</name><Point><coordinates>-75.1,7.1</coordinates></Point></Placemark></Document></kml>'
    gpx = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="7.1" lon="-75.1"><name>%s</name></wpt></gpx>'
    sheet = archive(("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'), ("xl/workbook.xml", laughs("<workbook><sheets>&a10;</sheets></workbook>")),
                    ("xl/worksheets/sheet1.xml", laughs("<worksheet>&a10;</worksheet>")))
    cases = [
        ("an ending that is not read", "x.exe", b"MZ", 422, "ending"),
        ("no ending", "deaths", b"id\n1\n", 422, "ending"),
        ("an empty file", "x.csv", b"", 400, "empty"),
        ("bytes of no kind", "x.gpkg", garbage, 422, "x.gpkg"),
        ("a spreadsheet that is none", "x.xlsx", garbage, 422, "x.xlsx"),
        ("an archive that is none", "x.zip", garbage, 422, "x.zip"),
        ("zeros in a table", "x.csv", b"id,lon\n\0\0\0", 422, "zero bytes"),
        ("UTF-16", "x.csv", "id,lon\n1,2\n".encode("utf-16"), 422, "UTF-16"),
        ("letters of another encoding", "x.csv", "id,lon,lat,село\n1,-75.1,7.1,Михайлівка\n".encode("cp1251"), 422, "UTF-8"),
        ("numbers only", "x.csv", b"1,2\n3,4\n", 422, "header"),
        ("a quote that is never closed", "x.csv", b'id,lon,lat\n1,"' + b"x" * 11_000_000, 422, "longer than 10 MB"),
        ("one line of 11 MB", "x.csv", b"id,lon,lat\n" + b"x" * 11_000_000, 422, "10 MB"),
        ("a virtual source called JSON", "x.json", vrt.encode(), 422, ""),
        ("a virtual source called KML", "x.kml", vrt.encode(), 422, ""),
        ("a virtual source in an archive", "x.zip", archive(("x.vrt", vrt)), 422, "nothing that can be read"),
        ("an absolute name in an archive", "x.zip", archive(("/etc/passwd.csv", rows(2))), 422, "x.zip"),
        ("an archive in an archive", "x.zip", archive(("a.zip", archive(("a.csv", rows(2))))), 422, "nothing that can be read"),
        ("two tables in an archive", "x.zip", archive(("a.csv", rows(2)), ("b.csv", rows(2))), 422, "2 files"),
        ("an archive of 20,000 names", "x.zip", archive(*[(f"{i}.csv", "a") for i in range(20000)]), 422, "10000"),
        ("entities in KML", "x.kml", laughs(kml % "&a10;"), 422, ""),
        ("entities in GPX", "x.gpx", laughs(gpx % "&a10;"), 422, ""),
        ("entities in a spreadsheet", "x.xlsx", sheet, 422, ""),
        ("JSON nested a million deep", "x.geojson", b'{"type":"FeatureCollection","features":' + b"[" * 1_000_000, 422, ""),
        ("an archive that becomes 4 GB", "x.zip", bomb("a.geojson", b'{"type":"FeatureCollection","features":[' + b" " * 1_000_000, 4000), 422, ""),
        ("a shapefile without its parts", "x.zip", archive(("a.shp", garbage)), 422, ""),
        ("a GeoPackage cut off", "x.gpkg", b"SQLite format 3\0" + b"\x10\0\2\2\0@  " + b"\0" * 400, 422, ""),
    ]
    for what, name, data, status, part in cases:
        began = time.monotonic()
        run.refused(what, upload(entry, name, data), status, part)
        run.check(f"{what}: soon", time.monotonic() - began < 90, time.monotonic() - began)
        run.check(f"{what}: nothing is kept", entry.get(IMPORTS).json["imports"] == [])
    # A table is read as a table whatever stands in it: the source that it names is not followed.
    for what, name, data in (("a virtual source called a table", "x.csv", vrt.encode()), ("one in an archive", "x.zip", archive(("x.csv", vrt)))):
        here = run.valid(what, upload(entry, name, data), "tilth.upload/1", 201)
        run.check(f"{what}: is a table without rows", here and here["driver"] == "CSV" and here["layers"][0]["rows"] == 0 and len(here["layers"]) == 1, here)
        entry.ask("DELETE", f"{IMPORTS}/{here['id']}")
    out = upload(entry, "x.zip", archive(("../../../../etc/passwd.csv", "a,b\n1,2\n"), ("/etc/shadow.csv", "a,b\n1,2\n"), ("a.csv", rows(2))))
    here = run.valid("names that lead out of an archive", out, "tilth.upload/1", 201)
    run.check("are passed over", here and [layer["name"] for layer in here["layers"]] == ["a"] and here["layers"][0]["rows"] == 2, here)
    entry.ask("DELETE", f"{IMPORTS}/{here['id']}")
    for what, name, data in (("an entity that reads a file, in KML", "x.kml", laughs(kml % "&f;")), ("an entity that reads a file, in GPX", "x.gpx", laughs(gpx % "&f;"))):
        reply = upload(entry, name, data)
        run.check(f"{what}: nothing of it comes back", b"root:" not in reply.body and reply.status in (201, 422), reply.body[:300])
        if reply.status == 201:
            entry.ask("DELETE", f"{IMPORTS}/{reply.json['id']}")
    wide = run.valid("a table of 1,500 columns", upload(entry, "wide.csv", (",".join(f"c{i}" for i in range(1500)) + "\n" + ",".join("v" * 1500) + "\n").encode()), "tilth.upload/1", 201)
    run.check("is told", wide and len(wide["layers"][0]["columns"]) == 1500)
    wider = upload(entry, "wider.csv", b"a," * 2_000_000 + b"b\n1,2\n") # GDAL reads the first 2,000
    run.check("two million columns do no harm", wider.status in (201, 422) and len(wider.body) < 1_000_000, wider.body[:300])
    large = "x" * 3_000_000
    here = run.valid("a field of 3 MB", upload(entry, "large.csv", f"id,lon,lat,note\n1,-75.1,7.1,{large}\n".encode()), "tilth.upload/1", 201)
    tried = run.valid("is tried", entry.post(f"{IMPORTS}/{here['id']}/try", {"as": "accident", "map": {"lon": "lon", "lat": "lat", "remarks": "note"}}), "tilth.import-try/1")
    run.check("and comes in", tried["counts"]["added"] == 1, tried["counts"])
    for one in entry.get(IMPORTS).json["imports"]:
        entry.ask("DELETE", f"{IMPORTS}/{one['id']}")


def bad_names(run, server, uploads):
    entry = server.client("Entry")
    for name in ("../../etc/cron.d/x.csv", "..\\x.csv", "/etc/passwd.csv", "a\u202eb|{}*?'\"<script>.csv", ".csv.csv", "$(touch x).csv", "й" * 200 + ".csv", "CON.csv", "-rf.csv", "a.csv/.csv"):
        reply = upload(entry, name, rows(2).encode())
        if reply.status in (400, 422):
            run.refused(f"the name {name[:30]!r}", reply, reply.status)
            continue
        here = run.valid(f"the name {name[:30]!r}", reply, "tilth.upload/1", 201)
        run.check("is a label", "/" not in here["name"] and "\\" not in here["name"] and "<" not in here["name"] and not here["name"].startswith(".") and here["name"].endswith(".csv"), here["name"])
        inside = files(uploads)
        run.check("and the files have numbers", inside == [f"{here['id']}.data", f"{here['id']}.json"], inside)
        run.check("that only the server's owner reads", all(os.stat(os.path.join(uploads, file)).st_mode & 0o077 == 0 for file in inside) and os.stat(uploads).st_mode & 0o777 == 0o700)
        entry.ask("DELETE", f"{IMPORTS}/{here['id']}")
    for bad in ("..", "../x", "%2e%2e%2fp.gpkg", "0" * 31, "0" * 33, "g" * 32, "0" * 32 + ".data", "x%00y"):
        for reply in (entry.get(f"{IMPORTS}/{bad}"), entry.ask("DELETE", f"{IMPORTS}/{bad}"), entry.post(f"{IMPORTS}/{bad}/try", {"as": "item"})):
            run.check(f"the id {bad}: {reply.status}", reply.status in (400, 404, 405) and "/tmp" not in reply.body.decode(), reply.body)
    run.refused("no name", entry.ask("POST", IMPORTS, raw=b"x", headers={"Content-Type": "application/octet-stream"}), 400, "name")
    run.refused("not bytes", entry.ask("POST", f"{IMPORTS}?name=a.csv", raw=b"x", headers={"Content-Type": "text/csv"}), 415, "octet-stream")
    run.refused("more than is taken, said beforehand", too_long(entry), 413, "268435456")


def too_long(client):
    """Only the head: the server answers without waiting for 257 MiB."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
    connection.putrequest("POST", f"{IMPORTS}?name=a.csv", skip_host=True)
    for name, value in (("Host", f"127.0.0.1:{client.port}"), ("Cookie", client.cookie), ("X-CSRF-Token", client.csrf), ("Content-Type", "application/octet-stream"),
                        ("Content-Length", str(257 << 20))):
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    reply = Reply(answer.status, answer.headers, answer.read())
    connection.close()
    return reply


def half(client, total, sent):
    """An upload that is cut off."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as plug:
        plug.sendall((f"POST {IMPORTS}?name=a.csv HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nCookie: {client.cookie}\r\nX-CSRF-Token: {client.csrf}\r\n"
                      f"Content-Type: application/octet-stream\r\nContent-Length: {total}\r\n\r\n").encode() + b"x" * sent)
        yield
    yield


def limits(run, server, uploads):
    entry = server.client("Entry")
    cut = half(entry, 1_000_000, 300_000)
    next(cut)
    run.check("an upload on its way has a file", wait_until(lambda: os.path.isdir(uploads) and any(name.endswith(".part") for name in os.listdir(uploads))), os.listdir(uploads))
    next(cut)
    run.check("cut off, it is gone", wait_until(lambda: files(uploads) == []), files(uploads))
    ids = [upload(entry, f"{i}.csv", rows(2).encode()).json["id"] for i in range(8)]
    run.refused("a ninth upload", upload(entry, "9.csv", rows(2).encode()), 409, "8 files wait")
    os.utime(os.path.join(uploads, ids[0] + ".data"), (1, 1))
    run.check("one that is older than a week makes room", upload(entry, "9.csv", rows(2).encode()).status == 201 and entry.get(f"{IMPORTS}/{ids[0]}").status == 404)
    for one in entry.get(IMPORTS).json["imports"]:
        entry.ask("DELETE", f"{IMPORTS}/{one['id']}")
    before = server.peak_kib()
    run.refused("128 MiB of nothing", upload(entry, "big.gpkg", bytes(128 << 20)), 422, "big.gpkg")
    grown = server.peak_kib() - before
    print(f"  the server's peak grew by {grown} KiB over an upload of 131072 KiB")
    run.check("are never in the server's memory", grown < 32768, grown)
    run.check("and leave nothing", files(uploads) == [])
    slow = server.client("Entry")
    here = upload(entry, "many.csv", (HEAD + "".join(f"m{i},-75.1{i % 1000:03},7.0{i % 8 + 1}{i % 97:02},2001-03-01,AP mine,v\n" for i in range(100_000))).encode()).json
    began = time.monotonic()
    tried = slow.post(f"{IMPORTS}/{here['id']}/try", {"as": "accident"})
    print(f"  100,000 rows tried in {time.monotonic() - began:.1f} s (clock, other work beside it)")
    run.check("100,000 rows are tried, 2,000 shown", tried.status == 200 and tried.json["counts"]["read"] == 100_000 and len(tried.json["sample"]["features"]) <= 2000, tried.body[:300])
    entry.ask("DELETE", f"{IMPORTS}/{here['id']}")


# A full disk.

def full_disk(run, folder):
    path = os.path.join(folder, "p.gpkg")
    uploads = path + ".uploads"
    server = Server(path, before=["prlimit", "--fsize=3000000"])
    try:
        entry = server.client("Entry")
        run.refused("a disk that is full during an upload", upload(entry, "a.csv", (rows(80_000)).encode()), 507, "cannot be kept")
        run.check("leaves nothing", files(uploads) == [], files(uploads))
        here = run.valid("a smaller one is taken", upload(entry, "a.csv", rows(20).encode()), "tilth.upload/1", 201)
        run.check("and tried", entry.post(f"{IMPORTS}/{here['id']}/try", {"as": "item"}).status == 200)
        entry.ask("DELETE", f"{IMPORTS}/{here['id']}")
    finally:
        run.check("the server that met a full disk ends well", server.stop() == 0, server.errors)
    small = os.path.join(folder, "small")
    os.makedirs(small)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tilth-test", small], capture_output=True, check=False).returncode != 0:
        print("skipped: a small disk of its own cannot be mounted here")
        return
    try:
        for file in ("p.gpkg", "p.gpkg.accounts"):
            shutil.copy(os.path.join(folder, file), small)
        server = Server(os.path.join(small, "p.gpkg"))
        try:
            run.refused("a disk without room for it", upload(server.client("Entry"), "a.gpkg", bytes(30 << 20)), 507, "no room")
            run.check("is left as it was", os.listdir(os.path.join(small, "p.gpkg.uploads")) == [])
        finally:
            server.stop()
    finally:
        subprocess.run(["umount", small], check=False)


# A reader that was taken over.

def exploit(run, folder, library):
    path = os.path.join(folder, "p.gpkg")
    server = Server(path, environment={"LD_PRELOAD": library})
    entry = server.client("Entry")
    secret = os.path.join(folder, "secret.txt")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("secret")
    cases = [
        ("opens a file of the system", "open /etc/passwd", "open: -1, Permission denied"),
        ("opens the project", "open " + path, "open: -1, Permission denied"),
        ("opens the accounts", "open " + path + ".accounts", "open: -1, Permission denied"),
        ("opens its own memory", "open /proc/self/mem", "open: -1, Permission denied"),
        ("opens a folder", "open /", "open: -1, Permission denied"),
        ("makes a file", "create " + os.path.join(folder, "made.txt"), "create: -1, Permission denied"),
        ("asks whether a file is there", "stat /etc/passwd", "stat: -1, Permission denied"),
        ("removes a file", "unlink " + secret, "unlink: -1, Permission denied"),
        ("connects to the server", f"connect {server.port}", "connect: -1, Permission denied"),
        ("starts a program", "exec", "was stopped"),
        ("starts a process", "fork", "was stopped"),
        ("starts a shell", "system", ("was stopped", "reader broke")),
        ("ends the server", f"kill {server.process.pid}", "kill: -1, Permission denied"),
        ("looks into the server", f"ptrace {server.process.pid}", "was stopped"),
        ("writes code and runs it", "code", "run: -1, Permission denied"),
        # On a busy machine touching that much takes the reader's (shortened) processor time first.
        ("takes all memory", "memory", ("memory: -1", "reader broke", "takes longer to read")),
        ("loops for ever", "loop", "takes longer"),
        ("breaks", "crash", "reader broke"),
        ("fills the disk", "fill", "write stopped after blocks"),
        ("lies", "lie", "nothing in it that can be read"),
        ("babbles", "babble", "can be understood"),
    ]
    try:
        for what, line, parts in cases:
            began = time.process_time(), time.monotonic()
            reply = upload(entry, "x.csv", f"exploit,{line}\n".encode())
            parts = (parts,) if isinstance(parts, str) else parts
            good = reply.status == 422 and any(part in reply.json["message"] for part in parts) and not wrong(reply.json, "tilth.error/1")
            run.check(f"a reader that {what}: {parts[0]}", good, reply.body)
            run.check(f"a reader that {what}: the server stays up", entry.get("/api/1/session").status == 200 and server.process.poll() is None)
            run.check(f"a reader that {what}: soon", time.monotonic() - began[1] < 60, time.monotonic() - began[1])
        run.check("nothing was touched", os.path.exists(secret) and not os.path.exists(os.path.join(folder, "made.txt")) and
                  not any(os.path.exists(os.path.join(place, "exploited")) for place in (os.getcwd(), folder, "/", "/tmp")))
        run.check("no upload is left", entry.get(IMPORTS).json["imports"] == [] and files(path + ".uploads") == [])
        here = run.valid("an honest file goes through the same reader", upload(entry, "a.csv", rows(3).encode()), "tilth.upload/1", 201)
        entry.ask("DELETE", f"{IMPORTS}/{here['id']}")
    finally:
        run.check("the server that was attacked ends well", server.stop() == 0, server.errors)


def main():
    run = Uploads()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            flow(run, server, path)
            bad_names(run, server, path + ".uploads")
            bad_files(run, server, folder)
            limits(run, server, path + ".uploads")
        finally:
            run.check("the server ends well", server.stop() == 0, server.errors)
        full_disk(run, folder)
        if len(sys.argv) > 2:
            exploit(run, folder, os.path.abspath(sys.argv[2]))
        same(run, os.path.join(folder, "same"))
        os.chdir("/")
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    if len(sys.argv) > 2:
        sys.argv[2] = os.path.abspath(sys.argv[2])
    main()
