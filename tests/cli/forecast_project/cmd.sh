. "$LIB"
# From a project: land from its open hazardous areas; two scenarios on the same draws. Then a scenario calibrated on its accidents.
project p.gpkg
printf 'id,classification,status,wkt\nA,SHA,open,"POLYGON((-75.16 7.05,-75.14 7.05,-75.14 7.06,-75.16 7.06,-75.16 7.05))"\n' >areas.csv
tilth import p.gpkg areas.csv --as hazard-area --quiet
scenario() { # FILE FUNDING
    cat >"$1" <<EOF
title: funded with $2
start: 2025
years: 5
land: {suspected: 1 km2, contaminated: 20 %}
clearance:
  - {method: manual, teams: 2, pace: 300 m2/day, price: 1 USD/m2, found: 99 %}
funding:
  - {per_year: $2}
casualties: {rate: 0.001 /year}
classes:
  - {name: one, kind: persistent-ap, numbers: 1000, arrived: {from: 2000, to: 2003}, half_life: 10 years}
EOF
}
scenario base.yaml "0.05 MUSD/year"
scenario more.yaml "0.2 MUSD/year"
tilth forecast p.gpkg --scenario base.yaml --scenario more.yaml --draws 512 --no-shares --out f
ls f
printf 'year,killed,injured\n2014,3,6\n2015,2,9\n2016,4,4\n2017,1,6\n2018,2,5\n2019,3,8\n' >casualties.csv
tilth forecast calibrate casualties.csv --years 2 --out calibrated.yaml | sed -n 1p
grep -c . calibrated.yaml >/dev/null && grep -o 'calibrated on\|prior' calibrated.yaml | sort -u
tilth forecast calibrated.yaml --draws 256 --no-shares --quiet && echo runs
try tilth forecast calibrate casualties.csv --out calibrated.yaml
try tilth forecast calibrate p.gpkg --out other.yaml
printf 'lon,lat,date\n-75.15,7.05,2001\n-75.15,7.06,2002\n-75.14,7.06,2004\n-75.13,7.06,2004\n' >accidents.csv
tilth import p.gpkg accidents.csv --as accident --quiet
tilth forecast calibrate p.gpkg --out other.yaml --quiet && ls *.yaml
