. "$LIB"
tilth new p.gpkg --area=-75.2,7.0,-75.02,7.18 --cell 2km --quiet
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
tilth map p.gpkg --out o --quiet
{ echo "lon,lat,year"; echo "-75.05,7.1,2001"; } >b.csv
tilth import p.gpkg b.csv --as accident --map date=year --quiet
tilth map p.gpkg --out o --overwrite --seed 2 | sed -n '/^Since/,/^$/p'
