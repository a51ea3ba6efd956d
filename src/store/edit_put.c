/*
 * Entering and changing one record. Plain SQL with SQLite's triggers on, as QGIS does it: one record at a time has no use for what
 * register.c does for a million. What ends a hazardous area is a decision (decision.c), so an edit cannot.
 */
#include "store/edit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tilth/decision.h"

static const char source[] = "entered by hand";

/* Columns that an edit sets and their values, in the order of the parameters. */
struct assignments {
    struct tl_buf names, marks, pairs, same; /* "a, b", "?1, ?2", "a = ?1", "a IS ?1" */
    int n;
};

static tl_err assign(struct tl_ctx *ctx, struct assignments *a, const char *column)
{
    const char *comma = a->n > 0 ? ", " : "";
    tl_err err = TL_OK;
    a->n++;
    TL_TRY(tl_buf_printf(ctx, &a->names, "%s\"%s\"", comma, column));
    TL_TRY(tl_buf_printf(ctx, &a->marks, "%s?%d", comma, a->n));
    TL_TRY(tl_buf_printf(ctx, &a->pairs, "%s\"%s\" = ?%d", comma, column, a->n));
    TL_TRY(tl_buf_printf(ctx, &a->same, "%s\"%s\" IS ?%d", a->n > 1 ? " AND " : "", column, a->n));
done:
    return err;
}

static void assignments_fini(struct assignments *a)
{
    tl_buf_fini(&a->names);
    tl_buf_fini(&a->marks);
    tl_buf_fini(&a->pairs);
    tl_buf_fini(&a->same);
}

static tl_err assign_all(struct tl_ctx *ctx, const struct tl_kind_info *info,
                         const struct tl_edit *edit, struct assignments *a)
{
    tl_err err = TL_OK;
    for (int i = 0; i < info->n_columns; i++)
        if (edit->sets[i])
            TL_TRY(assign(ctx, a, info->columns[i].name));
    if (edit->sets_remarks)
        TL_TRY(assign(ctx, a, "remarks"));
    if (edit->sets_geometry) {
        TL_TRY(assign(ctx, a, "geom"));
        TL_TRY(assign(ctx, a, "position_text"));
    }
    if (edit->sets_accuracy || edit->sets_geometry)
        TL_TRY(assign(ctx, a, "accuracy_m"));
done:
    return err;
}

/* In the order of assign_all; the geometry is project->geom. */
static tl_err bind_all(struct tl_ctx *ctx, const struct tl_project *project,
                       const struct tl_kind_info *info, const struct tl_edit *edit,
                       sqlite3_stmt *stmt)
{
    int at = 0;
    tl_err err = TL_OK;
    for (int i = 0; i < info->n_columns; i++)
        if (edit->sets[i])
            TL_TRY(tl_register_bind(ctx, stmt, ++at, &info->columns[i], edit->values[i]));
    if (edit->sets_remarks)
        tl_sql_bind_text(stmt, ++at, edit->remarks);
    if (edit->sets_geometry) {
        tl_sql_bind_blob(stmt, ++at, edit->wkb != NULL ? project->geom.text : NULL,
                         project->geom.size_bytes);
        tl_sql_bind_text(stmt, ++at, edit->position_text);
    }
    if (edit->sets_accuracy || edit->sets_geometry)
        tl_sql_bind_real(stmt, ++at, edit->sets_accuracy ? edit->accuracy_m : (double)NAN);
done:
    return err;
}

/* The blob of the geometry, and its box; an empty box where there is none. */
static tl_err make_geometry(struct tl_ctx *ctx, struct tl_project *project,
                            const struct tl_kind_info *info, const struct tl_edit *edit,
                            struct tl_gpb_box *box)
{
    *box = (struct tl_gpb_box){1, -1, 1, -1};
    tl_buf_clear(&project->geom);
    return edit->sets_geometry && edit->wkb != NULL
               ? tl_gpb_make(ctx, tl_schema_family(info), edit->wkb, edit->wkb_bytes,
                             &project->geom, box)
               : TL_OK;
}

/* A hazardous area is open until a decision says otherwise; one that has ended may be opened again, which takes no decision. */
static tl_err guard_area(struct tl_ctx *ctx, enum tl_kind kind, const struct tl_edit *edit,
                         const struct tl_edit_state *state)
{
    int status = tl_kind_column(TL_KIND_HAZARD_AREA, "status");
    if (kind != TL_KIND_HAZARD_AREA)
        return TL_OK;
    const char *wanted = edit->sets[status] ? edit->values[status] : NULL;
    if (wanted != NULL && strcmp(wanted, "open") != 0 &&
        (state == NULL || strcmp(wanted, state->area_status) != 0))
        return tl_fail(
            ctx, TL_EDENIED,
            "status: an area becomes \"%s\" by a decision to release it or by an import, "
            "not by editing; expected open",
            wanted);
    if (state != NULL && state->is_ended && edit->sets_geometry)
        return tl_fail(ctx, TL_EDENIED,
                       "%s is not open any more: its perimeter is what was decided about; open it "
                       "again first, or enter another area",
                       state->code);
    return TL_OK;
}

static tl_err ready(struct tl_ctx *ctx, struct tl_project *project)
{
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_puts_flush(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
done:
    return err;
}

/* Evidence may have come into released areas. */
static tl_err watch(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind)
{
    int64_t n_raised = 0;
    return kind == TL_KIND_ACCIDENT || kind == TL_KIND_ITEM
               ? tl_decision_watch(ctx, project, &n_raised)
               : TL_OK;
}

/* What the client said, so that the same again is known for it. */
static tl_err content_of(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_kind_info *info, const struct tl_edit *edit,
                         uint8_t content[TL_STORE_ID_BYTES])
{
    struct tl_buf *buf = &project->scratch;
    tl_err err = TL_OK;
    tl_buf_clear(buf);
    for (int i = 0; i < info->n_columns; i++)
        if (edit->sets[i] && edit->values[i] != NULL)
            TL_TRY(
                tl_buf_printf(ctx, buf, "%d:%zu:%s", i, strlen(edit->values[i]), edit->values[i]));
    const char *const texts[] = {edit->remarks, edit->position_text};
    for (int i = 0; i < 2; i++)
        if (texts[i] != NULL)
            TL_TRY(tl_buf_printf(ctx, buf, "t%d:%zu:%s", i, strlen(texts[i]), texts[i]));
    if (edit->sets_accuracy && isfinite(edit->accuracy_m))
        TL_TRY(tl_buf_printf(ctx, buf, "a:%.17g:", edit->accuracy_m));
    TL_TRY(tl_buf_add_bytes(ctx, buf, project->geom.text != NULL ? project->geom.text : "",
                            project->geom.size_bytes));
    tl_hash_id(buf->text, buf->size_bytes, content);
done:
    return err;
}

/* The record that has this client's id already, 0 = none. */
static tl_err find_same(struct tl_ctx *ctx, struct tl_project *project,
                        const struct tl_kind_info *info, const uint8_t *identity,
                        const uint8_t *content, char code[64])
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    code[0] = '\0';
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt,
                           "SELECT code, content IS ?2 FROM \"%w\" WHERE identity = ?1",
                           info->table));
    tl_sql_bind_blob(stmt, 1, identity, TL_STORE_ID_BYTES);
    tl_sql_bind_blob(stmt, 2, content, TL_STORE_ID_BYTES);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row)
        snprintf(code, 64, "%s", (const char *)sqlite3_column_text(stmt, 0));
    if (row && sqlite3_column_int(stmt, 1) == 0)
        TL_THROW(
            ctx, TL_ECONFLICT,
            "the id was used for %s, which was entered with other content; nothing was written",
            code);
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err next_code(struct tl_ctx *ctx, struct tl_project *project,
                        const struct tl_kind_info *info, int64_t *id, char code[64])
{
    char sql[128];
    int64_t last = 0;
    snprintf(sql, sizeof sql, "SELECT seq FROM sqlite_sequence WHERE name = '%s'", info->table);
    tl_err err = tl_sql_int(ctx, project->db, sql, 0, &last);
    *id = last + 1;
    snprintf(code, 64, "%s-%04lld", info->prefix, (long long)*id);
    return err;
}

struct fresh {
    int64_t id;
    const char *code;
    const uint8_t *identity, *content;
};

static tl_err insert(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_kind_info *info, const struct tl_edit *edit,
                     const struct fresh *fresh)
{
    static const char *const own[] = {"id",        "code",      "identity",      "content",
                                      "source",    "source_id", "record_status", "entered_by",
                                      "entered_at"};
    struct assignments a = {0};
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(assign_all(ctx, info, edit, &a));
    int at = a.n;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        TL_TRY(assign(ctx, &a, own[i]));
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt, "INSERT INTO \"%w\" (%s) VALUES (%s)",
                           info->table, a.names.text, a.marks.text));
    TL_TRY(bind_all(ctx, project, info, edit, stmt));
    sqlite3_bind_int64(stmt, ++at, fresh->id);
    tl_sql_bind_text(stmt, ++at, fresh->code);
    tl_sql_bind_blob(stmt, ++at, fresh->identity, TL_STORE_ID_BYTES);
    tl_sql_bind_blob(stmt, ++at, fresh->content, TL_STORE_ID_BYTES);
    tl_sql_bind_text(stmt, ++at, source);
    tl_sql_bind_text(stmt, ++at, edit->id);
    tl_sql_bind_text(stmt, ++at, "draft");
    tl_sql_bind_text(stmt, ++at, project->actor);
    tl_sql_bind_text(stmt, ++at, project->at);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    assignments_fini(&a);
    return err;
}

tl_err tl_edit_create(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                      const struct tl_edit *edit, const struct tl_edit_who *who,
                      struct tl_edit_state *state)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    uint8_t identity[TL_STORE_ID_BYTES], content[TL_STORE_ID_BYTES];
    struct fresh fresh = {.identity = NULL, .content = content};
    struct tl_gpb_box box;
    char code[64] = "";
    bool is_new;
    tl_err err = TL_OK;
    if (!tl_edit_role_writes(who->role))
        TL_THROW(ctx, TL_EDENIED, "the role '%.60s' may not enter records", who->role);
    TL_TRY(guard_area(ctx, kind, edit, NULL));
    TL_TRY(ready(ctx, project));
    TL_TRY(make_geometry(ctx, project, info, edit, &box));
    TL_TRY(content_of(ctx, project, info, edit, content));
    if (edit->id != NULL) {
        TL_TRY(tl_register_identity(ctx, project, kind, source, edit->id, identity));
        fresh.identity = identity;
        TL_TRY(find_same(ctx, project, info, identity, content, code));
    }
    is_new = code[0] == '\0';
    if (is_new) {
        TL_TRY(next_code(ctx, project, info, &fresh.id, code));
        fresh.code = code;
        TL_TRY(insert(ctx, project, info, edit, &fresh));
        TL_TRY(tl_store_extent(ctx, project, info->table, &box));
        TL_TRY(tl_edit_review(ctx, project, kind, fresh.id, "entered", who, NULL));
        TL_TRY(watch(ctx, project, kind));
    }
    TL_TRY(tl_edit_state(ctx, project, kind, code, who, state));
    state->is_new = is_new;
done:
    return err;
}

/* Whether the record is already as the edit would make it. */
static tl_err is_same(struct tl_ctx *ctx, struct tl_project *project,
                      const struct tl_kind_info *info, const struct tl_edit *edit,
                      const struct assignments *a, int64_t id, bool *same)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt, "SELECT 1 FROM \"%w\" WHERE %s AND id = %lld",
                           info->table, a->same.text, (long long)id));
    TL_TRY(bind_all(ctx, project, info, edit, stmt));
    TL_TRY(tl_sql_step(ctx, stmt, same));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err update(struct tl_ctx *ctx, struct tl_project *project,
                     const struct tl_kind_info *info, const struct tl_edit *edit,
                     const struct assignments *a, const struct tl_edit_state *state)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt,
                           "UPDATE \"%w\" SET %s, record_status = %Q, entered_by = %Q, entered_at "
                           "= %Q, approved_by = NULL, approved_at = NULL WHERE id = %lld",
                           info->table, a->pairs.text,
                           strcmp(state->status, "draft") == 0 ? "draft" : "submitted",
                           project->actor, project->at, (long long)state->id));
    TL_TRY(bind_all(ctx, project, info, edit, stmt));
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_edit_change(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                      const char *code, const char *version, const struct tl_edit *edit,
                      const struct tl_edit_who *who, struct tl_edit_state *state)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    struct assignments a = {0};
    struct tl_edit_state now;
    struct tl_gpb_box box;
    bool same = true;
    tl_err err = TL_OK;
    TL_TRY(ready(ctx, project));
    TL_TRY(tl_edit_state(ctx, project, kind, code, who, &now));
    TL_TRY(tl_edit_check_version(ctx, project, kind, &now, version));
    TL_TRY(tl_edit_check_act(ctx, &now, who, TL_EDIT_CHANGE));
    TL_TRY(make_geometry(ctx, project, info, edit, &box));
    TL_TRY(assign_all(ctx, info, edit, &a));
    if (a.n > 0)
        TL_TRY(is_same(ctx, project, info, edit, &a, now.id, &same));
    if (!same) {
        TL_TRY(guard_area(ctx, kind, edit, &now));
        TL_TRY(update(ctx, project, info, edit, &a, &now));
        TL_TRY(tl_store_extent(ctx, project, info->table, &box));
        TL_TRY(tl_edit_review(ctx, project, kind, now.id, "changed", who, NULL));
        TL_TRY(watch(ctx, project, kind));
    }
    TL_TRY(tl_edit_state(ctx, project, kind, code, who, state));
done:
    assignments_fini(&a);
    return err;
}
