#include "core/hash.h"

#include <errno.h>
#include <sodium/core.h>
#include <sodium/crypto_generichash.h>
#include <sodium/crypto_hash_sha256.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct tl_hash) >= sizeof(crypto_hash_sha256_state), "state does not fit");

void tl_hash_init(struct tl_hash *hash)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)hash);
}

void tl_hash_add(struct tl_hash *hash, const void *bytes, int64_t n)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)hash, bytes,
                              (unsigned long long)n);
}

void tl_hash_done(struct tl_hash *hash, uint8_t out[TL_HASH_BYTES])
{
    crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)hash, out);
}

void tl_hash_id(const void *bytes, int64_t n, uint8_t out[TL_HASH_ID_BYTES])
{
    int ready = sodium_init(); /* picks the fast implementation, once; the slow one serves too */
    (void)ready;
    crypto_generichash(out, TL_HASH_ID_BYTES, bytes, (unsigned long long)n, NULL, 0);
}

void tl_hash_hex(const uint8_t hash[TL_HASH_BYTES], char out[TL_HASH_HEX])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < TL_HASH_BYTES; i++) {
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[TL_HASH_HEX - 1] = '\0';
}

void tl_hash_of(const void *bytes, int64_t n, char out[TL_HASH_HEX])
{
    struct tl_hash hash;
    uint8_t sum[TL_HASH_BYTES];
    tl_hash_init(&hash);
    if (n > 0)
        tl_hash_add(&hash, bytes, n);
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, out);
}

tl_err tl_hash_file(struct tl_ctx *ctx, const char *path, char out[TL_HASH_HEX])
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return tl_fail(ctx, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                       strerror(errno));
    struct tl_hash hash;
    uint8_t bytes[65536], sum[TL_HASH_BYTES];
    size_t n;
    tl_hash_init(&hash);
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        tl_hash_add(&hash, bytes, (int64_t)n);
    int failed = ferror(file);
    fclose(file);
    if (failed)
        return tl_fail(ctx, TL_EIO, "%s: cannot be read", path);
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, out);
    return TL_OK;
}
