/**
 * Which task waits for which, as a graph without circles. Within a year a task that waits may be done where the other is done in time, told without dates:
 *
 *     an earlier year;  or the same team in the same year (it does the one first);  or another team in the same year, which does the one before the
 *     year's middle and the other after it
 *
 * so that whoever lays out the days of a year finds room for all of them (schedule.c), and a solver needs no clock.
 */
#ifndef TL_PLAN_ORDER_H
#define TL_PLAN_ORDER_H

#include "core/core.h"
#include "plan/problem.h"

struct tl_plan_orders {
    int64_t n_tasks, n; /* orders; the same one twice counts as two */
    int64_t *before_at; /* owns: [n_tasks + 1] into before */
    int32_t *before;    /* owns: [n] the tasks that a task waits for */
    int64_t *after_at;  /* owns: [n_tasks + 1] into after */
    int32_t *after;     /* owns: [n] the tasks that wait for it */
    int32_t *line;      /* owns: [n_tasks] all tasks, each behind those it waits for */
};

/**
 * @param[out] orders  untouched on error
 * Errors: TL_EDATA (no such task; a task that waits for itself, also by way of others: names them, by `name` or numbers from 1), TL_ENOMEM.
 * Cost: O(tasks + orders).
 */
TL_MUST_USE tl_err tl_plan_orders_init(struct tl_ctx *ctx, int64_t n_tasks, int64_t n_orders,
                                       const struct tl_plan_order *list, tl_plan_name_fn name,
                                       void *arg, struct tl_plan_orders *orders);
void tl_plan_orders_fini(struct tl_plan_orders *orders);

/** Who does a task, when. */
struct tl_plan_place {
    int32_t team, year;
    int turn; /* enum tl_plan_turn */
};

/** Whether a task at `then` may wait for one at `first`. */
static inline bool tl_plan_orders_keep(struct tl_plan_place first, struct tl_plan_place then)
{
    if (first.year != then.year)
        return first.year < then.year;
    return first.team == then.team ? first.turn <= then.turn
                                   : first.turn == TL_PLAN_EARLY && then.turn == TL_PLAN_LATE;
}

#endif
