#include "unit.h"

#include "core/rng.h"
#include "survey/strata.h"

TEST(one_stratum_is_the_plain_lot)
{
    for (int64_t bad = 1; bad < 60; bad += 11)
        for (int64_t n = 0; n <= 200; n += 25)
            for (int k = 0; k < 3; k++) {
                double f = k == 0 ? 1.0 : k == 1 ? 0.9 : 0.3, pass;
                struct tl_survey_stratum s = {.n_units = 200, .odds = 0.01, .n = n};
                CHECK_OK(tl_survey_strata_pass(ctx, 1, &s, bad, f, &pass));
                CHECK_NEAR(pass, tl_survey_pass(200, bad, n, f, 0), 1e-11);
            }
}

TEST(strata_of_equal_odds_sampled_alike_are_one)
{
    struct tl_survey_stratum two[2] = {{.n_units = 120, .odds = 0.2, .n = 0},
                                       {.n_units = 80, .odds = 0.2, .n = 0}};
    double pass;
    CHECK_OK(tl_survey_strata_pass(ctx, 2, two, 7, 1.0, &pass));
    CHECK_NEAR(pass, 1.0, 1e-12);
    two[0].n = 120;
    two[1].n = 80;
    CHECK_OK(tl_survey_strata_pass(ctx, 2, two, 7, 0.5, &pass));
    CHECK_NEAR(pass, pow(0.5, 7), 1e-12);
}

/* All sets of bad units of a small lot, weighed by their odds; the first units of each stratum are inspected. */
static double by_enumeration(const struct tl_survey_stratum s[3], int bad, double f)
{
    int n = (int)(s[0].n_units + s[1].n_units + s[2].n_units);
    double all = 0.0, pass = 0.0;
    for (unsigned set = 0; set < 1u << n; set++) {
        double weight = 1.0, miss = 1.0;
        if (__builtin_popcount(set) != bad)
            continue;
        for (int h = 0, unit = 0; h < 3; h++)
            for (int k = 0; k < s[h].n_units; k++, unit++)
                if ((set >> unit & 1u) != 0) {
                    weight *= s[h].odds;
                    miss *= k < s[h].n ? 1.0 - f : 1.0;
                }
        all += weight;
        pass += weight * miss;
    }
    return pass / all;
}

TEST(small_lots_agree_with_all_sets_of_bad_units)
{
    for (int trial = 0; trial < 40; trial++) {
        struct tl_survey_stratum s[3];
        struct tl_rng rng = tl_rng_make(11, (uint64_t)trial);
        for (uint64_t h = 0; h < 3; h++) {
            s[h] = (struct tl_survey_stratum){.n_units = 2 + (int64_t)(3 * tl_rng_uniform(rng, h)),
                                              .odds = tl_rng_uniform(rng, 10 + h)};
            s[h].n = (int64_t)((double)(s[h].n_units + 1) * tl_rng_uniform(rng, 20 + h));
        }
        for (int bad = 1; bad <= 5; bad++)
            for (int k = 0; k < 2; k++) {
                double pass;
                CHECK_OK(tl_survey_strata_pass(ctx, 3, s, bad, k == 0 ? 1.0 : 0.6, &pass));
                CHECK_NEAR(pass, by_enumeration(s, bad, k == 0 ? 1.0 : 0.6), 1e-12);
            }
    }
}

/* Every split of every total over the strata, each stratum with at least its least. */
TEST(no_other_allocation_needs_fewer_units)
{
    for (int trial = 0; trial < 12; trial++) {
        struct tl_survey_stratum s[3] = {{.n_units = 14, .odds = 0.5},
                                         {.n_units = 11, .odds = 0.5 / (2 + trial)},
                                         {.n_units = 9, .odds = 0.01}};
        struct tl_survey_lot lot = tl_survey_lot_default();
        double confidence, pass;
        lot.n_units = 34;
        lot.free = trial % 2 == 0 ? 0.9 : 0.95;
        lot.confidence = 0.9;
        lot.found_if_there = trial % 3 == 0 ? 0.98 : 1.0;
        CHECK_OK(tl_survey_strata_size(ctx, &lot, 0, 3, s, &confidence));
        CHECK(confidence >= 0.9 - 1e-9);
        int64_t total = s[0].n + s[1].n + s[2].n, bad = tl_survey_bad_units(34, lot.free);
        struct tl_survey_stratum o[3] = {s[0], s[1], s[2]};
        for (o[0].n = o[0].least; o[0].n <= o[0].n_units; o[0].n++)
            for (o[1].n = o[1].least; o[1].n <= o[1].n_units; o[1].n++) {
                o[2].n = total - 1 - o[0].n - o[1].n;
                if (o[2].n < o[2].least || o[2].n > o[2].n_units)
                    continue;
                CHECK_OK(tl_survey_strata_pass(ctx, 3, o, bad, lot.found_if_there, &pass));
                CHECK(1.0 - pass < 0.9);
            }
    }
}

TEST(strata_save_units_when_the_map_knows_something)
{
    struct tl_survey_stratum s[3] = {{.n_units = 334, .odds = 0.1},
                                     {.n_units = 333, .odds = 0.01},
                                     {.n_units = 333, .odds = 0.001}};
    struct tl_survey_lot lot = tl_survey_lot_default();
    double confidence;
    lot.n_units = 1000;
    lot.free = 0.99;
    lot.confidence = 0.95;
    CHECK_OK(tl_survey_strata_size(ctx, &lot, 0, 3, s, &confidence));
    CHECK(s[0].n + s[1].n + s[2].n < 238);
    CHECK(s[1].n == s[1].least && s[2].n == s[2].least && s[2].least > 0);
    CHECK_OK(tl_survey_strata_size(ctx, &lot, 300, 3, s, &confidence));
    CHECK(s[0].n + s[1].n + s[2].n == 300 && confidence > 0.95);
    CHECK_FAILS(tl_survey_strata_size(ctx, &lot, 3, 3, s, &confidence), TL_EDATA, "at least");
    lot.found_if_there = 0.2;
    CHECK_FAILS(tl_survey_strata_size(ctx, &lot, 0, 3, s, &confidence), TL_EDATA, "all 1000 units");
    lot.accept = 1;
    CHECK_FAILS(tl_survey_strata_size(ctx, &lot, 0, 3, s, &confidence), TL_EDATA, "expected 0");
}

static tl_err once(struct tl_ctx *ctx)
{
    struct tl_survey_stratum s[2] = {{.n_units = 12, .odds = 0.2, .n = 4},
                                     {.n_units = 8, .odds = 0.1, .n = 2}};
    double pass;
    return tl_survey_strata_pass(ctx, 2, s, 3, 0.9, &pass);
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, once(ctx));
}
