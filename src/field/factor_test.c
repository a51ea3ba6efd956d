#include "unit.h"

#include <time.h>

#include "field/blas.h"
#include "field/factor.h"
#include "core/rng.h"

enum { MAX_CELLS = 400 };

static double dense[MAX_CELLS * MAX_CELLS], inverse[MAX_CELLS * MAX_CELLS];

static int64_t distance_l(int64_t a, int64_t b, int64_t n_x)
{
    return llabs(a % n_x - b % n_x) + llabs(a / n_x - b / n_x);
}

/* Dense l straight from its definition, then c (a + l/a)^2 + diag(w) by a triple loop. */
static void fill_dense(int64_t n_x, int64_t n_y, struct tl_stencil_q q, const double *w)
{
    static double root[MAX_CELLS * MAX_CELLS];
    int64_t n = n_x * n_y;
    for (int64_t i = 0; i < n; i++) {
        double degree = 0.0;
        for (int64_t j = 0; j < n; j++) {
            bool near = distance_l(i, j, n_x) == 1;
            degree += near;
            root[i * n + j] = near ? -1.0 / q.a : 0.0;
        }
        root[i * n + i] = q.a + degree / q.a;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = i == j ? w[i] : 0.0;
            for (int64_t k = 0; k < n; k++)
                sum += q.c * root[i * n + k] * root[k * n + j];
            dense[i * n + j] = sum;
        }
}

/* Gauss-Jordan: slow, but shares nothing with the code under test. Returns log|dense|. */
static double invert_dense(int64_t n)
{
    static double a[MAX_CELLS * MAX_CELLS];
    double logs = 0.0;
    memcpy(a, dense, (size_t)(n * n) * sizeof *a);
    memset(inverse, 0, sizeof inverse);
    for (int64_t i = 0; i < n; i++)
        inverse[i * n + i] = 1.0;
    for (int64_t k = 0; k < n; k++) {
        double pivot = a[k * n + k];
        logs += log(pivot);
        for (int64_t j = 0; j < n; j++) {
            a[k * n + j] /= pivot;
            inverse[k * n + j] /= pivot;
        }
        for (int64_t i = 0; i < n; i++) {
            double f = a[i * n + k];
            for (int64_t j = 0; i != k && f != 0.0 && j < n; j++) {
                a[i * n + j] -= f * a[k * n + j];
                inverse[i * n + j] -= f * inverse[k * n + j];
            }
        }
    }
    return logs;
}

struct shape {
    int64_t n_x, n_y;
    double range;
};

static const struct shape shapes[] = {{1, 1, 3.0},   {1, 2, 3.0},  {2, 1, 9.0},  {1, 37, 5.0},
                                      {41, 1, 5.0},  {2, 2, 1.0},  {3, 17, 4.0}, {20, 20, 6.0},
                                      {13, 7, 60.0}, {19, 21, 0.5}};
enum { N_SHAPES = sizeof shapes / sizeof shapes[0] };

static void make_weights(int64_t n, double *w)
{
    for (int64_t i = 0; i < n; i++)
        w[i] = i % 3 == 0 ? 0.0 : 2.0 * tl_rng_uniform(tl_rng_make(3, 1), (uint64_t)i);
}

struct bench {
    struct tl_factor_plan *plan;
    struct tl_factor factor;
};

static tl_err bench_init(struct tl_ctx *ctx, int64_t n_x, int64_t n_y, struct bench *b)
{
    tl_err err = TL_OK;
    struct tl_stencil_grid grid = tl_stencil_grid_of(n_x, n_y);
    *b = (struct bench){0};
    /* As a fit does; with OpenBLAS' own threads beside ours a busy machine takes 15 times as long. */
    (void)tl_blas_one_thread();
    TL_TRY(tl_factor_plan_create(ctx, &grid, &b->plan));
    TL_TRY(tl_factor_init(ctx, b->plan, 3, &b->factor));
done:
    return err;
}

static void bench_fini(struct bench *b)
{
    tl_factor_fini(&b->factor);
    tl_factor_plan_free(b->plan);
}

TEST(inverse_determinant_and_solve_agree_with_dense_algebra)
{
    for (int k = 0; k < N_SHAPES; k++) {
        struct bench b;
        const struct shape *s = &shapes[k];
        int64_t n = s->n_x * s->n_y;
        double w[MAX_CELLS], rhs[5 * MAX_CELLS], x[5 * MAX_CELLS], v[MAX_CELLS], trace[2];
        struct tl_stencil_q q = tl_stencil_q_of(1.0, s->range, 0.7);
        make_weights(n, w);
        CHECK_OK(bench_init(ctx, s->n_x, s->n_y, &b));
        CHECK_OK(tl_factor_compute(ctx, &b.factor, q, w));
        fill_dense(s->n_x, s->n_y, q, w);
        double logdet = invert_dense(n), sums[2] = {0.0, 0.0};
        CHECK_NEAR(b.factor.logdet, logdet, 1e-8 * (double)n);
        tl_rng_normals(tl_rng_make(4, 1), 0, 5 * n, rhs);
        CHECK_OK(tl_factor_solve(ctx, &b.factor, 5, rhs, x));
        CHECK_OK(tl_factor_inverse(ctx, &b.factor, v, &trace[0], &trace[1]));
        for (int64_t i = 0; i < n; i++) {
            struct tl_stencil_row row;
            tl_stencil_row_of(&b.plan->grid, i, &row);
            for (int m = 0; m < row.n; m++) {
                sums[0] += inverse[i * n + row.cell[m]] * row.l[m];
                sums[1] += inverse[i * n + row.cell[m]] * row.l2[m];
            }
            CHECK_NEAR(v[i], inverse[i * n + i], 1e-7 * inverse[i * n + i]);
            for (int j = 0; j < 5; j++) {
                double sum = 0.0;
                for (int64_t c = 0; c < n; c++)
                    sum += inverse[i * n + c] * rhs[j * n + c];
                CHECK_NEAR(x[j * n + i], sum, 1e-6 * (1.0 + fabs(sum)));
            }
        }
        CHECK_NEAR(trace[0], sums[0], 1e-7 * (1.0 + fabs(sums[0])));
        CHECK_NEAR(trace[1], sums[1], 1e-7 * (1.0 + fabs(sums[1])));
        bench_fini(&b);
    }
}

TEST(determinant_of_the_prior_has_the_closed_form_and_its_derivative)
{
    for (int k = 0; k < N_SHAPES; k++) {
        struct bench b;
        const struct shape *s = &shapes[k];
        struct tl_stencil_grid grid = tl_stencil_grid_of(s->n_x, s->n_y);
        double slope, step = 1e-5;
        struct tl_stencil_q q = tl_stencil_q_of(2.0, 2.0 * s->range, 1.3);
        double logdet = tl_stencil_logdet(&grid, q, &slope);
        double above =
            tl_stencil_logdet(&grid, tl_stencil_q_of(2.0, 2.0 * s->range * exp(step), 1.3), NULL);
        double below =
            tl_stencil_logdet(&grid, tl_stencil_q_of(2.0, 2.0 * s->range * exp(-step), 1.3), NULL);
        CHECK_NEAR(slope, (above - below) / (2.0 * step), 1e-5 * (1.0 + fabs(slope)));
        CHECK_OK(bench_init(ctx, s->n_x, s->n_y, &b));
        CHECK_OK(tl_factor_compute(ctx, &b.factor, q, NULL));
        CHECK_NEAR(b.factor.logdet, logdet, 1e-7 * (double)grid.n);
        bench_fini(&b);
    }
}

/* L^-T z has covariance A^-1: with unit vectors for z, the columns' outer products add up to it exactly. */
TEST(half_solves_square_to_the_inverse)
{
    struct bench b;
    enum { N = 6 * 9 };
    static double z[N * N], x[N * N];
    double w[N];
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 4.0, 1.0);
    make_weights(N, w);
    CHECK_OK(bench_init(ctx, 6, 9, &b));
    CHECK_OK(tl_factor_compute(ctx, &b.factor, q, w));
    fill_dense(6, 9, q, w);
    invert_dense(N);
    for (int k = 0; k < N; k++)
        z[k * N + k] = 1.0;
    CHECK_OK(tl_factor_solve_half(ctx, &b.factor, N, z, x));
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double sum = 0.0;
            for (int k = 0; k < N; k++)
                sum += x[k * N + i] * x[k * N + j];
            CHECK_NEAR(sum, inverse[i * N + j], 1e-9);
        }
    bench_fini(&b);
}

TEST(threads_do_not_change_a_bit)
{
    enum { SIDE = 200, N = SIDE * SIDE }; /* large enough for threads to be used */
    static double v[3][N], x[3][2 * N], b_in[2 * N], w[N];
    double logdet[3], trace[3][2];
    const int threads[] = {1, 2, 7};
    make_weights(N, w);
    tl_rng_normals(tl_rng_make(8, 1), 0, 2 * N, b_in);
    for (int t = 0; t < 3; t++) {
        struct bench b;
        tl_ctx_set_threads(ctx, threads[t]);
        CHECK_OK(bench_init(ctx, SIDE, SIDE, &b));
        CHECK_OK(tl_factor_compute(ctx, &b.factor, tl_stencil_q_of(1.0, 9.0, 1.0), w));
        CHECK_OK(tl_factor_solve(ctx, &b.factor, 2, b_in, x[t]));
        CHECK_OK(tl_factor_inverse(ctx, &b.factor, v[t], &trace[t][0], &trace[t][1]));
        logdet[t] = b.factor.logdet;
        bench_fini(&b);
    }
    for (int t = 1; t < 3; t++) {
        CHECK(logdet[t] == logdet[0]);
        CHECK(memcmp(v[t], v[0], sizeof v[0]) == 0);
        CHECK(memcmp(x[t], x[0], sizeof x[0]) == 0);
        CHECK(memcmp(trace[t], trace[0], sizeof trace[0]) == 0);
    }
}

static tl_err plan_and_factor(struct tl_ctx *ctx)
{
    struct bench b;
    tl_err err = bench_init(ctx, 12, 9, &b);
    bench_fini(&b);
    return err;
}

TEST(every_failed_allocation_is_reported)
{
    CHECK_EVERY_ALLOC(ctx, plan_and_factor(ctx));
}
