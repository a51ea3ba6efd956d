#include "unit.h"

#include <sys/stat.h>

#include "core/json.h"
#include "simulate/files.h"
#include "simulate/fixture.h"
#include "tilth/raster.h"

static struct tl_world world;
static struct tl_history history;

static double sum_of(struct tl_ctx *ctx, const char *path, int band, double scale)
{
    struct tl_raster raster;
    double sum = 0.0;
    if (tl_raster_read(ctx, path, band, &raster) != TL_OK)
        return NAN;
    for (int64_t i = 0; i < raster.grid.n_x * raster.grid.n_y; i++)
        sum += isnan(raster.values[i])
                   ? 0.0
                   : raster.values[i] * (scale > 0.0 ? scale * world.inside[i] : 1.0);
    tl_raster_fini(&raster);
    return sum;
}

TEST(rasters_add_up_to_the_items)
{
    struct tl_table ledger;
    json_t *json = NULL;
    mkdir("truth_small", 0777);
    tl_dirt_ledger(&ledger);
    CHECK_OK(tl_world_make(ctx, &fixture_small, &world));
    CHECK_OK(tl_history_make(ctx, &world, &history));
    CHECK_OK(tl_truth_write(ctx, &history, "truth_small", &ledger));
    double remaining = (double)(history.n_items - history.n_found - history.n_exploded);
    double cell_m2 = world.grid.step_m * world.grid.step_m;
    CHECK_NEAR(sum_of(ctx, "truth_small/remaining.tif", 1, 0.0), remaining, 1e-6);
    CHECK_NEAR(sum_of(ctx, "truth_small/remaining.tif", 2, 0.0) +
                   sum_of(ctx, "truth_small/remaining.tif", 3, 0.0),
               remaining, 1e-6);
    double expected = sum_of(ctx, "truth_small/density.tif", 1, cell_m2);
    CHECK_NEAR(expected, world.law.expected[0] + world.law.expected[1], 1e-3 * expected);
    CHECK_NEAR((double)history.n_items, expected, 4.0 * sqrt(expected));
    CHECK_OK(tl_json_read(ctx, "truth_small/truth.json", &json));
    json_t *counts = json_object_get(json, "counts");
    CHECK(json_integer_value(json_object_get(counts, "found")) == history.n_found);
    CHECK(json_integer_value(json_object_get(counts, "mines")) == history.n_of[0]);
    CHECK_STR(json_string_value(json_object_get(json, "seed")), "4");
    json_decref(json);
    tl_table_fini(&ledger);
    tl_history_fini(&history);
    tl_world_fini(&world);
}
