#include "unit.h"

#include "core/rng.h"
#include "field/factor.h"
#include "field/loggain.h"

enum { MOST = 200 * 200, SMALL = 400, N_PATTERNS = 6 };

static float weights[MOST];

/* Blocks of 8 x 8 and cells: usual, few and heavy, all alike, faint, heavy, single cells. */
static void draw_weights(int64_t n_x, int64_t n, int pattern)
{
    struct tl_rng rng = tl_rng_make(7, (uint64_t)pattern);
    for (int64_t i = 0; i < n; i++) {
        uint64_t block = (uint64_t)((i / n_x + 3) / 8 * n_x + (i % n_x + 5) / 8);
        double log_w = 2.0 * tl_rng_normal(tl_rng_fork(rng, 2), block) +
                       0.5 * tl_rng_normal(tl_rng_fork(rng, 3), (uint64_t)i);
        double u = tl_rng_uniform(rng, block), v = tl_rng_uniform(tl_rng_fork(rng, 4), (uint64_t)i);
        const double of[N_PATTERNS] = {u < 0.6 ? 0.1 * exp(0.5 * log_w) : 0.0,
                                       u < 0.1 ? exp(log_w) : 0.0,
                                       0.05,
                                       u < 0.5 ? 0.001 * exp(log_w) : 0.0,
                                       u < 0.5 ? 30.0 * exp(log_w) : 0.0,
                                       v < 0.003 ? 10.0 : 0.0};
        weights[i] = (float)of[pattern];
    }
}

/* log|Q + W| - log|Q| by Cholesky of the whole matrix. */
static double dense(const struct tl_stencil_grid *grid, struct tl_stencil_q q, const float *w)
{
    static double a[SMALL * SMALL];
    int64_t n = grid->n;
    double sum = 0.0;
    memset(a, 0, sizeof a);
    for (int64_t i = 0; i < n; i++) {
        struct tl_stencil_row row;
        tl_stencil_row_of(grid, i, &row);
        for (int k = 0; k < row.n; k++)
            a[i * n + row.cell[k]] =
                q.c * ((row.cell[k] == i ? q.a * q.a + (double)w[i] / q.c : 0.0) + 2.0 * row.l[k] +
                       row.l2[k] / (q.a * q.a));
    }
    for (int64_t p = 0; p < n; p++) {
        sum += log(a[p * n + p]);
        for (int64_t i = p + 1; i < n; i++) {
            double f = a[i * n + p] / a[p * n + p];
            for (int64_t j = p; j < n && f != 0.0; j++)
                a[i * n + j] -= f * a[p * n + j];
        }
    }
    return sum - tl_stencil_logdet(grid, q, NULL);
}

TEST(one_window_agrees_with_dense_algebra)
{
    const int64_t shapes[][2] = {{20, 20}, {19, 13}, {1, 40}, {40, 1}, {2, 3}, {1, 1}, {100, 4}};
    const double ranges[] = {0.3, 4.0, 30.0, 300.0};
    struct tl_loggain_plan plan = {.tile = 24, .stretch = 256, .n_levels = 3};
    for (int s = 0; s < 7; s++)
        for (int r = 0; r < 4; r++)
            for (int p = 0; p < N_PATTERNS; p++) {
                struct tl_stencil_grid grid = tl_stencil_grid_of(shapes[s][0], shapes[s][1]);
                struct tl_stencil_q q = tl_stencil_q_of(1.0, ranges[r], 1.3);
                double gain = 0.0;
                draw_weights(grid.n_x, grid.n, p);
                CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain, NULL));
                double truth = dense(&grid, q, weights);
                CHECK_NEAR(gain, truth, 1e-7 * (1.0 + fabs(truth)));
            }
}
