/* Of n numbers every k-th is in the sample, k such that they are at most TL_SPREAD_SAMPLE: known beforehand, so the order in which they come is free. */
#include "core/spread.h"

#include <math.h>
#include <stdlib.h>

tl_err tl_spread_begin(struct tl_ctx *ctx, int64_t n, struct tl_spread_sum *sum)
{
    struct tl_spread_sum made = {.every = 1 + n / TL_SPREAD_SAMPLE};
    made.spread.min = made.spread.max = made.spread.min_positive = (double)NAN;
    made.sample = tl_alloc(ctx, TL_SPREAD_SAMPLE, sizeof *made.sample);
    if (made.sample == NULL)
        return TL_ENOMEM;
    *sum = made;
    return TL_OK;
}

void tl_spread_add(struct tl_spread_sum *sum, int64_t i, float value)
{
    if (!isfinite(value))
        return;
    struct tl_spread *s = &sum->spread;
    double v = (double)value;
    s->min = v >= s->min ? s->min : v; /* also where there is none yet: NaN */
    s->max = v <= s->max ? s->max : v;
    if (v > 0.0)
        s->min_positive = v >= s->min_positive ? s->min_positive : v;
    if (i % sum->every == 0 && sum->n_sample < TL_SPREAD_SAMPLE)
        sum->sample[sum->n_sample++] = value;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

void tl_spread_end(struct tl_spread_sum *sum, struct tl_spread *spread)
{
    int64_t n = sum->n_sample;
    if (n > 0)
        qsort(sum->sample, (size_t)n, sizeof *sum->sample, ascending);
    for (int64_t q = 0; n > 0 && q <= TL_SPREAD_QUANTILES; q++)
        sum->spread.quantiles[q] =
            sum->sample[(q * (n - 1) + TL_SPREAD_QUANTILES / 2) / TL_SPREAD_QUANTILES];
    *spread = sum->spread;
    tl_spread_drop(sum);
}

void tl_spread_drop(struct tl_spread_sum *sum)
{
    tl_free(sum->sample);
    sum->sample = NULL;
}
