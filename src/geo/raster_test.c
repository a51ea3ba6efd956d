#include "unit.h"

#include <unistd.h>

#include "tilth/raster.h"

static const struct tl_grid grid = {500000.0, 5000000.0, 100.0, 7, 5};

static tl_err write_ramp(struct tl_ctx *ctx, const char *path, const struct tl_grid *g,
                         const char *crs)
{
    static double values[10000];
    for (int64_t i = 0; i < tl_grid_n_cells(g); i++)
        tl_grid_centre(g, (tl_cell){i}, &values[i], &(double){0});
    values[0] = NAN;
    const struct tl_raster_band band = {"east", values, NULL};
    return tl_raster_write(ctx, path, g, crs, 1, &band);
}

static const char *place(char *path, const char *name)
{
    snprintf(path, 256, "raster_test_%ld_%s", (long)getpid(), name);
    return path;
}

TEST(what_is_read_is_what_was_written)
{
    char path[256];
    struct tl_raster r = {0};
    CHECK_OK(write_ramp(ctx, place(path, "a.tif"), &grid, "EPSG:32636"));
    CHECK_OK(tl_raster_read(ctx, path, 1, &r));
    CHECK(memcmp(&r.grid, &grid, sizeof grid) == 0);
    CHECK(isnan(r.values[0]));
    CHECK(r.values[1] == 500150.0 && r.values[34] == 500650.0);
    CHECK(tl_crs_epsg(ctx, r.crs) == 32636);
    tl_raster_fini(&r);
    CHECK_FAILS(tl_raster_read(ctx, path, 2, &r), TL_EDATA, "no band 2");
    CHECK_FAILS(tl_raster_read(ctx, path, 0, &r), TL_EDATA, "no band 0");
    unlink(path);
}

TEST(unreadable_files_have_a_clear_error)
{
    char path[256];
    struct tl_raster r = {0};
    CHECK_FAILS(tl_raster_read(ctx, "no/such.tif", 1, &r), TL_ENOTFOUND, "no such file");
    FILE *file = fopen(place(path, "b.tif"), "w");
    fclose(file);
    CHECK_FAILS(tl_raster_read(ctx, path, 1, &r), TL_EDATA, "empty");
    file = fopen(path, "w");
    fputs("this is no raster at all, only a line of text", file);
    fclose(file);
    CHECK_FAILS(tl_raster_read(ctx, path, 1, &r), TL_EDATA, "not a raster");
    file = fopen(path, "w");
    fputs("II*\0garbage", file);
    fclose(file);
    CHECK_FAILS(tl_raster_read(ctx, path, 1, &r), TL_EDATA, path);
    unlink(path);
    /* An ESRI grid in text whose cells are not square; its nodata becomes NaN. */
    file = fopen(place(path, "c.asc"), "w");
    fputs("ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ndx 10\ndy 20\nnodata_value -9\n1 -9\n",
          file);
    fclose(file);
    CHECK_FAILS(tl_raster_read(ctx, path, 1, &r), TL_EDATA, "square");
    file = fopen(path, "w");
    fputs("ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 10\nnodata_value -9\n1 -9\n", file);
    fclose(file);
    CHECK_OK(tl_raster_read(ctx, path, 1, &r));
    CHECK(r.values[0] == 1.0 && isnan(r.values[1]) && r.crs[0] == '\0');
    CHECK(r.n_stray_nan == 0);
    tl_raster_fini(&r);
    /* A NaN that the file does not declare as nodata is told from one that it does. */
    file = fopen(path, "w");
    fputs("ncols 3\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 10\nnodata_value -9\n-9 nan 1.5\n",
          file);
    fclose(file);
    CHECK_OK(tl_raster_read(ctx, path, 1, &r));
    CHECK(isnan(r.values[0]) && isnan(r.values[1]) && r.n_stray_nan == 1 && r.stray_nan == 1);
    tl_raster_fini(&r);
    file = fopen(path, "w");
    fputs("ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 10\n1 2.5\n", file);
    fclose(file);
    CHECK_OK(tl_raster_read(ctx, path, 1, &r));
    tl_raster_fini(&r);
    double out[35];
    CHECK_FAILS(tl_raster_warp(ctx, path, 1, "EPSG:32636", &grid, 0, out), TL_EDATA,
                "reference system");
    unlink(path);
}

TEST(another_grid_is_told_by_the_way_it_differs)
{
    struct tl_raster a = {.grid = grid, .crs = (char *)(uintptr_t) "EPSG:32636"}, b = a;
    CHECK_OK(tl_raster_same_grid(ctx, "A", &a, "B", &b));
    b.grid.n_x = 8;
    CHECK_FAILS(tl_raster_same_grid(ctx, "A", &a, "B", &b), TL_EDATA,
                "size: A has 7 by 5 cells, B 8 by 5");
    b = a;
    b.grid.step_m = 100.5;
    CHECK_FAILS(tl_raster_same_grid(ctx, "A", &a, "B", &b), TL_EDATA,
                "cell size: A has 100, B 100.5");
    b = a;
    b.grid.y0_m += 50.0;
    CHECK_FAILS(tl_raster_same_grid(ctx, "A", &a, "B", &b), TL_EDATA, "0 east and 50 north");
    b = a;
    b.grid.x0_m += 1e-6;
    CHECK_OK(tl_raster_same_grid(ctx, "A", &a, "B", &b));
    b.crs = (char *)(uintptr_t) "EPSG:32637";
    CHECK_FAILS(tl_raster_same_grid(ctx, "A", &a, "B", &b), TL_EDATA,
                "A is in WGS 84 / UTM zone 36N, B in WGS 84 / UTM zone 37N");
    b.crs = (char *)(uintptr_t) "";
    CHECK_FAILS(tl_raster_same_grid(ctx, "A", &a, "B", &b), TL_EDATA, "no system");
}

TEST(finer_rasters_are_averaged_and_coarser_ones_interpolated)
{
    char path[256];
    double out[100], nearest[100];
    const struct tl_grid fine = {500000.0, 5000000.0, 10.0, 100, 100},
                         target = {500000.0, 5000000.0, 100.0, 10, 10};
    CHECK_OK(write_ramp(ctx, place(path, "f.tif"), &fine, "EPSG:32636"));
    CHECK_OK(tl_raster_warp(ctx, path, 1, "EPSG:32636", &target, 0, out));
    CHECK_NEAR(out[55], 500550.0, 0.05); /* single precision holds 1/32 here */
    CHECK_OK(tl_raster_warp(ctx, path, 1, "EPSG:32636", &target, 1, nearest));
    CHECK(fabs(nearest[55] - 500550.0) <= 5.04);
    const struct tl_grid half = {500650.0, 5000000.0, 100.0, 10, 10},
                         away = {700000.0, 5000000.0, 100.0, 10, 10};
    CHECK_OK(tl_raster_warp(ctx, path, 1, "EPSG:32636", &half, 0, out));
    CHECK(isnan(out[5]) && !isnan(out[0]) && !isnan(out[2]));
    out[0] = 77.0;
    CHECK_FAILS(tl_raster_warp(ctx, path, 1, "EPSG:32636", &away, 0, out), TL_EDATA,
                "do not overlap");
    CHECK(out[0] == 77.0);
    const struct tl_grid coarse = {499000.0, 5001000.0, 500.0, 8, 8},
                         inner = {500000.0, 5000000.0, 100.0, 10, 10};
    CHECK_OK(write_ramp(ctx, path, &coarse, "EPSG:32636"));
    CHECK_OK(tl_raster_warp(ctx, path, 1, "EPSG:32636", &inner, 0, out));
    CHECK_NEAR(out[55], 500550.0, 0.1);
    unlink(path);
}

TEST(warping_between_systems_keeps_places)
{
    char path[256];
    static double lat[3600];
    double out[100];
    const struct tl_grid degrees = {32.5, 45.5, 1.0 / 60.0, 60, 60};
    for (int64_t i = 0; i < 3600; i++)
        tl_grid_centre(&degrees, (tl_cell){i}, &(double){0}, &lat[i]);
    const struct tl_raster_band band = {"lat", lat, NULL};
    CHECK_OK(tl_raster_write(ctx, place(path, "d.tif"), &degrees, "EPSG:4326", 1, &band));
    const struct tl_grid target = {499500.0, 4983450.4, 100.0, 10, 10};
    CHECK_OK(tl_raster_warp(ctx, path, 1, "EPSG:32636", &target, 0, out));
    /* Its middle is at 33 E, 45 N (cs2cs); 50 m are 0.00045 degrees. */
    CHECK_NEAR(0.5 * (out[44] + out[55]), 45.0, 2e-5);
    unlink(path);
}

static tl_err read_once(struct tl_ctx *ctx, const char *path)
{
    struct tl_raster r = {0};
    double out[35];
    tl_err err = tl_raster_read(ctx, path, 1, &r);
    tl_raster_fini(&r);
    return err != TL_OK ? err : tl_raster_warp(ctx, path, 1, "EPSG:32636", &grid, 0, out);
}

TEST(every_allocation_may_fail)
{
    char path[256];
    CHECK_OK(write_ramp(ctx, place(path, "e.tif"), &grid, "EPSG:32636"));
    CHECK_EVERY_ALLOC(ctx, read_once(ctx, path));
    unlink(path);
}
