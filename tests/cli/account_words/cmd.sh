. "$LIB"
when() { sed 's/20[0-9-]*T[0-9:]*Z/WHEN/'; }
project p.gpkg
tilth account p.gpkg list
# A password comes from standard input, its first line.
printf 'correct horse 7\nsecond line\n' | tilth account p.gpkg add --name "O. Koval" --role approver | when
printf 'another horse 8\n' | tilth account p.gpkg add --name "I. Bondar" --role quality --quiet
tilth account p.gpkg role --name "O. Koval" --role verifier --json | sed 's/20[0-9-]*T[0-9:]*Z/WHEN/'
printf 'a third horse 9\n' | tilth account p.gpkg passwd --name "O. Koval" --quiet
tilth account p.gpkg lock --name "I. Bondar" | when
tilth account p.gpkg unlock --name "I. Bondar" --quiet
stat -c '%a' p.gpkg.accounts
grep -c argon2id p.gpkg.accounts
grep -c horse p.gpkg.accounts || true
tilth account p.gpkg remove --name "O. Koval" | when
# Each change is in the project's log, and no password.
python3 -c 'import sqlite3
for row in sqlite3.connect("p.gpkg").execute("SELECT op, \"before\", \"after\" FROM log WHERE table_name = \"account\" ORDER BY id"): print(*(str(v).strip() for v in row))'
grep -c argon2id p.gpkg || true
