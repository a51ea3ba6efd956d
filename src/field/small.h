/** Test use: a 7 x 6 model with two channels and a covariate, and everything a Laplace approximation needs around it. */
#ifndef TL_FIELD_SMALL_H
#define TL_FIELD_SMALL_H

#include "core/rng.h"
#include "field/laplace.h"

enum { N_X = 7, N_Y = 6, N = N_X * N_Y, FIXED = 4, ALL = N + FIXED };

static double counts[2][N], effort[2][N], cov[N];

__attribute__((unused)) static struct tl_field_input make_input(struct tl_field_channel ch[2],
                                                                struct tl_field_covariate *x)
{
    struct tl_rng rng = tl_rng_make(17, 1);
    for (int i = 0; i < N; i++) {
        cov[i] = 3.0 + 2.0 * tl_rng_normal(rng, (uint64_t)i);
        for (int c = 0; c < 2; c++) {
            uint64_t at = (uint64_t)(i + 1000 * (c + 1));
            effort[c][i] = tl_rng_uniform(rng, at) < 0.6 ? 4.0 : 0.0;
            counts[c][i] = (double)tl_rng_poisson(rng, at + 5000,
                                                  effort[c][i] * exp(-1.0 + 0.4 * (cov[i] - 3.0)));
        }
    }
    for (int c = 0; c < 2; c++)
        ch[c] = (struct tl_field_channel){.name = "ch",
                                          .counts = counts[c],
                                          .effort = effort[c],
                                          .effect_sd = c == 0 ? 0.3 : 1.5};
    *x =
        (struct tl_field_covariate){.name = "x", .values = cov, .prior_mean = 0.1, .prior_sd = 0.5};
    return (struct tl_field_input){.n_x = N_X,
                                   .n_y = N_Y,
                                   .step_m = 2.0,
                                   .n_channels = 2,
                                   .channels = ch,
                                   .n_covariates = 1,
                                   .covariates = x};
}

struct set {
    struct tl_model_scale scale;
    struct tl_model model;
    struct tl_factor_plan *plan;
    struct tl_factor factor;
    struct tl_mode mode;
    struct tl_laplace laplace;
};

__attribute__((unused)) static tl_err set_init(struct tl_ctx *ctx, struct set *s)
{
    tl_err err = TL_OK;
    struct tl_field_channel ch[2];
    struct tl_field_covariate x;
    struct tl_field_input in = make_input(ch, &x);
    struct tl_field_options o = {0};
    *s = (struct set){0};
    TL_TRY(tl_model_check(ctx, &in, &o));
    TL_TRY(tl_model_scale_init(ctx, &in, &o, &s->scale));
    TL_TRY(tl_model_init(ctx, &in, &s->scale, 1, 0, &s->model));
    TL_TRY(tl_factor_plan_create(ctx, &s->model.grid, &s->plan));
    TL_TRY(tl_factor_init(ctx, s->plan, 4, &s->factor));
    TL_TRY(tl_mode_init(ctx, &s->model, &s->factor, &s->mode));
    TL_TRY(tl_laplace_init(ctx, &s->mode, (struct tl_laplace_prior){9.0, 1.2}, &s->laplace));
    tl_mode_start(&s->mode);
done:
    return err;
}

__attribute__((unused)) static void set_fini(struct set *s)
{
    tl_laplace_fini(&s->laplace);
    tl_mode_fini(&s->mode);
    tl_factor_fini(&s->factor);
    tl_factor_plan_free(s->plan);
    tl_model_fini(&s->model);
    tl_model_scale_fini(&s->scale);
}

#endif
