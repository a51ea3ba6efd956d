. "$LIB"
project p.gpkg
area a.geojson -75.15 7.05 -75.148 7.052
area b.geojson -75.12 7.05 -75.117 7.053
for f in a b; do tilth import p.gpkg $f.geojson --as hazard-area --quiet; done
team='{name: A, base: "-75.11, 7.08", methods: [manual], size: 20 deminers, cost: 900 USD/day}'
bad() { # TEAMS [MORE]: of a file of teams
    printf 'start: 2027-01-01\nteams:\n  - %s\n%s\n' "$1" "$2" >t.yaml
    try tilth plan p.gpkg --budget 1MUSD --years 2 --teams t.yaml --objective hectares --solver heuristic --out d
}
bad "$team" "taems: []"
bad '{name: A, base: "-75.11, 7.08", methods: [manual], size: 20}'
bad '{name: A, base: "-75.11, 7.08", methods: [manual], size: 20 diggers}'
bad '{name: A, base: "-75.11, 7.08", methods: [manual], size: -20 deminers}'
bad '{name: A, base: "-75.11, 7.08", methods: [manual]}'
bad '{name: A, base: "-75.11, 7.08", methods: [manaul], size: 20 deminers}'
bad '{name: A, base: "-75.11, 7.08", methods: [NTS], size: 20 deminers}'
bad '{name: A, base: "-75.11, 7.08", methods: [dogs], size: 4 dogs}'
bad '{name: A, base: "-75.11, 7.08", methods: [dogs], pace: {dogs: 400 m2/day}}'
bad '{name: A, base: Nowhere, methods: [manual], size: 20 deminers}'
bad '{name: A, base: "-75.11, 7.08", methods: [manual], size: 20 deminers, season: Apirl}'
bad '{name: A, base: "-75.11, 7.08", methods: [manual], size: 20 deminers, from: 2028-01-01, to: 2027-01-01}'
bad '{name: A, base: "-75.11, 7.08", methods: [manual], size: 20 deminers, from: 2028-13-01}'
bad '{name: A, base: "-75.11, 7.08", methods: [manual], size: 20 deminers, cost: 900 EUR/day}'
bad "$team" 'currency: EUR'
bad "$team" 'tasks: {must: [T-009]}'
bad "$team" 'tasks: {must: [T-001], must_not: [HA-0001]}'
bad "$team" 'tasks: {windows: [{task: T-001, from: 2027-06-01, to: 2028-03-01}]}'
bad "$team" 'floors: [{district: North, share: 20 %}]'
bad "$team" 'floors: [{district: North, share: 20}]'
bad "$team" 'tasks: {after: [{task: T-001, waits_for: [T-009]}]}'
bad "$team" 'tasks: {after: [{task: T-001, waits_for: [T-002]}, {task: HA-0002, waits_for: [T-001]}]}'
bad "$team" 'tasks: {after: [{task: T-001, waits_for: [T-001]}]}'
bad "$team" 'tasks: {after: [{task: T-001}]}'
bad "$team" 'tasks: {after: [{task: T-001, before: [T-002]}]}'
bad "$team" 'tasks: {must: [T-002], must_not: [T-001], after: [{task: T-002, waits_for: [T-001]}]}'
printf 'start: 2027-01-01\nteams:\n  - %s\ntasks: {must: [T-001, T-002]}\n' "$team" >must.yaml
unchanged p.gpkg tilth plan p.gpkg --budget 50kUSD --years 2 --teams must.yaml --objective hectares --solver heuristic --out d
printf 'start: 2027-01-01\nteams:\n  - %s\n' "$team" >t.yaml
plan="tilth plan p.gpkg --years 2 --teams t.yaml --solver heuristic --out d"
for budget in 12 12M -1MUSD twelve 1MUSD,1MEUR 1MUSD,1MUSD,1MUSD; do try $plan --objective hectares --budget=$budget; done
try $plan --objective hectares --budget 1MUSD --no-carry
try $plan --objective harm --budget 1MUSD
try $plan --objective hram --budget 1MUSD
try $plan --objective none.yaml --budget 1MUSD
try tilth plan p.gpkg --budget 1MUSD --years 2 --teams none.yaml
try tilth plan p.gpkg --budget 1MUSD --years 0 --teams t.yaml
objective() { # TEXT of its parts
    printf 'parts:\n%s\n' "$1" >o.yaml
    try $plan --budget 1MUSD --objective o.yaml
}
objective '  - {part: hectares, weight: 5}'
objective '  - {part: hectares, weight: 5 points/casualty}'
objective '  - {part: hectares, weight: -5 points/ha}'
objective '  - {part: hectares, weight: 50 %}'
objective '  - {part: hectraes, weight: 100 %}'
objective '  - {part: hectares, wieght: 100 %}'
objective '  - {part: near, type: school, weight: 5 points}'
objective '  - {part: hectares, weight: 5 points/ha}
  - {part: confirmed, weight: 50 %}'
tilth new empty.gpkg --area=-75.2,7.0,-75.02,7.18 --cell 500m --quiet
try tilth plan empty.gpkg --budget 1MUSD --years 2 --teams t.yaml --objective hectares
try tilth plan
try tilth plan explian p.gpkg
try tilth plan explain p.gpkg
ls
