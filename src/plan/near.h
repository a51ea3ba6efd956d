/** For each team and year, the tasks that prices would give it, nearest first: where a search has to look. */
#ifndef TL_PLAN_NEAR_H
#define TL_PLAN_NEAR_H

#include "plan/bound.h"

/** A choice in a year. */
struct tl_plan_cell {
    int64_t choice;
    double loss;  /* how much the bound falls when the task is done so */
    double price; /* of its days and money */
    double must;  /* of a must-do task: the least part of a team's year that it takes; else 0 */
    int32_t year;
};

struct tl_plan_near {
    int64_t *start;             /* owns: [n_bins + 1] into cells */
    struct tl_plan_cell *cells; /* owns: by bin; must-do tasks, then by loss */
};

enum { TL_PLAN_NEAR_MAX = 120 };

/**
 * @param most  cells of a bin beside those of must-do tasks; 0 = all
 * Errors: TL_ENOMEM. Cost: O(n_cells log).
 */
TL_MUST_USE tl_err tl_plan_near_init(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                     const struct tl_plan_dual *dual, int64_t most,
                                     struct tl_plan_near *near);
void tl_plan_near_fini(struct tl_plan_near *near);

/** The task's best profit at the prices, 0 when it is better not done. Not of a must-do task: its best, of either sign. */
double tl_plan_near_best(const struct tl_plan_model *model, const struct tl_plan_dual *dual,
                         int64_t task);

#endif
