/*
 * Token buckets in a table of fixed size. Keys are hashed; of four places a key takes its own or the one that is fullest, which is the one
 * that loses least by being forgotten. Somebody with very many addresses can push others' buckets out; tries in all are limited by a key of their own.
 */
#include "serve/limit.h"

#include <math.h>
#include <string.h>

#include "core/hash.h"

enum { BUCKETS = 4096, WAYS = 4 };

struct bucket {
    uint8_t id[TL_HASH_ID_BYTES];
    bool used;
    double left, at_s;
};

struct tl_limit {
    pthread_mutex_t lock;
    double burst, per_s;
    struct bucket buckets[BUCKETS];
};

tl_err tl_limit_create(struct tl_ctx *ctx, double burst, double per_minute, struct tl_limit **limit)
{
    struct tl_limit *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return TL_ENOMEM;
    pthread_mutex_init(&made->lock, NULL);
    made->burst = burst;
    made->per_s = per_minute / 60;
    *limit = made;
    return TL_OK;
}

void tl_limit_free(struct tl_limit *limit)
{
    if (limit == NULL)
        return;
    pthread_mutex_destroy(&limit->lock);
    tl_free(limit);
}

static double left_now(const struct tl_limit *limit, const struct bucket *bucket, double now_s)
{
    return bucket->used ? fmin(limit->burst, bucket->left + limit->per_s * (now_s - bucket->at_s))
                        : limit->burst;
}

static struct bucket *bucket_of(struct tl_limit *limit, const char *key, double now_s)
{
    uint8_t id[TL_HASH_ID_BYTES];
    uint32_t at;
    struct bucket *best = NULL;
    tl_hash_id(key, (int64_t)strlen(key), id);
    memcpy(&at, id, sizeof at);
    for (int i = 0; i < WAYS; i++) {
        struct bucket *bucket = &limit->buckets[(at + (uint32_t)i) % BUCKETS];
        if (bucket->used && memcmp(bucket->id, id, sizeof id) == 0)
            return bucket;
        if (best == NULL || left_now(limit, bucket, now_s) > left_now(limit, best, now_s))
            best = bucket;
    }
    *best = (struct bucket){.used = true, .left = limit->burst, .at_s = now_s};
    memcpy(best->id, id, sizeof id);
    return best;
}

bool tl_limit_take(struct tl_limit *limit, const char *key, double now_s, double *wait_s)
{
    pthread_mutex_lock(&limit->lock);
    struct bucket *bucket = bucket_of(limit, key, now_s);
    bucket->left = left_now(limit, bucket, now_s);
    bucket->at_s = now_s;
    bool may = bucket->left >= 1;
    if (may)
        bucket->left -= 1;
    *wait_s = may ? 0 : (1 - bucket->left) / limit->per_s;
    pthread_mutex_unlock(&limit->lock);
    return may;
}

void tl_limit_forgive(struct tl_limit *limit, const char *key)
{
    pthread_mutex_lock(&limit->lock);
    struct bucket *bucket = bucket_of(limit, key, 0);
    bucket->left = limit->burst;
    pthread_mutex_unlock(&limit->lock);
}
