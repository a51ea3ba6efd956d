#include "unit.h"

#include <unistd.h>

#include "geo/pixels.h"

static const char path[] = "pixels_test.plain";
static const struct tl_grid grid = {500000.0, 5000000.0, 100.0, 4, 2};

static struct tl_pixels_head good(void)
{
    struct tl_pixels_head head = {.n_x = 4,
                                  .n_y = 2,
                                  .place = {500000.0, 100.0, 0.0, 5000000.0, 0.0, -100.0},
                                  .value_bytes = 4};
    memcpy(head.magic, tl_pixels_magic, sizeof head.magic);
    snprintf(head.wkt, sizeof head.wkt, "EPSG:32636");
    return head;
}

static void put(const struct tl_pixels_head *head, size_t n_bytes)
{
    const float values[8] = {1, 2, NAN, 4, 5, 6, 7, 8};
    FILE *file = fopen(path, "w");
    if (file == NULL) /* what is read then is not what is expected */
        return;
    fwrite(head, sizeof *head, 1, file);
    fwrite(values, n_bytes, 1, file);
    fclose(file);
}

TEST(plain_values_come_to_the_grid_as_a_file_would)
{
    struct tl_pixels_head head = good();
    const struct tl_raster_how how = {.nearest = true};
    double values[8];
    put(&head, 32);
    CHECK_OK(tl_pixels_bring(ctx, path, "slope.tif", &how, "EPSG:32636", &grid, values));
    CHECK(values[0] == 1.0 && isnan(values[2]) && values[7] == 8.0);
    const struct tl_raster_how share = {.is_share = true, .of = 5.0};
    CHECK_OK(tl_pixels_bring(ctx, path, "slope.tif", &share, "EPSG:32636", &grid, values));
    CHECK(values[0] == 0.0 && values[4] == 1.0 && isnan(values[2]));
    head.wkt[0] = '\0';
    put(&head, 32);
    CHECK_FAILS(tl_pixels_bring(ctx, path, "slope.tif", &how, "EPSG:32636", &grid, values),
                TL_EDATA, "slope.tif: the raster does not say its reference system");
    head.place[0] += 1e6;
    snprintf(head.wkt, sizeof head.wkt, "EPSG:32636");
    put(&head, 32);
    CHECK_FAILS(tl_pixels_bring(ctx, path, "slope.tif", &how, "EPSG:32636", &grid, values),
                TL_EDATA, "slope.tif: the raster and the grid do not overlap");
}

static bool is_refused(struct tl_ctx *ctx, const struct tl_pixels_head *head, size_t n_bytes)
{
    const struct tl_raster_how how = {.nearest = true};
    double values[8] = {-1.0};
    put(head, n_bytes);
    tl_err err = tl_pixels_bring(ctx, path, "slope.tif", &how, "EPSG:32636", &grid, values);
    return err == TL_EDATA && values[0] == -1.0 &&
           strstr(tl_ctx_message(ctx), "not as they should be") != NULL;
}

TEST(a_head_that_lies_is_refused)
{
    struct tl_pixels_head head = good();
    CHECK(is_refused(ctx, &head, 31)); /* cut off */
    CHECK(is_refused(ctx, &head, 0));
    head.value_bytes = 8;
    CHECK(is_refused(ctx, &head, 32));
    head.value_bytes = 1;
    CHECK(is_refused(ctx, &head, 8));
    head = good();
    head.n_x = -4;
    CHECK(is_refused(ctx, &head, 32));
    head.n_x = (int64_t)1 << 62;
    CHECK(is_refused(ctx, &head, 32));
    head = good();
    head.place[1] = NAN;
    CHECK(is_refused(ctx, &head, 32));
    head = good();
    memset(head.wkt, 'x', sizeof head.wkt);
    CHECK(is_refused(ctx, &head, 32));
    snprintf(head.wkt, sizeof head.wkt, "\xff\xfe");
    CHECK(is_refused(ctx, &head, 32));
    head = good();
    head.magic[7] = '2';
    CHECK(is_refused(ctx, &head, 32));
    unlink(path);
    const struct tl_raster_how how = {0};
    double values[8];
    CHECK_FAILS(tl_pixels_bring(ctx, path, "slope.tif", &how, "EPSG:32636", &grid, values), TL_EIO,
                "slope.tif");
}
