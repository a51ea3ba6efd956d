/* tl_field_fit on the lattice engine: the caller's arrays as rows, rows into the result's arrays. */
#include <math.h>
#include <string.h>

#include "field/lattice.h"

struct wrap {
    const struct tl_field_input *in;
    struct tl_field_result *out;
};

static tl_err read_row(struct tl_ctx *ctx, void *user, int64_t y, struct tl_lattice_row *row)
{
    const struct tl_field_input *in = ((struct wrap *)user)->in;
    size_t bytes = (size_t)in->n_x * sizeof(double);
    (void)ctx;
    for (int64_t c = 0; c < in->n_channels; c++) {
        memcpy(row->counts[c], in->channels[c].counts + y * in->n_x, bytes);
        memcpy(row->effort[c], in->channels[c].effort + y * in->n_x, bytes);
    }
    for (int64_t k = 0; k < in->n_covariates; k++)
        memcpy(row->covariates[k], in->covariates[k].values + y * in->n_x, bytes);
    if (in->residual != NULL)
        memcpy(row->residual, in->residual + y * in->n_x, bytes);
    if (in->inside != NULL)
        memcpy(row->inside, in->inside + y * in->n_x, (size_t)in->n_x);
    return TL_OK;
}

static tl_err take_rows(struct tl_ctx *ctx, void *user, int64_t y, int64_t n_rows,
                        const struct tl_lattice_bands *b)
{
    struct wrap *w = user;
    int64_t n_x = w->in->n_x, n = w->out->n_cells;
    double *to[] = {
        w->out->log_density_mean, w->out->log_density_sd, w->out->density_mean, w->out->density_q05,
        w->out->density_q50,      w->out->density_q95,    w->out->p_any,        w->out->field};
    const float *from[] = {b->log_density_mean, b->log_density_sd, b->density_mean, b->density_q05,
                           b->density_q50,      b->density_q95,    b->p_any,        b->field};
    (void)ctx;
    for (size_t k = 0; k < sizeof to / sizeof to[0]; k++)
        for (int64_t i = 0; i < n_rows * n_x; i++)
            to[k][y * n_x + i] = (double)from[k][i];
    for (int64_t c = 0; c < w->in->n_channels; c++)
        for (int64_t i = 0; i < n_rows * n_x; i++)
            w->out->shares[c * n + y * n_x + i] = (double)b->shares[c][i];
    return TL_OK;
}

static tl_err take_sample(struct tl_ctx *ctx, void *user, int64_t sample, int64_t y, int64_t n_rows,
                          const float *eta)
{
    struct wrap *w = user;
    (void)ctx;
    memcpy(w->out->samples + sample * w->out->n_cells + y * w->in->n_x, eta,
           (size_t)(n_rows * w->in->n_x) * sizeof *eta);
    return TL_OK;
}

static tl_err make_arrays(struct tl_ctx *ctx, const struct tl_field_input *in,
                          const struct tl_field_options *options, struct tl_field_result *r)
{
    tl_err err = TL_OK;
    double **arrays[] = {
        &r->log_density_mean, &r->log_density_sd, &r->density_mean, &r->density_q05,
        &r->density_q50,      &r->density_q95,    &r->p_any,        &r->field};
    r->n_cells = in->n_x * in->n_y;
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++)
        TL_TRY_ALLOC(ctx, *arrays[k], r->n_cells);
    TL_TRY_ALLOC(ctx, r->shares, r->n_cells * in->n_channels);
    if (options->n_samples > 0)
        TL_TRY_ALLOC(ctx, r->samples, options->n_samples * r->n_cells);
done:
    return err;
}

struct tl_lattice_source tl_lattice_wrap_source(const struct tl_field_input *in, void *user)
{
    return (struct tl_lattice_source){.n_x = in->n_x,
                                      .n_y = in->n_y,
                                      .step_m = in->step_m,
                                      .n_channels = in->n_channels,
                                      .channels = in->channels,
                                      .n_covariates = in->n_covariates,
                                      .covariates = in->covariates,
                                      .has_residual = in->residual != NULL,
                                      .user = user,
                                      .read = read_row};
}

tl_err tl_lattice_wrap(struct tl_ctx *ctx, const struct tl_field_input *in,
                       const struct tl_field_options *options, struct tl_field_result *result)
{
    tl_err err = TL_OK;
    struct tl_field_result r = {.engine = TL_ENGINE_LATTICE};
    struct tl_lattice_summary s = {0};
    struct wrap wrap = {in, &r};
    struct tl_lattice_source source = tl_lattice_wrap_source(in, &wrap);
    struct tl_lattice_sink sink = {&wrap, take_rows, take_sample};
    TL_TRY(make_arrays(ctx, in, options, &r));
    TL_TRY(tl_lattice_fit(ctx, &source, options, &sink, options->store, &s));
    r.intercept = s.intercept;
    r.coefficients = s.coefficients;
    r.range_m = s.range_m;
    r.sigma = s.sigma;
    r.channels = s.channels;
    r.level = s.level;
    r.centres = s.centres;
    r.log_marginal_likelihood = s.log_marginal_likelihood;
    r.log_marginal_likelihood_error = s.log_marginal_likelihood_error;
    r.n_theta = s.n_theta;
    r.n_newton = s.n_newton;
    r.pad_cells = s.pad_cells;
    r.memory_bytes =
        s.memory_bytes + (8 + in->n_channels) * r.n_cells * 8 + options->n_samples * r.n_cells * 4;
    r.mcse_sd_relative = s.mcse_sd_relative;
    r.mcse_density_mean_relative = s.mcse_density_mean_relative;
    r.mcse_p_any = s.mcse_p_any;
    s.coefficients = s.channels = NULL;
    s.centres = NULL;
    *result = r;
    r = (struct tl_field_result){0};
done:
    tl_lattice_summary_fini(&s);
    tl_field_result_fini(&r);
    return err;
}
