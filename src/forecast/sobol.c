/*
 * Which assumption moves the result most: first-order and total shares of the variance of log(1 + figure), by topic, for the observed set.
 * Two samples A and B; AB_i is A with topic i from B. Jansen's estimators (1999; Saltelli et al. 2010, table 2):
 *   first  1 - sum (f(B) - f(AB_i))^2 / 2N V,   total  sum (f(A) - f(AB_i))^2 / 2N V.
 * Their standard errors are those of the mean of the squares, with V taken as known. The log keeps a few huge draws from making up all of the
 * variance. Chance from year to year is a topic like the others: its random numbers are exchanged as a whole.
 */
#include <math.h>
#include <string.h>

#include "forecast/run.h"
#include "par/par.h"

/* Draws behind A and B lie beyond those of the forecast's own stream of indices. */
static const int64_t second_sample = 1LL << 40;

struct sums {
    double n, f, f2; /* of A and B together */
    double first[TL_SCENARIO_N_TOPICS], first2[TL_SCENARIO_N_TOPICS];
    double total[TL_SCENARIO_N_TOPICS], total2[TL_SCENARIO_N_TOPICS];
};

typedef double outcomes[TL_RUN_OUTCOMES][TL_LANES];

struct work {
    struct tl_kernel *kernel;
    tl_kernel_lanes *values;
    struct tl_run_noise noise[2];
    struct sums sums[TL_RUN_OUTCOMES];
};

struct sobol {
    struct tl_ctx *ctx;
    const struct tl_forecast *f;
    int64_t scenario;
    bool active[TL_SCENARIO_N_TOPICS];
    struct work works[TL_RUN_STRANDS];
};

static void simulate(const struct sobol *sobol, struct work *work, int sample, int64_t first,
                     outcomes out)
{
    struct tl_kernel *k = work->kernel;
    const struct tl_forecast *f = sobol->f;
    static const enum tl_forecast_series series[TL_RUN_OUTCOMES] = {
        TL_FORECAST_CASUALTIES_SUM, TL_FORECAST_COST_SUM, TL_FORECAST_LIVE};
    k->s = f->scenarios[sobol->scenario];
    k->kind = f->kind;
    k->only_observed = true;
    k->values = work->values;
    tl_run_noise_use(&work->noise[sample], f->seed, first + sample * second_sample, k);
    tl_kernel_start(k);
    for (int64_t t = 0; t < f->n_years; t++)
        tl_kernel_year(k, (int)t);
    for (int o = 0; o < TL_RUN_OUTCOMES; o++)
        for (int i = 0; i < TL_LANES; i++)
            out[o][i] = log1p(k->out[TL_FORECAST_OBSERVED][series[o]][i]);
}

static void add_topic(struct work *work, int topic, outcomes a, outcomes b, outcomes ab)
{
    for (int o = 0; o < TL_RUN_OUTCOMES; o++) {
        struct sums *sums = &work->sums[o];
        for (int i = 0; i < TL_LANES; i++) {
            double first = 0.5 * (b[o][i] - ab[o][i]) * (b[o][i] - ab[o][i]);
            double total = 0.5 * (a[o][i] - ab[o][i]) * (a[o][i] - ab[o][i]);
            sums->first[topic] += first;
            sums->first2[topic] += first * first;
            sums->total[topic] += total;
            sums->total2[topic] += total * total;
        }
    }
}

static void run_block(const struct sobol *sobol, struct work *work, int64_t first)
{
    const struct tl_forecast *f = sobol->f;
    const struct tl_forecast_scenario *s = f->scenarios[sobol->scenario];
    outcomes a, b, ab;
    tl_run_noise_clear(&work->noise[0]);
    tl_run_noise_clear(&work->noise[1]);
    tl_run_values(s, f->kind, f->seed, first + second_sample, -1, work->values);
    simulate(sobol, work, 1, first, b);
    tl_run_values(s, f->kind, f->seed, first, -1, work->values);
    simulate(sobol, work, 0, first, a);
    for (int topic = 0; topic < TL_SCENARIO_N_TOPICS; topic++) {
        if (!sobol->active[topic])
            continue;
        if (topic == TL_SCENARIO_CHANCE) {
            simulate(sobol, work, 1, first, ab);
        } else {
            tl_run_values(s, f->kind, f->seed, first + second_sample, topic, work->values);
            simulate(sobol, work, 0, first, ab);
            tl_run_values(s, f->kind, f->seed, first, topic, work->values);
        }
        add_topic(work, topic, a, b, ab);
    }
    for (int o = 0; o < TL_RUN_OUTCOMES; o++)
        for (int i = 0; i < TL_LANES; i++) {
            struct sums *sums = &work->sums[o];
            sums->n += 2.0;
            sums->f += a[o][i] + b[o][i];
            sums->f2 += a[o][i] * a[o][i] + b[o][i] * b[o][i];
        }
}

static void run_strand(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct sobol *sobol = user;
    int64_t n_blocks = sobol->f->n_shares / TL_LANES;
    (void)chunk;
    for (int64_t strand = first; strand < last; strand++)
        for (int64_t b = strand; b < n_blocks && !tl_is_cancelled(sobol->ctx); b += TL_RUN_STRANDS)
            run_block(sobol, &sobol->works[strand], b * TL_LANES);
}

static double standard_error(double sum, double sum2, double n)
{
    double mean = sum / n;
    return sqrt(fmax(0.0, sum2 / n - mean * mean) / n);
}

static void conclude(struct sobol *sobol, struct tl_forecast *f)
{
    for (int o = 0; o < TL_RUN_OUTCOMES; o++) {
        struct sums all = sobol->works[0].sums[o];
        for (int w = 1; w < TL_RUN_STRANDS; w++) {
            const double *from = (const double *)&sobol->works[w].sums[o];
            double *to = (double *)&all;
            for (size_t j = 0; j < sizeof all / sizeof(double); j++)
                to[j] += from[j];
        }
        double mean = all.f / all.n, variance = fmax(0.0, all.f2 / all.n - mean * mean);
        double n = all.n / 2.0;
        f->variance[sobol->scenario][o] = variance;
        for (int topic = 0; topic < TL_SCENARIO_N_TOPICS; topic++) {
            struct tl_run_share *share = &f->shares[sobol->scenario][o][topic];
            bool varies = variance > 1e-18 * (1.0 + mean * mean);
            *share = (struct tl_run_share){NAN, NAN, NAN, NAN, sobol->active[topic]};
            if (!varies || !sobol->active[topic])
                continue;
            share->first = 1.0 - all.first[topic] / n / variance;
            share->total = all.total[topic] / n / variance;
            share->first_se = standard_error(all.first[topic], all.first2[topic], n) / variance;
            share->total_se = standard_error(all.total[topic], all.total2[topic], n) / variance;
        }
    }
}

static tl_err run_scenario(struct tl_ctx *ctx, struct tl_forecast *f, int64_t scenario)
{
    struct sobol sobol = {.ctx = ctx, .f = f, .scenario = scenario};
    const struct tl_forecast_scenario *s = f->scenarios[scenario];
    tl_err err = TL_OK;
    sobol.active[TL_SCENARIO_CHANCE] = true;
    for (int q = 0; q < s->n_quantities; q++)
        if (s->quantities[q].is_uncertain)
            sobol.active[s->quantities[q].topic] = true;
    for (int w = 0; w < TL_RUN_STRANDS; w++) {
        TL_TRY_ALLOC(ctx, sobol.works[w].kernel, 1);
        TL_TRY_ALLOC(ctx, sobol.works[w].values, s->n_quantities);
        for (int k = 0; k < 2; k++)
            TL_TRY(tl_run_noise_init(ctx, f, &sobol.works[w].noise[k]));
    }
    tl_par_for(ctx, TL_RUN_STRANDS, 1, run_strand, &sobol);
    TL_TRY(tl_cancelled(ctx));
    conclude(&sobol, f);
done:
    for (int w = 0; w < TL_RUN_STRANDS; w++) {
        tl_free(sobol.works[w].kernel);
        tl_free(sobol.works[w].values);
        for (int k = 0; k < 2; k++)
            tl_run_noise_fini(&sobol.works[w].noise[k]);
    }
    return err;
}

tl_err tl_sobol_run(struct tl_ctx *ctx, struct tl_forecast *f)
{
    tl_err err = TL_OK;
    for (int64_t s = 0; f->n_shares > 0 && s < f->n_scenarios; s++)
        TL_TRY(run_scenario(ctx, f, s));
done:
    return err;
}
