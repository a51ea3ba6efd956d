/*
 * Methods, failures and depth shares given the field. All that they need of it is a sum for each group, and all that they leave is a number for each band
 * (layers of a group that the same searches reach). So:
 *
 * - d and q of a method. With everything else held, what is left of a band is a constant times missed(k), k the method's passes there that did not fail,
 *   and the chance of every find is a sum of such terms. The log posterior is therefore that of a few numbers A_k (expected items by passes) and of a short
 *   list of terms; gathered once, it costs next to nothing, and d and q are drawn by slice sampling on the logit scale (Neal 2003), which
 *   needs no tuning, after a try at a fresh pair.
 * - Failure of a lot: a flip. Two lots that worked on the same ground contend for the blame when a later search finds much there, so one may
 *   also take it over from the other.
 * - Depth shares: fresh ones from their prior.
 */
#include <math.h>
#include <string.h>

#include "release/chain.h"

enum { POWERS = 256, ROUNDS = 2, GROW_MAX = 12, SHRINK_MAX = 40, AT_ONE_PLACE = 16 };
static const double TINY = 1e-12, LOGIT_MAX = 27.0, WIDTH = 2.0;

static double uniform(struct tl_release_chain *c)
{
    return tl_rng_uniform(c->rng, c->at++);
}

static double missed(double d, double q, int32_t passes)
{
    return 1.0 - d + d * pow(1.0 - q, passes);
}

static double missed_in(const struct tl_release_state *state, int32_t row, int32_t passes)
{
    return passes < TL_RELEASE_PASSES ? state->missed[row][passes]
                                      : missed(state->d[row], state->q[row], passes);
}

/* ---- bands ---- */

/* Searches so far at one place, by method. */
struct place {
    int n;
    int32_t row[AT_ONE_PLACE],
        passes[AT_ONE_PLACE]; /* more methods at one place are left out: that leaves more */
    double failed;
};

static void add_work(struct place *p, const struct tl_release_work *w,
                     const struct tl_release_state *state)
{
    int k = 0;
    if (state->failed[w->lot] != 0) {
        p->failed *= 1.0 - w->p_failed;
        return;
    }
    while (k < p->n && p->row[k] != w->row)
        k++;
    if (k == p->n) {
        if (k == AT_ONE_PLACE)
            return;
        p->row[p->n] = w->row;
        p->passes[p->n++] = 0;
    }
    p->passes[k] += w->passes;
}

/* Share left, but for the method `row`, whose passes are told. */
static double left_but(const struct place *p, const struct tl_release_state *state, int32_t row,
                       int32_t *passes)
{
    double left = p->failed;
    *passes = 0;
    for (int k = 0; k < p->n; k++)
        if (p->row[k] == row)
            *passes = p->passes[k];
        else
            left *= missed_in(state, p->row[k], p->passes[k]);
    return left;
}

static struct place nobody(void)
{
    struct place p; /* not filled: this is called millions of times */
    p.n = 0;
    p.failed = 1.0;
    return p;
}

static double band_left(const struct tl_release_run *r, const struct tl_release_state *state,
                        const struct tl_release_band *band)
{
    struct place p = nobody();
    int32_t none;
    for (int32_t k = band->first; k < band->first + band->n; k++)
        add_work(&p, &r->works[k], state);
    return left_but(&p, state, -1, &none);
}

double tl_release_sweep_share(const struct tl_release_state *state,
                              const struct tl_release_band *band)
{
    double share = 0.0;
    for (int32_t l = band->first_layer; l < band->last_layer; l++)
        share += state->share[l];
    return share;
}

void tl_release_sweep_found(const struct tl_release_run *r, struct tl_release_chain *c)
{
    for (int64_t g = 0; g < r->m->n_groups; g++) {
        c->found[g] = 0.0;
        for (int32_t b = r->band_at[g]; b < r->band_at[g + 1]; b++)
            c->found[g] += tl_release_sweep_share(&c->state, &r->bands[b]) * (1.0 - c->left[b]);
    }
}

static void count_band(const struct tl_release_run *r, struct tl_release_chain *c,
                       const struct tl_release_band *band)
{
    const struct tl_release_work *works = r->works + band->first;
    for (int32_t k = 0; k < band->n; k++)
        c->totals[works[k].total] = 0;
    for (int32_t k = 0; k < band->n; k++)
        if (c->state.failed[works[k].lot] == 0)
            c->totals[works[k].total] += works[k].passes;
}

void tl_release_sweep_look(const struct tl_release_run *r, struct tl_release_chain *c)
{
    for (int64_t b = 0; b < r->n_bands; b++)
        count_band(r, c, &r->bands[b]);
    for (int64_t b = 0; b < r->n_bands; b++)
        c->left[b] = c->trial_left[b] = band_left(r, &c->state, &r->bands[b]);
    tl_release_sweep_found(r, c);
}

/* ---- finds ---- */

/* Calls of `term`: chance of a find by a slot = sum of coefficient x missed(power) of the method `row` (-1 = of none). */
struct terms {
    double *coefficient;
    int32_t *power;
    int32_t n;
};

static void slot_terms(const struct tl_release_run *r, const struct tl_release_state *state,
                       int32_t slot, double weight, int32_t row, struct terms *to)
{
    int32_t g = r->slot_group[slot];
    for (int32_t b = r->band_at[g]; b < r->band_at[g + 1]; b++) {
        const struct tl_release_band *band = &r->bands[b];
        struct place p = nobody();
        int32_t k = band->first, last = band->first + band->n;
        for (; k < last && r->works[k].slot != slot; k++)
            add_work(&p, &r->works[k], state);
        if (k == last)
            continue;
        double share = weight * tl_release_sweep_share(state, band);
        to->coefficient[to->n] = share * left_but(&p, state, row, &to->power[to->n]);
        to->n++;
        add_work(&p, &r->works[k], state);
        to->coefficient[to->n] = -share * left_but(&p, state, row, &to->power[to->n]);
        to->n++;
    }
}

static double count_chance(const struct tl_release_run *r, const struct tl_release_state *state,
                           const struct tl_release_count *count)
{
    double coefficient[2 * TL_RELEASE_LAYERS_MAX], sum = 0.0;
    int32_t power[2 * TL_RELEASE_LAYERS_MAX];
    for (int32_t j = count->first; j < count->first + count->n; j++) {
        struct terms to = {coefficient, power, 0};
        slot_terms(r, state, r->count_slot[j], r->count_weight[j], -1, &to);
        for (int32_t k = 0; k < to.n; k++)
            sum += coefficient[k];
    }
    return sum;
}

double tl_release_sweep_finds(const struct tl_release_run *r, const struct tl_release_state *state,
                              const struct tl_release_block *b)
{
    double total = 0.0;
    for (int32_t k = 0; k < b->n_counts; k++) {
        const struct tl_release_count *count = &r->counts[b->counts[k]];
        total += count->number * log(fmax(count_chance(r, state, count), TINY));
    }
    return total;
}

/* ---- proposals ---- */

static double beta(struct tl_release_chain *c, double a, double b)
{
    return fmin(fmax(tl_rng_beta(tl_rng_fork(c->rng, c->at++), 0, a, b), TINY), 1.0 - TINY);
}

static double from_logit(double x)
{
    return fmin(fmax(1.0 / (1.0 + exp(-x)), TINY), 1.0 - TINY);
}

static double to_logit(double p)
{
    return log(p / (1.0 - p));
}

/* Beta density on the logit scale, where the steps are symmetric. */
static double log_beta(double p, double a, double b)
{
    return a * log(p) + b * log1p(-p);
}

static double log_prior(const struct tl_release_row *of, double d, double q)
{
    return log_beta(d, of->d_a, of->d_b) + log_beta(q, of->q_a, of->q_b);
}

static double propose_row(const struct tl_release_run *r, struct tl_release_chain *c, int32_t row)
{
    const struct tl_release_row *of = &r->m->rows[row];
    struct tl_release_state *to = &c->state;
    double u = uniform(c), ratio = 0.0;
    if (u < 0.25) {
        to->d[row] = beta(c, of->d_a, of->d_b);
        to->q[row] = beta(c, of->q_a, of->q_b);
    } else {
        double length = u < 0.5    ? 1.0
                        : u < 0.75 ? 0.3
                                   : 0.1,
               before = log_prior(of, to->d[row], to->q[row]);
        to->d[row] = from_logit(to_logit(to->d[row]) + length * tl_rng_normal(c->rng, c->at++));
        to->q[row] = from_logit(to_logit(to->q[row]) + length * tl_rng_normal(c->rng, c->at++));
        ratio = log_prior(of, to->d[row], to->q[row]) - before;
    }
    tl_release_state_fill(to, row);
    return ratio;
}

static double flip(const struct tl_release_run *r, struct tl_release_chain *c, int32_t lot)
{
    double f = r->m->lot_failure[lot];
    c->state.failed[lot] ^= 1;
    return log(f / (1.0 - f)) * (c->state.failed[lot] != 0 ? 1.0 : -1.0);
}

static void look_at_bands(const struct tl_release_run *r, struct tl_release_chain *c,
                          const struct tl_release_block *b)
{
    for (int32_t k = 0; k < b->n_bands; k++)
        c->trial_left[b->bands[k]] = band_left(r, &c->state, &r->bands[b->bands[k]]);
}

/* After a lot was flipped; the totals are still those of before. */
static void flip_bands(const struct tl_release_run *r, struct tl_release_chain *c,
                       const struct tl_release_block *b)
{
    bool has_failed = c->state.failed[b->lot] != 0;
    for (int32_t k = 0; k < b->n_bands; k++) {
        int32_t at = b->bands[k];
        const struct tl_release_own *own = &b->own[k];
        if (own->row < 0) {
            c->trial_left[at] = band_left(r, &c->state, &r->bands[at]);
            continue;
        }
        int32_t others = c->totals[own->total] - (has_failed ? own->passes : 0);
        double failed = own->failed * missed_in(&c->state, own->row, others);
        double fine = missed_in(&c->state, own->row, others + own->passes);
        c->trial_left[at] = c->left[at] * (has_failed ? failed / fine : fine / failed);
    }
}

/* After a flip was taken. */
static void count_flip(const struct tl_release_run *r, struct tl_release_chain *c,
                       const struct tl_release_block *b)
{
    bool has_failed = c->state.failed[b->lot] != 0;
    for (int32_t k = 0; k < b->n_bands; k++) {
        const struct tl_release_own *own = &b->own[k];
        if (own->row < 0)
            count_band(r, c, &r->bands[b->bands[k]]);
        else
            c->totals[own->total] += has_failed ? -own->passes : own->passes;
    }
}

double tl_release_sweep_propose(const struct tl_release_run *r, struct tl_release_chain *c,
                                const struct tl_release_block *b)
{
    double ratio = b->row >= 0 ? propose_row(r, c, b->row) : flip(r, c, b->lot);
    if (b->row >= 0)
        look_at_bands(r, c, b);
    else
        flip_bands(r, c, b);
    return ratio;
}

static void settle_bands(struct tl_release_chain *c, const struct tl_release_block *b, bool accept)
{
    double *to = accept ? c->left : c->trial_left, *from = accept ? c->trial_left : c->left;
    for (int32_t k = 0; k < b->n_bands; k++)
        to[b->bands[k]] = from[b->bands[k]];
}

void tl_release_sweep_settle(const struct tl_release_run *r, struct tl_release_chain *c,
                             const struct tl_release_block *b, const struct tl_release_undo *undo,
                             bool accept)
{
    settle_bands(c, b, accept);
    if (accept && b->row < 0)
        count_flip(r, c, b);
    if (accept)
        return;
    if (b->row < 0) {
        c->state.failed[b->lot] ^= 1;
        return;
    }
    c->state.d[b->row] = undo->d;
    c->state.q[b->row] = undo->q;
    tl_release_state_fill(&c->state, b->row);
}

/* Expected finds fall by what is left more. */
static double change_of_left(const struct tl_release_run *r, const struct tl_release_chain *c,
                             const struct tl_release_block *b)
{
    double change = 0.0;
    for (int32_t k = 0; k < b->n_bands; k++) {
        const struct tl_release_band *band = &r->bands[b->bands[k]];
        change += c->sum[band->group] * tl_release_sweep_share(&c->state, band) *
                  (c->trial_left[b->bands[k]] - c->left[b->bands[k]]);
    }
    return change;
}

static void step_lot(const struct tl_release_run *r, struct tl_release_chain *c,
                     const struct tl_release_block *b)
{
    double before = tl_release_sweep_finds(r, &c->state, b);
    double ratio = tl_release_sweep_propose(r, c, b) + change_of_left(r, c, b);
    ratio += tl_release_sweep_finds(r, &c->state, b) - before;
    tl_release_sweep_settle(r, c, b, NULL, log(uniform(c)) < ratio);
}

/* The blame goes from one lot to another, or back. */
static void step_rivals(const struct tl_release_run *r, struct tl_release_chain *c,
                        const struct tl_release_block *b)
{
    if (b->n_rivals == 0)
        return;
    int32_t which = (int32_t)(uniform(c) * (double)b->n_rivals);
    const struct tl_release_block *other = &r->blocks[b->rivals[which]];
    if (c->state.failed[b->lot] == c->state.failed[other->lot])
        return;
    /* First the one, as if it were taken, then the other on top of it; both go back if not. */
    double ratio = -tl_release_sweep_finds(r, &c->state, b);
    ratio += tl_release_sweep_propose(r, c, b) + change_of_left(r, c, b) +
             tl_release_sweep_finds(r, &c->state, b);
    settle_bands(c, b, true);
    count_flip(r, c, b);
    ratio -= tl_release_sweep_finds(r, &c->state, other);
    ratio += tl_release_sweep_propose(r, c, other) + change_of_left(r, c, other) +
             tl_release_sweep_finds(r, &c->state, other);
    bool accept = log(uniform(c)) < ratio;
    tl_release_sweep_settle(r, c, other, NULL, accept);
    if (accept)
        return;
    c->state.failed[b->lot] ^= 1;
    flip_bands(r, c, b);
    settle_bands(c, b, true);
    count_flip(r, c, b);
}

/* ---- d and q given all else ---- */

struct row_target {
    const struct tl_release_run *r;
    struct tl_release_chain *c;
    const struct tl_release_block *b;
    int32_t most; /* passes */
    double
        left[POWERS]; /* A_k / missed(k): items left by all others where the method made k passes */
    double missed[POWERS]; /* at the point looked at last */
};

static int32_t power_of(int32_t passes)
{
    return passes < POWERS ? passes : POWERS - 1;
}

static void fill_missed(struct row_target *t, double d, double q)
{
    double other = 1.0 - q, left = d;
    for (int32_t k = 0; k <= t->most; k++, left *= other)
        t->missed[k] = 1.0 - d + left;
}

static void gather(struct row_target *t)
{
    const struct tl_release_run *r = t->r;
    struct tl_release_chain *c = t->c;
    int32_t row = t->b->row;
    memset(t->left, 0, sizeof t->left);
    t->most = 0;
    for (int32_t k = 0; k < t->b->n_bands; k++) {
        const struct tl_release_band *band = &r->bands[t->b->bands[k]];
        int32_t passes = power_of(c->totals[t->b->totals[k]]);
        t->most = passes > t->most ? passes : t->most;
        t->left[passes] +=
            c->sum[band->group] * tl_release_sweep_share(&c->state, band) * c->left[t->b->bands[k]];
    }
    struct terms to = {c->coefficient, c->power, 0};
    for (int32_t k = 0; k < t->b->n_counts; k++) {
        const struct tl_release_count *count = &r->counts[t->b->counts[k]];
        c->term_at[k] = to.n;
        for (int32_t j = count->first; j < count->first + count->n; j++)
            slot_terms(r, &c->state, r->count_slot[j], r->count_weight[j], row, &to);
    }
    c->term_at[t->b->n_counts] = to.n;
    for (int32_t k = 0; k < to.n; k++) {
        c->power[k] = power_of(c->power[k]);
        t->most = c->power[k] > t->most ? c->power[k] : t->most;
    }
    fill_missed(t, c->state.d[row], c->state.q[row]);
    for (int32_t k = 0; k <= t->most; k++)
        t->left[k] /= t->missed[k];
}

/* Log posterior on the logit scale. */
static double row_density(struct row_target *t, double d, double q)
{
    const struct tl_release_chain *c = t->c;
    double total = log_prior(&t->r->m->rows[t->b->row], d, q);
    fill_missed(t, d, q);
    for (int32_t k = 0; k <= t->most; k++)
        total += t->left[k] * t->missed[k];
    for (int32_t k = 0; k < t->b->n_counts; k++) {
        double chance = 0.0;
        for (int32_t j = c->term_at[k]; j < c->term_at[k + 1]; j++)
            chance += c->coefficient[j] * t->missed[c->power[j]];
        total += t->r->counts[t->b->counts[k]].number * log(fmax(chance, TINY));
    }
    return total;
}

static double at_logits(struct row_target *t, const double x[2])
{
    if (fabs(x[0]) > LOGIT_MAX || fabs(x[1]) > LOGIT_MAX)
        return -INFINITY;
    return row_density(t, from_logit(x[0]), from_logit(x[1]));
}

/* Stepping out and shrinking (Neal 2003) of x[which]; returns the log density there. */
static double slice(struct row_target *t, double x[2], int which, double here)
{
    struct tl_release_chain *c = t->c;
    double bound = here + log(uniform(c)), was = x[which], low = was - WIDTH * uniform(c),
           high = low + WIDTH;
    int grow = (int)(uniform(c) * GROW_MAX), rest = GROW_MAX - 1 - grow;
    for (x[which] = low; grow > 0 && at_logits(t, x) > bound; grow--)
        x[which] = low -= WIDTH;
    for (x[which] = high; rest > 0 && at_logits(t, x) > bound; rest--)
        x[which] = high += WIDTH;
    for (int k = 0; k < SHRINK_MAX; k++) {
        x[which] = low + (high - low) * uniform(c);
        double there = at_logits(t, x);
        if (there > bound)
            return there;
        if (x[which] < was)
            low = x[which];
        else
            high = x[which];
    }
    x[which] = was;
    return here;
}

void tl_release_sweep_row(const struct tl_release_run *r, struct tl_release_chain *c,
                          const struct tl_release_block *b)
{
    struct row_target t = {.r = r, .c = c, .b = b};
    const struct tl_release_row *of = &r->m->rows[b->row];
    double d = c->state.d[b->row], q = c->state.q[b->row], before[POWERS];
    gather(&t);
    memcpy(before, t.missed, sizeof before);
    /* Afresh from the prior: what is compared is the likelihood alone. */
    double here = row_density(&t, d, q), likelihood = here - log_prior(of, d, q);
    double new_d = beta(c, of->d_a, of->d_b), new_q = beta(c, of->q_a, of->q_b);
    double there = row_density(&t, new_d, new_q);
    if (log(uniform(c)) < there - log_prior(of, new_d, new_q) - likelihood) {
        d = new_d;
        q = new_q;
        here = there;
    }
    double x[2] = {to_logit(d), to_logit(q)};
    for (int k = 0; k < 2 * ROUNDS; k++)
        here = slice(&t, x, k % 2, here);
    c->state.d[b->row] = from_logit(x[0]);
    c->state.q[b->row] = from_logit(x[1]);
    tl_release_state_fill(&c->state, b->row);
    fill_missed(&t, c->state.d[b->row], c->state.q[b->row]);
    for (int32_t k = 0; k < b->n_bands; k++) {
        int32_t at = b->bands[k], passes = power_of(c->totals[b->totals[k]]);
        c->left[at] *= t.missed[passes] / before[passes];
        c->trial_left[at] = c->left[at];
    }
}

/* ---- depth ---- */

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

static double expected_of(const struct tl_release_run *r, const struct tl_release_chain *c)
{
    double total = 0.0;
    for (int64_t b = 0; b < r->n_bands; b++)
        total += c->sum[r->bands[b].group] * tl_release_sweep_share(&c->state, &r->bands[b]) *
                 (1.0 - c->left[b]);
    return total;
}

static void step_depth(const struct tl_release_run *r, struct tl_release_chain *c)
{
    double keep[TL_RELEASE_LAYERS_MAX];
    double before = tl_release_sweep_finds(r, &c->state, &r->everything) - expected_of(r, c);
    memcpy(keep, c->state.share, sizeof keep);
    draw_shares(r->m, c, c->state.share);
    double after = tl_release_sweep_finds(r, &c->state, &r->everything) - expected_of(r, c);
    if (!(log(uniform(c)) < after - before))
        memcpy(c->state.share, keep, sizeof keep);
}

void tl_release_sweep_lots(const struct tl_release_run *r, struct tl_release_chain *c,
                           bool everything)
{
    for (int64_t k = 0; k < r->n_blocks; k++) {
        const struct tl_release_block *b = &r->blocks[k];
        if (b->row >= 0 || (!everything && !b->in_area))
            continue;
        step_lot(r, c, b);
        step_rivals(r, c, b);
    }
}

void tl_release_sweep(const struct tl_release_run *r, struct tl_release_chain *c, bool everything)
{
    for (int64_t k = 0; k < r->n_blocks; k++)
        if (r->blocks[k].row >= 0)
            tl_release_sweep_row(r, c, &r->blocks[k]);
    tl_release_sweep_lots(r, c, everything);
    if (r->m->n_layers > 1)
        step_depth(r, c);
}

/* ---- what is read ---- */

static int32_t reach_of(const struct tl_release_model *m, int32_t slot)
{
    return m->searches[m->slot_search[slot]].n_layers;
}

static void add_band(struct tl_release_run *r, int32_t g, int32_t n, int32_t low, int32_t high)
{
    const struct tl_release_model *m = r->m;
    struct tl_release_work *to = r->works + r->n_works;
    r->bands[r->n_bands] = (struct tl_release_band){g, (int32_t)r->n_works, n, low, high};
    for (int32_t s = m->group_at[g]; s < m->group_at[g + 1]; s++) {
        const struct tl_release_search *by = &m->searches[m->slot_search[s]];
        if (by->n_layers > low)
            *to++ = (struct tl_release_work){by->row, by->lot, by->passes,
                                             s,       -1,      m->rows[by->row].p_failed};
    }
}

/* Layers between the reaches of a group's searches; or only how many there are. */
static void bands_of(struct tl_release_run *r, int32_t g, bool count)
{
    const struct tl_release_model *m = r->m;
    for (int32_t low = 0, high; low < m->n_layers; low = high) {
        int32_t n = 0;
        high = m->n_layers;
        for (int32_t s = m->group_at[g]; s < m->group_at[g + 1]; s++) {
            int32_t reach = reach_of(m, s);
            n += reach > low;
            if (reach > low && reach < high)
                high = reach;
        }
        if (n == 0)
            return;
        if (!count)
            add_band(r, g, n, low, high);
        r->n_bands++;
        r->n_works += n;
    }
}

/* One total for each row of a band. */
static void set_totals(struct tl_release_run *r, const struct tl_release_band *band)
{
    struct tl_release_work *works = r->works + band->first;
    for (int32_t k = 0; k < band->n; k++) {
        for (int32_t j = 0; j < k; j++)
            if (works[j].row == works[k].row)
                works[k].total = works[j].total;
        if (works[k].total < 0)
            works[k].total = (int32_t)r->n_totals++;
    }
}

static tl_err set_bands(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    TL_TRY_ALLOC(ctx, r->band_at, m->n_groups + 1);
    TL_TRY_ALLOC(ctx, r->slot_group, m->group_at[m->n_groups]);
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            TL_TRY_ALLOC(ctx, r->bands, r->n_bands);
            TL_TRY_ALLOC(ctx, r->works, r->n_works);
        }
        r->n_bands = r->n_works = 0;
        for (int32_t g = 0; g < m->n_groups; g++) {
            bands_of(r, g, pass == 0);
            r->band_at[g + 1] = (int32_t)r->n_bands;
            for (int32_t s = m->group_at[g]; s < m->group_at[g + 1]; s++)
                r->slot_group[s] = g;
        }
    }
    for (int64_t b = 0; b < r->n_bands; b++)
        set_totals(r, &r->bands[b]);
done:
    return err;
}

static void add_count(struct tl_release_run *r, int32_t *at, int32_t n, const int32_t *slots,
                      const double *weights, double number)
{
    r->counts[r->n_counts++] = (struct tl_release_count){*at, n, number};
    for (int32_t k = 0; k < n; k++, ++*at) {
        int32_t g = r->slot_group[slots[k]];
        r->count_slot[*at] = slots[k];
        r->count_weight[*at] = weights == NULL ? 1.0 : weights[k];
        r->n_terms += 2 * (r->band_at[g + 1] - r->band_at[g]);
    }
}

static tl_err set_counts(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    const struct tl_release_model *m = r->m;
    int32_t n_slots = m->group_at[m->n_groups], at = 0;
    int64_t n = m->n_mixed, n_places = 0;
    for (int32_t s = 0; s < n_slots; s++)
        n += m->slot_found[s] > 0.0;
    n_places = n;
    for (int64_t k = 0; k < m->n_mixed; k++)
        n_places += m->mixed[k].n;
    TL_TRY_ALLOC(ctx, r->counts, n);
    TL_TRY_ALLOC(ctx, r->count_slot, n_places);
    TL_TRY_ALLOC(ctx, r->count_weight, n_places);
    for (int32_t s = 0; s < n_slots; s++)
        if (m->slot_found[s] > 0.0)
            add_count(r, &at, 1, &s, NULL, m->slot_found[s]);
    for (int64_t k = 0; k < m->n_mixed; k++)
        add_count(r, &at, m->mixed[k].n, m->mixed_slot + m->mixed[k].first,
                  m->mixed_area + m->mixed[k].first, m->mixed[k].number);
done:
    return err;
}

static struct tl_release_own own_of(const struct tl_release_run *r,
                                    const struct tl_release_band *band, int32_t lot)
{
    struct tl_release_own own = {.row = -1, .failed = 1.0};
    const struct tl_release_work *works = r->works + band->first;
    for (int32_t k = 0; k < band->n; k++) {
        if (works[k].lot != lot)
            continue;
        if (own.row >= 0 && own.row != works[k].row)
            return (struct tl_release_own){.row = -1};
        own.row = works[k].row;
        own.total = works[k].total;
        own.passes += works[k].passes;
        own.failed *= 1.0 - works[k].p_failed;
    }
    /* Where a failed lot finds all there is no ratio to come back by. */
    if (!(own.failed > 0.0))
        own.row = -1;
    return own;
}

tl_err tl_release_sweep_own(struct tl_ctx *ctx, const struct tl_release_run *r,
                            struct tl_release_block *b)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, b->own, b->lot >= 0 ? b->n_bands : 0);
    TL_TRY_ALLOC(ctx, b->totals, b->row >= 0 ? b->n_bands : 0);
    for (int32_t k = 0; k < b->n_bands && b->lot >= 0; k++)
        b->own[k] = own_of(r, &r->bands[b->bands[k]], b->lot);
    for (int32_t k = 0; k < b->n_bands && b->row >= 0; k++) {
        const struct tl_release_work *work = r->works + r->bands[b->bands[k]].first;
        while (work->row != b->row)
            work++;
        b->totals[k] = work->total;
    }
done:
    return err;
}

tl_err tl_release_sweep_init(struct tl_ctx *ctx, struct tl_release_run *r)
{
    tl_err err = TL_OK;
    TL_TRY(set_bands(ctx, r));
    TL_TRY(set_counts(ctx, r));
done:
    return err;
}

void tl_release_sweep_fini(struct tl_release_run *r)
{
    tl_free(r->band_at);
    tl_free(r->slot_group);
    tl_free(r->bands);
    tl_free(r->works);
    tl_free(r->counts);
    tl_free(r->count_slot);
    tl_free(r->count_weight);
}
