. "$LIB"
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
printf 'x\n' >x.txt
: >empty.txt
head -c 33554433 /dev/zero >large.bin
unchanged p.gpkg tilth attach p.gpkg accident AC-0001 --file x.txt --file none.txt
unchanged p.gpkg tilth attach p.gpkg accident AC-0001 --file x.txt --file empty.txt
unchanged p.gpkg tilth attach p.gpkg accident AC-0001 --file large.bin
unchanged p.gpkg tilth attach p.gpkg accident AC-0099 --file x.txt
unchanged p.gpkg tilth attach p.gpkg wombat AC-0001 --file x.txt
try tilth attach p.gpkg
try tilth attach p.gpkg --get 1
try tilth attach p.gpkg --get 7 --out x.bin
try tilth attach p.gpkg --get 1 --out x.txt
ls x.bin* 2>/dev/null
# A content that somebody altered or took out.
tilth attach p.gpkg accident AC-0001 --file x.txt --quiet
python3 - <<'P'
import sqlite3
db = sqlite3.connect("p.gpkg")
db.execute("UPDATE attachment_bytes SET bytes = x'790a'")
db.commit()
P
try tilth attach p.gpkg --get 1 --out y.txt
ls y.txt* 2>/dev/null
try tilth check p.gpkg
