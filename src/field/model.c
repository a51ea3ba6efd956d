/*
 * Input to observations. Cells outside the area stay in the lattice as unsearched ones, so that log|Q| keeps its
 * closed form. A coarse lattice sums counts and effort over blocks and takes the covariates where the effort was.
 *
 * Intercept: Normal(log((sum y + 1/2) / sum e), (3 + sum y)^2), sd at most 100: flat as soon as a few dozen items were
 * found; with none at all an upper 95 % point of density near the "rule of three" (3 / effort) instead of nonsense.
 */
#include "field/model.h"

#include <math.h>

/* Beyond these a prior's precision and the data's own do not fit into one double any more. */
#define PRIOR_SD_MIN    1e-9
#define PRIOR_SD_MAX    1e6
#define COVARIATE_MAX   1e100 /* its square must be a number */
#define LOG_DENSITY_MAX 700.0 /* so must exp() of it */
#define RANGE_CELLS_MAX                                                                            \
    2000.0 /* as theta's own limit in field.c: the matrix is too close to singular */
#define SIGMA_MAX     100.0
#define PAD_CELLS_MAX 1e6

static bool is_inside(const struct tl_field_input *in, int64_t i)
{
    return in->inside == NULL || in->inside[i] != 0;
}

static tl_err check_channel(struct tl_ctx *ctx, const struct tl_field_input *in, int64_t c,
                            double *effort_sum)
{
    const struct tl_field_channel *ch = &in->channels[c];
    const char *name = ch->name != NULL ? ch->name : "";
    if (ch->counts == NULL || ch->effort == NULL)
        return tl_fail(ctx, TL_EDATA, "channel %lld (%s) has no counts or no effort", (long long)c,
                       name);
    if (ch->effect_sd != 0.0 && !(ch->effect_sd >= PRIOR_SD_MIN && ch->effect_sd <= PRIOR_SD_MAX))
        return tl_fail(ctx, TL_EDATA,
                       "channel %lld (%s): effect sd is %g, expected 0 or from %g to %g",
                       (long long)c, name, ch->effect_sd, PRIOR_SD_MIN, PRIOR_SD_MAX);
    for (int64_t i = 0; i < in->n_x * in->n_y; i++) {
        double y = ch->counts[i], e = ch->effort[i];
        const char *wrong = NULL;
        double value = y;
        if (!is_inside(in, i))
            continue;
        if (!(e >= 0.0) || !isfinite(e)) {
            wrong = "effort [m2] must be finite and at least 0, but is";
            value = e;
        } else if (!(y >= 0.0) || !isfinite(y)) {
            wrong = "counts must be finite and at least 0, but are";
        } else if (y > 0.0 && !(e > 0.0)) {
            wrong = "counts must be 0 where effort is 0, but are";
        }
        if (wrong != NULL)
            return tl_fail(ctx, TL_EDATA, "channel %lld (%s), row %lld, column %lld: %s %g",
                           (long long)c, name, (long long)(i / in->n_x), (long long)(i % in->n_x),
                           wrong, value);
        *effort_sum += e;
    }
    return TL_OK;
}

static tl_err check_covariate(struct tl_ctx *ctx, const struct tl_field_input *in, int64_t k)
{
    const struct tl_field_covariate *cov = &in->covariates[k];
    const char *name = cov->name != NULL ? cov->name : "";
    if (cov->values == NULL)
        return tl_fail(ctx, TL_EDATA, "covariate %lld (%s) has no values", (long long)k, name);
    if (!isfinite(cov->prior_mean) || !(cov->prior_sd >= 0.0) || !isfinite(cov->prior_sd))
        return tl_fail(ctx, TL_EDATA, "covariate %lld (%s): prior Normal(%g, sd %g) is not one",
                       (long long)k, name, cov->prior_mean, cov->prior_sd);
    for (int64_t i = 0; i < in->n_x * in->n_y; i++)
        if (is_inside(in, i) && fabs(cov->values[i]) > COVARIATE_MAX)
            return tl_fail(ctx, TL_EDATA,
                           "covariate %lld (%s), row %lld, column %lld: value is %g, expected at "
                           "most %g either way",
                           (long long)k, name, (long long)(i / in->n_x), (long long)(i % in->n_x),
                           cov->values[i], COVARIATE_MAX);
    return TL_OK;
}

/* NaN there would read as "nothing is there". */
static tl_err check_residual(struct tl_ctx *ctx, const struct tl_field_input *in)
{
    for (int64_t i = 0; in->residual != NULL && i < in->n_x * in->n_y; i++)
        if (is_inside(in, i) && !(in->residual[i] >= 0.0 && isfinite(in->residual[i])))
            return tl_fail(ctx, TL_EDATA,
                           "residual area, row %lld, column %lld: expected a finite area of at "
                           "least 0 m2, but is %g",
                           (long long)(i / in->n_x), (long long)(i % in->n_x), in->residual[i]);
    return TL_OK;
}

static tl_err check_held(struct tl_ctx *ctx, const struct tl_field_options *o, double step_m)
{
    bool one = o->fixed_range_m > 0.0, other = o->fixed_sigma > 0.0;
    if (one && other &&
        (o->fixed_range_m > RANGE_CELLS_MAX * step_m || o->fixed_range_m < 1e-6 * step_m))
        return tl_fail(ctx, TL_EDATA, "range held at %g m: expected from %g to %g m (%g cells)",
                       o->fixed_range_m, 1e-6 * step_m, RANGE_CELLS_MAX * step_m, RANGE_CELLS_MAX);
    if (one && other && !(o->fixed_sigma >= 1e-6 && o->fixed_sigma <= SIGMA_MAX))
        return tl_fail(ctx, TL_EDATA, "sigma held at %g: expected from 1e-6 to %g", o->fixed_sigma,
                       SIGMA_MAX);
    if (one != other || o->fixed_range_m < 0.0 || o->fixed_sigma < 0.0 || isnan(o->fixed_range_m) ||
        isnan(o->fixed_sigma))
        return tl_fail(ctx, TL_EDATA,
                       "range %g m and sigma %g: to be held, both must be given and positive",
                       o->fixed_range_m, o->fixed_sigma);
    return TL_OK;
}

tl_err tl_model_check_options(struct tl_ctx *ctx, const struct tl_field_options *o, double step_m)
{
    tl_err err = check_held(ctx, o, step_m);
    if (err != TL_OK)
        return err;
    const double p[] = {o->range_prior_p, o->sigma_prior_p},
                 at[] = {o->range_prior_m, o->sigma_prior};
    const char *names[] = {"range", "sigma"};
    for (int k = 0; k < 2; k++)
        if (!(at[k] >= 0.0) || !isfinite(at[k]) || (at[k] > 0.0 && !(p[k] > 0.0 && p[k] < 1.0)))
            return tl_fail(ctx, TL_EDATA,
                           "%s prior: P(%s beyond %g) = %g, expected a positive value and a "
                           "probability between 0 and 1",
                           names[k], names[k], at[k], p[k]);
    if (!(o->pad_m <= PAD_CELLS_MAX * step_m))
        return tl_fail(ctx, TL_EDATA, "margin of %g m: expected at most %g m (%g cells)", o->pad_m,
                       PAD_CELLS_MAX * step_m, PAD_CELLS_MAX);
    if (o->intercept_prior_sd != 0.0 &&
        !(o->intercept_prior_sd >= PRIOR_SD_MIN && o->intercept_prior_sd <= PRIOR_SD_MAX &&
          fabs(o->intercept_prior_mean) <= LOG_DENSITY_MAX))
        return tl_fail(ctx, TL_EDATA,
                       "intercept prior Normal(%g, sd %g): expected a log density within %g "
                       "either way and an sd from %g to %g",
                       o->intercept_prior_mean, o->intercept_prior_sd, LOG_DENSITY_MAX,
                       PRIOR_SD_MIN, PRIOR_SD_MAX);
    if (o->n_samples < 0)
        return tl_fail(ctx, TL_EDATA, "%lld samples asked for", (long long)o->n_samples);
    return TL_OK;
}

tl_err tl_model_check(struct tl_ctx *ctx, const struct tl_field_input *in,
                      const struct tl_field_options *options)
{
    tl_err err = TL_OK;
    double effort = 0.0;
    if (in->n_x < 1 || in->n_y < 1)
        TL_THROW(ctx, TL_EDATA, "the grid has %lld x %lld cells", (long long)in->n_x,
                 (long long)in->n_y);
    if (!(in->step_m > 0.0) || !isnormal(in->step_m * in->step_m))
        TL_THROW(ctx, TL_EDATA, "cells of %g m: expected a positive side", in->step_m);
    if (in->n_channels < 1 || in->channels == NULL)
        TL_THROW(ctx, TL_EDATA, "no channel of counts and effort was given");
    TL_TRY(tl_model_check_options(ctx, options, in->step_m));
    for (int64_t c = 0; c < in->n_channels; c++)
        TL_TRY(check_channel(ctx, in, c, &effort));
    for (int64_t k = 0; k < in->n_covariates; k++)
        TL_TRY(check_covariate(ctx, in, k));
    TL_TRY(check_residual(ctx, in));
    if (!isfinite(effort))
        TL_THROW(ctx, TL_EDATA, "the efforts [m2] add up to more than a number holds");
    if (!(effort > 0.0))
        TL_THROW(ctx, TL_EDATA, "no cell of the area was searched (effort is 0 everywhere)");
done:
    return err;
}

tl_err tl_model_scale_covariate(struct tl_ctx *ctx, const struct tl_field_covariate *cov, int64_t k,
                                double mean, double sd, double unknown, struct tl_model_scale *s)
{
    const char *name = cov->name != NULL ? cov->name : "";
    if (unknown > 0.0)
        tl_warn(ctx, "covariate %s is unknown in %.0f cells; its mean is taken there", name,
                unknown);
    if (!(sd > 1e-12 * fabs(mean))) {
        tl_warn(ctx, "covariate %s has the same value everywhere; its weight is its prior", name);
        sd = 1.0;
    }
    s->cov_mean[k] = mean;
    s->cov_sd[k] = sd;
    double prior_sd = cov->prior_sd > 0.0 ? cov->prior_sd * sd : 10.0;
    s->prior_mean[1 + k] = cov->prior_mean * sd;
    if (!(prior_sd >= PRIOR_SD_MIN && prior_sd <= PRIOR_SD_MAX))
        return tl_fail(ctx, TL_EDATA,
                       "covariate %lld (%s): prior sd %g is %g per standard deviation of the "
                       "covariate, expected from %g to %g",
                       (long long)k, name, cov->prior_sd, prior_sd, PRIOR_SD_MIN, PRIOR_SD_MAX);
    s->prior_prec[1 + k] = 1.0 / (prior_sd * prior_sd);
    return TL_OK;
}

static tl_err scale_covariate(struct tl_ctx *ctx, const struct tl_field_input *in, int64_t k,
                              struct tl_model_scale *s)
{
    const struct tl_field_covariate *cov = &in->covariates[k];
    double sum = 0.0, squares = 0.0, n = 0.0, unknown = 0.0;
    for (int64_t i = 0; i < in->n_x * in->n_y; i++) {
        bool known = is_inside(in, i) && !isnan(cov->values[i]);
        sum += known ? cov->values[i] : 0.0;
        n += known;
        unknown += is_inside(in, i) && !known;
    }
    double mean = n > 0.0 ? sum / n : 0.0;
    for (int64_t i = 0; i < in->n_x * in->n_y; i++) {
        double d = is_inside(in, i) && !isnan(cov->values[i]) ? cov->values[i] - mean : 0.0;
        squares += d * d;
    }
    return tl_model_scale_covariate(ctx, cov, k, mean, n > 0.0 ? sqrt(squares / n) : 0.0, unknown,
                                    s);
}

tl_err tl_model_scale_alloc(struct tl_ctx *ctx, int64_t n_channels,
                            const struct tl_field_channel *channels, int64_t n_cov,
                            struct tl_model_scale *scale)
{
    tl_err err = TL_OK;
    struct tl_model_scale s = {.n_cov = n_cov, .n_channels = n_channels};
    TL_TRY_ALLOC(ctx, s.effect, s.n_channels);
    s.n_fixed = 1 + s.n_cov;
    for (int64_t c = 0; c < s.n_channels; c++)
        s.effect[c] = channels[c].effect_sd > 0.0 ? (int32_t)s.n_fixed++ : -1;
    TL_TRY_ALLOC(ctx, s.cov_mean, s.n_cov);
    TL_TRY_ALLOC(ctx, s.cov_sd, s.n_cov);
    TL_TRY_ALLOC(ctx, s.prior_mean, s.n_fixed);
    TL_TRY_ALLOC(ctx, s.prior_prec, s.n_fixed);
    for (int64_t c = 0; c < s.n_channels; c++)
        if (s.effect[c] >= 0)
            s.prior_prec[s.effect[c]] = 1.0 / (channels[c].effect_sd * channels[c].effect_sd);
    *scale = s;
    s = (struct tl_model_scale){0};
done:
    tl_model_scale_fini(&s);
    return err;
}

void tl_model_scale_intercept(const struct tl_field_options *options,
                              const struct tl_field_covariate *covariates, struct tl_model_scale *s)
{
    double sd = fmin(100.0, 3.0 + s->total_count);
    s->prior_mean[0] = log((s->total_count + 0.5) / s->total_effort);
    if (options->intercept_prior_sd > 0.0) {
        sd = options->intercept_prior_sd;
        s->prior_mean[0] = options->intercept_prior_mean;
        /* Given on the covariates' own scale; ours is centred. */
        for (int64_t k = 0; k < s->n_cov; k++)
            s->prior_mean[0] += covariates[k].prior_mean * s->cov_mean[k];
    }
    s->prior_prec[0] = 1.0 / (sd * sd);
}

tl_err tl_model_scale_init(struct tl_ctx *ctx, const struct tl_field_input *in,
                           const struct tl_field_options *options, struct tl_model_scale *scale)
{
    tl_err err = TL_OK;
    struct tl_model_scale s = {0};
    TL_TRY(tl_model_scale_alloc(ctx, in->n_channels, in->channels, in->n_covariates, &s));
    for (int64_t c = 0; c < s.n_channels; c++) {
        const struct tl_field_channel *ch = &in->channels[c];
        for (int64_t i = 0; i < in->n_x * in->n_y; i++)
            if (is_inside(in, i)) {
                s.total_count += ch->counts[i];
                s.total_effort += ch->effort[i];
            }
    }
    for (int64_t k = 0; k < s.n_cov; k++)
        TL_TRY(scale_covariate(ctx, in, k, &s));
    tl_model_scale_intercept(options, in->covariates, &s);
    *scale = s;
    s = (struct tl_model_scale){0};
done:
    tl_model_scale_fini(&s);
    return err;
}

void tl_model_scale_fini(struct tl_model_scale *scale)
{
    tl_free(scale->cov_mean);
    tl_free(scale->cov_sd);
    tl_free(scale->prior_mean);
    tl_free(scale->prior_prec);
    tl_free(scale->effect);
    *scale = (struct tl_model_scale){0};
}

int64_t tl_model_cell(const struct tl_model *model, int64_t x, int64_t y)
{
    return (y + model->pad) * model->grid.n_x + x + model->pad;
}

/* Where a cell of the input lies in a lattice of blocks. */
static int64_t block_of(const struct tl_model *m, const struct tl_field_input *in, int64_t i,
                        int64_t coarse)
{
    return tl_model_cell(m, i % in->n_x / coarse, i / in->n_x / coarse);
}

/* Counts, efforts by channel and block; then one observation for each searched block. */
static tl_err gather_counts(struct tl_ctx *ctx, const struct tl_field_input *in, int64_t coarse,
                            struct tl_model *m)
{
    tl_err err = TL_OK;
    double *y = NULL, *e = NULL;
    int64_t n = m->grid.n, n_obs = 0;
    TL_TRY_ALLOC(ctx, y, n * in->n_channels);
    TL_TRY_ALLOC(ctx, e, n * in->n_channels);
    for (int64_t c = 0; c < in->n_channels; c++)
        for (int64_t i = 0; i < in->n_x * in->n_y; i++)
            if (is_inside(in, i)) {
                int64_t b = c * n + block_of(m, in, i, coarse);
                y[b] += in->channels[c].counts[i];
                e[b] += in->channels[c].effort[i];
            }
    for (int64_t b = 0; b < n * in->n_channels; b++)
        n_obs += e[b] > 0.0;
    m->n_obs = n_obs;
    TL_TRY_ALLOC(ctx, m->cell, n_obs);
    TL_TRY_ALLOC(ctx, m->channel, n_obs);
    TL_TRY_ALLOC(ctx, m->count, n_obs);
    TL_TRY_ALLOC(ctx, m->effort, n_obs);
    int64_t at = 0;
    for (int64_t b = 0; b < n * in->n_channels; b++) {
        if (!(e[b] > 0.0))
            continue;
        m->cell[at] = (int32_t)(b % n);
        m->channel[at] = (int32_t)(b / n);
        m->count[at] = y[b];
        m->effort[at++] = e[b];
        m->constant += y[b] * log(e[b]) - lgamma(y[b] + 1.0);
    }
done:
    tl_free(y);
    tl_free(e);
    return err;
}

static tl_err gather_covariates(struct tl_ctx *ctx, const struct tl_field_input *in, int64_t coarse,
                                struct tl_model *m)
{
    tl_err err = TL_OK;
    double *weight = NULL;
    int64_t n = m->grid.n;
    TL_TRY_ALLOC(ctx, m->x, n * in->n_covariates);
    TL_TRY_ALLOC(ctx, weight, n);
    for (int64_t k = 0; k < in->n_covariates; k++) {
        double *x = m->x + k * n;
        for (int64_t b = 0; b < n; b++)
            weight[b] = 0.0;
        for (int64_t i = 0; i < in->n_x * in->n_y; i++) {
            double value = in->covariates[k].values[i];
            double z = isnan(value) ? 0.0 : (value - m->scale->cov_mean[k]) / m->scale->cov_sd[k];
            if (!is_inside(in, i))
                continue;
            /* A tiny weight of its own, so that unsearched blocks have a value too. */
            double effort = 1e-9 * in->step_m * in->step_m;
            for (int64_t c = 0; c < in->n_channels; c++)
                effort += in->channels[c].effort[i];
            int64_t b = block_of(m, in, i, coarse);
            x[b] += effort * z;
            weight[b] += effort;
        }
        for (int64_t b = 0; b < n; b++)
            x[b] = weight[b] > 0.0 ? x[b] / weight[b] : 0.0;
    }
done:
    tl_free(weight);
    return err;
}

tl_err tl_model_init(struct tl_ctx *ctx, const struct tl_field_input *in,
                     const struct tl_model_scale *scale, int64_t coarse, int64_t pad,
                     struct tl_model *model)
{
    tl_err err = TL_OK;
    struct tl_model m = {.scale = scale, .step_m = in->step_m * (double)coarse, .pad = pad};
    m.n_x = (in->n_x + coarse - 1) / coarse;
    m.n_y = (in->n_y + coarse - 1) / coarse;
    m.grid = tl_stencil_grid_of(m.n_x + 2 * pad, m.n_y + 2 * pad);
    TL_TRY(gather_counts(ctx, in, coarse, &m));
    TL_TRY(gather_covariates(ctx, in, coarse, &m));
    *model = m;
    m = (struct tl_model){0};
done:
    tl_model_fini(&m);
    return err;
}

void tl_model_fini(struct tl_model *model)
{
    tl_free(model->cell);
    tl_free(model->channel);
    tl_free(model->count);
    tl_free(model->effort);
    tl_free(model->x);
    *model = (struct tl_model){0};
}
