. "$LIB"
project p.gpkg
unchanged p.gpkg tilth map p.gpkg --out o
ls
