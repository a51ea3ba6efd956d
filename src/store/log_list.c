/* The log for people to read. There is no index by record: one would cost every import what a reader seldom needs, so a reader looks back a bounded way. */
#include "tilth/log.h"

#include "core/json.h"
#include "store/decision.h"

static json_t *object_of(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    json_t *object = text != NULL ? json_loads(text, 0, NULL) : NULL;
    return object != NULL ? object : json_null();
}

static json_t *line_json(sqlite3_stmt *stmt)
{
    static const char *const names[] = {"at", "actor", "table", "op"};
    json_t *line = json_object();
    json_object_set_new(line, "id", json_integer(sqlite3_column_int64(stmt, 0)));
    for (int i = 0; i < 4; i++)
        json_object_set_new(line, names[i],
                            tl_decision_text((const char *)sqlite3_column_text(stmt, i + 1)));
    json_object_set_new(line, "record", json_integer(sqlite3_column_int64(stmt, 5)));
    json_object_set_new(line, "before", object_of(stmt, 6));
    json_object_set_new(line, "after", object_of(stmt, 7));
    json_object_set_new(line, "moved", json_boolean(sqlite3_column_int(stmt, 8)));
    return line;
}

tl_err tl_log_list(struct tl_ctx *ctx, struct tl_project *project, const struct tl_log_query *query,
                   char **json, bool *complete)
{
    sqlite3_stmt *stmt = NULL;
    int64_t last = 0, first = 0;
    tl_err err = TL_OK;
    if (query->limit < 1 || query->limit > TL_LOG_LIMIT_MAX)
        TL_THROW(ctx, TL_EUSAGE, "%lld lines of the log, expected 1 to %d", (long long)query->limit,
                 TL_LOG_LIMIT_MAX);
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT max(id) FROM log", 0, &last));
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT min(id) FROM log", 0, &first));
    if (query->before > 0 && query->before <= last)
        last = query->before - 1;
    bool one = query->table != NULL || query->record_id != 0;
    int64_t from = one && last - TL_LOG_LOOK_BACK >= first ? last - TL_LOG_LOOK_BACK + 1 : first;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT id, at, actor, table_name, op, record_id, \"before\", \"after\", "
                          "geom_before IS NOT NULL OR "
                          "geom_after IS NOT NULL FROM log WHERE id BETWEEN ?1 AND ?2 AND (?3 IS "
                          "NULL OR table_name = ?3) AND (?4 = 0 "
                          "OR record_id = ?4) ORDER BY id DESC LIMIT ?5",
                          &stmt));
    sqlite3_bind_int64(stmt, 1, from);
    sqlite3_bind_int64(stmt, 2, last);
    tl_sql_bind_text(stmt, 3, query->table);
    sqlite3_bind_int64(stmt, 4, query->record_id);
    sqlite3_bind_int64(stmt, 5, query->limit);
    TL_TRY(tl_decision_rows(ctx, stmt, line_json, json));
    *complete = from == first;
done:
    sqlite3_finalize(stmt);
    return err;
}
