/** Sums of Gaussian kernels around points, on the cells of a grid. */
#ifndef TL_EVIDENCE_KERNEL_H
#define TL_EVIDENCE_KERNEL_H

#include "core/core.h"
#include "tilth/grid.h"

struct tl_kernel_point {
    double x_m, y_m; /* grid CRS */
    double height;   /* at its centre */
    double range_m;  /* standard deviation */
};

/**
 * values[i] += sum over points of height exp(-d² / (2 range²)), d from the cell's centre; cut off
 * at 4 ranges (0.0003 of the height). The same bits on any number of threads. Cost: O(points ×
 * cells within 4 ranges).
 */
void tl_kernel_add(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t n,
                   const struct tl_kernel_point *points, double *values);

/** The same for rows [row_first, row_end), to the bit. @param values [(row_end - row_first) * n_x] of these rows */
void tl_kernel_add_rows(struct tl_ctx *ctx, const struct tl_grid *grid, int64_t row_first,
                        int64_t row_end, int64_t n, const struct tl_kernel_point *points,
                        double *values);

/** The same for a rectangle, to the bit. @param box  first column, first row, columns, rows @param values [rows * columns] of it */
void tl_kernel_add_box(struct tl_ctx *ctx, const struct tl_grid *grid, const int64_t box[4],
                       int64_t n, const struct tl_kernel_point *points, double *values);

#endif
