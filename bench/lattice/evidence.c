/*
 * Is the told error of the log marginal likelihood honest where theta comes from a window?
 *
 * bench_evidence SIDE FIRST LAST WINDOW...
 *   Simulated areas of SIDE x SIDE cells (range 12 cells, sigma 1, 60 % of 8 x 8 blocks searched, one covariate), seeds FIRST to LAST. Theta
 *   is found on the whole lattice, and then, as lattices of more than 3 million cells do it, on the window of WINDOW cells a side with
 *   most items; the evidence is made at each with its own covariance, as a run would. A line each: how far the window's evidence is from the
 *   whole's, what it says of its own error, and where its theta lies in units of the whole's posterior.
 * A bench: it may print.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "core/rng.h"
#include "field/lattice.h"

enum { BATCH = 4 };

struct area {
    int64_t side, n;
    double *z, *counts, *effort; /* owns */
};

static void area_fini(struct area *a)
{
    tl_free(a->z);
    tl_free(a->counts);
    tl_free(a->effort);
}

static tl_err simulate(struct tl_ctx *ctx, int64_t side, uint64_t seed, struct area *a)
{
    tl_err err = TL_OK;
    double *u = NULL;
    struct tl_rng rng = tl_rng_make(seed, 0x6576);
    *a = (struct area){.side = side, .n = side * side};
    TL_TRY_ALLOC(ctx, u, a->n);
    TL_TRY_ALLOC(ctx, a->z, a->n);
    TL_TRY_ALLOC(ctx, a->counts, a->n);
    TL_TRY_ALLOC(ctx, a->effort, a->n);
    TL_TRY(tl_field_draw_prior(ctx, side, side, 1.0, 12.0, 1.0, seed, u));
    TL_TRY(tl_field_draw_prior(ctx, side, side, 1.0, 20.0, 1.0, seed + 1000000, a->z));
    for (int64_t i = 0; i < a->n; i++) {
        int64_t block = i / side / 8 * (side / 8 + 1) + i % side / 8;
        double eta = -1.5 + 0.5 * a->z[i] + u[i];
        a->effort[i] = tl_rng_uniform(rng, (uint64_t)block) < 0.6 ? 0.8 : 0.0;
        a->counts[i] =
            (double)tl_rng_poisson(tl_rng_fork(rng, 1), (uint64_t)i, a->effort[i] * exp(eta));
    }
done:
    tl_free(u);
    return err;
}

/* The evidence at f's theta with f's covariance; the mode is found from where it stands. */
static tl_err evidence_at(struct tl_ctx *ctx, struct tl_lattice_run *run,
                          const struct tl_lattice_theta *f, double out[2])
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    struct tl_lattice_node node = {.weight = 1.0};
    memcpy(node.t, f->theta.best.t, sizeof node.t);
    struct tl_lattice_theta kept = run->theta;
    run->theta = *f;
    run->theta.design = (struct tl_theta_design){0};
    run->nodes = &node;
    run->n_nodes = 1;
    m->q = tl_stencil_q_of(run->data.step_m, exp(node.t[0]), exp(node.t[1]));
    TL_TRY(tl_lattice_mode_find(ctx, m, m->q, false));
    TL_TRY(tl_lattice_mode_border(ctx, m, 1e-5));
    TL_TRY(tl_lattice_evidence_node(ctx, run, &node));
    tl_lattice_evidence(run, &out[0], &out[1]);
done:
    run->nodes = NULL;
    run->n_nodes = 0;
    run->theta = kept;
    return err;
}

static double items_in(const struct area *a, int64_t x0, int64_t y0, int64_t side)
{
    double sum = 0.0;
    for (int64_t y = y0; y < y0 + side; y++)
        for (int64_t x = x0; x < x0 + side; x++)
            sum += a->counts[y * a->side + x];
    return sum;
}

/* Of the windows side by side the one with most items, as the engine chooses it. */
static double best_window(const struct area *a, int64_t side, int64_t at[2])
{
    double most = -1.0;
    for (int64_t y = 0; y + side <= a->side; y += side)
        for (int64_t x = 0; x + side <= a->side; x += side) {
            double items = items_in(a, x, y, side);
            if (items > most) {
                most = items;
                at[0] = x;
                at[1] = y;
            }
        }
    return most;
}

/* `f`: as the coarse lattices left it; theta and covariance of the window, and its share. */
static tl_err theta_of_window(struct tl_ctx *ctx, const struct area *a,
                              const struct tl_lattice_data *whole, int64_t side, uint64_t seed,
                              struct tl_lattice_theta *f)
{
    tl_err err = TL_OK;
    struct tl_lattice_data data = {0};
    struct tl_lattice_mode mode = {0};
    int64_t at[2] = {0, 0};
    f->share = whole->scale.total_count / best_window(a, side, at);
    TL_TRY(tl_lattice_data_window(ctx, whole, at[0], at[1], side, side, &data));
    TL_TRY(tl_lattice_mode_init(ctx, &data, BATCH, &mode));
    tl_lattice_mode_start(&mode);
    for (int j = 0; j < 3; j++)
        f->theta.curvature[j] /= f->share;
    TL_TRY(tl_lattice_theta_finish(ctx, &mode, seed, f));
done:
    tl_lattice_mode_fini(&mode);
    tl_lattice_data_fini(&data);
    return err;
}

struct sums {
    double n, share, loss, loss2, told;
    int within;
};

/* What the two covariances do to the two figures: half the logarithm of a determinant, the window's as the whole's by its share. */
static double by_covariance(const struct tl_lattice_theta *whole,
                            const struct tl_lattice_theta *part)
{
    const double *w = whole->covariance, *p = part->covariance;
    return 0.5 * log((p[0] * p[2] - p[1] * p[1]) / (w[0] * w[2] - w[1] * w[1])) - log(part->share);
}

static void say(uint64_t seed, int64_t side, const struct tl_lattice_theta *whole,
                const struct tl_lattice_theta *part, const double value[2][2], struct sums *s)
{
    const double *c = whole->theta.curvature;
    double a = part->theta.best.t[0] - whole->theta.best.t[0],
           b = part->theta.best.t[1] - whole->theta.best.t[1];
    double form = c[0] * a * a + 2.0 * c[1] * a * b + c[2] * b * b;
    double loss = value[0][0] - value[1][0];
    printf(
        "%llu window %lld share %.2f: whole %.2f, window %+.2f, told %.2f; range %.4f %.4f sigma "
        "%.4f %.4f, half squared distance %.2f, by the covariances %+.2f\n",
        (unsigned long long)seed, (long long)side, part->share, value[0][0], -loss, value[1][1],
        exp(whole->theta.best.t[0]), exp(part->theta.best.t[0]), exp(whole->theta.best.t[1]),
        exp(part->theta.best.t[1]), 0.5 * form, by_covariance(whole, part));
    fflush(stdout);
    s->n += 1.0;
    s->share += part->share;
    s->loss += loss;
    s->loss2 += loss * loss;
    s->told += value[1][1];
    s->within += fabs(loss) <= value[1][1];
}

static tl_err one(struct tl_ctx *ctx, int64_t side, uint64_t seed, const int64_t *windows,
                  int n_windows, struct sums *sums)
{
    tl_err err = TL_OK;
    struct area a = {0};
    struct tl_lattice_run *run = NULL;
    struct tl_lattice_theta coarse = {0}, whole, part;
    struct tl_field_options o = tl_field_options_default();
    double value[2][2];
    o.pad_m = 0.0;
    TL_TRY_ALLOC(ctx, run, 1);
    TL_TRY(simulate(ctx, side, seed, &a));
    struct tl_field_channel channel = {.name = "search", .counts = a.counts, .effort = a.effort};
    struct tl_field_covariate z = {.name = "z", .values = a.z};
    struct tl_field_input input = {.n_x = side,
                                   .n_y = side,
                                   .step_m = 1.0,
                                   .n_channels = 1,
                                   .channels = &channel,
                                   .n_covariates = 1,
                                   .covariates = &z};
    const struct tl_field_input *user = &input;
    struct tl_lattice_source source = tl_lattice_wrap_source(&input, &user);
    TL_TRY(tl_lattice_data_read(ctx, &source, &o, &run->data));
    TL_TRY(tl_lattice_theta_coarse(ctx, &run->data, &o, &coarse));
    TL_TRY(tl_lattice_theta_prepare(ctx, &run->data, BATCH, o.seed, &coarse));
    TL_TRY(tl_lattice_mode_init(ctx, &run->data, BATCH, &run->mode));
    tl_lattice_theta_start(ctx, &coarse, &run->mode);
    whole = coarse; /* only numbers change from here on */
    TL_TRY(tl_lattice_theta_finish(ctx, &run->mode, o.seed, &whole));
    TL_TRY(evidence_at(ctx, run, &whole, value[0]));
    for (int k = 0; k < n_windows; k++) {
        part = coarse;
        TL_TRY(theta_of_window(ctx, &a, &run->data, windows[k], o.seed, &part));
        TL_TRY(evidence_at(ctx, run, &part, value[1]));
        say(seed, windows[k], &whole, &part, (const double(*)[2])value, &sums[k]);
    }
done:
    if (run != NULL) {
        tl_lattice_mode_fini(&run->mode);
        tl_lattice_data_fini(&run->data);
    }
    tl_free(run);
    tl_lattice_theta_fini(&coarse);
    area_fini(&a);
    return err;
}

int main(int argc, char **argv)
{
    enum { WINDOWS_MAX = 8 };
    struct tl_ctx *ctx = tl_ctx_create();
    struct sums sums[WINDOWS_MAX] = {{0}};
    int64_t windows[WINDOWS_MAX];
    tl_err err = TL_OK;
    int n = 0;
    if (ctx == NULL || argc < 5)
        return 2;
    tl_ctx_set_threads(ctx, 1);
    for (int i = 4; i < argc && n < WINDOWS_MAX; i++)
        windows[n++] = atoll(argv[i]);
    for (uint64_t seed = (uint64_t)atoll(argv[2]); err == TL_OK && seed <= (uint64_t)atoll(argv[3]);
         seed++)
        err = one(ctx, atoll(argv[1]), seed, windows, n, sums);
    for (int k = 0; k < n; k++) {
        const struct sums *s = &sums[k];
        double mean = s->loss / s->n;
        printf(
            "SUM window %lld: %.0f areas, share %.2f, told %.2f, too low by %.2f +- %.2f, within "
            "what is told %d\n",
            (long long)windows[k], s->n, s->share / s->n, s->told / s->n, mean,
            sqrt(fmax(s->loss2 / s->n - mean * mean, 0.0) / s->n), s->within);
    }
    if (err != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return tl_err_exit(err);
}
