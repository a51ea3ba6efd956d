#include <unistd.h>

#include "unit.h"

#define FIXTURE_NAME "start_test"
#include "evidence/tally.h"
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

/* A map made up: bands by number and cell. */
static float made_up(int band, int64_t i)
{
    return band == 4   ? (i % 7 == 0 ? 0.0F : 10000.0F)
           : band == 0 ? (i % 11 == 2 ? NAN : 9000.0F + (float)(i % 13))
                       : 1e-4F * (float)band * (float)(1 + i % 17);
}

static tl_err keep_map(struct tl_ctx *ctx, struct tl_project *project)
{
    static const char *const names[] = {"residual", "density_mean", "density_q05", "density_q95",
                                        "cell_area"};
    struct tl_grid grid = tl_project_grid(project);
    struct tl_map_band bands[5];
    float *values[5] = {NULL};
    int64_t run = 0, n = tl_grid_n_cells(&grid);
    tl_err err = TL_OK;
    for (int b = 0; b < 5; b++) {
        TL_TRY_ALLOC(ctx, values[b], n);
        for (int64_t i = 0; i < n; i++)
            values[b][i] = made_up(b, i);
        bands[b] = (struct tl_map_band){names[b], values[b]};
    }
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_map_save(ctx, project, "{}", 5, bands, &run));
    TL_TRY(tl_project_commit(ctx, project));
done:
    for (int b = 0; b < 5; b++)
        tl_free(values[b]);
    return err;
}

struct whole {
    struct tl_grid grid;
    double within;
};

static void add_whole(void *user, double x_m, double y_m, double area_m2,
                      enum tl_tally_standing standing)
{
    struct whole *w = user;
    int64_t i = (int64_t)((w->grid.y0_m - y_m) / w->grid.step_m) * w->grid.n_x +
                (int64_t)((x_m - w->grid.x0_m) / w->grid.step_m);
    double items = (double)made_up(0, i) * (double)made_up(1, i), area = (double)made_up(4, i);
    (void)standing;
    if (isfinite(items) && area > 0.0)
        w->within += items * fmin(area_m2 / area, 1.0);
}

static tl_err start_once(struct tl_ctx *ctx, struct tl_project *project,
                         struct tl_forecast_scenario *s)
{
    return tl_forecast_start(ctx, project, s);
}

/* By rows as from whole arrays: items of the map, and those of them on open ground. */
TEST(items_come_from_the_map_by_rows)
{
    struct tl_project *project = NULL;
    struct tl_forecast_scenario *s = NULL;
    static const char areas[] = "id,classification,status,wkt\n"
                                "H1,CHA,open,\"POLYGON((15.0040 2.0025,15.0083 2.0025,15.0083 "
                                "2.0160,15.0040 2.0160,15.0040 2.0025))\"\n"
                                "H2,SHA,open,\"POLYGON((15.0062 2.0019,15.0112 2.0019,15.0112 "
                                "2.0137,15.0062 2.0137,15.0062 2.0019))\"\n";
    int64_t n_areas = 0;
    double sum = 0.0;
    CHECK_OK(fixture_create(ctx, "start_test.gpkg"));
    CHECK_OK(tl_project_open(ctx, "start_test.gpkg", TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_file_write(ctx, "start_test.csv", areas, (int64_t)strlen(areas)));
    CHECK_OK(fixture_import(ctx, project, "start_test.csv", "hazard-area"));
    CHECK_OK(keep_map(ctx, project));
    struct whole w = {.grid = tl_project_grid(project)};
    CHECK_OK(tl_tally_open(ctx, project, add_whole, &w, &n_areas));
    for (int64_t i = 0; i < tl_grid_n_cells(&w.grid); i++) {
        double items = (double)made_up(0, i) * (double)made_up(1, i);
        sum += isfinite(items) ? items : 0.0;
    }
    CHECK(n_areas == 2 && w.within > 0.0 && w.within < sum);
    CHECK_OK(fixture_scenario(ctx, FIXTURE_ALL("{share: 99 %, within: 30 days}"), &s));
    CHECK_EVERY_ALLOC(ctx, start_once(ctx, project, s));
    CHECK(s->within == w.within / sum);
    tl_forecast_scenario_free(s);
    tl_project_close(project);
    unlink("start_test.csv");
    unlink("start_test.gpkg");
}
