#include "unit.h"

#include "geo/raster_parts.h"

static const char path[] = "raster_warp_test.tif";
static const struct tl_grid fine = {500000.0, 5000000.0, 10.0, 40, 20},
                            coarse = {500000.0, 5000000.0, 100.0, 4, 2};

/* Classes 1 in the west, 2 in the east, from column `east` on; nothing is known in the first `gap` rows. */
static tl_err write_classes(struct tl_ctx *ctx, int64_t east, int64_t gap)
{
    double *values = calloc((size_t)tl_grid_n_cells(&fine), sizeof *values);
    for (int64_t i = 0; values != NULL && i < tl_grid_n_cells(&fine); i++)
        values[i] = i / fine.n_x < gap ? NAN : i % fine.n_x < east ? 1.0 : 2.0;
    struct tl_raster_band band = {.name = "cover", .values = values};
    tl_err err = tl_raster_write(ctx, path, &fine, "EPSG:32636", 1, &band);
    free(values);
    return err;
}

/* By counting: column 13 on is class 2, so that of the second coarse column 30 % is class 1. */
TEST(the_share_of_a_class_is_the_part_of_the_cell_that_has_it)
{
    double one[8], two[8];
    const struct tl_raster_how first = {.is_share = true, .of = 1.0},
                               second = {.is_share = true, .of = 2.0};
    CHECK_OK(write_classes(ctx, 13, 0));
    CHECK_OK(tl_raster_bring(ctx, path, 1, &first, "EPSG:32636", &coarse, one));
    CHECK_OK(tl_raster_bring(ctx, path, 1, &second, "EPSG:32636", &coarse, two));
    CHECK_NEAR(one[0], 1.0, 1e-12);
    CHECK_NEAR(one[1], 0.3, 1e-12);
    CHECK_NEAR(one[2], 0.0, 1e-12);
    for (int i = 0; i < 8; i++)
        CHECK_NEAR(one[i] + two[i], 1.0, 1e-12);
}

/* What is not known is no class: the share is that of what is known. */
TEST(cells_without_a_value_have_no_share)
{
    double one[8];
    const struct tl_raster_how how = {.is_share = true, .of = 1.0};
    CHECK_OK(write_classes(ctx, 13, 10));
    CHECK_OK(tl_raster_bring(ctx, path, 1, &how, "EPSG:32636", &coarse, one));
    CHECK(isnan(one[0]) && isnan(one[3]));
    CHECK_NEAR(one[5], 0.3, 1e-12);
    CHECK_OK(write_classes(ctx, 13, 5));
    CHECK_OK(tl_raster_bring(ctx, path, 1, &how, "EPSG:32636", &coarse, one));
    CHECK_NEAR(one[1], 0.3, 1e-12);
}

TEST(a_raster_that_does_not_say_its_system_is_told_it)
{
    double values[8];
    FILE *file = fopen("raster_warp_test.asc", "w");
    CHECK(file != NULL);
    fputs("ncols 4\nnrows 2\nxllcorner 500000\nyllcorner 4999800\ncellsize 100\n1 2 3 4\n5 6 7 8\n",
          file);
    fclose(file);
    struct tl_raster_how how = {0};
    CHECK_FAILS(
        tl_raster_bring(ctx, "raster_warp_test.asc", 1, &how, "EPSG:32636", &coarse, values),
        TL_EDATA, "does not say its reference system");
    how.crs = "no system";
    CHECK_FAILS(
        tl_raster_bring(ctx, "raster_warp_test.asc", 1, &how, "EPSG:32636", &coarse, values),
        TL_EDATA, "\"no system\" is not a coordinate reference system");
    how.crs = "EPSG:32636";
    CHECK_OK(tl_raster_bring(ctx, "raster_warp_test.asc", 1, &how, "EPSG:32636", &coarse, values));
    for (int i = 0; i < 8; i++)
        CHECK_NEAR(values[i], i + 1.0, 1e-9);
    how.crs = "EPSG:32636";
    CHECK_FAILS(
        tl_raster_bring(ctx, "raster_warp_test.asc", 2, &how, "EPSG:32636", &coarse, values),
        TL_EDATA, "no band 2");
}
