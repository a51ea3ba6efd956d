#include "unit.h"

#include "plan/fixture.h"

TEST(the_summary_adds_up_what_the_tasks_say)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    double ha = 0.0, cost = 0.0, score = 0.0;
    char first[TL_PLAN_DATE_BYTES], last[TL_PLAN_DATE_BYTES];
    CHECK_OK(fixture_both(ctx, "view.gpkg", false, "hectares", "100kUSD", &project, &plan));
    struct tl_plan_summary s = tl_plan_summary(plan);
    for (int64_t t = 0; t < s.n_tasks; t++) {
        const struct tl_plan_task *task = tl_plan_task(plan, t);
        ha += task->is_planned ? task->area_m2 / 1e4 : 0.0;
        cost += task->is_planned ? task->cost : 0.0;
        score += task->score;
    }
    CHECK_NEAR(s.ha_planned, ha, 1e-9);
    CHECK_NEAR(s.cost, cost, 1e-6);
    CHECK_NEAR(s.score_all, score, 1e-9);
    CHECK_NEAR(s.ha, score, 1e-9); /* the score is in hectares */
    CHECK_NEAR(s.year_spent[0] + s.year_spent[1], cost, 1e-6);
    CHECK_STR(s.start, "2027-01-01");
    CHECK_STR(s.end, "2028-12-31");
    CHECK_STR(s.unit, "ha");
    tl_plan_year(plan, 1, first, last);
    CHECK_STR(first, "2028-01-01");
    CHECK_STR(last, "2028-12-31");
    CHECK_STR(tl_plan_team(plan, 0).name, "One");
    CHECK(tl_plan_team(plan, 0).months == 0x3FCU);
    CHECK(tl_plan_assumption(plan, 0) != NULL && tl_plan_assumption(plan, 999) == NULL);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(a_plan_is_kept_whole_and_can_be_kept_again)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char *json = NULL, *kept = NULL, *at = NULL;
    CHECK_OK(fixture_both(ctx, "view.gpkg", false, "hectares", "100kUSD", &project, &plan));
    CHECK_OK(tl_plan_keep(ctx, project, plan));
    CHECK_OK(tl_plan_keep(ctx, project, plan));
    CHECK_OK(tl_plan_json(ctx, plan, &json));
    CHECK_OK(tl_project_plan_load(ctx, project, &kept, &at));
    CHECK_STR(kept, json);
    tl_free(json);
    tl_free(kept);
    tl_free(at);
    tl_plan_free(plan);
    tl_project_close(project);
}
