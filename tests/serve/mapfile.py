#!/usr/bin/python3
"""Small base maps for tests, written by the specifications: MBTiles 1.3 and PMTiles 3, of pictures or of vector tiles like OpenMapTiles'.

    mapfile.py vector|raster west,south,east,north OUT.mbtiles|OUT.pmtiles
"""
import gzip
import json
import math
import os
import sqlite3
import struct
import sys
import zlib

CREDIT = '<a href="https://example.org/">&copy; Testers</a> &amp; friends'


def png(side, colour):
    """A picture of `side` pixels, colour(x, y) -> (r, g, b)."""
    rows = b"".join(b"\0" + b"".join(bytes(colour(x, y)) for x in range(side)) for y in range(side))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


# Vector tiles.

def varint(n):
    out = b""
    while True:
        byte, n = n & 127, n >> 7
        out += bytes([byte | (128 if n else 0)])
        if not n:
            return out


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def zigzag(n):
    return (n << 1) if n >= 0 else ((-n << 1) - 1)


def commands(kind, parts):
    """Geometry: parts are lists of points in tile units."""
    out, at = b"", (0, 0)
    def step(p):
        nonlocal at
        out = varint(zigzag(p[0] - at[0])) + varint(zigzag(p[1] - at[1]))
        at = p
        return out
    for points in parts:
        out += varint(1 << 3 | 1) + step(points[0])
        if kind > 1:
            out += varint((len(points) - 1) << 3 | 2) + b"".join(step(p) for p in points[1:])
        if kind == 3:
            out += varint(1 << 3 | 7)
    return out


def layer(name, features):
    """features: (kind 1|2|3, parts, properties)."""
    keys, values, body = [], [], b""
    for kind, parts, properties in features:
        tags = b""
        for key, value in properties.items():
            if key not in keys:
                keys.append(key)
            if (type(value), value) not in values:
                values.append((type(value), value))
            tags += varint(keys.index(key)) + varint(values.index((type(value), value)))
        body += field(2, field(2, tags) + varint(3 << 3) + varint(kind) + field(4, commands(kind, parts)))
    def packed(value):
        return field(1, value.encode()) if isinstance(value, str) else varint(4 << 3) + varint(value)
    return field(3, field(1, name.encode()) + body + b"".join(field(3, k.encode()) for k in keys) + b"".join(field(4, packed(v)) for _, v in values) +
                 varint(5 << 3) + varint(4096) + varint(15 << 3) + varint(2))


def world(lon, lat):
    s = math.sin(math.radians(lat))
    return (lon + 180) / 360, 0.5 - math.log((1 + s) / (1 - s)) / (4 * math.pi)


def clip(ring, low, high):
    """Sutherland and Hodgman: a ring within a square."""
    for axis in (0, 1):
        for keep, edge in ((lambda p: p[axis] >= low, low), (lambda p: p[axis] <= high, high)):
            out = []
            for i, p in enumerate(ring):
                q = ring[i - 1]
                if keep(p) != keep(q):
                    t = (edge - q[axis]) / (p[axis] - q[axis])
                    out.append(tuple(edge if a == axis else q[a] + t * (p[a] - q[a]) for a in (0, 1)))
                if keep(p):
                    out.append(p)
            ring = out
            if not ring:
                return []
    return ring


def country(box):
    """A made-up land with what OpenMapTiles' layers hold, in shares of the box: (layer, kind, points, properties)."""
    river = [(0.0, 0.62), (0.2, 0.6), (0.35, 0.5), (0.5, 0.52), (0.68, 0.4), (0.85, 0.42), (1.0, 0.3)]
    wet = river + [(x, y - 0.02) for x, y in reversed(river)]
    wood = [(0.08, 0.1), (0.3, 0.06), (0.36, 0.2), (0.28, 0.33), (0.12, 0.3)]
    town = [(0.55, 0.62), (0.72, 0.6), (0.74, 0.74), (0.6, 0.78)]
    found = [("landcover", 3, wood, {"class": "wood"}), ("landuse", 3, town, {"class": "residential"}),
             ("landcover", 3, [(0.7, 0.1), (0.95, 0.08), (0.93, 0.25), (0.75, 0.22)], {"class": "farmland"}),
             ("water", 3, wet, {"class": "river"}), ("waterway", 2, [(0.3, 0.95), (0.38, 0.75), (0.42, 0.5)], {"class": "stream"}),
             ("boundary", 2, [(0.0, 0.86), (0.4, 0.9), (1.0, 0.83)], {"admin_level": 4, "disputed": 0}),
             ("boundary", 2, [(0.02, 0.0), (0.05, 0.5), (0.0, 1.0)], {"admin_level": 2, "disputed": 1}),
             ("transportation", 2, [(0.0, 0.45), (0.3, 0.66), (0.63, 0.68), (1.0, 0.6)], {"class": "primary"}),
             ("transportation", 2, [(0.63, 0.0), (0.62, 0.4), (0.64, 0.68), (0.66, 1.0)], {"class": "secondary"}),
             ("transportation", 2, [(0.2, 0.2), (0.3, 0.66), (0.45, 0.85)], {"class": "minor"}),
             ("transportation", 2, [(0.0, 0.2), (0.5, 0.3), (1.0, 0.15)], {"class": "rail"}),
             ("place", 1, [(0.64, 0.68)], {"class": "town", "name": "Тестове", "name:en": "Testove", "name:uk": "Тестове", "rank": 6}),
             ("place", 1, [(0.2, 0.2)], {"class": "village", "name": "Лісне", "name:en": "Lisne", "name:uk": "Лісне", "rank": 10})]
    return [(name, kind, [world(box[0] + x * (box[2] - box[0]), box[1] + y * (box[3] - box[1])) for x, y in points], properties)
            for name, kind, points, properties in found]


def tile_of(features, z, x, y):
    layers = {}
    for name, kind, points, properties in features:
        local = [((u * 2 ** z - x) * 4096, (v * 2 ** z - y) * 4096) for u, v in points]
        if kind == 3:
            local = clip(local, -128, 4224)
        elif max(p[0] for p in local) < -128 or min(p[0] for p in local) > 4224 or max(p[1] for p in local) < -128 or min(p[1] for p in local) > 4224:
            local = []
        if kind == 3 and len(local) >= 3: # outer rings go clockwise on the screen
            turn = sum(local[i - 1][0] * p[1] - p[0] * local[i - 1][1] for i, p in enumerate(local))
            local = local if turn > 0 else local[::-1]
        if len(local) >= kind:
            layers.setdefault(name, []).append((kind, [[(round(a), round(b)) for a, b in local]], properties))
    return b"".join(layer(name, found) for name, found in layers.items())


def covered(box, low, high):
    for z in range(low, high + 1):
        (west, north), (east, south) = world(box[0], box[3]), world(box[2], box[1])
        for x in range(int(west * 2 ** z), int(east * 2 ** z) + 1):
            for y in range(int(north * 2 ** z), int(south * 2 ** z) + 1):
                yield z, x, y


def vector(box, low=4, high=12):
    features = country(box)
    return {at: gzip.compress(data, mtime=0) for at in covered(box, low, high) if (data := tile_of(features, *at))}


def raster(box, low=4, high=11):
    def shade(z, x, y):
        return lambda px, py: (196, 214 - (x + y) % 2 * 14, 178) if (px // 32 + py // 32) % 2 else (208, 222 - (x + y) % 2 * 14, 190)
    return {at: png(256, shade(*at)) for at in covered(box, low, high)}


def facts(box, tiles, kind):
    zooms = [z for z, _, _ in tiles]
    return {"name": "Test land", "attribution": CREDIT, "bounds": ",".join(map(str, box)), "minzoom": str(min(zooms)), "maxzoom": str(max(zooms)),
            "format": "pbf" if kind == "mvt" else kind,
            "vector_layers": [{"id": n, "fields": {}} for n in ("boundary", "landcover", "landuse", "place", "transportation", "water", "waterway")] if kind == "mvt" else []}


def mbtiles(path, tiles, about):
    if os.path.exists(path):
        os.remove(path)
    file = sqlite3.connect(path)
    file.execute("CREATE TABLE metadata(name TEXT, value TEXT)")
    file.execute("CREATE TABLE tiles(zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)")
    file.execute("CREATE UNIQUE INDEX tile_index ON tiles(zoom_level, tile_column, tile_row)")
    file.executemany("INSERT INTO metadata VALUES(?, ?)", [(k, v) for k, v in about.items() if isinstance(v, str)] + [("json", json.dumps({"vector_layers": about["vector_layers"]}))])
    file.executemany("INSERT INTO tiles VALUES(?, ?, ?, ?)", [(z, x, 2 ** z - 1 - y, data) for (z, x, y), data in tiles.items()])
    file.commit()
    file.close()


def number(z, x, y):
    """Of a tile along Hilbert's curve, by the recursive definition."""
    def along(n, x, y):
        if n == 1:
            return 0
        half = n // 2
        if x < half and y < half:
            return along(half, y, x)
        if x < half:
            return half * half + along(half, x, y - half)
        if y >= half:
            return 2 * half * half + along(half, x - half, y - half)
        return 3 * half * half + along(half, half - 1 - y, n - 1 - x)
    return sum(4 ** i for i in range(z)) + along(2 ** z, x, y)


def directory(entries, packed):
    out, last = varint(len(entries)), 0
    for entry in entries:
        out, last = out + varint(entry[0] - last), entry[0]
    out += b"".join(varint(e[1]) for e in entries) + b"".join(varint(e[2]) for e in entries)
    for i, e in enumerate(entries):
        out += varint(0 if i and entries[i - 1][3] + entries[i - 1][2] == e[3] else e[3] + 1)
    return gzip.compress(out, mtime=0) if packed else out


def pmtiles(path, tiles, about, packed=True, per_leaf=16):
    entries, data = [], b""
    for at in sorted(tiles, key=lambda t: number(*t)):
        entries.append((number(*at), 1, len(tiles[at]), len(data)))
        data += tiles[at]
    leaves, root = b"", entries
    if len(entries) > per_leaf:
        root = []
        for i in range(0, len(entries), per_leaf):
            one = directory(entries[i:i + per_leaf], packed)
            root.append((entries[i][0], 0, len(one), len(leaves)))
            leaves += one
    head, words = directory(root, packed), json.dumps({k: v for k, v in about.items() if k in ("name", "attribution", "vector_layers")}).encode()
    words = gzip.compress(words, mtime=0) if packed else words
    at, header = 127, b"PMTiles\3"
    for part in (head, words, leaves, data):
        header += struct.pack("<QQ", at, len(part))
        at += len(part)
    vector_tiles = about["format"] == "pbf"
    header += struct.pack("<QQQ", len(entries), len(entries), len(entries))
    header += bytes([1, 2 if packed else 1, 2 if vector_tiles else 1, 1 if vector_tiles else 2, int(about["minzoom"]), int(about["maxzoom"])])
    header += struct.pack("<iiii", *(round(float(v) * 1e7) for v in about["bounds"].split(","))) + bytes([int(about["minzoom"])]) + struct.pack("<ii", 0, 0)
    with open(path, "wb") as file:
        file.write(header + head + words + leaves + data)


def main():
    kind, box, path = sys.argv[1], [float(v) for v in sys.argv[2].split(",")], sys.argv[3]
    tiles = vector(box) if kind == "vector" else raster(box)
    about = facts(box, tiles, "mvt" if kind == "vector" else "png")
    (pmtiles if path.endswith(".pmtiles") else mbtiles)(path, tiles, about)


if __name__ == "__main__":
    main()
