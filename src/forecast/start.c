/*
 * A scenario that starts from a project: items that the latest map expects to remain, and land that the register has open, by the rule of the progress
 * tables. Most items of a map may lie where no area was ever drawn; how many are on open ground is told, and clearance meets only these.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "evidence/tally.h"
#include "forecast/scenario.h"
#include "tilth/project.h"

struct start {
    double km2[TL_TALLY_STANDINGS]; /* of open areas */
    int64_t n_areas;
    double items, low, high, within; /* of them on open ground, expected */
    bool has_map;
    struct tl_grid grid;
    float *bands, *area; /* owns, each: [BANDS, n_cells], [n_cells]; NULL without a map */
};

/* A piece of open ground, and the items that the map expects there: as dense as in all of its cell. */
static void add_ground(void *user, double x_m, double y_m, double area_m2,
                       enum tl_tally_standing standing)
{
    struct start *start = user;
    const struct tl_grid *g = &start->grid;
    double column = floor((x_m - g->x0_m) / g->step_m), row = floor((g->y0_m - y_m) / g->step_m);
    start->km2[standing] += area_m2 / 1e6;
    if (start->bands == NULL || column < 0.0 || row < 0.0 || column >= (double)g->n_x ||
        row >= (double)g->n_y)
        return;
    int64_t i = (int64_t)row * g->n_x + (int64_t)column, n = tl_grid_n_cells(g);
    double items = (double)start->bands[i] * (double)start->bands[n + i];
    if (isfinite(items) && start->area[i] > 0.0F)
        start->within += items * fmin(area_m2 / (double)start->area[i], 1.0);
}

/*
 * Items that remain: residual area times density. The map keeps cells' margins, not their joint law; errors of cells are taken as going
 * together, which makes the range the widest that the margins allow.
 */
static tl_err read_map(struct tl_ctx *ctx, struct tl_project *project, struct start *start)
{
    static const char *const names[] = {"residual", "density_mean", "density_q05", "density_q95"};
    enum { BANDS = sizeof names / sizeof names[0] };
    int64_t run = 0, n = tl_grid_n_cells(&start->grid);
    char *json = NULL;
    double sums[BANDS - 1] = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_project_map_load(ctx, project, &run, &json));
    if (json == NULL)
        goto done;
    TL_TRY_ALLOC(ctx, start->bands, BANDS * n);
    TL_TRY_ALLOC(ctx, start->area, n);
    for (int b = 0; b < BANDS; b++)
        TL_TRY(tl_project_map_band(ctx, project, names[b], start->bands + b * n));
    TL_TRY(tl_project_map_band(ctx, project, "cell_area", start->area));
    for (int64_t i = 0; i < n; i++)
        for (int b = 1; b < BANDS; b++) {
            double items = (double)start->bands[i] * (double)start->bands[b * n + i];
            sums[b - 1] += isfinite(items) ? items : 0.0;
        }
    TL_TRY(tl_project_map_same(ctx, project, run));
    start->items = sums[0];
    start->low = sums[1];
    start->high = sums[2];
    start->has_map = sums[0] > 0.0;
done:
    tl_free(json);
    return err;
}

static void set_land(struct tl_forecast_scenario *s, const struct start *start)
{
    struct tl_scenario_quantity *land = &s->quantities[s->suspected];
    double km2 = 0.0;
    for (int k = 0; k < TL_TALLY_STANDINGS; k++)
        km2 += start->km2[k];
    land->best = land->low = land->high = km2;
    land->is_uncertain = false;
    land->source = "the project's register: open hazardous areas, less what was released of them";
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
    struct start start = {.grid = tl_project_grid(project)};
    char items[160] = "no map, so numbers of items are the scenario's own";
    tl_err err = TL_OK;
    TL_TRY(read_map(ctx, project, &start));
    TL_TRY(tl_tally_open(ctx, project, add_ground, &start, &start.n_areas));
    if (start.n_areas == 0 && !start.has_map)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "the project has neither a map nor an open hazardous area to start from; run "
                 "tilth map, or forecast the scenario without the project");
    if (start.n_areas > 0)
        set_land(s, &start);
    if (start.has_map && set_items(s, &start)) {
        /* Of items elsewhere nobody suspects anything: work on suspected land does not come upon them. */
        s->within = start.n_areas > 0 ? fmin(start.within / start.items, 1.0) : 1.0;
        snprintf(items, sizeof items, "%.0f items expected", start.items);
        if (start.n_areas > 0)
            snprintf(items, sizeof items,
                     "%.0f items expected, %.0f of them there: clearance meets only these",
                     start.items, start.within);
    } else if (start.has_map)
        snprintf(items, sizeof items,
                 "the %.0f items that its map expects are not used, as no class has items that "
                 "have arrived",
                 start.items);
    snprintf(s->start_words, sizeof s->start_words,
             "from the project: %.4g km2 suspected, %.4g km2 confirmed, %.4g km2 open without a "
             "class; %s",
             start.km2[TL_TALLY_SUSPECTED], start.km2[TL_TALLY_CONFIRMED],
             start.km2[TL_TALLY_UNCLASSED], items);
done:
    tl_free(start.bands);
    tl_free(start.area);
    return err;
}
