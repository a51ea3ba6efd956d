#include "unit.h"

#include "survey/survey.h"

static struct tl_survey_lot lot_of(int64_t n, double share_free, double confidence)
{
    struct tl_survey_lot lot = tl_survey_lot_default();
    lot.n_units = n;
    lot.free = share_free;
    lot.confidence = confidence;
    return lot;
}

/* From the issue: exact hypergeometric sample sizes. */
TEST(published_sample_sizes_come_out)
{
    static const struct {
        int64_t n_units;
        double share_free, confidence;
        int64_t sample;
    } rows[] = {{1000, 0.95, 0.95, 56},
                {1000, 0.99, 0.95, 238},
                {100, 0.99, 0.95, 78},
                {10000, 0.996, 0.95, 704}};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        struct tl_survey_lot lot = lot_of(rows[k].n_units, rows[k].share_free, rows[k].confidence);
        int64_t sample = 0;
        double confidence = 0.0;
        CHECK_OK(tl_survey_sample_size(ctx, &lot, &sample, &confidence));
        CHECK(sample == rows[k].sample);
        CHECK(confidence >= rows[k].confidence);
        int64_t bad = tl_survey_bad_units(lot.n_units, lot.free);
        CHECK(1.0 - tl_survey_pass(lot.n_units, bad, sample - 1, 1.0, 0) < rows[k].confidence);
    }
}

/* Ten in a hundred inspected, nine in ten found: each mine is found with chance 0.09, five stay unseen with 0.91^5. */
TEST(five_mines_pass_with_62_4_percent)
{
    CHECK_NEAR(tl_survey_pass(1000000, 5, 100000, 0.9, 0), pow(0.91, 5), 1e-6);
    CHECK_NEAR(tl_survey_pass(1000000, 5, 100000, 0.9, 0), 0.624, 0.0005);
    CHECK_NEAR(tl_survey_pass(1000, 5, 100, 0.9, 0), 0.624, 0.001);
}

/* Every sample of a small lot, one by one: units are bits, the first `bad` ones are bad. */
static double by_enumeration(int n, int bad, int drawn, double f, int accept)
{
    double pass = 0.0, n_samples = 0.0;
    for (unsigned sample = 0; sample < 1u << n; sample++) {
        if (__builtin_popcount(sample) != drawn)
            continue;
        int k = __builtin_popcount(sample & ((1u << bad) - 1u));
        double chance[32] = {1.0}; /* of j finds among the k, one after the other */
        for (int i = 0; i < k; i++)
            for (int j = i + 1; j >= 0; j--)
                chance[j] = chance[j] * (1.0 - f) + (j > 0 ? chance[j - 1] * f : 0.0);
        for (int j = 0; j <= accept && j <= k; j++)
            pass += chance[j];
        n_samples += 1.0;
    }
    return pass / n_samples;
}

TEST(small_lots_agree_with_all_samples_written_out)
{
    static const double found[] = {1.0, 0.9, 0.4};
    for (int n = 1; n <= 9; n++)
        for (int bad = 0; bad <= n; bad++)
            for (int drawn = 0; drawn <= n; drawn++)
                for (int a = 0; a <= 3; a++)
                    for (int k = 0; k < 3; k++)
                        CHECK_NEAR(tl_survey_pass(n, bad, drawn, found[k], a),
                                   by_enumeration(n, bad, drawn, found[k], a), 1e-13);
}

/* prod (N - D - i) / (N - i), factor by factor. */
static double by_product(int64_t n, int64_t bad, int64_t drawn)
{
    long double p = 1.0L;
    for (int64_t i = 0; i < drawn; i++)
        p *= (long double)(n - bad - i) / (long double)(n - i);
    return (double)p;
}

TEST(large_lots_keep_their_digits)
{
    CHECK_NEAR(tl_survey_pass(1000000000, 30000001, 95, 1.0, 0) /
                   by_product(1000000000, 30000001, 95),
               1.0, 1e-12);
    CHECK_NEAR(tl_survey_pass(1000000000, 11, 230000000, 1.0, 0) /
                   by_product(1000000000, 230000000, 11),
               1.0, 1e-12);
    CHECK_NEAR(tl_survey_pass(123456789, 1000, 50000, 1.0, 0) / by_product(123456789, 1000, 50000),
               1.0, 1e-11);
    /* Half a billion of each: the median is at the mean, up to half the mode. */
    double half = tl_survey_pass(1000000000, 500000000, 500000000, 1.0, 250000000);
    CHECK_NEAR(half, 0.5, 3e-5);
    /* Thinning in a huge lot is binomial: Bin(n, D/N f). */
    double mean = 100.0 * 0.3 * 0.7, p = 0.0, term = pow(1.0 - 0.21, 100.0);
    for (int j = 0; j <= 18; j++) {
        p += term;
        term *= (100.0 - j) / (j + 1.0) * 0.21 / 0.79;
    }
    CHECK(mean > 18.0);
    CHECK_NEAR(tl_survey_pass(1000000000, 300000000, 100, 0.7, 18), p, 1e-6);
}

TEST(the_chance_to_pass_falls_with_bad_units_sample_and_detection)
{
    for (int64_t d = 1; d < 60; d++)
        for (int64_t n = 1; n < 60; n += 7) {
            double here = tl_survey_pass(200, d, n, 0.8, 1);
            CHECK(tl_survey_pass(200, d + 1, n, 0.8, 1) <= here + 1e-14);
            CHECK(tl_survey_pass(200, d, n + 1, 0.8, 1) <= here + 1e-14);
            CHECK(tl_survey_pass(200, d, n, 0.9, 1) <= here + 1e-14);
            CHECK(tl_survey_pass(200, d, n, 0.8, 2) >= here - 1e-14);
        }
}

/* Bad units and inspected units change places: H(k; N, D, n) = H(k; N, n, D). */
TEST(drawn_and_bad_are_symmetric)
{
    for (int64_t d = 0; d <= 40; d += 5)
        for (int64_t n = 0; n <= 40; n += 3)
            CHECK_NEAR(tl_survey_pass(40, d, n, 0.6, 2), tl_survey_pass(40, n, d, 0.6, 2), 1e-13);
}

TEST(accepting_finds_takes_a_larger_sample)
{
    struct tl_survey_lot lot = lot_of(1000, 0.95, 0.95);
    int64_t before = 0;
    double confidence;
    for (lot.accept = 0; lot.accept < 5; lot.accept++) {
        int64_t sample;
        CHECK_OK(tl_survey_sample_size(ctx, &lot, &sample, &confidence));
        CHECK(sample > before);
        before = sample;
    }
    lot.accept = 0;
    lot.found_if_there = 0.8;
    int64_t imperfect;
    CHECK_OK(tl_survey_sample_size(ctx, &lot, &imperfect, &confidence));
    CHECK(imperfect > 56);
}

TEST(whole_lots_and_exact_ties)
{
    struct tl_survey_lot lot = lot_of(20, 1.0, 0.95);
    int64_t sample;
    double confidence;
    CHECK_OK(tl_survey_sample_size(ctx, &lot, &sample, &confidence)); /* 1 - 19/20 = 0.05 exactly */
    CHECK(sample == 19);
    lot.n_units = 1;
    CHECK_OK(tl_survey_sample_size(ctx, &lot, &sample, &confidence));
    CHECK(sample == 1);
    CHECK_NEAR(confidence, 1.0, 0.0);
    lot.n_units = 1000000000;
    lot.free = 0.999999;
    CHECK_OK(tl_survey_sample_size(ctx, &lot, &sample, &confidence));
    CHECK(llabs(sample - 2989262) < 10000); /* N (1 - 0.05^(1/1001)) */
}

TEST(what_cannot_be_shown_is_said)
{
    struct tl_survey_lot lot = lot_of(1000, 1.0, 0.95);
    int64_t sample = -7;
    double confidence = -7.0;
    lot.found_if_there = 0.9;
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA,
                "inspecting all 1000 units gives 90 %");
    lot = lot_of(0, 0.95, 0.95);
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA, "0 units");
    lot = lot_of(1000, 1.2, 0.95);
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA, "120 %");
    lot = lot_of(1000, 0.95, 1.0);
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA, "100 %");
    lot = lot_of(10, 1e-12, 0.9);
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA, "nothing");
    lot = lot_of(10, 0.9, (double)NAN);
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA, "confidence");
    lot = lot_of(10, 0.9, 0.9);
    lot.found_if_there = 0.0;
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA, "find");
    lot = lot_of(10, 0.9, 0.9);
    lot.accept = -1;
    CHECK_FAILS(tl_survey_sample_size(ctx, &lot, &sample, &confidence), TL_EDATA, "-1");
    CHECK(sample == -7 && confidence == -7.0);
    CHECK(isnan(tl_survey_pass(10, 11, 1, 1.0, 0)) && isnan(tl_survey_pass(10, 1, 11, 1.0, 0)));
}
