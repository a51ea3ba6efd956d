/** The table of methods, for the files of this room: a row as columns, and the default rows. */
#ifndef TL_STORE_METHOD_H
#define TL_STORE_METHOD_H

#include "store/store.h"
#include "tilth/method.h"

/** The rows that a new project has; figures only where domain.md has one. */
extern const struct tl_method tl_method_defaults[];
extern const int tl_method_n_defaults;

/** Words of the levels of terrain. */
extern const char *const tl_method_vegetation[TL_METHOD_VEGETATION];
extern const char *const tl_method_slope[TL_METHOD_SLOPE];

/** Columns of the table in order, "a, b, c" (without the id). owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_method_columns(struct tl_ctx *ctx, char **columns, int *n);

/** Writes a row over the one of this id; 0 = a new one. */
TL_MUST_USE tl_err tl_method_put(struct tl_ctx *ctx, sqlite3 *db, const struct tl_method *m,
                                 int64_t id);

/** Reads a row from a statement's columns, from `first` on. */
void tl_method_read(sqlite3_stmt *stmt, int first, struct tl_method *method);

/** Whether two rows say the same. */
bool tl_method_equal(const struct tl_method *a, const struct tl_method *b);

/** Whether two rows are of the same method, group, depth and soil. */
bool tl_method_same_row(const struct tl_method *a, const struct tl_method *b);

/** "manual (mines, to 20 cm, mineralised soil)" for messages. @param[out] text  at least 160 bytes; returned */
const char *tl_method_title(const struct tl_method *method, char text[160]);

#endif
