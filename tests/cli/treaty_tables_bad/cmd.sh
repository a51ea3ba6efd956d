. "$LIB"
try tilth progress none.gpkg
project p.gpkg
try tilth progress p.gpkg --out d
try tilth progress p.gpkg --from 2022 --to 2020 --out d
try tilth progress p.gpkg --from 1900 --to 2200 --out d
try tilth progress p.gpkg --from last --out d
try tilth progress p.gpkg --by month --out d
try tilth progress p.gpkg --from 2020 --to 2021 --lang xx --out d
tilth progress p.gpkg --from 2020 --to 2021
echo "not a project" >q.gpkg
try tilth progress q.gpkg --out d
ls
