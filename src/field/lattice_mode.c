/*
 * Newton without a factor. The step solves [A B; B' D] step = gradient by conjugate gradients for A (multigrid.h) and a dense
 * border. Solves are inexact: V = A^-1 B is carried over from step to step, and the step is
 *     P^-1 gradient,  P^-1 = [A^-1 0; 0 0] + [-V; I] S^-1 [-V; I]',
 * which is positive definite whatever V is, so it goes down; with S = (-V, I)' H (-V, I) it is the best that the
 * border can do with that V, and a V a little off costs a step more and nothing else. The tolerance follows the
 * gradient's fall (Eisenstat, Walker 1996, choice 2); the line search makes sure of the rest. The end: a full step that moves no
 * cell by more than `longest_ok`; convergence being quadratic, what is left is a ten-thousandth.
 */
#include <math.h>
#include <string.h>

#include "field/lattice.h"
#include "par/par.h"

enum { NEWTON_MAX = 60, HALVINGS_MAX = 40 };

static const double newton_enough = 0.3, enough = 5e-3;

static const double longest_ok = 0.02, correct_ok = 0.005, tolerance_first = 0.1,
                    tolerance_last = 1e-4, tolerance_border = 0.02, tolerance_border_last = 1e-6;

static tl_err alloc_each(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *d = m->data;
    TL_TRY_ALLOC(ctx, m->b, m->batch);
    TL_TRY_ALLOC(ctx, m->v, m->k);
    TL_TRY_ALLOC(ctx, m->mean, d->n_channels);
    for (int j = 0; j < m->batch; j++)
        TL_TRY_PAR_ALLOC(ctx, m->b[j], m->n);
    for (int64_t j = 0; j < m->k; j++)
        TL_TRY_PAR_ALLOC(ctx, m->v[j], m->n);
    for (int64_t c = 0; c < d->n_channels; c++)
        if (d->scale.effect[c] >= 0) {
            TL_TRY_PAR_ALLOC(ctx, m->mean[c], d->n_x * d->n_y);
            m->bytes += 4 * d->n_x * d->n_y;
        }
    m->bytes += 4 * m->n * (m->batch + m->k);
done:
    return err;
}

tl_err tl_lattice_mode_init(struct tl_ctx *ctx, const struct tl_lattice_data *data, int batch,
                            struct tl_lattice_mode *mode)
{
    tl_err err = TL_OK;
    int64_t n = data->grid.n, k = data->scale.n_fixed;
    struct tl_lattice_mode m = {
        .data = data, .n = n, .k = k, .batch = batch, .solve_max = TL_LATTICE_SOLVE_MAX};
    double **small[] = {&m.g, &m.gradient_g, &m.dg, &m.d, &m.s, &m.inverse_s, &m.held_s, &m.border};
    float **large[] = {&m.u, &m.w, &m.gradient, &m.step};
    if (k > TL_LATTICE_FIXED_MAX)
        TL_THROW(ctx, TL_EDATA, "%lld covariates and channels with an effect; at most %d are taken",
                 (long long)k - 1, TL_LATTICE_FIXED_MAX - 1);
    m.n_tiles = tl_lattice_pass_tiles(&data->grid);
    m.part_size = 2 + k + k * k;
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
        TL_TRY_ALLOC(ctx, *small[i], i < 3 ? k : k * k);
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
        TL_TRY_PAR_ALLOC(ctx, *large[i], n);
    TL_TRY_ALLOC(ctx, m.parts, m.n_tiles * m.part_size);
    m.bytes = 16 * n + 8 * m.n_tiles * m.part_size;
    TL_TRY(alloc_each(ctx, &m));
    *mode = m;
    m = (struct tl_lattice_mode){0};
done:
    tl_lattice_mode_fini(&m);
    return err;
}

static void free_each(float **arrays, int64_t n)
{
    for (int64_t i = 0; arrays != NULL && i < n; i++)
        tl_free(arrays[i]);
    tl_free(arrays);
}

void tl_lattice_mode_fini(struct tl_lattice_mode *m)
{
    double *small[] = {m->g,         m->gradient_g, m->dg,     m->d,    m->s,
                       m->inverse_s, m->held_s,     m->border, m->parts};
    float *large[] = {m->u, m->w, m->gradient, m->step, m->variance};
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++)
        tl_free(small[i]);
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
        tl_free(large[i]);
    free_each(m->b, m->batch);
    free_each(m->v, m->k);
    free_each(m->mean, m->data != NULL ? m->data->n_channels : 0);
    tl_multigrid_free(m->multigrid);
    *m = (struct tl_lattice_mode){0};
}

void tl_lattice_mode_start(struct tl_lattice_mode *m)
{
    const struct tl_model_scale *scale = &m->data->scale;
    memset(m->u, 0, (size_t)m->n * sizeof *m->u);
    for (int64_t j = 0; j < m->k; j++) {
        m->g[j] = scale->prior_mean[j];
        memset(m->v[j], 0, (size_t)m->n * sizeof *m->v[j]);
    }
    m->g[0] = log((scale->total_count + 0.5) / scale->total_effort);
}

tl_err tl_lattice_mode_open(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    if (m->multigrid != NULL)
        return TL_OK;
    m->w_is_set = false;
    return tl_multigrid_create(ctx, &m->data->grid, m->batch, TL_MULTIGRID_BEST, &m->multigrid);
}

void tl_lattice_mode_close(struct tl_lattice_mode *m)
{
    tl_multigrid_free(m->multigrid);
    m->multigrid = NULL;
}

tl_err tl_lattice_mode_set(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    tl_err err = TL_OK;
    TL_TRY(tl_lattice_mode_open(ctx, m));
    if (!m->w_is_set)
        TL_TRY(tl_multigrid_set(ctx, m->multigrid, m->q, m->w));
    m->w_is_set = true;
done:
    return err;
}

tl_err tl_lattice_mode_solve(struct tl_ctx *ctx, struct tl_lattice_mode *m, int n, float *const *b,
                             float *const *x, double tolerance)
{
    tl_err err = TL_OK;
    TL_TRY(tl_lattice_mode_set(ctx, m));
    for (int at = 0; at < n; at += m->batch) {
        struct tl_multigrid_report report = {0};
        int now = n - at < m->batch ? n - at : m->batch;
        err = tl_multigrid_solve(ctx, m->multigrid, now, (const float *const *)(b + at), x + at,
                                 tolerance, m->solve_max, &report);
        /*
         * Where single precision ends before the tolerance does, what was reached is taken if it is good enough: for a Newton step
         * nearly anything is, as the line search judges it.
         */
        if (err == TL_ENUMERIC && report.residual <= (m->searching ? newton_enough : enough))
            err = TL_OK;
        TL_TRY(err);
        m->n_iterations += (int64_t)report.iterations * now;
        m->bytes_moved += report.bytes_read + report.bytes_written;
    }
done:
    return err;
}

static tl_err solve_columns(struct tl_ctx *ctx, struct tl_lattice_mode *m, double tolerance)
{
    tl_err err = TL_OK;
    for (int64_t at = 0; at < m->k; at += m->batch) {
        int now = m->k - at < m->batch ? (int)(m->k - at) : m->batch;
        for (int j = 0; j < now; j++)
            tl_lattice_pass_column(ctx, m, at + j, m->b[j]);
        TL_TRY(tl_lattice_mode_solve(ctx, m, now, m->b, m->v + at, tolerance));
    }
done:
    return err;
}

/* S = (-V, I)' H (-V, I) = D - B'V - V'B + V'AV for the V at hand. */
tl_err tl_lattice_mode_s(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    tl_err err = TL_OK;
    int64_t k = m->k;
    TL_TRY(tl_lattice_mode_set(ctx, m));
    tl_lattice_pass_border(ctx, m);
    for (int64_t j = 0; j < k; j++) {
        tl_multigrid_apply(ctx, m->multigrid, m->v[j], m->step, NULL);
        for (int64_t i = 0; i <= j; i++) {
            double s = m->d[j * k + i] - m->border[j * k + i] - m->border[i * k + j] +
                       tl_lattice_pass_dot(ctx, m->n, m->v[i], m->step);
            m->s[j * k + i] = m->s[i * k + j] = s;
        }
    }
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(tl_mode_invert(ctx, m->k, m->s, m->inverse_s, NULL));
done:
    return err;
}

/* As above for a V that is solved: S = D - B'V. */
tl_err tl_lattice_mode_border(struct tl_ctx *ctx, struct tl_lattice_mode *m, double tolerance)
{
    tl_err err = TL_OK;
    int64_t k = m->k;
    TL_TRY(tl_lattice_pass_assemble(ctx, m));
    TL_TRY(solve_columns(ctx, m, tolerance));
    tl_lattice_pass_border(ctx, m);
    TL_TRY(tl_cancelled(ctx));
    for (int64_t j = 0; j < k; j++)
        for (int64_t i = 0; i <= j; i++)
            m->s[j * k + i] = m->s[i * k + j] =
                m->d[j * k + i] - 0.5 * (m->border[j * k + i] + m->border[i * k + j]);
    TL_TRY(tl_mode_invert(ctx, m->k, m->s, m->inverse_s, NULL));
done:
    return err;
}

struct finish_job {
    const struct tl_lattice_mode *m;
    const double *g;
    float *u;
};

static void finish_chunk(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct finish_job *job = user;
    (void)chunk;
    for (int64_t i = first; i < last; i++) {
        double sum = (double)job->u[i];
        for (int64_t j = 0; j < job->m->k; j++)
            sum -= (double)job->m->v[j][i] * job->g[j];
        job->u[i] = (float)sum;
    }
}

void tl_lattice_mode_finish_solve(struct tl_ctx *ctx, struct tl_lattice_mode *m, const double *in_g,
                                  const double *in_v, float *x_u, double *x_g)
{
    int64_t k = m->k;
    for (int64_t j = 0; j < k; j++) {
        x_g[j] = 0.0;
        for (int64_t i = 0; i < k; i++)
            x_g[j] += m->inverse_s[j * k + i] * (in_g[i] - in_v[i]);
    }
    struct finish_job job = {m, x_g, x_u};
    tl_par_for(ctx, m->n, 65536, finish_chunk, &job);
}

/*
 * V's tolerance. Where a few cells hold most of the weight, S is a small difference of large numbers and a V that is a
 * little off makes steps in g far too short: steps that do not shrink as Newton's should are the sign.
 */
static double next_border(double before, double longest_before, const struct tl_lattice_mode *m)
{
    bool slow = m->longest > 0.4 * longest_before && m->longest < 2.0;
    return slow ? fmax(0.1 * before, tolerance_border_last) : before;
}

static tl_err newton_step(struct tl_ctx *ctx, struct tl_lattice_mode *m, double tolerance,
                          double tolerance_v)
{
    tl_err err = TL_OK;
    int64_t k = m->k;
    if (!m->correct)
        TL_TRY(solve_columns(ctx, m, tolerance_v));
    TL_TRY(tl_lattice_mode_s(ctx, m));
    tl_par_zero(ctx, m->step, m->n * (int64_t)sizeof(float));
    TL_TRY(tl_lattice_mode_solve(ctx, m, 1, &m->gradient, &m->step, tolerance));
    for (int64_t j = 0; j < k; j++)
        m->border[j] = m->gradient_g[j] - tl_lattice_pass_dot(ctx, m->n, m->v[j], m->gradient);
    for (int64_t j = 0; j < k; j++) {
        m->dg[j] = 0.0;
        for (int64_t i = 0; i < k; i++)
            m->dg[j] += m->inverse_s[j * k + i] * m->border[i];
    }
    tl_lattice_pass_combine(ctx, m);
    for (int64_t j = 0; j < k; j++)
        m->longest = fmax(m->longest, fabs(m->dg[j]));
    m->n_newton++;
    TL_TRY(tl_cancelled(ctx));
done:
    return err;
}

/* (u, g) minus the longest of 1, 1/2, 1/4.. steps that makes the objective go down enough; assembled there. */
static tl_err line_search(struct tl_ctx *ctx, struct tl_lattice_mode *m, double *length)
{
    tl_err err = TL_OK;
    double here = m->objective, t = 1.0;
    /* Close to the mode the gain drowns in rounding, that of sums and that of u itself, and the full step is right. */
    double roundings = 1.2e-15 * 20.0 * m->q.c / (m->q.a * m->q.a);
    double slack = 1e-11 * (fabs(here) + (double)m->data->n_searched) +
                   roundings * tl_lattice_pass_dot(ctx, m->n, m->u, m->u);
    tl_lattice_pass_move(ctx, m, -1.0);
    for (int k = 0; k < HALVINGS_MAX; k++, t *= 0.5) {
        TL_TRY(tl_lattice_pass_assemble(ctx, m));
        if (m->objective <= here - 1e-4 * t * m->decrement + slack) {
            *length = t;
            goto done;
        }
        tl_lattice_pass_move(ctx, m, 0.5 * t);
    }
    tl_lattice_pass_move(ctx, m, t);
    TL_THROW(ctx, TL_ENUMERIC,
             "the search for the mode found no way down (range %.3g cells, sigma %.3g)",
             sqrt(8.0) / m->q.a, sqrt(1.0 / (4.0 * 3.14159265358979323846 * m->q.c)));
done:
    return err;
}

static double gradient_norm(struct tl_ctx *ctx, const struct tl_lattice_mode *m)
{
    return sqrt(tl_lattice_pass_dot(ctx, m->n, m->gradient, m->gradient));
}

static tl_err search(struct tl_ctx *ctx, struct tl_lattice_mode *m, struct tl_stencil_q q,
                     bool correct)
{
    tl_err err = TL_OK;
    double length = 0.0, tolerance = tolerance_first, tolerance_v = tolerance_border;
    double ok = m->longest_ok > 0.0 ? m->longest_ok : correct ? correct_ok : longest_ok;
    double tolerance_ok = (m->longest_ok > 0.0 ? 100.0 : 10.0) * tolerance_last;
    m->q = q;
    m->correct = correct;
    TL_TRY(tl_lattice_pass_assemble(ctx, m));
    if (!isfinite(m->objective))
        TL_THROW(ctx, TL_ENUMERIC,
                 "expected counts at the start are beyond single precision: are counts and effort "
                 "[m2] in their units?");
    double norm = gradient_norm(ctx, m);
    for (int k = 0; k < NEWTON_MAX; k++) {
        double longest = k > 0 ? m->longest : INFINITY;
        err = newton_step(ctx, m, tolerance, tolerance_v);
        if (err != TL_OK) {
            err = tl_fail_at(ctx, err, "Newton step %d", k + 1);
            goto done;
        }
        if (!(m->decrement >= 0.0) || !isfinite(m->decrement))
            TL_THROW(ctx, TL_ENUMERIC,
                     "Newton step %d: the search for the mode left the range of numbers", k + 1);
        double used = tolerance;
        TL_TRY(line_search(ctx, m, &length));
        if (length == 1.0 && m->longest < ok && used <= tolerance_ok)
            goto done;
        tolerance_v = next_border(tolerance_v, longest, m);
        double after = gradient_norm(ctx, m), ratio = after / norm;
        tolerance = fmin(tolerance_first, fmax(tolerance_last, 0.5 * ratio * ratio));
        if (m->longest < 0.2)
            tolerance = tolerance_last;
        norm = after;
    }
    TL_THROW(ctx, TL_ENUMERIC, "the mode was not found in %d Newton steps (longest move %.3g)",
             NEWTON_MAX, m->longest);
done:
    return err;
}

tl_err tl_lattice_mode_find(struct tl_ctx *ctx, struct tl_lattice_mode *m, struct tl_stencil_q q,
                            bool correct)
{
    m->searching = true;
    tl_err err = search(ctx, m, q, correct);
    m->searching = false;
    return err;
}
