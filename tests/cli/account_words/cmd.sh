. "$LIB"
when() { sed 's/20[0-9-]*T[0-9:]*Z/WHEN/'; }
project p.gpkg
tilth account p.gpkg list
# A password comes from standard input, its first line.
printf 'correct horse 7\nsecond line\n' | tilth account p.gpkg add --name "O. Koval" --role approver | when
printf 'another horse 8\n' | tilth account p.gpkg add --name "I. Bondar" --role quality --quiet
tilth account p.gpkg role --name "O. Koval" --role verifier --json | sed 's/20[0-9-]*T[0-9:]*Z/WHEN/'
printf 'a third horse 9\n' | tilth account p.gpkg passwd --name "O. Koval" --quiet
stat -c '%a' p.gpkg.accounts
grep -c argon2id p.gpkg.accounts
grep -c horse p.gpkg.accounts || true
tilth account p.gpkg remove --name "O. Koval" | when
# Nothing of it is in the project.
grep -c argon2id p.gpkg || true
