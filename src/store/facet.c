#include "tilth/facet.h"

#include "core/json.h"
#include "store/store.h"

static const char *column_of_type(enum tl_kind kind, enum tl_column_type type)
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    for (int i = 0; i < info->n_columns; i++)
        if (info->columns[i].type == type)
            return info->columns[i].name;
    return NULL;
}

static tl_err dates(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                    json_t *facets)
{
    const char *date = column_of_type(kind, TL_COLUMN_DATE);
    char *ends[2] = {NULL, NULL}, sql[200];
    tl_err err = TL_OK;
    for (int i = 0; i < 2 && date != NULL; i++) {
        snprintf(sql, sizeof sql, "SELECT %s(\"%s\") FROM \"%s\"", i == 0 ? "min" : "max", date,
                 tl_kind_info(kind)->table);
        TL_TRY(tl_sql_get_text(ctx, project->db, sql, &ends[i]));
    }
    json_object_set_new(facets, "from", ends[0] != NULL ? json_string(ends[0]) : json_null());
    json_object_set_new(facets, "to", ends[1] != NULL ? json_string(ends[1]) : json_null());
done:
    tl_free(ends[0]);
    tl_free(ends[1]);
    return err;
}

static tl_err values(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                     const char *column, json_t *list)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    if (tl_kind_column(kind, column) < 0)
        return TL_OK;
    TL_TRY(tl_sql_preparef(ctx, project->db, &stmt,
                           "SELECT DISTINCT \"%w\" FROM \"%w\" WHERE \"%w\" IS NOT NULL AND \"%w\" "
                           "!= '' ORDER BY 1 LIMIT %d",
                           column, tl_kind_info(kind)->table, column, column, TL_FACET_VALUES_MAX));
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &row));
        if (!row)
            break;
        if (json_array_append_new(list, json_string((const char *)sqlite3_column_text(stmt, 0))) !=
            0)
            TL_THROW(ctx, TL_ENOMEM, "no memory for a list");
    }
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_facet_list(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind, char **json)
{
    json_t *facets = json_object(), *statuses = json_array(), *organisations = json_array();
    tl_err err = TL_OK;
    TL_TRY(dates(ctx, project, kind, facets));
    TL_TRY(values(ctx, project, kind, "status", statuses));
    TL_TRY(values(ctx, project, kind, "organisation", organisations));
    json_object_set(facets, "statuses", statuses);
    json_object_set(facets, "organisations", organisations);
    TL_TRY(tl_json_text(ctx, facets, json));
done:
    json_decref(facets);
    json_decref(statuses);
    json_decref(organisations);
    return err;
}
