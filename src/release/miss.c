/*
 * What searches leave (model.md section 3), with what a mean cannot hold: passes of one method over an item agree (a share 1 - d cannot be
 * found by it at all), a lot that failed finds with p_failed however often it went over, and both are the same for all ground of
 * the lot. left = prod over methods of (1 - d) + d (1 - q)^k, k passes of lots that did not fail, times (1 - p_failed) for each search of a
 * failed lot.
 */
#include <math.h>
#include <string.h>

#include "release/release.h"

static double mean_of(double a, double b)
{
    return a + b > 0.0 ? a / (a + b) : 0.0;
}

static double power(double x, int32_t n)
{
    double out = 1.0;
    for (; n > 0; n >>= 1, x *= x)
        if ((n & 1) != 0)
            out *= x;
    return out;
}

static double missed(double d, double q, int32_t passes)
{
    return 1.0 - d + d * power(1.0 - q, passes);
}

void tl_release_state_fill(struct tl_release_state *state, int64_t row)
{
    double other = 1.0 - state->q[row], left = state->d[row];
    for (int k = 0; k < TL_RELEASE_PASSES; k++, left *= other)
        state->missed[row][k] = 1.0 - state->d[row] + left;
}

/* Work over one place so far, by method. */
struct work {
    int n;
    int32_t row[16],
        passes[16]; /* methods beyond the 16th at one place are left out: that leaves more */
    double failed;  /* what failed lots leave */
};

static void add_work(struct work *w, int32_t row, int32_t passes, bool failed, double p_failed)
{
    int k = 0;
    if (failed) {
        w->failed *= 1.0 - p_failed;
        return;
    }
    while (k < w->n && w->row[k] != row)
        k++;
    if (k == w->n) {
        if (k == (int)(sizeof w->row / sizeof w->row[0]))
            return;
        w->row[w->n++] = row;
        w->passes[k] = 0;
    }
    w->passes[k] += passes;
}

/* Not filled: this is called millions of times. */
static struct work nobody(void)
{
    struct work w;
    w.n = 0;
    w.failed = 1.0;
    return w;
}

static double left_by(const struct work *w, const struct tl_release_state *state,
                      const struct tl_release_more *more)
{
    double left = w->failed;
    for (int k = 0; k < w->n; k++) {
        int32_t r = w->row[k];
        /* Rows below 0 are those of new methods: -1 - number in `more`. */
        left *= r >= 0 ? (w->passes[k] < TL_RELEASE_PASSES
                              ? state->missed[r][w->passes[k]]
                              : missed(state->d[r], state->q[r], w->passes[k]))
                       : missed(more[-1 - r].d, more[-1 - r].q, w->passes[k]);
    }
    return left;
}

void tl_release_left(const struct tl_release_model *m, const struct tl_release_state *state,
                     int64_t group, int n_more, const struct tl_release_more *more,
                     double left[TL_RELEASE_LAYERS_MAX])
{
    for (int l = 0; l < m->n_layers; l++) {
        struct work w = nobody();
        for (int32_t k = m->group_at[group]; k < m->group_at[group + 1]; k++) {
            const struct tl_release_search *s = &m->searches[m->slot_search[k]];
            if (l < s->n_layers)
                add_work(&w, s->row, s->passes, state->failed[s->lot] != 0,
                         m->rows[s->row].p_failed);
        }
        for (int k = 0; k < n_more; k++)
            if (l < more[k].n_layers)
                add_work(&w, more[k].row >= 0 ? more[k].row : -1 - k, more[k].passes,
                         more[k].failed, more[k].p_failed);
        left[l] = left_by(&w, state, more);
    }
}

double tl_release_found(const struct tl_release_model *m, const struct tl_release_state *state,
                        int64_t group, double *by_slot)
{
    int32_t first = m->group_at[group], last = m->group_at[group + 1];
    double sum = 0.0;
    memset(by_slot, 0, (size_t)(last - first) * sizeof *by_slot);
    for (int l = 0; l < m->n_layers; l++) {
        struct work w = nobody();
        double before = 1.0;
        for (int32_t k = first; k < last; k++) {
            const struct tl_release_search *s = &m->searches[m->slot_search[k]];
            if (l >= s->n_layers)
                continue;
            add_work(&w, s->row, s->passes, state->failed[s->lot] != 0, m->rows[s->row].p_failed);
            double left = left_by(&w, state, NULL);
            by_slot[k - first] += state->share[l] * (before - left);
            before = left;
        }
        sum += state->share[l] * (1.0 - before);
    }
    return sum;
}

/* Chance at one pass, everything averaged. */
static double alone(const struct tl_release_model *m, const struct tl_release_search *s)
{
    const struct tl_release_row *r = &m->rows[s->row];
    double f = m->lot_failure[s->lot];
    return (1.0 - f) * mean_of(r->d_a, r->d_b) * mean_of(r->q_a, r->q_b) + f * r->p_failed;
}

static void mean_shares(const struct tl_release_model *m, double *share)
{
    double reference = 0.0;
    for (int l = 0; l < m->n_reference; l++)
        reference += m->layer_alpha[l];
    for (int l = 0; l < m->n_layers; l++)
        share[l] = m->layer_alpha[l] / reference;
}

double tl_release_found_alone(const struct tl_release_model *m, int64_t group, double *by_slot)
{
    int32_t first = m->group_at[group], last = m->group_at[group + 1];
    double sum = 0.0, share[TL_RELEASE_LAYERS_MAX];
    mean_shares(m, share);
    memset(by_slot, 0, (size_t)(last - first) * sizeof *by_slot);
    for (int l = 0; l < m->n_layers; l++) {
        double before = 1.0;
        for (int32_t k = first; k < last; k++) {
            const struct tl_release_search *s = &m->searches[m->slot_search[k]];
            if (l >= s->n_layers)
                continue;
            double left = before * power(1.0 - alone(m, s), s->passes);
            by_slot[k - first] += share[l] * (before - left);
            before = left;
        }
        sum += share[l] * (1.0 - before);
    }
    return sum;
}

void tl_release_left_alone(const struct tl_release_model *m, int64_t group,
                           double left[TL_RELEASE_LAYERS_MAX])
{
    for (int l = 0; l < m->n_layers; l++) {
        left[l] = 1.0;
        for (int32_t k = m->group_at[group]; k < m->group_at[group + 1]; k++) {
            const struct tl_release_search *s = &m->searches[m->slot_search[k]];
            if (l < s->n_layers)
                left[l] *= power(1.0 - alone(m, s), s->passes);
        }
    }
}

void tl_release_state_mean(const struct tl_release_model *m, struct tl_release_state *state)
{
    for (int64_t r = 0; r < m->n_rows; r++) {
        state->d[r] = mean_of(m->rows[r].d_a, m->rows[r].d_b);
        state->q[r] = mean_of(m->rows[r].q_a, m->rows[r].q_b);
        tl_release_state_fill(state, r);
    }
    mean_shares(m, state->share);
    if (m->n_lots > 0)
        memset(state->failed, 0, (size_t)m->n_lots);
}

/* As evidence/effort.c: a failed lot's part enters the method's two figures; exact at one pass and in the limit. */
double tl_release_found_mean(const struct tl_release_model *m, int64_t group)
{
    double sum = 0.0, share[TL_RELEASE_LAYERS_MAX];
    mean_shares(m, share);
    for (int l = 0; l < m->n_layers; l++) {
        struct work w = nobody();
        struct tl_release_state state;
        for (int32_t k = m->group_at[group]; k < m->group_at[group + 1]; k++) {
            const struct tl_release_search *s = &m->searches[m->slot_search[k]];
            const struct tl_release_row *r = &m->rows[s->row];
            if (l >= s->n_layers)
                continue;
            double f = m->lot_failure[s->lot], d = mean_of(r->d_a, r->d_b);
            double most = fmin((1.0 - f) * d + f * r->p_failed, 1.0);
            state.d[s->row] = most;
            state.q[s->row] = most > 0.0 ? fmin(alone(m, s) / most, 1.0) : 0.0;
            tl_release_state_fill(&state, s->row);
            add_work(&w, s->row, s->passes, false, 0.0);
        }
        sum += share[l] * (1.0 - left_by(&w, &state, NULL));
    }
    return sum;
}
