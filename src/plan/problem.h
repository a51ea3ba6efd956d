/**
 * The planning problem as numbers, without projects, files or words: which team does which task in which year, so that the value of what gets done
 * is largest under the teams' days, the years' money, what must and must not be done, and the least share of value that each district is given.
 *
 *     maximise   sum value[t] * year_weight[y] * x[t,k,y]
 *     so that    each task is done at most once (a must-do task exactly once, a must-not task never);
 *                days of a team in a year <= what it has; money of a year <= its budget (what is left is carried over where `carry` says so);
 *                value given to a district >= its floor;
 *                a task that waits for others is done only after all of them (order.h says what that is)
 *
 * A task longer than a team's year is cut into parts before it comes here (src/plan/task.c).
 */
#ifndef TL_PLAN_PROBLEM_H
#define TL_PLAN_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

enum tl_plan_rule { TL_PLAN_MAY, TL_PLAN_MUST, TL_PLAN_MUST_NOT };

/** A team that could do a task: how long it would take and what it would cost, travel included. */
struct tl_plan_option {
    int32_t task, team;
    double days; /* of the team, > 0 */
    double cost; /* money, >= 0 */
};

/** One task waits for another: `then` is done only where `first` is done before it. */
struct tl_plan_order {
    int32_t first, then;
};

/** Where in its team's year a task is done: before the year's middle, wherever there is room, after it. */
enum tl_plan_turn { TL_PLAN_EARLY, TL_PLAN_ANY_TURN, TL_PLAN_LATE };

struct tl_plan_problem {
    int64_t n_tasks, n_teams, n_years, n_options, n_districts;
    const double *value;     /* [n_tasks] >= 0; one unit for all */
    const uint8_t *rule;     /* [n_tasks] enum tl_plan_rule */
    const int32_t *district; /* [n_tasks] 0..n_districts-1, or -1 */
    const int32_t *first_year,
        *last_year; /* [n_tasks] years in which it may be done, 0-based, both inclusive */
    const struct tl_plan_option
        *options;            /* [n_options] sorted by task, then team; at most one a pair */
    const double *team_days; /* [n_teams, n_years] working days, >= 0 */
    const double *budget;    /* [n_years] money, >= 0 */
    bool carry;              /* money that is left may be spent in later years */
    const double *
        year_weight; /* [n_years] value of doing a task in that year (earlier is worth more), > 0 */
    const double
        *floor; /* [n_districts] least sum of `floor_of` (unweighted) to be given; 0 = none */
    const double
        *floor_of; /* [n_tasks] >= 0 what counts towards a floor (hectares, say); NULL = value */
    int64_t n_orders;
    const struct tl_plan_order *orders; /* [n_orders] without circles */
    const double *
        early_days; /* [n_teams, n_years] of team_days, those before the year's middle: work that another team waits for in the
                        year is done in them, and the other's after them; NULL = none: between teams a year passes */
};

enum tl_plan_how { TL_PLAN_EXACT, TL_PLAN_HEURISTIC };
enum { TL_PLAN_NOTE_BYTES = 256 };

/** What messages name. */
enum tl_plan_thing { TL_PLAN_TASK, TL_PLAN_TEAM, TL_PLAN_DISTRICT, TL_PLAN_YEAR };

/** Text of a thing by its index; lives until the next call at least. @return NULL = by its number, from 1 */
typedef const char *(*tl_plan_name_fn)(void *arg, enum tl_plan_thing thing, int64_t index);

struct tl_plan_solution {
    int32_t *team, *year; /* [n_tasks] -1 = not done; owns: tl_plan_solution_fini */
    uint8_t *turn; /* [n_tasks] enum tl_plan_turn; owns; NULL = anywhere, where nothing waits */
    double objective;
    double bound; /* no plan is worth more; proved */
    double gap;   /* (bound - objective) / max(bound, tiny) */
    enum tl_plan_how how;
    bool timed_out; /* the solver stopped at its time limit; the plan is feasible, the gap true */
    double seconds;
    char note
        [TL_PLAN_NOTE_BYTES]; /* why the exact solver was not asked or gave no plan, in words; "" otherwise */
};

struct tl_plan_limits {
    double gap;          /* stop when it is reached; default 0.01 */
    double wait_s;       /* time limit of the solver; default 60 */
    int64_t n_exact_max; /* x variables up to which the exact solver is asked; default 100,000 */
    const char *solver;  /* borrows: program that reads MPS as CBC does; NULL = "cbc" */
    bool heuristic;      /* do not ask the exact solver */
};
struct tl_plan_limits tl_plan_limits_default(void);

/**
 * Solves. CBC is run as a program on an MPS file in a temporary folder; where it is not installed, or for more variables than n_exact_max, a heuristic
 * (Lagrangian bound, greedy with repair, exchanges) answers, with a bound that is proved too. Deterministic for the heuristic unless wait_s cuts it short; for the exact solver as far as CBC is.
 * @param[out] solution  untouched on error
 * Errors: TL_EDATA: infeasible must-do set or floors; the message names a small set of tasks or the district that conflict (by `name`), and why.
 *         TL_ENUMERIC (the solver failed, or neither a plan nor a proof that there is none was found), TL_EIO, TL_ENOMEM, TL_ECANCELLED (Ctrl-C kills the solver too).
 * @param name  texts for messages; may be NULL
 */
TL_MUST_USE tl_err tl_plan_solve(struct tl_ctx *ctx, const struct tl_plan_problem *problem,
                                 const struct tl_plan_limits *limits, tl_plan_name_fn name,
                                 void *arg, struct tl_plan_solution *solution);
void tl_plan_solution_fini(struct tl_plan_solution *solution);

/** Checks a solution against every constraint; the breach in the context's message. Used by tests and after every solve. */
TL_MUST_USE tl_err tl_plan_verify(struct tl_ctx *ctx, const struct tl_plan_problem *problem,
                                  const struct tl_plan_solution *solution);

/**
 * Shadow prices of the linear relaxation's Lagrangian at its best multipliers, for `plan explain`: what one more day of a team in a year and one more unit of
 * money in a year would be worth.
 * Errors: TL_EDATA (numbers out of range; no plan is possible), TL_ENOMEM, TL_ECANCELLED. @param[out] day [n_teams, n_years], money [n_years]
 */
TL_MUST_USE tl_err tl_plan_prices(struct tl_ctx *ctx, const struct tl_plan_problem *problem,
                                  double *day, double *money);

#endif
