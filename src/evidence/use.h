/**
 * Land use: how much people are on the ground, and so how much of it they would have met items on.
 * It makes the effort of the channels in which people, not searches, find items.
 */
#ifndef TL_EVIDENCE_USE_H
#define TL_EVIDENCE_USE_H

#include "evidence/effort.h"

/** Assumed chance in a year that an item on land in full use causes an accident, or is met and
 * reported. Their scale is poorly known: the channel's log-effect (sd 1.5) is there to absorb it.
 */
#define TL_USE_ACCIDENT_RATE 0.001
#define TL_USE_SPOT_RATE     0.01

/** Use intensity where nobody is known to live: not zero, since somebody was there to meet the
 * item. */
#define TL_USE_FLOOR 0.05

/** People per km² (smoothed) at which land is half used. */
#define TL_USE_HALF_PER_KM2 10.0

/** People of a place whose population is not known. */
#define TL_USE_UNKNOWN_POPULATION 100.0

/** Intensity from the density of people per km². */
double tl_use_of(double people_per_km2);

/**
 * Intensity of every cell, TL_USE_FLOOR to 1: D / (D + half), D the density of people smoothed with
 * a Gaussian of `range_m`. 1 everywhere when there are no places. @param[out] use [n_cells]
 */
TL_MUST_USE tl_err tl_use_intensity(struct tl_ctx *ctx, const struct tl_gather *gather,
                                    double range_m, double *use);

/** The same for rows [row_first, row_end), to the bit. */
TL_MUST_USE tl_err tl_use_intensity_rows(struct tl_ctx *ctx, const struct tl_gather *gather,
                                         double range_m, int64_t row_first, int64_t row_end,
                                         double *use);

/** The same for a rectangle, to the bit. @param box  first column, first row, columns, rows @param[out] use [rows * columns] */
TL_MUST_USE tl_err tl_use_intensity_box(struct tl_ctx *ctx, const struct tl_gather *gather,
                                        double range_m, const int64_t box[4], double *use);

struct tl_use_span {
    double from, to; /* years with their fraction; to - from >= 1 */
    int64_t n_dated;
};

/** Whole years from the first to the last dated record of a kind among those `wanted` (NULL = all);
 * one year when none is dated. */
struct tl_use_span tl_use_years(const struct tl_gather *gather, enum tl_kind kind,
                                const bool *not_wanted);

/** Times at which what is left changes within a span: its ends and dates of searches, at most TL_USE_SLICES of them. */
enum { TL_USE_SLICES = 12 };

struct tl_use_times {
    double at[TL_USE_SLICES + 2];
    int n;
};

TL_MUST_USE tl_err tl_use_slice(struct tl_ctx *ctx, const struct tl_attribute *searches,
                                const struct tl_use_span *span, struct tl_use_times *times);

/**
 * Effort of a channel: use × rate × integral over the years of the area that no search had taken from the land yet [m²]. Positive
 * wherever the cell's area is.
 * @param[in,out] effort  [n_cells] in: the integral (tl_effort_integral)
 */
void tl_use_effort(int64_t n_cells, const double *cell_area, const double *use,
                   const struct tl_use_span *span, double rate, double *effort);

#endif
