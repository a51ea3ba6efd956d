#include "unit.h"

#include "survey/fixture.h"
#include "survey/units.h"

TEST(units_cover_the_area_and_nothing_else)
{
    struct tl_project *project = NULL;
    struct tl_survey_area area = {0};
    struct tl_survey_units units = {0};
    CHECK_OK(fixture_survey(ctx, "units_test.gpkg", false, &project));
    CHECK_OK(tl_survey_area_init(ctx, project, "B", NULL, &area));
    static const double sides[] = {0, 100, 37, 10};
    for (int k = 0; k < 4; k++) {
        double sum = 0.0;
        CHECK_OK(tl_survey_units_init(ctx, project, &area, sides[k], &units));
        for (int64_t u = 0; u < units.n; u++)
            sum += units.units[u].area_m2;
        CHECK_NEAR(sum, area.area_m2, 1e-3);
        CHECK(units.grid.step_m == (k == 0 ? 100.0 : sides[k]));
        tl_survey_units_fini(&units);
    }
    CHECK_FAILS(tl_survey_units_init(ctx, project, &area, -5, &units), TL_EDATA, "-5 m");
    CHECK_FAILS(tl_survey_units_init(ctx, project, &area, 0.5, &units), TL_EDATA, "larger unit");
    CHECK_FAILS(tl_survey_units_risk(ctx, project, &units), TL_ENOTFOUND, "no map yet");
    tl_survey_area_fini(&area);
    tl_project_close(project);
}

/* A unit that is a cell has the map's own chance; four small ones make up a large one. */
TEST(risk_is_the_maps)
{
    struct tl_project *project = NULL;
    struct tl_survey_area area = {0};
    struct tl_survey_units units = {0}, halves = {0};
    CHECK_OK(fixture_survey(ctx, "units_test.gpkg", true, &project));
    struct tl_grid grid = tl_project_grid(project);
    float *p_any = tl_alloc(ctx, tl_grid_n_cells(&grid), sizeof *p_any);
    CHECK_OK(tl_project_map_band(ctx, project, "p_any", p_any));
    CHECK_OK(tl_survey_area_init(ctx, project, "A", NULL, &area));
    CHECK_OK(tl_survey_units_init(ctx, project, &area, 0, &units));
    CHECK_OK(tl_survey_units_risk(ctx, project, &units));
    int64_t n_whole = 0;
    double expected = 0.0, again = 0.0, weights = 0.0;
    for (int64_t u = 0; u < units.n; u++) {
        double x, y;
        tl_cell cell;
        tl_grid_centre(&units.grid, (tl_cell){units.units[u].i}, &x, &y);
        CHECK_OK(tl_grid_cell_at(ctx, &grid, x, y, &cell));
        CHECK(units.units[u].p_any > 0.0 && units.units[u].p_any < 1.0);
        expected -= log1p(-units.p_at[10 * units.n + u]);
        if (units.units[u].area_m2 < 9999.0)
            continue;
        n_whole++;
        CHECK_NEAR(units.units[u].p_any, p_any[cell.i], 0.02 + 0.1 * p_any[cell.i]);
    }
    CHECK(n_whole > 5);
    CHECK_OK(tl_survey_units_init(ctx, project, &area, 50, &halves));
    CHECK_OK(tl_survey_units_risk(ctx, project, &halves));
    for (int64_t u = 0; u < halves.n; u++)
        again -= log1p(-halves.p_at[10 * halves.n + u]);
    for (int k = 0; k < TL_SURVEY_UNIT_NODES; k++)
        weights += units.weight[k];
    CHECK_NEAR(weights, 1.0, 1e-12);
    CHECK_NEAR(again / expected, 1.0, 1e-6); /* items do not depend on how ground is cut */
    tl_survey_units_fini(&units);
    tl_survey_units_fini(&halves);
    tl_survey_area_fini(&area);
    tl_free(p_any);
    tl_project_close(project);
}

TEST(draws_are_fair_and_repeat_with_their_seed)
{
    enum { N = 40, DRAWS = 20000 };
    struct tl_survey_unit list[N];
    struct tl_survey_units units = {.n = N, .units = list};
    int64_t times[N] = {0}, size[3];
    for (int64_t u = 0; u < N; u++)
        list[u] = (struct tl_survey_unit){.i = 3 * u, .p_any = (double)(u % 13) / 13.0};
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        int64_t n = 0;
        for (int u = 0; u < N; u++)
            list[u].is_drawn = false;
        CHECK_OK(tl_survey_units_draw(ctx, &units, 0, 10, seed));
        for (int u = 0; u < N; u++) {
            times[u] += list[u].is_drawn;
            n += list[u].is_drawn;
        }
        CHECK(n == 10);
    }
    for (int u = 0; u < N; u++)
        CHECK_NEAR((double)times[u] / DRAWS, 0.25, 4.5 * sqrt(0.25 * 0.75 / DRAWS));
    CHECK_OK(tl_survey_units_stratify(ctx, &units, 3, size));
    CHECK(size[0] + size[1] + size[2] == N && size[0] >= 13 && size[2] >= 13);
    double least[3] = {1, 1, 1}, most[3] = {0, 0, 0};
    for (int u = 0; u < N; u++) {
        least[list[u].stratum] = fmin(least[list[u].stratum], list[u].p_any);
        most[list[u].stratum] = fmax(most[list[u].stratum], list[u].p_any);
    }
    CHECK(least[0] >= most[1] && least[1] >= most[2]);
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_survey_area *area)
{
    tl_err err = TL_OK;
    struct tl_survey_units units = {0};
    int64_t size[2];
    TL_TRY(tl_survey_units_init(ctx, project, area, 0, &units));
    TL_TRY(tl_survey_units_risk(ctx, project, &units));
    TL_TRY(tl_survey_units_stratify(ctx, &units, 2, size));
    TL_TRY(tl_survey_units_draw(ctx, &units, 1, 3, 1));
done:
    tl_survey_units_fini(&units);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    struct tl_survey_area area = {0};
    CHECK_OK(fixture_survey(ctx, "units_test.gpkg", true, &project));
    CHECK_OK(tl_survey_area_init(ctx, project, "A", NULL, &area));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project, &area));
    tl_survey_area_fini(&area);
    tl_project_close(project);
}
