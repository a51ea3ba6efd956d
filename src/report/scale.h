/** Colours of values, the range that a legend shows, round ticks and how numbers are written. */
#ifndef TL_REPORT_SCALE_H
#define TL_REPORT_SCALE_H

#include "core/core.h"

enum tl_scale_colours { TL_SCALE_DENSITY, TL_SCALE_UNCERTAINTY };

struct tl_scale {
    enum tl_scale_colours colours;
    bool is_log;
    bool is_empty;           /* no finite value at all */
    bool is_below, is_above; /* there are values outside lo..hi: drawn in the end colours */
    double lo, hi;           /* lo < hi; both positive when is_log */
};

enum { TL_SCALE_TICKS_MAX = 24, TL_SCALE_TEXT_BYTES = 40 };

/**
 * Range for a legend: round numbers around the 0.5 % and 99.9 % quantiles of factor * values; a log scale spans at
 * most five decades below its top and leaves zeros below its range. One value only gives a range around it.
 * @param      values [n]; NaN = none, infinite ones count as outside
 * @param[out] scale  untouched on error
 * Errors: TL_ENOMEM.  Cost: O(n log n) for up to 200,000 of the values, evenly taken.
 */
TL_MUST_USE tl_err tl_scale_fit(struct tl_ctx *ctx, enum tl_scale_colours colours, bool is_log,
                                const double *values, int64_t n, double factor,
                                struct tl_scale *scale);

/** Place of a value on the scale, 0 to 1, clamped. */
double tl_scale_share(const struct tl_scale *scale, double value);

/** Colour at a place of the scale, 0xRRGGBB. */
uint32_t tl_scale_colour(enum tl_scale_colours colours, double share);

/** Round ticks within lo..hi, ascending. Returns how many (at most TL_SCALE_TICKS_MAX). */
int tl_scale_ticks(const struct tl_scale *scale, double *ticks);

/** Round ticks of a linear axis, about `wanted` of them. */
int tl_scale_linear_ticks(double lo, double hi, int wanted, double *ticks);

/** Largest of 1, 2, 5 times a power of ten that is not above `value` (> 0). */
double tl_scale_round_down(double value);
double tl_scale_round_up(double value);

/**
 * A tick of a scale, so that all ticks of one log scale are written alike: as plain decimals from a millionth to a
 * million, else all as powers of ten. `text` at least TL_SCALE_TEXT_BYTES.
 */
void tl_scale_tick(const struct tl_scale *scale, double tick, char *text);

/** A number as people read it: "0.02", "35", "12 000", "2×10⁷". `text` at least TL_SCALE_TEXT_BYTES. */
void tl_scale_number(double value, char *text);

#endif
