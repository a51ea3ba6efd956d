/*
 * Philox4x32-10: key = the seed mixed with the stream, counter = (index, try). Constants from Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3"; the test vectors are those of the authors' own known-answer file.
 * Rejection samplers take their tries from the counter's upper half, so an index never eats its neighbour's numbers.
 */
#include "core/rng.h"

#include <math.h>

#define TWO_PI 6.283185307179586476925287

static void philox(uint32_t c[4], uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0];
        uint64_t p1 = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
        uint32_t n2 = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[0] = n0;
        c[1] = (uint32_t)p1;
        c[2] = n2;
        c[3] = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

/* SplitMix64's finaliser: a bijection that spreads neighbouring seeds and streams over the key space. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

struct tl_rng tl_rng_make(uint64_t seed, uint64_t stream)
{
    return (struct tl_rng){.seed = seed, .stream = stream};
}

struct tl_rng tl_rng_fork(struct tl_rng rng, uint64_t stream)
{
    uint64_t key = mix(rng.seed + 0x9E3779B97F4A7C15u * (rng.stream + 1));
    return (struct tl_rng){.seed = key, .stream = mix(stream + 0x632BE59BD9B4E019u)};
}

static void bits_of_try(struct tl_rng rng, uint64_t index, uint64_t try, uint32_t bits[4])
{
    uint64_t key = mix(rng.seed + 0x9E3779B97F4A7C15u * (rng.stream + 1));
    bits[0] = (uint32_t)index;
    bits[1] = (uint32_t)(index >> 32);
    bits[2] = (uint32_t)try;
    bits[3] = (uint32_t)(try >> 32);
    philox(bits, (uint32_t)key, (uint32_t)(key >> 32));
}

void tl_rng_bits(struct tl_rng rng, uint64_t index, uint32_t bits[4])
{
    bits_of_try(rng, index, 0, bits);
}

static double to_unit(uint32_t hi, uint32_t lo)
{
    uint64_t v = ((uint64_t)hi << 32 | lo) >> 11;
    return ((double)v + 0.5) * 0x1p-53;
}

double tl_rng_uniform(struct tl_rng rng, uint64_t index)
{
    uint32_t b[4];
    bits_of_try(rng, index, 0, b);
    return to_unit(b[0], b[1]);
}

static double normal_of_try(struct tl_rng rng, uint64_t index, uint64_t try)
{
    uint32_t b[4];
    bits_of_try(rng, index, try, b);
    return sqrt(-2.0 * log(to_unit(b[0], b[1]))) * cos(TWO_PI * to_unit(b[2], b[3]));
}

double tl_rng_normal(struct tl_rng rng, uint64_t index)
{
    return normal_of_try(rng, index, 0);
}

void tl_rng_normals(struct tl_rng rng, uint64_t first, int64_t n, double *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = normal_of_try(rng, first + (uint64_t)i, 0);
}

static int64_t poisson_small(double u, double mean)
{
    double p = exp(-mean), sum = p;
    int64_t k = 0;
    /* Past 1000 the remaining mass is below the resolution of u. */
    while (u > sum && k < 1000) {
        k++;
        p *= mean / (double)k;
        sum += p;
    }
    return k;
}

int64_t tl_rng_poisson(struct tl_rng rng, uint64_t index, double mean)
{
    if (!(mean > 0.0))
        return 0;
    if (mean < 30.0)
        return poisson_small(tl_rng_uniform(rng, index), mean);
    if (mean > 1e9)
        return llround(fmax(0.0, mean + sqrt(mean) * tl_rng_normal(rng, index)));
    double slam = sqrt(mean), loglam = log(mean);
    double b = 0.931 + 2.53 * slam, a = -0.059 + 0.02483 * b;
    double invalpha = 1.1239 + 1.1328 / (b - 3.4), vr = 0.9277 - 3.6224 / (b - 2.0);
    for (uint64_t try = 0;; try++) {
        uint32_t bits[4];
        bits_of_try(rng, index, try, bits);
        double u = to_unit(bits[0], bits[1]) - 0.5, v = to_unit(bits[2], bits[3]);
        double us = 0.5 - fabs(u);
        double k = floor((2.0 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= vr)
            return (int64_t)k;
        if (k < 0.0 || (us < 0.013 && v > us))
            continue;
        if (log(v) + log(invalpha) - log(a / (us * us) + b) <= -mean + k * loglam - lgamma(k + 1.0))
            return (int64_t)k;
    }
}

double tl_rng_gamma(struct tl_rng rng, uint64_t index, double shape)
{
    struct tl_rng own = tl_rng_fork(rng, index);
    double boost = 1.0;
    if (shape < 1.0) {
        boost = pow(tl_rng_uniform(own, 0), 1.0 / shape);
        shape += 1.0;
    }
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (uint64_t i = 1;; i += 2) {
        double x = tl_rng_normal(own, i), t = 1.0 + c * x;
        if (t <= 0.0)
            continue;
        double v = t * t * t;
        if (log(tl_rng_uniform(own, i + 1)) < 0.5 * x * x + d - d * v + d * log(v))
            return boost * d * v;
    }
}

double tl_rng_beta(struct tl_rng rng, uint64_t index, double a, double b)
{
    double x = tl_rng_gamma(tl_rng_fork(rng, 1), index, a);
    double y = tl_rng_gamma(tl_rng_fork(rng, 2), index, b);
    return x + y > 0.0 ? x / (x + y) : a / (a + b);
}
