#include "unit.h"

#include "field/fixture.h"

TEST(truth_is_found_and_covered)
{
    struct tl_field_result r;
    double covered = 0.0;
    CHECK_OK(simulate(ctx, 64, 64, -1.0, 3, &world));
    CHECK_OK(tl_field_fit(ctx, &world.input, NULL, &r));
    for (int64_t i = 0; i < 4096; i++)
        covered += fabs(r.log_density_mean[i] - world.eta[i]) < 1.96 * r.log_density_sd[i];
    CHECK_NEAR(r.range_m.mean, 8.0, 3.0 * r.range_m.sd);
    CHECK_NEAR(r.sigma.mean, 1.0, 3.0 * r.sigma.sd);
    CHECK(r.coefficients[0].q025 < 0.5 && r.coefficients[0].q975 > 0.5);
    CHECK(r.intercept.q025 < -1.0 && r.intercept.q975 > -1.0);
    CHECK(covered / 4096.0 > 0.92 && covered / 4096.0 < 0.98);
    CHECK(r.range_m.q025 < r.range_m.q50 && r.range_m.q50 < r.range_m.q975);
    CHECK(r.pad_cells > 0 && r.n_theta >= 5 && r.engine == TL_ENGINE_EXACT);
    tl_field_result_fini(&r);
}

/* With next to no search the posterior is the prior: variance sigma^2 away from edges, and theta as its priors say. */
TEST(unsearched_ground_has_the_priors_variance)
{
    struct tl_field_result r;
    struct tl_field_options o = held(8.0, 0.7);
    CHECK_OK(simulate(ctx, 40, 30, -1.0, 3, &world));
    memset(world.counts, 0, sizeof world.counts);
    for (int i = 0; i < 1200; i++)
        world.effort[i] = i == 0 ? 1e-7 : 0.0;
    world.input.n_covariates = 0;
    o.intercept_prior_mean = -2.0;
    o.intercept_prior_sd = 1e-4;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r));
    CHECK(r.pad_cells == 8);
    for (int64_t i = 0; i < 1200; i++) {
        CHECK_NEAR(r.log_density_mean[i], -2.0, 1e-3);
        CHECK_NEAR(r.log_density_sd[i], 0.7,
                   0.04); /* a margin of one range leaves 5 % at the very edge */
        CHECK_NEAR(r.field[i], 0.0, 1e-3);
    }
    CHECK_NEAR(r.log_density_sd[20 * 40 + 20], 0.7,
               0.02); /* 8 cells to a range: the lattice's own sd is 2.6 % above */
    double mean = exp(-2.0 + 0.5 * r.log_density_sd[620] * r.log_density_sd[620]);
    CHECK_NEAR(r.density_mean[620], mean, 1e-4);
    CHECK_NEAR(log(r.density_q95[620]), -2.0 + 1.6448536 * r.log_density_sd[620], 1e-4);
    tl_field_result_fini(&r);
}

TEST(without_data_range_and_sigma_are_as_their_priors)
{
    struct tl_field_result r;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 12, 12, -1.0, 3, &world));
    memset(world.counts, 0, sizeof world.counts);
    for (int i = 0; i < 144; i++)
        world.effort[i] = i == 70 ? 1e-7 : 0.0;
    world.input.n_covariates = 0;
    o.intercept_prior_sd = 1.0;
    o.range_prior_m = 3.0;
    o.range_prior_p = 0.1;
    o.sigma_prior = 2.0;
    o.sigma_prior_p = 0.1;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r));
    /* P(range < r) = exp(-lambda / r), sigma exponential. */
    double range = -log(0.1) * 3.0 / log(2.0), sigma = log(2.0) * 2.0 / -log(0.1);
    CHECK_NEAR(r.range_m.q50 / range, 1.0, 0.08);
    CHECK_NEAR(r.range_m.q025 / (-log(0.1) * 3.0 / -log(0.025)), 1.0, 0.12);
    CHECK_NEAR(r.sigma.q50 / sigma, 1.0, 0.08);
    CHECK_NEAR(r.sigma.q975 / (2.0 * log(0.025) / log(0.1)), 1.0, 0.12);
    tl_field_result_fini(&r);
}

TEST(mirrored_and_transposed_input_gives_mirrored_and_transposed_output)
{
    static struct area turned;
    struct tl_field_result r, t;
    CHECK_OK(simulate(ctx, 30, 22, -0.5, 8, &world));
    CHECK_OK(tl_field_fit(ctx, &world.input, NULL, &r));
    for (int swap = 0; swap < 2; swap++) {
        turn(&world, swap == 1, &turned);
        CHECK_OK(tl_field_fit(ctx, &turned.input, NULL, &t));
        CHECK_NEAR(t.range_m.mean, r.range_m.mean, 1e-4 * r.range_m.mean);
        CHECK_NEAR(t.log_marginal_likelihood, r.log_marginal_likelihood, 1e-4);
        for (int64_t i = 0; i < r.n_cells; i++) {
            int64_t from = (int64_t)turned.eta[i];
            CHECK_NEAR(t.log_density_mean[i], r.log_density_mean[from], 1e-4);
            CHECK_NEAR(t.log_density_sd[i], r.log_density_sd[from], 1e-4);
            CHECK_NEAR(t.p_any[i], r.p_any[from], 1e-4);
        }
        tl_field_result_fini(&t);
    }
    tl_field_result_fini(&r);
}

/* The searched block lies at two places of a larger unsearched ground: the answer moves with it. */
TEST(shifted_input_gives_shifted_output)
{
    static struct area ground[2];
    struct tl_field_result r[2];
    struct tl_field_options o = held(5.0, 1.0);
    o.pad_m = 10.0;
    CHECK_OK(simulate(ctx, 12, 12, 0.0, 4, &world));
    for (int k = 0; k < 2; k++) {
        int64_t dx = 14 + 7 * k, dy = 16 - 4 * k;
        ground[k].n_x = ground[k].n_y = 44;
        for (int64_t i = 0; i < 144; i++) {
            int64_t to = (i / 12 + dy) * 44 + i % 12 + dx;
            ground[k].counts[to] = world.counts[i];
            ground[k].effort[to] = world.effort[i];
        }
        point_input(&ground[k]);
        ground[k].input.n_covariates = 0;
        CHECK_OK(tl_field_fit(ctx, &ground[k].input, &o, &r[k]));
    }
    for (int64_t i = 0; i < 400; i++) { /* the block and four cells around it */
        int64_t a = (i / 20 + 12) * 44 + i % 20 + 10, b = (i / 20 + 8) * 44 + i % 20 + 17;
        CHECK_NEAR(r[0].log_density_mean[a], r[1].log_density_mean[b], 2e-3);
        CHECK_NEAR(r[0].log_density_sd[a], r[1].log_density_sd[b], 2e-3);
    }
    tl_field_result_fini(&r[0]);
    tl_field_result_fini(&r[1]);
}

TEST(threads_do_not_change_a_bit_of_the_result)
{
    const int threads[] = {1, 2, 7};
    struct tl_field_result r[3];
    struct tl_field_options o = tl_field_options_default();
    o.n_samples = 6;
    CHECK_OK(simulate(ctx, 60, 64, -1.0, 5, &world));
    for (int t = 0; t < 3; t++) {
        tl_ctx_set_threads(ctx, threads[t]);
        CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r[t]));
    }
    size_t bytes = (size_t)r[0].n_cells * sizeof(double);
    for (int t = 1; t < 3; t++) {
        CHECK(memcmp(r[t].log_density_mean, r[0].log_density_mean, bytes) == 0);
        CHECK(memcmp(r[t].log_density_sd, r[0].log_density_sd, bytes) == 0);
        CHECK(memcmp(r[t].density_q95, r[0].density_q95, bytes) == 0);
        CHECK(memcmp(r[t].p_any, r[0].p_any, bytes) == 0);
        CHECK(memcmp(r[t].shares, r[0].shares, bytes) == 0);
        CHECK(memcmp(r[t].samples, r[0].samples, 6 * bytes / 2) == 0);
        CHECK(memcmp(&r[t].range_m, &r[0].range_m, sizeof r[0].range_m) == 0);
    }
    for (int t = 0; t < 3; t++)
        tl_field_result_fini(&r[t]);
}

TEST(variational_mean_lowers_the_error_on_sparse_counts)
{
    double plain = 0.0, corrected = 0.0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct tl_field_result r;
        struct tl_field_options o = held(8.0, 1.0);
        CHECK_OK(simulate(ctx, 64, 64, -1.5, seed, &world));
        CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r));
        corrected += rmse(&world, r.log_density_mean);
        tl_field_result_fini(&r);
        o.plain_mode = true;
        CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r));
        plain += rmse(&world, r.log_density_mean);
        tl_field_result_fini(&r);
    }
    printf("  RMSE of log density, mean of 6 seeds: mode %.4f, variational mean %.4f\n",
           plain / 6.0, corrected / 6.0);
    CHECK(corrected < 0.99 * plain);
}

static tl_err fit_and_free(struct tl_ctx *ctx, bool estimate)
{
    struct tl_field_result r;
    tl_err err = fit_two_channels(ctx, estimate, &r);
    if (err == TL_OK)
        tl_field_result_fini(&r);
    return err;
}

TEST(every_failed_allocation_is_reported)
{
    CHECK_EVERY_ALLOC(ctx, fit_and_free(ctx, false));
    CHECK_EVERY_ALLOC(ctx, fit_and_free(ctx, true));
}

TEST(one_cell_one_row_one_column)
{
    const int64_t shapes[][2] = {{1, 1}, {1, 40}, {40, 1}, {2, 3}};
    for (int k = 0; k < 4; k++) {
        struct tl_field_result r;
        CHECK_OK(simulate(ctx, shapes[k][0], shapes[k][1], 0.0, 2, &world));
        for (int64_t i = 0; i < shapes[k][0] * shapes[k][1]; i++) {
            world.effort[i] = 1.0;
            world.counts[i] = (double)(i % 3 + 1);
        }
        CHECK_OK(tl_field_fit(ctx, &world.input, NULL, &r));
        for (int64_t i = 0; i < r.n_cells; i++)
            CHECK(isfinite(r.log_density_mean[i]) && r.log_density_sd[i] > 0.0 &&
                  r.density_q95[i] > 0.05 && r.density_q05[i] < 6.0);
        tl_field_result_fini(&r);
    }
}

/* Nothing found in 819 m2 searched: the rule of three says below 3 / 819 with 95 %; the posterior must say the like. */
TEST(nothing_found_says_how_low_the_density_must_be)
{
    struct tl_field_result r;
    double effort = 0.0, mean = 0.0;
    CHECK_OK(simulate(ctx, 40, 40, -1.0, 7, &world));
    memset(world.counts, 0, sizeof world.counts);
    world.input.n_covariates = 0;
    for (int i = 0; i < 1600; i++)
        effort += world.effort[i];
    CHECK_OK(tl_field_fit(ctx, &world.input, NULL, &r));
    for (int i = 0; i < 1600; i++) {
        CHECK(isfinite(r.density_mean[i]) && isfinite(r.density_q95[i]));
        mean += r.density_mean[i] / 1600.0;
    }
    printf("  mean density x effort %.3f, 95 %% point x effort %.3f\n", mean * effort,
           r.density_q95[820] * effort);
    CHECK(mean > 0.05 / effort && mean < 5.0 / effort);
    CHECK(r.density_q95[820] > 0.3 / effort && r.density_q95[820] < 15.0 / effort);
    tl_field_result_fini(&r);
}

TEST(a_hundred_thousand_items_in_a_cell_and_a_tiny_effort_converge)
{
    struct tl_field_result r;
    CHECK_OK(simulate(ctx, 20, 20, -1.0, 7, &world));
    for (int i = 0; i < 400; i++)
        world.effort[i] = i % 2 ? 1e-6 : 1e6;
    memset(world.counts, 0, sizeof world.counts);
    world.counts[210] = 1e5;
    world.counts[211] = 3.0;
    CHECK_OK(tl_field_fit(ctx, &world.input, NULL, &r));
    CHECK_NEAR(r.log_density_mean[210], log(0.1), 0.1);
    tl_field_result_fini(&r);
}

TEST(bad_input_is_named_and_changes_nothing)
{
    struct tl_field_result r = {.n_cells = 77};
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate(ctx, 6, 5, 0.0, 1, &world));
    world.effort[8] = -2.5;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA, "row 1, column 2");
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA, "-2.5");
    world.effort[8] = NAN;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA, "search");
    world.effort[8] = 0.0;
    world.counts[8] = 2.0;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA, "where effort is 0");
    world.counts[8] = -1.0;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA, "-1");
    world.counts[8] = 0.0;
    world.z[3] = INFINITY;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA,
                "covariate 0 (z), row 0, column 3");
    world.z[3] = 0.0;
    o.fixed_sigma = 1.0;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, &o, &r), TL_EDATA, "both");
    o = tl_field_options_default();
    o.memory_bytes = 1000;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, &o, &r), TL_ENOMEM, "GiB");
    memset(world.effort, 0, sizeof world.effort);
    memset(world.counts, 0, sizeof world.counts);
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA,
                "no cell of the area was searched");
    world.input.n_x = 0;
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_EDATA, "0 x 5");
    CHECK(r.n_cells == 77 && r.field == NULL);
}

/* The lattice engine, which `auto` takes at this size, does not converge on every such input; `auto` has an answer all the same. */
TEST(auto_answers_on_a_large_area_where_nothing_was_found)
{
    enum { SIDE = 145, CELLS = SIDE * SIDE };
    struct tl_field_result r = {0};
    double *none = tl_alloc(ctx, CELLS, sizeof *none);
    double *effort = tl_alloc(ctx, CELLS, sizeof *effort);
    CHECK(none != NULL && effort != NULL);
    for (int i = 0; i < CELLS; i++)
        effort[i] = i / SIDE / 8 % 2 == 0 ? 0.8 : 0.0;
    const struct tl_field_channel channel = {.name = "c", .counts = none, .effort = effort};
    const struct tl_field_input input = {
        .n_x = SIDE, .n_y = SIDE, .step_m = 1.0, .n_channels = 1, .channels = &channel};
    CHECK(tl_field_engine(&input, NULL) == TL_ENGINE_LATTICE);
    CHECK_OK(tl_field_fit(ctx, &input, NULL, &r));
    CHECK(r.engine == TL_ENGINE_LATTICE || r.engine == TL_ENGINE_EXACT);
    CHECK(isfinite(r.log_density_mean[0]) && r.log_density_sd[0] > 0.0);
    tl_field_result_fini(&r);
    tl_free(none);
    tl_free(effort);
}

TEST(stops_on_request)
{
    struct tl_field_result r = {.n_cells = 77};
    CHECK_OK(simulate(ctx, 30, 30, 0.0, 1, &world));
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_field_fit(ctx, &world.input, NULL, &r), TL_ECANCELLED, "");
    CHECK(r.n_cells == 77);
}

TEST(plan_is_within_a_third_of_what_is_used)
{
    const int64_t shapes[][2] = {{64, 64}, {40, 64}, {64, 20}};
    for (int k = 0; k < 3; k++) {
        struct tl_field_result r;
        struct tl_field_options o = held(6.0, 1.0);
        int64_t bytes;
        CHECK_OK(simulate(ctx, shapes[k][0], shapes[k][1], -1.0, 3, &world));
        CHECK_OK(tl_field_plan(ctx, &world.input, &o, &bytes));
        CHECK_OK(tl_field_fit(ctx, &world.input, &o, &r));
        CHECK_NEAR((double)bytes / (double)r.memory_bytes, 1.0, 0.33);
        tl_field_result_fini(&r);
    }
}
