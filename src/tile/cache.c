/*
 * Hash table with chains over slots of an array, and a list by use through the same slots; one mutex. A look-up takes 0.1 microseconds, so
 * that the mutex is no place where threads wait, next to tiles of 20 microseconds and more.
 */
#include "tile/cache.h"

#include <pthread.h>
#include <string.h>

enum { BUCKETS = 1 << 14, SLOTS = 1 << 15, SLOT_BYTES = 64 };

struct slot {
    struct tl_cache_key key;
    struct tl_cache_thing *thing; /* holds; NULL = free */
    int32_t next;                 /* in the bucket, or of the free ones; -1 = none */
    int32_t newer, older;         /* by use */
};

struct tl_cache {
    pthread_mutex_t lock;
    int64_t max_bytes, bytes;
    int32_t *buckets;   /* owns: [BUCKETS] first slot */
    struct slot *slots; /* owns: [SLOTS] */
    int32_t free, newest, oldest;
};

void tl_cache_thing_init(struct tl_cache_thing *thing, int64_t bytes,
                         void (*fini)(struct tl_cache_thing *thing))
{
    atomic_init(&thing->n_holders, 1);
    thing->bytes = bytes;
    thing->fini = fini;
}

void tl_cache_hold(struct tl_cache_thing *thing)
{
    atomic_fetch_add_explicit(&thing->n_holders, 1, memory_order_relaxed);
}

void tl_cache_drop(struct tl_cache_thing *thing)
{
    if (thing != NULL && atomic_fetch_sub_explicit(&thing->n_holders, 1, memory_order_acq_rel) == 1)
        thing->fini(thing);
}

tl_err tl_cache_create(struct tl_ctx *ctx, int64_t max_bytes, struct tl_cache **cache)
{
    tl_err err = TL_OK;
    struct tl_cache *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    made->max_bytes = max_bytes;
    pthread_mutex_init(&made->lock, NULL);
    TL_TRY_ALLOC(ctx, made->buckets, BUCKETS);
    TL_TRY_ALLOC(ctx, made->slots, SLOTS);
    for (int32_t i = 0; i < BUCKETS; i++)
        made->buckets[i] = -1;
    for (int32_t i = 0; i < SLOTS; i++)
        made->slots[i].next = i + 1 < SLOTS ? i + 1 : -1;
    made->newest = made->oldest = -1;
    *cache = made;
    made = NULL;
done:
    tl_cache_free(made);
    return err;
}

static int32_t *bucket_of(struct tl_cache *cache, const struct tl_cache_key *key)
{
    uint32_t h = 0;
    memcpy(&h, key->id, sizeof h); /* the key is a hash already */
    return &cache->buckets[h % BUCKETS];
}

static int32_t find(struct tl_cache *cache, const struct tl_cache_key *key)
{
    int32_t i = *bucket_of(cache, key);
    while (i >= 0 && memcmp(&cache->slots[i].key, key, sizeof *key) != 0)
        i = cache->slots[i].next;
    return i;
}

static void list_out(struct tl_cache *cache, int32_t i)
{
    struct slot *s = &cache->slots[i];
    *(s->newer < 0 ? &cache->newest : &cache->slots[s->newer].older) = s->older;
    *(s->older < 0 ? &cache->oldest : &cache->slots[s->older].newer) = s->newer;
}

static void list_in(struct tl_cache *cache, int32_t i)
{
    struct slot *s = &cache->slots[i];
    s->newer = -1;
    s->older = cache->newest;
    *(s->older < 0 ? &cache->oldest : &cache->slots[s->older].newer) = i;
    cache->newest = i;
}

static void take_out(struct tl_cache *cache, int32_t i)
{
    struct slot *s = &cache->slots[i];
    int32_t *link = bucket_of(cache, &s->key);
    while (*link != i)
        link = &cache->slots[*link].next;
    *link = s->next;
    list_out(cache, i);
    cache->bytes -= s->thing->bytes + SLOT_BYTES;
    tl_cache_drop(s->thing);
    s->thing = NULL;
    s->next = cache->free;
    cache->free = i;
}

struct tl_cache_thing *tl_cache_get(struct tl_cache *cache, const struct tl_cache_key *key)
{
    struct tl_cache_thing *thing = NULL;
    pthread_mutex_lock(&cache->lock);
    int32_t i = find(cache, key);
    if (i >= 0) {
        thing = cache->slots[i].thing;
        tl_cache_hold(thing);
        list_out(cache, i);
        list_in(cache, i);
    }
    pthread_mutex_unlock(&cache->lock);
    return thing;
}

void tl_cache_put(struct tl_cache *cache, const struct tl_cache_key *key,
                  struct tl_cache_thing *thing)
{
    int64_t cost = thing->bytes + SLOT_BYTES;
    if (cost > cache->max_bytes)
        return;
    pthread_mutex_lock(&cache->lock);
    int32_t i = find(cache, key);
    if (i >= 0)
        take_out(cache, i);
    while (cache->oldest >= 0 && (cache->bytes + cost > cache->max_bytes || cache->free < 0))
        take_out(cache, cache->oldest);
    i = cache->free;
    struct slot *s = &cache->slots[i];
    cache->free = s->next;
    int32_t *bucket = bucket_of(cache, key);
    s->key = *key;
    s->thing = thing;
    s->next = *bucket;
    *bucket = i;
    list_in(cache, i);
    cache->bytes += cost;
    tl_cache_hold(thing);
    pthread_mutex_unlock(&cache->lock);
}

void tl_cache_clear(struct tl_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    while (cache->oldest >= 0)
        take_out(cache, cache->oldest);
    pthread_mutex_unlock(&cache->lock);
}

int64_t tl_cache_max(const struct tl_cache *cache)
{
    return cache->max_bytes;
}

int64_t tl_cache_bytes(struct tl_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    int64_t bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}

void tl_cache_free(struct tl_cache *cache)
{
    if (cache == NULL)
        return;
    if (cache->slots != NULL)
        tl_cache_clear(cache);
    pthread_mutex_destroy(&cache->lock);
    tl_free(cache->buckets);
    tl_free(cache->slots);
    tl_free(cache);
}
