/*
 * Joint draws. Given a node: g = its mean + d, d ~ Normal(0, S^-1); u = its mean + L^-T z - V d. The node of a draw is
 * drawn with the nodes' weights; draws of one node share its factor and are solved several at a time. A draw's numbers
 * depend on the seed and its own index alone.
 */
#include "field/posterior.h"

#include <math.h>

#include "core/rng.h"
#include "par/par.h"

enum { SAMPLE_STREAM = 0x7361, AT_ONCE = 4 };

struct batch {
    struct tl_posterior *p;
    struct tl_rng rng;
    int64_t node, n;
    int64_t sample[AT_ONCE];
    double *z; /* [AT_ONCE * lattice cells] */
    double *d; /* [AT_ONCE * k] */
    float *samples;
};

static void draw_normals(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct batch *b = user;
    const struct tl_mode *m = &b->p->stage->mode;
    (void)chunk;
    for (int64_t j = first; j < last; j++) {
        struct tl_rng rng = tl_rng_fork(b->rng, (uint64_t)b->sample[j]);
        double *d = b->d + j * m->k;
        tl_rng_normals(rng, 0, m->n, b->z + j * m->n);
        /* S = G G' (rows of m->s), so d = G^-T z has covariance S^-1. */
        for (int64_t i = m->k - 1; i >= 0; i--) {
            double sum = tl_rng_normal(rng, (uint64_t)(m->n + i));
            for (int64_t c = i + 1; c < m->k; c++)
                sum -= m->s[c * m->k + i] * d[c];
            d[i] = sum / m->s[i * m->k + i];
        }
    }
}

static void write_samples(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct batch *b = user;
    struct tl_posterior *p = b->p;
    const struct tl_mode *m = &p->stage->mode;
    int64_t n_cov = m->model->scale->n_cov;
    (void)chunk;
    for (int64_t i = first; i < last; i++) {
        bool inside = p->input->inside == NULL || p->input->inside[i] != 0;
        int64_t cell = tl_model_cell(m->model, i % p->input->n_x, i / p->input->n_x);
        for (int64_t j = 0; j < b->n; j++) {
            const double *d = b->d + j * m->k;
            double off = b->z[j * m->n + cell] + d[0];
            for (int64_t c = 0; c < n_cov; c++)
                off += d[1 + c] * m->model->x[c * m->n + cell];
            for (int64_t c = 0; c < m->k; c++)
                off -= m->v[c * m->n + cell] * d[c];
            b->samples[b->sample[j] * p->n_cells + i] =
                inside ? (float)(p->mean[b->node][i] + off) : NAN;
        }
    }
}

static tl_err run_batch(struct tl_ctx *ctx, struct batch *b)
{
    tl_err err = TL_OK;
    struct tl_mode *m = &b->p->stage->mode;
    tl_par_for(ctx, b->n, 1, draw_normals, b);
    TL_TRY(tl_factor_solve_half(ctx, m->factor, b->n, b->z, b->z));
    tl_par_for(ctx, b->p->n_cells, 4096, write_samples, b);
    TL_TRY(tl_cancelled(ctx));
done:
    b->n = 0;
    return err;
}

static tl_err sample_node(struct tl_ctx *ctx, struct batch *b, const double t[2],
                          const int16_t *node_of, int64_t n_samples)
{
    tl_err err = TL_OK;
    bool any = false;
    for (int64_t s = 0; s < n_samples; s++)
        any = any || node_of[s] == b->node;
    if (!any)
        return TL_OK;
    TL_TRY(tl_laplace_mode_at(ctx, &b->p->stage->laplace, t));
    b->n = 0;
    for (int64_t s = 0; s < n_samples; s++) {
        if (node_of[s] != b->node)
            continue;
        b->sample[b->n++] = s;
        if (b->n == AT_ONCE)
            TL_TRY(run_batch(ctx, b));
    }
    if (b->n > 0)
        TL_TRY(run_batch(ctx, b));
done:
    return err;
}

tl_err tl_posterior_sample(struct tl_ctx *ctx, struct tl_posterior *p,
                           const struct tl_theta_design *design, int64_t n_samples, uint64_t seed,
                           float *samples)
{
    tl_err err = TL_OK;
    const struct tl_mode *m = &p->stage->mode;
    int16_t *node_of = NULL;
    struct batch b = {.p = p, .rng = tl_rng_make(seed, SAMPLE_STREAM), .samples = samples};
    struct tl_rng which = tl_rng_make(seed, SAMPLE_STREAM + 1);
    TL_TRY_ALLOC(ctx, node_of, n_samples);
    TL_TRY_ALLOC(ctx, b.z, AT_ONCE * m->n);
    TL_TRY_ALLOC(ctx, b.d, AT_ONCE * m->k);
    for (int64_t s = 0; s < n_samples; s++) {
        double u = tl_rng_uniform(which, (uint64_t)s), sum = p->weight[0];
        int16_t node = 0;
        while (node + 1 < p->n && u > sum)
            sum += p->weight[++node];
        node_of[s] = node;
    }
    for (b.node = 0; b.node < p->n; b.node++) {
        TL_TRY(sample_node(ctx, &b, design->nodes[b.node].point.t, node_of, n_samples));
        tl_progress_set(ctx, (double)(b.node + 1) / (double)p->n);
    }
done:
    tl_free(node_of);
    tl_free(b.z);
    tl_free(b.d);
    return err;
}
