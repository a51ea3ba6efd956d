# A column that is called id, whose values are numbers of the sheet's rows and no names of records.
. "$LIB"
project p.gpkg
{ echo "id,lon,lat,date"; echo "1,-75.11,7.05,1999"; echo "1,-75.12,7.06,1999-05"; } >a.csv
tilth import p.gpkg a.csv --as accident --map id=
tilth import p.gpkg a.csv --as accident
try tilth import p.gpkg a.csv --as accident --map =id
