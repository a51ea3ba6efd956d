#!/bin/sh
# The real run: Colombia at 2 km, from files to map, with seconds and peak memory of each command.
# Needs the real data (TILTH_DATA, default ../shared/data) and GNU time; says so and ends when they are absent.
set -eu
data=${TILTH_DATA:-$(pwd)/../shared/data}/colombia
[ -f "$data/events_1990_2012.csv" ] || { echo "real run: no data at $data; skipped"; exit 0; }
command -v tilth >/dev/null || { echo "real run: no tilth in PATH" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
timed() {
    label=$1
    shift
    /usr/bin/time -o "$work/time" -f '%e %M' "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; exit 1; }
    awk -v label="$label" '{printf "| %-28s | %7.2f s | %7.0f MiB |\n", label, $1, $2 / 1024}' "$work/time"
}
cd "$work"
events=$data/events_1990_2012.csv
echo "| command                      | seconds   | peak memory |"
echo "|---|---|---|"
timed "new" tilth new colombia.gpkg --area="-77.5,4.9,-73.8,8.9" --cell 2km
timed "import accidents" tilth import colombia.gpkg "$events" --as accident --map lon=lon --map lat=lat --map date=year --where "type_code in (1,2)"
timed "import reports" tilth import colombia.gpkg "$events" --as report --map lon=lon --map lat=lat --map date=year --where "type_code = 8"
timed "import places" tilth import colombia.gpkg "$data/settlements.csv" --as place --map lon=lon --map lat=lat --map name=name --map population=population
timed "map" tilth map colombia.gpkg --out maps/
timed "explain" tilth explain colombia.gpkg --at -75.1,7.2
