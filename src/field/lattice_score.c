/*
 * Score of log p(theta | y) on a lattice of any size (laplace.c has it by the factor). With x ~ Normal(0, A^-1), K = a + l/a and
 * Q = c K^2, the traces against the prior's own,
 *     [tr Q^-1 dQ - tr A^-1 dQ] / 2  =  -T1 (log sigma),  T1 - 2 T2 (log range),
 *     T1 = tr W A^-1 = E x'Wx,   T2 = a tr W A^-1 K^-1 = E a x'W K^-1 x,
 * see only what the data inform: the huge traces that both share are never estimated. (A plain Hutchinson estimate of tr A^-1 dQ errs by
 * more than theta's whole posterior at any size.) K^-1 x = c K Q^-1 x is a solve without weights. The rest, as in laplace.c:
 * forms of the mode; the border's part; and s_j' t / 2 = (dQ_j u)' H^-1 t / 2, one solve for both.
 * Numbers are those of the same draws at every theta (common random numbers), so differences of scores are smooth.
 */
#include <math.h>

#include "field/lattice.h"
#include "par/par.h"

static const double tolerance_draw = 1e-3, tolerance_slope = 1e-3;

/* Work arrays: what the batch of the mode does not have. */
struct work {
    float **x, **y;          /* owns: [batch][n] */
    float *zero;             /* owns: [n] no weights */
    double *t_g, *r_g, *t_v; /* owns: [k] */
    int64_t *number;         /* owns: [batch] */
    int batch;
};

static void work_fini(struct work *w)
{
    for (int j = 0; j < w->batch; j++) {
        if (w->x != NULL)
            tl_free(w->x[j]);
        if (w->y != NULL)
            tl_free(w->y[j]);
    }
    tl_free(w->x);
    tl_free(w->y);
    tl_free(w->zero);
    tl_free(w->number);
    tl_free(w->t_g);
    tl_free(w->r_g);
    tl_free(w->t_v);
}

static tl_err work_init(struct tl_ctx *ctx, const struct tl_lattice_mode *m, struct work *w)
{
    tl_err err = TL_OK;
    w->batch = m->batch;
    TL_TRY_ALLOC(ctx, w->x, m->batch);
    TL_TRY_ALLOC(ctx, w->y, m->batch);
    for (int j = 0; j < m->batch; j++) {
        TL_TRY_PAR_ALLOC(ctx, w->x[j], m->n);
        TL_TRY_PAR_ALLOC(ctx, w->y[j], m->n);
    }
    TL_TRY_ALLOC(ctx, w->number, m->batch);
    TL_TRY_PAR_ALLOC(ctx, w->zero, m->n);
    TL_TRY_ALLOC(ctx, w->t_g, m->k);
    TL_TRY_ALLOC(ctx, w->r_g, m->k);
    TL_TRY_ALLOC(ctx, w->t_v, m->k);
done:
    return err;
}

/* Sums of x'Wx and a c x'W K Q^-1 x over a batch of draws; squares of x into mode->variance. */
static tl_err add_draws(struct tl_ctx *ctx, struct tl_lattice_mode *m, struct work *w,
                        uint64_t seed, int first, int n, int n_all, double trace[2])
{
    tl_err err = TL_OK;
    struct tl_multigrid_report report;
    for (int j = 0; j < n; j++) {
        w->number[j] = first + j;
        tl_par_zero(ctx, w->y[j], m->n * (int64_t)sizeof(float));
    }
    TL_TRY(tl_lattice_draw(ctx, m, seed, w->number, n, tolerance_draw, w->x));
    TL_TRY(tl_multigrid_set(ctx, m->multigrid, m->q, w->zero));
    m->w_is_set = false;
    TL_TRY(tl_multigrid_solve(ctx, m->multigrid, n, (const float *const *)w->x, w->y,
                              tolerance_draw, 300, &report));
    m->n_iterations += (int64_t)report.iterations * n;
    m->bytes_moved += report.bytes_read + report.bytes_written;
    for (int j = 0; j < n; j++) {
        double forms[2];
        tl_lattice_pass_add_square(ctx, m, w->x[j], 1.0 / (double)n_all, m->variance);
        tl_lattice_pass_forms(ctx, m, w->x[j], w->y[j], m->w, forms);
        trace[1] += m->q.a * m->q.c * forms[1] / (double)n_all;
    }
done:
    return err;
}

/* tr S^-1 V' dQ_j V. */
static void border_trace(struct tl_ctx *ctx, struct tl_lattice_mode *m, double out[2])
{
    int64_t k = m->k;
    double c = m->q.c;
    out[0] = out[1] = 0.0;
    for (int64_t j = 0; j < k; j++)
        for (int64_t i = 0; i <= j; i++) {
            double forms[2], weight = (i == j ? 1.0 : 2.0) * m->inverse_s[j * k + i];
            tl_lattice_pass_forms(ctx, m, m->v[j], m->v[i], NULL, forms);
            out[0] += weight * 2.0 * c * (forms[0] - 2.0 * m->q.a * forms[1]);
            out[1] -= weight * 2.0 * c * forms[0];
        }
}

/* s_j' t = (dQ_j u)' H^-1 t, with t from mode->variance. */
static tl_err weight_term(struct tl_ctx *ctx, struct tl_lattice_mode *m, struct work *w,
                          double out[2])
{
    tl_err err = TL_OK;
    double forms[2];
    float *r = w->x[0];
    tl_lattice_pass_weights(ctx, m, m->b[0], w->t_g);
    for (int64_t j = 0; j < m->k; j++)
        w->t_v[j] = tl_lattice_pass_dot(ctx, m->n, m->v[j], m->b[0]);
    tl_par_zero(ctx, r, m->n * (int64_t)sizeof(float));
    TL_TRY(tl_lattice_mode_solve(ctx, m, 1, m->b, &r, tolerance_slope));
    tl_lattice_mode_finish_solve(ctx, m, w->t_g, w->t_v, r, w->r_g);
    tl_lattice_pass_forms(ctx, m, r, m->u, NULL, forms);
    out[0] = 2.0 * m->q.c * (forms[0] - 2.0 * m->q.a * forms[1]);
    out[1] = -2.0 * m->q.c * forms[0];
done:
    return err;
}

tl_err tl_lattice_score(struct tl_ctx *ctx, struct tl_lattice_mode *m,
                        const struct tl_laplace_prior *prior, const double t[2], uint64_t seed,
                        int n_draws, double score[2])
{
    tl_err err = TL_OK;
    struct work w = {0};
    double trace[2] = {0.0, 0.0}, forms[2], border[2], through[2];
    int64_t n_cells = m->data->n_x * m->data->n_y;
    TL_TRY(work_init(ctx, m, &w));
    if (m->variance == NULL)
        TL_TRY_PAR_ALLOC(ctx, m->variance, n_cells);
    tl_par_zero(ctx, m->variance, n_cells * (int64_t)sizeof(float));
    for (int at = 0; at < n_draws; at += m->batch)
        TL_TRY(add_draws(ctx, m, &w, seed, at, n_draws - at < m->batch ? n_draws - at : m->batch,
                         n_draws, trace));
    trace[0] = tl_lattice_pass_weighted(ctx, m, m->variance);
    tl_lattice_pass_add_border(ctx, m);
    border_trace(ctx, m, border);
    TL_TRY(weight_term(ctx, m, &w, through));
    tl_lattice_pass_forms(ctx, m, m->u, m->u, NULL, forms);
    double u_q[2] = {2.0 * m->q.c * (forms[0] - 2.0 * m->q.a * forms[1]), -2.0 * m->q.c * forms[0]};
    score[0] = trace[0] - 2.0 * trace[1] + prior->lambda_range * exp(-t[0]) - 1.0;
    score[1] = -trace[0] + 1.0 - prior->lambda_sigma * exp(t[1]);
    for (int j = 0; j < 2; j++)
        score[j] += 0.5 * (through[j] - u_q[j] - border[j]);
    if (!isfinite(score[0]) || !isfinite(score[1]))
        TL_THROW(ctx, TL_ENUMERIC, "the score at range %.3g m, sigma %.3g is not a number",
                 exp(t[0]), exp(t[1]));
done:
    work_fini(&w);
    return err;
}
