. "$LIB"
project p.gpkg
areas() { # four areas, the third one long
    area a.geojson -75.15 7.05 -75.148 7.052
    area b.geojson -75.12 7.05 -75.117 7.053
    area c.geojson -75.10 7.10 -75.092 7.103
    area d.geojson -75.06 7.12 -75.059 7.121
    for f in a b c d; do tilth import p.gpkg $f.geojson --as hazard-area --quiet; done
}
areas
cat >teams.yaml <<END
title: Верхній край
currency: USD
start: 2027-01-01
teams:
  - {name: Альфа, base: "-75.11, 7.08", methods: [manual], pace: {manual: 1000 m2/day}, season: April to October, cost: 1000 USD/day}
  - {name: Bravo, base: "-75.05, 7.12", methods: [manual], pace: {manual: 500 m2/day}, season: May to June, cost: 700 USD/day}
tasks: {must: [T-004]}
END
plan="tilth plan p.gpkg --years 2 --teams teams.yaml --objective hectares --solver heuristic"
try tilth plan explain p.gpkg --task T-001
try $plan --budget 150kUSD --out plan
ls plan
head -n 2 plan/schedule.csv
grep -c BEGIN:VEVENT plan/plan.ics
tr -d '\r' <plan/plan.ics | awk 'length > 75 { print "long line" }'
for file in plan.pdf map.png gantt.png; do test -s plan/$file || echo "$file is empty"; done
try $plan --budget 150kUSD --out plan
tilth plan explain p.gpkg --task t-004
tilth plan explain p.gpkg --task HA-0003 | head -n 12
try tilth plan explain p.gpkg --task T-044
# The same plan again gives the same JSON.
$plan --budget 150kUSD --json >1.json
$plan --budget 150kUSD --json --no-keep --threads 1 >2.json
cmp 1.json 2.json && cmp 1.json plan/plan.json && echo same
# No money, nothing done, and said so; what must be done cannot be.
sed 's/^tasks.*//' teams.yaml >free.yaml
tilth plan p.gpkg --years 2 --teams free.yaml --objective hectares --solver heuristic --budget 0USD | head -n 4
tilth plan explain p.gpkg --task T-001 | grep Why
unchanged p.gpkg $plan --budget 0USD --out zero
ls -d zero
# By year, with and without carrying over.
$plan --budget 100kUSD,0USD --quiet --json --no-carry >3.json
grep -c '"spent": 0.0' 3.json
