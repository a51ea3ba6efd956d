#include "unit.h"

#include "field/factor.h"

/* Variances against solves with unit vectors, in corners, at edges, on separators and inside; sums of l rows too. */
TEST(variances_are_those_of_solves_with_unit_vectors)
{
    enum { SIDE = 80, N = SIDE * SIDE };
    static double unit[N], x[N], w[N], variance[N];
    const int64_t cells[] = {0,     SIDE - 1, 39 * SIDE + 40, 40 * SIDE + 39, 17 * SIDE + 55,
                             N - 1, N - SIDE, 20 * SIDE};
    struct tl_stencil_grid grid = tl_stencil_grid_of(SIDE, SIDE);
    struct tl_factor_plan *plan = NULL;
    struct tl_factor f = {0};
    double trace_l, trace_l2;
    for (int i = 0; i < N; i++)
        w[i] = (i / 8) % 2 ? 0.4 : 0.0;
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &plan));
    CHECK_OK(tl_factor_init(ctx, plan, 1, &f));
    CHECK_OK(tl_factor_compute(ctx, &f, tl_stencil_q_of(1.0, 12.0, 1.0), w));
    CHECK_OK(tl_factor_inverse(ctx, &f, variance, &trace_l, &trace_l2));
    for (int k = 0; k < 8; k++) {
        memset(unit, 0, sizeof unit);
        unit[cells[k]] = 1.0;
        CHECK_OK(tl_factor_solve(ctx, &f, 1, unit, x));
        CHECK_NEAR(variance[cells[k]], x[cells[k]], 1e-10 * x[cells[k]]);
    }
    tl_factor_fini(&f);
    tl_factor_plan_free(plan);
}

/* tr(A^-1 (Q + W)) = n ties the variances and both traces together. */
TEST(traces_add_up_to_the_number_of_cells)
{
    enum { N_X = 60, N_Y = 31, N = N_X * N_Y };
    static double w[N], variance[N];
    struct tl_stencil_grid grid = tl_stencil_grid_of(N_X, N_Y);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 9.0, 1.3);
    struct tl_factor_plan *plan = NULL;
    struct tl_factor f = {0};
    double trace_l, trace_l2, sum = 0.0;
    for (int i = 0; i < N; i++)
        w[i] = i % 2 ? 0.7 : 0.0;
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &plan));
    CHECK_OK(tl_factor_init(ctx, plan, 1, &f));
    CHECK_OK(tl_factor_compute(ctx, &f, q, w));
    CHECK_OK(tl_factor_inverse(ctx, &f, variance, &trace_l, &trace_l2));
    for (int i = 0; i < N; i++)
        sum += variance[i] * (w[i] + q.c * q.a * q.a);
    CHECK_NEAR(sum + 2.0 * q.c * trace_l + q.c / (q.a * q.a) * trace_l2, N, 1e-8 * N);
    tl_factor_fini(&f);
    tl_factor_plan_free(plan);
}
