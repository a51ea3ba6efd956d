/*
 * The upper bits of a positive float rise with it and are even within an octave, so that `(bits - base) >> shift` is a scale of about
 * even relative width without a logarithm: 254 bins over the pilot's range, which is cut at 1/65536 of its largest value. P-squared and
 * t-digests were left: they depend on the order of the draws, and so on the threads. Up to 256 figures are counted in four small tables in turn, as
 * figures that are often the same (none at all) would wait for each other in one, and these are added to the bins.
 */
#include "forecast/sketch.h"

#include <math.h>
#include <string.h>

enum { INNER = TL_SKETCH_BINS - 2, SUMS = 16, TABLES = 4 };

static inline bool is_signed(const struct tl_sketch *s)
{
    return s->kind == TL_SKETCH_SIGNED || s->kind == TL_SKETCH_SIGNED_COUNT;
}

static bool is_whole(const struct tl_sketch *s)
{
    return s->kind == TL_SKETCH_COUNT || s->kind == TL_SKETCH_SIGNED_COUNT;
}

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

void tl_sketch_like(struct tl_sketch *to, const struct tl_sketch *from)
{
    /* Not what `from` has counted: it may be counting already. */
    to->kind = from->kind;
    to->base = from->base;
    to->shift = from->shift;
    to->lo = from->lo;
    to->width = from->width;
    to->centre = from->centre;
    to->min = INFINITY;
    to->max = -INFINITY;
}

void tl_sketch_pilot(struct tl_sketch *s, const double *x, int n)
{
    double low = s->min, high = s->max, positive = s->lo, sum = 0.0;
    for (int i = 0; i < n; i++) {
        double v = x[i];
        low = v < low ? v : low;
        high = v > high ? v : high;
        positive = v > 0.0 && v < positive ? v : positive; /* the smallest positive one */
        sum += v;
    }
    s->min = low;
    s->max = high;
    s->lo = positive;
    s->centre += sum / n;
}

void tl_sketch_ready(struct tl_sketch *s)
{
    if (s->kind == TL_SKETCH_SIGNED) {
        double margin = 0.1 * (s->max - s->min);
        s->lo = s->min - margin;
        s->width = fmax((s->max - s->min + 2.0 * margin) / INNER, 1e-12 * (1.0 + fabs(s->max)));
    } else if (s->kind == TL_SKETCH_SIGNED_COUNT) {
        /* Whole numbers to a bin, its ends between them: a bin of one number says it, and none at all is no small effect. */
        double margin = ceil(0.1 * (s->max - s->min));
        s->lo = s->min - margin - 0.5;
        s->width = fmax(ceil((s->max - s->min + 2.0 * margin + 1.0) / INNER), 1.0);
    } else {
        double hi = s->max > 0.0 ? s->max : 1.0;
        double lo = fmax(isfinite(s->lo) ? s->lo : hi, hi / 65536.0);
        /* Where there are noughts the lowest bin is theirs alone: no quantile of them may lie between them and the smallest figure that a pilot met. */
        if (s->min <= 0.0)
            lo = fmax(s->kind == TL_SKETCH_COUNT ? 1.0 : 0.0, hi / 65536.0);
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

LANES_INLINE void find_bins(const struct tl_sketch *s, const double *restrict x, int n,
                            uint8_t *restrict bin)
{
    if (is_signed(s)) {
        double lo = s->lo, each = 1.0 / s->width;
        for (int i = 0; i < n; i++) {
            double at = 1.0 + (x[i] - lo) * each;
            at = at > 0.0 ? at : 0.0;
            at = at < TL_SKETCH_BINS - 1 ? at : TL_SKETCH_BINS - 1;
            bin[i] = (uint8_t)(int32_t)at;
        }
        return;
    }
    int32_t base = s->base;
    int shift = s->shift;
    for (int i = 0; i < n; i++) {
        float f = (float)x[i];
        int32_t bits;
        memcpy(&bits, &f, sizeof bits);
        /* A hair below nothing (rounding) belongs in the lowest bin; its bits are a negative number. */
        int32_t over = (bits < 0 ? 0 : bits) - base;
        int32_t at = 1 + (over >> shift);
        at = over < 0 ? 0 : at;
        bin[i] = (uint8_t)(at < TL_SKETCH_BINS - 1 ? at : TL_SKETCH_BINS - 1);
    }
}

LANES_INLINE void add_sums(struct tl_sketch *restrict s, const double *restrict x, int n)
{
    double sum[SUMS] = {0}, sum2[SUMS] = {0}, low[SUMS], high[SUMS], centre = s->centre;
    int even = n - n % SUMS;
    for (int k = 0; k < SUMS; k++) {
        low[k] = s->min;
        high[k] = s->max;
    }
    for (int i = 0; i < even; i += SUMS)
        for (int k = 0; k < SUMS; k++) {
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
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
    for (int k = 0; k < SUMS; k++) {
        s->sum += sum[k];
        s->sum2 += sum2[k];
        s->min = low[k] < s->min ? low[k] : s->min;
        s->max = high[k] > s->max ? high[k] : s->max;
    }
}

LANES_INLINE void add(struct tl_sketch *restrict s, const double *restrict x, int n)
{
    uint8_t bin[TL_LANES], tables[TABLES][TL_SKETCH_BINS];
    int even = n - n % 8;
    memset(tables, 0, sizeof tables);
    add_sums(s, x, n);
    find_bins(s, x, n, bin);
    for (int i = 0; i < even; i += 8) {
        uint64_t eight;
        memcpy(&eight, bin + i, sizeof eight);
        for (int k = 0; k < 8; k++)
            tables[k % TABLES][eight >> 8 * k & 255u]++;
    }
    for (int i = even; i < n; i++)
        tables[0][bin[i]]++;
    for (int b = 0; b < TL_SKETCH_BINS; b++)
        s->bins[b] += (uint32_t)tables[0][b] + tables[1][b] + tables[2][b] + tables[3][b];
    s->n += n;
}

LANES_BUILDS(add, (struct tl_sketch *restrict s, const double *restrict x, int n), (s, x, n))

void tl_sketch_add(enum tl_simd kind, struct tl_sketch *s, const double *x, int n)
{
    for (int i = 0; i < n; i += TL_LANES)
        add_builds[kind](s, x + i, n - i < TL_LANES ? n - i : TL_LANES);
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
    if (is_signed(s)) {
        *low = s->lo + s->width * (bin - 1);
        *high = *low + s->width;
    } else {
        *low = bin == 0 ? s->min : value_of(s->base + (int32_t)((uint32_t)(bin - 1) << s->shift));
        *high = value_of(s->base + (int32_t)((uint32_t)bin << s->shift));
    }
    if (bin == 0) {
        *low = s->min;
        *high = is_signed(s) ? s->lo : value_of(s->base);
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
    if (s->kind == TL_SKETCH_POSITIVE && bin == 0 && s->min <= 0.0)
        return 0.0;
    if (!is_whole(s))
        return low + (high - low) * fmin(within, 1.0);
    /* Whole numbers in [low, high): the share is spread over them evenly. */
    double first = ceil(low), n = fmax(1.0, ceil(high) - first);
    return fmin(first + floor(n * fmin(within, 1.0 - 1e-9)), s->max) + 0.0; /* nor -0 */
}

double tl_sketch_step(const struct tl_sketch *s, double share)
{
    double within, low, high;
    if (s->n == 0)
        return 0.0;
    ends(s, find_quantile(s, share, &within), &low, &high);
    return is_whole(s) ? fmax(0.0, ceil(high) - ceil(low) - 1.0) : high - low;
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
