. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
tilth export p.gpkg --as accident --out a_out.csv
head -n 3 a_out.csv
tilth export p.gpkg --as accident --out a.geojson
grep -c '"Feature"' a.geojson
tilth export p.gpkg --as accident --out a.kml
tilth export p.gpkg --as accident --out a.gpkg
unchanged a.geojson tilth export p.gpkg --as accident --out a.geojson
try tilth export p.gpkg --as accident --out a.geojson --overwrite
try tilth export p.gpkg --as accident --out a.dwg
try tilth export p.gpkg --as accident --out none/a.csv
try tilth export p.gpkg --as hazard --out cells.csv
ls
