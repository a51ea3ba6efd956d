/* Prices from the relaxation (bound.c). A price that the bound does not need is told as nothing. */
#include <math.h>
#include <string.h>

#include "plan/warm.h"

enum { WARM = 400, POLISH = 600 };

/* A price of a row whose all is worth less than this share of the bound is nothing, if the bound holds without it. */
static const double NOTHING = 1e-4;

/* Lets go of small prices together, where that costs the bound next to nothing. */
static tl_err tidy(struct tl_ctx *ctx, const struct tl_plan_model *m, struct tl_plan_dual *dual)
{
    tl_err err = TL_OK;
    struct tl_plan_dual without = {0};
    TL_TRY(tl_plan_bound_init(ctx, m, &without));
    for (int64_t r = 0; r < tl_plan_bound_rows(m); r++)
        without.theta[r] = dual->theta[r] > NOTHING * dual->bound ? dual->theta[r] : 0.0;
    TL_TRY(tl_plan_bound_improve(ctx, m, 0.0, 0.0, 0, &without));
    if (without.bound <= dual->bound * (1.0 + NOTHING)) {
        struct tl_plan_dual with = *dual;
        *dual = without;
        without = with;
    }
done:
    tl_plan_bound_fini(&without);
    return err;
}

tl_err tl_plan_prices(struct tl_ctx *ctx, const struct tl_plan_problem *problem, double *day,
                      double *money)
{
    tl_err err = TL_OK;
    struct tl_plan_model m = {0};
    struct tl_plan_dual dual = {0};
    TL_TRY(tl_plan_model_init(ctx, problem, &m));
    TL_TRY(tl_plan_bound_init(ctx, &m, &dual));
    TL_TRY(tl_plan_warm_prices(ctx, &m, WARM, &dual));
    TL_TRY(tl_plan_bound_improve(ctx, &m, 0.0, 0.0, POLISH, &dual));
    if (dual.infeasible)
        TL_THROW(ctx, TL_EDATA,
                 "there is no plan that does all that it must, so nothing has a price");
    TL_TRY(tidy(ctx, &m, &dual));
    memcpy(day, dual.day, (size_t)m.n_bins * sizeof *day);
    memcpy(money, dual.money, (size_t)m.n_years * sizeof *money);
done:
    tl_plan_bound_fini(&dual);
    tl_plan_model_fini(&m);
    return err;
}
