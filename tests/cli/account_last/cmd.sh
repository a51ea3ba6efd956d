# The last administrator who can log in stays, whoever asks: the command has the pages' rule.
. "$LIB"
project p.gpkg
add() { printf 'correct horse 7\n' | tilth account p.gpkg add --name "$1" --role "$2" --quiet; }
who() { tilth account p.gpkg list --json | python3 -c 'import json, sys
for a in json.load(sys.stdin)["accounts"]: print(a["name"], a["role"], a["state"])'; }
add "O. Koval" approver
# A book that has no administrator yet can be changed; nothing is taken away.
tilth account p.gpkg role --name "O. Koval" --role verifier --quiet
add "I. Bondar" administrator
try tilth account p.gpkg remove --name "I. Bondar"
try tilth account p.gpkg role --name "I. Bondar" --role entry
try tilth account p.gpkg lock --name "I. Bondar"
who
# A forgotten password is no reason to be left without one.
printf 'another horse 8\n' | tilth account p.gpkg passwd --name "I. Bondar" --quiet
add "L. Tkach" administrator
tilth account p.gpkg lock --name "L. Tkach" --quiet
try tilth account p.gpkg remove --name "I. Bondar"
tilth account p.gpkg unlock --name "L. Tkach" --quiet
tilth account p.gpkg remove --name "I. Bondar" --quiet
try tilth account p.gpkg remove --name "L. Tkach"
who
# What was refused is in no log.
python3 -c 'import sqlite3
print(*sqlite3.connect("p.gpkg").execute("SELECT count(*) FROM log WHERE table_name = \"account\"").fetchone())'
