/*
 * Yearly accidents of Colombia, 1990 to 2012, by rolling origin: train to year t, forecast t+1..t+5. CRPS of the draws against that of the two
 * baselines as point forecasts: the last 12 months (with yearly figures that is last-value persistence) and the mean of the last five years; and
 * how often the 90 % interval covers.
 */
#include "unit.h"

#include "tilth/forecast.h"

enum { DRAWS = 2000, AHEAD = 5, FIRST_ORIGIN = 8 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* CRPS of a sample: E|X - y| - E|X - X'| / 2, the second by the order statistics. */
static double crps(double *x, int n, double y)
{
    double near = 0.0, spread = 0.0;
    qsort(x, (size_t)n, sizeof *x, by_value);
    for (int i = 0; i < n; i++) {
        near += fabs(x[i] - y) / n;
        spread += (2.0 * i + 1.0 - n) * x[i] / ((double)n * n);
    }
    return near - spread;
}

struct score {
    double own, last, five, covered, n;
};

static tl_err roll(struct tl_ctx *ctx, const struct tl_forecast_record *all, int64_t origin,
                   double *draws, struct score *score, struct score *first)
{
    struct tl_forecast_record record = *all;
    struct tl_forecast_calibration c;
    double column[DRAWS];
    record.n = origin;
    tl_err err = tl_forecast_calibrate(ctx, &record, AHEAD, DRAWS, 1, &c, draws);
    for (int64_t t = 0; err == TL_OK && t < AHEAD && origin + t < all->n; t++) {
        double y = all->count[origin + t], five = 0.0;
        for (int k = 1; k <= 5; k++)
            five += all->count[origin - k] / 5.0;
        for (int d = 0; d < DRAWS; d++)
            column[d] = draws[d * AHEAD + t];
        for (int k = 0; k < (t == 0 ? 2 : 1); k++) {
            struct score *to = k == 0 ? score : first;
            to->own += crps(column, DRAWS, y);
            to->last += fabs(all->count[origin - 1] - y);
            to->five += fabs(five - y);
            to->covered += y >= c.ahead[t][0] && y <= c.ahead[t][4];
            to->n += 1.0;
        }
    }
    return err;
}

TEST(rolling_origin_beats_persistence_and_covers)
{
    const char *data = unit_data_dir();
    char path[4096];
    struct tl_forecast_record all;
    struct score score = {0}, first = {0};
    static double draws[DRAWS * AHEAD];
    if (data == NULL)
        SKIP("the real data are not here");
    snprintf(path, sizeof path, "%s/colombia/events_1990_2012.csv", data);
    CHECK_OK(tl_forecast_record_read(ctx, path, &all));
    CHECK(all.first_year == 1990 && all.n == 23 && all.is_events);
    CHECK(all.count[0] == 8.0 && all.count[16] == 660.0 && all.count[22] == 379.0);
    for (int64_t origin = FIRST_ORIGIN; origin < all.n; origin++)
        CHECK_OK(roll(ctx, &all, origin, draws, &score, &first));
    printf("  1 to 5 years ahead: CRPS %.1f, last value %.1f, mean of five %.1f, coverage %.3f of "
           "%g\n",
           score.own / score.n, score.last / score.n, score.five / score.n, score.covered / score.n,
           score.n);
    printf("  1 year ahead: CRPS %.1f, last value %.1f, mean of five %.1f, coverage %.3f of %g\n",
           first.own / first.n, first.last / first.n, first.five / first.n, first.covered / first.n,
           first.n);
    CHECK(first.own < first.last && first.own < first.five);
    CHECK(score.own < score.last && score.own < score.five);
    CHECK(score.covered / score.n > 0.75 && first.covered / first.n > 0.8);
}
