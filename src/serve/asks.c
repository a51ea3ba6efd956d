#include "serve/asks.h"

#include <string.h>

struct place {
    char key[TL_SECRET_HEX];
    struct tl_seat_stamp stamp;
    struct tl_release_ask *ask; /* owns: NULL = free */
    bool is_busy;
    uint64_t used;
};

struct tl_asks {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    uint64_t clock;
    struct place places[TL_ASKS_MAX];
};

tl_err tl_asks_create(struct tl_ctx *ctx, struct tl_asks **asks)
{
    struct tl_asks *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->freed, NULL);
    *asks = made;
    return TL_OK;
}

void tl_asks_free(struct tl_asks *asks)
{
    if (asks == NULL)
        return;
    for (int i = 0; i < TL_ASKS_MAX; i++)
        tl_release_ask_close(asks->places[i].ask);
    pthread_mutex_destroy(&asks->lock);
    pthread_cond_destroy(&asks->freed);
    tl_free(asks);
}

/* The place of this very question, else the one that is longest unused; NULL while neither is free. */
static struct place *free_place(struct tl_asks *asks, const char *key,
                                const struct tl_seat_stamp *stamp)
{
    struct place *oldest = NULL;
    for (int i = 0; i < TL_ASKS_MAX; i++) {
        struct place *place = &asks->places[i];
        if (strcmp(place->key, key) == 0 && tl_seat_stamp_same(&place->stamp, stamp))
            return place->is_busy ? NULL : place;
        if (!place->is_busy && (oldest == NULL || place->used < oldest->used))
            oldest = place;
    }
    return oldest;
}

static struct place *take(struct tl_asks *asks, const char *key, const struct tl_seat_stamp *stamp,
                          struct tl_release_ask **old)
{
    struct place *place;
    pthread_mutex_lock(&asks->lock);
    while ((place = free_place(asks, key, stamp)) == NULL)
        pthread_cond_wait(&asks->freed, &asks->lock);
    place->is_busy = true;
    place->used = ++asks->clock;
    *old = NULL;
    if (strcmp(place->key, key) != 0 || !tl_seat_stamp_same(&place->stamp, stamp)) {
        *old = place->ask;
        place->ask = NULL;
        memcpy(place->key, key, strlen(key) + 1);
        place->stamp = *stamp;
    }
    pthread_mutex_unlock(&asks->lock);
    return place;
}

static void give(struct tl_asks *asks, struct place *place)
{
    pthread_mutex_lock(&asks->lock);
    place->is_busy = false;
    if (place->ask == NULL)
        place->key[0] = '\0';
    pthread_cond_broadcast(&asks->freed);
    pthread_mutex_unlock(&asks->lock);
}

tl_err tl_asks_what_if(struct tl_ctx *ctx, struct tl_asks *asks, struct tl_project *project,
                       const char *key, const struct tl_seat_stamp *stamp,
                       const struct tl_release_options *options, int64_t n,
                       const struct tl_release_what_if *steps, char **json)
{
    struct tl_release_ask *old = NULL;
    tl_err err = TL_OK;
    if (strlen(key) >= sizeof asks->places[0].key)
        return tl_fail(ctx, TL_EBUG, "the key of a question is too long");
    struct place *place = take(asks, key, stamp, &old);
    tl_release_ask_close(old);
    if (place->ask == NULL)
        err = tl_release_ask_open(ctx, project, options, &place->ask, NULL);
    if (err == TL_OK)
        err = tl_release_ask_what_if(ctx, place->ask, n, steps, json);
    give(asks, place);
    return err;
}

void tl_asks_restamp(struct tl_asks *asks, const struct tl_seat_stamp *from,
                     const struct tl_seat_stamp *to)
{
    pthread_mutex_lock(&asks->lock);
    for (int i = 0; i < TL_ASKS_MAX; i++)
        if (tl_seat_stamp_same(&asks->places[i].stamp, from))
            asks->places[i].stamp = *to;
    pthread_mutex_unlock(&asks->lock);
}
