/*
 * Gathering. For a level mu of loss per hour, regions grow from the best cell that is not taken yet, always by the best neighbour (a
 * heap), as long as that is worth mu an hour or the region is smaller than what can be worked; a region whose mean is under mu is left. mu
 * falls until the n_max regions that take most away use up the hours, then is closed in on; of all levels tried the plan with the greatest
 * reduction is kept. The last region is covered in part when the hours end inside it. A further pass over a region is worth (1 - q) of the
 * one before, so the passes are those worth mu.
 *
 * Measured against the best that whole passes can do without regard to where cells lie (a fractional knapsack, exact), and by the caller
 * against Koopman's bound. Only cells above mu are visited, so a million cells cost their sort.
 */
#include "survey/regions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "geo/geom.h"

enum { LEVELS = 40, SQUARE_BYTES = 93, HEAD_BYTES = 9 };

struct cell {
    double rate;
    int64_t i;
};

static int best_first(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    if (x->rate != y->rate)
        return x->rate < y->rate ? 1 : -1;
    return (x->i > y->i) - (x->i < y->i);
}

static tl_err sort_cells(struct tl_ctx *ctx, const struct tl_survey_worth *worth,
                         struct cell **cells, int64_t *n)
{
    struct cell *list = tl_alloc(ctx, worth->n_cells, sizeof *list);
    int64_t m = 0;
    if (list == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < worth->n_cells; i++) {
        double rate = tl_survey_worth_rate(worth, i);
        if (rate > 0.0)
            list[m++] = (struct cell){rate, i};
    }
    qsort(list, (size_t)m, sizeof *list, best_first);
    *cells = list;
    *n = m;
    return TL_OK;
}

/* Passes by falling worth: the k-th over a cell is worth rate (1 - q)^(k - 1) an hour, so the greedy order is optimal. */
static double best_of(const struct tl_survey_worth *worth, const struct cell *sorted, int64_t n,
                      double hours, double *level)
{
    int64_t at[TL_SURVEY_PASSES_MAX] = {0};
    double left = hours, gain = 0.0, factor[TL_SURVEY_PASSES_MAX] = {1.0};
    for (int k = 1; k < TL_SURVEY_PASSES_MAX; k++)
        factor[k] = factor[k - 1] * (1.0 - worth->per_pass);
    while (left > 0.0) { /* a merge of the same list, once for each pass */
        int best = 0;
        double most = 0.0;
        for (int k = 0; k < TL_SURVEY_PASSES_MAX; k++)
            if (at[k] < n && sorted[at[k]].rate * factor[k] > most) {
                most = sorted[at[k]].rate * factor[k];
                best = k;
            }
        *level = fmin(*level, most);
        if (!(most > 0.0))
            break;
        double spent = fmin(left, worth->hours[sorted[at[best]++].i]);
        gain += most * spent;
        left -= spent;
    }
    return gain;
}

/* One level's work. Heap and marks are shared by all levels; a mark holds when it carries the present stamp. */
struct grower {
    const struct tl_survey_worth *worth;
    const struct tl_survey_gather *options;
    struct cell *sorted, *heap; /* owns */
    int64_t n_sorted, n_heap;
    int32_t *taken, *queued; /* owns: [n_cells] stamps */
    int32_t level, region;
    struct tl_survey_plan found; /* owns; room for every cell */
    int64_t room;                /* regions */
};

static bool is_better(const struct cell *a, const struct cell *b)
{
    return a->rate > b->rate || (a->rate == b->rate && a->i < b->i);
}

static void push(struct grower *g, int64_t i)
{
    double rate = tl_survey_worth_rate(g->worth, i);
    if (g->taken[i] == g->level || g->queued[i] == g->region || !(rate > 0.0))
        return;
    g->queued[i] = g->region;
    struct cell in = {rate, i};
    int64_t at = g->n_heap++;
    for (; at > 0 && is_better(&in, &g->heap[(at - 1) / 2]); at = (at - 1) / 2)
        g->heap[at] = g->heap[(at - 1) / 2];
    g->heap[at] = in;
}

static struct cell pop(struct grower *g)
{
    struct cell top = g->heap[0], last = g->heap[--g->n_heap];
    int64_t at = 0;
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= g->n_heap)
            break;
        if (child + 1 < g->n_heap && is_better(&g->heap[child + 1], &g->heap[child]))
            child++;
        if (!is_better(&g->heap[child], &last))
            break;
        g->heap[at] = g->heap[child];
        at = child;
    }
    g->heap[at] = last;
    return top;
}

static void push_neighbours(struct grower *g, int64_t i)
{
    int64_t cell = tl_survey_worth_cell(g->worth, i), n_x = g->worth->grid.n_x, column = cell % n_x;
    const int64_t to[4] = {column > 0 ? cell - 1 : -1, column + 1 < n_x ? cell + 1 : -1, cell - n_x,
                           cell + n_x};
    for (int k = 0; k < 4; k++) {
        int64_t near = tl_survey_worth_find(g->worth, to[k]);
        if (near >= 0)
            push(g, near);
    }
}

/* Grows one region; false when it is too small for want of neighbours or not worth mu. */
static bool grow(struct grower *g, int64_t seed, double mu, struct tl_survey_region *region)
{
    const struct tl_survey_worth *w = g->worth;
    struct tl_survey_region r = {.first = g->found.n_members};
    g->region++;
    g->n_heap = 0;
    push(g, seed);
    while (g->n_heap > 0) {
        struct cell next = g->heap[0];
        bool is_enough = r.area_m2 >= g->options->min_area_m2;
        double hours = w->hours[next.i];
        if (is_enough && (next.rate < mu || r.pass_hours + hours > g->options->hours))
            break;
        pop(g);
        g->taken[next.i] = g->level;
        g->found.members[r.first + r.n++] = next.i;
        r.area_m2 += w->area_m2[next.i];
        r.pass_hours += hours;
        r.loss += next.rate * hours;
        r.items += w->items[next.i] * w->findable[next.i] * w->per_pass;
        push_neighbours(g, next.i);
    }
    r.rate = r.loss / r.pass_hours;
    g->found.n_members += r.n; /* also of a refused one: its cells stay taken */
    *region = r;
    return r.area_m2 >= g->options->min_area_m2 && r.rate >= mu * (1.0 - 1e-12);
}

static int by_loss(const void *a, const void *b)
{
    const struct tl_survey_region *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss < y->loss ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

static int by_rate(const void *a, const void *b)
{
    const struct tl_survey_region *x = a, *y = b;
    if (x->rate != y->rate)
        return x->rate < y->rate ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Passes and hours of the regions in order of rate until the budget ends. */
static void spend(const struct grower *g, double mu, struct tl_survey_plan *plan)
{
    double left = g->options->hours, q = g->worth->per_pass;
    int64_t n = 0;
    plan->hours = plan->items_found = plan->loss_reduction = 0.0;
    for (int64_t k = 0; k < plan->n && left > 1e-9 * g->options->hours; k++) {
        struct tl_survey_region *r = &plan->regions[k];
        double share = 1.0, worth = r->rate * (1.0 - q), gain = 1.0;
        n = k + 1;
        r->passes = 1;
        while (r->passes < TL_SURVEY_PASSES_MAX && worth >= mu &&
               (r->passes + 1) * r->pass_hours <= left) {
            share *= 1.0 - q;
            gain += share;
            worth *= 1.0 - q;
            r->passes++;
        }
        r->coverage = r->pass_hours > left ? left / r->pass_hours : 1.0;
        r->hours = r->passes * r->pass_hours * r->coverage;
        r->loss_reduction = r->loss * gain * r->coverage;
        r->items_found = r->items * gain * r->coverage;
        left -= r->hours;
        plan->hours += r->hours;
        plan->items_found += r->items_found;
        plan->loss_reduction += r->loss_reduction;
    }
    plan->n = n;
}

/* All regions of a level, the n_max greatest of them, spent on. *is_enough: they use up the hours. */
static tl_err try_level(struct tl_ctx *ctx, struct grower *g, double mu, bool *is_enough)
{
    g->level++;
    g->found.n = g->found.n_members = 0;
    for (int64_t k = 0; k < g->n_sorted && g->sorted[k].rate >= mu; k++) {
        struct tl_survey_region region;
        if (g->taken[g->sorted[k].i] == g->level || !grow(g, g->sorted[k].i, mu, &region))
            continue;
        if (g->found.n == g->room) {
            struct tl_survey_region *more =
                tl_regrow(ctx, g->found.regions, g->room, 2 * g->room, sizeof *more);
            if (more == NULL)
                return TL_ENOMEM;
            g->found.regions = more;
            g->room *= 2;
        }
        g->found.regions[g->found.n++] = region;
    }
    qsort(g->found.regions, (size_t)g->found.n, sizeof *g->found.regions, by_loss);
    if (g->found.n > g->options->n_max)
        g->found.n = g->options->n_max;
    qsort(g->found.regions, (size_t)g->found.n, sizeof *g->found.regions, by_rate);
    spend(g, mu, &g->found);
    *is_enough = g->found.hours >= g->options->hours * (1.0 - 1e-9);
    return tl_cancelled(ctx);
}

/* Keeps the present plan if it is better: its regions' cells, packed. */
static tl_err keep_better(struct tl_ctx *ctx, const struct grower *g, struct tl_survey_plan *best)
{
    tl_err err = TL_OK;
    struct tl_survey_plan made = {.n = g->found.n,
                                  .hours = g->found.hours,
                                  .items_found = g->found.items_found,
                                  .loss_reduction = g->found.loss_reduction};
    if (best->regions != NULL && made.loss_reduction <= best->loss_reduction)
        return TL_OK;
    for (int64_t k = 0; k < made.n; k++)
        made.n_members += g->found.regions[k].n;
    TL_TRY_ALLOC(ctx, made.regions, made.n);
    TL_TRY_ALLOC(ctx, made.members, made.n_members);
    for (int64_t k = 0, at = 0; k < made.n; k++) {
        const struct tl_survey_region *from = &g->found.regions[k];
        made.regions[k] = *from;
        made.regions[k].first = at;
        memcpy(made.members + at, g->found.members + from->first,
               (size_t)from->n * sizeof *made.members);
        at += from->n;
    }
    tl_survey_regions_fini(best);
    *best = made;
    made = (struct tl_survey_plan){0};
done:
    tl_survey_regions_fini(&made);
    return err;
}

static tl_err search_levels(struct tl_ctx *ctx, struct grower *g, struct tl_survey_plan *best)
{
    tl_err err = TL_OK;
    /* The last pass over the worst cell: below it there is nothing to buy. */
    double floor_rate =
        g->sorted[g->n_sorted - 1].rate * pow(1.0 - g->worth->per_pass, TL_SURVEY_PASSES_MAX - 1);
    double high = g->sorted[0].rate, low = high, least = high;
    bool is_enough = false;
    for (int k = 0; k < LEVELS && !is_enough; k++) { /* down, until the hours are used up */
        high = low;
        low = fmax(low * (k == 0 ? 1.0 : k < 12 ? 0.7 : 0.2), floor_rate);
        least = low;
        TL_TRY(try_level(ctx, g, low, &is_enough));
        TL_TRY(keep_better(ctx, g, best));
        if (low == floor_rate)
            break;
    }
    for (int k = 0; k < 12 && is_enough && high / low > 1.001; k++) {
        double middle = sqrt(low * high);
        TL_TRY(try_level(ctx, g, middle, &is_enough));
        TL_TRY(keep_better(ctx, g, best));
        *(is_enough ? &low : &high) = middle;
        is_enough = true;
    }
    best->level = least;
done:
    return err;
}

tl_err tl_survey_regions_gather(struct tl_ctx *ctx, const struct tl_survey_worth *worth,
                                const struct tl_survey_gather *options, struct tl_survey_plan *plan)
{
    tl_err err = TL_OK;
    struct grower g = {.worth = worth, .options = options, .room = 64};
    struct tl_survey_plan best = {0};
    TL_TRY(sort_cells(ctx, worth, &g.sorted, &g.n_sorted));
    TL_TRY_ALLOC(ctx, g.heap, g.n_sorted);
    TL_TRY_ALLOC(ctx, g.taken, worth->n_cells);
    TL_TRY_ALLOC(ctx, g.queued, worth->n_cells);
    TL_TRY_ALLOC(ctx, g.found.regions, g.room);
    TL_TRY_ALLOC(ctx, g.found.members, g.n_sorted);
    if (g.n_sorted > 0)
        TL_TRY(search_levels(ctx, &g, &best));
    best.whole_passes = best_of(worth, g.sorted, g.n_sorted, options->hours, &best.level);
    *plan = best;
    best = (struct tl_survey_plan){0};
done:
    tl_free(g.sorted);
    tl_free(g.heap);
    tl_free(g.taken);
    tl_free(g.queued);
    tl_survey_regions_fini(&g.found);
    tl_survey_regions_fini(&best);
    return err;
}

void tl_survey_regions_fini(struct tl_survey_plan *plan)
{
    tl_free(plan->regions);
    tl_free(plan->members);
    *plan = (struct tl_survey_plan){0};
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A run of cells in one row as a rectangle. */
static void rectangle(const struct tl_grid *grid, int64_t cell, int64_t n, unsigned char *wkb)
{
    const uint32_t type = 3, one = 1, five = 5;
    double s = grid->step_m, x0 = grid->x0_m + (double)(cell % grid->n_x) * s;
    double y0 = grid->y0_m - (double)(cell / grid->n_x) * s, x1 = x0 + (double)n * s;
    const double xy[10] = {x0, y0, x0, y0 - s, x1, y0 - s, x1, y0, x0, y0};
    wkb[0] = 1;
    memcpy(wkb + 1, &type, 4);
    memcpy(wkb + 5, &one, 4);
    memcpy(wkb + 9, &five, 4);
    memcpy(wkb + 13, xy, sizeof xy);
}

/* Rows of cells as rectangles, joined by a buffer of nothing. */
tl_err tl_survey_regions_outline(struct tl_ctx *ctx, const struct tl_survey_worth *worth,
                                 const struct tl_survey_plan *plan, int64_t region, void **wkb,
                                 int64_t *wkb_bytes)
{
    tl_err err = TL_OK;
    const struct tl_survey_region *r = &plan->regions[region];
    int64_t *cells = NULL, n_runs = 0;
    unsigned char *parts = NULL;
    const uint32_t type = 6;
    TL_TRY_ALLOC(ctx, cells, r->n);
    TL_TRY_ALLOC(ctx, parts, HEAD_BYTES + r->n * SQUARE_BYTES);
    for (int64_t k = 0; k < r->n; k++)
        cells[k] = tl_survey_worth_cell(worth, plan->members[r->first + k]);
    qsort(cells, (size_t)r->n, sizeof *cells, ascending);
    for (int64_t k = 0, end; k < r->n; k = end) {
        for (end = k + 1;
             end < r->n && cells[end] == cells[end - 1] + 1 && cells[end] % worth->grid.n_x != 0;
             end++)
            ;
        rectangle(&worth->grid, cells[k], end - k, parts + HEAD_BYTES + n_runs++ * SQUARE_BYTES);
    }
    uint32_t n = (uint32_t)n_runs;
    parts[0] = 1;
    memcpy(parts + 1, &type, 4);
    memcpy(parts + 5, &n, 4);
    TL_TRY(tl_geom_buffer(ctx, parts, HEAD_BYTES + n_runs * SQUARE_BYTES, 0.0, wkb, wkb_bytes));
done:
    tl_free(cells);
    tl_free(parts);
    return err;
}
