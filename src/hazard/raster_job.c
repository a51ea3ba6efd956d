/*
 * `tilth field`: rasters in, rasters out. For anyone with counts and effort, an ecologist too; benchmarks and other
 * programs call it. All checks of the rasters are made here, where file names are known; field checks arrays again.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "hazard/raster_rows.h"

enum { RASTERS_MAX = TL_HAZARD_RASTERS_MAX, N_BANDS = TL_HAZARD_BANDS };

struct rasters {
    int64_t n_channels, n_covariates;
    struct tl_raster counts[RASTERS_MAX], effort[RASTERS_MAX], covariates[RASTERS_MAX];
    struct tl_raster residual;
    struct tl_field_channel channels[RASTERS_MAX];
    struct tl_field_covariate fields[RASTERS_MAX];
    uint8_t *inside; /* owns */
};

static void rasters_fini(struct rasters *r)
{
    for (int64_t k = 0; k < RASTERS_MAX; k++) {
        tl_raster_fini(&r->counts[k]);
        tl_raster_fini(&r->effort[k]);
        tl_raster_fini(&r->covariates[k]);
    }
    tl_raster_fini(&r->residual);
    tl_free(r->inside);
    tl_free(r);
}

static tl_err check_names(struct tl_ctx *ctx, const struct tl_hazard_field_options *options)
{
    if (options->n_counts < 1 || options->n_effort < 1)
        return tl_fail(ctx, TL_EUSAGE, "--counts and --effort are both needed");
    if (options->n_counts > RASTERS_MAX || options->n_covariates > RASTERS_MAX)
        return tl_fail(ctx, TL_EUSAGE, "more than %d channels or covariates", (int)RASTERS_MAX);
    if (options->n_counts != options->n_effort)
        return tl_fail(ctx, TL_EUSAGE, "%lld --counts but %lld --effort: each channel needs both",
                       (long long)options->n_counts, (long long)options->n_effort);
    for (int64_t c = 0; c < options->n_counts; c++) {
        if (tl_hazard_raster_effort(options, c) == NULL)
            return tl_fail(ctx, TL_EUSAGE, "--counts %s=... has no --effort of the same name",
                           tl_hazard_raster_name(&options->counts[c]));
        for (int64_t k = 0; k < c; k++)
            if (strcmp(tl_hazard_raster_name(&options->counts[k]),
                       tl_hazard_raster_name(&options->counts[c])) == 0)
                return tl_fail(ctx, TL_EUSAGE,
                               "two channels are called '%s'; give them as NAME=FILE",
                               tl_hazard_raster_name(&options->counts[c]));
    }
    return TL_OK;
}

static tl_err check_covariate_names(struct tl_ctx *ctx,
                                    const struct tl_hazard_field_options *options)
{
    for (int64_t k = 0; k < options->n_covariates; k++) {
        const struct tl_hazard_named_file *file = &options->covariates[k];
        if (file->name == NULL)
            return tl_fail(ctx, TL_EUSAGE, "--covariate %s has no name; give it as NAME=FILE",
                           file->path);
        for (int64_t j = 0; j < k; j++)
            if (strcmp(options->covariates[j].name, file->name) == 0)
                return tl_fail(ctx, TL_EUSAGE, "two covariates are called '%s'", file->name);
    }
    return TL_OK;
}

static tl_err read_like(struct tl_ctx *ctx, const char *first_path, const struct tl_raster *first,
                        const char *path, struct tl_raster *raster)
{
    tl_err err = tl_raster_read(ctx, path, 1, raster);
    if (err != TL_OK || first == raster)
        return err;
    return tl_raster_same_grid(ctx, first_path, first, path, raster);
}

static tl_err read_all(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                       struct rasters *r)
{
    tl_err err = TL_OK;
    const char *first = options->counts[0].path;
    for (int64_t c = 0; c < options->n_counts; c++) {
        TL_TRY(read_like(ctx, first, &r->counts[0], options->counts[c].path, &r->counts[c]));
        TL_TRY(read_like(ctx, first, &r->counts[0], tl_hazard_raster_effort(options, c)->path,
                         &r->effort[c]));
    }
    for (int64_t k = 0; k < options->n_covariates; k++)
        TL_TRY(
            read_like(ctx, first, &r->counts[0], options->covariates[k].path, &r->covariates[k]));
    if (options->residual != NULL)
        TL_TRY(read_like(ctx, first, &r->counts[0], options->residual, &r->residual));
done:
    return err;
}

/* By rows, as the form that reads rows does it: the first bad cell is the same one. */
static tl_err check_all(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                        struct rasters *r)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &r->counts[0].grid;
    for (int64_t y = 0; y < grid->n_y; y++) {
        int64_t at = y * grid->n_x;
        for (int64_t c = 0; c < options->n_counts; c++)
            TL_TRY(tl_hazard_raster_check(ctx, options, c, y, &r->effort[c],
                                          r->counts[c].values + at, r->effort[c].values + at,
                                          r->inside + at));
        if (options->residual != NULL)
            TL_TRY(tl_hazard_raster_check_residual(ctx, options->residual, y, grid->n_x,
                                                   r->residual.values + at, r->inside + at));
    }
done:
    return err;
}

/* Outside one channel but inside another means: not searched by this one. Returns how much was found. */
static double settle_channel(struct rasters *r, int64_t c)
{
    double found = 0.0;
    int64_t n = tl_grid_n_cells(&r->counts[c].grid);
    for (int64_t i = 0; i < n; i++) {
        if (isnan(r->effort[c].values[i]))
            r->effort[c].values[i] = 0.0;
        if (isnan(r->counts[c].values[i]))
            r->counts[c].values[i] = 0.0;
        found += r->counts[c].values[i];
    }
    return found;
}

static tl_err make_input(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                         struct rasters *r, struct tl_field_input *input)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &r->counts[0].grid;
    TL_TRY_ALLOC(ctx, r->inside, tl_grid_n_cells(grid));
    TL_TRY(check_all(ctx, options, r));
    for (int64_t c = 0; c < options->n_counts; c++)
        r->channels[c] =
            (struct tl_field_channel){.name = tl_hazard_raster_name(&options->counts[c]),
                                      .counts = r->counts[c].values,
                                      .effort = r->effort[c].values,
                                      .effect_sd = options->counts[c].effect_sd};
    double found = 0.0;
    for (int64_t c = 0; c < options->n_counts; c++)
        found += settle_channel(r, c);
    if (found == 0.0)
        tl_hazard_raster_warn_nothing(ctx);
    for (int64_t k = 0; k < options->n_covariates; k++)
        r->fields[k] = (struct tl_field_covariate){.name = options->covariates[k].name,
                                                   .values = r->covariates[k].values,
                                                   .prior_mean = options->covariates[k].prior_mean,
                                                   .prior_sd = options->covariates[k].prior_sd};
    *input = (struct tl_field_input){.n_x = grid->n_x,
                                     .n_y = grid->n_y,
                                     .step_m = grid->step_m,
                                     .inside = r->inside,
                                     .n_channels = options->n_counts,
                                     .channels = r->channels,
                                     .n_covariates = options->n_covariates,
                                     .covariates = r->fields,
                                     .residual = r->residual.values};
done:
    return err;
}

static tl_err write_files(struct tl_ctx *ctx, struct tl_outdir *out, const struct rasters *r,
                          const struct tl_field_result *result, int64_t n_samples)
{
    tl_err err = TL_OK;
    const struct tl_grid *grid = &r->counts[0].grid;
    const double *values[N_BANDS] = {
        result->log_density_mean, result->log_density_sd, result->density_mean, result->density_q05,
        result->density_q50,      result->density_q95,    result->p_any};
    struct tl_raster_band bands[N_BANDS] = {{0}};
    struct tl_raster_band *samples = NULL;
    char(*names)[TL_HAZARD_SAMPLE_NAME] = NULL;
    for (int k = 0; k < N_BANDS; k++)
        bands[k] = (struct tl_raster_band){.name = tl_hazard_raster_bands[k], .values = values[k]};
    TL_TRY(tl_raster_write(ctx, tl_outdir_file(out, "posterior.tif"), grid, r->counts[0].crs,
                           N_BANDS, bands));
    if (n_samples < 1)
        goto done;
    TL_TRY_ALLOC(ctx, samples, n_samples);
    TL_TRY_ALLOC(ctx, names, n_samples);
    for (int64_t s = 0; s < n_samples; s++) {
        tl_hazard_raster_sample_name(s, names[s]);
        samples[s] = (struct tl_raster_band){.name = names[s],
                                             .floats = result->samples + s * tl_grid_n_cells(grid)};
    }
    TL_TRY(tl_raster_write(ctx, tl_outdir_file(out, "samples.tif"), grid, r->counts[0].crs,
                           n_samples, samples));
done:
    tl_free(samples);
    tl_free(names);
    return err;
}

static tl_err summary(struct tl_ctx *ctx, const struct tl_field_input *input,
                      const struct tl_field_result *result, double seconds, char **text)
{
    struct rusage usage;
    json_t *json = tl_hazard_summary(input, result);
    getrusage(RUSAGE_SELF, &usage);
    json_object_set_new(json, "schema", json_string("tilth.field/1"));
    json_object_set_new(json, "engine",
                        json_string(result->engine == TL_ENGINE_LATTICE ? "lattice" : "exact"));
    json_object_set_new(json, "cells", json_integer((json_int_t)result->n_cells));
    json_object_set_new(json, "pad_cells", json_integer((json_int_t)result->pad_cells));
    json_object_set_new(json, "iterations", json_integer((json_int_t)result->n_newton));
    json_object_set_new(json, "factorisations", json_integer((json_int_t)result->n_factorisations));
    json_object_set_new(json, "theta_points", json_integer((json_int_t)result->n_theta));
    if (result->engine == TL_ENGINE_LATTICE)
        json_object_set_new(json, "monte_carlo_error",
                            json_pack("{s:o, s:o, s:o}", "log_density_sd_relative",
                                      tl_json_number(result->mcse_sd_relative, 4),
                                      "density_mean_relative",
                                      tl_json_number(result->mcse_density_mean_relative, 4),
                                      "p_any", tl_json_number(result->mcse_p_any, 4)));
    json_object_set_new(json, "seconds", tl_json_number(seconds, 4));
    json_object_set_new(json, "peak_memory_bytes",
                        json_integer((json_int_t)usage.ru_maxrss * 1024));
    tl_err err = tl_json_text(ctx, json, text);
    json_decref(json);
    return err;
}

/* Whole rasters in memory, and the result's arrays. */
static tl_err fit_arrays(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                         const struct tl_field_options *field, struct tl_outdir *out,
                         double began_s, char **text)
{
    tl_err err = TL_OK;
    struct rasters *r = NULL;
    struct tl_field_input input;
    struct tl_field_result result = {0};
    TL_TRY_ALLOC(ctx, r, 1);
    TL_TRY(read_all(ctx, options, r));
    TL_TRY(make_input(ctx, options, r, &input));
    TL_TRY(tl_field_fit(ctx, &input, field, &result));
    TL_TRY(write_files(ctx, out, r, &result, field->n_samples));
    TL_TRY(summary(ctx, &input, &result, tl_clock_s() - began_s, text));
done:
    tl_field_result_fini(&result);
    if (r != NULL)
        rasters_fini(r);
    return err;
}

static tl_err fit_rows(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                       const struct tl_field_options *field, struct tl_outdir *out, double began_s,
                       char **text)
{
    tl_err err = TL_OK;
    struct tl_hazard_rows *rows = NULL;
    struct tl_field_result result = {0};
    TL_TRY(tl_hazard_rows_open(ctx, options, &rows));
    TL_TRY(tl_hazard_rows_fit(ctx, rows, field, field->store, out, &result));
    struct tl_field_input input = tl_hazard_rows_input(rows);
    TL_TRY(summary(ctx, &input, &result, tl_clock_s() - began_s, text));
done:
    tl_field_result_fini(&result);
    tl_hazard_rows_close(rows);
    return err;
}

tl_err tl_hazard_field_check_names(struct tl_ctx *ctx,
                                   const struct tl_hazard_field_options *options)
{
    tl_err err = check_names(ctx, options);
    return err != TL_OK ? err : check_covariate_names(ctx, options);
}

tl_err tl_hazard_field(struct tl_ctx *ctx, const struct tl_hazard_field_options *options,
                       const char *folder, char **json)
{
    static const char *const all[] = {"posterior.tif", "samples.tif", "summary.json", NULL};
    static const char *const plain[] = {"posterior.tif", "summary.json", NULL};
    tl_err err = TL_OK;
    struct tl_outdir *out = NULL;
    struct tl_grid grid;
    struct tl_field_options field = options->field;
    struct tl_hazard_scratch *scratch = NULL;
    char *text = NULL;
    double began_s = tl_clock_s();
    TL_TRY(tl_hazard_field_check_names(ctx, options));
    TL_TRY(tl_outdir_begin(ctx, folder, options->field.n_samples > 0 ? all : plain,
                           options->overwrite, &out));
    TL_TRY(tl_raster_grid(ctx, options->counts[0].path, 1, &grid));
    TL_TRY(tl_hazard_scratch_open(ctx, folder, &scratch, &field.store));
    const struct tl_field_input size = {.n_x = grid.n_x, .n_y = grid.n_y};
    bool by_rows = tl_field_engine(&size, &field) == TL_ENGINE_LATTICE;
    err = (by_rows ? fit_rows : fit_arrays)(ctx, options, &field, out, began_s, &text);
    if (by_rows && tl_field_exact_instead(ctx, &field, err)) {
        field.engine = TL_ENGINE_EXACT;
        err = fit_arrays(ctx, options, &field, out, began_s, &text);
    }
    TL_TRY(err);
    TL_TRY(tl_file_write(ctx, tl_outdir_file(out, "summary.json"), text, (int64_t)strlen(text)));
    err = tl_outdir_commit(ctx, out);
    out = NULL;
    if (err == TL_OK) {
        *json = text;
        text = NULL;
    }
done:
    if (tl_hazard_scratch_close(scratch) && err == TL_ECANCELLED)
        tl_warn(ctx, "%s/.lattice holds what was done so far: the same command goes on from there",
                folder);
    tl_outdir_abort(out);
    tl_free(text);
    return err;
}
