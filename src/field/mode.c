/*
 * Newton with a line search on a convex objective: it cannot diverge, and with a start carried over from a neighbouring
 * theta it takes one or two steps. The variational step changes only the weights, by exp(v/2), so the factor at
 * hand is a good preconditioner and no new one is needed: about 4 x 4 solves instead of 4 factorisations.
 */
#include "field/mode.h"

#include <math.h>
#include <string.h>

enum { NEWTON_MAX = 60, CG_MAX = 40, HALVINGS_MAX = 40 };

/*
 * A step whose squared length in the posterior's own metric is below this (with a part per cell) moves no cell by a
 * visible part of its sd; convergence being quadratic, what is left after it is smaller by orders of magnitude.
 */
static const double decrement_ok = 1e-3, decrement_ok_cell = 1e-5, correct_ok = 1e-6;

/*
 * That says nothing of the weights, which go with exp(log-intensity): where little was found a fifth of an sd is half of
 * a weight, and the factor belongs to the point before the last step. A last step that moves no observation's
 * log-intensity by more than this changes no weight, hence no variance, by a larger share (the prior's part does not change).
 */
static const double move_ok = 0.02;

/* Beyond this the held variance would only overflow; it is reached where nothing is known at all. */
static const double variance_max = 6.0;

tl_err tl_mode_init(struct tl_ctx *ctx, const struct tl_model *model, struct tl_factor *factor,
                    struct tl_mode *mode)
{
    tl_err err = TL_OK;
    int64_t n = model->grid.n, k = model->scale->n_fixed, n_obs = model->n_obs;
    struct tl_mode m = {.model = model, .factor = factor, .n = n, .k = k};
    double **wanted[] = {&m.x,     &m.gradient, &m.step,      &m.try_x,   &m.cg[0],
                         &m.cg[1], &m.cg[2],    &m.w,         &m.scratch, &m.variance,
                         &m.b,     &m.v,        &m.mean,      &m.half,    &m.obs_variance,
                         &m.d,     &m.s,        &m.inverse_s, &m.z};
    int64_t sizes[] = {n + k, n + k, n + k, n + k, n + k, n + k, n + k, n,     n, n,
                       n * k, n * k, n_obs, n_obs, n_obs, k * k, k * k, k * k, k};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        TL_TRY_ALLOC(ctx, *wanted[i], sizes[i]);
        m.bytes += sizes[i] * (int64_t)sizeof(double);
    }
    *mode = m;
    m = (struct tl_mode){0};
done:
    tl_mode_fini(&m);
    return err;
}

void tl_mode_fini(struct tl_mode *m)
{
    double *owned[] = {m->x,     m->gradient, m->step,      m->try_x,   m->cg[0],
                       m->cg[1], m->cg[2],    m->w,         m->scratch, m->variance,
                       m->b,     m->v,        m->mean,      m->half,    m->obs_variance,
                       m->d,     m->s,        m->inverse_s, m->z};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        tl_free(owned[i]);
    *m = (struct tl_mode){0};
}

void tl_mode_start(struct tl_mode *m)
{
    const struct tl_model_scale *scale = m->model->scale;
    memset(m->x, 0, (size_t)(m->n + m->k) * sizeof *m->x);
    for (int64_t j = 0; j < m->k; j++)
        m->x[m->n + j] = scale->prior_mean[j];
    m->x[m->n] = log((scale->total_count + 0.5) / scale->total_effort);
}

void tl_mode_row(const struct tl_mode *m, int64_t cell, int32_t channel, double *z)
{
    const struct tl_model_scale *scale = m->model->scale;
    z[0] = 1.0;
    for (int64_t j = 0; j < scale->n_cov; j++)
        z[1 + j] = m->model->x[j * m->n + cell];
    for (int64_t j = 1 + scale->n_cov; j < m->k; j++)
        z[j] = 0.0;
    if (channel >= 0 && scale->effect[channel] >= 0)
        z[scale->effect[channel]] = 1.0;
}

static double log_intensity(const struct tl_mode *m, const double *x, int64_t o)
{
    const struct tl_model_scale *scale = m->model->scale;
    int64_t cell = m->model->cell[o];
    const double *g = x + m->n;
    int32_t effect = scale->effect[m->model->channel[o]];
    double l = x[cell] + g[0] + (effect >= 0 ? g[effect] : 0.0);
    for (int64_t j = 0; j < scale->n_cov; j++)
        l += g[1 + j] * m->model->x[j * m->n + cell];
    return l;
}

double tl_mode_objective(struct tl_mode *m, const double *x)
{
    const struct tl_model_scale *scale = m->model->scale;
    double sum = 0.0;
    for (int64_t o = 0; o < m->model->n_obs; o++) {
        double l = log_intensity(m, x, o);
        sum += m->model->effort[o] * exp(l + m->half[o]) - m->model->count[o] * l;
    }
    for (int64_t j = 0; j < m->k; j++) {
        double off = x[m->n + j] - scale->prior_mean[j];
        sum += 0.5 * scale->prior_prec[j] * off * off;
    }
    return sum + 0.5 * tl_stencil_form(&m->model->grid, m->q, x, m->scratch);
}

/* Weights, border, corner and gradient at mode->x. */
static void assemble(struct tl_mode *m)
{
    const struct tl_model_scale *scale = m->model->scale;
    int64_t n = m->n, k = m->k;
    double *g = m->gradient + n;
    memset(m->w, 0, (size_t)n * sizeof *m->w);
    memset(m->b, 0, (size_t)(n * k) * sizeof *m->b);
    memset(m->d, 0, (size_t)(k * k) * sizeof *m->d);
    tl_stencil_apply(&m->model->grid, m->q, m->x, m->scratch, m->gradient);
    for (int64_t j = 0; j < k; j++) {
        g[j] = scale->prior_prec[j] * (m->x[n + j] - scale->prior_mean[j]);
        m->d[j * k + j] = scale->prior_prec[j];
    }
    for (int64_t o = 0; o < m->model->n_obs; o++) {
        int64_t cell = m->model->cell[o];
        double mean = m->model->effort[o] * exp(log_intensity(m, m->x, o) + m->half[o]);
        double slope = mean - m->model->count[o];
        m->mean[o] = mean;
        m->w[cell] += mean;
        m->gradient[cell] += slope;
        tl_mode_row(m, cell, m->model->channel[o], m->z);
        for (int64_t j = 0; j < k; j++) {
            double zj = m->z[j];
            g[j] += slope * zj;
            m->b[j * n + cell] += mean * zj;
            for (int64_t i = 0; i <= j; i++)
                m->d[i * k + j] += mean * zj * m->z[i];
        }
    }
    for (int64_t j = 0; j < k; j++)
        for (int64_t i = 0; i < j; i++)
            m->d[j * k + i] = m->d[i * k + j];
}

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

tl_err tl_mode_invert(struct tl_ctx *ctx, int64_t k, double *s, double *inverse, double *logdet)
{
    double sum = 0.0;
    for (int64_t j = 0; j < k; j++) {
        for (int64_t i = 0; i < j; i++) {
            for (int64_t c = 0; c < i; c++)
                s[j * k + i] -= s[j * k + c] * s[i * k + c];
            s[j * k + i] /= s[i * k + i];
        }
        for (int64_t c = 0; c < j; c++)
            s[j * k + j] -= s[j * k + c] * s[j * k + c];
        if (!(s[j * k + j] > 0.0))
            return tl_fail(ctx, TL_ENUMERIC,
                           "fixed effect %lld of %lld cannot be told from the others", (long long)j,
                           (long long)k);
        sum += log(s[j * k + j]);
        s[j * k + j] = sqrt(s[j * k + j]);
    }
    for (int64_t c = 0; c < k; c++) {
        double *col = inverse + c * k;
        for (int64_t i = 0; i < k; i++) {
            col[i] = i == c;
            for (int64_t j = 0; j < i; j++)
                col[i] -= s[i * k + j] * col[j];
            col[i] /= s[i * k + i];
        }
        for (int64_t i = k - 1; i >= 0; i--) {
            for (int64_t j = i + 1; j < k; j++)
                col[i] -= s[j * k + i] * col[j];
            col[i] /= s[i * k + i];
        }
    }
    if (logdet != NULL)
        *logdet = sum;
    return TL_OK;
}

static tl_err factor_all(struct tl_ctx *ctx, struct tl_mode *m)
{
    tl_err err = TL_OK;
    int64_t n = m->n, k = m->k;
    TL_TRY(tl_factor_compute(ctx, m->factor, m->q, m->w));
    TL_TRY(tl_factor_solve(ctx, m->factor, k, m->b, m->v));
    for (int64_t j = 0; j < k; j++)
        for (int64_t i = 0; i <= j; i++) {
            double s = m->d[j * k + i] - dot(m->b + j * n, m->v + i * n, n);
            m->s[j * k + i] = m->s[i * k + j] = s;
        }
    TL_TRY(tl_mode_invert(ctx, m->k, m->s, m->inverse_s, &m->logdet_s));
done:
    return err;
}

tl_err tl_mode_refactor(struct tl_ctx *ctx, struct tl_mode *m)
{
    assemble(m);
    return factor_all(ctx, m);
}

tl_err tl_mode_solve(struct tl_ctx *ctx, struct tl_mode *m, const double *in, double *out)
{
    tl_err err = TL_OK;
    int64_t n = m->n, k = m->k;
    double small[64], *rest = k <= 64 ? small : NULL, *heap = NULL;
    if (rest == NULL) {
        TL_TRY_ALLOC(ctx, heap, k);
        rest = heap;
    }
    for (int64_t j = 0; j < k; j++)
        rest[j] = in[n + j] - dot(m->v + j * n, in, n);
    TL_TRY(tl_factor_solve(ctx, m->factor, 1, in, out));
    for (int64_t j = 0; j < k; j++)
        out[n + j] = dot(m->inverse_s + j * k, rest, k);
    for (int64_t j = 0; j < k; j++)
        for (int64_t i = 0; i < n; i++)
            out[i] -= m->v[j * n + i] * out[n + j];
done:
    tl_free(heap);
    return err;
}

/* mode->x minus the longest of 1, 1/2, 1/4.. steps that makes the objective go down enough. */
static tl_err line_search(struct tl_ctx *ctx, struct tl_mode *m, double *length)
{
    int64_t size = m->n + m->k;
    double here = tl_mode_objective(m, m->x), t = 1.0;
    /* Close to the mode the gain drowns in rounding, and the full step is right. */
    double slack = 1e-11 * (fabs(here) + (double)m->model->n_obs);
    for (int k = 0; k < HALVINGS_MAX; k++, t *= 0.5) {
        for (int64_t i = 0; i < size; i++)
            m->try_x[i] = m->x[i] - t * m->step[i];
        double there = tl_mode_objective(m, m->try_x);
        if (there <= here - 1e-4 * t * m->decrement + slack) {
            double *old = m->x;
            m->x = m->try_x;
            m->try_x = old;
            *length = t;
            return TL_OK;
        }
    }
    return tl_fail(ctx, TL_ENUMERIC,
                   "the search for the mode found no way down (range %.3g cells, sigma %.3g)",
                   sqrt(8.0) / m->q.a, sqrt(1.0 / (4.0 * 3.14159265358979323846 * m->q.c)));
}

/* How far mode->step moves the log-intensity of an observation at most. */
static double longest_move(struct tl_mode *m)
{
    double longest = 0.0;
    for (int64_t o = 0; o < m->model->n_obs; o++)
        longest = fmax(longest, fabs(log_intensity(m, m->step, o)));
    return longest;
}

tl_err tl_mode_find(struct tl_ctx *ctx, struct tl_mode *m, struct tl_stencil_q q)
{
    tl_err err = TL_OK;
    double length = 0.0;
    m->q = q;
    memset(m->half, 0, (size_t)m->model->n_obs * sizeof *m->half);
    for (int k = 0; k < NEWTON_MAX; k++) {
        assemble(m);
        TL_TRY(factor_all(ctx, m));
        TL_TRY(tl_mode_solve(ctx, m, m->gradient, m->step));
        m->n_newton++;
        m->decrement = dot(m->gradient, m->step, m->n + m->k);
        if (!isfinite(m->decrement))
            TL_THROW(ctx, TL_ENUMERIC,
                     "the search for the mode left the range of numbers at step %d", k);
        TL_TRY(line_search(ctx, m, &length));
        if (m->decrement < decrement_ok + decrement_ok_cell * (double)m->n && length == 1.0 &&
            longest_move(m) < move_ok)
            goto done;
    }
    TL_THROW(ctx, TL_ENUMERIC, "the mode was not found in %d Newton steps (decrement %.3g)",
             NEWTON_MAX, m->decrement);
done:
    return err;
}

double tl_mode_variance_of(const struct tl_mode *m, int64_t cell, const double *z)
{
    int64_t n = m->n, k = m->k;
    double sum = m->variance[cell];
    for (int64_t j = 0; j < k; j++) {
        double zj = z[j] - m->v[j * n + cell];
        sum += m->inverse_s[j * k + j] * zj * zj;
        for (int64_t i = 0; i < j; i++)
            sum += 2.0 * m->inverse_s[j * k + i] * zj * (z[i] - m->v[i * n + cell]);
    }
    return sum;
}

tl_err tl_mode_variances(struct tl_ctx *ctx, struct tl_mode *m)
{
    tl_err err = TL_OK;
    TL_TRY(tl_factor_inverse(ctx, m->factor, m->variance, &m->trace_l, &m->trace_l2));
    for (int64_t o = 0; o < m->model->n_obs; o++) {
        tl_mode_row(m, m->model->cell[o], m->model->channel[o], m->z);
        m->obs_variance[o] = tl_mode_variance_of(m, m->model->cell[o], m->z);
    }
done:
    return err;
}

/* out = H in with the weights of now. */
static void apply(struct tl_mode *m, const double *in, double *out)
{
    int64_t n = m->n, k = m->k;
    tl_stencil_apply(&m->model->grid, m->q, in, m->scratch, out);
    for (int64_t i = 0; i < n; i++)
        out[i] += m->w[i] * in[i];
    for (int64_t j = 0; j < k; j++) {
        const double *b = m->b + j * n;
        double g = in[n + j];
        for (int64_t i = 0; i < n; i++)
            out[i] += b[i] * g;
        out[n + j] = dot(b, in, n) + dot(m->d + j * k, in + n, k);
    }
}

/* mode->step = H^-1 gradient, loosely; the old factor preconditions. The gradient is used up. */
static tl_err conjugate_gradients(struct tl_ctx *ctx, struct tl_mode *m)
{
    tl_err err = TL_OK;
    int64_t size = m->n + m->k;
    double *r = m->gradient, *z = m->cg[0], *p = m->cg[1], *hp = m->cg[2], *x = m->step;
    memset(x, 0, (size_t)size * sizeof *x);
    TL_TRY(tl_mode_solve(ctx, m, r, z));
    memcpy(p, z, (size_t)size * sizeof *p);
    double rz = dot(r, z, size), first = rz;
    for (int it = 0; it < CG_MAX && rz > 1e-4 * first; it++) {
        apply(m, p, hp);
        double alpha = rz / dot(p, hp, size);
        for (int64_t i = 0; i < size; i++) {
            x[i] += alpha * p[i];
            r[i] -= alpha * hp[i];
        }
        TL_TRY(tl_mode_solve(ctx, m, r, z));
        double next = dot(r, z, size), beta = next / rz;
        for (int64_t i = 0; i < size; i++)
            p[i] = z[i] + beta * p[i];
        rz = next;
    }
    m->decrement = first;
done:
    return err;
}

tl_err tl_mode_correct(struct tl_ctx *ctx, struct tl_mode *m)
{
    tl_err err = TL_OK;
    double length = 0.0;
    for (int64_t o = 0; o < m->model->n_obs; o++)
        m->half[o] = 0.5 * fmin(m->obs_variance[o], variance_max);
    for (int k = 0; k < NEWTON_MAX; k++) {
        assemble(m);
        TL_TRY(conjugate_gradients(ctx, m));
        TL_TRY(line_search(ctx, m, &length));
        if (m->decrement < correct_ok * (double)m->n && length == 1.0 && longest_move(m) < move_ok)
            goto done;
    }
    TL_THROW(ctx, TL_ENUMERIC, "the mean was not found in %d variational steps (decrement %.3g)",
             NEWTON_MAX, m->decrement);
done:
    return err;
}
