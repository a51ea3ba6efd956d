#include "unit.h"

#include "store/fixture.h"
#include "store/method.h"
#include "store/migrate.h"

#include <zlib.h>

static const char path[] = "migrate_test.gpkg";

#define NOW  TL_STORE_VERSION
#define NEXT (TL_STORE_VERSION + 1)

static const struct tl_migration good[] = {
    {NOW, "ALTER TABLE organisation ADD COLUMN phone TEXT", NULL},
    {NEXT,
     "CREATE TABLE extra (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO extra VALUES (1, "
     "'moved')",
     NULL},
    {0, NULL, NULL}};
static const struct tl_migration bad[] = {
    {NOW, "ALTER TABLE organisation ADD COLUMN phone TEXT", NULL},
    {NEXT, "INSERT INTO no_such_table VALUES (1)", NULL},
    {0, NULL, NULL}};

TEST(steps_run_in_order_and_the_log_knows)
{
    struct tl_project *project = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_migrate(ctx, project->db, good, NEXT + 1));
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(phone) + (SELECT count(*) FROM extra) FROM organisation", 0,
                        &n));
    CHECK(n == 1);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE actor = 'tilth (migration)'", 0, &n));
    CHECK(n == 2);
    tl_project_close(project);
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_READ, &project), TL_EVERSION,
                "its schema is version 7, this program knows up to 5");
}

TEST(a_step_that_fails_leaves_the_old_version)
{
    struct tl_project *project = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_migrate(ctx, project->db, bad, NEXT + 1), TL_EBUG, "no_such_table");
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT schema_version FROM tilth_project", 0, &n));
    CHECK(n == NOW);
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
    CHECK_FAILS(tl_migrate(ctx, project->db, good, NEXT + 2), TL_EBUG,
                "no step leads from version 7 of the schema to 8");
    tl_project_close(project);
}

/* A project that version 0.1.0 made at schema 1: a hazardous area, three accidents, and methods edited past the program. */
static const char old_path[] = "migrate_old.gpkg";

static bool unpack(int version)
{
    char bytes[65536], from[512];
    int n = 0;
    snprintf(from, sizeof from, "%s/tests/store/version%d.gpkg.gz", TILTH_SOURCE, version);
    gzFile in = gzopen(from, "rb");
    FILE *out = fopen(old_path, "wb");
    while (in != NULL && out != NULL && (n = gzread(in, bytes, sizeof bytes)) > 0)
        fwrite(bytes, 1, (size_t)n, out);
    bool good_file = in != NULL && out != NULL && n == 0;
    if (in != NULL)
        gzclose(in);
    return out != NULL && fclose(out) == 0 && good_file;
}

TEST(a_project_of_version_1_comes_forward_whole)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    struct tl_method *m = NULL;
    int64_t n = 0, n_lines = 0;
    bool known = false;
    CHECK(unpack(1));
    CHECK_FAILS(tl_project_open(ctx, old_path, TL_PROJECT_READ, &project), TL_EVERSION,
                "its schema is version 1, this program's is 5");
    CHECK_OK(tl_project_open(ctx, old_path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 3);
    CHECK_OK(tl_project_methods(ctx, project, &m, &n));
    CHECK(n == tl_method_n_defaults + 1); /* the default ones, and "rollers" */
    const struct tl_method *dogs = &m[tl_method_pick(m, n, "dogs", "", NAN, "", &known)];
    CHECK(dogs->per_pass_b == 3 && !dogs->is_assumption); /* as somebody had made it */
    CHECK_STR(dogs->source, "our own trials, 214 of 217");
    const struct tl_method *manual = &m[tl_method_pick(m, n, "manual", "", NAN, "", &known)];
    CHECK(manual->m2_per_day == 30 && manual->price_per_m2 == 3 && manual->is_assumption);
    CHECK(isinf(manual->depth_cm) && manual->is_search && manual->vegetation_pace[3] == 1);
    CHECK(tl_method_pick(m, n, "rollers", "", NAN, "", &known) >= 0 && known);
    CHECK(!m[tl_method_pick(m, n, "nts", "", NAN, "", &known)].is_search && known);
    tl_free(m);
    /* the schema is that of a new project, and each row is as the log says */
    CHECK_OK(tl_project_check(ctx, project, &lines, &n_lines));
    for (int64_t i = 0; i < n_lines; i++)
        printf("  %s: %s\n", lines[i].check, lines[i].message);
    CHECK(n_lines == 0);
    tl_free(lines);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE table_name = 'method' AND op = 'update' "
                        "AND actor = 'tilth (migration)'",
                        0, &n));
    CHECK(n >= tl_method_n_defaults);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT (SELECT count(*) FROM decision) + (SELECT count(*) FROM review)",
                        -1, &n));
    CHECK(n == 0);
    CHECK_FAILS(tl_sql_exec(ctx, project->db, "DELETE FROM log"), TL_EDATA, "append-only");
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, old_path, TL_PROJECT_READ, &project));
    tl_project_close(project);
}

/*
 * A project of schema 4: two accidents by import (two rows refused), victims and attachments put in past the program, one victim taken out
 * again, two attachments with the same content and one whose content was never there.
 */
TEST(a_project_of_version_4_comes_forward_whole)
{
    static const struct {
        const char *sql;
        int64_t n;
    } wanted[] = {
        {"SELECT count(*) FROM accident", 2},
        {"SELECT count(*) FROM refused", 4},
        {"SELECT count(*) FROM review", 1},
        {"SELECT count(*) FROM victim WHERE accident_id = 1 AND sealed IS NULL", 2},
        {"SELECT count(*) FROM victim WHERE remarks = 'brought to hospital' AND tampering = 0", 1},
        /* the third victim's number is not given again */
        {"SELECT seq FROM sqlite_sequence WHERE name = 'victim'", 3},
        {"SELECT count(*) FROM attachment WHERE name IN ('note.txt', 'same.txt') AND n_bytes = 19",
         2},
        {"SELECT count(*) FROM attachment WHERE name = 'lost.jpg' AND n_bytes IS NULL", 1},
        {"SELECT count(*) FROM attachment_bytes WHERE n_bytes = 19 AND CAST(bytes AS TEXT) LIKE "
         "'as the team saw it_'",
         1},
        {"SELECT count(*) FROM gpkg_contents WHERE table_name IN ('victim', 'attachment')", 2}};
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    int64_t n = 0, n_lines = 0;
    CHECK(unpack(4));
    CHECK_FAILS(tl_project_open(ctx, old_path, TL_PROJECT_READ, &project), TL_EVERSION,
                "its schema is version 4, this program's is 5");
    CHECK_OK(tl_project_open(ctx, old_path, TL_PROJECT_WRITE, &project));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        CHECK_OK(tl_sql_int(ctx, project->db, wanted[i].sql, -1, &n));
        if (n != wanted[i].n)
            printf("  %s: %lld\n", wanted[i].sql, (long long)n);
        CHECK(n == wanted[i].n);
    }
    CHECK_OK(tl_project_check(ctx, project, &lines, &n_lines));
    for (int64_t i = 0; i < n_lines; i++)
        printf("  %s: %s\n", lines[i].check, lines[i].message);
    CHECK(n_lines == 1 && strstr(lines[0].message, "attachment 3 (lost.jpg) is missing") != NULL);
    tl_free(lines);
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, old_path, TL_PROJECT_READ, &project));
    tl_project_close(project);
}
