#include "unit.h"

#include "store/fixture.h"

static const char path[] = "schema_test.gpkg";

#define CHECK_NONE(db, sql)                                                                        \
    do {                                                                                           \
        char *unit_found = NULL;                                                                   \
        CHECK_OK(tl_sql_get_text(ctx, (db), (sql), &unit_found));                                  \
        if (unit_found != NULL)                                                                    \
            printf("  found: %s\n", unit_found);                                                   \
        bool unit_none = unit_found == NULL;                                                       \
        tl_free(unit_found);                                                                       \
        CHECK(unit_none);                                                                          \
    } while (0)

/* GeoPackage 1.3: the requirements that its tables can be asked about. */
TEST(the_file_is_a_geopackage)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    sqlite3 *db = project->db;
    CHECK_NONE(
        db, "SELECT application_id FROM pragma_application_id WHERE application_id != 0x47504b47");
    CHECK_NONE(db, "SELECT user_version FROM pragma_user_version WHERE user_version != 10300");
    CHECK_NONE(
        db,
        "SELECT column1 FROM (VALUES (4326), (-1), (0)) WHERE column1 NOT IN (SELECT srs_id FROM "
        "gpkg_spatial_ref_sys)");
    CHECK_NONE(
        db, "SELECT table_name FROM gpkg_contents WHERE data_type = 'features' AND table_name NOT "
            "IN (SELECT "
            "table_name FROM gpkg_geometry_columns WHERE column_name = 'geom' AND srs_id = 4326)");
    CHECK_NONE(db, "SELECT table_name FROM gpkg_geometry_columns WHERE table_name NOT IN (SELECT "
                   "table_name FROM "
                   "gpkg_extensions WHERE extension_name = 'gpkg_rtree_index')");
    CHECK_NONE(db, "SELECT table_name FROM gpkg_geometry_columns g WHERE 6 != (SELECT count(*) "
                   "FROM sqlite_schema WHERE "
                   "type = 'trigger' AND tbl_name = g.table_name AND name LIKE 'rtree%')");
    CHECK_NONE(db, "SELECT table_name FROM gpkg_contents WHERE table_name NOT IN (SELECT name FROM "
                   "sqlite_schema)");
    /* each user table has an integer primary key of its own */
    CHECK_NONE(db, "SELECT c.table_name FROM gpkg_contents c WHERE NOT EXISTS (SELECT 1 FROM "
                   "pragma_table_info(c.table_name) WHERE pk = 1 AND type = 'INTEGER')");
    CHECK_NONE(db,
               "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check != 'ok'");
    CHECK_NONE(db, "SELECT 1 FROM pragma_foreign_key_check");
    tl_project_close(project);
}

TEST(tables_are_made_from_the_kinds)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const struct tl_kind_info *info = tl_kind_info((enum tl_kind)k);
        for (int i = 0; i < info->n_columns; i++) {
            char sql[256];
            int64_t n = 0;
            snprintf(sql, sizeof sql,
                     "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'", info->table,
                     info->columns[i].name);
            CHECK_OK(tl_sql_int(ctx, project->db, sql, 0, &n));
            CHECK(n == 1);
        }
    }
    tl_project_close(project);
}

TEST(values_out_of_range_are_refused_by_the_file_itself)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_sql_exec(ctx, project->db, "INSERT INTO accident (killed) VALUES (-1)"),
                TL_EDATA, "CHECK");
    CHECK_FAILS(tl_sql_exec(ctx, project->db, "INSERT INTO accident (date) VALUES ('yesterday')"),
                TL_EDATA, "CHECK");
    CHECK_FAILS(
        tl_sql_exec(ctx, project->db, "INSERT INTO hazard_area (classification) VALUES ('XHA')"),
        TL_EDATA, "CHECK");
    CHECK_FAILS(tl_sql_exec(ctx, project->db, "INSERT INTO victim (accident_id) VALUES (99)"),
                TL_EDATA, "FOREIGN KEY");
    CHECK_OK(
        tl_sql_exec(ctx, project->db, "INSERT INTO accident (killed, date) VALUES (2, '1990')"));
    tl_project_close(project);
}
