#include <unistd.h>

#include "unit.h"

#define FIXTURE_NAME "start_test"
#include "forecast/fixture.h"
#include "hazard/fixture.h"

TEST(land_comes_from_open_areas_and_an_empty_project_is_refused)
{
    struct tl_project *project = NULL;
    struct tl_forecast_scenario *s = NULL;
    static const char areas[] = "id,classification,status,wkt\n"
                                "H1,CHA,open,\"POLYGON((15.0040 2.0125,15.0083 2.0125,15.0083 "
                                "2.0160,15.0040 2.0160,15.0040 2.0125))\"\n"
                                "H2,SHA,cleared,\"POLYGON((15.0092 2.0119,15.0112 2.0119,15.0112 "
                                "2.0137,15.0092 2.0137,15.0092 2.0119))\"\n";
    CHECK_OK(fixture_create(ctx, "start_test.gpkg"));
    CHECK_OK(tl_project_open(ctx, "start_test.gpkg", TL_PROJECT_WRITE, &project));
    CHECK_OK(fixture_scenario(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), &s));
    CHECK_FAILS(tl_forecast_start(ctx, project, s), TL_ENOTFOUND, "neither a map nor");
    CHECK_OK(tl_file_write(ctx, "start_test.csv", areas, (int64_t)strlen(areas)));
    CHECK_OK(fixture_import(ctx, project, "start_test.csv", "hazard-area"));
    CHECK_OK(tl_forecast_start(ctx, project, s));
    /* 0.0043 by 0.0035 degrees at 2 N: 478.4 m by 387.0 m. */
    CHECK_NEAR(s->quantities[s->suspected].best, 0.1851, 0.002);
    CHECK(!s->quantities[s->suspected].is_uncertain && strstr(s->start_words, "no map") != NULL);
    tl_forecast_scenario_free(s);
    tl_project_close(project);
    unlink("start_test.csv");
    unlink("start_test.gpkg");
}
