/** SQLite in the house's manner: every call gives a tl_err and a message that names the file. */
#ifndef TL_STORE_SQL_H
#define TL_STORE_SQL_H

#include <sqlite3.h>

#include "core/core.h"

/** Error of SQLite's last failure on `db` in the house's words; `what` says what was being done. */
tl_err tl_sql_fail(struct tl_ctx *ctx, sqlite3 *db, const char *what);

/** Runs statements without results. */
TL_MUST_USE tl_err tl_sql_exec(struct tl_ctx *ctx, sqlite3 *db, const char *sql);

/** Same with SQLite's own format (%Q quotes a value, "%w" a name). */
TL_MUST_USE tl_err tl_sql_execf(struct tl_ctx *ctx, sqlite3 *db, const char *format, ...);

/** Prepares a statement. owns: the caller, sqlite3_finalize. */
TL_MUST_USE tl_err tl_sql_prepare(struct tl_ctx *ctx, sqlite3 *db, const char *sql,
                                  sqlite3_stmt **stmt);
TL_MUST_USE tl_err tl_sql_preparef(struct tl_ctx *ctx, sqlite3 *db, sqlite3_stmt **stmt,
                                   const char *format, ...);

/** One step: *row says whether there is a row. On error the statement is reset. */
TL_MUST_USE tl_err tl_sql_step(struct tl_ctx *ctx, sqlite3_stmt *stmt, bool *row);

/** Runs a statement that gives no rows and resets it. */
TL_MUST_USE tl_err tl_sql_run(struct tl_ctx *ctx, sqlite3_stmt *stmt);

/** First column of the first row; `none` where there is no row or it is NULL. */
TL_MUST_USE tl_err tl_sql_int(struct tl_ctx *ctx, sqlite3 *db, const char *sql, int64_t none,
                              int64_t *value);

/** Same for text, NULL where there is none. owns: the caller, tl_free. */
TL_MUST_USE tl_err tl_sql_get_text(struct tl_ctx *ctx, sqlite3 *db, const char *sql, char **value);

/** Binds borrowed text, NULL as NULL. */
void tl_sql_bind_text(sqlite3_stmt *stmt, int i, const char *text);

/** Binds borrowed bytes, NULL as NULL. */
void tl_sql_bind_blob(sqlite3_stmt *stmt, int i, const void *bytes, int64_t n);

/** Binds a number, NaN as NULL. */
void tl_sql_bind_real(sqlite3_stmt *stmt, int i, double value);

/** Copy of a column's text, NULL for NULL. */
TL_MUST_USE tl_err tl_sql_copy(struct tl_ctx *ctx, sqlite3_stmt *stmt, int column, char **text);

#endif
