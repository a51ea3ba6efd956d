/**
 * Vector instructions that are chosen when the program runs: which kinds the machine has, and how a function is compiled for one. A room compiles
 * the same source for each kind and takes the best. (What the functions compute differs: the exponentials of field and forecast are other series, of other
 * accuracy, and stay where they are.)
 */
#ifndef TL_CORE_SIMD_H
#define TL_CORE_SIMD_H

#include <stdbool.h>

/** Kinds of instructions, each with those before it. */
enum tl_simd {
    TL_SIMD_PLAIN,  /* what every machine of this architecture has */
    TL_SIMD_AVX2,   /* and fused products */
    TL_SIMD_AVX512, /* F, VL, DQ, BW */
    TL_SIMD_KINDS
};

#if defined(__x86_64__)
#define TL_SIMD_X86 1
#else
#define TL_SIMD_X86 0
#endif

/** Whether this machine has the instructions. */
static inline bool tl_simd_has(enum tl_simd kind)
{
#if TL_SIMD_X86
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (kind == TL_SIMD_AVX2)
        return avx2;
    if (kind == TL_SIMD_AVX512)
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#endif
    return kind == TL_SIMD_PLAIN;
}

/** The best of those it has. */
static inline enum tl_simd tl_simd_best(void)
{
    return tl_simd_has(TL_SIMD_AVX512) ? TL_SIMD_AVX512
           : tl_simd_has(TL_SIMD_AVX2) ? TL_SIMD_AVX2
                                       : TL_SIMD_PLAIN;
}

/* One function for a kind: vectors as wide as the kind has them. Nothing on other architectures. */
#if !TL_SIMD_X86
#define TL_SIMD_ON_AVX2
#define TL_SIMD_ON_AVX512
#elif defined(__clang__)
#define TL_SIMD_ON_AVX2 __attribute__((target("avx2,fma")))
#define TL_SIMD_ON_AVX512                                                                          \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw"), min_vector_width(512)))
#else
#define TL_SIMD_ON_AVX2 __attribute__((target("avx2,fma")))
#define TL_SIMD_ON_AVX512                                                                          \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw,prefer-vector-width=512")))
#endif

/* All functions from here to TL_SIMD_END, for sources whose vectors have their width in their types. x86-64 only. */
#define TL_SIMD_512      "avx2,fma,avx512f,avx512vl,avx512dq,avx512bw"
#define TL_SIMD_DO(...)  _Pragma(#__VA_ARGS__)
#define TL_SIMD_SAY(...) TL_SIMD_DO(__VA_ARGS__)
#if defined(__clang__)
#define TL_SIMD_FROM(isa)                                                                          \
    TL_SIMD_SAY(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define TL_SIMD_END _Pragma("clang attribute pop")
#else
#define TL_SIMD_FROM(isa) _Pragma("GCC push_options") TL_SIMD_SAY(GCC target(isa))
#define TL_SIMD_END       _Pragma("GCC pop_options")
#endif
#define TL_SIMD_BEGIN_AVX2   TL_SIMD_FROM("avx2,fma")
#define TL_SIMD_BEGIN_AVX512 TL_SIMD_FROM(TL_SIMD_512)

#endif
