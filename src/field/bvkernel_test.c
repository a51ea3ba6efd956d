#include "unit.h"

#include "core/rng.h"
#include "field/bvkernel.h"

enum {
    B = 6,
    S = 4,
    H = 3,
    K = 3,
    ROWS = B + 2 * H,
    M = 12,
    N = S + 2 * H,
    ALL = N * M,
    LANES = 16
};

static const struct tl_bvkernel_shape shape = {.b = B, .s = S, .h = H, .k = K};

static void put(const struct tl_bvkernel *kernel, void *array, int64_t i, int lane, double value)
{
    if (kernel->real == sizeof(float))
        ((float *)array)[i * kernel->lanes + lane] = (float)value;
    else
        ((double *)array)[i * kernel->lanes + lane] = value;
}

static double get(const struct tl_bvkernel *kernel, const void *array, int64_t i, int lane)
{
    int64_t at = i * kernel->lanes + lane;
    return kernel->real == sizeof(float) ? (double)((const float *)array)[at]
                                         : ((const double *)array)[at];
}

/* A number in -1/2 .. 1/2 that single precision holds. */
static double number(int lane, int64_t i)
{
    double u = tl_rng_uniform(tl_rng_make(3, (uint64_t)lane), (uint64_t)i) - 0.5;
    return (double)(float)u;
}

/* Coefficient `which` of cell (column, row), different in every lane; positive definite by its diagonal. */
static double coefficient(int lane, int64_t column, int which, int64_t row)
{
    if (which == TL_BVKERNEL_HIGH)
        return 8.0 + number(lane, (column * TL_BVKERNEL_N + which) * M + row);
    if (which == TL_BVKERNEL_LOW)
        return 1e-3 * number(lane, (column * TL_BVKERNEL_N + which) * M + row);
    return 2.0 * number(lane, (column * TL_BVKERNEL_N + which) * M + row);
}

static double rhs(int lane, int64_t column, int64_t k, int64_t row)
{
    return number(lane, 100000 + (column * K + k) * M + row);
}

static void fill(const struct tl_bvkernel *kernel, struct tl_bvkernel_work *work, int lane)
{
    for (int64_t c = 0; c < N; c++) {
        for (int which = 0; which < TL_BVKERNEL_N; which++)
            for (int64_t r = 0; r < M; r++)
                put(kernel, work->coef, (c * TL_BVKERNEL_N + which) * M + r, lane,
                    coefficient(lane, c, which, r));
        for (int64_t k = 0; k < K; k++)
            for (int64_t r = 0; r < M; r++)
                put(kernel, work->rhs, (c * work->kp + k) * M + r, lane, rhs(lane, c, k, r));
    }
}

static void couple(double *a, int64_t i, int64_t column, int64_t row, double value)
{
    if (column < 0 || column >= N || row < 0 || row >= M)
        return;
    a[i * ALL + column * M + row] = a[(column * M + row) * ALL + i] = value;
}

static void dense(int lane, double *a)
{
    memset(a, 0, (size_t)ALL * ALL * sizeof *a);
    for (int64_t c = 0; c < N; c++)
        for (int64_t r = 0; r < M; r++) {
            int64_t i = c * M + r;
            a[i * ALL + i] = coefficient(lane, c, TL_BVKERNEL_HIGH, r) +
                             coefficient(lane, c, TL_BVKERNEL_LOW, r);
            couple(a, i, c, r + 1, coefficient(lane, c, TL_BVKERNEL_DOWN, r));
            couple(a, i, c, r + 2, coefficient(lane, c, TL_BVKERNEL_DOWN2, r));
            couple(a, i, c + 1, r, coefficient(lane, c, TL_BVKERNEL_NEXT, r));
            couple(a, i, c + 1, r + 1, coefficient(lane, c, TL_BVKERNEL_NEXTD, r));
            couple(a, i, c + 1, r - 1, coefficient(lane, c, TL_BVKERNEL_NEXTU, r));
            couple(a, i, c + 2, r, coefficient(lane, c, TL_BVKERNEL_NEXT2, r));
        }
}

/* Gauss-Jordan without pivoting: fine for a positive definite matrix of this size. */
static void invert(double *a)
{
    for (int64_t p = 0; p < ALL; p++) {
        double d = 1.0 / a[p * ALL + p];
        a[p * ALL + p] = 1.0;
        for (int64_t j = 0; j < ALL; j++)
            a[p * ALL + j] *= d;
        for (int64_t i = 0; i < ALL; i++) {
            double f = a[i * ALL + p];
            if (i == p)
                continue;
            a[i * ALL + p] = 0.0;
            for (int64_t j = 0; j < ALL; j++)
                a[i * ALL + j] -= f * a[p * ALL + j];
        }
    }
}

/* Largest relative difference of a lane's answers from those of dense algebra. */
static double difference(const struct tl_bvkernel *kernel, const struct tl_bvkernel_work *work,
                         int lane)
{
    static double inverse[ALL * ALL];
    double worst = 0.0;
    dense(lane, inverse);
    invert(inverse);
    for (int64_t c = 0; c < S; c++)
        for (int64_t r = 0; r < B; r++) {
            int64_t i = (H + c) * M + H + r, at = c * B + r;
            double square = 0.0, fourth = 0.0, var = inverse[i * ALL + i];
            for (int64_t k = 0; k < K; k++) {
                double mean = 0.0;
                for (int64_t j = 0; j < ALL; j++)
                    mean += inverse[i * ALL + j] * rhs(lane, j / M, k, j % M);
                square += mean * mean;
                fourth += mean * mean * mean * mean;
            }
            worst = fmax(worst, fabs(get(kernel, work->var, at, lane) / var - 1.0));
            worst =
                fmax(worst, fabs(get(kernel, work->square, at, lane) - square) / (square + var));
            worst = fmax(worst,
                         fabs(get(kernel, work->fourth, at, lane) - fourth) / (fourth + var * var));
        }
    return worst;
}

static void *prepare(struct tl_ctx *ctx, const struct tl_bvkernel *kernel,
                     struct tl_bvkernel_work *work)
{
    void *memory = tl_alloc(ctx, tl_bvkernel_bytes(kernel, shape), 1);
    if (memory == NULL)
        return NULL;
    tl_bvkernel_lay_out(kernel, shape, memory, work);
    for (int lane = 0; lane < kernel->lanes; lane++)
        fill(kernel, work, lane);
    return memory;
}

TEST(every_kernel_agrees_with_dense_algebra_in_every_lane)
{
    for (int isa = TL_BVKERNEL_BEST; isa <= TL_BVKERNEL_AVX512; isa++)
        for (int doubles = 0; doubles < 2; doubles++) {
            const struct tl_bvkernel *kernel = tl_bvkernel_of((enum tl_bvkernel_isa)isa, doubles);
            struct tl_bvkernel_work work;
            if (kernel == NULL) /* this machine lacks it */
                continue;
            void *memory = prepare(ctx, kernel, &work);
            CHECK(memory != NULL);
            CHECK(work.m == M && work.n == N && kernel->lanes <= LANES);
            kernel->run(&work);
            for (int lane = 0; lane < kernel->lanes; lane++) {
                CHECK_NEAR(difference(kernel, &work, lane), 0.0, doubles ? 1e-12 : 2e-5);
                CHECK(get(kernel, work.least, 0, lane) > 0.0);
            }
            tl_free(memory);
        }
}

/* Columns as a batch has them in memory, one at a time. */
struct stored {
    const struct tl_bvkernel *kernel;
    const struct tl_bvkernel_work *work;
};

static void next_column(void *user, int64_t column, void *coef)
{
    const struct stored *s = user;
    size_t bytes = TL_BVKERNEL_N * M * (size_t)s->kernel->lanes * s->kernel->real;
    memcpy(coef, (const char *)s->work->coef + (size_t)column * bytes, bytes);
}

static double dense_logdet(int lane)
{
    static double a[ALL * ALL];
    double sum = 0.0;
    dense(lane, a);
    for (int64_t p = 0; p < ALL; p++) {
        sum += log(a[p * ALL + p]);
        for (int64_t i = p + 1; i < ALL; i++) {
            double f = a[i * ALL + p] / a[p * ALL + p];
            for (int64_t j = p; j < ALL && f != 0.0; j++)
                a[i * ALL + j] -= f * a[p * ALL + j];
        }
    }
    return sum;
}

TEST(log_determinants_agree_with_dense_algebra_in_every_lane)
{
    for (int isa = TL_BVKERNEL_BEST; isa <= TL_BVKERNEL_AVX512; isa++)
        for (int doubles = 0; doubles < 2; doubles++) {
            const struct tl_bvkernel *kernel = tl_bvkernel_of((enum tl_bvkernel_isa)isa, doubles);
            struct tl_bvkernel_work work;
            double logdet[LANES], least[LANES];
            if (kernel == NULL)
                continue;
            void *memory = prepare(ctx, kernel, &work);
            void *room = tl_alloc(ctx, tl_bvkernel_columns_bytes(kernel, M), 1);
            CHECK(memory != NULL && room != NULL);
            struct stored stored = {kernel, &work};
            struct tl_bvkernel_columns columns = {.m = M,
                                                  .n = N,
                                                  .memory = room,
                                                  .user = &stored,
                                                  .fill = next_column,
                                                  .logdet = logdet,
                                                  .least = least};
            kernel->logdet(&columns);
            for (int lane = 0; lane < kernel->lanes; lane++) {
                CHECK_NEAR(logdet[lane], dense_logdet(lane), doubles ? 1e-10 : 1e-4);
                CHECK(least[lane] > 0.0 && least[lane] <= 1.0);
            }
            put(kernel, work.coef, (4 * TL_BVKERNEL_N + TL_BVKERNEL_HIGH) * M + 5, 1, -3.0);
            kernel->logdet(&columns);
            CHECK(!(least[1] > 0.0) && least[0] > 0.0);
            CHECK_NEAR(logdet[0], dense_logdet(0), doubles ? 1e-10 : 1e-4);
            tl_free(memory);
            tl_free(room);
        }
}

TEST(avx2_and_avx512_give_the_same_bits)
{
    const struct tl_bvkernel *a = tl_bvkernel_of(TL_BVKERNEL_AVX2, false);
    const struct tl_bvkernel *b = tl_bvkernel_of(TL_BVKERNEL_AVX512, false);
    struct tl_bvkernel_work work_a, work_b;
    if (a == NULL || b == NULL)
        SKIP("this machine has no AVX-512");
    void *memory_a = prepare(ctx, a, &work_a), *memory_b = prepare(ctx, b, &work_b);
    CHECK(memory_a != NULL && memory_b != NULL);
    a->run(&work_a);
    b->run(&work_b);
    for (int lane = 0; lane < a->lanes; lane++)
        for (int64_t i = 0; i < S * B; i++) {
            CHECK(get(a, work_a.var, i, lane) == get(b, work_b.var, i, lane));
            CHECK(get(a, work_a.square, i, lane) == get(b, work_b.square, i, lane));
        }
    tl_free(memory_a);
    tl_free(memory_b);
}

TEST(a_window_that_is_not_positive_definite_is_told_and_leaves_the_others_alone)
{
    const struct tl_bvkernel *kernel = tl_bvkernel_of(TL_BVKERNEL_BEST, false);
    struct tl_bvkernel_work work;
    void *memory = prepare(ctx, kernel, &work);
    CHECK(memory != NULL);
    put(kernel, work.coef, (4 * TL_BVKERNEL_N + TL_BVKERNEL_HIGH) * M + 5, 1, -3.0);
    kernel->run(&work);
    CHECK(!(get(kernel, work.least, 0, 1) > 0.0));
    put(kernel, work.coef, (4 * TL_BVKERNEL_N + TL_BVKERNEL_HIGH) * M + 5, 1, (double)NAN);
    kernel->run(&work);
    CHECK(!(get(kernel, work.least, 0, 1) > 0.0));
    for (int lane = 0; lane < kernel->lanes; lane++)
        if (lane != 1) {
            CHECK(get(kernel, work.least, 0, lane) > 0.0);
            CHECK_NEAR(difference(kernel, &work, lane), 0.0, 2e-5);
        }
    tl_free(memory);
}

TEST(arrays_lie_apart_and_within_the_bytes_asked_for)
{
    const struct tl_bvkernel *kernel = tl_bvkernel_of(TL_BVKERNEL_PLAIN, true);
    struct tl_bvkernel_work work;
    char *memory = tl_alloc(ctx, tl_bvkernel_bytes(kernel, shape), 1);
    int64_t vector = kernel->lanes * (int64_t)kernel->real;
    CHECK(memory != NULL);
    tl_bvkernel_lay_out(kernel, shape, memory, &work);
    CHECK((char *)work.rhs - (char *)work.coef == N * TL_BVKERNEL_N * M * vector);
    CHECK((char *)work.least + vector == memory + tl_bvkernel_bytes(kernel, shape));
    tl_bvkernel_lay_out(kernel, (struct tl_bvkernel_shape){B, S, H, 0}, memory, &work);
    CHECK(work.rhs == NULL && work.square == NULL && work.kp == 0);
    tl_free(memory);
}

/* 4 m^3 a step, 8/3 m^3 a pair; draws and rows wanted add to it. */
TEST(flops_grow_as_the_cube_of_the_rows)
{
    double a = tl_bvkernel_flops((struct tl_bvkernel_shape){16, 64, 16, 0});
    double b = tl_bvkernel_flops((struct tl_bvkernel_shape){32, 128, 32, 0});
    CHECK_NEAR(b / a, 16.0, 1e-9);
    CHECK_NEAR(a,
               2.0 * 80 * 4 * 48.0 * 48 * 48 + 32 * (8.0 * 48 * 48 * 48 + 8.0 * 16 * 16 * 16) / 3,
               1e-6 * a);
    CHECK(tl_bvkernel_flops((struct tl_bvkernel_shape){16, 64, 16, 12}) > 1.1 * a);
}
