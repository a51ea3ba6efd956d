/* Reading records, in order of id. */
#include "store/store.h"

#include <math.h>

enum { C_ID, C_CODE, C_SOURCE, C_SOURCE_ID, C_ACCURACY, C_REMARKS, C_GEOM, C_COLUMNS };

struct tl_cursor {
    sqlite3_stmt *stmt; /* owns */
};

static tl_err select_columns(struct tl_ctx *ctx, enum tl_kind kind, struct tl_buf *sql)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, sql, "SELECT id, code, source, source_id, accuracy_m, remarks, geom"));
    for (int i = 0; i < info->n_columns; i++)
        TL_TRY(tl_buf_printf(ctx, sql, ", \"%s\"", info->columns[i].name));
    TL_TRY(tl_buf_printf(ctx, sql, " FROM \"%s\"", info->table));
done:
    return err;
}

static tl_err wait_for_rtree(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                             const double *box_deg)
{
    return project->in_transaction && box_deg != NULL
               ? tl_rtree_flush(ctx, project->db, &project->puts[kind].rtree)
               : TL_OK;
}

/* Makes a cursor of a statement whose parameters 1 to 4 are the box. */
static tl_err make(struct tl_ctx *ctx, struct tl_project *project, const struct tl_buf *sql,
                   const double *box_deg, struct tl_cursor **cursor)
{
    struct tl_cursor *made = NULL;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY(tl_sql_prepare(ctx, project->db, sql->text, &made->stmt));
    for (int i = 0; i < 4 && box_deg != NULL; i++)
        sqlite3_bind_double(made->stmt, i + 1, box_deg[i]);
    *cursor = made;
    made = NULL;
done:
    tl_cursor_free(made);
    return err;
}

#define IN_BOX                                                                                     \
    "id IN (SELECT id FROM \"rtree_%s_geom\" WHERE maxx >= ?1 AND minx <= ?3 AND maxy >= ?2 AND "  \
    "miny <= ?4)"

tl_err tl_register_select(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                          const double *box_deg, struct tl_cursor **cursor)
{
    struct tl_buf sql = {0};
    tl_err err = TL_OK;
    TL_TRY(wait_for_rtree(ctx, project, kind, box_deg));
    TL_TRY(select_columns(ctx, kind, &sql));
    if (box_deg != NULL)
        TL_TRY(tl_buf_printf(ctx, &sql, " WHERE " IN_BOX, tl_kind_info(kind)->table));
    TL_TRY(tl_buf_add(ctx, &sql, " ORDER BY id"));
    TL_TRY(make(ctx, project, &sql, box_deg, cursor));
done:
    tl_buf_fini(&sql);
    return err;
}

/* Names of columns are taken from the kind's table, never from outside. */
static tl_err named_column(struct tl_ctx *ctx, enum tl_kind kind, const char *name,
                           const char **column)
{
    int i = tl_kind_column(kind, name);
    if (i < 0)
        return tl_fail(ctx, TL_EUSAGE, "%s records have no \"%s\"", tl_kind_info(kind)->name, name);
    *column = tl_kind_info(kind)->columns[i].name;
    return TL_OK;
}

static const char *date_column(enum tl_kind kind)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    for (int i = 0; i < info->n_columns; i++)
        if (info->columns[i].type == TL_COLUMN_DATE)
            return info->columns[i].name;
    return NULL;
}

/* ?5 code, ?6 text, ?7 from, ?8 to, ?9 value, ?10 value2: a condition for each that is given. */
static tl_err conditions(struct tl_ctx *ctx, enum tl_kind kind, const struct tl_register_filter *f,
                         struct tl_buf *sql)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    const char *date = date_column(kind), *column = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, sql, " WHERE 1"));
    if (f->box_deg != NULL)
        TL_TRY(tl_buf_printf(ctx, sql, " AND " IN_BOX, info->table));
    if (f->code != NULL)
        TL_TRY(tl_buf_add(ctx, sql, " AND code = ?5"));
    if (f->text != NULL) {
        TL_TRY(tl_buf_add(ctx, sql,
                          " AND instr(tl_fold(coalesce(code, '') || char(10) || "
                          "coalesce(source_id, '') || char(10) || coalesce(remarks, '')"));
        for (int i = 0; i < info->n_columns; i++)
            if (info->columns[i].type == TL_COLUMN_TEXT)
                TL_TRY(tl_buf_printf(ctx, sql, " || char(10) || coalesce(\"%s\", '')",
                                     info->columns[i].name));
        TL_TRY(tl_buf_add(ctx, sql, "), tl_fold(?6)) > 0"));
    }
    if (date == NULL && (f->from != NULL || f->to != NULL))
        TL_THROW(ctx, TL_EUSAGE, "%s records have no date", info->name);
    if (f->from != NULL)
        TL_TRY(tl_buf_printf(ctx, sql, " AND \"%s\" >= substr(?7, 1, length(\"%s\"))", date, date));
    if (f->to != NULL) /* up to the end of what was given: 2024 holds 2024-12-31 */
        TL_TRY(tl_buf_printf(ctx, sql, " AND substr(\"%s\", 1, length(?8)) <= ?8", date));
    if (f->column != NULL) {
        TL_TRY(named_column(ctx, kind, f->column, &column));
        TL_TRY(tl_buf_printf(ctx, sql, " AND \"%s\" = ?9", column));
    }
    if (f->column2 != NULL) {
        TL_TRY(named_column(ctx, kind, f->column2, &column));
        TL_TRY(tl_buf_printf(ctx, sql, " AND \"%s\" = ?10", column));
    }
done:
    return err;
}

static void bind_filter(sqlite3_stmt *stmt, const struct tl_register_filter *f)
{
    const char *texts[] = {f->code, f->text, f->from, f->to, f->value, f->value2};
    int n = sqlite3_bind_parameter_count(stmt);
    for (int i = 0; i < 6; i++)
        if (5 + i <= n && texts[i] != NULL)
            tl_sql_bind_text(stmt, 5 + i, texts[i]);
}

tl_err tl_register_find(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                        const struct tl_register_filter *filter, struct tl_cursor **cursor)
{
    struct tl_buf sql = {0};
    tl_err err = TL_OK;
    TL_TRY(wait_for_rtree(ctx, project, kind, filter->box_deg));
    TL_TRY(select_columns(ctx, kind, &sql));
    TL_TRY(conditions(ctx, kind, filter, &sql));
    TL_TRY(tl_buf_printf(ctx, &sql, " ORDER BY id LIMIT %lld OFFSET %lld",
                         (long long)(filter->limit > 0 ? filter->limit : -1),
                         (long long)filter->offset));
    TL_TRY(make(ctx, project, &sql, filter->box_deg, cursor));
    bind_filter((*cursor)->stmt, filter);
done:
    tl_buf_fini(&sql);
    return err;
}

tl_err tl_register_find_count(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                              const struct tl_register_filter *filter, int64_t *n)
{
    struct tl_buf sql = {0};
    struct tl_cursor *cursor = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(wait_for_rtree(ctx, project, kind, filter->box_deg));
    TL_TRY(tl_buf_printf(ctx, &sql, "SELECT count(*) FROM \"%s\"", tl_kind_info(kind)->table));
    TL_TRY(conditions(ctx, kind, filter, &sql));
    TL_TRY(make(ctx, project, &sql, filter->box_deg, &cursor));
    bind_filter(cursor->stmt, filter);
    TL_TRY(tl_sql_step(ctx, cursor->stmt, &row));
    *n = row ? sqlite3_column_int64(cursor->stmt, 0) : 0;
done:
    tl_cursor_free(cursor);
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
