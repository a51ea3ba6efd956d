/*
 * External merge sort: runs of 131,072 entries (4 MiB) are sorted in memory and written to an unnamed temporary file, then
 * merged, 64 KiB of each at a time. With it the R-tree of a million points is made in 1.4 to 1.7 s; with
 * a temporary table and SQLite's sorter that took 4.8 s. Up to one run, no file is made.
 */
#include "store/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_key(const void *a, const void *b)
{
    const struct tl_queue_entry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void sort(struct tl_queue *queue)
{
    qsort(queue->buffer, (size_t)queue->n_buffer, sizeof queue->buffer[0], by_key);
}

static tl_err spill(struct tl_ctx *ctx, struct tl_queue *queue)
{
    if (queue->file == NULL)
        queue->file = tmpfile();
    if (queue->file == NULL)
        return tl_fail(ctx, TL_EIO, "no temporary file can be made: %s", strerror(errno));
    sort(queue);
    if (fwrite(queue->buffer, sizeof queue->buffer[0], (size_t)queue->n_buffer, queue->file) !=
        (size_t)queue->n_buffer)
        return tl_fail(ctx, TL_EIO, "a temporary file cannot be written: %s", strerror(errno));
    queue->n_buffer = 0;
    return TL_OK;
}

tl_err tl_queue_add(struct tl_ctx *ctx, struct tl_queue *queue, const struct tl_queue_entry *entry)
{
    tl_err err = TL_OK;
    if (queue->buffer == NULL || (queue->n_buffer == 256 && queue->n == 256)) {
        /* small at first: most transactions put a few records */
        int64_t room = queue->buffer == NULL ? 256 : TL_QUEUE_BUFFER;
        struct tl_queue_entry *buffer =
            tl_regrow(ctx, queue->buffer, queue->n_buffer, room, sizeof *buffer);
        if (buffer == NULL)
            return TL_ENOMEM;
        queue->buffer = buffer;
    }
    if (queue->n_buffer == TL_QUEUE_BUFFER)
        TL_TRY(spill(ctx, queue));
    queue->buffer[queue->n_buffer++] = *entry;
    queue->n++;
done:
    return err;
}

static tl_err refill(struct tl_ctx *ctx, struct tl_queue *queue, struct tl_queue_run *run)
{
    const int64_t size = (int64_t)sizeof run->chunk[0];
    int64_t wanted = run->file_left < TL_QUEUE_CHUNK ? run->file_left : TL_QUEUE_CHUNK;
    run->n = run->at = 0;
    if (wanted == 0)
        return TL_OK;
    ssize_t got = pread(fileno(queue->file), run->chunk, (size_t)(wanted * size),
                        (off_t)(run->file_at * size));
    if (got != wanted * size)
        return tl_fail(ctx, TL_EIO, "a temporary file cannot be read: %s", strerror(errno));
    run->n = wanted;
    run->file_at += wanted;
    run->file_left -= wanted;
    return TL_OK;
}

tl_err tl_queue_rewind(struct tl_ctx *ctx, struct tl_queue *queue)
{
    tl_err err = TL_OK;
    queue->at = 0;
    if (queue->file == NULL) {
        if (queue->n_buffer > 0)
            sort(queue);
        return TL_OK;
    }
    TL_TRY(spill(ctx, queue));
    if (fflush(queue->file) != 0)
        TL_THROW(ctx, TL_EIO, "a temporary file cannot be written: %s", strerror(errno));
    queue->n_runs = (queue->n + TL_QUEUE_BUFFER - 1) / TL_QUEUE_BUFFER;
    TL_TRY_ALLOC(ctx, queue->runs, queue->n_runs);
    for (int64_t i = 0; i < queue->n_runs; i++) {
        struct tl_queue_run *run = &queue->runs[i];
        int64_t left = queue->n - i * TL_QUEUE_BUFFER;
        run->file_at = i * TL_QUEUE_BUFFER;
        run->file_left = left < TL_QUEUE_BUFFER ? left : TL_QUEUE_BUFFER;
        TL_TRY_ALLOC(ctx, run->chunk, TL_QUEUE_CHUNK);
        TL_TRY(refill(ctx, queue, run));
    }
done:
    return err;
}

tl_err tl_queue_next(struct tl_ctx *ctx, struct tl_queue *queue, struct tl_queue_entry *entry,
                     bool *more)
{
    struct tl_queue_run *first = NULL;
    tl_err err = TL_OK;
    if (queue->file == NULL) {
        *more = queue->at < queue->n_buffer;
        if (*more)
            *entry = queue->buffer[queue->at++];
        return TL_OK;
    }
    /* Runs are few (eight for a million entries): looking at each beats keeping a heap. */
    for (int64_t i = 0; i < queue->n_runs; i++) {
        struct tl_queue_run *run = &queue->runs[i];
        if (run->at < run->n &&
            (first == NULL || by_key(&run->chunk[run->at], &first->chunk[first->at]) < 0))
            first = run;
    }
    if (first != NULL) {
        struct tl_queue_entry found = first->chunk[first->at++];
        if (first->at == first->n)
            TL_TRY(refill(ctx, queue, first));
        *entry = found;
    }
    *more = first != NULL;
done:
    return err;
}

void tl_queue_fini(struct tl_queue *queue)
{
    for (int64_t i = 0; queue->runs != NULL && i < queue->n_runs; i++)
        tl_free(queue->runs[i].chunk);
    tl_free(queue->runs);
    tl_free(queue->buffer);
    if (queue->file != NULL)
        fclose(queue->file);
    *queue = (struct tl_queue){0};
}
