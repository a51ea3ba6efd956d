/*
 * Opening, closing and transactions. The journal is SQLite's rollback journal (DELETE) with synchronous = FULL: a WAL does not
 * work on network shares, leaves two more files beside the project that people forget to copy, and gains nothing for one
 * writer. Killed at any moment, the next opening rolls back to the old state. The lock is taken at `begin` (BEGIN IMMEDIATE),
 * so that work is never done in vain.
 */
#include "store/store.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/migrate.h"
#include "tilth/decision.h"

enum { CACHE_KIB = 65536 };

void tl_store_now(char at[32])
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(at, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* What a file is that is not a project, by its first bytes. */
static const char *guess(const uint8_t *head, size_t n)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *words;
    } known[] = {{"\x89PNG", 4, "a PNG image"},
                 {"PK\x03\x04", 4, "a ZIP archive (XLSX, KMZ, ...)"},
                 {"\xff\xd8\xff", 3, "a JPEG image"},
                 {"%PDF", 4, "a PDF"},
                 {"II*", 4, "a TIFF image"},
                 {"MM\0*", 4, "a TIFF image"},
                 {"\0\0\x27\x0a", 4, "a Shapefile"},
                 {"<?xml", 5, "an XML file"},
                 {"{", 1, "a JSON file"}};
    if (n == 0)
        return "an empty file";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (n >= known[i].n && memcmp(head, known[i].magic, known[i].n) == 0)
            return known[i].words;
    for (size_t i = 0; i < n; i++)
        if (head[i] < 9)
            return "a file of an unknown kind";
    return "a text file";
}

static tl_err look(struct tl_ctx *ctx, const char *path)
{
    uint8_t head[72];
    struct stat facts;
    if (stat(path, &facts) != 0)
        return tl_fail(ctx, errno == ENOENT || errno == ENOTDIR ? TL_ENOTFOUND : TL_EIO, "%s: %s",
                       path, errno == ENOENT ? "there is no such project" : strerror(errno));
    if (!S_ISREG(facts.st_mode)) /* a pipe would be waited for without an end */
        return tl_fail(ctx, TL_EDATA, "%s: not a project but %s", path,
                       S_ISDIR(facts.st_mode) ? "a folder" : "no file at all");
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return tl_fail(ctx, TL_EIO, "%s: %s", path, strerror(errno));
    size_t n = fread(head, 1, sizeof head, file);
    fclose(file);
    if (n < sizeof head || memcmp(head, "SQLite format 3", 16) != 0)
        return tl_fail(ctx, TL_EDATA, "%s: not a project but %s", path, guess(head, n));
    if (memcmp(head + 68, "GPKG", 4) != 0)
        return tl_fail(ctx, TL_EDATA,
                       "%s: not a project but an SQLite database that is no GeoPackage", path);
    return TL_OK;
}

/* May the file and its folder (where the journal goes) be written? */
static tl_err look_writable(struct tl_ctx *ctx, const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s",
             slash == NULL   ? 1
             : slash == path ? 1
                             : (int)(slash - path),
             slash == NULL ? "." : path);
    if (access(path, W_OK) != 0)
        return tl_fail(ctx, TL_EREADONLY, "%s: the project may only be read (%s)", path,
                       strerror(errno));
    if (access(folder, W_OK) != 0)
        return tl_fail(ctx, TL_EREADONLY,
                       "%s: its folder may not be written (%s), and changes need a journal there",
                       path, strerror(errno));
    return TL_OK;
}

/*
 * A program that was killed leaves a journal, and who reads must roll back first: that needs a moment's write. Where it may
 * not be written the old state cannot be shown, and saying "may only be read" to a reader would be a riddle.
 */
static tl_err roll_back_left_journal(struct tl_ctx *ctx, const char *path, int wait_ms)
{
    char journal[4200];
    int64_t there = 0;
    sqlite3 *db = NULL;
    tl_err err = TL_OK;
    if (snprintf(journal, sizeof journal, "%s-journal", path) >= (int)sizeof journal ||
        access(journal, F_OK) != 0)
        return TL_OK;
    if (look_writable(ctx, path) != TL_OK)
        return tl_fail(ctx, TL_EREADONLY,
                       "%s: a change to it was cut short (%s is there) and has to be rolled back "
                       "first, but the file or its folder may only be read",
                       path, tl_store_file_name(journal));
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, db, "opening"));
    sqlite3_busy_timeout(db, wait_ms);
    TL_TRY(tl_sql_int(ctx, db, "SELECT count(*) FROM sqlite_schema", 0, &there));
done:
    sqlite3_close_v2(db);
    return err;
}

static tl_err connect(struct tl_ctx *ctx, struct tl_project *project, int wait_ms)
{
    bool write = project->mode == TL_PROJECT_WRITE;
    int flags = (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    tl_err err = TL_OK;
    if (!write)
        TL_TRY(roll_back_left_journal(ctx, project->path, wait_ms));
    if (sqlite3_open_v2(project->path, &project->db, flags, NULL) != SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, project->db, "opening"));
    sqlite3_extended_result_codes(project->db, 1);
    sqlite3_busy_timeout(project->db, wait_ms);
    sqlite3_db_config(project->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    TL_TRY(tl_gpb_register(ctx, project->db));
    TL_TRY(tl_sql_execf(
        ctx, project->db,
        "PRAGMA foreign_keys = ON; PRAGMA cache_size = -%d; PRAGMA synchronous = FULL; "
        "PRAGMA temp_store = FILE; PRAGMA secure_delete = OFF",
        CACHE_KIB));
    project->triggers = true;
done:
    return err;
}

/* The tables that make a GeoPackage a project, and its version. */
static tl_err identify(struct tl_ctx *ctx, struct tl_project *project)
{
    int64_t there = 0, version = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_int(
        ctx, project->db,
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'tilth_project'", 0,
        &there));
    if (there == 0)
        TL_THROW(ctx, TL_EDATA, "%s: a GeoPackage, but not a project of tilth", project->path);
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT schema_version FROM tilth_project", 0, &version));
    if (version > TL_STORE_VERSION)
        TL_THROW(
            ctx, TL_EVERSION,
            "%s: made by a newer program: its schema is version %lld, this program knows up to %d",
            project->path, (long long)version, TL_STORE_VERSION);
    if (version < 1)
        TL_THROW(ctx, TL_EDATA, "%s: its schema has no version", project->path);
    if (version < TL_STORE_VERSION && project->mode != TL_PROJECT_WRITE)
        TL_THROW(ctx, TL_EVERSION,
                 "%s: made by an older program: its schema is version %lld, this program's is %d; "
                 "any command that writes to it (import, map, serve) brings it forward",
                 project->path, (long long)version, TL_STORE_VERSION);
    if (version < TL_STORE_VERSION)
        TL_TRY(tl_migrate(ctx, project->db, tl_migrations, TL_STORE_VERSION));
done:
    return err;
}

static tl_err load(struct tl_ctx *ctx, struct tl_project *project)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT x0_m, y0_m, step_m, n_x, n_y, west, south, east, north, crs, title FROM "
        "tilth_project",
        &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_EDATA, "%s: the project's own row is missing", project->path);
    project->grid.x0_m = sqlite3_column_double(stmt, 0);
    project->grid.y0_m = sqlite3_column_double(stmt, 1);
    project->grid.step_m = sqlite3_column_double(stmt, 2);
    project->grid.n_x = sqlite3_column_int64(stmt, 3);
    project->grid.n_y = sqlite3_column_int64(stmt, 4);
    for (int i = 0; i < 4; i++)
        project->area_deg[i] = sqlite3_column_double(stmt, 5 + i);
    TL_TRY(tl_sql_copy(ctx, stmt, 9, &project->crs));
    TL_TRY(tl_sql_copy(ctx, stmt, 10, &project->title));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err default_actor(struct tl_ctx *ctx, struct tl_project *project)
{
    char host[128] = "?", actor[512], name[128], room[4096];
    struct passwd facts, *found = NULL;
    snprintf(name, sizeof name, "uid%ld", (long)getuid());
    if (getpwuid_r(getuid(), &facts, room, sizeof room, &found) == 0 && found != NULL)
        snprintf(name, sizeof name, "%s", facts.pw_name);
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "?");
    snprintf(actor, sizeof actor, "%s@%s", name, host);
    project->actor = tl_strdup(ctx, actor);
    return project->actor == NULL ? TL_ENOMEM : TL_OK;
}

/*
 * QGIS works in WAL mode and leaves a file so when it is killed. While it has the file open the mode stays, and that is fine too:
 * a transaction is whole in either.
 */
static tl_err journal(struct tl_ctx *ctx, struct tl_project *project, int wait_ms)
{
    char *mode = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_get_text(ctx, project->db, "PRAGMA journal_mode", &mode));
    if (mode != NULL && strcmp(mode, "wal") == 0) {
        sqlite3_busy_timeout(project->db, 0);
        sqlite3_exec(project->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
        sqlite3_busy_timeout(project->db, wait_ms);
    }
done:
    tl_free(mode);
    return err;
}

const char *tl_store_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Renamed or copied since the embedded QGIS project was written? */
static tl_err was_renamed(struct tl_ctx *ctx, struct tl_project *project, bool *renamed)
{
    char *file = NULL;
    tl_err err = tl_sql_get_text(ctx, project->db,
                                 "SELECT value FROM tilth_state WHERE key = 'qgis_file'", &file);
    if (err == TL_OK)
        *renamed = file == NULL || strcmp(file, tl_store_file_name(project->path)) != 0;
    tl_free(file);
    return err;
}

/*
 * What opening for writing puts in order: lines from outside are sealed and looked through for what lies in released areas, a
 * renamed file gets a new QGIS project. Where nothing is to be done, nothing is written.
 */
static tl_err settle(struct tl_ctx *ctx, struct tl_project *project, int wait_ms)
{
    int64_t sealed = 0, last = 0;
    int64_t n_raised = 0;
    bool renamed = false;
    tl_err err = TL_OK;
    TL_TRY(journal(ctx, project, wait_ms));
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT max(last_id) FROM log_seal", 0, &sealed));
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT max(id) FROM log", 0, &last));
    TL_TRY(was_renamed(ctx, project, &renamed));
    if (last <= sealed && !renamed)
        return TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    if (renamed)
        TL_TRY(
            tl_qgis_write(ctx, project->db,
                          &(struct tl_qgis){.file = tl_store_file_name(project->path),
                                            .title = project->title != NULL ? project->title : "",
                                            .crs = project->crs,
                                            .grid = project->grid}));
    if (last > sealed)
        TL_TRY(tl_decision_watch(ctx, project, &n_raised));
    TL_TRY(tl_project_commit(ctx, project));
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    return err;
}

tl_err tl_project_open_wait(struct tl_ctx *ctx, const char *path, enum tl_project_mode mode,
                            int wait_ms, struct tl_project **project)
{
    struct tl_project *made = NULL;
    tl_err err = TL_OK;
    TL_TRY(look(ctx, path));
    if (mode == TL_PROJECT_WRITE)
        TL_TRY(look_writable(ctx, path));
    TL_TRY_ALLOC(ctx, made, 1);
    made->mode = mode;
    made->path = tl_strdup(ctx, path);
    if (made->path == NULL) {
        err = TL_ENOMEM;
        goto done;
    }
    TL_TRY(default_actor(ctx, made));
    TL_TRY(connect(ctx, made, wait_ms));
    TL_TRY(identify(ctx, made));
    TL_TRY(load(ctx, made));
    if (mode == TL_PROJECT_WRITE)
        TL_TRY(settle(ctx, made, wait_ms));
    *project = made;
    made = NULL;
done:
    tl_project_close(made);
    return err;
}

tl_err tl_project_open(struct tl_ctx *ctx, const char *path, enum tl_project_mode mode,
                       struct tl_project **project)
{
    return tl_project_open_wait(ctx, path, mode, TL_STORE_WAIT_MS, project);
}

void tl_project_close(struct tl_project *project)
{
    if (project == NULL)
        return;
    tl_project_rollback(project);
    for (int k = 0; k < TL_KIND_COUNT; k++)
        tl_puts_fini(&project->puts[k]);
    sqlite3_finalize(project->log_insert);
    sqlite3_finalize(project->seal_insert);
    sqlite3_finalize(project->refuse);
    sqlite3_finalize(project->finding);
    sqlite3_finalize(project->last_line);
    sqlite3_close_v2(project->db);
    tl_free(project->path);
    tl_free(project->crs);
    tl_free(project->title);
    tl_free(project->actor);
    tl_buf_fini(&project->json);
    tl_buf_fini(&project->geom);
    tl_buf_fini(&project->scratch);
    tl_free(project);
}

void tl_project_set_cache(struct tl_project *project, int64_t bytes)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA cache_size = -%lld",
             (long long)(bytes < 65536 ? 64 : bytes / 1024));
    sqlite3_exec(project->db, sql, NULL, NULL,
                 NULL); /* a wish: it cannot fail in a way that matters */
}

const char *tl_project_title(const struct tl_project *project)
{
    return project->title != NULL ? project->title : "";
}

const char *tl_project_path(const struct tl_project *project)
{
    return project->path;
}

const char *tl_project_crs(const struct tl_project *project)
{
    return project->crs;
}

struct tl_grid tl_project_grid(const struct tl_project *project)
{
    return project->grid;
}

void tl_project_area_deg(const struct tl_project *project, double area_deg[4])
{
    memcpy(area_deg, project->area_deg, sizeof project->area_deg);
}

tl_err tl_project_area(struct tl_ctx *ctx, struct tl_project *project, void **wkb,
                       int64_t *wkb_bytes)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    int64_t n = 0;
    uint8_t *copy = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT geom FROM area ORDER BY id LIMIT 1", &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    const void *found =
        row ? tl_gpb_wkb(sqlite3_column_blob(stmt, 0), sqlite3_column_bytes(stmt, 0), &n) : NULL;
    if (found == NULL)
        TL_THROW(ctx, TL_EDATA, "%s: the layer \"area\" holds no area of interest", project->path);
    TL_TRY_ALLOC(ctx, copy, n);
    memcpy(copy, found, (size_t)n);
    *wkb = copy;
    *wkb_bytes = n;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_store_writing(struct tl_ctx *ctx, struct tl_project *project)
{
    if (project->mode != TL_PROJECT_WRITE)
        return tl_fail(ctx, TL_EREADONLY, "%s: was opened for reading only", project->path);
    if (!project->in_transaction)
        return tl_fail(ctx, TL_EBUG, "%s: a write outside a transaction", project->path);
    return TL_OK;
}

tl_err tl_project_begin(struct tl_ctx *ctx, struct tl_project *project)
{
    tl_err err = TL_OK;
    if (project->mode != TL_PROJECT_WRITE)
        return tl_fail(ctx, TL_EREADONLY, "%s: was opened for reading only", project->path);
    if (project->in_transaction)
        return tl_fail(ctx, TL_EBUG, "%s: a transaction inside a transaction", project->path);
    TL_TRY(tl_sql_exec(ctx, project->db, "BEGIN IMMEDIATE"));
    project->in_transaction = true;
    tl_store_now(project->at);
    TL_TRY(tl_log_load(ctx, project));
    TL_TRY(tl_log_seal(ctx, project, true));
    TL_TRY(tl_sql_execf(ctx, project->db, "INSERT OR REPLACE INTO tilth_state VALUES ('actor', %Q)",
                        project->actor));
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    return err;
}

tl_err tl_project_commit(struct tl_ctx *ctx, struct tl_project *project)
{
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_puts_flush(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_log_seal(ctx, project, false));
    TL_TRY(tl_sql_exec(ctx, project->db, "DELETE FROM tilth_state WHERE key = 'actor'"));
    TL_TRY(tl_sql_exec(ctx, project->db, "COMMIT"));
    project->in_transaction = false;
done:
    return err;
}

void tl_project_rollback(struct tl_project *project)
{
    if (project == NULL || !project->in_transaction)
        return;
    if (sqlite3_get_autocommit(project->db) ==
        0) /* SQLite itself rolls back when the disk is full */
        sqlite3_exec(project->db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_db_config(project->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
    project->triggers = true;
    project->in_transaction = false;
    tl_puts_forget(project);
}

tl_err tl_project_set_actor(struct tl_ctx *ctx, struct tl_project *project, const char *actor)
{
    char *copy = tl_strdup(ctx, actor);
    tl_err err = TL_OK;
    if (copy == NULL)
        return TL_ENOMEM;
    if (project->in_transaction)
        TL_TRY(tl_sql_execf(ctx, project->db,
                            "INSERT OR REPLACE INTO tilth_state VALUES ('actor', %Q)", copy));
    tl_free(project->actor);
    project->actor = copy;
    copy = NULL;
done:
    tl_free(copy);
    return err;
}
