#include "unit.h"

#include "field/bvfixture.h"

static tl_err rows(struct tl_ctx *ctx, struct bv_truth *t, const struct tl_blockvar_plan *plan,
                   int n_draws)
{
    return tl_blockvar_rows(ctx, &t->grid, t->q, t->w, NULL, plan, n_draws, t->draws, 0,
                            t->grid.n_y, t->var, t->mcse);
}

/* Everything in one window: no halo's error, no draws needed. */
static const struct tl_blockvar_plan whole = {.block = 16, .length = 64, .halo = 64, .coarse = 1};

TEST(sd_is_the_exact_engines_within_the_planned_error)
{
    const double scene[][3] = {/* range, share searched, scale of weights */
                               {4, 0.1, 1.0},   {12, 0.0, 1.0},  {12, 0.1, 1.0}, {12, 1.0, 0.01},
                               {24, 0.1, 1e-3}, {40, 0.0, 1.0},  {40, 0.1, 1.0}, {40, 0.5, 100.0},
                               {90, 0.05, 0.1}, {200, 0.1, 1.0}, {0.3, 0.1, 1.0}};
    for (size_t i = 0; i < sizeof scene / sizeof scene[0]; i++) {
        struct tl_blockvar_plan plan = tl_blockvar_plan_of(scene[i][0], 0.0, 0);
        bv_grid(&bv_truth, 121, 97, scene[i][0]);
        bv_weights(&bv_truth, scene[i][1], scene[i][2]);
        CHECK_OK(bv_solve(ctx, &bv_truth, 0));
        CHECK_OK(rows(ctx, &bv_truth, &plan, 0));
        struct bv_error e = bv_error_of(&bv_truth);
        CHECK(e.rms <= 1.1 * plan.error + 2e-4);
        CHECK(fabs(e.mean) <= 0.003);
        CHECK(e.worst <= 0.1);
    }
}

TEST(a_finer_plan_is_nearer)
{
    bv_grid(&bv_truth, 128, 128, 40.0);
    bv_weights(&bv_truth, 0.1, 1.0);
    CHECK_OK(bv_solve(ctx, &bv_truth, 0));
    struct tl_blockvar_plan coarse = tl_blockvar_plan_of(40.0, 0.05, 0);
    struct tl_blockvar_plan fine = tl_blockvar_plan_of(40.0, 0.0015, 0);
    CHECK_OK(rows(ctx, &bv_truth, &coarse, 0));
    struct bv_error a = bv_error_of(&bv_truth);
    CHECK_OK(rows(ctx, &bv_truth, &fine, 0));
    struct bv_error b = bv_error_of(&bv_truth);
    CHECK(b.rms < 0.5 * a.rms && b.rms <= fine.error);
}

TEST(a_window_over_the_whole_grid_is_exact)
{
    bv_grid(&bv_truth, 60, 47, 15.0);
    bv_weights(&bv_truth, 0.3, 1.0);
    CHECK_OK(bv_solve(ctx, &bv_truth, 0));
    CHECK_OK(rows(ctx, &bv_truth, &whole, 0));
    CHECK(bv_error_of(&bv_truth).worst < 1e-3);
}

/* What the halo leaves is in the draws: no bias, and the error that is told is the error that is. */
TEST(draws_take_the_bias_away_and_their_error_is_told)
{
    enum { DRAWS = 16 };
    const struct tl_blockvar_plan plan = {.block = 16, .length = 64, .halo = 6, .coarse = 1};
    double squares = 0.0, told = 0.0;
    bv_grid(&bv_truth, 128, 128, 10.0);
    bv_weights(&bv_truth, 0.1, 1.0);
    CHECK_OK(bv_solve(ctx, &bv_truth, DRAWS));
    CHECK_OK(rows(ctx, &bv_truth, &plan, 0));
    struct bv_error without = bv_error_of(&bv_truth);
    CHECK(without.mean < -0.01);
    CHECK_OK(rows(ctx, &bv_truth, &plan, DRAWS));
    struct bv_error with = bv_error_of(&bv_truth);
    CHECK(fabs(with.mean) < 0.002 && with.rms < 0.4 * without.rms);
    for (int64_t i = 0; i < bv_truth.grid.n; i++) {
        double e = (double)bv_truth.var[i] - bv_truth.variance[i];
        squares += e * e;
        told += (double)bv_truth.mcse[i] * (double)bv_truth.mcse[i];
    }
    CHECK(squares > 0.5 * told && squares < 2.0 * told);
}

TEST(strips_rows_columns_and_single_cells)
{
    const int64_t size[][2] = {{300, 1}, {1, 300}, {200, 5}, {3, 190}, {1, 1}, {2, 2}, {65, 17}};
    for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
        for (int wide = 0; wide < 2; wide++) {
            double range = wide ? 40.0 : 6.0;
            struct tl_blockvar_plan plan = tl_blockvar_plan_of(range, 0.0, 0);
            bv_grid(&bv_truth, size[i][0], size[i][1], range);
            bv_weights(&bv_truth, 0.2, 1.0);
            CHECK_OK(bv_solve(ctx, &bv_truth, 0));
            CHECK_OK(rows(ctx, &bv_truth, &plan, 0));
            CHECK(bv_error_of(&bv_truth).rms < 0.025);
        }
}

/* Closed form: cosines are Q's eigenvectors. */
TEST(without_weights_the_answer_is_the_priors)
{
    enum { N_X = 24, N_Y = 19 };
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(9.0, 0.002, 0);
    bv_grid(&bv_truth, N_X, N_Y, 9.0);
    memset(bv_truth.w, 0, sizeof bv_truth.w);
    CHECK_OK(rows(ctx, &bv_truth, &plan, 0));
    for (int64_t y = 0; y < N_Y; y++)
        for (int64_t x = 0; x < N_X; x++) {
            double sum = 0.0;
            for (int64_t j = 0; j < N_Y; j++)
                for (int64_t i = 0; i < N_X; i++) {
                    double u = cos(M_PI * (double)i * ((double)x + 0.5) / N_X);
                    double v = cos(M_PI * (double)j * ((double)y + 0.5) / N_Y);
                    double l = tl_stencil_eigenvalue(i, N_X) + tl_stencil_eigenvalue(j, N_Y);
                    double root = bv_truth.q.a + l / bv_truth.q.a;
                    sum += u * u * v * v * (i == 0 ? 1.0 : 2.0) * (j == 0 ? 1.0 : 2.0) /
                           (N_X * N_Y * bv_truth.q.c * root * root);
                }
            CHECK_NEAR((double)bv_truth.var[y * N_X + x] / sum, 1.0, 0.004);
        }
}

/* Windows are cut otherwise, so this holds to the plan's error; in one window, to rounding. */
static bool same_when(struct tl_ctx *ctx, const struct tl_blockvar_plan *plan, bool transposed,
                      double tolerance)
{
    int64_t n_x = 70, n_y = 45;
    double sum = 0.0;
    bv_grid(&bv_truth, n_x, n_y, 20.0);
    bv_weights(&bv_truth, 0.2, 1.0);
    bv_grid(&bv_other, transposed ? n_y : n_x, transposed ? n_x : n_y, 20.0);
    for (int64_t y = 0; y < n_y; y++)
        for (int64_t x = 0; x < n_x; x++)
            bv_other.w[transposed ? x * n_y + y : y * n_x + n_x - 1 - x] = bv_truth.w[y * n_x + x];
    if (rows(ctx, &bv_truth, plan, 0) != TL_OK || rows(ctx, &bv_other, plan, 0) != TL_OK)
        return false;
    for (int64_t y = 0; y < n_y; y++)
        for (int64_t x = 0; x < n_x; x++) {
            float other = bv_other.var[transposed ? x * n_y + y : y * n_x + n_x - 1 - x];
            double e = sqrt((double)other / (double)bv_truth.var[y * n_x + x]) - 1.0;
            sum += e * e;
        }
    return sqrt(sum / (double)(n_x * n_y)) <= tolerance;
}

TEST(mirrored_and_transposed_input_gives_the_mirrored_and_transposed_answer)
{
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(20.0, 0.0, 0);
    CHECK(same_when(ctx, &whole, false, 3e-4) && same_when(ctx, &whole, true, 3e-4));
    CHECK(same_when(ctx, &plan, false, 0.004) && same_when(ctx, &plan, true, 0.004));
}

TEST(same_bits_on_1_2_and_7_threads)
{
    enum { DRAWS = 3 };
    const struct tl_blockvar_plan plan = tl_blockvar_plan_of(30.0, 0.01, DRAWS);
    const int n_threads[] = {1, 2, 7};
    bv_grid(&bv_truth, 190, 101, 30.0);
    bv_weights(&bv_truth, 0.1, 1.0);
    CHECK_OK(bv_solve(ctx, &bv_truth, DRAWS));
    CHECK(plan.coarse > 1);
    for (int i = 0; i < 3; i++) {
        tl_ctx_set_threads(ctx, n_threads[i]);
        CHECK_OK(rows(ctx, &bv_truth, &plan, DRAWS));
        if (i == 0)
            bv_other = bv_truth;
        CHECK(memcmp(bv_other.var, bv_truth.var, (size_t)bv_truth.grid.n * sizeof(float)) == 0);
        CHECK(memcmp(bv_other.mcse, bv_truth.mcse, (size_t)bv_truth.grid.n * sizeof(float)) == 0);
    }
}

/* Rows that the margin says are not read hold numbers that would show. */
TEST(bands_give_the_bits_of_the_whole_and_read_their_margin_only)
{
    enum { N_X = 60, N_Y = 600, DRAWS = 2 };
    const int64_t cut[][2] = {{0, 600}, {0, 37}, {37, 64}, {250, 251}, {300, 410}, {599, 600}};
    const struct tl_blockvar_plan plan = {.block = 8, .length = 16, .halo = 7, .coarse = 4};
    static float w[N_X * N_Y], draw[2][N_X * N_Y], full[N_X * N_Y], full_se[N_X * N_Y];
    const float *draws[DRAWS] = {draw[0], draw[1]};
    static float held[3][N_X * N_Y];
    bv_grid(&bv_truth, N_X, N_Y, 12.0);
    bv_weights(&bv_truth, 0.2, 1.0);
    struct tl_rng rng = tl_rng_make(4, 4);
    for (int64_t i = 0; i < N_X * N_Y; i++) {
        held[0][i] = bv_truth.w[i];
        held[1][i] = (float)tl_rng_normal(rng, (uint64_t)i);
        held[2][i] = (float)tl_rng_normal(tl_rng_fork(rng, 1), (uint64_t)i);
    }
    for (int k = 0; k < 6; k++) {
        int64_t y0 = cut[k][0], y1 = cut[k][1], margin = tl_blockvar_margin(&plan);
        for (int64_t i = 0; i < N_X * N_Y; i++) {
            bool near = i / N_X >= y0 - margin && i / N_X < y1 + margin;
            w[i] = near ? held[0][i] : NAN;
            draw[0][i] = near ? held[1][i] : NAN;
            draw[1][i] = near ? held[2][i] : NAN;
        }
        CHECK_OK(tl_blockvar_rows(ctx, &bv_truth.grid, bv_truth.q, w, NULL, &plan, DRAWS, draws, y0,
                                  y1, bv_truth.var, bv_truth.mcse));
        if (k == 0) {
            memcpy(full, bv_truth.var, sizeof full);
            memcpy(full_se, bv_truth.mcse, sizeof full_se);
        }
        size_t bytes = (size_t)((y1 - y0) * N_X) * sizeof(float);
        CHECK(memcmp(full + y0 * N_X, bv_truth.var, bytes) == 0);
        CHECK(memcmp(full_se + y0 * N_X, bv_truth.mcse, bytes) == 0);
    }
}

TEST(a_mask_leaves_wanted_cells_as_they_are_and_the_others_zero)
{
    static uint8_t inside[BV_MAX_CELLS];
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(25.0, 0.01, 0);
    bv_grid(&bv_truth, 180, 110, 25.0);
    bv_weights(&bv_truth, 0.1, 1.0);
    CHECK_OK(rows(ctx, &bv_truth, &plan, 0));
    bv_other = bv_truth;
    for (int64_t i = 0; i < bv_truth.grid.n; i++)
        inside[i] = i % 180 > 100 && i / 180 > 60 && (i % 180 + i / 180) % 2 == 0;
    CHECK_OK(tl_blockvar_rows(ctx, &bv_truth.grid, bv_truth.q, bv_truth.w, inside, &plan, 0, NULL,
                              0, 110, bv_truth.var, NULL));
    for (int64_t i = 0; i < bv_truth.grid.n; i++)
        CHECK(bv_truth.var[i] == (inside[i] ? bv_other.var[i] : 0.0F));
    memset(inside, 0, sizeof inside);
    CHECK_OK(tl_blockvar_rows(ctx, &bv_truth.grid, bv_truth.q, bv_truth.w, inside, &plan, 0, NULL,
                              0, 110, bv_truth.var, NULL));
    for (int64_t i = 0; i < bv_truth.grid.n; i++)
        CHECK(bv_truth.var[i] == 0.0F);
}

TEST(weights_of_any_size_give_finite_variances)
{
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(20.0, 0.0, 0);
    bv_grid(&bv_truth, 90, 70, 20.0);
    for (int64_t i = 0; i < bv_truth.grid.n; i++)
        bv_truth.w[i] = i % 7 == 0 ? INFINITY : i % 11 == 0 ? 3e38F : i % 5 == 0 ? 1e-38F : 0.0F;
    CHECK_OK(rows(ctx, &bv_truth, &plan, 0));
    for (int64_t i = 0; i < bv_truth.grid.n; i++)
        CHECK(isfinite(bv_truth.var[i]) && bv_truth.var[i] >= 0.0F && bv_truth.var[i] < 4.0F);
    CHECK(bv_truth.var[0] < 1e-9F);
}

TEST(what_cannot_be_is_refused)
{
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(12.0, 0.0, 0), bad;
    bv_grid(&bv_truth, 90, 70, 12.0);
    bv_weights(&bv_truth, 0.1, 1.0);
    bv_truth.w[40 * 90 + 33] = -50.0F;
    CHECK_FAILS(rows(ctx, &bv_truth, &plan, 0), TL_ENUMERIC, "not positive definite");
    bv_truth.w[40 * 90 + 33] = NAN;
    CHECK_FAILS(rows(ctx, &bv_truth, &plan, 0), TL_ENUMERIC, "not positive definite");
    bv_truth.w[40 * 90 + 33] = 0.0F;
    CHECK_FAILS(rows(ctx, &bv_truth, &plan, 65), TL_EDATA, "65 draws");
    bad = plan;
    bad.coarse = 3;
    CHECK_FAILS(rows(ctx, &bv_truth, &bad, 0), TL_EDATA, "coarse 3");
    bad = plan;
    bad.halo = 6;
    bad.coarse = 2;
    CHECK_FAILS(rows(ctx, &bv_truth, &bad, 0), TL_EDATA, "halo 6");
    CHECK_FAILS(tl_blockvar_rows(ctx, &bv_truth.grid, bv_truth.q, bv_truth.w, NULL, &plan, 0, NULL,
                                 60, 71, bv_truth.var, NULL),
                TL_EDATA, "rows 60 to 71 of a grid of 70");
    tl_ctx_cancel(ctx);
    CHECK_FAILS(rows(ctx, &bv_truth, &plan, 0), TL_ECANCELLED, "");
}

TEST(every_allocation_failed_in_turn)
{
    const struct tl_blockvar_plan plan = {.block = 8, .length = 16, .halo = 7, .coarse = 4};
    bv_grid(&bv_truth, 40, 30, 12.0);
    bv_weights(&bv_truth, 0.1, 1.0);
    memset(bv_truth.draw, 0, sizeof bv_truth.draw);
    bv_truth.draws[0] = bv_truth.draw[0];
    bv_truth.draws[1] = bv_truth.draw[1];
    CHECK_EVERY_ALLOC(ctx, rows(ctx, &bv_truth, &plan, 2));
}
