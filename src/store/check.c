/* What `check` looks at, beside the log (check_log.c) and the geometries (check_geometry.c). */
#include "store/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static tl_err append(struct tl_check *check, const char *severity, const char *name,
                     const char *message)
{
    if (check->n == check->room) {
        int64_t room = check->room == 0 ? 16 : 2 * check->room;
        struct tl_check_line *lines =
            tl_regrow(check->ctx, check->lines, check->n, room, sizeof *lines);
        if (lines == NULL)
            return TL_ENOMEM;
        check->lines = lines;
        check->room = room;
    }
    struct tl_check_line *line = &check->lines[check->n++];
    snprintf(line->severity, sizeof line->severity, "%s", severity);
    snprintf(line->check, sizeof line->check, "%s", name);
    snprintf(line->message, sizeof line->message, "%s", message);
    return TL_OK;
}

tl_err tl_check_add(struct tl_check *check, const char *severity, const char *name,
                    const char *format, ...)
{
    char message[sizeof check->lines->message];
    va_list args;
    if (check->present == NULL || strcmp(check->present, name) != 0) {
        tl_err err = tl_check_end(check, severity);
        if (err != TL_OK)
            return err;
        check->present = name;
    }
    if (++check->n_present > TL_CHECK_SHOWN)
        return TL_OK;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return append(check, severity, name, message);
}

tl_err tl_check_end(struct tl_check *check, const char *severity)
{
    char message[96];
    int64_t hidden = check->n_present - TL_CHECK_SHOWN;
    const char *name = check->present;
    check->present = NULL;
    check->n_present = 0;
    if (hidden <= 0)
        return TL_OK;
    snprintf(message, sizeof message, "and %lld more of this kind", (long long)hidden);
    return append(check, severity, name, message);
}

tl_err tl_check_rows(struct tl_check *check, const char *severity, const char *name,
                     const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(check->ctx, check->project->db, sql, &stmt));
    for (;;) {
        TL_TRY(tl_sql_step(check->ctx, stmt, &more));
        if (!more)
            break;
        const char *text = (const char *)sqlite3_column_text(stmt, 0);
        TL_TRY(tl_check_add(check, severity, name, "%s", text == NULL ? "?" : text));
    }
    TL_TRY(tl_check_end(check, severity));
done:
    sqlite3_finalize(stmt);
    return err;
}

static tl_err sqlite_itself(struct tl_check *check)
{
    tl_err err = TL_OK;
    TL_TRY(tl_check_rows(
        check, "error", "sqlite",
        "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check != 'ok'"));
    TL_TRY(tl_check_rows(
        check, "error", "foreign-key",
        "SELECT printf('%s row %s points to a row of %s that is not there', \"table\", "
        "COALESCE(rowid, '?'), parent) FROM pragma_foreign_key_check"));
done:
    return err;
}

/* The file's schema against the one that this program makes: what is missing or altered. */
static tl_err schema(struct tl_check *check)
{
    sqlite3 *fresh = NULL;
    sqlite3_stmt *wanted = NULL, *found = NULL;
    bool more = false, row = false;
    tl_err err = TL_OK;
    if (sqlite3_open_v2(":memory:", &fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
        TL_TRY(tl_sql_fail(check->ctx, fresh, "checking the schema"));
    TL_TRY(tl_gpb_register(check->ctx, fresh));
    TL_TRY(tl_schema_create(check->ctx, fresh));
    TL_TRY(tl_sql_prepare(
        check->ctx, fresh,
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid", &wanted));
    TL_TRY(tl_sql_prepare(check->ctx, check->project->db,
                          "SELECT sql IS ?3 FROM sqlite_schema WHERE type = ?1 AND name = ?2",
                          &found));
    for (;;) {
        TL_TRY(tl_sql_step(check->ctx, wanted, &more));
        if (!more)
            break;
        const char *type = (const char *)sqlite3_column_text(wanted, 0);
        const char *name = (const char *)sqlite3_column_text(wanted, 1);
        tl_sql_bind_text(found, 1, type);
        tl_sql_bind_text(found, 2, name);
        tl_sql_bind_text(found, 3, (const char *)sqlite3_column_text(wanted, 2));
        TL_TRY(tl_sql_step(check->ctx, found, &row));
        bool same = row && sqlite3_column_int(found, 0) != 0;
        sqlite3_reset(found);
        if (!row)
            TL_TRY(tl_check_add(check, "error", "schema", "%s %s is missing", type, name));
        else if (!same)
            TL_TRY(tl_check_add(check, "error", "schema", "%s %s was altered", type, name));
    }
    TL_TRY(tl_check_end(check, "error"));
done:
    sqlite3_finalize(wanted);
    sqlite3_finalize(found);
    sqlite3_close_v2(fresh);
    return err;
}

static tl_err geopackage(struct tl_check *check)
{
    tl_err err = TL_OK;
    TL_TRY(tl_check_rows(
        check, "error", "geopackage",
        "SELECT printf('application_id is %d, not that of a GeoPackage', application_id) FROM "
        "pragma_application_id WHERE application_id != 1196444487"));
    TL_TRY(tl_check_rows(
        check, "error", "geopackage",
        "SELECT printf('the GeoPackage version is %d, expected 10200 to 10499', "
        "user_version) FROM pragma_user_version WHERE user_version NOT BETWEEN 10200 AND "
        "10499"));
    TL_TRY(tl_check_rows(
        check, "error", "geopackage",
        "SELECT printf('gpkg_contents names %s, which is not there', table_name) FROM "
        "gpkg_contents WHERE table_name NOT IN (SELECT name FROM sqlite_schema)"));
    TL_TRY(tl_check_rows(
        check, "error", "geopackage",
        "SELECT printf('layer %s has no row in gpkg_geometry_columns', table_name) FROM "
        "gpkg_contents WHERE data_type = 'features' AND table_name NOT IN (SELECT table_name "
        "FROM gpkg_geometry_columns)"));
    TL_TRY(tl_check_rows(
        check, "error", "geopackage",
        "SELECT printf('layer %s is in a system that gpkg_spatial_ref_sys does not have', "
        "table_name) FROM gpkg_geometry_columns WHERE srs_id NOT IN (SELECT srs_id FROM "
        "gpkg_spatial_ref_sys)"));
done:
    return err;
}

/* Each layer's R-tree holds each geometry once, and its nodes are sound. */
static tl_err rtrees(struct tl_check *check)
{
    sqlite3_stmt *layers = NULL;
    bool more = false;
    char sql[1024];
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(
        check->ctx, check->project->db,
        "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index' AND "
        "column_name = 'geom' AND table_name IN (SELECT name FROM sqlite_schema)",
        &layers));
    for (;;) {
        TL_TRY(tl_sql_step(check->ctx, layers, &more));
        if (!more)
            break;
        const char *table = (const char *)sqlite3_column_text(layers, 0);
        sqlite3_snprintf(
            sizeof sql, sql,
            "SELECT printf('layer %%s: %%d geometries, %%d entries in its R-tree', %Q, n, m) FROM "
            "(SELECT (SELECT count(*) FROM \"%w\" WHERE geom NOT NULL AND NOT ST_IsEmpty(geom)) AS "
            "n, "
            "(SELECT count(*) FROM \"rtree_%w_geom_rowid\") AS m) WHERE n != m",
            table, table, table);
        TL_TRY(tl_check_rows(check, "error", "rtree", sql));
        sqlite3_snprintf(
            sizeof sql, sql,
            "SELECT %Q || ': ' || r FROM (SELECT rtreecheck('rtree_%q_geom') AS r) WHERE r != 'ok'",
            table, table);
        TL_TRY(tl_check_rows(check, "error", "rtree", sql));
    }
done:
    sqlite3_finalize(layers);
    return err;
}

static tl_err references(struct tl_check *check)
{
    tl_err err = TL_OK;
    TL_TRY(tl_check_rows(check, "error", "import-counts",
                         "SELECT printf('import %d (%s): read %d, but added %d + updated %d + "
                         "unchanged %d + refused %d', id, "
                         "COALESCE(path, '?'), n_read, n_added, n_updated, n_unchanged, n_refused) "
                         "FROM import WHERE n_read != "
                         "n_added + n_updated + n_unchanged + n_refused"));
    TL_TRY(tl_check_rows(check, "error", "import-counts",
                         "SELECT printf('import %d (%s): %d refused, but %d rows in the table of "
                         "refused records', i.id, "
                         "COALESCE(i.path, '?'), i.n_refused, count(r.id)) FROM import i LEFT JOIN "
                         "refused r ON r.import_id = "
                         "i.id GROUP BY i.id HAVING i.n_refused != count(r.id)"));
    TL_TRY(tl_check_rows(
        check, "warning", "orphan",
        "SELECT printf('item %s names the search \"%s\", which is not there', COALESCE(code, id), "
        "search) FROM "
        "item WHERE search IS NOT NULL AND search != '' AND search NOT IN (SELECT source_id FROM "
        "search WHERE "
        "source_id NOT NULL) AND search NOT IN (SELECT code FROM search WHERE code NOT NULL)"));
    TL_TRY(tl_check_rows(check, "warning", "orphan",
                         "SELECT printf('attachment %d (%s) belongs to table %s, which is not "
                         "there', id, name, table_name) FROM "
                         "attachment WHERE table_name NOT IN (SELECT name FROM sqlite_schema)"));
    TL_TRY(tl_check_rows(
        check, "warning", "method",
        "SELECT printf('method \"%s\" of %d searches has no row in the table of methods; "
        "\"unknown\" is used', method, count(*)) FROM search WHERE method NOT NULL AND "
        "lower(method) NOT IN (SELECT lower(name) FROM method) GROUP BY method"));
done:
    return err;
}

/* What was released, and what came since. */
static tl_err decisions(struct tl_check *check)
{
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_prepare(check->ctx, check->project->db,
                          "SELECT id, area_code, hash, json FROM assessment ORDER BY id", &stmt));
    for (;;) {
        char hex[TL_HASH_HEX];
        TL_TRY(tl_sql_step(check->ctx, stmt, &more));
        if (!more)
            break;
        const char *hash = (const char *)sqlite3_column_text(stmt, 2);
        tl_hash_of(sqlite3_column_blob(stmt, 3), sqlite3_column_bytes(stmt, 3), hex);
        if (hash == NULL || strcmp(hash, hex) != 0)
            TL_TRY(tl_check_add(check, "error", "assessment",
                                "assessment %lld of %s is not the one that its hash says: it was "
                                "altered",
                                (long long)sqlite3_column_int64(stmt, 0),
                                (const char *)sqlite3_column_text(stmt, 1)));
    }
    TL_TRY(tl_check_end(check, "error"));
    TL_TRY(tl_check_rows(
        check, "error", "decision",
        "SELECT printf('decision %d on %s rests on an assessment of another hash', d.id, "
        "d.area_code) FROM decision d JOIN assessment a ON a.id = d.assessment_id WHERE a.hash != "
        "d.assessment_hash"));
    TL_TRY(tl_check_rows(
        check, "warning", "decision",
        "SELECT printf('%s was released as %s by decision %d, but its status is \"%s\"', "
        "d.area_code, d.product, d.id, COALESCE(h.status, '')) FROM decision d JOIN hazard_area h "
        "ON h.id = d.hazard_area_id WHERE d.id IN (SELECT max(id) FROM decision GROUP BY "
        "hazard_area_id) AND COALESCE(h.status, '') NOT IN (d.product, 'closed', 'handed over')"));
    TL_TRY(tl_check_rows(check, "warning", "open-finding",
                         "SELECT printf('finding %d waits for an answer: %s', id, message) FROM "
                         "release_finding WHERE answered IS NULL ORDER BY id"));
done:
    sqlite3_finalize(stmt);
    return err;
}

/* Ids that are the same once spaces and case are gone: double entry. */
static tl_err twins(struct tl_check *check)
{
    char sql[512];
    tl_err err = TL_OK;
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const char *table = tl_kind_info((enum tl_kind)k)->table;
        sqlite3_snprintf(
            sizeof sql, sql,
            "SELECT printf('%q: source id \"%%s\" of %%s comes %%d times (spaces and case aside)', "
            "min(trim(source_id)), COALESCE(source, '?'), count(*)) FROM \"%w\" WHERE source_id "
            "NOT "
            "NULL GROUP BY source, lower(trim(source_id)) HAVING count(*) > 1",
            table, table);
        TL_TRY(tl_check_rows(check, "warning", "duplicate-id", sql));
    }
done:
    return err;
}

tl_err tl_project_check(struct tl_ctx *ctx, struct tl_project *project,
                        struct tl_check_line **lines, int64_t *n_lines)
{
    static tl_err (*const steps[])(struct tl_check *) = {
        sqlite_itself, schema, geopackage,        tl_check_log,         references,      decisions,
        twins,         rtrees, tl_check_geometry, tl_check_attachments, tl_check_victims};
    const int n_steps = (int)(sizeof steps / sizeof steps[0]);
    struct tl_check check = {.ctx = ctx, .project = project};
    bool ours = false;
    tl_err err = TL_OK;
    tl_progress_begin(ctx, "checking");
    if (!project->in_transaction) { /* one state of the file, whoever writes meanwhile */
        TL_TRY(tl_sql_exec(ctx, project->db, "BEGIN"));
        ours = true;
    }
    for (int i = 0; i < n_steps; i++) {
        TL_TRY(tl_cancelled(ctx));
        TL_TRY(steps[i](&check));
        tl_progress_set(ctx, (double)(i + 1) / n_steps);
    }
    if (check.lines == NULL)
        TL_TRY_ALLOC(ctx, check.lines, 1);
    *lines = check.lines;
    *n_lines = check.n;
    check.lines = NULL;
done:
    if (ours)
        sqlite3_exec(project->db, "ROLLBACK", NULL, NULL, NULL);
    tl_progress_end(ctx);
    tl_free(check.lines);
    return err;
}
