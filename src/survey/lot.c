/*
 * Sampling inspection of a lot. N units of which D are bad; n are drawn without replacement, each bad one among them is found
 * with chance f; the lot passes with at most c finds:
 *
 *     P(pass) = sum_k  H(k; N, D, n)  P(Bin(k, f) <= c)          H hypergeometric
 *
 * H by Loader's saddle-point form of the binomial (C. Loader, "Fast and accurate computation of binomial probabilities", 2000) at its
 * mode and by its ratios from there, because differences of lgamma lose six digits at N = 1e9. The sum goes from the top down, where
 * P(Bin(k) <= c) = P(Bin(k+1) <= c) + f b(c; k, f) only ever adds. Terms under 1e-30 of the largest are left out; at N = 1e9 some 1e5 remain.
 */
#include <math.h>

#include "survey/survey.h"

static const double LOG_TWO_PI = 1.8378770664093454836;
static const double NEGLIGIBLE = 1e-30;

/* log n! - log(sqrt(2 pi n) (n/e)^n), n >= 1 */
static double stirling_error(double n)
{
    int sign;
    if (n < 16.0)
        return lgamma_r(n + 1.0, &sign) - (n + 0.5) * log(n) + n - 0.5 * LOG_TWO_PI;
    double s = 1.0 / (n * n);
    return (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0)))) / n;
}

/* x log(x / m) + m - x without cancellation near x = m */
static double deviance(double x, double m)
{
    double d = x - m;
    if (fabs(d) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    double v = d / (x + m), sum = d * v, term = 2.0 * x * v;
    for (int j = 1; j < 1000; j++) {
        term *= v * v;
        double next = sum + term / (2 * j + 1);
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

double tl_survey_log_binomial(double x, double n, double p, double q)
{
    if (x < 0.0 || x > n)
        return -INFINITY;
    if (p <= 0.0)
        return x == 0.0 ? 0.0 : -INFINITY;
    if (q <= 0.0)
        return x == n ? 0.0 : -INFINITY;
    if (x == 0.0)
        return n * (p < 0.5 ? log1p(-p) : log(q));
    if (x == n)
        return n * (q < 0.5 ? log1p(-q) : log(p));
    double body = stirling_error(n) - stirling_error(x) - stirling_error(n - x) -
                  deviance(x, n * p) - deviance(n - x, n * q);
    return body - 0.5 * (LOG_TWO_PI + log(x) + log1p(-x / n));
}

/* P(Bin(k, f) <= c), 0 < f < 1 or 1 */
static double at_most(double c, double k, double f)
{
    if (c >= k)
        return 1.0;
    if (f >= 1.0)
        return 0.0;
    double q = 1.0 - f, sum = 0.0;
    if (c < k * f) {
        double term = exp(tl_survey_log_binomial(c, k, f, q));
        for (double j = c; j >= 0.0 && term > sum * 1e-18; j -= 1.0) {
            sum += term;
            term *= j * q / ((k - j + 1.0) * f);
        }
        return sum;
    }
    double term = exp(tl_survey_log_binomial(c + 1.0, k, f, q));
    for (double j = c + 1.0; j <= k && term > sum * 1e-18; j += 1.0) {
        sum += term;
        term *= (k - j) * f / ((j + 1.0) * q);
    }
    return 1.0 - sum;
}

struct lot {
    double units, bad, drawn; /* N, D, n */
    double low, high;         /* numbers of bad units that a sample can hold */
};

static double log_hypergeometric(const struct lot *lot, double k)
{
    double p = lot->drawn / lot->units, q = (lot->units - lot->drawn) / lot->units;
    return tl_survey_log_binomial(k, lot->bad, p, q) +
           tl_survey_log_binomial(lot->drawn - k, lot->units - lot->bad, p, q) -
           tl_survey_log_binomial(lot->drawn, lot->units, p, q);
}

/* H(k + 1) / H(k) */
static double ratio(const struct lot *lot, double k)
{
    return (lot->bad - k) * (lot->drawn - k) /
           ((k + 1.0) * (lot->units - lot->bad - lot->drawn + k + 1.0));
}

static double sum_passes(const struct lot *lot, double f, double c)
{
    double mode = floor((lot->bad + 1.0) / (lot->units + 2.0) * (lot->drawn + 1.0));
    mode = fmin(fmax(mode, lot->low), lot->high);
    double most = exp(log_hypergeometric(lot, mode)), term = most, top = mode, sum = 0.0;
    while (top < lot->high && term > most * NEGLIGIBLE) {
        term *= ratio(lot, top);
        top += 1.0;
    }
    double slope = log1p(-f), few = at_most(c, top, f);
    for (double k = top;; k -= 1.0) {
        if (c == 0.0)
            few = k == 0.0 ? 1.0 : f >= 1.0 ? 0.0 : exp(k * slope);
        else if (k < top)
            few = fmin(1.0, few + f * exp(tl_survey_log_binomial(c, k, f, 1.0 - f)));
        sum += term * few;
        if (k <= lot->low || (k < mode && term < most * NEGLIGIBLE))
            break;
        term /= ratio(lot, k - 1.0);
    }
    return fmin(sum, 1.0);
}

double tl_survey_pass(int64_t n_units, int64_t n_bad, int64_t n_inspected, double found_if_there,
                      int64_t accept)
{
    double f = found_if_there;
    if (n_units < 1 || n_bad < 0 || n_bad > n_units || n_inspected < 0 || n_inspected > n_units ||
        accept < 0 || !(f >= 0.0 && f <= 1.0))
        return (double)NAN;
    if (n_bad <= accept || n_inspected <= accept || f == 0.0)
        return 1.0;
    struct lot lot = {(double)n_units, (double)n_bad, (double)n_inspected,
                      fmax(0.0, (double)(n_inspected - (n_units - n_bad))),
                      fmin((double)n_bad, (double)n_inspected)};
    if (accept == 0 && f == 1.0)
        return lot.low > 0.0 ? 0.0 : exp(log_hypergeometric(&lot, 0.0));
    return sum_passes(&lot, f, (double)accept);
}

struct tl_survey_lot tl_survey_lot_default(void)
{
    return (struct tl_survey_lot){.found_if_there = 1.0};
}

int64_t tl_survey_bad_units(int64_t n_units, double share_free)
{
    /* 1 - 0.95 is a little over 0.05: what is a whole number on paper is one here. */
    double n = (double)n_units;
    return (int64_t)floor((1.0 - share_free) * n + 4e-16 * n + 1e-9) + 1;
}

tl_err tl_survey_check_lot(struct tl_ctx *ctx, const struct tl_survey_lot *lot)
{
    if (lot->n_units < 1 || lot->n_units > 1000000000)
        return tl_fail(ctx, TL_EDATA, "a lot of %lld units; expected 1 to 1,000,000,000",
                       (long long)lot->n_units);
    if (!(lot->free > 0.0 && lot->free <= 1.0))
        return tl_fail(ctx, TL_EDATA,
                       "%g %% of the units free; expected more than 0 %%, at most 100 %%",
                       100.0 * lot->free);
    if (!(lot->confidence > 0.0 && lot->confidence < 1.0))
        return tl_fail(ctx, TL_EDATA,
                       "a confidence of %g %%; expected more than 0 %%, less than 100 %%",
                       100.0 * lot->confidence);
    if (!(lot->found_if_there > 0.0 && lot->found_if_there <= 1.0))
        return tl_fail(ctx, TL_EDATA,
                       "a chance of %g %% to find what is there; expected more than 0 %%, at most "
                       "100 %%",
                       100.0 * lot->found_if_there);
    if (lot->accept < 0)
        return tl_fail(ctx, TL_EDATA, "an acceptance number of %lld; expected 0 or more",
                       (long long)lot->accept);
    if (tl_survey_bad_units(lot->n_units, lot->free) > lot->n_units)
        return tl_fail(ctx, TL_EDATA,
                       "%g %% of %lld units is less than one unit: there is nothing to show",
                       100.0 * lot->free, (long long)lot->n_units);
    return TL_OK;
}

tl_err tl_survey_sample_size(struct tl_ctx *ctx, const struct tl_survey_lot *lot,
                             int64_t *sample_size, double *confidence)
{
    tl_err err = tl_survey_check_lot(ctx, lot);
    if (err != TL_OK)
        return err;
    int64_t n_bad = tl_survey_bad_units(lot->n_units, lot->free);
    double f = lot->found_if_there, limit = (1.0 - lot->confidence) * (1.0 + 1e-12);
    int64_t low = 0, high = lot->n_units; /* low does not do, high does */
    double pass = tl_survey_pass(lot->n_units, n_bad, high, f, lot->accept);
    if (pass > limit)
        return tl_fail(ctx, TL_EDATA,
                       "a confidence of %.6g %% cannot be had: inspecting all %lld units gives "
                       "%.6g %% (found if there %g %%, accepted finds %lld)",
                       100.0 * lot->confidence, (long long)lot->n_units, 100.0 * (1.0 - pass),
                       100.0 * f, (long long)lot->accept);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        double p = tl_survey_pass(lot->n_units, n_bad, middle, f, lot->accept);
        if (p <= limit) {
            high = middle;
            pass = p;
        } else {
            low = middle;
        }
    }
    *sample_size = high;
    *confidence = 1.0 - pass;
    return TL_OK;
}
