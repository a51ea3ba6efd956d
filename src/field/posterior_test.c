#include "unit.h"

#include "field/fixture.h"

TEST(shares_add_up_to_the_field_and_outside_is_nan)
{
    struct tl_field_result r;
    CHECK_OK(fit_two_channels(ctx, true, &r));
    for (int i = 0; i < 18; i++) {
        CHECK_NEAR(r.shares[i] + r.shares[20 + i], r.field[i], 1e-9);
        CHECK(isfinite(r.shares[i]) && r.p_any[i] >= 0.0 && r.p_any[i] <= 1.0);
        CHECK(r.density_q05[i] < r.density_q50[i] && r.density_q50[i] < r.density_q95[i]);
    }
    for (int i = 18; i < 20; i++)
        CHECK(isnan(r.log_density_mean[i]) && isnan(r.shares[i]) && isnan(r.shares[20 + i]) &&
              isnan(r.samples[i]));
    CHECK(r.channels[0].sd == 0.0 && r.channels[1].sd > 0.3 && r.channels[1].sd < 1.5);
    tl_field_result_fini(&r);
}

/* Each channel's share must be Q^-1 of its own residuals: a channel that found just what was expected has none. */
TEST(share_of_a_channel_without_information_is_nothing)
{
    static double none[MAX_CELLS], tiny[MAX_CELLS];
    struct tl_field_result r;
    struct tl_field_options o = held(8.0, 1.0);
    CHECK_OK(simulate(ctx, 20, 20, 0.0, 6, &world));
    for (int i = 0; i < 400; i++)
        tiny[i] = 1e-9;
    struct tl_field_channel ch[2] = {{"empty", none, tiny, 0.0}, world.channel};
    world.input.channels = ch;
    world.input.n_channels = 2;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r));
    for (int i = 0; i < 400; i++)
        CHECK_NEAR(r.shares[i], 0.0, 1e-5);
    tl_field_result_fini(&r);
}
