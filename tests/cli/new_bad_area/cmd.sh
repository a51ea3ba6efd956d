. "$LIB"
try tilth new p.gpkg --area 1,2,1,3 --cell 1km
try tilth new p.gpkg --area 179,2,-179,3 --cell 1km
try tilth new p.gpkg --area 1,2,3 --cell 1km
try tilth new p.gpkg --area 1,2,3,x --cell 1km
try tilth new p.gpkg --area 1,2,3,95 --cell 1km
try tilth new p.gpkg --area none.geojson --cell 1km
echo text >text.txt
try tilth new p.gpkg --area text.txt --cell 1km
try tilth new p.gpkg --area 1,2,3,4 --cell 1km --crs EPSG:4326
try tilth new p.gpkg --area 1,2,3,4 --cell 1km --crs EPSG:999999
try tilth new p.gpkg --area 1,2,3,4 --cell 5000km
try tilth new p.gpkg --area 1,2,3,4 --cell 5km --crs foo
try tilth new p.txt --area 1,2,3,4 --cell 5km
try tilth new none/p.gpkg --area 1,2,3,4 --cell 5km
ls
