/**
 * Marginal variances of A^-1, A = Q + W, by windows with a halo (Siden et al. 2018): in a window the field is exactly Gaussian given what
 * lies outside, so var_i = [A_BB^-1]_ii + mean over draws of (E[x_i | draw outside B])^2. This is where the time of the lattice engine goes.
 * What long ranges carry from beyond the halo is found on coarser cells, where it is smooth (docs/rooms/lattice.md, "Variances").
 */
#ifndef TL_FIELD_BLOCKVAR_H
#define TL_FIELD_BLOCKVAR_H

#include "field/stencil.h"

enum { TL_BLOCKVAR_MAX_DRAWS = 64, TL_BLOCKVAR_MAX_COARSE = 64 };

struct tl_blockvar_plan {
    int64_t block, length; /* rows and columns wanted of a window [cells] */
    int64_t halo;   /* [cells of each level]: on the coarsest, halo * coarse cells of the grid */
    int64_t coarse; /* cells of the coarsest level: 1, 2, 4, ... */
    double error; /* expected relative error of the sd (root mean square), draws' noise included */
    double flops_per_cell;
};

/**
 * Windows and levels for a range [cells]; `error` wanted of the sd (0 = 0.3 %, up to 0.8 % above 24 cells, where 0.3 %
 * would cost three times as much); n_draws 0 = no second part.
 * A range outside 0.2 .. 4,000 is taken as the nearer of the two.
 */
struct tl_blockvar_plan tl_blockvar_plan_of(double range_cells, double error, int n_draws);

/** Rows of the grid that tl_blockvar_rows reads above y0 and below y1 at most. */
int64_t tl_blockvar_margin(const struct tl_blockvar_plan *plan);

/** Bands whose first row is a multiple of this do no window twice: block * coarse. */
int64_t tl_blockvar_step(const struct tl_blockvar_plan *plan);

/** Working memory of tl_blockvar_rows for a band of so many rows on so many threads, outputs not counted. */
int64_t tl_blockvar_bytes(const struct tl_stencil_grid *grid, const struct tl_blockvar_plan *plan,
                          int n_draws, int64_t n_rows, int n_threads);

/**
 * Variances of the cells of rows [y0, y1). A cell's answer does not depend on how the grid is cut into bands, nor on the number of threads.
 * @param w        [n] weights >= 0 of the whole grid; only rows within the margin are read (so `w` may point before a band that is in memory)
 * @param inside   [n] nonzero = wanted; windows without any are skipped; NULL = all. Rows [y0, y1) are read
 * @param n_draws  centred draws of the posterior (mean 0), each [n], rows read as of w; 0 = leave the second part out
 * @param[out] var [ (y1 - y0) * n_x ], 0 where not wanted; unspecified on error
 * @param[out] mcse  [(y1 - y0) * n_x] Monte Carlo standard error of var; may be NULL
 * Errors: TL_EDATA (a plan or band that cannot be), TL_ENOMEM, TL_ENUMERIC (not positive definite), TL_ECANCELLED.
 */
TL_MUST_USE tl_err tl_blockvar_rows(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                                    struct tl_stencil_q q, const float *w, const uint8_t *inside,
                                    const struct tl_blockvar_plan *plan, int n_draws,
                                    const float *const *draws, int64_t y0, int64_t y1, float *var,
                                    float *mcse);

#endif
