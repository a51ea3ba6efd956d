/*
 * Items are a Poisson draw of the intensity, so that the truth raster is the truth. Then year by year: people come upon items
 * at a rate that goes with the use of the land; some explode, some are reported (with an error of position), some reported ones are
 * removed; reports of nothing come in too. Rates are set so that the expected numbers are as wanted: about 100 accidents and as
 * many reports in the default district. Surveying and searching is in survey.c.
 */
#include "simulate/history.h"

#include <string.h>

enum { FOR_ITEMS = 101, FOR_PEOPLE, FOR_METHODS, LAST_YEAR = 2024 };

static const double accidents_typical = 120.0, reports_typical = 85.0, false_share = 0.25;

const char *const tl_history_category_names[TL_HISTORY_CATEGORIES] = {
    "AP mine", "AV mine", "improvised device", "submunition", "UXO", "AXO"};
const char *const tl_history_method_names[TL_HISTORY_METHODS] = {
    "manual", "dual-sensor", "dogs", "mechanical", "battle area clearance"};

/* d and q of a district are drawn from what the project's own table of methods believes (Beta(a, b) each). */
static const double beliefs[TL_HISTORY_METHODS][4] = {
    {18, 2, 12, 4}, {18, 2, 14, 4}, {20, 1, 214, 1}, {10, 3, 8, 3}, {12, 3, 10, 4}};

static const char *const activities[] = {"farming", "farming",         "farming",         "driving",
                                         "herding", "collecting wood", "repairing lines", "walking",
                                         "playing", "fishing"};
static const char *const sayings[] = {"saw a metal object in the grass",
                                      "plough brought something up",
                                      "red signs and stakes at the edge of the field",
                                      "an animal was killed there",
                                      "children brought a fuze",
                                      "вибух уночі, бачив вирву",
                                      "предмет біля дороги"};

enum tl_world_group tl_history_group(enum tl_history_category category)
{
    return category <= TL_HISTORY_IMPROVISED ? TL_WORLD_MINES : TL_WORLD_ERW;
}

tl_err tl_history_grow(struct tl_ctx *ctx, void **array, int64_t n, int64_t *room, size_t size)
{
    if (n < *room)
        return TL_OK;
    int64_t more = *room < 32 ? 64 : 2 * *room;
    void *grown = tl_regrow(ctx, *array, n, more, size);
    if (grown == NULL)
        return TL_ENOMEM;
    *array = grown;
    *room = more;
    return TL_OK;
}

static enum tl_history_category pick_category(struct tl_dice *dice, const struct tl_world *w,
                                              int group, double x, double y)
{
    double u = tl_dice_uniform(dice);
    if (group == TL_WORLD_MINES)
        return u < 0.68   ? TL_HISTORY_AP_MINE
               : u < 0.95 ? TL_HISTORY_AV_MINE
                          : TL_HISTORY_IMPROVISED;
    for (int k = 0; k < w->n_strikes; k++)
        if (hypot(w->strikes[k].x - x, w->strikes[k].y - y) < 2.2 * w->strikes[k].radius)
            return u < 0.93 ? TL_HISTORY_SUBMUNITION : TL_HISTORY_UXO;
    return u < 0.88 ? TL_HISTORY_UXO : TL_HISTORY_AXO;
}

static double pick_depth(struct tl_dice *dice, enum tl_history_category category)
{
    double typical = category == TL_HISTORY_UXO           ? 18.0
                     : category == TL_HISTORY_SUBMUNITION ? 5.0
                                                          : 8.0;
    return round(fmin(typical * exp(0.5 * tl_dice_normal(dice)), 90.0));
}

/* A thinned Poisson draw is one of the thinned intensity: what falls beyond the area is not drawn. */
static tl_err draw_item(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice, int group,
                        int64_t cell)
{
    tl_err err = TL_OK;
    const struct tl_grid *g = &h->world->grid;
    double u = tl_dice_uniform(dice), v = tl_dice_uniform(dice);
    double x = g->x0_m + ((double)(cell % g->n_x) + u) * g->step_m;
    double y = g->y0_m - ((double)(cell / g->n_x) + v) * g->step_m;
    struct tl_history_item item = {.x = x, .y = y, .cell = cell, .search = -1};
    item.category = pick_category(dice, h->world, group, x, y);
    item.depth_cm = pick_depth(dice, item.category);
    if (tl_world_cell(h->world, x, y) != cell)
        return TL_OK;
    TL_TRY(tl_history_grow(ctx, (void **)&h->items, h->n_items, &h->items_room, sizeof *h->items));
    h->items[h->n_items++] = item;
    h->n_of[group]++;
done:
    return err;
}

static tl_err draw_items(struct tl_ctx *ctx, struct tl_history *h)
{
    tl_err err = TL_OK;
    const struct tl_world *w = h->world;
    double cell_m2 = w->grid.step_m * w->grid.step_m;
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_ITEMS);
    for (int group = 0; group < TL_WORLD_GROUPS; group++) {
        struct tl_rng counts = tl_rng_make(w->options.seed, 0x17E50 + (uint64_t)group);
        for (int64_t i = 0; i < w->n_cells; i++) {
            double mean = w->inside[i] > 0.0 ? w->lambda[group][i] * cell_m2 : 0.0;
            for (int64_t n = tl_rng_poisson(counts, (uint64_t)i, mean); n > 0; n--)
                TL_TRY(draw_item(ctx, h, &dice, group, i));
        }
    }
done:
    return err;
}

/* A position with an error; people of the district place things in the district. */
static void near_point(const struct tl_world *w, struct tl_dice *dice, double x, double y,
                       double sd, double *near_x, double *near_y)
{
    for (int tries = 0; tries < 20; tries++) {
        *near_x = x + sd * tl_dice_normal(dice);
        *near_y = y + sd * tl_dice_normal(dice);
        if (tl_world_cell(w, *near_x, *near_y) >= 0)
            return;
    }
    *near_x = x;
    *near_y = y;
}

static tl_err add_accident(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice,
                           int64_t k, int year)
{
    tl_err err = TL_OK;
    struct tl_history_item *item = &h->items[k];
    TL_TRY(tl_history_grow(ctx, (void **)&h->accidents, h->n_accidents, &h->accidents_room,
                           sizeof *h->accidents));
    bool is_vehicle = item->category == TL_HISTORY_AV_MINE;
    struct tl_history_accident a = {.item = k, .date = {year, 1 + (int)tl_dice_pick(dice, 365)}};
    near_point(h->world, dice, item->x, item->y, 40.0, &a.x, &a.y);
    a.killed = (int)tl_dice_poisson(dice, is_vehicle ? 0.8 : 0.3);
    a.injured = (int)tl_dice_poisson(dice, is_vehicle ? 1.4 : 0.9);
    a.injured += a.killed + a.injured == 0;
    a.activity =
        is_vehicle
            ? "driving"
            : activities[tl_dice_pick(dice, (int64_t)(sizeof activities / sizeof *activities))];
    item->state = TL_HISTORY_EXPLODED;
    item->end = a.date;
    h->accidents[h->n_accidents++] = a;
    h->n_exploded++;
done:
    return err;
}

static tl_err add_report(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice,
                         struct tl_history_report report)
{
    tl_err err = TL_OK;
    static const char *const reliabilities[] = {"good", "fair", "fair", "hearsay"};
    TL_TRY(tl_history_grow(ctx, (void **)&h->reports, h->n_reports, &h->reports_room,
                           sizeof *h->reports));
    report.said = sayings[tl_dice_pick(dice, (int64_t)(sizeof sayings / sizeof *sayings))];
    report.reliability = reliabilities[tl_dice_pick(dice, 4)];
    h->reports[h->n_reports++] = report;
done:
    return err;
}

/* Half of the reported items are removed within days, by a team that goes to the very spot. */
static tl_err report_item(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice, int64_t k,
                          int year)
{
    tl_err err = TL_OK;
    struct tl_history_item *item = &h->items[k];
    struct tl_history_report report = {
        .item = k, .category = item->category, .date = {year, 1 + (int)tl_dice_pick(dice, 350)}};
    near_point(h->world, dice, item->x, item->y, 90.0, &report.x, &report.y);
    TL_TRY(add_report(ctx, h, dice, report));
    if (!tl_dice_chance(dice, 0.5))
        return TL_OK;
    item->state = TL_HISTORY_FOUND;
    item->end = (struct tl_history_date){year, report.date.day + 1 + (int)tl_dice_pick(dice, 14)};
    near_point(h->world, dice, item->x, item->y, 2.0, &item->found_x, &item->found_y);
    h->n_found++;
done:
    return err;
}

/* Where somebody lives or works, but nothing lies, as far as anyone knows. */
static tl_err report_nothing(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice,
                             int year)
{
    const struct tl_world *w = h->world;
    const struct tl_world_place *place = &w->places[tl_dice_pick(dice, w->n_places)];
    struct tl_history_report report = {.item = -1,
                                       .date = {year, 1 + (int)tl_dice_pick(dice, 365)}};
    report.category = (enum tl_history_category)tl_dice_pick(dice, TL_HISTORY_CATEGORIES);
    do {
        report.x = place->x + 2000.0 * tl_dice_normal(dice);
        report.y = place->y + 2000.0 * tl_dice_normal(dice);
    } while (tl_world_cell(w, report.x, report.y) < 0);
    h->n_false++;
    return add_report(ctx, h, dice, report);
}

static tl_err live_through(struct tl_ctx *ctx, struct tl_history *h, int year)
{
    tl_err err = TL_OK;
    const struct tl_world *w = h->world;
    struct tl_dice dice = tl_dice_make(w->options.seed, FOR_PEOPLE + 1000 * (uint64_t)year);
    double use = 0.0, size = w->scale / w->options.years;
    for (int64_t k = 0; k < h->n_items; k++)
        use += w->use[h->items[k].cell];
    double accident_rate = accidents_typical * size / fmax(use, 1e-9);
    double report_rate = reports_typical * size / fmax(use, 1e-9);
    for (int64_t k = 0; k < h->n_items; k++) {
        double u = w->use[h->items[k].cell];
        bool met = tl_dice_chance(&dice, 1.0 - exp(-accident_rate * u));
        bool seen = tl_dice_chance(&dice, 1.0 - exp(-report_rate * u));
        if (h->items[k].state != TL_HISTORY_REMAINING)
            continue;
        if (met)
            TL_TRY(add_accident(ctx, h, &dice, k, year));
        else if (seen)
            TL_TRY(report_item(ctx, h, &dice, k, year));
    }
    for (int64_t n = tl_dice_poisson(&dice, reports_typical * size * false_share); n > 0; n--)
        TL_TRY(report_nothing(ctx, h, &dice, year));
done:
    return err;
}

static void draw_methods(struct tl_history *h)
{
    struct tl_rng rng = tl_rng_make(h->world->options.seed, FOR_METHODS);
    for (int m = 0; m < TL_HISTORY_METHODS; m++) {
        h->detectable[m] = tl_rng_beta(rng, (uint64_t)(2 * m), beliefs[m][0], beliefs[m][1]);
        h->per_pass[m] = tl_rng_beta(rng, (uint64_t)(2 * m + 1), beliefs[m][2], beliefs[m][3]);
    }
    h->lot_failure = 0.03;
    h->lot_failure_p = 0.4;
}

tl_err tl_history_make(struct tl_ctx *ctx, const struct tl_world *world, struct tl_history *history)
{
    tl_err err = TL_OK;
    *history = (struct tl_history){.world = world};
    history->first_year = LAST_YEAR - world->options.years + 1;
    draw_methods(history);
    TL_TRY(draw_items(ctx, history));
    for (int year = history->first_year; year <= LAST_YEAR; year++) {
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(live_through(ctx, history, year));
        TL_TRY(tl_survey_areas(ctx, history, year));
        TL_TRY(tl_survey_search(ctx, history, year));
    }
done:
    return err;
}

void tl_history_fini(struct tl_history *history)
{
    tl_free(history->items);
    tl_free(history->accidents);
    tl_free(history->reports);
    tl_free(history->areas);
    tl_free(history->searches);
    memset(history, 0, sizeof *history);
}
