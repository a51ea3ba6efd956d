#include "unit.h"

#include "evidence/fixture.h"
#include "evidence/gather.h"

static const char path[] = "gather_test.gpkg";

TEST(records_come_sorted_by_content_in_the_grids_system)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_gather g;
    CHECK_OK(fixture_district(ctx, path, &project));
    CHECK_OK(
        fixture_import(ctx, project, "item", "g.csv",
                       "lon,lat,date,how,category,number,search,accuracy\n"
                       "30.15,50.05,1999-07,search,AP mine,3,S1,12\n30.05,50.05,,spot find,UXO,,,\n"
                       "30.1,50.05,2001,,,,,\n",
                       &r));
    CHECK(r.n_added == 3);
    struct tl_grid grid = tl_project_grid(project);
    double *area = calloc((size_t)tl_grid_n_cells(&grid), sizeof *area);
    for (int64_t i = 0; i < tl_grid_n_cells(&grid); i++)
        area[i] = 250000.0;
    CHECK_OK(tl_gather_init(ctx, project, TL_GROUP_MINES, area, NULL, &g));
    CHECK(g.n[TL_KIND_ITEM] == 3 && g.n_other_group == 1);
    const struct tl_gather_point *p = g.points[TL_KIND_ITEM];
    CHECK(p[0].x_m < p[1].x_m && p[1].x_m < p[2].x_m);
    CHECK(p[0].is_other && p[0].how == TL_HOW_SPOT && isnan(p[0].year) && isnan(p[0].accuracy_m));
    CHECK(!p[1].is_other && p[1].how == TL_HOW_UNKNOWN && p[1].number == 1.0 &&
          p[1].year == 2001.5);
    CHECK(p[2].how == TL_HOW_SEARCH && p[2].number == 3.0 && p[2].accuracy_m == 12.0 &&
          p[2].cell >= 0);
    CHECK_STR(p[2].search, "S1");
    tl_gather_fini(&g);
    memset(area, 0, (size_t)tl_grid_n_cells(&grid) * sizeof *area);
    CHECK_OK(tl_gather_init(ctx, project, TL_GROUP_ALL, area, NULL, &g));
    CHECK(g.points[TL_KIND_ITEM][0].cell == -1 && g.n_other_group == 0);
    tl_gather_fini(&g);
    free(area);
    tl_project_close(project);
}

TEST(choices_are_told_by_their_place_in_the_list)
{
    CHECK(tl_gather_choice(TL_KIND_SEARCH, "type", "NTS") == 0);
    CHECK(tl_gather_choice(TL_KIND_SEARCH, "type", "clearance") == 2);
    CHECK(tl_gather_choice(TL_KIND_SEARCH, "type", "clear") == -1);
    CHECK(tl_gather_choice(TL_KIND_SEARCH, "type", NULL) == -1);
    CHECK(tl_gather_choice(TL_KIND_SEARCH, "no such column", "NTS") == -1);
}
