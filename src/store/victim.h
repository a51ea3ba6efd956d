/** What victim.c, victim_key.c, victim_people.c and keyring.c share. */
#ifndef TL_STORE_VICTIM_H
#define TL_STORE_VICTIM_H

#include "core/json.h"
#include "core/vault.h"
#include "store/check.h"
#include "tilth/victim.h"

/* victim_key.c: the project's row */

/** What the project holds of its key. */
struct tl_victim_key_row {
    bool is_there;
    uint8_t public_key[TL_VAULT_PUBLIC_BYTES], recovery_public[TL_VAULT_PUBLIC_BYTES];
    uint8_t recovery[TL_VAULT_WRAPPED_BYTES]; /* the secret key, sealed to the recovery key */
    uint8_t mac
        [TL_VAULT_MAC_BYTES]; /* of the recovery key's public half: only who has the secret made it */
};
/** Errors: TL_EINTEGRITY (the row is not as it was written). */
TL_MUST_USE tl_err tl_victim_key_read(struct tl_ctx *ctx, struct tl_project *project,
                                      struct tl_victim_key_row *row);
/** Puts a key and its copy for a recovery key into the project, in a transaction. */
TL_MUST_USE tl_err tl_victim_key_write(struct tl_ctx *ctx, struct tl_project *project,
                                       const struct tl_vault_key *key,
                                       const uint8_t recovery_public[TL_VAULT_PUBLIC_BYTES]);
/** Seals all boxes anew, in a transaction. */
TL_MUST_USE tl_err tl_victim_key_reseal(struct tl_ctx *ctx, struct tl_project *project,
                                        const struct tl_vault_key *from,
                                        const struct tl_vault_key *to, int64_t *n_boxes);
/** TL_EINTEGRITY unless the holder of the key put the recovery key there. */
TL_MUST_USE tl_err tl_victim_key_check_recovery(struct tl_ctx *ctx,
                                                const struct tl_victim_key_row *row,
                                                const struct tl_vault_key *key);

/* keyring.c: the file PROJECT.keys */

struct tl_keyring {
    char path[4096];
    json_t *root; /* owns */
    int lock;     /* -1 = only read */
};
/** Reads the file; `changes` also locks it until it is closed. No file is a ring without persons. Errors: TL_EIO, TL_EDATA. */
TL_MUST_USE tl_err tl_keyring_open(struct tl_ctx *ctx, const char *project_path, bool changes,
                                   struct tl_keyring *ring);
void tl_keyring_close(struct tl_keyring *ring); /* also of a ring of zeros with lock -1 */
TL_MUST_USE tl_err tl_keyring_save(struct tl_ctx *ctx, struct tl_keyring *ring);
/** Takes all persons off. */
void tl_keyring_clear(struct tl_keyring *ring);

/** Person by name, NULL = none. borrows: the ring's. */
json_t *tl_keyring_find(const struct tl_keyring *ring, const char *name);
/** Persons who have the key of this public half; *n_all of any. */
int tl_keyring_count(const struct tl_keyring *ring, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES],
                     int *n_all);
bool tl_keyring_has(const json_t *person, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES]);
/** Adds a person, in the place of one of that name, with the project's key. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_keyring_add(struct tl_ctx *ctx, struct tl_keyring *ring, const char *name,
                                  const char *granted_by, const char *password,
                                  const struct tl_vault_key *key);
bool tl_keyring_remove(struct tl_keyring *ring, const char *name);
/** Gives everybody who has `from` the key `to`, too. Errors: TL_EINTEGRITY (a person whom no holder of `from` put there). */
TL_MUST_USE tl_err tl_keyring_pass_on(struct tl_ctx *ctx, struct tl_keyring *ring,
                                      const struct tl_vault_key *from,
                                      const struct tl_vault_key *to);
/** Leaves everybody the key of this public half only, and takes off who has it not. */
void tl_keyring_prune(struct tl_keyring *ring, const uint8_t public_key[TL_VAULT_PUBLIC_BYTES]);
/** Opens the project's key with a person's password. Errors: TL_EDENIED; an unknown name takes as long. */
TL_MUST_USE tl_err tl_keyring_unlock(struct tl_ctx *ctx, const struct tl_keyring *ring,
                                     const char *name, const char *password,
                                     const uint8_t public_key[TL_VAULT_PUBLIC_BYTES],
                                     struct tl_vault_key **key);

#endif
