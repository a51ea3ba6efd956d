. "$LIB"
project p.gpkg
unchanged p.gpkg tilth survey next p.gpkg --hours 40 --method manual --out n.geojson
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
tilth map p.gpkg --out m --quiet
unchanged p.gpkg tilth survey next p.gpkg --hours 40 --method rollers --out n.geojson
unchanged p.gpkg tilth survey next p.gpkg --hours 40 --method dogs --out n.geojson
unchanged p.gpkg tilth survey next p.gpkg --hours 40 --method manual --out n.geojson >words
cat words | head -n 3
test -s n.geojson && echo written
unchanged p.gpkg tilth survey next p.gpkg --hours 40 --method manual --out n.geojson
# The sample of an area from the map, the same with the same seed.
area h.geojson -75.15 7.05 -75.12 7.08
tilth import p.gpkg h.geojson --as hazard-area --quiet
for i in 1 2; do
    tilth survey inspect --from p.gpkg --area HA-0001 --free 90% --confidence 90% --unit 100m --seed 4 --out s$i.geojson --quiet
done
cmp s1.geojson s2.geojson && echo same
tilth survey inspect --from p.gpkg --area HA-0001 --free 90% --confidence 90% --unit 100m --stratify risk | head -n 2
try tilth survey inspect --from p.gpkg --area HA-0002 --free 90% --confidence 90%
