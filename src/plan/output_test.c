#include "unit.h"

#include <sys/stat.h>

#include "geo/vector.h"
#include "plan/fixture.h"

TEST(the_schedule_has_a_row_a_planned_task_by_day)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char *csv = NULL, before[16] = "";
    int64_t n = -1;
    CHECK_OK(fixture_both(ctx, "output.gpkg", false, "hectares", "1MUSD", &project, &plan));
    CHECK_OK(tl_plan_csv(ctx, plan, &csv));
    for (const char *line = csv; *line != '\0'; line = strchr(line, '\n') + 1) {
        int commas = 0;
        const char *field = line;
        for (const char *c = line; *c != '\n'; c++) {
            commas += *c == ',';
            field = commas == 6 && *c == ',' ? c + 1 : field;
        }
        CHECK(commas == 20);
        CHECK(n < 0 || strncmp(before, field, 10) <= 0);
        if (n >= 0)
            snprintf(before, sizeof before, "%.10s", field);
        n++;
    }
    CHECK(n == tl_plan_summary(plan).n_planned);
    tl_free(csv);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(a_name_that_looks_like_a_formula_stays_text)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char *csv = NULL;
    CHECK_OK(fixture_project(ctx, "output.gpkg", false, &project));
    CHECK_OK(fixture_write(ctx, "a.csv",
                           "id,name,wkt\nE,\"=1+2,\"\"x\"\"\",\"POLYGON((15.010 2.008,15.011 "
                           "2.008,15.011 2.009,15.010 2.008))\"\n"));
    CHECK_OK(fixture_import(ctx, project, "a.csv", "hazard-area"));
    CHECK_OK(fixture_plan(ctx, project, fixture_teams, "hectares", "2MUSD", &plan));
    CHECK_OK(tl_plan_csv(ctx, plan, &csv));
    CHECK(strstr(csv, "\"'=1+2,\"\"x\"\"\"") != NULL);
    tl_free(csv);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(the_folder_has_all_tasks_as_polygons)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    struct tl_vector *vector = NULL;
    struct tl_vector_options options = {0};
    bool more = true;
    int64_t n = 0, n_planned = 0;
    mkdir("out", 0777);
    CHECK_OK(fixture_both(ctx, "output.gpkg", true, "harm", "60kUSD", &project, &plan));
    CHECK_OK(tl_plan_write(ctx, plan, "out"));
    CHECK(access("out/plan.json", R_OK) == 0 && access("out/plan.ics", R_OK) == 0);
    CHECK_OK(tl_vector_open(ctx, "out/schedule.geojson", &options, &vector));
    for (;;) {
        const void *wkb;
        int64_t bytes;
        CHECK_OK(tl_vector_next(ctx, vector, &more));
        if (!more)
            break;
        CHECK_OK(tl_vector_wkb(ctx, vector, &wkb, &bytes));
        CHECK(wkb != NULL);
        n++;
        n_planned += tl_vector_text(vector, tl_vector_find_column(vector, "team"))[0] != '\0';
    }
    CHECK(n == tl_plan_summary(plan).n_tasks && n_planned == tl_plan_summary(plan).n_planned);
    tl_vector_close(vector);
    CHECK_FAILS(tl_plan_write(ctx, plan, "no such folder"), TL_EIO, "");
    tl_plan_free(plan);
    tl_project_close(project);
}
