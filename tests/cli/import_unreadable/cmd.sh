. "$LIB"
project p.gpkg
accidents a.csv
chmod 000 a.csv
chmod 644 p.gpkg
if [ "$(id -u)" -eq 0 ]; then
    need setpriv
    chmod 666 p.gpkg
    unchanged p.gpkg setpriv --reuid 65534 --clear-groups "$(command -v tilth)" import p.gpkg a.csv --as accident
else
    unchanged p.gpkg tilth import p.gpkg a.csv --as accident
fi
