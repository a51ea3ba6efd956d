/*
 * Draws from the joint posterior of density, methods and failures, exact but for the number of draws. Density and what the methods found pull
 * at the same counts: draws of the one given means of the other, weighed afterwards, die out as soon as a few dozen items were
 * found, because density and chance then lie on a ridge. So it is a Markov chain, in few and cheap steps:
 *
 * 1. Field and channel effects: elliptical slice sampling (Murray, Adams, MacKay 2010) around the Gaussian nearest to the posterior with
 *    methods at their means (field/window.h). Target over Gaussian is, with w its expected counts and x the deviation of
 *    log-intensity from its mean m,  sum over observed cells of  w x + w x^2 / 2 - e(methods) exp(m + x):  mild, so that one to three
 *    trials do, whatever the number of cells. It has no tuning, and it samples the posterior itself, not its Gaussian.
 * 2. Failure of a lot: a flip, given all sums of area times density; these are all that the methods need to know of the field, so
 *    that many sweeps over methods and failures cost less than one step of the field.
 * 3. d and q of a method: a fresh pair from their prior, or a step of random length on the logit scale; shares of the depth layers: fresh.
 * 4. 2 and 3 once more along the ridge: the field moves too, by t H^-1 r, r the block's part of w and t = log of the block's expected
 *    effort before over that after. Its Gaussian part changes by - t r'x - t^2 r'H^-1 r / 2, two sums.
 *
 * Four chains in step (their normals are solved for together), each with numbers of its own: the same bits on any number of threads.
 */
#include <math.h>
#include <string.h>

#include "par/par.h"
#include "release/chain.h"

enum {
    SWEEPS = 4,      /* over methods and failures for each step of the field; each gives a draw */
    SWEEPS_MAX = 16, /* where a step of the field is dear */
    STEPS_LEAST = 24,
    BURN_IN = 20, /* steps of the field; both are multiples of AT_ONCE */
    BURN_IN_ALONE = 4,
    AT_ONCE = TL_WINDOW_DRAWS / TL_RELEASE_CHAINS, /* steps whose normals are solved for together */
    FEW_GROUPS = 64, /* so few that methods may change in every sweep */
    FEW_BLOCKS = 6,
    SHRINKS_MAX = 60,
    STREAM = 0x7265
};
static const double STEPS_BY_CELLS = 1.5e6, /* steps of a chain times cells: about a second */
    TINY = 1e-12, TWO_PI = 6.283185307179586;

static double uniform(struct tl_release_chain *c)
{
    return tl_rng_uniform(c->rng, c->at++);
}

/* ---- the target ---- */

/* Density and sums over groups for deviations of the field; what of the target does not depend on the methods. */
static double look_at_field(const struct tl_release_run *r, const double *deviation,
                            double *density, double *sum)
{
    const struct tl_release_model *m = r->m;
    const double *effects = deviation + r->n;
    double total = 0.0, second = 0.0;
    for (int64_t i = 0; i < r->n; i++) {
        density[i] = r->base[i] * exp(deviation[i]);
        second += r->all_weights[i] * deviation[i] * deviation[i];
    }
    total = 0.5 * second;
    for (int64_t c = 0; c < r->n_channels; c++) {
        const double *w = r->weight[c], *e = r->effort[c];
        double first = 0.0, expected = 0.0, d = effects[c];
        if (!(r->weights[c] > 0.0))
            continue;
        for (int64_t i = 0; i < r->n; i++)
            first += w[i] * deviation[i];
        for (int64_t i = 0; c > 0 && i < r->n; i++)
            expected += e[i] * density[i];
        total += first + d * r->weights[c] + d * first + 0.5 * d * d * r->weights[c] -
                 expected * exp(r->effect[c] + d);
    }
    double scale = exp(r->effect[0] + effects[0]);
    memset(sum, 0, (size_t)m->n_groups * sizeof *sum);
    for (int64_t k = 0; k < m->n_entries; k++)
        sum[m->entries[k].group] += m->entries[k].area_m2 * density[m->entries[k].cell];
    for (int64_t g = 0; g < m->n_groups; g++)
        sum[g] *= scale;
    return total;
}

static double expected_finds(const struct tl_release_run *r, const double *found, const double *sum)
{
    double total = 0.0;
    for (int64_t g = 0; g < r->m->n_groups; g++)
        total += found[g] * sum[g];
    return total;
}

/* Change in the log chance of who found what where, from the present to the trial's chances, for the slots that a block bears on. */
static double change_of_finds(const struct tl_release_run *r, const struct tl_release_chain *c,
                              const struct tl_release_block *b)
{
    const struct tl_release_model *m = r->m;
    double total = 0.0;
    for (int32_t k = 0; k < b->n_counted; k++) {
        int32_t s = b->counted[k];
        total += m->slot_found[s] * log(fmax(c->trial_slot[s], TINY) / fmax(c->slot[s], TINY));
    }
    for (int32_t k = 0; k < b->n_mixed; k++) {
        const struct tl_release_mixed *mixed = &m->mixed[b->mixed[k]];
        double before = 0.0, after = 0.0;
        for (int32_t j = mixed->first; j < mixed->first + mixed->n; j++) {
            before += m->mixed_area[j] * c->slot[m->mixed_slot[j]];
            after += m->mixed_area[j] * c->trial_slot[m->mixed_slot[j]];
        }
        total += mixed->number * log(fmax(after, TINY) / fmax(before, TINY));
    }
    return total;
}

/* Makes trial and present alike again in the groups of a block. */
static void settle(const struct tl_release_run *r, struct tl_release_chain *c,
                   const struct tl_release_block *b, bool accept)
{
    for (int32_t k = 0; k < b->n_groups; k++) {
        int32_t g = b->groups[k];
        if (accept)
            c->found[g] = c->trial_found[g];
        else
            c->trial_found[g] = c->found[g];
        for (int32_t s = r->m->group_at[g]; s < r->m->group_at[g + 1]; s++) {
            if (accept)
                c->slot[s] = c->trial_slot[s];
            else
                c->trial_slot[s] = c->slot[s];
        }
    }
}

static void look_at_methods(const struct tl_release_run *r, const struct tl_release_state *state,
                            int64_t n, const int32_t *groups, double *found, double *slot)
{
    for (int64_t k = 0; k < n; k++) {
        int64_t g = groups == NULL ? k : groups[k];
        double *at = slot + r->m->group_at[g];
        found[g] = r->options->independent ? tl_release_found_alone(r->m, g, at)
                                           : tl_release_found(r->m, state, g, at);
    }
}

static void swap(double **a, double **b)
{
    double *keep = *a;
    *a = *b;
    *b = keep;
}

static void take_field(struct tl_release_chain *c, double log_field)
{
    swap(&c->deviation, &c->trial);
    swap(&c->density, &c->trial_density);
    swap(&c->sum, &c->trial_sum);
    c->log_field = log_field;
}

/* ---- steps ---- */

static void step_field(struct tl_release_run *r, struct tl_release_chain *c, const double *normal)
{
    double bound = c->log_field - expected_finds(r, c->found, c->sum) + log(uniform(c));
    double angle = TWO_PI * uniform(c), low = angle - TWO_PI, high = angle;
    for (int k = 0; k < SHRINKS_MAX; k++) {
        double cosine = cos(angle), sine = sin(angle);
        for (int64_t i = 0; i < r->row; i++)
            c->trial[i] = cosine * c->deviation[i] + sine * normal[i];
        double log_field = look_at_field(r, c->trial, c->trial_density, c->trial_sum);
        c->n_trials++;
        if (log_field - expected_finds(r, c->found, c->trial_sum) > bound) {
            take_field(c, log_field);
            return;
        }
        if (angle < 0.0)
            low = angle;
        else
            high = angle;
        angle = low + (high - low) * uniform(c);
    }
}

static double logit_step(struct tl_release_chain *c, double p, double length)
{
    double x = log(p / (1.0 - p)) + length * tl_rng_normal(c->rng, c->at++);
    p = 1.0 / (1.0 + exp(-x));
    return fmin(fmax(p, TINY), 1.0 - TINY);
}

/* Beta density on the logit scale, where the steps are symmetric. */
static double log_beta(double p, double a, double b)
{
    return a * log(p) + b * log(1.0 - p);
}

/* New d and q; log of prior times backward over forward proposal. */
static double propose_row(const struct tl_release_run *r, struct tl_release_chain *c, int32_t row,
                          struct tl_release_state *to)
{
    const struct tl_release_row *of = &r->m->rows[row];
    double u = uniform(c);
    if (u < 0.4) {
        to->d[row] = fmin(
            fmax(tl_rng_beta(tl_rng_fork(c->rng, c->at++), 0, of->d_a, of->d_b), TINY), 1.0 - TINY);
        to->q[row] = fmin(
            fmax(tl_rng_beta(tl_rng_fork(c->rng, c->at++), 0, of->q_a, of->q_b), TINY), 1.0 - TINY);
        tl_release_state_fill(to, row);
        return 0.0;
    }
    double length = u < 0.6 ? 1.0 : u < 0.8 ? 0.3 : 0.1;
    double before = log_beta(to->d[row], of->d_a, of->d_b) + log_beta(to->q[row], of->q_a, of->q_b);
    to->d[row] = logit_step(c, to->d[row], length);
    to->q[row] = logit_step(c, to->q[row], length);
    tl_release_state_fill(to, row);
    return log_beta(to->d[row], of->d_a, of->d_b) + log_beta(to->q[row], of->q_a, of->q_b) - before;
}

static double block_effort(const struct tl_release_block *b, const double *found,
                           const double *base_sum)
{
    double total = 0.0;
    for (int32_t k = 0; k < b->n_groups; k++)
        total += found[b->groups[k]] * base_sum[b->groups[k]];
    return total;
}

/* Moves the field along the block's ridge for what the trial's methods leave; *log_field is the trial's, returned the Gaussian's part. */
static double move_along(struct tl_release_run *r, struct tl_release_chain *c,
                         const struct tl_release_block *b, double *log_field)
{
    double before = block_effort(b, c->found, r->base_sum);
    double after = block_effort(b, c->trial_found, r->base_sum);
    double t = log(fmax(before, TINY)) - log(fmax(after, TINY)), product = 0.0;
    for (int64_t i = 0; i < r->n; i++)
        product += b->pull[i] * (c->deviation[i] + c->deviation[r->n]);
    for (int64_t i = 0; i < r->row; i++)
        c->trial[i] = c->deviation[i] + t * b->way[i];
    *log_field = look_at_field(r, c->trial, c->trial_density, c->trial_sum);
    return -t * product - 0.5 * t * t * b->curvature;
}

/* Change in expected finds; without a move of the field only the block's groups count. */
static double change_of_expected(const struct tl_release_run *r, const struct tl_release_chain *c,
                                 const struct tl_release_block *b, bool along)
{
    double change = 0.0;
    if (along)
        return expected_finds(r, c->trial_found, c->trial_sum) -
               expected_finds(r, c->found, c->sum);
    for (int32_t k = 0; k < b->n_groups; k++) {
        int32_t g = b->groups[k];
        change += (c->trial_found[g] - c->found[g]) * c->sum[g];
    }
    return change;
}

/* Metropolis-Hastings for a method or a lot, with or without its ridge. */
static void step_block(struct tl_release_run *r, struct tl_release_chain *c,
                       const struct tl_release_block *b, bool along)
{
    double d = 0.0, q = 0.0, ratio = 0.0, log_field = c->log_field;
    if (b->row >= 0) {
        d = c->state.d[b->row];
        q = c->state.q[b->row];
        ratio = propose_row(r, c, b->row, &c->state);
    } else {
        double f = r->m->lot_failure[b->lot];
        ratio = log(f / (1.0 - f)) * (c->state.failed[b->lot] != 0 ? -1.0 : 1.0);
        c->state.failed[b->lot] ^= 1;
    }
    look_at_methods(r, &c->state, b->n_groups, b->groups, c->trial_found, c->trial_slot);
    if (along)
        ratio += move_along(r, c, b, &log_field) + log_field - c->log_field;
    ratio += change_of_finds(r, c, b) - change_of_expected(r, c, b, along);
    bool accept = log(uniform(c)) < ratio;
    settle(r, c, b, accept);
    if (accept && along)
        take_field(c, log_field);
    if (accept)
        return;
    if (b->row >= 0) {
        c->state.d[b->row] = d;
        c->state.q[b->row] = q;
        tl_release_state_fill(&c->state, b->row);
    } else {
        c->state.failed[b->lot] ^= 1;
    }
}

static void draw_shares(const struct tl_release_model *m, struct tl_release_chain *c, double *share)
{
    double reference = 0.0;
    for (int l = 0; l < m->n_layers; l++) {
        share[l] = fmax(tl_rng_gamma(tl_rng_fork(c->rng, c->at++), 0, m->layer_alpha[l]), TINY);
        reference += l < m->n_reference ? share[l] : 0.0;
    }
    for (int l = 0; l < m->n_layers; l++)
        share[l] /= reference;
}

static void step_depth(struct tl_release_run *r, struct tl_release_chain *c)
{
    double keep[TL_RELEASE_LAYERS_MAX];
    memcpy(keep, c->state.share, sizeof keep);
    draw_shares(r->m, c, c->state.share);
    look_at_methods(r, &c->state, r->everything.n_groups, r->everything.groups, c->trial_found,
                    c->trial_slot);
    double ratio =
        change_of_finds(r, c, &r->everything) - change_of_expected(r, c, &r->everything, false);
    bool accept = log(uniform(c)) < ratio;
    settle(r, c, &r->everything, accept);
    if (!accept)
        memcpy(c->state.share, keep, sizeof keep);
}

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

/* Sum of area times density over P, by the groups that have ground in it; c->trial_sum is free here. */
static void ground_inside(const struct tl_release_run *r, struct tl_release_chain *c,
                          double *ground)
{
    const struct tl_release_model *m = r->m;
    double *by_group = c->trial_sum;
    memset(by_group, 0, (size_t)m->n_groups * sizeof *by_group);
    for (int64_t k = 0; k < m->n_entries; k++)
        by_group[m->entries[k].group] += m->entries[k].inside_m2 * c->density[m->entries[k].cell];
    for (int64_t k = 0; k < r->draws->n_inside; k++)
        ground[k] = by_group[r->draws->group[k]];
}

/* Methods and failures given the field. What bears on P is gone over again, in every sweep where that is cheap; the rest in the first. */
static void sweep(struct tl_release_run *r, struct tl_release_chain *c, int which)
{
    bool again = r->m->n_groups <= FEW_GROUPS || which % 4 == 0;
    for (int64_t k = 0; k < r->n_blocks; k++)
        if (which == 0 || (r->blocks[k].in_area && again))
            step_block(r, c, &r->blocks[k], false);
    if (r->m->n_layers > 1 && !r->options->independent && again)
        step_depth(r, c);
}

static void one_step(struct tl_release_run *r, int64_t j, int64_t step)
{
    struct tl_release_chain *c = &r->chain[j];
    int64_t kept = step - r->burn_in, turn = 0, draw = (j * r->n_kept + kept) * r->sweeps;
    step_field(r, c, r->normals + ((step - r->step) * TL_RELEASE_CHAINS + j) * r->row);
    for (int64_t k = 0; k < r->n_blocks; k++)
        if (r->blocks[k].way != NULL && (r->n_ridges <= FEW_BLOCKS || (step + turn++) % 6 == 0))
            step_block(r, c, &r->blocks[k], true);
    double *ground = kept >= 0 ? r->draws->ground + draw * r->draws->n_inside : NULL;
    if (kept >= 0)
        ground_inside(r, c, ground);
    for (int s = 0; s < r->sweeps; s++) {
        sweep(r, c, s);
        if (kept >= 0)
            keep_draw(r, c, draw + s, ground);
    }
}

static void one_chain(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct tl_release_run *r = user;
    (void)chunk;
    for (int64_t j = first; j < last; j++)
        for (int64_t step = r->step; step < r->step + AT_ONCE; step++)
            one_step(r, j, step);
}

/* ---- the whole ---- */

static tl_err set_chains(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    int64_t each = 2 * r->row + 2 * r->n + 4 * m->n_groups + 2 * r->n_slots;
    TL_TRY_ALLOC(ctx, r->memory, TL_RELEASE_CHAINS * each);
    TL_TRY_ALLOC(ctx, r->failed, TL_RELEASE_CHAINS * m->n_lots);
    TL_TRY_ALLOC(ctx, r->normals, TL_WINDOW_DRAWS * r->row);
    TL_TRY_ALLOC(ctx, r->base_sum, m->n_groups);
    TL_TRY(tl_window_draw(ctx, r->window, r->options->seed, STREAM + 1, 0, TL_WINDOW_DRAWS,
                          r->normals));
    for (int j = 0; j < TL_RELEASE_CHAINS; j++) {
        struct tl_release_chain *c = &r->chain[j];
        double *at = r->memory + j * each;
        double **wanted[] = {&c->deviation, &c->trial,     &c->density, &c->trial_density,
                             &c->sum,       &c->trial_sum, &c->found,   &c->trial_found,
                             &c->slot,      &c->trial_slot};
        int64_t sizes[] = {r->row,      r->row,      r->n,        r->n,       m->n_groups,
                           m->n_groups, m->n_groups, m->n_groups, r->n_slots, r->n_slots};
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            *wanted[k] = at;
            at += sizes[k];
        }
        c->rng = tl_rng_fork(tl_rng_make(r->options->seed, STREAM), (uint64_t)j);
        c->state.failed = r->failed + j * m->n_lots;
        tl_release_state_mean(m, &c->state);
        look_at_field(r, c->deviation, c->density, r->base_sum); /* at the mode: deviation 0 */
        memcpy(c->deviation, r->normals + j * r->row, (size_t)r->row * sizeof(double));
        for (int64_t l = 0; l < m->n_lots && !r->options->independent; l++)
            c->state.failed[l] = uniform(c) < m->lot_failure[l];
        c->log_field = look_at_field(r, c->deviation, c->density, c->sum);
        look_at_methods(r, &c->state, m->n_groups, NULL, c->found, c->slot);
        memcpy(c->trial_found, c->found, (size_t)m->n_groups * sizeof(double));
        memcpy(c->trial_slot, c->slot, (size_t)r->n_slots * sizeof(double));
    }
done:
    return err;
}

/* Fewer steps of the field, and more sweeps for each, where a step is dear. */
static void set_lengths(struct tl_release_run *r)
{
    double each = (double)r->options->n_draws / TL_RELEASE_CHAINS;
    double steps = fmin(each / SWEEPS, fmax(STEPS_BY_CELLS / (double)r->n, each / SWEEPS_MAX));
    r->n_kept = (int64_t)ceil(fmax(steps, fmin(STEPS_LEAST, each / SWEEPS)));
    r->n_kept += (AT_ONCE - r->n_kept % AT_ONCE) % AT_ONCE;
    r->sweeps = (int)ceil(each / (double)r->n_kept);
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

static void run_fini(struct tl_release_run *r)
{
    tl_release_reference_fini(r);
    tl_free(r->base_sum);
    tl_free(r->memory);
    tl_free(r->failed);
    tl_free(r->normals);
}

static tl_err run_steps(struct tl_ctx *ctx, struct tl_release_run *r, uint64_t stream)
{
    tl_err err = TL_OK;
    for (r->step = 0; r->step < r->n_steps; r->step += AT_ONCE) {
        TL_TRY(tl_window_draw(ctx, r->window, r->options->seed, stream, r->step * TL_RELEASE_CHAINS,
                              TL_WINDOW_DRAWS, r->normals));
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
        look_at_methods(r, &r->chain[j].state, r->m->n_groups, NULL, r->chain[j].found,
                        r->chain[j].slot);
    TL_TRY(run_steps(ctx, r, STREAM + 3));
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
    r.n_slots = model->group_at[model->n_groups];
    tl_progress_begin(ctx, "drawing what may remain");
    TL_TRY(tl_release_reference_window(ctx, prior, &r));
    TL_TRY(tl_release_reference_blocks(ctx, &r));
    TL_TRY(set_draws(ctx, &r, &d));
    TL_TRY(set_chains(ctx, &r));
    TL_TRY(run_steps(ctx, &r, STREAM + 2));
    double trials = 0.0;
    for (int j = 0; j < TL_RELEASE_CHAINS; j++)
        trials += (double)r.chain[j].n_trials;
    d.field_accepted = trials / (double)(TL_RELEASE_CHAINS * r.n_steps);
    if (options->alone != NULL)
        TL_TRY(draw_alone(ctx, &r, options->alone));
    *draws = d;
    d = (struct tl_release_draws){0};
done:
    tl_progress_end(ctx);
    tl_release_draws_fini(&d);
    run_fini(&r);
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
