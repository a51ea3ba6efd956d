/** The planning problem as an integer programme in free MPS, for a solver that is a program of its own. */
#ifndef TL_PLAN_MPS_H
#define TL_PLAN_MPS_H

#include "core/buf.h"
#include "plan/bound.h"

/** A column x<i>: a choice in a year. */
struct tl_plan_column {
    int64_t choice;
    int32_t year;
};

struct tl_plan_columns {
    struct tl_plan_column *column; /* owns: [n] by task */
    bool *needed; /* owns: [n_tasks] no plan better than `lower` leaves the task out */
    int64_t n;
};

/**
 * The columns that a plan worth more than `lower` can use: by the bound's prices, one whose loss would bring the bound below `lower` is in none.
 * @param lower  worth of a plan that is known; -INFINITY keeps all
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_plan_mps_columns(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                       const struct tl_plan_dual *dual, double lower,
                                       struct tl_plan_columns *columns);
void tl_plan_mps_columns_fini(struct tl_plan_columns *columns);

/**
 * The text. Rows are in units of what there is; the objective is `scale` times the worth, negated, for solvers that make it least.
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_plan_mps_write(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                     const struct tl_plan_columns *columns, double scale,
                                     struct tl_buf *text);

#endif
