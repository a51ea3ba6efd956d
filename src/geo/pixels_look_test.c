#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/json.h"
#include "geo/pixels.h"

/* GDAL does not free a driver that is taken off its list; the process that reads an upload ends right after. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgdal";
}

static const struct tl_grid grid = {500000.0, 5000000.0, 100.0, 5, 3};

static tl_err write_file(struct tl_ctx *ctx)
{
    double slope[15], cover[15];
    for (int i = 0; i < 15; i++) {
        slope[i] = i == 7 ? NAN : i + 0.5;
        cover[i] = i < 5 ? 10.0 : i < 9 ? 20.0 : 30.0;
    }
    const struct tl_raster_band bands[] = {{.name = "slope", .values = slope},
                                           {.name = "cover", .values = cover}};
    return tl_raster_write(ctx, "pixels_look_test.tif", &grid, "EPSG:32636", 2, bands);
}

static double real_of(const json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

/* Everything in one process, without walls: sift_test.c and tests/serve have them. The first begin leaves only its own driver. */
TEST(a_raster_is_told_band_by_band_and_a_window_is_handed_over)
{
    struct tl_pixels_file *file = NULL;
    struct tl_pixels_head head;
    float values[6] = {0};
    CHECK_FAILS(tl_pixels_begin(ctx, 0, "a.vrt", &file), TL_EDATA, ".tif .tiff");
    CHECK_FAILS(tl_pixels_begin(ctx, 0, "../a.tif", &file), TL_EDATA, "ending");
    CHECK_OK(write_file(ctx));
    int in = open("pixels_look_test.tif", O_RDONLY);
    CHECK_OK(tl_pixels_begin(ctx, in, "my slope.tif", &file));
    int out = open("pixels_look_test.json", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK_OK(tl_pixels_look(ctx, file, out));
    lseek(out, 0, SEEK_SET);
    json_t *told = json_loadfd(out, 0, NULL);
    CHECK(told != NULL);
    close(out);
    CHECK_STR(json_string_value(json_object_get(told, "driver")), "GTiff");
    CHECK_STR(json_string_value(json_object_get(told, "crs")), "WGS 84 / UTM zone 36N");
    CHECK(real_of(told, "n_x") == 5.0 && real_of(told, "n_y") == 3.0);
    const json_t *bands = json_object_get(told, "bands"), *slope = json_array_get(bands, 0),
                 *cover = json_array_get(bands, 1);
    CHECK(json_array_size(bands) == 2);
    CHECK_STR(json_string_value(json_object_get(slope, "name")), "slope");
    CHECK(real_of(slope, "looked") == 15.0 && real_of(slope, "known") == 14.0);
    CHECK_NEAR(real_of(slope, "min"), 0.5, 1e-6);
    CHECK_NEAR(real_of(slope, "max"), 14.5, 1e-6);
    CHECK_NEAR(real_of(slope, "mean"), (15.0 * 7.5 - 7.5) / 14.0, 1e-6);
    CHECK(json_is_null(json_object_get(slope, "classes")));
    const json_t *classes = json_object_get(cover, "classes"), *second = json_array_get(classes, 1);
    CHECK(json_array_size(classes) == 3);
    CHECK(real_of(second, "value") == 20.0 && real_of(second, "n") == 4.0);
    json_decref(told);
    /* The second and third column of the last two rows. */
    const struct tl_pixels_wanted wanted = {.band = 1, .x = 1, .y = 1, .n_x = 3, .n_y = 2};
    out = open("pixels_look_test.plain", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK_OK(tl_pixels_write(ctx, file, &wanted, out));
    CHECK(pread(out, &head, sizeof head, 0) == (ssize_t)sizeof head);
    CHECK(head.n_x == 3 && head.n_y == 2 && head.value_bytes == 4);
    CHECK_NEAR(head.place[0], 500100.0, 1e-9);
    CHECK_NEAR(head.place[3], 4999900.0, 1e-9);
    CHECK(pread(out, values, sizeof values, TL_PIXELS_HEAD_BYTES) == (ssize_t)sizeof values);
    CHECK(values[0] == 6.5f && isnan(values[1]) && values[5] == 13.5f);
    CHECK(lseek(out, 0, SEEK_END) == TL_PIXELS_HEAD_BYTES + 24);
    CHECK_FAILS(tl_pixels_write(ctx, file, &(struct tl_pixels_wanted){1, 3, 0, 3, 1}, out),
                TL_EDATA, "my slope.tif: 3 by 1 cells from 3, 0 on are not within 5 by 3");
    CHECK_FAILS(tl_pixels_write(ctx, file, &(struct tl_pixels_wanted){3, 0, 0, 1, 1}, out),
                TL_EDATA, "there is no band 3");
    close(out);
    close(in);
    tl_pixels_end(file);
}
