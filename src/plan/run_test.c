#include "unit.h"

#include "plan/fixture.h"

TEST(a_plan_keeps_days_and_money_and_says_how_good_it_is)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "run.gpkg", true, "harm", "60kUSD,50kUSD", &project, &plan));
    struct tl_plan_summary s = tl_plan_summary(plan);
    CHECK(s.n_planned > 0 && s.n_planned < s.n_tasks);
    CHECK(s.year_spent[0] <= 60000.0 + 1e-6);
    CHECK(s.year_spent[0] + s.year_spent[1] <= 110000.0 + 1e-6);
    CHECK(s.bound >= s.value * (1.0 - 1e-9));
    for (int64_t k = 0; k < s.n_teams; k++)
        for (int64_t y = 0; y < s.n_years; y++)
            CHECK(tl_plan_team(plan, k).used[y] <= tl_plan_team(plan, k).days[y] + 1e-9);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(no_budget_gives_a_plan_in_which_nothing_is_done)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "run.gpkg", false, "hectares", "0USD", &project, &plan));
    struct tl_plan_summary s = tl_plan_summary(plan);
    CHECK(s.n_planned == 0 && s.cost == 0.0 && s.budget == 0.0);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(money_lapses_without_carrying_over)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "run.gpkg", false, &project));
    CHECK_OK(fixture_write(ctx, "t.yaml", fixture_teams));
    struct tl_plan_options o = {.budget = "1MUSD,0USD",
                                .n_years = 2,
                                .teams = "t.yaml",
                                .objective = "hectares",
                                .heuristic = true,
                                .no_carry = true};
    CHECK_OK(tl_plan_run(ctx, project, &o, &plan));
    CHECK(tl_plan_summary(plan).year_spent[0] > 0.0 && tl_plan_summary(plan).year_spent[1] == 0.0);
    tl_plan_free(plan);
    plan = NULL;
    o.n_years = 0;
    CHECK_FAILS(tl_plan_run(ctx, project, &o, &plan), TL_EUSAGE, "0 years; expected 1 to 20");
    o.n_years = 20;
    o.budget = "1MUSD";
    o.no_carry = false;
    CHECK_FAILS(tl_plan_run(ctx, project, &o, &plan), TL_EDATA,
                "horizon: 10 years for a plan of 20");
    CHECK(plan == NULL);
    tl_project_close(project);
}

TEST(harm_needs_a_map)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "run.gpkg", false, &project));
    CHECK_FAILS(fixture_plan(ctx, project, fixture_teams, "harm", "1MUSD", &plan), TL_ENOTFOUND,
                "holds no map");
    CHECK(plan == NULL);
    tl_project_close(project);
}
