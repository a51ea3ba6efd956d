/*
 * Simulation-based calibration (Talts et al. 2018) of the lattice engine where `auto` takes it: 25,600 cells, two channels, one of
 * which has an effort of unknown scale, a covariate, a margin. Range, sigma, fixed effects and the channel's effect come from their
 * priors (the default ones for the range), the field from the same precision on the same lattice with the same margin, counts from the field;
 * items number from none to tens of thousands. Then the truth's place in its posterior is uniform:
 * - range, sigma, intercept, coefficient and effect by the three quantiles that are told of each (2.5, 47.5, 47.5, 2.5 %), and as normal
 *   deviates on the log scale, whose mean and Kolmogorov's distance are bounded;
 * - sums over the area, over blocks and single cells by their rank among 99 joint samples, in ten bins;
 * - the cells' 95 % intervals by what they cover.
 * Bounds are those of chance at 1e-4 each. Draws with a log density above 9, whose counts exceed any number, are left out and
 * counted. A row an area goes to lattice_calibration.csv.
 */
#include "unit.h"

#include "core/rng.h"
#include "tilth/field.h"

enum {
    SIDE = 160,
    PAD = 12,
    WHOLE = SIDE + 2 * PAD,
    CELLS = SIDE * SIDE,
    RUNS = 120,
    SAMPLES = 99,
    BINS = 10,
    BLOCK = 8
};

static const double intercept_mean = -3.0, intercept_sd = 1.5, slope_sd = 0.5, effect_sd = 1.0,
                    sigma_prior = 1.5, sigma_prior_p = 0.05, range_prior_p = 0.1;

/* The default for this grid: a fiftieth of its side, which is more than two cells. */
static const double range_prior = SIDE / 50.0;

static const double chi_4 = 21.1, chi_10 = 33.7; /* 1e-4 points with 3 and 9 degrees of freedom */

enum { RANGE, SIGMA, INTERCEPT, SLOPE, EFFECT, N_PARAMETERS };
static const char *const names[] = {"range", "sigma", "intercept", "coefficient", "effect"};

struct truth {
    double value[N_PARAMETERS];
    double eta[CELLS], x[CELLS], counts[2][CELLS], effort[2][CELLS];
    double items;
    bool extreme;
};

static tl_err draw_field(struct tl_ctx *ctx, uint64_t seed, struct truth *t)
{
    static double u[WHOLE * WHOLE];
    tl_err err = tl_field_draw_prior(ctx, SIDE, SIDE, 1.0, 20.0, 1.0, seed + 1000000, t->x);
    if (err != TL_OK)
        return err;
    err = tl_field_draw_prior(ctx, WHOLE, WHOLE, 1.0, t->value[RANGE], t->value[SIGMA], seed, u);
    t->extreme = false;
    for (int i = 0; i < CELLS; i++) {
        t->eta[i] = t->value[INTERCEPT] + t->value[SLOPE] * t->x[i] +
                    u[(i / SIDE + PAD) * WHOLE + i % SIDE + PAD];
        t->extreme = t->extreme || t->eta[i] > 9.0;
    }
    return err;
}

static tl_err simulate(struct tl_ctx *ctx, uint64_t seed, struct truth *t)
{
    static const double share[2] = {0.6, 0.3}, area[2] = {0.8, 0.1};
    struct tl_rng rng = tl_rng_make(seed, 0x6c63);
    t->value[RANGE] = range_prior * log(range_prior_p) / log(tl_rng_uniform(rng, 0));
    t->value[SIGMA] = sigma_prior * log(tl_rng_uniform(rng, 1)) / log(sigma_prior_p);
    t->value[INTERCEPT] = intercept_mean + intercept_sd * tl_rng_normal(rng, 2);
    t->value[SLOPE] = slope_sd * tl_rng_normal(rng, 3);
    t->value[EFFECT] = effect_sd * tl_rng_normal(rng, 4);
    t->items = 0.0;
    tl_err err = draw_field(ctx, seed, t);
    for (uint64_t c = 0; c < 2; c++)
        for (uint64_t i = 0; i < CELLS; i++) {
            uint64_t block = i / SIDE / BLOCK * SIDE + i % SIDE / BLOCK;
            double delta = c == 1 ? t->value[EFFECT] : 0.0;
            bool searched = tl_rng_uniform(tl_rng_fork(rng, 10 + c), block) < share[c];
            t->effort[c][i] = searched ? area[c] : 0.0;
            t->counts[c][i] = (double)tl_rng_poisson(
                tl_rng_fork(rng, 20 + c), i, t->effort[c][i] * exp(fmin(t->eta[i], 9.0) + delta));
            t->items += t->counts[c][i];
        }
    return err;
}

static tl_err fit(struct tl_ctx *ctx, const struct truth *t, uint64_t seed,
                  struct tl_field_result *r)
{
    struct tl_field_channel channels[2] = {
        {.name = "search", .counts = t->counts[0], .effort = t->effort[0]},
        {.name = "accident",
         .counts = t->counts[1],
         .effort = t->effort[1],
         .effect_sd = effect_sd}};
    struct tl_field_covariate x = {.name = "x", .values = t->x, .prior_sd = slope_sd};
    struct tl_field_input input = {.n_x = SIDE,
                                   .n_y = SIDE,
                                   .step_m = 1.0,
                                   .n_channels = 2,
                                   .channels = channels,
                                   .n_covariates = 1,
                                   .covariates = &x};
    struct tl_field_options o = tl_field_options_default();
    o.sigma_prior = sigma_prior;
    o.sigma_prior_p = sigma_prior_p;
    o.intercept_prior_mean = intercept_mean;
    o.intercept_prior_sd = intercept_sd;
    o.pad_m = PAD;
    o.n_samples = SAMPLES;
    o.seed = seed;
    return tl_field_fit(ctx, &input, &o, r);
}

/* What is ranked: a sum over columns [x0, x1) and rows [y0, y1) of log densities, of densities, of what is left to find. */
enum what { LOGS, ITEMS, LEFT };

static const struct sum {
    const char *name;
    int x0, y0, x1, y1;
    enum what what;
} sums[] = {{"mean log density", 0, 0, SIDE, SIDE, LOGS},
            {"items in all", 0, 0, SIDE, SIDE, ITEMS},
            {"items left", 0, 0, SIDE, SIDE, LEFT},
            {"corner of 20 x 20", 0, 0, 20, 20, ITEMS},
            {"middle 20 x 20", 70, 70, 90, 90, ITEMS},
            {"strip of 4 rows", 0, 40, SIDE, 44, ITEMS},
            {"corner cell", 0, 0, 1, 1, LOGS},
            {"edge cell", 80, 159, 81, 160, LOGS},
            {"middle cell", 83, 77, 84, 78, LOGS}};
enum { N_SUMS = (int)(sizeof sums / sizeof sums[0]) };

static double term(const struct truth *t, enum what what, int i, double eta)
{
    double left = fmax(1.0 - t->effort[0][i] - t->effort[1][i], 0.0);
    return what == LOGS ? eta : what == ITEMS ? exp(eta) : left * exp(eta);
}

/* Values of all sums, of the truth (sample NULL) or of a joint sample. */
static void sums_of(const struct truth *t, const float *sample, double out[N_SUMS])
{
    for (int k = 0; k < N_SUMS; k++) {
        out[k] = 0.0;
        for (int y = sums[k].y0; y < sums[k].y1; y++)
            for (int x = sums[k].x0; x < sums[k].x1; x++) {
                int i = y * SIDE + x;
                out[k] += term(t, sums[k].what, i, sample != NULL ? (double)sample[i] : t->eta[i]);
            }
    }
}

static void ranks_of(const struct truth *t, const struct tl_field_result *r, int below[N_SUMS])
{
    double truth[N_SUMS], value[N_SUMS];
    memset(below, 0, N_SUMS * sizeof *below);
    sums_of(t, NULL, truth);
    for (int s = 0; s < SAMPLES; s++) {
        sums_of(t, r->samples + (size_t)s * CELLS, value);
        for (int k = 0; k < N_SUMS; k++)
            below[k] += value[k] < truth[k];
    }
}

/* The truth as a normal deviate of its posterior, which is taken as normal on either side of its median. */
static double deviate(const struct tl_estimate *e, double truth, bool on_logs)
{
    double off = on_logs ? log(truth / e->q50) : truth - e->q50;
    double up = on_logs ? log(e->q975 / e->q50) : e->q975 - e->q50;
    double down = on_logs ? log(e->q50 / e->q025) : e->q50 - e->q025;
    return 1.959964 * off / (off > 0.0 ? up : down);
}

struct tally {
    int n, n_points[2]; /* runs; those with theta at one point, at several */
    int bins[N_PARAMETERS][4], ranks[N_SUMS][BINS];
    double z[N_PARAMETERS][RUNS], cover, cover2;
};

static void take(struct tally *a, const struct truth *t, const struct tl_field_result *r,
                 uint64_t seed, FILE *file)
{
    const struct tl_estimate *e[] = {&r->range_m, &r->sigma, &r->intercept, &r->coefficients[0],
                                     &r->channels[1]};
    int below[N_SUMS], covered = 0;
    fprintf(file, "%llu,%.0f,%lld", (unsigned long long)seed, t->items, (long long)r->n_theta);
    for (int k = 0; k < N_PARAMETERS; k++) {
        double truth = t->value[k];
        a->bins[k][(truth > e[k]->q025) + (truth > e[k]->q50) + (truth > e[k]->q975)]++;
        a->z[k][a->n] = deviate(e[k], truth, k <= SIGMA);
        fprintf(file, ",%.5g,%.5g,%.5g,%.5g,%.3f", truth, e[k]->q025, e[k]->q50, e[k]->q975,
                a->z[k][a->n]);
    }
    ranks_of(t, r, below);
    for (int k = 0; k < N_SUMS; k++) {
        a->ranks[k][below[k] * BINS / (SAMPLES + 1)]++;
        fprintf(file, ",%d", below[k]);
    }
    for (int i = 0; i < CELLS; i++)
        covered += fabs(r->log_density_mean[i] - t->eta[i]) < 1.959964 * r->log_density_sd[i];
    a->cover += covered / (double)CELLS;
    a->cover2 += pow(covered / (double)CELLS, 2.0);
    a->n_points[r->n_theta > 1]++;
    a->n++;
    fprintf(file, ",%.4f\n", covered / (double)CELLS);
    fflush(file);
}

static double chi_square(const char *name, const int *bins, int n_bins, const double *share)
{
    double sum = 0.0;
    printf("  %-18s", name);
    for (int k = 0; k < n_bins; k++) {
        double expected = RUNS * (share != NULL ? share[k] : 1.0 / n_bins);
        sum += pow(bins[k] - expected, 2.0) / expected;
        printf(" %3d", bins[k]);
    }
    printf("  chi-square %.1f\n", sum);
    return sum;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean of the deviates in its own standard errors, and Kolmogorov's distance from a normal one times the root of their number. */
static void deviates(const char *name, double *z, int n, double *mean, double *distance)
{
    double sum = 0.0, square = 0.0;
    qsort(z, (size_t)n, sizeof *z, ascending);
    *distance = 0.0;
    for (int i = 0; i < n; i++) {
        double p = 0.5 * erfc(-z[i] * 0.70710678118654752440);
        sum += z[i];
        square += z[i] * z[i];
        *distance = fmax(*distance, fmax(p - i / (double)n, (i + 1.0) / n - p));
    }
    double sd = sqrt(square / n - sum / n * sum / n);
    *mean = sum / n / (sd / sqrt((double)n));
    *distance *= sqrt((double)n);
    printf("  %-18s z %+.3f +- %.3f, sd %.3f, Kolmogorov %.2f\n", name, sum / n,
           sd / sqrt((double)n), sd, *distance);
}

TEST(ranks_of_the_truth_are_uniform_on_the_lattice_engine)
{
    static struct truth t;
    static struct tally a;
    static const double share[] = {0.025, 0.475, 0.475, 0.025};
    int n_left_out = 0;
    FILE *file = fopen("lattice_calibration.csv", "w");
    CHECK(file != NULL);
    tl_ctx_set_threads(ctx, 1);
    for (uint64_t seed = 1; a.n < RUNS; seed++) {
        struct tl_field_result r;
        CHECK_OK(simulate(ctx, seed, &t));
        if (t.extreme) {
            n_left_out++;
            continue;
        }
        CHECK_OK(fit(ctx, &t, seed, &r));
        CHECK(r.engine == TL_ENGINE_LATTICE && r.pad_cells == PAD);
        take(&a, &t, &r, seed, file);
        tl_field_result_fini(&r);
    }
    fclose(file);
    printf("  %d draws left out; theta at one point %d times, at five %d times\n", n_left_out,
           a.n_points[0], a.n_points[1]);
    CHECK(n_left_out < RUNS / 10);
    double cover = a.cover / RUNS;
    printf("  coverage of the cells' 95 %% intervals %.4f +- %.4f\n", cover,
           sqrt((a.cover2 / RUNS - cover * cover) / RUNS));
    double worst4 = 0.0, worst10 = 0.0, worst_mean = 0.0, worst_distance = 0.0;
    for (int k = 0; k < N_PARAMETERS; k++) {
        double mean, distance;
        worst4 = fmax(worst4, chi_square(names[k], a.bins[k], 4, share));
        deviates(names[k], a.z[k], RUNS, &mean, &distance);
        worst_mean = fmax(worst_mean, fabs(mean));
        worst_distance = fmax(worst_distance, distance);
    }
    for (int k = 0; k < N_SUMS; k++)
        worst10 = fmax(worst10, chi_square(sums[k].name, a.ranks[k], BINS, NULL));
    CHECK(worst4 < chi_4);
    CHECK(worst10 < chi_10);
    CHECK(worst_mean < 3.9);
    CHECK(worst_distance < 2.23);
    CHECK_NEAR(cover, 0.95, 0.01);
}
