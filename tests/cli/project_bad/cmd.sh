. "$LIB"
accidents a.csv
echo text >text.gpkg
: >empty.gpkg
mkdir folder.gpkg
for file in none.gpkg text.gpkg empty.gpkg folder.gpkg a.csv; do
    try tilth info $file
done
try tilth import none.gpkg a.csv --as accident
try tilth map text.gpkg --out o
ls
