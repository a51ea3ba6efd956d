/* Imports, what they refused and found, and the mappings that are found again. */
#include "store/store.h"
#include "tilth/decision.h"

#include <string.h>

static void bind_entry(sqlite3_stmt *stmt, const struct tl_import_entry *entry)
{
    tl_sql_bind_text(stmt, 1, entry->kind);
    tl_sql_bind_text(stmt, 2, entry->path);
    tl_sql_bind_text(stmt, 3, entry->sha256);
    tl_sql_bind_text(stmt, 4, entry->source);
    tl_sql_bind_text(stmt, 5, entry->options);
    sqlite3_bind_int64(stmt, 6, entry->n_read);
    sqlite3_bind_int64(stmt, 7, entry->n_added);
    sqlite3_bind_int64(stmt, 8, entry->n_updated);
    sqlite3_bind_int64(stmt, 9, entry->n_unchanged);
    sqlite3_bind_int64(stmt, 10, entry->n_refused);
}

tl_err tl_project_import_begin(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_import_entry *entry, int64_t *import_id)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO import (kind, path, sha256, source, options, n_read, n_added, n_updated, "
        "n_unchanged, n_refused, at, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12)",
        &stmt));
    bind_entry(stmt, entry);
    tl_sql_bind_text(stmt, 11, project->at);
    tl_sql_bind_text(stmt, 12, project->actor);
    TL_TRY(tl_sql_run(ctx, stmt));
    *import_id = sqlite3_last_insert_rowid(project->db);
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_import_end(struct tl_ctx *ctx, struct tl_project *project, int64_t import_id,
                             const struct tl_import_entry *entry)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n_raised = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "UPDATE import SET kind = ?1, path = ?2, sha256 = ?3, source = ?4, options = ?5, n_read "
        "= ?6, n_added = ?7, n_updated = ?8, n_unchanged = ?9, n_refused = ?10 WHERE id = ?11",
        &stmt));
    bind_entry(stmt, entry);
    sqlite3_bind_int64(stmt, 11, import_id);
    TL_TRY(tl_sql_run(ctx, stmt));
    if (sqlite3_changes(project->db) != 1)
        TL_THROW(ctx, TL_ENOTFOUND, "%s: there is no import %lld", project->path,
                 (long long)import_id);
    TL_TRY(tl_decision_watch(ctx, project, &n_raised));
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_refuse(struct tl_ctx *ctx, struct tl_project *project, int64_t import_id,
                         const struct tl_refused *refused)
{
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    if (project->refuse == NULL)
        TL_TRY(tl_sql_prepare(
            ctx, project->db,
            "INSERT INTO refused (import_id, row, reason, message, original, proposal) VALUES "
            "(?1, ?2, ?3, ?4, ?5, ?6)",
            &project->refuse));
    sqlite3_stmt *stmt = project->refuse;
    sqlite3_bind_int64(stmt, 1, import_id);
    sqlite3_bind_int64(stmt, 2, refused->row);
    tl_sql_bind_text(stmt, 3, refused->reason);
    tl_sql_bind_text(stmt, 4, refused->message);
    tl_sql_bind_text(stmt, 5, refused->original);
    tl_sql_bind_text(stmt, 6, refused->proposal);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    return err;
}

static void bind_positive(sqlite3_stmt *stmt, int i, int64_t value)
{
    if (value > 0)
        sqlite3_bind_int64(stmt, i, value);
    else
        sqlite3_bind_null(stmt, i);
}

tl_err tl_project_find(struct tl_ctx *ctx, struct tl_project *project, int64_t import_id,
                       enum tl_kind kind, const struct tl_finding *finding)
{
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    if (project->finding == NULL)
        TL_TRY(tl_sql_prepare(
            ctx, project->db,
            "INSERT INTO finding (import_id, kind, record_id, row, reason, message) VALUES (?1, "
            "?2, ?3, ?4, ?5, ?6)",
            &project->finding));
    sqlite3_stmt *stmt = project->finding;
    bind_positive(stmt, 1, import_id);
    tl_sql_bind_text(stmt, 2, tl_kind_info(kind)->name);
    bind_positive(stmt, 3, finding->record_id);
    bind_positive(stmt, 4, finding->row);
    tl_sql_bind_text(stmt, 5, finding->reason);
    tl_sql_bind_text(stmt, 6, finding->message);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    return err;
}

tl_err tl_project_mapping_get(struct tl_ctx *ctx, struct tl_project *project, const char *kind,
                              const char *columns_hash, char **json)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    char *copy = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT json FROM mapping WHERE kind = ?1 AND columns_hash = ?2", &stmt));
    tl_sql_bind_text(stmt, 1, kind);
    tl_sql_bind_text(stmt, 2, columns_hash);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (row)
        TL_TRY(tl_sql_copy(ctx, stmt, 0, &copy));
    *json = copy;
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_mapping_put(struct tl_ctx *ctx, struct tl_project *project, const char *kind,
                              const char *columns_hash, const char *columns, const char *json)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO mapping (kind, columns_hash, columns, json) VALUES (?1, ?2, ?3, ?4) ON "
        "CONFLICT (kind, columns_hash) DO UPDATE SET columns = excluded.columns, json = "
        "excluded.json WHERE json IS NOT excluded.json OR columns IS NOT excluded.columns",
        &stmt));
    tl_sql_bind_text(stmt, 1, kind);
    tl_sql_bind_text(stmt, 2, columns_hash);
    tl_sql_bind_text(stmt, 3, columns);
    tl_sql_bind_text(stmt, 4, json);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    return err;
}
