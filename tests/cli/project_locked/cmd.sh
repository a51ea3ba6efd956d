. "$LIB"
project p.gpkg
accidents a.csv
need python3
python3 - <<'END' &
import sqlite3, time
db = sqlite3.connect("p.gpkg", isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open("locked", "w").close()
time.sleep(8)
END
while [ ! -f locked ]; do sleep 0.05; done
unchanged p.gpkg tilth import p.gpkg a.csv --as accident
wait
try tilth import p.gpkg a.csv --as accident --quiet
