. "$LIB"
project p.gpkg
accidents a.csv
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --map date=year --dry-run
