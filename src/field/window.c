/*
 * Of all Gaussians the one with the least Kullback-Leibler divergence from the posterior: its precision is Q + diag(w), w = e exp(m + v/2) with v
 * its own variances, and its mean m is where the prior's gradient is w - y. Found by turns: variances from the
 * selected inverse, mean and weights given them, factor again. The Gaussian at the mode itself (w = e exp(m)) is the worse the
 * fewer items there are for each cell, and a sampler that starts from it moves a third as far in a step.
 */
#include "field/window.h"

#include <math.h>
#include <string.h>

#include "field/blas.h"
#include "field/mode.h"

enum { TURNS = 2 };

/* A coefficient that is held still needs a precision that a double can carry beside the data's. */
static const double HELD_SD = 1e-6;

struct tl_window {
    struct tl_model_scale scale;
    struct tl_model model;
    struct tl_factor_plan *own_plan;   /* owns: NULL = another window's is used */
    const struct tl_factor_plan *plan; /* borrows */
    struct tl_factor factor;
    struct tl_mode mode;
    double *way; /* owns: [k * n] log density by fixed effect */
    double *in;  /* owns: [n + k] */
};

static tl_err set_scale(struct tl_ctx *ctx, const struct tl_field_input *in,
                        const struct tl_window_prior *prior, struct tl_model_scale *s)
{
    tl_err err = TL_OK;
    s->n_cov = in->n_covariates;
    s->n_channels = in->n_channels;
    s->n_fixed = 1 + s->n_cov;
    TL_TRY_ALLOC(ctx, s->effect, s->n_channels);
    for (int64_t c = 0; c < s->n_channels; c++)
        s->effect[c] = prior->effect_sd[c] > 0.0 ? (int32_t)s->n_fixed++ : -1;
    TL_TRY_ALLOC(ctx, s->cov_mean, s->n_cov);
    TL_TRY_ALLOC(ctx, s->cov_sd, s->n_cov);
    TL_TRY_ALLOC(ctx, s->prior_mean, s->n_fixed);
    TL_TRY_ALLOC(ctx, s->prior_prec, s->n_fixed);
    s->prior_mean[0] = prior->level_mean;
    s->prior_prec[0] = 1.0 / (prior->level_sd * prior->level_sd);
    for (int64_t k = 0; k < s->n_cov; k++) {
        double sd = fmax(in->covariates[k].prior_sd, HELD_SD);
        s->cov_mean[k] = prior->centres != NULL ? prior->centres[k] : 0.0;
        s->cov_sd[k] = 1.0;
        s->prior_mean[1 + k] = in->covariates[k].prior_mean;
        s->prior_prec[1 + k] = 1.0 / (sd * sd);
    }
    for (int64_t c = 0; c < s->n_channels; c++) {
        if (s->effect[c] < 0)
            continue;
        s->prior_mean[s->effect[c]] = prior->effect_mean[c];
        s->prior_prec[s->effect[c]] = 1.0 / (prior->effect_sd[c] * prior->effect_sd[c]);
    }
done:
    return err;
}

/* How log density follows each fixed effect, once the field has given way: the row of the design less V. */
static void set_ways(struct tl_window *w)
{
    int64_t n = w->mode.n, k = w->mode.k;
    for (int64_t c = 0; c < k; c++)
        for (int64_t i = 0; i < n; i++) {
            double design = c == 0 ? 1.0 : c <= w->scale.n_cov ? w->model.x[(c - 1) * n + i] : 0.0;
            w->way[c * n + i] = design - w->mode.v[c * n + i];
        }
}

/* Mean and weights given variances, and these given them, by turns. */
static tl_err take_turns(struct tl_ctx *ctx, struct tl_mode *m, int n)
{
    tl_err err = TL_OK;
    for (int turn = 0; turn < n; turn++) {
        TL_TRY(tl_mode_refactor(ctx, m));
        TL_TRY(tl_mode_variances(ctx, m));
        TL_TRY(tl_mode_correct(ctx, m));
    }
    TL_TRY(tl_mode_refactor(ctx, m));
done:
    return err;
}

/* From a mean at hand in one turn, else from the prior's in two; from the mode where that finds no way. */
static tl_err find_gaussian(struct tl_ctx *ctx, struct tl_window *w, const struct tl_window *like,
                            struct tl_stencil_q q)
{
    tl_err err = TL_OK;
    struct tl_mode *m = &w->mode;
    bool has_start = like != NULL && like->mode.k == m->k;
    m->q = q;
    if (has_start)
        memcpy(m->x, like->mode.x, (size_t)(m->n + m->k) * sizeof *m->x);
    else
        memcpy(m->x + m->n, w->scale.prior_mean, (size_t)m->k * sizeof *m->x);
    err = take_turns(ctx, m, has_start ? TURNS - 1 : TURNS);
    if (err != TL_ENUMERIC)
        return err;
    memset(m->x, 0, (size_t)m->n * sizeof *m->x);
    memcpy(m->x + m->n, w->scale.prior_mean, (size_t)m->k * sizeof *m->x);
    TL_TRY(tl_mode_find(ctx, m, q));
    TL_TRY(take_turns(ctx, m, TURNS));
done:
    return err;
}

tl_err tl_window_create(struct tl_ctx *ctx, const struct tl_field_input *input,
                        const struct tl_window_prior *prior, const struct tl_window *like,
                        struct tl_window **window)
{
    tl_err err = TL_OK;
    struct tl_window *w = NULL;
    int blas = tl_blas_one_thread();
    TL_TRY_ALLOC(ctx, w, 1);
    if (!(prior->level_sd > 0.0) || !isfinite(prior->level_mean))
        TL_THROW(ctx, TL_EDATA,
                 "level of log density: expected a mean and a positive sd, got %g and %g",
                 prior->level_mean, prior->level_sd);
    TL_TRY(set_scale(ctx, input, prior, &w->scale));
    TL_TRY(tl_model_init(ctx, input, &w->scale, 1, 0, &w->model));
    int64_t n = w->model.grid.n, k = w->scale.n_fixed;
    if (like != NULL &&
        (like->model.grid.n_x != w->model.grid.n_x || like->model.grid.n_y != w->model.grid.n_y))
        like = NULL;
    if (like == NULL)
        TL_TRY(tl_factor_plan_create(ctx, &w->model.grid, &w->own_plan));
    w->plan = like != NULL ? like->plan : w->own_plan;
    TL_TRY(tl_factor_init(ctx, w->plan, k, &w->factor));
    TL_TRY(tl_mode_init(ctx, &w->model, &w->factor, &w->mode));
    TL_TRY_ALLOC(ctx, w->way, k * n);
    TL_TRY_ALLOC(ctx, w->in, n + k);
    TL_TRY(
        find_gaussian(ctx, w, like, tl_stencil_q_of(input->step_m, prior->range_m, prior->sigma)));
    set_ways(w);
    *window = w;
    w = NULL;
done:
    tl_window_free(w);
    tl_blas_restore(blas);
    return err;
}

void tl_window_free(struct tl_window *w)
{
    if (w == NULL)
        return;
    tl_mode_fini(&w->mode);
    tl_factor_fini(&w->factor);
    tl_factor_plan_free(w->own_plan);
    tl_model_fini(&w->model);
    tl_model_scale_fini(&w->scale);
    tl_free(w->way);
    tl_free(w->in);
    tl_free(w);
}

void tl_window_log_density(const struct tl_window *w, double *log_density)
{
    const struct tl_mode *m = &w->mode;
    for (int64_t i = 0; i < m->n; i++) {
        double eta = m->x[i] + m->x[m->n];
        for (int64_t k = 0; k < w->scale.n_cov; k++)
            eta += m->x[m->n + 1 + k] * w->model.x[k * m->n + i];
        log_density[i] = eta;
    }
}

double tl_window_effect(const struct tl_window *w, int64_t channel)
{
    int32_t effect = w->scale.effect[channel];
    return effect < 0 ? 0.0 : w->mode.x[w->mode.n + effect];
}

void tl_window_weight(const struct tl_window *w, int64_t channel, double *weight)
{
    memset(weight, 0, (size_t)w->mode.n * sizeof *weight);
    for (int64_t o = 0; o < w->model.n_obs; o++)
        if (w->model.channel[o] == channel)
            weight[w->model.cell[o]] = w->mode.mean[o];
}

/* u [n] and g [k] as deviations of log density by cell and of the channels' effects. */
static void to_cells(const struct tl_window *w, const double *u, const double *g, double *out)
{
    int64_t n = w->mode.n;
    for (int64_t i = 0; i < n; i++)
        out[i] = u[i] + g[0];
    for (int64_t k = 0; k < w->scale.n_cov; k++)
        for (int64_t i = 0; i < n; i++)
            out[i] += g[1 + k] * w->model.x[k * n + i];
    for (int64_t c = 0; c < w->scale.n_channels; c++)
        out[n + c] = w->scale.effect[c] < 0 ? 0.0 : g[w->scale.effect[c]];
}

static int64_t largest_front(const struct tl_factor_plan *p)
{
    int64_t most = 0;
    for (int64_t s = 0; s < p->n_super; s++)
        most = p->row_at[s + 1] - p->row_at[s] > most ? p->row_at[s + 1] - p->row_at[s] : most;
    return most;
}

int64_t tl_window_work(const struct tl_window *w)
{
    return TL_WINDOW_DRAWS * (w->mode.n + w->mode.k + largest_front(w->plan));
}

/* S = G G' (rows of mode.s), so d = G^-T z has covariance S^-1. */
static void draw_fixed(const struct tl_mode *m, struct tl_rng rng, double *d)
{
    for (int64_t i = m->k - 1; i >= 0; i--) {
        double sum = tl_rng_normal(rng, (uint64_t)(m->n + i));
        for (int64_t c = i + 1; c < m->k; c++)
            sum -= m->s[c * m->k + i] * d[c * TL_WINDOW_DRAWS];
        d[i * TL_WINDOW_DRAWS] = sum / m->s[i * m->k + i];
    }
}

void tl_window_draw(const struct tl_window *w, uint64_t seed, uint64_t stream, int64_t first,
                    double *work, double *out)
{
    const struct tl_mode *m = &w->mode;
    int64_t row = m->n + w->scale.n_channels;
    double *x = work, *d = x + TL_WINDOW_DRAWS * m->n, *front = d + TL_WINDOW_DRAWS * m->k;
    struct tl_rng rng[TL_WINDOW_DRAWS];
    for (int j = 0; j < TL_WINDOW_DRAWS; j++) {
        rng[j] = tl_rng_fork(tl_rng_make(seed, stream), (uint64_t)(first + j));
        draw_fixed(m, rng[j], d + j);
        for (int64_t c = 0; c < w->scale.n_channels; c++)
            out[j * row + m->n + c] =
                w->scale.effect[c] < 0 ? 0.0 : d[w->scale.effect[c] * TL_WINDOW_DRAWS + j];
    }
    tl_window_kernel_normals(rng, m->n, x);
    tl_window_kernel_solve(&w->factor, x, front);
    tl_window_kernel_spread(m->n, w->plan->order, x, m->k, w->way, d, row, out);
}

tl_err tl_window_pull(struct tl_ctx *ctx, struct tl_window *w, int64_t channel, const double *r,
                      double *out)
{
    tl_err err = TL_OK;
    struct tl_mode *m = &w->mode;
    int blas = tl_blas_one_thread();
    memset(w->in, 0, (size_t)(m->n + m->k) * sizeof *w->in);
    for (int64_t i = 0; i < m->n; i++) {
        if (r[i] == 0.0)
            continue;
        w->in[i] = r[i];
        tl_mode_row(m, i, (int32_t)channel, m->z);
        for (int64_t j = 0; j < m->k; j++)
            w->in[m->n + j] += r[i] * m->z[j];
    }
    TL_TRY(tl_mode_solve(ctx, m, w->in, w->in));
    to_cells(w, w->in, w->in + m->n, out);
done:
    tl_blas_restore(blas);
    return err;
}
