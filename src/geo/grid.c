/*
 * Square cells. The edge between column k - 1 and column k is the number x0 + k step as the machine computes it; a
 * quotient alone can put a point of that edge on the wrong side by one rounding, so the column found by division is
 * compared with its edges and moved by one where needed. What is "on the edge" is then the same for everybody.
 */
#include "tilth/grid.h"

#include <math.h>

#include "core/core.h"

static const double CELLS_MAX = 4e9;

int64_t tl_grid_n_cells(const struct tl_grid *grid)
{
    return grid->n_x * grid->n_y;
}

void tl_grid_centre(const struct tl_grid *grid, tl_cell cell, double *x_m, double *y_m)
{
    int64_t row = cell.i / grid->n_x, column = cell.i % grid->n_x;
    *x_m = grid->x0_m + ((double)column + 0.5) * grid->step_m;
    *y_m = grid->y0_m - ((double)row + 0.5) * grid->step_m;
}

/* Index along one axis of a distance from the axis' beginning; -1 outside. `sign` is +1 for x, -1 for y. */
static int64_t index_along(double origin, double sign, double step, int64_t n, double at)
{
    double offset = sign * (at - origin);
    double k = floor(offset / step);
    if (!(k >= -1.0 && k <= (double)n + 1.0))
        return -1;
    if (sign * (at - (origin + sign * (k + 1.0) * step)) >= 0.0)
        k += 1.0;
    else if (sign * (at - (origin + sign * k * step)) < 0.0)
        k -= 1.0;
    if (k == (double)n && at == origin + sign * (double)n * step)
        k = (double)n - 1.0;
    return k >= 0.0 && k < (double)n ? (int64_t)k : -1;
}

tl_err tl_grid_cell_at(struct tl_ctx *ctx, const struct tl_grid *grid, double x_m, double y_m,
                       tl_cell *cell)
{
    if (!isfinite(x_m) || !isfinite(y_m))
        return tl_fail(ctx, TL_EDATA, "the point (%g, %g) is not finite", x_m, y_m);
    int64_t column = index_along(grid->x0_m, 1.0, grid->step_m, grid->n_x, x_m);
    int64_t row = index_along(grid->y0_m, -1.0, grid->step_m, grid->n_y, y_m);
    if (column < 0 || row < 0)
        return tl_fail(
            ctx, TL_ENOTFOUND,
            "the point (%.3f, %.3f) lies outside the grid, x %.3f to %.3f, y %.3f to %.3f", x_m,
            y_m, grid->x0_m, grid->x0_m + (double)grid->n_x * grid->step_m,
            grid->y0_m - (double)grid->n_y * grid->step_m, grid->y0_m);
    cell->i = row * grid->n_x + column;
    return TL_OK;
}

/* Largest k with k step <= at. */
static double multiple_below(double at, double step)
{
    double k = floor(at / step);
    if (k * step > at)
        k -= 1.0;
    else if ((k + 1.0) * step <= at)
        k += 1.0;
    return k;
}

/* Smallest n with `first + n step` at or beyond a distance, as the edges are computed. */
static double steps_to(double origin, double sign, double step, double at)
{
    double n = ceil(sign * (at - origin) / step);
    if (sign * (origin + sign * n * step - at) < 0.0)
        n += 1.0;
    else if (n > 1.0 && sign * (origin + sign * (n - 1.0) * step - at) >= 0.0)
        n -= 1.0;
    return n;
}

tl_err tl_grid_cover_box(struct tl_ctx *ctx, const double box_m[4], double step_m,
                         struct tl_grid *grid)
{
    double west = box_m[0], south = box_m[1], east = box_m[2], north = box_m[3];
    if (!isfinite(west) || !isfinite(south) || !isfinite(east) || !isfinite(north))
        return tl_fail(ctx, TL_EDATA, "the box %g, %g, %g, %g is not finite", west, south, east,
                       north);
    if (!(step_m > 0.0) || !isfinite(step_m))
        return tl_fail(ctx, TL_EDATA, "a cell of %g m is not possible: it must be above 0", step_m);
    if (!(east > west) || !(north > south))
        return tl_fail(ctx, TL_EDATA,
                       "the box has no area: west %.10g, south %.10g, east %.10g, north %.10g",
                       west, south, east, north);
    if ((east - west) / step_m * ((north - south) / step_m) > 2.0 * CELLS_MAX)
        return tl_fail(ctx, TL_EDATA, "cells of %g m would be %.3g in number; %.0f are the most",
                       step_m, (east - west) / step_m * ((north - south) / step_m), CELLS_MAX);
    double x0 = multiple_below(west, step_m) * step_m;
    double y0 = -multiple_below(-north, step_m) * step_m;
    double n_x = steps_to(x0, 1.0, step_m, east), n_y = steps_to(y0, -1.0, step_m, south);
    if (n_x * n_y > CELLS_MAX)
        return tl_fail(ctx, TL_EDATA,
                       "cells of %g m would be %.0f in number (%.0f by %.0f); %.0f are the most",
                       step_m, n_x * n_y, n_x, n_y, CELLS_MAX);
    *grid = (struct tl_grid){.x0_m = x0 == 0.0 ? 0.0 : x0,
                             .y0_m = y0 == 0.0 ? 0.0 : y0,
                             .step_m = step_m,
                             .n_x = (int64_t)n_x,
                             .n_y = (int64_t)n_y};
    return TL_OK;
}
