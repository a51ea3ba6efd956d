#include "unit.h"

#include "field/small.h"

/* The variational mean solves y = e exp(m + v/2) against the prior: its gradient must vanish there. */
TEST(corrected_mean_minimises_its_own_objective)
{
    struct set s;
    struct tl_laplace_point point;
    double t[2] = {log(8.0), 0.0};
    CHECK_OK(set_init(ctx, &s));
    CHECK_OK(tl_laplace_at(ctx, &s.laplace, t, &point));
    CHECK_OK(tl_mode_correct(ctx, &s.mode));
    double best = tl_mode_objective(&s.mode, s.mode.x);
    for (int64_t i = 0; i < ALL; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            double keep = s.mode.x[i];
            s.mode.x[i] += sign * 1e-2;
            CHECK(tl_mode_objective(&s.mode, s.mode.x) > best - 1e-6);
            s.mode.x[i] = keep;
        }
    set_fini(&s);
}

TEST(mode_is_found_from_far_below_and_far_above)
{
    struct set s;
    double at[3];
    CHECK_OK(set_init(ctx, &s));
    for (int k = 0; k < 3; k++) {
        tl_mode_start(&s.mode);
        s.mode.x[N] += k == 0 ? 0.0 : k == 1 ? -30.0 : 25.0;
        CHECK_OK(tl_mode_find(ctx, &s.mode, tl_stencil_q_of(2.0, 8.0, 1.0)));
        at[k] = tl_mode_objective(&s.mode, s.mode.x);
    }
    CHECK_NEAR(at[1], at[0], 1e-5);
    CHECK_NEAR(at[2], at[0], 1e-5);
    set_fini(&s);
}

TEST(solve_is_the_inverse_of_the_hessian_by_differences_of_the_gradient)
{
    struct set s;
    static double g0[ALL], g1[ALL], d[ALL], back[ALL];
    CHECK_OK(set_init(ctx, &s));
    CHECK_OK(tl_mode_find(ctx, &s.mode, tl_stencil_q_of(2.0, 8.0, 1.0)));
    /* A second search starts at the mode: factor and weights are then those of the mode itself. */
    CHECK_OK(tl_mode_find(ctx, &s.mode, tl_stencil_q_of(2.0, 8.0, 1.0)));
    tl_rng_normals(tl_rng_make(2, 2), 0, ALL, d);
    for (int side = -1; side <= 1; side += 2)
        for (int i = 0; i < ALL; i++) {
            double keep[ALL], e = 1e-4;
            memcpy(keep, s.mode.x, sizeof keep);
            for (int j = 0; j < ALL; j++)
                s.mode.x[j] += side * 1e-3 * d[j];
            s.mode.x[i] += e;
            double up = tl_mode_objective(&s.mode, s.mode.x);
            s.mode.x[i] -= 2.0 * e;
            (side < 0 ? g0 : g1)[i] = (up - tl_mode_objective(&s.mode, s.mode.x)) / (2.0 * e);
            memcpy(s.mode.x, keep, sizeof keep);
        }
    for (int i = 0; i < ALL; i++)
        g1[i] = (g1[i] - g0[i]) / 2e-3;
    CHECK_OK(tl_mode_solve(ctx, &s.mode, g1, back));
    for (int i = 0; i < ALL; i++)
        CHECK_NEAR(back[i], d[i], 2e-3);
    set_fini(&s);
}
