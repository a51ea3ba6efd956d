/**
 * Context: what one call chain carries instead of globals: the error message, the cancel flag, the number of threads,
 * who listens to progress and to warnings. One context is used by one thread at a time; work inside a call may be
 * parallel.
 */
#ifndef TILTH_CTX_H
#define TILTH_CTX_H

#include <stdint.h>

#include "tilth/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tl_ctx;

/** How far a long piece of work is. */
struct tl_progress {
    const char *stage; /* borrows: what is being done, in words, for as long as the callback runs */
    double share;      /* share of the stage that is done, 0 to 1 */
    double elapsed_s;  /* seconds since the stage began */
    double left_s;     /* estimated seconds until the stage is done; negative when not known yet */
};

typedef void (*tl_progress_fn)(void *user, const struct tl_progress *progress);
typedef void (*tl_warn_fn)(void *user, const char *message);

/** New context with as many threads as the machine has cores. Returns NULL when there is no memory. */
struct tl_ctx *tl_ctx_create(void);

/** Frees a context; NULL is fine. */
void tl_ctx_free(struct tl_ctx *ctx);

/** Frees memory that the library gave away ("owns: the caller"); NULL is fine. */
void tl_free(void *memory);

/** Message of the last error in this context: one line, without a newline; "" when there was none. */
const char *tl_ctx_message(const struct tl_ctx *ctx);

/** Asks the work under way to stop with TL_ECANCELLED. Async-signal-safe. */
void tl_ctx_cancel(struct tl_ctx *ctx);

/** Number of threads to use, at least 1; values below 1 mean "as many as there are cores". */
void tl_ctx_set_threads(struct tl_ctx *ctx, int n_threads);
int tl_ctx_threads(const struct tl_ctx *ctx);

/** Who hears of progress; NULL for nobody. Called from the thread that called into the library, at most ~10 times/s. */
void tl_ctx_set_progress(struct tl_ctx *ctx, tl_progress_fn fn, void *user);

/** Who hears of warnings (one line each, no newline); NULL for nobody. */
void tl_ctx_set_warn(struct tl_ctx *ctx, tl_warn_fn fn, void *user);

#ifdef __cplusplus
}
#endif
#endif
