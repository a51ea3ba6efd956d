. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
try tilth check p.gpkg
python3 - <<'END'
import sqlite3
db = sqlite3.connect("p.gpkg")
triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log'").fetchall()
for (name,) in triggers:
    db.execute(f'DROP TRIGGER "{name}"')
db.execute("DELETE FROM log WHERE id = 5")
db.commit()
END
try tilth check p.gpkg
