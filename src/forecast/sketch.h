/**
 * Quantiles and means of a stream in bounded memory: 254 bins between the ends that a pilot block showed, and one beyond each end. Figures
 * that are never negative have bins of even width within each octave (the upper bits of the float), differences bins of even width. Quantiles of
 * counts and of their differences are whole numbers. Counts add up in any order to the same bits; sums are kept by strand.
 */
#ifndef TL_FORECAST_SKETCH_H
#define TL_FORECAST_SKETCH_H

#include "core/core.h"
#include "forecast/lanes.h"
#include "tilth/forecast.h"

enum { TL_SKETCH_BINS = 256 };

enum tl_sketch_kind {
    TL_SKETCH_POSITIVE,
    TL_SKETCH_COUNT,
    TL_SKETCH_SIGNED,
    TL_SKETCH_SIGNED_COUNT
};

struct tl_sketch {
    enum tl_sketch_kind kind;
    int32_t base;
    int shift;
    double lo, width; /* of signed figures */
    double min, max;  /* seen */
    double sum, sum2; /* of x - centre: a variance by plain sums keeps its digits */
    double centre;
    int64_t n;
    uint32_t bins[TL_SKETCH_BINS];
};

/** Pilot: takes note of the ends. Begin with tl_sketch_begin, end with tl_sketch_ready. */
void tl_sketch_begin(struct tl_sketch *sketch, enum tl_sketch_kind kind);
void tl_sketch_pilot(struct tl_sketch *sketch, const double *x, int n);
void tl_sketch_ready(struct tl_sketch *sketch);

/** An empty sketch with the ends of another; `to` is all zero. */
void tl_sketch_like(struct tl_sketch *to, const struct tl_sketch *from);

void tl_sketch_add(enum tl_simd kind, struct tl_sketch *sketch, const double *x, int n);
void tl_sketch_merge(struct tl_sketch *to, const struct tl_sketch *from);

/** Quantile; off by less than the width of its bin. */
double tl_sketch_quantile(const struct tl_sketch *sketch, double share);
/** Width of the bin that a quantile lies in. */
double tl_sketch_step(const struct tl_sketch *sketch, double share);
struct tl_forecast_fan tl_sketch_fan(const struct tl_sketch *sketch);

#endif
