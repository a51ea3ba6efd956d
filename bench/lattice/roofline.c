#include "core/core.h"
#include "roofline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../processor.h"
#include "field/mglevel.h"
#include "par/par.h"

typedef float vec __attribute__((vector_size(64)));

/* The widest vectors that the kernels themselves would take here. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("default", "avx2,fma", "arch=x86-64-v4"), optimize("O3")))
#else
#define WIDE
#endif

/* Of this thread: what others do on the machine does not count. */
static double cpu_s(void)
{
    return clock_s(CLOCK_THREAD_CPUTIME_ID);
}

static void die(struct tl_ctx *ctx)
{
    fprintf(stderr, "roofline: %s\n", tl_ctx_message(ctx));
    exit(1);
}

static float *array(struct tl_ctx *ctx, int64_t n)
{
    float *a = tl_par_alloc(ctx, n, sizeof *a);
    if (a == NULL)
        die(ctx);
    return a;
}

struct triad {
    float *a;
    const float *b, *c;
};

WIDE static void triad_body(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct triad *t = user;
    float *a = t->a;
    const float *b = t->b, *c = t->c;
    (void)chunk;
    for (int64_t i = first; i < last; i++)
        a[i] = b[i] + 3.0f * c[i];
}

double roofline_triad(struct tl_ctx *ctx)
{
    enum { MANY = 1 << 26 };
    double best = 1e9;
    float *a = array(ctx, MANY), *b = array(ctx, MANY), *c = array(ctx, MANY);
    for (int k = 0; k < 6; k++) {
        double t = tl_clock_s();
        tl_par_for(ctx, MANY, 1 << 18, triad_body, &(struct triad){a, b, c});
        t = tl_clock_s() - t;
        best = k > 0 && t < best ? t : best;
    }
    tl_free(a);
    tl_free(b);
    tl_free(c);
    return 12.0 * MANY / best;
}

double roofline_second_cache(struct tl_ctx *ctx)
{
    enum { FEW = 40000, TIMES = 4000 }; /* 480 kB: beyond the first cache, within the second */
    float *a = array(ctx, FEW), *b = array(ctx, FEW), *c = array(ctx, FEW);
    double best = 1e9;
    for (int k = 0; k < 4; k++) {
        double t = cpu_s();
        for (int i = 0; i < TIMES; i++)
            triad_body(&(struct triad){a, b, c}, 0, FEW, i);
        t = cpu_s() - t;
        best = k > 0 && t < best ? t : best;
    }
    tl_free(a);
    tl_free(b);
    tl_free(c);
    return 12.0 * FEW * TIMES / best;
}

/* 12 chains of multiply-adds: enough to fill two units of four or five steps. */
WIDE static float chains(int64_t times, float by)
{
    enum { CHAINS = 12 };
    vec sum[CHAINS], factor = by - (vec){0};
    for (int i = 0; i < CHAINS; i++)
        sum[i] = (float)(i + 1) - (vec){0};
    for (int64_t k = 0; k < times; k++)
        for (int i = 0; i < CHAINS; i++)
            sum[i] = sum[i] * factor + factor;
    for (int i = 1; i < CHAINS; i++)
        sum[0] += sum[i];
    return sum[0][0];
}

double roofline_peak(void)
{
    enum { TIMES = 10000000 };
    volatile float by = 0.5f, sink = 0.0f;
    double best = 1e9;
    for (int k = 0; k < 4; k++) {
        double t = cpu_s();
        sink += chains(TIMES, by);
        t = cpu_s() - t;
        best = k > 0 && t < best ? t : best;
    }
    return sink != 0.0f ? 2.0 * 16.0 * 12.0 * TIMES / best : 0.0; /* so that nobody leaves it out */
}

/*
 * Operations a cell on the finest level, even cells, as mgkernel_rows.h does them (a multiply-add is two): a product with l and its two factors
 * 11, A = B B + w 26, a step of the smoother 30, the inverse 4, a transfer 4; sums in double as one each. Rows a cell: reads and writes of rings in cache,
 * neighbours of the same row not counted again.
 */
struct kernel {
    const char *name;
    tl_mgkernel_fn run;
    struct tl_mgkernel_pass pass;
    int operations, memory, rows; /* memory: bytes a cell; rows: floats a cell, in cache */
};

struct grid {
    struct tl_mgkernel_level fine, coarse;
    float *w, *x, *z, *p[2], *r[2];
};

static void grid_init(struct tl_ctx *ctx, int64_t side, struct grid *g)
{
    double last = 1.0;
    int64_t half = tl_mglevel_coarsen(side, 1.0, &last);
    if (tl_mglevel_init(ctx, side, 1.0, side, 1.0, 1, false, &g->fine) != TL_OK ||
        tl_mglevel_init(ctx, half, last, half, last, 1, true, &g->coarse) != TL_OK)
        die(ctx);
    int64_t n = g->fine.plane + TL_MGKERNEL_LANES;
    float **arrays[] = {&g->w, &g->x, &g->z, &g->p[0], &g->p[1], &g->r[0], &g->r[1]};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
        *arrays[k] = array(ctx, n);
        for (int64_t i = 0; i < n; i++)
            (*arrays[k])[i] = (float)((i * 37 + (int64_t)k) % 101) * 0.01f;
    }
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 40.0, 1.0);
    tl_mglevel_set(&g->fine, q.a, q.c);
    tl_mglevel_set(&g->coarse, 2.0 * q.a, q.c);
    g->fine.w = g->w;
    g->fine.w_stride = g->fine.stride;
}

static void grid_fini(struct grid *g)
{
    float *arrays[] = {g->w, g->x, g->z, g->p[0], g->p[1], g->r[0], g->r[1]};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        tl_free(arrays[k]);
    tl_mglevel_fini(&g->fine);
    tl_mglevel_fini(&g->coarse);
}

/* Processor seconds of one pass over the grid, the best of several. */
static double time_of(const struct kernel *k, int64_t n_tiles)
{
    double best = 1e9;
    for (int i = 0; i < 6; i++) {
        double t = cpu_s(), sums[TL_MGKERNEL_SUMS] = {0.0};
        for (int64_t tile = 0; tile < n_tiles; tile++) {
            struct tl_mgkernel_tile at = tl_mglevel_tile(k->pass.level, tile);
            k->run(&k->pass, &at, sums);
        }
        t = cpu_s() - t;
        best = i > 0 && t < best ? t : best;
    }
    return best;
}

static void print_kernel(const struct kernel *k, double seconds, double n, double triad,
                         double peak, double cache)
{
    double ops = k->operations * n / seconds, bytes = k->memory * n / seconds;
    double intensity = (double)k->operations / (4.0 * k->rows);
    double reach = fmin(peak, intensity * cache);
    printf("| %-28s | %6d | %6d | %6d | %7.2f | %6.1f | %6.1f | %4.0f %% | %7.1f | %4.0f %% | "
           "%4.0f %% |\n",
           k->name, k->memory, 4 * k->rows, k->operations, seconds / n * 1e9, bytes / 1e9,
           4.0 * k->rows * n / seconds / 1e9, 100.0 * bytes / triad, ops / 1e9, 100.0 * ops / peak,
           100.0 * ops / reach);
}

void roofline_kernels(struct tl_ctx *ctx, int64_t side, double triad, double peak, double cache)
{
    struct grid g = {0};
    const struct tl_mgkernel *best = NULL;
    for (int kind = 2; best == NULL && kind >= 0; kind--)
        best = tl_mgkernel_of(kind);
    grid_init(ctx, side, &g);
    struct tl_mgkernel_pass pass = {.level = &g.fine,
                                    .coarse = &g.coarse,
                                    .alpha = 1e-3,
                                    .beta = 1e-3,
                                    .z = g.z,
                                    .p_in = g.p[0],
                                    .p_out = g.p[1],
                                    .r_in = g.r[0],
                                    .r_in_stride = g.fine.stride,
                                    .r_out = g.r[1],
                                    .x = g.x,
                                    .smooth = g.fine.smooth,
                                    .coarse_b = g.coarse.b,
                                    .coarse_e = g.coarse.e,
                                    .out_stride = g.fine.stride};
    struct tl_mgkernel_pass step = pass, smooth = pass, up = pass, product = pass;
    step.source = TL_MGKERNEL_STEP;
    smooth.source = TL_MGKERNEL_GIVEN;
    up.out = product.out = g.z;
    up.want_form = true;
    product.r_in = g.p[0];
    const struct kernel kernels[] = {
        {"down: step, smooth, restrict", best->down, step, 139, 37, 57},
        {"down: smooth, restrict", best->down, smooth, 101, 13, 42},
        {"up: correct, smooth, sums", best->up, up, 124, 17, 55},
        {"A x", best->apply, product, 38, 12, 13},
    };
    double n = (double)side * (double)side;
    printf("| kernel (%s, %lld^2, one thread) | bytes of memory | bytes in cache | operations | ns "
           "a cell | GB/s | GB/s in cache | of triad | "
           "GFLOP/s | of peak | of what the second cache feeds "
           "|\n|---|---|---|---|---|---|---|---|---|---|---|\n",
           best->name, (long long)side);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        print_kernel(&kernels[k], time_of(&kernels[k], g.fine.n_tiles_x * g.fine.n_tiles_y), n,
                     triad, peak, cache);
    grid_fini(&g);
}
