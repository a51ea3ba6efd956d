. "$LIB"
project p.gpkg
accidents a.csv
: >empty.csv
head -c 3000 /dev/zero >zero.csv
printf 'lon;lat\n' >header.csv
mkdir folder
cp a.csv a.gpkg
unchanged p.gpkg tilth import p.gpkg none.csv --as accident
unchanged p.gpkg tilth import p.gpkg folder --as accident
unchanged p.gpkg tilth import p.gpkg empty.csv --as accident
unchanged p.gpkg tilth import p.gpkg zero.csv --as accident
unchanged p.gpkg tilth import p.gpkg header.csv --as accident
unchanged p.gpkg tilth import p.gpkg a.gpkg --as accident
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --map date=yaer
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --map dat=year
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --where "nonsense ="
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --mapping none.yaml
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --layer other
unchanged p.gpkg tilth import p.gpkg a.csv --as covariate
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --crs EPSG:0
