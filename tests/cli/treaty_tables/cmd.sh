. "$LIB"
# A square of 0.01 degrees, cleared in its western half by a search that came twice, then closed as cleared.
square() { # WEST EAST
    echo "\"POLYGON(($1 7.05,$2 7.05,$2 7.06,$1 7.06,$1 7.05))\""
}
project p.gpkg
printf 'name,lon,lat,admin2\na,-75.16,7.05,Norte\nb,-75.05,7.05,Sur\n' >places.csv
{
    echo "id,classification,status,date,date_closed,wkt"
    echo "A,SHA,open,2019,,$(square -75.16 -75.14)"
    echo "B,CHA,cleared,2019,2021-05-01,$(square -75.06 -75.05)"
    echo "C,CHA,open,,,$(square -75.10 -75.09)"
} >areas.csv
{
    echo "id,type,date_end,released_as,wkt"
    echo "S1,clearance,2020-02-01,cleared,$(square -75.06 -75.055)"
    echo "S2,clearance,2020-03-01,cleared,$(square -75.06 -75.055)"
    echo "S3,TS,2020-04-01,reduced,$(square -75.16 -75.155)"
} >searches.csv
printf 'id,lon,lat,date,category,number,disposal\n1,-75.055,7.055,2020,AP mine,3,destroyed\n2,-75.055,7.056,,UXO,2,\n' >items.csv
printf 'id,lon,lat,date,killed,injured\n1,-75.15,7.055,2019,1,2\n' >accidents.csv
for kind in place hazard-area search item accident; do
    case $kind in hazard-area) file=areas.csv ;; search) file=searches.csv ;; *) file=${kind}s.csv ;; esac
    tilth import p.gpkg "$file" --as "$kind" --quiet
done
tilth progress p.gpkg --from 2019 --to 2021
tilth progress p.gpkg --from 2019 --to 2021 --by both --out tables
ls tables
cat tables/progress.csv tables/apart.csv
grep -v ',0,0$' tables/items.csv
try tilth progress p.gpkg --out tables
tilth progress p.gpkg --by district --lang uk --out tables --overwrite --quiet
tilth progress p.gpkg --by district --json | grep -c '"district"'
