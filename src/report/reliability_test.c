#include "unit.h"

#include "core/hash.h"
#include "core/rng.h"
#include "report/reliability.h"
#include "tilth/report.h"

/* By the binomial distribution's tables: qbinom(c(.025, .975), n, p) / n. */
TEST(bands_are_those_of_the_binomial)
{
    static const struct {
        int64_t n;
        double p, low, high;
    } cases[] = {{10, 0.5, 2, 8}, {20, 0.1, 0, 5},    {100, 0.5, 40, 60}, {100, 0.01, 0, 3},
                 {1, 0.3, 0, 1},  {100, 0.9, 84, 95}, {7, 0.0, 0, 0},     {7, 1.0, 7, 7}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        double low, high;
        tl_reliability_band(cases[k].n, cases[k].p, &low, &high);
        CHECK_NEAR(low * (double)cases[k].n, cases[k].low, 1e-9);
        CHECK_NEAR(high * (double)cases[k].n, cases[k].high, 1e-9);
    }
}

enum { N = 1000 };
static double right[N], wrong[N];
static uint8_t any[N];

/* Chances that are right, and the same made too small, as independent misses make them. */
static struct tl_report_reliability made_up(void)
{
    struct tl_rng rng = tl_rng_make(11, 0);
    for (int i = 0; i < N; i++) {
        right[i] = tl_rng_uniform(rng, 2 * (uint64_t)i);
        any[i] = tl_rng_uniform(rng, 2 * (uint64_t)i + 1) < right[i];
        wrong[i] = right[i] * right[i];
    }
    return (struct tl_report_reliability){.title = "Does the stated chance come true?",
                                          .subtitle = "Made up",
                                          .footer = "test",
                                          .n_areas = N,
                                          .p_any = right,
                                          .p_any_independent = wrong,
                                          .any = any};
}

TEST(right_chances_lie_in_their_bands_and_wrong_ones_do_not)
{
    struct tl_report_reliability_figures f;
    struct tl_report_reliability data = made_up();
    CHECK_OK(tl_report_reliability_draw(ctx, &data, "reliability_t.png", &f));
    CHECK(f.n_outside[0] <= 2 && f.worst[0] < 3.0);
    CHECK(f.n_outside[1] >= 6 && f.worst[1] > 4.0);
    CHECK_NEAR(f.predicted[0], f.observed, 0.05);
    CHECK_NEAR(f.predicted[1], 1.0 / 3.0, 0.03);
    data.p_any_independent = NULL;
    CHECK_OK(tl_report_reliability_draw(ctx, &data, "reliability_t.pdf", &f));
    CHECK(f.n_outside[1] == 0);
}

TEST(the_same_areas_give_the_same_bytes)
{
    struct tl_report_reliability data = made_up();
    char a[TL_HASH_HEX], b[TL_HASH_HEX];
    CHECK_OK(tl_report_reliability_draw(ctx, &data, "reliability_a.pdf", NULL));
    CHECK_OK(tl_report_reliability_draw(ctx, &data, "reliability_b.pdf", NULL));
    CHECK_OK(tl_hash_file(ctx, "reliability_a.pdf", a));
    CHECK_OK(tl_hash_file(ctx, "reliability_b.pdf", b));
    CHECK_STR(a, b);
}

TEST(what_is_no_chance_is_refused)
{
    struct tl_report_reliability data = made_up();
    right[4] = 1.5;
    CHECK_FAILS(tl_report_reliability_draw(ctx, &data, "reliability_no.png", NULL), TL_EDATA,
                "area 5: 1.5");
    data.n_areas = 0;
    CHECK_FAILS(tl_report_reliability_draw(ctx, &data, "reliability_no.png", NULL), TL_EDATA,
                "no assessment");
    data = made_up();
    data.n_areas = 3;
    CHECK_OK(tl_report_reliability_draw(ctx, &data, "reliability_t.png", NULL));
    CHECK_FAILS(tl_report_reliability_draw(ctx, &data, "reliability.svg", NULL), TL_EUSAGE, "svg");
}

static tl_err draw(struct tl_ctx *ctx)
{
    struct tl_report_reliability data = made_up();
    return tl_report_reliability_draw(ctx, &data, "reliability_alloc.pdf", NULL);
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, draw(ctx));
}
