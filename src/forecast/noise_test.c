#include "unit.h"

#include "forecast/noise.h"

static double poisson_cdf(double k, double mean)
{
    double p = exp(-mean), sum = p;
    for (double j = 1; j <= k; j++)
        sum += p *= mean / j;
    return k < 0 ? 0 : sum;
}

TEST(normal_quantiles_are_those_of_tables)
{
    CHECK_NEAR(tl_noise_normal_quantile(0.975), 1.959963985, 2e-7);
    CHECK_NEAR(tl_noise_normal_quantile(0.5), 0, 1e-12);
    CHECK_NEAR(tl_noise_normal_quantile(1e-6), -4.753424309, 1e-6);
}

/* Every count is the quantile, or off by one where the uniform lies within 2e-4 of a step. */
TEST(counts_are_poisson_quantiles)
{
    static double mean[TL_LANES], count[TL_LANES];
    static uint32_t bits[TL_LANES];
    static float z[TL_LANES];
    static const double means[] = {0.01, 0.7, 5, 11.99, 12.01, 20, 60, 200};
    for (int m = 0; m < 8; m++) {
        for (int i = 0; i < TL_LANES; i++) {
            double u = (i + 0.37) / TL_LANES;
            mean[i] = means[m];
            bits[i] = (uint32_t)(u * 4294967296.0);
            z[i] = (float)tl_noise_normal_quantile(u);
        }
        tl_noise_poisson(tl_simd_best(), mean, bits, z, count);
        for (int i = 0; i < TL_LANES; i++) {
            double u = (i + 0.37) / TL_LANES;
            CHECK(poisson_cdf(count[i], means[m]) >= u - 2e-4);
            CHECK(poisson_cdf(count[i] - 1, means[m]) <= u + 2e-4);
        }
    }
}

TEST(level_has_mean_one_without_a_walk)
{
    static double size[TL_LANES], zero[TL_LANES], level[200 * TL_LANES];
    double sum = 0, sum2 = 0, n = 200.0 * TL_LANES;
    for (int i = 0; i < TL_LANES; i++)
        size[i] = 4.0;
    tl_noise_level(tl_simd_best(), 5, 0, 200, (const double *const[]){size, zero, zero, zero},
                   level);
    for (int j = 0; j < 200 * TL_LANES; j++) {
        sum += level[j];
        sum2 += level[j] * level[j];
    }
    CHECK_NEAR(sum / n, 1.0, 4 * 0.5 / sqrt(n));
    CHECK_NEAR(sum2 / n - 1.0, 0.25, 0.02);
}

TEST(draws_do_not_depend_on_where_a_block_begins)
{
    static double a[TL_LANES], b[TL_LANES];
    tl_noise_quantity(tl_simd_best(), 9, 77, 0, a);
    tl_noise_quantity(tl_simd_best(), 9, 77, 100, b);
    CHECK(a[100] == b[0] && a[255] == b[155] && a[0] != b[0]);
}
