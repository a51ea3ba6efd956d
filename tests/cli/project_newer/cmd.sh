. "$LIB"
project p.gpkg
accidents a.csv
python3 -c '
import sqlite3
db = sqlite3.connect("p.gpkg")
db.execute("UPDATE tilth_project SET schema_version = 99")
db.commit()'
unchanged p.gpkg tilth import p.gpkg a.csv --as accident
unchanged p.gpkg tilth info p.gpkg
unchanged p.gpkg tilth map p.gpkg --out o
