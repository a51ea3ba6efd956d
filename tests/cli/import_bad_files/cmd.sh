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
printf 'Accidents of the province,,\n,,\nlon,lat,year\n-75.1,7.1,2001\n' >title.csv
unchanged p.gpkg tilth import p.gpkg title.csv --as accident
unchanged p.gpkg tilth import p.gpkg a.csv --as accident --where "year > 1990) or (lat <"
printf 'lon,lat,date,remarks\n-75.1,7.1,2001,Anor\355\n' >latin.csv
unchanged p.gpkg tilth import p.gpkg latin.csv --as accident
# What --crs says goes before what the file says (GeoJSON: WGS 84, whatever its numbers are).
printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[488000,784000]}}]}' >utm.geojson
tilth import p.gpkg utm.geojson --as place --crs EPSG:32618
{ printf 'lon,lat,year\n-75.1,7.1,2001\n-75.1,7.1,"'; head -c 11000000 /dev/zero | tr '\0' x; } >quote.csv
unchanged p.gpkg tilth import p.gpkg quote.csv --as accident

# One column: a table (positions), or not what it seems (a title above the header).
printf 'Accidents\nlon,lat,year\n-75.1,7.1,2001\n' >title.csv
unchanged p.gpkg tilth import p.gpkg title.csv --as accident
printf 'position\nN7.12 W75.12\n"N7.1 W75.1"\n' >one.csv
tilth import p.gpkg one.csv --as place
# Wider than what is read: refused, not cut.
{ printf 'lon,lat'; i=0; while [ $i -lt 4100 ]; do printf ',c%d' $i; i=$((i + 1)); done; printf '\n-75.1,7.1\n'; } >wide.csv
unchanged p.gpkg tilth import p.gpkg wide.csv --as accident
