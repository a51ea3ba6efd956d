/*
 * The kernels' source, mgkernel_rows.h, once for each kind of instructions. Vectors are the compilers' own (16 floats, which
 * they cut into what the machine has), so that the order of all sums is the same on each; products that are fused
 * with additions or not make the bits of one kind differ from another's.
 */
#include "field/mgkernel.h"

#include <math.h>
#include <string.h>

#include "core/simd.h"

typedef float vec __attribute__((vector_size(64)));
typedef double wide __attribute__((vector_size(64)));
typedef float half __attribute__((vector_size(32)));

void tl_mgkernel_key(struct tl_rng rng, uint32_t *k0, uint32_t *k1)
{
    /* Any fixed function of the series will do for a key: here the first two words of a fork of it. */
    uint32_t bits[4];
    tl_rng_bits(tl_rng_fork(rng, 0x6e6f726d616cu), 0, bits);
    *k0 = bits[0];
    *k1 = bits[1];
}

#if defined(__SSE__)
#include <xmmintrin.h>
#define MG_STREAM(to, from)                                                                        \
    do {                                                                                           \
        for (int part = 0; part < 16; part += 4)                                                   \
            _mm_stream_ps((to) + part, _mm_loadu_ps((from) + part));                               \
    } while (0)
#endif

#define MG_NAME(name) name##_plain
#define MG_TARGET
#include "field/mgkernel_rows.h"
#undef MG_NAME
#undef MG_TARGET

#if TL_SIMD_X86
#define MG_NAME(name) name##_avx2
#define MG_TARGET     TL_SIMD_ON_AVX2
#include "field/mgkernel_rows.h"
#undef MG_NAME
#undef MG_TARGET

#define MG_NAME(name) name##_avx512
#define MG_TARGET     TL_SIMD_ON_AVX512
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
#if TL_SIMD_X86
    static const struct tl_mgkernel avx2 = {"avx2",     down_avx2, up_avx2,     apply_avx2,
                                            weigh_avx2, draw_avx2, normals_avx2};
    static const struct tl_mgkernel avx512 = {
        "avx512", down_avx512, up_avx512, apply_avx512, weigh_avx512, draw_avx512, normals_avx512};
    if (kind == TL_SIMD_AVX2 && tl_simd_has(TL_SIMD_AVX2))
        return &avx2;
    if (kind == TL_SIMD_AVX512 && tl_simd_has(TL_SIMD_AVX512))
        return &avx512;
#endif
    return NULL;
}
