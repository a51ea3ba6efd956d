/* Prices say of every cell how far it is from the best its task can do; a plan near the bound is made of cells with small losses. */
#include "plan/near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double tl_plan_near_best(const struct tl_plan_model *model, const struct tl_plan_dual *dual,
                         int64_t task)
{
    double best = tl_plan_model_must(model, task) ? -INFINITY : 0.0;
    for (struct tl_plan_each e = tl_plan_model_each(model, task); tl_plan_model_next(model, &e);)
        best = fmax(best, tl_plan_bound_profit(model, dual, &model->choices[e.choice], e.year));
    return best;
}

static int by_nearness(const void *a, const void *b)
{
    const struct tl_plan_cell *x = a, *y = b;
    if ((x->must > 0.0) != (y->must > 0.0))
        return x->must > 0.0 ? -1 : 1;
    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return (x->choice > y->choice) - (x->choice < y->choice);
}

/* Least part of a team's year that a must-do task takes; 0 of another. */
static double must_of(const struct tl_plan_model *m, int64_t t)
{
    double least = INFINITY;
    for (struct tl_plan_each e = tl_plan_model_each(m, t); tl_plan_model_next(m, &e);) {
        const struct tl_plan_choice *c = &m->choices[e.choice];
        least = fmin(least, c->days / m->problem->team_days[c->team * m->n_years + e.year]);
    }
    return tl_plan_model_must(m, t) ? least : 0.0;
}

/* All cells of a task into their bins; `fill` holds where each bin goes on. */
static void add_task(const struct tl_plan_model *m, const struct tl_plan_dual *dual, int64_t t,
                     int64_t *fill, struct tl_plan_cell *cells)
{
    double best = tl_plan_near_best(m, dual, t), must = must_of(m, t);
    for (struct tl_plan_each e = tl_plan_model_each(m, t); tl_plan_model_next(m, &e);) {
        const struct tl_plan_choice *c = &m->choices[e.choice];
        int64_t bin = c->team * m->n_years + e.year;
        cells[fill[bin]++] = (struct tl_plan_cell){
            .choice = e.choice,
            .loss = best - tl_plan_bound_profit(m, dual, c, e.year),
            .must = must,
            .price = dual->day[bin] * c->days + dual->money[e.year] * c->cost,
            .year = e.year,
        };
    }
}

static void count_bins(const struct tl_plan_model *m, int64_t *start)
{
    for (int64_t i = 0; i < m->n_choices; i++)
        for (uint64_t years = m->choices[i].years; years != 0; years &= years - 1)
            start[m->choices[i].team * m->n_years + __builtin_ctzll(years) + 1]++;
    for (int64_t b = 0; b < m->n_bins; b++)
        start[b + 1] += start[b];
}

/* Sorts each bin and leaves out what is far. */
static void keep_near(const struct tl_plan_model *m, int64_t most, struct tl_plan_near *near)
{
    int64_t n = 0, first = 0;
    for (int64_t b = 0; b < m->n_bins; b++) {
        int64_t end = near->start[b + 1], others = 0;
        qsort(near->cells + first, (size_t)(end - first), sizeof *near->cells, by_nearness);
        near->start[b] = n;
        for (int64_t i = first; i < end && (most == 0 || others < most); i++) {
            others += !(near->cells[i].must > 0.0);
            near->cells[n++] = near->cells[i];
        }
        first = end;
    }
    near->start[m->n_bins] = n;
}

tl_err tl_plan_near_init(struct tl_ctx *ctx, const struct tl_plan_model *model,
                         const struct tl_plan_dual *dual, int64_t most, struct tl_plan_near *near)
{
    tl_err err = TL_OK;
    struct tl_plan_near n = {0};
    int64_t *fill = NULL;
    TL_TRY_ALLOC(ctx, n.start, model->n_bins + 1);
    TL_TRY_ALLOC(ctx, fill, model->n_bins + 1);
    TL_TRY_ALLOC(ctx, n.cells, model->n_cells);
    count_bins(model, n.start);
    memcpy(fill, n.start, (size_t)(model->n_bins + 1) * sizeof *fill);
    for (int64_t t = 0; t < model->n_tasks; t++)
        add_task(model, dual, t, fill, n.cells);
    keep_near(model, most, &n);
    *near = n;
    n = (struct tl_plan_near){0};
done:
    tl_free(fill);
    tl_plan_near_fini(&n);
    return err;
}

void tl_plan_near_fini(struct tl_plan_near *near)
{
    tl_free(near->start);
    tl_free(near->cells);
    *near = (struct tl_plan_near){0};
}
