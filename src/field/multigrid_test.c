#include "unit.h"

#include "core/rng.h"
#include "field/factor.h"
#include "field/multigrid.h"

enum { MAX = 300 * 300 };

static float w[MAX], b[MAX], x[MAX], y[MAX], z[MAX];
static double b2[MAX], x2[MAX], t2[MAX], r2[MAX];

static const float *const b_of[] = {b};
static float *const x_of[] = {x};

/* What searched land looks like to the solver; weights in units of Q's diagonal. */
enum pattern { NONE, ONE_CELL, ALL_ROUGH, BLOCKS, SCATTERED, PINNED, ALL_PINNED, SMALL, STRIPES };

static void search_blocks(struct tl_stencil_grid grid, int n_blocks, double size, double low,
                          double high)
{
    struct tl_rng rng = tl_rng_make(3, 3);
    for (int k = 0; k < n_blocks; k++) {
        uint64_t at = (uint64_t)(k * 8);
        int64_t x0 = (int64_t)((double)grid.n_x * tl_rng_uniform(rng, at));
        int64_t y0 = (int64_t)((double)grid.n_y * tl_rng_uniform(rng, at + 1));
        int64_t x1 = x0 + 2 + (int64_t)(size * (double)grid.n_x * tl_rng_uniform(rng, at + 2));
        int64_t y1 = y0 + 2 + (int64_t)(size * (double)grid.n_y * tl_rng_uniform(rng, at + 3));
        double v = pow(10.0, low + (high - low) * tl_rng_uniform(rng, at + 4));
        for (int64_t i = 0; i < grid.n; i++) {
            int64_t cx = i % grid.n_x, cy = i / grid.n_x;
            if (cx >= x0 && cx < x1 && cy >= y0 && cy < y1)
                w[i] = (float)v;
        }
    }
}

static void fill_weights(struct tl_stencil_grid grid, struct tl_stencil_q q, enum pattern pattern)
{
    double unit = q.c * (q.a * q.a + 8.0 + 20.0 / (q.a * q.a)), log_unit = log10(unit);
    struct tl_rng rng = tl_rng_make(5, 1);
    memset(w, 0, sizeof w);
    if (pattern == ONE_CELL)
        w[grid.n / 2 + grid.n_x / 2 < grid.n ? grid.n / 2 + grid.n_x / 2 : 0] = (float)(10 * unit);
    if (pattern == BLOCKS)
        search_blocks(grid, 40, 0.2, log_unit - 3.0, log_unit + 3.0);
    if (pattern == PINNED)
        search_blocks(grid, 40, 0.1, log_unit + 2.0, log_unit + 3.0);
    if (pattern == SMALL)
        search_blocks(grid, 60, 0.1, -5.0, 1.0);
    for (int64_t i = 0; i < grid.n; i++) {
        double u = tl_rng_uniform(rng, (uint64_t)i);
        int64_t cx = i % grid.n_x, cy = i / grid.n_x;
        if (pattern == ALL_ROUGH)
            w[i] = (float)(unit * pow(10.0, -3.0 + 6.0 * u));
        if (pattern == SCATTERED && u < 0.05)
            w[i] = (float)(unit * 2e4 * u);
        if (pattern == ALL_PINNED)
            w[i] = (float)(unit * 1e3);
        if (pattern == STRIPES && (cx / 3 + cy / 5) % 4 == 0 && cy % 37 < 9)
            w[i] = (float)(unit * pow(10.0, -3.0 + 6.0 * u));
    }
}

static void fill_normal(float *out, int64_t n, uint64_t stream)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)tl_rng_normal(tl_rng_make(11, stream), (uint64_t)i);
}

static double dot(const float *u, const float *v, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)u[i] * (double)v[i];
    return sum;
}

/* A u in double, by the reference in stencil.c. */
static void apply_reference(struct tl_stencil_grid grid, struct tl_stencil_q q, const double *u,
                            double *out)
{
    tl_stencil_apply(&grid, q, u, t2, out);
    for (int64_t i = 0; i < grid.n; i++)
        out[i] += (double)w[i] * u[i];
}

static const int64_t shapes[][2] = {{1, 1},   {2, 1},   {1, 9},   {3, 3},    {17, 16},
                                    {5, 400}, {64, 48}, {65, 33}, {131, 97}, {1500, 20}};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

static const enum tl_multigrid_isa isas[] = {TL_MULTIGRID_PLAIN, TL_MULTIGRID_AVX2,
                                             TL_MULTIGRID_AVX512};

/* False where this machine lacks the instructions. */
static bool make(struct tl_ctx *ctx, struct tl_stencil_grid grid, int k, enum tl_multigrid_isa isa,
                 struct tl_multigrid **m)
{
    *m = NULL;
    return tl_multigrid_create(ctx, &grid, k, isa, m) == TL_OK;
}

TEST(product_is_that_of_the_reference_with_all_instructions)
{
    for (int s = 0; s < N_SHAPES; s++)
        for (int i = 0; i < 3; i++) {
            struct tl_stencil_grid grid = tl_stencil_grid_of(shapes[s][0], shapes[s][1]);
            struct tl_stencil_q q = tl_stencil_q_of(1.0, 14.0, 0.8);
            struct tl_multigrid *m;
            double form, expected = 0.0, size = 0.0, drange = 0.0, got_form, got_drange;
            if (!make(ctx, grid, 1, isas[i], &m))
                continue;
            fill_weights(grid, q, BLOCKS);
            fill_normal(b, grid.n, 1);
            CHECK_OK(tl_multigrid_set(ctx, m, q, w));
            tl_multigrid_apply(ctx, m, b, y, &form);
            for (int64_t j = 0; j < grid.n; j++)
                x2[j] = (double)b[j];
            apply_reference(grid, q, x2, r2);
            for (int64_t j = 0; j < grid.n; j++) {
                CHECK_NEAR((double)y[j], r2[j], 2e-6 * (fabs(r2[j]) + q.c * 64.0 / q.a / q.a));
                expected += x2[j] * r2[j];
            }
            CHECK_NEAR(form, expected, 1e-5 * expected);
            tl_multigrid_forms(ctx, m, b, &got_form, &got_drange);
            size = tl_stencil_form(&grid, q, x2, t2);
            CHECK_NEAR(got_form, size, 1e-5 * size);
            tl_stencil_apply_drange(&grid, q, x2, t2, r2);
            for (int64_t j = 0; j < grid.n; j++)
                drange += x2[j] * r2[j];
            CHECK_NEAR(got_drange, drange, 1e-5 * size);
            tl_multigrid_free(m);
        }
}

/* Cosines are the eigenvectors; their eigenvalues are known. */
TEST(cosines_come_back_times_their_eigenvalue)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(61, 45);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 9.0, 1.0);
    struct tl_multigrid *m;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
    memset(w, 0, sizeof w);
    CHECK_OK(tl_multigrid_set(ctx, m, q, w));
    for (int64_t kx = 0; kx < 61; kx += 12)
        for (int64_t ky = 0; ky < 45; ky += 11) {
            double e = tl_stencil_eigenvalue(kx, 61) + tl_stencil_eigenvalue(ky, 45);
            double value = q.c * (q.a + e / q.a) * (q.a + e / q.a);
            for (int64_t i = 0; i < grid.n; i++)
                b[i] = (float)(cos(3.14159265358979 * (double)kx * ((double)(i % 61) + 0.5) / 61) *
                               cos(3.14159265358979 * (double)ky * ((double)(i / 61) + 0.5) / 45));
            tl_multigrid_apply(ctx, m, b, y, NULL);
            for (int64_t i = 0; i < grid.n; i++)
                CHECK_NEAR((double)y[i], value * (double)b[i], 1e-5 * value + 1e-5 * q.c / q.a);
            /* Rounding of b has a share of the smoothest modes, which count up to 7,000 times as much in x. */
            memset(x, 0, sizeof x);
            CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, NULL));
            for (int64_t i = 0; i < grid.n; i++)
                CHECK_NEAR((double)x[i] * value, (double)b[i], 2e-3);
        }
    tl_multigrid_free(m);
}

/* Energy of the error, which is what the preconditioned residual bounds, against the reference's own product. */
static double error_energy(struct tl_stencil_grid grid, struct tl_stencil_q q, const double *truth,
                           double *whole)
{
    double sum = 0.0;
    *whole = 0.0;
    for (int64_t i = 0; i < grid.n; i++)
        x2[i] = (double)x[i] - truth[i];
    apply_reference(grid, q, x2, r2);
    for (int64_t i = 0; i < grid.n; i++)
        sum += x2[i] * r2[i];
    apply_reference(grid, q, truth, r2);
    for (int64_t i = 0; i < grid.n; i++)
        *whole += truth[i] * r2[i];
    return sum;
}

TEST(exact_engine_gives_the_same_solution)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(64, 48);
    double ranges[] = {4.0, 15.0, 60.0};
    struct tl_factor_plan *plan = NULL;
    struct tl_factor factor = {0};
    static double wide_w[64 * 48], rhs[64 * 48], truth[64 * 48];
    CHECK_OK(tl_factor_plan_create(ctx, &grid, &plan));
    CHECK_OK(tl_factor_init(ctx, plan, 1, &factor));
    for (int r = 0; r < 3; r++)
        for (int p = 0; p <= STRIPES; p++) {
            struct tl_stencil_q q = tl_stencil_q_of(1.0, ranges[r], 1.1);
            struct tl_multigrid *m;
            double whole;
            fill_weights(grid, q, (enum pattern)p);
            CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
            CHECK_OK(tl_multigrid_set(ctx, m, q, w));
            tl_multigrid_draw(ctx, m, tl_rng_make(8, 8), b);
            for (int64_t i = 0; i < grid.n; i++) {
                wide_w[i] = (double)w[i];
                rhs[i] = (double)b[i];
            }
            CHECK_OK(tl_factor_compute(ctx, &factor, q, wide_w));
            CHECK_OK(tl_factor_solve(ctx, &factor, 1, rhs, truth));
            memset(x, 0, sizeof x);
            CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, NULL));
            double error = error_energy(grid, q, truth, &whole);
            CHECK_NEAR(sqrt(error / whole), 0.0, 2e-5);
            memset(x2, 0, sizeof x2);
            CHECK_OK(tl_multigrid_refine(ctx, m, rhs, x2, 1e-11, 100, NULL));
            for (int64_t i = 0; i < grid.n; i++)
                CHECK_NEAR(x2[i], truth[i], 1e-7);
            tl_multigrid_free(m);
        }
    tl_factor_fini(&factor);
    tl_factor_plan_free(plan);
}

TEST(preconditioner_is_symmetric_and_positive_definite)
{
    for (int s = 0; s < N_SHAPES; s++)
        for (int p = 0; p <= STRIPES; p++) {
            struct tl_stencil_grid grid = tl_stencil_grid_of(shapes[s][0], shapes[s][1]);
            struct tl_stencil_q q = tl_stencil_q_of(1.0, p % 2 ? 8.0 : 40.0, 1.0);
            struct tl_multigrid *m;
            CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
            fill_weights(grid, q, (enum pattern)p);
            CHECK_OK(tl_multigrid_set(ctx, m, q, w));
            for (uint64_t k = 0; k < 4; k++) {
                fill_normal(b, grid.n, 2 * k);
                fill_normal(y, grid.n, 2 * k + 1);
                tl_multigrid_precondition(ctx, m, b, x);
                tl_multigrid_precondition(ctx, m, y, z);
                double bmb = dot(b, x, grid.n), ymy = dot(y, z, grid.n);
                CHECK(bmb > 0.0 && ymy > 0.0);
                CHECK_NEAR(dot(y, x, grid.n), dot(b, z, grid.n), 1e-5 * sqrt(bmb * ymy));
            }
            tl_multigrid_free(m);
        }
}

/* The goal of the issue, on sizes that a quick test can afford; bench/lattice/solver.c has the large ones. */
TEST(at_most_20_iterations_whatever_the_range_the_weights_and_the_shape)
{
    static const int64_t sizes[][2] = {{65, 65}, {128, 128}, {131, 97}, {257, 257}, {300, 40}};
    double ranges[] = {5.0, 12.0, 40.0, 150.0, 500.0};
    for (int s = 0; s < 5; s++) {
        struct tl_stencil_grid grid = tl_stencil_grid_of(sizes[s][0], sizes[s][1]);
        struct tl_multigrid *m;
        CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
        for (int r = 0; r < 5; r++)
            for (int p = 0; p <= STRIPES; p++) {
                struct tl_stencil_q q = tl_stencil_q_of(1.0, ranges[r], 1.0);
                struct tl_multigrid_report report;
                fill_weights(grid, q, (enum pattern)p);
                CHECK_OK(tl_multigrid_set(ctx, m, q, w));
                tl_multigrid_draw(ctx, m, tl_rng_make((uint64_t)p, 2), b);
                memset(x, 0, sizeof x);
                CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, &report));
                CHECK(report.residual <= 1e-6);
            }
        tl_multigrid_free(m);
    }
}

/* Ranges of half a cell to 800, weights over eight orders scattered by cell, block, row or patch, on 1 % to all of the cells. */
TEST(at_most_20_iterations_on_systems_by_chance)
{
    static const int64_t sizes[][2] = {{219, 180}, {65, 65}, {300, 40}, {131, 97}, {7, 400},
                                       {400, 5},   {9, 300}, {1, 900},  {16, 290}};
    struct tl_rng rng = tl_rng_make(99, 1);
    for (uint64_t t = 0; t < 180; t++) {
        struct tl_stencil_grid grid = tl_stencil_grid_of(sizes[t % 9][0], sizes[t % 9][1]);
        struct tl_rng here = tl_rng_fork(rng, t);
        double u[4], share, unit;
        for (uint64_t k = 0; k < 4; k++)
            u[k] = tl_rng_uniform(here, k);
        struct tl_stencil_q q =
            tl_stencil_q_of(1.0, pow(10.0, -0.3 + 3.2 * u[0]), pow(10.0, -1.0 + 2.0 * u[1]));
        struct tl_multigrid *m;
        share = u[2] < 0.2 ? 1.0 : u[2] < 0.4 ? 0.01 : u[3];
        unit = q.c * (q.a * q.a + 8.0 + 20.0 / (q.a * q.a));
        for (int64_t i = 0; i < grid.n; i++) {
            int64_t at_x = i % grid.n_x, at_y = i / grid.n_x;
            const int64_t by[] = {i, at_y / 8 * 1000 + at_x / 8, at_y / 3,
                                  at_y / 30 * 1000 + at_x / 40};
            uint64_t of = (uint64_t)by[t / 9 % 4];
            bool some = tl_rng_uniform(tl_rng_fork(here, 1), of) < share;
            double size = tl_rng_uniform(tl_rng_fork(here, 2), of);
            w[i] = some ? (float)(unit * pow(10.0, -4.0 + 8.0 * size)) : 0.0f;
        }
        CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
        CHECK_OK(tl_multigrid_set(ctx, m, q, w));
        tl_multigrid_draw(ctx, m, tl_rng_make(3, t), b);
        memset(x, 0, sizeof x);
        CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, NULL));
        tl_multigrid_free(m);
    }
}

TEST(thin_strips_are_solved_too)
{
    static const int64_t sizes[][2] = {{1, 900}, {3000, 1}, {3, 1100}, {5000, 3}, {2, 2},
                                       {1, 1},   {8, 900},  {7, 60},   {900, 6},  {9, 2000}};
    double ranges[] = {5.0, 60.0, 500.0};
    for (int s = 0; s < 10; s++) {
        struct tl_stencil_grid grid = tl_stencil_grid_of(sizes[s][0], sizes[s][1]);
        struct tl_multigrid *m;
        CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
        for (int r = 0; r < 3; r++)
            for (int p = 0; p <= STRIPES; p++) {
                struct tl_stencil_q q = tl_stencil_q_of(1.0, ranges[r], 1.0);
                fill_weights(grid, q, (enum pattern)p);
                CHECK_OK(tl_multigrid_set(ctx, m, q, w));
                tl_multigrid_draw(ctx, m, tl_rng_make((uint64_t)p, 2), b);
                memset(x, 0, sizeof x);
                CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, NULL));
            }
        tl_multigrid_free(m);
    }
}

/* No data and a range far longer than the grid: the mean is all but free (a^2 c = 3e-6 of the roughest mode's 3e5). */
TEST(range_of_500_cells_on_a_small_grid_without_data)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(40, 30);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 500.0, 1.0);
    struct tl_multigrid *m;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
    memset(w, 0, sizeof w);
    CHECK_OK(tl_multigrid_set(ctx, m, q, w));
    for (int64_t i = 0; i < grid.n; i++)
        b2[i] = q.c * q.a * q.a;
    memset(x2, 0, sizeof x2);
    CHECK_OK(tl_multigrid_refine(ctx, m, b2, x2, 1e-9, 100, NULL));
    for (int64_t i = 0; i < grid.n; i++)
        CHECK_NEAR(x2[i], 1.0, 1e-8);
    for (int64_t i = 0; i < grid.n; i++)
        b[i] = (float)b2[i];
    memset(x, 0, sizeof x);
    CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, NULL));
    for (int64_t i = 0; i < grid.n; i++)
        CHECK_NEAR((double)x[i], 1.0, 1e-4);
    tl_multigrid_free(m);
}

TEST(same_bits_on_1_2_and_7_threads)
{
    static float first[2][MAX], rhs[2][MAX], out[2][MAX];
    struct tl_stencil_grid grid = tl_stencil_grid_of(300, 290);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 30.0, 1.0);
    int threads[] = {1, 2, 7};
    for (int i = 0; i < 3; i++)
        for (int t = 0; t < 3; t++) {
            struct tl_multigrid *m;
            if (!make(ctx, grid, 2, isas[i], &m))
                continue;
            tl_ctx_set_threads(ctx, threads[t]);
            fill_weights(grid, q, BLOCKS);
            CHECK_OK(tl_multigrid_set(ctx, m, q, w));
            for (int j = 0; j < 2; j++)
                tl_multigrid_draw(ctx, m, tl_rng_make(4, (uint64_t)j), rhs[j]);
            memset(out, 0, sizeof out);
            CHECK_OK(tl_multigrid_solve(ctx, m, 2, (const float *const[]){rhs[0], rhs[1]},
                                        (float *const[]){out[0], out[1]}, 1e-6, 20, NULL));
            if (t == 0)
                memcpy(first, out, sizeof first);
            CHECK(memcmp(first, out, sizeof first) == 0);
            tl_multigrid_free(m);
        }
}

/* Several at once are each what they are alone; those that need fewer iterations wait. */
TEST(right_hand_sides_do_not_know_of_each_other)
{
    static float rhs[3][MAX], out[3][MAX];
    struct tl_stencil_grid grid = tl_stencil_grid_of(130, 90);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 25.0, 1.0);
    struct tl_multigrid *m;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 3, TL_MULTIGRID_BEST, &m));
    fill_weights(grid, q, PINNED);
    CHECK_OK(tl_multigrid_set(ctx, m, q, w));
    tl_multigrid_draw(ctx, m, tl_rng_make(4, 0), rhs[0]);
    memset(rhs[1], 0, sizeof rhs[1]);
    fill_normal(rhs[2], grid.n, 4);
    memset(out, 0, sizeof out);
    out[1][5] = 3.0f;
    CHECK_OK(tl_multigrid_solve(ctx, m, 3, (const float *const[]){rhs[0], rhs[1], rhs[2]},
                                (float *const[]){out[0], out[1], out[2]}, 1e-6, 20, NULL));
    for (int j = 0; j < 3; j += 2) {
        memset(x, 0, sizeof x);
        CHECK_OK(
            tl_multigrid_solve(ctx, m, 1, (const float *const[]){rhs[j]}, x_of, 1e-6, 20, NULL));
        CHECK(memcmp(x, out[j], (size_t)grid.n * sizeof *x) == 0);
    }
    for (int64_t i = 0; i < grid.n; i++)
        CHECK(out[1][i] == 0.0f);
    tl_multigrid_free(m);
}

/*
 * Short ranges stop above the coarsest level, where what a longer one left used to stay in the way: of a simulated district Newton's
 * solve stalled at .37 of its right-hand side for that.
 */
TEST(operators_do_not_know_of_each_other)
{
    static const double range[] = {200.0, 4.5, 60.0, 1.2, 14.0, 0.7};
    struct tl_stencil_grid grid = tl_stencil_grid_of(219, 180);
    struct tl_multigrid *m, *own;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 2, TL_MULTIGRID_BEST, &m));
    for (int r = 0; r < 6; r++) {
        struct tl_stencil_q q = tl_stencil_q_of(1.0, range[r], 1.0);
        struct tl_multigrid_report report;
        fill_weights(grid, q, r % 2 == 0 ? NONE : BLOCKS);
        CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &own));
        CHECK_OK(tl_multigrid_set(ctx, m, q, w));
        CHECK_OK(tl_multigrid_set(ctx, own, q, w));
        tl_multigrid_draw(ctx, m, tl_rng_make(5, (uint64_t)r), b);
        memset(x, 0, sizeof x);
        memset(y, 0, sizeof y);
        CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, &report));
        CHECK_OK(tl_multigrid_solve(ctx, own, 1, b_of, (float *const[]){y}, 1e-6, 20, &report));
        CHECK(memcmp(x, y, (size_t)grid.n * sizeof *x) == 0);
        tl_multigrid_free(own);
    }
    tl_multigrid_free(m);
}

TEST(a_good_start_saves_iterations)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(130, 90);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 25.0, 1.0);
    struct tl_multigrid *m;
    struct tl_multigrid_report cold, warm;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
    fill_weights(grid, q, BLOCKS);
    CHECK_OK(tl_multigrid_set(ctx, m, q, w));
    tl_multigrid_draw(ctx, m, tl_rng_make(4, 0), b);
    memset(x, 0, sizeof x);
    CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, &cold));
    CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-4, 20, &warm));
    CHECK(cold.iterations > 5 && warm.iterations == 0);
    CHECK(cold.bytes_read > 0 && cold.bytes_written > 0);
    tl_multigrid_free(m);
}

TEST(mirrored_and_transposed_input_gives_mirrored_and_transposed_answers)
{
    enum { A = 83, B = 58 };
    static float w_as_is[A * B], b_as_is[A * B], answer[A * B];
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 20.0, 1.0);
    struct tl_stencil_grid grid = tl_stencil_grid_of(A, B);
    fill_weights(grid, q, BLOCKS);
    fill_normal(b, grid.n, 9);
    memcpy(w_as_is, w, sizeof w_as_is);
    memcpy(b_as_is, b, sizeof b_as_is);
    double most = 0.0;
    for (int way = 0; way < 4; way++) {
        struct tl_multigrid *m;
        grid = way == 3 ? tl_stencil_grid_of(B, A) : tl_stencil_grid_of(A, B);
        int64_t to[A * B];
        for (int64_t i = 0; i < A * B; i++) {
            int64_t cx = way == 1 ? A - 1 - i % A : i % A, cy = way == 2 ? B - 1 - i / A : i / A;
            to[i] = way == 3 ? cx * B + cy : cy * A + cx;
            w[to[i]] = w_as_is[i];
            b[to[i]] = b_as_is[i];
        }
        CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
        CHECK_OK(tl_multigrid_set(ctx, m, q, w));
        memset(x, 0, sizeof x);
        CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-7, 30, NULL));
        for (int64_t i = 0; i < A * B; i++) {
            if (way == 0)
                answer[i] = x[i];
            most = fmax(most, fabs((double)answer[i]));
            CHECK_NEAR((double)x[to[i]], (double)answer[i], 1e-4 * most + 1e-7);
        }
        tl_multigrid_free(m);
    }
}

/* E[(A^-1/2 draw)...]: variance of a draw is A's diagonal, and neighbours' covariance its entry beside. */
TEST(draws_have_the_covariance_of_the_operator)
{
    enum { DRAWS = 3000, A = 12, B = 10 };
    struct tl_stencil_grid grid = tl_stencil_grid_of(A, B);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 6.0, 1.0);
    static double sum[A * B][A * B];
    struct tl_multigrid *m;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
    fill_weights(grid, q, STRIPES);
    CHECK_OK(tl_multigrid_set(ctx, m, q, w));
    for (int d = 0; d < DRAWS; d++) {
        tl_multigrid_draw(ctx, m, tl_rng_fork(tl_rng_make(21, 0), (uint64_t)d), b);
        for (int i = 0; i < A * B; i++)
            for (int j = 0; j < A * B; j++)
                sum[i][j] += (double)b[i] * (double)b[j] / DRAWS;
    }
    double worst = 0.0;
    for (int i = 0; i < A * B; i++) {
        memset(x2, 0, sizeof x2);
        x2[i] = 1.0;
        apply_reference(grid, q, x2, r2);
        for (int j = 0; j < A * B; j++) {
            double a_ii = q.c * 20.0 / q.a / q.a + (double)w[i];
            double a_jj = q.c * 20.0 / q.a / q.a + (double)w[j];
            worst = fmax(worst, fabs(sum[i][j] - r2[j]) / sqrt(a_ii * a_jj));
        }
    }
    /* Standard error is at most about sqrt(2/3000) = .026 of that scale; 14,400 entries reach 4.5 of them by chance. */
    CHECK(worst < 0.14);
    CHECK(worst > 0.005);
    tl_multigrid_free(m);
}

TEST(weights_that_single_precision_does_not_hold_are_refused)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(20, 20);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 10.0, 1.0);
    struct tl_multigrid *m;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
    memset(w, 0, sizeof w);
    CHECK_FAILS(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 9, NULL), TL_EUSAGE, "before");
    float bad[] = {-1.0f, 3e38f, INFINITY, NAN, -INFINITY};
    for (int i = 0; i < 5; i++) {
        w[17] = bad[i];
        CHECK_FAILS(tl_multigrid_set(ctx, m, q, w), TL_EDATA, "of cell 17");
    }
    w[17] = 0.0f;
    CHECK_FAILS(tl_multigrid_set(ctx, m, (struct tl_stencil_q){1e-20, 1.0}, w), TL_EDATA,
                "a = 1e-20");
    CHECK_FAILS(tl_multigrid_set(ctx, m, (struct tl_stencil_q){NAN, 1.0}, w), TL_EDATA, "a = ");
    CHECK_FAILS(tl_multigrid_set(ctx, m, (struct tl_stencil_q){1.0, 1e30}, w), TL_EDATA,
                "c = 1e+30");
    /* The largest that is taken, beside none at all. */
    w[17] = (float)(0.9e12 * q.c * pow(q.a + 8.0 / q.a, 2.0));
    CHECK_OK(tl_multigrid_set(ctx, m, q, w));
    fill_normal(b, grid.n, 3);
    memset(x, 0, sizeof x);
    CHECK_OK(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, NULL));
    CHECK_NEAR((double)x[17], 0.0, 1e-9);
    CHECK_FAILS(tl_multigrid_solve(ctx, m, 2, b_of, x_of, 1e-6, 9, NULL), TL_EUSAGE,
                "expected 1 to 1");
    memset(x, 0, sizeof x);
    CHECK_FAILS(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 2, NULL), TL_ENUMERIC,
                "after 2 iterations");
    tl_multigrid_free(m);
    CHECK_FAILS(tl_multigrid_create(ctx, &grid, 0, TL_MULTIGRID_BEST, &m), TL_EUSAGE,
                "0 right-hand");
    CHECK_FAILS(tl_multigrid_create(ctx, &grid, 1, (enum tl_multigrid_isa)9, &m), TL_EUSAGE,
                "instructions 9");
}

TEST(nan_in_the_right_hand_side_is_told)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(40, 30);
    struct tl_multigrid *m;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
    memset(w, 0, sizeof w);
    memset(x, 0, sizeof x);
    fill_normal(b, grid.n, 3);
    b[77] = NAN;
    CHECK_OK(tl_multigrid_set(ctx, m, tl_stencil_q_of(1.0, 10.0, 1.0), w));
    CHECK_FAILS(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 9, NULL), TL_ENUMERIC, "residual");
    tl_multigrid_free(m);
}

TEST(asked_to_stop_it_stops)
{
    struct tl_stencil_grid grid = tl_stencil_grid_of(40, 30);
    struct tl_multigrid *m;
    CHECK_OK(tl_multigrid_create(ctx, &grid, 1, TL_MULTIGRID_BEST, &m));
    memset(w, 0, sizeof w);
    fill_normal(b, grid.n, 3);
    CHECK_OK(tl_multigrid_set(ctx, m, tl_stencil_q_of(1.0, 10.0, 1.0), w));
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 9, NULL), TL_ECANCELLED, "");
    tl_multigrid_free(m);
}

static tl_err all_of_it(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    struct tl_stencil_grid grid = tl_stencil_grid_of(70, 50);
    struct tl_multigrid *m = NULL;
    memset(x, 0, sizeof x);
    memset(x2, 0, sizeof x2);
    TL_TRY(tl_multigrid_create(ctx, &grid, 2, TL_MULTIGRID_BEST, &m));
    TL_TRY(tl_multigrid_set(ctx, m, tl_stencil_q_of(1.0, 10.0, 1.0), w));
    TL_TRY(tl_multigrid_solve(ctx, m, 1, b_of, x_of, 1e-6, 20, NULL));
    TL_TRY(tl_multigrid_refine(ctx, m, b2, x2, 1e-10, 60, NULL));
done:
    tl_multigrid_free(m);
    return err;
}

TEST(every_allocation_may_fail)
{
    memset(w, 0, sizeof w);
    fill_normal(b, 3500, 3);
    for (int64_t i = 0; i < 3500; i++)
        b2[i] = (double)b[i];
    CHECK_EVERY_ALLOC(ctx, all_of_it(ctx));
    struct tl_stencil_grid grid = tl_stencil_grid_of(10000, 10000);
    CHECK(tl_multigrid_bytes(&grid, 1) < (int64_t)(36e8));
    CHECK(tl_multigrid_bytes(&grid, 1) > (int64_t)(24e8));
}
