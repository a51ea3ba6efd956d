/*
 * Recorded figures of a year: y_t ~ NB(exp(l_t), size), l_t = l_(t-1) + d_t + step e_t, where the drift d_t follows the last movements:
 * d_t = damping (l_(t-1) - l_(t-2)), so a rise goes on for a while and dies out. Steps e_t are Student's t with 4 degrees of freedom: most years move little, a few jump. Numbers, use and the rate enter the level as one product, which is all
 * that recorded figures can tell.
 *
 * Posterior: a grid over (step, damping, size) times a particle filter for the path of levels (Gordon, Salmond, Smith 1993; its likelihood is
 * unbiased), with the same random numbers at every node. Three parameters are few enough to look everywhere, so there are no chains whose convergence would
 * have to be believed. The predictive draws are the filter's own particles carried on, resampled by the nodes' weights; the level's posterior in the last
 * year is theirs too. 23 years, 180 nodes and 600 particles take about a second.
 *
 * Priors: log step ~ N(log 0.15, 0.8), damping ~ Beta(1.5, 4), log size ~ N(log 20, 1.2); the first level is flat on the log around the first counts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "forecast/noise.h"
#include "par/par.h"

enum { STEPS = 10, DAMPINGS = 6, SIZES = 6, NODES = STEPS * DAMPINGS * SIZES, PARTICLES = 512 };
enum {
    STREAM_START = 0x464310,
    STREAM_MOVE,
    STREAM_RESAMPLE,
    STREAM_PICK,
    STREAM_AHEAD,
    STREAM_COUNT,
    STREAM_REPLICATE
};

struct particle {
    double level, last; /* log; `last` = a year before */
};

struct node {
    double step, damping, size, log_prior, log_likelihood, weight;
    struct particle particles[PARTICLES]; /* after the last year, equally weighted */
    double replicated[3]; /* P(replicated > observed) of sum, yearly errors, zeros */
};

struct work {
    const struct tl_forecast_record *record;
    uint64_t seed;
    struct node *nodes; /* [NODES] */
};

/* Log density of a count but for what the level does to it: the same for all particles of a year. */
static double log_nb_constant(double y, double size)
{
    return lgamma(y + size) - lgamma(size) - lgamma(y + 1.0) + size * log(size);
}

static double log_nb(double y, double log_mean, double size, double constant)
{
    return constant + y * log_mean - (size + y) * log(size + exp(log_mean));
}

static void resample(struct node *node, const double *weight, double sum, double u)
{
    static const double each = 1.0 / PARTICLES;
    struct particle kept[PARTICLES];
    double so_far = weight[0] / sum;
    int from = 0;
    for (int p = 0; p < PARTICLES; p++) { /* systematic: one uniform for all */
        while (so_far < (p + u) * each && from < PARTICLES - 1)
            so_far += weight[++from] / sum;
        kept[p] = node->particles[from];
    }
    memcpy(node->particles, kept, sizeof kept);
}

static void move(struct node *node, struct particle *p, double z)
{
    double drift = node->damping * (p->level - p->last);
    p->last = p->level;
    p->level += drift + node->step * z;
}

static int by_level(const void *a, const void *b)
{
    const struct particle *x = a, *y = b;
    return (x->level > y->level) - (x->level < y->level);
}

/* A replication of the record from each year's own forecast, beside the record: its sum, how far years lie from what was expected, zeros. */
struct replica {
    double sum, errors, zeros;
};

static void replica_add(struct replica *r, double y, double expected)
{
    double error = log((y + 0.5) / (expected + 0.5));
    r->sum += y;
    r->errors += error * error;
    r->zeros += y == 0.0;
}

/* Share of a tie counts half, so that a figure that cannot differ gives one half. */
static double above(double replicated, double own)
{
    return replicated > own ? 1.0 : replicated == own ? 0.5 : 0.0;
}

static double draw_nb(uint64_t seed, uint64_t stream, uint64_t index, double log_mean, double size)
{
    double gamma = tl_rng_gamma(tl_rng_make(seed, stream), index, size) / size;
    return (double)tl_rng_poisson(tl_rng_make(seed, stream + 64), index,
                                  gamma * exp(fmin(log_mean, 20.0)));
}

enum { REPLICAS = 32 };

static void filter(const struct work *w, struct node *node)
{
    const struct tl_forecast_record *record = w->record;
    struct replica own = {0}, replicas[REPLICAS] = {{0}};
    double weight[PARTICLES], start = log(record->count[0] + 0.5);
    node->log_likelihood = 0.0;
    for (int64_t t = 0; t < record->n; t++) {
        double top = -INFINITY, sum = 0.0;
        double constant = log_nb_constant(record->count[t], node->size);
        double expected = 0.0;
        for (int p = 0; p < PARTICLES; p++) {
            uint64_t index = (uint64_t)(t * PARTICLES + p);
            double z = t == 0 ? tl_rng_normal(tl_rng_make(w->seed, STREAM_START), index)
                              : tl_noise_step(tl_rng_make(w->seed, STREAM_MOVE), index);
            struct particle *at = &node->particles[p];
            if (t == 0)
                *at = (struct particle){start + 1.0 * z, start + 1.0 * z};
            else
                move(node, at, z);
            expected += exp(fmin(at->level, 20.0)) / PARTICLES;
        }
        for (int r = 0; r < REPLICAS; r++) {
            int p = (r * 16 + (int)(t % 16)) % PARTICLES;
            uint64_t index = (uint64_t)(t * REPLICAS + r);
            replica_add(
                &replicas[r],
                draw_nb(w->seed, STREAM_REPLICATE, index, node->particles[p].level, node->size),
                expected);
        }
        replica_add(&own, record->count[t], expected);
        for (int p = 0; p < PARTICLES; p++) {
            weight[p] = log_nb(record->count[t], node->particles[p].level, node->size, constant);
            top = fmax(top, weight[p]);
        }
        for (int p = 0; p < PARTICLES; p++)
            sum += weight[p] = exp(weight[p] - top);
        node->log_likelihood += top + log(sum / PARTICLES);
        /* In the order of their levels, so that nodes with nearly the same parameters choose nearly the same particles. */
        resample(node, weight, sum,
                 tl_rng_uniform(tl_rng_make(w->seed, STREAM_RESAMPLE), (uint64_t)t));
        qsort(node->particles, PARTICLES, sizeof node->particles[0], by_level);
    }
    for (int r = 0; r < REPLICAS; r++) {
        node->replicated[0] += above(replicas[r].sum, own.sum) / REPLICAS;
        node->replicated[1] += above(replicas[r].errors, own.errors) / REPLICAS;
        node->replicated[2] += above(replicas[r].zeros, own.zeros) / REPLICAS;
    }
}

static void filter_body(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct work *w = user;
    (void)chunk;
    for (int64_t n = first; n < last; n++)
        filter(w, &w->nodes[n]);
}

static void lay_grid(struct node *nodes)
{
    for (int n = 0; n < NODES; n++) {
        double a = (n % STEPS + 0.5) / STEPS, b = (n / STEPS % DAMPINGS + 0.5) / DAMPINGS,
               c = (n / (STEPS * DAMPINGS) + 0.5) / SIZES;
        double step = log(0.03) + a * (log(1.5) - log(0.03));
        double size = log(2.0) + c * (log(400.0) - log(2.0));
        double zs = (step - log(0.15)) / 0.8, zc = (size - log(20.0)) / 1.2;
        nodes[n].step = exp(step);
        nodes[n].damping = b;
        nodes[n].size = exp(size);
        nodes[n].log_prior = -0.5 * zs * zs - 0.5 * zc * zc + 0.5 * log(b) + 3.0 * log(1.0 - b);
    }
}

static double weigh(struct node *nodes)
{
    double top = -INFINITY, sum = 0.0;
    for (int n = 0; n < NODES; n++)
        top = fmax(top, nodes[n].log_prior + nodes[n].log_likelihood);
    for (int n = 0; n < NODES; n++)
        sum += nodes[n].weight = exp(nodes[n].log_prior + nodes[n].log_likelihood - top);
    for (int n = 0; n < NODES; n++)
        nodes[n].weight /= sum;
    return top + log(sum / NODES);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, int64_t n, double share)
{
    double at = share * (double)(n - 1);
    int64_t i = (int64_t)at;
    return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static void three(double *values, int64_t n, double out[3])
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    out[0] = quantile(values, n, 0.05);
    out[1] = quantile(values, n, 0.5);
    out[2] = quantile(values, n, 0.95);
}

/* Log of the highest level that is believed: five times the largest year on record. It cuts a tail that heavy steps would grow without end. */
static double highest(const struct tl_forecast_record *record)
{
    double most = 1.0;
    for (int64_t t = 0; t < record->n; t++)
        most = fmax(most, record->count[t]);
    return log(5.0 * most);
}

/* Particles of nodes in proportion to their weights, carried on. */
static tl_err look_ahead(struct tl_ctx *ctx, const struct work *w, int64_t n_ahead, int64_t n_draws,
                         struct tl_forecast_calibration *c, double *draws)
{
    double *columns = NULL, *figures = NULL, so_far = w->nodes[0].weight;
    int from = 0;
    tl_err err = TL_OK;
    double top = highest(w->record);
    TL_TRY_ALLOC(ctx, columns, (n_ahead + 1) * n_draws);
    TL_TRY_ALLOC(ctx, figures, 5 * n_draws);
    double shift = tl_rng_uniform(tl_rng_make(w->seed, STREAM_PICK), UINT64_MAX);
    for (int64_t d = 0; d < n_draws; d++) {
        while (so_far < ((double)d + shift) / (double)n_draws && from < NODES - 1)
            so_far += w->nodes[++from].weight;
        struct node *node = &w->nodes[from];
        double u = tl_rng_uniform(tl_rng_make(w->seed, STREAM_PICK), (uint64_t)d);
        struct particle p = node->particles[(int)(u * PARTICLES)];
        double values[5] = {exp(p.level), node->step, node->damping * (p.level - p.last),
                            node->damping, node->size};
        for (int k = 0; k < 5; k++)
            figures[k * n_draws + d] = values[k];
        for (int64_t t = 0; t < n_ahead; t++) {
            uint64_t index = (uint64_t)(d * TL_FORECAST_AHEAD_MAX + t);
            move(node, &p, tl_noise_step(tl_rng_make(w->seed, STREAM_AHEAD), index));
            p.level = fmin(p.level, top);
            double y = draw_nb(w->seed, STREAM_COUNT, index, p.level, node->size);
            columns[t * n_draws + d] = y;
            if (draws != NULL)
                draws[d * n_ahead + t] = y;
            c->mean[t] += y / (double)n_draws;
        }
    }
    for (int64_t t = 0; t < n_ahead; t++) {
        static const double shares[] = {0.05, 0.25, 0.5, 0.75, 0.95};
        qsort(columns + t * n_draws, (size_t)n_draws, sizeof *columns, by_value);
        for (int k = 0; k < 5; k++)
            c->ahead[t][k] = quantile(columns + t * n_draws, n_draws, shares[k]);
    }
    three(figures, n_draws, c->level);
    three(figures + n_draws, n_draws, c->step);
    three(figures + 2 * n_draws, n_draws, c->trend);
    three(figures + 3 * n_draws, n_draws, c->damping);
    three(figures + 4 * n_draws, n_draws, c->dispersion);
done:
    tl_free(columns);
    tl_free(figures);
    return err;
}

static tl_err check(struct tl_ctx *ctx, const struct tl_forecast_record *record, int64_t n_ahead,
                    int64_t n_draws)
{
    double sum = 0.0;
    for (int64_t t = 0; t < record->n; t++)
        sum += record->count[t];
    if (record->n < 3)
        return tl_fail(ctx, TL_EDATA, "%s: %lld years of figures; expected at least 3",
                       record->source, (long long)record->n);
    if (!(sum > 0.0))
        return tl_fail(ctx, TL_EDATA, "%s: nothing but zeros; a rate cannot be calibrated on them",
                       record->source);
    if (n_ahead < 0 || n_ahead > TL_FORECAST_AHEAD_MAX || n_draws < 100 || n_draws > 10000000)
        return tl_fail(ctx, TL_EDATA,
                       "%lld years ahead with %lld draws; expected 0 to %d years, 100 to 10000000 "
                       "draws",
                       (long long)n_ahead, (long long)n_draws, TL_FORECAST_AHEAD_MAX);
    return TL_OK;
}

tl_err tl_forecast_calibrate(struct tl_ctx *ctx, const struct tl_forecast_record *record,
                             int64_t n_ahead, int64_t n_draws, uint64_t seed,
                             struct tl_forecast_calibration *calibration, double *draws)
{
    struct work w = {.record = record, .seed = seed};
    struct tl_forecast_calibration c = {
        .first_year = record->first_year, .n_years = record->n, .n_ahead = n_ahead};
    tl_err err = TL_OK;
    TL_TRY(check(ctx, record, n_ahead, n_draws));
    TL_TRY_ALLOC(ctx, w.nodes, NODES);
    lay_grid(w.nodes);
    tl_par_for(ctx, NODES, 4, filter_body, &w);
    c.log_likelihood = weigh(w.nodes);
    for (int n = 0; n < NODES; n++) {
        c.p_mean += w.nodes[n].weight * w.nodes[n].replicated[0];
        c.p_spread += w.nodes[n].weight * w.nodes[n].replicated[1];
        c.p_zero += w.nodes[n].weight * w.nodes[n].replicated[2];
    }
    TL_TRY(look_ahead(ctx, &w, n_ahead, n_draws, &c, draws));
    *calibration = c;
done:
    tl_free(w.nodes);
    return err;
}
