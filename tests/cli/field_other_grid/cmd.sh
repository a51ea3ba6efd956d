. "$LIB"
raster y.asc 4 3 0 1 0 2 0 0 0 0 1 0 0 3
raster wide.asc 5 3 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
XLL=500050 raster moved.asc 4 3 1 1 1 1 1 1 1 1 1 1 1 1
STEP=200 raster coarse.asc 4 3 1 1 1 1 1 1 1 1 1 1 1 1
ZONE=17 MERIDIAN=81 raster zone.asc 4 3 1 1 1 1 1 1 1 1 1 1 1 1
for effort in wide moved coarse zone; do
    try tilth field --counts y.asc --effort $effort.asc --out o
done
ls -d o 2>/dev/null || echo "no folder"
