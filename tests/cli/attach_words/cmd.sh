. "$LIB"
when() { sed 's/20[0-9-]*T[0-9:]*Z/WHEN/; s/"by": "[^"]*"/"by": "WHO"/'; }
project p.gpkg
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
printf 'not really a photograph\n' >photo.jpg
printf 'a form\n' >form.txt
tilth attach p.gpkg accident AC-0001
tilth attach p.gpkg accident AC-0001 --file photo.jpg --file form.txt
tilth attach p.gpkg accident AC-0001 --file photo.jpg
tilth attach p.gpkg accident AC-0002 --file photo.jpg --json | when
tilth attach p.gpkg accident AC-0001
tilth attach p.gpkg --get 1 --out back.jpg
cmp back.jpg photo.jpg && echo same
tilth attach p.gpkg --get 2 --out back.jpg --overwrite --json
cmp back.jpg form.txt && echo same
tilth check p.gpkg
