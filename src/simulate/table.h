/** Rows of text, as a user's file holds them, so that they can be made dirty before they are written. */
#ifndef TL_SIMULATE_TABLE_H
#define TL_SIMULATE_TABLE_H

#include "core/core.h"

enum { TL_TABLE_COLUMNS_MAX = 16 };

struct tl_table {
    const char *file; /* borrows: name of the file it becomes */
    int n_columns;
    const char *columns[TL_TABLE_COLUMNS_MAX]; /* borrows */
    int64_t n_rows, room;
    char **cells; /* owns: [n_rows][n_columns], each owned; NULL = empty */
};

/** Appends a row; `values` are copied, NULL = empty. Errors: TL_ENOMEM. */
TL_MUST_USE tl_err tl_table_add(struct tl_ctx *ctx, struct tl_table *table,
                                const char *const *values);

/** Column of a name, which must be there. */
int tl_table_column(const struct tl_table *table, const char *name);

/** A cell's text, "" for an empty one. */
const char *tl_table_get(const struct tl_table *table, int64_t row, int column);
TL_MUST_USE tl_err tl_table_set(struct tl_ctx *ctx, struct tl_table *table, int64_t row, int column,
                                const char *text);

/** The cells of a row, for writers that take them so. */
const char *const *tl_table_row(const struct tl_table *table, int64_t row);

/** Writes CSV (RFC 4180, UTF-8, header). Errors: TL_EIO, TL_ENOMEM. */
TL_MUST_USE tl_err tl_table_csv(struct tl_ctx *ctx, const struct tl_table *table, const char *path);

void tl_table_fini(struct tl_table *table);

#endif
