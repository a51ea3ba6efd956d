#!/usr/bin/python3
"""rasters_test.py BIN: rasters uploaded, looked at, tried and taken in as covariates through the API: the same values as the command line makes, classes and their shares,
files that do not say where they lie, refusals in the asker's language, and files made to do harm."""
import json
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Server, accounts, project, tilth  # noqa: E402
from uploads import Uploads  # noqa: E402

IMPORTS = "/api/1/imports"


def upload(client, name, data):
    return client.ask("POST", f"{IMPORTS}?name={urllib.parse.quote(name)}", raw=data, headers={"Content-Type": "application/octet-stream"})


def grid_text(west, south, cell, rows, nodata=-9999):
    return (f"ncols {len(rows[0])}\nnrows {len(rows)}\nxllcorner {west}\nyllcorner {south}\ncellsize {cell}\nNODATA_value {nodata}\n" +
            "\n".join(" ".join(str(v) for v in row) for row in rows) + "\n")


def make_files(folder):
    """Elevation of the whole area, finer than the grid, in degrees and in zone 18; land cover of three classes, with a hole; of the eastern half only; one elsewhere."""
    def gdal(*arguments):
        subprocess.run(arguments, cwd=folder, check=True, capture_output=True)

    def write(name, rows, west=-75.3, south=6.9, cell=0.001):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(grid_text(west, south, cell, rows))
    height = [[round(100 + 0.5 * x + 0.25 * y + (x * y) % 7, 2) for x in range(400)] for y in range(400)]
    cover = [[-9999 if 180 < x < 200 and y > 380 else 10 if x < 150 else 20 if (x // 10 + y // 10) % 3 else 30 for x in range(400)] for y in range(400)]
    write("dem.asc", height)
    write("cover.asc", cover)
    write("east.asc", [row[200:] for row in height], west=-75.1)
    write("away.asc", height, west=30, south=48)
    gdal("gdal_translate", "-q", "-a_srs", "EPSG:4326", "-ot", "Float32", "dem.asc", "dem.tif")
    gdal("gdal_translate", "-q", "-a_srs", "EPSG:4326", "-ot", "Int16", "-co", "COMPRESS=DEFLATE", "cover.asc", "cover.tif")
    gdal("gdal_translate", "-q", "-a_srs", "EPSG:4326", "-ot", "Float32", "east.asc", "east.tif")
    gdal("gdal_translate", "-q", "-a_srs", "EPSG:4326", "away.asc", "away.tif")
    gdal("gdal_translate", "-q", "-of", "HFA", "-a_srs", "EPSG:4326", "-ot", "Float32", "dem.asc", "dem.img")
    gdal("gdalwarp", "-q", "-t_srs", "EPSG:32618", "-tr", "90", "90", "-dstnodata", "-9999", "dem.tif", "utm.tif")
    gdal("gdal_translate", "-q", "-scale", "0", "1", "0", "2", "-ot", "Float32", "dem.tif", "double.tif")
    gdal("gdalbuildvrt", "-q", "-separate", "two.vrt", "dem.tif", "double.tif")
    gdal("gdal_translate", "-q", "two.vrt", "two.tif")


def numbers(packed):
    """Values of a covariate as the project keeps them: byte planes, deflated."""
    planes = zlib.decompress(packed)
    n = len(planes) // 8
    mixed = bytearray(len(planes))
    for byte in range(8):
        mixed[byte::8] = planes[byte * n:(byte + 1) * n]
    return struct.unpack(f"<{n}d", bytes(mixed))


def alike(a, b):
    """The same but for the last digits: averages of a part of the raster begin to count elsewhere than those of the whole."""
    return len(a) == len(b) and all((x != x and y != y) or abs(x - y) <= 1e-12 * max(1, abs(y)) for x, y in zip(a, b))


def covariates(path):
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = {row[0]: row[1:] for row in base.execute('SELECT name, sha256, source, prior_mean, prior_sd, "values" FROM covariate')}
    base.close()
    return found


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def taken(run, client, folder, name, request, what=None):
    """Uploaded, tried, taken in; gives the upload, the trial, what was done."""
    what = what or name
    up = run.valid(f"{what}: uploaded", upload(client, name, read(folder, name)), "tilth.upload/1", 201)
    tried = run.valid(f"{what}: tried", client.post(f"{IMPORTS}/{up['id']}/try-raster", request), "tilth.raster-try/1")
    run.check(f"{what}: without a problem", tried["problem"] is None and tried["token"], tried["problem"])
    done = run.valid(f"{what}: taken in", client.post(f"{IMPORTS}/{up['id']}/commit", {"token": tried["token"]}), "tilth.import-done/1")
    return up, tried, done


def as_the_command(run, folder, path):
    """Every format and way gives the values that `tilth import` gives: the part that is handed over is the part that counts."""
    tilth(folder, "new", "q.gpkg", "--area=-75.2,7.0,-75.02,7.18", "--cell", "500m", "--quiet")
    server = Server(os.path.join(folder, "q.gpkg"))
    ways = {"mean": [], "nearest": ["--nearest"]}
    cases = [(name, way) for name in ("dem.tif", "utm.tif", "dem.img", "east.tif") for way in ways] + [("dem.asc", "mean"), ("two.tif", "mean")]
    try:
        client = server.local()
        for i, (name, way) in enumerate(cases):
            more = {"crs": "EPSG:4326"} if name.endswith(".asc") else {"band": 2} if name == "two.tif" else {}
            taken(run, client, folder, name, {"way": way, "name": f"c{i}", "prior_mean": 0.1, "prior_sd": 0.5, **more}, f"{name} {way}")
        taken(run, client, folder, "cover.tif", {"way": "classes", "name": "cover", "classes": [{"value": 20, "name": "ліс"}, {"value": 30, "name": "fields"}]})
    finally:
        server.stop()
    run.check("the server said nothing", server.errors == "", server.errors)
    tilth(folder, "new", "r.gpkg", "--area=-75.2,7.0,-75.02,7.18", "--cell", "500m", "--quiet")
    for i, (name, way) in enumerate(cases):
        more = ["--crs", "EPSG:4326"] if name.endswith(".asc") else ["--band", "2"] if name == "two.tif" else []
        tilth(folder, "import", "r.gpkg", name, "--as", "covariate", "--name", f"c{i}", "--prior", "0.1:0.5", *ways[way], *more, "--quiet")
    tilth(folder, "import", "r.gpkg", "cover.tif", "--as", "covariate", "--name", "cover", "--class", "20=ліс", "--class", "30=fields", "--quiet")
    page, command = covariates(os.path.join(folder, "q.gpkg")), covariates(os.path.join(folder, "r.gpkg"))
    run.check("the same covariates", sorted(page) == sorted(command) and len(page) == len(cases) + 2, (sorted(page), sorted(command)))
    for name in command:
        run.check(f"{name}: the same source, hash and prior", page[name][:-1] == command[name][:-1], (page[name][:-1], command[name][:-1]))
        run.check(f"{name}: the same values", alike(numbers(page[name][-1]), numbers(command[name][-1])))


def looks(run, client, folder):
    up = run.valid("land cover", upload(client, "cover.tif", read(folder, "cover.tif")), "tilth.upload/1", 201)
    raster = up["raster"]
    band = raster["bands"][0]
    run.check("is told by size, system and cell", raster["n_x"] == 400 and raster["crs"] == "WGS 84" and raster["cell"] == {"x": 0.001, "y": 0.001, "unit": "degree"} and up["layers"] == [], raster)
    run.check("with its outline", raster["outline"]["coordinates"][0][0] == [-75.3, 7.3], raster["outline"])
    run.check("and its classes", [c["value"] for c in band["classes"]] == [10, 20, 30] and sum(c["n"] for c in band["classes"]) == band["known"] < band["looked"] == 160000, band)
    run.check("no more is told than that", set(up) == {"schema", "id", "name", "bytes", "sha256", "by", "at", "walls", "driver", "encoding", "layers", "raster"}, sorted(up))
    listed = run.valid("it stands in the list", client.get(IMPORTS), "tilth.uploads/1")
    run.check("as it came", listed["imports"][0] == up, listed["imports"][:1])
    at = f"{IMPORTS}/{up['id']}"
    run.refused("it is no list of records", client.post(f"{at}/try", {"as": "accident"}), 400, "a raster is no list of records")
    tried = run.valid("tried by classes", client.post(f"{at}/try-raster", {"way": "classes", "classes": [{"value": 20, "name": "forest"}, {"value": 30, "name": "fields"}]}), "tilth.raster-try/1")
    forest = tried["layers"][0]
    run.check("each is a covariate, called by the file", [one["name"] for one in tried["layers"]] == ["cover_forest", "cover_fields"] and tried["counts"]["added"] == 2, tried["layers"])
    run.check("its shares lie between 0 and 1", forest["preview"]["min"] >= 0 and forest["preview"]["max"] <= 1 and 0.1 < forest["preview"]["mean"] < 0.9, forest["preview"])
    run.check("with a small picture", len(forest["preview"]["cells"]) == forest["preview"]["n_x"] * forest["preview"]["n_y"] > 500, len(forest["preview"]["cells"]))
    run.check("and what is not known in the area", forest["cells"] > 1400 and 0 <= forest["unknown"] < 50, forest)
    there = covariates(client.path)
    run.check("nothing was written", not any(name.startswith("cover") for name in there), sorted(there))
    for what, request, part in (("a class that is nowhere", {"way": "classes", "classes": [{"value": 7, "name": "water"}]}, "no cell of class 7"),
                                ("two of one name", {"way": "classes", "classes": [{"value": 20, "name": "a"}, {"value": 30, "name": "a"}]}, "two classes have the name"),
                                ("a name that is none", {"way": "mean", "name": "a=b"}, "cannot be the name of a covariate"),
                                ("a reserved name", {"way": "mean", "name": "search"}, "cannot be called"),
                                ("no such band", {"way": "mean", "band": 2}, "there is no band 2")):
        reply = run.valid(f"{what} is shown as a problem", client.post(f"{at}/try-raster", request), "tilth.raster-try/1")
        run.check(f"{what}: in words", part in (reply["problem"] or "") and reply["token"] is None and reply["layers"] == [], reply["problem"])
    for what, request in (("no way", {}), ("classes without any", {"way": "classes", "classes": []}), ("a class without a name", {"way": "classes", "classes": [{"value": 1}]}),
                          ("an unknown member", {"way": "mean", "file": "/etc/passwd"}), ("a prior of no size", {"way": "mean", "prior_sd": -1})):
        run.check(f"{what}: 400", client.post(f"{at}/try-raster", request).status == 400)
    run.refused("a token that is none", client.post(f"{at}/commit", {"token": "0" * 64}), 409, "not the token")
    done = run.valid("taken in as it was shown", client.post(f"{at}/commit", {"token": tried["token"]}), "tilth.import-done/1")
    run.check("both are there", done["counts"]["added"] == 2 and done["mapping"] == {"cover_forest": "added", "cover_fields": "added"} and "cover_forest" in covariates(client.path), done)
    run.check("and the file is gone", client.get(at).status == 404)
    log = [line for line in client.get("/api/1/log?limit=50").json["lines"] if line["table"] == "covariate"]
    run.check("the log says who", len(log) == 2 and {line["actor"] for line in log} == {"Verifier"}, log[:1])


def again(run, client, folder):
    """The project has changed between the trial and taking in."""
    up = upload(client, "dem.tif", read(folder, "dem.tif")).json
    at = f"{IMPORTS}/{up['id']}"
    tried = client.post(f"{at}/try-raster", {"way": "mean"}).json
    taken(run, client, folder, "dem.tif", {"way": "mean"}, "the same by somebody else")
    run.refused("what would be added is there already", client.post(f"{at}/commit", {"token": tried["token"]}), 409, "changed since the dry run")
    now = client.post(f"{at}/try-raster", {"way": "mean"}).json
    run.check("tried again it is unchanged", now["counts"]["unchanged"] == 1 and now["layers"][0]["state"] == "unchanged", now)


def places(run, client, folder):
    up = upload(client, "dem.asc", read(folder, "dem.asc")).json
    at = f"{IMPORTS}/{up['id']}"
    run.check("a file that does not say where it lies has no outline", up["raster"]["crs"] == "" and up["raster"]["outline"] is None and up["raster"]["cell"]["unit"] == "", up["raster"])
    reply = client.post(f"{at}/try-raster", {"way": "mean"}).json
    run.check("and is asked for its system", "does not say its reference system" in reply["problem"], reply["problem"])
    reply = client.post(f"{at}/try-raster", {"way": "mean", "crs": "somewhere"}).json
    run.check("which has to be one", reply["problem"] is not None and reply["token"] is None, reply)
    reply = client.post(f"{at}/try-raster", {"way": "mean", "crs": "EPSG:4326"}).json
    run.check("then it lies somewhere", reply["problem"] is None and reply["outline"] is not None and reply["cell"]["unit"] == "degree", reply["problem"])
    client.ask("DELETE", at)
    east = upload(client, "east.tif", read(folder, "east.tif")).json
    reply = client.post(f"{IMPORTS}/{east['id']}/try-raster", {"way": "mean", "name": "east"}).json
    share = reply["layers"][0]["unknown"] / reply["layers"][0]["cells"]
    run.check("half of the area is not known", 0.4 < share < 0.65, share)
    away = upload(client, "away.tif", read(folder, "away.tif")).json
    for language, part in (("en", "do not overlap"), ("uk", "не перекриваються")):
        reply = client.post(f"{IMPORTS}/{away['id']}/try-raster", {"way": "mean"}, headers={"Accept-Language": language}).json
        run.check(f"one elsewhere is refused in {language}", part in reply["problem"], reply["problem"])


def hostile(run, client, folder):
    run.refused("a file that opens others", upload(client, "a.vrt", read(folder, "two.vrt")), 422, "not read", ".tif")
    run.refused("no TIFF", upload(client, "a.tif", b"II*\0" + b"\xff" * 200), 422, "a.tif")
    run.refused("cut off", upload(client, "cut.tif", read(folder, "dem.tif")[:30000]), 422, "cut.tif")
    path = "/".join([".."] * 6) + "/etc/passwd"
    run.check("a VRT under another name is no TIFF", upload(client, "vrt.tif", f'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
                                                            f'<SourceFilename>{path}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'.encode()).status == 422)
    big = "ncols 200000\nnrows 200000\nxllcorner -76\nyllcorner 6\ncellsize 0.00001\n1 2 3\n"
    reply = upload(client, "big.asc", big.encode())
    run.check("a size that is not there", reply.status == 422, reply.body[:200])
    left = client.get(IMPORTS).json["imports"]
    run.check("none of them is kept", not any(one["name"] in ("a.tif", "cut.tif", "vrt.tif", "big.asc") for one in left), [one["name"] for one in left])
    table = upload(client, "a.csv", b"id,lon,lat,date\na,-75.1,7.1,2020-01-01\n").json
    run.refused("a table is no raster", client.post(f"{IMPORTS}/{table['id']}/try-raster", {"way": "mean"}), 400, "no raster")


def main():
    run = Uploads()
    with tempfile.TemporaryDirectory() as folder:
        make_files(folder)
        path = project(folder)
        accounts(folder)
        server = Server(path)
        try:
            client = server.client("Verifier")
            client.path = path
            looks(run, client, folder)
            again(run, client, folder)
            places(run, client, folder)
            hostile(run, client, folder)
            for name in ("Quality", None):
                other = server.client(name)
                reply = upload(other, "dem.tif", b"II*")
                run.check(f"{name or 'nobody'} may not", reply.status == (403 if name else 401), reply.status)
        finally:
            code = server.stop()
        run.check("the server ends and said nothing", code == 0 and server.errors == "", (code, server.errors))
        found = json.loads(tilth(folder, "check", "p.gpkg", "--json"))
        run.check("tilth check finds no error", not any(one.get("severity") == "error" for one in found.get("findings", found.get("problems", []))), found)
        as_the_command(run, folder, path)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
