/*
 * Passes of one method add up, methods multiply: R = prod_m miss_m(k_m), miss(k) = (1 - d) + d (1 - q)^k.
 *
 * Depth. A search to x cm finds only items no deeper, and all searches to x miss the same deep ones: so R is averaged over depth, R =
 * sum over bands of (share of items in the band) × prod of the searches that reach it. Multiplying (1 - F(x) d) of two methods would
 * take them for independent and leave too little.
 *
 * Rows. A method may have several rows (by depth, by soil). Whether an item can be found by the method at all is one property of the
 * item: what the row of smaller d can find, the other can too. Between rows of one name with d_1 <= d_2 <= ...:
 * miss = 1 - d_n + sum_i (d_i - d_(i-1)) prod_(j >= i) (1 - q_j)^(k_j).
 *
 * Process failure. A lot fails as a whole with chance f and then finds an item with chance p, however often it was gone over. In
 * expectation one pass of a lot finds (1-f) d q + f p, and many passes (1-f) d + f p: so the method enters with d' = (1-f) d
 * + f p and q' = ((1-f) d q + f p) / d', which is exact at one pass and in the limit. That misses are correlated within a
 * lot is for the release (model.md section 6), which draws f anew; a mean needs no more.
 */
#include "evidence/miss.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static double beta_mean(double a, double b)
{
    return a + b > 0.0 ? a / (a + b) : 0.0;
}

struct tl_cover_method tl_miss_method(const struct tl_method *method)
{
    double f = method->process_failure, p = f * method->process_failure_p;
    double d = beta_mean(method->detectable_a, method->detectable_b);
    double q = beta_mean(method->per_pass_a, method->per_pass_b);
    double most = (1.0 - f) * d + p, once = (1.0 - f) * d * q + p;
    return (struct tl_cover_method){.detectable = fmin(most, 1.0),
                                    .per_pass = most > 0.0 ? fmin(once / most, 1.0) : 0.0};
}

static bool comes_after(const struct tl_miss *miss, int32_t a, int32_t b)
{
    if (miss->name[a] != miss->name[b])
        return miss->name[a] > miss->name[b];
    return miss->methods[a].detectable > miss->methods[b].detectable;
}

tl_err tl_miss_init(struct tl_ctx *ctx, const struct tl_method *methods, int64_t n_methods,
                    int64_t n_searches, struct tl_miss *miss)
{
    tl_err err = TL_OK;
    struct tl_miss made = {.n_searches = n_searches, .n_methods = n_methods};
    TL_TRY_ALLOC(ctx, made.searches, n_searches);
    TL_TRY_ALLOC(ctx, made.methods, n_methods);
    TL_TRY_ALLOC(ctx, made.name, n_methods);
    TL_TRY_ALLOC(ctx, made.by_name, n_methods);
    TL_TRY_ALLOC(ctx, made.passes, n_methods);
    for (int32_t m = 0; m < (int32_t)n_methods; m++) {
        made.methods[m] = tl_miss_method(&methods[m]);
        while (strcasecmp(methods[made.name[m]].name, methods[m].name) != 0)
            made.name[m]++;
        int32_t at = m;
        for (; at > 0 && comes_after(&made, made.by_name[at - 1], m); at--)
            made.by_name[at] = made.by_name[at - 1];
        made.by_name[at] = m;
    }
    *miss = made;
    memset(&made, 0, sizeof made);
done:
    tl_miss_fini(&made);
    return err;
}

void tl_miss_fini(struct tl_miss *miss)
{
    tl_free(miss->searches);
    tl_free(miss->methods);
    tl_free(miss->name);
    tl_free(miss->by_name);
    tl_free(miss->passes);
    memset(miss, 0, sizeof *miss);
}

static double power(double base, int64_t n)
{
    double product = 1.0;
    for (; n > 0; n--, product *= base)
        if (n > 64)
            return product * pow(base, (double)n);
    return product;
}

/* Left by the passes that are set, of items that all of them can reach; rows of one name from `k` on. */
static double left_by_name(const struct tl_miss *miss, int64_t *k)
{
    int32_t name = miss->name[miss->by_name[*k]];
    double left = 1.0, below = 0.0;
    int64_t end = *k;
    while (end < miss->n_methods && miss->name[miss->by_name[end]] == name)
        end++;
    for (int64_t i = *k; i < end; i++) {
        int32_t row = miss->by_name[i];
        if (miss->passes[row] == 0)
            continue;
        double product = 1.0;
        for (int64_t j = i; j < end; j++)
            product *= power(1.0 - miss->methods[miss->by_name[j]].per_pass,
                             miss->passes[miss->by_name[j]]);
        left -= (miss->methods[row].detectable - below) * (1.0 - product);
        below = miss->methods[row].detectable;
    }
    *k = end;
    return left;
}

/* Left of items at a depth, by the searches that reach it; *n_used of them. */
static double left_at(const struct tl_miss *miss, int64_t n, const int64_t *set, double year,
                      double depth_cm)
{
    double product = 1.0;
    bool any = false;
    memset(miss->passes, 0, (size_t)miss->n_methods * sizeof *miss->passes);
    for (int64_t i = 0; i < n; i++) {
        const struct tl_miss_search *s = &miss->searches[set[i]];
        if (s->depth_cm < depth_cm || (s->year >= year && year < INFINITY))
            continue;
        miss->passes[s->row] += s->passes;
        any = true;
    }
    for (int64_t k = 0; any && k < miss->n_methods;)
        product *= left_by_name(miss, &k);
    return product;
}

double tl_miss_left(const struct tl_miss *miss, int64_t n, const int64_t *set, double year)
{
    double left = 0.0, share = 0.0, depth = -1.0;
    for (
        ;
        ;) { /* the next deeper band: down to the shallowest search that is deeper than the last one */
        const struct tl_miss_search *next = NULL;
        for (int64_t i = 0; i < n; i++) {
            const struct tl_miss_search *s = &miss->searches[set[i]];
            if (s->depth_cm > depth && (next == NULL || s->depth_cm < next->depth_cm))
                next = s;
        }
        if (next == NULL)
            return left + (1.0 - share);
        depth = next->depth_cm;
        left += (next->depth_share - share) * left_at(miss, n, set, year, depth);
        share = next->depth_share;
    }
}

double tl_miss_integral(const struct tl_miss *miss, int64_t n, const int64_t *set, int n_times,
                        const double *times)
{
    double sum = 0.0, left = 1.0, before = -INFINITY;
    for (int t = 0; t + 1 < n_times; t++) {
        /* At a date the searches of that very date are over; before the first slice those of the date are not. */
        double now = t == 0 ? times[0] : nextafter(times[t], INFINITY);
        bool changes = t == 0;
        for (int64_t i = 0; i < n && !changes; i++)
            changes = miss->searches[set[i]].year >= before && miss->searches[set[i]].year < now;
        if (changes)
            left = tl_miss_left(miss, n, set, now);
        before = now;
        sum += (times[t + 1] - times[t]) * left;
    }
    return sum;
}
