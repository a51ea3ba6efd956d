#!/bin/sh
# demo.sh BIN FOLDER: the main job on a simulated district, as a user would do it: from its dirty files to a hazard map, and a
# calibration plot, because here the truth is known.
set -eu
bin=$(cd "$1" && pwd)
PATH=$bin:$PATH
export PATH
rm -rf "$2"
mkdir -p "$2"
cd "$2"

say() {
    printf '\n$ %s\n' "$*"
}

run() {
    say "$@"
    "$@"
}

run tilth simulate district
cd district
# The district's README gives a line for each file; these are they, run as they stand.
grep '^tilth \(new\|import\) ' README.txt >commands
while read -r line; do
    say "$line"
    eval "$line" </dev/null
done <commands
rm commands
run tilth map district.gpkg --out maps --truth truth/density.tif --truth-remaining truth/remaining.tif
first=$(sed -n '/"look"/,$p' maps/map.json)
lon=$(printf '%s\n' "$first" | sed -n 's/.*"lon": *\([-0-9.e]*\).*/\1/p' | head -n 1)
lat=$(printf '%s\n' "$first" | sed -n 's/.*"lat": *\([-0-9.e]*\).*/\1/p' | head -n 1)
run tilth explain district.gpkg --at "$lon,$lat"
run tilth check district.gpkg

here=$(pwd)
cat <<END

Where to look:
  $here/maps/map.pdf           the map on one page (also map.png)
  $here/maps/calibration.png   how well it agrees with the truth
  $here/district.gpkg          the project: open it in QGIS; layers, styles and a QGIS project are inside
  $here/maps/posterior.tif     density, its uncertainty, chance of any item, as GeoTIFF
  $here/maps/look.geojson      where to look first
  $here/maps/map.json          all figures and what they rest on
On the web map, with reasons, areas, what-ifs and scenarios (Ctrl-C ends it):
  $bin/tilth serve $here/district.gpkg
What to look for: the belts of mines along the old defence line, and how uncertain the map is where nobody searched.
The commands above are what a user types; docs/tutorial.md goes through them.
END
