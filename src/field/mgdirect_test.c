#include "unit.h"

#include "core/rng.h"
#include "field/mgdirect.h"
#include "field/mglevel.h"

enum { MOST = 400 };

static float w[MOST], b[MOST], e[MOST];
static double work[MOST], s[MOST][MOST], a[MOST][MOST];

static double width(int64_t i, int64_t n, double last)
{
    return i == n - 1 ? last : 1.0;
}

/* S = root_c (a M + K / a) from its definition, A = S M^-1 S + diag(w) by a triple loop. */
static void fill_dense(int64_t n_x, double last_x, int64_t n_y, double last_y, double q_a, double c)
{
    int64_t n = n_x * n_y;
    memset(s, 0, sizeof s);
    for (int64_t i = 0; i < n; i++) {
        double wx = width(i % n_x, n_x, last_x), wy = width(i / n_x, n_y, last_y);
        s[i][i] += sqrt(c) * q_a * wx * wy;
        if (i % n_x + 1 < n_x) {
            double g = sqrt(c) / q_a * wy / ((wx + width(i % n_x + 1, n_x, last_x)) / 2.0);
            s[i][i] += g;
            s[i + 1][i + 1] += g;
            s[i][i + 1] -= g;
            s[i + 1][i] -= g;
        }
        if (i + n_x < n) {
            double g = sqrt(c) / q_a * wx / ((wy + width(i / n_x + 1, n_y, last_y)) / 2.0);
            s[i][i] += g;
            s[i + n_x][i + n_x] += g;
            s[i][i + n_x] -= g;
            s[i + n_x][i] -= g;
        }
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            a[i][j] = i == j ? (double)w[i] : 0.0;
            for (int64_t k = 0; k < n; k++)
                a[i][j] +=
                    s[i][k] * s[k][j] / (width(k % n_x, n_x, last_x) * width(k / n_x, n_y, last_y));
        }
}

TEST(solution_solves_the_dense_system)
{
    int64_t sizes[][2] = {{1, 1}, {1, 30}, {30, 1}, {7, 5}, {5, 7}, {16, 16}};
    double lasts[] = {1.0, 1.5, 0.75};
    for (int p = 0; p < 6; p++)
        for (int q = 0; q < 3; q++) {
            struct tl_mgkernel_level level;
            struct tl_mgdirect direct;
            int64_t n_x = sizes[p][0], n_y = sizes[p][1], n = n_x * n_y;
            double last_x = n_x > 1 ? lasts[q] : 1.0, last_y = n_y > 1 ? lasts[(q + 1) % 3] : 1.0;
            CHECK_OK(tl_mglevel_init(ctx, n_x, last_x, n_y, last_y, 1, true, &level));
            CHECK_OK(tl_mgdirect_init(ctx, &level, &direct));
            tl_mglevel_set(&level, 0.8, 1.3);
            for (int64_t i = 0; i < n; i++) {
                w[i] = level.own_w[i] = i % 3 ? 0.0f : 5.0f;
                b[i] = (float)tl_rng_normal(tl_rng_make(1, 1), (uint64_t)i);
            }
            CHECK(level.stride == n_x);
            CHECK_OK(tl_mgdirect_set(ctx, &level, &direct));
            tl_mgdirect_solve(&direct, &level, b, e, work);
            fill_dense(n_x, last_x, n_y, last_y, 0.8, 1.3);
            for (int64_t i = 0; i < n; i++) {
                double sum = 0.0;
                for (int64_t j = 0; j < n; j++)
                    sum += a[i][j] * (double)e[j];
                CHECK_NEAR(sum, (double)b[i], 2e-5);
            }
            tl_mgdirect_fini(&direct);
            tl_mglevel_fini(&level);
        }
}

TEST(matrix_that_is_not_positive_is_told)
{
    struct tl_mgkernel_level level;
    struct tl_mgdirect direct;
    CHECK_OK(tl_mglevel_init(ctx, 4, 1.0, 4, 1.0, 1, true, &level));
    CHECK_OK(tl_mgdirect_init(ctx, &level, &direct));
    tl_mglevel_set(&level, 1.0, 1.0);
    level.own_w[5] = -1e6f;
    CHECK_FAILS(tl_mgdirect_set(ctx, &level, &direct), TL_ENUMERIC, "of cell 5");
    level.own_w[5] = NAN;
    CHECK_FAILS(tl_mgdirect_set(ctx, &level, &direct), TL_ENUMERIC, "pivot");
    tl_mgdirect_fini(&direct);
    tl_mglevel_fini(&level);
}
