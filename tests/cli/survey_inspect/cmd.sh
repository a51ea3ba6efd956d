. "$LIB"
size() { # ARGUMENTS...: the sample size, from JSON
    tilth survey inspect "$@" --json | sed -n 's/.*"sample_size": *\([0-9]*\).*/\1/p'
}
# The vectors.
size --units 1000 --free 95% --confidence 95%
size --units 1000 --free 99% --confidence 95%
size --units 100 --free 99% --confidence 95%
size --units 10000 --free 99.6% --confidence 95%
size --units 1000 --free 0.99 --confidence 0.95 --found-if-there 90%
tilth survey inspect --units 1000 --free 99% --confidence 95%
try tilth survey inspect --units 100 --free 99% --confidence 95% --sample 101
try tilth survey inspect --units 100 --free 99% --confidence 95% --found-if-there 50%
try tilth survey inspect --from none.gpkg --area HA-0001 --free 99% --confidence 95%
# On the ground of an area, cut into so many units or units of a size.
project p.gpkg
area h.geojson -75.15 7.05 -75.147 7.053
tilth import p.gpkg h.geojson --as hazard-area --quiet
size --units 1000 --free 99% --confidence 95% --from p.gpkg --area HA-0001
tilth survey inspect --units 97 --free 90% --confidence 95% --found-if-there 90% --from p.gpkg --area HA-0001 --out sample.geojson
grep -c Polygon sample.geojson
try tilth survey inspect --units 97 --unit 10m --free 99% --confidence 95% --from p.gpkg --area HA-0001
try tilth survey inspect --units 900000 --free 99% --confidence 95% --from p.gpkg --area HA-0001
