. "$LIB"
try tilth
try tilth imprt
try tilth map p.gpkg
try tilth map --out o
try tilth map p.gpkg --out o --overwite
try tilth map p.gpkg --out
try tilth map p.gpkg --out --overwrite
try tilth map p.gpkg --out o --engine fast
try tilth map p.gpkg --out o --range-prior 5:0.1
try tilth map p.gpkg --out o --range-prior 5km
try tilth map p.gpkg --out o --sigma-prior 2:1
try tilth map p.gpkg --out o --truth-remaining t.tif
try tilth new p.gpkg --area 1,2,3,4 --cell 2000
try tilth new p.gpkg --area 1,2,3,4 --cell 2ha
try tilth import p.gpkg f.csv --as mine
try tilth import p.gpkg f.csv --as accident --map lon
try tilth simulate d --years 0
try tilth simulate d --area 1,2,3
try tilth info p.gpkg q.gpkg
try tilth info p.gpkg -x
try tilth info p.gpkg --threads none
