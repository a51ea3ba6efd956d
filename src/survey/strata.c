/*
 * Where bad units lie is told by odds o_h of a unit in stratum h: given their number D, configurations have the weight of the product of
 * their units' odds (independent units, conditioned on D). n_h of N_h units of each stratum are drawn without replacement. No find:
 *
 *                [x^D] prod_h (1 + o_h x)^(N_h - n_h) (1 + (1 - f) o_h x)^(n_h)
 *     P(pass) = ----------------------------------------------------------------
 *                              [x^D] prod_h (1 + o_h x)^(N_h)
 *
 * One stratum gives lot.c's formula back. Coefficients are read off as probabilities: with any t > 0, [x^D] prod (1 + a_j x)^(m_j) =
 * t^-D prod (1 + a_j t)^(m_j) P(sum Bin(m_j, a_j t / (1 + a_j t)) = D), t such that D is near the mean.
 *
 * The smallest sample: exchanging an inspected unit of odds a with an uninspected one of odds b > a changes the numerator by
 * [x^D] Q(x) f (a - b) x <= 0, Q having no negative coefficient. So nothing beats filling the strata from the riskiest down. That trusts the
 * map wholly; so each stratum first gets the sample that would find, with a chance of one half, D bad units if all of them lay there.
 */
#include "survey/strata.h"

#include <math.h>

static const double LEAST_CHANCE = 0.5;

struct factor {
    double m, a; /* (1 + a x)^m */
};

static double mean_at(int n, const struct factor *factors, double t)
{
    double sum = 0.0;
    for (int j = 0; j < n; j++)
        sum += factors[j].m * factors[j].a * t / (1.0 + factors[j].a * t);
    return sum;
}

/* log [x^d] of the product; -INFINITY when the degree is smaller than d. */
static tl_err log_coefficient(struct tl_ctx *ctx, int n, const struct factor *factors, int64_t d,
                              double *log_value)
{
    tl_err err = TL_OK;
    double degree = 0.0, low = -700.0, high = 700.0, value;
    struct tl_survey_numbers sum = {0}, one = {0}, both = {0};
    for (int j = 0; j < n; j++)
        degree += factors[j].a > 0.0 ? factors[j].m : 0.0;
    if (degree < (double)d) {
        *log_value = -INFINITY;
        return TL_OK;
    }
    double wanted = fmin((double)d, degree - 0.5);
    for (int k = 0; k < 100; k++) {
        double middle = 0.5 * (low + high);
        if (mean_at(n, factors, exp(middle)) < wanted)
            low = middle;
        else
            high = middle;
    }
    double log_t = 0.5 * (low + high), t = exp(log_t);
    value = -(double)d * log_t;
    for (int j = 0; j < n; j++) {
        double at = factors[j].a * t;
        value += factors[j].m * log1p(at);
        TL_TRY(tl_survey_numbers_binomial(ctx, (int64_t)factors[j].m, at / (1.0 + at), &one));
        if (sum.p == NULL) {
            sum = one;
            one = (struct tl_survey_numbers){0};
            continue;
        }
        TL_TRY(tl_survey_numbers_add(ctx, &sum, &one, &both));
        tl_survey_numbers_fini(&sum);
        tl_survey_numbers_fini(&one);
        sum = both;
        both = (struct tl_survey_numbers){0};
    }
    *log_value = value + log(tl_survey_numbers_at(&sum, d));
done:
    tl_survey_numbers_fini(&sum);
    tl_survey_numbers_fini(&one);
    return err;
}

tl_err tl_survey_strata_pass(struct tl_ctx *ctx, int n_strata,
                             const struct tl_survey_stratum *strata, int64_t n_bad,
                             double found_if_there, double *pass)
{
    tl_err err = TL_OK;
    struct factor all[TL_SURVEY_STRATA_MAX], left[2 * TL_SURVEY_STRATA_MAX];
    double above, below;
    for (int h = 0; h < n_strata; h++) {
        const struct tl_survey_stratum *s = &strata[h];
        all[h] = (struct factor){(double)s->n_units, s->odds};
        left[2 * h] = (struct factor){(double)(s->n_units - s->n), s->odds};
        left[2 * h + 1] = (struct factor){(double)s->n, (1.0 - found_if_there) * s->odds};
    }
    TL_TRY(log_coefficient(ctx, n_strata, all, n_bad, &below));
    TL_TRY(log_coefficient(ctx, 2 * n_strata, left, n_bad, &above));
    *pass = fmin(exp(above - below), 1.0);
done:
    return err;
}

/* Sample that finds D bad units (or as many as it holds) of one stratum with LEAST_CHANCE. */
static int64_t least_of(const struct tl_survey_stratum *s, int64_t n_bad, double f)
{
    int64_t bad = n_bad < s->n_units ? n_bad : s->n_units, low = 0, high = s->n_units;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (tl_survey_pass(s->n_units, bad, middle, f, 0) <= 1.0 - LEAST_CHANCE)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static void fill(int n_strata, struct tl_survey_stratum *strata, int64_t extra)
{
    for (int h = 0; h < n_strata; h++) {
        int64_t room = strata[h].n_units - strata[h].least, take = extra < room ? extra : room;
        strata[h].n = strata[h].least + take;
        extra -= take;
    }
}

static tl_err smallest(struct tl_ctx *ctx, const struct tl_survey_lot *lot, int n_strata,
                       struct tl_survey_stratum *strata, int64_t room, double *pass)
{
    tl_err err = TL_OK;
    int64_t n_bad = tl_survey_bad_units(lot->n_units, lot->free), low = -1, high = room;
    double limit = (1.0 - lot->confidence) * (1.0 + 1e-9), f = lot->found_if_there;
    fill(n_strata, strata, high);
    TL_TRY(tl_survey_strata_pass(ctx, n_strata, strata, n_bad, f, pass));
    if (*pass > limit)
        TL_THROW(ctx, TL_EDATA,
                 "a confidence of %.6g %% cannot be had: inspecting all %lld units gives %.6g %%",
                 100.0 * lot->confidence, (long long)lot->n_units, 100.0 * (1.0 - *pass));
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        fill(n_strata, strata, middle);
        TL_TRY(tl_survey_strata_pass(ctx, n_strata, strata, n_bad, f, pass));
        if (*pass <= limit)
            high = middle;
        else
            low = middle;
    }
    fill(n_strata, strata, high);
    TL_TRY(tl_survey_strata_pass(ctx, n_strata, strata, n_bad, f, pass));
done:
    return err;
}

tl_err tl_survey_strata_size(struct tl_ctx *ctx, const struct tl_survey_lot *lot, int64_t sample,
                             int n_strata, struct tl_survey_stratum *strata, double *confidence)
{
    tl_err err = TL_OK;
    int64_t least = 0, n_bad = tl_survey_bad_units(lot->n_units, lot->free);
    double pass;
    if (lot->accept != 0)
        TL_THROW(ctx, TL_EDATA,
                 "an acceptance number of %lld with strata; expected 0: a find says that the map "
                 "must be made anew",
                 (long long)lot->accept);
    for (int h = 0; h < n_strata; h++) {
        strata[h].least = least_of(&strata[h], n_bad, lot->found_if_there);
        least += strata[h].least;
    }
    if (sample > 0 && sample < least)
        TL_THROW(ctx, TL_EDATA,
                 "a sample of %lld units over %d strata; expected at least %lld, so that each of "
                 "them is looked at",
                 (long long)sample, n_strata, (long long)least);
    if (sample > 0) {
        fill(n_strata, strata, sample - least);
        TL_TRY(tl_survey_strata_pass(ctx, n_strata, strata, n_bad, lot->found_if_there, &pass));
    } else {
        TL_TRY(smallest(ctx, lot, n_strata, strata, lot->n_units - least, &pass));
    }
    *confidence = 1.0 - pass;
done:
    return err;
}
