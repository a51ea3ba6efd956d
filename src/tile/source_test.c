#include "unit.h"

#include "tile/fixture.h"
#include "tile/source.h"
#include "tilth/raster.h"

static const struct tl_grid grid = {500000, 5500000, 20, 3700,
                                    3100}; /* more than 2^23 cells: one level by blocks */

static float value_at(int64_t i)
{
    return i % 101 == 3 ? NAN : (float)((uint32_t)i * 2654435761u >> 8);
}

static tl_err write_file(struct tl_ctx *ctx, const char *path)
{
    int64_t n = tl_grid_n_cells(&grid);
    float *values = tl_alloc(ctx, n, sizeof *values);
    if (values == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < n; i++)
        values[i] = value_at(i);
    struct tl_raster_band band = {.name = "density_mean", .floats = values};
    tl_err err = tl_raster_write(ctx, path, &grid, "EPSG:32636", 1, &band);
    tl_free(values);
    return err;
}

/* Largest of the cells that a value of a level stands for, by looking at all. */
static float largest(int level, int64_t x, int64_t y)
{
    float most = NAN;
    for (int64_t r = y << level; r < (y + 1) << level && r < grid.n_y; r++)
        for (int64_t c = x << level; c < (x + 1) << level && c < grid.n_x; c++) {
            float value = value_at(r * grid.n_x + c) * 1e4f;
            most = isnan(most) || value > most ? value : most;
        }
    return most;
}

/* From the blocks of the file or of the project's map; from a sheet that is made; from one that is there. */
static void check_levels(struct tl_ctx *ctx, const struct tl_tiles_options *options,
                         struct tl_project *project, int n_below)
{
    struct tl_tiles *tiles = NULL;
    struct tl_source *s = NULL;
    struct tl_tile_raster raster = {.path = project == NULL ? "source_test.tif" : NULL,
                                    .band = project == NULL ? NULL : "density_mean"};
    CHECK_OK(tl_tiles_create(ctx, options, &tiles));
    CHECK_OK(tl_source_get(ctx, tiles, project, &raster, &s));
    CHECK(s->n_below == n_below && strcmp(s->unit, "items/ha") == 0);
    CHECK((s->sheet != NULL) == (options != NULL));
    CHECK((s->file == NULL) == (options != NULL || project != NULL));
    CHECK(s->thing.bytes < 64 << 20); /* never the whole */
    for (int level = 0; level < s->n_levels; level++) {
        const struct tl_source_level *l = &s->levels[level];
        const int64_t at[4][2] = {{0, 0},
                                  {l->n_x / 2, l->n_y / 3},
                                  {l->n_x > 40 ? l->n_x - 40 : 0, 0},
                                  {0, l->n_y > 30 ? l->n_y - 30 : 0}};
        for (int k = 0; k < (level < 8 ? 4 : 1); k++) {
            struct tl_source_window w = {at[k][0],
                                         at[k][1],
                                         l->n_x - at[k][0] < 40 ? l->n_x - at[k][0] : 40,
                                         l->n_y - at[k][1] < 30 ? l->n_y - at[k][1] : 30,
                                         NULL,
                                         0,
                                         NULL};
            CHECK_OK(tl_source_window_read(ctx, tiles, project, s, level, &w));
            for (int64_t i = 0; i<w.n_x * w.n_y; i += level> 6 ? 397 : 1) {
                float got = w.values[i / w.n_x * w.stride + i % w.n_x],
                      want = largest(level, w.x + i % w.n_x, w.y + i / w.n_x);
                CHECK(isnan(want) ? isnan(got) : got == want);
            }
            tl_source_window_fini(&w);
        }
    }
    struct tl_source *again = NULL;
    CHECK_OK(tl_source_get(ctx, tiles, project, &raster, &again));
    CHECK(again == s);
    tl_cache_drop(&again->thing);
    tl_cache_drop(&s->thing);
    tl_tiles_free(tiles);
}

TEST(each_level_holds_the_largest_value_of_its_cells)
{
    const struct tl_tiles_options disk = {.project = "source_test.tif"},
                                  small = {.project = "source_test.tif", .sheet_bytes = 1 << 20};
    struct tl_tiles *tiles = NULL;
    struct tl_source *s = NULL;
    struct tl_tile_raster raster = {.path = "source_test.tif"};
    CHECK(system("rm -rf source_test.tif.tiles") == 0);
    CHECK_OK(write_file(ctx, raster.path));
    check_levels(ctx, NULL, NULL, 1);
    check_levels(ctx, &disk, NULL, 3);
    check_levels(ctx, &disk, NULL, 3);
    CHECK_OK(tl_tiles_create(ctx, &small, &tiles)); /* no room: as without a disk */
    tl_tiles_clear(tiles);
    CHECK_OK(tl_source_get(ctx, tiles, NULL, &raster, &s));
    CHECK(s->sheet == NULL && s->file != NULL && s->n_below == 1);
    tl_cache_drop(&s->thing);
    tl_tiles_free(tiles);
}

static tl_err map_as_file(struct tl_ctx *ctx, struct tl_project **project)
{
    static const double box[4] = {33, 49, 34, 49.6};
    int64_t n = tl_grid_n_cells(&grid);
    float *values = tl_alloc(ctx, n, sizeof *values);
    tl_err err = values == NULL ? TL_ENOMEM : TL_OK;
    for (int64_t i = 0; err == TL_OK && i < n; i++)
        values[i] = value_at(i);
    if (err == TL_OK)
        err = fixture_project(ctx, "source_test.gpkg", "EPSG:32636", grid, box, project);
    if (err == TL_OK)
        err = fixture_map(ctx, *project, "density_mean", values);
    tl_free(values);
    return err;
}

/* The project's map gives what a file with the same values gives: each level, range and quantiles; never held whole. */
TEST(a_map_of_the_project_is_read_by_blocks)
{
    const struct tl_tiles_options disk = {.project = "source_test.gpkg"};
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_source *of_map = NULL, *of_file = NULL;
    struct tl_tile_raster map = {.band = "density_mean"}, file = {.path = "source_test.tif"};
    CHECK(system("rm -rf source_test.gpkg.tiles") == 0);
    CHECK_OK(write_file(ctx, file.path));
    CHECK_OK(map_as_file(ctx, &project));
    check_levels(ctx, NULL, project, 1);
    check_levels(ctx, &disk, project, 3);
    check_levels(ctx, &disk, project, 3);
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(tl_source_get(ctx, tiles, project, &map, &of_map));
    CHECK_OK(tl_source_get(ctx, tiles, NULL, &file, &of_file));
    CHECK(of_map->range.min == of_file->range.min && of_map->range.max == of_file->range.max &&
          of_map->range.min_positive == of_file->range.min_positive);
    CHECK(memcmp(of_map->range.quantiles, of_file->range.quantiles,
                 sizeof of_map->range.quantiles) == 0);
    tl_cache_drop(&of_map->thing);
    tl_cache_drop(&of_file->thing);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(range_and_quantiles_are_those_of_the_values)
{
    struct tl_tiles *tiles = NULL;
    struct tl_source *s = NULL;
    struct tl_tile_raster raster = {.path = "source_test.tif", .band = "1"};
    CHECK_OK(write_file(ctx, raster.path));
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(tl_source_get(ctx, tiles, NULL, &raster, &s));
    float least = INFINITY, most = -INFINITY;
    for (int64_t i = 0; i < tl_grid_n_cells(&grid); i++) {
        least = fminf(least, value_at(i) * 1e4f);
        most = fmaxf(most, value_at(i) * 1e4f);
    }
    CHECK(s->range.min == (double)least && s->range.max == (double)most);
    CHECK_NEAR((double)s->range.quantiles[128] / (double)most, 0.5,
               0.02); /* evenly spread values */
    CHECK_NEAR((double)s->range.quantiles[64] / (double)most, 0.25, 0.02);
    CHECK(s->box_deg[0] < 33.0 && s->box_deg[2] > 33.9 && s->box_deg[3] > 49.6 &&
          s->box_deg[1] < 49.1 && s->box_deg[2] < 36);
    tl_cache_drop(&s->thing);
    s = NULL;
    raster.band = "2";
    CHECK_FAILS(tl_source_get(ctx, tiles, NULL, &raster, &s), TL_ENOTFOUND, "\"2\"");
    raster.path = "none.tif";
    CHECK_FAILS(tl_source_get(ctx, tiles, NULL, &raster, &s), TL_ENOTFOUND, "none.tif");
    CHECK(s == NULL);
    tl_tiles_free(tiles);
}

TEST(bands_have_words_and_units)
{
    char title[TL_SOURCE_NAME], unit[32];
    double factor = 0.0;
    tl_source_describe("effort:search", title, unit, &factor);
    CHECK_STR(title, "Effort: search");
    CHECK_STR(unit, "m2");
    tl_source_describe("density_q95", title, unit, &factor);
    CHECK(factor == 1e4);
    tl_source_describe("something else", title, unit, &factor);
    CHECK_STR(title, "something else");
    CHECK(unit[0] == '\0' && factor == 1.0);
}
