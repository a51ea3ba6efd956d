/** Test use: a simulated area, for the tests of this room that need a whole fit or a whole model. */
#ifndef TL_FIELD_FIXTURE_H
#define TL_FIELD_FIXTURE_H

#include "core/rng.h"
#include "tilth/field.h"

enum { MAX_SIDE = 64, MAX_CELLS = MAX_SIDE * MAX_SIDE };

/* A simulated area: eta = -1.5 + 0.5 z + u, 60 % of 4 x 4 blocks searched with p 0.8, cells of 1 m. */
struct area {
    int64_t n_x, n_y;
    double counts[MAX_CELLS], effort[MAX_CELLS], z[MAX_CELLS], eta[MAX_CELLS];
    struct tl_field_channel channel;
    struct tl_field_covariate covariate;
    struct tl_field_input input;
};

__attribute__((unused)) static struct area world;

static void point_input(struct area *a)
{
    a->channel =
        (struct tl_field_channel){.name = "search", .counts = a->counts, .effort = a->effort};
    a->covariate = (struct tl_field_covariate){.name = "z", .values = a->z};
    a->input = (struct tl_field_input){.n_x = a->n_x,
                                       .n_y = a->n_y,
                                       .step_m = 1.0,
                                       .n_channels = 1,
                                       .channels = &a->channel,
                                       .n_covariates = 1,
                                       .covariates = &a->covariate};
}

__attribute__((unused)) static tl_err simulate(struct tl_ctx *ctx, int64_t n_x, int64_t n_y,
                                               double intercept, uint64_t seed, struct area *a)
{
    tl_err err = TL_OK;
    struct tl_rng rng = tl_rng_make(seed, 99);
    a->n_x = n_x;
    a->n_y = n_y;
    TL_TRY(tl_field_draw_prior(ctx, n_x, n_y, 1.0, 20.0, 1.0, seed + 1000, a->z));
    TL_TRY(tl_field_draw_prior(ctx, n_x, n_y, 1.0, 8.0, 1.0, seed, a->eta));
    for (int64_t i = 0; i < n_x * n_y; i++) {
        int64_t block = i / n_x / 4 * n_x + i % n_x / 4;
        a->eta[i] += intercept + 0.5 * a->z[i];
        a->effort[i] = tl_rng_uniform(rng, (uint64_t)block) < 0.6 ? 0.8 : 0.0;
        a->counts[i] =
            (double)tl_rng_poisson(tl_rng_fork(rng, 1), (uint64_t)i, a->effort[i] * exp(a->eta[i]));
    }
    point_input(a);
done:
    return err;
}

/* Writes into `b` the area `a` turned: mirrored east-west, or rows and columns swapped; b->eta says which cell came there. */
__attribute__((unused)) static void turn(const struct area *a, bool swap, struct area *b)
{
    b->n_x = swap ? a->n_y : a->n_x;
    b->n_y = swap ? a->n_x : a->n_y;
    for (int64_t i = 0; i < a->n_x * a->n_y; i++) {
        int64_t x = i % a->n_x, y = i / a->n_x;
        int64_t to = swap ? x * a->n_y + y : y * a->n_x + a->n_x - 1 - x;
        b->counts[to] = a->counts[i];
        b->effort[to] = a->effort[i];
        b->z[to] = a->z[i];
        b->eta[to] = (double)i;
    }
    point_input(b);
}

__attribute__((unused)) static struct tl_field_options held(double range, double sigma)
{
    struct tl_field_options o = tl_field_options_default();
    o.fixed_range_m = range;
    o.fixed_sigma = sigma;
    return o;
}

__attribute__((unused)) static double rmse(const struct area *a, const double *mean)
{
    double sum = 0.0;
    int64_t n = a->n_x * a->n_y;
    for (int64_t i = 0; i < n; i++)
        sum += (mean[i] - a->eta[i]) * (mean[i] - a->eta[i]);
    return sqrt(sum / (double)n);
}

__attribute__((unused)) static tl_err fit_two_channels(struct tl_ctx *ctx, bool estimate,
                                                       struct tl_field_result *r)
{
    static const double counts[2][20] = {{0, 1, 0, 2, 0, 0, 3, 1},
                                         {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2}};
    static const double effort[2][20] = {{5, 5, 5, 5, 5, 0, 5, 5},
                                         {1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2}};
    static const double x[20] = {1, 2, 3, 4, 5, 6, 5, 4, NAN, 2, 1, 0, 1, 3, 5, 7, 2, 2, 2, 2};
    static const uint8_t inside[20] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
    struct tl_field_channel ch[2] = {{"search", counts[0], effort[0], 0.0},
                                     {"accident", counts[1], effort[1], 1.5}};
    struct tl_field_covariate cov = {"road", x, 0.2, 1.0};
    struct tl_field_input in = {.n_x = 5,
                                .n_y = 4,
                                .step_m = 3.0,
                                .inside = inside,
                                .n_channels = 2,
                                .channels = ch,
                                .n_covariates = 1,
                                .covariates = &cov};
    struct tl_field_options o = estimate ? tl_field_options_default() : held(9.0, 1.0);
    o.n_samples = 3;
    o.pad_m = 3.0;
    return tl_field_fit(ctx, &in, &o, r);
}

#endif
