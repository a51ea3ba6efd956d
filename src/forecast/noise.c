/*
 * Counts are Poisson quantiles at fixed uniforms (common random numbers), given a gamma level that all classes of a year share: so the
 * year's casualties are negative binomial, and scenarios differ by what they do, not by luck. From a mean of 12 on the quantile is the floor of
 * Giles' asymptotic expansion (ACM TOMS 42(1), 2016, algorithm 955, its Q_N2), whose floor differs from the exact quantile in under one case in
 * 1,000 there; below 12 it is exact inversion. Uniforms have 32 bits: a year's extreme beyond one in four thousand million is not drawn.
 */
#include "forecast/noise.h"

#include <math.h>
#include <string.h>

#include "core/rng.h"

enum { STREAM_QUANTITY = 0x464301, STREAM_COUNTS, STREAM_WALK, STREAM_GAMMA, STREAM_TAIL };

/* Room for all years of a draw in a series. */
static const uint64_t years_stride = 256;

/* AS241's PPND7, central part and tails. */
static double tail(double p, double q)
{
    double r = sqrt(-log(q < 0.0 ? p : 1.0 - p)), x;
    if (r <= 5.0) {
        r -= 1.6;
        x = (((1.7023821103E-1 * r + 1.3067284816E0) * r + 2.7568153900E0) * r + 1.4234372777E0) /
            ((1.2021132975E-1 * r + 7.3700164250E-1) * r + 1.0);
    } else {
        r -= 5.0;
        x = (((1.7337203997E-2 * r + 4.2868294337E-1) * r + 3.0812263860E0) * r + 6.6579051150E0) /
            ((1.2258202635E-2 * r + 2.4197894225E-1) * r + 1.0);
    }
    return q < 0.0 ? -x : x;
}

static inline double centre(double q)
{
    double r = 0.180625 - q * q;
    return q * (((5.9109374720E1 * r + 1.5929113202E2) * r + 5.0434271938E1) * r + 3.3871327179E0) /
           (((6.7187563600E1 * r + 7.8757757664E1) * r + 1.7895169469E1) * r + 1.0);
}

double tl_noise_normal_quantile(double p)
{
    double q = p - 0.5;
    return fabs(q) <= 0.425 ? centre(q) : tail(p, q);
}

static double uniform_of(uint32_t bits)
{
    return ((double)bits + 0.5) * 0x1p-32;
}

/* Exact inversion; u below 1 - mean is below exp(-mean), which spares the exponential where little happens. */
static double invert(double mean, double u)
{
    if (u <= 1.0 - mean)
        return 0.0;
    double p = exp(-mean), sum = p, k = 0.0;
    while (u > sum && k < 200.0) {
        k += 1.0;
        p *= mean / k;
        sum += p;
    }
    return k;
}

void tl_noise_poisson(const double *restrict mean, const uint32_t *restrict bits,
                      const float *restrict z, double *restrict count)
{
    static const double whole = 0x1.8p52;
    for (int i = 0; i < TL_NOISE_LANES; i++) {
        double m = mean[i] > 12.0 ? mean[i] : 12.0, s = sqrt(m), w = (double)z[i], w2 = w * w;
        double x = m + s * w + (1.0 / 3.0 + w2 / 6.0) - w * (1.0 / 36.0 + w2 / 72.0) / s +
                   (-8.0 / 405.0 + 7.0 / 810.0 * w2 + w2 * w2 / 270.0) / m;
        x = (x - 0.5 + whole) - whole;
        count[i] = x > 0.0 ? x : 0.0;
    }
    for (int i = 0; i < TL_NOISE_LANES; i++)
        if (mean[i] < 12.0)
            count[i] = invert(mean[i], uniform_of(bits[i]));
}

void tl_noise_quantity(uint64_t seed, uint64_t stream, int64_t first, double *z)
{
    tl_rng_normals(tl_rng_fork(tl_rng_make(seed, STREAM_QUANTITY), stream), (uint64_t)first,
                   TL_NOISE_LANES, z);
}

static void normals_of_bits(const uint32_t *restrict bits, float *restrict z)
{
    for (int i = 0; i < TL_NOISE_LANES; i++)
        z[i] = (float)centre(uniform_of(bits[i]) - 0.5);
    for (int i = 0; i < TL_NOISE_LANES; i++) {
        double p = uniform_of(bits[i]), q = p - 0.5;
        if (fabs(q) > 0.425)
            z[i] = (float)tail(p, q);
    }
}

void tl_noise_counts(uint64_t seed, uint64_t stream, int64_t first, int64_t n_years, uint32_t *bits,
                     float *z)
{
    struct tl_rng rng = tl_rng_fork(tl_rng_make(seed, STREAM_COUNTS), stream);
    for (int64_t t = 0; t < n_years; t += 2) {
        int n = t + 1 < n_years ? 4 : 2;
        for (int i = 0; i < TL_NOISE_LANES; i++) {
            uint32_t four[4];
            tl_rng_bits(rng, (uint64_t)(first + i) * years_stride + (uint64_t)t / 2, four);
            for (int k = 0; k < n; k++)
                bits[(t * 2 + k) * TL_NOISE_LANES + i] = four[k];
        }
    }
    for (int64_t r = 0; r < 2 * n_years; r++)
        normals_of_bits(bits + r * TL_NOISE_LANES, z + r * TL_NOISE_LANES);
}

double tl_noise_step(struct tl_rng rng, uint64_t index)
{
    double z = tl_rng_normal(rng, 2 * index), u = tl_rng_uniform(rng, 2 * index + 1);
    double v = tl_rng_uniform(tl_rng_fork(rng, STREAM_TAIL), index);
    return z / sqrt(-0.5 * log(u * v)); /* -2 log(u v) is chi-squared of 4 degrees */
}

void tl_noise_level(uint64_t seed, int64_t first, int64_t n_years, const double *size,
                    const double *step, const double *trend, const double *damping, double *level)
{
    struct tl_rng walk = tl_rng_make(seed, STREAM_WALK), gamma = tl_rng_make(seed, STREAM_GAMMA);
    for (int i = 0; i < TL_NOISE_LANES; i++) {
        double at = 0.0, drift = trend[i];
        for (int64_t t = 0; t < n_years; t++) {
            uint64_t index = (uint64_t)(first + i) * years_stride + (uint64_t)t;
            if (step[i] > 0.0)
                drift += step[i] * tl_noise_step(walk, index);
            at += drift;
            drift *= damping[i]; /* a movement goes on for a while, as in the calibration */
            double g = size[i] < 1e8 ? tl_rng_gamma(gamma, index, size[i]) / size[i] : 1.0;
            level[t * TL_NOISE_LANES + i] = g * (at != 0.0 ? exp(at) : 1.0);
        }
    }
}
