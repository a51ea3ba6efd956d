/* Refused records on their way out, so that people can mend them: the latest import first, in the order of its rows. */
#include "store/store.h"

#include <string.h>

#define REFUSED_FROM                                                                               \
    " FROM refused r LEFT JOIN import i ON i.id = r.import_id LEFT JOIN mended m ON "              \
    "m.refused_id = r.id WHERE (?1 = 0 OR r.import_id = ?1) AND (?2 = 0 OR r.id = ?2) AND (?3 = "  \
    "0 OR m.id IS NULL)"

struct tl_refused_cursor {
    sqlite3_stmt *stmt; /* owns */
};

static void bind_filter(sqlite3_stmt *stmt, const struct tl_refused_filter *filter)
{
    sqlite3_bind_int64(stmt, 1, filter->import_id);
    sqlite3_bind_int64(stmt, 2, filter->id);
    sqlite3_bind_int(stmt, 3, filter->open);
}

static tl_err count(struct tl_ctx *ctx, struct tl_project *project,
                    const struct tl_refused_filter *filter, int64_t *total)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, "SELECT count(*)" REFUSED_FROM, &stmt));
    bind_filter(stmt, filter);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    *total = sqlite3_column_int64(stmt, 0);
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_project_refused_find(struct tl_ctx *ctx, struct tl_project *project,
                               const struct tl_refused_filter *filter, int64_t *total,
                               struct tl_refused_cursor **cursor)
{
    tl_err err = TL_OK;
    struct tl_refused_cursor *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    if (total != NULL)
        TL_TRY(count(ctx, project, filter, total));
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT r.import_id, i.path, r.row, r.reason, r.message, r.original, "
                          "r.proposal, r.id, i.kind, m.record, i.options" REFUSED_FROM
                          " ORDER BY r.import_id DESC, r.row, r.id LIMIT ?4 OFFSET ?5",
                          &made->stmt));
    bind_filter(made->stmt, filter);
    sqlite3_bind_int64(made->stmt, 4, filter->limit > 0 ? filter->limit : -1);
    sqlite3_bind_int64(made->stmt, 5, filter->offset);
    *cursor = made;
    return TL_OK;
done:
    tl_free(made);
    return err;
}

tl_err tl_project_refused_select(struct tl_ctx *ctx, struct tl_project *project,
                                 struct tl_refused_cursor **cursor)
{
    const struct tl_refused_filter all = {0};
    return tl_project_refused_find(ctx, project, &all, NULL, cursor);
}

tl_err tl_project_refused_next(struct tl_ctx *ctx, struct tl_refused_cursor *cursor,
                               const char *values[TL_REFUSED_ALL], bool *more)
{
    tl_err err = tl_sql_step(ctx, cursor->stmt, more);
    for (int k = 0; err == TL_OK && *more && k < TL_REFUSED_ALL; k++)
        values[k] = (const char *)sqlite3_column_text(cursor->stmt, k);
    return err;
}

void tl_project_refused_free(struct tl_refused_cursor *cursor)
{
    if (cursor == NULL)
        return;
    sqlite3_finalize(cursor->stmt);
    tl_free(cursor);
}

tl_err tl_project_refused_mend(struct tl_ctx *ctx, struct tl_project *project, int64_t id,
                               const char *record, const char *person)
{
    const struct tl_refused_filter one = {.id = id};
    struct tl_refused_cursor *cursor = NULL;
    const char *values[TL_REFUSED_ALL];
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_store_writing(ctx, project));
    TL_TRY(tl_store_triggers(ctx, project, true));
    TL_TRY(tl_project_refused_find(ctx, project, &one, NULL, &cursor));
    TL_TRY(tl_project_refused_next(ctx, cursor, values, &more));
    if (!more)
        TL_THROW(ctx, TL_ENOTFOUND, "there is no refused record %lld", (long long)id);
    if (values[TL_REFUSED_MENDED] != NULL)
        TL_THROW(ctx, TL_ECONFLICT, "this record was mended already: as %s",
                 values[TL_REFUSED_MENDED]);
    TL_TRY(tl_sql_prepare(
        ctx, project->db,
        "INSERT INTO mended (refused_id, record, at, person) VALUES (?1, ?2, ?3, ?4)", &stmt));
    sqlite3_bind_int64(stmt, 1, id);
    tl_sql_bind_text(stmt, 2, record);
    tl_sql_bind_text(stmt, 3, project->at);
    tl_sql_bind_text(stmt, 4, person);
    TL_TRY(tl_sql_run(ctx, stmt));
done:
    sqlite3_finalize(stmt);
    tl_project_refused_free(cursor);
    return err;
}
