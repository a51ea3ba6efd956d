#include "unit.h"

#include "field/fixture.h"

/* The middle of a window with a margin of two ranges is what the whole says there, given the same theta and level. */
TEST(a_windows_middle_is_the_wholes)
{
    static struct area cut;
    struct tl_field_result whole, local;
    struct tl_field_options o = held(5.0, 1.0);
    enum { SIDE = 32, OFF = 16 };
    CHECK_OK(simulate(ctx, 64, 64, -0.5, 9, &world));
    world.input.n_covariates = 0;
    o.intercept_prior_mean = -0.5;
    o.intercept_prior_sd = 1e-3;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &whole));
    cut.n_x = cut.n_y = SIDE;
    for (int i = 0; i < SIDE * SIDE; i++) {
        cut.counts[i] = world.counts[(i / SIDE + OFF) * 64 + i % SIDE + OFF];
        cut.effort[i] = world.effort[(i / SIDE + OFF) * 64 + i % SIDE + OFF];
    }
    point_input(&cut);
    cut.input.n_covariates = 0;
    struct tl_field_given given = {5.0, 1.0, -0.5, 1e-3, 3, 7};
    CHECK_OK(tl_field_local(ctx, &cut.input, &given, &local));
    CHECK(local.pad_cells == 0 && local.samples != NULL && local.engine == TL_ENGINE_EXACT);
    for (int y = 11; y < 21; y++)
        for (int x = 11; x < 21; x++) {
            int64_t a = y * SIDE + x, b = (y + OFF) * 64 + x + OFF;
            CHECK_NEAR(local.log_density_mean[a], whole.log_density_mean[b],
                       0.02 * whole.log_density_sd[b]);
            CHECK_NEAR(local.log_density_sd[a] / whole.log_density_sd[b], 1.0, 0.01);
        }
    tl_field_result_fini(&whole);
    tl_field_result_fini(&local);
}

TEST(half_of_theta_is_refused)
{
    struct tl_field_result r;
    struct tl_field_given given = {.range_m = 5.0};
    CHECK_OK(simulate(ctx, 8, 8, -0.5, 9, &world));
    CHECK_FAILS(tl_field_local(ctx, &world.input, &given, &r), TL_EDATA, "both must be given");
}
