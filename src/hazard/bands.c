/* What a map found, by rows: read from arrays (the exact engine's), or from a nameless file (the lattice engine gives rows). */
#include <string.h>

#include "core/rowfile.h"
#include "hazard/map_rows.h"

tl_err tl_hazard_bands_open(struct tl_ctx *ctx, const struct tl_evidence *evidence,
                            const char *folder, int64_t n_samples, struct tl_hazard_bands **bands)
{
    tl_err err = TL_OK;
    struct tl_hazard_bands *made = NULL;
    const struct tl_grid *grid = &evidence->grid;
    TL_TRY_ALLOC(ctx, made, 1);
    made->n_channels = evidence->n_channels;
    TL_TRY(tl_rowfile_open(ctx, folder, grid->n_x, grid->n_y,
                           TL_HAZARD_SHARES + evidence->n_channels + n_samples, &made->file));
    *bands = made;
    made = NULL;
done:
    tl_hazard_bands_close(made);
    return err;
}

void tl_hazard_bands_close(struct tl_hazard_bands *bands)
{
    if (bands == NULL)
        return;
    tl_rowfile_close(bands->file);
    tl_free(bands);
}

tl_err tl_hazard_bands_put(struct tl_ctx *ctx, struct tl_hazard_bands *bands, int64_t y,
                           int64_t n_rows, const struct tl_lattice_bands *b)
{
    tl_err err = TL_OK;
    const float *const from[TL_HAZARD_SHARES] = {
        b->log_density_mean, b->log_density_sd, b->density_mean, b->density_q05,
        b->density_q50,      b->density_q95,    b->p_any,        b->field};
    for (int k = 0; k < TL_HAZARD_SHARES; k++)
        TL_TRY(tl_rowfile_put_floats(ctx, bands->file, k, y, n_rows, from[k]));
    for (int c = 0; c < bands->n_channels; c++)
        TL_TRY(
            tl_rowfile_put_floats(ctx, bands->file, TL_HAZARD_SHARES + c, y, n_rows, b->shares[c]));
done:
    return err;
}

tl_err tl_hazard_bands_put_sample(struct tl_ctx *ctx, struct tl_hazard_bands *bands, int64_t sample,
                                  int64_t y, int64_t n_rows, const float *eta)
{
    return tl_rowfile_put_floats(ctx, bands->file, TL_HAZARD_SHARES + bands->n_channels + sample, y,
                                 n_rows, eta);
}

int64_t tl_hazard_bands_memory(const struct tl_hazard_bands *bands)
{
    return tl_rowfile_memory(bands->file);
}

static const double *array_of(const struct tl_hazard_result *r, int band)
{
    const struct tl_field_result *f = &r->field;
    const double *const arrays[TL_HAZARD_SHARES] = {
        f->log_density_mean, f->log_density_sd, f->density_mean, f->density_q05,
        f->density_q50,      f->density_q95,    f->p_any,        f->field};
    if (band >= TL_HAZARD_SHARES)
        return f->shares + (band - TL_HAZARD_SHARES) * f->n_cells;
    return arrays[band];
}

tl_err tl_hazard_row(struct tl_ctx *ctx, const struct tl_hazard_result *result, int band, int64_t y,
                     double *values)
{
    int64_t n_x = result->evidence.grid.n_x;
    if (result->bands != NULL)
        return tl_rowfile_get(ctx, result->bands->file, band, y, values);
    memcpy(values, array_of(result, band) + y * n_x, (size_t)n_x * sizeof *values);
    return TL_OK;
}

tl_err tl_hazard_sample_row(struct tl_ctx *ctx, const struct tl_hazard_result *result,
                            int64_t sample, int64_t y, double *values)
{
    int64_t n_x = result->evidence.grid.n_x;
    if (result->bands != NULL)
        return tl_rowfile_get(ctx, result->bands->file,
                              TL_HAZARD_SHARES + result->bands->n_channels + sample, y, values);
    const float *eta = result->field.samples + sample * result->field.n_cells + y * n_x;
    for (int64_t x = 0; x < n_x; x++)
        values[x] = (double)eta[x];
    return TL_OK;
}
