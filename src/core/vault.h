/**
 * Sealing what only named persons may read (libsodium): keys that lie in guarded memory, boxes that anybody can fill and only the key's holder can open. For
 * victims' personal details; what protects against what is in docs/rationale/.
 */
#ifndef TL_CORE_VAULT_H
#define TL_CORE_VAULT_H

#include "core/core.h"

enum {
    TL_VAULT_PUBLIC_BYTES = 32,
    TL_VAULT_PUBLIC_HEX = 65,
    TL_VAULT_WRAPPED_BYTES = 32 + 48, /* a secret key sealed to another */
    TL_VAULT_MAC_BYTES = 32,
    TL_VAULT_SALT_BYTES = 16,
    TL_VAULT_ID_BYTES = 16,    /* of the record that a box belongs to */
    TL_VAULT_PAPER_BYTES = 48, /* "ABCD-EFGH-...": 8 groups of 4, and the final zero */
    TL_VAULT_TEXT_MAX = 16384, /* of what is sealed */
    TL_VAULT_PASSES =
        8, /* argon2id, with TL_VAULT_MEMORY: twice a log-in's work, since a file may be carried off and tried at leisure */
    TL_VAULT_MEMORY = 32 << 20, /* bytes */
    TL_VAULT_PASSES_MAX = 64,
    TL_VAULT_MEMORY_MAX = 64 << 20 /* what a server of 150 MB has */
};

/** A secret key and its public one, in memory that is not swapped out (where the system allows that) and is wiped when freed. */
struct tl_vault_key;

/** How a password becomes a key. */
struct tl_vault_cost {
    uint8_t salt[TL_VAULT_SALT_BYTES];
    int64_t passes, memory_bytes;
};

/** A new random key. owns: the caller. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_vault_key_make(struct tl_ctx *ctx, struct tl_vault_key **key);
void tl_vault_key_free(struct tl_vault_key *key); /* NULL is fine */
/** Its public key. borrows: the key's. */
const uint8_t *tl_vault_key_public(const struct tl_vault_key *key);

/** A new salt, at the usual cost. */
void tl_vault_cost_make(struct tl_vault_cost *cost);
/** The key that a password gives. Errors: TL_ENOMEM, TL_EDATA (a cost out of range). Cost: 0.2 s and 32 MiB. */
TL_MUST_USE tl_err tl_vault_key_of_password(struct tl_ctx *ctx, const char *password,
                                            const struct tl_vault_cost *cost,
                                            struct tl_vault_key **key);

/** A new recovery key, to be written on paper: 136 random bits and 24 of a check sum, in letters that are not mistaken for each other. */
void tl_vault_paper_make(char paper[TL_VAULT_PAPER_BYTES]);
/** The key of a paper; blanks, hyphens and case do not matter, O is 0, I and L are 1. Errors: TL_EDENIED (mistyped, in words), TL_ENOMEM. */
TL_MUST_USE tl_err tl_vault_key_of_paper(struct tl_ctx *ctx, const char *paper,
                                         struct tl_vault_key **key);

/** The secret of `key`, sealed so that only the holder of `to` has it. Errors: TL_EDATA (`to` is no key). */
TL_MUST_USE tl_err tl_vault_wrap(struct tl_ctx *ctx, const struct tl_vault_key *key,
                                 const uint8_t to[TL_VAULT_PUBLIC_BYTES],
                                 uint8_t wrapped[TL_VAULT_WRAPPED_BYTES]);
/** The way back. Errors: TL_EDENIED (not sealed to `with`, or altered; or it is not the secret of `expected`), TL_ENOMEM. */
TL_MUST_USE tl_err tl_vault_unwrap(struct tl_ctx *ctx,
                                   const uint8_t wrapped[TL_VAULT_WRAPPED_BYTES],
                                   const struct tl_vault_key *with,
                                   const uint8_t expected[TL_VAULT_PUBLIC_BYTES],
                                   struct tl_vault_key **key);

/** A keyed hash: only who has the secret could have made it. */
void tl_vault_mac(const struct tl_vault_key *key, const void *bytes, int64_t n,
                  uint8_t mac[TL_VAULT_MAC_BYTES]);

/** What a box belongs to: it opens for this record and this version of it only. */
struct tl_vault_place {
    uint8_t id[TL_VAULT_ID_BYTES];
    int64_t version;
};

/**
 * Seals a text. Its length is hidden among those up to the next power of two, 512 at least.
 * @param[out] box  owns: the caller, tl_free
 * Errors: TL_EDATA (longer than TL_VAULT_TEXT_MAX, no key), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_vault_seal(struct tl_ctx *ctx, const uint8_t to[TL_VAULT_PUBLIC_BYTES],
                                 const struct tl_vault_place *place, const char *text,
                                 uint8_t **box, int64_t *n_bytes);
/**
 * Opens a box.
 * @param[out] text  owns: the caller, tl_vault_forget
 * Errors: TL_EINTEGRITY (another key, altered, or the box of another record or version), TL_ENOMEM.
 */
TL_MUST_USE tl_err tl_vault_open(struct tl_ctx *ctx, const struct tl_vault_key *key,
                                 const struct tl_vault_place *place, const uint8_t *box,
                                 int64_t n_bytes, char **text);
/** Wipes and frees a text; NULL is fine. */
void tl_vault_forget(char *text);

/** Hexadecimal, both ways; false when `hex` is not exactly of n bytes. */
void tl_vault_hex(const uint8_t *bytes, int64_t n, char *hex);
bool tl_vault_unhex(const char *hex, uint8_t *bytes, int64_t n);

#endif
