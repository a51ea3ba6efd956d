. "$LIB"
raster y.asc 4 3 0 1 0 2 0 0 0 0 1 0 0 3
raster e.asc 4 3 9000 9000 9000 9000 9000 0 0 9000 9000 9000 9000 -9999
try tilth field --counts y.asc --effort e.asc --out o
raster y.asc 4 3 0 1 0 2 0 0 0 0 1 0 0 -9999
tilth field --counts y.asc --effort e.asc --out o --samples 2 >words
sed -n 's/:.*//p' words | grep -v '^ '
ls o
try tilth field --counts y.asc --effort e.asc --out o
