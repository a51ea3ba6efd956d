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
