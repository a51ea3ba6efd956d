. "$LIB"
project p.gpkg
area a.geojson -75.15 7.05 -75.149 7.051
area b.geojson -75.12 7.05 -75.119 7.051
area c.geojson -75.10 7.10 -75.099 7.101
area d.geojson -75.1005 7.10 -75.0985 7.1005
for f in a b c d; do tilth import p.gpkg $f.geojson --as hazard-area --quiet; done
cat >teams.yaml <<END
title: In order
currency: USD
start: 2027-01-01
teams:
  - {name: Alpha, base: "-75.11, 7.08", methods: [manual], pace: {manual: 800 m2/day}, season: April to October, cost: 1000 USD/day}
  - {name: Bravo, base: "-75.05, 7.12", methods: [manual], pace: {manual: 700 m2/day}, season: May to November, cost: 900 USD/day}
tasks:
  after: [{task: HA-0001, waits_for: [T-003]}, {task: T-002, waits_for: [T-001, T-003]}]
END
plan="tilth plan p.gpkg --years 2 --teams teams.yaml --objective hectares"
# Ground of two areas counts once; what waits comes later.
$plan --budget 200kUSD --solver heuristic --out plan | grep -A 9 'To be known'
cut -d, -f1,5,7,8,21 plan/schedule.csv
tr -d '\r' <plan/plan.ics | grep -c 'RELATED-TO;RELTYPE=FINISHTOSTART'
tilth plan explain p.gpkg --task T-002 | grep -A 2 Why
tilth plan explain p.gpkg --task T-002 --lang uk
# Whoever waits for what nobody may do is not done, and says so.
sed 's/^tasks:/&\n  must_not: [T-003]/' teams.yaml >not.yaml
tilth plan p.gpkg --years 2 --teams not.yaml --objective hectares --budget 200kUSD --solver heuristic --quiet
for t in T-001 T-002 T-004; do tilth plan explain p.gpkg --task $t | grep Why; done
# Both solvers are worth the same here; a file of the solver is nowhere left.
if command -v cbc >/dev/null; then
    TMPDIR=$PWD $plan --budget 90kUSD --json --no-keep --gap 0.01% >exact.json
else
    $plan --budget 90kUSD --json --no-keep --solver heuristic --gap 0.01% >exact.json
fi
$plan --budget 90kUSD --json --no-keep --solver heuristic --gap 0.01% >search.json
for f in exact search; do grep '"value"' $f.json; done
ls
