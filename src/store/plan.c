/* The latest plan of work: one row, its text as a blob, so that the log holds its hash and not each text. */
#include <string.h>

#include "core/hash.h"
#include "store/store.h"

tl_err tl_project_plan_save(struct tl_ctx *ctx, struct tl_project *project, const char *json)
{
    sqlite3_stmt *stmt = NULL;
    char hex[TL_HASH_HEX];
    int64_t n = (int64_t)strlen(json);
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "INSERT INTO \"plan\" (id, at, actor, hash, json) VALUES (1, ?1, ?2, ?3, "
                          "?4) ON CONFLICT (id) DO UPDATE SET at = excluded.at, actor = "
                          "excluded.actor, hash = excluded.hash, json = excluded.json",
                          &stmt));
    tl_hash_of(json, n, hex);
    tl_sql_bind_text(stmt, 1, project->at);
    tl_sql_bind_text(stmt, 2, project->actor);
    tl_sql_bind_text(stmt, 3, hex);
    tl_sql_bind_blob(stmt, 4, json, n);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_plan_load(struct tl_ctx *ctx, struct tl_project *project, char **json, char **at)
{
    sqlite3_stmt *stmt = NULL;
    char *text = NULL, *when = NULL, hex[TL_HASH_HEX];
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT json, at, hash FROM \"plan\" WHERE id = 1",
                          &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row) {
        int64_t n = sqlite3_column_bytes(stmt, 0);
        const char *hash = (const char *)sqlite3_column_text(stmt, 2);
        tl_hash_of(sqlite3_column_blob(stmt, 0), n, hex);
        if (hash == NULL || strcmp(hash, hex) != 0)
            TL_THROW(ctx, TL_EINTEGRITY,
                     "%s: the plan that is kept is not the one that its hash says: it was altered",
                     project->path);
        TL_TRY_ALLOC(ctx, text, n + 1);
        if (n > 0)
            memcpy(text, sqlite3_column_blob(stmt, 0), (size_t)n);
        TL_TRY(tl_sql_copy(ctx, stmt, 1, &when));
    }
    *json = text;
    *at = when;
    text = when = NULL;
done:
    sqlite3_finalize(stmt);
    tl_free(text);
    tl_free(when);
    return err;
}
