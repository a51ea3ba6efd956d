/**
 * Decades ahead: items, casualties, land and cost by year, as fans over what is not known, for scenarios that people write in YAML
 * (docs/rooms/forecast.md). Figures are forecasts under the assumptions of the scenario, which every output lists. Each scenario is computed twice
 * on the same random draws: with self-destruction and self-deactivation as claimed, and as observed.
 *
 *     struct tl_forecast_scenario *scenarios[1] = {NULL};
 *     struct tl_forecast *forecast = NULL;
 *     TL_TRY(tl_forecast_load(ctx, "baseline.yaml", &scenarios[0]));
 *     TL_TRY(tl_forecast_run(ctx, 1, scenarios, &(struct tl_forecast_options){.n_draws = 10000, .seed = 1}, &forecast));
 *     TL_TRY(tl_forecast_words(ctx, forecast, &words));
 */
#ifndef TILTH_FORECAST_H
#define TILTH_FORECAST_H

#include <stdbool.h>
#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_project;
struct tl_forecast_scenario;
struct tl_forecast;

enum { TL_FORECAST_SCENARIOS_MAX = 8, TL_FORECAST_CLASSES_MAX = 12, TL_FORECAST_YEARS_MAX = 200 };

/** The two parameter sets of a scenario. */
enum tl_forecast_set { TL_FORECAST_CLAIMED, TL_FORECAST_OBSERVED, TL_FORECAST_SETS };

/** Reads a scenario. Errors: TL_ENOTFOUND, TL_EIO, TL_EDATA (file, line and column of what is wrong), TL_ENOMEM. */
TL_MUST_USE tl_err tl_forecast_load(struct tl_ctx *ctx, const char *path,
                                    struct tl_forecast_scenario **scenario);
/** A scenario that is built in. Errors: TL_ENOTFOUND (with the nearest name). */
TL_MUST_USE tl_err tl_forecast_load_builtin(struct tl_ctx *ctx, const char *name,
                                            struct tl_forecast_scenario **scenario);
/** Name of the i-th scenario that is built in, NULL past the last one. */
const char *tl_forecast_builtin_name(int64_t i);
/** Its YAML text. */
const char *tl_forecast_builtin_yaml(int64_t i);
const char *tl_forecast_title(const struct tl_forecast_scenario *scenario);
void tl_forecast_scenario_free(struct tl_forecast_scenario *scenario);

/**
 * Starts a scenario from a project: items of its classes are scaled so that their sum is what the latest map expects to remain, with the
 * map's own uncertainty (where there is a map); the suspected land becomes the area of open hazardous areas, and the years' start stays
 * the scenario's. Errors: TL_ENOTFOUND (neither a map nor an open hazardous area), TL_EDATA.
 */
TL_MUST_USE tl_err tl_forecast_start(struct tl_ctx *ctx, struct tl_project *project,
                                     struct tl_forecast_scenario *scenario);

struct tl_forecast_options {
    int64_t n_years;  /* 0 = the scenario's own (or 50), at most TL_FORECAST_YEARS_MAX */
    int64_t n_draws;  /* 0 = 10,000; at least 256 */
    int64_t n_shares; /* draws behind variance shares; 0 = 1,024, -1 = none */
    uint64_t seed;
};

/**
 * Runs scenarios on the same draws. Same input and seed, same bits on any number of threads. Memory does not depend on the number of draws.
 * @param[out] forecast  owns: the caller, tl_forecast_free; it borrows the scenarios, which must outlive it
 * Errors: TL_EDATA (scenarios that start in different years; draws or years out of range), TL_ENOMEM, TL_ECANCELLED.
 * Cost: about 10 ns per draw, year, class and set.
 */
TL_MUST_USE tl_err tl_forecast_run(struct tl_ctx *ctx, int64_t n_scenarios,
                                   struct tl_forecast_scenario *const *scenarios,
                                   const struct tl_forecast_options *options,
                                   struct tl_forecast **forecast);
void tl_forecast_free(struct tl_forecast *forecast);

/* What came out. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_forecast_json(struct tl_ctx *ctx, const struct tl_forecast *forecast,
                                    char **json);
TL_MUST_USE tl_err tl_forecast_csv(struct tl_ctx *ctx, const struct tl_forecast *forecast,
                                   char **csv);
TL_MUST_USE tl_err tl_forecast_words(struct tl_ctx *ctx, const struct tl_forecast *forecast,
                                     char **words);
/** Writes forecast.json and forecast.csv into a folder. Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_forecast_write(struct tl_ctx *ctx, const struct tl_forecast *forecast,
                                     const char *folder);

/** Series by year for all classes together. */
enum tl_forecast_series {
    TL_FORECAST_LIVE,       /* items at the year's end */
    TL_FORECAST_INERT,      /* items that no longer work but are still in the ground */
    TL_FORECAST_KILLED,     /* in the year */
    TL_FORECAST_INJURED,    /* in the year */
    TL_FORECAST_CASUALTIES, /* in the year */
    TL_FORECAST_CASUALTIES_SUM,
    TL_FORECAST_DEMINERS,  /* accidents of deminers in the year */
    TL_FORECAST_SUSPECTED, /* km2 at the year's end */
    TL_FORECAST_CANCELLED, /* km2 from the start on */
    TL_FORECAST_REDUCED,
    TL_FORECAST_CLEARED,
    TL_FORECAST_COST, /* in the year */
    TL_FORECAST_COST_SUM,
    TL_FORECAST_SERIES
};

/** Mean and quantiles 5, 25, 50, 75, 95 %. */
struct tl_forecast_fan {
    double mean, mcse; /* mcse: Monte Carlo standard error of the mean */
    double q[5];
};

/* Looking into a forecast. */
int64_t tl_forecast_n_scenarios(const struct tl_forecast *forecast);
int64_t tl_forecast_n_years(const struct tl_forecast *forecast);
int64_t tl_forecast_start_year(const struct tl_forecast *forecast);
const char *tl_forecast_scenario_title(const struct tl_forecast *forecast, int64_t scenario);
const char *tl_forecast_scenario_note(const struct tl_forecast *forecast, int64_t scenario);
const char *tl_forecast_currency(const struct tl_forecast *forecast, int64_t scenario);
const char *tl_forecast_series_name(enum tl_forecast_series series);
struct tl_forecast_fan tl_forecast_at(const struct tl_forecast *forecast, int64_t scenario,
                                      enum tl_forecast_set set, enum tl_forecast_series series,
                                      int64_t year);
/** A figure that was observed later (hindcasts), NaN where none is. */
double tl_forecast_later(const struct tl_forecast *forecast, int64_t scenario,
                         enum tl_forecast_series series, int64_t year);

/** Whether claimed and observed figures differ somewhere in the scenario. */
bool tl_forecast_is_split(const struct tl_forecast *forecast, int64_t scenario);
/** Where the start was taken from a project, in words; "" = it was not. */
const char *tl_forecast_started_from(const struct tl_forecast *forecast, int64_t scenario);
int64_t tl_forecast_n_draws(const struct tl_forecast *forecast);

/** What a difference is taken from, draw by draw. */
enum tl_forecast_against {
    TL_FORECAST_AGAINST_CLAIMED, /* observed minus claimed */
    TL_FORECAST_AGAINST_FIRST    /* minus the first scenario, as observed */
};

/**
 * A difference on the same draws, kept of casualties in all, cost in all and live items.
 * @return false where it is not kept: another figure, the first scenario against itself
 */
bool tl_forecast_difference(const struct tl_forecast *forecast, int64_t scenario,
                            enum tl_forecast_against against, enum tl_forecast_series series,
                            int64_t year, struct tl_forecast_fan *fan);

/** By when at most a share of the first day's hazard is left. */
struct tl_forecast_left {
    double share;
    int64_t year[5]; /* calendar years at 5, 25, 50, 75, 95 %; 0 = after the last year */
};
/** The i-th of the shares, falling. @return false past the last one */
bool tl_forecast_left(const struct tl_forecast *forecast, int64_t scenario,
                      enum tl_forecast_set set, int64_t i, struct tl_forecast_left *left);

enum tl_forecast_outcome {
    TL_FORECAST_OF_CASUALTIES, /* in all */
    TL_FORECAST_OF_COST,       /* in all */
    TL_FORECAST_OF_LIVE,       /* at the end */
    TL_FORECAST_OUTCOMES
};

/** Shares of an outcome's variance that a topic moves alone, and with others; with standard errors. */
struct tl_forecast_share {
    const char *topic;
    double first, first_error, total, total_error;
};
/** Topics by falling total share. @return false past the last one, and where shares were not asked for */
bool tl_forecast_share(const struct tl_forecast *forecast, int64_t scenario,
                       enum tl_forecast_outcome outcome, int64_t rank,
                       struct tl_forecast_share *share);

enum tl_forecast_basis {
    TL_FORECAST_ASSUMED,         /* an assumption, a default, or without a source */
    TL_FORECAST_SOURCED_IN_PART, /* a source, and an assumption beside it */
    TL_FORECAST_SOURCED
};

/** A figure that the scenario rests on. borrows: the texts, of the scenario */
struct tl_forecast_assumption {
    const char *what, *topic, *unit;
    const char *source;     /* NULL = none is given */
    double best, low, high; /* 50, 5, 95 % */
    enum tl_forecast_basis basis;
};
/** @return false past the last one */
bool tl_forecast_assumption(const struct tl_forecast *forecast, int64_t scenario, int64_t i,
                            struct tl_forecast_assumption *assumption);

/* Calibration on recorded figures by year. */

enum { TL_FORECAST_CALIBRATE_YEARS_MAX = 200, TL_FORECAST_AHEAD_MAX = 50 };

/** Counts by year without gaps. */
struct tl_forecast_record {
    int64_t first_year, n;
    double count
        [TL_FORECAST_CALIBRATE_YEARS_MAX]; /* casualties, or events where only these are known */
    double killed[TL_FORECAST_CALIBRATE_YEARS_MAX]; /* NaN where the split is not known */
    bool is_events;
    char source[256];
};

/**
 * Reads counts by year from a CSV file: columns `year`, `killed`, `injured` (rows of one year are added up); or `year`, `count`; or `year`,
 * `type_code` with one event a row, of which types 1 and 2 are accidents. Years between the first and the last without a row count 0, and the
 * first and last year are taken as whole ones. Errors: TL_ENOTFOUND, TL_EIO, TL_EDATA (with the line), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_forecast_record_read(struct tl_ctx *ctx, const char *path,
                                           struct tl_forecast_record *record);
/** The same from the accidents of a project's register. Errors: TL_EDATA (fewer than 3 years). */
TL_MUST_USE tl_err tl_forecast_record_project(struct tl_ctx *ctx, struct tl_project *project,
                                              struct tl_forecast_record *record);

/** What the recorded figures say of the yearly level. */
struct tl_forecast_calibration {
    int64_t first_year, n_years;
    double level[3];      /* of the last year: 5, 50, 95 % */
    double step[3];       /* sd of the yearly step of the log level */
    double trend[3];      /* last yearly drift of the log level */
    double damping[3];    /* share of the drift that is left a year later */
    double dispersion[3]; /* size of the negative binomial */
    double log_likelihood;
    double p_mean, p_spread,
        p_zero; /* posterior-predictive: P(replicated >= observed) of three figures */
    int64_t n_ahead;
    double ahead[TL_FORECAST_AHEAD_MAX][5]; /* quantiles 5 25 50 75 95 of the years that follow */
    double mean[TL_FORECAST_AHEAD_MAX];
};

/**
 * Fits `y_t ~ NB(exp(l_t), size)`, `l_t = l_(t-1) + drift_t + step * e_t`, and forecasts.
 * @param[out] draws  [n_draws, n_ahead] predictive counts of the years ahead, may be NULL
 * Errors: TL_EDATA (fewer than 3 years; nothing but zeros), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_forecast_calibrate(struct tl_ctx *ctx,
                                         const struct tl_forecast_record *record, int64_t n_ahead,
                                         int64_t n_draws, uint64_t seed,
                                         struct tl_forecast_calibration *calibration,
                                         double *draws);
/** Scenario as YAML that the calibration gives; what could not be calibrated is marked as a prior. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_forecast_calibration_yaml(struct tl_ctx *ctx,
                                                const struct tl_forecast_record *record,
                                                const struct tl_forecast_calibration *calibration,
                                                char **yaml);
/** Writes that scenario. Errors: TL_EEXISTS, TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_forecast_calibration_write(struct tl_ctx *ctx,
                                                 const struct tl_forecast_record *record,
                                                 const struct tl_forecast_calibration *calibration,
                                                 const char *path, bool overwrite);
TL_MUST_USE tl_err tl_forecast_calibration_json(struct tl_ctx *ctx,
                                                const struct tl_forecast_record *record,
                                                const struct tl_forecast_calibration *calibration,
                                                char **json);

#ifdef __cplusplus
}
#endif
#endif
