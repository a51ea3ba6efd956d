/*
 * At each integration point the posterior of eta is Gaussian with the mode's variances and the corrected mean; cells
 * are then mixtures with the points' weights. Shares of the channels: the mean field solves Q u = sum over channels of
 * (y_c - expected counts), so each channel's part is one solve with Q, in the cosines' basis.
 */
#include "field/posterior.h"

#include <math.h>
#include <string.h>

#include "field/dct.h"
#include "par/par.h"

static int64_t lattice_cell(const struct tl_posterior *p, int64_t i)
{
    return tl_model_cell(&p->stage->model, i % p->input->n_x, i / p->input->n_x);
}

static bool is_inside(const struct tl_posterior *p, int64_t i)
{
    return p->input->inside == NULL || p->input->inside[i] != 0;
}

tl_err tl_posterior_visit(struct tl_ctx *ctx, void *user, const struct tl_theta_node *node,
                          int64_t index)
{
    tl_err err = TL_OK;
    struct tl_posterior *p = user;
    struct tl_mode *m = &p->stage->mode;
    int64_t k = m->k, n_obs = m->model->n_obs;
    (void)node;
    TL_ASSERT(ctx, index == p->n && index < TL_THETA_NODES_MAX);
    p->n++;
    if (!p->plain_mode)
        TL_TRY(tl_mode_correct(ctx, m));
    TL_TRY_ALLOC(ctx, p->mean[index], p->n_cells);
    TL_TRY_ALLOC(ctx, p->sd[index], p->n_cells);
    TL_TRY_ALLOC(ctx, p->fixed[index], k + k * k);
    p->bytes += (2 * p->n_cells + k + k * k) * (int64_t)sizeof(double);
    memcpy(p->fixed[index], m->x + m->n, (size_t)k * sizeof(double));
    memcpy(p->fixed[index] + k, m->inverse_s, (size_t)(k * k) * sizeof(double));
    for (int64_t i = 0; i < p->n_cells; i++) {
        if (!is_inside(p, i))
            continue;
        int64_t cell = lattice_cell(p, i);
        double eta = m->x[cell];
        tl_mode_row(m, cell, -1, m->z);
        for (int64_t j = 0; j < k; j++)
            eta += m->z[j] * m->x[m->n + j];
        p->mean[index][i] = eta;
        p->sd[index][i] = sqrt(tl_mode_variance_of(m, cell, m->z));
    }
    if (p->input->n_channels > 1) {
        TL_TRY_ALLOC(ctx, p->fitted[index], n_obs);
        p->bytes += n_obs * (int64_t)sizeof(double);
        for (int64_t o = 0; o < n_obs; o++) {
            tl_mode_row(m, m->model->cell[o], m->model->channel[o], m->z);
            double l = m->x[m->model->cell[o]] + m->half[o];
            for (int64_t j = 0; j < k; j++)
                l += m->z[j] * m->x[m->n + j];
            p->fitted[index][o] = m->model->effort[o] * exp(l);
        }
    }
done:
    return err;
}

void tl_posterior_fini(struct tl_posterior *p)
{
    for (int64_t k = 0; k < p->n; k++) {
        tl_free(p->mean[k]);
        tl_free(p->sd[k]);
        tl_free(p->fixed[k]);
        tl_free(p->fitted[k]);
    }
    p->n = 0;
}

struct cells_job {
    struct tl_posterior *p;
    struct tl_field_result *r;
};

static double residual_area(const struct tl_posterior *p, int64_t i)
{
    if (p->input->residual != NULL)
        return p->input->residual[i];
    double area = p->input->step_m * p->input->step_m;
    for (int64_t c = 0; c < p->input->n_channels; c++)
        area -= p->input->channels[c].effort[i];
    return fmax(area, 0.0);
}

static double fixed_part(const struct tl_posterior *p, int64_t node, int64_t cell)
{
    const struct tl_mode *m = &p->stage->mode;
    double sum = p->fixed[node][0];
    for (int64_t j = 0; j < m->model->scale->n_cov; j++)
        sum += p->fixed[node][1 + j] * m->model->x[j * m->n + cell];
    return sum;
}

static void fill_outside(struct tl_field_result *r, int64_t i)
{
    double *arrays[] = {r->log_density_mean, r->log_density_sd, r->density_mean, r->density_q05,
                        r->density_q50,      r->density_q95,    r->p_any,        r->field};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++)
        arrays[k][i] = NAN;
}

static void cells_chunk(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct cells_job *job = user;
    struct tl_posterior *p = job->p;
    struct tl_field_result *r = job->r;
    struct tl_mixture m = {.n = p->n, .weight = p->weight};
    (void)chunk;
    for (int64_t i = first; i < last; i++) {
        if (!is_inside(p, i)) {
            fill_outside(r, i);
            continue;
        }
        double fixed = 0.0;
        int64_t cell = lattice_cell(p, i);
        for (int64_t k = 0; k < p->n; k++) {
            m.mean[k] = p->mean[k][i];
            m.sd[k] = p->sd[k][i];
            fixed += p->weight[k] * fixed_part(p, k, cell);
        }
        tl_mixture_moments(&m, &r->log_density_mean[i], &r->log_density_sd[i]);
        r->field[i] = r->log_density_mean[i] - fixed;
        r->density_mean[i] = tl_mixture_mean_exp(&m);
        r->density_q05[i] = exp(tl_mixture_quantile(&m, 0.05));
        r->density_q50[i] = exp(tl_mixture_quantile(&m, 0.50));
        r->density_q95[i] = exp(tl_mixture_quantile(&m, 0.95));
        r->p_any[i] = tl_mixture_p_any(&m, residual_area(p, i));
    }
}

/* sum over nodes of weight Q^-1 (y_c - fitted), for one channel, into work [grid.n]. */
static void channel_share(struct tl_ctx *ctx, struct tl_posterior *p,
                          const struct tl_theta_design *design, struct tl_dct *dct, int32_t channel,
                          double *one, double *work)
{
    const struct tl_model *model = &p->stage->model;
    memset(work, 0, (size_t)model->grid.n * sizeof *work);
    for (int64_t k = 0; k < p->n; k++) {
        memset(one, 0, (size_t)model->grid.n * sizeof *one);
        for (int64_t o = 0; o < model->n_obs; o++)
            if (model->channel[o] == channel)
                one[model->cell[o]] += model->count[o] - p->fitted[k][o];
        tl_dct_transform(ctx, dct, true, one);
        tl_dct_scale(dct, tl_laplace_q(&p->stage->laplace, design->nodes[k].point.t), -1.0, one);
        for (int64_t i = 0; i < model->grid.n; i++)
            work[i] += p->weight[k] * one[i];
    }
    tl_dct_transform(ctx, dct, false, work);
}

/* The last channel's share is what the others leave: they add up exactly. */
static tl_err fill_shares(struct tl_ctx *ctx, struct tl_posterior *p,
                          const struct tl_theta_design *design, struct tl_field_result *r)
{
    tl_err err = TL_OK;
    struct tl_dct dct = {0};
    double *one = NULL, *work = NULL;
    int64_t last = p->input->n_channels - 1, n = p->n_cells;
    memcpy(r->shares + last * n, r->field, (size_t)n * sizeof *r->field);
    if (last == 0)
        goto done;
    TL_TRY(tl_dct_init(ctx, &p->stage->model.grid, &dct));
    TL_TRY_ALLOC(ctx, one, p->stage->model.grid.n);
    TL_TRY_ALLOC(ctx, work, p->stage->model.grid.n);
    for (int64_t c = 0; c < last; c++) {
        channel_share(ctx, p, design, &dct, (int32_t)c, one, work);
        TL_TRY(tl_cancelled(ctx));
        for (int64_t i = 0; i < n; i++) {
            double share = is_inside(p, i) ? work[lattice_cell(p, i)] : (double)NAN;
            r->shares[c * n + i] = share;
            r->shares[last * n + i] -= share;
        }
    }
done:
    tl_dct_fini(&dct);
    tl_free(one);
    tl_free(work);
    return err;
}

tl_err tl_posterior_cells(struct tl_ctx *ctx, struct tl_posterior *p,
                          const struct tl_theta_design *design, struct tl_field_result *r)
{
    tl_err err = TL_OK;
    double **arrays[] = {
        &r->log_density_mean, &r->log_density_sd, &r->density_mean, &r->density_q05,
        &r->density_q50,      &r->density_q95,    &r->p_any,        &r->field};
    struct cells_job job = {p, r};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++)
        TL_TRY_ALLOC(ctx, *arrays[k], p->n_cells);
    TL_TRY_ALLOC(ctx, r->shares, p->n_cells * p->input->n_channels);
    tl_par_for(ctx, p->n_cells, 512, cells_chunk, &job);
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(fill_shares(ctx, p, design, r));
done:
    return err;
}

/* Mixture of a'g over the nodes. */
static struct tl_estimate combination(const struct tl_posterior *p, const double *a, int64_t k)
{
    struct tl_mixture m = {.n = p->n, .weight = p->weight};
    for (int64_t node = 0; node < p->n; node++) {
        const double *g = p->fixed[node], *covariance = g + k;
        double mean = 0.0, variance = 0.0;
        for (int64_t i = 0; i < k; i++) {
            mean += a[i] * g[i];
            for (int64_t j = 0; j < k; j++)
                variance += a[i] * a[j] * covariance[i * k + j];
        }
        m.mean[node] = mean;
        m.sd[node] = sqrt(fmax(variance, 0.0));
    }
    return tl_mixture_estimate(&m);
}

tl_err tl_posterior_fixed(struct tl_ctx *ctx, struct tl_posterior *p, struct tl_field_result *r)
{
    tl_err err = TL_OK;
    const struct tl_model_scale *s = p->stage->model.scale;
    int64_t k = s->n_fixed;
    double *a = NULL;
    TL_TRY_ALLOC(ctx, a, k);
    TL_TRY_ALLOC(ctx, r->coefficients, s->n_cov);
    TL_TRY_ALLOC(ctx, r->channels, s->n_channels);
    TL_TRY_ALLOC(ctx, r->centres, s->n_cov);
    a[0] = 1.0;
    r->level = combination(p, a, k); /* covariates are centred inside */
    for (int64_t j = 0; j < s->n_cov; j++) {
        r->centres[j] = s->cov_mean[j];
        a[1 + j] = -s->cov_mean[j] / s->cov_sd[j];
    }
    r->intercept = combination(p, a, k);
    memset(a, 0, (size_t)k * sizeof *a);
    for (int64_t j = 0; j < s->n_cov; j++) {
        a[1 + j] = 1.0 / s->cov_sd[j];
        r->coefficients[j] = combination(p, a, k);
        a[1 + j] = 0.0;
    }
    for (int64_t c = 0; c < s->n_channels; c++) {
        if (s->effect[c] < 0)
            continue;
        a[s->effect[c]] = 1.0;
        r->channels[c] = combination(p, a, k);
        a[s->effect[c]] = 0.0;
    }
done:
    tl_free(a);
    return err;
}
