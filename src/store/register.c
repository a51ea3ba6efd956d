/*
 * Putting records in. Bulk import is what costs, so this file does by hand, with SQLite's triggers switched off on our
 * connection, what they do for everybody else: the code, the log line, the R-tree entry (queued, see rtree.c). A record is
 * looked up by a 128-bit identity; the ids met in the present import are a bitmap, so that memory stays flat (a bit a
 * record). Measured on one core: see docs/rooms/store.md.
 */
#include "store/store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parameters of the insert and update statements, in order; the kind's columns follow. */
enum {
    P_ID = 1,
    P_CODE,
    P_IDENTITY,
    P_CONTENT,
    P_GEOM,
    P_SOURCE,
    P_SOURCE_ID,
    P_SOURCE_ROW,
    P_IMPORT,
    P_ACCURACY,
    P_POSITION,
    P_REMARKS,
    P_EXTRA,
    P_ACTOR,
    P_AT,
    P_COLUMNS
};

struct value {
    enum { VALUE_NONE, VALUE_TEXT, VALUE_INTEGER, VALUE_REAL } is;
    const char *text;
    int64_t integer;
    double real;
};

/* A record on its way: what is computed once and used by several steps. */
struct job {
    enum tl_kind kind;
    const struct tl_kind_info *info;
    struct tl_puts *puts;
    const struct tl_record *record;
    struct value values[TL_RECORD_COLUMNS_MAX];
    struct tl_gpb_box box;
    bool has_geom;
    uint8_t content[TL_STORE_ID_BYTES], identity[TL_STORE_ID_BYTES];
};

static tl_err prepare(struct tl_ctx *ctx, struct tl_project *project,
                      const struct tl_kind_info *info, struct tl_puts *puts)
{
    struct tl_buf insert = {0}, marks = {0}, update = {0}, columns = {0};
    tl_err err = TL_OK;
    if (puts->insert != NULL)
        return TL_OK;
    puts->rtree.table = info->table;
    TL_TRY(tl_buf_printf(
        ctx, &insert,
        "INSERT INTO \"%s\" (id, code, identity, content, geom, source, source_id, "
        "source_row, import_id, accuracy_m, position_text, remarks, extra, entered_by, "
        "entered_at, record_status",
        info->table));
    TL_TRY(tl_buf_add(ctx, &marks,
                      "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
                      "'submitted'"));
    /* What the source says anew is not approved any more. */
    TL_TRY(tl_buf_printf(
        ctx, &update,
        "UPDATE \"%s\" SET content = ?4, geom = ?5, source = ?6, source_row = ?8, "
        "import_id = ?9, accuracy_m = ?10, position_text = ?11, remarks = ?12, extra = "
        "?13, entered_by = ?14, entered_at = ?15, record_status = 'submitted', approved_by "
        "= NULL, approved_at = NULL",
        info->table));
    for (int i = 0; i < info->n_columns; i++) {
        TL_TRY(tl_buf_printf(ctx, &insert, ", \"%s\"", info->columns[i].name));
        TL_TRY(tl_buf_printf(ctx, &marks, ", ?%d", P_COLUMNS + i));
        TL_TRY(tl_buf_printf(ctx, &update, ", \"%s\" = ?%d", info->columns[i].name, P_COLUMNS + i));
    }
    TL_TRY(tl_buf_printf(ctx, &insert, ") VALUES (%s)", marks.text));
    TL_TRY(tl_buf_add(ctx, &update, " WHERE id = ?1"));
    TL_TRY(tl_schema_log_columns(ctx, project->db, info->table, "t", &columns));
    TL_TRY(tl_sql_preparef(ctx, project->db, &puts->find,
                           "SELECT id, content FROM \"%w\" WHERE identity = ?1", info->table));
    TL_TRY(tl_sql_prepare(ctx, project->db, update.text, &puts->update));
    TL_TRY(tl_sql_preparef(
        ctx, project->db, &puts->before,
        "SELECT json_patch('{}', json_object(%s)), geom FROM \"%w\" t WHERE id = ?1", columns.text,
        info->table));
    TL_TRY(tl_sql_prepare(ctx, project->db, insert.text, &puts->insert));
done:
    tl_buf_fini(&insert);
    tl_buf_fini(&marks);
    tl_buf_fini(&update);
    tl_buf_fini(&columns);
    if (err != TL_OK)
        tl_puts_fini(puts);
    return err;
}

void tl_puts_fini(struct tl_puts *puts)
{
    sqlite3_finalize(puts->find);
    sqlite3_finalize(puts->insert);
    sqlite3_finalize(puts->update);
    sqlite3_finalize(puts->before);
    tl_rtree_fini(&puts->rtree);
    tl_free(puts->seen);
    *puts = (struct tl_puts){0};
}

void tl_puts_forget(struct tl_project *project)
{
    project->seen_import = 0;
    for (int k = 0; k < TL_KIND_COUNT; k++) /* with their queues */
        tl_puts_fini(&project->puts[k]);
}

/* Text to what the column holds; the caller has checked it, so failing here is a message for a programmer. */
static tl_err parse(struct tl_ctx *ctx, const struct tl_column *column, const char *text,
                    struct value *value)
{
    char *end = NULL;
    *value = (struct value){.is = VALUE_NONE, .text = text};
    if (text == NULL)
        return TL_OK;
    errno = 0;
    switch (column->type) {
    case TL_COLUMN_INTEGER:
    case TL_COLUMN_YESNO:
        value->is = VALUE_INTEGER;
        value->integer = strtoll(text, &end, 10);
        break;
    case TL_COLUMN_REAL:
        value->is = VALUE_REAL;
        value->real = strtod(text, &end);
        break;
    default:
        value->is = VALUE_TEXT;
        return TL_OK;
    }
    if (end == text || *end != '\0' || errno != 0 ||
        (value->is == VALUE_REAL && !isfinite(value->real)))
        return tl_fail(ctx, TL_EDATA, "column %s: \"%s\" is not a %s", column->name, text,
                       value->is == VALUE_REAL ? "number" : "whole number");
    return TL_OK;
}

static void bind_value(sqlite3_stmt *stmt, int i, const struct value *value)
{
    if (value->is == VALUE_INTEGER)
        sqlite3_bind_int64(stmt, i, value->integer);
    else if (value->is == VALUE_REAL)
        sqlite3_bind_double(stmt, i, value->real);
    else
        tl_sql_bind_text(stmt, i, value->text);
}

tl_err tl_register_bind(struct tl_ctx *ctx, sqlite3_stmt *stmt, int i,
                        const struct tl_column *column, const char *text)
{
    struct value value;
    tl_err err = parse(ctx, column, text, &value);
    if (err == TL_OK)
        bind_value(stmt, i, &value);
    return err;
}

static tl_err add_part(struct tl_ctx *ctx, struct tl_buf *buf, const void *bytes, int64_t n)
{
    int64_t length = bytes == NULL ? -1 : n;
    tl_err err = tl_buf_add_bytes(ctx, buf, &length, sizeof length);
    return err == TL_OK && n > 0 && bytes != NULL ? tl_buf_add_bytes(ctx, buf, bytes, n) : err;
}

static tl_err add_text(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    return add_part(ctx, buf, text, text == NULL ? 0 : (int64_t)strlen(text));
}

/* Everything that the source says of the record, each part with its length. */
static tl_err content_of(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    struct tl_buf *buf = &project->scratch;
    const struct tl_record *record = job->record;
    double accuracy_m = isnan(record->accuracy_m) ? -1.0 : record->accuracy_m;
    tl_err err = TL_OK;
    tl_buf_clear(buf);
    TL_TRY(add_text(ctx, buf, job->info->table));
    for (int i = 0; i < job->info->n_columns; i++)
        TL_TRY(add_text(ctx, buf, record->values[i]));
    TL_TRY(add_text(ctx, buf, record->position_text));
    TL_TRY(add_text(ctx, buf, record->remarks));
    TL_TRY(add_text(ctx, buf, record->extra));
    TL_TRY(add_part(ctx, buf, &accuracy_m, sizeof accuracy_m));
    TL_TRY(add_part(ctx, buf, job->has_geom ? project->geom.text : NULL, project->geom.size_bytes));
    tl_hash_id(buf->text, buf->size_bytes, job->content);
done:
    return err;
}

tl_err tl_register_identity(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                            const char *source, const char *source_id,
                            uint8_t out[TL_STORE_ID_BYTES])
{
    struct tl_buf *buf = &project->scratch;
    tl_err err = TL_OK;
    tl_buf_clear(buf);
    TL_TRY(tl_buf_add(ctx, buf, "id"));
    TL_TRY(add_text(ctx, buf, tl_kind_info(kind)->table));
    TL_TRY(add_text(ctx, buf, source == NULL ? "" : source));
    TL_TRY(add_text(ctx, buf, source_id));
    tl_hash_id(buf->text, buf->size_bytes, out);
done:
    return err;
}

static tl_err identity_of(struct tl_ctx *ctx, struct tl_project *project, struct job *job,
                          int64_t ordinal)
{
    struct tl_buf *buf = &project->scratch;
    const struct tl_record *record = job->record;
    tl_err err = TL_OK;
    if (record->source_id == NULL && ordinal == 0) {
        memcpy(job->identity, job->content, sizeof job->identity);
        return TL_OK;
    }
    if (record->source_id != NULL)
        return tl_register_identity(ctx, project, job->kind, record->source, record->source_id,
                                    job->identity);
    tl_buf_clear(buf);
    TL_TRY(tl_buf_add(ctx, buf, "again"));
    TL_TRY(tl_buf_add_bytes(ctx, buf, job->content, sizeof job->content));
    TL_TRY(tl_buf_add_bytes(ctx, buf, &ordinal, sizeof ordinal));
    tl_hash_id(buf->text, buf->size_bytes, job->identity);
done:
    return err;
}

static bool was_seen(const struct tl_puts *puts, int64_t id)
{
    return id / 64 < puts->n_seen_words && (puts->seen[id / 64] >> (id % 64) & 1) != 0;
}

static tl_err mark_seen(struct tl_ctx *ctx, struct tl_puts *puts, int64_t id)
{
    if (id / 64 >= puts->n_seen_words) {
        int64_t n = 2 * (id / 64) + 1024;
        uint64_t *seen = tl_regrow(ctx, puts->seen, puts->n_seen_words, n, sizeof *seen);
        if (seen == NULL)
            return TL_ENOMEM;
        puts->seen = seen;
        puts->n_seen_words = n;
    }
    puts->seen[id / 64] |= (uint64_t)1 << (id % 64);
    return TL_OK;
}

/* Record of an identity, 0 = none; `same` says whether its content is the job's. */
static tl_err find(struct tl_ctx *ctx, struct job *job, int64_t *id, bool *same)
{
    sqlite3_stmt *stmt = job->puts->find;
    bool row = false;
    tl_sql_bind_blob(stmt, 1, job->identity, sizeof job->identity);
    tl_err err = tl_sql_step(ctx, stmt, &row);
    if (err != TL_OK)
        return err;
    *id = row ? sqlite3_column_int64(stmt, 0) : 0;
    *same = row && sqlite3_column_bytes(stmt, 1) == TL_STORE_ID_BYTES &&
            memcmp(sqlite3_column_blob(stmt, 1), job->content, TL_STORE_ID_BYTES) == 0;
    sqlite3_reset(stmt);
    return TL_OK;
}

/* The first ordinal of this content that has not come in this import: they come without gaps, so bisect. */
static tl_err next_ordinal(struct tl_ctx *ctx, struct tl_project *project, struct job *job,
                           int64_t *id, bool *same)
{
    int64_t low = 0, high = 1; /* `low` has come, `high` not yet known */
    tl_err err = TL_OK;
    for (;; high *= 2) {
        TL_TRY(identity_of(ctx, project, job, high));
        TL_TRY(find(ctx, job, id, same));
        if (*id == 0 || !was_seen(job->puts, *id))
            break;
        low = high;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        TL_TRY(identity_of(ctx, project, job, middle));
        TL_TRY(find(ctx, job, id, same));
        if (*id != 0 && was_seen(job->puts, *id))
            low = middle;
        else
            high = middle;
    }
    TL_TRY(identity_of(ctx, project, job, high));
    TL_TRY(find(ctx, job, id, same));
done:
    return err;
}

/* Names and strings as SQLite's json_object() writes them, so that lines of either making read the same. */
static tl_err json_string(struct tl_ctx *ctx, struct tl_buf *buf, const char *text)
{
    const char *from = text, *at = text;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add_bytes(ctx, buf, "\"", 1));
    for (; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c > 0x1f && c != '"' && c != '\\')
            continue;
        static const char letters[] = "........btn.fr..";
        char escaped[8];
        if (c > 0x1f)
            snprintf(escaped, sizeof escaped, "\\%c", c);
        else if (c < 16 && letters[c] != '.')
            snprintf(escaped, sizeof escaped, "\\%c", letters[c]);
        else
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
        TL_TRY(tl_buf_add_bytes(ctx, buf, from, at - from));
        TL_TRY(tl_buf_add(ctx, buf, escaped));
        from = at + 1;
    }
    TL_TRY(tl_buf_add_bytes(ctx, buf, from, at - from));
    TL_TRY(tl_buf_add_bytes(ctx, buf, "\"", 1));
done:
    return err;
}

static tl_err json_member(struct tl_ctx *ctx, struct tl_buf *buf, const char *name,
                          const struct value *value)
{
    char number[40];
    tl_err err = TL_OK;
    if (value->is == VALUE_NONE || (value->is == VALUE_TEXT && value->text == NULL))
        return TL_OK;
    TL_TRY(tl_buf_add_bytes(ctx, buf, ",\"", buf->size_bytes > 1 ? 2 : 0));
    if (buf->size_bytes == 1)
        TL_TRY(tl_buf_add_bytes(ctx, buf, "\"", 1));
    TL_TRY(tl_buf_add(ctx, buf, name));
    TL_TRY(tl_buf_add_bytes(ctx, buf, "\":", 2));
    if (value->is == VALUE_TEXT)
        return json_string(ctx, buf, value->text);
    if (value->is == VALUE_INTEGER)
        sqlite3_snprintf((int)sizeof number, number, "%lld", (long long)value->integer);
    else
        sqlite3_snprintf((int)sizeof number, number, "%!.15g", value->real);
    TL_TRY(tl_buf_add(ctx, buf, number));
done:
    return err;
}

static struct value text_value(const char *text)
{
    return (struct value){.is = text == NULL ? VALUE_NONE : VALUE_TEXT, .text = text};
}

static struct value integer_value(int64_t integer)
{
    return (struct value){.is = integer > 0 ? VALUE_INTEGER : VALUE_NONE, .integer = integer};
}

/* The log's JSON of a record that is new: the columns of the table, in its order, without the unknown ones. */
static tl_err json_of(struct tl_ctx *ctx, struct tl_project *project, const struct job *job,
                      const char *code)
{
    const struct tl_record *r = job->record;
    struct tl_buf *buf = &project->json;
    const struct {
        const char *name;
        struct value value;
    } tail[] = {
        {"source", text_value(r->source)},
        {"source_id", text_value(r->source_id)},
        {"source_row", integer_value(r->source_row)},
        {"import_id", integer_value(r->import_id)},
        {"accuracy_m", {isnan(r->accuracy_m) ? VALUE_NONE : VALUE_REAL, NULL, 0, r->accuracy_m}},
        {"position_text", text_value(r->position_text)},
        {"remarks", text_value(r->remarks)},
        {"extra", text_value(r->extra)},
        {"record_status", text_value("submitted")},
        {"entered_by", text_value(project->actor)},
        {"entered_at", text_value(project->at)},
    };
    struct value coded = text_value(code);
    tl_err err = TL_OK;
    tl_buf_clear(buf);
    TL_TRY(tl_buf_add(ctx, buf, "{"));
    TL_TRY(json_member(ctx, buf, "code", &coded));
    for (int i = 0; i < job->info->n_columns; i++)
        TL_TRY(json_member(ctx, buf, job->info->columns[i].name, &job->values[i]));
    for (size_t i = 0; i < sizeof tail / sizeof tail[0]; i++)
        TL_TRY(json_member(ctx, buf, tail[i].name, &tail[i].value));
    TL_TRY(tl_buf_add(ctx, buf, "}"));
done:
    return err;
}

static void bind_record(const struct tl_project *project, const struct job *job, sqlite3_stmt *stmt)
{
    const struct tl_record *r = job->record;
    const struct value row = integer_value(r->source_row), import = integer_value(r->import_id);
    tl_sql_bind_blob(stmt, P_CONTENT, job->content, sizeof job->content);
    tl_sql_bind_blob(stmt, P_GEOM, job->has_geom ? project->geom.text : NULL,
                     project->geom.size_bytes);
    tl_sql_bind_text(stmt, P_SOURCE, r->source);
    bind_value(stmt, P_SOURCE_ROW, &row);
    bind_value(stmt, P_IMPORT, &import);
    tl_sql_bind_real(stmt, P_ACCURACY, r->accuracy_m);
    tl_sql_bind_text(stmt, P_POSITION, r->position_text);
    tl_sql_bind_text(stmt, P_REMARKS, r->remarks);
    tl_sql_bind_text(stmt, P_EXTRA, r->extra);
    tl_sql_bind_text(stmt, P_ACTOR, project->actor);
    tl_sql_bind_text(stmt, P_AT, project->at);
    for (int i = 0; i < job->info->n_columns; i++)
        bind_value(stmt, P_COLUMNS + i, &job->values[i]);
}

static void widen(struct tl_puts *puts, const struct job *job)
{
    struct tl_gpb_box *box = &puts->box;
    bool first = !puts->is_changed;
    puts->is_changed = true;
    if (first)
        *box = (struct tl_gpb_box){INFINITY, -INFINITY, INFINITY, -INFINITY};
    if (!job->has_geom)
        return;
    box->west = fmin(box->west, job->box.west);
    box->east = fmax(box->east, job->box.east);
    box->south = fmin(box->south, job->box.south);
    box->north = fmax(box->north, job->box.north);
}

static tl_err next_id(struct tl_ctx *ctx, struct tl_project *project, const struct job *job,
                      int64_t *id)
{
    tl_err err = TL_OK;
    if (job->puts->next_id == 0) {
        char sql[128];
        int64_t last = 0;
        snprintf(sql, sizeof sql, "SELECT seq FROM sqlite_sequence WHERE name = '%s'",
                 job->info->table);
        TL_TRY(tl_sql_int(ctx, project->db, sql, 0, &last));
        job->puts->next_id = last + 1;
    }
    *id = job->puts->next_id++;
done:
    return err;
}

static tl_err insert(struct tl_ctx *ctx, struct tl_project *project, struct job *job, int64_t *id)
{
    sqlite3_stmt *stmt = job->puts->insert;
    char code[40];
    tl_err err = TL_OK;
    TL_TRY(next_id(ctx, project, job, id));
    snprintf(code, sizeof code, "%s-%04lld", job->info->prefix, (long long)*id);
    bind_record(project, job, stmt);
    sqlite3_bind_int64(stmt, P_ID, *id);
    tl_sql_bind_text(stmt, P_CODE, code);
    tl_sql_bind_blob(stmt, P_IDENTITY, job->identity, sizeof job->identity);
    tl_sql_bind_text(stmt, P_SOURCE_ID, job->record->source_id);
    TL_TRY(tl_sql_run(ctx, stmt));
    TL_TRY(json_of(ctx, project, job, code));
    struct tl_log_line line = {.table = job->info->table, .op = "insert", .record_id = *id};
    line.after = project->json.text;
    line.geom_after = job->has_geom ? project->geom.text : NULL;
    line.geom_after_bytes = job->has_geom ? project->geom.size_bytes : 0;
    TL_TRY(tl_log_add(ctx, project, &line));
    if (job->has_geom)
        TL_TRY(tl_rtree_queue(ctx, &job->puts->rtree, *id, &job->box));
    widen(job->puts, job);
done:
    return err;
}

static tl_err update(struct tl_ctx *ctx, struct tl_project *project, struct job *job, int64_t id)
{
    struct tl_puts *puts = job->puts;
    struct tl_buf before = {0}, geom = {0};
    bool row = false, moved;
    tl_err err = TL_OK;
    sqlite3_bind_int64(puts->before, 1, id);
    TL_TRY(tl_sql_step(ctx, puts->before, &row));
    TL_TRY(tl_buf_add(ctx, &before, (const char *)sqlite3_column_text(puts->before, 0)));
    TL_TRY(tl_buf_add_bytes(
        ctx, &geom,
        sqlite3_column_blob(puts->before, 1) == NULL ? "" : sqlite3_column_blob(puts->before, 1),
        sqlite3_column_bytes(puts->before, 1)));
    sqlite3_reset(puts->before);
    bind_record(project, job, puts->update);
    sqlite3_bind_int64(puts->update, P_ID, id);
    TL_TRY(tl_sql_run(ctx, puts->update));
    TL_TRY(tl_sql_step(ctx, puts->before, &row));
    struct tl_log_line line = {.table = job->info->table, .op = "update", .record_id = id};
    line.before = before.text;
    line.after = (const char *)sqlite3_column_text(puts->before, 0);
    int64_t n_new = job->has_geom ? project->geom.size_bytes : 0;
    moved = geom.size_bytes != n_new ||
            (n_new > 0 && memcmp(geom.text, project->geom.text, (size_t)n_new) != 0);
    line.geom_before = moved && geom.size_bytes > 0 ? geom.text : NULL;
    line.geom_before_bytes = geom.size_bytes;
    line.geom_after = moved && n_new > 0 ? project->geom.text : NULL;
    line.geom_after_bytes = n_new;
    TL_TRY(tl_log_add(ctx, project, &line));
    if (moved) {
        if (puts->rtree.n > 0 && id >= puts->rtree.min_id && id <= puts->rtree.max_id)
            TL_TRY(tl_rtree_flush(ctx, project->db, &puts->rtree));
        TL_TRY(tl_sql_execf(ctx, project->db, "DELETE FROM \"rtree_%w_geom\" WHERE id = %lld",
                            job->info->table, (long long)id));
        if (job->has_geom)
            TL_TRY(tl_rtree_queue(ctx, &puts->rtree, id, &job->box));
    }
    widen(puts, job);
done:
    sqlite3_reset(puts->before);
    tl_buf_fini(&before);
    tl_buf_fini(&geom);
    return err;
}

static tl_err ready(struct tl_ctx *ctx, struct tl_project *project, struct job *job)
{
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, false));
    if (project->seen_import != job->record->import_id) {
        for (int k = 0; k < TL_KIND_COUNT; k++)
            if (project->puts[k].seen != NULL)
                memset(project->puts[k].seen, 0,
                       (size_t)project->puts[k].n_seen_words * sizeof project->puts[k].seen[0]);
        project->seen_import = job->record->import_id;
    }
    TL_TRY(prepare(ctx, project, job->info, job->puts));
    for (int i = 0; i < job->info->n_columns; i++)
        TL_TRY(parse(ctx, &job->info->columns[i], job->record->values[i], &job->values[i]));
    job->has_geom = job->record->wkb != NULL;
    if (job->has_geom)
        TL_TRY(tl_gpb_make(ctx, tl_schema_family(job->info), job->record->wkb,
                           job->record->wkb_bytes, &project->geom, &job->box));
    TL_TRY(content_of(ctx, project, job));
    TL_TRY(identity_of(ctx, project, job, 0));
done:
    return err;
}

tl_err tl_register_put(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                       const struct tl_record *record, bool keep_duplicates, enum tl_put *put,
                       int64_t *id)
{
    struct job job = {.kind = kind, .info = tl_kind_info(kind), .puts = &project->puts[kind]};
    int64_t found = 0;
    bool same = false;
    enum tl_put what;
    tl_err err = TL_OK;
    job.record = record;
    TL_TRY(ready(ctx, project, &job));
    TL_TRY(find(ctx, &job, &found, &same));
    bool again = found != 0 && record->import_id != 0 && was_seen(job.puts, found);
    if (again && keep_duplicates && record->source_id == NULL) {
        TL_TRY(next_ordinal(ctx, project, &job, &found, &same));
        again = false;
    }
    if (again) {
        what = TL_PUT_DUPLICATE;
    } else if (found == 0) {
        TL_TRY(insert(ctx, project, &job, &found));
        what = TL_PUT_ADDED;
    } else if (same) {
        what = TL_PUT_UNCHANGED;
    } else {
        TL_TRY(update(ctx, project, &job, found));
        what = TL_PUT_UPDATED;
    }
    if (record->import_id != 0)
        TL_TRY(mark_seen(ctx, job.puts, found));
    *put = what;
    if (id != NULL)
        *id = found;
done:
    return err;
}

tl_err tl_register_count(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                         int64_t *n)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", tl_kind_info(kind)->table);
    return tl_sql_int(ctx, project->db, sql, 0, n);
}

/* Extents of gpkg_contents only grow: the standard calls them informative, and shrinking would mean a scan. */
tl_err tl_store_extent(struct tl_ctx *ctx, struct tl_project *project, const char *table,
                       const struct tl_gpb_box *box)
{
    tl_err err =
        tl_sql_execf(ctx, project->db,
                     "UPDATE gpkg_contents SET last_change = strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', "
                     "'now') WHERE table_name = %Q",
                     table);
    if (err != TL_OK || box->west > box->east)
        return err;
    return tl_sql_execf(
        ctx, project->db,
        "UPDATE gpkg_contents SET min_x = min(COALESCE(min_x, 1e9), %!.17g), min_y = "
        "min(COALESCE(min_y, 1e9), %!.17g), max_x = max(COALESCE(max_x, -1e9), %!.17g), max_y = "
        "max(COALESCE(max_y, -1e9), %!.17g) WHERE table_name = %Q",
        box->west, box->south, box->east, box->north, table);
}

tl_err tl_puts_flush(struct tl_ctx *ctx, struct tl_project *project)
{
    tl_err err = TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        struct tl_puts *puts = &project->puts[k];
        TL_TRY(tl_rtree_flush(ctx, project->db, &puts->rtree));
        if (puts->is_changed)
            TL_TRY(tl_store_extent(ctx, project, tl_kind_info((enum tl_kind)k)->table, &puts->box));
        puts->is_changed = false;
        puts->next_id = 0; /* between two transactions QGIS may add records of its own */
    }
done:
    return err;
}
