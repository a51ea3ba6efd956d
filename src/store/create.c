/*
 * Making a project: built in a file beside its place, then moved there, so that it appears whole or not at all. A journal that
 * a killed program left beside an older file of the same name goes with that file: it would be played into the new one.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static tl_err fill(struct tl_ctx *ctx, sqlite3 *db, const char *path,
                   const struct tl_project_new *options)
{
    const struct tl_grid *grid = &options->grid;
    const char *name = tl_store_file_name(path);
    sqlite3_stmt *stmt = NULL;
    struct tl_buf geom = {0};
    struct tl_gpb_box box;
    char title[256];
    tl_err err = TL_OK;
    int n = (int)strlen(name);
    snprintf(title, sizeof title, "%.*s", n > 5 && strcmp(name + n - 5, ".gpkg") == 0 ? n - 5 : n,
             name);
    TL_TRY(tl_sql_prepare(
        ctx, db,
        "INSERT INTO tilth_project VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
        "?12, ?13)",
        &stmt));
    sqlite3_bind_int(stmt, 1, TL_STORE_VERSION);
    tl_sql_bind_text(stmt, 2, TILTH_VERSION);
    tl_sql_bind_text(stmt, 3, options->title != NULL ? options->title : title);
    tl_sql_bind_text(stmt, 4, options->crs);
    sqlite3_bind_double(stmt, 5, grid->x0_m);
    sqlite3_bind_double(stmt, 6, grid->y0_m);
    sqlite3_bind_double(stmt, 7, grid->step_m);
    sqlite3_bind_int64(stmt, 8, grid->n_x);
    sqlite3_bind_int64(stmt, 9, grid->n_y);
    for (int i = 0; i < 4; i++)
        sqlite3_bind_double(stmt, 10 + i, options->area_deg[i]);
    TL_TRY(tl_sql_run(ctx, stmt));
    sqlite3_finalize(stmt);
    stmt = NULL;
    if (options->area_wkb != NULL) {
        TL_TRY(tl_gpb_make(ctx, TL_GPB_POLYGON, options->area_wkb, options->area_wkb_bytes, &geom,
                           &box));
        TL_TRY(tl_sql_prepare(
            ctx, db, "INSERT INTO area (geom, title) VALUES (?1, 'area of interest')", &stmt));
        tl_sql_bind_blob(stmt, 1, geom.text, geom.size_bytes);
        TL_TRY(tl_sql_run(ctx, stmt));
    }
    TL_TRY(tl_qgis_write(ctx, db,
                         &(struct tl_qgis){.file = name,
                                           .title = options->title != NULL ? options->title : title,
                                           .crs = options->crs,
                                           .grid = *grid}));
    TL_TRY(tl_sql_execf(
        ctx, db,
        "UPDATE gpkg_contents SET min_x = %!.17g, min_y = %!.17g, max_x = %!.17g, max_y = "
        "%!.17g WHERE table_name = 'area'",
        options->area_deg[0], options->area_deg[1], options->area_deg[2], options->area_deg[3]));
done:
    sqlite3_finalize(stmt);
    tl_buf_fini(&geom);
    return err;
}

/* Seals the lines that creation wrote, as ours: through a project that stands on this connection. */
static tl_err seal(struct tl_ctx *ctx, sqlite3 *db)
{
    struct tl_project *project = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, project, 1);
    project->db = db;
    tl_store_now(project->at);
    TL_TRY(tl_log_load(ctx, project));
    TL_TRY(tl_log_seal(ctx, project, false));
done:
    if (project != NULL) {
        sqlite3_finalize(project->seal_insert);
        tl_buf_fini(&project->scratch);
    }
    tl_free(project);
    return err;
}

static tl_err build(struct tl_ctx *ctx, const char *aside, const char *path,
                    const struct tl_project_new *options)
{
    sqlite3 *db = NULL;
    tl_err err = TL_OK;
    if (sqlite3_open_v2(aside, &db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        TL_THROW(ctx, TL_EIO, "there is no such folder, or it may not be written to");
    TL_TRY(tl_gpb_register(ctx, db));
    TL_TRY(tl_sql_exec(
        ctx, db,
        "PRAGMA page_size = 4096; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL; BEGIN"));
    TL_TRY(tl_schema_create(ctx, db));
    TL_TRY(tl_sql_exec(ctx, db, "INSERT INTO tilth_state VALUES ('actor', 'tilth')"));
    TL_TRY(fill(ctx, db, path, options));
    TL_TRY(tl_method_create(ctx, db));
    TL_TRY(tl_style_create(ctx, db));
    TL_TRY(seal(ctx, db));
    TL_TRY(tl_sql_exec(ctx, db, "DELETE FROM tilth_state WHERE key = 'actor'; COMMIT"));
done:
    sqlite3_close_v2(db);
    return err;
}

static void sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s",
             slash == NULL || slash == path ? 1 : (int)(slash - path), slash == NULL ? "." : path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

static tl_err move(struct tl_ctx *ctx, const char *aside, const char *path, bool overwrite)
{
    static const char *const beside[] = {"-journal", "-wal", "-shm"};
    char other[4200];
    if (!overwrite &&
        link(aside, path) == 0) { /* fails when the name is taken, without a gap in time */
        unlink(aside);
        sync_folder(path);
        return TL_OK;
    }
    if (!overwrite && (errno == EEXIST || access(path, F_OK) == 0))
        return tl_fail(ctx, TL_EEXISTS, "%s: exists already; --overwrite replaces it", path);
    for (int i = 0; i < 3 && overwrite; i++) {
        snprintf(other, sizeof other, "%s%s", path, beside[i]);
        unlink(other);
    }
    if (rename(aside, path) != 0)
        return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(errno));
    sync_folder(path);
    return TL_OK;
}

/* A file that another program is writing is not replaced under its hands. */
static tl_err not_in_use(struct tl_ctx *ctx, const char *path)
{
    sqlite3 *db = NULL;
    tl_err err = TL_OK;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        int code = sqlite3_exec(db, "BEGIN EXCLUSIVE; ROLLBACK", NULL, NULL, NULL);
        if ((code & 0xff) == SQLITE_BUSY)
            err = tl_sql_fail(ctx, db, "replacing");
    }
    sqlite3_close_v2(db);
    return err;
}

tl_err tl_project_create(struct tl_ctx *ctx, const char *path, const struct tl_project_new *options)
{
    char aside[4096];
    struct stat facts;
    bool there = stat(path, &facts) == 0;
    tl_err err = TL_OK;
    if (there && S_ISDIR(facts.st_mode))
        return tl_fail(ctx, TL_EEXISTS, "%s: is a folder", path);
    if (there && !options->overwrite)
        return tl_fail(ctx, TL_EEXISTS, "%s: exists already; --overwrite replaces it", path);
    if (snprintf(aside, sizeof aside, "%s.part%ld", path, (long)getpid()) >= (int)sizeof aside)
        return tl_fail(ctx, TL_EUSAGE, "%s: the path is too long", path);
    if (there)
        TL_TRY(not_in_use(ctx, path));
    unlink(aside);
    err = build(ctx, aside, path, options);
    if (err == TL_EIO || err == TL_EREADONLY)
        err = tl_fail_at(ctx, TL_EIO, "%s: cannot be created", path);
    if (err == TL_OK)
        err = move(ctx, aside, path, options->overwrite);
    if (err != TL_OK)
        unlink(aside);
done:
    return err;
}
