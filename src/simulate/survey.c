/*
 * Hazardous areas are drawn where surveyors believe the hazard is: along the front (off by some hundred metres), around
 * accidents, reports and strikes, and sometimes where there is nothing. Teams then cut lanes through them, clear blocks
 * of the confirmed ones, and go over fields near places. What a team finds is chance: an item can be found by a method
 * at all with probability d (a trait of the item and the method), then at each pass with q; a lot may fail as a whole.
 */
#include "simulate/history.h"

enum { FOR_AREAS = 201, FOR_SEARCHES, FOR_TRAITS };

static const double areas_typical = 40.0, lanes_typical = 150.0, blocks_typical = 120.0,
                    fields_typical = 42.0, inspections_typical = 16.0;

static const double block_a_m = 90.0, block_b_m = 60.0;

static const char *const organisations[] = {"Pole NGO", "Demining Unit 7", "Zemlia Operator"};

/* A share of all that falls into this year; early years get more when `is_early`. */
static int64_t share_of_year(const struct tl_history *h, struct tl_dice *dice, double total,
                             int year, bool is_early)
{
    double years = h->world->options.years, t = (year - h->first_year + 0.5) / years;
    double weight = is_early ? 2.0 * (1.0 - t) : 2.0 * t;
    double mean = total * h->world->scale * (0.3 + 0.7 * weight) / years;
    double whole = floor(mean);
    return (int64_t)whole + tl_dice_chance(dice, mean - whole);
}

static void place_area(const struct tl_history *h, struct tl_dice *dice, struct tl_history_area *a)
{
    const struct tl_world *w = h->world;
    double u = tl_dice_uniform(dice);
    a->half_a = tl_dice_between(dice, 120.0, 260.0);
    a->half_b = tl_dice_between(dice, 90.0, 170.0);
    a->angle = tl_dice_between(dice, 0.0, 3.14159);
    a->category = "AP mine, AV mine";
    if (u < 0.45) {
        double at = tl_dice_uniform(dice);
        for (int k = 0; k < 30 && tl_world_activity(w, at) < 0.4; k++)
            at = tl_dice_uniform(dice);
        tl_world_front_point(w, at, &a->x, &a->y, &a->angle);
        double off = 150.0 * tl_dice_normal(dice);
        a->x -= off * sin(a->angle);
        a->y += off * cos(a->angle);
        a->half_a = tl_dice_between(dice, 200.0, 520.0);
    } else if (u < 0.68 && h->n_accidents > 0) {
        const struct tl_history_accident *near = &h->accidents[tl_dice_pick(dice, h->n_accidents)];
        a->x = near->x + 60.0 * tl_dice_normal(dice);
        a->y = near->y + 60.0 * tl_dice_normal(dice);
        a->category = tl_history_category_names[h->items[near->item].category];
    } else if (u < 0.84) {
        const struct tl_world_strike *s = &w->strikes[tl_dice_pick(dice, w->n_strikes)];
        a->x = s->x + 80.0 * tl_dice_normal(dice);
        a->y = s->y + 80.0 * tl_dice_normal(dice);
        a->half_a = a->half_b = s->radius * tl_dice_between(dice, 1.0, 1.8);
        a->category = "submunition";
    } else {
        const struct tl_world_place *p = &w->places[tl_dice_pick(dice, w->n_places)];
        a->x = p->x + 1500.0 * tl_dice_normal(dice);
        a->y = p->y + 1500.0 * tl_dice_normal(dice);
    }
}

static void draw_ring(struct tl_dice *dice, struct tl_history_area *a)
{
    a->n_ring = 8 + (int)tl_dice_pick(dice, TL_HISTORY_RING - 8);
    for (int k = 0; k < a->n_ring; k++) {
        double t = 6.283185307 * (k + 0.5 * tl_dice_uniform(dice)) / a->n_ring;
        double r = tl_dice_between(dice, 0.85, 1.2);
        double u = r * a->half_a * cos(t), v = r * a->half_b * sin(t);
        a->ring[2 * k] = a->x + u * cos(a->angle) - v * sin(a->angle);
        a->ring[2 * k + 1] = a->y + u * sin(a->angle) + v * cos(a->angle);
    }
}

/* The whole ring lies in the district, so that nothing of it is refused as outside. */
static bool ring_is_inside(const struct tl_world *w, const struct tl_history_area *a)
{
    for (int k = 0; k < a->n_ring; k++)
        if (tl_world_cell(w, a->ring[2 * k], a->ring[2 * k + 1]) < 0)
            return false;
    return true;
}

static int64_t items_about(const struct tl_history *h, const struct tl_history_area *a)
{
    int64_t n = 0;
    for (int64_t k = 0; k < h->n_items; k++) {
        double dx = h->items[k].x - a->x, dy = h->items[k].y - a->y;
        double u = (dx * cos(a->angle) + dy * sin(a->angle)) / a->half_a;
        double v = (dy * cos(a->angle) - dx * sin(a->angle)) / a->half_b;
        n += u * u + v * v <= 1.0;
    }
    return n;
}

tl_err tl_survey_areas(struct tl_ctx *ctx, struct tl_history *h, int year)
{
    tl_err err = TL_OK;
    struct tl_dice dice = tl_dice_make(h->world->options.seed, FOR_AREAS + 1000 * (uint64_t)year);
    for (int64_t n = share_of_year(h, &dice, areas_typical, year, true); n > 0; n--) {
        struct tl_history_area a = {.status = "open"};
        for (int tries = 0; tries < 50; tries++) {
            place_area(h, &dice, &a);
            draw_ring(&dice, &a);
            if (ring_is_inside(h->world, &a))
                break;
        }
        if (!ring_is_inside(h->world, &a))
            continue;
        /* Direct evidence is seen more readily where there is more to see. */
        double n_about = (double)items_about(h, &a);
        a.is_confirmed = tl_dice_chance(&dice, 0.9 * (1.0 - exp(-n_about / 3.0)));
        a.organisation = organisations[tl_dice_pick(&dice, 3)];
        a.date = (struct tl_history_date){year, 60 + (int)tl_dice_pick(&dice, 240)};
        a.n_blocks = (int)(ceil(2 * a.half_a / block_a_m) * ceil(2 * a.half_b / block_b_m));
        TL_TRY(
            tl_history_grow(ctx, (void **)&h->areas, h->n_areas, &h->areas_room, sizeof *h->areas));
        h->areas[h->n_areas++] = a;
    }
done:
    return err;
}

static void set_rectangle(struct tl_history_search *s, double x, double y, double angle,
                          double half_u, double half_v)
{
    static const double signs[4][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    for (int k = 0; k < 4; k++) {
        double u = signs[k][0] * half_u, v = signs[k][1] * half_v;
        s->corners[2 * k] = x + u * cos(angle) - v * sin(angle);
        s->corners[2 * k + 1] = y + u * sin(angle) + v * cos(angle);
    }
    s->area_m2 = 4.0 * half_u * half_v;
}

static bool in_rectangle(const struct tl_history_search *s, double x, double y)
{
    for (int k = 0; k < 4; k++) {
        const double *a = &s->corners[2 * k], *b = &s->corners[2 * ((k + 1) % 4)];
        if ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) < 0.0)
            return false;
    }
    return true;
}

/* Whether a method can find an item at all: the same answer however often it is tried. */
static bool is_detectable(const struct tl_history *h, int64_t item, enum tl_history_method method)
{
    struct tl_rng rng = tl_rng_make(h->world->options.seed, FOR_TRAITS);
    uint64_t index = (uint64_t)item * TL_HISTORY_METHODS + (uint64_t)method;
    return tl_rng_uniform(rng, index) < h->detectable[method];
}

static tl_err run_search(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice,
                         struct tl_history_search s)
{
    tl_err err = TL_OK;
    for (int k = 0; k < 4; k++)
        if (tl_world_cell(h->world, s.corners[2 * k], s.corners[2 * k + 1]) < 0)
            return TL_OK;
    TL_TRY(tl_history_grow(ctx, (void **)&h->searches, h->n_searches, &h->searches_room,
                           sizeof *h->searches));
    /* A lot is a team's work on a task: it fails as a whole or not at all. */
    struct tl_rng lots = tl_rng_make(h->world->options.seed, FOR_TRAITS + 1);
    s.failed = tl_rng_uniform(lots, (uint64_t)(s.task * 64 + s.team)) < h->lot_failure;
    double p = s.failed ? h->lot_failure_p : 1.0 - pow(1.0 - h->per_pass[s.method], s.passes);
    for (int64_t k = 0; k < h->n_items; k++) {
        struct tl_history_item *item = &h->items[k];
        if (item->state != TL_HISTORY_REMAINING || !in_rectangle(&s, item->x, item->y))
            continue;
        /* What lies deeper than was searched is not found, whatever the method could. */
        bool is_open = item->depth_cm <= s.depth_cm && (s.failed || is_detectable(h, k, s.method));
        if (!tl_dice_chance(dice, p) || !is_open)
            continue;
        item->state = TL_HISTORY_FOUND;
        item->end = s.end;
        item->search = h->n_searches;
        item->found_x = item->x + 1.5 * tl_dice_normal(dice);
        item->found_y = item->y + 1.5 * tl_dice_normal(dice);
        s.found++;
        h->n_found++;
    }
    h->searched_m2 += s.area_m2;
    if (s.area >= 0)
        h->areas[s.area].found += s.found;
    h->searches[h->n_searches++] = s;
done:
    return err;
}

static struct tl_history_search begin_search(struct tl_dice *dice, int year, int64_t area, int task)
{
    struct tl_history_search s = {.area = (int)area, .task = task, .passes = 1, .depth_cm = 20};
    int day = 95 + (int)tl_dice_pick(dice, 190);
    s.start = (struct tl_history_date){year, day};
    s.end = (struct tl_history_date){year, day + 1 + (int)tl_dice_pick(dice, 20)};
    s.team = 1 + (int)tl_dice_pick(dice, 6);
    s.organisation = organisations[s.team % 3];
    s.released_as = "none";
    return s;
}

/* A lane of 10 m across an area, to see whether there is anything. */
static tl_err cut_lane(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice, int year)
{
    int64_t k = tl_dice_pick(dice, h->n_areas);
    struct tl_history_area *a = &h->areas[k];
    struct tl_history_search s = begin_search(dice, year, k, 100 + (int)k);
    static const enum tl_history_method methods[] = {TL_HISTORY_DOGS, TL_HISTORY_DUAL_SENSOR,
                                                     TL_HISTORY_MECHANICAL, TL_HISTORY_MANUAL};
    double off = a->half_a * tl_dice_between(dice, -0.85, 0.85);
    s.type = "TS";
    s.method = methods[tl_dice_pick(dice, 4)];
    set_rectangle(&s, a->x + off * cos(a->angle), a->y + off * sin(a->angle), a->angle, 5.0,
                  a->half_b * tl_dice_between(dice, 0.8, 1.15));
    int64_t before = h->n_searches;
    tl_err err = run_search(ctx, h, dice, s);
    a = &h->areas[k];
    if (err != TL_OK || h->n_searches == before)
        return err;
    a->n_lanes++;
    if (a->n_lanes >= 4 && a->found == 0 && !a->is_confirmed && a->closed.year == 0 &&
        tl_dice_chance(dice, 0.4)) {
        a->status = "reduced";
        a->closed = s.end;
        h->searches[before].released_as = "reduced";
    }
    return TL_OK;
}

/* The next block of a confirmed area, in rows from its near corner. */
static tl_err clear_block(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice, int year)
{
    int64_t k = tl_dice_pick(dice, h->n_areas);
    for (int tries = 0; tries < 20; tries++) {
        const struct tl_history_area *try = &h->areas[k];
        if (try->is_confirmed && try->n_blocks_done < try->n_blocks)
            break;
        k = tl_dice_pick(dice, h->n_areas);
    }
    struct tl_history_area *a = &h->areas[k];
    if (!a->is_confirmed || a->n_blocks_done >= a->n_blocks)
        return TL_OK;
    struct tl_history_search s = begin_search(dice, year, k, 100 + (int)k);
    int across = (int)ceil(2 * a->half_a / block_a_m), column = a->n_blocks_done % across;
    double u = -a->half_a + (column + 0.5) * block_a_m;
    double v = -a->half_b + (a->n_blocks_done / across + 0.5) * block_b_m;
    s.type = "clearance";
    s.method = tl_dice_chance(dice, 0.6) ? TL_HISTORY_MANUAL : TL_HISTORY_DUAL_SENSOR;
    s.passes = 1 + tl_dice_chance(dice, 0.4);
    s.released_as = "cleared";
    set_rectangle(&s, a->x + u * cos(a->angle) - v * sin(a->angle),
                  a->y + u * sin(a->angle) + v * cos(a->angle), a->angle, block_a_m / 2,
                  block_b_m / 2);
    tl_err err = run_search(ctx, h, dice, s);
    a->n_blocks_done++;
    if (a->n_blocks_done == a->n_blocks) {
        a->status = "cleared";
        a->closed = s.end;
    }
    return err;
}

/* A field that is to be ploughed again, near a place. */
static tl_err search_field(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice, int year)
{
    const struct tl_world *w = h->world;
    const struct tl_world_place *p = &w->places[tl_dice_pick(dice, w->n_places)];
    struct tl_history_search s = begin_search(dice, year, -1, 900 + (int)tl_dice_pick(dice, 60));
    s.type = "TS";
    s.method = tl_dice_chance(dice, 0.5) ? TL_HISTORY_BAC : TL_HISTORY_MECHANICAL;
    /* One draw a statement: the order in which arguments are worked out is the compiler's own. */
    double x = p->x + 1300.0 * tl_dice_normal(dice);
    double y = p->y + 1300.0 * tl_dice_normal(dice);
    double angle = tl_dice_between(dice, 0.0, 3.14159);
    double half_u = tl_dice_between(dice, 50.0, 110.0);
    double half_v = tl_dice_between(dice, 40.0, 80.0);
    set_rectangle(&s, x, y, angle, half_u, half_v);
    return run_search(ctx, h, dice, s);
}

/* A sample of a cleared block, gone over again. */
static tl_err inspect(struct tl_ctx *ctx, struct tl_history *h, struct tl_dice *dice, int year)
{
    int64_t k = tl_dice_pick(dice, h->n_searches);
    for (int tries = 0; tries < 30 && h->searches[k].passes * h->searches[k].area_m2 < 5000.0;
         tries++)
        k = tl_dice_pick(dice, h->n_searches);
    const struct tl_history_search *of = &h->searches[k];
    if (of->area < 0 || of->area_m2 < 5000.0)
        return TL_OK;
    struct tl_history_search s = begin_search(dice, year, of->area, of->task + 1000);
    s.type = "inspection";
    s.method = TL_HISTORY_MANUAL;
    s.team = 9;
    s.organisation = "National Authority QM";
    double x = (of->corners[0] + of->corners[4]) / 2, y = (of->corners[1] + of->corners[5]) / 2;
    set_rectangle(&s, x, y, h->areas[of->area].angle, 14.0, 10.0);
    return run_search(ctx, h, dice, s);
}

tl_err tl_survey_search(struct tl_ctx *ctx, struct tl_history *h, int year)
{
    tl_err err = TL_OK;
    struct tl_dice dice =
        tl_dice_make(h->world->options.seed, FOR_SEARCHES + 1000 * (uint64_t)year);
    int64_t n_lanes = h->n_areas > 0 ? share_of_year(h, &dice, lanes_typical, year, true) : 0;
    int64_t n_blocks = h->n_areas > 0 ? share_of_year(h, &dice, blocks_typical, year, false) : 0;
    for (; n_lanes > 0; n_lanes--)
        TL_TRY(cut_lane(ctx, h, &dice, year));
    for (; n_blocks > 0; n_blocks--)
        TL_TRY(clear_block(ctx, h, &dice, year));
    for (int64_t n = share_of_year(h, &dice, fields_typical, year, true); n > 0; n--)
        TL_TRY(search_field(ctx, h, &dice, year));
    for (int64_t n = share_of_year(h, &dice, inspections_typical, year, false); n > 0; n--)
        if (h->n_searches > 0)
            TL_TRY(inspect(ctx, h, &dice, year));
done:
    return err;
}
