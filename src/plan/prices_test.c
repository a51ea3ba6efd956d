#include "plan/problem_fixture.h"
#include "unit.h"

/* Ten days of the only team do one task of worth 1 to 6; days for two and a half. */
TEST(a_day_is_worth_what_the_next_task_would_give)
{
    static struct fixture f;
    double day[2], money[1];
    fixture_plain(&f, 6, 2, 1);
    f.team_days[0] = 25.0;
    f.team_days[1] = 0.0;
    CHECK_OK(tl_plan_prices(ctx, &f.problem, day, money));
    CHECK_NEAR(day[0], 0.4, 0.01);
    CHECK(money[0] == 0.0);
}

TEST(money_that_binds_has_a_price_and_days_that_do_not_have_none)
{
    static struct fixture f;
    double day[2], money[1];
    fixture_plain(&f, 6, 2, 1);
    f.budget[0] = 35.0;
    CHECK_OK(tl_plan_prices(ctx, &f.problem, day, money));
    CHECK_NEAR(money[0], 0.3, 0.01);
    CHECK(day[0] == 0.0 && day[1] == 0.0);
}

TEST(where_all_can_be_done_nothing_has_a_price)
{
    static struct fixture f;
    double day[4], money[2];
    fixture_plain(&f, 6, 2, 2);
    f.year_weight[1] = 1.0;
    CHECK_OK(tl_plan_prices(ctx, &f.problem, day, money));
    for (int i = 0; i < 4; i++)
        CHECK(day[i] == 0.0);
    CHECK(money[0] == 0.0 && money[1] == 0.0);
    CHECK_EVERY_ALLOC(ctx, tl_plan_prices(ctx, &f.problem, day, money));
}

TEST(prices_of_what_cannot_be_are_refused)
{
    static struct fixture f;
    double day[1] = {7.0}, money[1];
    fixture_plain(&f, 3, 1, 1);
    f.rule[0] = f.rule[1] = f.rule[2] = TL_PLAN_MUST;
    f.team_days[0] = 15.0;
    CHECK_FAILS(tl_plan_prices(ctx, &f.problem, day, money), TL_EDATA, "nothing has a price");
    CHECK(day[0] == 7.0);
}
