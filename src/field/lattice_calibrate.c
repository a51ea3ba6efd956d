/*
 * Seconds of a run before it starts: the kernels are tried on a lattice of 384 x 384 cells on this machine, and multiplied by
 * how often a run calls them. Counts of iterations are those of docs/rooms/lattice.md; the estimate is good to a factor
 * of about 1.5 when the machine is as busy then as it is now.
 */
#include <math.h>

#include "field/lattice.h"
#include "field/loggain.h"
#include "field/mixture.h"
#include "par/par.h"

enum { SIDE = 384, ROWS = 64 };

struct speed {        /* seconds per cell */
    double iteration; /* and right-hand side */
    double variance, gain, row, pass;
};

/* Times a run does things, by size of theta's search: draws' solves take 8 iterations, a Newton step's 4, and so on. */
static const double per_draw = 8.0, per_newton = 4.0, n_newton = 7.0, n_correct = 4.0,
                    n_scores = 3.5, theta_s = 1.0;

static void row_chunk(void *user, int64_t first, int64_t last, int64_t chunk)
{
    double *out = user;
    const double one = 1.0;
    (void)chunk;
    for (int64_t i = first; i < last; i++) {
        struct tl_mixture m = {.n = 1, .weight = &one};
        m.mean[0] = -3.0 + 1e-5 * (double)i;
        m.sd[0] = 0.8;
        out[i] = tl_mixture_p_any(&m, 0.7) + tl_mixture_mean_exp(&m);
    }
}

/* A piece of the lattice high enough for a batch of windows on every thread. */
static tl_err try_gain(struct tl_ctx *ctx, struct tl_stencil_q q, const float *w,
                       double range_cells, double (*now_s)(void), double *per_cell)
{
    struct tl_stencil_grid part = tl_stencil_grid_of(SIDE / 2, SIDE);
    struct tl_loggain_plan plan = tl_loggain_plan_of(range_cells);
    double began = now_s(), gain;
    tl_err err = tl_loggain(ctx, &part, q, w, &plan, &gain, NULL);
    *per_cell = (now_s() - began) / (double)part.n;
    return err;
}

static tl_err try_kernels(struct tl_ctx *ctx, int batch, double range_cells, double (*now_s)(void),
                          struct speed *speed)
{
    tl_err err = TL_OK;
    struct tl_stencil_grid grid = tl_stencil_grid_of(SIDE, SIDE);
    struct tl_stencil_q q = tl_stencil_q_of(1.0, range_cells, 1.0);
    struct tl_multigrid *mg = NULL;
    struct tl_multigrid_report report = {0};
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(range_cells, 0.0, TL_LATTICE_DRAWS);
    float *w = NULL, *b[4] = {NULL}, *x[4] = {NULL}, *var = NULL;
    const float *draws[TL_LATTICE_DRAWS];
    double *rows = NULL, began;
    TL_TRY_ALLOC(ctx, w, grid.n);
    TL_TRY_ALLOC(ctx, var, 2 * ROWS * grid.n_x);
    TL_TRY_ALLOC(ctx, rows, grid.n);
    for (int j = 0; j < batch; j++) {
        TL_TRY_ALLOC(ctx, b[j], grid.n);
        TL_TRY_ALLOC(ctx, x[j], grid.n);
    }
    for (int64_t i = 0; i < grid.n; i++)
        w[i] = i / 8 % 5 < 3 ? 0.3F : 0.0F;
    TL_TRY(tl_multigrid_create(ctx, &grid, batch, TL_MULTIGRID_BEST, &mg));
    TL_TRY(tl_multigrid_set(ctx, mg, q, w));
    for (int j = 0; j < batch; j++)
        tl_multigrid_draw(ctx, mg, tl_rng_make(1, (uint64_t)j), b[j]);
    began = now_s();
    TL_TRY(tl_multigrid_solve(ctx, mg, batch, (const float *const *)b, x, 1e-6, 200, &report));
    speed->iteration = (now_s() - began) / ((double)report.iterations * batch * (double)grid.n);
    began = now_s();
    for (int j = 0; j < 4; j++)
        tl_multigrid_apply(ctx, mg, x[0], b[0], NULL);
    speed->pass = (now_s() - began) / (4.0 * (double)grid.n);
    for (int j = 0; j < TL_LATTICE_DRAWS; j++)
        draws[j] = x[j % batch];
    int64_t top = SIDE / 2 / tl_blockvar_step(&plan) * tl_blockvar_step(&plan);
    began = now_s();
    TL_TRY(tl_blockvar_rows(ctx, &grid, q, w, NULL, &plan, TL_LATTICE_DRAWS, draws, top, top + ROWS,
                            var, var + ROWS * grid.n_x));
    speed->variance = (now_s() - began) / (double)(ROWS * grid.n_x);
    TL_TRY(try_gain(ctx, q, w, range_cells, now_s, &speed->gain));
    began = now_s();
    tl_par_for(ctx, grid.n, 4096, row_chunk, rows);
    speed->row = (now_s() - began) / (double)grid.n;
    TL_TRY(tl_cancelled(ctx));
done:
    tl_multigrid_free(mg);
    tl_free(w);
    tl_free(var);
    tl_free(rows);
    for (int j = 0; j < 4; j++) {
        tl_free(b[j]);
        tl_free(x[j]);
    }
    return err;
}

static void fill_seconds(const struct tl_lattice_source *s, const struct tl_field_options *o,
                         const struct speed *v, struct tl_lattice_plan *p)
{
    double n = (double)p->n_padded, cells = (double)p->n_cells;
    double k = 1.0 + (double)s->n_covariates + (double)s->n_channels;
    double n_all = fmax((double)o->n_samples, (double)TL_LATTICE_DRAWS);
    double side = TL_LATTICE_SCORE_SIDE;
    double on_score = n > (double)TL_LATTICE_SCORE_CELLS ? side * side : n;
    /* Four scores on a window of a quarter of the cells, 512^2 at most, then one of the whole, or two; small lattices go without the window. */
    double scored =
        n < 4.0 * 65536.0 ? n_scores * n : 4.0 * fmin(0.25 * n, 262144.0) + 1.4 * on_score;
    /* A pass that assembles costs as much as about six applications of the operator. */
    double step = ((1.0 + k) * per_newton * v->iteration + 6.0 * v->pass);
    double score = 2.0 * step + (2.0 * 8.0 + 3.0) * per_draw * v->iteration;
    double seconds[TL_LATTICE_PHASES] = {
        2e-8 * cells * (double)(2 * s->n_channels + s->n_covariates),
        o->fixed_range_m > 0.0 ? 0.1 : theta_s + scored * score,
        n * (n_newton * step + k * per_draw * v->iteration + per_newton * v->iteration +
             (12.0 + k) * v->pass + v->gain),
        n * (double)TL_LATTICE_DRAWS * per_draw * v->iteration,
        cells * v->variance,
        n * (n_correct * (per_newton * 2.0 * v->iteration + 6.0 * v->pass) +
             (n_all - (double)TL_LATTICE_DRAWS) * per_draw * v->iteration) +
            cells * (v->row + (double)o->n_samples * 4.0 * v->pass)};
    p->seconds = 0.0;
    for (int i = 0; i < TL_LATTICE_PHASES; i++) {
        p->phases[i].seconds = seconds[i];
        p->seconds += seconds[i];
    }
}

tl_err tl_lattice_plan(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                       const struct tl_field_options *options, bool has_store,
                       double (*now_s)(void), struct tl_lattice_plan *plan)
{
    tl_err err = TL_OK;
    struct tl_lattice_plan made;
    struct speed speed = {0};
    struct tl_field_options o = options != NULL ? *options : tl_field_options_default();
    double range = o.fixed_range_m > 0.0 ? o.fixed_range_m / source->step_m : 16.0;
    TL_TRY(tl_lattice_plan_make(ctx, source, &o, has_store, &made));
    if (now_s != NULL) {
        TL_TRY(try_kernels(ctx, (int)made.batch, range, now_s, &speed));
        fill_seconds(source, &o, &speed, &made);
    }
    *plan = made;
done:
    return err;
}
