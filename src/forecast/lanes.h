/**
 * Arithmetic of many draws side by side. Loops over lanes are compiled once for each kind of instructions, and the best that the machine has is
 * taken when the program runs. exp and log are polynomials of our own out of plain additions and products, which -ffp-contract=off keeps apart: the
 * same bits on every kind, and on every machine's mathematics library. lanes_test.c bounds their errors.
 */
#ifndef TL_FORECAST_LANES_H
#define TL_FORECAST_LANES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/simd.h"

enum {
    TL_LANES = 256,
    TL_LANES_PART = 64
}; /* draws side by side; those that stay in the first cache */

/* Lanes do not depend on each other: compilers need not look whether arrays overlap. */
#if defined(__clang__)
#define LANES_APART _Pragma("clang loop vectorize(assume_safety)")
#else
#define LANES_APART _Pragma("GCC ivdep")
#endif

#define LANES_INLINE static inline __attribute__((always_inline))

/** Builds of an always-inline function of these parameters, and a table of them: name_builds[kind]. */
#define LANES_BUILDS(name, parameters, arguments)                                                  \
    static void name##_plain parameters                                                            \
    {                                                                                              \
        name arguments;                                                                            \
    }                                                                                              \
    TL_SIMD_ON_AVX2 static void name##_avx2 parameters                                             \
    {                                                                                              \
        name arguments;                                                                            \
    }                                                                                              \
    TL_SIMD_ON_AVX512 static void name##_avx512 parameters                                         \
    {                                                                                              \
        name arguments;                                                                            \
    }                                                                                              \
    static void(*const name##_builds[TL_SIMD_KINDS])                                               \
        parameters = {name##_plain, name##_avx2, name##_avx512};

LANES_INLINE uint64_t lanes_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

LANES_INLINE double lanes_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/** e^x to 1e-14 of it; x is cut at -700 and 700. n = round(x / ln 2), Taylor on the rest. */
LANES_INLINE double lanes_exp(double x)
{
    static const double shift = 0x1.8p52;
    x = x > -700.0 ? x : -700.0;
    x = x < 700.0 ? x : 700.0;
    double t = x * 1.44269504088896340736 + shift, n = t - shift;
    double r = (x - n * 0x1.62e42fefa38p-1) - n * 0x1.ef35793c7673p-45;
    double p = 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    return p * lanes_of_bits((lanes_bits(t) + 1023u) << 52);
}

/** ln x to 1e-15 (absolute, or of it beyond 1); x positive and normal. 2 atanh((m - 1) / (m + 1)) with m in sqrt(1/2)..sqrt(2). */
LANES_INLINE double lanes_log(double x)
{
    uint64_t bits = lanes_bits(x);
    uint64_t e = (bits - 0x3FE6A09E667F3BCDu + ((uint64_t)1023 << 52)) >> 52;
    double m = lanes_of_bits(bits - (e << 52) + ((uint64_t)1023 << 52));
    double n = lanes_of_bits(e | 0x4330000000000000u) - (0x1p52 + 1023.0);
    double s = (m - 1.0) / (m + 1.0), w = s * s, p = 1.0 / 19.0;
    p = p * w + 1.0 / 17.0;
    p = p * w + 1.0 / 15.0;
    p = p * w + 1.0 / 13.0;
    p = p * w + 1.0 / 11.0;
    p = p * w + 1.0 / 9.0;
    p = p * w + 1.0 / 7.0;
    p = p * w + 1.0 / 5.0;
    p = p * w + 1.0 / 3.0;
    return n * 0x1.62e42fefa38p-1 + (n * 0x1.ef35793c7673p-45 + (2.0 * s * w * p + 2.0 * s));
}

/** Uniform on (0, 1) of 32 bits. */
LANES_INLINE double lanes_uniform(uint32_t bits)
{
    return ((double)(int32_t)(bits ^ 0x80000000u) + 2147483648.5) * 0x1p-32;
}

/** Normal quantile (Wichura's AS241, PPND7: seven digits) of p in 2^-33..1-2^-33; beyond, its outer branch would be needed. */
LANES_INLINE double lanes_normal(double p)
{
    double q = p - 0.5, r = 0.180625 - q * q;
    double centre =
        q * (((5.9109374720E1 * r + 1.5929113202E2) * r + 5.0434271938E1) * r + 3.3871327179E0) /
        (((6.7187563600E1 * r + 7.8757757664E1) * r + 1.7895169469E1) * r + 1.0);
    double outer = q < 0.0 ? p : 1.0 - p;
    r = sqrt(-lanes_log(outer)) - 1.6;
    double tail =
        (((1.7023821103E-1 * r + 1.3067284816E0) * r + 2.7568153900E0) * r + 1.4234372777E0) /
        ((1.2021132975E-1 * r + 7.3700164250E-1) * r + 1.0);
    tail = q < 0.0 ? -tail : tail;
    return fabs(q) <= 0.425 ? centre : tail;
}

#endif
