#include "unit.h"

#include "store/fixture.h"
#include "store/migrate.h"

static const char path[] = "migrate_test.gpkg";

static const struct tl_migration good[] = {{1, "ALTER TABLE organisation ADD COLUMN phone TEXT"},
                                           {2, "CREATE TABLE extra (id INTEGER PRIMARY KEY, note "
                                               "TEXT); INSERT INTO extra VALUES (1, 'moved')"},
                                           {0, NULL}};
static const struct tl_migration bad[] = {{1, "ALTER TABLE organisation ADD COLUMN phone TEXT"},
                                          {2, "INSERT INTO no_such_table VALUES (1)"},
                                          {0, NULL}};

TEST(steps_run_in_order_and_the_log_knows)
{
    struct tl_project *project = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_migrate(ctx, project->db, good, 3));
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(phone) + (SELECT count(*) FROM extra) FROM organisation", 0,
                        &n));
    CHECK(n == 1);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE actor = 'tilth (migration)'", 0, &n));
    CHECK(n == 2);
    tl_project_close(project);
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_READ, &project), TL_EVERSION,
                "its schema is version 3, this program knows up to 1");
}

TEST(a_step_that_fails_leaves_the_old_version)
{
    struct tl_project *project = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_migrate(ctx, project->db, bad, 3), TL_EBUG, "no_such_table");
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT schema_version FROM tilth_project", 0, &n));
    CHECK(n == 1);
    CHECK_OK(tl_sql_int(
        ctx, project->db,
        "SELECT count(*) FROM pragma_table_info('organisation') WHERE name = 'phone'", 0, &n));
    CHECK(n == 0);
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    tl_project_close(project);
}

TEST(a_missing_step_is_named)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_migrate(ctx, project->db, good, 4), TL_EBUG,
                "no step leads from version 3 of the schema to 4");
    tl_project_close(project);
}
