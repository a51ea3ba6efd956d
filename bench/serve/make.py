#!/usr/bin/python3
"""make.py areas N OUT.geojson | raster SIDE OUT.tif | urls LAYER OUT N | mbtiles ADDRESS COOKIE OUT.mbtiles N: what bench/serve/run.sh needs. Seeds are fixed."""
import gzip
import http.client
import json
import math
import random
import sqlite3
import sys

WEST, SOUTH, EAST, NORTH = 30.0, 47.5, 33.0, 49.5 # three degrees by two: some 220 by 220 km


def areas(n, path):
    """Polygons of 4 to 12 corners and 50 to 600 m, as minefields are, in clusters."""
    rng = random.Random(7)
    centres = [(rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH)) for _ in range(300)]
    with open(path, "w", encoding="utf-8") as out:
        out.write('{"type":"FeatureCollection","features":[\n')
        for i in range(n):
            cx, cy = rng.choice(centres)
            lon, lat = cx + rng.gauss(0, 0.06), cy + rng.gauss(0, 0.04)
            size, corners = rng.uniform(50, 600) / 111320, rng.randint(4, 12)
            ring = []
            for k in range(corners):
                angle, r = 2 * math.pi * (k + 0.5 * rng.random()) / corners, size * rng.uniform(0.6, 1)
                ring.append([round(lon + r * math.cos(angle) / math.cos(math.radians(lat)), 7), round(lat + r * math.sin(angle), 7)])
            feature = {"type": "Feature", "properties": {"id": f"h{i}", "name": f"Area {i}", "status": rng.choice(["open", "open", "cleared"]),
                                                         "classification": rng.choice(["SHA", "CHA"]), "date": str(rng.randint(2014, 2025))},
                       "geometry": {"type": "Polygon", "coordinates": [ring + ring[:1]]}}
            out.write(("," if i else "") + json.dumps(feature) + "\n")
        out.write("]}\n")


def tile_of(z, lon, lat):
    n = 1 << z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def tiles(n, seed=3):
    """Tiles that people look at: zooms 11 to 15 around places with areas."""
    rng = random.Random(7)
    centres = [(rng.uniform(WEST, EAST), rng.uniform(SOUTH, NORTH)) for _ in range(300)]
    rng, found = random.Random(seed), []
    seen = set()
    while len(found) < n:
        z = rng.randint(11, 15)
        cx, cy = rng.choice(centres)
        tile = (z, *tile_of(z, cx + rng.gauss(0, 0.05), cy + rng.gauss(0, 0.035)))
        if tile not in seen or z < 12:
            seen.add(tile)
            found.append(tile)
    return found


def urls(template, path, n):
    with open(path, "w", encoding="utf-8") as out:
        for z, x, y in tiles(n):
            out.write(template.format(z=z, x=x, y=y) + "\n")


def raster(side, path):
    from osgeo import gdal, osr
    import numpy
    rng = numpy.random.default_rng(5)
    srs = osr.SpatialReference()
    srs.ImportFromEPSG(32636)
    data = gdal.GetDriverByName("GTiff").Create(path + ".tmp", side, side, 1, gdal.GDT_Float32, ["TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=3", "BLOCKXSIZE=512", "BLOCKYSIZE=512"])
    data.SetGeoTransform([300000, 20, 0, 5470000, 0, -20])
    data.SetProjection(srs.ExportToWkt())
    band = data.GetRasterBand(1)
    band.SetNoDataValue(float("nan"))
    band.SetDescription("density_mean")
    x = numpy.arange(side) / side
    for y0 in range(0, side, 500):
        y = (numpy.arange(y0, min(side, y0 + 500)) / side)[:, None]
        values = numpy.exp(3 * numpy.sin(17 * x) * numpy.cos(13 * y) + 2 * numpy.sin(71 * x * y) + 0.05 * rng.standard_normal((len(y), side)) - 12)
        values[:, : side // 50] = numpy.nan
        band.WriteArray(values.astype("float32"), 0, y0)
    gdal.SetConfigOption("COMPRESS_OVERVIEW", "DEFLATE")
    data.BuildOverviews("AVERAGE", [2, 4, 8, 16, 32])
    data = None
    import os
    os.rename(path + ".tmp", path)


def mbtiles(address, cookie, path, count):
    """The tiles of our own server in a file for the other: the same bytes on both sides."""
    base = sqlite3.connect(path)
    base.executescript("CREATE TABLE metadata (name TEXT, value TEXT); CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);"
                       "CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);")
    facts = {"name": "areas", "format": "pbf", "minzoom": "11", "maxzoom": "15", "bounds": f"{WEST},{SOUTH},{EAST},{NORTH}", "type": "overlay", "version": "2",
             "json": json.dumps({"vector_layers": [{"id": "hazard-area", "fields": {"code": "String", "status": "String"}, "minzoom": 11, "maxzoom": 15}]})}
    base.executemany("INSERT INTO metadata VALUES (?, ?)", facts.items())
    connection = http.client.HTTPConnection(address, timeout=120)
    total = n = 0
    for z, x, y in sorted(set(tiles(count))):
        connection.request("GET", f"/api/1/tiles/vector/hazard-area/{z}/{x}/{y}.mvt", headers={"Cookie": cookie})
        reply = connection.getresponse()
        body = reply.read()
        if reply.status == 200:
            base.execute("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)", (z, x, (1 << z) - 1 - y, body))
            total, n = total + len(gzip.decompress(body)), n + 1
    base.commit()
    print(f"{n} tiles with something in them, {total / max(n, 1) / 1024:.1f} KiB each before gzip")


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "areas":
        areas(int(sys.argv[2]), sys.argv[3])
    elif what == "raster":
        raster(int(sys.argv[2]), sys.argv[3])
    elif what == "urls":
        urls(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    elif what == "mbtiles":
        mbtiles(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        sys.exit(__doc__)
