#include "unit.h"

#include "field/lattice_fixture.h"

/* What the exact engine makes of the arrays, this makes of the rows. */
TEST(rows_give_the_scale_of_the_arrays)
{
    struct tl_lattice_data d;
    struct tl_model_scale s;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate_pair(ctx, 30, 26));
    world.z[70] = NAN;
    CHECK_OK(tl_model_scale_init(ctx, &world.input, &o, &s));
    CHECK_OK(read_world(ctx, o, &d));
    CHECK(d.scale.n_fixed == s.n_fixed && d.scale.n_fixed == 4);
    CHECK_NEAR(d.scale.total_count, s.total_count, 1e-9 * s.total_count);
    CHECK_NEAR(d.scale.total_effort, s.total_effort, 1e-9 * s.total_effort);
    CHECK_NEAR(d.scale.cov_mean[0], s.cov_mean[0], 1e-12);
    CHECK_NEAR(d.scale.cov_sd[0], s.cov_sd[0], 1e-12);
    for (int j = 0; j < 4; j++) {
        CHECK_NEAR(d.scale.prior_mean[j], s.prior_mean[j], 1e-9);
        CHECK_NEAR(d.scale.prior_prec[j], s.prior_prec[j], 1e-9 * s.prior_prec[j]);
    }
    tl_lattice_data_fini(&d);
    tl_model_scale_fini(&s);
}

TEST(counts_are_kept_where_they_are_not_zero)
{
    struct tl_lattice_data d;
    double sum = 0.0;
    int64_t n_searched = 0;
    CHECK_OK(simulate_pair(ctx, 30, 26));
    CHECK_OK(read_world(ctx, tl_field_options_default(), &d));
    for (int64_t c = 0; c < 2; c++)
        for (int64_t y = 0; y < 26; y++)
            for (int64_t k = d.count_at[c][y]; k < d.count_at[c][y + 1]; k++) {
                CHECK(d.count[c][k] > 0.0F);
                CHECK_NEAR((double)d.count[c][k], pair.channels[c].counts[y * 30 + d.count_x[c][k]],
                           0.0);
                sum += (double)d.count[c][k];
            }
    CHECK_NEAR(sum, d.scale.total_count, 1e-9);
    for (int64_t i = 0; i < 780; i++)
        n_searched += pair.inside[i] && (world.effort[i] > 0.0 || pair.other.effort[i] > 0.0);
    CHECK(d.n_searched == n_searched);
    tl_lattice_data_fini(&d);
}

TEST(a_cut_is_the_arrays_coarsened)
{
    struct tl_lattice_data d;
    struct tl_lattice_cut cut;
    struct tl_model_scale s;
    struct tl_model whole, by_cut;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate_pair(ctx, 31, 26));
    CHECK_OK(read_world(ctx, o, &d));
    CHECK_OK(tl_model_scale_init(ctx, &world.input, &o, &s));
    CHECK_OK(tl_model_init(ctx, &world.input, &s, 4, 2, &whole));
    CHECK_OK(tl_lattice_cut_init(ctx, &d, 0, 0, 31, 26, 4, &cut));
    CHECK_OK(tl_model_init(ctx, &cut.input, &d.scale, 1, 2, &by_cut));
    CHECK(whole.grid.n == by_cut.grid.n && whole.n_obs == by_cut.n_obs);
    CHECK_NEAR(by_cut.step_m, 4.0, 0.0);
    for (int64_t i = 0; i < whole.n_obs; i++) {
        CHECK(whole.cell[i] == by_cut.cell[i] && whole.channel[i] == by_cut.channel[i]);
        CHECK_NEAR(by_cut.count[i], whole.count[i], 1e-9);
        CHECK_NEAR(by_cut.effort[i], whole.effort[i], 1e-5);
    }
    for (int64_t i = 0; i < whole.grid.n; i++)
        CHECK_NEAR(by_cut.x[i], whole.x[i], 1e-4);
    CHECK_NEAR(cut.count, d.scale.total_count, 1e-9);
    tl_model_fini(&whole);
    tl_model_fini(&by_cut);
    tl_lattice_cut_fini(&cut);
    tl_model_scale_fini(&s);
    tl_lattice_data_fini(&d);
}

static tl_err read_and_free(struct tl_ctx *ctx)
{
    struct tl_lattice_data d;
    struct tl_lattice_cut cut;
    tl_err err = read_world(ctx, tl_field_options_default(), &d);
    if (err != TL_OK)
        return err;
    err = tl_lattice_cut_init(ctx, &d, 2, 2, 9, 9, 2, &cut);
    if (err == TL_OK)
        tl_lattice_cut_fini(&cut);
    tl_lattice_data_fini(&d);
    return err;
}

TEST(every_failed_allocation_is_reported)
{
    CHECK_OK(simulate_pair(ctx, 20, 16));
    CHECK_EVERY_ALLOC(ctx, read_and_free(ctx));
}

TEST(bad_rows_are_named)
{
    struct tl_lattice_data d;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 12, 9, 0.0, 1, &world));
    world.effort[13] = -1.0;
    CHECK_FAILS(read_world(ctx, o, &d), TL_EDATA, "channel 0 (search), row 1, column 1");
    world.effort[13] = 0.0;
    world.counts[13] = 1.0;
    CHECK_FAILS(read_world(ctx, o, &d), TL_EDATA, "where effort is 0");
    world.counts[13] = 0.0;
    world.z[30] = INFINITY;
    CHECK_FAILS(read_world(ctx, o, &d), TL_EDATA, "covariate 0 (z), row 2, column 6");
    world.z[30] = 0.0;
    world.input.step_m = 0.0;
    CHECK_FAILS(read_world(ctx, o, &d), TL_EDATA, "positive side");
    world.input.step_m = 1.0;
    memset(world.effort, 0, sizeof world.effort);
    memset(world.counts, 0, sizeof world.counts);
    CHECK_FAILS(read_world(ctx, o, &d), TL_EDATA, "no cell of the area was searched");
}
