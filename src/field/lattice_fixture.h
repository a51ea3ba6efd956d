/** Test use: fits by both engines, a store in memory that can stop a run, a mode on the simulated area. */
#ifndef TL_FIELD_LATTICE_FIXTURE_H
#define TL_FIELD_LATTICE_FIXTURE_H

#include <pthread.h>

#include "field/fixture.h"
#include "field/lattice.h"

__attribute__((unused)) static tl_err fit_with(struct tl_ctx *ctx, const struct tl_field_input *in,
                                               struct tl_field_options o, enum tl_engine engine,
                                               struct tl_field_result *r)
{
    o.engine = engine;
    return tl_field_fit(ctx, in, &o, r);
}

/* The area with a second, sparser channel whose effort is badly known, and a corner that is outside. */
struct two_channels {
    struct area other;
    struct tl_field_channel channels[2];
    uint8_t inside[MAX_CELLS];
};

__attribute__((unused)) static struct two_channels pair;

__attribute__((unused)) static tl_err simulate_pair(struct tl_ctx *ctx, int64_t n_x, int64_t n_y)
{
    tl_err err = TL_OK;
    TL_TRY(simulate(ctx, n_x, n_y, -3.0, 6, &pair.other));
    TL_TRY(simulate(ctx, n_x, n_y, -1.0, 5, &world));
    for (int64_t i = 0; i < n_x * n_y; i++) {
        pair.inside[i] = !(i % n_x > n_x - 6 && i / n_x > n_y - 9);
        if (pair.inside[i] == 0)
            world.counts[i] = world.effort[i] = pair.other.counts[i] = pair.other.effort[i] = 0.0;
    }
    pair.channels[0] = (struct tl_field_channel){"search", world.counts, world.effort, 0.3};
    pair.channels[1] =
        (struct tl_field_channel){"accident", pair.other.counts, pair.other.effort, 1.5};
    world.input.n_channels = 2;
    world.input.channels = pair.channels;
    world.input.inside = pair.inside;
done:
    return err;
}

/* A source over the area's arrays. */
struct by_rows {
    const struct tl_field_input *in;
};

__attribute__((unused)) static tl_err read_world(struct tl_ctx *ctx, struct tl_field_options o,
                                                 struct tl_lattice_data *data)
{
    struct by_rows rows = {&world.input};
    struct tl_lattice_source source = tl_lattice_wrap_source(&world.input, &rows);
    return tl_lattice_data_read(ctx, &source, &o, data);
}

/* Data, margin and a mode found at (range, sigma) in metres. */
__attribute__((unused)) static tl_err mode_of_world(struct tl_ctx *ctx, double range, double sigma,
                                                    int64_t pad, struct tl_lattice_data *data,
                                                    struct tl_lattice_mode *mode)
{
    tl_err err = TL_OK;
    TL_TRY(read_world(ctx, tl_field_options_default(), data));
    tl_lattice_data_set_pad(data, pad);
    TL_TRY(tl_lattice_mode_init(ctx, data, 2, mode));
    tl_lattice_mode_start(mode);
    TL_TRY(tl_lattice_mode_find(ctx, mode, tl_stencil_q_of(data->step_m, range, sigma), false));
    TL_TRY(tl_lattice_mode_border(ctx, mode, 1e-5));
done:
    return err;
}

/* The exact engine's mode at the same place. */
__attribute__((unused)) static tl_err exact_of_world(struct tl_ctx *ctx, double range, double sigma,
                                                     int64_t pad, struct tl_model_scale *scale,
                                                     struct tl_stage *stage,
                                                     struct tl_laplace_point *point)
{
    static const struct tl_laplace_prior prior = {5.0, 1.2};
    struct tl_field_options o = tl_field_options_default();
    const double t[2] = {log(range), log(sigma)};
    tl_err err = TL_OK;
    TL_TRY(tl_model_scale_init(ctx, &world.input, &o, scale));
    TL_TRY(tl_stage_init(ctx, &world.input, scale, prior, 1, pad, 4, stage));
    TL_TRY(tl_laplace_at(ctx, &stage->laplace, t, point));
done:
    return err;
}

/* A store in memory. After `stop_after` puts it asks the run to stop. */
enum { BLOBS_MAX = 256 };
struct blob_store {
    pthread_mutex_t lock; /* several may be put at once */
    struct tl_ctx *ctx;
    char names[BLOBS_MAX][64];
    void *data[BLOBS_MAX];
    int64_t bytes[BLOBS_MAX];
    int n, n_puts, stop_after, n_mapped;
};

static int blob_find(const struct blob_store *s, const char *name)
{
    for (int i = 0; i < s->n; i++)
        if (strcmp(s->names[i], name) == 0)
            return i;
    return -1;
}

static void blob_drop(void *user, const char *name)
{
    struct blob_store *s = user;
    int i = blob_find(s, name);
    if (i < 0)
        return;
    tl_free(s->data[i]);
    s->n--;
    memcpy(s->names[i], s->names[s->n], sizeof s->names[i]);
    s->data[i] = s->data[s->n];
    s->bytes[i] = s->bytes[s->n];
}

static tl_err blob_put(struct tl_ctx *ctx, void *user, const char *name, const void *data,
                       int64_t bytes)
{
    struct blob_store *s = user;
    void *copy = tl_alloc(ctx, bytes, 1);
    if (copy == NULL)
        return TL_ENOMEM;
    memcpy(copy, data, (size_t)bytes);
    pthread_mutex_lock(&s->lock);
    blob_drop(s, name);
    snprintf(s->names[s->n], sizeof s->names[0], "%s", name);
    s->data[s->n] = copy;
    s->bytes[s->n++] = bytes;
    if (++s->n_puts == s->stop_after)
        tl_ctx_cancel(ctx);
    pthread_mutex_unlock(&s->lock);
    return TL_OK;
}

static tl_err blob_map(struct tl_ctx *ctx, void *user, const char *name, int64_t bytes,
                       const void **data)
{
    struct blob_store *s = user;
    int i = blob_find(s, name);
    (void)ctx;
    *data = i >= 0 && s->bytes[i] == bytes ? s->data[i] : NULL;
    s->n_mapped += *data != NULL;
    return TL_OK;
}

static void blob_unmap(void *user, const void *data, int64_t bytes)
{
    struct blob_store *s = user;
    (void)data;
    (void)bytes;
    s->n_mapped--;
}

__attribute__((unused)) static struct tl_lattice_store blobs_open(struct blob_store *s)
{
    *s = (struct blob_store){.lock = PTHREAD_MUTEX_INITIALIZER};
    return (struct tl_lattice_store){s, blob_put, blob_map, blob_unmap, blob_drop};
}

__attribute__((unused)) static void blobs_close(struct blob_store *s)
{
    while (s->n > 0)
        blob_drop(s, s->names[0]);
}

#endif
