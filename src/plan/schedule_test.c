#include "unit.h"

#include "plan/fixture.h"

TEST(dates_are_working_days_in_order_of_worth_a_day)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "schedule.gpkg", true, "harm", "1MUSD", &project, &plan));
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const struct tl_plan_task *a = &plan->tasks[t];
        int64_t start = 0, end = 0;
        if (!a->is_planned)
            continue;
        const struct tl_calendar_team *c = &plan->teams.teams[a->team].calendar;
        CHECK(tl_calendar_day(a->start, &start) && tl_calendar_day(a->end, &end));
        CHECK(start <= end && tl_calendar_works(c, start) && tl_calendar_works(c, end));
        CHECK(start >= tl_calendar_years_on(plan->start, a->year) &&
              end < tl_calendar_years_on(plan->start, a->year + 1));
        /* as many working days as it takes, shared days at both ends aside */
        double days = (double)tl_calendar_count(c, start, end);
        CHECK(days >= a->days - 1e-9 && days <= ceil(a->days) + 1.0);
        for (int64_t k = 0; k < plan->n_tasks; k++) {
            const struct tl_plan_task *b = &plan->tasks[k];
            if (b->is_planned && b->team == a->team && b->year == a->year &&
                strcmp(b->start, a->start) > 0)
                CHECK(a->score / a->days >= b->score / b->days - 1e-12);
        }
    }
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(the_interval_of_one_area_is_its_own_and_the_rate_widens_it)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    static const char exact_rate[] =
        "casualties: {best: 0.004 /year, low: 0.004 /year, high: 0.004 "
        "/year, source: x}\nparts: [{part: harm, weight: 1 "
        "points/casualty}]\n";
    static const char wide_rate[] = "casualties: {best: 0.004 /year, low: 0.001 /year, high: 0.016 "
                                    "/year, source: x}\nparts: [{part: harm, weight: 1 "
                                    "points/casualty}]\n";
    char teams[1000];
    double factor[2];
    CHECK_OK(fixture_project(ctx, "schedule.gpkg", true, &project));
    snprintf(teams, sizeof teams, "%stasks: {must_not: [A, B]}\n", fixture_teams);
    CHECK_OK(fixture_plan(ctx, project, teams, exact_rate, "1MUSD", &plan));
    const struct tl_plan_task *task = &plan->tasks[plan->n_tasks - 1];
    double q50 = plan->jobs[plan->n_tasks - 1].items_q50;
    CHECK(task->is_planned && task->avoided > 0.0);
    CHECK_NEAR(plan->avoided[0], task->avoided, 1e-12);
    for (int k = 1; k < 3; k++) {
        factor[k - 1] = plan->avoided[k] / task->avoided;
        CHECK_NEAR(factor[k - 1], task->items[k] / task->items[0], 1e-6 * factor[k - 1]);
    }
    CHECK(q50 > 0.0);
    tl_plan_free(plan);
    plan = NULL;
    CHECK_OK(fixture_plan(ctx, project, teams, wide_rate, "1MUSD", &plan));
    CHECK(plan->avoided[1] < plan->avoided[0] * factor[0]);
    CHECK(plan->avoided[2] / plan->avoided[1] > factor[1] / factor[0]);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(without_a_map_casualties_are_not_known)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "schedule.gpkg", false, "hectares", "1MUSD", &project, &plan));
    CHECK(isnan(plan->avoided[0]) && isnan(plan->tasks[0].avoided));
    tl_plan_free(plan);
    tl_project_close(project);
}
