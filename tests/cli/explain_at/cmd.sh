. "$LIB"
tilth new p.gpkg --area=-75.2,7.0,-75.02,7.18 --cell 2km --quiet
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
try tilth explain p.gpkg --at -75.11,7.05
tilth map p.gpkg --out o --quiet
tilth explain p.gpkg --at -75.11,7.05 | head -n 1
tilth explain p.gpkg --at=-75.11,7.05 | head -n 1
tilth explain p.gpkg --at "7 3 0 N, 75 6 36 W" | head -n 1
tilth explain p.gpkg --at "18N 487860 779270" | head -n 1
tilth explain p.gpkg --at 18NVN8786079270 | head -n 1
try tilth explain p.gpkg --at 10,10
try tilth explain p.gpkg --at here
try tilth explain p.gpkg --at -75.11,97
