/*
 * Coarsening. A level's cells are 1 wide in its own units but for the last column and row: were the coarse grid of 257 cells one of 129
 * whole cells, its edge would lie a cell too far out, and the slowest modes, which see the edge first, would converge
 * half as fast (20 iterations for 9, in a trial). So the last cell is as wide as it must be, between 0.75 and 1.75, which keeps the largest
 * eigenvalue that of even cells.
 *
 * In units of a level's cell, Q = c (a + l/a)^2 becomes c (2a + l/2a)^2 on cells twice as wide: the same energy of a smooth function.
 * An axis of one cell is not coarsened: the cell then is half as large as the doubling of a says, hence c/2.
 *
 * Smoother: steps u += s_k D^-1 (b - A u), D = m top + hold w, with 1/s_k the roots of Chebyshev's polynomial on [1/16, 1] times the largest
 * eigenvalue: what coarse cells cannot show of l^2 lies in [1/16, 1]. `hold` puts the eigenvalue of cells that w dominates on a
 * root, so that they are solved exactly: with plain Jacobi scaling the iterations do not converge in 100.
 */
#include "field/mglevel.h"

#include <math.h>

#include "par/par.h"

#define PI 3.14159265358979323846

enum {
    TILE_WANTED = TL_MGKERNEL_TILE_X - 32,
    TILE_LEAST = 32,
    TILES_WANTED = 12,
    ROWS_LEAST = 96,
    ROWS_MOST = 1024
};

/* Arrays larger than this would only pass through the caches. */
static const int64_t STREAM_BYTES = 2 << 20;

int64_t tl_mglevel_coarsen(int64_t n, double last, double *last_coarse)
{
    if (n == 1) {
        *last_coarse = last;
        return 1;
    }
    double half = ((double)(n - 1) + last) / 2.0;
    int64_t coarse = (int64_t)floor(half + 0.25);
    if (coarse < 1)
        coarse = 1;
    *last_coarse = half - (double)(coarse - 1);
    return coarse;
}

/* Middle of a coarse cell, in fine cells. */
static double middle(const struct tl_mgkernel_axis *axis, int64_t i)
{
    return i + 1 < axis->n_coarse ? 2.0 * (double)i + 1.0
                                  : 2.0 * (double)(axis->n_coarse - 1) + axis->last_coarse;
}

static void connect(struct tl_mgkernel_axis *axis, int64_t i)
{
    double at = i + 1 < axis->n ? (double)i + 0.5 : (double)(axis->n - 1) + axis->last / 2.0;
    int64_t own = i / 2 < axis->n_coarse - 1 ? i / 2 : axis->n_coarse - 1;
    double mid = middle(axis, own);
    int64_t other = at < mid ? own - 1 : own + 1;
    axis->own[i] = axis->other[i] = (int32_t)own;
    axis->weight[i] = 0.0f;
    if (axis->n == 1 || other < 0 || other >= axis->n_coarse)
        return;
    axis->other[i] = (int32_t)other;
    axis->weight[i] = (float)((at - mid) / (middle(axis, other) - mid));
}

tl_err tl_mglevel_axis_init(struct tl_ctx *ctx, int64_t n, double last,
                            struct tl_mgkernel_axis *axis)
{
    tl_err err = TL_OK;
    *axis = (struct tl_mgkernel_axis){.n = n, .last = last};
    axis->n_coarse = tl_mglevel_coarsen(n, last, &axis->last_coarse);
    double gap = (1.0 + last) / 2.0;
    axis->back = n > 1 ? (float)(1.0 / (gap * last)) : 1.0f;
    axis->forth = n > 1 ? (float)(1.0 / gap) : 1.0f;
    TL_TRY_ALLOC(ctx, axis->own, n);
    TL_TRY_ALLOC(ctx, axis->other, n);
    TL_TRY_ALLOC(ctx, axis->weight, n);
    for (int64_t i = 0; i < n; i++)
        connect(axis, i);
done:
    return err;
}

static void axis_fini(struct tl_mgkernel_axis *axis)
{
    tl_free(axis->own);
    tl_free(axis->other);
    tl_free(axis->weight);
}

int64_t tl_mglevel_stride(int64_t n_x)
{
    return n_x < 64 ? n_x : (n_x + 15) / 16 * 16;
}

int64_t tl_mglevel_bytes(int64_t n_x, int64_t n_y, int k, bool coarse)
{
    int64_t plane = tl_mglevel_stride(n_x) * n_y * (int64_t)sizeof(float);
    return (n_x + n_y) * 12 + (coarse ? (1 + 3 * (int64_t)k) : k) * plane;
}

/* Tiles of even size, the last one never so small that it would cut a coarse cell in two. */
static void cut(int64_t n, int64_t size, int64_t *tile, int64_t *n_tiles)
{
    int64_t count = (n + size - 1) / size;
    *tile = ((n + count - 1) / count + 31) / 32 * 32;
    *n_tiles = (n + *tile - 1) / *tile;
    if (*n_tiles > 1 && n - (*n_tiles - 1) * *tile < TILE_LEAST)
        (*n_tiles)--;
}

tl_err tl_mglevel_init(struct tl_ctx *ctx, int64_t n_x, double last_x, int64_t n_y, double last_y,
                       int k, bool coarse, struct tl_mgkernel_level *level)
{
    tl_err err = TL_OK;
    *level = (struct tl_mgkernel_level){.stride = tl_mglevel_stride(n_x)};
    level->plane = level->stride * n_y;
    /* By the grid alone, so that sums do not depend on the number of threads. */
    cut(n_x, TILE_WANTED, &level->tile_x, &level->n_tiles_x);
    int64_t rows = n_y * level->n_tiles_x / TILES_WANTED / 16 * 16;
    rows = rows < ROWS_LEAST ? ROWS_LEAST : rows > ROWS_MOST ? ROWS_MOST : rows;
    /* An even number, so that the last tile does not keep one of two threads waiting. */
    int64_t count = (n_y + rows - 1) / rows;
    if (count > 1 && count * level->n_tiles_x % 2 == 1)
        rows = (n_y + count) / (count + 1);
    cut(n_y, rows, &level->tile_y, &level->n_tiles_y);
    TL_TRY(tl_mglevel_axis_init(ctx, n_x, last_x, &level->x));
    TL_TRY(tl_mglevel_axis_init(ctx, n_y, last_y, &level->y));
    level->stream = level->plane * (int64_t)sizeof(float) > STREAM_BYTES;
    TL_TRY_PAR_ALLOC(ctx, level->smooth, k * level->plane + TL_MGKERNEL_LANES);
    if (coarse) {
        TL_TRY_PAR_ALLOC(ctx, level->own_w, level->plane + TL_MGKERNEL_LANES);
        TL_TRY_PAR_ALLOC(ctx, level->b, k * level->plane + TL_MGKERNEL_LANES);
        TL_TRY_PAR_ALLOC(ctx, level->e, k * level->plane + TL_MGKERNEL_LANES);
        level->w = level->own_w;
        level->w_stride = level->stride;
    }
done:
    return err;
}

void tl_mglevel_fini(struct tl_mgkernel_level *level)
{
    axis_fini(&level->x);
    axis_fini(&level->y);
    tl_free(level->own_w);
    tl_free(level->b);
    tl_free(level->e);
    tl_free(level->smooth);
}

void tl_mglevel_set(struct tl_mgkernel_level *level, double a, double c)
{
    double near = 2.0 * (level->x.n > 1) + 2.0 * (level->y.n > 1);
    double lowest = 1.0 / 10.0, top = a + 2.0 * near / a;
    level->a = a;
    level->c = c;
    level->straight = (float)(sqrt(c) * a);
    level->mix = (float)(sqrt(c) / a);
    level->top = (float)(c * top * top);
    level->diagonal = (float)(c * (a * a + 2.0 * near + near * (near + 1.0) / (a * a)));
    for (int k = 0; k < TL_MGKERNEL_SMOOTH; k++) {
        double angle = PI * (2 * k + 1) / (2 * TL_MGKERNEL_SMOOTH);
        level->step[k] = (float)(2.0 / (1.0 + lowest + (1.0 - lowest) * cos(angle)));
    }
    level->hold = level->step[0];
}

static void stretch(int64_t i, int64_t size, int64_t count, int64_t n, int64_t margin,
                    int64_t range[4])
{
    range[0] = i * size;
    range[1] = i + 1 == count ? n : (i + 1) * size;
    range[2] = range[0] < margin ? 0 : range[0] - margin;
    range[3] = n - range[1] < margin ? n : range[1] + margin;
}

struct tl_mgkernel_tile tl_mglevel_tile(const struct tl_mgkernel_level *level, int64_t i)
{
    int64_t x[4], y[4];
    stretch(i % level->n_tiles_x, level->tile_x, level->n_tiles_x, level->x.n, TL_MGKERNEL_MARGIN,
            x);
    stretch(i / level->n_tiles_x, level->tile_y, level->n_tiles_y, level->y.n, TL_MGKERNEL_MARGIN_Y,
            y);
    return (struct tl_mgkernel_tile){x[0], x[1], y[0], y[1], x[2], x[3], y[2], y[3]};
}
