#include "unit.h"

#include <unistd.h>

#include "core/json.h"
#include "core/rng.h"
#include "tilth/hazard.h"
#include "tilth/raster.h"

enum { NX = 20, NY = 16, N = NX * NY };

static double counts[N], effort[N], slope[N];

static tl_err save(struct tl_ctx *ctx, const char *path, const double *values, double step)
{
    struct tl_grid grid = {.x0_m = 500000, .y0_m = 200000, .step_m = step, .n_x = NX, .n_y = NY};
    struct tl_raster_band band = {.name = "v", .values = values};
    return tl_raster_write(ctx, path, &grid, "EPSG:32633", 1, &band);
}

static tl_err make(struct tl_ctx *ctx)
{
    struct tl_rng rng = tl_rng_make(3, 1);
    for (int i = 0; i < N; i++) {
        slope[i] = (double)(i % NX) / NX;
        effort[i] = i % 3 == 0 ? 0.0 : 8000.0;
        if (i % NX == NX - 1)
            effort[i] = NAN;
        double mean = isnan(effort[i]) ? 0.0 : effort[i] * exp(-9.0 + 2.0 * slope[i]);
        counts[i] = (double)tl_rng_poisson(rng, (uint64_t)i, mean);
    }
    tl_err err = save(ctx, "rj_y.tif", counts, 100.0);
    if (err == TL_OK)
        err = save(ctx, "rj_e.tif", effort, 100.0);
    return err == TL_OK ? save(ctx, "rj_z.tif", slope, 100.0) : err;
}

static void clean(void)
{
    static const char *const files[] = {"rj_y.tif",          "rj_e.tif",
                                        "rj_z.tif",          "rj_o/posterior.tif",
                                        "rj_o/summary.json", "rj_o/samples.tif"};
    for (int k = 0; k < 6; k++)
        unlink(files[k]);
    rmdir("rj_o");
}

static struct tl_hazard_named_file y = {.path = "rj_y.tif"}, e = {.path = "rj_e.tif"},
                                   z = {.name = "slope", .path = "rj_z.tif"};

static struct tl_hazard_field_options job(void)
{
    return (struct tl_hazard_field_options){.n_counts = 1,
                                            .n_effort = 1,
                                            .n_covariates = 1,
                                            .counts = &y,
                                            .effort = &e,
                                            .covariates = &z,
                                            .field = tl_field_options_default()};
}

TEST(rasters_go_in_and_a_posterior_comes_out)
{
    struct tl_hazard_field_options options = job();
    struct tl_raster mean = {0}, q95 = {0};
    char *text = NULL;
    options.field.n_samples = 3;
    CHECK_OK(make(ctx));
    CHECK_OK(tl_hazard_field(ctx, &options, "rj_o", &text));
    json_t *json = json_loads(text, 0, NULL);
    CHECK_STR(json_string_value(json_object_get(json, "schema")), "tilth.field/1");
    CHECK(json_object_get(json_object_get(json, "coefficients"), "slope") != NULL);
    CHECK(json_number_value(json_object_get(json, "peak_memory_bytes")) > 1e6);
    CHECK_OK(tl_raster_read(ctx, "rj_o/posterior.tif", 3, &mean));
    CHECK_OK(tl_raster_read(ctx, "rj_o/posterior.tif", 6, &q95));
    for (int i = 0; i < N; i++) {
        CHECK(isnan(mean.values[i]) == isnan(effort[i]));
        CHECK(isnan(mean.values[i]) || (mean.values[i] > 0.0 && q95.values[i] > 0.0));
    }
    CHECK(access("rj_o/samples.tif", F_OK) == 0);
    json_decref(json);
    tl_free(text);
    text = NULL;
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rj_o", &text), TL_EEXISTS, "rj_o/posterior.tif");
    CHECK(text == NULL);
    tl_raster_fini(&mean);
    tl_raster_fini(&q95);
    clean();
}

TEST(a_raster_on_another_grid_says_which_way_it_differs)
{
    struct tl_hazard_field_options options = job();
    char *text = NULL;
    CHECK_OK(make(ctx));
    CHECK_OK(save(ctx, "rj_e.tif", effort, 50.0));
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rj_o", &text), TL_EDATA, "rj_e.tif");
    CHECK(strstr(tl_ctx_message(ctx), "50") != NULL && strstr(tl_ctx_message(ctx), "100") != NULL);
    CHECK(access("rj_o", F_OK) != 0);
    clean();
}

TEST(values_that_cannot_be_are_named_with_their_cell)
{
    struct tl_hazard_field_options options = job();
    char *text = NULL;
    CHECK_OK(make(ctx));
    effort[45] = -2.0;
    CHECK_OK(save(ctx, "rj_e.tif", effort, 100.0));
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rj_o", &text), TL_EDATA,
                "rj_e.tif: row 2, column 5: -2");
    CHECK_OK(make(ctx));
    counts[45] = 1.0;
    effort[45] = 0.0;
    CHECK_OK(save(ctx, "rj_e.tif", effort, 100.0));
    CHECK_OK(save(ctx, "rj_y.tif", counts, 100.0));
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rj_o", &text), TL_EDATA, "effort is zero");
    counts[45] = NAN;
    effort[45] = 10.0;
    CHECK_OK(save(ctx, "rj_e.tif", effort, 100.0));
    CHECK_OK(save(ctx, "rj_y.tif", counts, 100.0));
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rj_o", &text), TL_EDATA,
                "no count where there is effort");
    CHECK(text == NULL);
    clean();
}

TEST(the_lattice_engine_says_its_monte_carlo_error_and_leaves_nothing_behind)
{
    struct tl_hazard_field_options options = job();
    char *text = NULL;
    options.field.engine = TL_ENGINE_LATTICE;
    options.field.n_samples = 3;
    CHECK_OK(make(ctx));
    CHECK_OK(tl_hazard_field(ctx, &options, "rj_o", &text));
    CHECK(strstr(text, "\"engine\": \"lattice\"") != NULL);
    CHECK(strstr(text, "monte_carlo_error") != NULL);
    CHECK(access("rj_o/posterior.tif", F_OK) == 0 && access("rj_o/.lattice", F_OK) != 0);
    tl_free(text);
    clean();
}

TEST(channels_must_pair_up)
{
    struct tl_hazard_field_options options = job();
    struct tl_hazard_named_file a = {.name = "a", .path = "rj_y.tif"},
                                b = {.name = "b", .path = "rj_e.tif"};
    char *text = NULL;
    options.counts = &a;
    options.effort = &b;
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rj_o", &text), TL_EUSAGE, "--counts a=");
    options.n_effort = 0;
    CHECK_FAILS(tl_hazard_field(ctx, &options, "rj_o", &text), TL_EUSAGE, "both needed");
    clean();
}
