#include "core/secret.h"

#include <sodium.h>
#include <string.h>

#include "core/hash.h"

/* As dear as libsodium's "interactive" (64 MiB, 2 passes), with half its memory: a server of 150 MB has to find it. OWASP asks for 19 MiB and 2. */
enum { PASSES = 4, MEMORY_BYTES = 32 << 20 };

void tl_secret_make(char hex[TL_SECRET_HEX])
{
    uint8_t bytes[TL_SECRET_BYTES];
    int ready = sodium_init(); /* once in a process; later calls are free */
    (void)ready;
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(hex, TL_SECRET_HEX, bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
}

void tl_secret_derive(const char *purpose, const char *secret, char hex[TL_SECRET_HEX])
{
    struct tl_hash hash;
    uint8_t sum[TL_HASH_BYTES];
    tl_hash_init(&hash);
    tl_hash_add(&hash, purpose,
                (int64_t)strlen(purpose) +
                    1); /* with its zero: no purpose is the beginning of another */
    tl_hash_add(&hash, secret, (int64_t)strlen(secret));
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, hex);
}

bool tl_secret_same(const char *a, const char *b)
{
    size_t n = strlen(a);
    return n == strlen(b) && sodium_memcmp(a, b, n) == 0;
}

tl_err tl_secret_hash(struct tl_ctx *ctx, const char *password, char hash[TL_SECRET_PASSWORD_BYTES])
{
    _Static_assert(TL_SECRET_PASSWORD_BYTES >= crypto_pwhash_STRBYTES, "room for libsodium's text");
    char made[crypto_pwhash_STRBYTES];
    int ready = sodium_init();
    (void)ready;
    if (crypto_pwhash_str_alg(made, password, strlen(password), PASSES, MEMORY_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return tl_fail(ctx, TL_ENOMEM, "no memory to hash a password (32 MiB)");
    memcpy(hash, made, sizeof made);
    return TL_OK;
}

bool tl_secret_verify(const char *hash, const char *password)
{
    char padded[crypto_pwhash_STRBYTES] = {0};
    if (strlen(hash) >= sizeof padded)
        return false;
    memcpy(padded, hash, strlen(hash));
    return crypto_pwhash_str_verify(padded, password, strlen(password)) == 0;
}

void tl_secret_wipe(void *memory, size_t n)
{
    sodium_memzero(memory, n);
}
