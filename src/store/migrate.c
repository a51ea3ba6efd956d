/*
 * Forward migrations. A step is SQL, and C where a table is made by the same code as in a new project, so that the two cannot
 * differ (`check` compares the schema with the program's). A logged table that changes loses its log triggers and gets them anew, and each
 * row a line in the log, or `check` would find rows that are not as the log says.
 */
#include "store/migrate.h"

#include <math.h>
#include <string.h>

#include "store/band.h"
#include "store/blob.h"
#include "store/store.h"

/*
 * Version 2: a method has one row or several (by group, depth and soil) with pace, price and terrain; assessments, decisions and
 * their findings. The embedded QGIS project is made anew when the file is next settled.
 */
static const char to_2[] =
    "DROP TRIGGER IF EXISTS log_method_insert; DROP TRIGGER IF EXISTS log_method_update;"
    "DROP TRIGGER IF EXISTS log_method_delete;"
    "CREATE TEMP TABLE method_1 AS SELECT * FROM method; DROP TABLE method;"
    "DELETE FROM gpkg_contents WHERE table_name = 'method';"
    "DELETE FROM tilth_state WHERE key = 'qgis_file'";

static tl_err make_2(struct tl_ctx *ctx, sqlite3 *db)
{
    static const char *const tables[] = {"method", "assessment", "decision", "release_finding"};
    tl_err err = TL_OK;
    for (int i = 0; i < 4; i++)
        TL_TRY(tl_schema_table(ctx, db, tables[i]));
    /* As they were, unlogged; then the new figures, which the triggers log. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    err = tl_sql_exec(ctx, db,
                      "INSERT INTO method (id, name, detectable_a, detectable_b, per_pass_a, "
                      "per_pass_b, process_failure, process_failure_p, source) SELECT id, name, "
                      "detectable_a, detectable_b, per_pass_a, per_pass_b, process_failure, "
                      "process_failure_p, source FROM temp.method_1; DROP TABLE temp.method_1");
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
    TL_TRY(err);
    TL_TRY(tl_sql_exec(
        ctx, db, "UPDATE method SET is_assumption = source LIKE 'assumption%' OR source = ''"));
    TL_TRY(tl_method_complete(ctx, db));
done:
    return err;
}

/* Version 3: the latest plan of work. */
static const char to_3[] = "DELETE FROM tilth_state WHERE key = 'qgis_file'";

static tl_err make_3(struct tl_ctx *ctx, sqlite3 *db)
{
    return tl_schema_table(ctx, db, "plan");
}

/* Version 4: who entered, changed, submitted, approved or returned a record, and with which words. */
static const char to_4[] = "DELETE FROM tilth_state WHERE key = 'qgis_file'";

static tl_err make_4(struct tl_ctx *ctx, sqlite3 *db)
{
    return tl_schema_table(ctx, db, "review");
}

/*
 * Makes a table anew with the columns it has now; `columns` (with "id") are taken over, the others are empty. The rows' last lines of the log still say
 * what they hold, since unknown columns are left out there. Ids that were given are not given again.
 */
static tl_err remake(struct tl_ctx *ctx, sqlite3 *db, const char *table, const char *columns)
{
    static const char *const ops[] = {"insert", "update", "delete"};
    tl_err err = TL_OK;
    for (int i = 0; i < 3; i++)
        TL_TRY(tl_sql_execf(ctx, db, "DROP TRIGGER IF EXISTS \"log_%w_%w\"", table, ops[i]));
    TL_TRY(tl_sql_execf(
        ctx, db,
        "CREATE TEMP TABLE remade AS SELECT * FROM \"%w\"; CREATE TEMP TABLE given AS SELECT name, "
        "seq FROM main.sqlite_sequence WHERE name = %Q; DROP TABLE \"%w\"; DELETE FROM "
        "gpkg_contents WHERE table_name = %Q",
        table, table, table, table));
    TL_TRY(tl_schema_table(ctx, db, table));
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    err = tl_sql_execf(ctx, db, "INSERT INTO \"%w\" (%s) SELECT %s FROM temp.remade", table,
                       columns, columns);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
    TL_TRY(err);
    TL_TRY(tl_sql_execf(ctx, db,
                        "DELETE FROM sqlite_sequence WHERE name = %Q; INSERT INTO sqlite_sequence "
                        "SELECT * FROM temp.given; DROP TABLE temp.remade; DROP TABLE temp.given",
                        table));
done:
    return err;
}

/*
 * Version 5: a victim's sealed details and the key they are sealed to; who attached what and when, and each content once; receipts of what
 * devices send from the field, and changes of theirs that met a newer version.
 */
static const char to_5[] =
    "DELETE FROM tilth_state WHERE key = 'qgis_file';"
    "CREATE TEMP TABLE content_4 AS SELECT sha256, length(bytes) AS n_bytes, bytes FROM attachment "
    "WHERE bytes NOT NULL GROUP BY sha256";

static tl_err make_5(struct tl_ctx *ctx, sqlite3 *db)
{
    tl_err err = TL_OK;
    TL_TRY(tl_schema_table(ctx, db, "victim_key"));
    TL_TRY(tl_schema_table(ctx, db, "attachment_bytes"));
    TL_TRY(tl_schema_table(ctx, db, "field_receipt"));
    TL_TRY(tl_schema_table(ctx, db, "kept_edit"));
    TL_TRY(tl_schema_table(ctx, db, "mended"));
    TL_TRY(remake(ctx, db, "victim",
                  "id, accident_id, outcome, sex, age_group, activity, tampering, record_status, "
                  "source, remarks, entered_by, entered_at, approved_by, approved_at"));
    TL_TRY(remake(ctx, db, "attachment", "id, table_name, record_id, name, media_type, sha256"));
    TL_TRY(tl_sql_exec(ctx, db,
                       "INSERT INTO attachment_bytes (sha256, n_bytes, bytes) SELECT sha256, "
                       "n_bytes, bytes FROM temp.content_4; UPDATE attachment SET n_bytes = "
                       "(SELECT c.n_bytes FROM temp.content_4 c WHERE c.sha256 = "
                       "attachment.sha256) WHERE sha256 IN (SELECT sha256 FROM temp.content_4); "
                       "DROP TABLE temp.content_4"));
done:
    return err;
}

/* Version 6: bands of the latest map in blocks (band.c), one blob each before. */
static const char to_6[] = "ALTER TABLE map_band RENAME TO map_band_5";

static tl_err read_grid(struct tl_ctx *ctx, sqlite3 *db, struct tl_grid *grid)
{
    sqlite3_stmt *stmt = NULL;
    bool row = false;
    tl_err err = TL_OK;
    TL_TRY(
        tl_sql_prepare(ctx, db, "SELECT x0_m, y0_m, step_m, n_x, n_y FROM tilth_project", &stmt));
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    *grid = (struct tl_grid){sqlite3_column_double(stmt, 0), sqlite3_column_double(stmt, 1),
                             sqlite3_column_double(stmt, 2), sqlite3_column_int64(stmt, 3),
                             sqlite3_column_int64(stmt, 4)};
done:
    sqlite3_finalize(stmt);
    return err;
}

/* A band as version 5 kept it. @param[out] values [n], NULL where there is none or it is damaged */
static tl_err old_band(struct tl_ctx *ctx, sqlite3 *db, const char *name, int64_t n, float **values)
{
    sqlite3_stmt *stmt = NULL;
    float *made = NULL;
    bool row = false;
    tl_err err = TL_OK;
    *values = NULL;
    TL_TRY(tl_sql_prepare(ctx, db, "SELECT \"values\" FROM map_band_5 WHERE name = ?1", &stmt));
    tl_sql_bind_text(stmt, 1, name);
    TL_TRY(tl_sql_step(ctx, stmt, &row));
    if (!row)
        goto done;
    TL_TRY_ALLOC(ctx, made, n);
    err = tl_blob_unpack(ctx, sqlite3_column_blob(stmt, 0), sqlite3_column_bytes(stmt, 0), 4, made,
                         4 * n);
    if (err == TL_OK) {
        *values = made;
        made = NULL;
    }
    /* A map can be made anew: a damaged one must not shut the project. */
    err = err == TL_EDATA ? TL_OK : err;
done:
    sqlite3_finalize(stmt);
    tl_free(made);
    return err;
}

/* Average of a covariate over the area of interest, as `explain` took it of the whole band. */
static double average_of(int64_t n, const float *values, const float *area)
{
    double sum = 0.0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(values[i]) && area[i] > 0.0F) {
            sum += (double)values[i];
            count++;
        }
    return count > 0 ? sum / (double)count : 0.0;
}

static tl_err move_band(struct tl_ctx *ctx, sqlite3 *db, const struct tl_grid *grid, int64_t run_id,
                        const char *name)
{
    struct tl_band_writer *writer = NULL;
    float *values = NULL, *area = NULL;
    int64_t n = tl_grid_n_cells(grid);
    tl_err err = TL_OK;
    TL_TRY(old_band(ctx, db, name, n, &values));
    if (values == NULL)
        goto done;
    if (strncmp(name, "covariate:", 10) == 0)
        TL_TRY(old_band(ctx, db, "cell_area", n, &area));
    TL_TRY(tl_band_begin_db(ctx, db, grid, run_id, name, &writer));
    TL_TRY(tl_band_rows(ctx, writer, grid->n_y, values));
    TL_TRY(tl_band_finish(ctx, writer, area == NULL ? (double)NAN : average_of(n, values, area)));
done:
    tl_band_free(writer);
    tl_free(values);
    tl_free(area);
    return err;
}

static tl_err make_6(struct tl_ctx *ctx, sqlite3 *db)
{
    struct tl_grid grid;
    sqlite3_stmt *stmt = NULL;
    bool more = false;
    tl_err err = TL_OK;
    TL_TRY(tl_schema_table(ctx, db, "map_band"));
    TL_TRY(tl_schema_table(ctx, db, "map_block"));
    TL_TRY(read_grid(ctx, db, &grid));
    TL_TRY(tl_sql_prepare(ctx, db, "SELECT run_id, name FROM map_band_5 ORDER BY id", &stmt));
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        TL_TRY(move_band(ctx, db, &grid, sqlite3_column_int64(stmt, 0),
                         (const char *)sqlite3_column_text(stmt, 1)));
    }
    sqlite3_finalize(stmt);
    stmt = NULL;
    TL_TRY(tl_sql_exec(ctx, db, "DROP TABLE map_band_5"));
done:
    sqlite3_finalize(stmt);
    return err;
}

const struct tl_migration tl_migrations[] = {{1, to_2, make_2}, {2, to_3, make_3},
                                             {3, to_4, make_4}, {4, to_5, make_5},
                                             {5, to_6, make_6}, {0, NULL, NULL}};

static const struct tl_migration *step_from(const struct tl_migration *steps, int64_t from)
{
    for (; steps->sql != NULL; steps++)
        if (steps->from == from)
            return steps;
    return NULL;
}

static tl_err run(struct tl_ctx *ctx, sqlite3 *db, const struct tl_migration *steps, int target)
{
    int64_t version = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_sql_exec(ctx, db,
                       "INSERT OR REPLACE INTO tilth_state VALUES ('actor', 'tilth (migration)')"));
    TL_TRY(tl_sql_int(ctx, db, "SELECT schema_version FROM tilth_project", 0, &version));
    for (; version < target; version++) {
        const struct tl_migration *step = step_from(steps, version);
        if (step == NULL)
            TL_THROW(ctx, TL_EBUG, "no step leads from version %lld of the schema to %d",
                     (long long)version, target);
        TL_TRY(tl_sql_exec(ctx, db, step->sql));
        if (step->then != NULL)
            TL_TRY(step->then(ctx, db));
        TL_TRY(tl_sql_execf(ctx, db,
                            "UPDATE tilth_project SET schema_version = %lld, program_version = %Q",
                            (long long)version + 1, TILTH_VERSION));
    }
    TL_TRY(tl_sql_exec(ctx, db, "DELETE FROM tilth_state WHERE key = 'actor'"));
done:
    return err;
}

tl_err tl_migrate(struct tl_ctx *ctx, sqlite3 *db, const struct tl_migration *steps, int target)
{
    tl_err err = tl_sql_exec(ctx, db, "BEGIN IMMEDIATE");
    if (err != TL_OK)
        return err;
    err = run(ctx, db, steps, target);
    if (err == TL_OK)
        err = tl_sql_exec(ctx, db, "COMMIT");
    if (err != TL_OK && sqlite3_get_autocommit(db) == 0)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}
