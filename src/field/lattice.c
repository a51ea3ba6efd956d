/*
 * A run of the lattice engine, phase after phase: data; range and sigma on coarse lattices, then on the whole one; the
 * posterior at theta (or, on small grids, at each point of theta's design); rows out. See docs/rooms/lattice.md.
 */
#include "tilth/lattice.h"

#include <math.h>
#include <string.h>

#include "field/blas.h"
#include "field/lattice.h"
#include "par/par.h"

static void run_fini(struct tl_lattice_run *run)
{
    for (int64_t k = 0; run->nodes != NULL && k < run->n_nodes; k++)
        tl_lattice_node_fini(run, &run->nodes[k]);
    tl_free(run->nodes);
    tl_free(run->node_of);
    for (int64_t c = 0; run->shares != NULL && c + 1 < run->data.n_channels; c++)
        tl_free(run->shares[c]);
    tl_free(run->shares);
    tl_lattice_mode_fini(&run->mode);
    tl_lattice_theta_fini(&run->theta);
    tl_lattice_data_fini(&run->data);
}

enum { FEW_POINTS = 5 };

/* A quadrature rule for a Gaussian theta in two dimensions (degree 3). */
static void few_points(const struct tl_lattice_run *run, struct tl_lattice_node *nodes)
{
    const double *c = run->theta.covariance, *t = run->theta.theta.best.t;
    double l00 = sqrt(c[0]), l10 = c[1] / l00, l11 = sqrt(fmax(c[2] - l10 * l10, 0.0));
    for (int k = 0; k < FEW_POINTS; k++) {
        double z0 = k == 1 ? 1.0 : k == 2 ? -1.0 : 0.0, z1 = k == 3 ? 1.0 : k == 4 ? -1.0 : 0.0;
        nodes[k].weight = k == 0 ? 1.0 / 3.0 : 1.0 / 6.0;
        nodes[k].t[0] = t[0] + sqrt(3.0) * l00 * z0;
        nodes[k].t[1] = t[1] + sqrt(3.0) * (l10 * z0 + l11 * z1);
        for (int j = 0; j < 2; j++)
            nodes[k].t[j] =
                fmin(fmax(nodes[k].t[j], run->theta.limits.low[j]), run->theta.limits.high[j]);
    }
}

static int64_t count_nodes(struct tl_ctx *ctx, const struct tl_lattice_run *run)
{
    const double *c = run->theta.covariance;
    if (run->theta.design.n > 0)
        return run->theta.design.n;
    bool wide = fmax(c[0], c[2]) > TL_LATTICE_WIDE_SD * TL_LATTICE_WIDE_SD;
    bool few_cells = run->data.n_x * run->data.n_y <= TL_LATTICE_POINTS_CELLS;
    if (wide && few_cells && run->plan.on_disk)
        tl_warn(ctx,
                "range and sigma are poorly known (sd of their logarithms up to %.2g), and memory "
                "is short: their doubt enters to first order only",
                sqrt(fmax(c[0], c[2])));
    return wide && few_cells && !run->plan.on_disk ? FEW_POINTS : 1;
}

/* theta is one point, or the points of the exact engine's design. */
static tl_err make_nodes(struct tl_ctx *ctx, struct tl_lattice_run *run)
{
    tl_err err = TL_OK;
    const struct tl_theta_design *design = &run->theta.design;
    struct tl_rng which = tl_rng_make(run->options.seed, 0x6c6e);
    int64_t n = count_nodes(ctx, run);
    TL_TRY_ALLOC(ctx, run->nodes, n);
    run->n_nodes = n;
    if (design->n == 0 && n > 1)
        few_points(run, run->nodes);
    for (int64_t k = 0; k < n && (design->n > 0 || n == 1); k++) {
        const double *t = design->n > 0 ? design->nodes[k].point.t : run->theta.theta.best.t;
        run->nodes[k].weight = design->n > 0 ? design->nodes[k].weight : 1.0;
        memcpy(run->nodes[k].t, t, sizeof run->nodes[k].t);
    }
    TL_TRY_ALLOC(ctx, run->node_of, run->options.n_samples);
    for (int64_t s = 0; s < run->options.n_samples; s++) {
        double u = tl_rng_uniform(which, (uint64_t)s), sum = run->nodes[0].weight;
        int16_t node = 0;
        while (node + 1 < run->n_nodes && u > sum)
            sum += run->nodes[++node].weight;
        run->node_of[s] = node;
    }
done:
    return err;
}

static tl_err make_arrays(struct tl_ctx *ctx, struct tl_lattice_run *run)
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *d = &run->data;
    TL_TRY_ALLOC(ctx, run->shares, d->n_channels);
    for (int64_t c = 0; c + 1 < d->n_channels; c++)
        TL_TRY_ALLOC(ctx, run->shares[c], d->n_x * d->n_y);
done:
    return err;
}

static void say_range(struct tl_ctx *ctx, const struct tl_lattice_run *run)
{
    const struct tl_lattice_data *d = &run->data;
    double range = exp(run->theta.theta.best.t[0]), step = d->step_m;
    double longer = step * (double)(d->n_x > d->n_y ? d->n_x : d->n_y);
    if (range < step)
        tl_warn(ctx,
                "the field's range, %.3g m, is shorter than a cell of %.3g m: cells are as good as "
                "independent; smaller cells would show more",
                range, step);
    else if (range > longer)
        tl_warn(ctx,
                "the field's range, %.3g m, is longer than the grid's side of %.3g m: it hardly "
                "differs from a constant here",
                range, longer);
}

/* The estimates on coarse lattices, on one thread, and what names this run in the store, on another. */
struct aside {
    struct tl_ctx *ctx;
    struct tl_lattice_run *run;
    tl_err err;
};

static void coarse_here(void *user)
{
    struct aside *a = user;
    struct tl_lattice_theta coarse;
    a->err = tl_lattice_theta_coarse(a->ctx, &a->run->data, &a->run->options, &coarse);
    if (a->err == TL_OK)
        a->run->theta = coarse;
}

static void hash_aside(void *user)
{
    tl_lattice_state_hash(((struct aside *)user)->run);
}

static tl_err estimate_coarse(struct tl_ctx *ctx, struct tl_lattice_run *run)
{
    struct aside a = {ctx, run, TL_OK};
    if (run->hash[0] == '\0')
        tl_par_two(ctx, coarse_here, hash_aside, &a);
    else
        coarse_here(&a);
    return a.err;
}

/* theta and the mode's start, from the store or anew. */
static tl_err settle_theta(struct tl_ctx *ctx, struct tl_lattice_run *run)
{
    tl_err err = TL_OK;
    bool found = false;
    TL_TRY(tl_lattice_state_get_theta(ctx, run, &found));
    if (!found) {
        TL_TRY(estimate_coarse(ctx, run));
        /* A design's weights belong to the margin that it was made with. */
        tl_lattice_data_set_pad(
            &run->data,
            tl_lattice_theta_is_whole(&run->theta)
                ? run->theta.stage.pad
                : tl_lattice_theta_pad(&run->data, &run->options, exp(run->theta.theta.best.t[0])));
    } else {
        tl_lattice_theta_priors(&run->data, &run->options, &run->theta);
    }
    bool search = !found && !run->theta.fixed && !tl_lattice_theta_is_whole(&run->theta);
    bool by_window = run->data.n_x * run->data.n_y > TL_LATTICE_SCORE_CELLS;
    if (search)
        TL_TRY(tl_lattice_theta_prepare(ctx, &run->data, (int)run->plan.batch, run->options.seed,
                                        &run->theta));
    if (search && by_window) {
        TL_TRY(tl_lattice_theta_finish_window(ctx, &run->data, (int)run->plan.batch,
                                              run->options.seed, &run->theta));
        tl_lattice_data_set_pad(&run->data, tl_lattice_theta_pad(&run->data, &run->options,
                                                                 exp(run->theta.theta.best.t[0])));
    }
    say_range(ctx, run);
    TL_TRY(tl_lattice_mode_init(ctx, &run->data, (int)run->plan.batch, &run->mode));
    if (run->plan.solve_max > 0)
        run->mode.solve_max = (int)run->plan.solve_max;
    if (found) {
        TL_TRY(tl_lattice_state_get_start(ctx, run));
        goto done;
    }
    tl_lattice_theta_start(ctx, &run->theta, &run->mode);
    TL_TRY(tl_cancelled(ctx));
    tl_stage_fini(&run->theta.stage);
    if (search && !by_window)
        TL_TRY(tl_lattice_theta_finish(ctx, &run->mode, run->options.seed, &run->theta));
    /* Memory for one point only. */
    if (run->plan.on_disk && !tl_lattice_theta_is_whole(&run->theta))
        tl_theta_design_fini(&run->theta.design);
    if (run->theta.design.n == 0)
        TL_TRY(tl_lattice_state_put_theta(ctx, run));
done:
    return err;
}

static tl_err run_all(struct tl_ctx *ctx, struct tl_lattice_run *run,
                      struct tl_lattice_summary *summary)
{
    tl_err err = TL_OK;
    TL_TRY(tl_lattice_data_read(ctx, run->source, &run->options, &run->data));
    TL_TRY(settle_theta(ctx, run));
    TL_TRY(make_nodes(ctx, run));
    TL_TRY(make_arrays(ctx, run));
    for (int64_t k = 0; k < run->n_nodes; k++)
        TL_TRY(tl_lattice_node_fill(ctx, run, k));
    tl_lattice_mode_close(&run->mode);
    TL_TRY(tl_lattice_rows_write(ctx, run, summary));
    tl_lattice_evidence(run, &summary->log_marginal_likelihood,
                        &summary->log_marginal_likelihood_error);
    summary->n_theta = run->n_nodes;
    summary->n_newton = run->theta.n_newton + run->mode.n_newton;
    summary->n_iterations = run->mode.n_iterations;
    summary->n_draws = TL_LATTICE_DRAWS * run->n_nodes;
    summary->pad_cells = run->data.pad;
    summary->memory_bytes = run->plan.memory_bytes;
    summary->bytes_moved = run->mode.bytes_moved;
    summary->resumed = run->resumed;
    tl_lattice_state_drop(run);
done:
    return err;
}

tl_err tl_lattice_fit_planned(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                              const struct tl_field_options *options,
                              const struct tl_lattice_sink *sink,
                              const struct tl_lattice_store *store,
                              const struct tl_lattice_plan *plan,
                              struct tl_lattice_summary *summary)
{
    tl_err err = TL_OK;
    struct tl_lattice_run *run = NULL;
    struct tl_lattice_summary made = {0};
    int blas = tl_blas_one_thread();
    TL_TRY_ALLOC(ctx, run, 1);
    run->source = source;
    run->sink = sink;
    run->store = store;
    run->options = *options;
    run->plan = *plan;
    TL_TRY(run_all(ctx, run, &made));
    *summary = made;
    made = (struct tl_lattice_summary){0};
done:
    if (run != NULL)
        run_fini(run);
    tl_free(run);
    tl_lattice_summary_fini(&made);
    tl_blas_restore(blas);
    return err;
}

tl_err tl_lattice_fit(struct tl_ctx *ctx, const struct tl_lattice_source *source,
                      const struct tl_field_options *options, const struct tl_lattice_sink *sink,
                      const struct tl_lattice_store *store, struct tl_lattice_summary *summary)
{
    struct tl_lattice_plan plan;
    struct tl_field_options o = options != NULL ? *options : tl_field_options_default();
    const struct tl_lattice_store *used = store != NULL && store->put != NULL ? store : NULL;
    tl_err err = tl_lattice_plan_make(ctx, source, &o, used != NULL, &plan);
    if (err != TL_OK)
        return err;
    return tl_lattice_fit_planned(ctx, source, &o, sink, used, &plan, summary);
}

void tl_lattice_summary_fini(struct tl_lattice_summary *s)
{
    tl_free(s->coefficients);
    tl_free(s->channels);
    tl_free(s->centres);
    *s = (struct tl_lattice_summary){0};
}
