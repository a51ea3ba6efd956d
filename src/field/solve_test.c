#include "unit.h"

#include "core/rng.h"
#include "field/factor.h"

/* Residual of A x = b by the stencil itself, for one and for several right-hand sides, on a lattice with many subtrees. */
TEST(solutions_satisfy_their_equations)
{
    enum { N_X = 90, N_Y = 70, N = N_X * N_Y, RHS = 5 };
    static double b[RHS * N], x[RHS * N], w[N], scratch[N], out[N];
    struct tl_stencil_grid grid = tl_stencil_grid_of(N_X, N_Y);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 15.0, 0.8);
    struct tl_factor_plan *plan = NULL;
    struct tl_factor f = {0};
    for (int i = 0; i < N; i++)
        w[i] = i % 7 == 0 ? 3.0 : 0.0;
    tl_rng_normals(tl_rng_make(6, 1), 0, RHS * N, b);
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &plan));
    CHECK_OK(tl_factor_init(ctx, plan, 3, &f));
    CHECK_OK(tl_factor_compute(ctx, &f, q, w));
    for (int n_rhs = 1; n_rhs <= RHS; n_rhs += 4) {
        CHECK_OK(tl_factor_solve(ctx, &f, n_rhs, b, x));
        for (int j = 0; j < n_rhs; j++) {
            tl_stencil_apply(&grid, q, x + j * N, scratch, out);
            for (int i = 0; i < N; i++)
                CHECK_NEAR(out[i] + w[i] * x[j * N + i], b[j * N + i], 1e-8);
        }
    }
    tl_factor_fini(&f);
    tl_factor_plan_free(plan);
}
