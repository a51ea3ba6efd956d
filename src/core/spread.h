/** Range and quantiles of many numbers, in one pass: quantiles over a sample of them, evenly taken. */
#ifndef TL_CORE_SPREAD_H
#define TL_CORE_SPREAD_H

#include "core/core.h"

enum { TL_SPREAD_QUANTILES = 256, TL_SPREAD_SAMPLE = 1 << 16 };

/** What is not finite does not count. */
struct tl_spread {
    double min, max, min_positive; /* NaN when there are none */
    float quantiles[TL_SPREAD_QUANTILES + 1];
};

struct tl_spread_sum {
    struct tl_spread spread;
    int64_t every, n_sample;
    float *sample; /* owns: [TL_SPREAD_SAMPLE] */
};

/** Begins with n numbers. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_spread_begin(struct tl_ctx *ctx, int64_t n, struct tl_spread_sum *sum);
/** Number i of them; each once, in any order: the order changes no bit of the answer. */
void tl_spread_add(struct tl_spread_sum *sum, int64_t i, float value);
/** The answer, once; frees. */
void tl_spread_end(struct tl_spread_sum *sum, struct tl_spread *spread);
void tl_spread_drop(struct tl_spread_sum *sum); /* frees without one */

#endif
