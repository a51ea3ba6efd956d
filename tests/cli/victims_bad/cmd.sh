. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
with() { printf '%b' "$1" >line.txt; shift; try "$@" <line.txt; }
with '{"name": "x"}' tilth victims p.gpkg add AC-0001 --personal
with 'correct horse 7\n' tilth victims p.gpkg show VI-0001 --by A
with 'short\n' tilth victims p.gpkg init --name A
with '' tilth victims p.gpkg init --name A
with 'correct horse 7\n' tilth victims p.gpkg init
with 'correct horse 7\n' tilth victims p.gpkg init --name A --quiet >/dev/null
with 'correct horse 7\n' tilth victims p.gpkg init --name B
with '{"name": "Taras Melnyk", "phone": "067"}' tilth victims p.gpkg add AC-0001 --personal
with '{"born": "yesterday"}' tilth victims p.gpkg add AC-0001 --personal
with '{' tilth victims p.gpkg add AC-0001 --personal
with '{"name": "Taras Melnyk"}' tilth victims p.gpkg add AC-0099 --personal
with '' tilth victims p.gpkg add AC-0001 --outcome hurt
with '{"name": "Taras Melnyk"}' tilth victims p.gpkg add AC-0001 --personal --quiet
with 'wrong horse 77\n' tilth victims p.gpkg show VI-0001 --by A
with 'correct horse 7\n' tilth victims p.gpkg show VI-0001 --by B
with 'correct horse 7\n' tilth victims p.gpkg show VI-0001
with 'correct horse 7\n' tilth victims p.gpkg show --by A
with 'AAAA-BBBB\n' tilth victims p.gpkg show VI-0001 --recovery
with 'correct horse 7\n' tilth victims p.gpkg show VI-0009 --by A
with 'correct horse 7\nshort\n' tilth victims p.gpkg grant --by A --name B
try tilth victims p.gpkg revoke --name A
try tilth victims p.gpkg revoke --name B
try tilth victims p.gpkg people AC-0001
try tilth victims p.gpkg grnt --name B
# A box put into another victim's place.
printf '{"name": "Second"}' | tilth victims p.gpkg add AC-0001 --personal --quiet
python3 - <<'P'
import sqlite3
db = sqlite3.connect("p.gpkg")
(first,), (second,) = db.execute("SELECT sealed FROM victim ORDER BY id").fetchall()
db.execute("UPDATE victim SET sealed = ? WHERE id = 2", (first,))
db.commit()
P
with 'correct horse 7\n' tilth victims p.gpkg show VI-0002 --by A
with 'correct horse 7\n' tilth victims p.gpkg rotate --by A
try tilth check p.gpkg
