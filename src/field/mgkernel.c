/*
 * The kernels' source, mgkernel_rows.h, once for each kind of instructions. Vectors are the compilers' own (16 floats, which
 * they cut into what the machine has), so that the order of all sums is the same on each; products that are fused
 * with additions or not make the bits of one kind differ from another's.
 */
#include "field/mgkernel.h"

#include <math.h>
#include <string.h>

typedef float vec __attribute__((vector_size(64)));
typedef int32_t whole_numbers __attribute__((vector_size(64)));
typedef double wide __attribute__((vector_size(64)));

void tl_mgkernel_key(struct tl_rng rng, uint32_t *k0, uint32_t *k1)
{
    /* Any fixed function of the series will do for a key: here the first two words of a fork of it. */
    uint32_t bits[4];
    tl_rng_bits(tl_rng_fork(rng, 0x6e6f726d616cu), 0, bits);
    *k0 = bits[0];
    *k1 = bits[1];
}

/* Stores that go past the caches, of 16 floats to a place that is a multiple of 64 bytes. */
#if defined(__SSE__)
#include <immintrin.h>
#define MG_STREAM(to, v)                                                                           \
    do {                                                                                           \
        __m128 quarter[4];                                                                         \
        memcpy(quarter, &(v), sizeof quarter);                                                     \
        for (int part = 0; part < 4; part++)                                                       \
            _mm_stream_ps((to) + 4 * part, quarter[part]);                                         \
    } while (0)
#else
#define MG_STREAM(to, v) memcpy((to), &(v), sizeof(v))
#endif

/* 8 floats as doubles. */
#define MG_WIDE(half) __builtin_convertvector(half, wide)

#define MG_NAME(name) name##_plain
#define MG_TARGET
#include "field/mgkernel_rows.h"
#undef MG_NAME
#undef MG_TARGET

#if defined(__x86_64__)
#undef MG_STREAM
#define MG_STREAM(to, v)                                                                           \
    do {                                                                                           \
        __m256 half_of[2];                                                                         \
        memcpy(half_of, &(v), sizeof half_of);                                                     \
        _mm256_stream_ps((to), half_of[0]);                                                        \
        _mm256_stream_ps((to) + 8, half_of[1]);                                                    \
    } while (0)
#define MG_NAME(name) name##_avx2
#define MG_TARGET     __attribute__((target("avx2,fma")))
#include "field/mgkernel_rows.h"
#undef MG_NAME
#undef MG_TARGET

#undef MG_STREAM
#undef MG_WIDE
#define MG_WIDE(half)    (wide) _mm512_cvtps_pd((__m256)(half)) /* gcc 12 cuts the builtin in four */
#define MG_STREAM(to, v) _mm512_stream_ps((to), (__m512)(v))
#define MG_NAME(name)    name##_avx512
#if defined(__clang__)
#define MG_TARGET                                                                                  \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"), min_vector_width(512)))
#else
#define MG_TARGET                                                                                  \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")))
#endif
#include "field/mgkernel_rows.h"
#undef MG_NAME
#undef MG_TARGET
#endif

const struct tl_mgkernel *tl_mgkernel_of(int kind)
{
    static const struct tl_mgkernel plain = {"plain",     down_plain, up_plain,     apply_plain,
                                             weigh_plain, draw_plain, normals_plain};
    if (kind == 0)
        return &plain;
#if defined(__x86_64__)
    static const struct tl_mgkernel avx2 = {"avx2",     down_avx2, up_avx2,     apply_avx2,
                                            weigh_avx2, draw_avx2, normals_avx2};
    static const struct tl_mgkernel avx512 = {
        "avx512", down_avx512, up_avx512, apply_avx512, weigh_avx512, draw_avx512, normals_avx512};
    __builtin_cpu_init();
    if (kind == 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &avx2;
    if (kind == 2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        return &avx512;
#endif
    return NULL;
}
