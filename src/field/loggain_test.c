#include "unit.h"

#include "core/rng.h"
#include "field/factor.h"
#include "field/loggain.h"

enum { MOST = 200 * 200, SMALL = 400, N_PATTERNS = 6 };

static float weights[MOST], turned[MOST];

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

/* The exact engine's factor. */
static tl_err exact(struct tl_ctx *ctx, const struct tl_stencil_grid *grid, struct tl_stencil_q q,
                    double *gain)
{
    tl_err err = TL_OK;
    struct tl_factor_plan *plan = NULL;
    struct tl_factor f = {0};
    double *w = NULL;
    TL_TRY_ALLOC(ctx, w, grid->n);
    for (int64_t i = 0; i < grid->n; i++)
        w[i] = (double)weights[i];
    TL_TRY(tl_factor_plan_create(ctx, grid, &plan));
    TL_TRY(tl_factor_init(ctx, plan, 1, &f));
    TL_TRY(tl_factor_compute(ctx, &f, q, w));
    *gain = f.logdet - tl_stencil_logdet(grid, q, NULL);
done:
    tl_factor_fini(&f);
    tl_factor_plan_free(plan);
    tl_free(w);
    return err;
}

/* The table of docs/rooms/lattice.md: nats for a million cells, and what is said. */
TEST(strips_and_levels_agree_with_the_exact_engine_within_what_they_say)
{
    const double ranges[] = {1.0, 4.0, 13.0, 24.0, 80.0};
    const int64_t shapes[][2] = {{101, 93}, {37, 130}};
    for (int r = 0; r < 5; r++) {
        struct tl_stencil_q q = tl_stencil_q_of(1.0, ranges[r], 1.3);
        double worst = 0.0, most_said = 0.0, worst_share = 0.0;
        struct tl_loggain_plan plan = tl_loggain_plan_of(ranges[r]);
        for (int s = 0; s < 2; s++)
            for (int p = 0; p < N_PATTERNS; p++) {
                struct tl_stencil_grid grid = tl_stencil_grid_of(shapes[s][0], shapes[s][1]);
                double gain = 0.0, said = 0.0, truth = 0.0;
                draw_weights(grid.n_x, grid.n, p);
                CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain, &said));
                CHECK_OK(exact(ctx, &grid, q, &truth));
                double off = fabs(gain - truth);
                worst = fmax(worst, 1e6 * off / (double)grid.n);
                most_said = fmax(most_said, 1e6 * said / (double)grid.n);
                worst_share = fmax(worst_share, off / (said + 1e-7 * (1.0 + fabs(truth))));
            }
        printf("  range %4g: tile %lld, %d levels: %.1e nats per million cells (%.1e said), %.2f "
               "of what is said\n",
               ranges[r], (long long)plan.tile, plan.n_levels, worst, most_said, worst_share);
        CHECK(worst < 20.0 && worst_share < 3.0);
    }
}

TEST(no_weights_give_exactly_nothing_and_the_last_strip_may_be_a_row)
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 3.0, 0.8);
    struct tl_loggain_plan plan = {.tile = 8, .stretch = 16, .n_levels = 2};
    double gain = 1.0, said = 1.0, truth = 0.0;
    memset(weights, 0, sizeof weights);
    struct tl_stencil_grid grid = tl_stencil_grid_of(90, 33);
    CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain, &said));
    CHECK(gain == 0.0 && said == 0.0);
    /* One weight only: log(1 + w var) of its cell, where var is that of the prior. */
    weights[32 * 90 + 47] = 4.0F;
    CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain, NULL));
    CHECK_OK(exact(ctx, &grid, q, &truth));
    CHECK_NEAR(gain, truth, 1e-4);
    CHECK(gain > log(1.0 + 4.0 * 0.64));
}

/* A million times a weight adds log of a million for each cell that has one; and more data never tell less. */
TEST(weights_of_any_size)
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 10.0, 1.0);
    struct tl_stencil_grid grid = tl_stencil_grid_of(96, 80);
    struct tl_loggain_plan plan = tl_loggain_plan_of(10.0);
    double gain[2], before = 0.0, n = 0.0;
    draw_weights(grid.n_x, grid.n, 0);
    for (int k = 0; k < 6; k++) {
        CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain[0], NULL));
        CHECK(gain[0] > before);
        before = gain[0];
        for (int64_t i = 0; i < grid.n; i++)
            weights[i] *= 100.0F;
    }
    for (int64_t i = 0; i < grid.n; i++) {
        n += weights[i] > 0.0F;
        weights[i] *= 1e6F;
    }
    CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain[0], NULL));
    for (int64_t i = 0; i < grid.n; i++)
        weights[i] *= 1e6F;
    CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain[1], NULL));
    CHECK_NEAR((gain[1] - gain[0]) / (n * log(1e6)), 1.0, 1e-6);
}

TEST(mirrored_and_transposed_input_gives_the_same_within_what_is_said)
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 20.0, 1.0);
    struct tl_stencil_grid grid = tl_stencil_grid_of(150, 110);
    struct tl_loggain_plan plan = tl_loggain_plan_of(20.0);
    double gain, mirrored, transposed, said;
    draw_weights(grid.n_x, grid.n, 1);
    CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain, &said));
    for (int64_t i = 0; i < grid.n; i++)
        turned[grid.n - 1 - i] = weights[i];
    CHECK_OK(tl_loggain(ctx, &grid, q, turned, &plan, &mirrored, NULL));
    for (int64_t i = 0; i < grid.n; i++)
        turned[i % 150 * 110 + i / 150] = weights[i];
    struct tl_stencil_grid swapped = tl_stencil_grid_of(110, 150);
    CHECK_OK(tl_loggain(ctx, &swapped, q, turned, &plan, &transposed, NULL));
    CHECK(mirrored != gain && transposed != gain); /* the strips lie elsewhere */
    CHECK_NEAR(mirrored, gain, 2.0 * said + 1e-6);
    CHECK_NEAR(transposed, gain, 2.0 * said + 1e-6);
}

TEST(same_bits_on_any_number_of_threads)
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 6.0, 1.0);
    struct tl_stencil_grid grid = tl_stencil_grid_of(200, 180);
    struct tl_loggain_plan plan = {.tile = 8, .stretch = 32, .n_levels = 3};
    const int threads[] = {1, 2, 7};
    double gain[3], said[3];
    int before = tl_ctx_threads(ctx);
    draw_weights(grid.n_x, grid.n, 0);
    for (int k = 0; k < 3; k++) {
        tl_ctx_set_threads(ctx, threads[k]);
        CHECK_OK(tl_loggain(ctx, &grid, q, weights, &plan, &gain[k], &said[k]));
    }
    tl_ctx_set_threads(ctx, before);
    CHECK(gain[0] == gain[1] && gain[0] == gain[2] && said[0] == said[1] && said[0] == said[2]);
}

TEST(what_cannot_be_is_told_and_a_stop_is_heeded)
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 6.0, 1.0);
    struct tl_stencil_grid grid = tl_stencil_grid_of(60, 50);
    struct tl_loggain_plan plan = {.tile = 8, .stretch = 16, .n_levels = 2}, bad = plan;
    double gain = -1.0, said = -1.0;
    draw_weights(grid.n_x, grid.n, 0);
    bad.tile = 6;
    CHECK_FAILS(tl_loggain(ctx, &grid, q, weights, &bad, &gain, &said), TL_EDATA, "strips of 6");
    bad = plan;
    bad.n_levels = 99;
    CHECK_FAILS(tl_loggain(ctx, &grid, q, weights, &bad, &gain, &said), TL_EDATA, "99 levels");
    weights[777] = NAN;
    CHECK_FAILS(tl_loggain(ctx, &grid, q, weights, &plan, &gain, &said), TL_ENUMERIC,
                "positive definite");
    weights[777] = -1e6F;
    CHECK_FAILS(tl_loggain(ctx, &grid, q, weights, &plan, &gain, &said), TL_ENUMERIC, "weights");
    CHECK(gain == -1.0 && said == -1.0);
    weights[777] = 0.0F;
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_loggain(ctx, &grid, q, weights, &plan, &gain, &said), TL_ECANCELLED, "");
}

TEST(every_allocation_failed_in_turn)
{
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 6.0, 1.0);
    struct tl_stencil_grid grid = tl_stencil_grid_of(60, 50);
    struct tl_loggain_plan plan = {.tile = 8, .stretch = 16, .n_levels = 3};
    double gain;
    draw_weights(grid.n_x, grid.n, 0);
    CHECK_EVERY_ALLOC(ctx, tl_loggain(ctx, &grid, q, weights, &plan, &gain, NULL));
}

TEST(longer_ranges_take_more_levels_and_hardly_more_work)
{
    double least = tl_loggain_plan_of(12.0).flops_per_cell;
    CHECK(tl_loggain_plan_of(2.0).n_levels == 1 && tl_loggain_plan_of(13.0).n_levels == 1);
    CHECK(tl_loggain_plan_of(24.0).n_levels == 2 && tl_loggain_plan_of(300.0).n_levels == 6);
    CHECK(tl_loggain_plan_of(2.0).flops_per_cell < least);
    CHECK_NEAR(tl_loggain_plan_of(2000.0).flops_per_cell / least, 1.0 + 0.3125 * 4.0 / 3.0, 1e-3);
    struct tl_stencil_grid grid = tl_stencil_grid_of(1000, 1000);
    struct tl_loggain_plan plan = tl_loggain_plan_of(24.0);
    int64_t bytes = tl_loggain_bytes(&grid, &plan, 2);
    CHECK(bytes > 1000000 && bytes < 8000000);
}
