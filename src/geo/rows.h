/**
 * Plain rows: what a vector file or a table says, read by a process that may do nothing else and handed over in a form that needs no
 * parser worth the name. The reading side trusts nothing of it: every length is bounded, every text is UTF-8.
 *
 *     "TLROWS1\n"  u32 n  { text driver, text layer, text crs, i64 n_rows (-1: not known), u32 n_columns, text name... } of n bytes
 *     u32 n        { i64 row number, text or null per column, i64 n_wkb (-1: none), WKB } of n bytes, per row
 *     u32 0        i64 n_rows
 *
 * Little-endian; a text is u32 n, its bytes, a zero; null is u32 0xffffffff. What ends before its last line is cut off.
 */
#ifndef TL_GEO_ROWS_H
#define TL_GEO_ROWS_H

#include <stdio.h>

#include "geo/vector.h"

enum { TL_ROWS_COLUMNS_MAX = 4096, TL_ROWS_ROW_MAX_BYTES = 64 << 20 };

struct tl_rows {
    FILE *file;                       /* owns */
    const char *label;                /* borrows: what messages call it */
    char *head;                       /* owns: the three texts and the names lie in it */
    const char *driver, *layer, *crs; /* borrows: head */
    int n_columns;
    const char **names; /* owns; borrows: head */
    int64_t n_rows;     /* as it says, -1 = not known */
    char *room;         /* owns: the present row */
    int64_t room_bytes;
    int64_t row;        /* its number */
    const char **texts; /* owns; borrows: room; NULL = null */
    const void *wkb;    /* borrows: room; NULL = none */
    int64_t wkb_bytes;
    int64_t n_read;
};

/** Opens what reference systems are looked up in, before the walls go up. */
void tl_rows_load_systems(void);

/** Writes the rows of an open source to a file that is open for writing. Errors: those of tl_vector_next; TL_EIO (full disk, limit). */
TL_MUST_USE tl_err tl_rows_put(struct tl_ctx *ctx, struct tl_vector *vector, const char *layer,
                               int fd, int64_t *n_rows);

/** @param label  kept by the caller as long as the rows. Errors: TL_EIO, TL_EDATA (not plain rows, cut off, out of bounds), TL_ENOMEM. */
TL_MUST_USE tl_err tl_rows_open(struct tl_ctx *ctx, const char *path, const char *label,
                                struct tl_rows **rows);
void tl_rows_close(struct tl_rows *rows); /* NULL is fine */

/** Errors: as tl_rows_open. */
TL_MUST_USE tl_err tl_rows_next(struct tl_ctx *ctx, struct tl_rows *rows, bool *more);

#endif
