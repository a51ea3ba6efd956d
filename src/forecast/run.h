/** A forecast in memory: its sketches, and the parts of a run. */
#ifndef TL_FORECAST_RUN_H
#define TL_FORECAST_RUN_H

#include "forecast/kernel.h"
#include "forecast/sketch.h"

enum { TL_RUN_STRANDS = 4, TL_RUN_LEFTS = 3, TL_RUN_DIFFERENCES = 3 };

/** Figures whose differences between scenarios, and between observed and claimed, are kept. */
extern const enum tl_forecast_series tl_run_differences[TL_RUN_DIFFERENCES];
/** Shares of today's hazard: 0.5, 0.1, 0.01. */
extern const double tl_run_lefts[TL_RUN_LEFTS];

enum {
    TL_RUN_OUTCOMES = 3
}; /* of variance shares: casualties in all, cost in all, live items at the end */

struct tl_run_share {
    double first, first_se, total, total_se; /* NaN where the outcome does not vary */
    bool is_active;                          /* an assumption of this topic is uncertain at all */
};

enum { TL_RUN_SERIES_MAX = TL_FORECAST_SERIES + TL_KERNEL_OUTPUTS * TL_FORECAST_CLASSES_MAX };

/** Where the sketches of a scenario lie in the list. What does not depend on the set is there once. */
struct tl_run_place {
    int64_t first;                                   /* [n_years, stride] */
    int16_t of[TL_FORECAST_SETS][TL_RUN_SERIES_MAX]; /* place within a year */
    int stride;                                      /* sketches of a year */
    int64_t left[TL_FORECAST_SETS];                  /* the years that TL_RUN_LEFTS are left */
    int64_t against_first
        [TL_FORECAST_SETS];  /* differences from the first scenario [n_years, DIFFERENCES]; -1 */
    int64_t against_claimed; /* observed minus claimed; -1 */
    int n_series;            /* TL_FORECAST_SERIES, then 4 a class */
};

struct tl_forecast {
    int64_t n_scenarios, n_years, n_draws, n_shares, n_sketches;
    int start;
    enum tl_simd kind;
    uint64_t seed;
    const struct tl_forecast_scenario *scenarios[TL_FORECAST_SCENARIOS_MAX]; /* borrows */
    struct tl_run_place places[TL_FORECAST_SCENARIOS_MAX];
    struct tl_sketch *sketches; /* owns: [n_sketches] */
    struct tl_run_share shares[TL_FORECAST_SCENARIOS_MAX][TL_RUN_OUTCOMES][TL_SCENARIO_N_TOPICS];
    double variance[TL_FORECAST_SCENARIOS_MAX][TL_RUN_OUTCOMES];
};

const struct tl_sketch *tl_run_sketch(const struct tl_forecast *f, int64_t scenario,
                                      enum tl_forecast_set set, int series, int64_t year);
const struct tl_sketch *tl_run_left(const struct tl_forecast *f, int64_t scenario,
                                    enum tl_forecast_set set, int left);

/** Random numbers of a block for all scenarios: computed once where scenarios share them. */
struct tl_run_noise {
    int64_t n_slots, n_years;
    uint64_t streams[TL_FORECAST_SCENARIOS_MAX * TL_FORECAST_CLASSES_MAX + 1];
    bool filled[TL_FORECAST_SCENARIOS_MAX * TL_FORECAST_CLASSES_MAX + 1];
    uint32_t *bits;      /* owns: [n_slots, n_years, 2, LANES] */
    float *z;            /* owns: the same */
    double *level;       /* owns: [n_years, LANES] */
    tl_kernel_lanes *of; /* owns: [4]: size, step, trend, damping of `level` */
    bool has_level;
};
TL_MUST_USE tl_err tl_run_noise_init(struct tl_ctx *ctx, const struct tl_forecast *f,
                                     struct tl_run_noise *noise);
void tl_run_noise_fini(struct tl_run_noise *noise);
/** Forgets the last block. */
void tl_run_noise_clear(struct tl_run_noise *noise);
/** Points a kernel at the noise of a block; `values` are those of the kernel. */
void tl_run_noise_use(struct tl_run_noise *noise, uint64_t seed, int64_t first,
                      struct tl_kernel *k);

/** Values of all quantities for draws first..: [n_quantities]; of one topic only unless it is -1. */
void tl_run_values(const struct tl_forecast_scenario *s, enum tl_simd kind, uint64_t seed,
                   int64_t first, int topic, tl_kernel_lanes *values);

/** tl_forecast_run on instructions of this kind, which the machine has: tests see that all give the same bits. */
TL_MUST_USE tl_err tl_run_on(struct tl_ctx *ctx, enum tl_simd kind, int64_t n_scenarios,
                             struct tl_forecast_scenario *const *scenarios,
                             const struct tl_forecast_options *options,
                             struct tl_forecast **forecast);

/** First-order and total variance shares by topic. */
TL_MUST_USE tl_err tl_sobol_run(struct tl_ctx *ctx, struct tl_forecast *f);

#endif
