/** Test use: weights over six orders of magnitude, and the exact engine's variances and draws. */
#ifndef TL_FIELD_BVFIXTURE_H
#define TL_FIELD_BVFIXTURE_H

#include "core/rng.h"
#include "field/blockvar.h"
#include "field/factor.h"

enum { BV_MAX_CELLS = 192 * 192, BV_MAX_DRAWS = 16 };

struct bv_truth {
    struct tl_stencil_grid grid;
    struct tl_stencil_q q;
    float w[BV_MAX_CELLS], var[BV_MAX_CELLS], mcse[BV_MAX_CELLS];
    double variance[BV_MAX_CELLS];
    float draw[BV_MAX_DRAWS][BV_MAX_CELLS];
    const float *draws[BV_MAX_DRAWS];
};

__attribute__((unused)) static struct bv_truth bv_truth, bv_other;

/* `share` of blocks of 8 x 8, which no coarser cell's edge meets, with weights of `scale` times a log-normal of sd 2. */
__attribute__((unused)) static void bv_weights(struct bv_truth *t, double share, double scale)
{
    struct tl_rng rng = tl_rng_make(7, 1);
    for (int64_t i = 0; i < t->grid.n; i++) {
        uint64_t block =
            (uint64_t)((i / t->grid.n_x + 3) / 8 * t->grid.n_x + (i % t->grid.n_x + 5) / 8);
        double log_w = 2.0 * tl_rng_normal(tl_rng_fork(rng, 2), block) +
                       0.5 * tl_rng_normal(tl_rng_fork(rng, 3), (uint64_t)i);
        t->w[i] = tl_rng_uniform(rng, block) < share ? (float)(scale * exp(log_w)) : 0.0F;
    }
}

__attribute__((unused)) static void bv_grid(struct bv_truth *t, int64_t n_x, int64_t n_y,
                                            double range)
{
    t->grid = tl_stencil_grid_of(n_x, n_y);
    t->q = tl_stencil_q_of(1.0, range, 1.3);
}

__attribute__((unused)) static tl_err bv_solve(struct tl_ctx *ctx, struct bv_truth *t, int n_draws)
{
    tl_err err = TL_OK;
    struct tl_factor_plan *plan = NULL;
    struct tl_factor f = {0};
    double *w = NULL, *z = NULL, trace_l, trace_l2;
    struct tl_rng rng = tl_rng_make(99, 5);
    TL_TRY_ALLOC(ctx, w, t->grid.n);
    TL_TRY_ALLOC(ctx, z, t->grid.n);
    for (int64_t i = 0; i < t->grid.n; i++)
        w[i] = (double)t->w[i];
    TL_TRY(tl_factor_plan_create(ctx, &t->grid, &plan));
    TL_TRY(tl_factor_init(ctx, plan, 1, &f));
    TL_TRY(tl_factor_compute(ctx, &f, t->q, w));
    TL_TRY(tl_factor_inverse(ctx, &f, t->variance, &trace_l, &trace_l2));
    for (int k = 0; k < n_draws; k++) {
        for (int64_t i = 0; i < t->grid.n; i++)
            z[i] = tl_rng_normal(tl_rng_fork(rng, (uint64_t)k), (uint64_t)i);
        TL_TRY(tl_factor_solve_half(ctx, &f, 1, z, z));
        for (int64_t i = 0; i < t->grid.n; i++)
            t->draw[k][i] = (float)z[i];
        t->draws[k] = t->draw[k];
    }
done:
    tl_factor_fini(&f);
    tl_factor_plan_free(plan);
    tl_free(w);
    tl_free(z);
    return err;
}

/* Relative error of the sd: root mean square, mean and largest. */
struct bv_error {
    double rms, mean, worst;
};

__attribute__((unused)) static struct bv_error bv_error_of(const struct bv_truth *t)
{
    struct bv_error out = {0.0, 0.0, 0.0};
    for (int64_t i = 0; i < t->grid.n; i++) {
        double e = sqrt((double)t->var[i] / t->variance[i]) - 1.0;
        out.rms += e * e / (double)t->grid.n;
        out.mean += e / (double)t->grid.n;
        out.worst = fmax(out.worst, fabs(e));
    }
    out.rms = sqrt(out.rms);
    return out;
}

#endif
