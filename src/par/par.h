/**
 * Threads. A loop is cut into chunks whose number does not depend on the number of threads, and sums are added in the
 * order of the chunks: the same bits on any machine.
 */
#ifndef TL_PAR_PAR_H
#define TL_PAR_PAR_H

#include "core/core.h"

/** Body of a loop over [first, last); `chunk` is the chunk's number. Must not write the context's message. */
typedef void (*tl_par_body)(void *user, int64_t first, int64_t last, int64_t chunk);
typedef double (*tl_par_term)(void *user, int64_t first, int64_t last);

/** Runs `body` over 0..n-1 in chunks of `chunk_size` on the context's threads. Collective: no. Allocates: no. */
void tl_par_for(struct tl_ctx *ctx, int64_t n, int64_t chunk_size, tl_par_body body, void *user);

/** Sum of `term` over 0..n-1: chunks of 4096, added in order, so that the bits do not depend on the threads. */
double tl_par_sum(struct tl_ctx *ctx, int64_t n, tl_par_term term, void *user);

/** Sets memory to zero on the context's threads, also when the run has been stopped. Allocates: no. */
void tl_par_zero(struct tl_ctx *ctx, void *memory, int64_t bytes);

/**
 * Zeroed memory as tl_alloc gives it, a large array zeroed by the context's threads: making its pages costs more than most passes
 * over it, and would otherwise be done on one. In pages of 2 MiB where the system gives them. Free with tl_free.
 */
void *tl_par_alloc(struct tl_ctx *ctx, int64_t count, size_t size);
#define TL_TRY_PAR_ALLOC(ctx, pointer, count)                                                      \
    do {                                                                                           \
        (pointer) = tl_par_alloc((ctx), (count), sizeof *(pointer));                               \
        if ((pointer) == NULL) {                                                                   \
            err = TL_ENOMEM;                                                                       \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)

/**
 * Runs two tasks at the same time, one of them on a thread of its own, and waits for both; one after the other when the context
 * has one thread. Waiting sleeps: a task that waits for the disk does not burn a core, as it would in tl_par_for. Neither task
 * may use the context of the other. Allocates: no. Cost: about 20 microseconds.
 */
void tl_par_two(struct tl_ctx *ctx, void (*here)(void *user), void (*aside)(void *user),
                void *user);

#endif
