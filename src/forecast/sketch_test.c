#include "unit.h"

#include "forecast/sketch.h"

#include "core/rng.h"

enum { N = 20000, BLOCK = 250 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fill(struct tl_sketch *s, enum tl_sketch_kind kind, const double *x)
{
    tl_sketch_begin(s, kind);
    tl_sketch_pilot(s, x, BLOCK);
    tl_sketch_ready(s);
    for (int i = 0; i < N; i += BLOCK)
        tl_sketch_add(tl_simd_best(), s, x + i, BLOCK);
}

/* Each quantile lies within the bin's width of that of the sorted figures. */
static bool agrees(const struct tl_sketch *s, double *sorted)
{
    static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};
    qsort(sorted, N, sizeof *sorted, by_value);
    for (int k = 0; k < 5; k++) {
        double true_q = sorted[(int)(shares[k] * N)], q = tl_sketch_quantile(s, shares[k]);
        double step = tl_sketch_step(s, shares[k]) + 1e-9;
        if (fabs(q - true_q) > step * 1.01 ||
            step > 0.08 * (fabs(true_q) + sorted[N / 2 + N / 4] - sorted[N / 4]) + 1.0)
            return false;
    }
    return true;
}

TEST(quantiles_are_within_a_bin_of_the_sorted_ones)
{
    static double x[N], copy[N];
    struct tl_sketch s;
    struct tl_rng rng = tl_rng_make(3, 1);
    for (int shape = 0; shape < 4; shape++) {
        double sum = 0;
        for (int i = 0; i < N; i++) {
            double z = tl_rng_normal(rng, (uint64_t)i);
            x[i] = shape == 0   ? exp(8 + 1.5 * z)
                   : shape == 1 ? 1e6 + z
                   : shape == 2 ? (double)tl_rng_poisson(rng, (uint64_t)i + N, 3)
                                : 50 * z;
            sum += x[i];
        }
        memcpy(copy, x, sizeof x);
        fill(&s,
             shape == 3   ? TL_SKETCH_SIGNED
             : shape == 2 ? TL_SKETCH_COUNT
                          : TL_SKETCH_POSITIVE,
             x);
        CHECK(agrees(&s, copy));
        CHECK_NEAR(tl_sketch_fan(&s).mean, sum / N, 1e-9 * fabs(sum / N) + 1e-9);
        CHECK(s.n == N);
    }
}

/* Scenarios that differ for one draw in fifty do not differ by a little in all of them. */
TEST(differences_of_counts_are_whole_numbers_and_none_is_none)
{
    static double x[N], copy[N];
    struct tl_sketch s;
    struct tl_rng rng = tl_rng_make(5, 1);
    for (int i = 0; i < N; i++)
        x[i] = i % 50 == 0 ? -1.0 : 0.0;
    fill(&s, TL_SKETCH_SIGNED_COUNT, x);
    for (int k = 0; k < 5; k++)
        CHECK(tl_sketch_fan(&s).q[k] == 0.0 && !signbit(tl_sketch_fan(&s).q[k]));
    for (int wide = 0; wide < 2; wide++) {
        double each = wide == 0 ? 20.0 : 2000.0;
        for (int i = 0; i < N; i++)
            copy[i] = x[i] = round(each * (tl_rng_normal(rng, (uint64_t)i) - 1.0));
        fill(&s, TL_SKETCH_SIGNED_COUNT, x);
        CHECK(agrees(&s, copy));
        for (int k = 0; k < 5; k++)
            CHECK(tl_sketch_fan(&s).q[k] == round(tl_sketch_fan(&s).q[k]));
        CHECK(wide == 1 || tl_sketch_fan(&s).q[2] == copy[N / 2]);
    }
}

/* Land of which nothing is left in most draws: no quantile lies between nothing and the little that a few have. */
TEST(nothing_in_most_draws_is_nothing)
{
    static double x[N];
    struct tl_sketch s;
    for (int kind = TL_SKETCH_POSITIVE; kind <= TL_SKETCH_COUNT; kind++) {
        for (int i = 0; i < N; i++)
            x[i] = i % 100 == 7 ? 40.0 + i % 3 : 0.0;
        fill(&s, (enum tl_sketch_kind)kind, x);
        for (int k = 0; k < 5; k++)
            CHECK(tl_sketch_fan(&s).q[k] == 0.0);
        for (int i = 0; i < N; i++)
            x[i] = i % 5 == 2 ? 40.0 + i % 3 : 0.0;
        fill(&s, (enum tl_sketch_kind)kind, x);
        CHECK(tl_sketch_fan(&s).q[3] == 0.0);
        CHECK_NEAR(tl_sketch_fan(&s).q[4], 41.5, 1.6);
    }
}

TEST(constant_stays_what_it_is)
{
    static double x[N];
    struct tl_sketch s;
    for (int i = 0; i < N; i++)
        x[i] = 1442.0;
    fill(&s, TL_SKETCH_POSITIVE, x);
    CHECK(tl_sketch_fan(&s).q[0] == 1442.0 && tl_sketch_fan(&s).q[4] == 1442.0);
    CHECK(tl_sketch_fan(&s).mean == 1442.0 && tl_sketch_fan(&s).mcse == 0.0);
    memset(x, 0, sizeof x);
    fill(&s, TL_SKETCH_COUNT, x);
    CHECK(tl_sketch_fan(&s).q[4] == 0.0);
}
