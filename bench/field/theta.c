/*
 * Is the posterior of range and sigma where it should be?
 *
 * bench_theta calibrate exact|lattice SIDE FIRST LAST [--range R --sigma S] [--drawn-pad CELLS] [--pad CELLS] [--level B]
 *   Simulated areas of SIDE x SIDE cells of 1 m, seeds FIRST to LAST, a line each, then a summary: the truth's place in its posterior.
 *   Without --range and --sigma they are drawn from the prior that the fit has, and so are intercept and coefficient (simulation-based
 *   calibration, Talts et al. 2018: places are uniform if the fit is right); with them they are held, which nothing says must
 *   come out uniform. The field is drawn on a lattice with a margin of --drawn-pad cells (0), and fitted with one of --pad (0;
 *   negative = as a fit chooses it). --area: range 12, sigma 1 and the rest as tl_bench_lattice simulates it, default priors.
 * bench_theta nothing COLUMNS ROWS [--fine STEP] [--found N]
 *   Nothing (or N items) found: both engines beside a dense quadrature over theta with the exact engine's evidence.
 * bench_theta search SIDE SEED
 *   The lattice engine's search for theta alone, on an area as --area makes it: processor seconds, Newton steps and iterations of the
 *   coarse fits, of the window, of the score on the whole (or on the window that stands for it), and theta.
 * A bench: it may print.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/core.h"
#include "core/rng.h"
#include "field/theta_dense.h"
#include "tilth/field.h"

struct call {
    double range, sigma, level, fine;
    int64_t drawn_pad, found;
    double pad;
    bool area;
};

/* Priors of the calibration: P(range < 4) = .1, P(sigma > 2) = .05. */
static const double range_prior = 4.0, range_prior_p = 0.1, sigma_prior = 2.0, sigma_prior_p = 0.05,
                    intercept_sd = 0.7, slope_sd = 0.5;

struct world {
    int64_t side, n;
    double *eta, *z, *counts, *effort; /* owns */
    double range, sigma, intercept, slope;
    bool extreme;
};

static void world_fini(struct world *w)
{
    tl_free(w->eta);
    tl_free(w->z);
    tl_free(w->counts);
    tl_free(w->effort);
}

static tl_err draw_cropped(struct tl_ctx *ctx, int64_t side, int64_t pad, double range,
                           double sigma, uint64_t seed, double *out)
{
    tl_err err = TL_OK;
    int64_t whole = side + 2 * pad;
    double *u = NULL;
    TL_TRY_ALLOC(ctx, u, whole * whole);
    TL_TRY(tl_field_draw_prior(ctx, whole, whole, 1.0, range, sigma, seed, u));
    for (int64_t y = 0; y < side; y++)
        memcpy(out + y * side, u + (y + pad) * whole + pad, (size_t)side * sizeof *u);
done:
    tl_free(u);
    return err;
}

static void draw_theta(const struct call *c, struct tl_rng rng, struct world *w)
{
    w->range = c->range;
    w->sigma = c->sigma;
    w->intercept = c->level;
    w->slope = 0.5;
    if (c->range > 0.0)
        return;
    w->range = range_prior * log(range_prior_p) / log(tl_rng_uniform(rng, 0));
    w->sigma = sigma_prior * log(tl_rng_uniform(rng, 1)) / log(sigma_prior_p);
    w->intercept += intercept_sd * tl_rng_normal(rng, 2);
    w->slope = slope_sd * tl_rng_normal(rng, 3);
}

static tl_err simulate(struct tl_ctx *ctx, const struct call *c, int64_t side, uint64_t seed,
                       struct world *w)
{
    tl_err err = TL_OK;
    struct tl_rng rng = tl_rng_make(seed, 0x7468);
    *w = (struct world){.side = side, .n = side * side};
    TL_TRY_ALLOC(ctx, w->eta, w->n);
    TL_TRY_ALLOC(ctx, w->z, w->n);
    TL_TRY_ALLOC(ctx, w->counts, w->n);
    TL_TRY_ALLOC(ctx, w->effort, w->n);
    draw_theta(c, rng, w);
    TL_TRY(draw_cropped(ctx, side, 0, 20.0, 1.0, seed + 1000000, w->z));
    TL_TRY(draw_cropped(ctx, side, c->drawn_pad, w->range, w->sigma, seed, w->eta));
    for (int64_t i = 0; i < w->n; i++) {
        int64_t block = i / side / 8 * (side / 8 + 1) + i % side / 8;
        w->eta[i] += w->intercept + w->slope * w->z[i];
        w->extreme = w->extreme || w->eta[i] > 9.0;
        w->effort[i] = tl_rng_uniform(tl_rng_fork(rng, 2), (uint64_t)block) < 0.6 ? 0.8 : 0.0;
        w->counts[i] = (double)tl_rng_poisson(tl_rng_fork(rng, 1), (uint64_t)i,
                                              w->effort[i] * exp(fmin(w->eta[i], 9.0)));
    }
done:
    return err;
}

static tl_err fit(struct tl_ctx *ctx, const struct call *c, const struct world *w,
                  enum tl_engine engine, struct tl_field_result *r)
{
    struct tl_field_channel channel = {.name = "search", .counts = w->counts, .effort = w->effort};
    struct tl_field_covariate z = {.name = "z", .values = w->z};
    struct tl_field_options o = tl_field_options_default();
    if (!c->area) {
        o.range_prior_m = range_prior;
        o.range_prior_p = range_prior_p;
        o.sigma_prior = sigma_prior;
        o.sigma_prior_p = sigma_prior_p;
    }
    if (!(c->range > 0.0)) {
        o.intercept_prior_mean = c->level;
        o.intercept_prior_sd = intercept_sd;
        z.prior_sd = slope_sd;
    }
    o.pad_m = c->pad;
    o.engine = engine;
    struct tl_field_input input = {.n_x = w->side,
                                   .n_y = w->side,
                                   .step_m = 1.0,
                                   .n_channels = 1,
                                   .channels = &channel,
                                   .n_covariates = 1,
                                   .covariates = &z};
    return tl_field_fit(ctx, &input, &o, r);
}

/* The truth as a normal deviate of its posterior, whose log is taken as normal on either side of the median. */
static double deviate(const struct tl_estimate *e, double truth)
{
    double off = log(truth / e->q50);
    return off > 0.0 ? 1.959964 * off / log(e->q975 / e->q50)
                     : 1.959964 * off / log(e->q50 / e->q025);
}

enum { RANGE, SIGMA, INTERCEPT, PARAMETERS, BINS = 10 };

struct sums {
    double n, z[PARAMETERS], zz[PARAMETERS], lean[PARAMETERS], lean2[PARAMETERS];
    int bins[PARAMETERS][BINS], low[PARAMETERS], high[PARAMETERS];
    double covered, cells;
};

/* z > 0: the truth lies above its posterior's middle; lean > 0: the posterior's mean lies above the truth. */
static void add(struct sums *s, int k, double z, double lean, double truth,
                const struct tl_estimate *e)
{
    double p = 0.5 * erfc(-z * 0.70710678118654752440);
    s->z[k] += z;
    s->zz[k] += z * z;
    s->lean[k] += lean;
    s->lean2[k] += lean * lean;
    s->bins[k][(int)fmin(fmax(p * BINS, 0.0), BINS - 1.0)]++;
    s->low[k] += truth < e->q025;
    s->high[k] += truth > e->q975;
}

static void one(struct sums *s, const struct world *w, uint64_t seed,
                const struct tl_field_result *r)
{
    const struct tl_estimate *e[PARAMETERS] = {&r->range_m, &r->sigma, &r->intercept};
    const double truth[PARAMETERS] = {w->range, w->sigma, w->intercept};
    double z[PARAMETERS];
    for (int k = 0; k < PARAMETERS; k++) {
        z[k] = k < INTERCEPT ? deviate(e[k], truth[k]) : (truth[k] - e[k]->mean) / e[k]->sd;
        add(s, k, z[k], (e[k]->mean - truth[k]) / e[k]->sd, truth[k], e[k]);
    }
    double covered = 0.0;
    for (int64_t i = 0; i < w->n; i++)
        covered += fabs(r->log_density_mean[i] - w->eta[i]) < 1.959964 * r->log_density_sd[i];
    s->covered += covered;
    s->cells += (double)w->n;
    s->n += 1.0;
    printf("%llu range %.3f: %.3f (%.3f %.3f) z %.3f  sigma %.4f: %.4f (%.4f %.4f) z %.3f  pad "
           "%lld theta %lld cover %.3f\n",
           (unsigned long long)seed, truth[0], e[0]->q50, e[0]->q025, e[0]->q975, z[0], truth[1],
           e[1]->q50, e[1]->q025, e[1]->q975, z[1], (long long)r->pad_cells, (long long)r->n_theta,
           covered / (double)w->n);
}

static void print_sums(const struct sums *s)
{
    static const char *const names[] = {"range", "sigma", "intercept"};
    for (int k = 0; k < PARAMETERS; k++) {
        double mean = s->z[k] / s->n, sd = sqrt(fmax(s->zz[k] / s->n - mean * mean, 0.0));
        double lean = s->lean[k] / s->n,
               lean_sd = sqrt(fmax(s->lean2[k] / s->n - lean * lean, 0.0));
        printf("SUM %-9s n %.0f  truth's z %+.3f +- %.3f, sd %.3f; (mean - truth)/sd %+.3f +- "
               "%.3f; below 2.5 %% %d, above 97.5 %% %d; tenths",
               names[k], s->n, mean, sd / sqrt(s->n), sd, lean, lean_sd / sqrt(s->n), s->low[k],
               s->high[k]);
        for (int b = 0; b < BINS; b++)
            printf(" %d", s->bins[k][b]);
        printf("\n");
    }
    printf("SUM cells covered %.4f\n", s->covered / s->cells);
}

static tl_err calibrate(struct tl_ctx *ctx, const struct call *c, enum tl_engine engine,
                        int64_t side, uint64_t first, uint64_t last)
{
    tl_err err = TL_OK;
    struct sums s = {0};
    struct world w = {0};
    int n_extreme = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        struct tl_field_result r;
        TL_TRY(simulate(ctx, c, side, seed, &w));
        if (!w.extreme) {
            TL_TRY(fit(ctx, c, &w, engine, &r));
            one(&s, &w, seed, &r);
            tl_field_result_fini(&r);
        }
        n_extreme += w.extreme;
        world_fini(&w);
        w = (struct world){0};
    }
    printf("SUM %d left out: counts beyond any number\n", n_extreme);
    print_sums(&s);
done:
    world_fini(&w);
    return err;
}

/* Nothing found. */

static void beside(const char *name, const struct dense *d, const struct tl_field_result *r)
{
    double square = 0.0, worst = 0.0, mean = 0.0, sd = 0.0, off = 0.0;
    for (int64_t i = 0; i < d->n; i++) {
        double centre, true_sd;
        dense_moments(d, i, &centre, &true_sd);
        double ratio = r->log_density_sd[i] / true_sd - 1.0;
        square += ratio * ratio;
        worst = fmax(worst, fabs(ratio));
        mean += ratio / (double)d->n;
        sd += true_sd / (double)d->n;
        off = fmax(off, fabs(r->log_density_mean[i] - centre) / true_sd);
    }
    printf("%-8s sd %.3f (dense), ratio %+.4f mean, %.4f rms, %.4f worst; mean off %.4f sd; range "
           "%.2f (%.2f %.2f) sigma %.3f (%.3f %.3f), %lld points, pad %lld\n",
           name, sd, mean, sqrt(square / (double)d->n), worst, off, r->range_m.q50, r->range_m.q025,
           r->range_m.q975, r->sigma.q50, r->sigma.q025, r->sigma.q975, (long long)r->n_theta,
           (long long)r->pad_cells);
}

static tl_err nothing(struct tl_ctx *ctx, const struct call *c, int64_t n_x, int64_t n_y)
{
    tl_err err = TL_OK;
    struct dense d = {0};
    int64_t n = n_x * n_y;
    double *counts = NULL, *effort = NULL;
    struct tl_field_result r[2] = {{0}, {0}};
    struct tl_rng rng = tl_rng_make(1, 0x6e6f);
    TL_TRY_ALLOC(ctx, counts, n);
    TL_TRY_ALLOC(ctx, effort, n);
    for (int64_t i = 0; i < n; i++) {
        int64_t block = i / n_x / 4 * n_x + i % n_x / 4;
        effort[i] = tl_rng_uniform(rng, (uint64_t)block) < 0.6 ? 0.8 : 0.0;
    }
    for (int64_t i = 0, left = c->found; i < n && left > 0; i += 37)
        if (effort[i] > 0.0) {
            counts[i] = 1.0;
            left--;
        }
    struct tl_field_channel channel = {.name = "search", .counts = counts, .effort = effort};
    struct tl_field_input in = {
        .n_x = n_x, .n_y = n_y, .step_m = 1.0, .n_channels = 1, .channels = &channel};
    struct tl_field_options o = tl_field_options_default();
    o.pad_m = c->pad;
    for (int e = 0; e < 2; e++) {
        o.engine = e == 0 ? TL_ENGINE_EXACT : TL_ENGINE_LATTICE;
        TL_TRY(tl_field_fit(ctx, &in, &o, &r[e]));
    }
    TL_TRY(dense_init(ctx, &in, r[0].pad_cells, c->fine, &d));
    printf("dense: %lld points, %lld without an answer, pad %lld\n", (long long)d.n_points,
           (long long)d.n_failed, (long long)r[0].pad_cells);
    beside("exact", &d, &r[0]);
    beside("lattice", &d, &r[1]);
    double square = 0.0;
    for (int64_t i = 0; i < n; i++)
        square += pow(r[1].log_density_sd[i] / r[0].log_density_sd[i] - 1.0, 2.0);
    printf("lattice beside exact: sd %.4f rms\n", sqrt(square / (double)n));
done:
    for (int e = 0; e < 2; e++)
        tl_field_result_fini(&r[e]);
    tl_free(counts);
    tl_free(effort);
    dense_fini(&d);
    return err;
}

/* The lattice engine's search. */

static double processor_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void say(const char *what, double *last, const struct tl_lattice_theta *f, int64_t n_newton)
{
    double now = processor_s();
    printf("%-7s %6.3f s, range %.4f, sigma %.5f, sd of logs %.4f %.4f, Newton steps so far %lld\n",
           what, now - *last, exp(f->theta.best.t[0]), exp(f->theta.best.t[1]),
           f->covariance[0] > 0.0 ? sqrt(f->covariance[0]) : 0.0,
           f->covariance[2] > 0.0 ? sqrt(f->covariance[2]) : 0.0, (long long)n_newton);
    *last = processor_s();
}

static tl_err search(struct tl_ctx *ctx, const struct call *c, int64_t side, uint64_t seed)
{
    enum { BATCH = 4 };
    tl_err err = TL_OK;
    struct world w = {0};
    struct tl_lattice_data data = {0};
    struct tl_lattice_mode mode = {0};
    struct tl_lattice_theta f = {0};
    struct tl_field_options o = tl_field_options_default();
    o.pad_m = 0.0;
    TL_TRY(simulate(ctx, c, side, seed, &w));
    struct tl_field_channel channel = {.name = "search", .counts = w.counts, .effort = w.effort};
    struct tl_field_covariate z = {.name = "z", .values = w.z};
    struct tl_field_input input = {.n_x = side,
                                   .n_y = side,
                                   .step_m = 1.0,
                                   .n_channels = 1,
                                   .channels = &channel,
                                   .n_covariates = 1,
                                   .covariates = &z};
    const struct tl_field_input *user = &input;
    struct tl_lattice_source source = tl_lattice_wrap_source(&input, &user);
    TL_TRY(tl_lattice_data_read(ctx, &source, &o, &data));
    double last = processor_s();
    TL_TRY(tl_lattice_theta_coarse(ctx, &data, &o, &f));
    say("coarse", &last, &f, f.n_newton);
    TL_TRY(tl_lattice_theta_prepare(ctx, &data, BATCH, o.seed, &f));
    say("window", &last, &f, f.n_newton);
    if (side * side > TL_LATTICE_SCORE_CELLS) {
        TL_TRY(tl_lattice_theta_finish_window(ctx, &data, BATCH, o.seed, &f));
    } else {
        TL_TRY(tl_lattice_mode_init(ctx, &data, BATCH, &mode));
        tl_lattice_theta_start(ctx, &f, &mode);
        TL_TRY(tl_lattice_theta_finish(ctx, &mode, o.seed, &f));
    }
    say("whole", &last, &f, f.n_newton + mode.n_newton);
    printf("%lld iterations on the whole\n", (long long)mode.n_iterations);
done:
    tl_lattice_mode_fini(&mode);
    tl_lattice_theta_fini(&f);
    tl_lattice_data_fini(&data);
    world_fini(&w);
    return err;
}

int main(int argc, char **argv)
{
    struct tl_ctx *ctx = tl_ctx_create();
    struct call c = {.level = -1.0, .fine = 0.25, .pad = 0.0};
    tl_err err = TL_EUSAGE;
    bool nothing_found = argc > 1 && strcmp(argv[1], "nothing") == 0;
    if (ctx == NULL)
        return 1;
    if (nothing_found)
        c.pad = -1.0;
    tl_ctx_set_threads(ctx, 1);
    for (int i = 2; i < argc; i++) {
        double value = i + 1 < argc ? atof(argv[i + 1]) : 0.0;
        if (strcmp(argv[i], "--range") == 0)
            c.range = value;
        else if (strcmp(argv[i], "--sigma") == 0)
            c.sigma = value;
        else if (strcmp(argv[i], "--drawn-pad") == 0)
            c.drawn_pad = (int64_t)value;
        else if (strcmp(argv[i], "--pad") == 0)
            c.pad = value;
        else if (strcmp(argv[i], "--level") == 0)
            c.level = value;
        else if (strcmp(argv[i], "--fine") == 0)
            c.fine = value;
        else if (strcmp(argv[i], "--found") == 0)
            c.found = (int64_t)value;
        else if (strcmp(argv[i], "--area") == 0)
            c.area = true;
    }
    c.area = c.area || (argc > 1 && strcmp(argv[1], "search") == 0);
    if (c.area) {
        c.level = -1.5;
        c.range = c.range > 0.0 ? c.range : 12.0;
        c.sigma = c.sigma > 0.0 ? c.sigma : 1.0;
    }
    if (nothing_found && argc >= 4)
        err = nothing(ctx, &c, atoll(argv[2]), atoll(argv[3]));
    else if (argc >= 4 && strcmp(argv[1], "search") == 0)
        err = search(ctx, &c, atoll(argv[2]), (uint64_t)atoll(argv[3]));
    else if (argc >= 6 && strcmp(argv[1], "calibrate") == 0)
        err = calibrate(ctx, &c,
                        strcmp(argv[2], "lattice") == 0 ? TL_ENGINE_LATTICE : TL_ENGINE_EXACT,
                        atoll(argv[3]), (uint64_t)atoll(argv[4]), (uint64_t)atoll(argv[5]));
    if (err != TL_OK)
        fprintf(stderr, "%s\n", tl_ctx_message(ctx));
    tl_ctx_free(ctx);
    return tl_err_exit(err);
}
