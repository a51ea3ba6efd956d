/*
 * Receipts of what came from the field, and changes that wait for a person. The bytes that came are kept as text, so that the log holds them
 * and `check` sees when they were altered; a record that came twice is known by its id and the SHA-256 of its bytes.
 */
#include "store/edit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "store/decision.h"
#include "tilth/fieldwork.h"

const char *tl_fieldwork_state_name(enum tl_fieldwork_state state)
{
    static const char *const names[TL_FIELDWORK_STATES] = {"new", "changed", "conflict", "refused"};
    return (unsigned)state < TL_FIELDWORK_STATES ? names[state] : "?";
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

static json_t *real_at(sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type(stmt, column) == SQLITE_NULL
               ? json_null()
               : tl_json_number(sqlite3_column_double(stmt, column), 12);
}

/* A text that is JSON; null where it is not there. */
static json_t *json_at(sqlite3_stmt *stmt, int column)
{
    const char *text = text_at(stmt, column);
    json_t *json = text != NULL ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    return json != NULL ? json : json_null();
}

static void set_texts(json_t *object, sqlite3_stmt *stmt, int from, int n, const char *const *names)
{
    for (int i = 0; i < n; i++)
        json_object_set_new(object, names[i], tl_decision_text(text_at(stmt, from + i)));
}

/* What a person decided, null where nobody has: columns decided_at, person, role, take, comment. */
static json_t *decided_at(sqlite3_stmt *stmt, int from)
{
    static const char *const names[] = {"at", "person", "role"};
    if (text_at(stmt, from) == NULL)
        return json_null();
    json_t *decided = json_object();
    set_texts(decided, stmt, from, 3, names);
    json_object_set_new(decided, "take", json_at(stmt, from + 3));
    json_object_set_new(decided, "comment", tl_decision_text(text_at(stmt, from + 4)));
    return decided;
}

/* A row of the statement in find_receipt. */
static json_t *receipt_json(sqlite3_stmt *stmt)
{
    static const char *const names[] = {"id",      "state",       "kind",   "code",    "version",
                                        "made_at", "received_at", "sha256", "message", "mended_by"};
    json_t *receipt = json_pack("{s:s}", "schema", "tilth.receipt/1");
    set_texts(receipt, stmt, 0, 10, names);
    json_object_set_new(receipt, "device_ahead_s", real_at(stmt, 10));
    json_object_set_new(receipt, "doubts", json_at(stmt, 11));
    json_object_set_new(receipt, "decided", decided_at(stmt, 12));
    return receipt;
}

/* The receipt as JSON; NULL when there is none. The text of its SHA-256 is copied out. */
static tl_err find_receipt(struct tl_ctx *ctx, struct tl_project *project, const char *id,
                           char sha256[TL_HASH_HEX], char **receipt)
{
    sqlite3_stmt *stmt = NULL;
    json_t *json = NULL;
    bool row = false;
    tl_err err = TL_OK;
    *receipt = NULL;
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT r.uuid, r.state, r.kind, r.code, r.version, r.made_at, r.received_at, r.sha256, "
        "r.message, (SELECT m.uuid FROM field_receipt m WHERE m.mends = r.uuid), r.ahead_s, "
        "r.doubts, k.decided_at, k.person, k.role, k.take, k.comment FROM field_receipt r LEFT "
        "JOIN kept_edit k ON k.receipt_id = r.id WHERE r.uuid = ?1",
        &stmt));
    tl_sql_bind_text(stmt, 1, id);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        goto done;
    snprintf(sha256, TL_HASH_HEX, "%s", text_at(stmt, 7));
    json = receipt_json(stmt);
    TL_TRY(tl_json_line(ctx, json, receipt));
done:
    json_decref(json);
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_fieldwork_known(struct tl_ctx *ctx, struct tl_project *project, const char *id,
                          const char *body, int64_t body_bytes, char **receipt)
{
    char now[TL_HASH_HEX], before[TL_HASH_HEX] = "";
    char *found = NULL;
    tl_err err = find_receipt(ctx, project, id, before, &found);
    if (err != TL_OK)
        return err;
    tl_hash_of(body, body_bytes, now);
    if (found != NULL && strcmp(now, before) != 0) {
        tl_free(found);
        return tl_fail(ctx, TL_ECONFLICT,
                       "the id %.64s came before with other content (SHA-256 %.12s..., now "
                       "%.12s...); what came first stands, nothing was written over",
                       id, before, now);
    }
    *receipt = found;
    return TL_OK;
}

tl_err tl_fieldwork_receipt(struct tl_ctx *ctx, struct tl_project *project, const char *id,
                            char **receipt)
{
    char sha256[TL_HASH_HEX];
    char *found = NULL;
    tl_err err = find_receipt(ctx, project, id, sha256, &found);
    if (err == TL_OK && found == NULL)
        err = tl_fail(ctx, TL_ENOTFOUND, "nothing with the id \"%.64s\" has come", id);
    if (err == TL_OK)
        *receipt = found;
    return err;
}

/* What is mended was refused, and nothing else has mended it; else the link is left out: a record is not refused for it. */
static tl_err find_mended(struct tl_ctx *ctx, struct tl_project *project, const char **mends)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    if (*mends == NULL)
        return TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT 1 FROM field_receipt WHERE uuid = ?1 AND state = 'refused' AND "
                          "NOT EXISTS (SELECT 1 FROM field_receipt WHERE mends = ?1)",
                          &stmt));
    tl_sql_bind_text(stmt, 1, *mends);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        *mends = NULL;
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err insert_receipt(struct tl_ctx *ctx, struct tl_project *project,
                             const struct tl_fieldwork_sent *sent,
                             const struct tl_fieldwork_made *made, const struct tl_edit_who *who)
{
    char sha256[TL_HASH_HEX];
    const char *mends = sent->mends;
    sqlite3_stmt *stmt = NULL;
    int at = 0;
    tl_err err = TL_OK;
    TL_TRY(find_mended(ctx, project, &mends));
    tl_hash_of(sent->body, sent->body_bytes, sha256);
    const char *const texts[] = {sent->id,
                                 sha256,
                                 tl_fieldwork_state_name(made->state),
                                 tl_kind_info(sent->kind)->name,
                                 made->code != NULL ? made->code : sent->code,
                                 made->version,
                                 sent->base_version,
                                 mends,
                                 sent->made_at,
                                 project->at,
                                 sent->device,
                                 who->person,
                                 who->role,
                                 made->doubts != NULL ? made->doubts : "[]",
                                 made->message};
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO field_receipt (uuid, sha256, state, kind, code, version, base_version, mends, "
        "made_at, received_at, device, person, role, doubts, message, ahead_s, body) VALUES (?1, "
        "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        &stmt));
    for (; at < (int)(sizeof texts / sizeof texts[0]); at++)
        tl_sql_bind_text(stmt, at + 1, texts[at]);
    tl_sql_bind_real(stmt, ++at, sent->ahead_s);
    sqlite3_bind_text(stmt, ++at, sent->body, (int)sent->body_bytes, SQLITE_STATIC);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_fieldwork_keep(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_fieldwork_sent *sent, const struct tl_fieldwork_made *made,
                         const struct tl_edit_who *who, char **receipt)
{
    int64_t id;
    tl_err err = TL_OK;
    TL_ASSERT(ctx, sent->body_bytes <= TL_FIELDWORK_BODY_MAX);
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(insert_receipt(ctx, project, sent, made, who));
    id = sqlite3_last_insert_rowid(project->db);
    if (made->state == TL_FIELDWORK_CONFLICT)
        TL_TRY(tl_sql_execf(ctx, project->db,
                            "INSERT INTO kept_edit (receipt_id, table_name, record_id, "
                            "met_version) VALUES (%lld, %Q, %lld, %Q)",
                            (long long)id, tl_kind_info(sent->kind)->table,
                            (long long)made->record_id, made->version));
    if (sent->mends != NULL) /* photographs of the refused one are this one's, too */
        TL_TRY(tl_fieldwork_settle(ctx, project, id));
    TL_TRY(tl_fieldwork_receipt(ctx, project, sent->id, receipt));
done:
    return err;
}

static json_t *sent_json(sqlite3_stmt *stmt)
{
    static const char *const names[] = {"uuid",   "kind",   "code",    "made_at",     "received_at",
                                        "device", "person", "message", "base_version"};
    json_t *object = json_object();
    set_texts(object, stmt, 0, 9, names);
    json_object_set_new(object, "ahead_s", real_at(stmt, 9));
    json_object_set_new(object, "body", json_at(stmt, 10));
    return object;
}

#define SENT                                                                                       \
    "r.uuid, r.kind, r.code, r.made_at, r.received_at, r.device, r.person, r.message, "            \
    "r.base_version, r.ahead_s, r.body"

static json_t *conflict_json(sqlite3_stmt *stmt)
{
    json_t *object = sent_json(stmt);
    json_object_set_new(object, "id", json_integer(sqlite3_column_int64(stmt, 11)));
    json_object_set_new(object, "met_version", tl_decision_text(text_at(stmt, 12)));
    json_object_set_new(object, "decided", decided_at(stmt, 13));
    return object;
}

static tl_err rows(struct tl_ctx *ctx, struct tl_project *project, const char *what,
                   const char *where, const struct tl_fieldwork_list *list, char **json,
                   int64_t *total)
{
    bool conflicts = what[0] != '\0';
    sqlite3_stmt *stmt = NULL;
    char *count = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    count = sqlite3_mprintf("SELECT count(*) FROM %s", where);
    if (count == NULL)
        TL_THROW(ctx, TL_ENOMEM, "no memory for a query");
    TL_TRY(tl_sql_int(ctx, project->db, count, 0, &n));
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt,
                           "SELECT " SENT "%s FROM %s ORDER BY r.id %s LIMIT %lld OFFSET %lld",
                           what, where, conflicts ? "" : "DESC", (long long)list->limit,
                           (long long)list->offset));
    TL_TRY(tl_decision_rows(ctx, stmt, conflicts ? conflict_json : sent_json, json));
    *total = n;
done:
    sqlite3_free(count);
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_fieldwork_conflicts(struct tl_ctx *ctx, struct tl_project *project,
                              const struct tl_fieldwork_list *list, char **json, int64_t *total)
{
    char where[160];
    snprintf(where, sizeof where,
             "kept_edit k JOIN field_receipt r ON r.id = k.receipt_id WHERE %s AND (%lld = 0 OR "
             "k.id = %lld)",
             list->open_only ? "k.decided_at IS NULL" : "1", (long long)list->id,
             (long long)list->id);
    return rows(ctx, project,
                ", k.id, k.met_version, k.decided_at, k.person, k.role, k.take, k.comment", where,
                list, json, total);
}

tl_err tl_fieldwork_refused(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_fieldwork_list *list, char **json, int64_t *total)
{
    return rows(ctx, project, "",
                "field_receipt r WHERE r.state = 'refused' AND NOT EXISTS (SELECT 1 FROM "
                "field_receipt m WHERE m.mends = r.uuid)",
                list, json, total);
}

/* The receipt of a kept change that nobody has decided about. */
static tl_err check_open(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                         int64_t *receipt)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt,
                           "SELECT decided_at, person, receipt_id FROM kept_edit WHERE id = %lld",
                           (long long)id));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no kept change %lld", (long long)id);
    if (text_at(stmt, 0) != NULL)
        TL_THROW(ctx, TL_ECONFLICT, "%s has decided about this at %s already", text_at(stmt, 1),
                 text_at(stmt, 0));
    *receipt = sqlite3_column_int64(stmt, 2);
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_fieldwork_decide(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                           const char *take, const char *comment, const struct tl_edit_who *who)
{
    int64_t receipt = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    if (!tl_edit_role_reviews(who->role))
        TL_THROW(ctx, TL_EDENIED, "the role '%.60s' may not decide about kept changes", who->role);
    TL_TRY(check_open(ctx, project, id, &receipt));
    TL_TRY(tl_sql_execf(ctx, project->db,
                        "UPDATE kept_edit SET decided_at = %Q, person = %Q, role = %Q, take = %Q, "
                        "comment = %Q WHERE id = %lld",
                        project->at, who->person, who->role, take, comment, (long long)id));
    TL_TRY(tl_fieldwork_settle(ctx, project, receipt));
done:
    return err;
}

tl_err tl_fieldwork_project(struct tl_ctx *ctx, struct tl_project *project,
                            char id[TL_EDIT_VERSION_HEX])
{
    uint8_t hash[TL_STORE_ID_BYTES];
    char *line = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_get_text(ctx, project->db,
                           "SELECT at || '|' || actor || '|' || table_name || '|' || "
                           "COALESCE(after, '') FROM log ORDER BY id LIMIT 1",
                           &line));
    tl_hash_id(line != NULL ? line : "", line != NULL ? (int64_t)strlen(line) : 0, hash);
    for (int i = 0; i < TL_STORE_ID_BYTES; i++)
        snprintf(id + 2 * i, 3, "%02x", hash[i]);
done:
    tl_free(line);
    return err;
}
