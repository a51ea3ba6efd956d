. "$LIB"
day() { sed "s/on 20[0-9-]*/on DATE/"; } # of today
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
area h.geojson -75.15 7.05 -75.12 7.08
tilth import p.gpkg h.geojson --as hazard-area --quiet
tilth map p.gpkg --out m --quiet
release() { # ROLE REASON
    unchanged p.gpkg tilth release p.gpkg --area HA-0001 --as cleared --by "O. Koval" --role "$1" --reason "$2"
}
# Without an assessment, by a role that may not, without a reason.
release approver "criteria met"
tilth assess p.gpkg --area HA-0001 --quiet >/dev/null
release verifier "criteria met"
release approver " "
# The evidence has changed since.
printf 'lon,lat\n-75.13,7.07\n' >n.csv
tilth import p.gpkg n.csv --as item --quiet
release approver "criteria met"
tilth assess p.gpkg --area HA-0001 --quiet >/dev/null
tilth release p.gpkg --area "Upper field" --as cleared --by "O. Koval" --role approver --reason "criteria met" | sed '/^remaining/,$d'
tilth findings p.gpkg
tilth export p.gpkg --as hazard-area --out areas.csv --quiet
grep -c cleared areas.csv
# Evidence that comes later.
printf 'id,lon,lat,year,category\nX,-75.13,7.06,2026,AP mine\nY,-75.03,7.06,2026,AP mine\n' >later.csv
tilth import p.gpkg later.csv --as accident --map date=year >/dev/null
tilth findings p.gpkg | day
tilth check p.gpkg | day
unchanged p.gpkg tilth findings p.gpkg --answer 1 --by "A. Guest" --role guest --reason "nothing"
unchanged p.gpkg tilth findings p.gpkg --area HA-0009
unchanged p.gpkg tilth findings p.gpkg --answer 7 --by "I. Bondar" --role approver --reason "nothing"
tilth findings p.gpkg --answer 1 --by "I. Bondar" --role "quality manager" --reason "re-inspected, nothing more found"
tilth findings p.gpkg --all | day
unchanged p.gpkg tilth findings p.gpkg --answer 1 --by "I. Bondar" --role approver --reason "again" 2>&1 | day
tilth info p.gpkg | sed -n '/^release/,/^log/p'
