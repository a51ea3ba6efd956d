/**
 * Blocked variances: microseconds a cell and operations a second, and errors against the exact engine.
 *     bench_blockvar speed SIDE RANGE BLOCK LENGTH HALO COARSE DRAWS THREADS
 *     bench_blockvar error SIDE RANGE BLOCK LENGTH HALO COARSE DRAWS [SHARE SCALE]
 * BLOCK 0 takes what the plan for RANGE says, and tells operations too. Weights: SHARE of 8 x 8 blocks searched, with weights of SCALE times a log-normal of sd 2. Draws come from the exact engine.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../processor.h"
#include "core/core.h"
#include "core/rng.h"
#include "field/blockvar.h"
#include "field/factor.h"

static void make_weights(int64_t side, double share, double scale, float *w)
{
    struct tl_rng rng = tl_rng_make(7, 1);
    for (int64_t i = 0; i < side * side; i++) {
        /* Blocks of 8 x 8 that no coarser cell's edge meets; a negative share means single cells. */
        uint64_t block = (uint64_t)((i / side + 3) / 8 * side + (i % side + 5) / 8);
        bool searched = share < 0.0 ? tl_rng_uniform(rng, (uint64_t)i) < -share
                                    : tl_rng_uniform(rng, block) < share;
        w[i] = searched
                   ? (float)(scale * exp(2.0 * tl_rng_normal(tl_rng_fork(rng, 2), block) +
                                         0.5 * tl_rng_normal(tl_rng_fork(rng, 3), (uint64_t)i)))
                   : 0.0F;
    }
}

struct run {
    int64_t side;
    double range, share, scale;
    struct tl_blockvar_plan plan;
    int n_draws;
};

static tl_err exact(struct tl_ctx *ctx, const struct run *r, const float *w, double *variance,
                    float *const *draws)
{
    tl_err err = TL_OK;
    struct tl_stencil_grid grid = tl_stencil_grid_of(r->side, r->side);
    struct tl_factor_plan *plan = NULL;
    struct tl_factor f = {0};
    double *w64 = NULL, *z = NULL, trace_l, trace_l2;
    struct tl_rng rng = tl_rng_make(99, 5);
    TL_TRY_ALLOC(ctx, w64, grid.n);
    TL_TRY_ALLOC(ctx, z, grid.n);
    for (int64_t i = 0; i < grid.n; i++)
        w64[i] = (double)w[i];
    TL_TRY(tl_factor_plan_create(ctx, &grid, &plan));
    TL_TRY(tl_factor_init(ctx, plan, 1, &f));
    TL_TRY(tl_factor_compute(ctx, &f, tl_stencil_q_of(1.0, r->range, 1.0), w64));
    TL_TRY(tl_factor_inverse(ctx, &f, variance, &trace_l, &trace_l2));
    for (int k = 0; k < r->n_draws; k++) {
        for (int64_t i = 0; i < grid.n; i++)
            z[i] = tl_rng_normal(tl_rng_fork(rng, (uint64_t)k), (uint64_t)i);
        TL_TRY(tl_factor_solve_half(ctx, &f, 1, z, z));
        for (int64_t i = 0; i < grid.n; i++)
            draws[k][i] = (float)z[i];
    }
done:
    tl_factor_fini(&f);
    tl_factor_plan_free(plan);
    tl_free(w64);
    tl_free(z);
    return err;
}

static tl_err measure(struct tl_ctx *ctx, const struct run *r, bool with_exact)
{
    tl_err err = TL_OK;
    struct tl_stencil_grid grid = tl_stencil_grid_of(r->side, r->side);
    float *w = NULL, *var = NULL, *mcse = NULL, *draws[TL_BLOCKVAR_MAX_DRAWS] = {0};
    double *variance = NULL, worst = 0.0, sum = 0.0, mean = 0.0, noise = 0.0;
    TL_TRY_ALLOC(ctx, w, grid.n);
    TL_TRY_ALLOC(ctx, var, grid.n);
    TL_TRY_ALLOC(ctx, mcse, grid.n);
    TL_TRY_ALLOC(ctx, variance, grid.n);
    for (int k = 0; k < r->n_draws; k++)
        TL_TRY_ALLOC(ctx, draws[k], grid.n);
    make_weights(r->side, r->share, r->scale, w);
    if (with_exact)
        TL_TRY(exact(ctx, r, w, variance, draws));
    double start = tl_clock_s(), work = processor_s();
    TL_TRY(tl_blockvar_rows(ctx, &grid, tl_stencil_q_of(1.0, r->range, 1.0), w, NULL, &r->plan,
                            r->n_draws, (const float *const *)draws, 0, r->side, var, mcse));
    double wall = tl_clock_s() - start;
    work = processor_s() - work;
    printf("range %g share %g scale %g block %lld length %lld halo %lld coarse %lld draws %d: ",
           r->range, r->share, r->scale, (long long)r->plan.block, (long long)r->plan.length,
           (long long)r->plan.halo, (long long)r->plan.coarse, r->n_draws);
    if (!with_exact) {
        printf("%.3f us/cell wall, %.3f processor, %.1f kflop/cell, %.0f GFLOP/s\n",
               1e6 * wall / (double)grid.n, 1e6 * work / (double)grid.n,
               1e-3 * r->plan.flops_per_cell,
               1e-9 * r->plan.flops_per_cell * (double)grid.n / wall);
        goto done;
    }
    for (int64_t i = 0; i < grid.n; i++) {
        double e = sqrt((double)var[i] / variance[i]) - 1.0;
        worst = fmax(worst, fabs(e));
        sum += e * e;
        mean += e;
        noise += 0.25 * (double)mcse[i] * (double)mcse[i] / ((double)var[i] * (double)var[i]);
    }
    printf("sd error %% rms %.3f mean %.3f worst %.3f, mcse says %.3f\n",
           100.0 * sqrt(sum / (double)grid.n), 100.0 * mean / (double)grid.n, 100.0 * worst,
           100.0 * sqrt(noise / (double)grid.n));
done:
    for (int k = 0; k < r->n_draws; k++)
        tl_free(draws[k]);
    tl_free(w);
    tl_free(var);
    tl_free(mcse);
    tl_free(variance);
    return err;
}

int main(int argc, char **argv)
{
    if (argc < 9)
        return 2;
    struct tl_ctx *ctx = tl_ctx_create();
    struct run r = {.side = atol(argv[2]),
                    .range = atof(argv[3]),
                    .share = argc > 9 ? atof(argv[9]) : 0.1,
                    .scale = argc > 10 ? atof(argv[10]) : 1.0,
                    .n_draws = atoi(argv[8]),
                    .plan = {.block = atol(argv[4]),
                             .length = atol(argv[5]),
                             .halo = atol(argv[6]),
                             .coarse = atol(argv[7])}};
    if (r.plan.block == 0)
        r.plan = tl_blockvar_plan_of(r.range, 0.0, r.n_draws);
    bool error = strcmp(argv[1], "error") == 0;
    if (!error)
        tl_ctx_set_threads(ctx, argc > 9 ? atoi(argv[9]) : 1), r.share = 0.1;
    if (measure(ctx, &r, error) != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return 0;
}
