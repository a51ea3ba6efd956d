. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
area h.geojson -75.15 7.05 -75.12 7.08
tilth import p.gpkg h.geojson --as hazard-area --quiet
tilth map p.gpkg --out m --quiet
# Figures and no verdict; nothing that was searched; kept by its hash, which is that of the JSON.
tilth assess p.gpkg --area "Upper field" >words
grep -c 'No criteria were given: these are figures, not a verdict.' words
grep -ci ' safe' words || true
tilth assess p.gpkg --area HA-0001 --json >a.json
grep -c "$(sha256sum <a.json | cut -c1-64)" words
# The same again changes nothing; --no-keep and a polygon leave the project as it is.
tilth assess p.gpkg --area HA-0001 --json | cmp - a.json && echo same
unchanged p.gpkg tilth assess p.gpkg --area HA-0001 --no-keep --depth 20cm --json | tail -n 2
area other.geojson -75.11 7.05 -75.10 7.06
unchanged p.gpkg tilth assess p.gpkg --polygon other.geojson --what-if manual,2 --what-if dogs --json >b.json
tail -n 2 b.json
sed -n 's/.*"method": "\(.*\)".*/\1/p' b.json
# An area smaller than a cell.
area small.geojson -75.1101 7.05 -75.11 7.0501
tilth assess p.gpkg --polygon small.geojson --json >s.json
sed -n 's/.*"area_m2": \(1[0-9][0-9]\)\..*/\1 m2/p' s.json | head -n 1
# With criteria: which are met.
tilth assess p.gpkg --area HA-0001 --criteria "$CASE/../criteria.yaml" --lang uk --out d >words
ls d
tilth assess p.gpkg --all | sed '2s/km2.*/km2 .../' # the figures are the calibration's to judge
tilth check p.gpkg
