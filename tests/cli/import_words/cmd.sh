. "$LIB"
project p.gpkg
accidents a.csv
{ echo "7.05,-75.11,1999"; echo "-75.11,7.05,1999"; echo "-75.11,7.05,1999"; echo "-75.11,97,1999"; echo "75.11,7.05,1999"; echo "-75.11,7.05,2090"; echo "-75.11,7.05,soon"; echo ",,1999"; } >>a.csv
tilth import p.gpkg a.csv --as accident --map date=year
tilth import p.gpkg a.csv --as accident --map date=year
tilth export p.gpkg --as refused --out refused.csv
wc -l <refused.csv
