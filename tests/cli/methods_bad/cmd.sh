. "$LIB"
project p.gpkg
cat >s.geojson <<END
{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"method": "dogs", "type": "TS"}, "geometry":
{"type": "Polygon", "coordinates": [[[-75.1, 7.1], [-75.09, 7.1], [-75.09, 7.11], [-75.1, 7.1]]]}}]}
END
tilth import p.gpkg s.geojson --as search --quiet
head() {
    echo "methods:"
    echo "- {name: unknown, detectable: {a: 4, b: 2}, per_pass: {a: 4, b: 2}, source: x}"
}
bad() { # TEXT of a row that is wrong
    { head; echo "- {name: dogs, detectable: {a: 1, b: 1}, per_pass: {a: 1, b: 1}, $1}"; } >m.yaml
    unchanged p.gpkg tilth methods p.gpkg --edit m.yaml
}
bad "source: x, pce: 3"
bad "pace: {typical: 25 m2/day, source: x}"
bad "source: x, pace: {typical: 25 m2/day}"
bad "source: x, pace: {typical: 25, source: x}"
bad "source: x, price: {typical: 2.5, source: x}"
bad "source: x, depth: 20"
bad "source: x, soil: clay"
head >m.yaml
unchanged p.gpkg tilth methods p.gpkg --edit m.yaml
printf 'methods:\n- name: [\n' >m.yaml
unchanged p.gpkg tilth methods p.gpkg --edit m.yaml
unchanged p.gpkg tilth methods p.gpkg --edit none.yaml
unchanged p.gpkg tilth methods p.gpkg --edit m.yaml --write n.yaml
