/*
 * A cell's truth lies within the central interval of level p when erf(|z| / sqrt 2) <= p, z = (truth - mean) / sd: no
 * quantile function is needed. Neighbouring cells are correlated, so the binomial errors of the deciles are too small when
 * items cluster; they are a yardstick, not a test, and the page says so.
 */
#include "report/calibration.h"

#include <math.h>
#include <stdlib.h>

#include "report/reliability.h"

/* log items per m2 to log10 items per hectare */
static const double log10_e = 0.43429448190325183, m2_in_ha = 4.0;

static bool is_usable(const struct tl_report_calibration *data, int64_t i)
{
    return isfinite(data->true_log_density[i]) && isfinite(data->mean[i]) && data->sd[i] >= 0.0;
}

/* Level of the smallest central interval that holds the truth. */
static double level_of(const struct tl_report_calibration *data, int64_t i)
{
    double miss = fabs(data->true_log_density[i] - data->mean[i]);
    if (data->sd[i] == 0.0)
        return miss == 0.0 ? 0.0 : 1.0;
    return erf(miss / data->sd[i] * 0.70710678118654752);
}

static void add_cell(struct tl_calibration *c, const struct tl_report_calibration *data, int64_t i,
                     int64_t *n50)
{
    double level = level_of(data, i);
    double error = data->mean[i] - data->true_log_density[i];
    bool searched = data->searched != NULL && data->searched[i] != 0;
    for (int set = TL_CALIBRATION_ALL; set <= TL_CALIBRATION_UNSEARCHED; set++) {
        if (set != TL_CALIBRATION_ALL &&
            (data->searched == NULL || searched != (set == TL_CALIBRATION_SEARCHED)))
            continue;
        c->n[set]++;
        for (int k = 0; k < TL_CALIBRATION_LEVELS; k++)
            c->coverage[set][k] += level <= c->level[k];
    }
    *n50 += level <= 0.5;
    c->figures.rmse += error * error;
    c->bias += error;
}

static void finish_coverage(struct tl_calibration *c, int64_t n50)
{
    double n = (double)c->n[TL_CALIBRATION_ALL];
    for (int set = 0; set < 3; set++)
        for (int k = 0; k < TL_CALIBRATION_LEVELS; k++)
            c->coverage[set][k] = c->n[set] > 0 ? c->coverage[set][k] / (double)c->n[set] : NAN;
    const int last = TL_CALIBRATION_LEVELS - 1;
    c->figures.rmse = sqrt(c->figures.rmse / n);
    c->bias /= n;
    c->figures.coverage50 = (double)n50 / n;
    c->figures.coverage95 = c->coverage[TL_CALIBRATION_ALL][last];
    c->figures.coverage95_searched = c->coverage[TL_CALIBRATION_SEARCHED][last];
    c->figures.coverage95_unsearched = c->coverage[TL_CALIBRATION_UNSEARCHED][last];
}

static double to_axis(double log_density)
{
    return log_density * log10_e + m2_in_ha;
}

static int bin_of(const struct tl_calibration *c, double log_density)
{
    double share = (to_axis(log_density) - c->lo) / (c->hi - c->lo);
    int bin = (int)(share * TL_CALIBRATION_BINS);
    return bin < 0 ? 0 : bin >= TL_CALIBRATION_BINS ? TL_CALIBRATION_BINS - 1 : bin;
}

static void fill_histogram(struct tl_calibration *c, const struct tl_report_calibration *data)
{
    double lo = INFINITY, hi = -INFINITY, sums[TL_CALIBRATION_BINS] = {0};
    int64_t n[TL_CALIBRATION_BINS] = {0};
    for (int64_t i = 0; i < data->n_cells; i++) {
        if (!is_usable(data, i))
            continue;
        lo = fmin(lo, fmin(to_axis(data->mean[i]), to_axis(data->true_log_density[i])));
        hi = fmax(hi, fmax(to_axis(data->mean[i]), to_axis(data->true_log_density[i])));
    }
    double spare = 0.03 * (hi - lo) + 0.05;
    c->lo = lo - spare;
    c->hi = hi + spare;
    for (int64_t i = 0; i < data->n_cells; i++) {
        if (!is_usable(data, i))
            continue;
        int column = bin_of(c, data->mean[i]), row = bin_of(c, data->true_log_density[i]);
        c->counts[row * TL_CALIBRATION_BINS + column]++;
        sums[column] += to_axis(data->true_log_density[i]);
        n[column]++;
    }
    for (int k = 0; k < TL_CALIBRATION_BINS; k++)
        c->true_mean[k] = n[k] >= 5 ? sums[k] / (double)n[k] : NAN;
}

static tl_err fill_deciles(struct tl_ctx *ctx, struct tl_calibration *c,
                           const struct tl_report_calibration *data)
{
    tl_err err = TL_OK;
    struct tl_reliability_forecast *forecasts = NULL;
    int64_t n = 0;
    c->figures.reliability_worst = NAN;
    if (data->p_any == NULL || data->any == NULL)
        return TL_OK;
    TL_TRY_ALLOC(ctx, forecasts, data->n_cells);
    for (int64_t i = 0; i < data->n_cells; i++)
        if (is_usable(data, i) && data->p_any[i] >= 0.0 && data->p_any[i] <= 1.0)
            forecasts[n++] = (struct tl_reliability_forecast){data->p_any[i], i, data->any[i] != 0};
    tl_reliability_sort(n, forecasts);
    c->n_deciles = n < TL_CALIBRATION_DECILES ? (int)n : TL_CALIBRATION_DECILES;
    for (int d = 0; d < c->n_deciles; d++) {
        struct tl_calibration_decile *decile = &c->deciles[d];
        int64_t first = n * d / c->n_deciles, last = n * (d + 1) / c->n_deciles;
        const struct tl_reliability_tenth part =
            tl_reliability_part(last - first, forecasts + first);
        *decile = (struct tl_calibration_decile){.n = part.n,
                                                 .predicted = part.predicted,
                                                 .observed = part.observed,
                                                 .error = part.error};
        double off = fabs(decile->observed - decile->predicted) / decile->error;
        c->figures.reliability_worst = fmax(c->figures.reliability_worst, off);
    }
done:
    tl_free(forecasts);
    return err;
}

tl_err tl_calibration_compute(struct tl_ctx *ctx, const struct tl_report_calibration *data,
                              struct tl_calibration *result)
{
    tl_err err = TL_OK;
    struct tl_calibration *c = NULL;
    int64_t n50 = 0;
    TL_TRY_ALLOC(ctx, c, 1);
    for (int k = 0; k < TL_CALIBRATION_LEVELS; k++)
        c->level[k] = 0.10 + 0.05 * k;
    for (int64_t i = 0; i < data->n_cells; i++)
        if (is_usable(data, i))
            add_cell(c, data, i, &n50);
    if (c->n[TL_CALIBRATION_ALL] == 0)
        TL_THROW(ctx, TL_EDATA,
                 "calibration: none of %lld cells has a true density, a mean and a sd",
                 (long long)data->n_cells);
    finish_coverage(c, n50);
    fill_histogram(c, data);
    TL_TRY(fill_deciles(ctx, c, data));
    *result = *c;
done:
    tl_free(c);
    return err;
}
