. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
area h.geojson -75.13 7.02 -75.12 7.03
tilth import p.gpkg h.geojson --as hazard-area --quiet
area g.geojson -75.06 7.12 -75.05 7.13
tilth import p.gpkg g.geojson --as hazard-area --quiet
tilth map p.gpkg --out m --quiet
cat >teams.yaml <<END
start: 2027-01-01
teams:
  - {name: A, base: "-75.11, 7.08", methods: [manual], pace: {manual: 20000 m2/day}, cost: 1000 USD/day}
END
tilth plan p.gpkg --budget 1MUSD --years 2 --teams teams.yaml --solver heuristic --out plan | head -n 4
tilth plan explain p.gpkg --task T-001 | head -n 6
# Another map: the plan that is kept is of the one before.
tilth map p.gpkg --out m --overwrite --quiet
tilth plan explain p.gpkg --task T-001 | sed -n 2p
tilth plan p.gpkg --budget 20kUSD --years 2 --teams teams.yaml --solver heuristic --quiet
tilth plan explain p.gpkg --task T-002 --json | grep -A 9 '"change"'
