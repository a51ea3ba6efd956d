#include "unit.h"

#include <time.h>

#include "core/json.h"
#include "tile/fixture.h"
#include "tile/scale.h"
#include "tilth/raster.h"

enum { N_X = 600, N_Y = 500 };
static const struct tl_grid grid = {560000, 5440000, 20, N_X, N_Y}; /* 12 by 10 km in UTM 36 */
static const double area[4] = {33.83, 49.0, 33.99, 49.1};
static const struct tl_tile_style plain = {TL_TILE_VIRIDIS, TL_TILE_LINEAR, 0.0, 1.0};
static const char path[] = "raster_test.gpkg";

static tl_err open_with(struct tl_ctx *ctx, const float *values, struct tl_project **project,
                        struct tl_tiles **tiles)
{
    tl_err err = TL_OK;
    TL_TRY(fixture_project(ctx, path, "EPSG:32636", grid, area, project));
    TL_TRY(fixture_map(ctx, *project, "p_any", values));
    TL_TRY(tl_tiles_create(ctx, NULL, tiles));
done:
    return err;
}

static tl_err decode(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                     struct tl_tile_id id, const struct tl_tile_style *style, uint8_t **pixels)
{
    struct tl_tile tile = {0};
    struct tl_tile_raster raster = {.band = "p_any"};
    tl_err err = tl_tiles_raster(ctx, tiles, project, &raster, style, id, &tile);
    if (err != TL_OK)
        return err;
    *pixels = fixture_png(&tile);
    tl_tile_release(&tile);
    return *pixels == NULL ? tl_fail(ctx, TL_EBUG, "not a PNG") : TL_OK;
}

TEST(a_hot_cell_is_drawn_at_every_zoom)
{
    static float values[N_X * N_Y];
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_crs_map *map = NULL;
    static const int hot[5][2] = {{0, 0}, {599, 499}, {301, 207}, {13, 444}, {512, 255}};
    uint8_t top[3];
    tl_scale_rgb(TL_TILE_VIRIDIS, 1.0, top);
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:32636", "EPSG:4326", &map));
    for (int h = 0; h < 5; h++) {
        memset(values, 0, sizeof values);
        values[hot[h][1] * N_X + hot[h][0]] = 1.0f;
        double x = grid.x0_m + (hot[h][0] + 0.5) * grid.step_m,
               y = grid.y0_m - (hot[h][1] + 0.5) * grid.step_m;
        tl_crs_map_points(map, 1, &x, &y, NULL);
        CHECK_OK(open_with(ctx, values, &project, &tiles));
        for (int z = 0; z <= 20; z++) {
            int64_t n_hot = 0;
            struct tl_tile_id at = fixture_at(z, x, y);
            for (int k = 0; k < 9; k++) { /* the cell may lie on an edge */
                struct tl_tile_id id = {z, at.x + k % 3 - 1, at.y + k / 3 - 1};
                uint8_t *pixels = NULL;
                if (tl_tile_check(ctx, id.z, id.x, id.y, &id) != TL_OK)
                    continue;
                CHECK_OK(decode(ctx, tiles, project, id, &plain, &pixels));
                for (int i = 0; i < TL_TILE_PIXELS * TL_TILE_PIXELS; i++)
                    n_hot += pixels[4 * i + 3] == 255 && memcmp(pixels + 4 * i, top, 3) == 0;
                free(pixels);
            }
            if (n_hot == 0)
                printf("  cell %d, %d is not there at zoom %d\n", hot[h][0], hot[h][1], z);
            CHECK(n_hot > 0);
        }
        tl_tiles_free(tiles);
        tl_project_close(project);
    }
    tl_crs_map_free(map);
}

/* Class that a value has. */
static void colour_of(const struct tl_tile_style *style, double value, uint8_t rgb[3])
{
    int k = (int)floor((value - style->min) / (style->max - style->min) * TL_SCALE_CLASSES);
    k = k < 0 ? 0 : k >= TL_SCALE_CLASSES ? TL_SCALE_CLASSES - 1 : k;
    tl_scale_rgb(style->scale, (double)k / (TL_SCALE_CLASSES - 1), rgb);
}

TEST(pixels_show_the_cell_under_them_and_no_data_is_transparent_also_across_seams)
{
    static float values[N_X * N_Y];
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_crs_map *map = NULL;
    int64_t n_shown = 0, n_clear = 0;
    for (int i = 0; i < N_X * N_Y; i++)
        values[i] = i % 7 == 2 ? NAN : (float)((i % 50) / 50.0 + 0.003);
    CHECK_OK(open_with(ctx, values, &project, &tiles));
    CHECK_OK(tl_crs_map_create(ctx, "EPSG:4326", "EPSG:32636", &map));
    for (int z = 14; z <= 18; z += 2)
        for (int k = 0; k < 4; k++) {
            struct tl_tile_id at = fixture_at(z, 33.9, 49.06), id = {z, at.x + k % 2, at.y + k / 2};
            uint8_t *pixels = NULL;
            CHECK_OK(decode(ctx, tiles, project, id, &plain, &pixels));
            for (int i = 0; i < TL_TILE_PIXELS * TL_TILE_PIXELS; i++) {
                double n = (double)((int64_t)1 << z) * TL_TILE_PIXELS;
                double x = tl_tile_lon(((double)id.x * 256 + i % 256 + 0.5) / n),
                       y = tl_tile_lat(((double)id.y * 256 + i / 256 + 0.5) / n);
                uint8_t want[3];
                tl_crs_map_points(map, 1, &x, &y, NULL);
                double col = (x - grid.x0_m) / grid.step_m, row = (grid.y0_m - y) / grid.step_m;
                double px =
                    40075016.7 * cos(49 * 0.01745) / n / grid.step_m / 8; /* an eighth of a pixel */
                bool near_edge = fabs(col - round(col)) < px || fabs(row - round(row)) < px;
                if (near_edge || col < 1 || row < 1 || col > N_X - 1 || row > N_Y - 1)
                    continue;
                float value = values[(int64_t)row * N_X + (int64_t)col];
                if (isnan(value)) {
                    CHECK(pixels[4 * i + 3] == 0);
                    n_clear++;
                    continue;
                }
                colour_of(&plain, (double)value, want);
                CHECK(pixels[4 * i + 3] == 255 && memcmp(pixels + 4 * i, want, 3) == 0);
                n_shown++;
            }
            free(pixels);
        }
    CHECK(n_shown > 100000 && n_clear > 10000);
    tl_crs_map_free(map);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(a_new_map_makes_new_tiles_and_the_same_map_the_same_etag)
{
    static float values[N_X * N_Y];
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile tile[4] = {{0}};
    struct tl_tile_raster raster = {.band = "p_any"};
    struct tl_tile_id id = fixture_at(13, 33.9, 49.06), far = {13, 0, 0};
    struct tl_tiles_counts counts;
    CHECK_OK(open_with(ctx, values, &project, &tiles));
    CHECK_OK(tl_tiles_raster(ctx, tiles, project, &raster, &plain, id, &tile[0]));
    CHECK_OK(tl_tiles_raster(ctx, tiles, project, &raster, &plain, id, &tile[1]));
    tl_tiles_counts(tiles, &counts);
    CHECK(counts.n_hits == 1 && counts.n_made == 1 && tile[0].bytes == tile[1].bytes);
    for (int i = 0; i < N_X * N_Y; i++)
        values[i] = 0.7f;
    CHECK_OK(fixture_map(ctx, project, "p_any", values));
    CHECK_OK(tl_tiles_raster(ctx, tiles, project, &raster, &plain, id, &tile[2]));
    CHECK(strcmp(tile[2].etag, tile[0].etag) != 0 && !tile[2].is_empty);
    CHECK_OK(tl_tiles_raster(ctx, tiles, project, &raster, &plain, far, &tile[3]));
    CHECK(tile[3].is_empty && tile[3].n_bytes > 0 && tile[3].n_bytes < 1200);
    for (int k = 0; k < 4; k++)
        tl_tile_release(&tile[k]);
    raster.band = "none";
    CHECK_FAILS(tl_tiles_raster(ctx, tiles, project, &raster, &plain, id, &tile[0]), TL_ENOTFOUND,
                "no band \"none\"");
    raster.band = NULL;
    CHECK_FAILS(tl_tiles_raster(ctx, tiles, project, &raster, &plain, id, &tile[0]), TL_EUSAGE,
                "needs the name");
    raster.band = "p_any";
    id.y = -5;
    CHECK_FAILS(tl_tiles_raster(ctx, tiles, project, &raster, &plain, id, &tile[0]), TL_ENOTFOUND,
                "no tile");
    CHECK(tile[0].bytes == NULL);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(a_file_and_the_map_draw_alike)
{
    static float values[N_X * N_Y];
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile_raster map = {.band = "p_any"}, file = {.band = "p_any", .path = "same.tif"};
    struct tl_raster_band band = {.name = "p_any", .floats = values};
    for (int i = 0; i < N_X * N_Y; i++)
        values[i] = i % 5 == 1 ? NAN : (float)(i % 1000) / 1000.0f;
    CHECK_OK(open_with(ctx, values, &project, &tiles));
    CHECK_OK(tl_raster_write(ctx, file.path, &grid, "EPSG:32636", 1, &band));
    for (int c = 0; c < TL_TILE_CLASSES_COUNT; c++)
        for (int z = 3; z < 19; z += 3) {
            struct tl_tile a = {0}, b = {0};
            struct tl_tile_style style = {TL_TILE_MAGMA, (enum tl_tile_classes)c, NAN, NAN};
            CHECK_OK(
                tl_tiles_raster(ctx, tiles, project, &map, &style, fixture_at(z, 33.9, 49.06), &a));
            CHECK_OK(tl_tiles_raster(ctx, tiles, project, &file, &style, fixture_at(z, 33.9, 49.06),
                                     &b));
            CHECK_STR(a.etag, b.etag);
            tl_tile_release(&a);
            tl_tile_release(&b);
        }
    tl_tiles_free(tiles);
    tl_project_close(project);
}

enum { L_X = 700, L_Y = 600, N_LOOKS = 5 };

static tl_err etags_of(struct tl_ctx *ctx, struct tl_tiles *tiles, struct tl_project *project,
                       char etags[N_LOOKS][TL_TILE_ETAG_BYTES])
{
    static const int zooms[N_LOOKS] = {8, 10, 12, 14, 17};
    struct tl_tile_raster raster = {.band = "p_any"};
    tl_err err = TL_OK;
    for (int i = 0; i < N_LOOKS && err == TL_OK; i++) {
        struct tl_tile tile = {0};
        err = tl_tiles_raster(ctx, tiles, project, &raster, &plain,
                              fixture_at(zooms[i], 33.9, 49.02), &tile);
        memcpy(etags[i], tile.etag, sizeof etags[i]);
        tl_tile_release(&tile);
    }
    return err;
}

static bool damage_sheet(int trial)
{
    char command[200];
    snprintf(command, sizeof command,
             "cd raster_disk.gpkg.tiles && for f in m*.sheet; do printf 'wrong' | dd of=$f bs=1 "
             "seek=%d conv=notrunc 2>/dev/null || exit 1; done",
             trial == 0 ? 20 : 8192 + 65536 * (trial - 1) + 4 * (64 * 128 + 3));
    return system(command) == 0;
}

TEST(a_large_map_is_drawn_alike_from_disk_also_when_that_is_damaged)
{
    static float values[L_X * L_Y];
    static const struct tl_grid large = {500000, 5440000, 100, L_X, L_Y};
    static const char disk_path[] = "raster_disk.gpkg";
    const struct tl_tiles_options disk = {
        .project = disk_path, .tile_bytes = 1, .shelf_bytes = 1, .raster_bytes = 1};
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    char want[N_LOOKS][TL_TILE_ETAG_BYTES] = {{0}}, got[N_LOOKS][TL_TILE_ETAG_BYTES] = {{0}};
    CHECK(system("rm -rf raster_disk.gpkg.tiles") == 0);
    for (int i = 0; i < L_X * L_Y; i++)
        values[i] = i % 7 == 1 ? NAN : (float)((uint32_t)i * 2654435761u >> 8) / 16777216.0f;
    CHECK_OK(fixture_project(ctx, disk_path, "EPSG:32636", large, area, &project));
    CHECK_OK(fixture_map(ctx, project, "p_any", values));
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(etags_of(ctx, tiles, project, want));
    tl_tiles_free(tiles);
    for (int trial = 0; trial < 12; trial++) {
        CHECK_OK(tl_tiles_create(ctx, &disk, &tiles));
        CHECK_OK(etags_of(ctx, tiles, project, got));
        CHECK(memcmp(got, want, sizeof want) == 0);
        CHECK(damage_sheet(trial)); /* under a source that is open, too */
        CHECK_OK(etags_of(ctx, tiles, project, got));
        CHECK(memcmp(got, want, sizeof want) == 0);
        tl_tiles_free(tiles);
    }
    CHECK_OK(tl_tiles_create(ctx, &disk, &tiles)); /* a new map: the old copy is removed */
    CHECK_OK(etags_of(ctx, tiles, project, got));
    for (int i = 0; i < L_X * L_Y; i++)
        values[i] = 0.3f;
    CHECK_OK(fixture_map(ctx, project, "p_any", values));
    CHECK_OK(etags_of(ctx, tiles, project, got));
    CHECK(memcmp(got[0], want[0], sizeof want[0]) != 0);
    CHECK(system("test $(ls raster_disk.gpkg.tiles | grep -c sheet) = 1") == 0);
    CHECK_EVERY_ALLOC(ctx, (tl_tiles_clear(tiles), etags_of(ctx, tiles, project, got)));
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(legend_and_bands_say_values_and_units)
{
    static float values[N_X * N_Y];
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile_raster raster = {.band = "density_mean"};
    struct tl_tile_style style = {TL_TILE_CIVIDIS, TL_TILE_LOG, NAN, NAN};
    char *text = NULL;
    for (int i = 0; i < N_X * N_Y; i++)
        values[i] = (float)pow(10.0, -8.0 + 4.0 * (i % 1001) / 1000.0);
    CHECK_OK(fixture_project(ctx, path, "EPSG:32636", grid, area, &project));
    CHECK_OK(tl_tiles_create(ctx, NULL, &tiles));
    CHECK_OK(tl_tiles_bands(ctx, tiles, project, &text)); /* no map yet */
    json_t *bands = json_loads(text, 0, NULL);
    CHECK(json_is_array(bands) && json_array_size(bands) == 0);
    json_decref(bands);
    tl_free(text);
    CHECK_OK(fixture_map(ctx, project, "density_mean", values));
    CHECK_OK(tl_tiles_bands(ctx, tiles, project, &text));
    bands = json_loads(text, 0, NULL);
    const json_t *band = json_array_get(bands, 0);
    CHECK_STR(json_string_value(json_object_get(band, "unit")), "items/ha");
    CHECK_NEAR(json_number_value(json_object_get(band, "max")), 1.0, 1e-5);
    CHECK_NEAR(json_number_value(json_array_get(json_object_get(band, "quantiles"), 2)), 0.01,
               0.0005);
    CHECK(json_is_true(json_object_get(band, "log")) &&
          json_array_size(json_object_get(band, "scales")) == 4);
    json_decref(bands);
    tl_free(text);
    CHECK_OK(tl_tiles_legend(ctx, tiles, project, &raster, &style, &text));
    json_t *legend = json_loads(text, 0, NULL);
    const json_t *stops = json_object_get(legend, "stops");
    CHECK(json_array_size(stops) == 11);
    CHECK_NEAR(json_number_value(json_object_get(json_array_get(stops, 5), "value")), 0.01, 1e-5);
    CHECK_STR(json_string_value(json_object_get(json_array_get(stops, 10), "colour")), "#ffea46");
    json_decref(legend);
    tl_free(text);
    tl_tiles_free(tiles);
    tl_project_close(project);
}

TEST(each_allocation_may_fail)
{
    static float values[N_X * N_Y];
    struct tl_project *project = NULL;
    struct tl_tiles *tiles = NULL;
    struct tl_tile tile = {0};
    struct tl_tile_raster raster = {.band = "p_any"};
    CHECK_OK(open_with(ctx, values, &project, &tiles));
    CHECK_EVERY_ALLOC(ctx, (tl_tile_release(&tile), tl_tiles_clear(tiles),
                            tl_tiles_raster(ctx, tiles, project, &raster, &plain,
                                            fixture_at(13, 33.9, 49.06), &tile)));
    tl_tile_release(&tile);
    tl_tiles_free(tiles);
    tl_project_close(project);
}
