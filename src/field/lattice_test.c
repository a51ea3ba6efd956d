#include "unit.h"

#include "field/lattice_fixture.h"

/* Worst difference of the means in sd, root mean square and worst of sd's relative difference. */
struct distance {
    double mean, sd, sd_worst, field, share, p_any;
};

static struct distance between(const struct tl_field_input *in, const struct tl_field_result *e,
                               const struct tl_field_result *l)
{
    struct distance d = {0};
    double n = 0.0;
    for (int64_t i = 0; i < e->n_cells; i++) {
        double sd = e->log_density_sd[i];
        if (isnan(sd))
            continue;
        double off = l->log_density_sd[i] / sd - 1.0;
        d.mean = fmax(d.mean, fabs(l->log_density_mean[i] - e->log_density_mean[i]) / sd);
        d.field = fmax(d.field, fabs(l->field[i] - e->field[i]) / sd);
        d.p_any = fmax(d.p_any, fabs(l->p_any[i] - e->p_any[i]));
        d.sd += off * off;
        d.sd_worst = fmax(d.sd_worst, fabs(off));
        for (int64_t c = 0; c < in->n_channels; c++)
            d.share = fmax(
                d.share, fabs(l->shares[c * e->n_cells + i] - e->shares[c * e->n_cells + i]) / sd);
        n += 1.0;
    }
    d.sd = sqrt(d.sd / n);
    return d;
}

TEST(same_theta_gives_the_exact_engines_answer)
{
    const int64_t shapes[][2] = {{64, 64}, {63, 41}, {17, 61}};
    const double ranges[] = {4.0, 8.0, 20.0, 60.0};
    for (int k = 0; k < 12; k++) {
        struct tl_field_result e, l;
        struct tl_field_options o = held(ranges[k % 4], 1.0);
        CHECK_OK(simulate(ctx, shapes[k / 4][0], shapes[k / 4][1], -1.0, 3 + (uint64_t)k, &world));
        CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_EXACT, &e));
        CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &l));
        struct distance d = between(&world.input, &e, &l);
        printf("  %lld x %lld, range %g: mean %.4f sd, sd %.4f (worst %.4f; said %.4f)\n",
               (long long)shapes[k / 4][0], (long long)shapes[k / 4][1], ranges[k % 4], d.mean,
               d.sd, d.sd_worst, l.mcse_sd_relative);
        CHECK(d.mean < 0.02 && d.sd < 0.01 && d.sd_worst < 0.08);
        CHECK(d.field < 0.02 && d.share < 0.02 && d.p_any < 0.005);
        CHECK_NEAR(l.intercept.mean, e.intercept.mean, 0.01 * e.intercept.sd);
        CHECK_NEAR(l.intercept.sd / e.intercept.sd, 1.0, 0.005);
        CHECK_NEAR(l.coefficients[0].sd / e.coefficients[0].sd, 1.0, 0.005);
        CHECK(l.engine == TL_ENGINE_LATTICE && l.pad_cells == e.pad_cells);
        CHECK_NEAR(l.log_marginal_likelihood, e.log_marginal_likelihood,
                   0.01 + l.log_marginal_likelihood_error);
        CHECK_NEAR(l.level.mean, e.level.mean, 0.02 * e.level.sd);
        CHECK_NEAR(l.level.sd, e.level.sd, 0.02 * e.level.sd);
        for (int64_t j = 0; j < world.input.n_covariates; j++)
            CHECK_NEAR(l.centres[j], e.centres[j], 1e-6);
        tl_field_result_fini(&e);
        tl_field_result_fini(&l);
    }
}

TEST(channels_with_effects_an_outside_and_free_theta_agree_too)
{
    for (int free_theta = 0; free_theta < 2; free_theta++) {
        struct tl_field_result e, l;
        struct tl_field_options o = free_theta ? tl_field_options_default() : held(8.0, 1.0);
        CHECK_OK(simulate_pair(ctx, 48, 40));
        CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_EXACT, &e));
        CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &l));
        for (int64_t i = 0; i < e.n_cells; i++)
            CHECK(isnan(e.log_density_mean[i]) == isnan(l.log_density_mean[i]));
        struct distance d = between(&world.input, &e, &l);
        /* With theta free the two searches end at points a little apart. */
        double slack = free_theta ? 5.0 : 1.0;
        printf("  %s theta: mean %.4f sd, sd %.4f, shares %.4f, field %.4f\n",
               free_theta ? "free" : "held", d.mean, d.sd, d.share, d.field);
        CHECK(d.mean < 0.02 * slack && d.sd < 0.01 * slack);
        /* A channel's own share, unlike their sum, follows the longest ranges of theta's design, which differ a little. */
        CHECK(d.field < 0.02 * slack && d.share < (free_theta ? 0.5 : 0.02));
        for (int c = 0; c < 2; c++) {
            CHECK_NEAR(l.channels[c].mean, e.channels[c].mean, 0.01 * e.channels[c].sd);
            CHECK_NEAR(l.channels[c].sd / e.channels[c].sd, 1.0, 0.005);
        }
        CHECK_NEAR(l.range_m.mean / e.range_m.mean, 1.0, 0.02);
        CHECK_NEAR(l.sigma.sd, e.sigma.sd, 0.05 * e.sigma.sd);
        tl_field_result_fini(&e);
        tl_field_result_fini(&l);
    }
}

/* With next to no search the posterior is the prior, and so are its samples: variance and correlation. */
TEST(without_data_answer_and_samples_are_the_priors)
{
    struct tl_field_result r;
    struct tl_field_options o = held(8.0, 0.7);
    enum { DRAWS = 200 };
    CHECK_OK(simulate(ctx, 40, 30, -1.0, 3, &world));
    memset(world.counts, 0, sizeof world.counts);
    for (int i = 0; i < 1200; i++)
        world.effort[i] = i == 0 ? 1e-7 : 0.0;
    world.input.n_covariates = 0;
    o.intercept_prior_mean = -2.0;
    o.intercept_prior_sd = 1e-4;
    o.n_samples = DRAWS;
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r));
    for (int64_t i = 0; i < 1200; i++) {
        CHECK_NEAR(r.log_density_mean[i], -2.0, 1e-3);
        CHECK_NEAR(r.log_density_sd[i], 0.7, 0.04);
    }
    double variance = 0.0, near = 0.0, n = 0.0;
    for (int s = 0; s < DRAWS; s++)
        for (int y = 0; y < 30; y++)
            for (int x = 0; x + 8 < 40; x++) {
                double a = (double)r.samples[s * 1200 + y * 40 + x] + 2.0;
                double b = (double)r.samples[s * 1200 + y * 40 + x + 8] + 2.0;
                variance += a * a;
                near += a * b;
                n += 1.0;
            }
    /* Matern, smoothness 1: correlation sqrt(8) K_1(sqrt(8)) = .140 at one range. 20 ranges^2 x 200 draws: 2 %. */
    CHECK_NEAR(variance / n, 0.49 * 1.05, 0.03);
    CHECK_NEAR(near / variance, 0.140, 0.03);
    tl_field_result_fini(&r);
}

/* Samples have the mean and sd of the marginals, the fixed effects' uncertainty included. */
TEST(samples_agree_with_the_marginals)
{
    struct tl_field_result r;
    struct tl_field_options o = held(8.0, 1.0);
    enum { DRAWS = 400 };
    o.n_samples = DRAWS;
    double worst_mean = 0.0, ratio = 0.0;
    CHECK_OK(simulate_pair(ctx, 30, 24));
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r));
    double n = 0.0;
    for (int64_t i = 0; i < 720; i++) {
        double sum = 0.0, square = 0.0;
        for (int s = 0; s < DRAWS; s++) {
            double eta = (double)r.samples[s * 720 + i];
            CHECK(isnan(eta) == (pair.inside[i] == 0));
            sum += eta / DRAWS;
            square += eta * eta / DRAWS;
        }
        if (pair.inside[i] == 0)
            continue;
        worst_mean = fmax(worst_mean, fabs(sum - r.log_density_mean[i]) / r.log_density_sd[i]);
        ratio += (square - sum * sum) / (r.log_density_sd[i] * r.log_density_sd[i]);
        n += 1.0;
    }
    CHECK(worst_mean < 4.0 / sqrt((double)DRAWS) + 0.03);
    CHECK_NEAR(ratio / n, 1.0, 0.04);
    tl_field_result_fini(&r);
}

TEST(mirrored_and_transposed_input_gives_mirrored_and_transposed_output)
{
    static struct area turned;
    struct tl_field_result r, t;
    CHECK_OK(simulate(ctx, 50, 42, -0.5, 8, &world));
    CHECK_OK(fit_with(ctx, &world.input, held(8.0, 1.0), TL_ENGINE_LATTICE, &r));
    for (int swap = 0; swap < 2; swap++) {
        turn(&world, swap == 1, &turned);
        CHECK_OK(fit_with(ctx, &turned.input, held(8.0, 1.0), TL_ENGINE_LATTICE, &t));
        for (int64_t i = 0; i < r.n_cells; i++) {
            int64_t from = (int64_t)turned.eta[i];
            double sd = r.log_density_sd[from];
            CHECK_NEAR(t.log_density_mean[i], r.log_density_mean[from], 0.01 * sd);
            CHECK_NEAR(t.log_density_sd[i] / sd, 1.0, 0.05);
        }
        tl_field_result_fini(&t);
    }
    tl_field_result_fini(&r);
}

TEST(shifted_input_gives_shifted_output)
{
    static struct area ground[2];
    struct tl_field_result r[2];
    struct tl_field_options o = held(5.0, 1.0);
    o.pad_m = 10.0;
    CHECK_OK(simulate(ctx, 12, 12, 0.0, 4, &world));
    for (int k = 0; k < 2; k++) {
        int64_t dx = 14 + 7 * k, dy = 16 - 4 * k;
        ground[k] = (struct area){.n_x = 44, .n_y = 44};
        for (int64_t i = 0; i < 144; i++) {
            int64_t to = (i / 12 + dy) * 44 + i % 12 + dx;
            ground[k].counts[to] = world.counts[i];
            ground[k].effort[to] = world.effort[i];
        }
        point_input(&ground[k]);
        ground[k].input.n_covariates = 0;
        CHECK_OK(fit_with(ctx, &ground[k].input, o, TL_ENGINE_LATTICE, &r[k]));
    }
    for (int64_t i = 0; i < 400; i++) {
        int64_t a = (i / 20 + 12) * 44 + i % 20 + 10, b = (i / 20 + 8) * 44 + i % 20 + 17;
        CHECK_NEAR(r[0].log_density_mean[a], r[1].log_density_mean[b], 4e-3);
        CHECK_NEAR(r[0].log_density_sd[a] / r[1].log_density_sd[b], 1.0, 0.03);
    }
    tl_field_result_fini(&r[0]);
    tl_field_result_fini(&r[1]);
}

TEST(threads_do_not_change_a_bit_of_the_result)
{
    const int threads[] = {1, 2, 7};
    struct tl_field_result r[3];
    struct tl_field_options o = held(8.0, 1.0);
    o.n_samples = 15;
    CHECK_OK(simulate(ctx, 60, 64, -1.0, 5, &world));
    for (int t = 0; t < 3; t++) {
        tl_ctx_set_threads(ctx, threads[t]);
        CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r[t]));
    }
    size_t bytes = (size_t)r[0].n_cells * sizeof(double);
    for (int t = 1; t < 3; t++) {
        CHECK(memcmp(r[t].log_density_mean, r[0].log_density_mean, bytes) == 0);
        CHECK(memcmp(r[t].log_density_sd, r[0].log_density_sd, bytes) == 0);
        CHECK(memcmp(r[t].p_any, r[0].p_any, bytes) == 0);
        CHECK(memcmp(r[t].samples, r[0].samples, 15 * bytes / 2) == 0);
        CHECK(memcmp(&r[t].intercept, &r[0].intercept, sizeof r[0].intercept) == 0);
    }
    for (int t = 0; t < 3; t++)
        tl_field_result_fini(&r[t]);
}

static tl_err fit_and_free(struct tl_ctx *ctx, bool free_theta)
{
    struct tl_field_result r;
    struct tl_field_options o = free_theta ? tl_field_options_default() : held(4.0, 1.0);
    o.n_samples = 2;
    o.pad_m = 2.0;
    tl_err err = fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r);
    if (err == TL_OK)
        tl_field_result_fini(&r);
    return err;
}

TEST(every_failed_allocation_is_reported)
{
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(simulate_pair(ctx, 14, 12));
    CHECK_EVERY_ALLOC(ctx, fit_and_free(ctx, false));
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
        CHECK_OK(fit_with(ctx, &world.input, held(5.0, 1.0), TL_ENGINE_LATTICE, &r));
        for (int64_t i = 0; i < r.n_cells; i++)
            CHECK(isfinite(r.log_density_mean[i]) && r.log_density_sd[i] > 0.0 &&
                  r.density_q95[i] > 0.05 && r.density_q05[i] < 6.0);
        tl_field_result_fini(&r);
    }
}

TEST(nothing_found_says_how_low_the_density_must_be)
{
    struct tl_field_result r;
    double effort = 0.0;
    CHECK_OK(simulate(ctx, 40, 40, -1.0, 7, &world));
    memset(world.counts, 0, sizeof world.counts);
    world.input.n_covariates = 0;
    for (int i = 0; i < 1600; i++)
        effort += world.effort[i];
    CHECK_OK(fit_with(ctx, &world.input, held(8.0, 1.0), TL_ENGINE_LATTICE, &r));
    CHECK(r.density_q95[820] > 0.3 / effort && r.density_q95[820] < 15.0 / effort);
    tl_field_result_fini(&r);
}

/* With range and sigma free too, and two channels of which neither found anything: the shares' solves at long ranges, where x is all mean. */
TEST(nothing_found_with_free_theta_is_solved_to_what_doubles_hold)
{
    struct tl_field_result e, l;
    struct tl_field_options o = tl_field_options_default();
    CHECK_OK(simulate_pair(ctx, 60, 50));
    memset(world.counts, 0, sizeof world.counts);
    memset(pair.other.counts, 0, sizeof pair.other.counts);
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &l));
    CHECK_OK(fit_with(ctx, &world.input, o, TL_ENGINE_EXACT, &e));
    struct distance d = between(&world.input, &e, &l);
    printf("  nothing found, theta free: mean %.4f sd, sd %.4f\n", d.mean, d.sd);
    /* Only priors say where theta lies: the two searches lay their designs over it a little differently. */
    CHECK(d.mean < 0.02 && d.sd < 0.055);
    CHECK_NEAR(l.density_q95[820], e.density_q95[820], 0.1 * e.density_q95[820]);
    tl_field_result_fini(&l);
    tl_field_result_fini(&e);
}

static char warned[4096];

static void take_warning(void *user, const char *message)
{
    (void)user;
    strncat(warned, message, sizeof warned - strlen(warned) - 1);
}

TEST(a_range_below_a_cell_or_above_the_grid_is_said_and_goes_on)
{
    const double ranges[] = {0.5, 500.0};
    const char *const words[] = {"shorter than a cell", "longer than the grid"};
    CHECK_OK(simulate(ctx, 30, 20, -0.5, 2, &world));
    tl_ctx_set_warn(ctx, take_warning, NULL);
    for (int k = 0; k < 2; k++) {
        struct tl_field_result e, l;
        warned[0] = '\0';
        CHECK_OK(fit_with(ctx, &world.input, held(ranges[k], 1.0), TL_ENGINE_EXACT, &e));
        CHECK_OK(fit_with(ctx, &world.input, held(ranges[k], 1.0), TL_ENGINE_LATTICE, &l));
        CHECK(strstr(warned, words[k]) != NULL);
        struct distance d = between(&world.input, &e, &l);
        printf("  range %g: mean %.4f sd, sd %.4f\n", ranges[k], d.mean, d.sd);
        CHECK(d.mean < 0.02 && d.sd < 0.02);
        tl_field_result_fini(&e);
        tl_field_result_fini(&l);
    }
}

TEST(bad_input_is_named_and_changes_nothing)
{
    struct tl_field_result r = {.n_cells = 77};
    struct tl_field_options o = held(8.0, 1.0);
    CHECK_OK(simulate(ctx, 16, 15, 0.0, 1, &world));
    world.effort[8] = 1e35;
    CHECK_FAILS(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r), TL_EDATA,
                "row 0, column 8: effort [m2] must be 0 or from 1e-30 to 1e30");
    world.effort[8] = 0.8;
    o.memory_bytes = 1000;
    CHECK_FAILS(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r), TL_ENOMEM, "GiB");
    o.memory_bytes = 0;
    memset(pair.inside, 0, sizeof pair.inside);
    world.input.inside = pair.inside;
    CHECK_FAILS(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r), TL_EDATA,
                "no cell of the area was searched");
    world.input.inside = NULL;
    tl_ctx_cancel(ctx);
    CHECK_FAILS(fit_with(ctx, &world.input, o, TL_ENGINE_LATTICE, &r), TL_ECANCELLED, "");
    CHECK(r.n_cells == 77 && r.field == NULL);
}
