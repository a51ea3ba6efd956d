/**
 * Entries of a^2/c A = l^2 + 2 a^2 l + a^4 + a^2/c W, with d the number of a cell's neighbours inside the grid:
 *     diagonal d^2 + d + 2 a^2 d + a^4 + (a^2/c) w,  next -(d_i + d_j) - 2 a^2,  across a corner 2,  two on 1.
 * The rows of Q add up to a^4, which for a range of 20 cells is 2e-5 of the diagonal: rounding each entry would bend the prior. So a^2 is
 * rounded to a multiple of 2^-21, which makes all entries off the diagonal exact in single precision, and the diagonal is kept in two parts.
 * A coarse grid's last row and column may be cut by the edge. There the operator is that of finite volumes, K A^-1 K with areas A and
 * K = a^2 A + G, G_ij = -(shared side) / (distance of middles): without it a strip one cell wide would be eight cells wide on level 3.
 */
#include "field/bvwindow.h"

#include <math.h>
#include <string.h>

/* A weight beyond this says that the cell is known; its square still fits single precision. */
static const double HUGE_DIAGONAL = 1e18;

static const double PI = 3.14159265358979323846;

struct fill {
    const struct tl_bvkernel *kernel;
    struct tl_bvkernel_work *work;
    const struct tl_bvwindow_level *level;
    int64_t x, y;  /* of the window's first cell */
    int64_t n_row; /* rows of the window; the kernel's further ones belong to no cell */
    double a2, w_scale;
    int lane;
};

static void put(const struct fill *f, void *array, int64_t i, double value)
{
    int64_t at = i * f->kernel->lanes + f->lane;
    if (f->kernel->real == sizeof(float))
        ((float *)array)[at] = (float)value;
    else
        ((double *)array)[at] = value;
}

double tl_bvwindow_get(const struct tl_bvkernel *kernel, const void *array, int64_t i)
{
    return kernel->real == sizeof(float) ? (double)((const float *)array)[i]
                                         : ((const double *)array)[i];
}

static double rounded_a2(struct tl_stencil_q q)
{
    double a2 = ldexp(nearbyint(ldexp(q.a * q.a, 21)), -21);
    return a2 > 0.0 ? a2 : q.a * q.a;
}

double tl_bvwindow_scale(const struct tl_bvwindow_level *level)
{
    return level->q.a * level->q.a / level->q.c;
}

static bool exists(const struct tl_stencil_grid *grid, int64_t x, int64_t y)
{
    return x >= 0 && y >= 0 && x < grid->n_x && y < grid->n_y;
}

static int degree(const struct tl_stencil_grid *grid, int64_t x, int64_t y)
{
    return 4 - (x == 0) - (y == 0) - (x == grid->n_x - 1) - (y == grid->n_y - 1);
}

static double width(const struct tl_bvwindow_level *level, int64_t x)
{
    return x == level->grid.n_x - 1 ? level->last_x : 1.0;
}

static double height(const struct tl_bvwindow_level *level, int64_t y)
{
    return y == level->grid.n_y - 1 ? level->last_y : 1.0;
}

/* -G between a cell and the one next to it. */
static double conductance(const struct tl_bvwindow_level *v, int64_t x, int64_t y, int64_t dx,
                          int64_t dy)
{
    if (!exists(&v->grid, x + dx, y + dy))
        return 0.0;
    return dx != 0 ? 2.0 * height(v, y) / (width(v, x) + width(v, x + dx))
                   : 2.0 * width(v, x) / (height(v, y) + height(v, y + dy));
}

static const int8_t side[5][2] = {{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}};

/* K between a cell and the one (dx, dy) on. */
static double first_order(const struct fill *f, int64_t x, int64_t y, int64_t dx, int64_t dy)
{
    const struct tl_bvwindow_level *v = f->level;
    double sum = f->a2 * width(v, x) * height(v, y);
    if (dx != 0 || dy != 0)
        return dx * dx + dy * dy == 1 ? -conductance(v, x, y, dx, dy) : 0.0;
    for (int i = 1; i < 5; i++)
        sum += conductance(v, x, y, side[i][0], side[i][1]);
    return sum;
}

/* K A^-1 K where cells are cut. */
static double cut_entry(const struct fill *f, int64_t x, int64_t y, int64_t dx, int64_t dy)
{
    double sum = 0.0;
    for (int i = 0; i < 5; i++) {
        int64_t ux = x + side[i][0], uy = y + side[i][1];
        if (exists(&f->level->grid, ux, uy))
            sum += first_order(f, x, y, side[i][0], side[i][1]) *
                   first_order(f, ux, uy, dx - side[i][0], dy - side[i][1]) /
                   (width(f->level, ux) * height(f->level, uy));
    }
    return sum;
}

static bool is_near_cut(const struct tl_bvwindow_level *v, int64_t x, int64_t y)
{
    return (v->last_x < 1.0 && x >= v->grid.n_x - 4) || (v->last_y < 1.0 && y >= v->grid.n_y - 4);
}

/* Entry between a cell of the grid and the one (dx, dy) on, |dx| + |dy| of 1 or 2; 0 where that is outside the grid. */
static double coupling(const struct fill *f, int64_t x, int64_t y, int64_t dx, int64_t dy)
{
    const struct tl_stencil_grid *grid = &f->level->grid;
    if (!exists(grid, x, y) || !exists(grid, x + dx, y + dy))
        return 0.0;
    if (is_near_cut(f->level, x, y))
        return cut_entry(f, x, y, dx, dy);
    if (dx * dx + dy * dy == 1)
        return -degree(grid, x, y) - degree(grid, x + dx, y + dy) - 2.0 * f->a2;
    return dx != 0 && dy != 0 ? 2.0 : 1.0;
}

static double diagonal(const struct fill *f, int64_t x, int64_t y)
{
    double d = degree(&f->level->grid, x, y);
    double w = (double)f->level->w[(y - f->level->w_y) * f->level->grid.n_x + x];
    double value = is_near_cut(f->level, x, y) ? cut_entry(f, x, y, 0, 0)
                                               : d * d + d + 2.0 * f->a2 * d + f->a2 * f->a2;
    value += f->w_scale * w;
    return value > HUGE_DIAGONAL ? HUGE_DIAGONAL : value; /* a NaN goes through, and is told */
}

static void fill_diagonal(const struct fill *f)
{
    struct tl_bvkernel_work *work = f->work;
    int64_t stride = TL_BVKERNEL_N * work->m;
    bool single = f->kernel->real == sizeof(float);
    for (int64_t r = 0; r < work->m; r++)
        for (int64_t c = 0; c < work->n; c++) {
            bool cell = r < f->n_row && exists(&f->level->grid, f->x + c, f->y + r);
            double value = cell ? diagonal(f, f->x + c, f->y + r) : 1.0;
            double high = single ? (double)(float)value : value;
            put(f, work->coef, c * stride + TL_BVKERNEL_HIGH * work->m + r, high);
            put(f, work->coef, c * stride + TL_BVKERNEL_LOW * work->m + r, value - high);
        }
}

/* The same for a window inside the grid in single precision, where nearly all are. */
static void fill_inner_diagonal(const struct fill *f)
{
    struct tl_bvkernel_work *work = f->work;
    int64_t stride = TL_BVKERNEL_N * work->m * f->kernel->lanes;
    double base = 20.0 + 8.0 * f->a2 + f->a2 * f->a2;
    for (int64_t r = 0; r < f->n_row; r++) {
        const float *w = f->level->w + (f->y + r - f->level->w_y) * f->level->grid.n_x + f->x;
        float *high =
            (float *)work->coef + (TL_BVKERNEL_HIGH * work->m + r) * f->kernel->lanes + f->lane;
        float *low = high + (TL_BVKERNEL_LOW - TL_BVKERNEL_HIGH) * work->m * f->kernel->lanes;
        for (int64_t c = 0; c < work->n; c++) {
            double value = base + f->w_scale * (double)w[c];
            value = value > HUGE_DIAGONAL ? HUGE_DIAGONAL : value;
            high[c * stride] = (float)value;
            low[c * stride] = (float)(value - (double)(float)value);
        }
    }
}

static void fill_couplings(const struct fill *f)
{
    static const int8_t step[TL_BVKERNEL_N][2] = {
        [TL_BVKERNEL_DOWN] = {0, 1},  [TL_BVKERNEL_DOWN2] = {0, 2},  [TL_BVKERNEL_NEXT] = {1, 0},
        [TL_BVKERNEL_NEXTD] = {1, 1}, [TL_BVKERNEL_NEXTU] = {1, -1}, [TL_BVKERNEL_NEXT2] = {2, 0}};
    struct tl_bvkernel_work *work = f->work;
    for (int64_t c = 0; c < work->n; c++)
        for (int which = TL_BVKERNEL_DOWN; which < TL_BVKERNEL_N; which++)
            for (int64_t r = 0; r < work->m; r++)
                put(f, work->coef, (c * TL_BVKERNEL_N + which) * work->m + r,
                    r < f->n_row && r + step[which][1] < f->n_row
                        ? coupling(f, f->x + c, f->y + r, step[which][0], step[which][1])
                        : 0.0);
}

/* Made-up fields: constant, along the short side, and waves along the long one; (u, v) from the window's middle, in heights of it. */
static double mode(int k, double u, double v)
{
    return k == 0 ? 1.0 : k == 1 ? 2.0 * v : k == 2 ? cos(PI * u) : sin(PI * u);
}

/* What the draws outside the window say to one of its cells. */
static void fill_rhs_cell(const struct fill *f, int64_t c, int64_t r)
{
    static const int8_t near[12][2] = {{1, 0},  {-1, 0},  {0, 1}, {0, -1}, {1, 1}, {1, -1},
                                       {-1, 1}, {-1, -1}, {2, 0}, {-2, 0}, {0, 2}, {0, -2}};
    struct tl_bvkernel_work *work = f->work;
    int64_t at[12], x = f->x + c, y = f->y + r;
    double entry[12], u_at[12], v_at[12], rows = (double)f->n_row + 2.0;
    int n = 0;
    for (int i = 0; i < 12; i++) {
        int64_t u = c + near[i][0], v = r + near[i][1];
        if (u >= 0 && v >= 0 && u < work->n && v < f->n_row)
            continue;
        entry[n] = coupling(f, x, y, near[i][0], near[i][1]);
        u_at[n] = ((double)u + 0.5 - 0.5 * (double)work->n) / rows;
        v_at[n] = ((double)v + 0.5 - 0.5 * (double)f->n_row) / rows;
        at[n] = (y + near[i][1] - f->level->draws_y) * f->level->grid.n_x + x + near[i][0];
        n += entry[n] != 0.0;
    }
    for (int k = 0; k < f->level->n_draws; k++) {
        double sum = 0.0;
        for (int i = 0; i < n; i++)
            sum -= entry[i] * (f->level->draws == NULL ? mode(k, u_at[i], v_at[i])
                                                       : (double)f->level->draws[k][at[i]]);
        put(f, work->rhs, (c * work->kp + k) * work->m + r, sum);
    }
}

static void fill_rhs(const struct fill *f)
{
    for (int64_t c = 0; c < f->work->n; c++) {
        bool at_end = c < 2 || c >= f->work->n - 2;
        for (int64_t r = 0; r < f->n_row; r += !at_end && r == 1 ? f->n_row - 3 : 1)
            fill_rhs_cell(f, c, r);
    }
}

void tl_bvwindow_fill(const struct tl_bvkernel *kernel, struct tl_bvkernel_work *work, int lane,
                      const struct tl_bvwindow_level *level, int64_t x, int64_t y, bool known)
{
    struct fill f = {.kernel = kernel,
                     .work = work,
                     .level = level,
                     .x = x - work->shape.h,
                     .y = y - work->shape.h,
                     .n_row = work->shape.b + 2 * work->shape.h,
                     .a2 = rounded_a2(level->q),
                     .w_scale = level->q.a * level->q.a / level->q.c,
                     .lane = lane};
    if (known && kernel->real == sizeof(float))
        fill_inner_diagonal(&f);
    else
        fill_diagonal(&f);
    if (!known)
        fill_couplings(&f);
    if (work->kp > 0 && !(known && level->draws == NULL))
        fill_rhs(&f);
}

bool tl_bvwindow_is_inner(const struct tl_bvwindow_level *level, struct tl_bvkernel_shape shape,
                          int64_t x, int64_t y)
{
    int64_t out = shape.h + 4; /* as far as cut cells and edges are felt */
    return x >= out && y >= out && x + shape.s + out <= level->grid.n_x &&
           y + shape.b + out <= level->grid.n_y;
}
