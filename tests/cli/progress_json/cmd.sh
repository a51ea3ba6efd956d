. "$LIB"
tilth new p.gpkg --area=-75.2,7.0,-75.02,7.18 --cell 500m --quiet
accidents a.csv
tilth import p.gpkg a.csv --as accident --map date=year --quiet
tilth map p.gpkg --out o --quiet --progress=json 2>progress
grep -vc '^{"stage": ".*", "share": [01]\.[0-9]*, "elapsed_s": [0-9.]*, "left_s": [0-9.nul]*}$' progress
tilth map p.gpkg --out o --quiet --overwrite 2>silent
wc -c <silent
