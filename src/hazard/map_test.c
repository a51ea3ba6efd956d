#include "unit.h"

#include "fixture.h"
#include "hazard/hazard.h"

static const char *const path = "hazard_map_test.gpkg";

/* What is uncertain is wide, what was searched is narrower, and totals add up from cells. */
TEST(a_map_says_where_items_remain)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    int64_t n = tl_grid_n_cells(&r.evidence.grid);
    double sum = 0.0, area = 0.0;
    for (int64_t i = 0; i < n; i++) {
        if (!(r.evidence.cell_area[i] > 0.0)) {
            CHECK(isnan(r.field.density_mean[i]));
            continue;
        }
        area += r.evidence.cell_area[i];
        sum += r.evidence.residual[i] * r.field.density_mean[i];
        CHECK(r.field.density_q05[i] <= r.field.density_q50[i]);
        CHECK(r.field.density_q50[i] <= r.field.density_q95[i]);
        CHECK(r.field.p_any[i] >= 0.0 && r.field.p_any[i] <= 1.0);
    }
    CHECK_NEAR(r.total_items.mean, sum, 1e-9 * sum);
    CHECK_NEAR(r.area_m2, area, 1e-9 * area);
    /* 0.0216 x 0.0181 degrees at 2 N: 2,404 m x 2,001 m. */
    CHECK_NEAR(area, 2404.0 * 2001.0, 0.01 * area);
    CHECK(r.searched_m2 > 1e4 && r.searched_m2 < 0.12 * area);
    CHECK(r.total_items.q025 < r.total_items.q50 && r.total_items.q50 < r.total_items.q975);
    CHECK(r.n_look >= 1 && r.n_look <= TL_HAZARD_LOOK_DEFAULT);
    /* Places are a range apart: never nearer than three cells in both directions. */
    for (int64_t k = 1; k < r.n_look; k++)
        CHECK(hypot(r.look[k].x_m - r.look[0].x_m, r.look[k].y_m - r.look[0].y_m) >= 300.0);
    /* Accidents crowd in the north-west, so that is where to look. */
    CHECK(r.look[0].lon_deg < 15.012 && r.look[0].lat_deg > 2.006);
    CHECK(strstr(r.look[0].near, "Alpha") != NULL);
    for (int64_t k = 1; k < r.n_look; k++)
        CHECK(r.look[k].expected_items <= r.look[k - 1].expected_items);
    CHECK(strstr(r.words, "safe") == NULL);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}

TEST(the_same_project_options_and_seed_give_the_same_bits_on_any_number_of_threads)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result a = {0}, b = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &a));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &b));
    size_t bytes = (size_t)tl_grid_n_cells(&a.evidence.grid) * sizeof(double);
    CHECK(memcmp(a.field.density_mean, b.field.density_mean, bytes) == 0);
    CHECK(memcmp(a.field.log_density_sd, b.field.log_density_sd, bytes) == 0);
    CHECK_STR(a.json, b.json);
    tl_hazard_result_fini(&a);
    tl_hazard_result_fini(&b);
    tl_project_close(project);
    unlink(path);
}

TEST(what_changed_since_the_last_map_is_told)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    struct tl_hazard_options options = tl_hazard_options_default();
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    CHECK_STR(r.changes, "");
    CHECK_OK(tl_hazard_save(ctx, project, &r));
    tl_hazard_result_fini(&r);
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    CHECK(strstr(r.changes, "nothing") != NULL);
    tl_hazard_result_fini(&r);
    CHECK_OK(fixture_accidents(ctx, "more.csv", 3, 99));
    CHECK_OK(fixture_import(ctx, project, "more.csv", "accident"));
    options.field.seed = 5;
    CHECK_OK(tl_hazard_map(ctx, project, &options, &r));
    CHECK(strstr(r.changes, "accident records: 30 before, 33 now") != NULL);
    CHECK(strstr(r.changes, "option seed: 1 before, 5 now") != NULL);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
    unlink("more.csv");
}

TEST(a_project_without_evidence_says_what_to_import)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_FAILS(tl_hazard_map(ctx, project, NULL, &r), TL_EDATA, "import");
    CHECK(r.json == NULL && r.look == NULL);
    tl_project_close(project);
    unlink(path);
}

TEST(a_cancel_stops_the_map)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_hazard_map(ctx, project, NULL, &r), TL_ECANCELLED, "stopped");
    CHECK(r.json == NULL);
    tl_project_close(project);
    unlink(path);
}
