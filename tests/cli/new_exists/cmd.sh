. "$LIB"
project p.gpkg
unchanged p.gpkg tilth new p.gpkg --area 1,2,3,4 --cell 10km
try tilth new p.gpkg --area 1,2,3,4 --cell 10km --overwrite
echo keep >notes.txt
unchanged notes.txt tilth new notes.txt --area 1,2,3,4 --cell 10km
