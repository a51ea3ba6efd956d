/*
 * The kernels are written once, in window_kernel_body.h, with vectors of eight numbers; the compiler maps these to what an instruction set has. AVX2 and
 * AVX-512 both add and multiply in one rounding, so they give the same bits.
 * Measured on 132 x 132 cells, one core, others at work: sixteen draws 4.2 ms, a look 0.07 ms.
 */
#include "field/window_kernel.h"

#include <math.h>
#include <string.h>

#include "field/mgkernel.h"

#define NAME(name) name##_plain
#include "field/window_kernel_body.h"

#if defined(__x86_64__)
#define X86 1

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#define NAME(name) name##_avx2
#include "field/window_kernel_body.h"

#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw")
#endif
#define NAME(name) name##_avx512
#include "field/window_kernel_body.h"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else
#define X86 0
#endif

static int kind(void)
{
#if X86
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return 0;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")
               ? 2
               : 1;
#else
    return 0;
#endif
}

#if X86
#define RUN(name, ...)                                                                             \
    do {                                                                                           \
        int which = kind();                                                                        \
        if (which == 2)                                                                            \
            name##_avx512(__VA_ARGS__);                                                            \
        else if (which == 1)                                                                       \
            name##_avx2(__VA_ARGS__);                                                              \
        else                                                                                       \
            name##_plain(__VA_ARGS__);                                                             \
    } while (0)
#else
#define RUN(name, ...) name##_plain(__VA_ARGS__)
#endif

void tl_window_kernel_look(const struct tl_window_target *target, double a, const double *from,
                           double b, const double *along, double *out, double *density,
                           struct tl_window_look *look)
{
    RUN(look, target, a, from, b, along, out, density, look);
}

void tl_window_kernel_normals(const struct tl_rng rng[TL_WINDOW_KERNEL_LANES], int64_t n,
                              double *out)
{
    uint64_t key[TL_WINDOW_KERNEL_LANES];
    for (int l = 0; l < TL_WINDOW_KERNEL_LANES; l++) {
        uint32_t low, high;
        tl_mgkernel_key(rng[l], &low, &high);
        key[l] = (uint64_t)high << 32 | low;
    }
    RUN(normals, key, n, out);
}

void tl_window_kernel_solve(const struct tl_factor *factor, double *x, double *work)
{
    RUN(solve, factor, x, work);
}

void tl_window_kernel_spread(int64_t n, const int32_t *to, const double *x, int64_t n_ways,
                             const double *way, const double *d, int64_t stride, double *out)
{
    RUN(spread, n, to, x, n_ways, way, d, stride, out);
}

double tl_window_kernel_product(int64_t n, const double *a, const double *b)
{
#if X86
    int which = kind();
    return which == 2   ? product_avx512(n, a, b)
           : which == 1 ? product_avx2(n, a, b)
                        : product_plain(n, a, b);
#else
    return product_plain(n, a, b);
#endif
}
