#include "unit.h"

#include "core/rng.h"
#include "release/figures.h"

enum { N = 6400 };
static double mean[N];

TEST(one_known_mean_gives_the_poissons_own_figures)
{
    for (int k = 0; k < N; k++)
        mean[k] = 3.0;
    struct tl_release_figures f = tl_release_figures_of(mean, N, 4);
    CHECK_NEAR(f.expected.value, 3.0, 1e-12);
    CHECK_NEAR(f.expected.mcse, 0.0, 1e-9);
    CHECK_NEAR(f.p_any.value, 1.0 - exp(-3.0), 1e-12);
    CHECK_NEAR(f.median, 3.0, 0.0);
    CHECK_NEAR(f.upper95.value, 6.0, 0.0); /* P(N <= 5) = .916, P(N <= 6) = .966 */
    CHECK_NEAR(f.q05, 1.0, 0.0);           /* P(N <= 0) = .0498 */
}

/* A gamma mixture is negative binomial: shape 2, mean 6. */
TEST(a_gamma_mixture_gives_the_negative_binomial)
{
    struct tl_rng rng = tl_rng_make(3, 4);
    for (int k = 0; k < N; k++)
        mean[k] = 3.0 * tl_rng_gamma(tl_rng_fork(rng, (uint64_t)k), 0, 2.0);
    struct tl_release_figures f = tl_release_figures_of(mean, N, 4);
    double p = 0.25, sum = 0.0, term = p * p; /* P(0) = p^2 */
    int n = 0;
    for (sum = term; sum < 0.95; sum += term, n++)
        term *= (2.0 + n) / (1.0 + n) * (1.0 - p);
    CHECK_NEAR(f.p_any.value, 1.0 - p * p, 4.0 * f.p_any.mcse);
    CHECK_NEAR(f.expected.value, 6.0, 4.0 * f.expected.mcse);
    CHECK_NEAR(f.upper95.value, n, 1.0);
    CHECK(f.effective_draws > 0.3 * N);
}

TEST(rare_chances_are_seen_without_as_many_draws)
{
    for (int k = 0; k < N; k++)
        mean[k] = 1e-5;
    struct tl_release_figures f = tl_release_figures_of(mean, N, 4);
    CHECK_NEAR(f.p_any.value / 1e-5, 1.0, 1e-5);
    CHECK_NEAR(f.upper95.value, 0.0, 0.0);
}

TEST(large_numbers_have_quantiles_too)
{
    for (int k = 0; k < N; k++)
        mean[k] = 10000.0;
    struct tl_release_figures f = tl_release_figures_of(mean, N, 4);
    CHECK_NEAR(f.upper95.value, 10165.0, 2.0); /* 10000 + 1.645 * 100 and half a step */
    CHECK_NEAR(f.median, 10000.0, 1.0);
}

/* Draws that repeat sixteen times are worth a sixteenth. */
TEST(errors_take_in_that_neighbours_are_alike)
{
    struct tl_rng rng = tl_rng_make(5, 4);
    for (int k = 0; k < N; k++)
        mean[k] = tl_rng_gamma(tl_rng_fork(rng, (uint64_t)(k / 16)), 0, 2.0);
    struct tl_release_figures f = tl_release_figures_of(mean, N, 4);
    CHECK_NEAR(f.expected.mcse / sqrt(2.0 / (N / 16)), 1.0, 0.6);
    CHECK(f.effective_draws < N / 5.0);
}
