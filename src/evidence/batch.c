#include "evidence/batch.h"

#include <string.h>

#include "core/text.h"

enum { BLOCK_BYTES = 1 << 18, KEPT_BLOCKS = 8 };

tl_err tl_batch_init(struct tl_ctx *ctx, struct tl_batch *batch)
{
    memset(batch, 0, sizeof *batch);
    batch->rows = tl_alloc(ctx, TL_BATCH_ROWS, sizeof *batch->rows);
    return batch->rows == NULL ? TL_ENOMEM : TL_OK;
}

void tl_batch_fini(struct tl_batch *batch)
{
    for (int64_t b = 0; b < batch->n_blocks; b++)
        tl_free(batch->blocks[b].bytes);
    tl_free(batch->blocks);
    tl_free(batch->rows);
    memset(batch, 0, sizeof *batch);
}

void tl_batch_rewind(struct tl_batch *batch)
{
    int64_t kept = 0;
    for (int64_t b = 0; b < batch->n_blocks; b++) {
        if (kept < KEPT_BLOCKS && batch->blocks[b].size == BLOCK_BYTES)
            batch->blocks[kept++] = batch->blocks[b];
        else
            tl_free(batch->blocks[b].bytes);
    }
    batch->n_blocks = kept;
    batch->block = 0;
    batch->used_bytes = 0;
    batch->n_rows = 0;
}

static bool add_block(struct tl_ctx *ctx, struct tl_batch *batch, int64_t size)
{
    if (batch->n_blocks == batch->room_blocks) {
        int64_t room = batch->room_blocks == 0 ? 16 : 2 * batch->room_blocks;
        struct tl_batch_block *blocks =
            tl_regrow(ctx, batch->blocks, batch->n_blocks, room, sizeof *blocks);
        if (blocks == NULL)
            return false;
        batch->blocks = blocks;
        batch->room_blocks = room;
    }
    char *bytes = tl_alloc(ctx, size, 1);
    if (bytes == NULL)
        return false;
    batch->blocks[batch->n_blocks++] = (struct tl_batch_block){bytes, size};
    return true;
}

void *tl_batch_bytes(struct tl_ctx *ctx, struct tl_batch *batch, int64_t n)
{
    int64_t need = (n + 7) / 8 * 8;
    while (batch->block < batch->n_blocks &&
           batch->used_bytes + need > batch->blocks[batch->block].size) {
        batch->block++;
        batch->used_bytes = 0;
    }
    if (batch->block == batch->n_blocks &&
        !add_block(ctx, batch, need > BLOCK_BYTES ? need : BLOCK_BYTES))
        return NULL;
    void *at = batch->blocks[batch->block].bytes + batch->used_bytes;
    batch->used_bytes += need;
    return at;
}

char *tl_batch_text(struct tl_ctx *ctx, struct tl_batch *batch, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = tl_batch_bytes(ctx, batch, (int64_t)n);
    return copy == NULL ? NULL : memcpy(copy, text, n);
}

tl_err tl_batch_doubt(struct tl_ctx *ctx, struct tl_batch *batch, struct tl_batch_row *row,
                      enum tl_reason reason, const char *message)
{
    if (row->n_doubts == TL_BATCH_DOUBTS)
        return TL_OK;
    char *copy = tl_batch_text(ctx, batch, message);
    if (copy == NULL)
        return TL_ENOMEM;
    tl_text_one_line(copy);
    row->doubts[row->n_doubts].reason = reason;
    row->doubts[row->n_doubts].message = copy;
    row->n_doubts++;
    return TL_OK;
}
