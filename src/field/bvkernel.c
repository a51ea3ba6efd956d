/**
 * Method: two eliminations by columns, one from each side, and their meeting (Kalman filters from both ends). Against a banded factor with
 * Takahashi's recursion it takes 10 m^3 instead of 12 m^3 operations a column and keeps half as many numbers.
 * The code is in bvkernel_body.h and is compiled for each instruction set; a sum runs over k in one order everywhere, so AVX2 and AVX-512,
 * which both add and multiply in one rounding, give the same bits.
 */
#include "field/bvkernel.h"

#include <math.h>
#include <string.h>

#include "core/simd.h"

#if TL_SIMD_X86
#include <immintrin.h>
#endif

enum { LOWER = 1, FROM_ROW = 2, FROM_COLUMN = 4 };

/* Unknowns of a pair of columns that lie together: number, column, first row, how many. */
struct tl_bvkernel_run {
    int64_t at, column, row, n;
};

#if TL_SIMD_X86

#define REAL          float
#define INTEGER       int32_t
#define BYTES         16
#define SQRT(v)       ((V)_mm_sqrt_ps((__m128)(v)))
#define LESS(c, a, b) ((c) - (a) * (b))
#define NAME(name)    name##_plain_float
#include "field/bvkernel_body.h"

#define REAL          double
#define INTEGER       int64_t
#define BYTES         16
#define SQRT(v)       ((V)_mm_sqrt_pd((__m128d)(v)))
#define LESS(c, a, b) ((c) - (a) * (b))
#define NAME(name)    name##_plain_double
#include "field/bvkernel_body.h"

TL_SIMD_BEGIN_AVX2

#define REAL          float
#define INTEGER       int32_t
#define BYTES         32
#define SQRT(v)       ((V)_mm256_sqrt_ps((__m256)(v)))
#define LESS(c, a, b) ((V)_mm256_fnmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define NAME(name)    name##_avx2_float
#include "field/bvkernel_body.h"

#define REAL          double
#define INTEGER       int64_t
#define BYTES         32
#define SQRT(v)       ((V)_mm256_sqrt_pd((__m256d)(v)))
#define LESS(c, a, b) ((V)_mm256_fnmadd_pd((__m256d)(a), (__m256d)(b), (__m256d)(c)))
#define NAME(name)    name##_avx2_double
#include "field/bvkernel_body.h"

TL_SIMD_END
TL_SIMD_BEGIN_AVX512

#define REAL          float
#define INTEGER       int32_t
#define BYTES         64
#define SQRT(v)       ((V)_mm512_sqrt_ps((__m512)(v)))
#define LESS(c, a, b) ((V)_mm512_fnmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define NAME(name)    name##_avx512_float
#include "field/bvkernel_body.h"

#define REAL          double
#define INTEGER       int64_t
#define BYTES         64
#define SQRT(v)       ((V)_mm512_sqrt_pd((__m512d)(v)))
#define LESS(c, a, b) ((V)_mm512_fnmadd_pd((__m512d)(a), (__m512d)(b), (__m512d)(c)))
#define NAME(name)    name##_avx512_double
#include "field/bvkernel_body.h"

TL_SIMD_END

#else /* other machines: vectors of 16 bytes, which compilers map to what there is */

#define REAL          float
#define INTEGER       int32_t
#define BYTES         16
#define SQRT(v)       ((V){sqrtf((v)[0]), sqrtf((v)[1]), sqrtf((v)[2]), sqrtf((v)[3])})
#define LESS(c, a, b) ((c) - (a) * (b))
#define NAME(name)    name##_plain_float
#include "field/bvkernel_body.h"

#define REAL          double
#define INTEGER       int64_t
#define BYTES         16
#define SQRT(v)       ((V){sqrt((v)[0]), sqrt((v)[1])})
#define LESS(c, a, b) ((c) - (a) * (b))
#define NAME(name)    name##_plain_double
#include "field/bvkernel_body.h"

#endif

#define ROW(isa, real)                                                                             \
    {                                                                                              \
#isa, LANES_##isa##_##real, sizeof(real), run_##isa##_##real, logdet_##isa##_##real        \
    }

static const struct tl_bvkernel kernels[][2] = {
    {ROW(plain, float), ROW(plain, double)},
#if TL_SIMD_X86
    {ROW(avx2, float), ROW(avx2, double)},
    {ROW(avx512, float), ROW(avx512, double)},
#endif
};

const struct tl_bvkernel *tl_bvkernel_of(enum tl_bvkernel_isa isa, bool doubles)
{
    int best = (int)tl_simd_best();
    int wanted = isa == TL_BVKERNEL_BEST ? best : (int)isa - (int)TL_BVKERNEL_PLAIN;
    return wanted <= best ? &kernels[wanted][doubles] : NULL;
}

/* Numbers of each array, in the order in which they lie in memory. */
enum { COEF, RHS, SLOTS, STATE0, STATE1, PANEL, MID, VAR, SQUARE, FOURTH, LEAST, N_ARRAYS };

static int64_t whole_tiles(int64_t n)
{
    return (n + 3) / 4 * 4;
}

static void count(struct tl_bvkernel_shape s, int64_t vectors[N_ARRAYS])
{
    int64_t m = whole_tiles(s.b + 2 * s.h), n = s.s + 2 * s.h, kp = whole_tiles(s.k);
    int64_t state = (3 * m + 2 * kp) * m, out = s.s * s.b;
    vectors[COEF] = n * TL_BVKERNEL_N * m;
    vectors[RHS] = n * kp * m;
    vectors[SLOTS] = s.s / 2 * state;
    vectors[STATE0] = vectors[STATE1] = state;
    vectors[PANEL] = (3 * m + kp) * m;
    vectors[MID] = (2 * m + kp + 2 * s.b + 2) * 2 * m;
    vectors[VAR] = out;
    vectors[SQUARE] = vectors[FOURTH] = kp > 0 ? out : 0;
    vectors[LEAST] = 1;
}

int64_t tl_bvkernel_bytes(const struct tl_bvkernel *kernel, struct tl_bvkernel_shape shape)
{
    int64_t vectors[N_ARRAYS], sum = 0;
    count(shape, vectors);
    for (int i = 0; i < N_ARRAYS; i++)
        sum += vectors[i];
    return sum * kernel->lanes * (int64_t)kernel->real;
}

void tl_bvkernel_lay_out(const struct tl_bvkernel *kernel, struct tl_bvkernel_shape shape,
                         void *memory, struct tl_bvkernel_work *work)
{
    int64_t vectors[N_ARRAYS], at = 0;
    void *array[N_ARRAYS];
    count(shape, vectors);
    for (int i = 0; i < N_ARRAYS; i++) {
        array[i] = vectors[i] == 0 ? NULL : (char *)memory + at;
        at += vectors[i] * kernel->lanes * (int64_t)kernel->real;
    }
    *work = (struct tl_bvkernel_work){.shape = shape,
                                      .m = whole_tiles(shape.b + 2 * shape.h),
                                      .n = shape.s + 2 * shape.h,
                                      .kp = whole_tiles(shape.k),
                                      .coef = array[COEF],
                                      .rhs = array[RHS],
                                      .slots = array[SLOTS],
                                      .state = {array[STATE0], array[STATE1]},
                                      .panel = array[PANEL],
                                      .mid = array[MID],
                                      .var = array[VAR],
                                      .square = array[SQUARE],
                                      .fourth = array[FOURTH],
                                      .least = array[LEAST]};
}

int64_t tl_bvkernel_columns_bytes(const struct tl_bvkernel *kernel, int64_t m)
{
    return (9 * m * m + TL_BVKERNEL_N * m + 1) * kernel->lanes * (int64_t)kernel->real;
}

double tl_bvkernel_flops(struct tl_bvkernel_shape s)
{
    double m = (double)whole_tiles(s.b + 2 * s.h), b = (double)s.b, k = (double)whole_tiles(s.k);
    double step = 4.0 * m * m * m + 4.0 * k * m * m;
    double join = (8.0 * m * m * m + 8.0 * b * b * b) / 3.0 + k * (4.0 * m * m + 4.0 * b * b);
    return 2.0 * (double)(s.s + s.h) * step + 0.5 * (double)s.s * join;
}
