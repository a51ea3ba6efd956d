#include "unit.h"

#include "plan/fixture.h"

/* The note that has both texts; NULL without one. */
static const char *note_with(const struct tl_plan *plan, const char *a, const char *b)
{
    for (int64_t i = 0; tl_plan_note(plan, i) != NULL; i++)
        if (strstr(tl_plan_note(plan, i), a) != NULL && strstr(tl_plan_note(plan, i), b) != NULL)
            return tl_plan_note(plan, i);
    return NULL;
}

static tl_err plan_of(struct tl_ctx *ctx, struct tl_project *project, const char *areas,
                      const char *more, struct tl_plan **plan)
{
    char teams[1200];
    tl_err err = TL_OK;
    snprintf(teams, sizeof teams, "%s%s", fixture_teams, more);
    TL_TRY(fixture_write(ctx, "o.csv", areas));
    TL_TRY(fixture_import(ctx, project, "o.csv", "hazard-area"));
    TL_TRY(fixture_plan(ctx, project, teams, "hectares", "1MUSD", plan));
done:
    return err;
}

static double ha_of(const struct tl_plan *plan)
{
    return tl_plan_summary(plan).ha;
}

TEST(ground_of_two_areas_counts_once_and_in_the_confirmed_one)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "overlap.gpkg", false, &project));
    CHECK_OK(fixture_plan(ctx, project, fixture_teams, "hectares", "1MUSD", &plan));
    double before = ha_of(plan), confirmed = plan->areas[0].area_m2;
    tl_plan_free(plan);
    plan = NULL;
    /* Half of it lies in HA-0001, which is confirmed. */
    CHECK_OK(plan_of(ctx, project,
                     "id,name,classification,wkt\nE,Over,SHA,\"POLYGON((15.006 2.012,15.010 "
                     "2.012,15.010 2.016,15.006 2.016,15.006 2.012))\"\n",
                     "", &plan));
    CHECK(plan->n_areas == 4 && plan->areas[0].area_m2 == confirmed);
    CHECK_NEAR(ha_of(plan), before + 0.5e-4 * confirmed, 1e-3 * before);
    CHECK(note_with(plan, "ha of HA-0005 lie in other open areas too", "in HA-0001") != NULL);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(an_area_within_another_has_no_task_and_that_is_told)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    static const char inner[] =
        "id,classification,wkt\nE,SHA,\"POLYGON((15.005 2.013,15.006 2.013,15.006 2.014,15.005 "
        "2.014,15.005 2.013))\"\n";
    CHECK_OK(fixture_project(ctx, "overlap.gpkg", false, &project));
    CHECK_OK(plan_of(ctx, project, inner, "ground: [{area: E, slope: steep}]\n", &plan));
    CHECK(note_with(plan, "HA-0005 has no task: all of its 1.2", "in HA-0001, and count there"));
    for (int64_t t = 0; t < plan->n_tasks; t++)
        CHECK(strcmp(plan->tasks[t].area, "HA-0005") != 0);
    tl_plan_free(plan);
    plan = NULL;
    CHECK_FAILS(plan_of(ctx, project, inner, "tasks: {must: [HA-0005]}\n", &plan), TL_EDATA,
                "HA-0005 has no task: all of it lies in other open areas, which count it");
    CHECK(plan == NULL);
    tl_project_close(project);
}

TEST(three_areas_over_one_another_count_as_much_as_their_union)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_project(ctx, "overlap.gpkg", false, &project));
    /* Squares of .002 degrees, moved by .001 each: 4 + 3 + 2 + ... of quarters; none lies in the fixture's areas. */
    CHECK_OK(plan_of(ctx, project,
                     "id,wkt\n"
                     "E,\"POLYGON((15.010 2.005,15.012 2.005,15.012 2.007,15.010 2.007,15.010 "
                     "2.005))\"\n"
                     "F,\"POLYGON((15.011 2.006,15.013 2.006,15.013 2.008,15.011 2.008,15.011 "
                     "2.006))\"\n"
                     "G,\"POLYGON((15.010 2.006,15.013 2.006,15.013 2.007,15.010 2.007,15.010 "
                     "2.006))\"\n",
                     "", &plan));
    double sum = 0.0, one = 0.0;
    for (int64_t i = 0; i < plan->n_areas; i++)
        if (strcmp(plan->areas[i].code, "HA-0005") >= 0) {
            sum += plan->areas[i].area_m2;
            one = i == 3 ? plan->areas[i].area_m2 / 4.0 : one; /* a quarter of the first */
        }
    CHECK_NEAR(sum, 7.0 * one, 1e-3 * sum); /* 4 + 3, and nothing is left of the third */
    CHECK(note_with(plan, "HA-0007 has no task", "other open areas") != NULL);
    tl_plan_free(plan);
    tl_project_close(project);
}
