/* Evidence by rows, and the arrays that are made of it where a grid is small. */
#include "evidence/rows.h"

#include <math.h>
#include <string.h>

enum { STRIPE_CELLS = 1 << 20 };

int64_t tl_evidence_stripe(const struct tl_grid *grid)
{
    int64_t rows = STRIPE_CELLS / grid->n_x + 1;
    return rows < grid->n_y ? rows : grid->n_y;
}

tl_err tl_evidence_rows_open(struct tl_ctx *ctx, struct tl_project *project, const char *folder,
                             struct tl_evidence_rows **rows)
{
    tl_err err = TL_OK;
    struct tl_evidence_rows *made = NULL;
    struct tl_grid grid = tl_project_grid(project);
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY(tl_land_init(ctx, project, &made->land));
    TL_TRY(tl_rowfile_open(ctx, folder, grid.n_x, grid.n_y, TL_EVIDENCE_PLANES, &made->file));
    *rows = made;
    made = NULL;
done:
    tl_evidence_rows_close(made);
    return err;
}

void tl_evidence_rows_close(struct tl_evidence_rows *rows)
{
    if (rows == NULL)
        return;
    for (int c = 0; c < TL_EVIDENCE_CHANNELS_MAX; c++)
        tl_counts_fini(&rows->counts[c]);
    tl_land_fini(&rows->land);
    tl_rowfile_close(rows->file);
    tl_free(rows);
}

/* One row of the arrays; NULL = there are none. */
static const double *array_of(const struct tl_evidence *e, enum tl_evidence_part part, int k)
{
    switch (part) {
    case TL_EVIDENCE_AREA:
        return e->cell_area;
    case TL_EVIDENCE_RESIDUAL:
        return e->residual;
    case TL_EVIDENCE_COUNTS:
        return e->channels[k].counts;
    case TL_EVIDENCE_EFFORT:
        return e->channels[k].effort;
    case TL_EVIDENCE_COVARIATE:
        return e->covariates[k].values;
    }
    return NULL;
}

static tl_err residual_row(struct tl_ctx *ctx, struct tl_evidence_rows *r, int64_t n_x, int64_t y,
                           double *values)
{
    tl_err err = TL_OK;
    double *area = NULL;
    if (!r->has_search) {
        tl_land_row(&r->land, y * n_x, n_x, values);
        return TL_OK;
    }
    TL_TRY_ALLOC(ctx, area, n_x);
    TL_TRY(tl_rowfile_get(ctx, r->file, 0, y, values));
    tl_land_row(&r->land, y * n_x, n_x, area);
    for (int64_t x = 0; x < n_x; x++)
        values[x] = area[x] - values[x];
done:
    tl_free(area);
    return err;
}

static tl_err covariate_row(struct tl_ctx *ctx, struct tl_evidence_rows *r, int k, int64_t n_x,
                            int64_t y, double *values)
{
    tl_err err = tl_rowfile_get(ctx, r->file, TL_EVIDENCE_CHANNELS_MAX + k, y, values);
    for (int64_t x = 0; x < n_x && err == TL_OK; x++)
        if (!isfinite(values[x]))
            values[x] = r->spread[k].gap;
    return err;
}

tl_err tl_evidence_row(struct tl_ctx *ctx, const struct tl_evidence *e, enum tl_evidence_part part,
                       int k, int64_t y, double *values)
{
    struct tl_evidence_rows *r = e->rows;
    int64_t n_x = e->grid.n_x;
    const double *array = array_of(e, part, k);
    if (array != NULL) {
        memcpy(values, array + y * n_x, (size_t)n_x * sizeof *values);
        return TL_OK;
    }
    switch (part) {
    case TL_EVIDENCE_AREA:
        tl_land_row(&r->land, y * n_x, n_x, values);
        return TL_OK;
    case TL_EVIDENCE_RESIDUAL:
        return residual_row(ctx, r, n_x, y, values);
    case TL_EVIDENCE_COUNTS:
        tl_counts_row(&r->counts[k], y * n_x, n_x, values);
        return TL_OK;
    case TL_EVIDENCE_EFFORT:
        return tl_rowfile_get(ctx, r->file, k, y, values);
    case TL_EVIDENCE_COVARIATE:
        return covariate_row(ctx, r, k, n_x, y, values);
    }
    return TL_EBUG;
}

/* Reads all rows of a part into an array. */
static tl_err fill(struct tl_ctx *ctx, const struct tl_evidence *e, enum tl_evidence_part part,
                   int k, double **values)
{
    tl_err err = TL_OK;
    double *made = NULL;
    if (*values != NULL) /* of an earlier try */
        return TL_OK;
    TL_TRY_ALLOC(ctx, made, tl_grid_n_cells(&e->grid));
    for (int64_t y = 0; y < e->grid.n_y; y++)
        TL_TRY(tl_evidence_row(ctx, e, part, k, y, made + y * e->grid.n_x));
    *values = made;
    made = NULL;
done:
    tl_free(made);
    return err;
}

tl_err tl_evidence_to_arrays(struct tl_ctx *ctx, struct tl_evidence *e)
{
    tl_err err = TL_OK;
    if (e->rows == NULL)
        return TL_OK;
    TL_TRY(fill(ctx, e, TL_EVIDENCE_AREA, 0, &e->cell_area));
    TL_TRY(fill(ctx, e, TL_EVIDENCE_RESIDUAL, 0, &e->residual));
    for (int c = 0; c < e->n_channels; c++) {
        TL_TRY(fill(ctx, e, TL_EVIDENCE_COUNTS, c, &e->channels[c].counts));
        TL_TRY(fill(ctx, e, TL_EVIDENCE_EFFORT, c, &e->channels[c].effort));
    }
    for (int k = 0; k < e->n_covariates; k++)
        TL_TRY(fill(ctx, e, TL_EVIDENCE_COVARIATE, k, &e->covariates[k].values));
    tl_evidence_rows_close(e->rows);
    e->rows = NULL;
done:
    return err;
}

int64_t tl_evidence_memory(const struct tl_evidence *e)
{
    int64_t bytes = 0, n_cells = tl_grid_n_cells(&e->grid);
    if (e->rows == NULL)
        return 8 * n_cells * (2 + 2 * e->n_channels + e->n_covariates);
    for (int c = 0; c < TL_EVIDENCE_CHANNELS_MAX; c++)
        bytes += e->rows->counts[c].room * (int64_t)sizeof *e->rows->counts[c].cells;
    return bytes + e->rows->land.room * (int64_t)sizeof *e->rows->land.runs +
           tl_rowfile_memory(e->rows->file);
}

int64_t tl_evidence_disk(const struct tl_evidence *e)
{
    return e->rows == NULL ? 0 : tl_rowfile_disk(e->rows->file);
}

void tl_evidence_fini(struct tl_evidence *evidence)
{
    tl_evidence_rows_close(evidence->rows);
    tl_free(evidence->cell_area);
    tl_free(evidence->residual);
    for (int c = 0; c < evidence->n_channels; c++) {
        tl_free(evidence->channels[c].counts);
        tl_free(evidence->channels[c].effort);
    }
    for (int k = 0; k < evidence->n_covariates; k++)
        tl_free(evidence->covariates[k].values);
    memset(evidence, 0, sizeof *evidence);
}
