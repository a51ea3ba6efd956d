/*
 * MBTiles (specification 1.3 of Mapbox). `tiles` is often a view over a table of places and one of pictures, so views must work; what a hostile view could do
 * is held by SQLite's own means: an authorizer that lets it select and read, no trusted schema, a length limit, and a deadline. A handle is for one
 * thread at a time: eight are kept, more are made when they are needed.
 */
#include "store/mbtiles.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/text.h"
#include "store/sql.h"
#include "store/store.h"

enum { HANDLES = 8, CACHE_KIB = 1024, STEPS = 5000, VALUE_MAX = 4 << 20, BUSY_MS = 1000 };

struct handle {
    sqlite3 *db;        /* owns */
    sqlite3_stmt *tile; /* owns */
    double until_s;     /* when the query under way is cut */
};

struct tl_mbtiles {
    char *path; /* owns */
    pthread_mutex_t lock;
    int n;
    struct handle *free[HANDLES]; /* owns */
};

static int late(void *user)
{
    const struct handle *handle = user;
    return tl_clock_s() > handle->until_s;
}

static int allow(void *user, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)user;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK : SQLITE_DENY;
}

static tl_err fail(struct tl_ctx *ctx, const char *path, sqlite3 *db)
{
    int code = db != NULL ? sqlite3_errcode(db) : SQLITE_NOMEM;
    const char *file = tl_store_file_name(path);
    if (code == SQLITE_INTERRUPT)
        return tl_fail(ctx, TL_EDATA,
                       "%s: a tile takes longer than %d s to find; its tiles need an index", file,
                       TL_MBTILES_QUERY_S);
    if (code == SQLITE_NOMEM)
        return tl_fail(ctx, TL_ENOMEM, "%s: no memory to read it", file);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return tl_fail(ctx, TL_ELOCKED, "%s: another program is writing to it", file);
    if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
        return tl_fail(ctx, TL_EIO, "%s: cannot be read", file);
    return tl_fail(ctx, TL_EDATA, "%s: not an MBTiles file that can be read: %.200s", file,
                   db != NULL ? sqlite3_errmsg(db) : "");
}

static void handle_free(struct handle *handle)
{
    if (handle == NULL)
        return;
    sqlite3_finalize(handle->tile);
    sqlite3_close_v2(handle->db);
    tl_free(handle);
}

static tl_err handle_open(struct tl_ctx *ctx, const char *path, struct handle **handle)
{
    struct handle *made = NULL;
    char set[128];
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    if (sqlite3_open_v2(path, &made->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        TL_TRY(fail(ctx, path, made->db));
    sqlite3_db_config(made->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(made->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_limit(made->db, SQLITE_LIMIT_LENGTH, TL_MBTILES_TILE_MAX + 1024);
    sqlite3_limit(made->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_timeout(made->db, BUSY_MS);
    snprintf(set, sizeof set,
             "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -%d; "
             "PRAGMA temp_store = MEMORY",
             CACHE_KIB);
    made->until_s = tl_clock_s() + TL_MBTILES_QUERY_S;
    sqlite3_progress_handler(made->db, STEPS, late, made);
    if (sqlite3_exec(made->db, set, NULL, NULL, NULL) != SQLITE_OK)
        TL_TRY(fail(ctx, path, made->db));
    sqlite3_set_authorizer(made->db, allow, NULL);
    if (sqlite3_prepare_v2(made->db,
                           "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? "
                           "AND tile_row = ?",
                           -1, &made->tile, NULL) != SQLITE_OK)
        TL_TRY(fail(ctx, path, made->db));
    *handle = made;
    made = NULL;
done:
    handle_free(made);
    return err;
}

static tl_err take(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, struct handle **handle)
{
    struct handle *found = NULL;
    pthread_mutex_lock(&mbtiles->lock);
    if (mbtiles->n > 0)
        found = mbtiles->free[--mbtiles->n];
    pthread_mutex_unlock(&mbtiles->lock);
    if (found == NULL) {
        tl_err err = handle_open(ctx, mbtiles->path, &found);
        if (err != TL_OK)
            return err;
    }
    found->until_s = tl_clock_s() + TL_MBTILES_QUERY_S;
    *handle = found;
    return TL_OK;
}

static void give(struct tl_mbtiles *mbtiles, struct handle *handle)
{
    if (handle == NULL)
        return;
    sqlite3_reset(handle->tile);
    pthread_mutex_lock(&mbtiles->lock);
    bool kept = mbtiles->n < HANDLES;
    if (kept)
        mbtiles->free[mbtiles->n++] = handle;
    pthread_mutex_unlock(&mbtiles->lock);
    if (!kept)
        handle_free(handle);
}

tl_err tl_mbtiles_open(struct tl_ctx *ctx, const char *path, struct tl_mbtiles **mbtiles)
{
    struct tl_mbtiles *made = NULL;
    struct handle *handle = NULL;
    struct stat facts;
    tl_err err = TL_OK;
    if (stat(path, &facts) != 0)
        return tl_fail(ctx, errno == ENOENT || errno == ENOTDIR ? TL_ENOTFOUND : TL_EIO, "%s: %s",
                       path, strerror(errno));
    TL_TRY_ALLOC(ctx, made, 1);
    pthread_mutex_init(&made->lock, NULL);
    made->path = tl_strdup(ctx, path);
    if (made->path == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    TL_TRY(take(ctx, made, &handle));
    give(made, handle);
    *mbtiles = made;
    made = NULL;
done:
    tl_mbtiles_close(made);
    return err;
}

void tl_mbtiles_close(struct tl_mbtiles *mbtiles)
{
    if (mbtiles == NULL)
        return;
    for (int i = 0; i < mbtiles->n; i++)
        handle_free(mbtiles->free[i]);
    pthread_mutex_destroy(&mbtiles->lock);
    tl_free(mbtiles->path);
    tl_free(mbtiles);
}

/* One statement's first row, if any. */
static tl_err first_row(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, struct handle *handle,
                        sqlite3_stmt *stmt, bool *there)
{
    int code = sqlite3_step(stmt);
    *there = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? TL_OK : fail(ctx, mbtiles->path, handle->db);
}

tl_err tl_mbtiles_metadata(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, const char *name,
                           char **value)
{
    struct handle *handle = NULL;
    sqlite3_stmt *stmt = NULL;
    char *copy = NULL;
    bool there = false;
    tl_err err = TL_OK;
    TL_TRY(take(ctx, mbtiles, &handle));
    /* The table is asked for by the specification and left out by some writers: then nothing is known. */
    if (sqlite3_prepare_v2(handle->db, "SELECT value FROM metadata WHERE name = ?", -1, &stmt,
                           NULL) == SQLITE_OK) {
        tl_sql_bind_text(stmt, 1, name);
        TL_TRY(first_row(ctx, mbtiles, handle, stmt, &there));
    }
    const char *text = there ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
    int n = there ? sqlite3_column_bytes(stmt, 0) : 0;
    if (text != NULL) {
        if (n > VALUE_MAX || strlen(text) != (size_t)n || !tl_text_is_utf8(text, n))
            TL_THROW(ctx, TL_EDATA,
                     "%s: the metadata's \"%s\" is no text of at most %d bytes in UTF-8",
                     tl_store_file_name(mbtiles->path), name, VALUE_MAX);
        copy = tl_strdup(ctx, text);
        if (copy == NULL)
            err = TL_ENOMEM;
    }
    if (err == TL_OK)
        *value = copy;
done:
    sqlite3_finalize(stmt);
    give(mbtiles, handle);
    return err;
}

static tl_err zoom_end(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, struct handle *handle,
                       const char *sql, int *zoom)
{
    sqlite3_stmt *stmt = NULL;
    bool there = false;
    tl_err err = TL_OK;
    if (sqlite3_prepare_v2(handle->db, sql, -1, &stmt, NULL) != SQLITE_OK)
        TL_TRY(fail(ctx, mbtiles->path, handle->db));
    TL_TRY(first_row(ctx, mbtiles, handle, stmt, &there));
    int found = there ? sqlite3_column_int(stmt, 0) : -1;
    if (found < 0 || found > TL_MBTILES_ZOOM_MAX)
        TL_THROW(ctx, TL_EDATA, "%s: %s", tl_store_file_name(mbtiles->path),
                 there ? "has tiles at zooms that cannot be" : "has no tiles");
    *zoom = found;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_mbtiles_zooms(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, int *min, int *max)
{
    struct handle *handle = NULL;
    int low = 0, high = 0;
    tl_err err = TL_OK;
    TL_TRY(take(ctx, mbtiles, &handle));
    TL_TRY(zoom_end(ctx, mbtiles, handle,
                    "SELECT zoom_level FROM tiles ORDER BY zoom_level LIMIT 1", &low));
    TL_TRY(zoom_end(ctx, mbtiles, handle,
                    "SELECT zoom_level FROM tiles ORDER BY zoom_level DESC LIMIT 1", &high));
    *min = low;
    *max = high;
done:
    give(mbtiles, handle);
    return err;
}

static tl_err add_bytes(struct tl_ctx *ctx, const struct tl_mbtiles *mbtiles, sqlite3_stmt *stmt,
                        struct tl_buf *bytes)
{
    if (sqlite3_column_type(stmt, 0) != SQLITE_BLOB)
        return tl_fail(ctx, TL_EDATA, "%s: a tile is no bytes", tl_store_file_name(mbtiles->path));
    const void *found = sqlite3_column_blob(stmt, 0);
    int n = sqlite3_column_bytes(stmt, 0);
    if (n > TL_MBTILES_TILE_MAX)
        return tl_fail(ctx, TL_EDATA, "%s: a tile has %d bytes, expected at most %d",
                       tl_store_file_name(mbtiles->path), n, TL_MBTILES_TILE_MAX);
    return n > 0 ? tl_buf_add_bytes(ctx, bytes, found, n) : TL_OK;
}

tl_err tl_mbtiles_tile(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, int z, int64_t x, int64_t y,
                       struct tl_buf *bytes, bool *there)
{
    struct handle *handle = NULL;
    bool found = false;
    tl_err err = TL_OK;
    if (z < 0 || z > TL_MBTILES_ZOOM_MAX || x < 0 || y < 0 || x >> z != 0 || y >> z != 0) {
        *there = false;
        return TL_OK;
    }
    TL_TRY(take(ctx, mbtiles, &handle));
    sqlite3_bind_int(handle->tile, 1, z);
    sqlite3_bind_int64(handle->tile, 2, x);
    sqlite3_bind_int64(handle->tile, 3, (INT64_C(1) << z) - 1 - y); /* rows from the south */
    TL_TRY(first_row(ctx, mbtiles, handle, handle->tile, &found));
    if (found)
        TL_TRY(add_bytes(ctx, mbtiles, handle->tile, bytes));
    *there = found;
done:
    give(mbtiles, handle);
    return err;
}

tl_err tl_mbtiles_any(struct tl_ctx *ctx, struct tl_mbtiles *mbtiles, struct tl_buf *bytes,
                      bool *there)
{
    struct handle *handle = NULL;
    sqlite3_stmt *stmt = NULL;
    bool found = false;
    tl_err err = TL_OK;
    TL_TRY(take(ctx, mbtiles, &handle));
    if (sqlite3_prepare_v2(handle->db, "SELECT tile_data FROM tiles LIMIT 1", -1, &stmt, NULL) !=
        SQLITE_OK)
        TL_TRY(fail(ctx, mbtiles->path, handle->db));
    TL_TRY(first_row(ctx, mbtiles, handle, stmt, &found));
    if (found)
        TL_TRY(add_bytes(ctx, mbtiles, stmt, bytes));
    *there = found;
done:
    sqlite3_finalize(stmt);
    give(mbtiles, handle);
    return err;
}
