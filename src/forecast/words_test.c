#include "unit.h"

#include "forecast/fixture.h"

TEST(words_say_both_columns_a_zero_budget_and_what_they_rest_on)
{
    struct tl_forecast_scenario *s = NULL;
    struct tl_forecast *f = NULL;
    char *words = NULL;
    CHECK_OK(fixture_run(ctx, FIXTURE_ONE, 256, &s, &f));
    CHECK_OK(tl_forecast_words(ctx, f, &words));
    CHECK(strstr(words, "as claimed") != NULL && strstr(words, "as observed") != NULL);
    CHECK(strstr(words, "The budget is zero") != NULL);
    CHECK(strstr(words, "assumptions") != NULL);
    tl_free(words);
    tl_forecast_free(f);
    tl_forecast_scenario_free(s);
}
