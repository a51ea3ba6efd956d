/*
 * The evidence. At one theta, with the mode x*, V = A^-1 B and S as everywhere,
 *     log p(y|theta) = l(y|x*) - 1/2 x*'(Q,P) x* + 1/2 log|P| - 1/2 log|S| - 1/2 (log|Q + W| - log|Q|),
 * as the exact engine has it (laplace.c): log|H| is log|A| + log|S|, and of log|A| only what it is above log|Q| is wanted,
 * which the data alone make and which is found without a draw (loggain.h).
 *
 * Over theta as the exact engine too: nothing where it is held; its own design's figure on grids that it takes whole; else the rule of
 * five points, each with its own value; or a Gaussian at one point. On lattices whose theta comes from a window, that window's theta is not the whole's own
 * best, and its covariance is wider: both by as many times as the whole has more items.
 */
#include <math.h>
#include <string.h>

#include "field/lattice.h"
#include "field/loggain.h"
#include "par/par.h"

static const double LOG_2PI = 1.8378770664093454836;

static const double tolerance_step = 1e-3;

/* What a Gaussian about a theta that draws have found is off by: .18 at most in trials against the exact engine's design. */
static const double theta_error = 0.2;

/* What the counts alone put into the likelihood, row by row. */
struct constant {
    const struct tl_lattice_data *data;
};

static double constant_of_rows(void *user, int64_t first, int64_t last)
{
    const struct tl_lattice_data *d = ((struct constant *)user)->data;
    double sum = 0.0;
    for (int64_t c = 0; c < d->n_channels; c++)
        for (int64_t y = first; y < last; y++)
            for (int64_t k = d->count_at[c][y]; k < d->count_at[c][y + 1]; k++) {
                double count = (double)d->count[c][k];
                double effort = (double)d->effort[c][y * d->n_x + d->count_x[c][k]];
                sum += count * log(effort) - lgamma(count + 1.0);
            }
    return sum;
}

/* One more Newton step, loosely: the search ends where a step moves no cell by a visible part of its sd, which a sum over all cells does see. */
static tl_err step_on(struct tl_ctx *ctx, struct tl_lattice_mode *m, double *left)
{
    tl_err err = TL_OK;
    double *in_v = NULL;
    TL_TRY_ALLOC(ctx, in_v, m->k);
    tl_par_zero(ctx, m->step, m->n * (int64_t)sizeof(float));
    TL_TRY(tl_lattice_mode_solve(ctx, m, 1, &m->gradient, &m->step, tolerance_step));
    for (int64_t j = 0; j < m->k; j++)
        in_v[j] = tl_lattice_pass_dot(ctx, m->n, m->v[j], m->gradient);
    tl_lattice_mode_finish_solve(ctx, m, m->gradient_g, in_v, m->step, m->dg);
    *left = tl_lattice_pass_dot(ctx, m->n, m->step, m->gradient);
    for (int64_t j = 0; j < m->k; j++)
        *left += m->dg[j] * m->gradient_g[j];
    *left = 0.5 * fabs(*left);
    tl_lattice_pass_move(ctx, m, -1.0);
    TL_TRY(tl_lattice_pass_assemble(ctx, m));
    TL_TRY(tl_lattice_mode_s(ctx, m));
done:
    tl_free(in_v);
    return err;
}

/* value[0] = log p(y | theta) with weights, objective and S of now; value[1] += what it may be off by. */
static tl_err value_here(struct tl_ctx *ctx, struct tl_lattice_mode *m, double value[2])
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *d = m->data;
    struct tl_loggain_plan plan = tl_loggain_plan_of(sqrt(8.0) / m->q.a);
    struct constant constant = {d};
    double gain = 0.0, error = 0.0, fixed = 0.0;
    TL_TRY(tl_loggain(ctx, &d->grid, m->q, m->w, &plan, &gain, &error));
    for (int64_t j = 0; j < m->k; j++)
        fixed += log(d->scale.prior_prec[j]) - 2.0 * log(m->s[j * m->k + j]);
    value[0] =
        tl_par_sum(ctx, d->n_y, constant_of_rows, &constant) - m->objective + 0.5 * (fixed - gain);
    value[1] += error + 1e-9 * fabs(value[0]); /* and rounding */
    TL_TRY(tl_cancelled(ctx));
done:
    return err;
}

/* The mode is left as it was found, bit by bit: a run that takes the figure from the store goes on with the same. */
static tl_err make_node(struct tl_ctx *ctx, struct tl_lattice_mode *m, double value[2])
{
    tl_err err = TL_OK;
    int64_t k = m->k;
    double *kept = NULL;
    TL_TRY_ALLOC(ctx, kept, k + 2 * k * k);
    memcpy(kept, m->g, (size_t)k * sizeof *kept);
    memcpy(kept + k, m->s, (size_t)(k * k) * sizeof *kept);
    memcpy(kept + k + k * k, m->inverse_s, (size_t)(k * k) * sizeof *kept);
    memcpy(m->b[0], m->u, (size_t)m->n * sizeof *m->u);
    TL_TRY(step_on(ctx, m, &value[1]));
    TL_TRY(value_here(ctx, m, value));
    memcpy(m->u, m->b[0], (size_t)m->n * sizeof *m->u);
    memcpy(m->g, kept, (size_t)k * sizeof *kept);
    TL_TRY(tl_lattice_pass_assemble(ctx, m));
    memcpy(m->s, kept + k, (size_t)(k * k) * sizeof *kept);
    memcpy(m->inverse_s, kept + k + k * k, (size_t)(k * k) * sizeof *kept);
done:
    tl_free(kept);
    return err;
}

tl_err tl_lattice_evidence_node(struct tl_ctx *ctx, struct tl_lattice_run *run,
                                struct tl_lattice_node *node)
{
    tl_err err = TL_OK;
    bool found = false;
    double value[2] = {0.0, 0.0};
    /* The exact engine's design has told it already. */
    if (tl_lattice_theta_is_whole(&run->theta))
        return TL_OK;
    tl_progress_begin(ctx, "log marginal likelihood");
    TL_TRY(tl_lattice_state_get(ctx, run, "evidence", value, sizeof value, &found));
    if (!found) {
        TL_TRY(make_node(ctx, &run->mode, value));
        TL_TRY(tl_lattice_state_put(ctx, run, "evidence", value, sizeof value));
    }
    node->log_likelihood = value[0];
    node->log_likelihood_error = value[1];
done:
    tl_progress_end(ctx);
    return err;
}

/* (t - best)' C^-1 (t - best). */
static double distance(const double c[3], const double *t, const double *best)
{
    double a = t[0] - best[0], b = t[1] - best[1];
    return (c[2] * a * a - 2.0 * c[1] * a * b + c[0] * b * b) / (c[0] * c[2] - c[1] * c[1]);
}

/* A design of blocks: its own figure, mended at each node by what the cells say there. */
static double by_design(const struct tl_lattice_run *run)
{
    const struct tl_theta_design *d = &run->theta.design;
    double top = -INFINITY, sum = 0.0, gradient[2];
    for (int pass = 0; pass < 2; pass++)
        for (int64_t k = 0; k < run->n_nodes; k++) {
            const struct tl_lattice_node *n = &run->nodes[k];
            double more = n->log_likelihood +
                          tl_laplace_log_prior(&run->theta.prior, n->t, gradient) -
                          d->nodes[k].point.value;
            if (pass == 0)
                top = fmax(top, more);
            else
                sum += n->weight * exp(more - top);
        }
    return log(sum) + top + d->log_evidence;
}

void tl_lattice_evidence(const struct tl_lattice_run *run, double *value, double *error)
{
    const double *c = run->theta.covariance, *best = run->theta.theta.best.t;
    double top = -INFINITY, sum = 0.0, gradient[2];
    *error = 0.0;
    for (int64_t k = 0; k < run->n_nodes; k++)
        *error = fmax(*error, run->nodes[k].log_likelihood_error);
    if (run->theta.design.n > 0 && !tl_lattice_theta_is_whole(&run->theta)) {
        *value = by_design(run);
        *error += theta_error;
        return;
    }
    if (run->theta.fixed || run->theta.design.n > 0) {
        *value = run->theta.fixed ? run->nodes[0].log_likelihood : run->theta.design.log_evidence;
        return;
    }
    for (int pass = 0; pass < 2; pass++)
        for (int64_t k = 0; k < run->n_nodes; k++) {
            const struct tl_lattice_node *n = &run->nodes[k];
            double log_term = n->log_likelihood +
                              tl_laplace_log_prior(&run->theta.prior, n->t, gradient) +
                              0.5 * distance(c, n->t, best);
            if (pass == 0)
                top = fmax(top, log_term);
            else
                sum += n->weight * exp(log_term - top);
        }
    *value = log(sum) + top + LOG_2PI + 0.5 * log(c[0] * c[2] - c[1] * c[1]);
    *error += theta_error;
    /* The whole knows theta as many times better as it has more items, and its best lies a part of the window's sd away. */
    if (run->theta.share > 1.0) {
        *value -= log(run->theta.share);
        *error += run->theta.share - 1.0;
    }
}
