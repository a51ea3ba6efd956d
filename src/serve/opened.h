/** Keys of personal details that sessions have opened: in guarded memory, until they are closed, the session ends, or half an hour passes without use. */
#ifndef TL_SERVE_OPENED_H
#define TL_SERVE_OPENED_H

#include "serve/serve.h"
#include "tilth/victim.h"

enum { TL_OPENED_MAX = 64, TL_OPENED_IDLE_S = 1800 };

struct tl_opened;

TL_MUST_USE tl_err tl_opened_create(struct tl_ctx *ctx, struct tl_opened **opened);
void tl_opened_free(struct tl_opened *opened); /* wipes all; NULL is fine */

/** Keeps a key for a session, in the place of one it had; the one that was not used longest goes when there are too many. Steals `key`. */
void tl_opened_put(struct tl_opened *opened, const char *session, const char *name,
                   struct tl_vault_key *key, double now_s);
/**
 * The key of a session, NULL = it has none; it stays until tl_opened_give, which is to be called in any case, soon.
 * @param[out] name  who opened it
 */
const struct tl_vault_key *tl_opened_take(struct tl_opened *opened, const char *session,
                                          double now_s, char name[TL_ACCOUNT_NAME_BYTES]);
void tl_opened_give(struct tl_opened *opened);
/** Wipes a session's key. */
void tl_opened_close(struct tl_opened *opened, const char *session);
/** Wipes those that were not used for long. */
void tl_opened_sweep(struct tl_opened *opened, double now_s);

#endif
