/** A proved bound on the worth of any plan, and prices of days, money and floors, by Lagrangian relaxation of all that tasks share. */
#ifndef TL_PLAN_BOUND_H
#define TL_PLAN_BOUND_H

#include "plan/model.h"

struct tl_plan_dual {
    double bound;    /* no plan is worth more */
    bool infeasible; /* proved: there is no plan at all */
    double *day;     /* owns: [n_bins] worth of a day of a team in a year */
    double *money;   /* owns: [n_years] worth of a unit of money spent in the year */
    double *
        bonus; /* owns: [n_districts] what a unit that counts towards the floor is worth beside its value */
    double *
        wait; /* owns: [n_tasks, n_years] what a task earns that others wait for, less what one pays that waits; NULL where none does */
    double *theta; /* owns: [n_rows] multipliers of the scaled rows, to go on from */
};

/** Prices of nothing: every task done in its best year. */
TL_MUST_USE tl_err tl_plan_bound_init(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                      struct tl_plan_dual *dual);
void tl_plan_bound_fini(struct tl_plan_dual *dual);

/**
 * Goes on from the prices that stand in `dual`, by the volume algorithm; the bound only falls.
 * @param lower  worth of a plan that is known; 0 without one. Only the length of steps depends on it, never the proof
 * @param gap    stop when (bound - lower) / bound is no more than this
 * Deterministic on any number of threads. Errors: TL_ENOMEM, TL_ECANCELLED. Cost: O(n_cells) an iteration.
 */
TL_MUST_USE tl_err tl_plan_bound_improve(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                         double lower, double gap, int64_t n_iterations,
                                         struct tl_plan_dual *dual);

/** The rows that carry prices, and what each has in its own unit: 1, or -1 of a floor, or 0 (also of all rows of orders, which are the last). */
int64_t tl_plan_bound_rows(const struct tl_plan_model *model);
void tl_plan_bound_scale(const struct tl_plan_model *model, double *unit, double *have);

/** Prices in units of the problem (dual->day, money, bonus) from dual->theta; money that is carried over is as scarce as in any later year. */
void tl_plan_bound_price(const struct tl_plan_model *model, const double *unit,
                         struct tl_plan_dual *dual);

/** What doing a task by a choice in a year is worth beyond what it takes, at the prices. */
static inline double tl_plan_bound_profit(const struct tl_plan_model *m,
                                          const struct tl_plan_dual *dual,
                                          const struct tl_plan_choice *c, int64_t year)
{
    const struct tl_plan_problem *p = m->problem;
    int32_t district = p->district[c->task];
    double bonus = district < 0 ? 0.0 : dual->bonus[district] * tl_plan_model_counts(m, c->task);
    return p->value[c->task] * p->year_weight[year] + bonus -
           dual->day[c->team * m->n_years + year] * c->days - dual->money[year] * c->cost +
           (dual->wait != NULL ? dual->wait[c->task * m->n_years + year] : 0.0);
}

#endif
