#include "unit.h"

#include "core/rng.h"
#include "report/calibration.h"

enum { N = 40000 };

struct made {
    double truth[N], mean[N], sd[N], p[N];
    uint8_t searched[N], any[N];
    struct tl_report_calibration data;
};

/* Forecasts that are right by construction; `too_sure` shrinks what they say of themselves. */
static struct made *make(struct tl_ctx *ctx, double too_sure)
{
    struct made *m = tl_alloc(ctx, 1, sizeof *m);
    struct tl_rng rng = tl_rng_make(3, 1);
    for (uint64_t i = 0; m != NULL && i < N; i++) {
        m->mean[i] = -12.0 + 1.2 * tl_rng_normal(rng, 5 * i);
        m->searched[i] = i % 3 == 0;
        m->sd[i] = m->searched[i] ? 0.4 : 0.9;
        m->truth[i] = m->mean[i] + m->sd[i] * tl_rng_normal(rng, 5 * i + 1);
        m->sd[i] *= too_sure;
        m->p[i] = pow(tl_rng_uniform(rng, 5 * i + 2), 3.0);
        m->any[i] = tl_rng_uniform(rng, 5 * i + 3) < m->p[i];
    }
    if (m != NULL)
        m->data = (struct tl_report_calibration){.title = "Calibration",
                                                 .n_cells = N,
                                                 .true_log_density = m->truth,
                                                 .mean = m->mean,
                                                 .sd = m->sd,
                                                 .searched = m->searched,
                                                 .p_any = m->p,
                                                 .any = m->any,
                                                 .footer = "made-up forecasts"};
    return m;
}

static struct tl_calibration result;

TEST(right_forecasts_lie_on_the_diagonal)
{
    struct made *m = make(ctx, 1.0);
    CHECK(m != NULL);
    CHECK_OK(tl_calibration_compute(ctx, &m->data, &result));
    tl_free(m);
    CHECK(result.n[0] == N && result.n[1] + result.n[2] == N);
    for (int set = 0; set < 3; set++)
        for (int k = 0; k < TL_CALIBRATION_LEVELS; k++) {
            double p = result.level[k], error = sqrt(p * (1 - p) / (double)result.n[set]);
            CHECK_NEAR(result.coverage[set][k], p, 4.5 * error);
        }
    CHECK_NEAR(result.figures.coverage50, 0.5, 0.012);
    CHECK_NEAR(result.figures.rmse, sqrt((0.16 + 2 * 0.81) / 3), 0.01);
    CHECK_NEAR(result.bias, 0.0, 0.02);
    CHECK(result.figures.reliability_worst < 3.5);
}

TEST(forecasts_that_are_too_sure_fall_below_it)
{
    struct made *m = make(ctx, 0.5);
    CHECK(m != NULL);
    for (int i = 0; i < N; i++)
        m->p[i] *= 0.5;
    CHECK_OK(tl_calibration_compute(ctx, &m->data, &result));
    tl_free(m);
    /* P(|z| < 0.98) of a standard normal */
    CHECK_NEAR(result.figures.coverage95, 0.6729, 0.01);
    CHECK(result.figures.reliability_worst > 20.0);
}

TEST(deciles_hold_every_cell_once_and_rise)
{
    struct made *m = make(ctx, 1.0);
    int64_t n = 0;
    CHECK(m != NULL);
    CHECK_OK(tl_calibration_compute(ctx, &m->data, &result));
    tl_free(m);
    for (int d = 0; d < result.n_deciles; d++) {
        n += result.deciles[d].n;
        CHECK(d == 0 || result.deciles[d].predicted > result.deciles[d - 1].predicted);
    }
    CHECK(n == N && result.n_deciles == 10);
    n = 0;
    for (int i = 0; i < TL_CALIBRATION_BINS * TL_CALIBRATION_BINS; i++)
        n += result.counts[i];
    CHECK(n == N);
}

TEST(by_hand_four_cells)
{
    /* z = 0, 1, 2 and unknown; levels 0, 0.683, 0.954 */
    const double truth[] = {0, 1, 2, NAN}, mean[] = {0, 0, 0, 0}, sd[] = {1, 1, 1, 1};
    struct tl_report_calibration data = {
        .n_cells = 4, .true_log_density = truth, .mean = mean, .sd = sd};
    CHECK_OK(tl_calibration_compute(ctx, &data, &result));
    CHECK_NEAR(result.figures.coverage95, 2.0 / 3.0, 1e-12);
    CHECK_NEAR(result.figures.coverage50, 1.0 / 3.0, 1e-12);
    CHECK_NEAR(result.figures.rmse, sqrt(5.0 / 3.0), 1e-12);
    CHECK(isnan(result.figures.coverage95_searched) && isnan(result.figures.reliability_worst));
}

TEST(no_cell_with_a_truth_is_refused)
{
    const double nothing[] = {NAN, NAN}, one[] = {1, 1};
    struct tl_report_calibration data = {
        .n_cells = 2, .true_log_density = nothing, .mean = one, .sd = one};
    CHECK_FAILS(tl_calibration_compute(ctx, &data, &result), TL_EDATA, "2 cells");
}

TEST(every_allocation_may_fail)
{
    struct made *m = make(ctx, 1.0);
    CHECK(m != NULL);
    m->data.n_cells = 200;
    CHECK_EVERY_ALLOC(ctx, tl_calibration_compute(ctx, &m->data, &result));
    CHECK_EVERY_ALLOC(ctx,
                      tl_report_calibration_draw(ctx, &m->data, "calibration_alloc.png", NULL));
    tl_free(m);
}
