/*
 * Simulation-based calibration (Talts et al. 2018): parameters from the prior, data from the parameters, posterior from the data; then
 * the truth's rank in its posterior is uniform. For range, sigma, intercept and coefficient the posterior is known by three
 * quantiles, so ranks fall into four bins (2.5, 47.5, 47.5, 2.5 %); the area's mean log density and its expected number of
 * items, which need joint samples, are ranked among 99 of them, in ten bins.
 *
 * A range far beyond the lattice makes the field's level vary without bound (Neumann edges), and a count may then exceed any
 * number: such draws, a few in a hundred, are left out and counted.
 *
 * The bounds are chi-square points at 1e-4 for 3 and 9 degrees of freedom: a calibrated engine fails once in 2000 runs.
 */
#include "unit.h"

#include "core/rng.h"
#include "tilth/field.h"

enum { SIDE = 22, PAD = 7, WHOLE = SIDE + 2 * PAD, CELLS = SIDE * SIDE, RUNS = 300, SAMPLES = 99 };

static const double lambda_range = 2.302585 * 2.5,
                    lambda_sigma = 2.995732; /* P(range < 2.5) = 0.1, P(sigma > 1) = 0.05 */
static const double intercept_mean = 0.3, intercept_sd = 0.7, slope_sd = 0.5;

enum { RANGE, SIGMA, INTERCEPT, SLOPE, N_PARAMETERS };
static const char *const names[] = {"range", "sigma", "intercept", "coefficient"};

struct truth {
    double value[N_PARAMETERS];
    double eta[CELLS], x[CELLS], counts[CELLS], effort[CELLS];
};

static bool is_extreme(const struct truth *t)
{
    bool extreme = false;
    for (int i = 0; i < CELLS; i++)
        extreme = extreme || t->eta[i] > 9.0;
    return extreme;
}

static tl_err simulate(struct tl_ctx *ctx, uint64_t seed, struct truth *t)
{
    static double u[WHOLE * WHOLE];
    struct tl_rng rng = tl_rng_make(seed, 4711);
    t->value[RANGE] = lambda_range / -log(tl_rng_uniform(rng, 0));
    t->value[SIGMA] = -log(tl_rng_uniform(rng, 1)) / lambda_sigma;
    t->value[INTERCEPT] = intercept_mean + intercept_sd * tl_rng_normal(rng, 2);
    t->value[SLOPE] = slope_sd * tl_rng_normal(rng, 3);
    tl_err err =
        tl_field_draw_prior(ctx, WHOLE, WHOLE, 1.0, t->value[RANGE], t->value[SIGMA], seed, u);
    for (uint64_t i = 0; i < CELLS; i++) {
        uint64_t block = i / SIDE / 3 * SIDE + i % SIDE / 3;
        t->x[i] = tl_rng_normal(tl_rng_fork(rng, 1), i);
        t->eta[i] = t->value[INTERCEPT] + t->value[SLOPE] * t->x[i] +
                    u[(i / SIDE + PAD) * WHOLE + i % SIDE + PAD];
        t->effort[i] = tl_rng_uniform(tl_rng_fork(rng, 2), block) < 0.7 ? 1.0 : 0.0;
        t->counts[i] = (double)tl_rng_poisson(tl_rng_fork(rng, 3), i,
                                              t->effort[i] * exp(fmin(t->eta[i], 9.0)));
    }
    t->effort[0] = 1.0;
    t->counts[0] = (double)tl_rng_poisson(tl_rng_fork(rng, 3), 0, exp(fmin(t->eta[0], 9.0)));
    return err;
}

static tl_err fit(struct tl_ctx *ctx, const struct truth *t, uint64_t seed,
                  struct tl_field_result *r)
{
    struct tl_field_channel channel = {.name = "search", .counts = t->counts, .effort = t->effort};
    struct tl_field_covariate x = {.name = "x", .values = t->x, .prior_sd = slope_sd};
    struct tl_field_input input = {.n_x = SIDE,
                                   .n_y = SIDE,
                                   .step_m = 1.0,
                                   .n_channels = 1,
                                   .channels = &channel,
                                   .n_covariates = 1,
                                   .covariates = &x};
    struct tl_field_options o = tl_field_options_default();
    o.range_prior_m = 2.5;
    o.range_prior_p = 0.1;
    o.sigma_prior = 1.0;
    o.sigma_prior_p = 0.05;
    o.intercept_prior_mean = intercept_mean;
    o.intercept_prior_sd = intercept_sd;
    o.pad_m = PAD;
    o.n_samples = SAMPLES;
    o.seed = seed;
    return tl_field_fit(ctx, &input, &o, r);
}

static int quantile_bin(const struct tl_estimate *e, double truth)
{
    return (truth > e->q025) + (truth > e->q50) + (truth > e->q975);
}

/* Bin of the truth's rank among the samples for the mean of eta and for the sum of densities. */
static void sample_bins(const struct truth *t, const struct tl_field_result *r, int bins[2])
{
    double mean = 0.0, sum = 0.0;
    int below[2] = {0, 0};
    for (int i = 0; i < CELLS; i++) {
        mean += t->eta[i];
        sum += exp(t->eta[i]);
    }
    for (int s = 0; s < SAMPLES; s++) {
        double m = 0.0, e = 0.0;
        for (int i = 0; i < CELLS; i++) {
            m += r->samples[s * CELLS + i];
            e += exp(r->samples[s * CELLS + i]);
        }
        below[0] += m < mean;
        below[1] += e < sum;
    }
    for (int k = 0; k < 2; k++)
        bins[k] = below[k] / 10;
}

static double chi_square(const char *name, const int *bins, int n_bins, const double *share)
{
    double sum = 0.0;
    printf("  %-18s", name);
    for (int k = 0; k < n_bins; k++) {
        double expected = RUNS * (share != NULL ? share[k] : 1.0 / n_bins);
        sum += pow(bins[k] - expected, 2.0) / expected;
        printf(" %4d", bins[k]);
    }
    printf("  chi-square %.1f\n", sum);
    return sum;
}

TEST(ranks_of_the_truth_are_uniform)
{
    static struct truth t;
    static const double share[] = {0.025, 0.475, 0.475, 0.025};
    int bins[N_PARAMETERS][4] = {{0}}, ranks[2][10] = {{0}};
    double covered = 0.0;
    int n_left_out = 0;
    for (uint64_t run = 0; run < RUNS + (uint64_t)n_left_out; run++) {
        struct tl_field_result r;
        int at[2];
        CHECK_OK(simulate(ctx, run + 1, &t));
        if (is_extreme(&t)) {
            n_left_out++;
            continue;
        }
        CHECK_OK(fit(ctx, &t, run + 1, &r));
        const struct tl_estimate *e[] = {&r.range_m, &r.sigma, &r.intercept, &r.coefficients[0]};
        for (int k = 0; k < N_PARAMETERS; k++)
            bins[k][quantile_bin(e[k], t.value[k])]++;
        sample_bins(&t, &r, at);
        ranks[0][at[0]]++;
        ranks[1][at[1]]++;
        for (int i = 0; i < CELLS; i++)
            covered += fabs(r.log_density_mean[i] - t.eta[i]) < 1.959964 * r.log_density_sd[i];
        tl_field_result_fini(&r);
    }
    printf("  %d draws left out\n", n_left_out);
    CHECK(n_left_out < RUNS / 10);
    printf("  coverage of the cells' 95 %% intervals %.4f\n", covered / (RUNS * (double)CELLS));
    double worst4 = 0.0, worst10 = 0.0;
    for (int k = 0; k < N_PARAMETERS; k++)
        worst4 = fmax(worst4, chi_square(names[k], bins[k], 4, share));
    worst10 = fmax(chi_square("mean log density", ranks[0], 10, NULL),
                   chi_square("expected items", ranks[1], 10, NULL));
    CHECK(worst4 < 21.1);
    CHECK(worst10 < 33.7);
    CHECK_NEAR(covered / (RUNS * (double)CELLS), 0.95, 0.01);
}
