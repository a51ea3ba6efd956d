/** Random numbers of a block of draws: standard normals of quantities, the level of each year, and counts by inversion. */
#ifndef TL_FORECAST_NOISE_H
#define TL_FORECAST_NOISE_H

#include "core/rng.h"
#include "forecast/lanes.h"
#include "forecast/scenario.h"

/** A Poisson count for a mean: its quantile at the uniform that bits and z stand for, so that counts rise with their mean. [LANES] */
void tl_noise_poisson(enum tl_simd kind, const double *mean, const uint32_t *bits, const float *z,
                      double *count);

/** Standard normals of a quantity for draws first..first+LANES-1. */
void tl_noise_quantity(enum tl_simd kind, uint64_t seed, uint64_t stream, int64_t first, double *z);

/** Uniform bits and their normals for n_years x 2 counts of a class: [n_years, 2, LANES]. */
void tl_noise_counts(enum tl_simd kind, uint64_t seed, uint64_t stream, int64_t first,
                     int64_t n_years, uint32_t *bits, float *z);

/**
 * Yearly level of the casualty rate: a random walk of the log level with a damped drift, times a gamma of mean 1 whose shape is the size of the
 * negative binomial. @param of  size, step, trend, damping: [LANES] each  @param[out] level  [n_years, LANES]
 */
void tl_noise_level(enum tl_simd kind, uint64_t seed, int64_t first, int64_t n_years,
                    const double *const of[4], double *level);

/** A yearly step is cut here (one in 1,800 is): the mean of the exponential of a whole Student's t does not exist. */
#define TL_NOISE_STEP_MAX 10.0

/** A yearly step: Student's t with 4 degrees of freedom. */
double tl_noise_step(struct tl_rng rng, uint64_t index);

/** Normal quantile of p in 2^-33..1-2^-33 (Wichura's AS241, seven digits). */
double tl_noise_normal_quantile(double p);

#endif
