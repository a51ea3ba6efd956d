#include "unit.h"

#include "plan/fixture.h"

static const char near_objective[] = "parts:\n  - {part: hectares, weight: 1 points/ha}\n  - "
                                     "{part: near, type: village, within: 0.5 "
                                     "km, weight: 9 points}\n";

TEST(open_areas_are_tasks_closed_ones_are_not)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "area.gpkg", false, "hectares", "1MUSD", &project, &plan));
    CHECK(plan->n_areas == 3);
    CHECK_STR(plan->areas[0].name, "Верхнє поле");
    CHECK(plan->areas[0].is_confirmed && plan->areas[0].beneficiaries == 120.0);
    CHECK(plan->areas[1].is_suspected && isnan(plan->areas[1].beneficiaries));
    CHECK(plan->areas[2].area_m2 > 0.0); /* the bow was mended, and that is told */
    bool told = false;
    for (int64_t i = 0; tl_plan_note(plan, i) != NULL; i++)
        told = told || strstr(tl_plan_note(plan, i), "was mended") != NULL;
    CHECK(told);
    CHECK(tl_plan_area_find(plan, "HA-0002") == 1 && tl_plan_area_find(plan, "T-2") == 1);
    CHECK(tl_plan_area_find(plan, "T-002") == 1 && tl_plan_area_find(plan, "B") == 1);
    CHECK(tl_plan_area_find(plan, "Bow") == 2 && tl_plan_area_find(plan, "T-02x") == -1);
    CHECK(tl_plan_area_find(plan, "HA-0004") == -1);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(districts_and_ground_come_from_the_file_and_nearness_from_the_register)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    struct tl_buf teams = {0};
    CHECK_OK(fixture_project(ctx, "area.gpkg", false, &project));
    CHECK_OK(fixture_write(ctx, "p.csv",
                           "id,lon,lat,name,type,admin2\nv,15.0095,2.014,Near,village,"
                           "Upper\nt,15.006,2.0045,Town,town,Lower\n"));
    CHECK_OK(fixture_import(ctx, project, "p.csv", "place"));
    CHECK_OK(tl_buf_printf(ctx, &teams,
                           "%sground: [{area: HA-0002, vegetation: dense}, {area: all, vegetation: "
                           "light, slope: steep}]\ndistricts: [{name: Own, areas: [Bow]}]\n",
                           fixture_teams));
    CHECK_OK(fixture_plan(ctx, project, teams.text, near_objective, "1MUSD", &plan));
    CHECK_STR(plan->areas[0].district, "Upper");
    CHECK_STR(plan->areas[1].district, "Lower");
    CHECK_STR(plan->areas[2].district, "Own");
    CHECK(plan->areas[1].vegetation == 3 && plan->areas[0].vegetation == 1);
    CHECK(plan->areas[1].slope == 2);
    CHECK((plan->areas[0].near >> 1 & 1U) == 1 && (plan->areas[1].near >> 1 & 1U) == 0);
    tl_buf_fini(&teams);
    tl_plan_free(plan);
    tl_project_close(project);
}
