/*
 * The upper bits of a positive float rise with it and are even within an octave, so that `(bits - base) >> shift` is a scale of about
 * even relative width without a logarithm: 254 bins over the pilot's range, which is cut at 1/65536 of its largest value. P-squared and
 * t-digests were left: they depend on the order of the draws, and so on the threads.
 */
#include "forecast/sketch.h"

#include <math.h>
#include <string.h>

enum { INNER = TL_SKETCH_BINS - 2, ADD_MAX = 1024 };

static int32_t bits_of(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double value_of(int32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return (double)x;
}

void tl_sketch_begin(struct tl_sketch *s, enum tl_sketch_kind kind)
{
    memset(s, 0, sizeof *s);
    s->kind = kind;
    s->lo = INFINITY;
    s->min = INFINITY;
    s->max = -INFINITY;
}

void tl_sketch_pilot(struct tl_sketch *s, const double *x, int n)
{
    for (int i = 0; i < n; i++) {
        s->min = fmin(s->min, x[i]);
        s->max = fmax(s->max, x[i]);
        if (x[i] > 0.0)
            s->lo = fmin(s->lo, x[i]); /* the smallest positive one */
        s->centre += x[i] / n;
    }
}

void tl_sketch_ready(struct tl_sketch *s)
{
    if (s->kind == TL_SKETCH_SIGNED) {
        double margin = 0.1 * (s->max - s->min);
        s->lo = s->min - margin;
        s->width = fmax((s->max - s->min + 2.0 * margin) / INNER, 1e-12 * (1.0 + fabs(s->max)));
    } else {
        double hi = s->max > 0.0 ? s->max : 1.0;
        double lo = fmax(isfinite(s->lo) ? s->lo : hi, hi / 65536.0);
        int32_t top = bits_of((float)(hi * 1.1));
        s->base = bits_of((float)(s->kind == TL_SKETCH_COUNT ? lo : lo * 0.9));
        while ((top - s->base) >> s->shift >= INNER)
            s->shift++;
        /* A figure that hardly varies: the finest bins, around it. */
        if (s->shift == 0)
            s->base -= (INNER - (top - s->base)) / 2;
    }
    s->min = INFINITY;
    s->max = -INFINITY;
}

static void find_bins(const struct tl_sketch *s, const double *restrict x, int n,
                      int32_t *restrict bin)
{
    if (s->kind == TL_SKETCH_SIGNED) {
        for (int i = 0; i < n; i++) {
            double at = 1.0 + (x[i] - s->lo) / s->width;
            at = at > 0.0 ? at : 0.0;
            at = at < TL_SKETCH_BINS - 1 ? at : TL_SKETCH_BINS - 1;
            bin[i] = (int32_t)at;
        }
        return;
    }
    int32_t base = s->base;
    int shift = s->shift;
    for (int i = 0; i < n; i++) {
        union {
            float f;
            int32_t b;
        } u = {.f = (float)x[i]};
        /* A hair below nothing (rounding) belongs in the lowest bin; its bits are a negative number. */
        int32_t over = (u.b < 0 ? 0 : u.b) - base;
        int32_t at = 1 + (over >> shift);
        at = over < 0 ? 0 : at;
        bin[i] = at < TL_SKETCH_BINS - 1 ? at : TL_SKETCH_BINS - 1;
    }
}

void tl_sketch_add(struct tl_sketch *s, const double *restrict x, int n)
{
    int32_t bin[ADD_MAX];
    double sum[8] = {0}, sum2[8] = {0}, low[8], high[8], centre = s->centre;
    int even = n & ~7;
    for (int k = 0; k < 8; k++) {
        low[k] = s->min;
        high[k] = s->max;
    }
    for (int i = 0; i < even; i += 8)
        for (int k = 0; k < 8; k++) {
            double v = x[i + k], d = v - centre;
            sum[k] += d;
            sum2[k] += d * d;
            low[k] = v < low[k] ? v : low[k];
            high[k] = v > high[k] ? v : high[k];
        }
    for (int i = even; i < n; i++) {
        double d = x[i] - centre;
        sum[0] += d;
        sum2[0] += d * d;
        low[0] = fmin(low[0], x[i]);
        high[0] = fmax(high[0], x[i]);
    }
    for (int k = 0; k < 8; k++) {
        s->sum += sum[k];
        s->sum2 += sum2[k];
        s->min = fmin(s->min, low[k]);
        s->max = fmax(s->max, high[k]);
    }
    find_bins(s, x, n, bin);
    for (int i = 0; i < n; i++)
        s->bins[bin[i]]++;
    s->n += n;
}

void tl_sketch_merge(struct tl_sketch *to, const struct tl_sketch *from)
{
    for (int b = 0; b < TL_SKETCH_BINS; b++)
        to->bins[b] += from->bins[b];
    to->sum += from->sum;
    to->sum2 += from->sum2;
    to->min = fmin(to->min, from->min);
    to->max = fmax(to->max, from->max);
    to->n += from->n;
}

/* Ends of a bin, within what was seen. */
static void ends(const struct tl_sketch *s, int bin, double *low, double *high)
{
    if (s->kind == TL_SKETCH_SIGNED) {
        *low = s->lo + s->width * (bin - 1);
        *high = *low + s->width;
    } else {
        *low = bin == 0 ? s->min : value_of(s->base + (int32_t)((uint32_t)(bin - 1) << s->shift));
        *high = value_of(s->base + (int32_t)((uint32_t)bin << s->shift));
    }
    if (bin == 0) {
        *low = s->min;
        *high = s->kind == TL_SKETCH_SIGNED ? s->lo : value_of(s->base);
    }
    if (bin == TL_SKETCH_BINS - 1)
        *high = s->max;
    *low = fmin(fmax(*low, s->min), s->max);
    *high = fmin(fmax(*high, s->min), s->max);
}

static int find_quantile(const struct tl_sketch *s, double share, double *within)
{
    double wanted = share * (double)s->n, sum = 0.0;
    int bin = 0;
    for (; bin < TL_SKETCH_BINS - 1 && sum + s->bins[bin] < wanted; bin++)
        sum += s->bins[bin];
    *within = s->bins[bin] > 0 ? (wanted - sum) / s->bins[bin] : 0.0;
    return bin;
}

double tl_sketch_quantile(const struct tl_sketch *s, double share)
{
    double within, low, high;
    if (s->n == 0)
        return NAN;
    int bin = find_quantile(s, share, &within);
    ends(s, bin, &low, &high);
    if (s->kind != TL_SKETCH_COUNT)
        return low + (high - low) * fmin(within, 1.0);
    /* Whole numbers in [low, high): the share is spread over them evenly. */
    double first = ceil(low), n = fmax(1.0, ceil(high) - first);
    return fmin(first + floor(n * fmin(within, 1.0 - 1e-9)), s->max);
}

double tl_sketch_step(const struct tl_sketch *s, double share)
{
    double within, low, high;
    if (s->n == 0)
        return 0.0;
    ends(s, find_quantile(s, share, &within), &low, &high);
    return s->kind == TL_SKETCH_COUNT ? fmax(0.0, ceil(high) - ceil(low) - 1.0) : high - low;
}

struct tl_forecast_fan tl_sketch_fan(const struct tl_sketch *s)
{
    static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    struct tl_forecast_fan fan = {.mean = NAN};
    double n = (double)s->n;
    for (int k = 0; k < 5; k++)
        fan.q[k] = tl_sketch_quantile(s, shares[k]);
    if (s->n > 1) {
        double mean = s->sum / n, variance = fmax(0.0, s->sum2 - n * mean * mean) / (n - 1.0);
        fan.mean = s->centre + mean;
        fan.mcse = sqrt(variance / n);
    }
    return fan;
}
