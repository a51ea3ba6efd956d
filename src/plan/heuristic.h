/** A good plan by search: greedy at the bound's prices, then teams' years emptied a few at a time and filled again. */
#ifndef TL_PLAN_HEURISTIC_H
#define TL_PLAN_HEURISTIC_H

#include "plan/bound.h"
#include "plan/state.h"

struct tl_plan_effort {
    int64_t n_rounds; /* of emptying and filling; 0 = by the number of teams and years */
    double gap;       /* stop when (bound - objective) / bound is no more than this */
    double
        until_s; /* stop at this time of the monotonic clock; only where rounds take too long does it matter */
};

/**
 * Improves what stands in the state, which may be empty and need not be complete. Deterministic unless until_s cuts it short.
 * @param[in,out] state  ends as the best that was seen
 * Errors: TL_ENOMEM, TL_ECANCELLED (the state is then some plan in the making).
 */
TL_MUST_USE tl_err tl_plan_heuristic_improve(struct tl_ctx *ctx, const struct tl_plan_dual *dual,
                                             const struct tl_plan_effort *effort,
                                             struct tl_plan_state *state);

#endif
