/** Grid: square cells in a projected system; row 0 in the north, cell = row * n_x + column. */
#ifndef TILTH_GRID_H
#define TILTH_GRID_H

#include <stdint.h>

#include "tilth/ctx.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_grid {
    double x0_m, y0_m; /* north-west corner [m, grid CRS] */
    double step_m;     /* side of a cell */
    int64_t n_x, n_y;  /* cells from west to east, from north to south */
};

/** Id of a cell. */
typedef struct tl_cell {
    int64_t i;
} tl_cell;

/**
 * Cell that contains a point; a shared edge belongs to the cell to its south-east, so that every point of the extent
 * belongs to exactly one cell (the extent's own south and east edges belong to its last row and column).
 *
 * @param      x_m,y_m  easting, northing [m, grid CRS], finite
 * @param[out] cell     untouched on error
 * Errors: TL_EDATA (not finite), TL_ENOTFOUND (outside).  Allocates: no.  Cost: O(1).
 */
TL_MUST_USE tl_err tl_grid_cell_at(struct tl_ctx *ctx, const struct tl_grid *grid, double x_m,
                                   double y_m, tl_cell *cell);

/** Centre of a cell [m, grid CRS]; the cell must be of this grid. */
void tl_grid_centre(const struct tl_grid *grid, tl_cell cell, double *x_m, double *y_m);

/** n_x * n_y. */
int64_t tl_grid_n_cells(const struct tl_grid *grid);

/**
 * Smallest grid of a step that covers a box, its corners on whole multiples of the step.
 * @param box_m  west, south, east, north [m]
 * Errors: TL_EDATA (zero or negative size, step not positive, more than 4e9 cells: says how many).
 */
TL_MUST_USE tl_err tl_grid_cover_box(struct tl_ctx *ctx, const double box_m[4], double step_m,
                                     struct tl_grid *grid);

#ifdef __cplusplus
}
#endif
#endif
