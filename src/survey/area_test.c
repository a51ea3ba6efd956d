#include "unit.h"

#include "survey/area.h"
#include "survey/fixture.h"

TEST(areas_are_found_by_code_id_and_name)
{
    struct tl_project *project = NULL;
    struct tl_survey_area area = {0};
    double first = 0.0;
    CHECK_OK(fixture_survey(ctx, "area_test.gpkg", false, &project));
    static const char *const names[] = {"HA-0001", "ha-0001", "A", "Field"};
    for (int k = 0; k < 4; k++) {
        CHECK_OK(tl_survey_area_init(ctx, project, names[k], NULL, &area));
        CHECK_STR(area.name, "HA-0001");
        CHECK(area.area_m2 > 2.4e5 && area.area_m2 < 2.5e5);
        CHECK(k == 0 || area.area_m2 == first);
        first = area.area_m2;
        tl_survey_area_fini(&area);
    }
    CHECK_FAILS(tl_survey_area_init(ctx, project, "HA-0042", NULL, &area), TL_ENOTFOUND, "HA-0042");
    CHECK_FAILS(tl_survey_area_init(ctx, project, "C", NULL, &area), TL_EDATA, "Self-intersection");
    CHECK_FAILS(tl_survey_area_init(ctx, project, NULL, NULL, &area), TL_EUSAGE, "one of them");
    CHECK_FAILS(tl_survey_area_init(ctx, project, "A", "f.geojson", &area), TL_EUSAGE, "one");
    CHECK_FAILS(tl_survey_area_init(ctx, project, NULL, "missing.geojson", &area), TL_ENOTFOUND,
                "missing.geojson");
    CHECK(area.wkb == NULL);
    tl_project_close(project);
}

static tl_err from_text(struct tl_ctx *ctx, struct tl_project *project, const char *text,
                        struct tl_survey_area *area)
{
    tl_err err = tl_file_write(ctx, "area_test.csv", text, (int64_t)strlen(text));
    if (err == TL_OK)
        err = tl_survey_area_init(ctx, project, NULL, "area_test.csv", area);
    unlink("area_test.csv");
    return err;
}

/* Ground that two polygons of a file share counts once. */
TEST(polygons_of_a_file_are_joined)
{
    struct tl_project *project = NULL;
    struct tl_survey_area one = {0}, two = {0};
    CHECK_OK(fixture_create(ctx, "area_test.gpkg"));
    CHECK_OK(tl_project_open(ctx, "area_test.gpkg", TL_PROJECT_READ, &project));
    CHECK_OK(from_text(ctx, project,
                       "id,wkt\n1,\"POLYGON((15.01 2.01,15.012 2.01,15.012 2.012,15.01 "
                       "2.012,15.01 2.01))\"\n",
                       &one));
    CHECK_OK(
        from_text(ctx, project,
                  "id,wkt\n1,\"POLYGON((15.01 2.01,15.0115 2.01,15.0115 2.012,15.01 2.012,15.01 "
                  "2.01))\"\n2,\"POLYGON((15.0105 2.01,15.012 2.01,15.012 2.012,15.0105 "
                  "2.012,15.0105 2.01))\"\n",
                  &two));
    CHECK_NEAR(one.area_m2, two.area_m2, 1e-3);
    CHECK_STR(one.name, "area_test.csv");
    CHECK_FAILS(from_text(ctx, project,
                          "id,wkt\n1,\"POLYGON((1 2.01,1.012 2.01,1.012 2.012,1 2.01))\"\n", &two),
                TL_EDATA, "wholly outside the project's area");
    CHECK_FAILS(from_text(ctx, project, "id,wkt\n1,\"POINT(15.01 2.01)\"\n", &two), TL_EDATA,
                "row 1: its geometry is no polygon");
    CHECK_FAILS(from_text(ctx, project,
                          "id,wkt\n1,\"POLYGON((15.01 2.01,15.02 2.02,15.02 2.01,15.01 2.02,15.01 "
                          "2.01))\"\n",
                          &two),
                TL_EDATA, "Self-intersection");
    tl_survey_area_fini(&one);
    tl_survey_area_fini(&two);
    tl_project_close(project);
}

TEST(a_file_that_is_there_stays)
{
    CHECK_OK(tl_file_write(ctx, "area_test.txt", "x", 1));
    CHECK_FAILS(tl_survey_may_write(ctx, "area_test.txt", false), TL_EEXISTS, "--overwrite");
    CHECK_OK(tl_survey_may_write(ctx, "area_test.txt", true));
    unlink("area_test.txt");
    CHECK_OK(tl_survey_may_write(ctx, "area_test.txt", false));
    CHECK_OK(tl_survey_may_write(ctx, NULL, false));
    CHECK(tl_survey_ends_with("a.GPX", ".gpx") && !tl_survey_ends_with("px", ".gpx"));
}

TEST(methods_that_are_not_in_the_table_are_named)
{
    struct tl_project *project = NULL;
    struct tl_method method = {0};
    CHECK_OK(fixture_create(ctx, "area_test.gpkg"));
    CHECK_OK(tl_project_open(ctx, "area_test.gpkg", TL_PROJECT_READ, &project));
    CHECK_OK(tl_survey_method(ctx, project, "Manual", "", &method));
    CHECK_STR(method.name, "manual");
    CHECK_FAILS(tl_survey_method(ctx, project, "dowsing", "", &method), TL_ENOTFOUND, "'dowsing'");
    tl_project_close(project);
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_survey_area area = {0};
    tl_err err = tl_survey_area_init(ctx, project, "B", NULL, &area);
    tl_survey_area_fini(&area);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_survey(ctx, "area_test.gpkg", false, &project));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project));
    tl_project_close(project);
}
