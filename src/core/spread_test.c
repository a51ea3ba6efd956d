#include "unit.h"

#include "core/spread.h"

enum { N = 300000 };

static float number(int64_t i)
{
    return i % 97 == 5 ? NAN : i % 1013 == 7 ? INFINITY : (float)((i * 48271) % 65537 - 1000);
}

TEST(range_is_of_all_and_quantiles_of_an_even_sample_in_any_order)
{
    struct tl_spread_sum sum;
    struct tl_spread up, down;
    double min = INFINITY, max = -INFINITY, positive = INFINITY;
    CHECK_OK(tl_spread_begin(ctx, N, &sum));
    for (int64_t i = 0; i < N; i++) {
        double v = (double)number(i);
        if (isfinite(v)) {
            min = fmin(min, v), max = fmax(max, v);
            positive = v > 0.0 ? fmin(positive, v) : positive;
        }
        tl_spread_add(&sum, i, number(i));
    }
    tl_spread_end(&sum, &up);
    CHECK(up.min == min && up.max == max && up.min_positive == positive);
    CHECK_NEAR((double)up.quantiles[128], 0.5 * (min + max), 0.01 * (max - min));
    CHECK_NEAR((double)up.quantiles[64], min + 0.25 * (max - min), 0.01 * (max - min));
    for (int q = 0; q < TL_SPREAD_QUANTILES; q++)
        CHECK(up.quantiles[q] <= up.quantiles[q + 1]);
    CHECK_OK(tl_spread_begin(ctx, N, &sum));
    for (int64_t i = N - 1; i >= 0; i--)
        tl_spread_add(&sum, i, number(i));
    tl_spread_end(&sum, &down);
    CHECK(up.min == down.min && up.max == down.max && up.min_positive == down.min_positive);
    CHECK(memcmp(up.quantiles, down.quantiles, sizeof up.quantiles) == 0);
}

TEST(of_nothing_there_is_no_range)
{
    struct tl_spread_sum sum;
    struct tl_spread spread;
    CHECK_OK(tl_spread_begin(ctx, 3, &sum));
    tl_spread_add(&sum, 0, NAN);
    tl_spread_end(&sum, &spread);
    CHECK(isnan(spread.min) && isnan(spread.max) && isnan(spread.min_positive));
    CHECK(spread.quantiles[0] == 0.0F);
}

static tl_err once(struct tl_ctx *ctx)
{
    struct tl_spread_sum sum;
    tl_err err = tl_spread_begin(ctx, 3, &sum);
    if (err == TL_OK)
        tl_spread_drop(&sum);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, once(ctx));
}
