#include "unit.h"

#include "store/band.h"
#include "store/blob.h"
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
                "its schema is version 8, this program knows up to 6");
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
                "no step leads from version 8 of the schema to 9");
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
                "its schema is version 1, this program's is 6");
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
                "its schema is version 4, this program's is 6");
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

/* A project of schema 5 with a map of 25 by 21 cells, whose 14 bands are one blob each. */
TEST(a_map_of_version_5_is_there_as_it_was)
{
    enum { N = 25 * 21 };
    static const char *const names[] = {"log_density_mean", "p_any", "cell_area",
                                        "covariate:near_road"};
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    struct tl_spread spread;
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    float old[4][N], now[N];
    char **bands = NULL, *json = NULL;
    double average = 0.0, sum = 0.0;
    int64_t n = 0, n_lines = 0, run = 0, count = 0;
    bool row = false;
    CHECK(unpack(5));
    CHECK(sqlite3_open_v2(old_path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    CHECK_OK(tl_sql_prepare(ctx, db, "SELECT \"values\" FROM map_band WHERE name = ?1", &stmt));
    for (int k = 0; k < 4; k++) {
        tl_sql_bind_text(stmt, 1, names[k]);
        CHECK_OK(tl_sql_step(ctx, stmt, &row));
        CHECK(row);
        CHECK_OK(tl_blob_unpack(ctx, sqlite3_column_blob(stmt, 0), sqlite3_column_bytes(stmt, 0), 4,
                                old[k], (int64_t)sizeof old[k]));
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
    sqlite3_close_v2(db);
    CHECK_OK(tl_project_open(ctx, old_path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_project_map_load(ctx, project, &run, &json));
    CHECK(run == 1 && json != NULL);
    tl_free(json);
    CHECK_OK(tl_project_map_bands(ctx, project, &bands, &n));
    CHECK(n == 14);
    for (int64_t i = 0; i < n; i++)
        tl_free(bands[i]);
    tl_free(bands);
    for (int k = 0; k < 4; k++) {
        CHECK_OK(tl_project_map_band(ctx, project, names[k], now));
        CHECK(memcmp(now, old[k], sizeof now) == 0);
    }
    for (int i = 0; i < N; i++)
        if (isfinite(old[3][i]) && old[2][i] > 0.0F) {
            sum += (double)old[3][i];
            count++;
        }
    CHECK_OK(tl_band_spread(ctx, project, names[3], &spread, &average));
    CHECK(average == sum / (double)count);
    CHECK_OK(tl_band_spread(ctx, project, names[0], &spread, &average));
    CHECK(isnan(average) && spread.min < spread.max);
    CHECK_OK(tl_project_check(ctx, project, &lines, &n_lines));
    for (int64_t i = 0; i < n_lines; i++)
        printf("  %s: %s\n", lines[i].check, lines[i].message);
    CHECK(n_lines == 0);
    tl_free(lines);
    tl_project_close(project);
}

/* A map can be made anew, so one that is damaged does not shut the project; what is whole of it comes forward. */
TEST(a_damaged_band_of_version_5_is_left_behind)
{
    struct tl_project *project = NULL;
    sqlite3 *db = NULL;
    char **bands = NULL;
    int64_t n = 0;
    CHECK(unpack(5));
    CHECK(sqlite3_open_v2(old_path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    CHECK_OK(tl_sql_exec(ctx, db, "UPDATE map_band SET \"values\" = x'00' WHERE name = 'p_any'"));
    sqlite3_close_v2(db);
    CHECK_OK(tl_project_open(ctx, old_path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_project_map_bands(ctx, project, &bands, &n));
    CHECK(n == 13);
    for (int64_t i = 0; i < n; i++)
        tl_free(bands[i]);
    tl_free(bands);
    tl_project_close(project);
}

static tl_err bring_forward(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    tl_err err = tl_project_open(ctx, old_path, TL_PROJECT_WRITE, &project);
    tl_project_close(project);
    return err;
}

TEST(bringing_a_map_forward_every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    float values[25 * 21];
    CHECK(unpack(5));
    CHECK_EVERY_ALLOC(ctx, bring_forward(ctx));
    CHECK_OK(tl_project_open(ctx, old_path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_project_map_band(ctx, project, "p_any", values));
    tl_project_close(project);
}
