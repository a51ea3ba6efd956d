/**
 * Marginal variances of A^-1, A = Q + W, by blocks with a halo (Siden et al. 2018): in block + halo the field is exactly Gaussian given the
 * draws outside. var_i = [A_BB^-1]_ii + mean over draws of (E[x_i | draw outside B])^2. This is where the time of the lattice engine goes.
 */
#ifndef TL_FIELD_BLOCKVAR_H
#define TL_FIELD_BLOCKVAR_H

#include "field/stencil.h"

struct tl_blockvar_plan {
    int64_t block, halo; /* cells */
    int64_t
        coarse; /* > 1: variances are computed on blocks of coarse x coarse cells, for ranges far above the halo, and refined */
    double error; /* expected relative error of the sd from a finite halo, without draws */
    double flops_per_cell;
};

/** Block, halo and coarsening for a range [cells]; `error` wanted of the sd (0 = 0.5 %). */
struct tl_blockvar_plan tl_blockvar_plan_of(double range_cells, double error, int n_draws);

/**
 * Variances of the cells of rows [y0, y1).
 * @param w        [n] weights of the whole grid (single precision); rows outside y0 - halo .. y1 + halo are not read
 * @param inside   [n] nonzero = wanted; blocks without any are skipped; NULL = all
 * @param n_draws  centred draws of the posterior (mean 0), each [n]; 0 = leave the second part out
 * @param[out] var [ (y1 - y0) * n_x ], 0 where not wanted
 * @param[out] mcse  [(y1 - y0) * n_x] Monte Carlo standard error of var; may be NULL
 * Errors: TL_ENOMEM, TL_ENUMERIC, TL_ECANCELLED. Same bits on any number of threads.
 */
TL_MUST_USE tl_err tl_blockvar_rows(struct tl_ctx *ctx, const struct tl_stencil_grid *grid,
                                    struct tl_stencil_q q, const float *w, const uint8_t *inside,
                                    const struct tl_blockvar_plan *plan, int n_draws,
                                    const float *const *draws, int64_t y0, int64_t y1, float *var,
                                    float *mcse);

#endif
