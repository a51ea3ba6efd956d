/** The exact solver's answer to the problem, begun from a plan by search. */
#ifndef TL_PLAN_EXACT_H
#define TL_PLAN_EXACT_H

#include "plan/bound.h"
#include "plan/state.h"

struct tl_plan_exact {
    bool missing;    /* there is no such program; nothing was done */
    bool timed_out;  /* it was stopped by its time limit */
    bool infeasible; /* proved: there is no plan */
    double bound;    /* no plan is worth more; +INFINITY where it told nothing */
};

/**
 * @param[in,out] state  in: a plan to begin with, complete or not; out: the better of the two
 * Errors: those of tl_plan_cbc_run.
 */
TL_MUST_USE tl_err tl_plan_exact_solve(struct tl_ctx *ctx, const struct tl_plan_dual *dual,
                                       const struct tl_plan_limits *limits,
                                       struct tl_plan_state *state, struct tl_plan_exact *exact);

#endif
