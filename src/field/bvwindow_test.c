#include "unit.h"

#include "core/rng.h"
#include "field/bvwindow.h"

enum { MAX = 400, K = 2 };

struct scene {
    struct tl_bvwindow_level level;
    float w[MAX], draw[K][MAX];
    const float *draws[K];
    double x[MAX], ax[MAX], scratch[MAX];
};

static struct scene scene;

static void set(int64_t n_x, int64_t n_y, double range)
{
    struct tl_rng rng = tl_rng_make(5, 1);
    struct tl_stencil_grid grid = tl_stencil_grid_of(n_x, n_y);
    for (int64_t i = 0; i < grid.n; i++) {
        scene.w[i] = i % 3 == 0 ? (float)tl_rng_uniform(rng, (uint64_t)i) : 0.0F;
        for (int k = 0; k < K; k++)
            scene.draw[k][i] = (float)tl_rng_normal(tl_rng_fork(rng, (uint64_t)k), (uint64_t)i);
    }
    for (int k = 0; k < K; k++)
        scene.draws[k] = scene.draw[k];
    scene.level = (struct tl_bvwindow_level){.grid = grid,
                                             .last_x = 1.0,
                                             .last_y = 1.0,
                                             .q = tl_stencil_q_of(1.0, range, 0.7),
                                             .w = scene.w,
                                             .n_draws = K,
                                             .draws = scene.draws};
}

static double coef(const struct tl_bvkernel *kernel, const struct tl_bvkernel_work *work, int64_t c,
                   int which, int64_t r)
{
    return tl_bvwindow_get(kernel, work->coef,
                           ((c * TL_BVKERNEL_N + which) * work->m + r) * kernel->lanes);
}

static double at(const struct tl_bvkernel_work *work, const double *x, int64_t c, int64_t r)
{
    return c < 0 || r < 0 || c >= work->n || r >= work->m ? 0.0 : x[c * work->m + r];
}

/* Row (c, r) of the window's matrix times x. */
static double times(const struct tl_bvkernel *kernel, const struct tl_bvkernel_work *work,
                    const double *x, int64_t c, int64_t r)
{
    static const int8_t step[][3] = {{TL_BVKERNEL_DOWN, 0, 1},   {TL_BVKERNEL_DOWN2, 0, 2},
                                     {TL_BVKERNEL_NEXT, 1, 0},   {TL_BVKERNEL_NEXTD, 1, 1},
                                     {TL_BVKERNEL_NEXTU, 1, -1}, {TL_BVKERNEL_NEXT2, 2, 0}};
    double sum =
        (coef(kernel, work, c, TL_BVKERNEL_HIGH, r) + coef(kernel, work, c, TL_BVKERNEL_LOW, r)) *
        at(work, x, c, r);
    for (int i = 0; i < 6; i++) {
        int64_t dc = step[i][1], dr = step[i][2];
        if (c + dc < work->n && r + dr >= 0 && r + dr < work->m)
            sum += coef(kernel, work, c, step[i][0], r) * at(work, x, c + dc, r + dr);
        if (c >= dc && r >= dr && r - dr < work->m)
            sum += coef(kernel, work, c - dc, step[i][0], r - dr) * at(work, x, c - dc, r - dr);
    }
    return sum;
}

/*
 * With x = draw k on the whole grid: (A x) in the window = A_BB x_B - (right-hand side), so one comparison with the stencil's own product holds
 * the diagonal, the couplings, the edges of the grid and what lies outside the window. Returns the largest difference.
 */
static double difference(struct tl_ctx *ctx, const struct tl_bvkernel *kernel,
                         struct tl_bvkernel_shape shape, int64_t x0, int64_t y0)
{
    struct tl_bvkernel_work work;
    const struct tl_stencil_grid *grid = &scene.level.grid;
    void *memory = tl_alloc(ctx, tl_bvkernel_bytes(kernel, shape), 1);
    double worst = 0.0, scale = tl_bvwindow_scale(&scene.level), *x;
    tl_bvkernel_lay_out(kernel, shape, memory, &work);
    x = tl_alloc(ctx, work.n * work.m, sizeof *x);
    for (int lane = 0; lane < kernel->lanes; lane++)
        tl_bvwindow_fill(kernel, &work, lane, &scene.level, x0, y0, false);
    for (int k = 0; k < K; k++) {
        for (int64_t i = 0; i < grid->n; i++)
            scene.x[i] = (double)scene.draw[k][i];
        tl_stencil_apply(grid, scene.level.q, scene.x, scene.scratch, scene.ax);
        for (int64_t c = 0; c < work.n; c++)
            for (int64_t r = 0; r < work.m; r++) {
                int64_t gx = x0 - shape.h + c, gy = y0 - shape.h + r;
                bool in = gx >= 0 && gy >= 0 && gx < grid->n_x && gy < grid->n_y &&
                          r < shape.b + 2 * shape.h;
                x[c * work.m + r] = in ? scene.x[gy * grid->n_x + gx] : 0.0;
            }
        for (int64_t c = 0; c < work.n; c++)
            for (int64_t r = 0; r < shape.b + 2 * shape.h; r++) {
                int64_t gx = x0 - shape.h + c, gy = y0 - shape.h + r, i = gy * grid->n_x + gx;
                if (gx < 0 || gy < 0 || gx >= grid->n_x || gy >= grid->n_y)
                    continue;
                double wanted = scale * (scene.ax[i] + (double)scene.w[i] * scene.x[i]);
                double right = tl_bvwindow_get(kernel, work.rhs,
                                               ((c * work.kp + k) * work.m + r) * kernel->lanes);
                worst = fmax(worst, fabs(times(kernel, &work, x, c, r) - right - wanted));
            }
    }
    tl_free(x);
    tl_free(memory);
    return worst;
}

static const struct tl_bvkernel_shape small = {.b = 4, .s = 4, .h = 2, .k = K};

TEST(a_window_in_the_middle_holds_the_operator_and_what_is_outside)
{
    set(19, 20, 9.0);
    CHECK_NEAR(difference(ctx, tl_bvkernel_of(TL_BVKERNEL_PLAIN, true), small, 8, 7), 0.0, 1e-4);
    CHECK_NEAR(difference(ctx, tl_bvkernel_of(TL_BVKERNEL_BEST, false), small, 8, 7), 0.0, 1e-4);
}

TEST(windows_over_edges_and_corners_too)
{
    set(19, 20, 9.0);
    for (int64_t y = 0; y < 20; y += 4)
        for (int64_t x = 0; x < 19; x += 4)
            CHECK_NEAR(difference(ctx, tl_bvkernel_of(TL_BVKERNEL_PLAIN, true), small, x, y), 0.0,
                       1e-4);
}

TEST(strips_and_single_rows_and_columns_too)
{
    const int64_t size[][2] = {{1, 40}, {40, 1}, {2, 30}, {30, 3}, {1, 1}};
    for (int i = 0; i < 5; i++) {
        set(size[i][0], size[i][1], 5.0);
        for (int64_t y = 0; y < size[i][1]; y += 4)
            for (int64_t x = 0; x < size[i][0]; x += 4)
                CHECK_NEAR(difference(ctx, tl_bvkernel_of(TL_BVKERNEL_PLAIN, true), small, x, y),
                           0.0, 1e-4);
    }
}

TEST(rows_that_fill_up_tiles_belong_to_no_cell)
{
    struct tl_bvkernel_shape odd = {.b = 4, .s = 4, .h = 3, .k = K};
    set(19, 20, 9.0);
    CHECK_NEAR(difference(ctx, tl_bvkernel_of(TL_BVKERNEL_PLAIN, true), odd, 8, 8), 0.0, 1e-4);
}

TEST(both_parts_of_the_diagonal_hold_more_than_one)
{
    const struct tl_bvkernel *kernel = tl_bvkernel_of(TL_BVKERNEL_PLAIN, false);
    struct tl_bvkernel_work work;
    void *memory = tl_alloc(ctx, tl_bvkernel_bytes(kernel, small), 1);
    set(19, 20, 200.0);
    scene.level.q.a = ldexp(37.0, -12); /* a^2 is exact, a^4 is 2^-28 of what is beside it */
    memset(scene.w, 0, sizeof scene.w);
    tl_bvkernel_lay_out(kernel, small, memory, &work);
    tl_bvwindow_fill(kernel, &work, 0, &scene.level, 8, 8, false);
    double a2 = ldexp(171.0, -21), high = coef(kernel, &work, 3, TL_BVKERNEL_HIGH, 3);
    double low = coef(kernel, &work, 3, TL_BVKERNEL_LOW, 3);
    CHECK_NEAR(high + low, 20.0 + 8.0 * a2 + a2 * a2, 1e-12);
    CHECK(low != 0.0 && coef(kernel, &work, 3, TL_BVKERNEL_NEXT, 3) == -8.0 - 2.0 * a2);
    tl_free(memory);
}

TEST(inner_windows_are_those_that_no_edge_touches)
{
    set(16, 17, 9.0);
    CHECK(tl_bvwindow_is_inner(&scene.level, small, 6, 6));
    CHECK(tl_bvwindow_is_inner(&scene.level, small, 6, 7));
    CHECK(!tl_bvwindow_is_inner(&scene.level, small, 5, 6));
    CHECK(!tl_bvwindow_is_inner(&scene.level, small, 6, 8));
    CHECK(!tl_bvwindow_is_inner(&scene.level, small, 7, 6));
}

/* What a known window leaves as it is must be what another inner window would have written. */
TEST(a_known_window_is_filled_as_any_other)
{
    for (int doubles = 0; doubles < 2; doubles++) {
        const struct tl_bvkernel *kernel = tl_bvkernel_of(TL_BVKERNEL_PLAIN, doubles);
        struct tl_bvkernel_work work[2];
        size_t bytes = (size_t)tl_bvkernel_bytes(kernel, small);
        void *memory[2] = {tl_alloc(ctx, (int64_t)bytes, 1), tl_alloc(ctx, (int64_t)bytes, 1)};
        set(19, 20, 9.0);
        scene.level.draws = NULL;
        for (int i = 0; i < 2; i++) {
            tl_bvkernel_lay_out(kernel, small, memory[i], &work[i]);
            for (int lane = 0; lane < kernel->lanes; lane++)
                tl_bvwindow_fill(kernel, &work[i], lane, &scene.level, 8 - i, 7 + i, false);
        }
        for (int lane = 0; lane < kernel->lanes; lane++)
            tl_bvwindow_fill(kernel, &work[1], lane, &scene.level, 8, 7, true);
        CHECK(memcmp(memory[0], memory[1], bytes) == 0);
        tl_free(memory[0]);
        tl_free(memory[1]);
    }
}

TEST(without_draws_a_level_says_made_up_fields)
{
    struct tl_bvkernel_shape shape = small;
    const struct tl_bvkernel *kernel = tl_bvkernel_of(TL_BVKERNEL_PLAIN, true);
    struct tl_bvkernel_work work;
    shape.k = TL_BVWINDOW_MODES;
    void *memory = tl_alloc(ctx, tl_bvkernel_bytes(kernel, shape), 1);
    set(19, 20, 9.0);
    scene.level.draws = NULL;
    scene.level.n_draws = TL_BVWINDOW_MODES;
    tl_bvkernel_lay_out(kernel, shape, memory, &work);
    tl_bvwindow_fill(kernel, &work, 0, &scene.level, 8, 8, false);
    /* The first is ones: in the window's corner cell, minus the sum of its entries outside: two next, three across, two two on. */
    double a2 = scene.level.q.a * scene.level.q.a;
    double corner = tl_bvwindow_get(kernel, work.rhs, 0);
    CHECK_NEAR(corner, 2.0 * (8.0 + 2.0 * a2) - 3.0 * 2.0 - 2.0, 1e-5);
    tl_free(memory);
}
