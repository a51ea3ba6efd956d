/*
 * The exact engine. Range and sigma are first estimated on coarser lattices (counts and effort summed over 8 x 8, 4 x 4,
 * 2 x 2 cells), each handing its mode and curvature to the next, so that the full lattice needs only a few
 * gradients; then the integration points. See docs/rooms/field.md for the method, references and measured times.
 */
#include "tilth/field.h"

#include <math.h>
#include <string.h>

#include "field/blas.h"
#include "field/lattice.h"
#include "field/posterior.h"

enum { COARSEST_CELLS = 900, FINE_DESIGN_CELLS = 4500, COARSE_MAX = 8, RHS_LEAST = 4 };

/* The search ends when less than this gain of log posterior is expected: coarse lattices need less. */
static const double coarse_gain = 0.02, small_gain = 0.01, full_gain = 0.1;

/* From lattice to lattice the optimum moves on by about this part of its last move. */
static const double trend = 0.6, trend_max = 0.25;

struct fit {
    const struct tl_field_input *input;
    struct tl_field_options options;
    struct tl_model_scale scale;
    struct tl_laplace_prior prior;
    struct tl_theta theta;
    struct tl_theta_limits limits;
    struct tl_stage stage;
    int64_t n_newton, n_factorisations, bytes;
    bool fixed;
};

struct tl_field_options tl_field_options_default(void)
{
    return (struct tl_field_options){.engine = TL_ENGINE_AUTO,
                                     .range_prior_p = 0.1,
                                     .sigma_prior_p = 0.1,
                                     .pad_m = -1.0,
                                     .seed = 1};
}

static double longer_side_m(const struct tl_field_input *in)
{
    return in->step_m * (double)(in->n_x > in->n_y ? in->n_x : in->n_y);
}

static int64_t max_rhs(int64_t n_fixed)
{
    return n_fixed > RHS_LEAST ? n_fixed : RHS_LEAST;
}

/* Cells of margin for a range [m]. */
static int64_t pad_cells(const struct tl_field_input *in, const struct tl_field_options *o,
                         double range_m, int64_t coarse)
{
    double pad_m = o->pad_m >= 0.0 ? o->pad_m : fmin(range_m, 0.25 * longer_side_m(in));
    return (int64_t)ceil(pad_m / (in->step_m * (double)coarse) - 1e-9);
}

static void set_priors(struct fit *f)
{
    struct tl_field_options *o = &f->options;
    if (!(o->range_prior_m > 0.0)) {
        o->range_prior_m = fmax(2.0 * f->input->step_m, longer_side_m(f->input) / 50.0);
        o->range_prior_p = 0.1;
    }
    if (!(o->sigma_prior > 0.0)) {
        o->sigma_prior = 2.0;
        o->sigma_prior_p = 0.1;
    }
    f->prior.lambda_range = -log(o->range_prior_p) * o->range_prior_m;
    f->prior.lambda_sigma = -log(o->sigma_prior_p) / o->sigma_prior;
    /* Beyond 2000 cells the matrix is too close to singular for doubles; the prior says hardly anything is there. */
    f->limits.low[0] = log(0.2 * f->input->step_m);
    f->limits.high[0] = log(2000.0 * f->input->step_m);
    f->limits.low[1] = log(1e-3);
    f->limits.high[1] = log(30.0);
    f->fixed = o->fixed_range_m > 0.0;
    f->theta.best.t[0] =
        log(f->fixed ? o->fixed_range_m : fmax(5.0 * o->range_prior_m, 4.0 * f->input->step_m));
    f->theta.best.t[1] = log(f->fixed ? o->fixed_sigma : 1.0);
}

static tl_err enter_stage(struct tl_ctx *ctx, struct fit *f, int64_t coarse, int64_t pad)
{
    tl_err err = TL_OK;
    struct tl_stage before = f->stage;
    memset(&f->stage, 0, sizeof f->stage);
    /* Only the values of the old stage's mode are read below, so its moved members do no harm. */
    err = tl_stage_init(ctx, f->input, &f->scale, f->prior, coarse, pad, max_rhs(f->scale.n_fixed),
                        &f->stage);
    if (err == TL_OK && before.plan != NULL)
        tl_stage_warm_start(&before, &f->stage);
    if (f->stage.bytes > f->bytes)
        f->bytes = f->stage.bytes;
    tl_stage_fini(&before);
    return err;
}

static void count_stage(struct fit *f)
{
    f->n_newton += f->stage.mode.n_newton;
    f->n_factorisations += f->stage.factor.n_done;
}

/* Coarse lattices first; the first one without a margin, because the margin is chosen by the range. */
static tl_err climb(struct tl_ctx *ctx, struct fit *f)
{
    tl_err err = TL_OK;
    int64_t coarse = 1, n = f->input->n_x * f->input->n_y;
    double range = f->options.fixed_range_m, before[2] = {0.0, 0.0};
    while (coarse < COARSE_MAX && n / (4 * coarse * coarse) >= COARSEST_CELLS)
        coarse *= 2;
    bool known_pad = f->options.pad_m >= 0.0 || f->fixed;
    if (f->fixed) {
        TL_TRY(enter_stage(ctx, f, 1, pad_cells(f->input, &f->options, range, 1)));
        goto done;
    }
    for (bool first = true;; first = false) {
        int64_t pad = first && !known_pad ? 0 : pad_cells(f->input, &f->options, range, coarse);
        bool last = coarse == 1 && (known_pad || !first);
        TL_TRY(enter_stage(ctx, f, coarse, pad));
        bool small = f->stage.model.grid.n <= FINE_DESIGN_CELLS;
        TL_TRY(tl_theta_maximise(ctx, &f->stage.laplace, &f->limits,
                                 !last   ? coarse_gain
                                 : small ? small_gain
                                         : full_gain,
                                 last ? small : f->stage.model.grid.n < 30000, &f->theta));
        range = exp(f->theta.best.t[0]);
        for (int j = 0; j < 2; j++) {
            double found = f->theta.best.t[j],
                   move = first || last ? 0.0 : trend * (found - before[j]);
            before[j] = found;
            f->theta.best.t[j] += fmin(fmax(move, -trend_max), trend_max);
        }
        tl_progress_set(ctx, 1.0 / (double)(coarse * coarse));
        if (last)
            break;
        count_stage(f);
        if (coarse > 1)
            coarse /= 2;
    }
done:
    return err;
}

static tl_err one_node(struct tl_ctx *ctx, struct fit *f, struct tl_posterior *p,
                       struct tl_theta_design *design)
{
    tl_err err = TL_OK;
    struct tl_theta_design d = {.n = 1, .room = 1, .spacing = 1.0};
    TL_TRY_ALLOC(ctx, d.nodes, 1);
    TL_TRY(tl_laplace_at(ctx, &f->stage.laplace, f->theta.best.t, &d.nodes[0].point));
    tl_laplace_set_centre(&f->stage.laplace, f->theta.best.t);
    TL_TRY(tl_posterior_visit(ctx, p, &d.nodes[0], 0));
    d.nodes[0].weight = 1.0;
    /* Given theta: without its prior. */
    d.log_evidence = d.nodes[0].point.value -
                     tl_laplace_log_prior(&f->prior, f->theta.best.t, (double[2]){0.0, 0.0});
    *design = d;
    d = (struct tl_theta_design){0};
done:
    tl_theta_design_fini(&d);
    return err;
}

static tl_err fill_result(struct tl_ctx *ctx, struct fit *f, struct tl_posterior *p,
                          const struct tl_theta_design *design, struct tl_field_result *r)
{
    tl_err err = TL_OK;
    r->n_cells = p->n_cells;
    for (int64_t k = 0; k < design->n; k++)
        p->weight[k] = design->nodes[k].weight;
    TL_TRY(tl_posterior_cells(ctx, p, design, r));
    TL_TRY(tl_posterior_fixed(ctx, p, r));
    if (f->fixed) {
        double range = f->options.fixed_range_m, sigma = f->options.fixed_sigma;
        r->range_m = (struct tl_estimate){range, 0.0, range, range, range};
        r->sigma = (struct tl_estimate){sigma, 0.0, sigma, sigma, sigma};
    } else {
        struct tl_estimate marginals[2];
        TL_TRY(tl_theta_marginals(ctx, &f->theta, design, marginals));
        r->range_m = marginals[0];
        r->sigma = marginals[1];
    }
    if (f->options.n_samples > 0) {
        TL_TRY_ALLOC(ctx, r->samples, f->options.n_samples * p->n_cells);
        tl_progress_begin(ctx, "drawing joint samples");
        err =
            tl_posterior_sample(ctx, p, design, f->options.n_samples, f->options.seed, r->samples);
        tl_progress_end(ctx);
        TL_TRY(err);
    }
    count_stage(f);
    r->log_marginal_likelihood = design->log_evidence;
    r->n_theta = design->n;
    r->n_newton = f->n_newton;
    r->n_factorisations = f->n_factorisations;
    r->pad_cells = f->stage.pad;
    r->engine = TL_ENGINE_EXACT;
    r->memory_bytes = f->bytes + p->bytes +
                      (8 + f->input->n_channels) * p->n_cells * (int64_t)sizeof(double) +
                      f->options.n_samples * p->n_cells * (int64_t)sizeof(float);
done:
    return err;
}

static tl_err run(struct tl_ctx *ctx, struct fit *f, struct tl_field_result *r)
{
    tl_err err = TL_OK;
    struct tl_theta_design design = {0};
    struct tl_posterior *p = NULL;
    TL_TRY_ALLOC(ctx, p, 1);
    tl_progress_begin(ctx, f->fixed ? "fitting the field" : "estimating range and sigma");
    err = climb(ctx, f);
    tl_progress_end(ctx);
    TL_TRY(err);
    p->input = f->input;
    p->stage = &f->stage;
    p->plain_mode = f->options.plain_mode;
    p->n_cells = f->input->n_x * f->input->n_y;
    tl_progress_begin(ctx, "integrating over range and sigma");
    if (f->fixed)
        err = one_node(ctx, f, p, &design);
    else
        err = tl_theta_integrate(ctx, &f->stage.laplace, &f->limits, &f->theta,
                                 f->stage.model.grid.n <= FINE_DESIGN_CELLS, tl_posterior_visit, p,
                                 &design);
    tl_progress_end(ctx);
    TL_TRY(err);
    TL_TRY(fill_result(ctx, f, p, &design, r));
done:
    tl_theta_design_fini(&design);
    if (p != NULL)
        tl_posterior_fini(p);
    tl_free(p);
    return err;
}

/*
 * Where the two engines take the same time (docs/rooms/lattice.md has the measurement); below, the exact one also has
 * theta's whole design and the evidence.
 */
enum { AUTO_CELLS = 20000 };

enum tl_engine tl_field_engine(const struct tl_field_input *input,
                               const struct tl_field_options *options)
{
    if (options != NULL && options->engine != TL_ENGINE_AUTO)
        return options->engine;
    return input->n_y > 0 && input->n_x > AUTO_CELLS / input->n_y ? TL_ENGINE_LATTICE
                                                                  : TL_ENGINE_EXACT;
}

/* What the lattice engine holds, and the result's own arrays. */
static tl_err plan_lattice(struct tl_ctx *ctx, const struct tl_field_input *input,
                           const struct tl_field_options *o, int64_t *bytes)
{
    struct tl_lattice_plan plan;
    struct tl_field_options free_hand = *o;
    struct tl_lattice_source source = tl_lattice_wrap_source(input, NULL);
    free_hand.memory_bytes = INT64_MAX;
    tl_err err = tl_lattice_plan_make(ctx, &source, &free_hand, false, &plan);
    if (err == TL_OK)
        *bytes =
            plan.memory_bytes + plan.n_cells * (8 * (8 + input->n_channels) + 4 * o->n_samples);
    return err;
}

tl_err tl_field_plan(struct tl_ctx *ctx, const struct tl_field_input *input,
                     const struct tl_field_options *options, int64_t *bytes)
{
    struct tl_field_options o = options != NULL ? *options : tl_field_options_default();
    if (input->n_x < 1 || input->n_y < 1)
        return tl_fail(ctx, TL_EDATA, "the grid has %lld x %lld cells", (long long)input->n_x,
                       (long long)input->n_y);
    if (tl_field_engine(input, &o) == TL_ENGINE_LATTICE)
        return plan_lattice(ctx, input, &o, bytes);
    /* The margin is chosen by a range that is not known yet: a tenth of the longer side is typical. */
    double guess_m = o.fixed_range_m > 0.0 ? o.fixed_range_m : 0.1 * longer_side_m(input);
    int64_t pad = pad_cells(input, &o, guess_m, 1), n = input->n_x * input->n_y;
    int64_t k = 1 + input->n_channels + input->n_covariates;
    int64_t n_nodes = o.fixed_range_m > 0.0 ? 1 : n <= FINE_DESIGN_CELLS ? 40 : 7;
    double needed =
        (double)tl_stage_bytes(input->n_x + 2 * pad, input->n_y + 2 * pad, input->n_channels,
                               input->n_covariates, max_rhs(k)) +
        (double)input->n_x * (double)input->n_y *
            (8.0 * (double)(2 * n_nodes + 8 +
                            input->n_channels * (input->n_channels > 1 ? n_nodes + 1 : 1)) +
             4.0 * (double)o.n_samples);
    *bytes = needed < 9e18 ? (int64_t)needed : INT64_MAX;
    return TL_OK;
}

static tl_err check_memory(struct tl_ctx *ctx, const struct tl_field_input *input,
                           const struct tl_field_options *o)
{
    int64_t needed, limit = o->memory_bytes > 0 ? o->memory_bytes : tl_memory_available();
    tl_err err = tl_field_plan(ctx, input, o, &needed);
    if (err != TL_OK)
        return err;
    if ((double)input->n_x * (double)input->n_y > 5e7 || needed > limit)
        return tl_fail(
            ctx, TL_ENOMEM,
            "a field of %lld x %lld cells needs about %.2f GiB; %.2f GiB may be used: take larger "
            "cells or a smaller area",
            (long long)input->n_x, (long long)input->n_y, (double)needed / 1073741824.0,
            (double)limit / 1073741824.0);
    return TL_OK;
}

bool tl_field_exact_instead(struct tl_ctx *ctx, const struct tl_field_options *options, tl_err err)
{
    /* Nobody asked for this engine: where it finds no answer, the exact one is slower but has one. */
    if (err != TL_ENUMERIC || options->engine != TL_ENGINE_AUTO)
        return false;
    tl_warn(ctx, "the lattice engine found no answer (%s); the exact one is used",
            tl_ctx_message(ctx));
    return true;
}

tl_err tl_field_fit(struct tl_ctx *ctx, const struct tl_field_input *input,
                    const struct tl_field_options *options, struct tl_field_result *result)
{
    tl_err err = TL_OK;
    struct tl_field_result r = {0};
    struct fit f = {.input = input};
    int blas = tl_blas_one_thread();
    f.options = options != NULL ? *options : tl_field_options_default();
    TL_TRY(tl_model_check(ctx, input, &f.options));
    if (tl_field_engine(input, &f.options) == TL_ENGINE_LATTICE) {
        err = tl_lattice_wrap(ctx, input, &f.options, &r);
        if (!tl_field_exact_instead(ctx, &f.options, err)) {
            TL_TRY(err);
            goto give;
        }
        tl_field_result_fini(&r);
        err = TL_OK;
    }
    TL_TRY(check_memory(ctx, input, &f.options));
    set_priors(&f);
    TL_TRY(tl_model_scale_init(ctx, input, &f.options, &f.scale));
    TL_TRY(run(ctx, &f, &r));
give:
    *result = r;
    r = (struct tl_field_result){0};
done:
    tl_field_result_fini(&r);
    tl_stage_fini(&f.stage);
    tl_model_scale_fini(&f.scale);
    tl_blas_restore(blas);
    return err;
}

void tl_field_result_fini(struct tl_field_result *r)
{
    void *owned[] = {r->log_density_mean, r->log_density_sd, r->density_mean, r->density_q05,
                     r->density_q50,      r->density_q95,    r->p_any,        r->field,
                     r->shares,           r->samples,        r->coefficients, r->channels,
                     r->centres};
    for (size_t k = 0; k < sizeof owned / sizeof owned[0]; k++)
        tl_free(owned[k]);
    *r = (struct tl_field_result){0};
}
