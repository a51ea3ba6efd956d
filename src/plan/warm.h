/** Prices to begin with: what a market would ask for days, money and floors. */
#ifndef TL_PLAN_WARM_H
#define TL_PLAN_WARM_H

#include "plan/bound.h"

/**
 * Sets dual->theta, from wherever it stands, to the best prices of `n_iterations` days of the market; tl_plan_bound_improve takes them up and proves their bound.
 * Deterministic on any number of threads. Errors: TL_ENOMEM, TL_ECANCELLED. Cost: O(n_cells) an iteration.
 */
TL_MUST_USE tl_err tl_plan_warm_prices(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                       int64_t n_iterations, struct tl_plan_dual *dual);

#endif
