/* Figures for `info`, and the hashes that say whether a map still rests on what is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "store/store.h"

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, TL_HASH_ID_BYTES);
}

/* One record: everything a map may rest on, as the table holds it now (an edit in QGIS counts). */
static tl_err digest_of(struct tl_ctx *ctx, struct tl_project *project, sqlite3_stmt *stmt,
                        int n_columns, uint8_t digest[TL_HASH_ID_BYTES])
{
    struct tl_buf *buf = &project->scratch;
    tl_err err = TL_OK;
    tl_buf_clear(buf);
    for (int i = 0; i < n_columns; i++) {
        bool null = sqlite3_column_type(stmt, i) == SQLITE_NULL;
        const void *bytes = sqlite3_column_blob(stmt, i);
        int64_t n = null ? -1 : sqlite3_column_bytes(stmt, i);
        TL_TRY(tl_buf_add_bytes(ctx, buf, &n, sizeof n));
        if (n > 0)
            TL_TRY(tl_buf_add_bytes(ctx, buf, bytes, n));
    }
    tl_hash_id(buf->text, buf->size_bytes, digest);
done:
    return err;
}

static tl_err select_all(struct tl_ctx *ctx, struct tl_project *project,
                         const struct tl_kind_info *info, sqlite3_stmt **stmt)
{
    struct tl_buf sql = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_add(ctx, &sql, "SELECT geom, accuracy_m, source_id"));
    for (int i = 0; i < info->n_columns;
         i++) /* text, so that 1 and 1.0 differ only where they do */
        TL_TRY(tl_buf_printf(ctx, &sql, ", CAST(\"%s\" AS TEXT)", info->columns[i].name));
    TL_TRY(tl_buf_printf(ctx, &sql, " FROM \"%s\"", info->table));
    TL_TRY(tl_sql_prepare(ctx, project->db, sql.text, stmt));
done:
    tl_buf_fini(&sql);
    return err;
}

tl_err tl_project_kind_hash(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                            char hex[65])
{
    const struct tl_kind_info *info = tl_kind_info(kind);
    uint8_t *digests = NULL, sum[TL_HASH_BYTES];
    sqlite3_stmt *stmt = NULL;
    struct tl_hash hash;
    int64_t n = 0, count = 0;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_register_count(ctx, project, kind, &count));
    TL_TRY_ALLOC(ctx, digests, count * TL_HASH_ID_BYTES);
    TL_TRY(select_all(ctx, project, info, &stmt));
    for (; n < count; n++) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        TL_TRY(digest_of(ctx, project, stmt, 3 + info->n_columns, digests + n * TL_HASH_ID_BYTES));
    }
    /* Sorted: the order in which records came does not matter. */
    qsort(digests, (size_t)n, TL_HASH_ID_BYTES, by_bytes);
    tl_hash_init(&hash);
    tl_hash_add(&hash, info->table, (int64_t)strlen(info->table));
    tl_hash_add(&hash, digests, n * TL_HASH_ID_BYTES);
    tl_hash_done(&hash, sum);
    tl_hash_hex(sum, hex);
done:
    sqlite3_finalize(stmt);
    tl_free(digests);
    return err;
}

/* jansson steals what is set, also when setting fails. */
static void set_count(struct tl_ctx *ctx, struct tl_project *project, json_t *object,
                      const char *name, const char *table, tl_err *err)
{
    char sql[128];
    int64_t n = 0;
    if (*err != TL_OK)
        return;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", table);
    *err = tl_sql_int(ctx, project->db, sql, 0, &n);
    json_object_set_new(object, name, json_integer(n));
}

static json_t *text_or_null(const char *text)
{
    json_t *value = text == NULL ? NULL : json_string(text);
    return value == NULL ? json_null() : value;
}

static json_t *grid_json(const struct tl_project *project)
{
    const struct tl_grid *grid = &project->grid;
    json_t *object = json_object();
    json_object_set_new(object, "x0_m", tl_json_number(grid->x0_m, 15));
    json_object_set_new(object, "y0_m", tl_json_number(grid->y0_m, 15));
    json_object_set_new(object, "step_m", tl_json_number(grid->step_m, 15));
    json_object_set_new(object, "n_x", json_integer(grid->n_x));
    json_object_set_new(object, "n_y", json_integer(grid->n_y));
    return object;
}

static json_t *area_json(const struct tl_project *project)
{
    json_t *array = json_array();
    for (int i = 0; i < 4; i++)
        json_array_append_new(array, tl_json_number(project->area_deg[i], 15));
    return array;
}

/* Rows of a query as objects, by the names of its columns. */
static tl_err rows_json(struct tl_ctx *ctx, struct tl_project *project, const char *sql,
                        json_t *array)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(ctx, project->db, sql, &stmt));
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        json_t *row = json_object();
        for (int i = 0; i < sqlite3_column_count(stmt); i++)
            json_object_set_new(row, sqlite3_column_name(stmt, i),
                                sqlite3_column_type(stmt, i) == SQLITE_INTEGER
                                    ? json_integer(sqlite3_column_int64(stmt, i))
                                    : text_or_null((const char *)sqlite3_column_text(stmt, i)));
        json_array_append_new(array, row);
    }
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err log_json(struct tl_ctx *ctx, struct tl_project *project, json_t *object)
{
    char *hash = NULL;
    int64_t unsealed = 0, last = 0;
    tl_err err = TL_OK;
    set_count(ctx, project, object, "lines", "log", &err);
    set_count(ctx, project, object, "seals", "log_seal", &err);
    if (err != TL_OK)
        goto done;
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT max(last_id) FROM log_seal", 0, &last));
    TL_TRY(tl_sql_int(
        ctx, project->db,
        "SELECT count(*) FROM log WHERE id > (SELECT COALESCE(max(last_id), 0) FROM log_seal)", 0,
        &unsealed));
    TL_TRY(tl_sql_get_text(ctx, project->db, "SELECT value FROM tilth_state WHERE key = 'log_hash'",
                           &hash));
    json_object_set_new(object, "sealed_up_to", json_integer(last));
    json_object_set_new(object, "unsealed", json_integer(unsealed));
    json_object_set_new(object, "head", text_or_null(hash));
done:
    tl_free(hash);
    return err;
}

static tl_err last_map_json(struct tl_ctx *ctx, struct tl_project *project, json_t *root)
{
    json_t *runs = json_array();
    tl_err err = rows_json(
        ctx, project, "SELECT id AS run, at, actor FROM map_run ORDER BY id DESC LIMIT 1", runs);
    json_t *first = json_array_get(runs, 0);
    if (err == TL_OK && first != NULL)
        json_object_set(root, "last_map", first);
    else
        json_object_set_new(root, "last_map", json_null());
    json_decref(runs);
    return err;
}

static tl_err fill(struct tl_ctx *ctx, struct tl_project *project, json_t *root)
{
    json_t *records = json_object(), *log = json_object(), *imports = json_array();
    json_t *covariates = json_array(), *refused = json_array(), *findings = json_array();
    json_t *release = json_object();
    int64_t version = 0, n_open = 0;
    tl_err err = TL_OK;
    json_object_set_new(root, "title", text_or_null(project->title));
    json_object_set_new(root, "crs", text_or_null(project->crs));
    json_object_set_new(root, "grid", grid_json(project));
    json_object_set_new(root, "area_deg", area_json(project));
    json_object_set_new(root, "records", records);
    json_object_set_new(root, "imports", imports);
    json_object_set_new(root, "refused", refused);
    json_object_set_new(root, "findings", findings);
    json_object_set_new(root, "covariates", covariates);
    json_object_set_new(root, "release", release);
    json_object_set_new(root, "log", log);
    TL_TRY(tl_sql_int(ctx, project->db, "SELECT schema_version FROM tilth_project", 0, &version));
    json_object_set_new(root, "schema_version", json_integer(version));
    for (int k = 0; k < TL_KIND_COUNT; k++)
        set_count(ctx, project, records, tl_kind_info((enum tl_kind)k)->name,
                  tl_kind_info((enum tl_kind)k)->table, &err);
    if (err != TL_OK)
        goto done;
    TL_TRY(rows_json(
        ctx, project,
        "SELECT id, at, actor, kind, path, sha256, n_read AS read, n_added AS added, n_updated AS "
        "updated, n_unchanged AS unchanged, n_refused AS refused FROM import ORDER BY id",
        imports));
    TL_TRY(rows_json(
        ctx, project,
        "SELECT reason, count(*) AS n FROM refused GROUP BY reason ORDER BY n DESC, reason",
        refused));
    TL_TRY(rows_json(ctx, project,
                     "SELECT kind, reason, count(*) AS n FROM finding GROUP BY kind, reason ORDER "
                     "BY n DESC, kind, "
                     "reason",
                     findings));
    TL_TRY(rows_json(ctx, project, "SELECT name, source, sha256 FROM covariate ORDER BY name",
                     covariates));
    set_count(ctx, project, release, "assessments", "assessment", &err);
    set_count(ctx, project, release, "decisions", "decision", &err);
    TL_TRY(err);
    TL_TRY(tl_sql_int(ctx, project->db,
                      "SELECT count(*) FROM release_finding WHERE answered IS NULL", 0, &n_open));
    json_object_set_new(release, "open_findings", json_integer(n_open));
    TL_TRY(log_json(ctx, project, log));
    TL_TRY(last_map_json(ctx, project, root));
done:
    return err;
}

tl_err tl_project_info(struct tl_ctx *ctx, struct tl_project *project, char **json)
{
    json_t *root = json_object();
    tl_err err = TL_OK;
    if (root == NULL)
        return tl_fail(ctx, TL_ENOMEM, "no memory for JSON");
    TL_TRY(fill(ctx, project, root));
    TL_TRY(tl_json_text(ctx, root, json));
done:
    json_decref(root);
    return err;
}
