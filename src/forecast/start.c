/*
 * A scenario that starts from a project: items that the latest map expects to remain, and land that the register has open, by the rule of the progress
 * tables. Most items of a map may lie where no area was ever drawn; how many are on open ground is told, and clearance meets only these.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/tally.h"
#include "forecast/scenario.h"
#include "tilth/project.h"

/* A piece of open ground in a cell of the map. */
struct piece {
    int64_t cell, at; /* `at`: as it came */
    double area_m2, items;
};

struct start {
    struct tl_ctx *ctx;             /* borrows */
    double km2[TL_TALLY_STANDINGS]; /* of open areas */
    int64_t n_areas;
    double items, low, high, within; /* of them on open ground, expected */
    bool has_map;
    struct tl_grid grid;
    struct piece *pieces; /* owns */
    int64_t n, room;
    tl_err err; /* no room for a piece */
};

/* A piece of open ground: what the map expects there is read later, when its row comes. */
static void add_ground(void *user, double x_m, double y_m, double area_m2,
                       enum tl_tally_standing standing)
{
    struct start *start = user;
    const struct tl_grid *g = &start->grid;
    double column = floor((x_m - g->x0_m) / g->step_m), row = floor((g->y0_m - y_m) / g->step_m);
    start->km2[standing] += area_m2 / 1e6;
    if (start->err != TL_OK || column < 0.0 || row < 0.0 || column >= (double)g->n_x ||
        row >= (double)g->n_y)
        return;
    if (start->n == start->room) {
        int64_t room = start->room == 0 ? 256 : 2 * start->room;
        struct piece *more = tl_regrow(start->ctx, start->pieces, start->n, room, sizeof *more);
        start->err = more == NULL ? TL_ENOMEM : TL_OK;
        if (more == NULL)
            return;
        start->pieces = more;
        start->room = room;
    }
    start->pieces[start->n] = (struct piece){
        .cell = (int64_t)row * g->n_x + (int64_t)column, .at = start->n, .area_m2 = area_m2};
    start->n++;
}

static int by_cell(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    return x->cell != y->cell ? (x->cell > y->cell) - (x->cell < y->cell)
                              : (x->at > y->at) - (x->at < y->at);
}

static int as_they_came(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

enum { RESIDUAL, MEAN, LOW, HIGH, AREA, BANDS };

/* Some rows of the map: sums, and what pieces have of them: as dense as in all of their cell. @param bands  [BANDS][n], n cells of `box` */
static void add_rows(struct start *start, const int64_t box[4], const float *bands, double sums[3],
                     int64_t *piece)
{
    int64_t n = box[2] * box[3], first = box[1] * box[2];
    for (int64_t i = 0; i < n; i++)
        for (int b = MEAN; b <= HIGH; b++) {
            double items = (double)bands[i] * (double)bands[b * n + i];
            sums[b - MEAN] += isfinite(items) ? items : 0.0;
        }
    for (; *piece < start->n && start->pieces[*piece].cell < first + n; ++*piece) {
        struct piece *p = &start->pieces[*piece];
        int64_t i = p->cell - first;
        double items = (double)bands[i] * (double)bands[MEAN * n + i],
               area = (double)bands[AREA * n + i];
        if (isfinite(items) && area > 0.0)
            p->items = items * fmin(p->area_m2 / area, 1.0);
    }
}

/*
 * Items that remain: residual area times density. The map keeps cells' margins, not their joint law; errors of cells are taken as going
 * together, which makes the range the widest that the margins allow.
 */
static tl_err read_map(struct tl_ctx *ctx, struct tl_project *project, struct start *start)
{
    static const char *const names[BANDS] = {"residual", "density_mean", "density_q05",
                                             "density_q95", "cell_area"};
    const struct tl_grid *grid = &start->grid;
    int64_t run = 0, rows = tl_project_map_rows(project), piece = 0;
    char *json = NULL;
    float *bands = NULL;
    double sums[3] = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_project_map_load(ctx, project, &run, &json));
    if (json == NULL)
        goto done;
    if (start->n > 0)
        qsort(start->pieces, (size_t)start->n, sizeof *start->pieces, by_cell);
    TL_TRY_ALLOC(ctx, bands, BANDS * rows * grid->n_x);
    for (int64_t y = 0; y < grid->n_y; y += rows) {
        const int64_t box[4] = {0, y, grid->n_x, y + rows < grid->n_y ? rows : grid->n_y - y};
        TL_TRY(tl_cancelled(ctx));
        for (int b = 0; b < BANDS; b++)
            TL_TRY(tl_project_map_box(ctx, project, names[b], box, bands + b * box[2] * box[3]));
        add_rows(start, box, bands, sums, &piece);
    }
    TL_TRY(tl_project_map_same(ctx, project, run));
    if (start->n > 0)
        qsort(start->pieces, (size_t)start->n, sizeof *start->pieces, as_they_came);
    for (int64_t k = 0; k < start->n; k++)
        start->within += start->pieces[k].items;
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
    struct start start = {.ctx = ctx, .grid = tl_project_grid(project)};
    char items[160] = "no map, so numbers of items are the scenario's own";
    tl_err err = TL_OK;
    TL_TRY(tl_tally_open(ctx, project, add_ground, &start, &start.n_areas));
    TL_TRY(start.err);
    TL_TRY(read_map(ctx, project, &start));
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
    tl_free(start.pieces);
    return err;
}
