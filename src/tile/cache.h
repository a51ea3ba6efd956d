/**
 * Bounded cache of counted things, least recently used out first, for many threads. Who gets a thing holds it until he drops it, also when the
 * cache has let it go meanwhile.
 */
#ifndef TL_TILE_CACHE_H
#define TL_TILE_CACHE_H

#include <stdatomic.h>

#include "core/hash.h"

/** First member of whatever is kept. */
struct tl_cache_thing {
    atomic_int n_holders;
    int64_t bytes;                              /* what it costs */
    void (*fini)(struct tl_cache_thing *thing); /* frees it, its memory too */
};

struct tl_cache_key {
    uint8_t id[TL_HASH_ID_BYTES];
};

struct tl_cache;

/** @param max_bytes  of all things together. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_cache_create(struct tl_ctx *ctx, int64_t max_bytes, struct tl_cache **cache);
void tl_cache_free(struct tl_cache *cache);

/** Begins to count: one holder, the caller. */
void tl_cache_thing_init(struct tl_cache_thing *thing, int64_t bytes,
                         void (*fini)(struct tl_cache_thing *thing));
void tl_cache_hold(struct tl_cache_thing *thing);
void tl_cache_drop(struct tl_cache_thing *thing); /* NULL is fine */

/** The thing of a key, held for the caller; NULL when it is not there. */
struct tl_cache_thing *tl_cache_get(struct tl_cache *cache, const struct tl_cache_key *key);

/** Keeps a thing (the caller goes on holding it); one that is larger than the cache is not kept. Never fails: without memory nothing is kept. */
void tl_cache_put(struct tl_cache *cache, const struct tl_cache_key *key,
                  struct tl_cache_thing *thing);

void tl_cache_clear(struct tl_cache *cache);
int64_t tl_cache_max(const struct tl_cache *cache); /* bytes */
int64_t tl_cache_bytes(struct tl_cache *cache);

#endif
