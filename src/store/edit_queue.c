/* What waits: of all kinds in one list. The table "review" says which records were touched by hand, so a million imported ones cost nothing. */
#include "store/edit.h"

#include "store/decision.h"

static tl_err one_kind(struct tl_ctx *ctx, enum tl_kind kind, struct tl_buf *sql)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    return tl_buf_printf(
        ctx, sql,
        "%sSELECT '%s' AS kind, t.code AS code, t.record_status AS status, t.entered_by AS by, "
        "t.entered_at AS at, t.id AS id, r.comment AS comment, r.act AS act, r.person AS person "
        "FROM \"%s\" t JOIN review r ON r.id = (SELECT max(id) FROM review WHERE table_name = '%s' "
        "AND record_id = t.id) WHERE t.id IN (SELECT record_id FROM review WHERE table_name = "
        "'%s') "
        "AND t.record_status = ?1",
        kind > 0 ? " UNION ALL " : "", info->name, info->table, info->table, info->table);
}

static json_t *row_json(sqlite3_stmt *stmt)
{
    static const char *const names[] = {"kind",       "code",    "record_status", "entered_by",
                                        "entered_at", "comment", "act",           "person"};
    json_t *object = json_object();
    for (int i = 0; i < 8; i++)
        json_object_set_new(object, names[i],
                            tl_decision_text((const char *)sqlite3_column_text(stmt, i)));
    return object;
}

tl_err tl_edit_queue(struct tl_ctx *ctx, struct tl_project *project, const char *status,
                     int64_t limit, int64_t offset, char **json, int64_t *total)
{
    struct tl_buf all = {0};
    sqlite3_stmt *stmt = NULL, *counting = NULL;
    int64_t n = 0;
    bool row = false;
    tl_err err = TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++)
        TL_TRY(one_kind(ctx, (enum tl_kind)k, &all));
    TL_TRY(tl_sql_preparef(ctx, project->db, &counting, "SELECT count(*) FROM (%s)", all.text));
    tl_sql_bind_text(counting, 1, status);
    TL_TRY(tl_sql_step(ctx, counting, &row));
    n = sqlite3_column_int64(counting, 0);
    TL_TRY(tl_sql_preparef(
        ctx, project->db, &stmt,
        "SELECT kind, code, status, by, at, comment, act, person FROM (%s) ORDER BY "
        "at, kind, id LIMIT %lld OFFSET %lld",
        all.text, (long long)limit, (long long)offset));
    tl_sql_bind_text(stmt, 1, status);
    TL_TRY(tl_decision_rows(ctx, stmt, row_json, json));
    *total = n;
done:
    sqlite3_finalize(stmt);
    sqlite3_finalize(counting);
    tl_buf_fini(&all);
    return err;
}
