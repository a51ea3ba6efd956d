. "$LIB"
raster y.asc 1 1 3
raster e.asc 1 1 9000
try tilth field --counts y.asc --effort e.asc --out o >words
grep -v "seconds\|memory\|likelihood" words | sed "s/: -*[0-9.e-]*$/: N/"
ls o
