#include "unit.h"

#include "plan/fixture.h"

TEST(what_is_left_out_lacks_score_by_the_plans_prices)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "why.gpkg", true, "harm", "60kUSD", &project, &plan));
    int64_t n_lacking = 0, n_in = 0;
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const struct tl_plan_task *task = &plan->tasks[t];
        const struct tl_plan_job *job = &plan->jobs[t];
        CHECK(task->why[0] != '\0');
        CHECK(job->threshold >= 0.0);
        if (!task->is_planned && task->score < job->threshold) {
            n_lacking++;
            CHECK(strstr(task->why, "is less than") != NULL);
            CHECK(isnan(job->cheaper) || job->cheaper < task->cost);
        }
        n_in += task->is_planned;
    }
    CHECK(n_lacking > 0 && n_in > 0);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(the_line_of_those_who_wait_adds_up)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    double last = -1.0;
    CHECK_OK(fixture_both(ctx, "why.gpkg", true, "harm", "20kUSD", &project, &plan));
    for (int64_t place = 0; place < plan->n_tasks; place++)
        for (int64_t t = 0; t < plan->n_tasks; t++)
            if (!plan->tasks[t].is_planned && plan->jobs[t].money_before > 0.0 &&
                plan->jobs[t].before == place) {
                CHECK_NEAR(plan->jobs[t].money_before,
                           (last < 0.0 ? 0.0 : last) + plan->tasks[t].cost, 1e-6);
                last = plan->jobs[t].money_before;
            }
    CHECK(last > 0.0);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(what_stands_in_the_way_is_named)
{
    static const char long_way[] =
        "start: 2027-01-01\nteams:\n  - {name: One, base: Alpha, methods: [manual], pace: {manual: "
        "2 m2/day}, cost: 9 USD/day}\n  - {name: Late, base: Alpha, methods: [manual], pace: "
        "{manual: 900 m2/day}, cost: 9 USD/day, from: 2040-01-01}\n";
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    bool late = false;
    CHECK_OK(fixture_project(ctx, "why.gpkg", false, &project));
    CHECK_OK(fixture_plan(ctx, project, long_way, "hectares", "1MUSD", &plan));
    for (int64_t t = 0; t < plan->n_tasks; t++)
        if (!plan->tasks[t].is_planned && plan->jobs[t].n_options == 0)
            late = late || strstr(plan->tasks[t].why, "no team") != NULL;
    CHECK(late);
    tl_plan_free(plan);
    plan = NULL;
    CHECK_OK(fixture_plan(ctx, project, fixture_teams, "hectares", "0USD", &plan));
    CHECK_STR(plan->tasks[0].why, "there is no money: the budget is zero");
    tl_plan_free(plan);
    tl_project_close(project);
}
