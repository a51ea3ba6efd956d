#include "store/sql.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "core/catalogue.h"

static tl_err err_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return TL_ELOCKED;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return TL_EREADONLY;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return TL_EIO;
    case SQLITE_NOMEM:
        return TL_ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return TL_EDATA;
    case SQLITE_INTERRUPT:
        return TL_ECANCELLED;
    default:
        return TL_EBUG;
    }
}

static const char *words_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return TL_CATALOGUE_MARK("another program is writing to it; close it there (in QGIS: stop "
                                 "editing) and try again");
    case SQLITE_READONLY:
        return TL_CATALOGUE_MARK("it may only be read");
    case SQLITE_FULL:
        return TL_CATALOGUE_MARK("the disk is full; nothing was changed");
    case SQLITE_IOERR:
        return TL_CATALOGUE_MARK("the disk does not read or write (full, or removed?); nothing was "
                                 "changed");
    case SQLITE_CANTOPEN:
        return TL_CATALOGUE_MARK("the file or its journal cannot be opened");
    default:
        return NULL;
    }
}

tl_err tl_sql_fail(struct tl_ctx *ctx, sqlite3 *db, const char *what)
{
    int code = sqlite3_extended_errcode(db);
    const char *path = sqlite3_db_filename(db, "main");
    const char *words = words_of(code);
    return tl_fail(ctx, err_of(code), "%s: %s%s%s", path == NULL ? "project" : path,
                   what == NULL ? "" : what, what == NULL ? "" : ": ",
                   words != NULL ? words : sqlite3_errmsg(db));
}

tl_err tl_sql_exec(struct tl_ctx *ctx, sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? TL_OK
                                                                : tl_sql_fail(ctx, db, NULL);
}

tl_err tl_sql_execf(struct tl_ctx *ctx, sqlite3 *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    if (sql == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory for a statement");
    tl_err err = tl_sql_exec(ctx, db, sql);
    sqlite3_free(sql);
    return err;
}

tl_err tl_sql_prepare(struct tl_ctx *ctx, sqlite3 *db, const char *sql, sqlite3_stmt **stmt)
{
    sqlite3_stmt *made = NULL;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, NULL) != SQLITE_OK)
        return tl_sql_fail(ctx, db, NULL);
    *stmt = made;
    return TL_OK;
}

tl_err tl_sql_preparef(struct tl_ctx *ctx, sqlite3 *db, sqlite3_stmt **stmt, const char *format,
                       ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    if (sql == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory for a statement");
    tl_err err = tl_sql_prepare(ctx, db, sql, stmt);
    sqlite3_free(sql);
    return err;
}

tl_err tl_sql_step(struct tl_ctx *ctx, sqlite3_stmt *stmt, bool *row)
{
    int code = sqlite3_step(stmt);
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        *row = code == SQLITE_ROW;
        return TL_OK;
    }
    tl_err err = tl_sql_fail(ctx, sqlite3_db_handle(stmt), NULL);
    sqlite3_reset(stmt);
    return err;
}

tl_err tl_sql_run(struct tl_ctx *ctx, sqlite3_stmt *stmt)
{
    int code = sqlite3_step(stmt);
    tl_err err = code == SQLITE_DONE || code == SQLITE_ROW
                     ? TL_OK
                     : tl_sql_fail(ctx, sqlite3_db_handle(stmt), NULL);
    sqlite3_reset(stmt);
    return err;
}

tl_err tl_sql_int(struct tl_ctx *ctx, sqlite3 *db, const char *sql, int64_t none, int64_t *value)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, db, sql, &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    *value =
        row && sqlite3_column_type(stmt, 0) != SQLITE_NULL ? sqlite3_column_int64(stmt, 0) : none;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_sql_get_text(struct tl_ctx *ctx, sqlite3 *db, const char *sql, char **value)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    char *text = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, db, sql, &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row)
        TL_TRY(tl_sql_copy(ctx, stmt, 0, &text));
    *value = text;
done:
    sqlite3_finalize(stmt);
    return err;
}

void tl_sql_bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
    if (text == NULL)
        sqlite3_bind_null(stmt, i);
    else
        sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

void tl_sql_bind_blob(sqlite3_stmt *stmt, int i, const void *bytes, int64_t n)
{
    if (bytes == NULL)
        sqlite3_bind_null(stmt, i);
    else
        sqlite3_bind_blob64(stmt, i, bytes, (sqlite3_uint64)n, SQLITE_STATIC);
}

void tl_sql_bind_real(sqlite3_stmt *stmt, int i, double value)
{
    if (isnan(value))
        sqlite3_bind_null(stmt, i);
    else
        sqlite3_bind_double(stmt, i, value);
}

tl_err tl_sql_copy(struct tl_ctx *ctx, sqlite3_stmt *stmt, int column, char **text)
{
    const char *found = (const char *)sqlite3_column_text(stmt, column);
    char *copy = tl_strdup(ctx, found);
    if (found != NULL && copy == NULL)
        return TL_ENOMEM;
    *text = copy;
    return TL_OK;
}
