/**
 * The problem as the solvers want it: what can be done at all, in rows of one kind.
 *
 * An option keeps the years in which it fits on its own (its window, the team's days, the money there can be), as bits; an option without a
 * year, a task that must not be done and one that gives nothing and need not be done have no options left. What is left of the constraints are
 * rows "used <= have": a row a team and year (days), a row a year (money, cumulative where it is carried over), a row a district with
 * a floor (minus what it is given <= minus floor), a row an order and year (what waits and is done by its end <= what it waits for and is).
 *
 * A task that others wait for, or that waits, has its options once for each turn that it may take in a year (order.h); one whose others cannot be
 * done in time has none. What a must-do task waits for must be done as well.
 */
#ifndef TL_PLAN_MODEL_H
#define TL_PLAN_MODEL_H

#include "core/core.h"
#include "plan/order.h"
#include "plan/problem.h"

enum { TL_PLAN_YEARS_MAX = 64 };

struct tl_plan_choice {
    uint64_t years; /* bit y: may be done in year y */
    double days, cost;
    int32_t task, team;
    int turn; /* enum tl_plan_turn; TL_PLAN_ANY_TURN where nothing waits */
};

struct tl_plan_model {
    const struct tl_plan_problem *problem; /* borrows */
    int64_t n_tasks, n_teams, n_years, n_bins, n_districts, n_choices;
    int64_t n_cells;                /* pairs of a choice and a year */
    int64_t *start;                 /* owns: [n_tasks + 1] into choices */
    struct tl_plan_choice *choices; /* owns: [n_choices] by task, then team, then turn */
    double *
        money; /* owns: [n_years] that can be spent in the year, or by its end where it is carried over */
    bool *must;                   /* owns: [n_tasks] must be done, or a must-do task waits for it */
    struct tl_plan_orders orders; /* owns */
    double value_max;             /* of a task in its best year; 1 where all are worth nothing */
};

/**
 * @param[out] model  untouched on error; borrows the problem
 * Errors: TL_EDATA (numbers out of range, more than TL_PLAN_YEARS_MAX years, options out of order), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_plan_model_init(struct tl_ctx *ctx, const struct tl_plan_problem *problem,
                                      struct tl_plan_model *model);
void tl_plan_model_fini(struct tl_plan_model *model);

/** Whether a task must be done. */
static inline bool tl_plan_model_must(const struct tl_plan_model *model, int64_t task)
{
    return model->must[task];
}

/** Days of a team and year in which a turn may be taken. */
static inline double tl_plan_model_turn_days(const struct tl_plan_model *model, int64_t bin,
                                             int turn)
{
    const struct tl_plan_problem *p = model->problem;
    double early = p->early_days != NULL ? p->early_days[bin] : 0.0;
    return turn == TL_PLAN_EARLY  ? early
           : turn == TL_PLAN_LATE ? (p->early_days != NULL ? p->team_days[bin] - early : 0.0)
                                  : p->team_days[bin];
}

/** Floor of the task's district, 0 without one. */
static inline double tl_plan_model_floor(const struct tl_plan_model *model, int64_t task)
{
    int32_t district = model->problem->district[task];
    return district < 0 ? 0.0 : model->problem->floor[district];
}

/** What a task counts towards its district's floor. */
static inline double tl_plan_model_counts(const struct tl_plan_model *model, int64_t task)
{
    const struct tl_plan_problem *p = model->problem;
    return p->floor_of != NULL ? p->floor_of[task] : p->value[task];
}

/** All that can be done with a task: each choice in each of its years. */
struct tl_plan_each {
    int64_t next, end; /* choices */
    uint64_t years;    /* of the present choice that are still to come */
    int64_t choice;
    int32_t year;
};

static inline struct tl_plan_each tl_plan_model_each(const struct tl_plan_model *model,
                                                     int64_t task)
{
    return (struct tl_plan_each){.next = model->start[task], .end = model->start[task + 1]};
}

/** Goes on; false at the end. */
static inline bool tl_plan_model_next(const struct tl_plan_model *model, struct tl_plan_each *each)
{
    if (each->years == 0) {
        if (each->next >= each->end)
            return false;
        each->choice = each->next++;
        each->years = model->choices[each->choice].years; /* never 0 */
    }
    each->year = __builtin_ctzll(each->years);
    each->years &= each->years - 1;
    return true;
}

#endif
