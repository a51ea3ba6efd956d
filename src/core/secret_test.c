#include "unit.h"

#include "core/secret.h"

TEST(a_secret_is_64_hexadecimal_digits_and_new_each_time)
{
    char a[TL_SECRET_HEX], b[TL_SECRET_HEX];
    tl_secret_make(a);
    tl_secret_make(b);
    CHECK(strlen(a) == 64 && strspn(a, "0123456789abcdef") == 64);
    CHECK(strcmp(a, b) != 0);
}

TEST(a_password_is_known_again_and_another_is_not)
{
    char hash[TL_SECRET_PASSWORD_BYTES], again[TL_SECRET_PASSWORD_BYTES];
    CHECK_OK(tl_secret_hash(ctx, "correct horse", hash));
    CHECK_OK(tl_secret_hash(ctx, "correct horse", again));
    CHECK(strncmp(hash, "$argon2id$", 10) == 0);
    CHECK(strcmp(hash, again) != 0); /* salted */
    CHECK(tl_secret_verify(hash, "correct horse"));
    CHECK(tl_secret_verify(again, "correct horse"));
    CHECK(!tl_secret_verify(hash, "correct horsf"));
    CHECK(!tl_secret_verify(hash, ""));
}

TEST(what_is_no_hash_is_no_password)
{
    char longer[300];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    CHECK(!tl_secret_verify("", ""));
    CHECK(!tl_secret_verify("plain", "plain"));
    CHECK(!tl_secret_verify(longer, longer));
}

/* printf 'cookie\0abc' | sha256sum */
TEST(a_derived_secret_is_the_sha_256_of_purpose_and_secret)
{
    char a[TL_SECRET_HEX], b[TL_SECRET_HEX];
    tl_secret_derive("cookie", "abc", a);
    tl_secret_derive("cooki", "eabc", b);
    CHECK_STR(a, "8d09ffee1802c731e2548b34609f853420ffa3faa252b04e22488e27d107e8f5");
    CHECK(strcmp(a, b) != 0);
}

TEST(comparing_looks_at_all_of_both)
{
    CHECK(tl_secret_same("abc", "abc"));
    CHECK(tl_secret_same("", ""));
    CHECK(!tl_secret_same("abc", "abd"));
    CHECK(!tl_secret_same("abc", "abcd"));
}

TEST(wiping_leaves_zeros)
{
    char secret[] = "secret";
    tl_secret_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        CHECK(secret[i] == '\0');
}
