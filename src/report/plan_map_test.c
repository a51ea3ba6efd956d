#include "unit.h"

#include "plan/fixture.h"
#include "report/plan_draw.h"

TEST(years_have_colours_that_differ_and_grow_lighter)
{
    for (int64_t n = 1; n <= 20; n++)
        for (int64_t y = 1; y < n; y++)
            CHECK(tl_plan_map_colour(y, n) != tl_plan_map_colour(y - 1, n));
    CHECK(tl_plan_map_colour(0, 3) == 0x1F3B73 && tl_plan_map_colour(2, 3) == 0xE8833A);
}

TEST(the_map_holds_every_task_and_the_bases_near_by)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    struct tl_plan_map map;
    CHECK_OK(fixture_both(ctx, "map.gpkg", false, "hectares", "100kUSD", &project, &plan));
    CHECK_OK(tl_plan_map_init(ctx, project, plan, &map));
    CHECK(map.n_tasks == tl_plan_summary(plan).n_tasks && map.n_places == 2);
    CHECK_STR(map.places[0].name, "Alpha"); /* the larger one */
    for (int64_t t = 0; t < map.n_tasks; t++) {
        double b[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
        tl_outline_widen(&map.tasks[t], b);
        CHECK(b[0] >= map.box_m[0] && b[1] >= map.box_m[1] && b[2] <= map.box_m[2] &&
              b[3] <= map.box_m[3]);
        CHECK(tl_plan_task(plan, map.by_rank[t])->rank == t + 1);
    }
    CHECK(map.base_xy[0] >= map.box_m[0] && map.base_xy[2] <= map.box_m[2]);
    CHECK(tl_plan_map_height(&map, 500.0, 350.0) <= 350.0);
    tl_plan_map_fini(&map);
    tl_plan_free(plan);
    tl_project_close(project);
}
