#include "unit.h"

#include "field/mixture.h"

static const double half[2] = {0.5, 0.5}, one[1] = {1.0};

TEST(one_component_is_a_gaussian)
{
    struct tl_mixture m = {.n = 1, .weight = one, .mean = {2.0}, .sd = {3.0}};
    struct tl_estimate e = tl_mixture_estimate(&m);
    CHECK_NEAR(e.mean, 2.0, 1e-12);
    CHECK_NEAR(e.sd, 3.0, 1e-12);
    CHECK_NEAR(e.q025, 2.0 - 3.0 * 1.959963984540054, 1e-5);
    CHECK_NEAR(e.q50, 2.0, 1e-5);
    CHECK_NEAR(e.q975, 2.0 + 3.0 * 1.959963984540054, 1e-5);
    m.sd[0] = 1.0;
    CHECK_NEAR(tl_mixture_mean_exp(&m), exp(2.5), 1e-9);
}

/* Two narrow peaks far apart: the quartiles are the peaks' own medians, which no law of total moments gives. */
TEST(quantiles_of_two_peaks_lie_on_the_peaks)
{
    struct tl_mixture m = {.n = 2, .weight = half, .mean = {-5.0, 5.0}, .sd = {0.1, 0.1}};
    CHECK_NEAR(tl_mixture_quantile(&m, 0.25), -5.0, 1e-4);
    CHECK_NEAR(tl_mixture_quantile(&m, 0.75), 5.0, 1e-4);
    CHECK_NEAR(tl_mixture_quantile(&m, 0.975), 5.0 + 0.1 * 1.6448536269514722, 1e-4);
}

/* p_any against a fine trapezoid sum, from almost surely none to almost surely some. */
TEST(chance_of_any_item_agrees_with_a_fine_sum)
{
    const double areas[] = {1e-6, 0.01, 1.0, 30.0, 1e5};
    struct tl_mixture m = {.n = 2, .weight = half, .mean = {-1.0, 0.5}, .sd = {0.4, 1.5}};
    for (int a = 0; a < 5; a++) {
        double sum = 0.0;
        for (int k = 0; k < 2; k++)
            for (int i = -4000; i <= 4000; i++) {
                double z = i * 0.002;
                sum -= 0.5 * 0.002 * exp(-0.5 * z * z) / sqrt(2.0 * 3.14159265358979) *
                       expm1(-areas[a] * exp(m.mean[k] + z * m.sd[k]));
            }
        CHECK_NEAR(tl_mixture_p_any(&m, areas[a]), sum, 2e-4 * sum + 1e-12);
    }
    CHECK(tl_mixture_p_any(&m, 0.0) == 0.0);
}
