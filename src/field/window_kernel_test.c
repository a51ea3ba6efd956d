#include "unit.h"

#include "core/rng.h"
#include "field/mgkernel.h"
#include "field/window_kernel.h"

enum { N = 1003, LANES = TL_WINDOW_KERNEL_LANES };
static double base[N], total[N], weight[N], effort[N], from[N], along[N], x[N], density[N],
    normals[N * LANES];

static struct tl_rng series(int k)
{
    return tl_rng_fork(tl_rng_make(9, 4), (uint64_t)k);
}

TEST(a_look_is_what_the_library_says_cell_by_cell)
{
    struct tl_window_target t = {.n = N, .base = base, .total = total, .n_channels = 2};
    struct tl_window_look look;
    double second = 0.0, first = 0.0, expected = 0.0;
    struct tl_rng rng = series(1);
    t.weight[0] = t.weight[1] = weight;
    t.effort[1] = effort;
    for (uint64_t i = 0; i < N; i++) {
        base[i] = exp(4.0 * tl_rng_normal(rng, 8 * i));
        total[i] = tl_rng_uniform(rng, 8 * i + 1);
        weight[i] = tl_rng_uniform(rng, 8 * i + 2);
        effort[i] = tl_rng_uniform(rng, 8 * i + 3);
        from[i] = 5.0 * tl_rng_normal(rng, 8 * i + 4);
        along[i] = 5.0 * tl_rng_normal(rng, 8 * i + 5);
    }
    tl_window_kernel_look(&t, 0.6, from, -0.8, along, x, density, &look);
    for (int i = 0; i < N; i++) {
        double at = 0.6 * from[i] - 0.8 * along[i], y = base[i] * exp(at);
        CHECK_NEAR(x[i], at, 1e-13);
        CHECK_NEAR(density[i] / y, 1.0, 1e-13);
        second += total[i] * at * at;
        first += weight[i] * at;
        expected += effort[i] * y;
    }
    CHECK_NEAR(look.second / second, 1.0, 1e-12);
    CHECK_NEAR(look.first[0], first, 1e-10);
    CHECK_NEAR(look.first[1], first, 1e-10);
    CHECK_NEAR(look.expected[1] / expected, 1.0, 1e-12);
    CHECK(look.expected[0] == 0.0); /* not asked for */
}

/* Far out it is cut off, and does not come back from the other side. */
TEST(extreme_deviations_stay_in_the_range_of_numbers)
{
    struct tl_window_target t = {.n = 9, .base = base, .total = total, .n_channels = 0};
    struct tl_window_look look;
    for (int i = 0; i < 9; i++) {
        base[i] = 1.0;
        from[i] = i % 2 == 0 ? 1e6 : -1e6;
    }
    tl_window_kernel_look(&t, 1.0, from, 0.0, from, x, density, &look);
    for (int i = 0; i < 9; i++)
        CHECK(isfinite(density[i]) && (i % 2 == 0 ? density[i] > 1e300 : density[i] < 1e-300));
}

/* Philox4x32-10 once more, one counter at a time. */
static void philox(struct tl_rng rng, uint32_t counter, uint32_t c[4])
{
    uint32_t k0, k1;
    tl_mgkernel_key(rng, &k0, &k1);
    c[0] = counter;
    c[1] = c[2] = c[3] = 0;
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k0, (uint32_t)p1,
                            (uint32_t)(p0 >> 32) ^ c[3] ^ k1, (uint32_t)p0};
        memcpy(c, next, sizeof next);
    }
}

/* The same numbers as Box and Muller's two of each counter, and with the moments of a normal. */
TEST(normals_are_those_of_the_counters)
{
    struct tl_rng rng[LANES];
    double sum[4] = {0};
    for (int k = 0; k < LANES; k++)
        rng[k] = series(k);
    tl_window_kernel_normals(rng, N, normals);
    for (int k = 0; k < LANES; k++)
        for (int i = 0; i < N; i += 2) {
            uint32_t b[4];
            philox(rng[k], (uint32_t)i, b);
            double u = ((double)(((uint64_t)b[0] << 32 | b[1]) >> 12) + 0.5) * 0x1p-52;
            double v = ((double)(((uint64_t)b[2] << 32 | b[3]) >> 12) + 0.5) * 0x1p-52;
            double radius = sqrt(-2.0 * log(u)), turn = 6.283185307179586 * v;
            CHECK_NEAR(normals[i * LANES + k], radius * cos(turn), 1e-12);
            if (i + 1 < N)
                CHECK_NEAR(normals[(i + 1) * LANES + k], radius * sin(turn), 1e-12);
        }
    for (int i = 0; i < N * LANES; i++)
        for (int p = 0; p < 4; p++)
            sum[p] += pow(normals[i], p + 1) / (N * LANES);
    CHECK_NEAR(sum[0], 0.0, 0.04);
    CHECK_NEAR(sum[1], 1.0, 0.06);
    CHECK_NEAR(sum[2], 0.0, 0.15);
    CHECK_NEAR(sum[3], 3.0, 0.4);
}

TEST(a_solve_is_the_factors_own)
{
    struct tl_stencil_grid grid;
    struct tl_factor_plan *plan = NULL;
    struct tl_factor f;
    static double w[400], half[400 * LANES], own[400 * LANES], mine[400 * LANES], work[400 * LANES],
        ones[400], out[400 * LANES];
    grid = tl_stencil_grid_of(20, 20);
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &plan));
    CHECK_OK(tl_factor_init(ctx, plan, LANES, &f));
    for (int i = 0; i < 400; i++) {
        w[i] = 0.1 * (i % 7);
        ones[i] = 1.0 + i;
        for (int k = 0; k < LANES; k++)
            half[k * 400 + i] = mine[i * LANES + k] = tl_rng_normal(series(k), (uint64_t)i);
    }
    CHECK_OK(tl_factor_compute(ctx, &f, tl_stencil_q_of(1.0, 6.0, 1.0), w));
    CHECK_OK(tl_factor_solve_half(ctx, &f, LANES, half, own));
    tl_window_kernel_solve(&f, mine, work);
    double d[LANES];
    for (int k = 0; k < LANES; k++)
        d[k] = 0.01 * k;
    tl_window_kernel_spread(400, plan->order, mine, 1, ones, d, 400, out);
    for (int i = 0; i < 400; i++)
        for (int k = 0; k < LANES; k++)
            CHECK_NEAR(out[k * 400 + i], own[k * 400 + i] + d[k] * ones[i], 1e-10);
    CHECK_NEAR(tl_window_kernel_product(399, ones, ones), 399.0 * 400.0 * 799.0 / 6.0, 1e-6);
    tl_factor_fini(&f);
    tl_factor_plan_free(plan);
}
