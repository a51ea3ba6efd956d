#include "unit.h"

#include <gdal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/rng.h"
#include "tilth/raster.h"

enum { NX = 701, NY = 1303, N = NX * NY };

static double values[N];

static void fill(void)
{
    struct tl_rng rng = tl_rng_make(4, 4);
    for (int i = 0; i < N; i++)
        values[i] = i % 89 == 0 ? NAN : tl_rng_normal(rng, (uint64_t)i);
}

/* All rows by `step` rows at a time, against the whole. */
static void same_as_whole(struct tl_ctx *ctx, const char *path, int band, int64_t step)
{
    struct tl_raster whole = {0};
    struct tl_raster_rows *rows = NULL;
    static double row[NX];
    CHECK_OK(tl_raster_read(ctx, path, band, &whole));
    CHECK_OK(tl_raster_rows_open(ctx, path, band, &rows));
    const struct tl_raster *info = tl_raster_rows_raster(rows);
    CHECK(memcmp(&info->grid, &whole.grid, sizeof whole.grid) == 0);
    CHECK_OK(tl_raster_same_grid(ctx, "a", &whole, "b", info));
    int64_t n_x = whole.grid.n_x, n_y = whole.grid.n_y;
    for (int64_t k = 0; k < (step == 1 ? n_y : 12); k++) {
        int64_t y = k * step % n_y;
        CHECK_OK(tl_raster_rows_read(ctx, rows, y, row));
        for (int64_t x = 0; x < n_x; x++) {
            double there = whole.values[y * n_x + x];
            CHECK(isnan(there) ? isnan(row[x]) : row[x] == there);
        }
    }
    CHECK(step != 1 || info->n_stray_nan == whole.n_stray_nan);
    CHECK(step != 1 || info->stray_nan == whole.stray_nan);
    CHECK_FAILS(tl_raster_rows_read(ctx, rows, n_y, row), TL_EDATA, "there is no row");
    CHECK_FAILS(tl_raster_rows_read(ctx, rows, -1, row), TL_EDATA, "there is no row");
    tl_raster_rows_close(rows);
    tl_raster_fini(&whole);
}

/* A plain GeoTIFF of a type, with scale, offset and nodata or without; whole = the image is one block. */
static void make_plain(struct tl_ctx *ctx, const char *path, GDALDataType type, bool scaled,
                       bool whole)
{
    char height[32];
    char *options[] = {height, NULL};
    double gt[6] = {500000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0};
    GDALAllRegister();
    snprintf(height, sizeof height, "BLOCKYSIZE=%d", whole ? NY : 5);
    GDALDatasetH data = GDALCreate(GDALGetDriverByName("GTiff"), path, NX, NY, 2, type, options);
    GDALSetGeoTransform(data, gt);
    GDALRasterBandH band = GDALGetRasterBand(data, 2);
    if (scaled) {
        GDALSetRasterScale(band, 0.1);
        GDALSetRasterOffset(band, -3.0);
        GDALSetRasterNoDataValue(band, 1.0);
    }
    CHECK(GDALRasterIO(band, GF_Write, 0, 0, NX, NY, values, NX, NY, GDT_Float64, 0, 0) == CE_None);
    GDALClose(data);
}

TEST(rows_are_the_whole_rasters)
{
    const struct tl_grid grid = {500000.0, 5000000.0, 100.0, NX, NY};
    const struct tl_raster_band bands[] = {{"a", values, NULL}, {"b", values, NULL}};
    fill();
    CHECK_OK(tl_raster_write(ctx, "rows_a.tif", &grid, "EPSG:32636", 2, bands));
    same_as_whole(ctx, "rows_a.tif", 2, 1);
    same_as_whole(ctx, "rows_a.tif", 1, 401);
    const GDALDataType types[] = {GDT_Byte, GDT_Int16, GDT_Int32, GDT_Float32, GDT_Float64};
    for (size_t k = 0; k < sizeof types / sizeof types[0]; k++) {
        make_plain(ctx, "rows_b.tif", types[k], k != 3, k == 1);
        same_as_whole(ctx, "rows_b.tif", 2, 1);
        same_as_whole(ctx, "rows_b.tif", 2, 997);
    }
    unlink("rows_a.tif");
    unlink("rows_b.tif");
}

TEST(a_stray_nan_is_counted_where_it_is)
{
    struct tl_raster_rows *rows = NULL;
    double row[3];
    FILE *file = fopen("rows_c.asc", "w");
    fputs("ncols 3\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 10\nnodata_value -9\n"
          "-9 1 1.5\n2 nan nan\n",
          file);
    fclose(file);
    CHECK_OK(tl_raster_rows_open(ctx, "rows_c.asc", 1, &rows));
    CHECK_OK(tl_raster_rows_read(ctx, rows, 0, row));
    CHECK(isnan(row[0]) && row[2] == 1.5 && tl_raster_rows_raster(rows)->n_stray_nan == 0);
    CHECK_OK(tl_raster_rows_read(ctx, rows, 1, row));
    CHECK(row[0] == 2.0 && tl_raster_rows_raster(rows)->n_stray_nan == 2);
    CHECK(tl_raster_rows_raster(rows)->stray_nan == 4);
    tl_raster_rows_close(rows);
    tl_raster_rows_close(NULL);
    unlink("rows_c.asc");
}

TEST(what_cannot_be_read_says_so)
{
    struct tl_raster_rows *rows = NULL;
    static double row[NX];
    CHECK_FAILS(tl_raster_rows_open(ctx, "no/such.tif", 1, &rows), TL_ENOTFOUND, "no such file");
    fill();
    make_plain(ctx, "rows_d.tif", GDT_Float64, false, false);
    CHECK_FAILS(tl_raster_rows_open(ctx, "rows_d.tif", 3, &rows), TL_EDATA, "no band 3");
    CHECK(rows == NULL);
    CHECK(truncate("rows_d.tif", 3000000) == 0);
    CHECK_OK(tl_raster_rows_open(ctx, "rows_d.tif", 2, &rows));
    tl_err err = TL_OK;
    for (int y = 0; y < NY && err == TL_OK; y++)
        err = tl_raster_rows_read(ctx, rows, y, row);
    CHECK(err == TL_EIO && strstr(tl_ctx_message(ctx), "rows_d.tif: cannot be read") != NULL);
    tl_raster_rows_close(rows);
    unlink("rows_d.tif");
}

static tl_err read_one(struct tl_ctx *ctx)
{
    static double row[NX];
    struct tl_raster_rows *rows = NULL;
    tl_err err = tl_raster_rows_open(ctx, "rows_e.tif", 2, &rows);
    if (err == TL_OK)
        err = tl_raster_rows_read(ctx, rows, 70, row);
    tl_raster_rows_close(rows);
    return err;
}

TEST(every_allocation_may_fail)
{
    fill();
    make_plain(ctx, "rows_e.tif", GDT_Float32, false, false);
    CHECK_EVERY_ALLOC(ctx, read_one(ctx));
    unlink("rows_e.tif");
}
