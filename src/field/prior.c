/* Exact draws of the prior: independent normals over the frequencies, scaled by Q^(-1/2)'s eigenvalues, back to cells. */
#include "field/dct.h"

#include <math.h>

#include "core/rng.h"
#include "field/blas.h"
#include "par/par.h"
#include "tilth/field.h"

enum { PRIOR_STREAM = 0x7072 };

struct draw {
    struct tl_rng rng;
    double *u;
};

static void draw_chunk(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct draw *d = user;
    (void)chunk;
    tl_rng_normals(d->rng, (uint64_t)first, last - first, d->u + first);
}

tl_err tl_field_draw_prior(struct tl_ctx *ctx, int64_t n_x, int64_t n_y, double step_m,
                           double range_m, double sigma, uint64_t seed, double *u)
{
    tl_err err = TL_OK;
    struct tl_dct dct = {0};
    double *work = NULL;
    int blas = tl_blas_one_thread();
    if (n_x < 1 || n_y < 1)
        TL_THROW(ctx, TL_EDATA, "the grid has %lld x %lld cells", (long long)n_x, (long long)n_y);
    if (!(step_m > 0.0) || !(range_m > 0.0) || !(sigma > 0.0) ||
        !isfinite(step_m + range_m + sigma))
        TL_THROW(ctx, TL_EDATA, "cells of %g m, range %g m, sigma %g: expected positive numbers",
                 step_m, range_m, sigma);
    struct tl_stencil_grid grid = tl_stencil_grid_of(n_x, n_y);
    TL_TRY(tl_dct_init(ctx, &grid, &dct));
    TL_TRY_ALLOC(ctx, work, grid.n);
    struct draw d = {tl_rng_make(seed, PRIOR_STREAM), work};
    tl_par_for(ctx, grid.n, 4096, draw_chunk, &d);
    tl_dct_scale(&dct, tl_stencil_q_of(step_m, range_m, sigma), -0.5, work);
    tl_dct_transform(ctx, &dct, false, work);
    TL_TRY(tl_cancelled(ctx));
    for (int64_t i = 0; i < grid.n; i++)
        u[i] = work[i];
done:
    tl_blas_restore(blas);
    tl_dct_fini(&dct);
    tl_free(work);
    return err;
}
