. "$LIB"
tilth new p.gpkg --area=-75.2,7.0,-75.02,7.18 --cell 2km --quiet
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
try tilth map p.gpkg --out o --quiet
ls o
sha256sum o/* | sed 's,  o/, ,' >first
unchanged p.gpkg tilth map p.gpkg --out o --quiet
tilth map p.gpkg --out o --quiet --overwrite --threads 1
sha256sum o/* | sed 's,  o/, ,' | diff first - && echo "same bits"
ls -A o | wc -l
