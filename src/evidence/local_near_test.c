#include "unit.h"

#include "evidence/local_fixture.h"

static const char path[] = "local_near_test.gpkg";

TEST(covariates_come_as_named_and_one_that_is_gone_is_said_so)
{
    static const char *const two[] = {"slope", "cha_fraction"},
                             *const other[] = {"cha_fraction", "slope"},
                             *const gone[] = {"slope", "near_volcano"};
    const double box[4] = {290100, 5547050, 291350, 5547800};
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_local a = {0}, b = {0}, all = {0};
    CHECK_OK(local_project(ctx, path, 500.0, false, &project));
    CHECK_OK(tl_local_open(ctx, project, NULL, &base));
    CHECK_OK(local_window(ctx, base, box, 0, 0, 2, two, &a));
    CHECK_OK(local_window(ctx, base, box, 0, 0, 2, other, &b));
    CHECK_OK(local_window(ctx, base, box, 0, 0, 0, NULL, &all));
    CHECK(a.evidence.n_covariates == 2 && b.evidence.n_covariates == 2);
    CHECK_STR(a.evidence.covariates[0].name, "slope");
    CHECK_STR(b.evidence.covariates[1].name, "slope");
    CHECK(memcmp(a.evidence.covariates[0].values, b.evidence.covariates[1].values,
                 (size_t)tl_grid_n_cells(&a.grid) * sizeof(double)) == 0);
    CHECK(all.evidence.n_covariates >= 9);
    CHECK_FAILS(local_window(ctx, base, box, 0, 0, 2, gone, &b), TL_EDATA, "near_volcano");
    tl_local_fini(&a);
    tl_local_fini(&b);
    tl_local_fini(&all);
    tl_local_close(base);
    tl_project_close(project);
}

/* A line and a place far beyond every kernel still are the nearest. */
TEST(what_is_nearest_counts_however_far_it_lies)
{
    struct tl_project *project = NULL;
    struct tl_local_base *base = NULL;
    struct tl_evidence e = {0};
    struct tl_local l = {0};
    struct tl_import_report r = {0};
    const double box[4] = {296000, 5552000, 296300, 5552400};
    CHECK_OK(fixture_project(ctx, path, (const double[4]){30.0, 50.0, 30.2, 50.1}, "EPSG:32636",
                             200.0, &project));
    CHECK_OK(fixture_import(ctx, project, "line", "l.csv",
                            "wkt,type\n\"LINESTRING(30.0 50.0,30.001 50.001,30.002 50.0)\",trench\n"
                            "\"LINESTRING(30.004 50.0,30.004 50.002)\",trench\n",
                            &r));
    CHECK_OK(fixture_import(ctx, project, "place", "p.csv",
                            "lon,lat,population\n30.0,50.0,9\n30.001,50.0,20000\n", &r));
    CHECK_OK(
        fixture_import(ctx, project, "accident", "a.csv", "lon,lat,date\n30.1,50.05,1999\n", &r));
    struct tl_evidence_options options = {.use_range_m = 300};
    CHECK_OK(tl_evidence_build(ctx, project, &options, &e));
    CHECK_OK(tl_local_open(ctx, project, &options, &base));
    const char *const names[] = {"near_trench"};
    CHECK_OK(local_window(ctx, base, box, 0, 500, 1, names, &l));
    CHECK(e.n_covariates == 1);
    for (int64_t i = 0; i < tl_grid_n_cells(&l.grid); i++) {
        int64_t whole = (l.row + i / l.grid.n_x) * e.grid.n_x + l.column + i % l.grid.n_x;
        double is = e.covariates[0].values[whole];
        CHECK(is > 0.0 && is < 1e-4);
        CHECK_NEAR(l.evidence.covariates[0].values[i], is, 1e-9 * is);
        CHECK_NEAR(l.evidence.channels[0].effort[i], e.channels[0].effort[whole],
                   1e-9 * e.channels[0].effort[whole]);
    }
    tl_local_fini(&l);
    tl_local_close(base);
    tl_evidence_fini(&e);
    tl_project_close(project);
}
