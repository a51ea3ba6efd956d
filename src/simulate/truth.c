/* What only a calibration may read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "simulate/files.h"
#include "tilth/raster.h"

const char *const tl_files_truth_names[] = {"density.tif", "remaining.tif", "items.csv",
                                            "dirt.csv",    "truth.json",    NULL};

static tl_err write_three(struct tl_ctx *ctx, const struct tl_history *h, const char *path,
                          const char *name, const double *const groups[TL_WORLD_GROUPS])
{
    tl_err err = TL_OK;
    const struct tl_world *w = h->world;
    double *bands_of[3] = {NULL};
    char mines[64], erw[64];
    for (int k = 0; k < 3; k++)
        TL_TRY_ALLOC(ctx, bands_of[k], w->n_cells);
    for (int64_t i = 0; i < w->n_cells; i++) {
        bool is_out = w->inside[i] == 0.0;
        bands_of[1][i] = is_out ? NAN : groups[TL_WORLD_MINES][i];
        bands_of[2][i] = is_out ? NAN : groups[TL_WORLD_ERW][i];
        bands_of[0][i] = bands_of[1][i] + bands_of[2][i];
    }
    snprintf(mines, sizeof mines, "%s_mines", name);
    snprintf(erw, sizeof erw, "%s_erw", name);
    const struct tl_raster_band bands[] = {{.name = name, .values = bands_of[0]},
                                           {.name = mines, .values = bands_of[1]},
                                           {.name = erw, .values = bands_of[2]}};
    TL_TRY(tl_raster_write(ctx, path, &w->grid, w->crs, 3, bands));
done:
    for (int k = 0; k < 3; k++)
        tl_free(bands_of[k]);
    return err;
}

static tl_err write_remaining(struct tl_ctx *ctx, const struct tl_history *h, const char *path)
{
    tl_err err = TL_OK;
    double *counts[TL_WORLD_GROUPS] = {NULL};
    for (int group = 0; group < TL_WORLD_GROUPS; group++)
        TL_TRY_ALLOC(ctx, counts[group], h->world->n_cells);
    for (int64_t k = 0; k < h->n_items; k++)
        if (h->items[k].state == TL_HISTORY_REMAINING)
            counts[tl_history_group(h->items[k].category)][h->items[k].cell] += 1.0;
    const double *const groups[TL_WORLD_GROUPS] = {counts[0], counts[1]};
    TL_TRY(write_three(ctx, h, path, "remaining", groups));
done:
    for (int group = 0; group < TL_WORLD_GROUPS; group++)
        tl_free(counts[group]);
    return err;
}

static tl_err write_items(struct tl_ctx *ctx, const struct tl_history *h, const char *path)
{
    tl_err err = TL_OK;
    static const char *const states[] = {"remaining", "found", "exploded"};
    struct tl_table table = {
        .file = "items.csv",
        .n_columns = 9,
        .columns = {"group", "category", "lon", "lat", "x_m", "y_m", "depth_cm", "state", "year"}};
    for (int64_t k = 0; k < h->n_items; k++) {
        const struct tl_history_item *item = &h->items[k];
        double x = item->x, y = item->y;
        char lon[32], lat[32], east[32], north[32], depth[16], year[16];
        tl_crs_map_points(h->world->to_degrees, 1, &x, &y, NULL);
        snprintf(lon, sizeof lon, "%.7f", x);
        snprintf(lat, sizeof lat, "%.7f", y);
        snprintf(east, sizeof east, "%.2f", item->x);
        snprintf(north, sizeof north, "%.2f", item->y);
        snprintf(depth, sizeof depth, "%.0f", item->depth_cm);
        snprintf(year, sizeof year, "%d", item->end.year);
        const char *const row[] = {tl_history_group(item->category) == TL_WORLD_MINES ? "mines"
                                                                                      : "erw",
                                   tl_history_category_names[item->category],
                                   lon,
                                   lat,
                                   east,
                                   north,
                                   depth,
                                   states[item->state],
                                   item->end.year > 0 ? year : NULL};
        TL_TRY(tl_table_add(ctx, &table, row));
    }
    TL_TRY(tl_table_csv(ctx, &table, path));
done:
    tl_table_fini(&table);
    return err;
}

static json_t *law_json(const struct tl_world *w)
{
    const struct tl_world_law *l = &w->law;
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:[f, f], s:[f, f], s:[f, f]}",
                     "field_range_m", l->field_range_m, "field_sigma", l->field_sigma,
                     "belt_height", l->belt_height, "belt_width_m", l->belt_width_m, "near_front",
                     l->near_front, "strike_height", l->strike_height, "protective_height",
                     l->protective_height, "near_front_m", l->near_front_m[0], l->near_front_m[1],
                     "beta_0", l->beta_0[0], l->beta_0[1], "expected_items", l->expected[0],
                     l->expected[1]);
}

static json_t *methods_json(const struct tl_history *h)
{
    json_t *methods = json_object();
    for (int m = 0; m < TL_HISTORY_METHODS; m++)
        json_object_set_new(
            methods, tl_history_method_names[m],
            json_pack("{s:f, s:f}", "detectable", h->detectable[m], "per_pass", h->per_pass[m]));
    return methods;
}

static tl_err write_json(struct tl_ctx *ctx, const struct tl_history *h, const char *path,
                         int64_t n_dirty)
{
    const struct tl_world *w = h->world;
    const double *a = w->options.area_deg;
    json_t *counts = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "mines",
                               (json_int_t)h->n_of[0], "erw", (json_int_t)h->n_of[1], "found",
                               (json_int_t)h->n_found, "exploded", (json_int_t)h->n_exploded,
                               "remaining", (json_int_t)(h->n_items - h->n_found - h->n_exploded),
                               "reports", (json_int_t)h->n_reports, "false_reports",
                               (json_int_t)h->n_false, "hazard_areas", (json_int_t)h->n_areas,
                               "searches", (json_int_t)h->n_searches, "dirty", (json_int_t)n_dirty);
    json_t *json = json_pack(
        "{s:s, s:s, s:[f, f, f, f], s:f, s:i, s:f, s:s, s:o, s:o, s:o, s:{s:f, s:f}, s:f}",
        "schema", "tilth.truth/1", "place", "made up; no real place, no real event", "area_deg",
        a[0], a[1], a[2], a[3], "step_m", w->options.step_m, "years", w->options.years, "dirt",
        w->options.dirt, "crs", w->crs, "counts", counts, "log_intensity", law_json(w), "methods",
        methods_json(h), "lots", "failure", h->lot_failure, "found_in_failed", h->lot_failure_p,
        "searched_m2", h->searched_m2);
    if (json == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory for truth.json");
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)w->options.seed);
    json_object_set_new(json, "seed", json_string(seed));
    tl_err err = tl_json_write(ctx, path, json);
    json_decref(json);
    return err;
}

tl_err tl_truth_write(struct tl_ctx *ctx, const struct tl_history *history, const char *folder,
                      const struct tl_table *ledger)
{
    tl_err err = TL_OK;
    char paths[5][4200];
    const double *const lambda[TL_WORLD_GROUPS] = {history->world->lambda[0],
                                                   history->world->lambda[1]};
    for (int k = 0; tl_files_truth_names[k] != NULL; k++)
        snprintf(paths[k], sizeof paths[k], "%s/%s", folder, tl_files_truth_names[k]);
    TL_TRY(write_three(ctx, history, paths[0], "density", lambda));
    TL_TRY(write_remaining(ctx, history, paths[1]));
    TL_TRY(write_items(ctx, history, paths[2]));
    TL_TRY(tl_table_csv(ctx, ledger, paths[3]));
    TL_TRY(write_json(ctx, history, paths[4], ledger->n_rows));
done:
    return err;
}
