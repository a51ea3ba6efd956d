#include "unit.h"

#include "field/fixture.h"
#include "field/window.h"

enum { DRAWS = 400 };
static double log_density[MAX_CELLS], draws[DRAWS * (MAX_CELLS + 1)], pulled[MAX_CELLS + 1],
    r[MAX_CELLS];

/* As many as are asked for, in multiples of what is drawn at once. */
static tl_err draw(struct tl_ctx *ctx, const struct tl_window *w, int64_t first, int64_t n,
                   double *out)
{
    double *work = tl_alloc(ctx, tl_window_work(w), sizeof *work);
    int64_t row = world.input.n_x * world.input.n_y + 1;
    if (work == NULL)
        return TL_ENOMEM;
    for (int64_t at = 0; at < n; at += TL_WINDOW_DRAWS)
        tl_window_draw(w, 3, 1, first + at, work, out + at * row);
    tl_free(work);
    return TL_OK;
}

static tl_err make(struct tl_ctx *ctx, int64_t side, struct tl_window **w)
{
    static const double none[1], centre[1] = {0.3};
    tl_err err = simulate(ctx, side, side, -1.5, 5, &world);
    if (err != TL_OK)
        return err;
    world.covariate.prior_mean = 0.2;
    world.covariate.prior_sd = 0.7;
    struct tl_window_prior prior = {.range_m = 8.0,
                                    .sigma = 1.0,
                                    .level_mean = -1.2,
                                    .level_sd = 0.6,
                                    .centres = centre,
                                    .effect_mean = none,
                                    .effect_sd = none};
    return tl_window_create(ctx, &world.input, &prior, NULL, w);
}

/* tl_field_fit takes the intercept where covariates are 0, and as independent of the coefficient: so the centre is 0 here. */
TEST(mean_is_that_of_a_fit_with_the_same_priors)
{
    static const double none[1];
    struct tl_window *w = NULL;
    struct tl_field_result fit;
    CHECK_OK(simulate(ctx, 16, 16, -1.5, 5, &world));
    world.input.n_covariates = 0;
    struct tl_field_options o = held(8.0, 1.0);
    o.pad_m = 0.0;
    o.intercept_prior_mean = -1.2;
    o.intercept_prior_sd = 0.6;
    CHECK_OK(tl_field_fit(ctx, &world.input, &o, &fit));
    struct tl_window_prior prior = {.range_m = 8.0,
                                    .sigma = 1.0,
                                    .level_mean = -1.2,
                                    .level_sd = 0.6,
                                    .effect_mean = none,
                                    .effect_sd = none};
    CHECK_OK(tl_window_create(ctx, &world.input, &prior, NULL, &w));
    tl_window_log_density(w, log_density);
    CHECK_OK(draw(ctx, w, 0, DRAWS, draws));
    for (int i = 0; i < 256; i++) {
        double squares = 0.0;
        for (int s = 0; s < DRAWS; s++)
            squares += draws[s * 257 + i] * draws[s * 257 + i];
        CHECK_NEAR(log_density[i], fit.log_density_mean[i], 0.05);
        CHECK_NEAR(sqrt(squares / DRAWS) / fit.log_density_sd[i], 1.0, 0.2);
    }
    tl_field_result_fini(&fit);
    tl_window_free(w);
}

/* Var(eta_i) of the draws is (H^-1)_ii, which a pull at i alone tells too. */
TEST(pull_is_the_covariance_of_the_draws)
{
    struct tl_window *w = NULL;
    CHECK_OK(make(ctx, 12, &w));
    CHECK_OK(draw(ctx, w, 0, DRAWS, draws));
    for (int at = 0; at < 144; at += 29) {
        double product = 0.0, square = 0.0;
        memset(r, 0, sizeof r);
        r[at] = 1.0;
        CHECK_OK(tl_window_pull(ctx, w, 0, r, pulled));
        for (int s = 0; s < DRAWS; s++) {
            product += draws[s * 145 + at] * draws[s * 145 + 70];
            square += draws[s * 145 + at] * draws[s * 145 + at];
        }
        CHECK_NEAR(square / DRAWS / pulled[at], 1.0, 0.25);
        CHECK_NEAR(product / DRAWS, pulled[70], 0.25 * pulled[at]);
    }
    tl_window_free(w);
}

/* At the mean the prior's gradient is w - y: the same Gaussian by its definition, told without the field: level alone, one cell. */
TEST(weights_are_the_expected_counts_under_the_gaussian)
{
    static const double none[1];
    struct tl_window *w = NULL;
    double weight[1], mean[1], variance = 0.0;
    CHECK_OK(simulate(ctx, 1, 1, -1.5, 5, &world));
    world.effort[0] = 2.0;
    world.counts[0] = 3.0;
    world.input.n_covariates = 0;
    struct tl_window_prior prior = {.range_m = 8.0,
                                    .sigma = 0.5,
                                    .level_mean = -1.0,
                                    .level_sd = 0.5,
                                    .effect_mean = none,
                                    .effect_sd = none};
    CHECK_OK(tl_window_create(ctx, &world.input, &prior, NULL, &w));
    tl_window_log_density(w, mean);
    tl_window_weight(w, 0, weight);
    r[0] = 1.0;
    CHECK_OK(tl_window_pull(ctx, w, 0, r, pulled));
    variance = pulled[0];
    /* Two turns of a fixed point leave a little. */
    CHECK_NEAR(weight[0] / (2.0 * exp(mean[0] + 0.5 * variance)), 1.0, 0.02);
    /* One cell: the prior's variance is told by the posterior's precision less the weight. */
    double prior_variance = 1.0 / (1.0 / variance - weight[0]);
    CHECK_NEAR((mean[0] + 1.0) / prior_variance, 3.0 - weight[0], 0.02);
    tl_window_free(w);
}

TEST(draws_do_not_depend_on_threads_or_on_how_many_are_asked_for_at_once)
{
    static double other[32 * 145];
    struct tl_window *w = NULL;
    CHECK_OK(make(ctx, 12, &w));
    CHECK_OK(draw(ctx, w, 0, 48, draws));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(draw(ctx, w, 5, 32, other));
    for (int i = 0; i < 32 * 145; i++)
        CHECK(draws[5 * 145 + i] == other[i]);
    tl_window_free(w);
}

TEST(without_any_effort_it_is_the_prior)
{
    static const double none[1];
    struct tl_window *w = NULL;
    CHECK_OK(simulate(ctx, 10, 10, -1.5, 5, &world));
    memset(world.counts, 0, sizeof world.counts);
    memset(world.effort, 0, sizeof world.effort);
    world.input.n_covariates = 0;
    struct tl_window_prior prior = {.range_m = 4.0,
                                    .sigma = 0.5,
                                    .level_mean = -9.0,
                                    .level_sd = 0.6,
                                    .effect_mean = none,
                                    .effect_sd = none};
    CHECK_OK(tl_window_create(ctx, &world.input, &prior, NULL, &w));
    tl_window_log_density(w, log_density);
    CHECK_NEAR(log_density[55], -9.0, 1e-9);
    prior.level_sd = 0.0;
    CHECK_FAILS(tl_window_create(ctx, &world.input, &prior, NULL, &w), TL_EDATA, "positive sd");
    tl_window_free(w);
}

TEST(every_allocation_may_fail)
{
    struct tl_window *w = NULL;
    CHECK_OK(make(ctx, 8, &w));
    tl_window_free(w);
    int64_t before = tl_ctx_n_allocs(ctx);
    CHECK_OK(make(ctx, 8, &w));
    tl_window_free(w);
    int64_t n = tl_ctx_n_allocs(ctx) - before;
    for (int64_t k = 1; k <= n; k++) {
        w = NULL;
        tl_ctx_fail_alloc(ctx, k);
        CHECK_FAILS(make(ctx, 8, &w), TL_ENOMEM, "");
        CHECK(w == NULL);
    }
    tl_ctx_fail_alloc(ctx, 0);
}
