/*
 * The lattice engine's form of `tilth field`: rasters are read by rows, several times over, and the result's rows go to files as
 * they come. What is held goes with the width of the rasters, but for the engine's own arrays.
 */
#include "hazard/raster_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* More in one cell is a nodata value that was not declared; beyond it the algebra loses the intercept. */
static const double COUNT_MAX = 1e9;

const char *const tl_hazard_raster_bands[TL_HAZARD_BANDS] = {
    "log_density_mean", "log_density_sd", "density_mean", "density_q05",
    "density_q50",      "density_q95",    "p_any"};

struct tl_hazard_rows {
    const struct tl_hazard_field_options *options; /* borrows */
    struct tl_raster_rows *counts[TL_HAZARD_RASTERS_MAX], *effort[TL_HAZARD_RASTERS_MAX],
        *covariates[TL_HAZARD_RASTERS_MAX]; /* own */
    struct tl_raster_rows *residual;        /* owns: NULL = none */
    struct tl_field_channel channels[TL_HAZARD_RASTERS_MAX];
    struct tl_field_covariate fields[TL_HAZARD_RASTERS_MAX];
    struct tl_grid grid;
    bool check;                                   /* values are checked as they are read */
    double found;                                 /* in the rows read so far */
    struct tl_raster_writer *posterior, *samples; /* own */
};

const char *tl_hazard_raster_name(const struct tl_hazard_named_file *file)
{
    return file->name == NULL ? "counts" : file->name;
}

void tl_hazard_raster_sample_name(int64_t sample, char name[TL_HAZARD_SAMPLE_NAME])
{
    snprintf(name, TL_HAZARD_SAMPLE_NAME, "sample_%04lld", (long long)sample + 1);
}

const struct tl_hazard_named_file *
tl_hazard_raster_effort(const struct tl_hazard_field_options *options, int64_t channel)
{
    for (int64_t k = 0; k < options->n_effort; k++)
        if (strcmp(tl_hazard_raster_name(&options->effort[k]),
                   tl_hazard_raster_name(&options->counts[channel])) == 0)
            return &options->effort[k];
    return NULL;
}

/* A value that cannot be: which file, which cell, which value, what was expected. */
static tl_err bad_cell(struct tl_ctx *ctx, const char *path, int64_t y, int64_t x, double value,
                       const char *expected)
{
    return tl_fail(ctx, TL_EDATA, "%s: row %lld, column %lld: %g: %s", path, (long long)y,
                   (long long)x, value, expected);
}

tl_err tl_hazard_raster_check(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                              int64_t channel, int64_t y, const struct tl_raster *info,
                              const double *counts, const double *effort, uint8_t *inside)
{
    const char *counts_path = options->counts[channel].path,
               *effort_path = tl_hazard_raster_effort(options, channel)->path;
    int64_t n_x = info->grid.n_x;
    if (info->n_stray_nan > 0 && info->stray_nan / n_x == y)
        return bad_cell(
            ctx, effort_path, y, info->stray_nan % n_x, NAN,
            "effort must be a number; declare NaN as the band's nodata where it means outside");
    for (int64_t x = 0; x < n_x; x++) {
        double count = counts[x], e = effort[x];
        if (e < 0.0 || isinf(e))
            return bad_cell(ctx, effort_path, y, x, e, "effort must be 0 or more, in m2");
        if (count < 0.0 || count > COUNT_MAX)
            return bad_cell(ctx, counts_path, y, x, count, "counts must be between 0 and 1e9");
        if (count > 0.0 && isnan(e))
            return bad_cell(ctx, counts_path, y, x, count,
                            "counts where the effort is nodata, that is outside the area");
        if (count > 0.0 && !(e > 0.0))
            return bad_cell(ctx, counts_path, y, x, count,
                            "counts where the effort is zero: nobody looked there");
        if (isnan(count) && e > 0.0)
            return bad_cell(ctx, counts_path, y, x, count,
                            "no count where there is effort; write 0 where nothing was found");
        if (!isnan(e))
            inside[x] = 1;
    }
    return TL_OK;
}

tl_err tl_hazard_raster_check_residual(struct tl_ctx *ctx, const char *path, int64_t y, int64_t n_x,
                                       const double *residual, const uint8_t *inside)
{
    for (int64_t x = 0; x < n_x; x++)
        if (inside[x] != 0 && !(residual[x] >= 0.0))
            return bad_cell(ctx, path, y, x, residual[x],
                            "a residual area must be 0 or more, in m2");
    return TL_OK;
}

void tl_hazard_raster_warn_nothing(struct tl_ctx *ctx)
{
    tl_warn(ctx, "nothing was found anywhere: the answer says how low the density must be, given "
                 "this effort and the priors, and not that it is zero");
}

static tl_err open_like(struct tl_ctx *ctx, const struct tl_hazard_rows *r, const char *path,
                        struct tl_raster_rows **rows)
{
    tl_err err = tl_raster_rows_open(ctx, path, 1, rows);
    if (err != TL_OK || *rows == r->counts[0])
        return err;
    return tl_raster_same_grid(ctx, r->options->counts[0].path, tl_raster_rows_raster(r->counts[0]),
                               path, tl_raster_rows_raster(*rows));
}

tl_err tl_hazard_rows_open(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                           struct tl_hazard_rows **rows)
{
    tl_err err = TL_OK;
    struct tl_hazard_rows *r = NULL;
    TL_TRY_ALLOC(ctx, r, 1);
    r->options = options;
    for (int64_t c = 0; c < options->n_counts; c++) {
        TL_TRY(open_like(ctx, r, options->counts[c].path, &r->counts[c]));
        TL_TRY(open_like(ctx, r, tl_hazard_raster_effort(options, c)->path, &r->effort[c]));
        r->channels[c] =
            (struct tl_field_channel){.name = tl_hazard_raster_name(&options->counts[c]),
                                      .effect_sd = options->counts[c].effect_sd};
    }
    for (int64_t k = 0; k < options->n_covariates; k++) {
        const struct tl_hazard_named_file *file = &options->covariates[k];
        TL_TRY(open_like(ctx, r, file->path, &r->covariates[k]));
        r->fields[k] = (struct tl_field_covariate){
            .name = file->name, .prior_mean = file->prior_mean, .prior_sd = file->prior_sd};
    }
    if (options->residual != NULL)
        TL_TRY(open_like(ctx, r, options->residual, &r->residual));
    r->grid = tl_raster_rows_raster(r->counts[0])->grid;
    *rows = r;
    r = NULL;
done:
    tl_hazard_rows_close(r);
    return err;
}

void tl_hazard_rows_close(struct tl_hazard_rows *r)
{
    if (r == NULL)
        return;
    for (int64_t k = 0; k < TL_HAZARD_RASTERS_MAX; k++) {
        tl_raster_rows_close(r->counts[k]);
        tl_raster_rows_close(r->effort[k]);
        tl_raster_rows_close(r->covariates[k]);
    }
    tl_raster_rows_close(r->residual);
    tl_raster_writer_abort(r->posterior);
    tl_raster_writer_abort(r->samples);
    tl_free(r);
}

struct tl_field_input tl_hazard_rows_input(const struct tl_hazard_rows *r)
{
    return (struct tl_field_input){.n_x = r->grid.n_x,
                                   .n_y = r->grid.n_y,
                                   .step_m = r->grid.step_m,
                                   .n_channels = r->options->n_counts,
                                   .channels = r->channels,
                                   .n_covariates = r->options->n_covariates,
                                   .covariates = r->fields};
}

int64_t tl_hazard_rows_bytes(const struct tl_hazard_rows *r)
{
    /* One sample is open at a time; those of several right-hand sides come one after the other. */
    int64_t bytes = TL_HAZARD_PROGRAM_BYTES + TL_RASTER_CACHE_BYTES +
                    tl_raster_writer_bytes(&r->grid, TL_HAZARD_BANDS);
    for (int64_t c = 0; c < r->options->n_counts; c++)
        bytes += tl_raster_rows_bytes(r->counts[c]) + tl_raster_rows_bytes(r->effort[c]);
    for (int64_t k = 0; k < r->options->n_covariates; k++)
        bytes += tl_raster_rows_bytes(r->covariates[k]);
    return r->residual == NULL ? bytes : bytes + tl_raster_rows_bytes(r->residual);
}

int64_t tl_hazard_rows_disk(const struct tl_hazard_rows *r, int64_t n_samples)
{
    /* Of each: the rows, the file (at worst as large), a third for overviews twice: on their way and in the file. */
    double cells = (double)tl_grid_n_cells(&r->grid);
    return (int64_t)(4.0 * cells * (2.0 + 2.0 / 3.0) * (double)(TL_HAZARD_BANDS + n_samples));
}

tl_err tl_hazard_rows_engine_options(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t held,
                                     const char *what, const struct tl_field_options *field,
                                     struct tl_field_options *own)
{
    int64_t limit = field->memory_bytes > 0 ? field->memory_bytes : tl_memory_available();
    *own = *field;
    own->memory_bytes = limit - held;
    if (own->memory_bytes > 0)
        return TL_OK;
    return tl_fail(
        ctx, TL_ENOMEM,
        "a field of %lld x %lld cells needs more than the %.2f GiB that may be used: the "
        "program and %s alone take %.2f GiB",
        (long long)grid->n_x, (long long)grid->n_y, (double)limit / 1073741824.0, what,
        (double)held / 1073741824.0);
}

tl_err tl_hazard_rows_options(struct tl_ctx *ctx, const struct tl_hazard_rows *r,
                              const struct tl_field_options *field, struct tl_field_options *own)
{
    return tl_hazard_rows_engine_options(ctx, &r->grid, tl_hazard_rows_bytes(r),
                                         "the rows of its rasters", field, own);
}

/* Outside one channel but inside another means: not searched by this one. */
static double settle(int64_t n, double *counts, double *effort)
{
    double found = 0.0;
    for (int64_t x = 0; x < n; x++) {
        effort[x] = isnan(effort[x]) ? 0.0 : effort[x];
        counts[x] = isnan(counts[x]) ? 0.0 : counts[x];
        found += counts[x];
    }
    return found;
}

static tl_err read_row(struct tl_ctx *ctx, void *user, int64_t y, struct tl_lattice_row *row)
{
    tl_err err = TL_OK;
    struct tl_hazard_rows *r = user;
    const struct tl_hazard_field_options *options = r->options;
    int64_t n_x = r->grid.n_x;
    memset(row->inside, 0, (size_t)n_x);
    for (int64_t c = 0; c < options->n_counts; c++) {
        double *counts = row->counts[c], *effort = row->effort[c];
        TL_TRY(tl_raster_rows_read(ctx, r->counts[c], y, counts));
        TL_TRY(tl_raster_rows_read(ctx, r->effort[c], y, effort));
        if (r->check)
            TL_TRY(tl_hazard_raster_check(ctx, options, c, y, tl_raster_rows_raster(r->effort[c]),
                                          counts, effort, row->inside));
        for (int64_t x = 0; x < n_x; x++)
            row->inside[x] = row->inside[x] || !isnan(effort[x]);
        r->found += settle(n_x, counts, effort);
    }
    if (r->residual != NULL)
        TL_TRY(tl_raster_rows_read(ctx, r->residual, y, row->residual));
    if (r->residual != NULL && r->check)
        TL_TRY(tl_hazard_raster_check_residual(ctx, options->residual, y, n_x, row->residual,
                                               row->inside));
    if (r->check) /* covariates have no value that cannot be but those that the engine tells */
        return TL_OK;
    for (int64_t k = 0; k < options->n_covariates; k++)
        TL_TRY(tl_raster_rows_read(ctx, r->covariates[k], y, row->covariates[k]));
done:
    return err;
}

/* One pass over all rasters before any work. */
static tl_err check_all(struct tl_ctx *ctx, struct tl_hazard_rows *r)
{
    tl_err err = TL_OK;
    int64_t n_x = r->grid.n_x, n = r->options->n_counts;
    double *values = NULL, *counts[TL_HAZARD_RASTERS_MAX], *effort[TL_HAZARD_RASTERS_MAX];
    struct tl_lattice_row row = {.counts = counts, .effort = effort};
    tl_progress_begin(ctx, "checking the rasters");
    TL_TRY_ALLOC(ctx, row.inside, n_x);
    TL_TRY_ALLOC(ctx, values, (2 * n + 1) * n_x);
    for (int64_t c = 0; c < n; c++) {
        counts[c] = values + 2 * c * n_x;
        effort[c] = counts[c] + n_x;
    }
    row.residual = values + 2 * n * n_x;
    r->check = true;
    r->found = 0.0;
    for (int64_t y = 0; y < r->grid.n_y; y++) {
        TL_TRY(read_row(ctx, r, y, &row));
        TL_TRY(tl_cancelled(ctx));
        tl_progress_set(ctx, (double)(y + 1) / (double)r->grid.n_y);
    }
    if (r->found == 0.0)
        tl_hazard_raster_warn_nothing(ctx);
done:
    r->check = false;
    tl_progress_end(ctx);
    tl_free(row.inside);
    tl_free(values);
    return err;
}

static tl_err begin_writers(struct tl_ctx *ctx, struct tl_hazard_rows *r, int64_t n_samples,
                            struct tl_outdir *out)
{
    tl_err err = TL_OK;
    const char *crs = tl_raster_rows_raster(r->counts[0])->crs;
    char(*text)[TL_HAZARD_SAMPLE_NAME] = NULL;
    const char **names = NULL;
    TL_TRY(tl_raster_writer_begin(ctx, tl_outdir_file(out, "posterior.tif"), &r->grid, crs,
                                  TL_HAZARD_BANDS, tl_hazard_raster_bands, &r->posterior));
    if (n_samples < 1)
        goto done;
    TL_TRY_ALLOC(ctx, text, n_samples);
    TL_TRY_ALLOC(ctx, names, n_samples);
    for (int64_t s = 0; s < n_samples; s++) {
        tl_hazard_raster_sample_name(s, text[s]);
        names[s] = text[s];
    }
    TL_TRY(tl_raster_writer_begin(ctx, tl_outdir_file(out, "samples.tif"), &r->grid, crs, n_samples,
                                  names, &r->samples));
done:
    tl_free(names);
    tl_free(text);
    return err;
}

static tl_err finish(struct tl_ctx *ctx, const char *stage, struct tl_raster_writer **writer)
{
    struct tl_raster_writer *w = *writer;
    *writer = NULL;
    if (w == NULL)
        return TL_OK;
    tl_progress_begin(ctx, stage);
    tl_err err = tl_raster_writer_finish(ctx, w);
    tl_progress_end(ctx);
    return err;
}

static tl_err take_rows(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                        const struct tl_lattice_bands *b)
{
    tl_err err = TL_OK;
    struct tl_hazard_rows *r = user;
    const float *const bands[TL_HAZARD_BANDS] = {
        b->log_density_mean, b->log_density_sd, b->density_mean, b->density_q05,
        b->density_q50,      b->density_q95,    b->p_any};
    for (int64_t k = 0; k < TL_HAZARD_BANDS; k++)
        TL_TRY(tl_raster_writer_rows(ctx, r->posterior, k, y, n_rows, bands[k]));
    /* These rows are the last thing that the engine gives, and its state is still there. */
    if (y + n_rows == r->grid.n_y) {
        TL_TRY(finish(ctx, "writing posterior.tif", &r->posterior));
        TL_TRY(finish(ctx, "writing samples.tif", &r->samples));
    }
done:
    return err;
}

static tl_err take_sample(struct tl_ctx *ctx, void *user, int64_t sample, int64_t y, int64_t n_rows,
                          const float *eta)
{
    struct tl_hazard_rows *r = user;
    return tl_raster_writer_rows(ctx, r->samples, sample, y, n_rows, eta);
}

void tl_hazard_rows_figures(struct tl_lattice_summary *s, int64_t n_cells, int64_t held,
                            struct tl_field_result *result)
{
    *result =
        (struct tl_field_result){.engine = TL_ENGINE_LATTICE,
                                 .n_cells = n_cells,
                                 .intercept = s->intercept,
                                 .level = s->level,
                                 .centres = s->centres,
                                 .coefficients = s->coefficients,
                                 .range_m = s->range_m,
                                 .sigma = s->sigma,
                                 .channels = s->channels,
                                 .log_marginal_likelihood = s->log_marginal_likelihood,
                                 .log_marginal_likelihood_error = s->log_marginal_likelihood_error,
                                 .n_theta = s->n_theta,
                                 .n_newton = s->n_newton,
                                 .pad_cells = s->pad_cells,
                                 .memory_bytes = s->memory_bytes + held,
                                 .mcse_sd_relative = s->mcse_sd_relative,
                                 .mcse_density_mean_relative = s->mcse_density_mean_relative,
                                 .mcse_p_any = s->mcse_p_any};
    s->centres = NULL;
    s->coefficients = s->channels = NULL;
}

tl_err tl_hazard_rows_fit(struct tl_ctx *ctx, struct tl_hazard_rows *r,
                          const struct tl_field_options *field,
                          const struct tl_lattice_store *store, struct tl_outdir *out,
                          struct tl_field_result *result)
{
    tl_err err = TL_OK;
    struct tl_lattice_summary summary = {0};
    struct tl_field_options own;
    const struct tl_lattice_source source = {.n_x = r->grid.n_x,
                                             .n_y = r->grid.n_y,
                                             .step_m = r->grid.step_m,
                                             .n_channels = r->options->n_counts,
                                             .channels = r->channels,
                                             .n_covariates = r->options->n_covariates,
                                             .covariates = r->fields,
                                             .has_residual = r->residual != NULL,
                                             .user = r,
                                             .read = read_row};
    const struct tl_lattice_sink sink = {r, take_rows, field->n_samples > 0 ? take_sample : NULL};
    TL_TRY(tl_hazard_rows_options(ctx, r, field, &own));
    TL_TRY(check_all(ctx, r));
    TL_TRY(begin_writers(ctx, r, field->n_samples, out));
    TL_TRY(tl_lattice_fit(ctx, &source, &own, &sink, store, &summary));
    tl_hazard_rows_figures(&summary, tl_grid_n_cells(&r->grid), tl_hazard_rows_bytes(r), result);
done:
    tl_lattice_summary_fini(&summary);
    return err;
}
