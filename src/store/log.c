/*
 * The log: a line per change, written by triggers of plain SQL (so that edits made in QGIS are logged too) or, for records put in
 * bulk, by us. SQLite's SQL has no hash, so lines are sealed by the program: at each commit its own, and when it next writes
 * those that came from outside. A seal covers up to 1024 lines of consecutive ids; it keeps 128 bits of each line's BLAKE2b (so
 * that an altered line is named, not only noticed) and the SHA-256 of (previous seal, ids, origin, time, digests). The head is
 * kept a second time in tilth_state, so that a cut-off tail is seen. Somebody who makes the whole chain anew cannot be seen
 * from the file alone: note the head that `info` prints elsewhere.
 *
 * Lines are digested with BLAKE2b because a line of 330 bytes takes 0.6 us so, and 1.0 us with libsodium's SHA-256.
 * One row a line for the hashes was weighed and left: it doubles the rows; one hash a block without digests says only "somewhere
 * in these 1024 lines".
 */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "tilth/log.h"

tl_err tl_log_create(struct tl_ctx *ctx, sqlite3 *db)
{
    return tl_sql_exec(
        ctx, db,
        "CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, at TEXT NOT NULL, actor "
        "TEXT NOT "
        "NULL, table_name TEXT NOT NULL, record_id INTEGER NOT NULL, op TEXT NOT NULL, \"before\" "
        "TEXT, \"after\" "
        "TEXT, geom_before BLOB, geom_after BLOB);"
        "CREATE TABLE log_seal (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, first_id INTEGER "
        "NOT NULL, "
        "last_id INTEGER NOT NULL, origin TEXT NOT NULL, at TEXT NOT NULL, digests BLOB NOT NULL, "
        "hash BLOB "
        "NOT NULL);"
        "CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is "
        "append-only'); END;"
        "CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is "
        "append-only'); END;"
        "CREATE TRIGGER log_seal_no_update BEFORE UPDATE ON log_seal BEGIN SELECT RAISE(ABORT, "
        "'the log is "
        "append-only'); END;"
        "CREATE TRIGGER log_seal_no_delete BEFORE DELETE ON log_seal BEGIN SELECT RAISE(ABORT, "
        "'the log is "
        "append-only'); END;");
}

/* A geometry is kept where it came, changed or went. */
static tl_err geometry(struct tl_ctx *ctx, struct tl_buf *sql, const char *row, bool both)
{
    if (row == NULL)
        return tl_buf_add(ctx, sql, "NULL");
    if (!both)
        return tl_buf_printf(ctx, sql, "%s.geom", row);
    return tl_buf_printf(ctx, sql, "CASE WHEN OLD.geom IS NOT NEW.geom THEN %s.geom END", row);
}

/* One trigger: `before` and `after` say which rows there are. Nulls are left out of the JSON by json_patch. */
static tl_err watch(struct tl_ctx *ctx, sqlite3 *db, const char *table, bool has_geom,
                    const char *op, const char *then)
{
    struct tl_buf old = {0}, new = {0}, sql = {0};
    bool before = strcmp(op, "insert") != 0, after = strcmp(op, "delete") != 0;
    tl_err err = TL_OK;
    TL_TRY(tl_schema_log_columns(ctx, db, table, "OLD", &old));
    TL_TRY(tl_schema_log_columns(ctx, db, table, "NEW", &new));
    TL_TRY(tl_buf_printf(ctx, &sql,
                         "CREATE TRIGGER \"log_%s_%s\" AFTER %s ON \"%s\" BEGIN INSERT INTO log "
                         "(at, actor, table_name, "
                         "record_id, op, \"before\", \"after\", geom_before, geom_after) VALUES "
                         "(strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', 'now'), COALESCE((SELECT value "
                         "FROM tilth_state WHERE key = "
                         "'actor'), 'outside'), '%s', %s.id, '%s', ",
                         table, op, op, table, table, after ? "NEW" : "OLD", op));
    TL_TRY(before ? tl_buf_printf(ctx, &sql, "json_patch('{}', json_object(%s)), ", old.text)
                  : tl_buf_add(ctx, &sql, "NULL, "));
    TL_TRY(after ? tl_buf_printf(ctx, &sql, "json_patch('{}', json_object(%s)), ", new.text)
                 : tl_buf_add(ctx, &sql, "NULL, "));
    TL_TRY(geometry(ctx, &sql, before && has_geom ? "OLD" : NULL, before && after));
    TL_TRY(tl_buf_add(ctx, &sql, ", "));
    TL_TRY(geometry(ctx, &sql, after && has_geom ? "NEW" : NULL, before && after));
    TL_TRY(tl_buf_printf(ctx, &sql, "); %sEND", then));
    TL_TRY(tl_sql_exec(ctx, db, sql.text));
done:
    tl_buf_fini(&old);
    tl_buf_fini(&new);
    tl_buf_fini(&sql);
    return err;
}

tl_err tl_log_watch(struct tl_ctx *ctx, sqlite3 *db, const char *table, bool has_geom,
                    const char *ops, const char *after_insert)
{
    tl_err err = TL_OK;
    for (const char *op = ops; *op != '\0' && err == TL_OK; op++)
        err = watch(ctx, db, table, has_geom,
                    *op == 'i'   ? "insert"
                    : *op == 'u' ? "update"
                                 : "delete",
                    *op == 'i' ? after_insert : "");
    return err;
}

static void put_int(uint8_t bytes[8], int64_t value)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
}

/* Each field with its length, so that no two lines give the same bytes; -1 for NULL. */
static tl_err add_field(struct tl_ctx *ctx, struct tl_buf *buf, const void *bytes, int64_t n)
{
    uint8_t length[8];
    put_int(length, bytes == NULL ? -1 : n);
    tl_err err = tl_buf_add_bytes(ctx, buf, length, 8);
    return err == TL_OK && bytes != NULL && n > 0 ? tl_buf_add_bytes(ctx, buf, bytes, n) : err;
}

static tl_err add_text(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    return add_field(ctx, buf, text, text == NULL ? 0 : (int64_t)strlen(text));
}

tl_err tl_log_digest(struct tl_ctx *ctx, struct tl_buf *buf, const struct tl_log_line *line,
                     uint8_t digest[TL_SEAL_DIGEST_BYTES])
{
    uint8_t ids[16];
    tl_err err = TL_OK;
    tl_buf_clear(buf);
    put_int(ids, line->id);
    put_int(ids + 8, line->record_id);
    TL_TRY(tl_buf_add_bytes(ctx, buf, ids, 16));
    TL_TRY(add_text(ctx, buf, line->at));
    TL_TRY(add_text(ctx, buf, line->actor));
    TL_TRY(add_text(ctx, buf, line->table));
    TL_TRY(add_text(ctx, buf, line->op));
    TL_TRY(add_text(ctx, buf, line->before));
    TL_TRY(add_text(ctx, buf, line->after));
    TL_TRY(add_field(ctx, buf, line->geom_before, line->geom_before_bytes));
    TL_TRY(add_field(ctx, buf, line->geom_after, line->geom_after_bytes));
    tl_hash_id(buf->text, buf->size_bytes, digest);
done:
    return err;
}

void tl_log_line_read(sqlite3_stmt *stmt, struct tl_log_line *line)
{
    line->id = sqlite3_column_int64(stmt, 0);
    line->at = (const char *)sqlite3_column_text(stmt, 1);
    line->actor = (const char *)sqlite3_column_text(stmt, 2);
    line->table = (const char *)sqlite3_column_text(stmt, 3);
    line->record_id = sqlite3_column_int64(stmt, 4);
    line->op = (const char *)sqlite3_column_text(stmt, 5);
    line->before = (const char *)sqlite3_column_text(stmt, 6);
    line->after = (const char *)sqlite3_column_text(stmt, 7);
    line->geom_before = sqlite3_column_blob(stmt, 8);
    line->geom_before_bytes = sqlite3_column_bytes(stmt, 8);
    line->geom_after = sqlite3_column_blob(stmt, 9);
    line->geom_after_bytes = sqlite3_column_bytes(stmt, 9);
}

void tl_log_hash(const uint8_t previous[TL_HASH_BYTES], const struct tl_seal_row *row,
                 uint8_t out[TL_HASH_BYTES])
{
    const struct {
        const void *bytes;
        int64_t n;
    } parts[] = {{row->origin, row->origin == NULL ? 0 : (int64_t)strlen(row->origin)},
                 {row->at, row->at == NULL ? 0 : (int64_t)strlen(row->at)},
                 {row->digests, row->digests_bytes}};
    struct tl_hash hash;
    uint8_t number[8];
    tl_hash_init(&hash);
    tl_hash_add(&hash, previous, TL_HASH_BYTES);
    put_int(number, row->first_id);
    tl_hash_add(&hash, number, 8);
    put_int(number, row->last_id);
    tl_hash_add(&hash, number, 8);
    for (int i = 0; i < 3; i++) {
        put_int(number, parts[i].n);
        tl_hash_add(&hash, number, 8);
        if (parts[i].n > 0)
            tl_hash_add(&hash, parts[i].bytes, parts[i].n);
    }
    tl_hash_done(&hash, out);
}

tl_err tl_log_load(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_seal *seal = &project->seal;
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    seal->last_id = seal->first_id = seal->n = seal->n_seals = 0;
    memset(seal->hash, 0, sizeof seal->hash);
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT id, last_id, hash FROM log_seal ORDER BY id DESC LIMIT 1",
                          &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row) {
        seal->n_seals = sqlite3_column_int64(stmt, 0);
        seal->last_id = sqlite3_column_int64(stmt, 1);
        if (sqlite3_column_bytes(stmt, 2) == TL_HASH_BYTES)
            memcpy(seal->hash, sqlite3_column_blob(stmt, 2), TL_HASH_BYTES);
    }
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT seq FROM sqlite_sequence WHERE name = 'log'", 0,
                      &project->log_sequence));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err close_block(struct tl_ctx *ctx, struct tl_project *project, bool outside)
{
    struct tl_seal *seal = &project->seal;
    const char *origin = outside ? "outside" : "tilth";
    uint8_t next[TL_HASH_BYTES];
    tl_err err = TL_OK;
    if (seal->n == 0)
        return TL_OK;
    if (project->seal_insert == NULL)
        TL_TRY(tl_sql_prepare(
            ctx, project->db,
            "INSERT INTO log_seal (first_id, last_id, origin, at, digests, hash) VALUES "
            "(?1, ?2, ?3, ?4, ?5, ?6)",
            &project->seal_insert));
    tl_log_hash(seal->hash,
                &(struct tl_seal_row){.first_id = seal->first_id,
                                      .last_id = seal->last_id,
                                      .origin = origin,
                                      .at = project->at,
                                      .digests = seal->digests,
                                      .digests_bytes = seal->n * TL_SEAL_DIGEST_BYTES},
                next);
    sqlite3_bind_int64(project->seal_insert, 1, seal->first_id);
    sqlite3_bind_int64(project->seal_insert, 2, seal->last_id);
    tl_sql_bind_text(project->seal_insert, 3, origin);
    tl_sql_bind_text(project->seal_insert, 4, project->at);
    tl_sql_bind_blob(project->seal_insert, 5, seal->digests, seal->n * TL_SEAL_DIGEST_BYTES);
    tl_sql_bind_blob(project->seal_insert, 6, next, TL_HASH_BYTES);
    TL_TRY(tl_sql_run(ctx, project->seal_insert));
    memcpy(seal->hash, next, sizeof next);
    seal->n_seals++;
    seal->n = 0;
done:
    return err;
}

/* Takes a line's digest into the block; a gap in the ids or a full block begins a new one. */
static tl_err take(struct tl_ctx *ctx, struct tl_project *project, const struct tl_log_line *line,
                   bool outside)
{
    struct tl_seal *seal = &project->seal;
    if (seal->n == TL_SEAL_LINES || (seal->n > 0 && line->id != seal->last_id + 1)) {
        tl_err err = close_block(ctx, project, outside);
        if (err != TL_OK)
            return err;
    }
    if (seal->n == 0)
        seal->first_id = line->id;
    tl_err err =
        tl_log_digest(ctx, &project->scratch, line, seal->digests + seal->n * TL_SEAL_DIGEST_BYTES);
    if (err != TL_OK)
        return err;
    seal->last_id = line->id;
    seal->n++;
    return TL_OK;
}

tl_err tl_log_catch_up(struct tl_ctx *ctx, struct tl_project *project, bool outside)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT id, at, actor, table_name, record_id, op, \"before\", \"after\", "
                          "geom_before, geom_after FROM log WHERE id > ?1 ORDER BY id",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, project->seal.last_id);
    for (;;) {
        struct tl_log_line line;
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        tl_log_line_read(stmt, &line);
        TL_TRY(take(ctx, project, &line, outside));
    }
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_log_add(struct tl_ctx *ctx, struct tl_project *project, struct tl_log_line *line)
{
    tl_err err = TL_OK;
    if (project->log_insert == NULL)
        TL_TRY(tl_sql_prepare(ctx, project->db,
                              "INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                              &project->log_insert));
    sqlite3_stmt *stmt = project->log_insert;
    /* sqlite_sequence remembers lines that were cut off at the end: their ids are not given again */
    line->id = (project->seal.last_id > project->log_sequence ? project->seal.last_id
                                                              : project->log_sequence) +
               1;
    line->at = project->at;
    line->actor = project->actor;
    sqlite3_bind_int64(stmt, 1, line->id);
    tl_sql_bind_text(stmt, 2, line->at);
    tl_sql_bind_text(stmt, 3, line->actor);
    tl_sql_bind_text(stmt, 4, line->table);
    sqlite3_bind_int64(stmt, 5, line->record_id);
    tl_sql_bind_text(stmt, 6, line->op);
    tl_sql_bind_text(stmt, 7, line->before);
    tl_sql_bind_text(stmt, 8, line->after);
    tl_sql_bind_blob(stmt, 9, line->geom_before, line->geom_before_bytes);
    tl_sql_bind_blob(stmt, 10, line->geom_after, line->geom_after_bytes);
    TL_TRY(tl_sql_run(ctx, stmt));
    TL_TRY(take(ctx, project, line, false));
done:
    return err;
}

tl_err tl_log_note(struct tl_ctx *ctx, struct tl_project *project, const char *what, const char *op,
                   const char *before, const char *after)
{
    struct tl_log_line line = {.table = what, .op = op, .before = before, .after = after};
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_puts_flush(ctx, project));
    TL_TRY(tl_log_catch_up(ctx, project, false)); /* what triggers wrote comes before it */
    TL_TRY(tl_log_add(ctx, project, &line));
done:
    return err;
}

tl_err tl_log_seal(struct tl_ctx *ctx, struct tl_project *project, bool outside)
{
    struct tl_seal *seal = &project->seal;
    char hex[TL_HASH_HEX];
    tl_err err = TL_OK;
    TL_TRY(tl_log_catch_up(ctx, project, outside));
    TL_TRY(close_block(ctx, project, outside));
    tl_hash_hex(seal->hash, hex);
    TL_TRY(tl_sql_execf(
        ctx, project->db,
        "INSERT OR REPLACE INTO tilth_state VALUES ('log_last_id', '%lld'), ('log_seals', "
        "'%lld'), ('log_hash', %Q)",
        (long long)seal->last_id, (long long)seal->n_seals, hex));
done:
    return err;
}
