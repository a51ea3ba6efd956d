/* A scenario that starts from a project: items that the latest map expects to remain, and land that the register has open. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecast/scenario.h"
#include "geo/geom.h"
#include "tilth/crs.h"
#include "tilth/project.h"
#include "tilth/register.h"

struct start {
    double km2[3]; /* open SHA, open CHA, open without a class */
    int64_t n_areas;
    double items, low, high;
    bool has_map;
};

static tl_err add_area(struct tl_ctx *ctx, struct tl_cursor *cursor, struct tl_crs_map *to_grid,
                       struct start *start)
{
    const char *status = tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "status"));
    const char *kind =
        tl_cursor_text(cursor, tl_kind_column(TL_KIND_HAZARD_AREA, "classification"));
    struct tl_geom_info info;
    void *moved = NULL;
    int64_t n = 0, n_moved = 0;
    const void *wkb = tl_cursor_wkb(cursor, &n);
    tl_err err = TL_OK;
    if (wkb == NULL || (status != NULL && strcmp(status, "open") != 0))
        return TL_OK;
    TL_TRY(tl_geom_transform(ctx, to_grid, wkb, n, &moved, &n_moved));
    TL_TRY(tl_geom_info(ctx, moved, n_moved, &info));
    if (info.kind == TL_GEOM_POLYGON) {
        int k = kind == NULL ? 2 : strcmp(kind, "SHA") == 0 ? 0 : 1;
        start->km2[k] += info.area / 1e6;
        start->n_areas++;
    }
done:
    tl_free(moved);
    return err != TL_OK ? tl_fail_at(ctx, err, "hazardous area %s", tl_cursor_code(cursor)) : TL_OK;
}

static tl_err read_areas(struct tl_ctx *ctx, struct tl_project *project, struct start *start)
{
    struct tl_cursor *cursor = NULL;
    struct tl_crs_map *to_grid = NULL;
    bool more = true;
    tl_err err = TL_OK;
    TL_TRY(tl_crs_map_create(ctx, "EPSG:4326", tl_project_crs(project), &to_grid));
    TL_TRY(tl_register_select(ctx, project, TL_KIND_HAZARD_AREA, NULL, &cursor));
    for (;;) {
        TL_TRY(tl_cursor_next(ctx, cursor, &more));
        if (!more)
            break;
        TL_TRY(add_area(ctx, cursor, to_grid, start));
    }
done:
    tl_cursor_free(cursor);
    tl_crs_map_free(to_grid);
    return err;
}

/*
 * Items that remain: residual area times density. The map keeps cells' margins, not their joint law; errors of cells are taken as going
 * together, which makes the range the widest that the margins allow.
 */
static tl_err read_map(struct tl_ctx *ctx, struct tl_project *project, struct start *start)
{
    static const char *const names[] = {"residual", "density_mean", "density_q05", "density_q95"};
    struct tl_grid grid = tl_project_grid(project);
    int64_t run = 0, rows = tl_project_map_rows(project), n = rows * grid.n_x;
    char *json = NULL;
    float *bands = NULL;
    double sums[3] = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_project_map_load(ctx, project, &run, &json));
    if (json == NULL)
        goto done;
    TL_TRY_ALLOC(ctx, bands, 4 * n);
    for (int64_t y = 0; y < grid.n_y; y += rows) {
        const int64_t box[4] = {0, y, grid.n_x, y + rows < grid.n_y ? rows : grid.n_y - y};
        TL_TRY(tl_cancelled(ctx));
        for (int b = 0; b < 4; b++)
            TL_TRY(tl_project_map_box(ctx, project, names[b], box, bands + b * n));
        for (int64_t i = 0; i < box[2] * box[3]; i++)
            for (int b = 0; b < 3; b++) {
                double items = (double)bands[i] * (double)bands[(b + 1) * n + i];
                sums[b] += isfinite(items) ? items : 0.0;
            }
    }
    start->items = sums[0];
    start->low = sums[1];
    start->high = sums[2];
    start->has_map = sums[0] > 0.0;
done:
    tl_free(json);
    tl_free(bands);
    return err;
}

static void set_land(struct tl_forecast_scenario *s, const struct start *start)
{
    struct tl_scenario_quantity *land = &s->quantities[s->suspected];
    land->best = land->low = land->high = start->km2[0] + start->km2[1] + start->km2[2];
    land->is_uncertain = false;
    land->source = "the project's register: open hazardous areas";
}

/* Items of a class that have arrived, at best. */
static double arrived(const struct tl_forecast_scenario *s, const struct tl_scenario_class *class)
{
    double area = class->area < 0 ? 1.0 : s->quantities[class->area].best;
    return class->past_from <= class->past_to ? s->quantities[class->numbers].best * area : 0.0;
}

/*
 * Every class keeps its share of the items; the map's range becomes that of each, in step. The map counts what lies in the ground: what destroyed itself
 * before is not among it, so numbers are then of items at the start. @return whether there is a class to keep them
 */
static bool set_items(struct tl_forecast_scenario *s, const struct start *start)
{
    double sum = 0.0;
    for (int c = 0; c < s->n_classes; c++)
        sum += arrived(s, &s->classes[c]);
    for (int c = 0; c < s->n_classes && sum > 0.0; c++) {
        struct tl_scenario_class *class = &s->classes[c];
        struct tl_scenario_quantity *q = &s->quantities[class->numbers];
        double best = start->items * arrived(s, class) / sum;
        class->area = -1;
        class->is_present = true;
        q->unit = "items";
        q->best = best;
        q->low = best * fmin(1.0, start->low / start->items);
        q->high = best * fmax(1.0, start->high / start->items);
        q->is_uncertain = q->low > 0.0 && q->low < q->high;
        q->stream = tl_scenario_stream("project.numbers");
        q->source = "the project's latest map, by the scenario's shares of classes";
    }
    return sum > 0.0;
}

tl_err tl_forecast_start(struct tl_ctx *ctx, struct tl_project *project,
                         struct tl_forecast_scenario *s)
{
    struct start start = {0};
    char items[160] = "no map, so numbers of items are the scenario's own";
    tl_err err = TL_OK;
    TL_TRY(read_areas(ctx, project, &start));
    TL_TRY(read_map(ctx, project, &start));
    if (start.n_areas == 0 && !start.has_map)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "the project has neither a map nor an open hazardous area to start from; run "
                 "tilth map, or forecast the scenario without the project");
    if (start.n_areas > 0)
        set_land(s, &start);
    if (start.has_map && set_items(s, &start))
        snprintf(items, sizeof items, "%.0f items expected", start.items);
    else if (start.has_map)
        snprintf(items, sizeof items,
                 "the %.0f items that its map expects are not used, as no class has items that "
                 "have arrived",
                 start.items);
    snprintf(s->start_words, sizeof s->start_words,
             "from the project: %.4g km2 suspected, %.4g km2 confirmed, %.4g km2 open without a "
             "class; %s",
             start.km2[0], start.km2[1], start.km2[2], items);
done:
    return err;
}
