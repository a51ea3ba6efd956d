/* Settings: text by key; the table's triggers log them. */
#include "store/store.h"

static tl_err get(struct tl_ctx *ctx, struct tl_project *project, const char *key,
                  sqlite3_stmt **stmt, bool *row)
{
    tl_err err = tl_sql_prepare(ctx, project->db, "SELECT value FROM setting WHERE key = ?1", stmt);
    if (err != TL_OK)
        return err;
    tl_sql_bind_text(*stmt, 1, key);
    return tl_sql_step(ctx, *stmt, row);
}

tl_err tl_project_get(struct tl_ctx *ctx, struct tl_project *project, const char *key, char **value)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    char *copy = NULL;
    tl_err err = TL_OK;
    TL_TRY(get(ctx, project, key, &stmt, &row));
    if (row)
        TL_TRY(tl_sql_copy(ctx, stmt, 0, &copy));
    *value = copy;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_set(struct tl_ctx *ctx, struct tl_project *project, const char *key,
                      const char *value)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    /* The same value again is no change, so no line in the log. */
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET "
        "value = excluded.value WHERE value IS NOT excluded.value",
        &stmt));
    tl_sql_bind_text(stmt, 1, key);
    tl_sql_bind_text(stmt, 2, value);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}
