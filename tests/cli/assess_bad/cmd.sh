. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
area h.geojson -75.15 7.05 -75.12 7.08
tilth import p.gpkg h.geojson --as hazard-area --quiet
bad() { unchanged p.gpkg tilth assess p.gpkg "$@"; }
# No map yet.
bad --area HA-0001
tilth map p.gpkg --out m --quiet
# No such area; outside the map; crossing itself; parts that overlap; no polygon.
bad --area HA-0002
bad --area "Uper field"
area far.geojson -74.15 7.05 -74.12 7.08
bad --polygon far.geojson
cat >bow.geojson <<END
{"type": "Polygon", "coordinates": [[[-75.15, 7.05], [-75.12, 7.08], [-75.12, 7.05], [-75.15, 7.08], [-75.15, 7.05]]]}
END
bad --polygon bow.geojson
cat >over.geojson <<END
{"type": "MultiPolygon", "coordinates": [[[[-75.15, 7.05], [-75.12, 7.05], [-75.12, 7.08], [-75.15, 7.08], [-75.15, 7.05]]],
[[[-75.14, 7.06], [-75.11, 7.06], [-75.11, 7.09], [-75.14, 7.09], [-75.14, 7.06]]]]}
END
bad --polygon over.geojson
echo '{"type": "Point", "coordinates": [-75.15, 7.05]}' >point.geojson
bad --polygon point.geojson
bad --polygon none.geojson
# A method that is not in the table; criteria that are missing, misspelt, contradict.
bad --area HA-0001 --what-if rollers,1
bad --area HA-0001 --criteria none.yaml
printf 'cleared:\n  p_eny: {at_most: 5 %%}\n' >c.yaml
bad --area HA-0001 --criteria c.yaml
printf 'cleared:\n  depth: {at_least: 20}\n' >c.yaml
bad --area HA-0001 --criteria c.yaml
printf 'cleared:\n  searched_share: {at_least: 90 %%, at_most: 80 %%}\n' >c.yaml
bad --area HA-0001 --criteria c.yaml
# A dossier that would overwrite.
mkdir d && touch d/assess.json
bad --area HA-0001 --out d
ls d
# Neither a record nor a search of its own: the prior is all there is, and it says so.
area quiet.geojson -75.05 7.15 -75.049 7.151
tilth assess p.gpkg --polygon quiet.geojson | sed -n '/^Searched/p; /^Beware/,/^Taken/p' | grep -v 'The draws are worth'
# Deeper than any search of it.
cat >s.geojson <<END
{"type": "Feature", "properties": {"method": "manual", "type": "clearance", "depth": 20}, "geometry":
{"type": "Polygon", "coordinates": [[[-75.15, 7.05], [-75.12, 7.05], [-75.12, 7.08], [-75.15, 7.08], [-75.15, 7.05]]]}}
END
tilth import p.gpkg s.geojson --as search --map depth_cm=depth --quiet
tilth assess p.gpkg --area HA-0001 --depth 50cm --no-keep | sed -n '/^Searched/p; /^Beware/,/^Taken/p' | grep -v 'The draws are worth'
bad --area HA-0001 --draws 100
bad --area HA-0001 --draws 2000000
