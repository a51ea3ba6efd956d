/*
 * The kernels are written once, in window_kernel_body.h, with vectors of eight numbers; the compiler maps these to what an instruction set has. AVX2 and
 * AVX-512 both add and multiply in one rounding, so they give the same bits.
 * Measured on 132 x 132 cells, one core, others at work: sixteen draws 4.2 ms, a look 0.07 ms.
 */
#include "field/window_kernel.h"

#include <math.h>
#include <string.h>

#include "core/simd.h"
#include "field/mgkernel.h"

#define NAME(name) name##_plain
#include "field/window_kernel_body.h"

#if TL_SIMD_X86
TL_SIMD_BEGIN_AVX2
#define NAME(name) name##_avx2
#include "field/window_kernel_body.h"
TL_SIMD_END

TL_SIMD_BEGIN_AVX512
#define NAME(name) name##_avx512
#include "field/window_kernel_body.h"
TL_SIMD_END
#endif

#if TL_SIMD_X86
#define RUN(name, ...)                                                                             \
    do {                                                                                           \
        enum tl_simd which = tl_simd_best();                                                       \
        if (which == TL_SIMD_AVX512)                                                               \
            name##_avx512(__VA_ARGS__);                                                            \
        else if (which == TL_SIMD_AVX2)                                                            \
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
#if TL_SIMD_X86
    enum tl_simd which = tl_simd_best();
    return which == TL_SIMD_AVX512 ? product_avx512(n, a, b)
           : which == TL_SIMD_AVX2 ? product_avx2(n, a, b)
                                   : product_plain(n, a, b);
#else
    return product_plain(n, a, b);
#endif
}
