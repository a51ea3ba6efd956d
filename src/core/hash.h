/** SHA-256 of bytes and files (libsodium): for the log's chain and for saying which input a result rests on. */
#ifndef TL_CORE_HASH_H
#define TL_CORE_HASH_H

#include "core/core.h"

enum { TL_HASH_BYTES = 32, TL_HASH_HEX = 65, TL_HASH_ID_BYTES = 16 };

struct tl_hash {
    uint64_t opaque[16]; /* libsodium's state; checked at compile time to fit */
};

void tl_hash_init(struct tl_hash *hash);
void tl_hash_add(struct tl_hash *hash, const void *bytes, int64_t n);
void tl_hash_done(struct tl_hash *hash, uint8_t out[TL_HASH_BYTES]);

/** 128 bits of BLAKE2b over bytes: three times as fast as SHA-256, for telling records apart in bulk. */
void tl_hash_id(const void *bytes, int64_t n, uint8_t out[TL_HASH_ID_BYTES]);

/** Lower-case hexadecimal with its final zero. */
void tl_hash_hex(const uint8_t hash[TL_HASH_BYTES], char out[TL_HASH_HEX]);

/** Hash of bytes, in hexadecimal; NULL is fine where n is 0. */
void tl_hash_of(const void *bytes, int64_t n, char out[TL_HASH_HEX]);

/** Hash of a file's bytes, in hexadecimal. Errors: TL_ENOTFOUND, TL_EIO. */
TL_MUST_USE tl_err tl_hash_file(struct tl_ctx *ctx, const char *path, char out[TL_HASH_HEX]);

#endif
