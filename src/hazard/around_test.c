#include "unit.h"

#include "fixture.h"
#include "hazard/hazard.h"

static const char *const path = "hazard_around_test.gpkg";

TEST(compass_names_eight_winds)
{
    CHECK_STR(tl_hazard_compass(0.0), "N");
    CHECK_STR(tl_hazard_compass(44.0), "NE");
    CHECK_STR(tl_hazard_compass(-90.0), "W");
    CHECK_STR(tl_hazard_compass(350.0), "N");
    CHECK_STR(tl_hazard_compass(540.0), "S");
}

TEST(records_come_nearest_first_and_no_farther_than_asked)
{
    struct tl_project *project = NULL;
    struct tl_hazard_near near[5];
    const double at[2] = {15.0060, 2.0140};
    int64_t n = 0, all = 0, wide = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_around(ctx, project, TL_KIND_ACCIDENT, at, 400.0, 5, near, &n, &all));
    CHECK(n == 5 && all >= n);
    for (int64_t k = 0; k < n; k++) {
        CHECK(near[k].distance_m <= 400.0 && near[k].code[0] == 'A');
        CHECK(k == 0 || near[k].distance_m >= near[k - 1].distance_m);
    }
    CHECK_OK(tl_hazard_around(ctx, project, TL_KIND_ACCIDENT, at, 1e5, 5, near, &n, &wide));
    CHECK(wide == 30);
    /* The clearance polygon holds the place, the other search does not. */
    CHECK_OK(tl_hazard_around(ctx, project, TL_KIND_SEARCH, at, 1e5, 5, near, &n, &all));
    CHECK(n == 2 && near[0].holds && near[0].distance_m == 0.0 && !near[1].holds);
    CHECK(strstr(near[0].what, "manual") != NULL && strstr(near[0].what, "1 pass") != NULL);
    tl_project_close(project);
    unlink(path);
}

/* 0.001 degrees of latitude at 2 N are 110.575 m: 2.0140 + 0.0150 is 1,659 m to the north of Alpha. */
TEST(a_place_is_told_by_the_nearest_settlement)
{
    struct tl_project *project = NULL;
    char text[160];
    const double north[2] = {15.0050, 2.0290}, there[2] = {15.0051, 2.0141}, far[2] = {17.0, 4.0};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_near_place(ctx, project, north, text));
    CHECK_STR(text, "1.66 km N of Alpha");
    const double near_north[2] = {15.0050, 2.0200}; /* 0.0060 degrees: 663 m */
    CHECK_OK(tl_hazard_near_place(ctx, project, near_north, text));
    CHECK_STR(text, "660 m N of Alpha");
    CHECK_OK(tl_hazard_near_place(ctx, project, there, text));
    CHECK_STR(text, "at Alpha");
    CHECK_OK(tl_hazard_near_place(ctx, project, far, text));
    CHECK_STR(text, "");
    tl_project_close(project);
    unlink(path);
}
