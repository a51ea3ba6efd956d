/* Speed of the survey room on made-up ground: survey_bench [SIDE]. Prints seconds for each piece; SIDE 1000 makes a million cells. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <unistd.h>

#include "core/core.h"
#include "core/rng.h"
#include "geo/geom.h"
#include "survey/bayes.h"
#include "survey/regions.h"

/* Hills of a few hundred metres and noise, in cells of 10 m at 5 m2 an hour. */
static tl_err make_ground(struct tl_ctx *ctx, int64_t side, struct tl_survey_worth *w)
{
    tl_err err = TL_OK;
    struct tl_rng rng = tl_rng_make(1, 1);
    *w = (struct tl_survey_worth){.grid = {0, 10.0 * (double)side, 10, side, side},
                                  .n_cells = side * side,
                                  .per_pass = 0.75,
                                  .detectable = 0.9};
    TL_TRY_ALLOC(ctx, w->items, w->n_cells);
    TL_TRY_ALLOC(ctx, w->loss, w->n_cells);
    TL_TRY_ALLOC(ctx, w->findable, w->n_cells);
    TL_TRY_ALLOC(ctx, w->hours, w->n_cells);
    TL_TRY_ALLOC(ctx, w->area_m2, w->n_cells);
    for (int64_t i = 0; i < w->n_cells; i++) {
        double x = (double)(i % side), y = (double)(i / side);
        double eta = 2.0 * sin(x / 31.0) * cos(y / 23.0) + 1.5 * sin(x / 97.0 + y / 71.0) - 6.0;
        w->items[i] = exp(eta + 0.3 * tl_rng_normal(rng, (uint64_t)i));
        w->loss[i] = w->items[i];
        w->findable[i] = 0.9;
        w->hours[i] = 20.0;
        w->area_m2[i] = 100.0;
    }
done:
    return err;
}

static tl_err next_places(struct tl_ctx *ctx, int64_t side)
{
    tl_err err = TL_OK;
    struct tl_survey_worth w = {0};
    double *p = NULL, *alpha = NULL, *z = NULL, koopman;
    TL_TRY(make_ground(ctx, side, &w));
    TL_TRY_ALLOC(ctx, p, w.n_cells);
    TL_TRY_ALLOC(ctx, alpha, w.n_cells);
    TL_TRY_ALLOC(ctx, z, w.n_cells);
    for (int64_t i = 0; i < w.n_cells; i++) {
        p[i] = w.loss[i] * w.findable[i];
        alpha[i] = -log1p(-w.per_pass) / w.hours[i];
    }
    for (double hours = 400.0; hours < 1e6; hours *= 10.0) {
        struct tl_survey_gather options = {.hours = hours, .min_area_m2 = 400.0, .n_max = 20};
        struct tl_survey_plan plan;
        double t0 = tl_clock_s();
        TL_TRY(tl_survey_allocate(ctx, w.n_cells, p, alpha, NULL, hours, z, &koopman));
        double t1 = tl_clock_s();
        TL_TRY(tl_survey_regions_gather(ctx, &w, &options, &plan));
        double t2 = tl_clock_s();
        printf("%lld cells, %.0f hours: Koopman %.2f s, whole passes and gathering %.2f s; "
               "%lld places, %.3f of whole passes, %.3f of Koopman\n",
               (long long)w.n_cells, hours, t1 - t0, t2 - t1, (long long)plan.n,
               plan.loss_reduction / plan.whole_passes, plan.loss_reduction / koopman);
        tl_survey_regions_fini(&plan);
    }
done:
    tl_free(p);
    tl_free(alpha);
    tl_free(z);
    tl_survey_worth_fini(&w);
    return err;
}

/* A project of side x side cells of 10 m near the equator whose latest map is made up. */
static tl_err make_project(struct tl_ctx *ctx, const char *path, int64_t side,
                           struct tl_project **project)
{
    static const char *const names[] = {"density_mean", "residual", "cell_area", "p_any"};
    tl_err err = TL_OK;
    struct tl_project_new new = {.crs = "EPSG:32633", .overwrite = true};
    struct tl_survey_worth w = {0};
    struct tl_map_band bands[4] = {0};
    float *values = NULL;
    void *wkb = NULL;
    int64_t run_id, n = side * side;
    TL_TRY(make_ground(ctx, side, &w));
    new.grid = (struct tl_grid){500000, 10.0 * (double)side, 10, side, side};
    new.area_deg[0] = 15.0;
    new.area_deg[2] = 15.0 + 9e-5 * (double)side;
    new.area_deg[3] = 9e-5 * (double)side;
    TL_TRY(tl_geom_from_wkt(ctx, "POLYGON((15 0,15.09 0,15.09 0.09,15 0.09,15 0))", &wkb,
                            &new.area_wkb_bytes));
    new.area_wkb = wkb;
    TL_TRY_ALLOC(ctx, values, 4 * n);
    for (int64_t i = 0; i < n; i++) {
        values[i] = (float)(w.items[i] / 100.0);
        values[n + i] = values[2 * n + i] = 100.0f;
        values[3 * n + i] = (float)-expm1(-w.items[i]);
    }
    for (int b = 0; b < 4; b++)
        bands[b] = (struct tl_map_band){.name = names[b], .values = values + b * n};
    TL_TRY(tl_project_create(ctx, path, &new));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, project));
    TL_TRY(tl_project_begin(ctx, *project));
    TL_TRY(tl_project_map_save(ctx, *project, "{}", 4, bands, &run_id));
    TL_TRY(tl_project_commit(ctx, *project));
done:
    tl_free(values);
    tl_free(wkb);
    tl_survey_worth_fini(&w);
    return err;
}

/* The whole command: map read, worth, allocation, places, file. */
static tl_err whole_command(struct tl_ctx *ctx, int64_t side)
{
    tl_err err = TL_OK;
    struct tl_project *project = NULL;
    struct tl_survey_next next = {.hours = 4000, .method = "manual"};
    char *json = NULL, *words = NULL;
    TL_TRY(make_project(ctx, "survey_bench.gpkg", side, &project));
    double t0 = tl_clock_s();
    TL_TRY(tl_survey_next(ctx, project, &next, "survey_bench.geojson", true, &json, &words));
    printf("tilth survey next, %lld cells in the project: %.2f s\n", (long long)(side * side),
           tl_clock_s() - t0);
done:
    tl_project_close(project);
    unlink("survey_bench.gpkg");
    unlink("survey_bench.geojson");
    tl_free(json);
    tl_free(words);
    return err;
}

static tl_err samples(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    struct tl_survey_lot lot = tl_survey_lot_default();
    struct tl_survey_numbers numbers = {0};
    double *p = NULL, confidence;
    int64_t size, n = 200000;
    lot.n_units = 1000000000;
    lot.free = 0.9;
    lot.confidence = 0.95;
    lot.found_if_there = 0.8;
    lot.accept = 1000;
    double t0 = tl_clock_s();
    TL_TRY(tl_survey_sample_size(ctx, &lot, &size, &confidence));
    printf("sample of 1e9 units with 1000 accepted: %lld in %.3f s\n", (long long)size,
           tl_clock_s() - t0);
    TL_TRY_ALLOC(ctx, p, n);
    for (int64_t i = 0; i < n; i++)
        p[i] = 0.5 * (double)(i % 100) / 100.0;
    t0 = tl_clock_s();
    TL_TRY(tl_survey_numbers_of_units(ctx, n, p, &numbers));
    printf("bad units among %lld independent ones: %.3f s\n", (long long)n, tl_clock_s() - t0);
done:
    tl_survey_numbers_fini(&numbers);
    tl_free(p);
    return err;
}

static tl_err designs(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    struct tl_survey_design d = tl_survey_design_default();
    struct tl_survey_answer a;
    const double length[] = {60.0, 1000.0};
    for (int k = 0; k < 2; k++) {
        d.target = (struct tl_survey_target){length[k], length[k] / 3.0, (double)NAN};
        d.density_per_m2 = k == 0 ? 0.02 : 0.001;
        d.background_per_m2 = 0.0005;
        d.probability = 0.9;
        double t0 = tl_clock_s();
        TL_TRY(tl_survey_design_solve(ctx, &d, &a));
        printf("spacing for 90 %%, target %.0f m: %.3f m in %.3f s\n", length[k], a.spacing_m,
               tl_clock_s() - t0);
    }
done:
    return err;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    tl_err err = ctx == NULL ? TL_ENOMEM : TL_OK;
    if (err == TL_OK)
        err = next_places(ctx, argc > 1 ? atoll(argv[1]) : 1000);
    if (err == TL_OK)
        err = whole_command(ctx, argc > 1 ? atoll(argv[1]) : 1000);
    if (err == TL_OK)
        err = samples(ctx);
    if (err == TL_OK)
        err = designs(ctx);
    if (err != TL_OK)
        printf("%s\n", ctx == NULL ? "no memory" : tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return err != TL_OK;
}
