/** Secrets: random bytes, passwords by argon2id (libsodium), comparing without telling by the time it takes. */
#ifndef TL_CORE_SECRET_H
#define TL_CORE_SECRET_H

#include "core/core.h"

enum { TL_SECRET_BYTES = 32, TL_SECRET_HEX = 65, TL_SECRET_PASSWORD_BYTES = 128 };

/** A new secret of 32 random bytes in hexadecimal. */
void tl_secret_make(char hex[TL_SECRET_HEX]);

/** SHA-256 of `purpose` and a secret, in hexadecimal: what is kept or shown in the secret's place. */
void tl_secret_derive(const char *purpose, const char *secret, char hex[TL_SECRET_HEX]);

/** Whether two texts are the same; the time does not tell where they differ. */
bool tl_secret_same(const char *a, const char *b);

/**
 * argon2id of a password, as text that holds its own salt and cost (32 MiB, 4 passes: about 0.1 s).
 * Errors: TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_secret_hash(struct tl_ctx *ctx, const char *password,
                                  char hash[TL_SECRET_PASSWORD_BYTES]);

/** Whether a password is the one of a hash; false for what is no hash. Takes as long as making it. */
bool tl_secret_verify(const char *hash, const char *password);

/** Overwrites memory that held a secret. */
void tl_secret_wipe(void *memory, size_t n);

#endif
