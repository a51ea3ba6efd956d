/* Refused records on their way out, so that people can mend them: the latest import first, in the order of its rows. */
#include "store/store.h"

struct tl_refused_cursor {
    sqlite3_stmt *stmt; /* owns */
};

tl_err tl_project_refused_select(struct tl_ctx *ctx, struct tl_project *project,
                                 struct tl_refused_cursor **cursor)
{
    tl_err err = TL_OK;
    struct tl_refused_cursor *made = NULL;
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY(tl_sql_prepare(ctx, project->db,
                          "SELECT r.import_id, i.path, r.row, r.reason, r.message, r.original, "
                          "r.proposal FROM refused r LEFT JOIN import i ON i.id = r.import_id "
                          "ORDER BY r.import_id DESC, r.row, r.id",
                          &made->stmt));
    *cursor = made;
    return TL_OK;
done:
    tl_free(made);
    return err;
}

tl_err tl_project_refused_next(struct tl_ctx *ctx, struct tl_refused_cursor *cursor,
                               const char *values[TL_REFUSED_COLUMNS], bool *more)
{
    tl_err err = tl_sql_step(ctx, cursor->stmt, more);
    for (int k = 0; err == TL_OK && *more && k < TL_REFUSED_COLUMNS; k++)
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
