#include "unit.h"

#include "hazard/fixture.h"
#include "tilth/page.h"
#include "tilth/raster.h"

static const char *const path = "hazard_page_test.gpkg";

static int64_t size_of(const char *file)
{
    FILE *f = fopen(file, "rb");
    if (f == NULL)
        return -1;
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    fclose(f);
    return n;
}

TEST(a_result_becomes_a_page_and_the_same_one_twice)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    char a[TL_HASH_HEX], b[TL_HASH_HEX];
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    CHECK_OK(tl_page_map(ctx, project, &r, "hazard_page_t.pdf"));
    CHECK_OK(tl_page_map(ctx, project, &r, "hazard_page_t.png"));
    CHECK(size_of("hazard_page_t.pdf") > 10000 && size_of("hazard_page_t.png") > 10000);
    CHECK_STR(tl_project_title(project), "Fixture"); /* what the page is headed with */
    CHECK_OK(tl_hash_file(ctx, "hazard_page_t.pdf", a));
    CHECK_OK(tl_page_map(ctx, project, &r, "hazard_page_t.pdf"));
    CHECK_OK(tl_hash_file(ctx, "hazard_page_t.pdf", b));
    CHECK_STR(a, b);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
    unlink("hazard_page_t.pdf");
    unlink("hazard_page_t.png");
}

/* With the posterior's own mean as the truth nothing can be off: the figures must say so. */
TEST(calibration_reads_the_truth_on_the_projects_grid_only)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    struct tl_report_calibration_figures figures = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    struct tl_grid grid = r.evidence.grid;
    int64_t n = tl_grid_n_cells(&grid);
    double *truth = tl_alloc(ctx, n, sizeof *truth);
    CHECK(truth != NULL);
    for (int64_t i = 0; i < n; i++)
        truth[i] = exp(r.field.log_density_mean[i]);
    struct tl_raster_band band = {.name = "truth", .values = truth};
    CHECK_OK(tl_raster_write(ctx, "hazard_page_t.tif", &grid, tl_project_crs(project), 1, &band));
    CHECK_OK(tl_page_calibration(ctx, project, &r, "hazard_page_t.tif", NULL, "hazard_page_t.png",
                                 &figures));
    CHECK_NEAR(figures.rmse, 0.0, 1e-6);
    CHECK_NEAR(figures.coverage95, 1.0, 0.0);
    grid.step_m = 50.0;
    CHECK_OK(tl_raster_write(ctx, "hazard_page_t.tif", &grid, tl_project_crs(project), 1, &band));
    CHECK_FAILS(tl_page_calibration(ctx, project, &r, "hazard_page_t.tif", NULL,
                                    "hazard_page_t.png", &figures),
                TL_EDATA, "hazard_page_t.tif");
    tl_free(truth);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
    unlink("hazard_page_t.tif");
    unlink("hazard_page_t.png");
}
