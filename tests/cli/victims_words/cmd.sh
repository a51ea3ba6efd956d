. "$LIB"
when() { sed 's/20[0-9-]*T[0-9:]*Z/WHEN/; s/"version": "[0-9a-f]*"/"version": "V"/; s/"entered_by": "[^"]*"/"entered_by": "WHO"/; s/[0-9A-Z]\{4\}\(-[0-9A-Z]\{4\}\)\{7\}/PAPER/'; }
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
tilth victims p.gpkg people
printf 'correct horse 7\n' | tilth victims p.gpkg init --name "O. Koval" | tee init.txt | when
paper=$(head -1 init.txt)
stat -c '%a' p.gpkg.keys
# Whoever enters needs no secret.
printf '{"name": "Taras Melnyk", "born": "1987-03"}' | tilth victims p.gpkg add AC-0001 --outcome injured --sex male --tampering no --personal
tilth victims p.gpkg add AC-0001 --outcome killed --age-group child
tilth victims p.gpkg list AC-0001
tilth victims p.gpkg list AC-0002
tilth victims p.gpkg list AC-0001 --json | when
printf 'correct horse 7\n' | tilth victims p.gpkg show VI-0001 --by "O. Koval"
printf 'correct horse 7\n' | tilth victims p.gpkg show VI-0001 --by "O. Koval" --json | when
printf 'correct horse 7\nanother horse 8\n' | tilth victims p.gpkg grant --by "O. Koval" --name "I. Bondar" | when
printf 'another horse 8\na third horse 9\n' | tilth victims p.gpkg passwd --name "I. Bondar" --quiet
printf 'a third horse 9\n' | tilth victims p.gpkg show VI-0001 --by "I. Bondar" --quiet
tilth victims p.gpkg revoke --name "O. Koval" | when
printf 'a third horse 9\n' | tilth victims p.gpkg rotate --by "I. Bondar" --json | when
# Everything but the project is lost: the paper opens it.
rm p.gpkg.keys
printf '%s\nnew keeper 10\n' "$paper" | tilth victims p.gpkg recover --name "O. Koval" | when
printf 'new keeper 10\n' | tilth victims p.gpkg show VI-0001 --by "O. Koval"
printf '%s\n' "$paper" | tilth victims p.gpkg show VI-0001 --recovery
# Each look is written down, and nothing personal stands anywhere.
sed 's/"at":"[^"]*"//; s/,"previous.*//' p.gpkg.reads
cat p.gpkg p.gpkg.* | grep -c -a -e Melnyk -e horse -e keeper -e "$paper" || true
tilth check p.gpkg
