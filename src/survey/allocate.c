/*
 * Koopman (1953) and Stone (Theory of Optimal Search, 1975): effort z_i that makes sum p_i (1 - exp(-alpha_i z_i)) largest under
 * sum c_i z_i <= Z. At the optimum the return per cost, p_i alpha_i exp(-alpha_i z_i) / c_i, is the same mu wherever anything is spent:
 *
 *     z_i = [ln(p_i alpha_i / (c_i mu))]^+ / alpha_i
 *
 * Sorted by r_i = p_i alpha_i / c_i, the first m are searched, and the budget gives ln mu = (sum (c/alpha) ln r - Z) / sum (c/alpha)
 * without a search for the root. 1e6 cells: the sort decides.
 */
#include <math.h>
#include <stdlib.h>

#include "survey/survey.h"

struct entry {
    double log_return; /* ln r */
    double weight;     /* c / alpha */
    int64_t i;
};

static int best_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->log_return != y->log_return)
        return x->log_return < y->log_return ? 1 : -1;
    return (x->i > y->i) - (x->i < y->i);
}

static tl_err check(struct tl_ctx *ctx, int64_t n, const double *p, const double *alpha,
                    const double *cost, double budget)
{
    if (n < 0 || !(budget >= 0.0 && isfinite(budget)))
        return tl_fail(ctx, TL_EDATA, "a budget of %g over %lld cells; expected 0 or more", budget,
                       (long long)n);
    for (int64_t i = 0; i < n; i++) {
        if (!(p[i] >= 0.0 && isfinite(p[i])))
            return tl_fail(ctx, TL_EDATA, "cell %lld: p is %g; expected 0 or more", (long long)i,
                           p[i]);
        if (!(alpha[i] >= 0.0 && isfinite(alpha[i])))
            return tl_fail(ctx, TL_EDATA, "cell %lld: alpha is %g; expected 0 or more",
                           (long long)i, alpha[i]);
        if (cost != NULL && !(cost[i] > 0.0 && isfinite(cost[i])))
            return tl_fail(ctx, TL_EDATA, "cell %lld: the cost is %g; expected more than 0",
                           (long long)i, cost[i]);
    }
    return TL_OK;
}

/* Level ln mu at which the budget is spent, and how many of the sorted entries are above it. */
static int64_t find_level(const struct entry *entries, int64_t n, double budget, double *level)
{
    double weight = 0.0, sum = 0.0;
    int64_t m = 0;
    for (; m < n; m++) {
        /* Sums are taken against the first entry, so that large and small returns do not cancel. */
        double down = entries[m].log_return - entries[0].log_return;
        if (m > 0 && (sum - budget) / weight >= down)
            break;
        weight += entries[m].weight;
        sum += entries[m].weight * down;
    }
    *level = m == 0 ? INFINITY : entries[0].log_return + (sum - budget) / weight;
    return m;
}

tl_err tl_survey_allocate(struct tl_ctx *ctx, int64_t n, const double *p, const double *alpha,
                          const double *cost, double budget, double *z, double *detection)
{
    tl_err err = TL_OK;
    struct entry *entries = NULL;
    int64_t n_entries = 0;
    double level, found = 0.0;
    TL_TRY(check(ctx, n, p, alpha, cost, budget));
    TL_TRY_ALLOC(ctx, entries, n);
    for (int64_t i = 0; i < n; i++) {
        double c = cost == NULL ? 1.0 : cost[i];
        if (p[i] > 0.0 && alpha[i] > 0.0)
            entries[n_entries++] =
                (struct entry){log(p[i]) + log(alpha[i]) - log(c), c / alpha[i], i};
    }
    qsort(entries, (size_t)n_entries, sizeof *entries, best_first);
    TL_TRY(tl_cancelled(ctx));
    int64_t m = budget > 0.0 ? find_level(entries, n_entries, budget, &level) : 0;
    for (int64_t i = 0; i < n; i++)
        z[i] = 0.0;
    for (int64_t k = 0; k < m; k++) {
        int64_t i = entries[k].i;
        z[i] = fmax(entries[k].log_return - level, 0.0) / alpha[i];
        found += -p[i] * expm1(-alpha[i] * z[i]);
    }
    if (detection != NULL)
        *detection = found;
done:
    tl_free(entries);
    return err;
}
