/*
 * How a record stands and how it goes from draft to approved. The version that somebody has seen is a hash of the whole row, not a number
 * that writers must raise: a change made in QGIS is seen like any other. Who entered, changed, submitted, approved or returned what is
 * kept in the table "review", which has an index by record as the log has not; the log holds its lines all the same.
 */
#include "store/edit.h"

#include <stdio.h>
#include <string.h>

#include "core/catalogue.h"
#include "store/decision.h"
#include "tilth/log.h"

const char *tl_edit_act_name(enum tl_edit_act act)
{
    static const char *const names[TL_EDIT_ACTS] = {
        TL_CATALOGUE_MARK("change"), TL_CATALOGUE_MARK("submit"), TL_CATALOGUE_MARK("approve"),
        TL_CATALOGUE_MARK("return")};
    return (unsigned)act < TL_EDIT_ACTS ? names[act] : "?";
}

static bool is_one_of(const char *text, const char *const *of, int n)
{
    for (int i = 0; i < n; i++)
        if (text != NULL && strcmp(text, of[i]) == 0)
            return true;
    return false;
}

bool tl_edit_role_reviews(const char *role)
{
    static const char *const roles[] = {"verifier", "approver", "administrator"};
    return is_one_of(role, roles, 3);
}

bool tl_edit_role_writes(const char *role)
{
    return tl_edit_role_reviews(role) || (role != NULL && strcmp(role, "entry") == 0);
}

static void copy_text(sqlite3_stmt *stmt, int column, char *out, size_t room)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    snprintf(out, room, "%s", text != NULL ? text : "");
}

static tl_err version_of(struct tl_ctx *ctx, sqlite3_stmt *stmt, int json, int geom,
                         char hex[TL_EDIT_VERSION_HEX])
{
    struct tl_buf buf = {0};
    uint8_t id[TL_STORE_ID_BYTES];
    const char *text = (const char *)sqlite3_column_text(stmt, json);
    const void *blob = sqlite3_column_blob(stmt, geom);
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add_bytes(ctx, &buf, text != NULL ? text : "",
                            text != NULL ? (int64_t)strlen(text) + 1 : 1));
    if (blob != NULL)
        TL_TRY(tl_buf_add_bytes(ctx, &buf, blob, sqlite3_column_bytes(stmt, geom)));
    tl_hash_id(buf.text, buf.size_bytes, id);
    for (int i = 0; i < TL_STORE_ID_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", id[i]);
done:
    tl_buf_fini(&buf);
    return err;
}

/* Since the last approval: what was approved is everybody's. */
static tl_err find_own(struct tl_ctx *ctx, struct tl_project *project, const char *table,
                       const char *person, struct tl_edit_state *state)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "SELECT 1 FROM review WHERE table_name = ?1 AND record_id = ?2 AND act IN "
        "('entered','changed') AND person = ?3 AND id > COALESCE((SELECT max(id) FROM review WHERE "
        "table_name = ?1 AND record_id = ?2 AND act = 'approved'), 0) LIMIT 1",
        &stmt));
    tl_sql_bind_text(stmt, 1, table);
    sqlite3_bind_int64(stmt, 2, state->id);
    tl_sql_bind_text(stmt, 3, person);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    state->is_own =
        row || (strcmp(state->entered_by, person) == 0 && strcmp(state->status, "approved") != 0);
done:
    sqlite3_finalize(stmt);
    return err;
}

/* Why an act is not to be done, NULL when it is. The reason is put into `said` where it names somebody. */
static const char *objection(const struct tl_edit_state *state, const struct tl_edit_who *who,
                             enum tl_edit_act act, char said[400], tl_err *err)
{
    bool reviews = act == TL_EDIT_APPROVE || act == TL_EDIT_RETURN;
    bool draft = strcmp(state->status, "draft") == 0;
    bool nobodys = state->entered_by[0] == '\0' || strcmp(state->entered_by, "outside") == 0;
    *err = TL_EDENIED;
    if (reviews ? !tl_edit_role_reviews(who->role) : !tl_edit_role_writes(who->role)) {
        snprintf(said, 400, TL_CATALOGUE_MARK("the role '%.60s' may not %s records"), who->role,
                 tl_edit_act_name(act));
        return said;
    }
    if (!reviews && draft && !state->is_own && !nobodys && !tl_edit_role_reviews(who->role)) {
        snprintf(said, 400, TL_CATALOGUE_MARK("%s is a draft of %s, who has not submitted it yet"),
                 state->code, state->entered_by);
        return said;
    }
    if (act == TL_EDIT_APPROVE && state->is_own && !who->alone) {
        snprintf(
            said, 400,
            TL_CATALOGUE_MARK("%s was entered or changed by %s: somebody else has to approve it"),
            state->code, who->person);
        return said;
    }
    *err = TL_ECONFLICT;
    if (act == TL_EDIT_SUBMIT && !draft) {
        snprintf(said, 400, TL_CATALOGUE_MARK("%s is '%s' already, only a draft is submitted"),
                 state->code, state->status);
        return said;
    }
    if (reviews && strcmp(state->status, "submitted") != 0) {
        snprintf(said, 400,
                 TL_CATALOGUE_MARK("%s is '%s', only what is submitted is approved or returned"),
                 state->code, state->status);
        return said;
    }
    return NULL;
}

tl_err tl_edit_check_act(struct tl_ctx *ctx, const struct tl_edit_state *state,
                         const struct tl_edit_who *who, enum tl_edit_act act)
{
    char said[400];
    tl_err err = TL_OK;
    const char *why = objection(state, who, act, said, &err);
    return why != NULL ? tl_fail(ctx, err, "%s", why) : TL_OK;
}

static tl_err select_state(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                           sqlite3_stmt **stmt)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    struct tl_buf columns = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_schema_log_columns(ctx, project->db, info->table, "t", &columns));
    TL_TRY(tl_sql_preparef(
        ctx, project->db, stmt,
        "SELECT id, code, COALESCE(record_status, 'draft'), entered_by, entered_at, approved_by, "
        "approved_at, json_patch('{}', json_object(%s)), geom, %s, position_text FROM \"%w\" t "
        "WHERE code = ?1",
        columns.text, kind == TL_KIND_HAZARD_AREA ? "status" : "NULL", info->table));
done:
    tl_buf_fini(&columns);
    return err;
}

tl_err tl_edit_state(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                     const char *code, const struct tl_edit_who *who, struct tl_edit_state *state)
{
    static const char *const ended[] = {"closed", "handed over", "cancelled", "reduced", "cleared"};
    struct tl_edit_state made = {0};
    sqlite3_stmt *stmt = NULL;
    char said[400];
    bool row = false;
    tl_err err = TL_OK, why;
    TL_TRY(select_state(ctx, project, kind, &stmt));
    tl_sql_bind_text(stmt, 1, code);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no %s \"%s\"", tl_kind_info(kind)->name, code);
    made.id = sqlite3_column_int64(stmt, 0);
    copy_text(stmt, 1, made.code, sizeof made.code);
    copy_text(stmt, 2, made.status, sizeof made.status);
    copy_text(stmt, 3, made.entered_by, sizeof made.entered_by);
    copy_text(stmt, 4, made.entered_at, sizeof made.entered_at);
    copy_text(stmt, 5, made.approved_by, sizeof made.approved_by);
    copy_text(stmt, 6, made.approved_at, sizeof made.approved_at);
    TL_TRY(version_of(ctx, stmt, 7, 8, made.version));
    copy_text(stmt, 9, made.area_status, sizeof made.area_status);
    copy_text(stmt, 10, made.position_text, sizeof made.position_text);
    made.is_ended = is_one_of(made.area_status, ended, 5);
    TL_TRY(find_own(ctx, project, tl_kind_info(kind)->table, who->person, &made));
    for (int act = 0; act < TL_EDIT_ACTS; act++)
        made.may[act] = objection(&made, who, (enum tl_edit_act)act, said, &why) == NULL;
    *state = made;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_edit_check_version(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                             const struct tl_edit_state *state, const char *version)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    if (strcmp(state->version, version) == 0)
        return TL_OK;
    /* The log has no index by record; what changed meanwhile stands near its end. */
    TL_TRY(
        tl_sql_preparef(ctx, project->db, &stmt,
                        "SELECT actor, at FROM log WHERE id > (SELECT max(id) FROM log) - %d AND "
                        "table_name = %Q AND record_id = %lld ORDER BY id DESC LIMIT 1",
                        TL_LOG_LOOK_BACK, tl_kind_info(kind)->table, (long long)state->id));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    TL_THROW(ctx, TL_ECONFLICT,
             "%s was changed meanwhile by %s at %s: look at it as it is now; nothing of yours was "
             "written",
             state->code, row ? (const char *)sqlite3_column_text(stmt, 0) : state->entered_by,
             row ? (const char *)sqlite3_column_text(stmt, 1) : state->entered_at);
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_edit_review(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind, int64_t id,
                      const char *act, const struct tl_edit_who *who, const char *comment)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "INSERT INTO review (at, actor, table_name, record_id, act, person, "
                          "role, comment) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                          &stmt));
    tl_sql_bind_text(stmt, 1, project->at);
    tl_sql_bind_text(stmt, 2, project->actor);
    tl_sql_bind_text(stmt, 3, tl_kind_info(kind)->table);
    sqlite3_bind_int64(stmt, 4, id);
    tl_sql_bind_text(stmt, 5, act);
    tl_sql_bind_text(stmt, 6, who->person);
    tl_sql_bind_text(stmt, 7, who->role);
    tl_sql_bind_text(stmt, 8, comment);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err set_status(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                         int64_t id, enum tl_edit_act act)
{
    const char *table = tl_kind_info(kind)->table;
    if (act == TL_EDIT_APPROVE)
        return tl_sql_execf(ctx, project->db,
                            "UPDATE \"%w\" SET record_status = 'approved', approved_by = %Q, "
                            "approved_at = %Q WHERE id = %lld",
                            table, project->actor, project->at, (long long)id);
    return tl_sql_execf(ctx, project->db, "UPDATE \"%w\" SET record_status = %Q WHERE id = %lld",
                        table, act == TL_EDIT_SUBMIT ? "submitted" : "draft", (long long)id);
}

tl_err tl_edit_step(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                    const char *code, const struct tl_edit_step *step,
                    const struct tl_edit_who *who, struct tl_edit_state *state)
{
    static const char *const done_words[TL_EDIT_ACTS] = {"changed", "submitted", "approved",
                                                         "returned"};
    struct tl_edit_state now;
    tl_err err = TL_OK;
    TL_ASSERT(ctx, step->act != TL_EDIT_CHANGE);
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_puts_flush(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_edit_state(ctx, project, kind, code, who, &now));
    TL_TRY(tl_edit_check_version(ctx, project, kind, &now, step->version));
    TL_TRY(tl_edit_check_act(ctx, &now, who, step->act));
    if (step->act == TL_EDIT_RETURN)
        TL_TRY(tl_decision_need(ctx, "the comment of a return", step->comment));
    TL_TRY(set_status(ctx, project, kind, now.id, step->act));
    TL_TRY(tl_edit_review(ctx, project, kind, now.id, done_words[step->act], who, step->comment));
    TL_TRY(tl_edit_state(ctx, project, kind, code, who, state));
done:
    return err;
}

static json_t *review_json(sqlite3_stmt *stmt)
{
    static const char *const names[] = {"at", "act", "person", "role", "comment"};
    json_t *object = json_object();
    for (int i = 0; i < 5; i++)
        json_object_set_new(object, names[i],
                            tl_decision_text((const char *)sqlite3_column_text(stmt, i)));
    return object;
}

tl_err tl_edit_reviews(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                       int64_t id, char **json)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT at, act, person, role, comment FROM review WHERE table_name = ?1 "
                          "AND record_id = ?2 ORDER BY id DESC LIMIT 50",
                          &stmt));
    tl_sql_bind_text(stmt, 1, tl_kind_info(kind)->table);
    sqlite3_bind_int64(stmt, 2, id);
    TL_TRY(tl_decision_rows(ctx, stmt, review_json, json));
done:
    sqlite3_finalize(stmt);
    return err;
}
