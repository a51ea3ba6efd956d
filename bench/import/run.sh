#!/bin/sh
# Import of 1,000,000 CSV points by `tilth import` beside what ogr2ogr takes to write the same points to a GeoPackage, and of
# 100,000, to see that memory is flat. Usage: run.sh [REPEATS]; medians are printed. Needs tilth in PATH.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
repeats=${1:-3}
command -v tilth >/dev/null || { echo "import: no tilth in PATH" >&2; exit 1; }
command -v ogr2ogr >/dev/null || { echo "import: ogr2ogr is not installed; skipped"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/points.py" 1000000 "$work/big.csv"
python3 "$here/points.py" 100000 "$work/small.csv"
python3 - "$work" "$repeats" <<'PY'
import json, os, resource, statistics, subprocess, sys, time
work, repeats = sys.argv[1], int(sys.argv[2])

def timed(args):
    begin = time.monotonic()
    child = subprocess.Popen(args, stdout=subprocess.PIPE, text=True)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    if status != 0:
        sys.exit(f"{args[0]} failed")
    return time.monotonic() - begin, usage.ru_maxrss / 1024, out

def ogr(n):
    target = f"{work}/ogr.gpkg"
    if os.path.exists(target):
        os.remove(target)
    return timed(["ogr2ogr", "-f", "GPKG", target, f"{work}/{n}.csv", "-oo", "X_POSSIBLE_NAMES=lon",
                  "-oo", "Y_POSSIBLE_NAMES=lat", "-a_srs", "EPSG:4326"])

def tilth(n):
    target = f"{work}/tilth.gpkg"
    subprocess.run(["tilth", "new", target, "--area=30,50,31,51", "--cell", "1km", "--overwrite"], check=True,
                   stdout=subprocess.DEVNULL)
    return timed(["tilth", "import", target, f"{work}/{n}.csv", "--as", "report", "--json"])

rows = {}
for _ in range(repeats):  # turn by turn, so that noise of the machine falls on both
    for n in ("big", "small"):
        rows.setdefault(("ogr2ogr", n), []).append(ogr(n))
        rows.setdefault(("tilth", n), []).append(tilth(n))
out = {}
for (who, n), runs in rows.items():
    out[f"{who}_{n}"] = {"seconds": round(statistics.median(r[0] for r in runs), 3),
                         "peak_mib": round(max(r[1] for r in runs), 1)}
out["ratio"] = round(out["tilth_big"]["seconds"] / out["ogr2ogr_big"]["seconds"], 3)
for key, value in out.items():
    print(key, value)
print("points taken in:", json.loads(rows[("tilth", "big")][0][2])["added"])
PY
