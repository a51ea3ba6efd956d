#include "unit.h"

#include "tilth/field.h"

TEST(prior_draws_have_the_priors_variance_and_range)
{
    enum { SIDE = 360, RANGE = 9 };
    static double u[SIDE * SIDE], again[SIDE * SIDE];
    double square = 0.0, product = 0.0, n = 0.0;
    CHECK_OK(tl_field_draw_prior(ctx, SIDE, SIDE, 10.0, 10.0 * RANGE, 1.7, 5, u));
    tl_ctx_set_threads(ctx, 7);
    CHECK_OK(tl_field_draw_prior(ctx, SIDE, SIDE, 10.0, 10.0 * RANGE, 1.7, 5, again));
    CHECK(memcmp(u, again, sizeof u) == 0);
    for (int y = RANGE; y < SIDE - RANGE; y++)
        for (int x = RANGE; x < SIDE - 2 * RANGE; x++) {
            square += u[y * SIDE + x] * u[y * SIDE + x];
            product += u[y * SIDE + x] * u[y * SIDE + x + RANGE];
            n += 1.0;
        }
    CHECK_NEAR(square / n, 1.7 * 1.7, 0.08 * 1.7 * 1.7); /* about 1000 independent patches */
    CHECK_NEAR(product / square, 0.1397, 0.04);          /* sqrt(8) K_1(sqrt(8)) */
    CHECK_FAILS(tl_field_draw_prior(ctx, 3, 3, 1.0, -2.0, 1.0, 1, u), TL_EDATA, "-2");
    CHECK_FAILS(tl_field_draw_prior(ctx, 0, 3, 1.0, 2.0, 1.0, 1, u), TL_EDATA, "0 x 3");
}
