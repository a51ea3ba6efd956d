#include "unit.h"

#include "serve/cases.h"

static char *find(struct tl_ctx *ctx, struct tl_cases *cases, const char *key,
                  const struct tl_seat_stamp *stamp)
{
    char *text = NULL;
    return tl_cases_find(ctx, cases, key, stamp, &text) == TL_OK ? text : NULL;
}

TEST(an_answer_is_kept_until_the_project_changes)
{
    const struct tl_seat_stamp one = {.inode = 1, .time_ns = 5}, two = {.inode = 1, .time_ns = 6};
    struct tl_cases *cases = NULL;
    CHECK_OK(tl_cases_create(ctx, &cases));
    CHECK(find(ctx, cases, "k", &one) == NULL);
    CHECK_OK(tl_cases_keep(ctx, cases, "k", &one, "answer"));
    char *text = find(ctx, cases, "k", &one);
    CHECK_STR(text, "answer");
    tl_free(text);
    CHECK(find(ctx, cases, "k", &two) == NULL);
    tl_cases_restamp(cases, &one, &two); /* a change that no answer rests on */
    text = find(ctx, cases, "k", &two);
    CHECK_STR(text, "answer");
    tl_free(text);
    CHECK(find(ctx, cases, "k", &one) == NULL);
    tl_cases_free(cases);
}

TEST(the_least_recently_used_goes_first_and_memory_is_bounded)
{
    const struct tl_seat_stamp stamp = {.inode = 1};
    struct tl_cases *cases = NULL;
    char key[16], *large = calloc(1, 1 << 20);
    CHECK(large != NULL);
    memset(large, 'x', (1 << 20) - 1);
    CHECK_OK(tl_cases_create(ctx, &cases));
    for (int i = 0; i < TL_CASES_MAX + 1; i++) {
        snprintf(key, sizeof key, "k%d", i);
        CHECK_OK(tl_cases_keep(ctx, cases, key, &stamp, key));
        char *first =
            i < TL_CASES_MAX ? find(ctx, cases, "k0", &stamp) : NULL; /* used all the time */
        CHECK(i == TL_CASES_MAX || first != NULL);
        tl_free(first);
    }
    char *kept = find(ctx, cases, "k0", &stamp);
    CHECK(kept != NULL && find(ctx, cases, "k1", &stamp) == NULL);
    tl_free(kept);
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "L%d", i);
        CHECK_OK(tl_cases_keep(ctx, cases, key, &stamp, large));
    }
    int n = 0;
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "L%d", i);
        kept = find(ctx, cases, key, &stamp);
        n += kept != NULL;
        tl_free(kept);
    }
    CHECK(n == TL_CASES_BYTES_MAX >> 20);
    tl_cases_free(cases);
    free(large);
}
