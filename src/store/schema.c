/*
 * The schema: GeoPackage 1.3's own tables, then a table for each kind made from kinds.c, then those of tables.c, each
 * with its R-tree and the triggers that log it. The R-tree's triggers are those of the GeoPackage standard (1.3, annex
 * F.3), so that any program that writes to the file keeps the index right.
 */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

static const char gpkg_tables[] =
    "PRAGMA application_id = 1196444487;" /* "GPKG" */
    "PRAGMA user_version = 10300;"
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, "
    "organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT "
    "NULL, "
    "description TEXT);"
    "INSERT INTO gpkg_spatial_ref_sys VALUES "
    "('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate "
    "reference "
    "system'), "
    "('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate "
    "reference "
    "system'), "
    "('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS "
    "84\",6378137,298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],"
    "PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,"
    "AUTHORITY[\"EPSG\",\"9122\"]],AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],"
    "AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude/latitude coordinates in decimal degrees on the WGS "
    "84 "
    "spheroid');"
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, "
    "identifier "
    "TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT "
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y "
    "DOUBLE, "
    "srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES "
    "gpkg_spatial_ref_sys(srs_id));"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
    "geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT "
    "NULL, "
    "CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name "
    "UNIQUE "
    "(table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES "
    "gpkg_contents(table_name), "
    "CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"
    "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT "
    "NULL, "
    "definition TEXT NOT NULL, scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, "
    "column_name, "
    "extension_name));";

static const char project_tables[] =
    "CREATE TABLE tilth_project (id INTEGER PRIMARY KEY CHECK (id = 1), schema_version INTEGER NOT "
    "NULL, "
    "program_version TEXT, title TEXT, crs TEXT NOT NULL, x0_m REAL NOT NULL, y0_m REAL NOT NULL, "
    "step_m "
    "REAL NOT NULL, n_x INTEGER NOT NULL, n_y INTEGER NOT NULL, west REAL NOT NULL, south REAL NOT "
    "NULL, "
    "east REAL NOT NULL, north REAL NOT NULL);"
    /* The program's own notes, not evidence: who is writing, the head of the log's chain, the file's name. */
    "CREATE TABLE tilth_state (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;";

static tl_err contents(struct tl_ctx *ctx, sqlite3 *db, const char *table, const char *title,
                       const char *meaning, bool is_layer)
{
    return tl_sql_execf(
        ctx, db,
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
        "srs_id) VALUES (%Q, %Q, %Q, %Q, %s)",
        table, is_layer ? "features" : "attributes", title, meaning, is_layer ? "4326" : "NULL");
}

static const char *const rtree_triggers[] = {
    "CREATE TRIGGER \"rtree_%w_geom_insert\" AFTER INSERT ON \"%w\" WHEN (NEW.geom NOT NULL AND "
    "NOT "
    "ST_IsEmpty(NEW.geom)) BEGIN INSERT OR REPLACE INTO \"rtree_%w_geom\" VALUES (NEW.id, "
    "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;",
    "CREATE TRIGGER \"rtree_%w_geom_update1\" AFTER UPDATE OF geom ON \"%w\" WHEN OLD.id = NEW.id "
    "AND "
    "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom)) BEGIN INSERT OR REPLACE INTO "
    "\"rtree_%w_geom\" VALUES "
    "(NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;",
    "CREATE TRIGGER \"rtree_%w_geom_update2\" AFTER UPDATE OF geom ON \"%w\" WHEN OLD.id = NEW.id "
    "AND "
    "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)) BEGIN DELETE FROM \"rtree_%w_geom\" WHERE id = "
    "OLD.id; END;",
    "CREATE TRIGGER \"rtree_%w_geom_update3\" AFTER UPDATE ON \"%w\" WHEN OLD.id != NEW.id AND "
    "(NEW.geom "
    "NOTNULL AND NOT ST_IsEmpty(NEW.geom)) BEGIN DELETE FROM \"rtree_%w_geom\" WHERE id = OLD.id; "
    "INSERT OR "
    "REPLACE INTO \"rtree_%w_geom\" VALUES (NEW.id, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), "
    "ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;",
    "CREATE TRIGGER \"rtree_%w_geom_update4\" AFTER UPDATE ON \"%w\" WHEN OLD.id != NEW.id AND "
    "(NEW.geom "
    "ISNULL OR ST_IsEmpty(NEW.geom)) BEGIN DELETE FROM \"rtree_%w_geom\" WHERE id IN (OLD.id, "
    "NEW.id); END;",
    "CREATE TRIGGER \"rtree_%w_geom_delete\" AFTER DELETE ON \"%w\" WHEN OLD.geom NOT NULL BEGIN "
    "DELETE "
    "FROM \"rtree_%w_geom\" WHERE id = OLD.id; END;",
};

static tl_err layer(struct tl_ctx *ctx, sqlite3 *db, const char *table, const char *geometry)
{
    tl_err err = tl_sql_execf(
        ctx, db,
        "INSERT INTO gpkg_geometry_columns VALUES (%Q, 'geom', %Q, 4326, 0, 0);"
        "CREATE VIRTUAL TABLE \"rtree_%w_geom\" USING rtree(id, minx, maxx, miny, maxy);"
        "INSERT INTO gpkg_extensions VALUES (%Q, 'geom', 'gpkg_rtree_index', "
        "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        table, geometry, table, table);
    for (size_t i = 0; i < sizeof rtree_triggers / sizeof rtree_triggers[0] && err == TL_OK; i++)
        err = tl_sql_execf(ctx, db, rtree_triggers[i], table, table, table, table);
    return err;
}

const char *tl_schema_geometry(const struct tl_kind_info *info)
{
    static const char *const types[] = {"GEOMETRY", "POINT", "MULTILINESTRING", "MULTIPOLYGON"};
    return types[tl_schema_family(info)];
}

enum tl_gpb_family tl_schema_family(const struct tl_kind_info *info)
{
    if (strcmp(info->geometry, "point") == 0)
        return TL_GPB_POINT;
    if (strcmp(info->geometry, "line") == 0)
        return TL_GPB_LINE;
    return strcmp(info->geometry, "polygon") == 0 ? TL_GPB_POLYGON : TL_GPB_ANY;
}

static tl_err kind_column(struct tl_ctx *ctx, struct tl_buf *sql, const struct tl_column *column)
{
    static const char *const types[] = {
        [TL_COLUMN_TEXT] = "TEXT", [TL_COLUMN_INTEGER] = "INTEGER", [TL_COLUMN_REAL] = "REAL",
        [TL_COLUMN_DATE] = "TEXT", [TL_COLUMN_CHOICE] = "TEXT",     [TL_COLUMN_YESNO] = "BOOLEAN"};
    tl_err err = tl_buf_printf(ctx, sql, ", \"%s\" %s", column->name, types[column->type]);
    if (err != TL_OK)
        return err;
    if (column->type ==
        TL_COLUMN_DATE) /* 1990, 1990-07 or 1990-07-14: GeoPackage's DATE wants all */
        return tl_buf_printf(ctx, sql, " CHECK (\"%s\" GLOB '[0-9][0-9][0-9][0-9]*')",
                             column->name);
    if (column->type == TL_COLUMN_CHOICE) {
        err = tl_buf_printf(ctx, sql, " CHECK (\"%s\" IN ('", column->name);
        for (const char *c = column->choices; *c != '\0' && err == TL_OK; c++)
            err = *c == '|' ? tl_buf_add(ctx, sql, "','") : tl_buf_add_bytes(ctx, sql, c, 1);
        return err == TL_OK ? tl_buf_add(ctx, sql, "'))") : err;
    }
    if (column->min < column->max)
        err = tl_buf_printf(ctx, sql, " CHECK (\"%s\" BETWEEN %.15g AND %.15g)", column->name,
                            column->min, column->max);
    return err;
}

static tl_err kind_table(struct tl_ctx *ctx, sqlite3 *db, const struct tl_kind_info *info)
{
    struct tl_buf sql = {0}, fill = {0};
    tl_err err = TL_OK;
    TL_TRY(tl_buf_printf(
        ctx, &sql,
        "CREATE TABLE \"%s\" (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom %s, "
        "code TEXT UNIQUE, identity BLOB UNIQUE, content BLOB",
        info->table, tl_schema_geometry(info)));
    for (int i = 0; i < info->n_columns; i++)
        TL_TRY(kind_column(ctx, &sql, &info->columns[i]));
    TL_TRY(tl_buf_add(
        ctx, &sql,
        ", source TEXT, source_id TEXT, source_row INTEGER, import_id INTEGER REFERENCES "
        "import(id), "
        "accuracy_m REAL CHECK (accuracy_m >= 0), position_text TEXT, remarks TEXT, extra TEXT, "
        "record_status TEXT DEFAULT 'draft' CHECK (record_status IN "
        "('draft','submitted','approved')), entered_by TEXT, entered_at TEXT, approved_by TEXT, "
        "approved_at TEXT)"));
    TL_TRY(tl_sql_exec(ctx, db, sql.text));
    TL_TRY(contents(ctx, db, info->table, info->title, "", true));
    TL_TRY(layer(ctx, db, info->table, tl_schema_geometry(info)));
    /*
     * Records drawn in QGIS come without a code; who drew them is not known to a trigger. In the same trigger as the log's
     * line: the order in which SQLite fires several is not promised.
     */
    TL_TRY(tl_buf_printf(
        ctx, &fill,
        "UPDATE \"%s\" SET code = COALESCE(code, printf('%s-%%04d', NEW.id)), record_status = "
        "COALESCE(record_status, 'draft'), entered_by = COALESCE(entered_by, (SELECT value FROM "
        "tilth_state WHERE key = 'actor'), 'outside'), entered_at = COALESCE(entered_at, "
        "strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', 'now')) WHERE id = NEW.id AND (code IS NULL OR "
        "entered_at "
        "IS NULL); ",
        info->table, info->prefix));
    TL_TRY(tl_log_watch(ctx, db, info->table, true, "iud", fill.text));
done:
    tl_buf_fini(&sql);
    tl_buf_fini(&fill);
    return err;
}

static tl_err other_table(struct tl_ctx *ctx, sqlite3 *db, const struct tl_table *table)
{
    bool has_geom = table->geometry != NULL;
    tl_err err = tl_sql_execf(
        ctx, db, "CREATE TABLE \"%w\" (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, %s%s%s%s)",
        table->name, has_geom ? "geom " : "", has_geom ? table->geometry : "", has_geom ? ", " : "",
        table->columns);
    if (err == TL_OK && table->is_listed)
        err = contents(ctx, db, table->name, table->title, table->meaning, has_geom);
    if (err == TL_OK && has_geom)
        err = layer(ctx, db, table->name, table->geometry);
    if (err == TL_OK && table->then != NULL)
        err = tl_sql_exec(ctx, db, table->then);
    if (err == TL_OK)
        err = tl_log_watch(ctx, db, table->name, has_geom, table->logged, "");
    return err;
}

tl_err tl_schema_table(struct tl_ctx *ctx, sqlite3 *db, const char *name)
{
    for (int i = 0; i < tl_store_n_tables; i++)
        if (strcmp(tl_store_tables[i].name, name) == 0)
            return other_table(ctx, db, &tl_store_tables[i]);
    return tl_fail(ctx, TL_EBUG, "there is no table %s in the program's list", name);
}

tl_err tl_schema_log_columns(struct tl_ctx *ctx, sqlite3 *db, const char *table, const char *row,
                             struct tl_buf *sql)
{
    sqlite3_stmt *stmt = NULL;
    tl_err err = TL_OK;
    bool more = false, any = false;
    /* Blobs stay out: geometry has columns of its own, the others are named by a hash. */
    TL_TRY(tl_sql_preparef(
        ctx, db, &stmt,
        "SELECT name FROM pragma_table_info(%Q) WHERE name NOT IN ('id', 'geom') AND type "
        "!= 'BLOB' ORDER BY cid",
        table));
    for (;;) {
        TL_TRY(tl_sql_step(ctx, stmt, &more));
        if (!more)
            break;
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        TL_TRY(tl_buf_printf(ctx, sql, "%s'%s', %s.\"%s\"", any ? ", " : "", name, row, name));
        any = true;
    }
done:
    sqlite3_finalize(stmt);
    return err;
}

tl_err tl_schema_create(struct tl_ctx *ctx, sqlite3 *db)
{
    tl_err err = TL_OK;
    TL_TRY(tl_sql_exec(ctx, db, gpkg_tables));
    TL_TRY(tl_sql_exec(ctx, db, project_tables));
    TL_TRY(tl_log_create(ctx, db));
    TL_TRY(tl_log_watch(ctx, db, "tilth_project", false, "iud", ""));
    for (int k = 0; k < TL_KIND_COUNT; k++)
        TL_TRY(kind_table(ctx, db, tl_kind_info((enum tl_kind)k)));
    for (int i = 0; i < tl_store_n_tables; i++)
        TL_TRY(other_table(ctx, db, &tl_store_tables[i]));
    TL_TRY(contents(ctx, db, "log", "Log", "every change, append-only, chained by hash", false));
done:
    return err;
}

tl_err tl_store_triggers(struct tl_ctx *ctx, struct tl_project *project, bool on)
{
    if (project->triggers == on)
        return TL_OK;
    /* Lines that triggers wrote are digested before we write lines of our own, so that ids stay in order. */
    tl_err err = on ? TL_OK : tl_log_catch_up(ctx, project, false);
    if (err != TL_OK)
        return err;
    if (sqlite3_db_config(project->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, on ? 1 : 0, NULL) !=
        SQLITE_OK)
        return tl_sql_fail(ctx, project->db, "switching triggers");
    project->triggers = on;
    return TL_OK;
}
