. "$LIB"
try tilth new p.gpkg --area=-77.5,4.9,-73.8,8.9 --cell 10m
try tilth new p.gpkg --area=-77.5,4.9,-73.8,8.9 --cell 1cm
ls
