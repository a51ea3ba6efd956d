/*
 * The number that matters most: over 3,000 simulated areas, of those given a chance near p that something remains, a share near p really holds
 * something. Truth is made item by item (release/sim.h), with correlated misses and failures of whole lots; beside it the same areas
 * assessed as if misses were independent, which must do worse, or the test shows nothing: the log of the chance that was given
 * to the number that did remain, area by area.
 *
 * Bounds: chi-square points at 1e-4 (10 and 9 degrees of freedom) for the deciles of P(any) and for the probability integral transform of
 * the number remaining (randomised, because it is a count): a calibrated program fails once in 5,000 runs. A row an area goes to
 * assess_calibration.csv, of which bench/assess/plot_reliability.c draws the page in the docs.
 */
#include "unit.h"

#include "release/sim.h"
#include "release/figures.h"

enum { RUNS = 3000, DRAWS = 1600, DRAWS_ALONE = 400, BINS = 10, FIRST = 700000 };
static const double RELIABILITY_MAX = 35.6, PIT_MAX = 33.7;

static struct sim sim;

struct tally {
    double said[BINS], held[BINS], n[BINS], pit[BINS], expected, left;
    /* Of the last area: */
    double p_any, log_chance; /* given to what did remain */
};

static double below(const double *mean, int64_t n_draws, int64_t n)
{
    double sum = 0.0;
    for (int64_t k = 0; k < n_draws; k++) {
        double term = exp(-mean[k]);
        for (int64_t i = 0; i <= n; i++) {
            sum += term;
            term *= mean[k] / (double)(i + 1);
        }
    }
    return sum / (double)n_draws;
}

static int bin_of(double p)
{
    int bin = (int)(p * BINS);
    return bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin;
}

static tl_err assess(struct tl_ctx *ctx, uint64_t run, bool independent, struct tally *t)
{
    tl_err err = TL_OK;
    struct tl_release_model m = {0};
    struct tl_release_draws d = {0};
    struct tl_release_draw_options o = {
        .n_draws = independent ? DRAWS_ALONE : DRAWS, .seed = run, .independent = independent};
    struct tl_release_options_of of = {.seed = run, .independent = independent};
    double *remaining = NULL;
    TL_TRY(tl_release_model_init(ctx, &sim.local, SIM_ASKED_CM, 40000, &m));
    TL_TRY(tl_release_draw(ctx, &m, &sim.prior, &o, &d));
    TL_TRY_ALLOC(ctx, remaining, d.n);
    tl_release_remaining(ctx, &m, &d, &of, 0, NULL, remaining);
    struct tl_release_figures f = tl_release_figures_of(remaining, d.n, d.n_chains);
    int bin = bin_of(f.p_any.value);
    t->p_any = f.p_any.value;
    t->said[bin] += f.p_any.value;
    t->held[bin] += sim.n_left > 0;
    t->n[bin] += 1.0;
    t->expected += f.expected.value;
    t->left += (double)sim.n_left;
    double low = sim.n_left > 0 ? below(remaining, d.n, sim.n_left - 1) : 0.0;
    double high = below(remaining, d.n, sim.n_left);
    t->log_chance = log(fmax(high - low, 1e-9));
    t->pit[bin_of(low + tl_rng_uniform(tl_rng_make(5, 6), run) * (high - low))] += 1.0;
done:
    tl_free(remaining);
    tl_release_draws_fini(&d);
    tl_release_model_fini(&m);
    return err;
}

static void sum_up(const struct tally *t, const char *name, double *reliability, double *pit)
{
    *reliability = *pit = 0.0;
    for (int b = 0; b < BINS; b++) {
        double said = t->n[b] > 0.0 ? t->said[b] / t->n[b] : 0.0;
        double held = t->n[b] > 0.0 ? t->held[b] / t->n[b] : 0.0;
        double variance = said * (1.0 - said) * t->n[b];
        if (variance > 0.0)
            *reliability += pow(t->held[b] - t->said[b], 2.0) / variance;
        *pit += pow(t->pit[b] - RUNS / (double)BINS, 2.0) / (RUNS / (double)BINS);
        printf("  %-12s %d  areas %4.0f  said %.3f  held %.3f  pit %4.0f\n", name, b, t->n[b], said,
               held, t->pit[b]);
    }
    printf(
        "  %-12s chi-square: reliability %.1f, pit %.1f; expected %.3f, left %.3f items an area\n",
        name, *reliability, *pit, t->expected / RUNS, t->left / RUNS);
}

TEST(areas_hold_something_as_often_as_they_are_said_to)
{
    static struct tally tally[2];
    double reliability[2], pit[2], gains = 0.0, squares = 0.0;
    FILE *file = fopen("assess_calibration.csv", "w");
    CHECK(file != NULL);
    if (file == NULL)
        return;
    fprintf(file, "area,p_any,p_any_independent,any,remaining\n");
    tl_ctx_set_threads(ctx, 1); /* windows this small do not pay for two */
    for (uint64_t run = 1; run <= RUNS; run++) {
        CHECK_OK(sim_make(ctx, FIRST + run, &sim));
        CHECK_OK(assess(ctx, run, false, &tally[0]));
        CHECK_OK(assess(ctx, run, true, &tally[1]));
        double gain = tally[0].log_chance - tally[1].log_chance;
        gains += gain;
        squares += gain * gain;
        fprintf(file, "%d,%.6f,%.6f,%d,%lld\n", (int)run, tally[0].p_any, tally[1].p_any,
                sim.n_left > 0, (long long)sim.n_left);
    }
    fclose(file);
    sum_up(&tally[0], "correlated", &reliability[0], &pit[0]);
    sum_up(&tally[1], "independent", &reliability[1], &pit[1]);
    CHECK(reliability[0] < RELIABILITY_MAX);
    CHECK(pit[0] < PIT_MAX);
    double error = sqrt(squares / RUNS - gains / RUNS * gains / RUNS) / sqrt((double)RUNS);
    printf("  log chance of what remained: better by %.4f +- %.4f an area than as if independent\n",
           gains / RUNS, error);
    CHECK(gains / RUNS > 2.0 * error); /* it matters */
}
