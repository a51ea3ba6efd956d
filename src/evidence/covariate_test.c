#include "unit.h"

#include "evidence/covariate.h"
#include "evidence/fixture.h"

TEST(notes_are_lines_and_are_cut_whole)
{
    struct tl_evidence *e = calloc(1, sizeof *e);
    for (int i = 0; i < 100; i++)
        tl_covariate_note(e, "note number %d with some words that make it a little longer", i);
    CHECK(strstr(e->notes, "note number 0 ") == e->notes && strlen(e->notes) < sizeof e->notes);
    CHECK(strcmp(e->notes + strlen(e->notes) - 6, "longer") == 0);
    free(e);
}

TEST(an_imported_raster_replaces_ours_of_the_same_name)
{
    struct tl_project *project = NULL;
    struct tl_import_report r = {0};
    struct tl_evidence e = {0};
    CHECK_OK(fixture_district(ctx, "covariate_test.gpkg", &project));
    struct tl_grid grid = tl_project_grid(project);
    double *values = calloc((size_t)tl_grid_n_cells(&grid), sizeof *values);
    for (int64_t i = 0; i < tl_grid_n_cells(&grid); i++)
        values[i] = i % 7 == 0 ? NAN : (double)(i % 11);
    struct tl_covariate_info info = {.name = "near_road", .source = "roads.tif", .prior_sd = 2.0};
    bool added = false, changed = false;
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_covariate_put(ctx, project, &info, values, &added, &changed));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(fixture_import(ctx, project, "line", "l.csv",
                            "wkt,type\n\"LINESTRING(30 50,30.2 50.1)\",road\n", &r));
    CHECK_OK(
        fixture_import(ctx, project, "accident", "a.csv", "lon,lat,date\n30.1,50.05,1999\n", &r));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    CHECK(e.n_covariates == 1);
    CHECK_STR(e.covariates[0].name, "near_road");
    CHECK(strstr(e.covariates[0].words, "raster roads.tif; ") == e.covariates[0].words);
    CHECK(strstr(e.covariates[0].words, "take the mean") != NULL &&
          e.covariates[0].prior_sd == 2.0);
    for (int64_t i = 0; i < tl_grid_n_cells(&grid); i++)
        CHECK(isfinite(e.covariates[0].values[i]) &&
              (i % 7 == 0 || e.covariates[0].values[i] == values[i]));
    tl_evidence_fini(&e);
    free(values);
    tl_project_close(project);
}
