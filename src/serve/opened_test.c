#include "unit.h"

#include "core/vault.h"
#include "serve/opened.h"

static bool has(struct tl_opened *opened, const char *session, double now_s, const char *who)
{
    char name[TL_ACCOUNT_NAME_BYTES] = "";
    bool found = tl_opened_take(opened, session, now_s, name) != NULL;
    tl_opened_give(opened);
    return found && strcmp(name, who) == 0;
}

static void put(struct tl_ctx *ctx, struct tl_opened *opened, const char *session, const char *name,
                double now_s)
{
    struct tl_vault_key *key = NULL;
    CHECK_OK(tl_vault_key_make(ctx, &key));
    tl_opened_put(opened, session, name, key, now_s);
}

TEST(a_key_is_its_sessions_until_it_is_closed)
{
    struct tl_opened *opened = NULL;
    CHECK_OK(tl_opened_create(ctx, &opened));
    put(ctx, opened, "aa", "Olena", 0);
    put(ctx, opened, "bb", "Petro", 0);
    CHECK(has(opened, "aa", 1, "Olena") && has(opened, "bb", 1, "Petro"));
    CHECK(!has(opened, "cc", 1, "") && !has(opened, "", 1, ""));
    put(ctx, opened, "aa", "Again", 2);
    CHECK(has(opened, "aa", 3, "Again"));
    tl_opened_close(opened, "aa");
    tl_opened_close(opened, "cc");
    CHECK(!has(opened, "aa", 4, "Again") && has(opened, "bb", 4, "Petro"));
    tl_opened_free(opened);
    tl_opened_free(NULL);
}

TEST(a_key_that_is_not_used_goes)
{
    struct tl_opened *opened = NULL;
    CHECK_OK(tl_opened_create(ctx, &opened));
    put(ctx, opened, "aa", "Olena", 0);
    put(ctx, opened, "bb", "Petro", 0);
    CHECK(has(opened, "aa", TL_OPENED_IDLE_S, "Olena"));
    CHECK(!has(opened, "bb", TL_OPENED_IDLE_S + 1, "Petro"));
    tl_opened_sweep(opened, 2.0 * TL_OPENED_IDLE_S);
    CHECK(has(opened, "aa", 2.0 * TL_OPENED_IDLE_S, "Olena"));
    tl_opened_sweep(opened, 4.0 * TL_OPENED_IDLE_S);
    CHECK(!has(opened, "aa", 2.0 * TL_OPENED_IDLE_S, "Olena")); /* also with a clock of before */
    tl_opened_free(opened);
}

TEST(of_too_many_the_one_not_used_longest_goes)
{
    struct tl_opened *opened = NULL;
    char session[16];
    CHECK_OK(tl_opened_create(ctx, &opened));
    for (int i = 0; i < TL_OPENED_MAX; i++) {
        snprintf(session, sizeof session, "s%d", i);
        put(ctx, opened, session, "x", i);
    }
    CHECK(has(opened, "s0", 100, "x"));
    put(ctx, opened, "new", "y", 101);
    CHECK(has(opened, "new", 102, "y") && has(opened, "s0", 102, "x") &&
          !has(opened, "s1", 102, "x"));
    tl_opened_free(opened);
}
