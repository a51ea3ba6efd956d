/* Reading records, in order of id. */
#include "store/store.h"

#include <math.h>

enum { C_ID, C_CODE, C_SOURCE, C_SOURCE_ID, C_ACCURACY, C_REMARKS, C_GEOM, C_COLUMNS };

struct tl_cursor {
    sqlite3_stmt *stmt; /* owns */
};

tl_err tl_register_select(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                          const double *box_deg, struct tl_cursor **cursor)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    struct tl_cursor *made = NULL;
    struct tl_buf sql = {0};
    tl_err err = TL_OK;
    if (project->in_transaction && box_deg != NULL)
        TL_TRY(tl_rtree_flush(ctx, project->db, &project->puts[kind].rtree));
    TL_TRY(tl_buf_add(ctx, &sql, "SELECT id, code, source, source_id, accuracy_m, remarks, geom"));
    for (int i = 0; i < info->n_columns; i++)
        TL_TRY(tl_buf_printf(ctx, &sql, ", \"%s\"", info->columns[i].name));
    TL_TRY(tl_buf_printf(ctx, &sql, " FROM \"%s\"", info->table));
    if (box_deg != NULL)
        TL_TRY(tl_buf_printf(
            ctx, &sql,
            " WHERE id IN (SELECT id FROM \"rtree_%s_geom\" WHERE maxx >= ?1 AND minx <= ?3 "
            "AND maxy >= ?2 AND miny <= ?4)",
            info->table));
    TL_TRY(tl_buf_add(ctx, &sql, " ORDER BY id"));
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY(tl_sql_prepare(ctx, project->db, sql.text, &made->stmt));
    for (int i = 0; i < 4 && box_deg != NULL; i++)
        sqlite3_bind_double(made->stmt, i + 1, box_deg[i]);
    *cursor = made;
    made = NULL;
done:
    tl_cursor_free(made);
    tl_buf_fini(&sql);
    return err;
}

void tl_cursor_free(struct tl_cursor *cursor)
{
    if (cursor == NULL)
        return;
    sqlite3_finalize(cursor->stmt);
    tl_free(cursor);
}

tl_err tl_cursor_next(struct tl_ctx *ctx, struct tl_cursor *cursor, bool *more)
{
    return tl_sql_step(ctx, cursor->stmt, more);
}

int64_t tl_cursor_id(const struct tl_cursor *cursor)
{
    return sqlite3_column_int64(cursor->stmt, C_ID);
}

const char *tl_cursor_code(const struct tl_cursor *cursor)
{
    const char *code = (const char *)sqlite3_column_text(cursor->stmt, C_CODE);
    return code == NULL ? "" : code;
}

const char *tl_cursor_text(const struct tl_cursor *cursor, int column)
{
    return (const char *)sqlite3_column_text(cursor->stmt, C_COLUMNS + column);
}

static double real_of(sqlite3_stmt *stmt, int column)
{
    int type = sqlite3_column_type(stmt, column);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT ? sqlite3_column_double(stmt, column)
                                                          : (double)NAN;
}

double tl_cursor_real(const struct tl_cursor *cursor, int column)
{
    return real_of(cursor->stmt, C_COLUMNS + column);
}

double tl_cursor_accuracy_m(const struct tl_cursor *cursor)
{
    return real_of(cursor->stmt, C_ACCURACY);
}

const char *tl_cursor_source(const struct tl_cursor *cursor)
{
    return (const char *)sqlite3_column_text(cursor->stmt, C_SOURCE);
}

const char *tl_cursor_source_id(const struct tl_cursor *cursor)
{
    return (const char *)sqlite3_column_text(cursor->stmt, C_SOURCE_ID);
}

const char *tl_cursor_remarks(const struct tl_cursor *cursor)
{
    return (const char *)sqlite3_column_text(cursor->stmt, C_REMARKS);
}

const void *tl_cursor_wkb(const struct tl_cursor *cursor, int64_t *wkb_bytes)
{
    const void *blob = sqlite3_column_blob(cursor->stmt, C_GEOM);
    *wkb_bytes = 0;
    return tl_gpb_wkb(blob, sqlite3_column_bytes(cursor->stmt, C_GEOM), wkb_bytes);
}
