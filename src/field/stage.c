#include "field/stage.h"

#include <math.h>

tl_err tl_stage_init(struct tl_ctx *ctx, const struct tl_field_input *input,
                     const struct tl_model_scale *scale, struct tl_laplace_prior prior,
                     int64_t coarse, int64_t pad, int64_t max_rhs, struct tl_stage *s)
{
    tl_err err = TL_OK;
    *s = (struct tl_stage){.coarse = coarse, .pad = pad};
    TL_TRY(tl_model_init(ctx, input, scale, coarse, pad, &s->model));
    TL_TRY(tl_factor_plan_create(ctx, &s->model.grid, &s->plan));
    TL_TRY(tl_factor_init(ctx, s->plan, max_rhs, &s->factor));
    TL_TRY(tl_mode_init(ctx, &s->model, &s->factor, &s->mode));
    TL_TRY(tl_laplace_init(ctx, &s->mode, prior, &s->laplace));
    tl_mode_start(&s->mode);
    s->bytes =
        s->plan->bytes + s->mode.bytes + s->laplace.bytes + s->model.n_obs * 24 +
        (s->plan->n_values + s->plan->n_work + (s->plan->n_rows + s->plan->n) * max_rhs) * 8 +
        s->model.grid.n * scale->n_cov * 8;
done:
    if (err != TL_OK)
        tl_stage_fini(s);
    return err;
}

void tl_stage_fini(struct tl_stage *s)
{
    tl_laplace_fini(&s->laplace);
    tl_mode_fini(&s->mode);
    tl_factor_fini(&s->factor);
    tl_factor_plan_free(s->plan);
    tl_model_fini(&s->model);
    *s = (struct tl_stage){0};
}

double tl_stage_value(const struct tl_stage *from, double x, double y)
{
    const struct tl_stencil_grid *g = &from->model.grid;
    x = fmin(fmax(x - 0.5, 0.0), (double)(g->n_x - 1));
    y = fmin(fmax(y - 0.5, 0.0), (double)(g->n_y - 1));
    int64_t i = (int64_t)x, j = (int64_t)y;
    int64_t right = i + 1 < g->n_x ? i + 1 : i, down = j + 1 < g->n_y ? j + 1 : j;
    double a = x - (double)i, b = y - (double)j;
    const double *u = from->mode.x;
    return (1.0 - b) * ((1.0 - a) * u[j * g->n_x + i] + a * u[j * g->n_x + right]) +
           b * ((1.0 - a) * u[down * g->n_x + i] + a * u[down * g->n_x + right]);
}

void tl_stage_warm_start(const struct tl_stage *from, struct tl_stage *to)
{
    const struct tl_stencil_grid *g = &to->model.grid;
    double scale = (double)to->coarse / (double)from->coarse;
    for (int64_t y = 0; y < g->n_y; y++)
        for (int64_t x = 0; x < g->n_x; x++)
            to->mode.x[y * g->n_x + x] =
                tl_stage_value(from, ((double)(x - to->pad) + 0.5) * scale + (double)from->pad,
                               ((double)(y - to->pad) + 0.5) * scale + (double)from->pad);
    for (int64_t j = 0; j < to->mode.k; j++)
        to->mode.x[to->mode.n + j] = from->mode.x[from->mode.n + j];
}

int64_t tl_stage_bytes(int64_t n_x, int64_t n_y, int64_t n_channels, int64_t n_covariates,
                       int64_t max_rhs)
{
    double n = (double)n_x * (double)n_y, k = 1.0 + (double)n_channels + (double)n_covariates;
    /* Numbers per cell in the factor and in its work space, fitted to what plans of 16 to 1024 cells a side need. */
    double side = log2((double)(n_x < n_y ? n_x : n_y) + 1.0);
    double values = fmax(31.0 * side - 101.0, 8.0 + 11.0 * side);
    double work = fmin(2.6 * values, 340.0);
    double rows = 4.7 + 1.0,
           arrays = 11.0 + 9.0 + 2.0 * k + (double)n_covariates + 4.0 * (double)n_channels;
    double integers = 57.0 + 8.0 * rows + 8.0;
    double bytes = n * (8.0 * (values + work + rows * (double)max_rhs + arrays) + integers);
    return (int64_t)fmin(bytes, 9e18);
}
