/**
 * What draws and steps in a window spend their time in, with vector instructions where the machine has them: normals, the solve of sixteen draws at
 * once, and a look at the target along a line. Sums are made in one order whatever the instructions: eight lanes, then these in order.
 */
#ifndef TL_FIELD_WINDOW_KERNEL_H
#define TL_FIELD_WINDOW_KERNEL_H

#include "core/rng.h"
#include "field/factor.h"

enum { TL_WINDOW_KERNEL_LANES = 16, TL_WINDOW_KERNEL_CHANNELS = 8 };

/** What a step looks at, all [n] by cell; it borrows everything. */
struct tl_window_target {
    int64_t n;
    const double *base;  /* density at the centre */
    const double *total; /* weights of all channels */
    int n_channels;
    const double *weight[TL_WINDOW_KERNEL_CHANNELS];
    const double
        *effort[TL_WINDOW_KERNEL_CHANNELS]; /* NULL: its expected counts are not asked for */
};

struct tl_window_look {
    double second;                              /* sum of total x^2 */
    double first[TL_WINDOW_KERNEL_CHANNELS];    /* sum of weight x */
    double expected[TL_WINDOW_KERNEL_CHANNELS]; /* sum of effort times density, 0 without effort */
};

/** x = a from + b along; density = base exp(x), x within +-700; `out` may be `from`. */
void tl_window_kernel_look(const struct tl_window_target *target, double a, const double *from,
                           double b, const double *along, double *out, double *density,
                           struct tl_window_look *look);

/** Sum of a b. */
double tl_window_kernel_product(int64_t n, const double *a, const double *b);

/** n standard normals for sixteen draws, out [n][16]; lane k is a series of its own, of rng[k] alone. */
void tl_window_kernel_normals(const struct tl_rng rng[TL_WINDOW_KERNEL_LANES], int64_t n,
                              double *out);

/** x = L^-T x for sixteen draws at once, x [n][16] by pivot; work [largest front][16]. */
void tl_window_kernel_solve(const struct tl_factor *factor, double *x, double *work);

/** out[j][to[i]] = x[i][j] + sum over k of d[k][j] way[k][to[i]]: sixteen draws from pivots to cells. */
void tl_window_kernel_spread(int64_t n, const int32_t *to, const double *x, int64_t n_ways,
                             const double *way, const double *d, int64_t stride, double *out);

#endif
