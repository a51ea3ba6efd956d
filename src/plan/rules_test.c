#include "unit.h"

#include "plan/fixture.h"

static tl_err plan_with(struct tl_ctx *ctx, struct tl_project *project, const char *more,
                        const char *budget, struct tl_plan **plan)
{
    struct tl_buf teams = {0};
    tl_err err = tl_buf_printf(ctx, &teams, "%s%s", fixture_teams, more);
    if (err == TL_OK)
        err = fixture_plan(ctx, project, teams.text, "hectares", budget, plan);
    tl_buf_fini(&teams);
    return err;
}

TEST(must_must_not_and_windows_hold)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "rules.gpkg", false, &project));
    CHECK_OK(
        plan_with(ctx, project,
                  "tasks: {must: [T-003], must_not: [T-001/1], windows: [{task: HA-0002, from: "
                  "2028-01-01}]}\n",
                  "1MUSD", &plan));
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const struct tl_plan_task *task = &plan->tasks[t];
        if (strcmp(task->code, "T-003") == 0)
            CHECK(task->is_planned && strstr(task->why, "must be done") != NULL);
        if (strcmp(task->code, "T-001/1") == 0)
            CHECK(!task->is_planned && strstr(task->why, "must not be done") != NULL);
        if (strcmp(task->area, "HA-0002") == 0)
            CHECK(plan->jobs[t].first_year == 1 && (!task->is_planned || task->year == 1));
    }
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(floors_in_hectares_and_in_shares_are_kept)
{
    static const char *const floors[] = {
        "districts: [{name: S, areas: [Bow]}]\nfloors: [{district: S, share: 90 %}]\n",
        "districts: [{name: S, areas: [Bow]}]\nfloors: [{district: S, area: 1 ha}]\n"};
    struct tl_project *project = NULL;
    CHECK_OK(fixture_project(ctx, "rules.gpkg", false, &project));
    for (int k = 0; k < 2; k++) {
        struct tl_plan *plan = NULL;
        CHECK_OK(plan_with(ctx, project, floors[k], "30kUSD", &plan)); /* enough for the bow */
        CHECK(plan->has_floors_in_ha == (k == 1));
        CHECK(plan->tasks[plan->n_tasks - 1].is_planned);
        tl_plan_free(plan);
        plan = NULL;
    }
    tl_project_close(project);
}

TEST(what_cannot_be_is_refused_with_its_place)
{
    static const struct {
        const char *more, *budget, *part;
    } bad[] = {
        {"tasks: {must: [T-044]}\n", "1MUSD", "line 7, column 16: task \"T-044\" does not exist"},
        {"tasks: {must: [A], must_not: [T-001/2]}\n", "1MUSD", "T-001/2 must be done and must not"},
        {"tasks: {windows: [{task: A, to: 2027-06-01}]}\n", "1MUSD", "no whole year of the plan"},
        {"floors: [{district: X, area: 2 ha}]\n", "1MUSD", "no open area is in a district"},
        {"districts: [{name: S, areas: [Bow]}]\nfloors: [{district: S, area: 99 ha}]\n", "1MUSD",
         "are open there"},
        {"districts: [{name: S, areas: [Bough]}]\n", "1MUSD", "no open hazardous area"},
        {"tasks: {must: [T-001, T-002, T-003]}\n", "20kUSD", "must be done"}};
    struct tl_project *project = NULL;
    CHECK_OK(fixture_project(ctx, "rules.gpkg", false, &project));
    for (int i = 0; i < 7; i++) {
        struct tl_plan *plan = NULL;
        CHECK_FAILS(plan_with(ctx, project, bad[i].more, bad[i].budget, &plan), TL_EDATA,
                    bad[i].part);
        CHECK(plan == NULL);
    }
    tl_project_close(project);
}
