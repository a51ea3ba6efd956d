#include "unit.h"

#include "field/fixture.h"
#include "field/model.h"

TEST(coarse_lattice_keeps_counts_effort_and_the_weighted_covariate)
{
    struct tl_model_scale scale;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 13, 10, 0.0, 2, &world));
    CHECK_OK(tl_model_scale_init(ctx, &world.input, &o, &scale));
    double counts = 0.0, effort = 0.0, weighted = 0.0;
    for (int i = 0; i < 130; i++) {
        counts += world.counts[i];
        effort += world.effort[i];
        weighted += world.effort[i] * (world.z[i] - scale.cov_mean[0]) / scale.cov_sd[0];
    }
    CHECK_NEAR(scale.total_count, counts, 0.0);
    for (int64_t coarse = 1; coarse <= 4; coarse *= 2) {
        struct tl_model m;
        double c = 0.0, e = 0.0, w = 0.0;
        CHECK_OK(tl_model_init(ctx, &world.input, &scale, coarse, 3, &m));
        CHECK(m.grid.n_x == (13 + coarse - 1) / coarse + 6 && m.step_m == (double)coarse);
        for (int64_t k = 0; k < m.n_obs; k++) {
            int64_t x = m.cell[k] % m.grid.n_x, y = m.cell[k] / m.grid.n_x;
            CHECK(x >= 3 && x < 3 + m.n_x && y >= 3 && y < 3 + m.n_y && m.effort[k] > 0.0);
            c += m.count[k];
            e += m.effort[k];
            w += m.effort[k] * m.x[m.cell[k]];
        }
        CHECK_NEAR(c, counts, 1e-9);
        CHECK_NEAR(e, effort, 1e-9);
        CHECK_NEAR(w, weighted, 1e-5);
        tl_model_fini(&m);
    }
    tl_model_scale_fini(&scale);
}

TEST(what_lies_outside_is_not_counted)
{
    static uint8_t inside[MAX_CELLS];
    struct tl_model_scale scale;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 8, 8, 1.0, 2, &world));
    for (int i = 0; i < 64; i++) {
        inside[i] = i < 32;
        world.effort[i] = 1.0;
        world.counts[i] = (double)(i % 5);
    }
    world.input.inside = inside;
    world.effort[40] = -5.0; /* outside: not looked at */
    double counts = 0.0;
    for (int i = 0; i < 32; i++)
        counts += world.counts[i];
    CHECK_OK(tl_model_check(ctx, &world.input, &o));
    CHECK_OK(tl_model_scale_init(ctx, &world.input, &o, &scale));
    CHECK_NEAR(scale.total_count, counts, 0.0);
    tl_model_scale_fini(&scale);
}

TEST(priors_are_carried_to_the_standardised_scale)
{
    struct tl_model_scale scale;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 9, 9, 0.0, 2, &world));
    world.covariate.prior_mean = 0.4;
    world.covariate.prior_sd = 0.2;
    o.intercept_prior_mean = -1.0;
    o.intercept_prior_sd = 2.0;
    CHECK_OK(tl_model_scale_init(ctx, &world.input, &o, &scale));
    CHECK_NEAR(scale.prior_mean[1], 0.4 * scale.cov_sd[0], 1e-12);
    CHECK_NEAR(1.0 / sqrt(scale.prior_prec[1]), 0.2 * scale.cov_sd[0], 1e-12);
    CHECK_NEAR(scale.prior_mean[0], -1.0 + 0.4 * scale.cov_mean[0], 1e-12);
    CHECK_NEAR(scale.prior_prec[0], 0.25, 1e-12);
    tl_model_scale_fini(&scale);
}
