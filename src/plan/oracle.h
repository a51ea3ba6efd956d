/** Whether some of the things that are asked for (must-do tasks, floors) can be had together. */
#ifndef TL_PLAN_ORACLE_H
#define TL_PLAN_ORACLE_H

#include "plan/model.h"

/** Something asked for: a must-do task, or a district's floor. */
struct tl_plan_demand {
    bool is_floor;
    int64_t index; /* of the task or the district */
};

struct tl_plan_question {
    const struct tl_plan_problem *problem; /* borrows */
    const struct tl_plan_limits *limits;   /* borrows */
    bool any_days, any_money;              /* as if there were enough of these */
    double until_s; /* of the monotonic clock: later questions are not looked into deeply */
};

enum tl_plan_verdict { TL_PLAN_CAN, TL_PLAN_CANNOT, TL_PLAN_UNKNOWN };

/**
 * CAN and CANNOT are proved: by a plan; by the bound, the exact solver, or trying everything.
 * @param[out] verdict  untouched on error
 * Errors: TL_ENOMEM, TL_ECANCELLED, TL_EIO.
 */
TL_MUST_USE tl_err tl_plan_oracle_ask(struct tl_ctx *ctx, const struct tl_plan_question *question,
                                      int64_t n, const struct tl_plan_demand *demands,
                                      enum tl_plan_verdict *verdict);

/**
 * The most that a district can be given, from above: proved.
 * Errors: TL_ENOMEM, TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_plan_oracle_most(struct tl_ctx *ctx, const struct tl_plan_question *question,
                                       int64_t district, double *most);

#endif
