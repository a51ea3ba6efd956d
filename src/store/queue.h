/** R-tree entries that wait, given back in order of their keys; beyond a few MiB they wait on disk. For this room. */
#ifndef TL_STORE_QUEUE_H
#define TL_STORE_QUEUE_H

#include <stdio.h>

#include "core/core.h"

struct tl_queue_entry {
    int64_t key; /* what they are sorted by */
    int64_t id;
    float box[4]; /* min x, max x, min y, max y */
};

enum {
    TL_QUEUE_BUFFER = 131072,
    TL_QUEUE_CHUNK = 2048
}; /* entries in memory; read at once from a run */

struct tl_queue_run {
    struct tl_queue_entry *chunk; /* owns */
    int64_t n, at;                /* in the chunk */
    int64_t file_at, file_left;   /* entries: where it goes on, how many are left */
};

struct tl_queue {
    struct tl_queue_entry *buffer; /* owns */
    int64_t n_buffer, n;           /* in memory; in all */
    FILE *file; /* owns: sorted runs of TL_QUEUE_BUFFER entries, one after the other; unnamed */
    struct tl_queue_run *runs; /* owns: while reading */
    int64_t n_runs, at;
};

TL_MUST_USE tl_err tl_queue_add(struct tl_ctx *ctx, struct tl_queue *queue,
                                const struct tl_queue_entry *entry);

/** From now on the queue is read. */
TL_MUST_USE tl_err tl_queue_rewind(struct tl_ctx *ctx, struct tl_queue *queue);
TL_MUST_USE tl_err tl_queue_next(struct tl_ctx *ctx, struct tl_queue *queue,
                                 struct tl_queue_entry *entry, bool *more);

/** Empties the queue; zeroes are an empty queue too. */
void tl_queue_fini(struct tl_queue *queue);

#endif
