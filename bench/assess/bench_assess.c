/*
 * Speed of assessments. Makes two projects the way a user would (import, map; range and sigma held so that mapping is quick): a district of
 * 4 x 4 km in cells of 10 m with one area of 50 ha, and one of 20 x 20 km in cells of 50 m with many areas of about 4 ha; then times
 * tl_release_assess and tl_release_assess_all. Prints a line each: name, seconds, what came out.
 *   tl_bench_assess [areas] [folder]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../processor.h"
#include "core/core.h"
#include "core/buf.h"
#include "core/json.h"
#include "core/rng.h"
#include "geo/geom.h"
#include "tilth/crs.h"
#include "tilth/hazard.h"
#include "tilth/release.h"

struct district {
    double side_m, cell_m, area_m, range_m;
    int n_areas, n_searches, n_items;
};

static const double WEST = 15.0, SOUTH = 2.0, M_PER_LON = 111250.0, M_PER_LAT = 110577.0;

static tl_err box(struct tl_ctx *ctx, struct tl_buf *b, double x, double y, double w, double h)
{
    double x0 = WEST + x / M_PER_LON, y0 = SOUTH + y / M_PER_LAT;
    double x1 = WEST + (x + w) / M_PER_LON, y1 = SOUTH + (y + h) / M_PER_LAT;
    return tl_buf_printf(ctx, b,
                         "\"POLYGON((%.7f %.7f,%.7f %.7f,%.7f %.7f,%.7f %.7f,%.7f %.7f))\"\n", x0,
                         y0, x1, y0, x1, y1, x0, y1, x0, y0);
}

static tl_err import(struct tl_ctx *ctx, struct tl_project *project, struct tl_buf *b,
                     const char *folder, const char *as)
{
    char path[512];
    struct tl_import_options options = {.as = as, .today = "2026-01-01", .allow_outside = true};
    struct tl_import_report report;
    snprintf(path, sizeof path, "%s/bench_%s.csv", folder, as);
    tl_err err = tl_file_write(ctx, path, b->text, b->size_bytes);
    if (err == TL_OK)
        err = tl_import_file(ctx, project, path, &options, &report);
    unlink(path);
    tl_buf_clear(b);
    return err;
}

static tl_err create(struct tl_ctx *ctx, const struct district *d, const char *path)
{
    tl_err err = TL_OK;
    char crs[TL_CRS_TEXT_BYTES], wkt[512];
    struct tl_crs_map *map = NULL;
    void *wkb = NULL;
    double grid_box[4],
        a[4] = {WEST, SOUTH, WEST + d->side_m / M_PER_LON, SOUTH + d->side_m / M_PER_LAT};
    struct tl_project_new options = {.title = "Bench", .overwrite = true};
    memcpy(options.area_deg, a, sizeof a);
    TL_TRY(tl_crs_for_area(ctx, a, crs));
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", crs, &map));
    TL_TRY(tl_crs_map_box(ctx, map, a, grid_box));
    TL_TRY(tl_grid_cover_box(ctx, grid_box, d->cell_m, &options.grid));
    snprintf(wkt, sizeof wkt, "POLYGON((%f %f,%f %f,%f %f,%f %f,%f %f))", a[0], a[1], a[2], a[1],
             a[2], a[3], a[0], a[3], a[0], a[1]);
    TL_TRY(tl_geom_from_wkt(ctx, wkt, &wkb, &options.area_wkb_bytes));
    options.area_wkb = wkb;
    options.crs = crs;
    TL_TRY(tl_project_create(ctx, path, &options));
done:
    tl_crs_map_free(map);
    tl_free(wkb);
    return err;
}

static tl_err fill(struct tl_ctx *ctx, const struct district *d, const char *folder,
                   struct tl_project *project)
{
    tl_err err = TL_OK;
    struct tl_buf b = {0};
    struct tl_rng rng = tl_rng_make(7, 7);
    uint64_t at = 0;
    TL_TRY(tl_buf_add(ctx, &b, "id,name,classification,status,evidence,wkt\n"));
    for (int k = 0; k < d->n_areas; k++) {
        double most = d->side_m - d->area_m;
        double x = d->n_areas == 1 ? 0.5 * most : most * tl_rng_uniform(rng, at++);
        double y = d->n_areas == 1 ? 0.5 * most : most * tl_rng_uniform(rng, at++);
        TL_TRY(tl_buf_printf(ctx, &b, "H%d,Area %d,CHA,open,direct,", k, k));
        TL_TRY(box(ctx, &b, x, y, d->area_m, d->area_m));
    }
    TL_TRY(import(ctx, project, &b, folder, "hazard-area"));
    TL_TRY(tl_buf_add(ctx, &b, "id,type,method,passes,team,task,date_end,depth_cm,wkt\n"));
    for (int k = 0; k < d->n_searches; k++) {
        double w = d->area_m * (0.5 + tl_rng_uniform(rng, at++)),
               h = d->area_m * (0.5 + tl_rng_uniform(rng, at++));
        double x = (d->side_m - w) * tl_rng_uniform(rng, at++),
               y = (d->side_m - h) * tl_rng_uniform(rng, at++);
        if (k < 3 && d->n_areas == 1)
            x = y = 0.5 * (d->side_m - d->area_m) + 0.2 * (k - 1) * d->area_m;
        TL_TRY(tl_buf_printf(ctx, &b, "S%d,clearance,%s,%d,T%d,K%d,2020-05-0%d,%d,", k,
                             k % 3 == 0 ? "dogs" : "manual", 1 + k % 2, k % 9, k / 2, 1 + k % 9,
                             k % 4 == 0 ? 13 : 20));
        TL_TRY(box(ctx, &b, x, y, w, h));
    }
    TL_TRY(import(ctx, project, &b, folder, "search"));
    TL_TRY(tl_buf_add(ctx, &b, "id,lon,lat,date,category,how,depth_cm\n"));
    for (int k = 0; k < d->n_items; k++) {
        double x = d->side_m * tl_rng_uniform(rng, at++), y = d->side_m * tl_rng_uniform(rng, at++);
        TL_TRY(tl_buf_printf(ctx, &b, "I%d,%.7f,%.7f,2020,AP mine,search,%d\n", k,
                             WEST + x / M_PER_LON, SOUTH + y / M_PER_LAT, 2 + k % 15));
    }
    TL_TRY(import(ctx, project, &b, folder, "item"));
    TL_TRY(tl_buf_add(ctx, &b, "id,lon,lat,date,category\n"));
    for (int k = 0; k < 60; k++) {
        double x = d->side_m * tl_rng_uniform(rng, at++), y = d->side_m * tl_rng_uniform(rng, at++);
        TL_TRY(tl_buf_printf(ctx, &b, "A%d,%.7f,%.7f,%d,AP mine\n", k, WEST + x / M_PER_LON,
                             SOUTH + y / M_PER_LAT, 2010 + k % 10));
    }
    TL_TRY(import(ctx, project, &b, folder, "accident"));
done:
    tl_buf_fini(&b);
    return err;
}

static tl_err make(struct tl_ctx *ctx, const struct district *d, const char *folder,
                   const char *path, struct tl_project **project)
{
    tl_err err = TL_OK;
    struct tl_hazard_options options = tl_hazard_options_default();
    struct tl_hazard_result map = {0};
    options.field.engine = TL_ENGINE_EXACT;
    options.field.fixed_range_m = d->range_m;
    options.field.fixed_sigma = 1.0;
    TL_TRY(create(ctx, d, path));
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, project));
    TL_TRY(fill(ctx, d, folder, *project));
    TL_TRY(tl_hazard_map(ctx, *project, &options, &map));
    TL_TRY(tl_hazard_save(ctx, *project, &map));
done:
    tl_hazard_result_fini(&map);
    return err;
}

static tl_err count(struct tl_ctx *ctx, void *user, const struct tl_release_result *result)
{
    (void)ctx;
    (void)result;
    ++*(int *)user;
    return TL_OK;
}

/* Sliders: one more programme of an assessment that stays in memory. */
static tl_err time_asking(struct tl_ctx *ctx, struct tl_project *project,
                          const struct tl_release_options *options)
{
    enum { ASKED = 20 };
    tl_err err = TL_OK;
    struct tl_release_ask *ask = NULL;
    struct tl_release_what_if steps[] = {{"manual", 1}, {"dogs", 1}};
    TL_TRY(tl_release_ask_open(ctx, project, options, &ask, NULL));
    double start = tl_clock_s(), work = processor_s();
    for (int k = 0; k < ASKED; k++) {
        char *json = NULL;
        steps[0].passes = 1 + k % 5;
        TL_TRY(tl_release_ask_what_if(ctx, ask, 2, steps, &json));
        tl_free(json);
    }
    printf("one more what-if of two methods: %.3f s (processor %.3f s)\n",
           (tl_clock_s() - start) / ASKED, (processor_s() - work) / ASKED);
done:
    tl_release_ask_close(ask);
    return err;
}

static tl_err time_one(struct tl_ctx *ctx, const char *folder)
{
    tl_err err = TL_OK;
    char path[512];
    struct district d = {4000.0, 10.0, 707.0, 150.0, 1, 120, 300};
    struct tl_project *project = NULL;
    struct tl_release_options options = tl_release_options_default();
    options.area = "H0";
    snprintf(path, sizeof path, "%s/bench_assess_one.gpkg", folder);
    TL_TRY(make(ctx, &d, folder, path, &project));
    for (int k = 0; k < 2; k++) {
        struct tl_release_result r = {0};
        double start = tl_clock_s(), work = processor_s();
        TL_TRY(tl_release_assess(ctx, project, &options, &r));
        json_t *json = json_loads(r.json, 0, NULL);
        const json_t *window = json_object_get(json, "window"),
                     *left = json_object_get(json, "remaining");
        printf("one area of %.0f ha: %.2f s (processor %.2f s); window %lld x %lld, %.3f expected "
               "+- %.3f, effective "
               "draws %g\n",
               r.area_m2 / 1e4, tl_clock_s() - start, processor_s() - work,
               (long long)json_integer_value(json_object_get(window, "n_x")),
               (long long)json_integer_value(json_object_get(window, "n_y")), r.expected.value,
               r.expected.mcse, json_number_value(json_object_get(left, "effective_draws")));
        json_decref(json);
        tl_release_result_fini(&r);
    }
    TL_TRY(time_asking(ctx, project, &options));
done:
    tl_project_close(project);
    unlink(path);
    return err;
}

static tl_err time_all(struct tl_ctx *ctx, const char *folder, int n_areas)
{
    tl_err err = TL_OK;
    char path[512], *skipped = NULL;
    struct district d = {20000.0, 50.0, 200.0, 500.0, n_areas, 1500, 1500};
    struct tl_project *project = NULL;
    struct tl_release_options options = tl_release_options_default();
    int n = 0;
    snprintf(path, sizeof path, "%s/bench_assess_all.gpkg", folder);
    TL_TRY(make(ctx, &d, folder, path, &project));
    double start = tl_clock_s(), work = processor_s();
    TL_TRY(tl_release_assess_all(ctx, project, &options, count, &n, &skipped));
    printf(
        "%d areas in one call: %.1f s, %.1f areas/s (processor %.1f s, %.1f areas/s of one core)\n",
        n, tl_clock_s() - start, n / (tl_clock_s() - start), processor_s() - work,
        n / (processor_s() - work));
done:
    tl_free(skipped);
    tl_project_close(project);
    unlink(path);
    return err;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    const char *folder = argc > 2 ? argv[2] : ".";
    tl_err err = time_one(ctx, folder);
    if (err == TL_OK)
        err = time_all(ctx, folder, argc > 1 ? atoi(argv[1]) : 1000);
    if (err != TL_OK)
        fprintf(stderr, "%s: %s\n", tl_err_name(err), tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return err == TL_OK ? 0 : 1;
}
