/**
 * What the data add to a log-determinant, log|Q + W| - log|Q|, on a lattice of any size and without a draw: for the evidence of the lattice
 * engine (docs/rooms/lattice.md, "Evidence").
 */
#ifndef TL_FIELD_LOGGAIN_H
#define TL_FIELD_LOGGAIN_H

#include "field/stencil.h"

struct tl_loggain_plan {
    int64_t tile;    /* rows of a strip [cells of each level]; windows are two strips high */
    int64_t stretch; /* columns of a window at most, besides the overlap of one tile */
    int n_levels;    /* 1 = the grid alone */
    double flops_per_cell;
};

/** Strips and levels for a range [cells]; outside 0.2 .. 4,000 the nearer of the two is taken. */
struct tl_loggain_plan tl_loggain_plan_of(double range_cells);

/** Working memory of tl_loggain on so many threads. */
int64_t tl_loggain_bytes(const struct tl_stencil_grid *grid, const struct tl_loggain_plan *plan,
                         int n_threads);

/**
 * *gain = log|Q + W| - log|Q|. Windows without weights are skipped: no weights at all give exactly 0. Same bits on any number of threads.
 * @param w  [n] weights >= 0
 * @param[out] error  about how far off it may be: what the same windows do to log|Q|, which is known; may be NULL
 * Errors: TL_EDATA (a plan that cannot be), TL_ENOMEM, TL_ENUMERIC (not positive definite), TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_loggain(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                              struct tl_stencil_q q, const float *w,
                              const struct tl_loggain_plan *plan, double *gain, double *error);

#endif
