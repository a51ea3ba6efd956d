#include "unit.h"

#include "evidence/fixture.h"
#include "tilth/raster.h"

static const char path[] = "import_covariate_test.gpkg";

/* Slope that rises to the east, on the project's own grid, without values in its first row. */
static tl_err write_slope(struct tl_ctx *ctx, const struct tl_grid *grid, double factor)
{
    double *values = calloc((size_t)tl_grid_n_cells(grid), sizeof *values);
    for (int64_t i = 0; values != NULL && i < tl_grid_n_cells(grid); i++)
        values[i] = i < grid->n_x ? NAN : factor * (double)(i % grid->n_x);
    struct tl_raster_band band = {.name = "slope", .values = values};
    tl_err err = tl_raster_write(ctx, "slope.tif", grid, "EPSG:32636", 1, &band);
    free(values);
    return err;
}

TEST(a_raster_becomes_a_covariate_and_again_is_unchanged)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_evidence e = {0};
    struct tl_import_options options = {.as = "covariate", .prior_mean = 0.1, .prior_sd = 0.5};
    CHECK_OK(fixture_district(ctx, path, &project));
    struct tl_grid grid = tl_project_grid(project);
    CHECK_OK(write_slope(ctx, &grid, 1.0));
    options.dry_run = true;
    CHECK_OK(tl_import_file(ctx, project, "slope.tif", &options, &r));
    CHECK(r.n_added == 1 && r.import_id == 0);
    options.dry_run = false;
    CHECK_OK(tl_import_file(ctx, project, "slope.tif", &options, &r));
    CHECK(r.n_read == 1 && r.n_added == 1 && fixture_reconciles(&r));
    CHECK_STR(r.mapping, "name=slope");
    CHECK(fixture_reason(&r, "covariate-gaps") == 1);
    CHECK_OK(tl_import_file(ctx, project, "slope.tif", &options, &r));
    CHECK(r.n_unchanged == 1);
    CHECK_OK(write_slope(ctx, &grid, 2.0));
    CHECK_OK(tl_import_file(ctx, project, "slope.tif", &options, &r));
    CHECK(r.n_updated == 1);
    options.name = "same";
    CHECK_OK(tl_import_file(ctx, project, "slope.tif", &options, &r));
    CHECK_OK(
        fixture_import(ctx, project, "accident", "c.csv", "lon,lat,date\n30.1,50.05,1999\n", &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(e.n_covariates == 1 && strstr(e.notes, "correlation 1.000") != NULL);
    CHECK_NEAR(e.covariates[0].prior_mean, 0.1, 0);
    CHECK_NEAR(e.covariates[0].prior_sd, 0.5, 0);
    CHECK_NEAR(e.covariates[0].values[grid.n_x + 3], 6.0, 1e-6);
    CHECK(isfinite(e.covariates[0].values[3]));
    tl_evidence_fini(&e);
    tl_project_close(project);
}

TEST(names_and_priors_are_checked)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_import_options options = {.as = "covariate", .name = "a=b"};
    CHECK_OK(fixture_district(ctx, path, &project));
    struct tl_grid grid = tl_project_grid(project);
    CHECK_OK(write_slope(ctx, &grid, 1.0));
    CHECK_FAILS(tl_import_file(ctx, project, "slope.tif", &options, &r), TL_EUSAGE, "a=b");
    options.name = "search";
    CHECK_FAILS(tl_import_file(ctx, project, "slope.tif", &options, &r), TL_EUSAGE, "search");
    options.name = "";
    CHECK_FAILS(tl_import_file(ctx, project, "slope.tif", &options, &r), TL_EUSAGE, "1 to 63");
    options.name = NULL;
    options.prior_sd = -1.0;
    CHECK_FAILS(tl_import_file(ctx, project, "slope.tif", &options, &r), TL_EUSAGE, "-1");
    options.prior_sd = 0.0;
    CHECK_FAILS(tl_import_file(ctx, project, "none.tif", &options, &r), TL_ENOTFOUND, "none.tif");
    struct tl_grid away = grid;
    away.x0_m += 500000;
    CHECK_OK(write_slope(ctx, &away, 1.0));
    CHECK_FAILS(tl_import_file(ctx, project, "slope.tif", &options, &r), TL_EDATA, "");
    tl_project_close(project);
    unlink("slope.tif");
}
