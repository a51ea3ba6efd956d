/** Test use (and the bench's): theta integrated out on a dense grid with the exact engine's evidence, every cell's moments. */
#ifndef TL_FIELD_THETA_DENSE_H
#define TL_FIELD_THETA_DENSE_H

#include <math.h>
#include <string.h>

#include "field/lattice.h"

struct dense {
    int64_t n, n_points, n_failed;
    double top, sum;        /* weights are exp(. - top) */
    double *first, *second; /* owns: [n] weighted sums of mean and of mean^2 + variance of eta */
};

static void dense_fini(struct dense *d)
{
    tl_free(d->first);
    tl_free(d->second);
    *d = (struct dense){0};
}

static void dense_moments(const struct dense *d, int64_t i, double *mean, double *sd)
{
    *mean = d->first[i] / d->sum;
    *sd = sqrt(d->second[i] / d->sum - *mean * *mean);
}

static void dense_raise(struct dense *d, double top)
{
    double shrink = exp(d->top - top);
    if (!(top > d->top))
        return;
    d->sum *= shrink;
    for (int64_t i = 0; i < d->n; i++) {
        d->first[i] *= shrink;
        d->second[i] *= shrink;
    }
    d->top = top;
}

static tl_err dense_take(struct tl_ctx *ctx, struct tl_stage *s, const struct tl_field_input *in,
                         double value, struct dense *d)
{
    struct tl_mode *m = &s->mode;
    tl_err err = tl_mode_correct(ctx, m);
    if (err != TL_OK)
        return err;
    dense_raise(d, value);
    double weight = exp(value - d->top);
    d->sum += weight;
    for (int64_t i = 0; i < d->n; i++) {
        int64_t cell = tl_model_cell(&s->model, i % in->n_x, i / in->n_x);
        double eta = m->x[cell];
        tl_mode_row(m, cell, -1, m->z);
        for (int64_t j = 0; j < m->k; j++)
            eta += m->z[j] * m->x[m->n + j];
        d->first[i] += weight * eta;
        d->second[i] += weight * (eta * eta + tl_mode_variance_of(m, cell, m->z));
    }
    return TL_OK;
}

/** Default priors, this margin, points `step` apart between theta's limits. */
static tl_err dense_init(struct tl_ctx *ctx, const struct tl_field_input *in, int64_t pad,
                         double step, struct dense *dense)
{
    tl_err err = TL_OK;
    struct dense d = {.n = in->n_x * in->n_y, .top = -INFINITY};
    struct tl_field_options o = tl_field_options_default();
    struct tl_lattice_data size = {.n_x = in->n_x, .n_y = in->n_y, .step_m = in->step_m};
    struct tl_lattice_theta f = {0};
    struct tl_model_scale scale = {0};
    static struct tl_stage stage;
    int n[2];
    tl_lattice_theta_priors(&size, &o, &f);
    for (int j = 0; j < 2; j++)
        n[j] = (int)ceil((f.limits.high[j] - f.limits.low[j]) / step);
    TL_TRY_ALLOC(ctx, d.first, d.n);
    TL_TRY_ALLOC(ctx, d.second, d.n);
    TL_TRY(tl_model_scale_init(ctx, in, &o, &scale));
    TL_TRY(tl_stage_init(ctx, in, &scale, f.prior, 1, pad, 4, &stage));
    for (int a = 0; a <= n[0]; a++)
        for (int b = 0; b <= n[1]; b++) {
            struct tl_laplace_point p;
            int to = a % 2 == 0 ? b : n[1] - b; /* to and fro: each begins beside the last */
            double t[2] = {
                f.limits.low[0] + (f.limits.high[0] - f.limits.low[0]) * a / n[0],
                f.limits.low[1] + (f.limits.high[1] - f.limits.low[1]) * to / n[1],
            };
            double ends = (a % n[0] == 0 ? 0.5 : 1.0) * (b % n[1] == 0 ? 0.5 : 1.0);
            d.n_points++;
            if (tl_laplace_at(ctx, &stage.laplace, t, &p) == TL_OK)
                TL_TRY(dense_take(ctx, &stage, in, p.value + log(ends), &d));
            else
                d.n_failed++;
        }
    *dense = d;
    d = (struct dense){0};
done:
    dense_fini(&d);
    tl_stage_fini(&stage);
    tl_model_scale_fini(&scale);
    return err;
}

#endif
