/** Tenths of forecasts by rising probability, each with the binomial band in which an honest forecast's share falls. */
#ifndef TL_REPORT_RELIABILITY_H
#define TL_REPORT_RELIABILITY_H

#include "core/core.h"

enum { TL_RELIABILITY_TENTHS = 10 };

struct tl_reliability_tenth {
    int64_t n;
    double predicted, observed; /* mean probability; share that came true */
    double low, high;           /* central 95 % band of the share if the probabilities hold */
    double error;               /* binomial standard error, at least one forecast's share */
};

struct tl_reliability_forecast {
    double p;
    int64_t i; /* of what; breaks ties, so that the parts do not depend on the sort */
    bool any;
};

/** By rising probability. */
void tl_reliability_sort(int64_t n, struct tl_reliability_forecast *forecasts);

/** All of a tenth but its band. @param forecasts [n], n > 0 */
struct tl_reliability_tenth tl_reliability_part(int64_t n,
                                                const struct tl_reliability_forecast *forecasts);

/** Quantiles at 2.5 and 97.5 % of a binomial count, divided by n. @param n  > 0  @param p  0 to 1 */
void tl_reliability_band(int64_t n, double p, double *low, double *high);

/**
 * @param p,any       [n]
 * @param[out] tenths [TL_RELIABILITY_TENTHS]; the number made is *n_tenths, fewer than ten below ten forecasts
 * Errors: TL_EDATA (none; a probability that is none), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_reliability_compute(struct tl_ctx *ctx, int64_t n, const double *p,
                                          const uint8_t *any, struct tl_reliability_tenth *tenths,
                                          int *n_tenths);

#endif
