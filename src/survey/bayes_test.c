#include "unit.h"

#include "core/rng.h"
#include "survey/bayes.h"

TEST(independent_units_add_up)
{
    enum { N = 700 };
    static double p[N], plain[N + 1];
    struct tl_rng rng = tl_rng_make(4, 1);
    struct tl_survey_numbers numbers;
    double mean = 0.0, total = 0.0, seen = 0.0;
    plain[0] = 1.0;
    for (int i = 0; i < N; i++) {
        p[i] = pow(tl_rng_uniform(rng, (uint64_t)i), 3.0);
        mean += p[i];
        for (int k = i + 1; k >= 0; k--)
            plain[k] = plain[k] * (1 - p[i]) + (k > 0 ? plain[k - 1] * p[i] : 0);
    }
    CHECK_OK(tl_survey_numbers_of_units(ctx, N, p, &numbers));
    for (int k = 0; k <= N; k++) {
        CHECK_NEAR(tl_survey_numbers_at(&numbers, k), plain[k], 1e-15);
        total += tl_survey_numbers_at(&numbers, k);
        seen += k * tl_survey_numbers_at(&numbers, k);
    }
    CHECK_NEAR(total, 1.0, 1e-13);
    CHECK_NEAR(seen, mean, 1e-10);
    CHECK(numbers.n < N / 2); /* the tails are gone */
    CHECK(tl_survey_numbers_at(&numbers, -1) == 0.0);
    tl_survey_numbers_fini(&numbers);
}

TEST(equal_units_are_binomial)
{
    static double p[300];
    struct tl_survey_numbers a, b;
    for (int i = 0; i < 300; i++)
        p[i] = 0.07;
    CHECK_OK(tl_survey_numbers_of_units(ctx, 300, p, &a));
    CHECK_OK(tl_survey_numbers_binomial(ctx, 300, 0.07, &b));
    for (int k = 0; k <= 300; k++)
        CHECK_NEAR(tl_survey_numbers_at(&a, k), tl_survey_numbers_at(&b, k), 1e-13);
    tl_survey_numbers_fini(&a);
    tl_survey_numbers_fini(&b);
}

/* Beta(1, 1): every number of bad units alike likely. */
TEST(a_flat_beta_makes_all_numbers_alike)
{
    struct tl_survey_numbers n;
    CHECK_OK(tl_survey_numbers_beta(ctx, 50, 1, 1, &n));
    for (int k = 0; k <= 50; k++)
        CHECK_NEAR(tl_survey_numbers_at(&n, k), 1.0 / 51.0, 1e-13);
    tl_survey_numbers_fini(&n);
    CHECK_FAILS(tl_survey_numbers_beta(ctx, 50, 0, 1, &n), TL_EDATA, "Beta(0, 1)");
    CHECK_FAILS(tl_survey_numbers_beta(ctx, 5000000, 1, 1, &n), TL_EDATA, "too large");
}

/* By the rule of succession: after n clean units drawn from a flat prior, the rest is Beta-binomial(1, n + 1). */
TEST(clean_samples_update_a_flat_prior)
{
    struct tl_survey_numbers prior, rest;
    struct tl_survey_lot lot = tl_survey_lot_default();
    lot.n_units = 400;
    lot.free = 0.95;
    lot.confidence = 0.95;
    CHECK_OK(tl_survey_numbers_beta(ctx, 400, 1, 1, &prior));
    for (int64_t n = 0; n < 100; n += 9) {
        double sum = 0.0;
        CHECK_OK(tl_survey_numbers_beta(ctx, 400 - n, 1, (double)n + 1, &rest));
        for (int k = 0; k <= 20; k++)
            sum += tl_survey_numbers_at(&rest, k);
        CHECK_NEAR(tl_survey_posterior(&prior, &lot, n), sum, 1e-12);
        tl_survey_numbers_fini(&rest);
    }
    int64_t size = tl_survey_bayes_size(&prior, &lot);
    CHECK(tl_survey_posterior(&prior, &lot, size) >= 0.95);
    CHECK(tl_survey_posterior(&prior, &lot, size - 1) < 0.95);
    tl_survey_numbers_fini(&prior);
}

/* Lots drawn from the prior, inspected, and the passing ones opened. */
TEST(the_posterior_is_what_passing_lots_hold)
{
    enum { N = 12, DRAWS = 200000 };
    static const double p[N] = {.5, .4, .3, .3, .2, .2, .1, .1, .1, .05, .05, .01};
    struct tl_rng rng = tl_rng_make(8, 1);
    struct tl_survey_numbers prior;
    struct tl_survey_lot lot = tl_survey_lot_default();
    lot.n_units = N;
    lot.free = 0.9; /* at most one bad unit of twelve */
    lot.found_if_there = 0.7;
    double passed = 0.0, good = 0.0;
    CHECK_OK(tl_survey_numbers_of_units(ctx, N, p, &prior));
    for (uint64_t d = 0; d < DRAWS; d++) {
        int bad = 0, found = 0, order[N];
        for (int i = 0; i < N; i++)
            order[i] = i;
        for (uint64_t i = 0; i < N; i++) {
            uint64_t j = i + (uint64_t)(tl_rng_uniform(rng, 100 * d + i) * (double)(N - i));
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
            bool is_bad = tl_rng_uniform(rng, 100 * d + 20 + i) < p[order[i]];
            bad += is_bad;
            found += is_bad && i < 5 && tl_rng_uniform(rng, 100 * d + 40 + i) < 0.7;
        }
        passed += found == 0;
        good += found == 0 && bad <= 1;
    }
    double posterior = tl_survey_posterior(&prior, &lot, 5);
    CHECK_NEAR(good / passed, posterior, 4.0 * sqrt(posterior * (1 - posterior) / passed));
    lot.confidence = 0.999;
    CHECK(tl_survey_bayes_size(&prior, &lot) == -1);
    tl_survey_numbers_fini(&prior);
}

static tl_err once(struct tl_ctx *ctx)
{
    static double p[200];
    struct tl_survey_numbers a = {0}, b = {0}, c = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_survey_numbers_of_units(ctx, 200, p, &a));
    TL_TRY(tl_survey_numbers_beta(ctx, 20, 1, 1, &b));
    TL_TRY(tl_survey_numbers_binomial(ctx, 20, 0.5, &c));
done:
    tl_survey_numbers_fini(&a);
    tl_survey_numbers_fini(&b);
    tl_survey_numbers_fini(&c);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, once(ctx));
}
