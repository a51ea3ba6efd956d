#include "unit.h"

#include "field/lattice_fixture.h"

static const struct tl_laplace_prior prior = {5.0, 1.2};

/* The stochastic score against the exact gradient: within its own noise, and that small beside theta's curvature. */
TEST(score_is_the_laplace_gradient)
{
    const double at[][2] = {{8.0, 1.0}, {5.0, 1.4}, {14.0, 0.7}};
    for (int k = 0; k < 3; k++) {
        struct tl_lattice_data d;
        struct tl_lattice_mode m;
        struct tl_model_scale s;
        struct tl_stage e;
        struct tl_laplace_point point;
        double sum[2] = {0.0, 0.0}, square[2] = {0.0, 0.0}, score[2];
        const double t[2] = {log(at[k][0]), log(at[k][1])};
        enum { SEEDS = 24 };
        CHECK_OK(simulate_pair(ctx, 56, 48));
        CHECK_OK(mode_of_world(ctx, at[k][0], at[k][1], 2, &d, &m));
        CHECK_OK(exact_of_world(ctx, at[k][0], at[k][1], 2, &s, &e, &point));
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            CHECK_OK(tl_lattice_score(ctx, &m, &prior, t, seed, 20, score));
            for (int j = 0; j < 2; j++) {
                sum[j] += score[j] / SEEDS;
                square[j] += score[j] * score[j] / SEEDS;
            }
        }
        for (int j = 0; j < 2; j++) {
            double noise = sqrt(fmax(square[j] - sum[j] * sum[j], 1e-6) / SEEDS);
            printf("  range %g, sigma %g: score %.2f (+- %.2f), gradient %.2f\n", at[k][0],
                   at[k][1], sum[j], noise, point.gradient[j]);
            CHECK_NEAR(sum[j], point.gradient[j],
                       4.0 * noise + 0.02 * fabs(point.gradient[j]) + 0.2);
        }
        tl_stage_fini(&e);
        tl_model_scale_fini(&s);
        tl_lattice_mode_fini(&m);
        tl_lattice_data_fini(&d);
    }
}
