#include "serve/apart.h"

#include <string.h>

#include "serve/upload.h"

struct tl_apart {
    pthread_mutex_t lock;
    struct tl_upload_copy copy; /* where it lies; fd -1 = there is none */
    struct tl_seat_stamp stamp; /* of the project when it was copied */
    double used_s;
};

enum { CACHE_BYTES = 16 << 20 };

tl_err tl_apart_create(struct tl_ctx *ctx, struct tl_apart **apart)
{
    struct tl_apart *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    pthread_mutex_init(&made->lock, NULL);
    made->copy.fd = -1;
    *apart = made;
    return TL_OK;
}

void tl_apart_free(struct tl_apart *apart)
{
    if (apart == NULL)
        return;
    tl_upload_copy_drop(&apart->copy);
    pthread_mutex_destroy(&apart->lock);
    tl_free(apart);
}

static tl_err make_copy(struct tl_call *call, struct tl_apart *apart, int64_t more_bytes,
                        bool *no_room)
{
    struct tl_project *project = NULL;
    struct tl_seat_stamp stamp;
    tl_err err = TL_OK;
    TL_TRY(tl_seat_stamp(call->ctx, call->serve->project, &stamp));
    if (apart->copy.fd >= 0 && tl_seat_stamp_same(&stamp, &apart->stamp))
        return TL_OK;
    tl_upload_copy_drop(&apart->copy);
    TL_TRY(tl_call_project(call, &project));
    err = tl_upload_copy_begin(call->ctx, call->serve->uploads,
                               (int64_t)(stamp.size + stamp.log_size) + more_bytes, &apart->copy);
    *no_room = err == TL_EIO;
    TL_TRY(err);
    /* Stamped as before: what changes while it is copied may be in it or not, and the next trial copies anew. */
    apart->stamp = stamp;
    err = tl_project_copy(call->ctx, project, apart->copy.path);
    *no_room = err == TL_EIO;
    TL_TRY(err);
done:
    if (err != TL_OK)
        tl_upload_copy_drop(&apart->copy);
    return err;
}

tl_err tl_apart_take(struct tl_call *call, int64_t more_bytes, bool *no_room,
                     struct tl_project **project)
{
    struct tl_apart *apart = call->serve->apart;
    struct tl_project *opened = NULL;
    tl_err err = TL_OK;
    *no_room = false;
    pthread_mutex_lock(&apart->lock);
    TL_TRY(make_copy(call, apart, more_bytes, no_room));
    TL_TRY(tl_project_open(call->ctx, apart->copy.path, TL_PROJECT_WRITE, &opened));
    tl_project_set_cache(opened, CACHE_BYTES);
    *project = opened;
done:
    if (err != TL_OK)
        pthread_mutex_unlock(&apart->lock);
    return err;
}

void tl_apart_give(struct tl_call *call, struct tl_project *project)
{
    struct tl_apart *apart = call->serve->apart;
    tl_project_close(project); /* rolls back */
    apart->used_s = tl_clock_s();
    pthread_mutex_unlock(&apart->lock);
}

void tl_apart_sweep(struct tl_apart *apart, double now_s)
{
    if (pthread_mutex_trylock(&apart->lock) != 0)
        return;
    if (apart->copy.fd >= 0 && now_s - apart->used_s > TL_APART_KEPT_S)
        tl_upload_copy_drop(&apart->copy);
    pthread_mutex_unlock(&apart->lock);
}
