/*
 * The posterior of eta at one theta. Mode and border; draws of A^-1; variances by windows with those draws (blockvar.h); the
 * border's part v = A^-1_ii + (z - V)' S^-1 (z - V); derivatives by theta, for its uncertainty; the variational mean with v held; samples,
 * mean + x - V d + z'd with d ~ Normal(0, S^-1), from the draws that the variances were made of and more of their kind.
 *
 * With a store, each array is put there when it is done, under a name, and looked for first: that is all of the resuming. So the numbers of a
 * phase may depend on nothing but what the phases before it put.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "field/lattice.h"
#include "par/par.h"

static const double tolerance_border = 1e-5, tolerance_draw = 1e-4, tolerance_share = 1e-6,
                    tolerance_refined = 1e-9, tolerance_slope = 1e-3;

/* theta as sharp as this moves no cell by a visible part of its sd; where derivatives would cost much memory, by a thousandth. */
static const double sharp_sd = 0.01, sharp_sd_large = 0.03;

struct draws {
    float **own;          /* owns: [n] in memory */
    const float **at;     /* [n] where each is now: own, or mapped */
    int64_t *number;      /* owns: [n] of the seed */
    int64_t n, n_samples; /* the first n_samples of them are samples */
};

static void draws_fini(struct draws *d)
{
    for (int64_t j = 0; d->own != NULL && j < d->n; j++)
        tl_free(d->own[j]);
    tl_free(d->own);
    tl_free(d->at);
    tl_free(d->number);
    *d = (struct draws){0};
}

void tl_lattice_node_fini(const struct tl_lattice_run *run, struct tl_lattice_node *n)
{
    tl_free(n->mean);
    tl_free(n->sd);
    tl_free(n->fixed);
    for (int j = 0; j < 2; j++) {
        if (!run->plan.on_disk)
            tl_free(n->slope[j]);
        else if (n->slope[j] != NULL)
            run->store->unmap(run->store->user, n->slope[j], 4 * run->data.n_x * run->data.n_y);
    }
    tl_free(n->slope_g);
    *n = (struct tl_lattice_node){0};
}

/* Draws of a node: its samples' numbers first, then others up to what the variances want. */
static tl_err draws_init(struct tl_ctx *ctx, const struct tl_lattice_run *run, int64_t index,
                         struct draws *d)
{
    tl_err err = TL_OK;
    int64_t n = 0, n_samples = run->options.n_samples, of_node = 0;
    for (int64_t s = 0; s < n_samples; s++)
        of_node += run->node_of[s] == index;
    n = of_node > TL_LATTICE_DRAWS ? of_node : TL_LATTICE_DRAWS;
    TL_TRY_ALLOC(ctx, d->number, n);
    TL_TRY_ALLOC(ctx, d->at, n);
    TL_TRY_ALLOC(ctx, d->own, n);
    d->n = n;
    for (int64_t s = 0; s < n_samples; s++)
        if (run->node_of[s] == index)
            d->number[d->n_samples++] = s;
    for (int64_t j = d->n_samples; j < n; j++)
        d->number[j] = n_samples + j;
done:
    return err;
}

static const char *draw_name(char name[32], int64_t number)
{
    snprintf(name, 32, "draw-%lld", (long long)number);
    return name;
}

/* Draw numbers [first, first + n) of the node's list into x. */
static tl_err solve_draws(struct tl_ctx *ctx, struct tl_lattice_run *run, struct draws *d,
                          int64_t first, int n, float *const *x)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    struct tl_lattice_blob *missing = NULL;
    int64_t n_missing = 0;
    TL_TRY_ALLOC(ctx, missing, n);
    for (int j = 0; j < n; j++) {
        bool found = false;
        struct tl_lattice_blob *blob = &missing[n_missing];
        *blob = (struct tl_lattice_blob){.data = x[j], .bytes = 4 * m->n};
        draw_name(blob->name, d->number[first + j]);
        TL_TRY(tl_lattice_state_get(ctx, run, blob->name, x[j], blob->bytes, &found));
        n_missing += found ? 0 : 1;
    }
    if (n_missing == 0)
        goto done;
    err = tl_lattice_draw(ctx, m, run->options.seed, d->number + first, n, tolerance_draw, x);
    if (err == TL_ENUMERIC)
        err = tl_fail_at(ctx, err, "draw %lld", (long long)d->number[first]);
    TL_TRY(err);
    if (run->plan.on_disk || run->plan.keep_draws)
        TL_TRY(tl_lattice_state_put_all(ctx, run, missing, n_missing));
done:
    tl_free(missing);
    return err;
}

/*
 * The draws that the variances want, kept in memory; or all of the node's, put into the store, when the plan says so: then
 * nothing has to be drawn with the mode's weights later.
 */
static tl_err make_draws(struct tl_ctx *ctx, struct tl_lattice_run *run, struct draws *d)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    float **x = NULL;
    int64_t n = run->plan.on_disk ? d->n : TL_LATTICE_DRAWS;
    TL_TRY_ALLOC(ctx, x, m->batch);
    tl_progress_begin(ctx, "drawing from the posterior");
    for (int64_t at = 0; at < n; at += m->batch) {
        int now = n - at < m->batch ? (int)(n - at) : m->batch;
        for (int j = 0; j < now; j++) {
            if (run->plan.on_disk && j == 0)
                x[j] = m->step; /* which nobody needs between searches */
            else if (!run->plan.on_disk || x[j] == NULL)
                TL_TRY_PAR_ALLOC(ctx, x[j], m->n);
            if (!run->plan.on_disk) {
                d->own[at + j] = x[j];
                d->at[at + j] = x[j];
            }
        }
        TL_TRY(solve_draws(ctx, run, d, at, now, x));
        tl_progress_set(ctx, (double)(at + now) / (double)n);
    }
done:
    tl_progress_end(ctx);
    for (int j = 1; x != NULL && run->plan.on_disk && j < m->batch; j++)
        tl_free(x[j]);
    tl_free(x);
    return err;
}

/* Maps draws [first, last) of those that are in the store. */
static tl_err map_draws(struct tl_ctx *ctx, struct tl_lattice_run *run, struct draws *d,
                        int64_t first, int64_t last)
{
    tl_err err = TL_OK;
    char name[32];
    for (int64_t j = first; run->plan.on_disk && j < last; j++) {
        const void *data = NULL;
        TL_TRY(run->store->map(ctx, run->store->user, draw_name(name, d->number[j]),
                               4 * run->mode.n, &data));
        if (data == NULL)
            TL_THROW(ctx, TL_EIO, "the draw '%s' is not in the store any more", name);
        d->at[j] = data;
    }
done:
    return err;
}

static void unmap_draws(struct tl_lattice_run *run, struct draws *d)
{
    for (int64_t j = 0; run->plan.on_disk && j < d->n; j++) {
        if (d->at[j] != NULL)
            run->store->unmap(run->store->user, d->at[j], 4 * run->mode.n);
        d->at[j] = NULL;
    }
}

struct mcse {
    double sum, n;
};

struct band_job {
    const struct tl_lattice_data *data;
    const float *var, *mcse; /* of the band, with the margin's columns */
    float *variance;
    int64_t y0;
    struct mcse *rows; /* [rows of the band] */
};

static void band_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct band_job *job = user;
    const struct tl_lattice_data *d = job->data;
    (void)chunk;
    for (int64_t y = first; y < last; y++) {
        const float *var = job->var + y * d->grid.n_x + d->pad;
        const float *error = job->mcse + y * d->grid.n_x + d->pad;
        float *to = job->variance + (job->y0 + y) * d->n_x;
        struct mcse sum = {0.0, 0.0};
        for (int64_t x = 0; x < d->n_x; x++) {
            to[x] = var[x];
            if (var[x] > 0.0F) {
                sum.sum += (double)error[x] / (double)var[x];
                sum.n += 1.0;
            }
        }
        job->rows[y] = sum;
    }
}

/* One band of variances into mode->variance; its Monte Carlo error added up. */
static tl_err one_band(struct tl_ctx *ctx, struct tl_lattice_run *run, struct draws *d,
                       const struct tl_blockvar_plan *plan, int64_t y0, int64_t y1,
                       const uint8_t *wanted, float *var[2], struct mcse *mcse)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    const struct tl_lattice_data *data = &run->data;
    struct mcse *rows = NULL;
    TL_TRY(map_draws(ctx, run, d, 0, TL_LATTICE_DRAWS));
    TL_TRY(tl_blockvar_rows(ctx, &data->grid, m->q, m->w, wanted, plan, TL_LATTICE_DRAWS, d->at,
                            y0 + data->pad, y1 + data->pad, var[0], var[1]));
    TL_TRY_ALLOC(ctx, rows, y1 - y0);
    struct band_job job = {data, var[0], var[1], m->variance, y0, rows};
    tl_par_for(ctx, y1 - y0, 8, band_rows, &job);
    for (int64_t y = 0; y < y1 - y0; y++) {
        mcse->sum += 0.5 * rows[y].sum;
        mcse->n += rows[y].n;
    }
done:
    unmap_draws(run, d);
    tl_free(rows);
    return err;
}

/* Cells of the lattice whose variance is wanted. */
static void mark_wanted(const struct tl_lattice_data *d, uint8_t *wanted)
{
    for (int64_t y = 0; y < d->n_y; y++) {
        uint8_t *row = wanted + (y + d->pad) * d->grid.n_x + d->pad;
        if (d->inside != NULL)
            memcpy(row, d->inside + y * d->n_x, (size_t)d->n_x);
        else
            memset(row, 1, (size_t)d->n_x);
    }
}

static tl_err make_variances(struct tl_ctx *ctx, struct tl_lattice_run *run, struct draws *d,
                             double *mcse_relative)
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *data = &run->data;
    struct tl_lattice_mode *m = &run->mode;
    struct tl_blockvar_plan plan = tl_blockvar_plan_of(sqrt(8.0) / m->q.a, 0.0, TL_LATTICE_DRAWS);
    int64_t step = tl_blockvar_step(&plan), band = run->plan.band;
    float *var[2] = {NULL, NULL};
    struct mcse mcse = {0.0, 0.0};
    uint8_t *wanted = NULL;
    char name[32];
    band = band > step ? band / step * step : step;
    tl_lattice_mode_close(m);
    TL_TRY_PAR_ALLOC(ctx, wanted, data->grid.n);
    mark_wanted(data, wanted);
    for (int k = 0; k < 2; k++)
        TL_TRY_PAR_ALLOC(ctx, var[k], (band < data->n_y ? band : data->n_y) * data->grid.n_x);
    if (m->variance == NULL)
        TL_TRY_PAR_ALLOC(ctx, m->variance, data->n_x * data->n_y);
    tl_progress_begin(ctx, "variances of the cells");
    for (int64_t y = 0; y < data->n_y; y += band) {
        int64_t y1 = y + band < data->n_y ? y + band : data->n_y;
        bool found = false, also = false;
        snprintf(name, sizeof name, "variance-%lld", (long long)y);
        TL_TRY(tl_lattice_state_get(ctx, run, name, m->variance + y * data->n_x,
                                    4 * (y1 - y) * data->n_x, &found));
        snprintf(name, sizeof name, "mcse-%lld", (long long)y);
        TL_TRY(tl_lattice_state_get(ctx, run, name, &mcse, sizeof mcse, &also));
        if (!found || !also) {
            TL_TRY(one_band(ctx, run, d, &plan, y, y1, wanted, var, &mcse));
            snprintf(name, sizeof name, "variance-%lld", (long long)y);
            TL_TRY(tl_lattice_state_put(ctx, run, name, m->variance + y * data->n_x,
                                        4 * (y1 - y) * data->n_x));
            snprintf(name, sizeof name, "mcse-%lld", (long long)y);
            TL_TRY(tl_lattice_state_put(ctx, run, name, &mcse, sizeof mcse));
        }
        tl_progress_set(ctx, (double)y1 / (double)data->n_y);
    }
    /* What a halo that ends leaves is no noise, but nobody can tell it from noise either. */
    *mcse_relative = mcse.n > 0.0 ? fmax(mcse.sum / mcse.n, plan.error) : 0.0;
done:
    tl_progress_end(ctx);
    tl_free(wanted);
    tl_free(var[0]);
    tl_free(var[1]);
    return err;
}

struct slope_job {
    const struct tl_lattice_mode *m;
    const double *g;
    float *slope;
};

static void slope_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct slope_job *job = user;
    const struct tl_lattice_data *d = job->m->data;
    (void)chunk;
    for (int64_t y = first; y < last; y++) {
        const float *step = job->m->step + (y + d->pad) * d->grid.n_x + d->pad;
        for (int64_t x = 0; x < d->n_x; x++)
            job->slope[y * d->n_x + x] =
                (float)(tl_lattice_pass_fixed(d, job->g, y * d->n_x + x) - (double)step[x]);
    }
}

static const char *const slope_names[] = {"slope-0", "slope-1"};

/*
 * d mode / d theta_j = -H^-1 (dQ_j u, 0), kept over the cells as derivative of eta; where draws go to the store, these go there too.
 * Right-hand sides are arrays whose work is done between searches: the solver's own and the gradient.
 */
static tl_err make_slopes(struct tl_ctx *ctx, struct tl_lattice_run *run,
                          struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    const struct tl_lattice_data *d = &run->data;
    float *rhs[2] = {m->b[0], m->gradient};
    int64_t n = d->n_x * d->n_y;
    double *zero = NULL, *in_v = NULL;
    TL_TRY_ALLOC(ctx, zero, m->k);
    TL_TRY_ALLOC(ctx, in_v, m->k);
    TL_TRY_ALLOC(ctx, node->slope_g, 2 * m->k);
    tl_lattice_pass_slopes(ctx, m, rhs);
    for (int j = 0; j < 2; j++) {
        double *g = node->slope_g + j * m->k;
        float *slope = rhs[j];
        if (!run->plan.on_disk) {
            TL_TRY_PAR_ALLOC(ctx, node->slope[j], n);
            slope = node->slope[j];
        }
        for (int64_t i = 0; i < m->k; i++)
            in_v[i] = tl_lattice_pass_dot(ctx, m->n, m->v[i], rhs[j]);
        tl_par_zero(ctx, m->step, m->n * (int64_t)sizeof(float));
        TL_TRY(tl_lattice_mode_solve(ctx, m, 1, &rhs[j], &m->step, tolerance_slope));
        tl_lattice_mode_finish_solve(ctx, m, zero, in_v, m->step, g);
        for (int64_t i = 0; i < m->k; i++)
            g[i] = -g[i];
        struct slope_job job = {m, g, slope};
        tl_par_for(ctx, d->n_y, 16, slope_rows, &job);
        TL_TRY(tl_cancelled(ctx));
        if (run->plan.on_disk)
            TL_TRY(tl_lattice_state_put(ctx, run, slope_names[j], slope, 4 * n));
    }
done:
    tl_free(zero);
    tl_free(in_v);
    return err;
}

/* Slopes that went to the store, mapped: what is made of the mean and the sd reads them from here on. */
static tl_err map_slopes(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                         struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    for (int j = 0; run->plan.on_disk && node->slope_g != NULL && j < 2; j++) {
        const void *data = NULL;
        TL_TRY(run->store->map(ctx, run->store->user, slope_names[j],
                               4 * run->data.n_x * run->data.n_y, &data));
        if (data == NULL)
            TL_THROW(ctx, TL_EIO, "'%s' is not in the store any more", slope_names[j]);
        node->slope[j] = (float *)(uintptr_t)data; /* which nobody writes to */
    }
done:
    return err;
}

struct mean_job {
    const struct tl_lattice_mode *m;
    struct tl_lattice_node *node;
};

static void mean_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct mean_job *job = user;
    const struct tl_lattice_data *d = job->m->data;
    (void)chunk;
    for (int64_t y = first; y < last; y++) {
        const float *u = job->m->u + (y + d->pad) * d->grid.n_x + d->pad;
        for (int64_t x = 0; x < d->n_x; x++) {
            int64_t i = y * d->n_x + x;
            job->node->mean[i] = (float)((double)u[x] + tl_lattice_pass_fixed(d, job->m->g, i));
            job->node->sd[i] = sqrtf(job->node->sd[i]);
        }
    }
}

static tl_err make_mean(struct tl_ctx *ctx, struct tl_lattice_run *run,
                        struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    const struct tl_lattice_data *d = &run->data;
    int64_t n = d->n_x * d->n_y;
    if (run->n_nodes == 1) {
        node->mean = m->gradient; /* whose work is done */
        m->gradient = NULL;
    } else {
        TL_TRY_PAR_ALLOC(ctx, node->mean, n);
    }
    memcpy(node->fixed, m->g, (size_t)m->k * sizeof *m->g);
    node->sd = m->variance;
    m->variance = NULL;
    struct mean_job job = {m, node};
    tl_par_for(ctx, d->n_y, 16, mean_rows, &job);
done:
    return err;
}

/* step := Q^-1 b[0], the solver being set to Q: in doubles where they cost little. */
static tl_err solve_prior(struct tl_ctx *ctx, struct tl_lattice_mode *m)
{
    tl_err err = TL_OK;
    struct tl_multigrid_report report = {0};
    double *wide = NULL;
    tl_par_zero(ctx, m->step, m->n * (int64_t)sizeof(float));
    if (m->n > TL_LATTICE_SCORE_CELLS) {
        TL_TRY(tl_multigrid_solve(ctx, m->multigrid, 1, (const float *const *)m->b, &m->step,
                                  tolerance_share, 300, &report));
    } else {
        /* A long range multiplies what is left of the residual's mean by (range / cell)^2. */
        TL_TRY_PAR_ALLOC(ctx, wide, 2 * m->n);
        for (int64_t i = 0; i < m->n; i++)
            wide[i] = (double)m->b[0][i];
        TL_TRY(tl_multigrid_refine(ctx, m->multigrid, wide, wide + m->n, tolerance_refined, 300,
                                   &report));
        for (int64_t i = 0; i < m->n; i++)
            m->step[i] = (float)wide[m->n + i];
    }
    m->n_iterations += report.iterations;
done:
    tl_free(wide);
    return err;
}

struct share_job {
    const struct tl_lattice_mode *m;
    double weight;
    float *share;
};

static void share_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct share_job *job = user;
    const struct tl_lattice_data *d = job->m->data;
    (void)chunk;
    for (int64_t y = first; y < last; y++) {
        const float *step = job->m->step + (y + d->pad) * d->grid.n_x + d->pad;
        for (int64_t x = 0; x < d->n_x; x++)
            job->share[y * d->n_x + x] += (float)(job->weight * (double)step[x]);
    }
}

/* Shares of the channels but the last: Q^-1 (y_c - expected). */
static tl_err add_shares(struct tl_ctx *ctx, struct tl_lattice_run *run,
                         const struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    const struct tl_lattice_data *d = &run->data;
    float *zero = NULL;
    if (d->n_channels < 2)
        return TL_OK;
    TL_TRY_PAR_ALLOC(ctx, zero, m->n);
    TL_TRY(tl_lattice_mode_open(ctx, m));
    TL_TRY(tl_multigrid_set(ctx, m->multigrid, m->q, zero));
    m->w_is_set = false;
    for (int64_t c = 0; c + 1 < d->n_channels; c++) {
        tl_lattice_pass_unexplained(ctx, m, c, m->b[0]);
        TL_TRY(solve_prior(ctx, m));
        struct share_job job = {m, node->weight, run->shares[c]};
        tl_par_for(ctx, d->n_y, 16, share_rows, &job);
    }
done:
    tl_free(zero);
    return err;
}

/* Samples beyond those that the variances used: drawn with the mode's weights, written as they come. */
static tl_err more_samples(struct tl_ctx *ctx, struct tl_lattice_run *run, struct draws *d,
                           const struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    float **x = NULL;
    TL_TRY_ALLOC(ctx, x, m->batch);
    for (int j = 0; j < m->batch; j++)
        TL_TRY_PAR_ALLOC(ctx, x[j], m->n);
    tl_progress_begin(ctx, "drawing joint samples");
    for (int64_t at = TL_LATTICE_DRAWS; at < d->n_samples; at += m->batch) {
        int now = d->n_samples - at < m->batch ? (int)(d->n_samples - at) : m->batch;
        TL_TRY(solve_draws(ctx, run, d, at, now, x));
        for (int j = 0; j < now; j++)
            TL_TRY(tl_lattice_node_sample(ctx, run, node, d->number[at + j], x[j]));
        tl_progress_set(ctx, (double)(at + now) / (double)d->n_samples);
    }
done:
    tl_progress_end(ctx);
    for (int j = 0; x != NULL && j < m->batch; j++)
        tl_free(x[j]);
    tl_free(x);
    return err;
}

static tl_err write_samples(struct tl_ctx *ctx, struct tl_lattice_run *run, struct draws *d,
                            const struct tl_lattice_node *node, float *w_mode)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    int64_t n =
        run->plan.on_disk || d->n_samples < TL_LATTICE_DRAWS ? d->n_samples : TL_LATTICE_DRAWS;
    if (n == d->n_samples) /* nothing is solved any more; draws that are mapped need the room */
        tl_lattice_mode_close(m);
    for (int64_t j = 0; j < n; j++) {
        TL_TRY(map_draws(ctx, run, d, j, j + 1));
        TL_TRY(tl_lattice_node_sample(ctx, run, node, d->number[j], d->at[j]));
        unmap_draws(run, d);
    }
    if (n < d->n_samples) {
        memcpy(m->w, w_mode, (size_t)m->n * sizeof *m->w);
        m->w_is_set = false;
        TL_TRY(more_samples(ctx, run, d, node));
    }
done:
    unmap_draws(run, d);
    return err;
}

static tl_err find_mode(struct tl_ctx *ctx, struct tl_lattice_run *run,
                        const struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    bool found = false;
    m->q = tl_stencil_q_of(run->data.step_m, exp(node->t[0]), exp(node->t[1]));
    tl_progress_begin(ctx, "searching the mode");
    TL_TRY(tl_lattice_state_get_mode(ctx, run, "mode", &found));
    if (!found) {
        TL_TRY(tl_lattice_mode_find(ctx, m, m->q, false));
        TL_TRY(tl_lattice_mode_border(ctx, m, tolerance_border));
        TL_TRY(tl_lattice_state_put_mode(ctx, run, "mode"));
    } else {
        m->correct = false;
        TL_TRY(tl_lattice_pass_assemble(ctx, m));
    }
done:
    tl_progress_end(ctx);
    return err;
}

static tl_err correct_mean(struct tl_ctx *ctx, struct tl_lattice_run *run,
                           const struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    bool found = false;
    (void)node;
    if (run->options.plain_mode)
        return TL_OK;
    tl_progress_begin(ctx, "correcting the mean");
    TL_TRY(tl_lattice_state_get_mode(ctx, run, "mean", &found));
    if (!found) {
        TL_TRY(tl_lattice_mode_find(ctx, m, m->q, true));
        TL_TRY(tl_lattice_state_put_mode(ctx, run, "mean"));
    } else {
        m->correct = true;
        TL_TRY(tl_lattice_pass_assemble(ctx, m));
    }
done:
    tl_progress_end(ctx);
    return err;
}

tl_err tl_lattice_node_fill(struct tl_ctx *ctx, struct tl_lattice_run *run, int64_t index)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    struct tl_lattice_node *node = &run->nodes[index];
    struct draws draws = {0};
    float *w_mode = NULL;
    double *s_mode = NULL;
    int64_t k = m->k;
    double sharp_to = m->n > TL_LATTICE_SCORE_CELLS ? sharp_sd_large : sharp_sd;
    bool sharp = fmax(run->theta.covariance[0], run->theta.covariance[2]) < sharp_to * sharp_to;
    TL_TRY_ALLOC(ctx, node->fixed, k + k * k);
    TL_TRY(draws_init(ctx, run, index, &draws));
    TL_TRY(find_mode(ctx, run, node));
    TL_TRY(tl_lattice_evidence_node(ctx, run, node));
    memcpy(node->fixed + k, m->inverse_s, (size_t)(k * k) * sizeof *m->inverse_s);
    if (!run->theta.fixed && run->n_nodes == 1 && !sharp)
        TL_TRY(make_slopes(ctx, run, node));
    TL_TRY(make_draws(ctx, run, &draws));
    TL_TRY(make_variances(ctx, run, &draws, &node->mcse_sd_relative));
    tl_lattice_pass_add_border(ctx, m);
    if (draws.n_samples > TL_LATTICE_DRAWS && !run->plan.on_disk) {
        TL_TRY_PAR_ALLOC(ctx, w_mode, m->n);
        memcpy(w_mode, m->w, (size_t)m->n * sizeof *m->w);
    }
    TL_TRY_ALLOC(ctx, s_mode, k * k);
    memcpy(s_mode, m->s, (size_t)(k * k) * sizeof *s_mode);
    TL_TRY(correct_mean(ctx, run, node));
    memcpy(m->s, s_mode, (size_t)(k * k) * sizeof *s_mode);
    TL_TRY(add_shares(ctx, run, node));
    TL_TRY(make_mean(ctx, run, node));
    TL_TRY(map_slopes(ctx, run, node));
    TL_TRY(write_samples(ctx, run, &draws, node, w_mode));
done:
    draws_fini(&draws);
    tl_free(w_mode);
    tl_free(s_mode);
    return err;
}

struct sample_job {
    struct tl_lattice_run *run;
    const struct tl_lattice_node *node;
    const float *draw;
    const double *d; /* [k] fixed effects */
    double e[2];     /* theta's */
    int64_t y;
    float *out;
};

static void sample_rows(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct sample_job *job = user;
    const struct tl_lattice_data *data = &job->run->data;
    const struct tl_lattice_mode *m = &job->run->mode;
    (void)chunk;
    for (int64_t y = job->y + first; y < job->y + last; y++) {
        float *out = job->out + (y - job->y) * data->n_x;
        for (int64_t x = 0; x < data->n_x; x++) {
            int64_t i = y * data->n_x + x, at = (y + data->pad) * data->grid.n_x + x + data->pad;
            double sum = (double)job->node->mean[i] + (double)job->draw[at] +
                         tl_lattice_pass_fixed(data, job->d, i);
            for (int64_t c = 0; c < m->k; c++)
                sum -= (double)m->v[c][at] * job->d[c];
            for (int j = 0; j < 2 && job->node->slope[j] != NULL; j++)
                sum += job->e[j] * (double)job->node->slope[j][i];
            out[x] = data->inside != NULL && data->inside[i] == 0 ? NAN : (float)sum;
        }
    }
}

tl_err tl_lattice_node_sample(struct tl_ctx *ctx, struct tl_lattice_run *run,
                              const struct tl_lattice_node *node, int64_t sample, const float *draw)
{
    enum { ROWS_CELLS = 1 << 20 };
    tl_err err = TL_OK;
    const struct tl_lattice_data *data = &run->data;
    const double *c = run->theta.covariance;
    int64_t rows = ROWS_CELLS / data->n_x + 1;
    double *d = NULL, root = sqrt(fmax(c[0], 0.0));
    struct sample_job job = {.run = run, .node = node, .draw = draw};
    struct tl_rng rng = tl_rng_make(run->options.seed, 0x6c74);
    if (run->sink->sample == NULL)
        return TL_OK;
    TL_TRY_ALLOC(ctx, d, run->mode.k);
    TL_TRY_ALLOC(ctx, job.out, (rows < data->n_y ? rows : data->n_y) * data->n_x);
    tl_lattice_draw_fixed(&run->mode, run->options.seed, sample, d);
    job.d = d;
    if (node->slope[0] != NULL) {
        double z0 = tl_rng_normal(rng, 2 * (uint64_t)sample),
               z1 = tl_rng_normal(rng, 2 * (uint64_t)sample + 1);
        job.e[0] = root * z0;
        job.e[1] = c[1] / root * z0 + sqrt(fmax(c[2] - c[1] * c[1] / c[0], 0.0)) * z1;
    }
    for (job.y = 0; job.y < data->n_y; job.y += rows) {
        int64_t now = job.y + rows < data->n_y ? rows : data->n_y - job.y;
        tl_par_for(ctx, now, 16, sample_rows, &job);
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(run->sink->sample(ctx, run->sink->user, sample, job.y, now, job.out));
    }
done:
    tl_free(d);
    tl_free(job.out);
    return err;
}
