/**
 * What every room needs from core: failing with a message, memory that can be made to fail, progress and cancelling.
 * For ourselves; not a public header.
 */
#ifndef TL_CORE_CORE_H
#define TL_CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tilth/ctx.h"

/** Jumps to the function's one `done:` label on error; needs a local `tl_err err`. */
#define TL_TRY(call)                                                                               \
    do {                                                                                           \
        err = (call);                                                                              \
        if (err != TL_OK)                                                                          \
            goto done;                                                                             \
    } while (0)

/** Allocates a zeroed array of `count` elements into `pointer`, or jumps to `done:` with TL_ENOMEM. */
#define TL_TRY_ALLOC(ctx, pointer, count)                                                          \
    do {                                                                                           \
        (pointer) = tl_alloc((ctx), (count), sizeof *(pointer));                                   \
        if ((pointer) == NULL) {                                                                   \
            err = TL_ENOMEM;                                                                       \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)

/** Jumps to `done:` with an error and its message. */
#define TL_THROW(ctx, error, ...)                                                                  \
    do {                                                                                           \
        err = tl_fail((ctx), (error), __VA_ARGS__);                                                \
        goto done;                                                                                 \
    } while (0)

/** Invariants of ours: abort in debug builds, TL_EBUG with file and line in release. */
#ifdef NDEBUG
#define TL_ASSERT(ctx, condition)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            TL_THROW((ctx), TL_EBUG, "%s:%d: %s does not hold", __FILE__, __LINE__, #condition);   \
    } while (0)
#else
void tl_assert_abort(const char *file, int line, const char *condition);
#define TL_ASSERT(ctx, condition)                                                                  \
    do {                                                                                           \
        (void)(ctx);                                                                               \
        if (!(condition))                                                                          \
            tl_assert_abort(__FILE__, __LINE__, #condition);                                       \
    } while (0)
#endif

/** A clock that only goes forward, in seconds since some moment: for durations and deadlines. */
double tl_clock_s(void);

/** Sets the context's message (one line) and returns `err`, so that `return tl_fail(...)` reads well. */
tl_err tl_fail(struct tl_ctx *ctx, tl_err err, const char *format, ...) TL_PRINTF(3, 4);

/** Puts a place in front of the message of an error from below ("file.csv: line 12: ..."); returns `err`. */
tl_err tl_fail_at(struct tl_ctx *ctx, tl_err err, const char *format, ...) TL_PRINTF(3, 4);

/** Sends a warning to whoever listens. */
void tl_warn(struct tl_ctx *ctx, const char *format, ...) TL_PRINTF(2, 3);

/* Memory. Zeroed, aligned to 64 bytes, counted so that a test can let any one allocation fail. */

/** `count * size` zeroed bytes (at least one element), NULL with a message on error. owns: the caller, tl_free. */
void *tl_alloc(struct tl_ctx *ctx, int64_t count, size_t size);

/** As tl_alloc, in whole lines of 64 bytes, but not zeroed: for what zeroes it by its own means (par/par.h: tl_par_alloc). */
void *tl_alloc_untouched(struct tl_ctx *ctx, int64_t count, size_t size);

/** Grows an array to `count` elements, keeping the first `old_count`; NULL with a message on error, the old one kept. */
void *tl_regrow(struct tl_ctx *ctx, void *old, int64_t old_count, int64_t count, size_t size);

/** Copy of a string; NULL with a message on error; NULL in gives NULL out without an error. */
char *tl_strdup(struct tl_ctx *ctx, const char *text);

void tl_free(void *memory);

/** Lets the n-th allocation from now (1 = the next) fail once; 0 switches this off. Test use. */
void tl_ctx_fail_alloc(struct tl_ctx *ctx, int64_t nth);

/** Allocations asked for in this context so far. Test use. */
int64_t tl_ctx_n_allocs(const struct tl_ctx *ctx);

/** Bytes of memory that the machine can still give (MemAvailable); a large number where it cannot be known. */
int64_t tl_memory_available(void);

/* Progress and cancelling. */

/** Begins a stage: `stage` is copied. A stage inside a stage is shown, the outer one goes on afterwards. */
void tl_progress_begin(struct tl_ctx *ctx, const char *stage);

/** Share of the present stage that is done; called as often as one likes (it is cheap). */
void tl_progress_set(struct tl_ctx *ctx, double share);

/** Ends the present stage. */
void tl_progress_end(struct tl_ctx *ctx);

/** TL_ECANCELLED (with its message) once somebody has asked to stop, else TL_OK. Safe inside parallel regions. */
tl_err tl_cancelled(struct tl_ctx *ctx);

/** Just the flag; for loops inside parallel regions, which must not write the message. */
bool tl_is_cancelled(const struct tl_ctx *ctx);

#endif
