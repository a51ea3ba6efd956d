/*
 * Blobs of a stopped run. Each carries what it belongs to by the first one, "run": a hash of all that goes in. When that
 * one is another's, nothing else is looked at.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "field/lattice.h"
#include "par/par.h"

struct theta_blob {
    char hash[72];
    double t[2], covariance[3], share;
    int64_t pad, n_newton, n_iterations;
    int64_t batch, band, on_disk; /* how the work was cut: by the memory that was free then */
};

void tl_lattice_state_hash(struct tl_lattice_run *run)
{
    struct tl_hash hash;
    uint8_t out[TL_HASH_BYTES];
    const struct tl_lattice_data *d = &run->data;
    const struct tl_field_options *o = &run->options;
    const double numbers[] = {d->step_m,
                              o->range_prior_m,
                              o->range_prior_p,
                              o->sigma_prior,
                              o->sigma_prior_p,
                              o->intercept_prior_mean,
                              o->intercept_prior_sd,
                              o->fixed_range_m,
                              o->fixed_sigma,
                              o->pad_m};
    const int64_t whole[] = {d->n_x,        d->n_y,       d->n_channels,   d->n_cov,
                             o->plain_mode, o->n_samples, (int64_t)o->seed};
    int64_t n = d->n_x * d->n_y;
    if (run->store == NULL)
        return;
    tl_hash_init(&hash);
    tl_hash_add(&hash, TILTH_VERSION, (int64_t)strlen(TILTH_VERSION));
    tl_hash_add(&hash, numbers, sizeof numbers);
    tl_hash_add(&hash, whole, sizeof whole);
    tl_hash_add(&hash, d->scale.prior_mean, d->scale.n_fixed * (int64_t)sizeof(double));
    tl_hash_add(&hash, d->scale.prior_prec, d->scale.n_fixed * (int64_t)sizeof(double));
    for (int64_t c = 0; c < d->n_channels; c++) {
        tl_hash_add(&hash, d->effort[c], 4 * n);
        tl_hash_add(&hash, d->count_at[c], 8 * (d->n_y + 1));
        tl_hash_add(&hash, d->count_x[c], 4 * d->count_at[c][d->n_y]);
        tl_hash_add(&hash, d->count[c], 4 * d->count_at[c][d->n_y]);
    }
    for (int64_t k = 0; k < d->n_cov; k++)
        tl_hash_add(&hash, d->x[k], 4 * n);
    if (d->inside != NULL)
        tl_hash_add(&hash, d->inside, n);
    tl_hash_done(&hash, out);
    tl_hash_hex(out, run->hash);
}

/* Of several points of theta nothing is taken up again; draws that are on disk go there all the same. */
static bool kept(const struct tl_lattice_run *run)
{
    return run->store != NULL && (run->n_nodes <= 1 || run->plan.on_disk);
}

tl_err tl_lattice_state_put(struct tl_ctx *ctx, const struct tl_lattice_run *run, const char *name,
                            const void *data, int64_t bytes)
{
    return kept(run) ? run->store->put(ctx, run->store->user, name, data, bytes) : TL_OK;
}

struct put_job {
    struct tl_ctx *ctx;
    const struct tl_lattice_run *run;
    struct tl_lattice_blob *blobs;
};

static void put_blobs(void *user, int64_t first, int64_t last, int64_t chunk)
{
    struct put_job *job = user;
    (void)chunk;
    for (int64_t i = first; i < last; i++) {
        struct tl_lattice_blob *b = &job->blobs[i];
        b->err = tl_lattice_state_put(job->ctx, job->run, b->name, b->data, b->bytes);
        b->tried = true;
    }
}

tl_err tl_lattice_state_put_all(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                                struct tl_lattice_blob *blobs, int64_t n)
{
    tl_err err = TL_OK;
    struct put_job job = {ctx, run, blobs};
    if (!kept(run))
        return TL_OK;
    tl_par_for(ctx, n, 1, put_blobs, &job);
    /* A run that is stopped meanwhile leaves tasks out; what is done is put all the same. */
    for (int64_t i = 0; i < n; i++) {
        if (!blobs[i].tried)
            put_blobs(&job, i, i + 1, i);
        TL_TRY(blobs[i].err);
    }
done:
    return err;
}

tl_err tl_lattice_state_get(struct tl_ctx *ctx, const struct tl_lattice_run *run, const char *name,
                            void *data, int64_t bytes, bool *found)
{
    tl_err err = TL_OK;
    const void *from = NULL;
    *found = false;
    if (!kept(run) || !run->resumed || run->n_nodes > 1)
        return TL_OK;
    TL_TRY(run->store->map(ctx, run->store->user, name, bytes, &from));
    if (from == NULL)
        goto done;
    memcpy(data, from, (size_t)bytes);
    run->store->unmap(run->store->user, from, bytes);
    *found = true;
done:
    return err;
}

/* Then the search starts from V = 0. */
static bool by_window(const struct tl_lattice_run *run)
{
    return run->data.n_x * run->data.n_y > TL_LATTICE_SCORE_CELLS;
}

tl_err tl_lattice_state_put_theta(struct tl_ctx *ctx, const struct tl_lattice_run *run)
{
    struct theta_blob blob = {.pad = run->data.pad,
                              .n_newton = run->theta.n_newton + run->mode.n_newton,
                              .n_iterations = run->mode.n_iterations,
                              .batch = run->plan.batch,
                              .band = run->plan.band,
                              .on_disk = run->plan.on_disk};
    tl_err err = TL_OK;
    memcpy(blob.hash, run->hash, sizeof run->hash);
    memcpy(blob.t, run->theta.theta.best.t, sizeof blob.t);
    memcpy(blob.covariance, run->theta.covariance, sizeof blob.covariance);
    blob.share = run->theta.share;
    if (!kept(run))
        return TL_OK;
    TL_TRY(tl_lattice_state_put(ctx, run, "start", run->mode.u, 4 * run->mode.n));
    TL_TRY(tl_lattice_state_put(ctx, run, "start-g", run->mode.g, 8 * run->mode.k));
    for (int64_t j = 0; !by_window(run) && j < run->mode.k; j++) {
        char name[32];
        snprintf(name, sizeof name, "start-v%lld", (long long)j);
        TL_TRY(tl_lattice_state_put(ctx, run, name, run->mode.v[j], 4 * run->mode.n));
    }
    /* Last: it says that the others are there. */
    TL_TRY(tl_lattice_state_put(ctx, run, "run", &blob, sizeof blob));
done:
    return err;
}

/* Goes on with the cut of the run that was stopped, as bits hang on it, where its memory is there. */
static tl_err take_cut(struct tl_ctx *ctx, struct tl_lattice_run *run,
                       const struct theta_blob *blob, bool *fits)
{
    struct tl_lattice_plan plan;
    bool as_planned = blob->batch == run->plan.batch && blob->on_disk == run->plan.on_disk;
    int64_t limit =
        run->options.memory_bytes > 0 ? run->options.memory_bytes : tl_memory_available();
    tl_lattice_plan_of(run->source, &run->options, tl_ctx_threads(ctx), blob->batch,
                       blob->on_disk != 0, &plan);
    *fits = as_planned || plan.memory_bytes <= limit;
    if (!*fits) {
        tl_warn(ctx,
                "what an earlier run left here goes on in %.2f GiB only; %.2f GiB may be used: "
                "starting anew",
                (double)plan.memory_bytes / 1073741824.0, (double)limit / 1073741824.0);
        return tl_cancelled(ctx);
    }
    plan.solve_max = run->plan.solve_max;
    plan.keep_draws = plan.keep_draws || run->plan.keep_draws;
    plan.band = blob->band;
    run->plan = plan;
    return tl_cancelled(ctx);
}

tl_err tl_lattice_state_get_theta(struct tl_ctx *ctx, struct tl_lattice_run *run, bool *found)
{
    tl_err err = TL_OK;
    const void *from = NULL;
    struct theta_blob blob;
    bool fits = false;
    *found = false;
    if (run->store == NULL)
        return TL_OK;
    TL_TRY(run->store->map(ctx, run->store->user, "run", sizeof blob, &from));
    if (from == NULL)
        goto done;
    memcpy(&blob, from, sizeof blob);
    run->store->unmap(run->store->user, from, sizeof blob);
    tl_lattice_state_hash(run);
    if (strncmp(blob.hash, run->hash, sizeof run->hash) != 0) {
        tl_warn(ctx, "what an earlier run left here belongs to other input or options: starting "
                     "anew");
        goto done;
    }
    TL_TRY(take_cut(ctx, run, &blob, &fits));
    if (!fits)
        goto done;
    memcpy(run->theta.theta.best.t, blob.t, sizeof blob.t);
    memcpy(run->theta.covariance, blob.covariance, sizeof blob.covariance);
    run->theta.share = blob.share;
    run->theta.n_newton = blob.n_newton;
    tl_lattice_data_set_pad(&run->data, blob.pad);
    run->resumed = true;
    *found = true;
done:
    return err;
}

tl_err tl_lattice_state_get_start(struct tl_ctx *ctx, struct tl_lattice_run *run)
{
    tl_err err = TL_OK;
    bool found = false;
    TL_TRY(tl_lattice_state_get(ctx, run, "start", run->mode.u, 4 * run->mode.n, &found));
    if (found)
        TL_TRY(tl_lattice_state_get(ctx, run, "start-g", run->mode.g, 8 * run->mode.k, &found));
    for (int64_t j = 0; found && !by_window(run) && j < run->mode.k; j++) {
        char name[32];
        snprintf(name, sizeof name, "start-v%lld", (long long)j);
        TL_TRY(tl_lattice_state_get(ctx, run, name, run->mode.v[j], 4 * run->mode.n, &found));
    }
    if (!found)
        TL_THROW(ctx, TL_EIO, "the state of the earlier run is not whole: remove it");
done:
    return err;
}

static const char *part_name(char text[48], const char *name, const char *part, int64_t j)
{
    if (j >= 0)
        snprintf(text, 48, "%s-%s%lld", name, part, (long long)j);
    else
        snprintf(text, 48, "%s-%s", name, part);
    return text;
}

static int64_t fixed_bytes(const struct tl_lattice_mode *m, bool square)
{
    return (square ? m->k * m->k : m->k) * (int64_t)sizeof(double);
}

tl_err tl_lattice_state_put_mode(struct tl_ctx *ctx, const struct tl_lattice_run *run,
                                 const char *name)
{
    tl_err err = TL_OK;
    const struct tl_lattice_mode *m = &run->mode;
    const int64_t counters[2] = {m->n_newton, m->n_iterations};
    struct tl_lattice_blob *v = NULL;
    char text[48];
    if (!kept(run))
        return TL_OK;
    if (strcmp(name, "mode") == 0) {
        TL_TRY_ALLOC(ctx, v, m->k);
        for (int64_t j = 0; j < m->k; j++) {
            v[j] = (struct tl_lattice_blob){.data = m->v[j], .bytes = 4 * m->n};
            snprintf(v[j].name, sizeof v[j].name, "mode-v%lld", (long long)j);
        }
        TL_TRY(tl_lattice_state_put_all(ctx, run, v, m->k));
    }
    TL_TRY(tl_lattice_state_put(ctx, run, part_name(text, name, "g", -1), m->g,
                                fixed_bytes(m, false)));
    TL_TRY(
        tl_lattice_state_put(ctx, run, part_name(text, name, "s", -1), m->s, fixed_bytes(m, true)));
    TL_TRY(tl_lattice_state_put(ctx, run, part_name(text, name, "inverse", -1), m->inverse_s,
                                fixed_bytes(m, true)));
    TL_TRY(tl_lattice_state_put(ctx, run, part_name(text, name, "counters", -1), counters,
                                sizeof counters));
    TL_TRY(tl_lattice_state_put(ctx, run, part_name(text, name, "u", -1), m->u, 4 * m->n));
done:
    tl_free(v);
    return err;
}

tl_err tl_lattice_state_get_mode(struct tl_ctx *ctx, struct tl_lattice_run *run, const char *name,
                                 bool *found)
{
    tl_err err = TL_OK;
    struct tl_lattice_mode *m = &run->mode;
    int64_t counters[2];
    char text[48];
    TL_TRY(tl_lattice_state_get(ctx, run, part_name(text, name, "u", -1), m->u, 4 * m->n, found));
    if (!*found)
        goto done;
    for (int64_t j = 0; *found && strcmp(name, "mode") == 0 && j < m->k; j++)
        TL_TRY(tl_lattice_state_get(ctx, run, part_name(text, name, "v", j), m->v[j], 4 * m->n,
                                    found));
    if (*found)
        TL_TRY(tl_lattice_state_get(ctx, run, part_name(text, name, "g", -1), m->g,
                                    fixed_bytes(m, false), found));
    if (*found)
        TL_TRY(tl_lattice_state_get(ctx, run, part_name(text, name, "s", -1), m->s,
                                    fixed_bytes(m, true), found));
    if (*found)
        TL_TRY(tl_lattice_state_get(ctx, run, part_name(text, name, "inverse", -1), m->inverse_s,
                                    fixed_bytes(m, true), found));
    if (*found)
        TL_TRY(tl_lattice_state_get(ctx, run, part_name(text, name, "counters", -1), counters,
                                    sizeof counters, found));
    if (!*found)
        TL_THROW(ctx, TL_EIO, "the state of the earlier run is not whole: remove it");
    m->n_newton = counters[0];
    m->n_iterations = counters[1];
done:
    return err;
}

void tl_lattice_state_drop(const struct tl_lattice_run *run)
{
    static const char *const plain[] = {
        "run",           "start",         "start-g", "mode-u", "mode-g", "mode-s",
        "mode-inverse",  "mode-counters", "mean-u",  "mean-g", "mean-s", "mean-inverse",
        "mean-counters", "evidence",      "slope-0", "slope-1"};
    char text[48];
    if (run->store == NULL)
        return;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        run->store->drop(run->store->user, plain[i]);
    for (int64_t j = 0; j < run->mode.k; j++) {
        run->store->drop(run->store->user, part_name(text, "mode", "v", j));
        run->store->drop(run->store->user, part_name(text, "start", "v", j));
    }
    for (int64_t j = 0; j < run->options.n_samples + TL_LATTICE_DRAWS; j++) {
        snprintf(text, sizeof text, "draw-%lld", (long long)j);
        run->store->drop(run->store->user, text);
    }
    for (int64_t y = 0; y < run->data.n_y; y++) {
        snprintf(text, sizeof text, "variance-%lld", (long long)y);
        run->store->drop(run->store->user, text);
        snprintf(text, sizeof text, "mcse-%lld", (long long)y);
        run->store->drop(run->store->user, text);
    }
}
