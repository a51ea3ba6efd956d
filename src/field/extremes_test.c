/* Input at the edge of what numbers hold: every fit ends in finite, ordered answers or in one clean error. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include "tilth/field.h"

enum { N_X = 12, N_Y = 9, N = N_X * N_Y };

static double counts[2][N], effort[2][N], covariate[N], residual[N];
static struct tl_field_channel channels[2];
static struct tl_field_covariate covariates[1];
static struct tl_field_input input;
static struct tl_field_options options;

static void start(int64_t n_x, int64_t n_y)
{
    for (int i = 0; i < N; i++) {
        effort[0][i] = i / 3 % 2 != 0 ? 80.0 : 0.0;
        effort[1][i] = i / 5 % 3 != 0 ? 50.0 : 0.0;
        counts[0][i] = effort[0][i] > 0.0 && i % 7 == 4 ? 2.0 : 0.0;
        counts[1][i] = effort[1][i] > 0.0 && i % 11 == 7 ? 1.0 : 0.0;
        covariate[i] = sin(0.3 * i);
        residual[i] = 100.0;
    }
    channels[0] = (struct tl_field_channel){"search", counts[0], effort[0], 0.0};
    channels[1] = (struct tl_field_channel){"report", counts[1], effort[1], 0.7};
    covariates[0] = (struct tl_field_covariate){"z", covariate, 0.0, 0.0};
    input = (struct tl_field_input){.n_x = n_x,
                                    .n_y = n_y,
                                    .step_m = 10.0,
                                    .n_channels = 2,
                                    .channels = channels,
                                    .n_covariates = 1,
                                    .covariates = covariates};
    options = tl_field_options_default();
}

static bool is_sane(const struct tl_estimate *e)
{
    return isfinite(e->mean) && isfinite(e->sd) && isfinite(e->q025) && isfinite(e->q975) &&
           e->q025 <= e->q50 && e->q50 <= e->q975;
}

static int64_t n_wrong_cells(const struct tl_field_result *r)
{
    int64_t n = 0;
    for (int64_t i = 0; i < r->n_cells; i++)
        n += !(isfinite(r->log_density_mean[i]) && r->log_density_sd[i] > 0.0 &&
               isfinite(r->log_density_sd[i]) && isfinite(r->density_mean[i]) &&
               r->density_q05[i] <= r->density_q50[i] && r->density_q50[i] <= r->density_q95[i] &&
               isfinite(r->density_q95[i]) && r->p_any[i] >= 0.0 && r->p_any[i] <= 1.0);
    return n;
}

static void check_sane(struct tl_ctx *ctx)
{
    struct tl_field_result r = {0};
    CHECK_OK(tl_field_fit(ctx, &input, &options, &r));
    CHECK(n_wrong_cells(&r) == 0);
    CHECK(is_sane(&r.range_m) && is_sane(&r.sigma) && is_sane(&r.intercept));
    CHECK(is_sane(&r.channels[1]) && is_sane(&r.coefficients[0]));
    CHECK(isfinite(r.log_marginal_likelihood));
    tl_field_result_fini(&r);
}

TEST(any_scale_of_effort_and_counts_gives_an_ordered_answer)
{
    const double scales[] = {1e-200, 1e-9, 1e6, 1e12};
    for (int k = 0; k < 4; k++) {
        start(N_X, N_Y);
        for (int i = 0; i < N; i++)
            for (int c = 0; c < 2; c++)
                effort[c][i] *= scales[k];
        check_sane(ctx);
    }
    start(N_X, N_Y);
    for (int i = 0; i < N; i++)
        counts[0][i] = effort[0][i] > 0.0 && i % 2 != 0 ? 1e6 : 0.0;
    check_sane(ctx);
    memset(counts, 0, sizeof counts);
    check_sane(ctx);
}

TEST(strips_single_cells_and_one_searched_cell_give_an_ordered_answer)
{
    const int64_t shapes[][2] = {{N, 1}, {1, N}, {1, 1}, {2, 1}};
    for (int k = 0; k < 4; k++) {
        start(shapes[k][0], shapes[k][1]);
        effort[0][0] = 5.0;
        check_sane(ctx);
    }
    start(N_X, N_Y);
    memset(counts, 0, sizeof counts);
    memset(effort, 0, sizeof effort);
    effort[0][50] = 5.0;
    check_sane(ctx);
    counts[0][50] = 1e6;
    check_sane(ctx);
}

TEST(any_scale_of_a_covariate_gives_an_ordered_answer)
{
    const double scales[] = {1e-100, 1e12, 0.0, NAN};
    for (int k = 0; k < 4; k++) {
        start(N_X, N_Y);
        for (int i = 0; i < N; i++)
            covariate[i] *= scales[k];
        check_sane(ctx);
    }
}

TEST(absurd_priors_on_range_and_sigma_still_give_ordered_marginals)
{
    const double at[][4] = {{1e300, 0.5, 0.0, 0.1},
                            {1e-300, 0.5, 0.0, 0.1},
                            {0, 0.1, 1e-300, 0.5},
                            {0, 0.1, 1e300, 0.5}};
    for (int k = 0; k < 4; k++) {
        start(N_X, N_Y);
        options.range_prior_m = at[k][0];
        options.range_prior_p = at[k][1];
        options.sigma_prior = at[k][2];
        options.sigma_prior_p = at[k][3];
        check_sane(ctx);
    }
}

static void check_refused(struct tl_ctx *ctx, const char *part)
{
    struct tl_field_result r = {0};
    CHECK_FAILS(tl_field_fit(ctx, &input, &options, &r), TL_EDATA, part);
    CHECK(r.p_any == NULL);
    start(N_X, N_Y);
}

TEST(what_no_number_can_hold_is_refused_by_name)
{
    const double bad_residual[] = {NAN, -1.0, INFINITY};
    start(N_X, N_Y);
    for (int k = 0; k < 3; k++) { /* NaN would come out as "certainly nothing there" */
        input.residual = residual;
        residual[2 * N_X + 5] = bad_residual[k];
        check_refused(ctx, "residual area, row 2, column 5");
    }
    channels[1].effect_sd = 1e300;
    check_refused(ctx, "channel 1 (report): effect sd is 1e+300");
    covariate[N_X + 3] = 1e160;
    check_refused(ctx, "covariate 0 (z), row 1, column 3: value is 1e+160");
    covariates[0].prior_sd = 1e200;
    check_refused(ctx, "covariate 0 (z): prior sd 1e+200");
    options.pad_m = 1e30;
    check_refused(ctx, "margin of 1e+30 m");
    options.intercept_prior_mean = -1e6;
    options.intercept_prior_sd = 1.0;
    check_refused(ctx, "intercept prior Normal(-1e+06, sd 1)");
    options.intercept_prior_sd = INFINITY;
    check_refused(ctx, "sd inf");
    input.step_m = 1e200;
    check_refused(ctx, "cells of 1e+200 m");
    effort[0][4] = effort[0][5] = 1.7e308;
    check_refused(ctx, "add up to more");
}

TEST(a_range_or_sigma_that_cannot_be_held_is_refused)
{
    const double held[][2] = {{1e7, 1.0}, {1e-300, 1.0}, {INFINITY, 1.0}, {50.0, 1e4},
                              {NAN, 1.0}, {-5.0, 1.0},   {NAN, NAN},      {-5.0, -1.0}};
    start(N_X, N_Y);
    for (int k = 0; k < 8; k++) {
        options.fixed_range_m = held[k][0];
        options.fixed_sigma = held[k][1];
        check_refused(ctx, "held");
    }
}

TEST(more_samples_than_memory_is_refused_with_the_amount)
{
    struct tl_field_result r = {0};
    start(N_X, N_Y);
    options.n_samples = 9000000000000000000;
    CHECK_FAILS(tl_field_fit(ctx, &input, &options, &r), TL_ENOMEM, "GiB");
}
