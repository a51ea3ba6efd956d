#include "unit.h"

#include "forecast/fixture.h"

TEST(all_can_be_read_and_every_figure_has_a_source)
{
    const char *name;
    int64_t n = 0;
    for (; (name = tl_forecast_builtin_name(n)) != NULL; n++) {
        struct tl_forecast_scenario *s = NULL;
        CHECK_OK(tl_forecast_load_builtin(ctx, name, &s));
        for (int q = 0; q < s->n_quantities; q++)
            if (s->quantities[q].is_uncertain && s->quantities[q].source == NULL) {
                printf("  %s: %s\n", name, s->quantities[q].path);
                CHECK(s->quantities[q].source != NULL);
            }
        tl_forecast_scenario_free(s);
    }
    CHECK(n >= 3);
}

TEST(unknown_name_gets_the_nearest)
{
    struct tl_forecast_scenario *s = NULL;
    CHECK_FAILS(tl_forecast_load_builtin(ctx, "bosnia-2011", &s), TL_ENOTFOUND, "bosnia-2010");
}

TEST(hindcast_of_bosnia_covers_what_was_recorded)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    const struct tl_forecast_options options = {.n_draws = 4000, .n_shares = -1, .seed = 1};
    CHECK_OK(tl_forecast_load_builtin(ctx, "bosnia-2010", &s));
    CHECK_OK(tl_forecast_run(ctx, 1, &s, &options, &f));
    int n = 0;
    for (int64_t t = 0; t < 7; t++) {
        double later = tl_forecast_later(f, 0, TL_FORECAST_SUSPECTED, t);
        struct tl_forecast_fan fan =
            tl_forecast_at(f, 0, TL_FORECAST_OBSERVED, TL_FORECAST_SUSPECTED, t);
        if (isnan(later))
            continue;
        n++;
        CHECK(fan.q[0] <= later && later <= fan.q[4]);
    }
    CHECK(n == 4);
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}
