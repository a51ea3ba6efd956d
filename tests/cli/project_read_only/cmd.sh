. "$LIB"
project p.gpkg
accidents a.csv
mkdir shelf
mv p.gpkg shelf
chmod 444 shelf/p.gpkg
chmod 755 shelf
as=
if [ "$(id -u)" -eq 0 ]; then
    need setpriv
    as="setpriv --reuid 65534 --clear-groups"
fi
unchanged shelf/p.gpkg $as "$(command -v tilth)" import shelf/p.gpkg a.csv --as accident
unchanged shelf/p.gpkg $as "$(command -v tilth)" map shelf/p.gpkg --out o
try $as "$(command -v tilth)" check shelf/p.gpkg
