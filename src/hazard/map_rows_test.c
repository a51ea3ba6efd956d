#include "unit.h"

#include "fixture.h"
#include "hazard/map_rows.h"

static const char *const path = "hazard_map_rows_test.gpkg";

static struct tl_hazard_options lattice(void)
{
    struct tl_hazard_options options = tl_hazard_options_default();
    options.field.engine = TL_ENGINE_LATTICE;
    return options;
}

/* The same fit as of arrays, band by band, and what is added up of it. */
TEST(a_map_by_rows_has_the_bits_of_one_on_arrays)
{
    struct tl_project *project = NULL;
    struct tl_hazard_options options = lattice();
    struct tl_hazard_result r = {0};
    struct tl_evidence e = {0};
    struct tl_field_result f = {0};
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX];
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX];
    CHECK_OK(fixture_open(ctx, path, &project));
    options.field.n_samples = 2;
    CHECK_OK(tl_hazard_map(ctx, project, &options, &r));
    CHECK(r.bands != NULL && r.field.density_mean == NULL && r.evidence.rows != NULL);
    CHECK(r.field.engine == TL_ENGINE_LATTICE && r.n_samples == 2);
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &e));
    int64_t n_x = e.grid.n_x, n = tl_grid_n_cells(&e.grid);
    uint8_t *inside = tl_alloc(ctx, n, 1);
    double *row = tl_alloc(ctx, n_x, sizeof *row);
    CHECK(inside != NULL && row != NULL);
    for (int64_t i = 0; i < n; i++)
        inside[i] = e.cell_area[i] > 0.0;
    for (int c = 0; c < e.n_channels; c++)
        channels[c] = (struct tl_field_channel){e.channels[c].name, e.channels[c].counts,
                                                e.channels[c].effort, e.channels[c].effect_sd};
    for (int k = 0; k < e.n_covariates; k++)
        covariates[k] =
            (struct tl_field_covariate){e.covariates[k].name, e.covariates[k].values,
                                        e.covariates[k].prior_mean, e.covariates[k].prior_sd};
    const struct tl_field_input input = {n_x,          e.grid.n_y, e.grid.step_m,  inside,
                                         e.n_channels, channels,   e.n_covariates, covariates,
                                         e.residual};
    options.field.n_samples = r.n_draws;
    CHECK_OK(tl_field_fit(ctx, &input, &options.field, &f));
    const double *const bands[TL_HAZARD_SHARES] = {
        f.log_density_mean, f.log_density_sd, f.density_mean, f.density_q05,
        f.density_q50,      f.density_q95,    f.p_any,        f.field};
    for (int64_t y = 0; y < e.grid.n_y; y++) {
        size_t bytes = (size_t)n_x * sizeof *row;
        for (int k = 0; k < TL_HAZARD_SHARES; k++) {
            CHECK_OK(tl_hazard_row(ctx, &r, k, y, row));
            CHECK(memcmp(row, bands[k] + y * n_x, bytes) == 0);
        }
        for (int c = 0; c < e.n_channels; c++) {
            CHECK_OK(tl_hazard_row(ctx, &r, TL_HAZARD_SHARES + c, y, row));
            CHECK(memcmp(row, f.shares + c * n + y * n_x, bytes) == 0);
        }
        CHECK_OK(tl_hazard_sample_row(ctx, &r, 1, y, row));
        for (int64_t x = 0; x < n_x; x++)
            CHECK(isnan(row[x]) ? isnan(f.samples[n + y * n_x + x])
                                : row[x] == (double)f.samples[n + y * n_x + x]);
    }
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += inside[i] != 0 ? e.residual[i] * f.density_mean[i] : 0.0;
    CHECK(r.total_items.mean == sum && r.n_look > 0);
    tl_free(inside);
    tl_free(row);
    tl_field_result_fini(&f);
    tl_evidence_fini(&e);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}

/* Small grids are kept in memory: here all goes through files, as a country's does. */
TEST(rows_in_files_give_the_same_map)
{
    struct tl_project *project = NULL;
    struct tl_hazard_options options = lattice();
    struct tl_hazard_result memory = {0}, files = {0};
    struct tl_hazard_totals totals = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, &options, &memory));
    CHECK_OK(tl_evidence_build_rows(ctx, project, NULL, ".", &files.evidence));
    files.n_draws = options.field.n_samples = memory.n_draws;
    CHECK_OK(tl_hazard_totals_init(ctx, &files.evidence, files.n_draws, &totals));
    CHECK_OK(tl_hazard_map_rows(ctx, &options.field, ".", &totals, &files));
    tl_hazard_totals_tell(&totals, &files);
    CHECK_OK(tl_hazard_totals_places(ctx, project, &totals, TL_HAZARD_LOOK_DEFAULT, &files));
    CHECK(memcmp(&memory.total_items, &files.total_items, sizeof files.total_items) == 0);
    CHECK(memory.n_look == files.n_look && files.n_look > 0);
    for (int64_t k = 0; k < files.n_look; k++)
        CHECK(memory.look[k].cell == files.look[k].cell &&
              memory.look[k].p_any == files.look[k].p_any);
    CHECK(tl_evidence_disk(&files.evidence) > 0 && tl_evidence_disk(&memory.evidence) == 0);
    tl_hazard_totals_fini(&totals);
    tl_hazard_result_fini(&memory);
    tl_hazard_result_fini(&files);
    tl_project_close(project);
    unlink(path);
}

TEST(memory_that_the_evidence_alone_takes_is_told)
{
    struct tl_project *project = NULL;
    struct tl_hazard_options options = lattice();
    struct tl_hazard_result r = {0};
    CHECK_OK(fixture_open(ctx, path, &project));
    options.field.memory_bytes = 1 << 20;
    CHECK_FAILS(tl_hazard_map(ctx, project, &options, &r), TL_ENOMEM, "its evidence alone");
    options.field.memory_bytes = 260 << 20;
    CHECK_FAILS(tl_hazard_map(ctx, project, &options, &r), TL_ENOMEM, "needs about");
    CHECK(r.bands == NULL && r.json == NULL);
    tl_project_close(project);
    unlink(path);
}

TEST(a_result_by_rows_is_written_and_kept)
{
    struct tl_project *project = NULL;
    struct tl_hazard_options options = lattice();
    struct tl_hazard_result r = {0};
    float *kept = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_hazard_map(ctx, project, &options, &r));
    CHECK_OK(tl_hazard_save(ctx, project, &r));
    int64_t n_x = r.evidence.grid.n_x, n = tl_grid_n_cells(&r.evidence.grid);
    double *row = tl_alloc(ctx, n_x, sizeof *row);
    kept = tl_alloc(ctx, n, sizeof *kept);
    CHECK(kept != NULL && row != NULL);
    CHECK_OK(tl_project_map_band(ctx, project, "share:accident", kept));
    for (int c = 0; c < r.evidence.n_channels; c++)
        for (int64_t y = 0; y < r.evidence.grid.n_y; y++) {
            if (strcmp(r.evidence.channels[c].name, "accident") != 0)
                continue;
            CHECK_OK(tl_hazard_row(ctx, &r, TL_HAZARD_SHARES + c, y, row));
            for (int64_t x = 0; x < n_x; x++)
                CHECK(isnan(row[x]) ? isnan(kept[y * n_x + x])
                                    : (float)row[x] == kept[y * n_x + x]);
        }
    tl_free(kept);
    tl_free(row);
    tl_hazard_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}
