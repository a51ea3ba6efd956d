/*
 * Attachments. A content is a row of attachment_bytes, written and read in pieces of 64 KiB by SQLite's incremental blobs, so that memory does not grow with
 * the file; it is hashed before it is written and again while it is, since a file may change in between. The log has the hash: blobs stay out of it.
 */
#include "store/attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/text.h"
#include "store/check.h"

enum { PIECE = 65536 };

static const char octets[] = "application/octet-stream";

const char *tl_attach_type_of(const char *name)
{
    static const char *const types[][2] = {
        {".jpg", "image/jpeg"},  {".jpeg", "image/jpeg"}, {".png", "image/png"},
        {".webp", "image/webp"}, {".gif", "image/gif"},   {".heic", "image/heic"},
        {".tif", "image/tiff"},  {".tiff", "image/tiff"}, {".pdf", "application/pdf"},
        {".txt", "text/plain"},  {".csv", "text/csv"},    {".mp4", "video/mp4"},
        {".m4a", "audio/mp4"},   {".mp3", "audio/mpeg"}};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t m = strlen(types[i][0]);
        if (n > m && strcasecmp(name + n - m, types[i][0]) == 0)
            return types[i][1];
    }
    return octets;
}

/* "image/jpeg", without parameters. */
static bool is_type(const char *type)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&^_.+-";
    if (type == NULL || strlen(type) >= TL_ATTACH_TYPE_BYTES)
        return false;
    size_t first = strspn(type, allowed);
    if (first == 0 || type[first] != '/')
        return false;
    size_t second = strspn(type + first + 1, allowed);
    return second > 0 && type[first + 1 + second] == '\0';
}

static tl_err check_name(struct tl_ctx *ctx, const char *name)
{
    size_t n = strlen(name);
    bool bad = n == 0 || n >= TL_ATTACH_NAME_BYTES || !tl_text_is_utf8(name, (int64_t)n) ||
               strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strpbrk(name, "/\\") != NULL;
    for (const char *at = name; *at != '\0'; at++)
        bad = bad || (unsigned char)*at < 0x20 || *at == 0x7f;
    return bad ? tl_fail(ctx, TL_EDATA,
                         "\"%.80s\" is not a file's name: expected 1 to %d bytes of UTF-8 without "
                         "folders and control characters",
                         name, TL_ATTACH_NAME_BYTES - 1)
               : TL_OK;
}

/* A piece of what is to be attached; *n is 0 at its end. */
static tl_err read_piece(struct tl_ctx *ctx, const struct tl_attach_file *file, int64_t at,
                         uint8_t *piece, int64_t *n)
{
    if (file->bytes != NULL) {
        *n = file->n_bytes - at < PIECE ? file->n_bytes - at : PIECE;
        memcpy(piece, (const uint8_t *)file->bytes + at, (size_t)*n);
        return TL_OK;
    }
    ssize_t got;
    do
        got = pread(file->file, piece, PIECE, (off_t)at);
    while (got < 0 && errno == EINTR);
    *n = got;
    return got < 0 ? tl_fail(ctx, TL_EIO, "%s: cannot be read: %s", file->name, strerror(errno))
                   : TL_OK;
}

static tl_err too_large(struct tl_ctx *ctx, const char *name)
{
    return tl_fail(ctx, TL_EDATA, "%s: larger than %d MiB, which is what an attachment may have",
                   name, TL_ATTACH_MAX_BYTES >> 20);
}

static tl_err hash_of(struct tl_ctx *ctx, const struct tl_attach_file *file, uint8_t *piece,
                      char hex[TL_HASH_HEX], int64_t *n_bytes)
{
    struct tl_hash hash;
    uint8_t sum[TL_HASH_BYTES];
    int64_t at = 0, n = 0;
    tl_err err = TL_OK;
    tl_hash_init(&hash);
    do {
        TL_TRY(read_piece(ctx, file, at, piece, &n));
        tl_hash_add(&hash, piece, n);
        at += n;
        if (at > TL_ATTACH_MAX_BYTES)
            TL_TRY(too_large(ctx, file->name));
    } while (n > 0);
    if (at == 0)
        TL_THROW(ctx, TL_EDATA, "%s: an empty file", file->name);
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, hex);
    *n_bytes = at;
done:
    return err;
}

/* Writes the content into a row that was made for it; what is written must be what was hashed. */
static tl_err fill(struct tl_ctx *ctx, struct tl_project *project, int64_t row,
                   const struct tl_attach_file *file, uint8_t *piece, const char *hex,
                   int64_t n_bytes)
{
    sqlite3_blob *blob = NULL;
    struct tl_hash hash;
    uint8_t sum[TL_HASH_BYTES];
    char now[TL_HASH_HEX];
    int64_t at = 0, n = 0;
    tl_err err = TL_OK;
    if (sqlite3_blob_open(project->db, "main", "attachment_bytes", "bytes", row, 1, &blob) !=
        SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, project->db, "keeping an attachment"));
    tl_hash_init(&hash);
    for (; at < n_bytes; at += n) {
        TL_TRY(read_piece(ctx, file, at, piece, &n));
        if (n == 0 || at + n > n_bytes)
            break;
        tl_hash_add(&hash, piece, n);
        if (sqlite3_blob_write(blob, piece, (int)n, (int)at) != SQLITE_OK)
            TL_TRY(tl_sql_fail(ctx, project->db, "keeping an attachment"));
    }
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, now);
    if (at != n_bytes || strcmp(now, hex) != 0)
        TL_THROW(ctx, TL_EIO, "%s: changed while it was read", file->name);
done:
    sqlite3_blob_close(blob);
    return err;
}

/* The content's row, unless it is there. */
static tl_err keep_content(struct tl_ctx *ctx, struct tl_project *project,
                           const struct tl_attach_file *file, uint8_t *piece, const char *hex,
                           int64_t n_bytes)
{
    sqlite3_stmt *stmt = NULL;
    bool there = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT id FROM attachment_bytes WHERE sha256 = ?1",
                          &stmt));
    tl_sql_bind_text(stmt, 1, hex);
    TL_TRY(tl_sql_step(ctx, stmt, &there));
    if (there)
        goto done;
    sqlite3_finalize(stmt);
    stmt = NULL;
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO attachment_bytes (sha256, n_bytes, bytes) VALUES (?1, ?2, zeroblob(?2))",
        &stmt));
    tl_sql_bind_text(stmt, 1, hex);
    sqlite3_bind_int64(stmt, 2, n_bytes);
    TL_TRY(tl_sql_run(ctx, stmt));
    /* The trigger's line of the log is an insert, too, but SQLite gives back the outer one's id. */
    TL_TRY(fill(ctx, project, sqlite3_last_insert_rowid(project->db), file, piece, hex, n_bytes));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err record_id(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                        const char *code, int64_t *id)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt, "SELECT id FROM \"%w\" WHERE code = ?1",
                           tl_kind_info(kind)->table));
    tl_sql_bind_text(stmt, 1, code);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no %s \"%s\"", tl_kind_info(kind)->name, code);
    *id = sqlite3_column_int64(stmt, 0);
done:
    sqlite3_finalize(stmt);
    return err;
}

/* The attachment of this content to this record, 0 = none; and how many the record has. */
static tl_err find(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_attach_owner *owner, const char *hex, int64_t *id, int64_t *n)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT count(*), COALESCE(min(CASE WHEN sha256 = ?3 THEN id END), 0) "
                          "FROM attachment WHERE table_name = ?1 AND record_id = ?2",
                          &stmt));
    tl_sql_bind_text(stmt, 1, owner->table);
    sqlite3_bind_int64(stmt, 2, owner->row);
    tl_sql_bind_text(stmt, 3, hex);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    *n = sqlite3_column_int64(stmt, 0);
    *id = sqlite3_column_int64(stmt, 1);
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err insert(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_attach_owner *owner, const struct tl_attach_file *file,
                     const char *hex, int64_t n_bytes)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "INSERT INTO attachment (table_name, record_id, name, media_type, "
                          "sha256, n_bytes, entered_by, entered_at) VALUES (?1, ?2, ?3, ?4, ?5, "
                          "?6, ?7, ?8)",
                          &stmt));
    tl_sql_bind_text(stmt, 1, owner->table);
    sqlite3_bind_int64(stmt, 2, owner->row);
    tl_sql_bind_text(stmt, 3, file->name);
    tl_sql_bind_text(stmt, 4, is_type(file->media_type) ? file->media_type : octets);
    tl_sql_bind_text(stmt, 5, hex);
    sqlite3_bind_int64(stmt, 6, n_bytes);
    tl_sql_bind_text(stmt, 7, project->actor);
    tl_sql_bind_text(stmt, 8, project->at);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_attach_to(struct tl_ctx *ctx, struct tl_project *project,
                    const struct tl_attach_owner *owner, const struct tl_attach_file *file,
                    int64_t *id, bool *is_new)
{
    char hex[TL_HASH_HEX];
    uint8_t *piece = NULL;
    int64_t n_bytes = 0, found = 0, n = 0;
    bool adds;
    tl_err err = TL_OK;
    TL_TRY(check_name(ctx, file->name));
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_puts_flush(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY_ALLOC(ctx, piece, PIECE);
    TL_TRY(hash_of(ctx, file, piece, hex, &n_bytes));
    TL_TRY(find(ctx, project, owner, hex, &found, &n));
    adds = found == 0;
    if (adds && n >= owner->max)
        TL_THROW(ctx, TL_EDATA, "%s has %lld attachments; expected at most %lld", owner->label,
                 (long long)n, (long long)owner->max);
    TL_TRY(keep_content(ctx, project, file, piece, hex, n_bytes));
    if (adds) {
        TL_TRY(insert(ctx, project, owner, file, hex, n_bytes));
        TL_TRY(find(ctx, project, owner, hex, &found, &n));
    }
    *id = found;
    *is_new = adds;
done:
    tl_free(piece);
    return err;
}

/* A record of the register by its code. */
static tl_err record_of(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                        const char *code, struct tl_attach_owner *owner)
{
    *owner = (struct tl_attach_owner){tl_kind_info(kind)->table, 0, code, TL_ATTACH_PER_RECORD};
    return record_id(ctx, project, kind, code, &owner->row);
}

tl_err tl_attach_add(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                     const char *code, const struct tl_attach_file *file, int64_t *id, bool *is_new)
{
    struct tl_attach_owner owner;
    tl_err err = TL_OK;
    TL_TRY(check_name(ctx, file->name));
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_puts_flush(ctx, project)); /* the record may be among what is put in bulk */
    TL_TRY(record_of(ctx, project, kind, code, &owner));
    TL_TRY(tl_attach_to(ctx, project, &owner, file, id, is_new));
done:
    return err;
}

#define COLUMNS                                                                                    \
    "SELECT a.id, a.table_name, a.record_id, a.name, a.media_type, a.sha256, COALESCE(a.n_bytes, " \
    "b.n_bytes, -1), a.entered_by, a.entered_at, b.id IS NULL FROM attachment a LEFT JOIN "        \
    "attachment_bytes b ON b.sha256 = a.sha256 "

static void copy_text(sqlite3_stmt *stmt, int column, char *to, size_t room)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    snprintf(to, room, "%s", text != NULL ? text : "");
}

static void read_info(sqlite3_stmt *stmt, struct tl_attach_info *info, int64_t *record)
{
    const char *table = (const char *)sqlite3_column_text(stmt, 1);
    memset(info, 0, sizeof *info);
    info->id = sqlite3_column_int64(stmt, 0);
    info->kind = TL_KIND_COUNT;
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (strcmp(table, tl_kind_info((enum tl_kind)k)->table) == 0)
            info->kind = (enum tl_kind)k;
    *record = sqlite3_column_int64(stmt, 2);
    copy_text(stmt, 3, info->name, sizeof info->name);
    copy_text(stmt, 4, info->media_type, sizeof info->media_type);
    copy_text(stmt, 5, info->sha256, sizeof info->sha256);
    info->n_bytes = sqlite3_column_int64(stmt, 6);
    copy_text(stmt, 7, info->by, sizeof info->by);
    copy_text(stmt, 8, info->at, sizeof info->at);
    info->is_missing = sqlite3_column_int(stmt, 9) != 0;
}

tl_err tl_attach_of(struct tl_ctx *ctx, struct tl_project *project,
                    const struct tl_attach_owner *owner, struct tl_attach_info **list, int64_t *n)
{
    struct tl_attach_info *made = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t row = 0, found = 0, count = 0;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(find(ctx, project, owner, "", &found, &count));
    TL_TRY_ALLOC(ctx, made, count > 0 ? count : 1);
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          COLUMNS "WHERE a.table_name = ?1 AND a.record_id = ?2 ORDER BY a.id "
                                  "LIMIT ?3",
                          &stmt));
    tl_sql_bind_text(stmt, 1, owner->table);
    sqlite3_bind_int64(stmt, 2, owner->row);
    sqlite3_bind_int64(stmt, 3, count); /* others may write meanwhile */
    for (found = 0;; found++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        read_info(stmt, &made[found], &row);
        snprintf(made[found].code, sizeof made[found].code, "%s", owner->label);
    }
    *list = made;
    *n = found;
    made = NULL;
done:
    sqlite3_finalize(stmt);
    tl_free(made);
    return err;
}

tl_err tl_attach_list(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                      const char *code, struct tl_attach_info **list, int64_t *n)
{
    struct tl_attach_owner owner;
    tl_err err = record_of(ctx, project, kind, code, &owner);
    return err != TL_OK ? err : tl_attach_of(ctx, project, &owner, list, n);
}

static tl_err code_of(struct tl_ctx *ctx, struct tl_project *project, int64_t record,
                      struct tl_attach_info *info)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    if (info->kind == TL_KIND_COUNT)
        return TL_OK;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt, "SELECT code FROM \"%w\" WHERE id = %lld",
                           tl_kind_info(info->kind)->table, (long long)record));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row)
        copy_text(stmt, 0, info->code, sizeof info->code);
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_attach_info(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                      struct tl_attach_info *info)
{
    struct tl_attach_info made;
    sqlite3_stmt *stmt = NULL;
    int64_t record = 0;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, COLUMNS "WHERE a.id = ?1", &stmt));
    sqlite3_bind_int64(stmt, 1, id);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no attachment %lld", (long long)id);
    read_info(stmt, &made, &record);
    TL_TRY(code_of(ctx, project, record, &made));
    *info = made;
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err write_all(struct tl_ctx *ctx, int file, const uint8_t *bytes, int64_t n)
{
    for (int64_t at = 0; at < n;) {
        ssize_t put = write(file, bytes + at, (size_t)(n - at));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return tl_fail(ctx, TL_EIO, "an attachment cannot be written: %s", strerror(errno));
        at += put;
    }
    return TL_OK;
}

/* Reads a content in pieces; `file` -1 = only its hash is wanted. */
static tl_err pour(struct tl_ctx *ctx, struct tl_project *project, int64_t row, int file,
                   char hex[TL_HASH_HEX])
{
    sqlite3_blob *blob = NULL;
    struct tl_hash hash;
    uint8_t sum[TL_HASH_BYTES], *piece = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, piece, PIECE);
    if (sqlite3_blob_open(project->db, "main", "attachment_bytes", "bytes", row, 0, &blob) !=
        SQLITE_OK)
        TL_TRY(tl_sql_fail(ctx, project->db, "reading an attachment"));
    int64_t n_bytes = sqlite3_blob_bytes(blob);
    tl_hash_init(&hash);
    for (int64_t at = 0; at < n_bytes; at += PIECE) {
        int64_t n = n_bytes - at < PIECE ? n_bytes - at : PIECE;
        if (sqlite3_blob_read(blob, piece, (int)n, (int)at) != SQLITE_OK)
            TL_TRY(tl_sql_fail(ctx, project->db, "reading an attachment"));
        tl_hash_add(&hash, piece, n);
        if (file >= 0)
            TL_TRY(write_all(ctx, file, piece, n));
    }
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, hex);
done:
    sqlite3_blob_close(blob);
    tl_free(piece);
    return err;
}

tl_err tl_attach_write(struct tl_ctx *ctx, struct tl_project *project, int64_t id, int file)
{
    struct tl_attach_info info;
    sqlite3_stmt *stmt = NULL;
    char hex[TL_HASH_HEX];
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_attach_info(ctx, project, id, &info));
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT id FROM attachment_bytes WHERE sha256 = ?1",
                          &stmt));
    tl_sql_bind_text(stmt, 1, info.sha256);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "the content of attachment %lld (%s) is not in the project; attach it again: its "
                 "SHA-256 is %s",
                 (long long)id, info.name, info.sha256);
    TL_TRY(pour(ctx, project, sqlite3_column_int64(stmt, 0), file, hex));
    if (strcmp(hex, info.sha256) != 0)
        TL_THROW(ctx, TL_EINTEGRITY,
                 "attachment %lld (%s) is not the one that its hash says: it was altered",
                 (long long)id, info.name);
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err check_hashes(struct tl_check *check)
{
    sqlite3_stmt *stmt = NULL;
    char hex[TL_HASH_HEX];
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(check->ctx, check->project->db,
                          "SELECT id, sha256 FROM attachment_bytes ORDER BY id", &stmt));
    for (;;) {
        TL_TRY(tl_cancelled(check->ctx));
        TL_TRY(tl_sql_step(check->ctx, stmt, &more));
        if (!more)
            break;
        const char *sha256 = (const char *)sqlite3_column_text(stmt, 1);
        TL_TRY(pour(check->ctx, check->project, sqlite3_column_int64(stmt, 0), -1, hex));
        if (sha256 == NULL || strcmp(sha256, hex) != 0)
            TL_TRY(tl_check_add(check, "error", "attachment",
                                "the content of an attachment is not the one that its hash says: "
                                "it was altered (%s, expected %s)",
                                hex, sha256 != NULL ? sha256 : "?"));
    }
    TL_TRY(tl_check_end(check, "error"));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_check_attachments(struct tl_check *check)
{
    char sql[512];
    tl_err err = TL_OK;
    TL_TRY(check_hashes(check));
    TL_TRY(tl_check_rows(check, "warning", "attachment",
                         "SELECT printf('the content of attachment %d (%s) is missing: SHA-256 "
                         "%s', id, COALESCE(name, '?'), sha256) FROM attachment WHERE sha256 NOT "
                         "IN (SELECT sha256 FROM attachment_bytes) ORDER BY id"));
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const char *table = tl_kind_info((enum tl_kind)k)->table;
        sqlite3_snprintf(sizeof sql, sql,
                         "SELECT printf('attachment %%d (%%s) belongs to row %%d of %q, which is "
                         "not there', id, COALESCE(name, '?'), record_id) FROM attachment WHERE "
                         "table_name = %Q AND record_id NOT IN (SELECT id FROM \"%w\")",
                         table, table, table);
        TL_TRY(tl_check_rows(check, "warning", "orphan", sql));
    }
    TL_TRY(tl_check_rows(check, "warning", "orphan",
                         "SELECT printf('attachment %d (%s) belongs to row %d of field_receipt, "
                         "which is not there', id, COALESCE(name, '?'), record_id) FROM attachment "
                         "WHERE table_name = 'field_receipt' AND record_id NOT IN (SELECT id FROM "
                         "field_receipt)"));
done:
    return err;
}
