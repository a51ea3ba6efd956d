#include "unit.h"

#include "field/small.h"

/* Dense Cholesky-free algebra: Gauss-Jordan on a copy; returns log|a|. */
static double invert(int n, const double *a, double *inverse)
{
    static double work[ALL * ALL];
    double logs = 0.0;
    memcpy(work, a, (size_t)(n * n) * sizeof *work);
    for (int i = 0; i < n * n; i++)
        inverse[i] = i % (n + 1) == 0;
    for (int k = 0; k < n; k++) {
        double pivot = work[k * n + k];
        logs += log(pivot);
        for (int j = 0; j < n; j++) {
            work[k * n + j] /= pivot;
            inverse[k * n + j] /= pivot;
        }
        for (int i = 0; i < n; i++) {
            double f = work[i * n + k];
            for (int j = 0; i != k && j < n; j++) {
                work[i * n + j] -= f * work[k * n + j];
                inverse[i * n + j] -= f * inverse[k * n + j];
            }
        }
    }
    return logs;
}

/* The prior's precision, dense, from the definition in metres: h^2 tau^2 (kappa^2 + L)^2. */
static void dense_prior(const struct set *s, double range, double sigma, double *p)
{
    static double root[N * N];
    double h = 2.0, kappa2 = 8.0 / (range * range),
           tau2 = 1.0 / (4.0 * 3.14159265358979 * kappa2 * sigma * sigma);
    memset(p, 0, ALL * ALL * sizeof *p);
    for (int i = 0; i < N; i++) {
        double degree = 0.0;
        for (int j = 0; j < N; j++) {
            int near = abs(i % N_X - j % N_X) + abs(i / N_X - j / N_X) == 1;
            degree += near;
            root[i * N + j] = -near / (h * h);
        }
        root[i * N + i] = kappa2 + degree / (h * h);
    }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int k = 0; k < N; k++)
                p[i * ALL + j] += tau2 * h * h * root[i * N + k] * root[k * N + j];
    for (int j = 0; j < FIXED; j++)
        p[(N + j) * ALL + N + j] = s->scale.prior_prec[j];
}

/* Newton on everything at once with dense matrices; returns the log posterior of theta, fills mode and covariance. */
static double dense_laplace(const struct set *s, double range, double sigma, double *x,
                            double *covariance)
{
    static double p[ALL * ALL], h[ALL * ALL], scrap[ALL * ALL];
    double mean[ALL] = {0}, value = 0.0, logdet_h = 0.0;
    dense_prior(s, range, sigma, p);
    for (int j = 0; j < FIXED; j++)
        mean[N + j] = s->scale.prior_mean[j];
    memcpy(x, mean, sizeof mean);
    for (int it = 0; it < 200; it++) {
        double g[ALL] = {0};
        value = 0.0;
        memcpy(h, p, sizeof h);
        for (int i = 0; i < ALL; i++) {
            for (int j = 0; j < ALL; j++)
                g[i] += p[i * ALL + j] * (x[j] - mean[j]);
            value -= 0.5 * g[i] * (x[i] - mean[i]);
        }
        for (int o = 0; o < 2 * N; o++) {
            int c = o / N, i = o % N;
            double row[ALL] = {0}, l = 0.0;
            row[i] = row[N] = row[N + 2 + c] = 1.0;
            row[N + 1] = (cov[i] - s->scale.cov_mean[0]) / s->scale.cov_sd[0];
            for (int j = 0; j < ALL; j++)
                l += row[j] * x[j];
            double e = effort[c][i], mu = e * exp(l);
            value += e > 0.0 ? counts[c][i] * (l + log(e)) - mu - lgamma(counts[c][i] + 1.0) : 0.0;
            for (int a = 0; a < ALL; a++) {
                g[a] += (mu - counts[c][i]) * row[a];
                for (int b = 0; row[a] != 0.0 && b < ALL; b++)
                    h[a * ALL + b] += mu * row[a] * row[b];
            }
        }
        logdet_h = invert(ALL, h, covariance);
        for (int i = 0; i < ALL; i++)
            for (int j = 0; j < ALL; j++)
                x[i] -= (it < 30 ? 0.5 : 1.0) * covariance[i * ALL + j] * g[j];
    }
    return value + 0.5 * (invert(ALL, p, scrap) - logdet_h);
}

static double range_prior(double range, double sigma)
{
    return log(9.0) - 2.0 * log(range) - 9.0 / range + log(range) + log(1.2) - 1.2 * sigma +
           log(sigma);
}

TEST(mode_variances_and_evidence_agree_with_dense_algebra)
{
    static double x[ALL], covariance[ALL * ALL];
    const double at[][2] = {{8.0, 1.0}, {3.0, 0.4}, {40.0, 2.0}};
    struct set s;
    CHECK_OK(set_init(ctx, &s));
    CHECK(s.mode.k == FIXED);
    for (int k = 0; k < 3; k++) {
        struct tl_laplace_point point;
        double t[2] = {log(at[k][0]), log(at[k][1])};
        CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &point));
        double value = dense_laplace(&s, at[k][0], at[k][1], x, covariance);
        CHECK_NEAR(point.value, value + range_prior(at[k][0], at[k][1]), 1e-4);
        for (int i = 0; i < ALL; i++)
            CHECK_NEAR(s.mode.x[i], x[i], 1e-3);
        for (int64_t o = 0; o < s.model.n_obs; o++) {
            double row[ALL] = {0}, v = 0.0;
            tl_mode_row(&s.mode, s.model.cell[o], s.model.channel[o], row + N);
            row[s.model.cell[o]] = 1.0;
            for (int a = 0; a < ALL; a++)
                for (int b = 0; b < ALL; b++)
                    v += row[a] * row[b] * covariance[a * ALL + b];
            CHECK_NEAR(s.mode.obs_variance[o], v, 2e-3 * v);
        }
        for (int i = 0; i < N; i++) { /* unsearched cells too: u + intercept + coefficient */
            double row[ALL] = {0}, v = 0.0;
            tl_mode_row(&s.mode, i, -1, row + N);
            row[i] = 1.0;
            for (int a = 0; a < ALL; a++)
                for (int b = 0; b < ALL; b++)
                    v += row[a] * row[b] * covariance[a * ALL + b];
            CHECK_NEAR(tl_mode_variance_of(&s.mode, i, row + N), v, 2e-3 * v);
        }
    }
    set_fini(&s);
}

TEST(gradient_agrees_with_differences)
{
    struct set s;
    CHECK_OK(set_init(ctx, &s));
    const double at[][2] = {{8.0, 1.0}, {3.0, 0.4}, {40.0, 2.0}};
    for (int k = 0; k < 3; k++)
        for (int j = 0; j < 2; j++) {
            struct tl_laplace_point here, up, down;
            double t[2] = {log(at[k][0]), log(at[k][1])}, step = 0.02;
            CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &here));
            /* Twice, so that the mode is settled far below the search's own tolerance. */
            CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &here));
            t[j] += step;
            CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &up));
            t[j] -= 2.0 * step;
            CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &down));
            CHECK_NEAR(here.gradient[j], (up.value - down.value) / (2.0 * step),
                       5e-3 * (1.0 + fabs(here.gradient[j])));
        }
    set_fini(&s);
}
