. "$LIB"
raster y.asc 4 3 0 1 0 2 0 0 0 0 1 0 0 3
raster good.asc 4 3 9 9 9 9 9 9 9 9 9 9 9 9
raster zero.asc 4 3 9 0 9 9 9 9 9 9 9 9 9 9
raster negative.asc 4 3 9 9 9 9 9 -5 9 9 9 9 9 9
raster nothing.asc 4 3 0 0 0 0 0 0 0 0 0 0 0 0
raster none.asc 4 3 -9999 -9999 -9999 -9999 -9999 -9999 -9999 -9999 -9999 -9999 -9999 -9999
raster minus.asc 4 3 0 1 0 -2 0 0 0 0 1 0 0 3
raster half.asc 4 3 0 0.5 0 2 0 0 0 0 1 0 0 3
for effort in zero negative nothing none absent; do
    try tilth field --counts y.asc --effort $effort.asc --out o
done
try tilth field --counts minus.asc --effort good.asc --out o
try tilth field --counts a=y.asc --effort b=good.asc --out o
try tilth field --counts a=y.asc --counts b=y.asc --effort a=good.asc --out o
try tilth field --counts y.asc --effort good.asc --covariate slope=absent.tif --out o
try tilth field --counts y.asc --effort good.asc --covariate-prior slope=0:1 --out o
echo text >text.tif
try tilth field --counts text.tif --effort good.asc --out o
ls -d o 2>/dev/null || echo "no folder"
# NaN is outside only where the file declares it as nodata; a huge count is a nodata value that was not declared.
raster nan.asc 4 3 9.5 9 9 9 9 nan 9 9 9 9 9 9
raster huge.asc 4 3 0.0 1e30 0 2 0 0 0 0 1 0 0 3
try tilth field --counts y.asc --effort nan.asc --out o
try tilth field --counts huge.asc --effort good.asc --out o
try tilth field --counts y.asc --effort good.asc --covariate z=good.asc --covariate z=good.asc --out o
ls -d o 2>/dev/null || echo "no folder"
