/*
 * What a run gives: bands row by row, and the figures of the summary. At one point of theta the cells are Gaussian, and its
 * uncertainty enters to first order: var + J' C J with J the mean's derivatives and C theta's covariance. At several points
 * (small grids) they are mixtures, as the exact engine's.
 */
#include <math.h>
#include <string.h>

#include "field/lattice.h"
#include "field/mixture.h"
#include "par/par.h"

enum { BAND_CELLS = 1 << 19, N_BANDS = 8, CHECKED_EVERY = 97 };

struct rows_job {
    struct tl_lattice_run *run;
    struct tl_lattice_rowbuf *residual; /* [n_rows] NULL = by effort */
    double *residual_area;              /* [cells of the band] */
    const double *weight;               /* [n_nodes] */
    float *bands[N_BANDS];
    float **shares;
    int64_t first; /* cell of the grid */
};

static double widened(const struct tl_lattice_run *run, const struct tl_lattice_node *n, int64_t i)
{
    double sd = (double)n->sd[i];
    const double *c = run->theta.covariance;
    if (n->slope[0] == NULL)
        return sd;
    double a = (double)n->slope[0][i], b = (double)n->slope[1][i];
    return sqrt(sd * sd + fmax(a * a * c[0] + 2.0 * a * b * c[1] + b * b * c[2], 0.0));
}

static void fill_outside(struct rows_job *job, int64_t at)
{
    for (int b = 0; b < N_BANDS; b++)
        job->bands[b][at] = NAN;
    for (int64_t c = 0; c < job->run->data.n_channels; c++)
        job->shares[c][at] = NAN;
}

/* Standard normal's 95 % point. */
static const double z95 = 1.6448536269514722;

static void fill_densities(struct rows_job *job, const struct tl_mixture *m, double mean, double sd,
                           int64_t at)
{
    job->bands[2][at] = (float)tl_mixture_mean_exp(m);
    if (m->n == 1) {
        job->bands[3][at] = (float)exp(mean - z95 * sd);
        job->bands[4][at] = (float)exp(mean);
        job->bands[5][at] = (float)exp(mean + z95 * sd);
    } else {
        job->bands[3][at] = (float)exp(tl_mixture_quantile(m, 0.05));
        job->bands[4][at] = (float)exp(tl_mixture_quantile(m, 0.50));
        job->bands[5][at] = (float)exp(tl_mixture_quantile(m, 0.95));
    }
    job->bands[6][at] = (float)tl_mixture_p_any(m, job->residual_area[at]);
}

static void fill_cells(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct rows_job *job = user;
    const struct tl_lattice_run *run = job->run;
    const struct tl_lattice_data *d = &run->data;
    struct tl_mixture m = {.n = run->n_nodes, .weight = job->weight};
    (void)chunk;
    for (int64_t at = first; at < last; at++) {
        int64_t i = job->first + at;
        double fixed = 0.0, mean, sd;
        if (d->inside != NULL && d->inside[i] == 0) {
            fill_outside(job, at);
            continue;
        }
        for (int64_t k = 0; k < run->n_nodes; k++) {
            m.mean[k] = (double)run->nodes[k].mean[i];
            m.sd[k] = widened(run, &run->nodes[k], i);
            fixed += job->weight[k] * tl_lattice_pass_fixed(d, run->nodes[k].fixed, i);
        }
        tl_mixture_moments(&m, &mean, &sd);
        job->bands[0][at] = (float)mean;
        job->bands[1][at] = (float)sd;
        job->bands[7][at] = (float)(mean - fixed);
        fill_densities(job, &m, mean, sd, at);
        /* The last channel's share is what the others leave. */
        float rest = job->bands[7][at];
        for (int64_t c = 0; c + 1 < d->n_channels; c++) {
            job->shares[c][at] = run->shares[c][i];
            rest -= run->shares[c][i];
        }
        job->shares[d->n_channels - 1][at] = rest;
    }
}

static tl_err read_residual(struct tl_ctx *ctx, struct rows_job *job, int64_t y, int64_t n_rows)
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *d = &job->run->data;
    double area = d->step_m * d->step_m;
    if (job->run->source->has_residual) {
        for (int64_t r = 0; r < n_rows; r++) {
            TL_TRY(tl_lattice_rowbuf_read(ctx, job->run->source, y + r, job->residual));
            memcpy(job->residual_area + r * d->n_x, job->residual->row.residual,
                   (size_t)d->n_x * sizeof(double));
        }
        goto done;
    }
    for (int64_t at = 0; at < n_rows * d->n_x; at++) {
        double left = area;
        for (int64_t c = 0; c < d->n_channels; c++)
            left -= (double)d->effort[c][y * d->n_x + at];
        job->residual_area[at] = fmax(left, 0.0);
    }
done:
    return err;
}

/* Monte Carlo error of what is made of mean and sd, by a small change of the sd, on some of the cells. */
static void add_mcse(const struct rows_job *job, int64_t n, double sum[2], double *count)
{
    const struct tl_lattice_run *run = job->run;
    double relative = run->nodes[0].mcse_sd_relative;
    for (int64_t at = 0; at < n; at += CHECKED_EVERY) {
        double sd = (double)job->bands[1][at], wider = sd * (1.0 + relative);
        struct tl_mixture m = {.n = 1, .weight = &(double){1.0}};
        if (isnan(sd))
            continue;
        m.mean[0] = (double)job->bands[0][at];
        m.sd[0] = sd;
        double before = tl_mixture_p_any(&m, job->residual_area[at]);
        m.sd[0] = wider;
        sum[0] += fabs(tl_mixture_p_any(&m, job->residual_area[at]) - before);
        sum[1] += expm1(0.5 * (wider * wider - sd * sd));
        *count += 1.0;
    }
}

static tl_err write_bands(struct tl_ctx *ctx, struct tl_lattice_run *run, struct rows_job *job,
                          struct tl_lattice_summary *summary)
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *d = &run->data;
    int64_t rows = BAND_CELLS / d->n_x + 1;
    double sum[2] = {0.0, 0.0}, count = 0.0;
    struct tl_lattice_bands out = {job->bands[0], job->bands[1], job->bands[2],
                                   job->bands[3], job->bands[4], job->bands[5],
                                   job->bands[6], job->bands[7], (const float *const *)job->shares};
    for (int64_t y = 0; y < d->n_y; y += rows) {
        int64_t now = y + rows < d->n_y ? rows : d->n_y - y;
        TL_TRY(read_residual(ctx, job, y, now));
        job->first = y * d->n_x;
        tl_par_for(ctx, now * d->n_x, 4096, fill_cells, job);
        TL_TRY(tl_cancelled(ctx));
        add_mcse(job, now * d->n_x, sum, &count);
        if (run->sink->rows != NULL)
            TL_TRY(run->sink->rows(ctx, run->sink->user, y, now, &out));
        tl_progress_set(ctx, (double)(y + now) / (double)d->n_y);
    }
    summary->mcse_sd_relative = run->nodes[0].mcse_sd_relative;
    summary->mcse_p_any = count > 0.0 ? sum[0] / count : 0.0;
    summary->mcse_density_mean_relative = count > 0.0 ? sum[1] / count : 0.0;
done:
    return err;
}

/* Mixture of a'g over the nodes. */
static struct tl_estimate combination(const struct tl_lattice_run *run, const double *weight,
                                      const double *a)
{
    struct tl_mixture m = {.n = run->n_nodes, .weight = weight};
    int64_t k = run->mode.k;
    const double *c = run->theta.covariance;
    for (int64_t node = 0; node < run->n_nodes; node++) {
        const struct tl_lattice_node *n = &run->nodes[node];
        const double *covariance = n->fixed + k;
        double mean = 0.0, variance = 0.0, slope[2] = {0.0, 0.0};
        for (int64_t i = 0; i < k; i++) {
            mean += a[i] * n->fixed[i];
            for (int64_t j = 0; j < k; j++)
                variance += a[i] * a[j] * covariance[i * k + j];
            for (int j = 0; j < 2 && n->slope_g != NULL; j++)
                slope[j] += a[i] * n->slope_g[j * k + i];
        }
        variance += slope[0] * slope[0] * c[0] + 2.0 * slope[0] * slope[1] * c[1] +
                    slope[1] * slope[1] * c[2];
        m.mean[node] = mean;
        m.sd[node] = sqrt(fmax(variance, 0.0));
    }
    return tl_mixture_estimate(&m);
}

static tl_err fixed_effects(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                            const double *weight, struct tl_lattice_summary *r)
{
    tl_err err = TL_OK;
    const struct tl_model_scale *s = &run->data.scale;
    double *a = NULL;
    TL_TRY_ALLOC(ctx, a, s->n_fixed);
    TL_TRY_ALLOC(ctx, r->coefficients, s->n_cov);
    TL_TRY_ALLOC(ctx, r->channels, s->n_channels);
    TL_TRY_ALLOC(ctx, r->centres, s->n_cov);
    a[0] = 1.0;
    r->level = combination(run, weight, a); /* covariates are centred inside */
    for (int64_t j = 0; j < s->n_cov; j++) {
        r->centres[j] = s->cov_mean[j];
        a[1 + j] = -s->cov_mean[j] / s->cov_sd[j];
    }
    r->intercept = combination(run, weight, a);
    memset(a, 0, (size_t)s->n_fixed * sizeof *a);
    for (int64_t j = 0; j < s->n_cov; j++) {
        a[1 + j] = 1.0 / s->cov_sd[j];
        r->coefficients[j] = combination(run, weight, a);
        a[1 + j] = 0.0;
    }
    for (int64_t c = 0; c < s->n_channels; c++) {
        if (s->effect[c] < 0)
            continue;
        a[s->effect[c]] = 1.0;
        r->channels[c] = combination(run, weight, a);
        a[s->effect[c]] = 0.0;
    }
done:
    tl_free(a);
    return err;
}

static struct tl_estimate log_normal(double t, double variance)
{
    double sd = sqrt(fmax(variance, 0.0)), mean = exp(t + 0.5 * variance);
    return (struct tl_estimate){.mean = mean,
                                .sd = mean * sqrt(expm1(variance)),
                                .q025 = exp(t - 1.959963984540054 * sd),
                                .q50 = exp(t),
                                .q975 = exp(t + 1.959963984540054 * sd)};
}

static void hyperparameters(const struct tl_lattice_run *run, struct tl_lattice_summary *r)
{
    const double *t = run->theta.theta.best.t;
    if (run->theta.design.n > 0) {
        r->range_m = run->theta.marginals[0];
        r->sigma = run->theta.marginals[1];
        return;
    }
    r->range_m = log_normal(t[0], run->theta.covariance[0]);
    r->sigma = log_normal(t[1], run->theta.covariance[2]);
}

tl_err tl_lattice_rows_write(struct tl_ctx *ctx, struct tl_lattice_run *run,
                             struct tl_lattice_summary *summary)
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *d = &run->data;
    int64_t rows = BAND_CELLS / d->n_x + 1, cells = (rows < d->n_y ? rows : d->n_y) * d->n_x;
    struct tl_lattice_rowbuf buf = {0};
    struct rows_job job = {.run = run, .residual = &buf};
    double *weight = NULL;
    tl_progress_begin(ctx, "writing the result");
    TL_TRY_ALLOC(ctx, weight, run->n_nodes);
    for (int64_t k = 0; k < run->n_nodes; k++)
        weight[k] = run->nodes[k].weight;
    job.weight = weight;
    TL_TRY_ALLOC(ctx, job.shares, d->n_channels);
    for (int64_t c = 0; c < d->n_channels; c++)
        TL_TRY_ALLOC(ctx, job.shares[c], cells);
    for (int b = 0; b < N_BANDS; b++)
        TL_TRY_ALLOC(ctx, job.bands[b], cells);
    TL_TRY_ALLOC(ctx, job.residual_area, cells);
    if (run->source->has_residual)
        TL_TRY(tl_lattice_rowbuf_init(ctx, run->source, &buf));
    TL_TRY(write_bands(ctx, run, &job, summary));
    TL_TRY(fixed_effects(ctx, run, weight, summary));
    hyperparameters(run, summary);
done:
    tl_progress_end(ctx);
    for (int64_t c = 0; job.shares != NULL && c < d->n_channels; c++)
        tl_free(job.shares[c]);
    tl_free(job.shares);
    for (int b = 0; b < N_BANDS; b++)
        tl_free(job.bands[b]);
    tl_free(job.residual_area);
    tl_free(weight);
    tl_lattice_rowbuf_fini(&buf);
    return err;
}
