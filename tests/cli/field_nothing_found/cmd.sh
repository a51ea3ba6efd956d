. "$LIB"
raster y.asc 4 3 0 0 0 0 0 0 0 0 0 0 0 0
raster e.asc 4 3 9000 9000 9000 9000 9000 9000 9000 9000 9000 9000 9000 9000
try tilth field --counts y.asc --effort e.asc --out o >words
grep -v "seconds\|memory\|likelihood" words | sed "s/: -*[0-9.e-]*$/: N/"
ls o
