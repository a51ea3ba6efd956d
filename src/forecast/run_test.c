#include "unit.h"

#include "forecast/fixture.h"

/* One class, decay d = ln 2 / 10 a year, casualties at 0.001 a live item and year, each removing one item: a year keeps exp(-d) of the items less
 * those struck, whose mean is 0.001 (1 - exp(-d)) / d of them. Linear, so means are exact. */
TEST(one_class_meets_the_closed_form)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    double d = log(2.0) / 10, live = 10000, all = 0;
    CHECK_OK(fixture_run(ctx, FIXTURE_ONE, 40000, &s, &f));
    for (int64_t t = 0; t < 10; t++) {
        double casualties = 0.001 * live * (1 - exp(-d)) / d;
        struct tl_forecast_fan fan =
            tl_forecast_at(f, 0, TL_FORECAST_OBSERVED, TL_FORECAST_CASUALTIES, t);
        struct tl_forecast_fan items =
            tl_forecast_at(f, 0, TL_FORECAST_OBSERVED, TL_FORECAST_LIVE, t);
        live = live * exp(-d) - casualties;
        all += casualties;
        CHECK_NEAR(fan.mean, casualties, 4.0 * fan.mcse);
        CHECK_NEAR(items.mean, live, 4.0 * items.mcse + 0.002);
        CHECK_NEAR(fan.mcse, sqrt(casualties / 40000), 0.03 * fan.mcse); /* Poisson */
    }
    struct tl_forecast_fan sum =
        tl_forecast_at(f, 0, TL_FORECAST_OBSERVED, TL_FORECAST_CASUALTIES_SUM, 9);
    CHECK_NEAR(sum.mean, all, 4.0 * sum.mcse);
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}

static bool same(const struct tl_forecast *f, const struct tl_forecast *g, enum tl_forecast_set a,
                 enum tl_forecast_set b)
{
    for (int o = 0; o < TL_FORECAST_SERIES; o++)
        for (int64_t t = 0; t < f->n_years; t++) {
            struct tl_forecast_fan x = tl_forecast_at(f, 0, a, (enum tl_forecast_series)o, t);
            struct tl_forecast_fan y = tl_forecast_at(g, 0, b, (enum tl_forecast_series)o, t);
            if (memcmp(&x, &y, sizeof x) != 0)
                return false;
        }
    return true;
}

TEST(claimed_as_observed_gives_equal_columns)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    CHECK_OK(fixture_run(ctx, FIXTURE_ALL("{share: 90 %, within: 2 years}"), 1000, &s, &f));
    CHECK(same(f, f, TL_FORECAST_CLAIMED, TL_FORECAST_OBSERVED));
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
    CHECK_OK(fixture_run(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), 1000, &s, &f));
    CHECK(!same(f, f, TL_FORECAST_CLAIMED, TL_FORECAST_OBSERVED));
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}

TEST(threads_do_not_change_a_bit)
{
    struct tl_forecast_scenario *s = NULL, *r = NULL;
    struct tl_forecast *f = NULL, *g = NULL;
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(fixture_run(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), 3000, &s, &f));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(fixture_run(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), 3000, &r, &g));
    CHECK(same(f, g, TL_FORECAST_CLAIMED, TL_FORECAST_CLAIMED) &&
          same(f, g, TL_FORECAST_OBSERVED, TL_FORECAST_OBSERVED));
    tl_forecast_free(f);
    tl_forecast_free(g);
    tl_forecast_scenario_free(s);
    tl_forecast_scenario_free(r);
}

TEST(kinds_of_instructions_do_not_change_a_bit)
{
    const struct tl_forecast_options options = {.n_draws = 1000, .n_shares = 256, .seed = 7};
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *plain = NULL, *f = NULL;
    CHECK_OK(fixture_scenario(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), &s));
    CHECK_OK(tl_run_on(ctx, TL_SIMD_PLAIN, 1, &s, &options, &plain));
    for (int kind = 1; kind < TL_SIMD_KINDS; kind++) {
        if (!tl_simd_has((enum tl_simd)kind))
            continue;
        CHECK_OK(tl_run_on(ctx, (enum tl_simd)kind, 1, &s, &options, &f));
        CHECK(same(plain, f, TL_FORECAST_CLAIMED, TL_FORECAST_CLAIMED) &&
              same(plain, f, TL_FORECAST_OBSERVED, TL_FORECAST_OBSERVED));
        for (int64_t j = 0; j < f->n_sketches; j++)
            CHECK(memcmp(&plain->sketches[j], &f->sketches[j], sizeof f->sketches[j]) == 0);
        tl_forecast_free(f);
    }
    tl_forecast_free(plain);
    tl_forecast_scenario_free(s);
}

TEST(memory_does_not_depend_on_draws)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    int64_t n[2];
    for (int k = 0; k < 2; k++) {
        int64_t before = tl_ctx_n_allocs(ctx);
        CHECK_OK(fixture_run(ctx, FIXTURE_ONE, k == 0 ? 256 : 20000, &s, &f));
        n[k] = tl_ctx_n_allocs(ctx) - before;
        tl_forecast_free(f);
        tl_forecast_scenario_free(s);
    }
    CHECK(n[0] == n[1]);
}

TEST(scenarios_that_start_apart_are_refused)
{
    struct tl_forecast_scenario *two[2] = {NULL, NULL};
    struct tl_forecast *f = NULL;
    const struct tl_forecast_options options = {.n_draws = 256, .n_shares = -1},
                                     few = {.n_draws = 10};
    CHECK_OK(fixture_scenario(ctx, FIXTURE_ONE, &two[0]));
    CHECK_OK(tl_forecast_load_builtin(ctx, "bosnia-2010", &two[1]));
    CHECK_FAILS(tl_forecast_run(ctx, 2, two, &options, &f), TL_EDATA, "expected one start");
    CHECK_FAILS(tl_forecast_run(ctx, 1, two, &few, &f), TL_EDATA, "10 draws");
    CHECK(f == NULL);
    tl_forecast_scenario_free(two[0]);
    tl_forecast_scenario_free(two[1]);
}

static tl_err once(struct tl_ctx *ctx, struct tl_forecast_scenario *const *s)
{
    const struct tl_forecast_options options = {
        .n_draws = 256, .n_shares = 256, .n_years = 2, .seed = 1};
    struct tl_forecast *f = NULL;
    tl_err err = tl_forecast_run(ctx, 1, s, &options, &f);
    tl_forecast_free(f);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_forecast_scenario *s = NULL;
    CHECK_OK(fixture_scenario(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), &s));
    CHECK_EVERY_ALLOC(ctx, once(ctx, &s));
    tl_forecast_scenario_free(s);
}
