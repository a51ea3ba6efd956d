#include "unit.h"

#include "plan/fixture.h"

static tl_err plan_with(struct tl_ctx *ctx, struct tl_project *project, const char *more,
                        struct tl_plan **plan)
{
    char teams[1400];
    snprintf(teams, sizeof teams, "%s%s", fixture_teams, more);
    return fixture_plan(ctx, project, teams, "hectares", "1MUSD", plan);
}

static struct tl_plan_task *task_of(struct tl_plan *plan, const char *code)
{
    for (int64_t t = 0; t < plan->n_tasks; t++)
        if (strcmp(plan->tasks[t].code, code) == 0)
            return &plan->tasks[t];
    return NULL;
}

TEST(a_year_is_halved_by_the_teams_working_days)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "dates.gpkg", false, &project));
    CHECK_OK(
        plan_with(ctx, project, "tasks: {after: [{task: HA-0002, waits_for: [T-003]}]}\n", &plan));
    for (int64_t y = 0; y < plan->n_years; y++) {
        double early = 0.0, all = 0.0;
        for (int64_t k = 0; k < plan->teams.n_teams; k++) {
            early += plan->early_days[k * plan->n_years + y];
            all += plan->team_days[k * plan->n_years + y];
        }
        CHECK(early >= 0.5 * all && early <= 0.5 * all + 2.0);
        /* One team works from March to October, one in June and July: some day of June or July. */
        CHECK(plan->middle[y] > tl_calendar_years_on(plan->start, y) + 151 &&
              plan->middle[y] < tl_calendar_years_on(plan->start, y) + 213);
    }
    tl_plan_free(plan);
    plan = NULL;
    CHECK_OK(plan_with(ctx, project, "", &plan));
    CHECK(plan->early_days == NULL && plan->n_orders == 0);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(what_waits_begins_after_what_it_waits_for_has_ended)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "dates.gpkg", false, &project));
    CHECK_OK(plan_with(ctx, project,
                       "tasks: {after: [{task: HA-0002, waits_for: [T-003]}, {task: T-001, "
                       "waits_for: [B]}], in_order: [T-001]}\n",
                       &plan));
    int n = 0;
    for (int64_t i = 0; i < plan->n_orders; i++) {
        const struct tl_plan_task *first = &plan->tasks[plan->orders[i].first],
                                  *then = &plan->tasks[plan->orders[i].then];
        n += then->is_planned;
        CHECK(!then->is_planned || (first->is_planned && strcmp(first->end, then->start) <= 0));
        CHECK(!then->is_planned || strstr(then->why, "; it waits for T-00") != NULL);
    }
    CHECK(n > 0);
    CHECK_STR(task_of(plan, "T-003")->after, "");
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(dates_that_break_the_order_are_found)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "dates.gpkg", false, &project));
    CHECK_OK(plan_with(ctx, project,
                       "tasks: {must: [HA-0002, T-003], after: [{task: HA-0002, waits_for: "
                       "[T-003]}]}\n",
                       &plan));
    CHECK_OK(tl_plan_dates_check(ctx, plan));
    struct tl_plan_task *first = task_of(plan, "T-003"), *then = &plan->tasks[plan->orders[0].then],
                        was = *then;
    then->team = 1 - first->team; /* on the very day, by another team */
    then->year = first->year;
    memcpy(then->start, first->end, sizeof then->start);
    memcpy(then->end, first->end, sizeof then->end);
    CHECK_FAILS(tl_plan_dates_check(ctx, plan), TL_EBUG, "");
    *then = was;
    first->is_planned = false;
    CHECK_FAILS(tl_plan_dates_check(ctx, plan), TL_EBUG, "waits for T-003, which is not");
    first->is_planned = true;
    snprintf(then->end, sizeof then->end, "2026-01-01");
    CHECK_FAILS(tl_plan_dates_check(ctx, plan), TL_EBUG, "in the year from");
    tl_plan_free(plan);
    tl_project_close(project);
}
