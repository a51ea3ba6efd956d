/*
 * The lattice engine's solver: how many iterations, how fast, how near to what memory can do.
 *
 *   solver sweep [LARGEST]    iterations to 1e-6, by size, range and where the search went
 *   solver convergence        residual after each iteration as CSV, for docs/img/lattice-convergence.svg
 *   solver speed [CELLS...]   seconds, ns a cell and iteration, bytes, one thread and two, beside this machine's triad
 *
 * Times are of a shared machine: compare those of one run.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../processor.h"
#include "core/core.h"
#include "field/multigrid.h"
#include "par/par.h"
#include "reference.h"
#include "roofline.h"

enum { N_PATTERNS = 9, MAX_ITERATIONS = 100 };

static const char *const pattern_names[N_PATTERNS] = {
    "none",         "1 cell",    "all, 1e-3..1e3",   "blocks", "5 % of cells",
    "blocks, held", "all, held", "blocks, 1e-5..10", "stripes"};

static double uniform(uint64_t at)
{
    return tl_rng_uniform(tl_rng_make(7, 7), at);
}

static double unit_of(struct tl_stencil_q q)
{
    return q.c * (q.a * q.a + 8.0 + 20.0 / (q.a * q.a));
}

static void search_blocks(struct tl_stencil_grid grid, int n_blocks, double size, double low,
                          double high, float *w)
{
    for (int k = 0; k < n_blocks; k++) {
        uint64_t at = (uint64_t)(k * 8);
        int64_t x0 = (int64_t)((double)grid.n_x * uniform(at));
        int64_t y0 = (int64_t)((double)grid.n_y * uniform(at + 1));
        int64_t x1 = x0 + 2 + (int64_t)(size * (double)grid.n_x * uniform(at + 2));
        int64_t y1 = y0 + 2 + (int64_t)(size * (double)grid.n_y * uniform(at + 3));
        float v = (float)pow(10.0, low + (high - low) * uniform(at + 4));
        for (int64_t y = y0; y < y1 && y < grid.n_y; y++)
            for (int64_t x = x0; x < x1 && x < grid.n_x; x++)
                w[y * grid.n_x + x] = v;
    }
}

/* As in multigrid_test.c; weights in units of Q's diagonal but for the last pattern but one, which is absolute. */
static void fill_weights(struct tl_stencil_grid grid, struct tl_stencil_q q, int pattern, float *w)
{
    double unit = unit_of(q), log_unit = log10(unit);
    memset(w, 0, (size_t)grid.n * sizeof *w);
    if (pattern == 1)
        w[grid.n / 2 + grid.n_x / 2] = (float)(10.0 * unit);
    if (pattern == 3)
        search_blocks(grid, 40, 0.2, log_unit - 3.0, log_unit + 3.0, w);
    if (pattern == 5)
        search_blocks(grid, 40, 0.1, log_unit + 1.0, log_unit + 3.0, w);
    if (pattern == 7)
        search_blocks(grid, 100, 0.1, -5.0, 1.0, w);
    for (int64_t i = 0; i < grid.n; i++) {
        double u = pattern == 2 || pattern == 4 || pattern == 8 ? uniform((uint64_t)i) : 0.0;
        int64_t x = i % grid.n_x, y = i / grid.n_x;
        if (pattern == 2 || (pattern == 8 && (x / 3 + y / 5) % 4 == 0 && y % 37 < 9))
            w[i] = (float)(unit * pow(10.0, -3.0 + 6.0 * u));
        if (pattern == 4 && u < 0.05)
            w[i] = (float)(unit * 2e4 * u);
        if (pattern == 6)
            w[i] = (float)(unit * 1e3);
    }
}

struct bench {
    struct tl_ctx *ctx;
    struct tl_stencil_grid grid;
    struct tl_multigrid *m;
    float *w, *b, *x;
    double processor_s; /* of the last solve */
};

static void die(struct tl_ctx *ctx)
{
    fprintf(stderr, "solver: %s\n", tl_ctx_message(ctx));
    exit(1);
}

static void bench_init(struct bench *s, struct tl_ctx *ctx, int64_t n_x, int64_t n_y)
{
    s->ctx = ctx;
    s->grid = tl_stencil_grid_of(n_x, n_y);
    s->w = tl_par_alloc(ctx, s->grid.n, sizeof *s->w);
    s->b = tl_par_alloc(ctx, s->grid.n, sizeof *s->b);
    s->x = tl_par_alloc(ctx, s->grid.n, sizeof *s->x);
    if (s->w == NULL || s->b == NULL || s->x == NULL ||
        tl_multigrid_create(ctx, &s->grid, 1, TL_MULTIGRID_BEST, &s->m) != TL_OK)
        die(ctx);
}

static void bench_fini(struct bench *s)
{
    tl_multigrid_free(s->m);
    tl_free(s->w);
    tl_free(s->b);
    tl_free(s->x);
}

/* A posterior sample's system: the right-hand side is a draw of Normal(0, A). */
static double solve(struct bench *s, struct tl_stencil_q q, int pattern,
                    struct tl_multigrid_report *report)
{
    fill_weights(s->grid, q, pattern, s->w);
    if (tl_multigrid_set(s->ctx, s->m, q, s->w) != TL_OK)
        die(s->ctx);
    tl_multigrid_draw(s->ctx, s->m, tl_rng_make(1, (uint64_t)pattern), s->b);
    memset(s->x, 0, (size_t)s->grid.n * sizeof *s->x);
    double t = tl_clock_s(), cpu = processor_s();
    tl_err err = tl_multigrid_solve(s->ctx, s->m, 1, (const float *const[]){s->b},
                                    (float *const[]){s->x}, 1e-6, MAX_ITERATIONS, report);
    if (err != TL_OK && err != TL_ENUMERIC)
        die(s->ctx);
    s->processor_s = processor_s() - cpu;
    return tl_clock_s() - t;
}

static void sweep(struct tl_ctx *ctx, int64_t largest)
{
    const int64_t sizes[][2] = {{65, 65},    {128, 128},   {257, 257},   {512, 512},
                                {1000, 999}, {1024, 1024}, {2048, 2048}, {4096, 4096},
                                {100000, 3}, {3, 20000},   {2000, 33}};
    const double ranges[] = {5, 12, 40, 150, 500};
    int most = 0, most_strip = 0;
    printf("| cells | range |");
    for (int p = 0; p < N_PATTERNS; p++)
        printf(" %s |", pattern_names[p]);
    printf("\n|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct bench s;
        bool strip = sizes[i][0] < 64 || sizes[i][1] < 64;
        if (!strip && sizes[i][0] > largest)
            continue;
        bench_init(&s, ctx, sizes[i][0], sizes[i][1]);
        for (int r = 0; r < 5; r++) {
            printf("| %lld x %lld | %g |", (long long)sizes[i][0], (long long)sizes[i][1],
                   ranges[r]);
            for (int p = 0; p < N_PATTERNS; p++) {
                struct tl_multigrid_report report;
                int *max = strip ? &most_strip : &most;
                solve(&s, tl_stencil_q_of(1.0, ranges[r], 1.0), p, &report);
                printf(" %d |", report.iterations);
                *max = report.iterations > *max ? report.iterations : *max;
            }
            printf("\n");
            fflush(stdout);
        }
        bench_fini(&s);
    }
    printf("\nmost: %d; of strips: %d\n", most, most_strip);
}

/* Residuals after 1, 2, .. iterations, each from zero: the solver tells the last one only. */
static void convergence(struct tl_ctx *ctx)
{
    enum { LAST = 22 };
    static const int64_t sizes[][2] = {{256, 256}, {1024, 1024}, {300, 40}};
    static const double ranges[] = {5, 40, 500};
    static const int patterns[] = {0, 3, 4};
    printf("n_x,n_y,range,weights,iteration,residual\n");
    for (int s = 0; s < 3; s++) {
        struct bench b;
        bench_init(&b, ctx, sizes[s][0], sizes[s][1]);
        for (int at = 0; at < 9; at++) {
            struct tl_stencil_q q = tl_stencil_q_of(1.0, ranges[at / 3], 1.0);
            struct tl_multigrid_report report = {.residual = 1.0};
            fill_weights(b.grid, q, patterns[at % 3], b.w);
            if (tl_multigrid_set(ctx, b.m, q, b.w) != TL_OK)
                die(ctx);
            tl_multigrid_draw(ctx, b.m, tl_rng_make(1, (uint64_t)at), b.b);
            for (int k = 0; k <= LAST && report.residual > 1e-7; k++) {
                memset(b.x, 0, (size_t)b.grid.n * sizeof *b.x);
                tl_err err = tl_multigrid_solve(ctx, b.m, 1, (const float *const[]){b.b},
                                                (float *const[]){b.x}, 1e-7, k, &report);
                if (err != TL_OK && err != TL_ENUMERIC)
                    die(ctx);
                printf("%lld,%lld,%g,%s,%d,%.3g\n", (long long)b.grid.n_x, (long long)b.grid.n_y,
                       ranges[at / 3], pattern_names[patterns[at % 3]], k, report.residual);
            }
        }
        bench_fini(&b);
    }
}

static void print_solve(const char *solver, int64_t n, int threads, int iterations, double wall,
                        double cpu, double bytes, double work, double triad)
{
    printf("| %s | %lld | %d | %d | %.3f | %.2f | %.2f | %.0f | %.1f | %.0f %% |\n", solver,
           (long long)n, threads, iterations, wall, wall * 1e9 / work, cpu * 1e9 / work,
           bytes / work, bytes / wall / 1e9, 100.0 * bytes / wall / triad);
    fflush(stdout);
}

/* The same systems by the plain solver: what each intermediate through memory costs, and that both are the same method. */
static void plainly(struct bench *s, int threads, double triad)
{
    struct reference_report report;
    struct tl_multigrid_report fused;
    struct tl_stencil_q q = tl_stencil_q_of(1.0, 40.0, 1.0);
    struct reference *r = reference_create(s->ctx, &s->grid);
    double wall = 1e9, cpu = 1e9, most = 0.0;
    if (r == NULL || reference_set(r, q, s->w) != TL_OK)
        die(s->ctx);
    for (int k = 0; k < (s->grid.n > 25000000 ? 1 : 3); k++) {
        double t = tl_clock_s(), c = processor_s();
        reference_solve(r, s->b, s->x, 1e-6, MAX_ITERATIONS, &report);
        wall = fmin(wall, tl_clock_s() - t);
        cpu = fmin(cpu, processor_s() - c);
    }
    /* Residuals of both after the same iterations. */
    for (int k = 1; k < report.iterations && k <= 64; k += 3) {
        memset(s->x, 0, (size_t)s->grid.n * sizeof *s->x);
        if (tl_multigrid_solve(s->ctx, s->m, 1, (const float *const[]){s->b},
                               (float *const[]){s->x}, 1e-12, k, &fused) == TL_ECANCELLED)
            die(s->ctx);
        most = fmax(most, fabs(fused.residual / report.history[k - 1] - 1.0));
    }
    double work = (double)s->grid.n * report.iterations;
    print_solve("plain", s->grid.n, threads, report.iterations, wall, cpu, (double)report.bytes,
                work, triad);
    printf("residuals of the two differ by at most %.2g of themselves\n", most);
    reference_free(r);
}

static void speed_of(struct tl_ctx *ctx, int64_t side, const double rate[3])
{
    struct bench s;
    bench_init(&s, ctx, side, side);
    for (int t = 1; t <= 2; t++) {
        struct tl_multigrid_report report;
        tl_ctx_set_threads(ctx, t);
        double best = 1e9, cpu = 1e9;
        for (int k = 0; k < (side > 5000 ? 1 : 5); k++) {
            best = fmin(best, solve(&s, tl_stencil_q_of(1.0, 40.0, 1.0), 3, &report));
            cpu = fmin(cpu, s.processor_s);
        }
        double bytes = (double)(report.bytes_read + report.bytes_written);
        print_solve("fused", s.grid.n, t, report.iterations, best, cpu, bytes,
                    (double)s.grid.n * report.iterations, rate[t]);
        plainly(&s, t, rate[t]);
    }
    bench_fini(&s);
}

static void speed(struct tl_ctx *ctx, int n, char **cells)
{
    static char *few[] = {"1e6", "4e6", "1.6e7"};
    cells = n > 0 ? cells : few;
    n = n > 0 ? n : 3;
    double rate[3];
    for (int t = 1; t <= 2; t++) {
        tl_ctx_set_threads(ctx, t);
        rate[t] = roofline_triad(ctx);
        printf("triad, %d thread%s: %.1f GB/s\n", t, t > 1 ? "s" : "", rate[t] / 1e9);
    }
    double peak = roofline_peak(), cache = roofline_second_cache(ctx);
    printf("one core: %.0f GFLOP/s of multiply-adds on registers, %.0f GB/s of triads in the "
           "second cache\n",
           peak / 1e9, cache / 1e9);
    tl_ctx_set_threads(ctx, 1);
    roofline_kernels(ctx, 2000, rate[1], peak, cache);
    printf("| solver | cells | threads | iterations | s a solve | ns a cell and iteration | "
           "processor ns | "
           "bytes of it | GB/s | of triad |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < n; i++)
        speed_of(ctx, (int64_t)sqrt(atof(cells[i])), rate);
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    if (ctx == NULL)
        return 1;
    if (argc > 1 && strcmp(argv[1], "sweep") == 0)
        sweep(ctx, argc > 2 ? (int64_t)atof(argv[2]) : 1024);
    else if (argc > 1 && strcmp(argv[1], "convergence") == 0)
        convergence(ctx);
    else if (argc > 1 && strcmp(argv[1], "speed") == 0)
        speed(ctx, argc - 2, argv + 2);
    else
        fprintf(stderr,
                "usage: solver sweep [LARGEST] | solver convergence | solver speed [CELLS...]\n");
    tl_ctx_free(ctx);
    return 0;
}
