/*
 * Draws from the joint posterior of density, methods and failures, exact but for the number of draws. Density and what the methods found pull
 * at the same counts: draws of the one given means of the other, weighed afterwards, die out as soon as a few dozen items were
 * found, because density and chance then lie on a ridge. So it is a Markov chain, in few and cheap steps: the field given the methods, and
 * both along a ridge (step.c); methods, failures and depths given the field (sweep.c), several times for each step of the field, since these need no
 * more of it than a sum for each group of ground.
 *
 * Four chains, each with numbers, normals and memory of its own, on as many threads as there are: the same bits on any number.
 */
#include <math.h>
#include <string.h>

#include "par/par.h"
#include "release/chain.h"

enum {
    SWEEPS = 2,      /* over methods and failures for each step of the field; each gives a draw */
    SWEEPS_MAX = 16, /* where a step of the field is dear */
    STEPS_LEAST = 24,
    AT_ONCE = TL_WINDOW_DRAWS, /* steps of a chain whose normals are solved for together */
    BURN_IN = 32,              /* steps of the field; both are multiples of AT_ONCE */
    BURN_IN_ALONE = 16,
    FEW_BLOCKS = 6,
    STREAM = 0x7265
};
static const double STEPS_BY_CELLS = 5e6; /* steps of a chain times cells: less than a second */

static void keep_draw(struct tl_release_run *r, const struct tl_release_chain *c, int64_t draw,
                      const double *ground)
{
    struct tl_release_draws *d = r->draws;
    const struct tl_release_model *m = r->m;
    memcpy(d->ground + draw * d->n_inside, ground, (size_t)d->n_inside * sizeof(double));
    memcpy(d->d + draw * m->n_rows, c->state.d, (size_t)m->n_rows * sizeof(double));
    memcpy(d->q + draw * m->n_rows, c->state.q, (size_t)m->n_rows * sizeof(double));
    memcpy(d->share + draw * m->n_layers, c->state.share, (size_t)m->n_layers * sizeof(double));
    if (m->n_lots > 0)
        memcpy(d->failed + draw * m->n_lots, c->state.failed, (size_t)m->n_lots);
}

/* Sum of area times density over P, by the groups that have ground in it. */
static void ground_inside(const struct tl_release_run *r, const struct tl_release_chain *c,
                          double *ground)
{
    memset(ground, 0, (size_t)r->draws->n_inside * sizeof *ground);
    for (int64_t k = 0; k < r->n_inside; k++)
        ground[r->inside_group[k]] += r->inside_area[k] * c->density[r->inside_cell[k]];
}

static void one_step(struct tl_release_run *r, int64_t j, int64_t step)
{
    struct tl_release_chain *c = &r->chain[j];
    int64_t kept = step - r->burn_in, turn = 0, draw = (j * r->n_kept + kept) * r->sweeps;
    if (!r->options->independent)
        tl_release_sweep_look(r, c); /* anew: products of ratios would drift */
    tl_release_step_field(r, c, c->normals + (step - r->step) * r->row);
    for (int64_t k = 0; k < r->n_blocks; k++)
        if (r->blocks[k].way != NULL && (r->n_ridges <= FEW_BLOCKS || (step + turn++) % 6 == 0))
            tl_release_step_along(r, c, &r->blocks[k]);
    double *ground = kept >= 0 ? r->draws->ground + draw * r->draws->n_inside : NULL;
    if (kept >= 0)
        ground_inside(r, c, ground);
    for (int s = 0; s < r->sweeps; s++) {
        if (!r->options->independent)
            tl_release_sweep(r, c, s == 0);
        if (kept >= 0)
            keep_draw(r, c, draw + s, ground);
    }
}

static void one_chain(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct tl_release_run *r = user;
    (void)chunk;
    for (int64_t j = first; j < last; j++) {
        tl_window_draw(r->window, r->options->seed, r->stream + (uint64_t)j, r->step,
                       r->chain[j].work, r->chain[j].normals);
        for (int64_t step = r->step; step < r->step + AT_ONCE; step++)
            one_step(r, j, step);
    }
}

/* ---- the whole ---- */

/* What each chain works in, cut from two pieces of memory. */
static tl_err set_memory(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    int64_t n_groups = r->m->n_groups, n_normals = TL_WINDOW_DRAWS * r->row,
            n_work = tl_window_work(r->window);
    int64_t sizes[] = {r->row,   r->row,     r->n,       r->n,      n_groups, n_groups,
                       n_groups, r->n_bands, r->n_bands, n_normals, n_work,   r->n_terms};
    int64_t each = 0, numbers = r->n_terms + r->n_counts + 1 + r->n_totals;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++)
        each += sizes[k];
    TL_TRY_ALLOC(ctx, r->memory, TL_RELEASE_CHAINS * each);
    TL_TRY_ALLOC(ctx, r->numbers, TL_RELEASE_CHAINS * numbers);
    TL_TRY_ALLOC(ctx, r->failed, TL_RELEASE_CHAINS * r->m->n_lots);
    for (int j = 0; j < TL_RELEASE_CHAINS; j++) {
        struct tl_release_chain *c = &r->chain[j];
        double *at = r->memory + j * each;
        double **wanted[] = {&c->deviation,  &c->trial,     &c->density, &c->trial_density,
                             &c->sum,        &c->trial_sum, &c->found,   &c->left,
                             &c->trial_left, &c->normals,   &c->work,    &c->coefficient};
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            *wanted[k] = at;
            at += sizes[k];
        }
        c->power = r->numbers + j * numbers;
        c->term_at = c->power + r->n_terms;
        c->totals = c->term_at + r->n_counts + 1;
        c->state.failed = r->failed + j * r->m->n_lots;
    }
done:
    return err;
}

static void look_at_methods(struct tl_release_run *r, struct tl_release_chain *c)
{
    if (!r->options->independent) {
        tl_release_sweep_look(r, c);
        return;
    }
    for (int64_t g = 0; g < r->m->n_groups; g++)
        c->found[g] = tl_release_found_alone(r->m, g, r->slots + r->m->group_at[g]);
}

static tl_err set_chains(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    TL_TRY(set_memory(ctx, r));
    TL_TRY_ALLOC(ctx, r->base_sum, m->n_groups);
    TL_TRY_ALLOC(ctx, r->slots, m->group_at[m->n_groups]);
    for (int j = 0; j < TL_RELEASE_CHAINS; j++) {
        struct tl_release_chain *c = &r->chain[j];
        c->rng = tl_rng_fork(tl_rng_make(r->options->seed, STREAM), (uint64_t)j);
        tl_release_state_mean(m, &c->state);
        tl_release_step_look(r, 0.0, c->deviation, 0.0, c->deviation, c->deviation, c->density,
                             r->base_sum); /* at the mode: deviation 0 */
        tl_window_draw(r->window, r->options->seed, STREAM + 1, TL_WINDOW_DRAWS * j, c->work,
                       c->normals);
        for (int64_t l = 0; l < m->n_lots && !r->options->independent; l++)
            c->state.failed[l] = tl_release_step_uniform(c) < m->lot_failure[l];
        c->log_field = tl_release_step_look(r, 1.0, c->normals, 0.0, c->normals, c->deviation,
                                            c->density, c->sum);
        look_at_methods(r, c);
    }
done:
    return err;
}

/* Fewer steps of the field, and more sweeps for each, where a step is dear. */
static void set_lengths(struct tl_release_run *r)
{
    double each = (double)r->options->n_draws / TL_RELEASE_CHAINS;
    double most = r->options->independent ? each : each / SWEEPS;
    double steps = fmin(most, fmax(STEPS_BY_CELLS / (double)r->n, each / SWEEPS_MAX));
    r->n_kept = (int64_t)ceil(fmax(steps, fmin(STEPS_LEAST, most)));
    r->n_kept += (AT_ONCE - r->n_kept % AT_ONCE) % AT_ONCE;
    /* As if independent there is nothing to sweep over. */
    r->sweeps = r->options->independent ? 1 : (int)ceil(each / (double)r->n_kept);
    /* Without methods to find the chain starts in its own distribution, or nearly. */
    r->burn_in = r->options->independent ? BURN_IN_ALONE : BURN_IN;
    r->n_steps = r->n_kept + r->burn_in;
}

static tl_err set_draws(struct tl_ctx *ctx, struct tl_release_run *r, struct tl_release_draws *d)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    uint8_t *is_inside = NULL;
    TL_TRY_ALLOC(ctx, is_inside, m->n_groups);
    for (int64_t k = 0; k < m->n_entries; k++)
        if (m->entries[k].inside_m2 > 0.0)
            is_inside[m->entries[k].group] = 1;
    TL_TRY_ALLOC(ctx, d->group, m->n_groups);
    for (int32_t g = 0; g < m->n_groups; g++)
        if (is_inside[g] != 0)
            d->group[d->n_inside++] = g;
    set_lengths(r);
    d->n = r->n_kept * TL_RELEASE_CHAINS * r->sweeps;
    d->n_chains = TL_RELEASE_CHAINS;
    TL_TRY_ALLOC(ctx, d->ground, d->n * d->n_inside);
    TL_TRY_ALLOC(ctx, d->d, d->n * m->n_rows);
    TL_TRY_ALLOC(ctx, d->q, d->n * m->n_rows);
    TL_TRY_ALLOC(ctx, d->share, d->n * m->n_layers);
    TL_TRY_ALLOC(ctx, d->failed, d->n * m->n_lots);
    r->draws = d;
done:
    tl_free(is_inside);
    return err;
}

/* Ground sorted by group, as a look adds it up, and ground of P by the groups of the draws. */
static tl_err set_entries(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    int32_t *at = NULL;
    TL_TRY_ALLOC(ctx, at, m->n_groups);
    TL_TRY_ALLOC(ctx, r->entry_at, m->n_groups + 1);
    TL_TRY_ALLOC(ctx, r->entry_cell, m->n_entries);
    TL_TRY_ALLOC(ctx, r->entry_area, m->n_entries);
    TL_TRY_ALLOC(ctx, r->inside_cell, m->n_entries);
    TL_TRY_ALLOC(ctx, r->inside_group, m->n_entries);
    TL_TRY_ALLOC(ctx, r->inside_area, m->n_entries);
    for (int64_t e = 0; e < m->n_entries; e++)
        r->entry_at[m->entries[e].group + 1]++;
    for (int64_t g = 0; g < m->n_groups; g++) {
        r->entry_at[g + 1] += r->entry_at[g];
        at[g] = r->entry_at[g];
    }
    for (int64_t e = 0; e < m->n_entries; e++) {
        int32_t to = at[m->entries[e].group]++;
        r->entry_cell[to] = m->entries[e].cell;
        r->entry_area[to] = m->entries[e].area_m2;
    }
    for (int32_t k = 0; k < r->draws->n_inside; k++)
        at[r->draws->group[k]] = k;
    for (int64_t e = 0; e < m->n_entries; e++)
        if (m->entries[e].inside_m2 > 0.0) {
            r->inside_cell[r->n_inside] = m->entries[e].cell;
            r->inside_group[r->n_inside] = at[m->entries[e].group];
            r->inside_area[r->n_inside++] = m->entries[e].inside_m2;
        }
done:
    tl_free(at);
    return err;
}

void tl_release_chain_close(struct tl_release_run *r)
{
    tl_release_reference_fini(r);
    void *owned[] = {r->entry_at,     r->entry_cell,  r->entry_area, r->inside_cell,
                     r->inside_group, r->inside_area, r->base_sum,   r->slots,
                     r->memory,       r->numbers,     r->failed};
    for (size_t k = 0; k < sizeof owned / sizeof owned[0]; k++)
        tl_free(owned[k]);
}

tl_err tl_release_chain_open(struct tl_ctx *ctx, struct tl_release_run *r,
                             struct tl_release_draws *draws)
{
    tl_err err = TL_OK;
    TL_TRY(set_draws(ctx, r, draws));
    TL_TRY(set_entries(ctx, r));
    TL_TRY(set_chains(ctx, r));
done:
    return err;
}

static tl_err run_steps(struct tl_ctx *ctx, struct tl_release_run *r, uint64_t stream)
{
    tl_err err = TL_OK;
    r->stream = stream;
    for (r->step = 0; r->step < r->n_steps; r->step += AT_ONCE) {
        tl_par_for(ctx, TL_RELEASE_CHAINS, 1, one_chain, r);
        TL_TRY(tl_cancelled(ctx));
        tl_progress_set(ctx, (double)(r->step + AT_ONCE) / (double)r->n_steps);
    }
done:
    return err;
}

/* The chains go on with methods held and misses as if independent, around the same Gaussian: it hardly differs. */
static tl_err draw_alone(struct tl_ctx *ctx, struct tl_release_run *r,
                         struct tl_release_draws *alone)
{
    tl_err err = TL_OK;
    const struct tl_release_draw_options *options = r->options;
    struct tl_release_draw_options o = {
        .n_draws = options->n_alone, .seed = options->seed, .independent = true};
    struct tl_release_draws d = {0};
    int64_t n_blocks = r->n_blocks;
    r->options = &o;
    r->n_blocks = 0;
    TL_TRY(set_draws(ctx, r, &d));
    for (int j = 0; j < TL_RELEASE_CHAINS; j++)
        look_at_methods(r, &r->chain[j]);
    TL_TRY(run_steps(ctx, r, STREAM + 16));
    *alone = d;
    d = (struct tl_release_draws){0};
done:
    r->options = options;
    r->n_blocks = n_blocks;
    tl_release_draws_fini(&d);
    return err;
}

tl_err tl_release_draw(struct tl_ctx *ctx, const struct tl_release_model *model,
                       const struct tl_release_prior *prior,
                       const struct tl_release_draw_options *options,
                       struct tl_release_draws *draws)
{
    tl_err err = TL_OK;
    struct tl_release_draws d = {0};
    struct tl_release_run r = {.m = model, .options = options, .n = model->n_cells};
    r.n_channels = 1 + model->n_other;
    r.row = r.n + r.n_channels;
    tl_progress_begin(ctx, "drawing what may remain");
    TL_TRY(tl_release_reference_window(ctx, prior, &r));
    TL_TRY(tl_release_reference_blocks(ctx, &r));
    TL_TRY(tl_release_chain_open(ctx, &r, &d));
    TL_TRY(run_steps(ctx, &r, STREAM + 8));
    double trials = 0.0;
    for (int j = 0; j < TL_RELEASE_CHAINS; j++)
        trials += (double)r.chain[j].n_trials;
    d.field_accepted = trials / (double)(TL_RELEASE_CHAINS * r.n_steps);
    if (options->alone != NULL)
        TL_TRY(draw_alone(ctx, &r, options->alone));
    if (options->window != NULL) {
        *options->window = r.window;
        r.window = NULL;
    }
    *draws = d;
    d = (struct tl_release_draws){0};
done:
    tl_progress_end(ctx);
    tl_release_draws_fini(&d);
    tl_release_chain_close(&r);
    return err;
}

void tl_release_draws_fini(struct tl_release_draws *d)
{
    tl_free(d->group);
    tl_free(d->ground);
    tl_free(d->d);
    tl_free(d->q);
    tl_free(d->share);
    tl_free(d->failed);
    *d = (struct tl_release_draws){0};
}
