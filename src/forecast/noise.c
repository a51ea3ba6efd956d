/*
 * Counts are Poisson quantiles at fixed uniforms (common random numbers; poisson.h), given a gamma level that all classes of a year share: so
 * the year's casualties are negative binomial, and scenarios differ by what they do, not by luck. Uniforms have 32 bits: a year's extreme
 * beyond one in four thousand million is not drawn. The bits are Philox4x32-10's (core/rng.c), here side by side: a key for each series, the counter is (draw, year).
 */
#include "forecast/noise.h"

#include <math.h>
#include <string.h>

#include "core/rng.h"
#include "forecast/poisson.h"

enum { STREAM_QUANTITY = 0x464301, STREAM_COUNTS, STREAM_WALK, STREAM_GAMMA, STREAM_TAIL };

#define ALL for (int i = 0; i < TL_LANES; i++)

/* Room for all years of a draw in a series. */
static const uint64_t years_stride = 256;

double tl_noise_normal_quantile(double p)
{
    return lanes_normal(p);
}

LANES_INLINE void poisson(const double *restrict mean, const uint32_t *restrict bits,
                          const float *restrict z, double *restrict count)
{
    for (int first = 0; first < TL_LANES; first += TL_LANES_PART)
        poisson_part(mean + first, bits + first, z + first, count + first);
}

LANES_BUILDS(poisson,
             (const double *restrict mean, const uint32_t *restrict bits, const float *restrict z,
              double *restrict count),
             (mean, bits, z, count))

void tl_noise_poisson(enum tl_simd kind, const double *mean, const uint32_t *bits, const float *z,
                      double *count)
{
    poisson_builds[kind](mean, bits, z, count);
}

/* Bits */

struct key {
    uint32_t k0, k1;
};

static struct key key_of(struct tl_rng rng)
{
    /* Any fixed function of the series will do for a key: here the first two words of a fork of it. */
    uint32_t bits[4];
    tl_rng_bits(tl_rng_fork(rng, 0x6C616E6573u), 0, bits);
    return (struct key){bits[0], bits[1]};
}

/* Philox4x32-10 of a counter; words are held in 64 bits, whose product of halves all machines have side by side. */
LANES_INLINE void philox(struct key key, uint64_t index, uint64_t try, uint64_t words[4])
{
    uint64_t c0 = index & 0xFFFFFFFFu, c1 = index >> 32, c2 = try, c3 = 0;
    uint64_t k0 = key.k0, k1 = key.k1;
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (c0 & 0xFFFFFFFFu) * 0xD2511F53u, p1 = (c2 & 0xFFFFFFFFu) * 0xCD9E8D57u;
        c0 = (p1 >> 32) ^ c1 ^ k0;
        c1 = p1 & 0xFFFFFFFFu;
        c2 = (p0 >> 32) ^ c3 ^ k1;
        c3 = p0 & 0xFFFFFFFFu;
        k0 = (k0 + 0x9E3779B9u) & 0xFFFFFFFFu;
        k1 = (k1 + 0xBB67AE85u) & 0xFFFFFFFFu;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
}

/* Words 0 to 3 of counters first + i * stride: [4, LANES]. */
LANES_INLINE void words_of(struct key key, uint64_t first, uint64_t stride, uint64_t try,
                           uint32_t (*restrict words)[TL_LANES])
{
    ALL
    {
        uint64_t four[4];
        philox(key, first + (uint64_t)i * stride, try, four);
        words[0][i] = (uint32_t)four[0];
        words[1][i] = (uint32_t)four[1];
        words[2][i] = (uint32_t)four[2];
        words[3][i] = (uint32_t)four[3];
    }
}

LANES_INLINE void quantity(struct key key, uint64_t first, double *restrict z)
{
    uint32_t words[4][TL_LANES];
    words_of(key, first, 1, 0, words);
    ALL z[i] = lanes_normal(lanes_uniform(words[0][i]));
}

LANES_BUILDS(quantity, (struct key key, uint64_t first, double *restrict z), (key, first, z))

void tl_noise_quantity(enum tl_simd kind, uint64_t seed, uint64_t stream, int64_t first, double *z)
{
    struct tl_rng rng = tl_rng_fork(tl_rng_make(seed, STREAM_QUANTITY), stream);
    quantity_builds[kind](key_of(rng), (uint64_t)first, z);
}

LANES_INLINE void counts(struct key key, int64_t first, int64_t n_years, uint32_t *restrict bits,
                         float *restrict z)
{
    for (int64_t t = 0; t < n_years; t += 2) {
        uint32_t words[4][TL_LANES];
        int n = t + 1 < n_years ? 4 : 2;
        words_of(key, (uint64_t)first * years_stride + (uint64_t)t / 2, years_stride, 0, words);
        for (int k = 0; k < n; k++) {
            uint32_t *restrict bits_to = bits + (t * 2 + k) * TL_LANES;
            float *restrict z_to = z + (t * 2 + k) * TL_LANES;
            ALL
            {
                bits_to[i] = words[k][i];
                z_to[i] = (float)lanes_normal(lanes_uniform(words[k][i]));
            }
        }
    }
}

LANES_BUILDS(counts,
             (struct key key, int64_t first, int64_t n_years, uint32_t *restrict bits,
              float *restrict z),
             (key, first, n_years, bits, z))

void tl_noise_counts(enum tl_simd kind, uint64_t seed, uint64_t stream, int64_t first,
                     int64_t n_years, uint32_t *bits, float *z)
{
    struct tl_rng rng = tl_rng_fork(tl_rng_make(seed, STREAM_COUNTS), stream);
    counts_builds[kind](key_of(rng), first, n_years, bits, z);
}

/* Level */

double tl_noise_step(struct tl_rng rng, uint64_t index)
{
    double z = tl_rng_normal(rng, 2 * index), u = tl_rng_uniform(rng, 2 * index + 1);
    double v = tl_rng_uniform(tl_rng_fork(rng, STREAM_TAIL), index);
    /* -2 log(u v) is chi-squared of 4 degrees. */
    return fmax(-TL_NOISE_STEP_MAX, fmin(z / sqrt(-0.5 * log(u * v)), TL_NOISE_STEP_MAX));
}

/* One try of Marsaglia and Tsang's gamma (2000) for a shape of at least 1; negative where it is rejected. */
LANES_INLINE double try_gamma(double shape, uint32_t normal, uint32_t uniform)
{
    double d = shape - 1.0 / 3.0, x = lanes_normal(lanes_uniform(normal));
    double t = 1.0 + x / (3.0 * sqrt(d)), v = t * t * t;
    double bound = 0.5 * x * x + d - d * v + d * lanes_log(v > 1e-30 ? v : 1e-30);
    bool taken = t > 0.0 && lanes_log(lanes_uniform(uniform)) < bound;
    return taken ? d * v : -1.0;
}

/* A gamma of mean 1 for each lane; of size 1e8 and more it is 1. */
LANES_INLINE void gammas(struct key key, uint64_t first, const double *restrict size,
                         uint32_t (*restrict words)[TL_LANES], double *restrict g)
{
    double least = size[0];
    for (int i = 1; i < TL_LANES; i++)
        least = size[i] < least ? size[i] : least;
    words_of(key, first, years_stride, 0, words);
    ALL g[i] = try_gamma(size[i] < 1.0 ? size[i] + 1.0 : size[i], words[0][i], words[1][i]);
    ALL for (uint64_t try = 1; g[i] < 0.0; try++)
    {
        uint64_t four[4];
        philox(key, first + (uint64_t)i * years_stride, try, four);
        g[i] = try_gamma(size[i] < 1.0 ? size[i] + 1.0 : size[i], (uint32_t)four[0],
                         (uint32_t)four[1]);
    }
    if (least < 1.0) /* gamma(a) is gamma(a + 1) times u^(1 / a) */
        ALL g[i] *=
            size[i] < 1.0 ? lanes_exp(lanes_log(lanes_uniform(words[2][i])) / size[i]) : 1.0;
    ALL g[i] = size[i] < 1e8 ? g[i] / size[i] : 1.0;
}

struct walk {
    struct key steps, gammas;
    uint64_t first;
    int64_t n_years;
    const double *size, *step, *trend, *damping;
};

LANES_INLINE void level_of(const struct walk *restrict w, double *restrict levels)
{
    uint32_t words[4][TL_LANES];
    double at[TL_LANES], drift[TL_LANES], g[TL_LANES];
    const double *restrict step = w->step, *restrict damping = w->damping;
    ALL at[i] = 0.0;
    ALL drift[i] = w->trend[i];
    for (int64_t t = 0; t < w->n_years; t++) {
        double *restrict level = levels + t * TL_LANES;
        uint64_t first = w->first * years_stride + (uint64_t)t;
        words_of(w->steps, first, years_stride, 0, words);
        ALL
        {
            /* Student's t of 4 degrees: -2 log(u v) is chi-squared of 4 degrees. */
            double z = lanes_normal(lanes_uniform(words[0][i]));
            double both = lanes_uniform(words[1][i]) * lanes_uniform(words[2][i]);
            double e = z / sqrt(-0.5 * lanes_log(both));
            e = e < TL_NOISE_STEP_MAX ? e : TL_NOISE_STEP_MAX;
            drift[i] += step[i] * (e > -TL_NOISE_STEP_MAX ? e : -TL_NOISE_STEP_MAX);
            at[i] += drift[i];
            drift[i] *= damping[i]; /* a movement goes on for a while, as in the calibration */
        }
        gammas(w->gammas, first, w->size, words, g);
        ALL level[i] = g[i] * lanes_exp(at[i]);
    }
}

LANES_BUILDS(level_of, (const struct walk *restrict w, double *restrict levels), (w, levels))

void tl_noise_level(enum tl_simd kind, uint64_t seed, int64_t first, int64_t n_years,
                    const double *const of[4], double *level)
{
    const struct walk walk = {.steps = key_of(tl_rng_make(seed, STREAM_WALK)),
                              .gammas = key_of(tl_rng_make(seed, STREAM_GAMMA)),
                              .first = (uint64_t)first,
                              .n_years = n_years,
                              .size = of[0],
                              .step = of[1],
                              .trend = of[2],
                              .damping = of[3]};
    level_of_builds[kind](&walk, level);
}
