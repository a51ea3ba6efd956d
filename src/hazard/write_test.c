#include "unit.h"

#include <sys/stat.h>

#include "fixture.h"
#include "store/band.h"
#include "tilth/raster.h"

static const char *const path = "hazard_write_test.gpkg";

static void clean(void)
{
    static const char *const files[] = {"hw_out/posterior.tif", "hw_out/evidence.tif",
                                        "hw_out/samples.tif", "hw_out/look.geojson",
                                        "hw_out/map.json"};
    for (int k = 0; k < 5; k++)
        unlink(files[k]);
    rmdir("hw_out");
    unlink(path);
}

TEST(files_and_project_hold_what_was_computed)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    struct tl_raster band = {0};
    struct tl_hazard_options options = tl_hazard_options_default();
    options.field.n_samples = 2;
    clean();
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, &options, &r));
    CHECK(mkdir("hw_out", 0777) == 0);
    CHECK_OK(tl_hazard_write(ctx, project, &r, "hw_out"));
    CHECK_OK(tl_raster_read(ctx, "hw_out/posterior.tif", 1, &band));
    int64_t n = tl_grid_n_cells(&band.grid);
    CHECK(n == tl_grid_n_cells(&r.evidence.grid));
    for (int64_t i = 0; i < n; i++)
        CHECK(isnan(r.field.log_density_mean[i])
                  ? isnan(band.values[i])
                  : band.values[i] == (double)(float)r.field.log_density_mean[i]);
    tl_raster_fini(&band);
    CHECK_OK(tl_raster_read(ctx, "hw_out/samples.tif", 2, &band));
    tl_raster_fini(&band);
    CHECK(tl_raster_read(ctx, "hw_out/samples.tif", 3, &band) != TL_OK); /* two were asked for */
    CHECK_OK(tl_hazard_save(ctx, project, &r));
    float *kept = tl_alloc(ctx, n, sizeof *kept);
    CHECK(kept != NULL);
    CHECK_OK(tl_project_map_band(ctx, project, "p_any", kept));
    for (int64_t i = 0; i < n; i++)
        CHECK(isnan(kept[i]) ? isnan(r.field.p_any[i]) : kept[i] == (float)r.field.p_any[i]);
    CHECK_FAILS(tl_project_map_band(ctx, project, "nonsense", kept), TL_ENOTFOUND, "nonsense");
    tl_free(kept);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    clean();
}

TEST(a_folder_that_is_not_there_is_an_error_and_the_project_keeps_its_last_map)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    clean();
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    CHECK(tl_hazard_write(ctx, project, &r, "no/such/folder") == TL_EIO);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    clean();
}

/* What `explain` tells a place against is kept with the map: the average over the area of what the band holds. */
TEST(averages_of_covariates_are_those_of_the_whole_band)
{
    struct tl_project *project = NULL;
    struct tl_hazard_result r = {0};
    struct tl_spread spread;
    double sum_of_nothing = 0.0;
    int64_t n_averages = 0;
    clean();
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, NULL, &r));
    CHECK_OK(tl_hazard_save(ctx, project, &r));
    int64_t n = tl_grid_n_cells(&r.evidence.grid);
    float *values = tl_alloc(ctx, n, sizeof *values), *area = tl_alloc(ctx, n, sizeof *area);
    CHECK(values != NULL && area != NULL);
    CHECK_OK(tl_project_map_band(ctx, project, "cell_area", area));
    for (int k = 0; k < r.evidence.n_covariates; k++) {
        char name[160];
        double sum = 0.0, average = 0.0;
        int64_t count = 0;
        snprintf(name, sizeof name, "covariate:%s", r.evidence.covariates[k].name);
        CHECK_OK(tl_project_map_band(ctx, project, name, values));
        for (int64_t i = 0; i < n; i++)
            if (isfinite(values[i]) && area[i] > 0.0F) {
                sum += (double)values[i];
                count++;
            }
        CHECK_OK(tl_band_spread(ctx, project, name, &spread, &average));
        CHECK(count > 0 && average == sum / (double)count);
        n_averages++;
    }
    CHECK(n_averages > 0);
    CHECK_OK(tl_band_spread(ctx, project, "p_any", &spread, &sum_of_nothing));
    CHECK(isnan(sum_of_nothing));
    tl_free(values);
    tl_free(area);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    clean();
}
