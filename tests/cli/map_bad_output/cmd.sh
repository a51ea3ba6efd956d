. "$LIB"
tilth new p.gpkg --area=-75.2,7.0,-75.02,7.18 --cell 2km --quiet
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
echo text >taken
unchanged p.gpkg tilth map p.gpkg --out taken
unchanged p.gpkg tilth map p.gpkg --out none/deeper
unchanged p.gpkg tilth map p.gpkg --out o --truth none.tif
ls
