#include "unit.h"

#include "plan/fixture.h"
#include "tilth/coord.h"

TEST(days_and_cost_are_what_the_arithmetic_says)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    double m = 0.0;
    CHECK_OK(fixture_both(ctx, "option.gpkg", false, "hectares", "1MUSD", &project, &plan));
    const struct tl_plan_area *area = &plan->areas[0];
    struct tl_plan_option option;
    struct tl_plan_option_info info;
    CHECK(tl_plan_option_make(plan, area, 30000.0, 0, &option, &info) == TL_PLAN_ABLE);
    CHECK_NEAR(info.work_days, 15.0, 1e-12); /* three weeks of 2000 m2 a day */
    tl_coord_distance(15.005, 2.014, area->lon_deg, area->lat_deg, &m, NULL);
    CHECK_NEAR(info.travel_days, 2.0 * 3.0 * 1.3 * m / 1000.0 / 320.0, 1e-12);
    CHECK_NEAR(option.cost, 1000.0 * option.days, 1e-9);
    /* Two has manual and dogs at one cost a day: the faster is the cheaper. */
    CHECK(tl_plan_option_make(plan, area, 30000.0, 1, &option, &info) == TL_PLAN_ABLE);
    CHECK_NEAR(info.work_days, 10.0, 1e-12);
    CHECK_STR(plan->methods[info.method].name, "dogs");
    CHECK(plan->team_days[0] == 175.0); /* March to October 2027, Monday to Friday */
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(a_price_of_the_methods_table_counts_where_a_team_has_no_cost)
{
    static const char teams[] =
        "start: 2027-01-01\nteams:\n  - {name: One, base: Alpha, methods: [manual], size: 50 "
        "deminers}\nground: [{area: all, vegetation: none}]\n";
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    struct tl_plan_option option;
    struct tl_plan_option_info info;
    CHECK_OK(fixture_project(ctx, "option.gpkg", false, &project));
    CHECK_OK(fixture_plan(ctx, project, teams, "hectares", "1MUSD", &plan));
    CHECK(tl_plan_option_make(plan, &plan->areas[0], 3000.0, 0, &option, &info) == TL_PLAN_ABLE);
    CHECK_NEAR(info.work_days, 2.0, 1e-12); /* 50 of 30 m2 a day */
    CHECK_NEAR(option.cost, 9000.0, 1e-9);  /* 3 USD/m2 */
    CHECK_NEAR(tl_plan_option_found(plan, &plan->areas[0], info.method), 0.6710, 1e-3);
    tl_plan_free(plan);
    /* In another currency that price is not known. */
    plan = NULL;
    CHECK_FAILS(fixture_plan(ctx, project, teams, "hectares", "1MEUR", &plan), TL_EDATA,
                "line 3, column 6: One can do no task: no price per m2");
    CHECK(plan == NULL);
    tl_project_close(project);
}

TEST(areas_are_cut_for_the_teams_that_there_are)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "option.gpkg", false, "hectares", "1MUSD", &project, &plan));
    /* 196,000 m2: 98 days of One's 175, 65 of Two's 43 or 44. */
    CHECK(plan->areas[0].n == 2 && plan->areas[2].n == 1);
    for (int64_t i = 0; i < plan->n_options; i++) {
        const struct tl_plan_option *o = &plan->options[i];
        CHECK(o->days <= plan->team_days[o->team * 2] ||
              o->days <= plan->team_days[o->team * 2 + 1]);
        CHECK(i == 0 || plan->options[i - 1].task < o->task ||
              (plan->options[i - 1].task == o->task && plan->options[i - 1].team < o->team));
    }
    tl_plan_free(plan);
    tl_project_close(project);
}
