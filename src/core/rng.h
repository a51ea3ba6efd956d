/**
 * Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011). A number is a function of (seed,
 * stream, index) alone, so that work may be cut among any number of threads and still give the same bits.
 */
#ifndef TL_CORE_RNG_H
#define TL_CORE_RNG_H

#include <stdint.h>

/** What a series of numbers is for; make one per purpose with tl_rng_make. */
struct tl_rng {
    uint64_t seed;
    uint64_t stream;
};

/** Series for a purpose: `stream` tells it from all other series of the same seed. */
struct tl_rng tl_rng_make(uint64_t seed, uint64_t stream);

/** Series within a series (a draw, a cell, a team): as independent of its parent as another stream. */
struct tl_rng tl_rng_fork(struct tl_rng rng, uint64_t stream);

/** The 128 bits at an index. */
void tl_rng_bits(struct tl_rng rng, uint64_t index, uint32_t bits[4]);

/** Uniform on (0, 1), 53 bits; never 0, never 1. */
double tl_rng_uniform(struct tl_rng rng, uint64_t index);

/** Standard normal (Box-Muller on one counter). */
double tl_rng_normal(struct tl_rng rng, uint64_t index);

/** `n` standard normals for indices first..first+n-1. */
void tl_rng_normals(struct tl_rng rng, uint64_t first, int64_t n, double *out);

/** Poisson with the given mean (>= 0; above 1e9 a rounded normal). Exact inversion below 30, PTRS (Hoermann 1993) above. */
int64_t tl_rng_poisson(struct tl_rng rng, uint64_t index, double mean);

/** Gamma with shape > 0 and scale 1 (Marsaglia, Tsang 2000). */
double tl_rng_gamma(struct tl_rng rng, uint64_t index, double shape);

/** Beta(a, b), a > 0, b > 0. */
double tl_rng_beta(struct tl_rng rng, uint64_t index, double a, double b);

#endif
