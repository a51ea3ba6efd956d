. "$LIB"
tilth new p.gpkg --area "-79,1,-71,3" --cell 20km --json
