#include "unit.h"

#include <pthread.h>

#include "tile/cache.h"

struct number {
    struct tl_cache_thing thing;
    int64_t value;
    atomic_int *n_alive;
};

static void number_fini(struct tl_cache_thing *thing)
{
    atomic_fetch_sub(((struct number *)(void *)thing)->n_alive, 1);
    tl_free(thing);
}

static struct number *number_make(struct tl_ctx *ctx, int64_t value, int64_t bytes, atomic_int *n)
{
    struct number *made = tl_alloc(ctx, 1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->value = value;
    made->n_alive = n;
    atomic_fetch_add(n, 1);
    tl_cache_thing_init(&made->thing, bytes, number_fini);
    return made;
}

static struct tl_cache_key key_of(int64_t value)
{
    struct tl_cache_key key;
    tl_hash_id(&value, sizeof value, key.id);
    return key;
}

TEST(what_was_used_least_goes_first_and_the_bound_holds)
{
    struct tl_cache *cache = NULL;
    atomic_int n_alive = 0;
    CHECK_OK(tl_cache_create(ctx, 10 * 1064, &cache));
    for (int64_t i = 0; i < 12; i++) {
        struct number *number = number_make(ctx, i, 1000, &n_alive);
        struct tl_cache_key key = key_of(i), first = key_of(0);
        tl_cache_put(cache, &key, &number->thing);
        tl_cache_drop(&number->thing);
        tl_cache_drop(tl_cache_get(cache, &first)); /* the first is used all the time */
        CHECK(tl_cache_bytes(cache) <= 10 * 1064);
    }
    CHECK(n_alive == 10);
    for (int64_t i = 0; i < 12; i++) {
        struct tl_cache_key key = key_of(i);
        struct number *found = (struct number *)(void *)tl_cache_get(cache, &key);
        CHECK((found != NULL) == (i == 0 || i >= 3));
        CHECK(found == NULL || found->value == i);
        tl_cache_drop(found == NULL ? NULL : &found->thing);
    }
    tl_cache_free(cache);
    CHECK(n_alive == 0);
}

TEST(who_holds_a_thing_keeps_it_when_the_cache_lets_it_go)
{
    struct tl_cache *cache = NULL;
    atomic_int n_alive = 0;
    struct tl_cache_key key = key_of(1);
    CHECK_OK(tl_cache_create(ctx, 5000, &cache));
    struct number *large = number_make(ctx, 9, 6000, &n_alive),
                  *number = number_make(ctx, 1, 100, &n_alive);
    tl_cache_put(cache, &key, &large->thing); /* too large: not kept */
    CHECK(tl_cache_get(cache, &key) == NULL && tl_cache_bytes(cache) == 0);
    tl_cache_put(cache, &key, &number->thing);
    tl_cache_put(cache, &key, &number->thing); /* twice is once */
    CHECK(tl_cache_bytes(cache) == 164);
    tl_cache_free(cache);
    CHECK(n_alive == 2 && number->value == 1);
    tl_cache_drop(&number->thing);
    tl_cache_drop(&large->thing);
    CHECK(n_alive == 0);
}

struct load {
    struct tl_cache *cache;
    atomic_int *n_alive;
    uint32_t seed;
    int64_t n_wrong;
};

static void *hammer(void *user)
{
    struct load *load = user;
    struct tl_ctx *ctx = tl_ctx_create();
    for (int i = 0; i < 20000; i++) {
        load->seed = load->seed * 1664525u + 1013904223u;
        int64_t value = load->seed >> 24;
        struct tl_cache_key key = key_of(value);
        struct number *found = (struct number *)(void *)tl_cache_get(load->cache, &key);
        if (found == NULL) {
            found = number_make(ctx, value, 50 + value, load->n_alive);
            tl_cache_put(load->cache, &key, &found->thing);
        }
        load->n_wrong += found->value != value;
        tl_cache_drop(&found->thing);
    }
    tl_ctx_free(ctx);
    return NULL;
}

TEST(four_threads_at_once_find_what_belongs_to_the_key_and_nothing_leaks)
{
    struct tl_cache *cache = NULL;
    atomic_int n_alive = 0;
    struct load loads[4];
    pthread_t threads[4];
    CHECK_OK(tl_cache_create(ctx, 20000, &cache));
    for (int i = 0; i < 4; i++) {
        loads[i] = (struct load){cache, &n_alive, (uint32_t)(i * 77 + 1), 0};
        CHECK(pthread_create(&threads[i], NULL, hammer, &loads[i]) == 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++)
        CHECK(loads[i].n_wrong == 0);
    tl_cache_free(cache);
    CHECK(n_alive == 0);
}

TEST(more_things_than_slots_push_out_the_oldest)
{
    struct tl_cache *cache = NULL;
    atomic_int n_alive = 0;
    CHECK_OK(tl_cache_create(ctx, (int64_t)1 << 40, &cache));
    for (int64_t i = 0; i < 40000; i++) {
        struct number *number = number_make(ctx, i, 1, &n_alive);
        struct tl_cache_key key = key_of(i);
        tl_cache_put(cache, &key, &number->thing);
        tl_cache_drop(&number->thing);
    }
    CHECK(n_alive == 1 << 15);
    tl_cache_clear(cache);
    CHECK(n_alive == 0 && tl_cache_bytes(cache) == 0);
    CHECK_EVERY_ALLOC(ctx,
                      (tl_cache_free(cache), cache = NULL, tl_cache_create(ctx, 1000, &cache)));
    tl_cache_free(cache);
}
