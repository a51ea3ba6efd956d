#include "unit.h"

#include "core/rng.h"
#include "field/dct.h"

enum { N_X = 33, N_Y = 70, N = N_X * N_Y };

static tl_err create_dct(struct tl_ctx *ctx)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(5, 4);
    struct tl_dct dct = {0};
    tl_err err = tl_dct_init(ctx, &grid, &dct);
    tl_dct_fini(&dct);
    return err;
}

TEST(there_and_back_is_nothing_and_scaling_by_minus_one_solves_with_the_prior)
{
    static double x[N], y[N], scratch[N], out[N];
    struct tl_stencil_grid grid = tl_stencil_grid_of(N_X, N_Y);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 7.0, 1.1);
    struct tl_dct dct;
    tl_rng_normals(tl_rng_make(1, 2), 0, N, x);
    CHECK_OK(tl_dct_init(ctx, &grid, &dct));
    memcpy(y, x, sizeof x);
    tl_dct_transform(ctx, &dct, true, y);
    tl_dct_transform(ctx, &dct, false, y);
    for (int i = 0; i < N; i++)
        CHECK_NEAR(y[i], x[i], 1e-12);
    tl_dct_transform(ctx, &dct, true, y);
    tl_dct_scale(&dct, q, -1.0, y);
    tl_dct_transform(ctx, &dct, false, y);
    tl_stencil_apply(&grid, q, y, scratch, out);
    for (int i = 0; i < N; i++)
        CHECK_NEAR(out[i], x[i], 1e-9);
    tl_dct_fini(&dct);
    CHECK_EVERY_ALLOC(ctx, create_dct(ctx));
}
