/*
 * The map's fit by rows, for the lattice engine: evidence is read by rows, results go to a file of rows as they come, totals are added
 * up meanwhile. What is held goes with the width of the grid, but for the engine's own arrays.
 */
#include "hazard/map_rows.h"

#include <string.h>

#include "hazard/raster_rows.h"

struct fit {
    const struct tl_evidence *evidence; /* borrows */
    struct tl_hazard_bands *bands;      /* borrows */
    struct tl_hazard_totals *totals;    /* borrows */
    int64_t n_samples;                  /* to be kept */
    double *row;                        /* owns: [n_x] */
};

/* Cells of the rows that the engine gives and that are made at a time: of ground and items, and of bands. */
enum { ROWS_CELLS = 1 << 20, ROWS_ARRAYS = 3 + 4 };

int64_t tl_hazard_map_rows_bytes(const struct tl_grid *grid)
{
    return TL_HAZARD_PROGRAM_BYTES + TL_RASTER_CACHE_BYTES + tl_raster_writer_bytes(grid, 1) +
           8 * ROWS_ARRAYS * (ROWS_CELLS + grid->n_x);
}

static tl_err read_row(struct tl_ctx *ctx, void *user, int64_t y, struct tl_lattice_row *row)
{
    tl_err err = TL_OK;
    const struct fit *f = user;
    const struct tl_evidence *e = f->evidence;
    TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_AREA, 0, y, f->row));
    for (int64_t x = 0; x < e->grid.n_x; x++)
        row->inside[x] = f->row[x] > 0.0;
    for (int c = 0; c < e->n_channels; c++) {
        TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_COUNTS, c, y, row->counts[c]));
        TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_EFFORT, c, y, row->effort[c]));
    }
    for (int k = 0; k < e->n_covariates; k++)
        TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_COVARIATE, k, y, row->covariates[k]));
    TL_TRY(tl_evidence_row(ctx, e, TL_EVIDENCE_RESIDUAL, 0, y, row->residual));
done:
    return err;
}

static tl_err take_rows(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                        const struct tl_lattice_bands *b)
{
    tl_err err = TL_OK;
    struct fit *f = user;
    int64_t n_x = f->evidence->grid.n_x;
    TL_TRY(tl_hazard_bands_put(ctx, f->bands, y, n_rows, b));
    for (int64_t r = 0; r < n_rows; r++) {
        for (int64_t x = 0; x < n_x; x++)
            f->row[x] = (double)b->density_mean[r * n_x + x];
        TL_TRY(tl_hazard_totals_row(ctx, f->totals, y + r, f->row));
    }
done:
    return err;
}

static tl_err take_sample(struct tl_ctx *ctx, void *user, int64_t sample, int64_t y, int64_t n_rows,
                          const float *eta)
{
    struct fit *f = user;
    tl_err err = tl_hazard_totals_draw(ctx, f->totals, sample, y, n_rows, eta);
    if (err == TL_OK && sample < f->n_samples)
        err = tl_hazard_bands_put_sample(ctx, f->bands, sample, y, n_rows, eta);
    return err;
}

static struct tl_lattice_source source_of(const struct tl_evidence *e,
                                          struct tl_field_channel *channels,
                                          struct tl_field_covariate *covariates, struct fit *fit)
{
    for (int c = 0; c < e->n_channels; c++)
        channels[c] = (struct tl_field_channel){.name = e->channels[c].name,
                                                .effect_sd = e->channels[c].effect_sd};
    for (int k = 0; k < e->n_covariates; k++)
        covariates[k] = (struct tl_field_covariate){.name = e->covariates[k].name,
                                                    .prior_mean = e->covariates[k].prior_mean,
                                                    .prior_sd = e->covariates[k].prior_sd};
    return (struct tl_lattice_source){.n_x = e->grid.n_x,
                                      .n_y = e->grid.n_y,
                                      .step_m = e->grid.step_m,
                                      .n_channels = e->n_channels,
                                      .channels = channels,
                                      .n_covariates = e->n_covariates,
                                      .covariates = covariates,
                                      .has_residual = true,
                                      .user = fit,
                                      .read = read_row};
}

tl_err tl_hazard_map_rows(struct tl_ctx *ctx, const struct tl_field_options *options,
                          const char *folder, struct tl_hazard_totals *totals,
                          struct tl_hazard_result *made)
{
    tl_err err = TL_OK;
    struct tl_field_channel channels[TL_EVIDENCE_CHANNELS_MAX];
    struct tl_field_covariate covariates[TL_EVIDENCE_COVARIATES_MAX];
    struct tl_lattice_summary summary = {0};
    struct tl_field_options own;
    struct fit fit = {.evidence = &made->evidence, .totals = totals, .n_samples = made->n_samples};
    const struct tl_grid *grid = &made->evidence.grid;
    struct tl_lattice_source source = source_of(&made->evidence, channels, covariates, &fit);
    const struct tl_lattice_sink sink = {&fit, take_rows, take_sample};
    TL_TRY_ALLOC(ctx, fit.row, grid->n_x);
    TL_TRY(tl_hazard_bands_open(ctx, &made->evidence, folder, made->n_samples, &made->bands));
    fit.bands = made->bands;
    int64_t held = tl_hazard_map_rows_bytes(grid) + tl_evidence_memory(&made->evidence) +
                   tl_hazard_bands_memory(made->bands);
    TL_TRY(tl_hazard_rows_engine_options(ctx, grid, held, "its evidence", options, &own));
    TL_TRY(tl_lattice_fit(ctx, &source, &own, &sink, own.store, &summary));
    tl_hazard_rows_figures(&summary, tl_grid_n_cells(grid), held, &made->field);
done:
    if (err != TL_OK) {
        tl_hazard_bands_close(made->bands);
        made->bands = NULL;
    }
    tl_lattice_summary_fini(&summary);
    tl_free(fit.row);
    return err;
}
