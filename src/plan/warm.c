/*
 * A market. Tasks choose among their cells by profit, softly (shares in proportion to exp(profit / heat), with "not done" among them), and what is asked for more
 * than there is of it gets dearer: log price += step * (used - have) / have, within bounds. As the heat falls, the choices harden. Subgradients from
 * nothing are hopeless with many teams (all tasks run to the one that is cheapest by a hair); a soft choice spreads them.
 */
#include "plan/warm.h"

#include <math.h>
#include <string.h>

#include "par/par.h"

enum { CHUNK = 512 };

/* Heat at the beginning and at the end, in worths of a typical task; how far a log price moves in a day at most. */
static const double HOT = 0.3, COLD = 0.003, FASTEST = 0.5;

struct market {
    const struct tl_plan_model *m;
    struct tl_plan_dual *at;
    int64_t n_rows, n_chunks;
    double *unit, *have, *used; /* owns: [n_rows] */
    double *part; /* owns: [n_chunks, n_rows + 1] what a chunk of tasks asks for, and its gains */
    double *best; /* owns: [n_rows] multipliers with the least phi */
    double heat, typical, phi, best_phi;
};

static void market_fini(struct market *k)
{
    tl_free(k->unit);
    tl_free(k->have);
    tl_free(k->used);
    tl_free(k->part);
    tl_free(k->best);
}

static tl_err market_init(struct tl_ctx *ctx, const struct tl_plan_model *m,
                          struct tl_plan_dual *dual, struct market *k)
{
    tl_err err = TL_OK;
    *k = (struct market){.m = m, .at = dual, .n_rows = tl_plan_bound_rows(m)};
    k->n_chunks = (m->n_tasks + CHUNK - 1) / CHUNK;
    k->best_phi = INFINITY;
    TL_TRY_ALLOC(ctx, k->unit, k->n_rows);
    TL_TRY_ALLOC(ctx, k->have, k->n_rows);
    TL_TRY_ALLOC(ctx, k->used, k->n_rows);
    TL_TRY_ALLOC(ctx, k->part, k->n_chunks * (k->n_rows + 1));
    TL_TRY_ALLOC(ctx, k->best, k->n_rows);
    memcpy(k->best, dual->theta, (size_t)k->n_rows * sizeof *k->best);
    tl_plan_bound_scale(m, k->unit, k->have);
done:
    return err;
}

/* A cell's part of its task's choice, before it is divided by the sum. */
static double part_of(const struct market *k, const struct tl_plan_each *e, double top)
{
    double profit = tl_plan_bound_profit(k->m, k->at, &k->m->choices[e->choice], e->year);
    double x = (profit - top) / k->heat;
    return x < -12.0 ? 0.0 : exp(x);
}

/* Adds what a task asks for. @return its gain at its best */
static double ask(const struct market *k, int64_t t, double *used)
{
    const struct tl_plan_model *m = k->m;
    bool must = tl_plan_model_must(m, t);
    int32_t district = m->problem->district[t];
    double top = must ? -INFINITY : 0.0, sum, *money = used + m->n_bins;
    for (struct tl_plan_each e = tl_plan_model_each(m, t); tl_plan_model_next(m, &e);)
        top = fmax(top, tl_plan_bound_profit(m, k->at, &m->choices[e.choice], e.year));
    sum = must ? 0.0 : exp(-top / k->heat);
    for (struct tl_plan_each e = tl_plan_model_each(m, t); tl_plan_model_next(m, &e);)
        sum += part_of(k, &e, top);
    for (struct tl_plan_each e = tl_plan_model_each(m, t); tl_plan_model_next(m, &e);) {
        const struct tl_plan_choice *c = &m->choices[e.choice];
        double part = part_of(k, &e, top) / sum;
        used[c->team * m->n_years + e.year] += part * c->days;
        money[e.year] += part * c->cost;
        if (district >= 0)
            money[m->n_years + district] -= part * tl_plan_model_counts(m, t);
    }
    return top;
}

static void ask_all(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct market *k = user;
    double *part = k->part + chunk * (k->n_rows + 1);
    for (int64_t r = 0; r <= k->n_rows; r++)
        part[r] = 0.0;
    for (int64_t t = first; t < last; t++)
        part[k->n_rows] += ask(k, t, part);
}

/* What is asked for at the present prices, in the rows' units, and phi. */
static void demand(struct tl_ctx *ctx, struct market *k)
{
    const struct tl_plan_model *m = k->m;
    double *money = k->used + m->n_bins;
    tl_plan_bound_price(m, k->unit, k->at);
    tl_par_for(ctx, m->n_tasks, CHUNK, ask_all, k);
    k->phi = 0.0;
    for (int64_t r = 0; r < k->n_rows; r++) {
        k->used[r] = 0.0;
        for (int64_t c = 0; c < k->n_chunks; c++)
            k->used[r] += k->part[c * (k->n_rows + 1) + r];
        k->phi += k->at->theta[r] * k->have[r];
    }
    for (int64_t c = 0; c < k->n_chunks; c++)
        k->phi += k->part[c * (k->n_rows + 1) + k->n_rows];
    for (int64_t y = 1; m->problem->carry && y < m->n_years; y++)
        money[y] += money[y - 1];
    for (int64_t r = 0; r < k->n_rows; r++)
        k->used[r] /= k->unit[r];
}

/* Prices that are nothing rise from a small part of a typical worth; those of a floor that is not there stay. */
static void move_prices(struct market *k, double step)
{
    for (int64_t r = 0; r < k->n_rows; r++) {
        double over = k->used[r] - k->have[r], theta = k->at->theta[r];
        if (k->have[r] == 0.0)
            continue;
        theta = fmax(theta, 1e-3 * k->typical);
        k->at->theta[r] = theta * exp(fmax(-FASTEST, fmin(FASTEST, step * over)));
        if (k->at->theta[r] <= 1e-3 * k->typical)
            k->at->theta[r] = 0.0;
    }
}

/* Worth of a task in its best year, on average. */
static double typical_worth(const struct tl_plan_model *m)
{
    double sum = 0.0;
    for (int64_t t = 0; t < m->n_tasks; t++)
        sum += m->problem->value[t];
    return sum > 0.0 ? sum / (double)m->n_tasks : 1.0;
}

tl_err tl_plan_warm_prices(struct tl_ctx *ctx, const struct tl_plan_model *model,
                           int64_t n_iterations, struct tl_plan_dual *dual)
{
    tl_err err = TL_OK;
    struct market k = {0};
    TL_TRY(market_init(ctx, model, dual, &k));
    k.typical = typical_worth(model);
    for (int64_t i = 0; i < n_iterations; i++) {
        double done = (double)i / (double)n_iterations;
        double cooled = pow(COLD / HOT, done);
        TL_TRY(tl_cancelled(ctx));
        k.heat = HOT * cooled * k.typical;
        demand(ctx, &k);
        if (k.phi < k.best_phi) {
            k.best_phi = k.phi;
            memcpy(k.best, dual->theta, (size_t)k.n_rows * sizeof *k.best);
        }
        move_prices(&k, fmax(0.02, 0.5 * cooled));
    }
    memcpy(dual->theta, k.best, (size_t)k.n_rows * sizeof *k.best);
done:
    market_fini(&k);
    return err;
}
