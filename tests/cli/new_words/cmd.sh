. "$LIB"
tilth new p.gpkg --area=-75.2,7.0,-75.02,7.18 --cell 500m
