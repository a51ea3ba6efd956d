/*
 * What changed since a line of the log. Every change of a record has a line, also those that QGIS makes, and a map has its run's
 * line, so that the log's last id is a stamp of all that a map on the screen shows.
 */
#include "store/store.h"

#include <string.h>

static void all_changed(struct tl_project_change *change)
{
    for (int k = 0; k < TL_KIND_COUNT; k++)
        change->kinds[k] = true;
    change->map = true;
}

static void note(struct tl_project_change *change, const char *table)
{
    if (table == NULL)
        return;
    change->map = change->map || strcmp(table, "map_run") == 0;
    for (int k = 0; k < TL_KIND_COUNT; k++)
        if (strcmp(table, tl_kind_info((enum tl_kind)k)->table) == 0)
            change->kinds[k] = true;
}

static tl_err last_line(struct tl_ctx *ctx, struct tl_project *project, int64_t *line)
{
    bool row = false;
    tl_err err = TL_OK;
    if (project->last_line == NULL)
        TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT max(id) FROM log", &project->last_line));
    TL_TRY(tl_sql_step(ctx, project->last_line, &row));
    *line = row ? sqlite3_column_int64(project->last_line, 0) : 0;
    sqlite3_reset(project->last_line);
done:
    return err;
}

tl_err tl_project_changes(struct tl_ctx *ctx, struct tl_project *project, int64_t since,
                          struct tl_project_change *change)
{
    struct tl_project_change made = {0};
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    bool row = true;
    TL_TRY(last_line(ctx, project, &made.last_line));
    if (since < 0 || made.last_line < since)
        all_changed(&made);
    else if (made.last_line > since) {
        TL_TRY(tl_sql_prepare(ctx, project->db,
                              "SELECT DISTINCT table_name FROM log WHERE id > ?1 AND id <= ?2",
                              &stmt));
        sqlite3_bind_int64(stmt, 1, since);
        sqlite3_bind_int64(stmt, 2, made.last_line);
        TL_TRY(tl_sql_step(ctx, stmt, &row));
        for (; row && err == TL_OK; err = tl_sql_step(ctx, stmt, &row))
            note(&made, (const char *)sqlite3_column_text(stmt, 0));
    }
    if (err == TL_OK)
        *change = made;
done:
    sqlite3_finalize(stmt);
    return err;
}
