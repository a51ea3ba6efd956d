/*
 * The field given methods and failures.
 *
 * Elliptical slice sampling (Murray, Adams, MacKay 2010) around the Gaussian nearest to the posterior with methods at their means
 * (field/window.h). Target over Gaussian is, with w its expected counts and x the deviation of log-intensity from its mean m,
 * sum over observed cells of  w x + w x^2 / 2 - e(methods) exp(m + x):  mild, so that one to three trials do, whatever the number of cells. It has
 * no tuning, and it samples the posterior itself, not its Gaussian.
 *
 * Along a ridge: a method or a lot changes and the field moves too, by t H^-1 r, r the block's part of w and t = log of the block's expected effort before
 * over that after. The Gaussian's part changes by - t r'x - t^2 r'H^-1 r / 2, two sums.
 */
#include <math.h>
#include <string.h>

#include "release/chain.h"

enum { SHRINKS_MAX = 60 };
static const double TINY = 1e-12, TWO_PI = 6.283185307179586;

double tl_release_step_uniform(struct tl_release_chain *c)
{
    return tl_rng_uniform(c->rng, c->at++);
}

double tl_release_step_look(const struct tl_release_run *r, double a, const double *from, double b,
                            const double *along, double *out, double *density, double *sum)
{
    const struct tl_release_model *m = r->m;
    struct tl_window_look look;
    double effects[TL_RELEASE_CHANNELS_MAX];
    for (int64_t c = 0; c < r->n_channels; c++)
        effects[c] = a * from[r->n + c] + b * along[r->n + c];
    tl_window_kernel_look(&r->target, a, from, b, along, out, density, &look);
    double total = 0.5 * look.second;
    for (int64_t c = 0; c < r->n_channels; c++) {
        double d = out[r->n + c] = effects[c];
        total += (1.0 + d) * look.first[c] + (d + 0.5 * d * d) * r->weights[c];
        if (c > 0)
            total -= look.expected[c] * exp(r->effect[c] + d);
    }
    double scale = exp(r->effect[0] + effects[0]);
    sum[0] = 0.0; /* nobody searched there */
    for (int64_t g = 1; g < m->n_groups; g++) {
        double even = 0.0, odd = 0.0;
        int32_t k = r->entry_at[g], last = r->entry_at[g + 1];
        for (; k + 2 <= last; k += 2) {
            even += r->entry_area[k] * density[r->entry_cell[k]];
            odd += r->entry_area[k + 1] * density[r->entry_cell[k + 1]];
        }
        if (k < last)
            even += r->entry_area[k] * density[r->entry_cell[k]];
        sum[g] = scale * (even + odd);
    }
    return total;
}

static double expected_finds(const struct tl_release_run *r, const double *found, const double *sum)
{
    double total = 0.0;
    for (int64_t g = 0; g < r->m->n_groups; g++)
        total += found[g] * sum[g];
    return total;
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

void tl_release_step_field(struct tl_release_run *r, struct tl_release_chain *c,
                           const double *normal)
{
    double bound =
        c->log_field - expected_finds(r, c->found, c->sum) + log(tl_release_step_uniform(c));
    double angle = TWO_PI * tl_release_step_uniform(c), low = angle - TWO_PI, high = angle;
    for (int k = 0; k < SHRINKS_MAX; k++) {
        double log_field = tl_release_step_look(r, cos(angle), c->deviation, sin(angle), normal,
                                                c->trial, c->trial_density, c->trial_sum);
        c->n_trials++;
        if (log_field - expected_finds(r, c->found, c->trial_sum) > bound) {
            take_field(c, log_field);
            return;
        }
        if (angle < 0.0)
            low = angle;
        else
            high = angle;
        angle = low + (high - low) * tl_release_step_uniform(c);
    }
}

/* Expected effort of the block's groups, with all of their bands, at the reference's density. */
static double block_effort(const struct tl_release_run *r, const struct tl_release_chain *c,
                           const struct tl_release_block *b, const double *left)
{
    double total = 0.0;
    for (int32_t k = 0; k < b->n_bands; k++) {
        const struct tl_release_band *band = &r->bands[b->bands[k]];
        total += tl_release_sweep_share(&c->state, band) * (1.0 - left[b->bands[k]]) *
                 r->base_sum[band->group];
    }
    return total;
}

void tl_release_step_along(struct tl_release_run *r, struct tl_release_chain *c,
                           const struct tl_release_block *b)
{
    struct tl_release_undo undo = {0};
    if (b->row >= 0)
        undo = (struct tl_release_undo){c->state.d[b->row], c->state.q[b->row]};
    double before = tl_release_sweep_finds(r, &c->state, b);
    double ratio = tl_release_sweep_propose(r, c, b);
    ratio += tl_release_sweep_finds(r, &c->state, b) - before;
    double t = log(fmax(block_effort(r, c, b, c->left), TINY)) -
               log(fmax(block_effort(r, c, b, c->trial_left), TINY));
    double product =
        tl_window_kernel_product(r->n, b->pull, c->deviation) + b->pull_sum * c->deviation[r->n];
    double log_field = tl_release_step_look(r, 1.0, c->deviation, t, b->way, c->trial,
                                            c->trial_density, c->trial_sum);
    ratio += log_field - c->log_field - t * product - 0.5 * t * t * b->curvature;
    double change = expected_finds(r, c->found, c->trial_sum) - expected_finds(r, c->found, c->sum);
    for (int32_t k = 0; k < b->n_bands; k++) {
        const struct tl_release_band *band = &r->bands[b->bands[k]];
        change += tl_release_sweep_share(&c->state, band) *
                  (c->left[b->bands[k]] - c->trial_left[b->bands[k]]) * c->trial_sum[band->group];
    }
    bool accept = log(tl_release_step_uniform(c)) < ratio - change;
    tl_release_sweep_settle(r, c, b, &undo, accept);
    if (!accept)
        return;
    tl_release_sweep_found(r, c);
    take_field(c, log_field);
}
