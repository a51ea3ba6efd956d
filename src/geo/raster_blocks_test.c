#include "unit.h"

#include "geo/raster_blocks.h"

static tl_err write_bands(struct tl_ctx *ctx, const char *path, int64_t n_x, int64_t n_y)
{
    struct tl_grid grid = {500000, 5500000, 50, n_x, n_y};
    float *values = tl_alloc(ctx, 2 * n_x * n_y, sizeof *values);
    if (values == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < 2 * n_x * n_y; i++)
        values[i] = i % 97 == 5 ? NAN : (float)i;
    struct tl_raster_band bands[2] = {{.name = "first", .floats = values},
                                      {.name = "second", .floats = values + n_x * n_y}};
    tl_err err = tl_raster_write(ctx, path, &grid, "EPSG:32636", 2, bands);
    tl_free(values);
    return err;
}

static void compare(struct tl_ctx *ctx, const char *path, const char *name, int band)
{
    struct tl_raster_blocks *blocks = NULL;
    struct tl_raster whole = {0};
    int64_t n_x = 0, n_y = 0, n_wrong = 0, n_outside = 0;
    CHECK_OK(tl_raster_read(ctx, path, band, &whole));
    CHECK_OK(tl_raster_blocks_open(ctx, path, name, &blocks));
    tl_raster_blocks_size(blocks, &n_x, &n_y);
    CHECK(n_x * n_y >= 1 << 16 || n_x * n_y >= whole.grid.n_x * whole.grid.n_y);
    float *values = tl_alloc(ctx, n_x * n_y, sizeof *values);
    for (int64_t by = 0; by * n_y < whole.grid.n_y; by++)
        for (int64_t bx = 0; bx * n_x < whole.grid.n_x; bx++) {
            CHECK_OK(tl_raster_blocks_read(ctx, blocks, bx, by, values));
            for (int64_t i = 0; i < n_x * n_y; i++) {
                int64_t x = bx * n_x + i % n_x, y = by * n_y + i / n_x;
                bool outside = x >= whole.grid.n_x || y >= whole.grid.n_y;
                float want = outside ? NAN : (float)whole.values[y * whole.grid.n_x + x];
                n_outside += outside;
                n_wrong += isnan(want) ? !isnan(values[i]) : values[i] != want;
            }
        }
    CHECK(n_wrong == 0 && n_outside > 0);
    CHECK_FAILS(tl_raster_blocks_read(ctx, blocks, -1, 0, values), TL_EDATA, "no block");
    CHECK_FAILS(tl_raster_blocks_read(ctx, blocks, 0, 1000, values), TL_EDATA, "no block");
    tl_free(values);
    tl_raster_blocks_close(blocks);
    tl_raster_fini(&whole);
}

TEST(blocks_hold_the_same_values_as_the_whole)
{
    CHECK_OK(write_bands(ctx, "blocks.tif", 700, 603));
    compare(ctx, "blocks.tif", NULL, 1);
    compare(ctx, "blocks.tif", "second", 2);
    compare(ctx, "blocks.tif", "2", 2);
    CHECK_OK(write_bands(ctx, "small.tif", 7, 6));
    compare(ctx, "small.tif", "first", 1);
}

TEST(bands_that_are_not_there_are_refused)
{
    struct tl_raster_blocks *blocks = NULL;
    CHECK_OK(write_bands(ctx, "bands.tif", 70, 60));
    CHECK_FAILS(tl_raster_blocks_open(ctx, "bands.tif", "third", &blocks), TL_ENOTFOUND, "third");
    CHECK_FAILS(tl_raster_blocks_open(ctx, "bands.tif", "3", &blocks), TL_ENOTFOUND, "it has 2");
    CHECK_FAILS(tl_raster_blocks_open(ctx, "none.tif", NULL, &blocks), TL_ENOTFOUND, "none.tif");
    CHECK(blocks == NULL);
    CHECK_EVERY_ALLOC(ctx, (tl_raster_blocks_close(blocks), blocks = NULL,
                            tl_raster_blocks_open(ctx, "bands.tif", NULL, &blocks)));
    tl_raster_blocks_close(blocks);
}
