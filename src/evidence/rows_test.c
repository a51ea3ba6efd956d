#include "unit.h"

#include "evidence/local_fixture.h"
#include "evidence/rows.h"

static const char path[] = "rows_test.gpkg";

static bool same(struct tl_ctx *ctx, const struct tl_evidence *rows, enum tl_evidence_part part,
                 int k, const double *array)
{
    int64_t n_x = rows->grid.n_x;
    double *row = tl_alloc(ctx, n_x, sizeof *row);
    bool is_same = row != NULL;
    for (int64_t y = rows->grid.n_y - 1; y >= 0 && is_same; y--)
        is_same = tl_evidence_row(ctx, rows, part, k, y, row) == TL_OK &&
                  memcmp(row, array + y * n_x, (size_t)n_x * sizeof *row) == 0;
    tl_free(row);
    return is_same;
}

TEST(rows_are_those_of_the_arrays_and_totals_add_up)
{
    struct tl_project *project = NULL;
    struct tl_evidence arrays = {0}, rows = {0};
    CHECK_OK(local_project(ctx, path, 100.0, false, &project));
    CHECK_OK(tl_evidence_build(ctx, project, NULL, &arrays));
    CHECK_OK(tl_evidence_build_rows(ctx, project, NULL, ".", &rows));
    CHECK(arrays.rows == NULL && rows.rows != NULL && rows.cell_area == NULL);
    CHECK(rows.n_channels == arrays.n_channels && rows.n_channels > 1);
    CHECK(rows.n_covariates == arrays.n_covariates && rows.n_covariates > 1);
    CHECK_STR(rows.notes, arrays.notes);
    CHECK(same(ctx, &rows, TL_EVIDENCE_AREA, 0, arrays.cell_area));
    CHECK(same(ctx, &rows, TL_EVIDENCE_RESIDUAL, 0, arrays.residual));
    for (int c = 0; c < rows.n_channels; c++) {
        double count = 0.0, effort = 0.0;
        CHECK(same(ctx, &rows, TL_EVIDENCE_COUNTS, c, arrays.channels[c].counts));
        CHECK(same(ctx, &rows, TL_EVIDENCE_EFFORT, c, arrays.channels[c].effort));
        for (int64_t i = 0; i < tl_grid_n_cells(&rows.grid); i++) {
            count += arrays.channels[c].counts[i];
            effort += arrays.channels[c].effort[i];
        }
        CHECK(count == rows.channels[c].total_count && count > 0.0);
        CHECK(effort == rows.channels[c].total_effort_m2 && effort > 0.0);
    }
    for (int k = 0; k < rows.n_covariates; k++)
        CHECK(same(ctx, &rows, TL_EVIDENCE_COVARIATE, k, arrays.covariates[k].values));
    CHECK(same(ctx, &arrays, TL_EVIDENCE_RESIDUAL, 0, arrays.residual));
    CHECK(tl_evidence_disk(&rows) > 0 && tl_evidence_disk(&arrays) == 0);
    tl_evidence_fini(&rows);
    tl_evidence_fini(&arrays);
    tl_project_close(project);
}

TEST(arrays_are_made_whole_or_not_at_all)
{
    struct tl_project *project = NULL;
    CHECK_OK(local_project(ctx, path, 100.0, false, &project));
    struct tl_evidence e = {0};
    CHECK_OK(tl_evidence_build_rows(ctx, project, NULL, NULL, &e));
    CHECK_EVERY_ALLOC(ctx, tl_evidence_to_arrays(ctx, &e));
    CHECK(e.rows == NULL && e.cell_area != NULL);
    tl_evidence_fini(&e);
    tl_project_close(project);
}
