/*
 * With the mode x*, its Hessian H and the prior's Q and P,
 *     log p(theta|y) = l(y|x*) - 1/2 x*'(Q,P) x* + log|Q|/2 + log|P|/2 - log|H|/2 + log prior(theta).
 * Its derivative along theta_j, with dQ the prior's derivative:
 *     tr(Q^-1 dQ)/2 - u'dQu/2 - tr(H^-1 dQ)/2 + s_j't/2,
 * where s_j = H^-1 (dQ u) is minus the mode's own derivative and t is the gradient of log|H| through the weights,
 * t = sum over observations of mean * variance * row. The traces come from the selected inverse, so that a gradient
 * costs about two more factorisations' time, whatever the size; checked against differences in laplace_test.c.
 */
#include "field/laplace.h"

#include <math.h>
#include <string.h>

tl_err tl_laplace_init(struct tl_ctx *ctx, struct tl_mode *mode, struct tl_laplace_prior prior,
                       struct tl_laplace *laplace)
{
    tl_err err = TL_OK;
    int64_t size = mode->n + mode->k;
    struct tl_laplace l = {.mode = mode, .prior = prior};
    double **wanted[] = {&l.slope[0], &l.slope[1],        &l.weight,
                         &l.centre_x, &l.centre_slope[0], &l.centre_slope[1]};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        TL_TRY_ALLOC(ctx, *wanted[i], size);
        l.bytes += size * (int64_t)sizeof(double);
    }
    *laplace = l;
    l = (struct tl_laplace){0};
done:
    tl_laplace_fini(&l);
    return err;
}

void tl_laplace_fini(struct tl_laplace *l)
{
    double *owned[] = {l->slope[0], l->slope[1],        l->weight,
                       l->centre_x, l->centre_slope[0], l->centre_slope[1]};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        tl_free(owned[i]);
    *l = (struct tl_laplace){0};
}

struct tl_stencil_q tl_laplace_q(const struct tl_laplace *l, const double t[2])
{
    return tl_stencil_q_of(l->mode->model->step_m, exp(t[0]), exp(t[1]));
}

void tl_laplace_set_centre(struct tl_laplace *l, const double t[2])
{
    size_t bytes = (size_t)(l->mode->n + l->mode->k) * sizeof(double);
    memcpy(l->centre_x, l->mode->x, bytes);
    for (int j = 0; j < 2; j++) {
        memcpy(l->centre_slope[j], l->slope[j], bytes);
        l->centre_t[j] = t[j];
    }
    l->has_centre = true;
}

static void start_from_centre(struct tl_laplace *l, const double t[2])
{
    struct tl_mode *m = l->mode;
    /* A long extrapolation can land on an absurd intensity, from which Newton has a long way back. */
    double a = t[0] - l->centre_t[0], b = t[1] - l->centre_t[1];
    double far = fmax(1.0, fmax(fabs(a), fabs(b)) / 0.5);
    for (int64_t i = 0; i < m->n + m->k; i++)
        m->x[i] = l->centre_x[i] + (a * l->centre_slope[0][i] + b * l->centre_slope[1][i]) / far;
}

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* tr(H^-1_uu M) with M = alpha I + beta l + gamma l^2: selected inverse plus the border's rank-k part. */
static double trace_of(struct tl_laplace *l, double alpha, double beta, double gamma,
                       double *scratch)
{
    struct tl_mode *m = l->mode;
    int64_t n = m->n, k = m->k;
    double sum = beta * m->trace_l + gamma * m->trace_l2;
    for (int64_t i = 0; i < n; i++)
        sum += alpha * m->variance[i];
    for (int64_t j = 0; j < k; j++) {
        const double *v = m->v + j * n;
        tl_stencil_laplace(&m->model->grid, v, scratch);
        for (int64_t i = 0; i <= j; i++) {
            const double *other = m->v + i * n;
            double weight = (i == j ? 1.0 : 2.0) * m->inverse_s[j * k + i];
            double form = alpha * dot(v, other, n) + beta * dot(scratch, other, n);
            tl_stencil_laplace(&m->model->grid, other, m->scratch);
            form += gamma * dot(scratch, m->scratch, n);
            sum += weight * form;
        }
    }
    return sum;
}

/* t: the gradient of log|H| by (u, g) through the weights. */
static void weight_gradient(struct tl_laplace *l)
{
    struct tl_mode *m = l->mode;
    memset(l->weight, 0, (size_t)(m->n + m->k) * sizeof *l->weight);
    for (int64_t o = 0; o < m->model->n_obs; o++) {
        int64_t cell = m->model->cell[o];
        double t = m->mean[o] * m->obs_variance[o];
        l->weight[cell] += t;
        tl_mode_row(m, cell, m->model->channel[o], m->z);
        for (int64_t j = 0; j < m->k; j++)
            l->weight[m->n + j] += t * m->z[j];
    }
}

double tl_laplace_log_prior(const struct tl_laplace_prior *p, const double t[2], double gradient[2])
{
    double near = p->lambda_range * exp(-t[0]), wide = p->lambda_sigma * exp(t[1]);
    gradient[0] = near - 1.0;
    gradient[1] = 1.0 - wide;
    return log(p->lambda_range) - t[0] - near + log(p->lambda_sigma) + t[1] - wide;
}

static tl_err gradient_at(struct tl_ctx *ctx, struct tl_laplace *l, struct tl_laplace_point *p,
                          double q_slope)
{
    tl_err err = TL_OK;
    struct tl_mode *m = l->mode;
    struct tl_stencil_q q = m->q;
    int64_t n = m->n, k = m->k;
    double a2 = q.a * q.a;
    const double trace_q[2] = {q_slope, -2.0 * (double)n};
    double *scratch = l->slope[1];
    const double trace_h[2] = {trace_of(l, -2.0 * q.c * a2, 0.0, 2.0 * q.c / a2, scratch),
                               trace_of(l, -2.0 * q.c * a2, -4.0 * q.c, -2.0 * q.c / a2, scratch)};
    for (int j = 0; j < 2; j++) {
        double *s = l->slope[j];
        if (j == 0) {
            tl_stencil_apply_drange(&m->model->grid, q, m->x, m->scratch, s);
        } else {
            tl_stencil_apply(&m->model->grid, q, m->x, m->scratch, s);
            for (int64_t i = 0; i < n; i++)
                s[i] *= -2.0;
        }
        double form = dot(s, m->x, n);
        memset(s + n, 0, (size_t)k * sizeof *s);
        TL_TRY(tl_mode_solve(ctx, m, s, s));
        p->gradient[j] += 0.5 * (trace_q[j] - form - trace_h[j] + dot(s, l->weight, n + k));
        for (int64_t i = 0; i < n + k; i++)
            s[i] = -s[i];
    }
done:
    return err;
}

tl_err tl_laplace_mode_at(struct tl_ctx *ctx, struct tl_laplace *l, const double t[2])
{
    if (l->has_centre)
        start_from_centre(l, t);
    return tl_mode_find(ctx, l->mode, tl_laplace_q(l, t));
}

tl_err tl_laplace_at(struct tl_ctx *ctx, struct tl_laplace *l, const double t[2],
                     struct tl_laplace_point *point)
{
    tl_err err = TL_OK;
    struct tl_mode *m = l->mode;
    struct tl_laplace_point p = {.t = {t[0], t[1]}};
    double q_slope, prior_logdet = 0.0;
    TL_TRY(tl_laplace_mode_at(ctx, l, t));
    TL_TRY(tl_mode_variances(ctx, m));
    weight_gradient(l);
    double logdet_q = tl_stencil_logdet(&m->model->grid, m->q, &q_slope);
    for (int64_t j = 0; j < m->k; j++)
        prior_logdet += log(m->model->scale->prior_prec[j]);
    /* The factor belongs to the point before the last step. */
    double logdet_h = m->factor->logdet + m->logdet_s - dot(l->weight, m->step, m->n + m->k);
    p.value = tl_laplace_log_prior(&l->prior, t, p.gradient) + m->model->constant -
              tl_mode_objective(m, m->x) + 0.5 * (logdet_q + prior_logdet - logdet_h);
    TL_TRY(gradient_at(ctx, l, &p, q_slope));
    if (!isfinite(p.value) || !isfinite(p.gradient[0]) || !isfinite(p.gradient[1]))
        TL_THROW(ctx, TL_ENUMERIC,
                 "the posterior at range %.3g m, sigma %.3g is not a number: are counts, effort "
                 "and priors in their units?",
                 exp(t[0]), exp(t[1]));
    *point = p;
done:
    return err;
}
