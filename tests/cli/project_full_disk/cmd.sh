. "$LIB"
project p.gpkg
i=0
echo "lon,lat,year,remarks" >a.csv
while [ $i -lt 4000 ]; do
    i=$((i + 1))
    echo "-75.1$((i % 10)),7.0$((i % 100)),$((1990 + i % 20)),record $i of many that need room"
done >>a.csv
blocks=$(($(wc -c <p.gpkg) / 512 + 100))
before=$(sha256sum <p.gpkg)
(ulimit -f $blocks; try tilth import p.gpkg a.csv --as accident --map date=year)
tilth check p.gpkg
tilth info p.gpkg | grep accident
(ulimit -f 8; try tilth new q.gpkg --area 1,2,3,4 --cell 10km)
ls
