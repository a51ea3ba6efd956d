#include "unit.h"

#include "core/vault.h"

static const struct tl_vault_place here = {"record number 1", 3};
static const char text[] = "{\"name\":\"Олена Коваль\"}";

/* A cheap cost, so that the tests are quick. */
static struct tl_vault_cost cheap(void)
{
    struct tl_vault_cost cost;
    tl_vault_cost_make(&cost);
    cost.passes = 1;
    cost.memory_bytes = 8192;
    return cost;
}

TEST(what_is_sealed_opens_with_its_key_only)
{
    struct tl_vault_key *key = NULL, *other = NULL;
    uint8_t *box = NULL;
    char *back = NULL;
    int64_t n = 0;
    CHECK_OK(tl_vault_key_make(ctx, &key));
    CHECK_OK(tl_vault_key_make(ctx, &other));
    CHECK_OK(tl_vault_seal(ctx, tl_vault_key_public(key), &here, text, &box, &n));
    CHECK(n == 512 + 48 && memmem(box, (size_t)n, "Коваль", 12) == NULL);
    CHECK_OK(tl_vault_open(ctx, key, &here, box, n, &back));
    CHECK_STR(back, text);
    tl_vault_forget(back);
    back = NULL;
    CHECK_FAILS(tl_vault_open(ctx, other, &here, box, n, &back), TL_EINTEGRITY, "another key");
    CHECK(back == NULL);
    tl_free(box);
    tl_vault_key_free(key);
    tl_vault_key_free(other);
    tl_vault_key_free(NULL);
    tl_vault_forget(NULL);
}

TEST(a_box_that_was_altered_or_moved_does_not_open)
{
    struct tl_vault_place elsewhere = here, later = here;
    struct tl_vault_key *key = NULL;
    uint8_t *box = NULL;
    char *back = NULL;
    int64_t n = 0;
    elsewhere.id[15] ^= 1;
    later.version++;
    CHECK_OK(tl_vault_key_make(ctx, &key));
    CHECK_OK(tl_vault_seal(ctx, tl_vault_key_public(key), &here, text, &box, &n));
    CHECK_FAILS(tl_vault_open(ctx, key, &elsewhere, box, n, &back), TL_EINTEGRITY,
                "another record");
    CHECK_FAILS(tl_vault_open(ctx, key, &later, box, n, &back), TL_EINTEGRITY, "an earlier time");
    for (int64_t i = 0; i < n; i += 7) {
        box[i] ^= 4;
        CHECK_FAILS(tl_vault_open(ctx, key, &here, box, n, &back), TL_EINTEGRITY, "altered");
        box[i] ^= 4;
    }
    for (int64_t m = 0; m < n; m += 13)
        CHECK(tl_vault_open(ctx, key, &here, box, m, &back) == TL_EINTEGRITY);
    CHECK(tl_vault_open(ctx, key, &here, NULL, 0, &back) == TL_EINTEGRITY);
    CHECK_OK(tl_vault_open(ctx, key, &here, box, n, &back));
    tl_vault_forget(back);
    tl_free(box);
    tl_vault_key_free(key);
}

TEST(lengths_tell_little)
{
    static const struct {
        int64_t text, box;
    } cases[] = {{0, 560}, {479, 560}, {480, 1072}, {991, 1072}, {992, 2096}, {16384, 32816}};
    struct tl_vault_key *key = NULL;
    char *long_text = tl_alloc(ctx, TL_VAULT_TEXT_MAX + 2, 1);
    CHECK(long_text != NULL);
    CHECK_OK(tl_vault_key_make(ctx, &key));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t *box = NULL;
        char *back = NULL;
        int64_t n = 0;
        memset(long_text, 'x', (size_t)cases[i].text);
        long_text[cases[i].text] = '\0';
        CHECK_OK(tl_vault_seal(ctx, tl_vault_key_public(key), &here, long_text, &box, &n));
        CHECK(n == cases[i].box);
        CHECK_OK(tl_vault_open(ctx, key, &here, box, n, &back));
        CHECK_STR(back, long_text);
        tl_vault_forget(back);
        tl_free(box);
    }
    memset(long_text, 'x', TL_VAULT_TEXT_MAX + 1);
    uint8_t *none = NULL;
    int64_t n = 0;
    CHECK_FAILS(tl_vault_seal(ctx, tl_vault_key_public(key), &here, long_text, &none, &n), TL_EDATA,
                "16385 bytes");
    tl_free(long_text);
    tl_vault_key_free(key);
}

TEST(a_password_gives_the_same_key_again_and_another_one_does_not)
{
    struct tl_vault_cost cost = cheap(), bad = cost;
    struct tl_vault_key *project = NULL, *person = NULL, *again = NULL, *wrong = NULL, *got = NULL;
    uint8_t wrapped[TL_VAULT_WRAPPED_BYTES], mac[2][TL_VAULT_MAC_BYTES];
    CHECK_OK(tl_vault_key_make(ctx, &project));
    CHECK_OK(tl_vault_key_of_password(ctx, "correct horse 7", &cost, &person));
    CHECK_OK(tl_vault_key_of_password(ctx, "correct horse 7", &cost, &again));
    CHECK_OK(tl_vault_key_of_password(ctx, "correct horse 8", &cost, &wrong));
    CHECK_OK(tl_vault_wrap(ctx, project, tl_vault_key_public(person), wrapped));
    CHECK_FAILS(tl_vault_unwrap(ctx, wrapped, wrong, tl_vault_key_public(project), &got),
                TL_EDENIED, "does not open");
    CHECK_OK(tl_vault_unwrap(ctx, wrapped, again, tl_vault_key_public(project), &got));
    CHECK(memcmp(tl_vault_key_public(got), tl_vault_key_public(project), 32) == 0);
    tl_vault_mac(project, "a", 1, mac[0]);
    tl_vault_mac(got, "a", 1, mac[1]);
    CHECK(memcmp(mac[0], mac[1], sizeof mac[0]) == 0);
    tl_vault_mac(person, "a", 1, mac[1]);
    CHECK(memcmp(mac[0], mac[1], sizeof mac[0]) != 0);
    tl_vault_key_free(got);
    got = NULL;
    /* somebody else's secret in the project's place */
    CHECK_OK(tl_vault_wrap(ctx, wrong, tl_vault_key_public(person), wrapped));
    CHECK_FAILS(tl_vault_unwrap(ctx, wrapped, person, tl_vault_key_public(project), &got),
                TL_EDENIED, "does not open");
    bad.passes = TL_VAULT_PASSES_MAX + 1;
    CHECK_FAILS(tl_vault_key_of_password(ctx, "x", &bad, &got), TL_EDATA, "no cost");
    bad = cost;
    bad.memory_bytes = (int64_t)1 << 40;
    CHECK_FAILS(tl_vault_key_of_password(ctx, "x", &bad, &got), TL_EDATA, "no cost");
    tl_vault_key_free(project);
    tl_vault_key_free(person);
    tl_vault_key_free(again);
    tl_vault_key_free(wrong);
}

TEST(the_usual_cost_is_allowed)
{
    struct tl_vault_cost cost;
    struct tl_vault_key *key = NULL;
    tl_vault_cost_make(&cost);
    CHECK_OK(tl_vault_key_of_password(ctx, "correct horse 7", &cost, &key));
    tl_vault_key_free(key);
}

TEST(a_paper_is_read_as_people_type_it)
{
    char paper[TL_VAULT_PAPER_BYTES], typed[2 * TL_VAULT_PAPER_BYTES] = "";
    struct tl_vault_key *key = NULL, *again = NULL;
    tl_vault_paper_make(paper);
    CHECK(strlen(paper) == 39 && paper[4] == '-' && strpbrk(paper, "ILOU") == NULL);
    CHECK_OK(tl_vault_key_of_paper(ctx, paper, &key));
    for (size_t i = 0, n = 0; paper[i] != '\0'; i++) {
        char c = paper[i];
        typed[n++] = (char)(c == '0' ? 'o' : c == '1' ? 'l' : c >= 'A' ? c - 'A' + 'a' : c);
        if (i % 5 == 0)
            typed[n++] = ' ';
    }
    CHECK_OK(tl_vault_key_of_paper(ctx, typed, &again));
    CHECK(memcmp(tl_vault_key_public(key), tl_vault_key_public(again), 32) == 0);
    tl_vault_key_free(again);
    again = NULL;
    for (size_t i = 0; paper[i] != '\0'; i++) { /* each letter counts */
        char was = paper[i];
        if (was == '-')
            continue;
        paper[i] = was == 'A' ? 'B' : 'A';
        CHECK_FAILS(tl_vault_key_of_paper(ctx, paper, &again), TL_EDENIED, "mistyped");
        paper[i] = was;
    }
    CHECK_FAILS(tl_vault_key_of_paper(ctx, "", &again), TL_EDENIED, "8 groups");
    CHECK_FAILS(tl_vault_key_of_paper(ctx, "ABCD-EFGH", &again), TL_EDENIED, "8 groups");
    strcat(paper, "A");
    CHECK_FAILS(tl_vault_key_of_paper(ctx, paper, &again), TL_EDENIED, "8 groups");
    CHECK(again == NULL);
    tl_vault_key_free(key);
}

TEST(hexadecimal_is_of_the_expected_length)
{
    uint8_t bytes[4] = {0, 255, 16, 1}, back[4];
    char hex[9];
    tl_vault_hex(bytes, 4, hex);
    CHECK_STR(hex, "00ff1001");
    CHECK(tl_vault_unhex(hex, back, 4) && memcmp(bytes, back, 4) == 0);
    CHECK(!tl_vault_unhex("00ff10", back, 4) && !tl_vault_unhex("00ff100g", back, 4));
    CHECK(!tl_vault_unhex(NULL, back, 4));
}

static tl_err seal_and_open(struct tl_ctx *ctx)
{
    struct tl_vault_key *key = NULL;
    uint8_t *box = NULL;
    char *back = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_vault_key_make(ctx, &key));
    TL_TRY(tl_vault_seal(ctx, tl_vault_key_public(key), &here, text, &box, &n));
    TL_TRY(tl_vault_open(ctx, key, &here, box, n, &back));
done:
    tl_vault_forget(back);
    tl_free(box);
    tl_vault_key_free(key);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, seal_and_open(ctx));
}
