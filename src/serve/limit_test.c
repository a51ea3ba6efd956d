#include "unit.h"

#include "serve/limit.h"

TEST(tries_are_used_up_and_come_back_with_time)
{
    struct tl_limit *limit = NULL;
    double wait_s = -1;
    CHECK_OK(tl_limit_create(ctx, 3, 6, &limit)); /* three, then one in ten seconds */
    for (int i = 0; i < 3; i++)
        CHECK(tl_limit_take(limit, "account A", 100, &wait_s) && wait_s == 0);
    CHECK(!tl_limit_take(limit, "account A", 100, &wait_s));
    CHECK_NEAR(wait_s, 10, 1e-9);
    CHECK(tl_limit_take(limit, "account B", 100, &wait_s)); /* another key has its own */
    CHECK(!tl_limit_take(limit, "account A", 109, &wait_s));
    CHECK(tl_limit_take(limit, "account A", 110.001, &wait_s));
    CHECK(!tl_limit_take(limit, "account A", 110.002, &wait_s));
    tl_limit_forgive(limit, "account A");
    for (int i = 0; i < 3; i++)
        CHECK(tl_limit_take(limit, "account A", 111, &wait_s));
    CHECK(!tl_limit_take(limit, "account A", 111, &wait_s));
    tl_limit_free(limit);
}

TEST(very_many_keys_take_no_more_memory_and_do_not_free_a_used_up_one)
{
    struct tl_limit *limit = NULL;
    double wait_s;
    char key[32];
    CHECK_OK(tl_limit_create(ctx, 2, 1, &limit));
    int64_t before = tl_ctx_n_allocs(ctx);
    CHECK(tl_limit_take(limit, "target", 0, &wait_s) && tl_limit_take(limit, "target", 0, &wait_s));
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "address %d", i);
        CHECK(tl_limit_take(limit, key, 0, &wait_s));
    }
    CHECK(tl_ctx_n_allocs(ctx) == before);
    CHECK(!tl_limit_take(limit, "target", 0, &wait_s)); /* fuller buckets were forgotten first */
    tl_limit_free(limit);
}
