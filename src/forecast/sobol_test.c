#include "unit.h"

#include "forecast/fixture.h"

/* Expected casualties are rate x numbers; with both log-normal, large and next to no chance, the log's variance parts as the squares of their sds: (ln 2)^2 : (ln 4)^2 = 1 : 4. */
TEST(shares_of_a_product_are_known)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    const struct tl_forecast_options options = {
        .n_draws = 256, .n_shares = 4096, .n_years = 1, .seed = 2};
    CHECK_OK(fixture_scenario(ctx,
                              "title: t\nstart: 2020\ncasualties: {rate: {best: 0.01 /year, low: "
                              "0.005 /year, high: 0.02 /year}}\nclasses:\n"
                              "  - {name: x, kind: persistent-ap, numbers: {best: 10000000, low: "
                              "2500000, high: 40000000}, arrived: {from: 2020, to: 2020}}\n",
                              &s));
    CHECK_OK(tl_forecast_run(ctx, 1, &s, &options, &f));
    const struct tl_run_share *numbers = &f->shares[0][0][TL_SCENARIO_NUMBERS],
                              *rate = &f->shares[0][0][TL_SCENARIO_RATE];
    CHECK_NEAR(numbers->first, 0.8, 4.0 * numbers->first_se + 0.03);
    CHECK_NEAR(numbers->total, 0.8, 4.0 * numbers->total_se + 0.03);
    CHECK_NEAR(rate->first, 0.2, 4.0 * rate->first_se + 0.03);
    CHECK_NEAR(rate->total, 0.2, 4.0 * rate->total_se + 0.03);
    CHECK(f->shares[0][0][TL_SCENARIO_CHANCE].total < 0.01 &&
          !f->shares[0][0][TL_SCENARIO_PRICE].is_active);
    CHECK(isnan(f->shares[0][1][TL_SCENARIO_RATE].total)); /* there is no cost */
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}
