/*
 * The source is read twice: once to check and to measure (totals, means and variances of covariates by Welford's updating),
 * once to keep. What is kept per cell: 4 bytes of effort by channel, 4 by covariate, 1 of inside where there is an outside, and 8
 * per cell and channel where something was found.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "field/lattice.h"
#include "par/par.h"

/* Below, single precision would make an effort nothing; above, weights overflow. */
static const double effort_min = 1e-30, effort_max = 1e30, covariate_max = 1e100;

tl_err tl_lattice_rowbuf_init(struct tl_ctx *ctx, const struct tl_lattice_source *s,
                              struct tl_lattice_rowbuf *buf)
{
    tl_err err = TL_OK;
    struct tl_lattice_rowbuf b = {.n_x = s->n_x,
                                  .n_arrays = 2 * s->n_channels + s->n_covariates + 1};
    TL_TRY_ALLOC(ctx, b.values, b.n_arrays * s->n_x);
    TL_TRY_ALLOC(ctx, b.row.counts, s->n_channels);
    TL_TRY_ALLOC(ctx, b.row.effort, s->n_channels);
    TL_TRY_ALLOC(ctx, b.row.covariates, s->n_covariates);
    TL_TRY_ALLOC(ctx, b.row.inside, s->n_x);
    for (int64_t c = 0; c < s->n_channels; c++) {
        b.row.counts[c] = b.values + c * s->n_x;
        b.row.effort[c] = b.values + (s->n_channels + c) * s->n_x;
    }
    for (int64_t k = 0; k < s->n_covariates; k++)
        b.row.covariates[k] = b.values + (2 * s->n_channels + k) * s->n_x;
    b.row.residual = b.values + (b.n_arrays - 1) * s->n_x;
    *buf = b;
    b = (struct tl_lattice_rowbuf){0};
done:
    tl_lattice_rowbuf_fini(&b);
    return err;
}

tl_err tl_lattice_rowbuf_read(struct tl_ctx *ctx, const struct tl_lattice_source *s, int64_t y,
                              struct tl_lattice_rowbuf *b)
{
    memset(b->values, 0, (size_t)(b->n_arrays * b->n_x) * sizeof *b->values);
    memset(b->row.inside, 1, (size_t)b->n_x);
    return s->read(ctx, s->user, y, &b->row);
}

void tl_lattice_rowbuf_fini(struct tl_lattice_rowbuf *b)
{
    tl_free(b->values);
    tl_free(b->row.counts);
    tl_free(b->row.effort);
    tl_free(b->row.covariates);
    tl_free(b->row.inside);
    *b = (struct tl_lattice_rowbuf){0};
}

/* Running figures of the first pass. */
struct measure {
    double *n, *mean, *square, *unknown; /* owns: [n_cov] */
    int64_t *n_counts;                   /* owns: [n_channels] */
    double count, effort;
    int64_t n_searched;
    bool any_outside;
};

static void measure_fini(struct measure *m)
{
    tl_free(m->n);
    tl_free(m->mean);
    tl_free(m->square);
    tl_free(m->unknown);
    tl_free(m->n_counts);
}

static tl_err bad(struct tl_ctx *ctx, const char *kind, int64_t which, const char *name, int64_t y,
                  int64_t x, const char *wrong, double value)
{
    return tl_fail(ctx, TL_EDATA, "%s %lld (%s), row %lld, column %lld: %s %g", kind,
                   (long long)which, name != NULL ? name : "", (long long)y, (long long)x, wrong,
                   value);
}

static tl_err measure_channel(struct tl_ctx *ctx, const struct tl_lattice_source *s, int64_t c,
                              int64_t y, const struct tl_lattice_row *row, struct measure *m)
{
    const char *name = s->channels[c].name;
    for (int64_t x = 0; x < s->n_x; x++) {
        double count = row->counts[c][x], e = row->effort[c][x];
        if (row->inside[x] == 0)
            continue;
        if (!(e >= 0.0) || !isfinite(e))
            return bad(ctx, "channel", c, name, y, x,
                       "effort [m2] must be finite and at least 0, but is", e);
        if (e > 0.0 && !(e >= effort_min && e <= effort_max))
            return bad(
                ctx, "channel", c, name, y, x,
                "effort [m2] must be 0 or from 1e-30 to 1e30 for the lattice engine's single "
                "precision, but is",
                e);
        if (!(count >= 0.0) || !isfinite(count) || count > effort_max)
            return bad(ctx, "channel", c, name, y, x,
                       "counts must be finite and at least 0, but are", count);
        if (count > 0.0 && !(e > 0.0))
            return bad(ctx, "channel", c, name, y, x, "counts must be 0 where effort is 0, but are",
                       count);
        m->count += count;
        m->effort += e;
        m->n_counts[c] += count > 0.0;
    }
    return TL_OK;
}

static tl_err measure_covariate(struct tl_ctx *ctx, const struct tl_lattice_source *s, int64_t k,
                                int64_t y, const struct tl_lattice_row *row, struct measure *m)
{
    for (int64_t x = 0; x < s->n_x; x++) {
        double value = row->covariates[k][x];
        if (row->inside[x] == 0)
            continue;
        if (isnan(value)) {
            m->unknown[k] += 1.0;
            continue;
        }
        if (fabs(value) > covariate_max)
            return bad(ctx, "covariate", k, s->covariates[k].name, y, x,
                       "expected at most 1e100 either way, but the value is", value);
        m->n[k] += 1.0;
        double off = value - m->mean[k];
        m->mean[k] += off / m->n[k];
        m->square[k] += off * (value - m->mean[k]);
    }
    return TL_OK;
}

static tl_err measure_residual(struct tl_ctx *ctx, const struct tl_lattice_source *s, int64_t y,
                               const struct tl_lattice_row *row)
{
    for (int64_t x = 0; s->has_residual && x < s->n_x; x++)
        if (row->inside[x] != 0 && !(row->residual[x] >= 0.0 && isfinite(row->residual[x])))
            return tl_fail(ctx, TL_EDATA,
                           "residual area, row %lld, column %lld: expected a finite area of at "
                           "least 0 m2, but is %g",
                           (long long)y, (long long)x, row->residual[x]);
    return TL_OK;
}

static void measure_inside(const struct tl_lattice_source *s, const struct tl_lattice_row *row,
                           struct measure *m)
{
    for (int64_t x = 0; x < s->n_x; x++) {
        bool searched = false;
        for (int64_t c = 0; c < s->n_channels; c++)
            searched = searched || row->effort[c][x] > 0.0;
        m->any_outside = m->any_outside || row->inside[x] == 0;
        m->n_searched += searched && row->inside[x] != 0;
    }
}

static tl_err measure(struct tl_ctx *ctx, const struct tl_lattice_source *s,
                      struct tl_lattice_rowbuf *buf, struct measure *m)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, m->n, s->n_covariates);
    TL_TRY_ALLOC(ctx, m->mean, s->n_covariates);
    TL_TRY_ALLOC(ctx, m->square, s->n_covariates);
    TL_TRY_ALLOC(ctx, m->unknown, s->n_covariates);
    TL_TRY_ALLOC(ctx, m->n_counts, s->n_channels);
    for (int64_t y = 0; y < s->n_y; y++) {
        TL_TRY(tl_lattice_rowbuf_read(ctx, s, y, buf));
        for (int64_t c = 0; c < s->n_channels; c++)
            TL_TRY(measure_channel(ctx, s, c, y, &buf->row, m));
        for (int64_t k = 0; k < s->n_covariates; k++)
            TL_TRY(measure_covariate(ctx, s, k, y, &buf->row, m));
        TL_TRY(measure_residual(ctx, s, y, &buf->row));
        measure_inside(s, &buf->row, m);
        TL_TRY(tl_cancelled(ctx));
        tl_progress_set(ctx, 0.5 * (double)y / (double)s->n_y);
    }
    if (!isfinite(m->effort))
        TL_THROW(ctx, TL_EDATA, "the efforts [m2] add up to more than a number holds");
    if (!(m->effort > 0.0))
        TL_THROW(ctx, TL_EDATA, "no cell of the area was searched (effort is 0 everywhere)");
done:
    return err;
}

static tl_err make_scale(struct tl_ctx *ctx, const struct tl_lattice_source *s,
                         const struct tl_field_options *options, const struct measure *m,
                         struct tl_model_scale *scale)
{
    tl_err err = TL_OK;
    TL_TRY(tl_model_scale_alloc(ctx, s->n_channels, s->channels, s->n_covariates, scale));
    scale->total_count = m->count;
    scale->total_effort = m->effort;
    for (int64_t k = 0; k < s->n_covariates; k++) {
        double sd = m->n[k] > 0.0 ? sqrt(m->square[k] / m->n[k]) : 0.0;
        TL_TRY(tl_model_scale_covariate(ctx, &s->covariates[k], k, m->mean[k], sd, m->unknown[k],
                                        scale));
    }
    tl_model_scale_intercept(options, s->covariates, scale);
done:
    return err;
}

static tl_err make_arrays(struct tl_ctx *ctx, const struct measure *m, struct tl_lattice_data *d)
{
    tl_err err = TL_OK;
    int64_t n = d->n_x * d->n_y;
    TL_TRY_ALLOC(ctx, d->effort, d->n_channels);
    TL_TRY_ALLOC(ctx, d->count_at, d->n_channels);
    TL_TRY_ALLOC(ctx, d->count_x, d->n_channels);
    TL_TRY_ALLOC(ctx, d->count, d->n_channels);
    TL_TRY_ALLOC(ctx, d->x, d->n_cov);
    for (int64_t c = 0; c < d->n_channels; c++) {
        TL_TRY_ALLOC(ctx, d->effort[c], n);
        TL_TRY_ALLOC(ctx, d->count_at[c], d->n_y + 1);
        TL_TRY_ALLOC(ctx, d->count_x[c], m->n_counts[c]);
        TL_TRY_ALLOC(ctx, d->count[c], m->n_counts[c]);
        d->bytes += 4 * n + 8 * (d->n_y + 1) + 8 * m->n_counts[c];
    }
    for (int64_t k = 0; k < d->n_cov; k++)
        TL_TRY_ALLOC(ctx, d->x[k], n);
    d->bytes += 4 * n * d->n_cov;
    if (m->any_outside) {
        TL_TRY_ALLOC(ctx, d->inside, n);
        d->bytes += n;
    }
done:
    return err;
}

static void keep_row(const struct tl_lattice_row *row, int64_t y, struct tl_lattice_data *d)
{
    for (int64_t c = 0; c < d->n_channels; c++) {
        float *effort = d->effort[c] + y * d->n_x;
        int64_t at = d->count_at[c][y];
        for (int64_t x = 0; x < d->n_x; x++) {
            if (row->inside[x] == 0)
                continue;
            effort[x] = (float)row->effort[c][x];
            if (row->counts[c][x] > 0.0) {
                d->count_x[c][at] = (int32_t)x;
                d->count[c][at++] = (float)row->counts[c][x];
            }
        }
        d->count_at[c][y + 1] = at;
    }
    for (int64_t k = 0; k < d->n_cov; k++)
        for (int64_t x = 0; x < d->n_x; x++) {
            double value = row->covariates[k][x];
            if (row->inside[x] != 0 && !isnan(value))
                d->x[k][y * d->n_x + x] =
                    (float)((value - d->scale.cov_mean[k]) / d->scale.cov_sd[k]);
        }
    if (d->inside != NULL)
        memcpy(d->inside + y * d->n_x, row->inside, (size_t)d->n_x);
}

static tl_err check_source(struct tl_ctx *ctx, const struct tl_lattice_source *s,
                           const struct tl_field_options *options)
{
    if (s->n_x < 1 || s->n_y < 1 || s->n_x > INT32_MAX)
        return tl_fail(ctx, TL_EDATA, "the grid has %lld x %lld cells", (long long)s->n_x,
                       (long long)s->n_y);
    if (!(s->step_m > 0.0) || !isnormal(s->step_m * s->step_m))
        return tl_fail(ctx, TL_EDATA, "cells of %g m: expected a positive side", s->step_m);
    if (s->n_channels < 1 || s->channels == NULL)
        return tl_fail(ctx, TL_EDATA, "no channel of counts and effort was given");
    for (int64_t c = 0; c < s->n_channels; c++) {
        double sd = s->channels[c].effect_sd;
        if (sd != 0.0 && !(sd >= 1e-9 && sd <= 1e6))
            return tl_fail(ctx, TL_EDATA,
                           "channel %lld (%s): effect sd is %g, expected 0 or from 1e-09 to 1e+06",
                           (long long)c, s->channels[c].name != NULL ? s->channels[c].name : "",
                           sd);
    }
    for (int64_t k = 0; k < s->n_covariates; k++) {
        const struct tl_field_covariate *v = &s->covariates[k];
        if (!isfinite(v->prior_mean) || !(v->prior_sd >= 0.0) || !isfinite(v->prior_sd))
            return tl_fail(ctx, TL_EDATA, "covariate %lld (%s): prior Normal(%g, sd %g) is not one",
                           (long long)k, v->name != NULL ? v->name : "", v->prior_mean,
                           v->prior_sd);
    }
    return tl_model_check_options(ctx, options, s->step_m);
}

tl_err tl_lattice_data_read(struct tl_ctx *ctx, const struct tl_lattice_source *s,
                            const struct tl_field_options *options, struct tl_lattice_data *data)
{
    tl_err err = TL_OK;
    struct tl_lattice_rowbuf buf = {0};
    struct measure m = {0};
    struct tl_lattice_data d = {.n_x = s->n_x,
                                .n_y = s->n_y,
                                .step_m = s->step_m,
                                .n_channels = s->n_channels,
                                .n_cov = s->n_covariates};
    tl_progress_begin(ctx, "reading the data");
    TL_TRY(check_source(ctx, s, options));
    TL_TRY(tl_lattice_rowbuf_init(ctx, s, &buf));
    TL_TRY(measure(ctx, s, &buf, &m));
    TL_TRY(make_scale(ctx, s, options, &m, &d.scale));
    TL_TRY(make_arrays(ctx, &m, &d));
    d.n_searched = m.n_searched;
    for (int64_t y = 0; y < s->n_y; y++) {
        TL_TRY(tl_lattice_rowbuf_read(ctx, s, y, &buf));
        keep_row(&buf.row, y, &d);
        TL_TRY(tl_cancelled(ctx));
        tl_progress_set(ctx, 0.5 + 0.5 * (double)y / (double)s->n_y);
    }
    tl_lattice_data_set_pad(&d, 0);
    *data = d;
    d = (struct tl_lattice_data){0};
done:
    tl_progress_end(ctx);
    measure_fini(&m);
    tl_lattice_rowbuf_fini(&buf);
    tl_lattice_data_fini(&d);
    return err;
}

static void free_each(void **arrays, int64_t n)
{
    for (int64_t i = 0; arrays != NULL && i < n; i++)
        tl_free(arrays[i]);
    tl_free(arrays);
}

void tl_lattice_data_fini(struct tl_lattice_data *d)
{
    free_each((void **)d->effort, d->n_channels);
    free_each((void **)d->count_at, d->n_channels);
    free_each((void **)d->count_x, d->n_channels);
    free_each((void **)d->count, d->n_channels);
    free_each((void **)d->x, d->n_cov);
    tl_free(d->inside);
    tl_model_scale_fini(&d->scale);
    *d = (struct tl_lattice_data){0};
}

void tl_lattice_data_set_pad(struct tl_lattice_data *d, int64_t pad)
{
    d->pad = pad;
    d->grid = tl_stencil_grid_of(d->n_x + 2 * pad, d->n_y + 2 * pad);
}

/* Cuts. */

struct cut_job {
    const struct tl_lattice_data *data;
    struct tl_lattice_cut *cut;
    int64_t x0, y0, n_x, n_y, coarse;
    double *weight;  /* [blocks] */
    double **arrays; /* counts and effort of each channel, then covariates: [blocks] each */
    double *items;   /* [rows of blocks] */
};

static void cut_counts(const struct cut_job *j, int64_t y, int64_t b0, double *counts[])
{
    const struct tl_lattice_data *d = j->data;
    for (int64_t c = 0; c < d->n_channels; c++)
        for (int64_t at = d->count_at[c][y]; at < d->count_at[c][y + 1]; at++) {
            int64_t x = d->count_x[c][at] - j->x0;
            if (x >= 0 && x < j->n_x) {
                counts[c][b0 + x / j->coarse] += (double)d->count[c][at];
                j->items[b0 / j->cut->input.n_x] += (double)d->count[c][at];
            }
        }
}

/* As the exact engine coarsens: sums of counts and effort; covariates where the effort was, with a tiny weight elsewhere. */
static void cut_row(const struct cut_job *j, int64_t y, double *effort[], double *x_sum[])
{
    const struct tl_lattice_data *d = j->data;
    int64_t n_bx = j->cut->input.n_x, b0 = (y - j->y0) / j->coarse * n_bx;
    double tiny = 1e-9 * d->step_m * d->step_m;
    for (int64_t x = 0, b = b0, left = j->coarse; x < j->n_x; x++, left--) {
        int64_t i = y * d->n_x + j->x0 + x;
        double here = tiny;
        b += left == 0;
        left = left == 0 ? j->coarse : left;
        if (d->inside != NULL && d->inside[i] == 0)
            continue;
        j->cut->inside[b] = 1;
        for (int64_t c = 0; c < d->n_channels; c++) {
            effort[c][b] += (double)d->effort[c][i];
            here += (double)d->effort[c][i];
        }
        j->weight[b] += here;
        for (int64_t k = 0; k < d->n_cov; k++)
            x_sum[k][b] += here * (double)d->x[k][i];
    }
}

/* Rows of blocks. */
static void cut_blocks(void *user, int64_t first, int64_t last, int64_t chunk)
{
    const struct cut_job *j = user;
    int64_t n_ch = j->data->n_channels, y_1 = j->y0 + last * j->coarse;
    (void)chunk;
    for (int64_t y = j->y0 + first * j->coarse; y < y_1 && y < j->y0 + j->n_y; y++) {
        cut_counts(j, y, (y - j->y0) / j->coarse * j->cut->input.n_x, j->arrays);
        cut_row(j, y, j->arrays + n_ch, j->arrays + 2 * n_ch);
    }
}

static tl_err fill_cut(struct tl_ctx *ctx, struct cut_job *j)
{
    tl_err err = TL_OK;
    const struct tl_lattice_data *d = j->data;
    struct tl_lattice_cut *cut = j->cut;
    int64_t n = cut->input.n_x * cut->input.n_y, n_ch = d->n_channels;
    double **arrays = NULL;
    TL_TRY_ALLOC(ctx, arrays, 2 * n_ch + d->n_cov);
    for (int64_t a = 0; a < 2 * n_ch + d->n_cov; a++)
        arrays[a] = cut->values + a * n;
    TL_TRY_ALLOC(ctx, j->items, cut->input.n_y);
    j->arrays = arrays;
    tl_par_for(ctx, cut->input.n_y, 1, cut_blocks, j);
    TL_TRY(tl_cancelled(ctx));
    for (int64_t b = 0; b < cut->input.n_y; b++)
        cut->count += j->items[b];
    for (int64_t k = 0; k < d->n_cov; k++)
        for (int64_t b = 0; b < n; b++) {
            double *x = arrays[2 * n_ch + k] + b;
            double z = j->weight[b] > 0.0 ? *x / j->weight[b] : 0.0;
            *x = d->scale.cov_mean[k] + d->scale.cov_sd[k] * z;
        }
    for (int64_t c = 0; c < n_ch; c++)
        cut->channels[c] =
            (struct tl_field_channel){.counts = arrays[c], .effort = arrays[n_ch + c]};
    for (int64_t k = 0; k < d->n_cov; k++)
        cut->covariates[k] = (struct tl_field_covariate){.values = arrays[2 * n_ch + k]};
done:
    tl_free(j->items);
    tl_free(arrays);
    return err;
}

tl_err tl_lattice_cut_init(struct tl_ctx *ctx, const struct tl_lattice_data *d, int64_t x0,
                           int64_t y0, int64_t n_x, int64_t n_y, int64_t coarse,
                           struct tl_lattice_cut *cut)
{
    tl_err err = TL_OK;
    struct tl_lattice_cut c = {0};
    struct cut_job job = {d, &c, x0, y0, n_x, n_y, coarse, NULL, NULL, NULL};
    c.input = (struct tl_field_input){.n_x = (n_x + coarse - 1) / coarse,
                                      .n_y = (n_y + coarse - 1) / coarse,
                                      .step_m = d->step_m * (double)coarse,
                                      .n_channels = d->n_channels,
                                      .n_covariates = d->n_cov};
    int64_t n = c.input.n_x * c.input.n_y;
    TL_TRY_ALLOC(ctx, c.values, n * (2 * d->n_channels + d->n_cov));
    TL_TRY_ALLOC(ctx, c.inside, n);
    TL_TRY_ALLOC(ctx, c.channels, d->n_channels);
    TL_TRY_ALLOC(ctx, c.covariates, d->n_cov);
    TL_TRY_ALLOC(ctx, job.weight, n);
    TL_TRY(fill_cut(ctx, &job));
    c.input.inside = c.inside;
    c.input.channels = c.channels;
    c.input.covariates = c.covariates;
    *cut = c;
    c = (struct tl_lattice_cut){0};
done:
    tl_free(job.weight);
    tl_lattice_cut_fini(&c);
    return err;
}

void tl_lattice_cut_fini(struct tl_lattice_cut *cut)
{
    tl_free(cut->values);
    tl_free(cut->inside);
    tl_free(cut->channels);
    tl_free(cut->covariates);
    *cut = (struct tl_lattice_cut){0};
}

/* Counts of a window's rows. */
static tl_err window_counts(struct tl_ctx *ctx, const struct tl_lattice_data *d, int64_t c,
                            int64_t x0, int64_t y0, struct tl_lattice_data *w)
{
    tl_err err = TL_OK;
    int64_t first = d->count_at[c][y0], last = d->count_at[c][y0 + w->n_y], at = 0;
    TL_TRY_ALLOC(ctx, w->count_at[c], w->n_y + 1);
    TL_TRY_ALLOC(ctx, w->count_x[c], last - first);
    TL_TRY_ALLOC(ctx, w->count[c], last - first);
    for (int64_t y = 0; y < w->n_y; y++) {
        for (int64_t k = d->count_at[c][y0 + y]; k < d->count_at[c][y0 + y + 1]; k++) {
            int64_t x = d->count_x[c][k] - x0;
            if (x < 0 || x >= w->n_x)
                continue;
            w->count_x[c][at] = (int32_t)x;
            w->count[c][at++] = d->count[c][k];
        }
        w->count_at[c][y + 1] = at;
    }
done:
    return err;
}

static void copy_rows(const float *from, int64_t n_from, int64_t x0, int64_t y0,
                      const struct tl_lattice_data *w, float *to)
{
    for (int64_t y = 0; y < w->n_y; y++)
        memcpy(to + y * w->n_x, from + (y0 + y) * n_from + x0, (size_t)w->n_x * sizeof *to);
}

static tl_err window_scale(struct tl_ctx *ctx, const struct tl_model_scale *from,
                           struct tl_model_scale *to)
{
    tl_err err = TL_OK;
    struct tl_model_scale s = {.n_cov = from->n_cov,
                               .n_channels = from->n_channels,
                               .n_fixed = from->n_fixed,
                               .total_count = from->total_count,
                               .total_effort = from->total_effort};
    TL_TRY_ALLOC(ctx, s.effect, s.n_channels);
    TL_TRY_ALLOC(ctx, s.cov_mean, s.n_cov);
    TL_TRY_ALLOC(ctx, s.cov_sd, s.n_cov);
    TL_TRY_ALLOC(ctx, s.prior_mean, s.n_fixed);
    TL_TRY_ALLOC(ctx, s.prior_prec, s.n_fixed);
    memcpy(s.effect, from->effect, (size_t)s.n_channels * sizeof *s.effect);
    memcpy(s.cov_mean, from->cov_mean, (size_t)s.n_cov * sizeof(double));
    memcpy(s.cov_sd, from->cov_sd, (size_t)s.n_cov * sizeof(double));
    memcpy(s.prior_mean, from->prior_mean, (size_t)s.n_fixed * sizeof(double));
    memcpy(s.prior_prec, from->prior_prec, (size_t)s.n_fixed * sizeof(double));
    *to = s;
    s = (struct tl_model_scale){0};
done:
    tl_model_scale_fini(&s);
    return err;
}

tl_err tl_lattice_data_window(struct tl_ctx *ctx, const struct tl_lattice_data *d, int64_t x0,
                              int64_t y0, int64_t n_x, int64_t n_y, struct tl_lattice_data *window)
{
    tl_err err = TL_OK;
    struct tl_lattice_data w = {.n_x = n_x,
                                .n_y = n_y,
                                .step_m = d->step_m,
                                .n_channels = d->n_channels,
                                .n_cov = d->n_cov,
                                .n_searched = d->n_searched};
    TL_TRY(window_scale(ctx, &d->scale, &w.scale));
    TL_TRY_ALLOC(ctx, w.effort, w.n_channels);
    TL_TRY_ALLOC(ctx, w.count_at, w.n_channels);
    TL_TRY_ALLOC(ctx, w.count_x, w.n_channels);
    TL_TRY_ALLOC(ctx, w.count, w.n_channels);
    TL_TRY_ALLOC(ctx, w.x, w.n_cov);
    for (int64_t c = 0; c < w.n_channels; c++) {
        TL_TRY_ALLOC(ctx, w.effort[c], n_x * n_y);
        copy_rows(d->effort[c], d->n_x, x0, y0, &w, w.effort[c]);
        TL_TRY(window_counts(ctx, d, c, x0, y0, &w));
    }
    for (int64_t k = 0; k < w.n_cov; k++) {
        TL_TRY_ALLOC(ctx, w.x[k], n_x * n_y);
        copy_rows(d->x[k], d->n_x, x0, y0, &w, w.x[k]);
    }
    if (d->inside != NULL) {
        TL_TRY_ALLOC(ctx, w.inside, n_x * n_y);
        for (int64_t y = 0; y < n_y; y++)
            memcpy(w.inside + y * n_x, d->inside + (y0 + y) * d->n_x + x0, (size_t)n_x);
    }
    tl_lattice_data_set_pad(&w, 0);
    *window = w;
    w = (struct tl_lattice_data){0};
done:
    tl_lattice_data_fini(&w);
    return err;
}
