#include "unit.h"

#include "serve/raster.h"

/* 1,000 by 800 cells of 100 m in zone 36, from 500 km east and 5,000 km north. */
static struct tl_raster_file file(void)
{
    return (struct tl_raster_file){.name = "dem.tif",
                                   .place = {500000, 100, 0, 5000000, 0, -100},
                                   .n_x = 1000,
                                   .n_y = 800,
                                   .crs = "EPSG:32636"};
}

TEST(the_window_is_the_part_over_the_grid_and_a_margin)
{
    struct tl_raster_file f = file();
    const struct tl_grid grid = {520000, 4990000, 500, 20, 10};
    struct tl_pixels_wanted w = {.band = 2};
    CHECK_OK(tl_raster_window(ctx, &f, "EPSG:32636", &grid, &w));
    /* 200 to 300 from the west, 100 to 150 from the north, 8 more at each side. */
    CHECK(w.band == 2 && w.x == 192 && w.n_x == 116 && w.y == 92 && w.n_y == 66);
    const struct tl_grid corner = {499000, 5001000, 500, 4, 4};
    CHECK_OK(tl_raster_window(ctx, &f, "EPSG:32636", &corner, &w));
    CHECK(w.x == 0 && w.y == 0 && w.n_x == 18 && w.n_y == 18);
    /* Another system: the box of the grid in degrees lies within. */
    f.crs = "EPSG:4326";
    f.place[0] = 33.9;
    f.place[1] = 0.001;
    f.place[3] = 50;
    f.place[5] = -0.001;
    const struct tl_grid east = {572000, 5500000, 1000, 2, 2};
    CHECK_OK(tl_raster_window(ctx, &f, "EPSG:32636", &east, &w));
    CHECK(w.x + 8 > 0 && w.n_x < 60 && w.n_y < 60);
}

/* Turned by a quarter: what goes east in the file goes north on the ground. */
TEST(a_raster_that_is_turned_has_a_window_too)
{
    struct tl_raster_file f = file();
    const double turned[6] = {500000, 0, 100, 5000000, 100, 0};
    const struct tl_grid grid = {520000, 5030000, 500, 20, 10};
    struct tl_pixels_wanted w = {0};
    memcpy(f.place, turned, sizeof turned);
    CHECK_OK(tl_raster_window(ctx, &f, "EPSG:32636", &grid, &w));
    CHECK(w.x == 242 && w.n_x == 66 && w.y == 192 && w.n_y == 116);
}

TEST(a_raster_elsewhere_or_too_large_is_refused_in_words)
{
    struct tl_raster_file f = file();
    const struct tl_grid away = {900000, 4990000, 500, 20, 10},
                         wide = {500000, 5000000, 1000, 100, 80};
    struct tl_pixels_wanted w = {.x = -7};
    CHECK_FAILS(tl_raster_window(ctx, &f, "EPSG:32636", &away, &w), TL_EDATA,
                "dem.tif: the raster and the grid do not overlap");
    f.crs = "";
    CHECK_FAILS(tl_raster_window(ctx, &f, "EPSG:32636", &away, &w), TL_EDATA,
                "dem.tif: the raster does not say its reference system");
    f = file();
    f.n_x = 100000;
    f.n_y = 80000;
    f.place[1] = 1;
    f.place[5] = -1;
    CHECK_FAILS(tl_raster_window(ctx, &f, "EPSG:32636", &wide, &w), TL_EDATA,
                "million cells over the project, expected at most 120");
    CHECK(w.x == -7);
}

TEST(the_outline_is_in_degrees_and_the_cell_in_its_unit)
{
    struct tl_raster_file f = file();
    json_t *outline = tl_raster_outline(ctx, &f), *cell = tl_raster_cell(ctx, &f);
    const json_t *ring = json_array_get(json_object_get(outline, "coordinates"), 0),
                 *first = json_array_get(ring, 0);
    CHECK(json_array_size(ring) == 33);
    /* 500 km east is the zone's middle, 33 degrees east; 5,000 km north are 45.15 degrees. */
    CHECK_NEAR(json_number_value(json_array_get(first, 0)), 33.0, 1e-6);
    CHECK_NEAR(json_number_value(json_array_get(first, 1)), 45.15, 0.01);
    CHECK_STR(json_string_value(json_object_get(cell, "unit")), "m");
    CHECK_NEAR(json_number_value(json_object_get(cell, "x")), 100.0, 1e-9);
    json_decref(outline);
    json_decref(cell);
    f.crs = "EPSG:4326";
    outline = tl_raster_outline(ctx, &f); /* half a million degrees */
    CHECK(json_is_null(outline));
    cell = tl_raster_cell(ctx, &f);
    CHECK_STR(json_string_value(json_object_get(cell, "unit")), "degree");
    json_decref(cell);
    f.crs = "";
    cell = tl_raster_cell(ctx, &f);
    CHECK_STR(json_string_value(json_object_get(cell, "unit")), "");
    json_decref(cell);
}

TEST(the_preview_is_averages_of_blocks)
{
    const struct tl_grid grid = {0, 0, 1, 5, 2};
    const double values[10] = {0, 2, 10, 10, NAN, 2, 0, 10, 10, NAN};
    json_t *preview = tl_raster_preview(&grid, values, 3);
    static const int expected[3] = {26, 255, -1}; /* 1 of 0 to 10; 255 * .1 = 25.5 */
    const json_t *cells = json_object_get(preview, "cells");
    CHECK(json_array_size(cells) == 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(json_integer_value(json_array_get(cells, i)) == expected[i]);
    CHECK_NEAR(json_number_value(json_object_get(preview, "mean")), 5.5, 1e-9);
    json_decref(preview);
    const double none[10] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    preview = tl_raster_preview(&grid, none, 96);
    CHECK(json_is_null(json_object_get(preview, "min")));
    json_decref(preview);
}
