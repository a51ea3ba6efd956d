/*
 * Does an exact posterior of range and sigma lean at a fixed truth?
 *
 * bench_lean SIDE RANGE SIGMA NOISE RUNS
 *   The same field on SIDE x SIDE cells, seen in every cell with normal noise of standard deviation NOISE. Then nothing is approximated: in the
 *   basis of cosines the observations are independent, their likelihood is a sum, and theta is integrated out on a dense grid, once
 *   with the default priors and once with flat ones (on the logs). A line for each prior: how the posterior mean lies to the truth, in posterior sds,
 *   as `bench_theta calibrate` tells it of the engines.
 * A bench: it may print.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/rng.h"
#include "field/lattice.h"

enum { GRID = 49 };
static const double reach = 6.0; /* of the grid, in the sds of the Fisher information */

struct spectrum {
    int64_t n;
    double *l, *y2; /* owns: [n] eigenvalues of the Laplacian; squares of the observations */
    double noise2;
};

static double variance_of(double l, const double t[2], double noise2)
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, exp(t[0]), exp(t[1]));
    double k = q.a + l / q.a;
    return 1.0 / (q.c * k * k) + noise2;
}

static double log_likelihood(const struct spectrum *s, const double t[2])
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, exp(t[0]), exp(t[1]));
    double sum = 0.0, product = 1.0;
    for (int64_t i = 0; i < s->n; i++) {
        double k = q.a + s->l[i] / q.a, v = 1.0 / (q.c * k * k) + s->noise2;
        sum += s->y2[i] / v;
        product *= v;
        if (i % 32 == 31) {
            sum += log(product);
            product = 1.0;
        }
    }
    return -0.5 * (sum + log(product));
}

/* Fisher's information of log range and log sigma, by differences of the variances. */
static void information(const struct spectrum *s, const double t[2], double out[3])
{
    const double h = 1e-4;
    memset(out, 0, 3 * sizeof *out);
    for (int64_t i = 0; i < s->n; i++) {
        double v = variance_of(s->l[i], t, s->noise2), d[2];
        for (int j = 0; j < 2; j++) {
            double to[2] = {t[0], t[1]};
            to[j] += h;
            d[j] = (variance_of(s->l[i], to, s->noise2) - v) / (h * v);
        }
        out[0] += 0.5 * d[0] * d[0];
        out[1] += 0.5 * d[0] * d[1];
        out[2] += 0.5 * d[1] * d[1];
    }
}

struct lean {
    double sum[2], square[2], sd[2], low[2], high[2];
};

/* Moments of range and sigma over the grid's weights, put beside the truth. */
static void add(struct lean *a, const double *value, const double prior[2], const double *ts,
                const double truth[2])
{
    double top = -INFINITY, mass = 0.0, first[2] = {0.0, 0.0}, second[2] = {0.0, 0.0},
           below[2] = {0.0, 0.0};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < GRID * GRID; i++) {
            const double *t = ts + 2 * (ptrdiff_t)i;
            double p = value[i];
            if (prior != NULL)
                p += -prior[0] * exp(-t[0]) - t[0] - prior[1] * exp(t[1]) + t[1];
            if (pass == 0) {
                top = fmax(top, p);
                continue;
            }
            double w = exp(p - top);
            mass += w;
            for (int j = 0; j < 2; j++) {
                first[j] += w * exp(t[j]);
                second[j] += w * exp(2.0 * t[j]);
                below[j] += t[j] < log(truth[j]) ? w : 0.0;
            }
        }
    for (int j = 0; j < 2; j++) {
        double mean = first[j] / mass, sd = sqrt(second[j] / mass - mean * mean);
        double z = (mean - truth[j]) / sd;
        a->sum[j] += z;
        a->square[j] += z * z;
        a->sd[j] += sd / mean;
        a->low[j] += below[j] / mass < 0.025;
        a->high[j] += below[j] / mass > 0.975;
    }
}

static void run(const struct spectrum *s, uint64_t seed, const double truth[2],
                const double scale[2], double tilt, double *value, double *ts)
{
    struct tl_rng rng = tl_rng_make(seed, 0x6c65);
    const double at[2] = {log(truth[0]), log(truth[1])};
    for (int64_t i = 0; i < s->n; i++) {
        double z = tl_rng_normal(rng, (uint64_t)i);
        s->y2[i] = z * z * variance_of(s->l[i], at, s->noise2);
    }
    for (int a = 0; a < GRID; a++)
        for (int b = 0; b < GRID; b++) {
            double z0 = reach * (2.0 * a / (GRID - 1.0) - 1.0),
                   z1 = reach * (2.0 * b / (GRID - 1.0) - 1.0);
            double *t = ts + 2 * (ptrdiff_t)(a * GRID + b);
            t[0] = at[0] + scale[0] * z0;
            t[1] = at[1] + tilt * scale[0] * z0 + scale[1] * z1;
            value[a * GRID + b] = log_likelihood(s, t);
        }
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    if (ctx == NULL || argc < 6)
        return 2;
    int64_t side = atoll(argv[1]), runs = atoll(argv[5]);
    const double truth[2] = {atof(argv[2]), atof(argv[3])};
    const double t[2] = {log(truth[0]), log(truth[1])};
    /* The default priors for such a grid, as tl_lattice_theta_priors has them. */
    struct tl_lattice_data size = {.n_x = side, .n_y = side, .step_m = 1.0};
    struct tl_field_options o = tl_field_options_default();
    struct tl_lattice_theta f = {0};
    struct spectrum s = {.n = side * side, .noise2 = atof(argv[4]) * atof(argv[4])};
    struct lean lean[2] = {{.sum = {0.0}}, {.sum = {0.0}}};
    double *value = NULL, *ts = NULL, c[3];
    tl_err err = TL_OK;
    tl_lattice_theta_priors(&size, &o, &f);
    const double prior[2] = {f.prior.lambda_range, f.prior.lambda_sigma};
    TL_TRY_ALLOC(ctx, s.l, s.n);
    TL_TRY_ALLOC(ctx, s.y2, s.n);
    TL_TRY_ALLOC(ctx, value, GRID * GRID);
    TL_TRY_ALLOC(ctx, ts, 2 * GRID * GRID);
    for (int64_t i = 0; i < s.n; i++)
        s.l[i] = tl_stencil_eigenvalue(i % side, side) + tl_stencil_eigenvalue(i / side, side);
    information(&s, t, c);
    double det = c[0] * c[2] - c[1] * c[1];
    const double scale[2] = {sqrt(c[2] / det), sqrt(1.0 / c[2])};
    for (int64_t k = 0; k < runs; k++) {
        run(&s, (uint64_t)k + 1, truth, scale, -c[1] / c[2], value, ts);
        add(&lean[0], value, prior, ts, truth);
        add(&lean[1], value, NULL, ts, truth);
    }
    for (int p = 0; p < 2; p++)
        for (int j = 0; j < 2; j++) {
            double n = (double)runs, mean = lean[p].sum[j] / n;
            printf("%-13s %-5s (mean - truth)/sd %+.3f +- %.3f, relative sd %.3f, below 2.5 %% "
                   "%.0f, above 97.5 %% %.0f of %lld\n",
                   p == 0 ? "default prior" : "flat", j == 0 ? "range" : "sigma", mean,
                   sqrt((lean[p].square[j] / n - mean * mean) / n), lean[p].sd[j] / n,
                   lean[p].low[j], lean[p].high[j], (long long)runs);
        }
done:
    tl_free(s.l);
    tl_free(s.y2);
    tl_free(value);
    tl_free(ts);
    tl_ctx_free(ctx);
    return tl_err_exit(err);
}
