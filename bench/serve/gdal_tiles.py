#!/usr/bin/python3
"""gdal_tiles.py FILE TILES N: tiles as a titiler-like server makes them: for each request GDAL opens the file, warps 256 x 256 pixels (using the
file's overviews), colours them and writes a PNG. Processor time of one process that stays; Python's own share is a few per cent."""
import resource
import sys

import numpy
from osgeo import gdal

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
HALF = 20037508.342789244
TABLE = gdal.ColorTable()
for i in range(255):
    TABLE.SetColorEntry(i + 1, (i, 255 - i, 128, 255))
TABLE.SetColorEntry(0, (0, 0, 0, 0))


def tile(path, z, x, y):
    side = 2 * HALF / (1 << z)
    box = (-HALF + x * side, HALF - (y + 1) * side, -HALF + (x + 1) * side, HALF - y * side)
    source = gdal.Open(path)
    warped = gdal.Warp("", source, format="MEM", outputBounds=box, width=256, height=256, dstSRS="EPSG:3857", resampleAlg="near", dstNodata=float("nan"))
    values = warped.ReadAsArray()
    with numpy.errstate(all="ignore"):
        index = numpy.clip(numpy.log(values) * 18 + 250, 1, 255)
    index = numpy.where(numpy.isnan(index), 0, index).astype("uint8")
    out = gdal.GetDriverByName("MEM").Create("", 256, 256, 1, gdal.GDT_Byte)
    band = out.GetRasterBand(1)
    band.SetColorTable(TABLE)
    band.SetNoDataValue(0)
    band.WriteArray(index)
    gdal.GetDriverByName("PNG").CreateCopy("/vsimem/t.png", out, options=["ZLEVEL=3"])
    n = gdal.VSIStatL("/vsimem/t.png").size
    gdal.Unlink("/vsimem/t.png")
    return n


def main():
    tiles = [tuple(map(int, line.split())) for line in open(sys.argv[2], encoding="utf-8")][: int(sys.argv[3])]
    tile(sys.argv[1], *tiles[0])
    before = resource.getrusage(resource.RUSAGE_SELF)
    for each in tiles:
        tile(sys.argv[1], *each)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{1e6 * cpu / len(tiles):.1f}")


main()
