/*
 * The Bayesian form: with a prior pi(b) on the number of bad units, and units drawn without regard to where they lie,
 *
 *     P(B < D | pass) = sum_{b < D} pi(b) pass(b) / sum_b pi(b) pass(b),    pass(b) as in lot.c
 *
 * It rises with the sample, because pass(b) falls faster for larger b: the smallest sample is found by bisection.
 *
 * The Poisson-binomial prior is made by halving: pmfs of the halves are convolved, their tails under 1e-20 cut off, so a level of
 * the tree costs about the square of 20 standard deviations, whatever the number of units. Exact but for the tails.
 */
#include "survey/bayes.h"

#include <math.h>

enum { LEAF = 48, BETA_MAX = 100000 };
static const double TAIL = 1e-20;

void tl_survey_numbers_fini(struct tl_survey_numbers *numbers)
{
    tl_free(numbers->p);
    *numbers = (struct tl_survey_numbers){0};
}

double tl_survey_numbers_at(const struct tl_survey_numbers *numbers, int64_t value)
{
    int64_t k = value - numbers->first;
    return k < 0 || k >= numbers->n ? 0.0 : numbers->p[k];
}

static void trim(struct tl_survey_numbers *s)
{
    int64_t skip = 0;
    while (s->n > 1 && s->p[s->n - 1] < TAIL)
        s->n--;
    while (skip < s->n - 1 && s->p[skip] < TAIL)
        skip++;
    for (int64_t k = 0; skip > 0 && k < s->n - skip; k++)
        s->p[k] = s->p[k + skip];
    s->first += skip;
    s->n -= skip;
}

tl_err tl_survey_numbers_add(struct tl_ctx *ctx, const struct tl_survey_numbers *a,
                             const struct tl_survey_numbers *b, struct tl_survey_numbers *sum)
{
    struct tl_survey_numbers made = {.first = a->first + b->first, .n = a->n + b->n - 1};
    made.p = tl_alloc(ctx, made.n, sizeof *made.p);
    if (made.p == NULL)
        return TL_ENOMEM;
    for (int64_t i = 0; i < a->n; i++)
        for (int64_t j = 0; j < b->n; j++)
            made.p[i + j] += a->p[i] * b->p[j];
    trim(&made);
    *sum = made;
    return TL_OK;
}

static tl_err leaf(struct tl_ctx *ctx, int64_t n, const double *p, struct tl_survey_numbers *out)
{
    struct tl_survey_numbers made = {.n = n + 1};
    made.p = tl_alloc(ctx, made.n, sizeof *made.p);
    if (made.p == NULL)
        return TL_ENOMEM;
    made.p[0] = 1.0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = i + 1; k >= 0; k--)
            made.p[k] = made.p[k] * (1.0 - p[i]) + (k > 0 ? made.p[k - 1] * p[i] : 0.0);
    trim(&made);
    *out = made;
    return TL_OK;
}

tl_err tl_survey_numbers_of_units(struct tl_ctx *ctx, int64_t n, const double *p,
                                  struct tl_survey_numbers *numbers)
{
    tl_err err = TL_OK;
    struct tl_survey_numbers left = {0}, right = {0};
    if (n <= LEAF)
        return leaf(ctx, n, p, numbers);
    TL_TRY(tl_survey_numbers_of_units(ctx, n / 2, p, &left));
    TL_TRY(tl_survey_numbers_of_units(ctx, n - n / 2, p + n / 2, &right));
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(tl_survey_numbers_add(ctx, &left, &right, numbers));
done:
    tl_survey_numbers_fini(&left);
    tl_survey_numbers_fini(&right);
    return err;
}

tl_err tl_survey_numbers_binomial(struct tl_ctx *ctx, int64_t n, double p,
                                  struct tl_survey_numbers *numbers)
{
    double mean = (double)n * p, wide = 12.0 * sqrt(mean * (1.0 - p)) + 60.0;
    int64_t first = (int64_t)fmax(0.0, floor(mean - wide));
    int64_t last = (int64_t)fmin((double)n, ceil(mean + wide));
    struct tl_survey_numbers made = {.first = first, .n = last - first + 1};
    made.p = tl_alloc(ctx, made.n, sizeof *made.p);
    if (made.p == NULL)
        return TL_ENOMEM;
    for (int64_t k = 0; k < made.n; k++)
        made.p[k] = exp(tl_survey_log_binomial((double)(first + k), (double)n, p, 1.0 - p));
    trim(&made);
    *numbers = made;
    return TL_OK;
}

tl_err tl_survey_numbers_beta(struct tl_ctx *ctx, int64_t n, double a, double b,
                              struct tl_survey_numbers *numbers)
{
    if (!(a > 0.0 && b > 0.0 && isfinite(a) && isfinite(b)))
        return tl_fail(ctx, TL_EDATA, "a prior Beta(%g, %g); expected both over 0", a, b);
    if (n > BETA_MAX)
        return tl_fail(ctx, TL_EDATA,
                       "a lot of %lld units is too large for the Bayesian form; expected at most "
                       "%d",
                       (long long)n, BETA_MAX);
    struct tl_survey_numbers made = {.n = n + 1};
    made.p = tl_alloc(ctx, made.n, sizeof *made.p);
    if (made.p == NULL)
        return TL_ENOMEM;
    /* Ratios from the first: log P(k + 1) - log P(k), summed in logs against the largest. */
    double at = 0.0, most = 0.0, total = 0.0;
    for (int64_t k = 0; k < n; k++) {
        double x = (double)k, m = (double)n;
        at += log((m - x) / (x + 1.0)) + log((a + x) / (b + m - x - 1.0));
        made.p[k + 1] = at;
        most = fmax(most, at);
    }
    for (int64_t k = 0; k <= n; k++)
        total += made.p[k] = exp(made.p[k] - most);
    for (int64_t k = 0; k <= n; k++)
        made.p[k] /= total;
    trim(&made);
    *numbers = made;
    return TL_OK;
}

double tl_survey_posterior(const struct tl_survey_numbers *prior, const struct tl_survey_lot *lot,
                           int64_t n_inspected)
{
    int64_t n_bad = tl_survey_bad_units(lot->n_units, lot->free);
    double good = 0.0, all = 0.0;
    for (int64_t k = 0; k < prior->n; k++) {
        int64_t b = prior->first + k;
        double pass =
            tl_survey_pass(lot->n_units, b, n_inspected, lot->found_if_there, lot->accept);
        double joint = prior->p[k] * pass;
        all += joint;
        good += b < n_bad ? joint : 0.0;
        if (b >= n_bad && pass < 1e-16 * all)
            break; /* pass falls with b, and the prior's rest is at most one */
    }
    return all > 0.0 ? good / all : 0.0;
}

int64_t tl_survey_bayes_size(const struct tl_survey_numbers *prior, const struct tl_survey_lot *lot)
{
    int64_t low = -1, high = lot->n_units;
    double wanted = lot->confidence * (1.0 - 1e-13);
    if (tl_survey_posterior(prior, lot, high) < wanted)
        return -1;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (tl_survey_posterior(prior, lot, middle) >= wanted)
            high = middle;
        else
            low = middle;
    }
    return high;
}
