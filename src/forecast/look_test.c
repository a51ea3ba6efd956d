/* What pages read from a forecast: ranks fall, years are calendar years, every assumption is there. */
#include <math.h>

#include "unit.h"

#include "forecast/fixture.h"
#include "forecast/run.h"

TEST(every_assumption_is_told_with_what_it_rests_on)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    struct tl_forecast_assumption a;
    int64_t n = 0;
    CHECK_OK(fixture_run(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), 256, &s, &f));
    for (; tl_forecast_assumption(f, 0, n, &a); n++) {
        CHECK(a.what[0] != '\0' && a.topic != NULL && a.low <= a.best && a.best <= a.high);
        CHECK(a.source != NULL || a.basis == TL_FORECAST_ASSUMED);
    }
    CHECK(n == s->n_quantities);
    CHECK(!tl_forecast_assumption(f, 0, -1, &a));
    CHECK(tl_forecast_n_draws(f) == 256 && tl_forecast_is_split(f, 0));
    CHECK(tl_forecast_started_from(f, 0)[0] == '\0');
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}

TEST(basis_is_read_off_the_source)
{
    struct tl_forecast_scenario *s = NULL;
    const struct tl_forecast_options options = {.n_draws = 256, .n_shares = 256, .seed = 3};
    struct tl_forecast *f = NULL;
    struct tl_forecast_assumption a;
    bool seen[3] = {false};
    CHECK_OK(tl_forecast_load_builtin(ctx, "bosnia-2010", &s));
    CHECK_OK(tl_forecast_run(ctx, 1, &s, &options, &f));
    for (int64_t i = 0; tl_forecast_assumption(f, 0, i, &a); i++) {
        seen[a.basis] = true;
        if (a.source != NULL && strncmp(a.source, "blind prior", 11) == 0)
            CHECK(a.basis == TL_FORECAST_ASSUMED);
    }
    CHECK(seen[TL_FORECAST_ASSUMED] && seen[TL_FORECAST_SOURCED_IN_PART]);
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}

TEST(shares_fall_by_rank_and_years_rise_as_less_is_left)
{
    struct tl_forecast_scenario *s[2] = {NULL, NULL};
    const struct tl_forecast_options options = {.n_draws = 256, .n_shares = 256, .seed = 3};
    struct tl_forecast *f = NULL;
    struct tl_forecast_share share, before = {.total = INFINITY};
    struct tl_forecast_left left;
    struct tl_forecast_fan fan;
    int64_t n = 0, last = 0;
    CHECK_OK(tl_forecast_load_builtin(ctx, "ukraine-persistent", &s[0]));
    CHECK_OK(tl_forecast_load_builtin(ctx, "ukraine-non-persistent", &s[1]));
    CHECK_OK(tl_forecast_run(ctx, 2, s, &options, &f));
    for (; tl_forecast_share(f, 0, TL_FORECAST_OF_CASUALTIES, n, &share); n++) {
        CHECK(share.total <= before.total && share.topic != NULL);
        before = share;
    }
    CHECK(n > 3);
    for (int64_t i = 0; tl_forecast_left(f, 0, TL_FORECAST_OBSERVED, i, &left); i++)
        for (int k = 2; k < 3; k++) {
            CHECK(left.year[k] == 0 || left.year[k] >= tl_forecast_start_year(f));
            CHECK(left.year[k] == 0 || left.year[k] >= last);
            last = left.year[k] == 0 ? last : left.year[k];
        }
    CHECK(!tl_forecast_difference(f, 0, TL_FORECAST_AGAINST_FIRST, TL_FORECAST_LIVE, 0, &fan));
    CHECK(tl_forecast_difference(f, 1, TL_FORECAST_AGAINST_FIRST, TL_FORECAST_LIVE, 0, &fan));
    CHECK(fan.q[0] <= fan.q[2] && fan.q[2] <= fan.q[4]);
    CHECK(!tl_forecast_difference(f, 1, TL_FORECAST_AGAINST_FIRST, TL_FORECAST_INERT, 0, &fan));
    tl_forecast_free(f);
    tl_forecast_scenario_free(s[0]);
    tl_forecast_scenario_free(s[1]);
}
