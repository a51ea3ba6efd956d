/**
 * Rows on their way in, a batch at a time: their texts lie in an arena that is rewound with the
 * batch, so that an import of any length runs in the same memory.
 */
#ifndef TL_EVIDENCE_BATCH_H
#define TL_EVIDENCE_BATCH_H

#include "core/core.h"
#include "evidence/reason.h"

enum { TL_BATCH_ROWS = 1024, TL_BATCH_DOUBTS = 4 };

struct tl_batch_row {
    int64_t number;         /* in the source */
    enum tl_reason refused; /* TL_REASON_NONE = fit to be taken in */
    const char *message;    /* borrows the arena: why refused */
    const char *proposal;   /* JSON of values that would mend it; NULL = none */
    const char **raw;       /* the source's values as they are, [n_columns] */
    const void *raw_wkb;    /* the source's geometry, where the file has geometries; NULL = none */
    int64_t raw_wkb_bytes;
    struct tl_record record;
    uint64_t fingerprint; /* of position (and date); 0 = not looked at */
    double box[4];        /* of the geometry [degrees] */
    int n_doubts;
    struct {
        enum tl_reason reason;
        const char *message;
    } doubts[TL_BATCH_DOUBTS];
};

struct tl_batch_block {
    char *bytes; /* owns */
    int64_t size;
};

struct tl_batch {
    struct tl_batch_row *rows; /* owns: [TL_BATCH_ROWS] */
    int n_rows;
    struct tl_batch_block *blocks; /* owns */
    int64_t n_blocks, room_blocks;
    int64_t block;      /* the one in use */
    int64_t used_bytes; /* of it */
};

TL_MUST_USE tl_err tl_batch_init(struct tl_ctx *ctx, struct tl_batch *batch);
void tl_batch_fini(struct tl_batch *batch);

/** Forgets rows and texts, keeps the memory (but not that of one unusually large row). */
void tl_batch_rewind(struct tl_batch *batch);

/** Bytes that live as long as the batch, aligned to 8; NULL with a message when there is no memory.
 */
void *tl_batch_bytes(struct tl_ctx *ctx, struct tl_batch *batch, int64_t n);

/** Copy of text that lives as long as the batch; NULL with a message when there is no memory. */
char *tl_batch_text(struct tl_ctx *ctx, struct tl_batch *batch, const char *text);

/** Adds a doubt (beyond TL_BATCH_DOUBTS they are dropped: the row has enough of them). Errors:
 * TL_ENOMEM. */
TL_MUST_USE tl_err tl_batch_doubt(struct tl_ctx *ctx, struct tl_batch *batch,
                                  struct tl_batch_row *row, enum tl_reason reason,
                                  const char *message);

#endif
