#include "unit.h"

#include <sys/stat.h>

#include "store/fixture.h"

static const char path[] = "keyring_test.gpkg";

#include "store/victim_fixture.h"

/* A ring of its own file with two persons who have a key. */
static tl_err two(struct tl_ctx *ctx, const struct tl_vault_key *key, struct tl_keyring *ring)
{
    tl_err err = TL_OK;
    remove("keyring_test.gpkg.keys");
    TL_TRY(tl_keyring_open(ctx, path, true, ring));
    TL_TRY(tl_keyring_add(ctx, ring, olena, olena, pass1, key));
    TL_TRY(tl_keyring_add(ctx, ring, petro, olena, pass2, key));
    TL_TRY(tl_keyring_save(ctx, ring));
done:
    tl_keyring_close(ring);
    return err;
}

static tl_err unlock(struct tl_ctx *ctx, const char *name, const char *password,
                     const struct tl_vault_key *of)
{
    struct tl_keyring ring = {.lock = -1};
    struct tl_vault_key *key = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_keyring_open(ctx, path, false, &ring));
    TL_TRY(tl_keyring_unlock(ctx, &ring, name, password, tl_vault_key_public(of), &key));
done:
    tl_vault_key_free(key);
    tl_keyring_close(&ring);
    return err;
}

TEST(each_person_opens_with_their_own_password)
{
    struct tl_keyring ring = {.lock = -1};
    struct tl_vault_key *key = NULL, *other = NULL;
    struct stat facts;
    int n_all = 0;
    CHECK_OK(tl_vault_key_make(ctx, &key));
    CHECK_OK(tl_vault_key_make(ctx, &other));
    CHECK_OK(two(ctx, key, &ring));
    CHECK(stat("keyring_test.gpkg.keys", &facts) == 0 && (facts.st_mode & 0777) == 0600);
    CHECK_OK(unlock(ctx, olena, pass1, key));
    CHECK_OK(unlock(ctx, petro, pass2, key));
    CHECK_FAILS(unlock(ctx, petro, pass1, key), TL_EDENIED, "name or password");
    CHECK_FAILS(unlock(ctx, "nobody", pass1, key), TL_EDENIED, "name or password");
    CHECK_FAILS(unlock(ctx, petro, pass2, other), TL_EDENIED, "name or password");
    CHECK_OK(tl_keyring_open(ctx, path, false, &ring));
    CHECK(tl_keyring_count(&ring, tl_vault_key_public(key), &n_all) == 2 && n_all == 2);
    CHECK(tl_keyring_count(&ring, tl_vault_key_public(other), &n_all) == 0);
    tl_keyring_close(&ring);
    tl_vault_key_free(key);
    tl_vault_key_free(other);
}

/* The states in which a change of key may be cut short. */
TEST(while_a_key_changes_everybody_has_both)
{
    struct tl_keyring ring = {.lock = -1};
    struct tl_vault_key *from = NULL, *to = NULL;
    CHECK_OK(tl_vault_key_make(ctx, &from));
    CHECK_OK(tl_vault_key_make(ctx, &to));
    CHECK_OK(two(ctx, from, &ring));
    CHECK_OK(tl_keyring_open(ctx, path, true, &ring));
    CHECK_OK(tl_keyring_pass_on(ctx, &ring, from, to));
    CHECK_OK(tl_keyring_save(ctx, &ring));
    tl_keyring_close(&ring);
    CHECK_OK(unlock(ctx, petro, pass2, from));
    CHECK_OK(unlock(ctx, petro, pass2, to));
    CHECK_OK(tl_keyring_open(ctx, path, true, &ring));
    tl_keyring_prune(&ring, tl_vault_key_public(to));
    CHECK_OK(tl_keyring_save(ctx, &ring));
    tl_keyring_close(&ring);
    CHECK_OK(unlock(ctx, olena, pass1, to));
    CHECK_FAILS(unlock(ctx, olena, pass1, from), TL_EDENIED, "");
    tl_vault_key_free(from);
    tl_vault_key_free(to);
}

/* Who can write the file but not open the key puts in a person of their own, or exchanges somebody's public key. */
TEST(a_person_whom_nobody_named_gets_no_new_key)
{
    struct tl_keyring ring = {.lock = -1};
    struct tl_vault_key *from = NULL, *to = NULL, *mine = NULL;
    char hex[TL_VAULT_PUBLIC_HEX];
    CHECK_OK(tl_vault_key_make(ctx, &from));
    CHECK_OK(tl_vault_key_make(ctx, &to));
    CHECK_OK(tl_vault_key_make(ctx, &mine));
    CHECK_OK(two(ctx, from, &ring));
    CHECK_OK(tl_keyring_open(ctx, path, true, &ring));
    tl_vault_hex(tl_vault_key_public(mine), TL_VAULT_PUBLIC_BYTES, hex);
    json_object_set_new(tl_keyring_find(&ring, petro), "public", json_string(hex));
    CHECK_FAILS(tl_keyring_pass_on(ctx, &ring, from, to), TL_EINTEGRITY,
                "\"Petro\" in the file of keys was not put there");
    CHECK(tl_keyring_remove(&ring, petro) && !tl_keyring_remove(&ring, petro));
    tl_keyring_prune(&ring, tl_vault_key_public(from));
    CHECK_OK(tl_keyring_pass_on(ctx, &ring, from, to));
    tl_keyring_close(&ring);
    tl_vault_key_free(from);
    tl_vault_key_free(to);
    tl_vault_key_free(mine);
}

TEST(a_file_that_is_none_is_said_to_be)
{
    struct tl_keyring ring = {.lock = -1};
    FILE *out = fopen("keyring_test.gpkg.keys", "w");
    CHECK(out != NULL);
    fputs("{\"schema\": \"tilth.accounts/1\"}", out);
    fclose(out);
    CHECK_FAILS(tl_keyring_open(ctx, path, true, &ring), TL_EDATA, "is no file of keys");
    out = fopen("keyring_test.gpkg.keys", "w");
    fclose(out);
    CHECK_OK(tl_keyring_open(ctx, path, false, &ring)); /* empty: nobody yet */
    tl_keyring_close(&ring);
    remove("keyring_test.gpkg.keys");
    CHECK_OK(tl_keyring_open(ctx, path, false, &ring));
    CHECK(tl_keyring_find(&ring, olena) == NULL);
    tl_keyring_close(&ring);
}
