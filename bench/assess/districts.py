#!/usr/bin/env python3
"""districts.py BIN FOLDER FIRST LAST: what assessments say of simulated districts, against what is there.

Of each seed a district is made, imported and mapped as a user would, and all its hazardous areas are assessed (open ones in one call, closed ones one by one, 640 draws).
FOLDER gets a file a seed, a JSON line an area, and what is there already is not made again. Then the tables of docs/rooms/release.md are printed: said against
held by class, size and evidence, with the sd of what may be expected by chance, and the same with the doubt about suspicions. About 15 s of processor a district.
"""
import csv
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile

LARGE_M2 = 1e5


def run(folder, *words):
    return subprocess.run(words, cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout


def inside(rings, x, y):
    is_in = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                is_in = not is_in
    return is_in


def assess_all(tilth, folder):
    areas = json.loads(run(folder, tilth, "assess", "district.gpkg", "--all", "--no-keep", "--json"))["areas"]
    known = {a["area"]["code"] for a in areas}
    with sqlite3.connect(os.path.join(folder, "district.gpkg")) as db:
        codes = [row[0] for row in db.execute("SELECT code FROM hazard_area ORDER BY code")]
    for code in codes:
        if code in known:
            continue
        try:
            areas.append(json.loads(run(folder, tilth, "assess", "district.gpkg", "--area", code, "--no-keep", "--json", "--draws", "640")))
        except subprocess.CalledProcessError:
            pass  # a polygon that crosses itself: the district is dirty on purpose
    return areas


def row_of(seed, area, items):
    geometry = area["area"]["geometry"]
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    left = sum(any(inside(rings, x, y) for rings in parts) for x, y in items)
    remaining = area["remaining"]
    doubt = remaining["suspicion"]
    p = remaining["p_any"]["value"]
    return {
        "seed": seed, "code": area["area"]["code"], "class": area["area"]["classification"], "m2": area["area"]["area_m2"], "standing": doubt["standing"],
        "p": p, "doubted": doubt["p_any"]["value"] if doubt["in_doubt"] else p, "if_false": doubt["p_any_if_false"] if doubt["in_doubt"] else p,
        "holds": doubt["holds"]["value"] if doubt["in_doubt"] else 1.0, "expected": remaining["expected"]["value"],
        "expected_doubted": doubt["expected"] if doubt["in_doubt"] else remaining["expected"]["value"], "left": left,
    }


def district(tilth, seed, path):
    with tempfile.TemporaryDirectory() as work:
        run(work, tilth, "simulate", "district", "--seed", str(seed))
        folder = os.path.join(work, "district")
        paths = dict(os.environ, PATH=os.path.dirname(tilth) + os.pathsep + os.environ["PATH"])
        with open(os.path.join(folder, "README.txt")) as text:
            for line in text:
                if line.startswith(("tilth new", "tilth import")):
                    subprocess.run(line, shell=True, cwd=folder, env=paths, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        run(folder, tilth, "map", "district.gpkg", "--out", "maps")
        with open(os.path.join(folder, "truth", "items.csv")) as text:
            items = [(float(r["lon"]), float(r["lat"])) for r in csv.DictReader(text) if r["state"] == "remaining"]
        rows = [row_of(seed, area, items) for area in assess_all(tilth, folder)]
    with open(path, "w") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


def table(title, key, rows):
    print(title)
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    for name in sorted(groups):
        some = groups[name]

        def said(column):
            values = [row[column] for row in some]
            return f"{sum(values):6.1f} ± {math.sqrt(sum(p * (1 - p) for p in values)):3.1f}"

        print(f"  {name:28} areas {len(some):4}  said {said('p')}  with the doubt {said('doubted')}  if false {said('if_false')}  held "
              f"{sum(row['left'] > 0 for row in some):4}   items: said {sum(row['expected'] for row in some):6.0f}, "
              f"with the doubt {sum(row['expected_doubted'] for row in some):6.0f}, left {sum(row['left'] for row in some):5}")


def score(rows, column):
    brier = sum((row[column] - (row["left"] > 0)) ** 2 for row in rows) / len(rows)
    log = -sum(math.log(max(1e-6, row[column] if row["left"] > 0 else 1 - row[column])) for row in rows) / len(rows)
    return f"Brier {brier:.3f}, log {log:.3f}"


def size(row):
    return "over 10 ha" if row["m2"] > LARGE_M2 else "up to 10 ha"


def main(tilth, folder, first, last):
    tilth = os.path.abspath(tilth)
    os.makedirs(folder, exist_ok=True)
    rows = []
    for seed in range(first, last + 1):
        path = os.path.join(folder, f"{seed}.jsonl")
        if not os.path.exists(path):
            district(tilth, seed, path)
        with open(path) as text:
            rows += [json.loads(line) for line in text]
    doubted = [row for row in rows if row["standing"] == "suspected"]
    print(f"{last - first + 1} districts, {len(rows)} areas")
    table("by class and size", lambda row: f"{row['class']} {size(row)}", rows)
    table("suspected ones, by what is known", lambda row: f"{row['standing']} {size(row)}", [row for row in rows if row["class"] == "SHA"])
    table("in doubt, by what is said as if true", lambda row: f"{min(int(row['p'] * 5), 4) / 5:.1f}", doubted)
    table("in doubt, by what is said with the doubt", lambda row: f"{min(int(row['doubted'] * 5), 4) / 5:.1f}", doubted)
    if doubted:
        print("in doubt:", score(doubted, "p"), "with the doubt:", score(doubted, "doubted"))
        for name in ("up to 10 ha", "over 10 ha"):
            some = [row for row in doubted if size(row) == name]
            print(f"were there nothing at all where a suspicion is false, {name}: said {sum(row['holds'] * row['p'] for row in some):.1f}, "
                  f"held {sum(row['left'] > 0 for row in some)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
