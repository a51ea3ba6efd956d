#!/usr/bin/python3
"""basemap_test.py BIN: tilth serve --basemap with MBTiles and PMTiles, pictures and vector tiles; files that lie about themselves; files that are none."""
import gzip
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mapfile  # noqa: E402
from schemas import wrong  # noqa: E402
from server import Cases, Server, accounts, project  # noqa: E402

BOX = [-75.2, 7.0, -75.02, 7.18]


def write(path, kind, **more):
    tiles = mapfile.vector(BOX, 4, 11) if kind == "mvt" else mapfile.raster(BOX, 6, 10)
    (mapfile.pmtiles if path.endswith(".pmtiles") else mapfile.mbtiles)(path, tiles, mapfile.facts(BOX, tiles, kind), **more)
    return tiles


def good(run, path, project_path, kind, **more):
    """Every tile of the file comes back as it is, with its type, to nobody in particular."""
    tiles = write(path, kind, **more)
    name = os.path.basename(path) + (" plain" if more else "")
    server = Server(project_path, "--basemap", path)
    try:
        nobody = server.client()
        about = nobody.get("/api/1/basemap")
        bad = wrong(about.json, "tilth.basemap/1")
        run.check(f"{name}: tilth.basemap/1", not bad, bad)
        told = about.json
        zooms = sorted({z for z, _, _ in tiles})
        run.check(f"{name}: what it is", told["present"] and told["format"] == kind and told["name"] == "Test land" and
                  [told["minzoom"], told["maxzoom"]] == [zooms[0], zooms[-1]] and max(abs(a - b) for a, b in zip(told["bounds"], BOX)) < 1e-6, told)
        run.check(f"{name}: its credit is text", told["attribution"] == "© Testers & friends", told["attribution"])
        run.check(f"{name}: its layers", ("water" in told["layers"]) == (kind == "mvt"), told["layers"])
        wanted = "application/vnd.mapbox-vector-tile" if kind == "mvt" else "image/png"
        wrongs = []
        for (z, x, y), data in tiles.items():
            tile = nobody.get(f"/api/1/tiles/basemap/{z}/{x}/{y}")
            if tile.status != 200 or tile.body != data or tile.headers["Content-Type"] != wanted or (tile.headers["Content-Encoding"] == "gzip") != (kind == "mvt"):
                wrongs.append((z, x, y, tile.status, dict(tile.headers)))
        run.check(f"{name}: all {len(tiles)} tiles, byte by byte", not wrongs and len(tiles) >= 8, wrongs[:2])
        again = nobody.get(f"/api/1/tiles/basemap/{z}/{x}/{y}", **{"If-None-Match": tile.headers["ETag"]})
        run.check(f"{name}: asked again: 304", again.status == 304 and again.body == b"" and again.headers["ETag"] == tile.headers["ETag"])
        run.check(f"{name}: browsers do not guess", tile.headers["X-Content-Type-Options"] == "nosniff", dict(tile.headers))
        run.check(f"{name}: elsewhere there is nothing: 204", nobody.get("/api/1/tiles/basemap/9/1/1").status == 204)
        for bad_path, status in (("2/4/0", 404), ("2/0/4", 404), ("23/0/0", 400), ("a/0/0", 400), ("2/0/..%2f", 400)):
            run.check(f"{name}: /{bad_path}: {status}", nobody.get(f"/api/1/tiles/basemap/{bad_path}").status == status)
    finally:
        run.check(f"{name}: the server ends cleanly", server.stop() == 0 and server.errors == "", server.errors)


def lies(run, folder, project_path):
    """The file says PNG; among its tiles are a page, a script, a vector tile, and what is no gzip although it begins so."""
    tiles = mapfile.raster(BOX, 8, 8)
    about = mapfile.facts(BOX, tiles, "png")
    (z, x, y), picture = next(iter(tiles.items()))
    jpeg, webp = b"\xff\xd8\xff\xe0" + b"\0" * 40, b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20
    others = {(9, 0, 0): b"<html><script>alert(1)</script></html>", (9, 0, 1): b"alert(1)", (9, 0, 2): mapfile.layer("a", [(1, [[(1, 1)]], {"a": "b"})]),
              (9, 0, 3): b"\x1f\x8b\x08" + b"nonsense" * 4, (9, 0, 4): gzip.compress(b"\0" * 40_000_000), (9, 1, 0): jpeg, (9, 1, 1): webp, (9, 1, 2): gzip.compress(picture)}
    path = os.path.join(folder, "lies.mbtiles")
    mapfile.mbtiles(path, {(z, x, y): picture, **others}, about)
    server = Server(project_path, "--basemap", path)
    try:
        nobody = server.client()
        for at in ((9, 0, 0), (9, 0, 1), (9, 0, 2), (9, 0, 3), (9, 0, 4)):
            reply = nobody.get("/api/1/tiles/basemap/{}/{}/{}".format(*at))
            run.check(f"no picture at {at}: 422 in words", reply.status == 422 and not wrong(reply.json, "tilth.error/1") and "lies.mbtiles" in reply.json["message"] and
                      folder not in reply.json["message"], reply.body[:200])
        for at, kind, body in (((9, 1, 0), "image/jpeg", jpeg), ((9, 1, 1), "image/webp", webp), ((9, 1, 2), "image/png", picture)):
            reply = nobody.get("/api/1/tiles/basemap/{}/{}/{}".format(*at))
            run.check(f"the type of {at} is its own", reply.status == 200 and reply.headers["Content-Type"] == kind and reply.body == body, dict(reply.headers))
        os.remove(path)
        run.check("a file that is deleted while it is served goes on", nobody.get(f"/api/1/tiles/basemap/{z}/{x}/{y}").status == 200)
        run.check("and so does the rest", nobody.get("/api/1/project").status == 200)
    finally:
        run.check("the server ends cleanly", server.stop() == 0 and server.errors == "", server.errors)


def refused(run, folder, project_path):
    """Said at the start, in one line."""
    tiles = mapfile.raster(BOX, 6, 6)
    path = os.path.join(folder, "cut.pmtiles")
    mapfile.pmtiles(path, tiles, mapfile.facts(BOX, tiles, "png"))
    with open(path, "rb") as file:
        whole = file.read()
    for name, data, part in (("cut.pmtiles", whole[:-10], "cut off"), ("brotli.pmtiles", whole[:97] + b"\3" + whole[98:], "brotli"), ("old.pmtiles", b"PMTiles\2" + whole[8:], "version 2"),
                             ("text.mbtiles", b"hello", "text.mbtiles"), ("empty.mbtiles", b"", "empty.mbtiles")):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)
        done = subprocess.run(["tilth", "serve", project_path, "--basemap", os.path.join(folder, name)], capture_output=True, text=True, timeout=60, check=False)
        run.check(f"{name} is refused in one line", done.returncode == 3 and part in done.stderr and done.stderr.count("\n") == 1, (done.returncode, done.stderr))
    done = subprocess.run(["tilth", "serve", project_path, "--basemap", os.path.join(folder, "none.pmtiles")], capture_output=True, text=True, timeout=60, check=False)
    run.check("no such file", done.returncode == 4 and "none.pmtiles" in done.stderr, (done.returncode, done.stderr))
    server = Server(project_path)
    try:
        nobody = server.client()
        told = nobody.get("/api/1/basemap").json
        run.check("without --basemap there is none", not told["present"] and not wrong(told, "tilth.basemap/1") and nobody.get("/api/1/tiles/basemap/0/0/0").status == 404, told)
    finally:
        server.stop()


def main():
    run = Cases()
    with tempfile.TemporaryDirectory() as folder:
        project_path = project(folder)
        accounts(folder)
        good(run, os.path.join(folder, "v.mbtiles"), project_path, "mvt")
        good(run, os.path.join(folder, "v.pmtiles"), project_path, "mvt")
        good(run, os.path.join(folder, "r.mbtiles"), project_path, "png")
        good(run, os.path.join(folder, "r.pmtiles"), project_path, "png", packed=False)
        lies(run, folder, project_path)
        refused(run, folder, project_path)
    run.end()


if __name__ == "__main__":
    os.environ["PATH"] = os.path.abspath(sys.argv[1]) + os.pathsep + os.environ["PATH"]
    main()
