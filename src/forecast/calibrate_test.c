#include "unit.h"

#include "core/rng.h"
#include "tilth/forecast.h"

/* A record with a known truth: log level a random walk with a step of 0.15, size 20. */
static void make(struct tl_forecast_record *r, uint64_t seed, double *level)
{
    double at = log(200.0);
    *r = (struct tl_forecast_record){.first_year = 1990, .n = 25};
    for (int64_t t = 0; t < 25; t++) {
        at += 0.15 * tl_rng_normal(tl_rng_make(seed, 1), (uint64_t)t);
        double g = tl_rng_gamma(tl_rng_make(seed, 2), (uint64_t)t, 20) / 20;
        r->count[t] = (double)tl_rng_poisson(tl_rng_make(seed, 3), (uint64_t)t, g * exp(at));
    }
    *level = exp(at);
}

TEST(levels_of_simulated_records_are_covered)
{
    int covered = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct tl_forecast_record r;
        struct tl_forecast_calibration c;
        double level;
        make(&r, seed, &level);
        CHECK_OK(tl_forecast_calibrate(ctx, &r, 2, 1000, 1, &c, NULL));
        covered += c.level[0] <= level && level <= c.level[2];
        CHECK(c.ahead[0][0] < c.ahead[0][2] && c.ahead[0][2] < c.ahead[0][4]);
        CHECK(c.p_spread > 0.001 && c.p_spread < 0.999);
    }
    CHECK(covered >= 8); /* 90 % intervals: fewer than 8 of 12 has a chance of 0.4 % */
}

TEST(same_seed_same_figures_on_any_threads)
{
    struct tl_forecast_record r;
    struct tl_forecast_calibration a, b;
    double level;
    make(&r, 5, &level);
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(tl_forecast_calibrate(ctx, &r, 3, 500, 9, &a, NULL));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(tl_forecast_calibrate(ctx, &r, 3, 500, 9, &b, NULL));
    CHECK(memcmp(&a, &b, sizeof a) == 0);
}

TEST(records_that_tell_nothing_are_refused)
{
    struct tl_forecast_record r = {.n = 2, .count = {3, 4}, .source = "x.csv"};
    struct tl_forecast_calibration c;
    CHECK_FAILS(tl_forecast_calibrate(ctx, &r, 1, 500, 1, &c, NULL), TL_EDATA, "x.csv: 2 years");
    r = (struct tl_forecast_record){.n = 5, .source = "x.csv"};
    CHECK_FAILS(tl_forecast_calibrate(ctx, &r, 1, 500, 1, &c, NULL), TL_EDATA, "nothing but zeros");
    r.count[1] = 3;
    CHECK_EVERY_ALLOC(ctx, tl_forecast_calibrate(ctx, &r, 1, 500, 1, &c, NULL));
}
