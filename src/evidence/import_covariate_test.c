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

/* Cells of a quarter of the project's: class 1 in the first column of each four, 2 in the others. */
static tl_err write_cover(struct tl_ctx *ctx, const struct tl_grid *grid)
{
    const struct tl_grid fine = {grid->x0_m, grid->y0_m, grid->step_m / 4, 4 * grid->n_x,
                                 4 * grid->n_y};
    int64_t n = tl_grid_n_cells(&fine);
    double *values = calloc((size_t)n, sizeof *values);
    for (int64_t i = 0; values != NULL && i < n; i++)
        values[i] = i % fine.n_x % 4 == 0 ? 1.0 : 2.0;
    struct tl_raster_band band = {.name = "cover", .values = values};
    tl_err err = tl_raster_write(ctx, "cover.tif", &fine, "EPSG:32636", 1, &band);
    free(values);
    return err;
}

TEST(classes_become_covariates_of_their_shares)
{
    static const struct tl_import_class classes[] = {{1.0, "forest"}, {2.0, "fields"}},
                                        typo[] = {{1.0, "forest"}, {7.0, "water"}},
                                        twins[] = {{1.0, "forest"}, {2.0, "forest"}};
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_import_options options = {.as = "covariate", .n_classes = 2, .classes = classes};
    CHECK_OK(fixture_district(ctx, path, &project));
    struct tl_grid grid = tl_project_grid(project);
    int64_t n = tl_grid_n_cells(&grid);
    double *values = calloc((size_t)n, sizeof *values);
    CHECK(values != NULL);
    CHECK_OK(write_cover(ctx, &grid));
    CHECK_OK(tl_import_file(ctx, project, "cover.tif", &options, &r));
    CHECK(r.n_read == 2 && r.n_added == 2 && fixture_reconciles(&r));
    CHECK_STR(r.mapping, "name=cover_forest name=cover_fields");
    CHECK_OK(tl_project_covariate_get(ctx, project, "cover_forest", values));
    for (int64_t i = 0; i < n; i++)
        CHECK_NEAR(values[i], 0.25, 1e-9);
    CHECK_OK(tl_project_covariate_get(ctx, project, "cover_fields", values));
    CHECK_NEAR(values[0], 0.75, 1e-9);
    options.classes = typo;
    CHECK_FAILS(tl_import_file(ctx, project, "cover.tif", &options, &r), TL_EDATA,
                "no cell of class 7 (\"water\")");
    options.classes = twins;
    CHECK_FAILS(tl_import_file(ctx, project, "cover.tif", &options, &r), TL_EUSAGE,
                "two classes have the name \"cover_forest\"");
    options.nearest = true;
    CHECK_FAILS(tl_import_file(ctx, project, "cover.tif", &options, &r), TL_EUSAGE, "not both");
    free(values);
    tl_project_close(project);
}

struct seen {
    char name[64];
    int64_t n_land, n_gaps;
    enum tl_import_state state;
};

static tl_err keep_seen(struct tl_ctx *ctx, void *user, const struct tl_import_layer *layer)
{
    struct seen *seen = user;
    (void)ctx;
    snprintf(seen->name, sizeof seen->name, "%s", layer->name);
    seen->n_land = layer->n_land;
    seen->n_gaps = layer->n_gaps;
    seen->state = layer->state;
    return TL_OK;
}

/* The two steps of the server: who reads makes, who writes puts, and only what a dry run showed. */
TEST(what_is_put_is_what_the_dry_run_showed)
{
    struct tl_project *project = NULL;
    struct tl_import_report dry = {0}, r = {0};
    struct tl_import_raster *raster = NULL;
    struct seen seen = {{0}, 0, 0, TL_IMPORT_REFUSED};
    const struct tl_import_watch watch = {.user = &seen, .layer = keep_seen};
    struct tl_import_options options = {.as = "covariate", .dry_run = true, .watch = &watch};
    CHECK_OK(fixture_district(ctx, path, &project));
    struct tl_grid grid = tl_project_grid(project);
    CHECK_OK(write_slope(ctx, &grid, 1.0));
    CHECK_OK(tl_import_raster_make(ctx, project, "slope.tif", &options, &raster));
    CHECK_OK(tl_import_raster_put(ctx, project, raster, &dry));
    tl_import_raster_free(raster);
    raster = NULL;
    CHECK(dry.import_id == 0 && dry.n_added == 1 && strlen(dry.outcome) == 64);
    CHECK_STR(seen.name, "slope");
    CHECK(seen.state == TL_IMPORT_ADDED && seen.n_land > 0 && seen.n_gaps > 0 &&
          seen.n_gaps <= grid.n_x && seen.n_land <= tl_grid_n_cells(&grid));
    options.dry_run = false;
    options.outcome = dry.outcome;
    CHECK_OK(tl_import_file(ctx, project, "slope.tif", &options, &r));
    CHECK_STR(r.outcome, dry.outcome);
    /* Now it would be unchanged, which is not what was shown. */
    CHECK_FAILS(tl_import_file(ctx, project, "slope.tif", &options, &r), TL_ECONFLICT,
                "changed since the dry run");
    tl_project_close(project);
}
