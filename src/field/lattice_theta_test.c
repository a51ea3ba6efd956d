#include "unit.h"

#include "field/lattice_fixture.h"

/* A grid that the exact engine takes whole has its theta, its design and its margin from there. */
TEST(small_grids_have_the_exact_engines_theta)
{
    struct tl_field_result e, l;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 60, 50, -0.5, 4, &world));
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_EXACT, &e));
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &l));
    CHECK_NEAR(l.range_m.mean / e.range_m.mean, 1.0, 0.02);
    CHECK_NEAR(l.range_m.sd / e.range_m.sd, 1.0, 0.1);
    CHECK_NEAR(l.sigma.mean / e.sigma.mean, 1.0, 0.02);
    CHECK(l.n_theta > 5);
    tl_field_result_fini(&e);
    tl_field_result_fini(&l);
}

/* Newton on the score ends where the exact gradient is small beside the curvature. */
TEST(search_on_the_score_ends_at_the_exact_maximum)
{
    struct tl_lattice_data d;
    struct tl_lattice_mode m;
    struct tl_lattice_theta f = {0};
    struct tl_model_scale s;
    struct tl_stage e;
    struct tl_laplace_point point;
    CHECK_OK(simulate(ctx, 64, 64, 0.0, 4, &world));
    CHECK_OK(mode_of_world(ctx, 6.0, 1.3, 0, &d, &m));
    tl_lattice_theta_priors(
        &d, &(struct tl_field_options){.range_prior_p = 0.1, .sigma_prior_p = 0.1}, &f);
    f.prior = (struct tl_laplace_prior){5.0, 1.2};
    f.theta.best.t[0] = log(6.0);
    f.theta.best.t[1] = log(1.3);
    f.theta.curvature[0] = 40.0;
    f.theta.curvature[2] = 200.0;
    CHECK_OK(tl_lattice_theta_finish(ctx, &m, 1, &f));
    const double *t = f.theta.best.t;
    CHECK_OK(exact_of_world(ctx, exp(t[0]), exp(t[1]), 0, &s, &e, &point));
    double step =
        fabs(point.gradient[0]) * f.covariance[0] + fabs(point.gradient[0] * f.covariance[1]);
    printf("  range %.2f (sd of log %.3f), sigma %.3f; exact gradient %.2f, %.2f\n", exp(t[0]),
           sqrt(f.covariance[0]), exp(t[1]), point.gradient[0], point.gradient[1]);
    CHECK(f.covariance[0] > 0.0 && f.covariance[2] > 0.0);
    CHECK(step < 1.0 * sqrt(f.covariance[0]));
    CHECK(fabs(t[0] - log(8.0)) < 0.6 && fabs(t[1]) < 0.35);
    tl_stage_fini(&e);
    tl_model_scale_fini(&s);
    tl_lattice_mode_fini(&m);
    tl_lattice_data_fini(&d);
}

TEST(margin_is_a_range_at_most_a_quarter)
{
    struct tl_lattice_data d = {.n_x = 100, .n_y = 40, .step_m = 10.0};
    struct tl_field_options o = tl_field_options_default();
    CHECK(tl_lattice_theta_pad(&d, &o, 75.0) == 8);
    CHECK(tl_lattice_theta_pad(&d, &o, 900.0) == 25);
    o.pad_m = 30.0;
    CHECK(tl_lattice_theta_pad(&d, &o, 900.0) == 3);
}
