/*
 * Lagrangian relaxation. With a price theta_r >= 0 on each row "used_r <= have_r" (days of a team and year, money, minus what a district is given)
 * tasks no longer compete, and
 *
 *     phi(theta) = sum_r theta_r have_r + sum_t max(0, max_{k,y} profit[t,k,y])        (a must-do task: without the 0)
 *
 * is at least the worth of any plan, for any prices: that is the proof, and it needs nothing from how the prices were found. They are found by the volume
 * algorithm (Barahona, Anbil 2000): steps from the best prices so far along a moving mean of the subgradients, of Polyak's length towards a worth that is
 * known. The relaxation has the integrality property, so the best phi is the bound of the linear programme over the choices that fit on their own.
 *
 * Order between tasks is a row an order and year, too: by its end, what waits is done at most as often as what it waits for. That is weaker than
 * the order (turns within a year are not in it), so it holds for every plan.
 *
 * Tried and left: plain subgradients from the last point (about three times the iterations for the same bound).
 */
#include "plan/bound.h"

#include <math.h>
#include <string.h>

#include "par/par.h"

enum { CHUNK = 512, PATIENCE = 12 };

/* Of a row of an order, in tasks: such a row is one task's matter where others are a team's year's, and steps are of one length for all. */
static const double ORDER_UNIT = 3.0;

/* Of the sums' own rounding, relative; far above 1e5 terms times 1e-16. */
static const double ROUNDING = 1e-10;

struct work {
    const struct tl_plan_model *m;
    int64_t n_rows;
    double *theta;                      /* borrows: of `at` */
    double *unit, *have, *slope, *mean; /* owns: [n_rows] */
    double *best_slope;                 /* owns: [n_rows] at the best prices */
    double *gain;                       /* [n_tasks] of each task at its best */
    int64_t *pick;                      /* [n_tasks] choice, -1 = not done */
    int32_t *year;                      /* [n_tasks] */
    struct tl_plan_dual at;             /* prices at theta, in units of the problem */
    double phi;
};

static void work_fini(struct work *w)
{
    tl_free(w->unit);
    tl_free(w->have);
    tl_free(w->slope);
    tl_free(w->mean);
    tl_free(w->best_slope);
    tl_free(w->gain);
    tl_free(w->pick);
    tl_free(w->year);
    tl_plan_bound_fini(&w->at);
}

int64_t tl_plan_bound_rows(const struct tl_plan_model *model)
{
    return model->n_bins + model->n_years + model->n_districts + model->orders.n * model->n_years;
}

/* Rows in units of what there is, so that one length of step suits them all. */
void tl_plan_bound_scale(const struct tl_plan_model *model, double *unit, double *have)
{
    int64_t n_orders = model->orders.n * model->n_years;
    for (int64_t i = 0, first = tl_plan_bound_rows(model) - n_orders; i < n_orders; i++) {
        unit[first + i] = ORDER_UNIT;
        have[first + i] = 0.0;
    }
    for (int64_t r = 0; r < tl_plan_bound_rows(model) - n_orders; r++) {
        int64_t y = r - model->n_bins, d = y - model->n_years;
        double amount = r < model->n_bins ? model->problem->team_days[r]
                        : d < 0           ? model->money[y]
                                          : model->problem->floor[d];
        unit[r] = amount > 0.0 ? amount : 1.0;
        have[r] = amount / unit[r] * (d < 0 ? 1.0 : -1.0);
    }
}

/* A price of an order and year is paid by what waits in that year or before, and earned by what it waits for. */
static void price_orders(const struct tl_plan_model *m, const double *theta,
                         struct tl_plan_dual *dual)
{
    int64_t n = m->n_tasks * m->n_years;
    for (int64_t i = 0; i < n; i++)
        dual->wait[i] = 0.0;
    for (int64_t i = 0; i < m->orders.n; i++) {
        const struct tl_plan_order *o = &m->problem->orders[i];
        double later = 0.0;
        for (int64_t y = m->n_years - 1; y >= 0; y--) {
            later += theta[i * m->n_years + y] / ORDER_UNIT;
            dual->wait[o->first * m->n_years + y] += later;
            dual->wait[o->then * m->n_years + y] -= later;
        }
    }
}

/* How much more often what waits is done by a year's end than what it waits for. */
static void count_orders(const struct work *w, double *slope)
{
    const struct tl_plan_model *m = w->m;
    for (int64_t i = 0; i < m->orders.n; i++) {
        const struct tl_plan_order *o = &m->problem->orders[i];
        for (int64_t y = 0; y < m->n_years; y++)
            slope[i * m->n_years + y] =
                (w->pick[o->then] >= 0 && w->year[o->then] <= y ? 1.0 : 0.0) -
                (w->pick[o->first] >= 0 && w->year[o->first] <= y ? 1.0 : 0.0);
    }
}

void tl_plan_bound_price(const struct tl_plan_model *model, const double *unit,
                         struct tl_plan_dual *dual)
{
    const double *money = dual->theta + model->n_bins, *floor = money + model->n_years;
    for (int64_t b = 0; b < model->n_bins; b++)
        dual->day[b] = dual->theta[b] / unit[b];
    for (int64_t y = model->n_years - 1; y >= 0; y--) {
        bool carry = model->problem->carry && y < model->n_years - 1;
        dual->money[y] = money[y] / unit[model->n_bins + y] + (carry ? dual->money[y + 1] : 0.0);
    }
    for (int64_t d = 0; d < model->n_districts; d++)
        dual->bonus[d] = model->problem->floor[d] > 0.0 ? floor[d] / model->problem->floor[d] : 0.0;
    if (dual->wait != NULL)
        price_orders(model, floor + model->n_districts, dual);
}

static tl_err work_init(struct tl_ctx *ctx, const struct tl_plan_model *m, struct work *w)
{
    tl_err err = TL_OK;
    *w = (struct work){.m = m, .n_rows = tl_plan_bound_rows(m)};
    TL_TRY_ALLOC(ctx, w->unit, w->n_rows);
    TL_TRY_ALLOC(ctx, w->have, w->n_rows);
    TL_TRY_ALLOC(ctx, w->slope, w->n_rows);
    TL_TRY_ALLOC(ctx, w->mean, w->n_rows);
    TL_TRY_ALLOC(ctx, w->best_slope, w->n_rows);
    TL_TRY_ALLOC(ctx, w->gain, m->n_tasks);
    TL_TRY_ALLOC(ctx, w->pick, m->n_tasks);
    TL_TRY_ALLOC(ctx, w->year, m->n_tasks);
    TL_TRY(tl_plan_bound_init(ctx, m, &w->at));
    w->theta = w->at.theta;
    tl_plan_bound_scale(m, w->unit, w->have);
done:
    return err;
}

static void best_choice(struct work *w, int64_t t)
{
    const struct tl_plan_model *m = w->m;
    double best = tl_plan_model_must(m, t) ? -INFINITY : 0.0;
    w->pick[t] = -1;
    for (struct tl_plan_each e = tl_plan_model_each(m, t); tl_plan_model_next(m, &e);) {
        double profit = tl_plan_bound_profit(m, &w->at, &m->choices[e.choice], e.year);
        if (profit <= best)
            continue;
        best = profit;
        w->pick[t] = e.choice;
        w->year[t] = e.year;
    }
    w->gain[t] = best;
}

static void best_choices(void *user, int64_t first, int64_t last, int64_t chunk)
{
    (void)chunk;
    for (int64_t t = first; t < last; t++)
        best_choice(user, t);
}

/* phi and its subgradient (used minus have, so the way to go) at theta. */
static void evaluate(struct tl_ctx *ctx, struct work *w)
{
    const struct tl_plan_model *m = w->m;
    const struct tl_plan_problem *p = m->problem;
    double size = 0.0, *money = w->slope + m->n_bins, *given = money + m->n_years;
    tl_plan_bound_price(m, w->unit, &w->at);
    tl_par_for(ctx, m->n_tasks, CHUNK, best_choices, w);
    w->phi = 0.0;
    for (int64_t r = 0; r < w->n_rows; r++) {
        w->phi += w->theta[r] * w->have[r];
        size += w->theta[r];
        w->slope[r] = 0.0;
    }
    for (int64_t t = 0; t < m->n_tasks; t++) {
        const struct tl_plan_choice *c = &m->choices[w->pick[t] < 0 ? 0 : w->pick[t]];
        w->phi += w->gain[t];
        size += fabs(w->gain[t]);
        if (w->pick[t] < 0)
            continue;
        w->slope[c->team * m->n_years + w->year[t]] += c->days;
        money[w->year[t]] += c->cost;
        if (p->district[t] >= 0)
            given[p->district[t]] -= tl_plan_model_counts(m, t);
    }
    for (int64_t y = 1; p->carry && y < m->n_years; y++)
        money[y] += money[y - 1];
    count_orders(w, given + m->n_districts);
    for (int64_t r = 0; r < w->n_rows; r++)
        w->slope[r] = w->slope[r] / w->unit[r] - w->have[r];
    for (int64_t d = 0; d < m->n_districts; d++)
        given[d] = p->floor[d] > 0.0 ? given[d] : 0.0;
    w->phi =
        isfinite(size) ? w->phi + ROUNDING * size : -INFINITY; /* a must-do task without a choice */
}

/* Weight of the newest subgradient that makes the mean shortest, within bounds. */
static double weight_of(const struct work *w, double most)
{
    double above = 0.0, below = 0.0;
    for (int64_t r = 0; r < w->n_rows; r++) {
        double d = w->slope[r] - w->mean[r];
        above -= d * w->mean[r];
        below += d * d;
    }
    double alpha = below > 0.0 ? above / below : most;
    return fmin(most, fmax(0.1 * most, alpha));
}

/* Moves theta from the best prices along the mean; false where the mean says nothing. */
static bool step(struct work *w, const double *best, double length)
{
    double norm = 0.0;
    for (int64_t r = 0; r < w->n_rows; r++)
        if (best[r] > 0.0 || w->mean[r] > 0.0)
            norm += w->mean[r] * w->mean[r];
    if (!(norm > 1e-20))
        return false;
    for (int64_t r = 0; r < w->n_rows; r++)
        w->theta[r] = fmax(0.0, best[r] + length / norm * w->mean[r]);
    return true;
}

/* Begins the mean anew where the best prices are: far from them it had become misleading. */
static void start_mean(struct work *w)
{
    memcpy(w->mean, w->best_slope, (size_t)w->n_rows * sizeof *w->mean);
}

/* Keeps the prices where they are the best so far. */
static bool keep(struct work *w, struct tl_plan_dual *dual)
{
    const struct tl_plan_model *m = w->m;
    dual->infeasible = dual->infeasible || w->phi < -1e-9 * m->value_max;
    if (!(w->phi < dual->bound))
        return false;
    dual->bound = w->phi;
    memcpy(w->best_slope, w->slope, (size_t)w->n_rows * sizeof *w->slope);
    memcpy(dual->theta, w->theta, (size_t)w->n_rows * sizeof *w->theta);
    memcpy(dual->day, w->at.day, (size_t)m->n_bins * sizeof *w->at.day);
    memcpy(dual->money, w->at.money, (size_t)m->n_years * sizeof *w->at.money);
    memcpy(dual->bonus, w->at.bonus, (size_t)m->n_districts * sizeof *w->at.bonus);
    if (dual->wait != NULL)
        memcpy(dual->wait, w->at.wait, (size_t)(m->n_tasks * m->n_years) * sizeof *w->at.wait);
    return true;
}

/* The mean with the newest subgradient in it. @return whether that points ahead */
static bool update_mean(struct work *w, double most)
{
    double alpha = weight_of(w, most), ahead = 0.0;
    for (int64_t r = 0; r < w->n_rows; r++) {
        ahead += w->slope[r] * w->mean[r];
        w->mean[r] = alpha * w->slope[r] + (1.0 - alpha) * w->mean[r];
    }
    return ahead > 0.0;
}

tl_err tl_plan_bound_improve(struct tl_ctx *ctx, const struct tl_plan_model *model, double lower,
                             double gap, int64_t n_iterations, struct tl_plan_dual *dual)
{
    tl_err err = TL_OK;
    struct work w = {0};
    double factor = 1.0, most = 0.3;
    int64_t n_worse = 0;
    TL_TRY(work_init(ctx, model, &w));
    memcpy(w.theta, dual->theta, (size_t)w.n_rows * sizeof *w.theta);
    evaluate(ctx, &w);
    if (!keep(&w, dual))
        memcpy(w.best_slope, w.slope, (size_t)w.n_rows * sizeof *w.slope);
    start_mean(&w);
    for (int64_t i = 0; i < n_iterations && !dual->infeasible; i++) {
        double missing = dual->bound - lower, before = dual->bound;
        TL_TRY(tl_cancelled(ctx));
        if (missing <= fmax(gap, 1e-9) * dual->bound || factor < 1e-5)
            break;
        if (!step(&w, dual->theta, factor * missing)) {
            start_mean(&w);
            factor *= 0.5;
            continue;
        }
        evaluate(ctx, &w);
        bool ahead = update_mean(&w, most);
        if (keep(&w, dual)) {
            factor = ahead ? fmin(2.0, 1.1 * factor) : factor;
            n_worse = before - dual->bound > 1e-6 * missing ? 0 : n_worse;
        } else if (++n_worse >= PATIENCE) {
            factor *= 0.7;
            most = fmax(0.02, 0.9 * most);
            n_worse = 0;
        }
    }
done:
    work_fini(&w);
    return err;
}

tl_err tl_plan_bound_init(struct tl_ctx *ctx, const struct tl_plan_model *model,
                          struct tl_plan_dual *dual)
{
    tl_err err = TL_OK;
    struct tl_plan_dual d = {.bound = INFINITY};
    TL_TRY_ALLOC(ctx, d.day, model->n_bins);
    TL_TRY_ALLOC(ctx, d.money, model->n_years);
    TL_TRY_ALLOC(ctx, d.bonus, model->n_districts);
    TL_TRY_ALLOC(ctx, d.theta, tl_plan_bound_rows(model));
    if (model->orders.n > 0)
        TL_TRY_ALLOC(ctx, d.wait, model->n_tasks * model->n_years);
    *dual = d;
    d = (struct tl_plan_dual){0};
done:
    tl_plan_bound_fini(&d);
    return err;
}

void tl_plan_bound_fini(struct tl_plan_dual *dual)
{
    tl_free(dual->day);
    tl_free(dual->money);
    tl_free(dual->bonus);
    tl_free(dual->wait);
    tl_free(dual->theta);
    *dual = (struct tl_plan_dual){0};
}
