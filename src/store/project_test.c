#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/fixture.h"

static const char path[] = "project_test.gpkg";

static tl_err write_file(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(name, "wb");
    if (file == NULL || fwrite(bytes, 1, n, file) != n)
        return TL_EIO;
    return fclose(file) == 0 ? TL_OK : TL_EIO;
}

TEST(what_was_created_is_read_back)
{
    struct tl_project *project = NULL;
    double box[4];
    void *wkb = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    struct tl_grid grid = tl_project_grid(project);
    CHECK(grid.x0_m == 477000 && grid.y0_m == 783000 && grid.step_m == 1000 && grid.n_x == 10 &&
          grid.n_y == 8);
    CHECK_STR(tl_project_crs(project), "EPSG:32618");
    CHECK_STR(tl_project_path(project), path);
    tl_project_area_deg(project, box);
    CHECK(box[0] == -75.2 && box[1] == 7.0 && box[2] == -75.1 && box[3] == 7.08);
    CHECK_OK(tl_project_area(ctx, project, &wkb, &n));
    CHECK(n == 102 && ((unsigned char *)wkb)[1] == 6); /* a multipolygon of one */
    tl_free(wkb);
    tl_project_close(project);
}

TEST(nothing_is_overwritten_unasked)
{
    struct tl_project_new options = {.crs = "EPSG:32618", .grid = {0, 0, 1, 1, 1}};
    CHECK_OK(write_file(path, "precious", 8));
    CHECK_FAILS(tl_project_create(ctx, path, &options), TL_EEXISTS, "exists already");
    char found[16] = {0};
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL && fread(found, 1, 15, file) == 8);
    fclose(file);
    CHECK_STR(found, "precious");
    options.overwrite = true;
    CHECK_OK(tl_project_create(ctx, path, &options));
    CHECK_FAILS(tl_project_create(ctx, "no/such/folder/x.gpkg", &options), TL_EIO,
                "cannot be created");
    CHECK_FAILS(tl_project_create(ctx, ".", &options), TL_EEXISTS, "folder");
}

TEST(a_project_in_use_is_not_overwritten)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_FAILS(fixture_create(ctx, path), TL_ELOCKED, "another program is writing");
    tl_project_close(project);
}

TEST(what_is_not_a_project_is_named)
{
    struct tl_project *project = NULL;
    sqlite3 *db = NULL;
    CHECK_FAILS(tl_project_open(ctx, "none.gpkg", TL_PROJECT_READ, &project), TL_ENOTFOUND,
                "none.gpkg");
    CHECK_FAILS(tl_project_open(ctx, ".", TL_PROJECT_READ, &project), TL_EDATA, "a folder");
    CHECK_OK(write_file(path, "", 0));
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_READ, &project), TL_EDATA, "an empty file");
    CHECK_OK(write_file(path, "\x89PNG\r\n\x1a\n........", 16));
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_READ, &project), TL_EDATA, "a PNG image");
    CHECK_OK(write_file(path, "lon,lat\n1,2\n", 12));
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_READ, &project), TL_EDATA, "a text file");
    unlink(path);
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK_OK(tl_sql_exec(ctx, db, "CREATE TABLE t (a)"));
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_READ, &project), TL_EDATA, "no GeoPackage");
    CHECK_OK(tl_sql_exec(ctx, db, "PRAGMA application_id = 1196444487; VACUUM"));
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_READ, &project), TL_EDATA,
                "not a project of tilth");
    sqlite3_close(db);
    CHECK(project == NULL);
}

TEST(a_newer_schema_is_refused_with_both_versions)
{
    struct tl_project *project = NULL;
    sqlite3 *db = NULL;
    CHECK_OK(fixture_create(ctx, path));
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK_OK(tl_sql_exec(ctx, db, "UPDATE tilth_project SET schema_version = 7"));
    sqlite3_close(db);
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project), TL_EVERSION,
                "its schema is version 7, this program knows up to 1");
}

TEST(a_project_that_another_program_writes_is_locked)
{
    struct tl_project *project = NULL;
    sqlite3 *db = NULL;
    char *value = NULL;
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(tl_project_open_wait(ctx, path, TL_PROJECT_WRITE, 20, &project));
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    CHECK_OK(tl_sql_exec(ctx, db, "BEGIN IMMEDIATE"));
    CHECK_FAILS(tl_project_begin(ctx, project), TL_ELOCKED, "another program is writing");
    CHECK_OK(tl_project_get(ctx, project, "a", &value)); /* reading goes on */
    CHECK_OK(tl_sql_exec(ctx, db, "ROLLBACK"));
    sqlite3_close(db);
    CHECK_OK(tl_project_begin(ctx, project));
    tl_project_close(project);
}

/* The superuser may write anything, so the child becomes nobody first. */
TEST(a_read_only_project_says_so)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_create(ctx, path));
    CHECK(chmod(path, 0444) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(2);
        tl_err err = tl_project_open(ctx, path, TL_PROJECT_WRITE, &project);
        bool said = strstr(tl_ctx_message(ctx), "may only be read") != NULL;
        if (access(path, R_OK) !=
            0) /* the folder above is closed to nobody: cannot be tested here */
            _exit(77);
        bool reads = tl_project_open(ctx, path, TL_PROJECT_READ, &project) == TL_OK;
        bool stays = reads && tl_project_begin(ctx, project) == TL_EREADONLY;
        _exit(err == TL_EREADONLY && said && reads && stays ? 0 : 1);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK(chmod(path, 0644) == 0);
    if (WEXITSTATUS(status) == 77)
        SKIP("this folder is closed to other users");
    CHECK(WEXITSTATUS(status) == 0);
}

TEST(settings_are_kept_logged_and_rolled_back)
{
    struct tl_project *project = NULL;
    char *value = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_project_set(ctx, project, "a", "1"), TL_EBUG, "outside a transaction");
    CHECK_OK(tl_project_set_actor(ctx, project, "Olena"));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_set(ctx, project, "a", "1"));
    CHECK_OK(tl_project_set(ctx, project, "a", "2"));
    CHECK_OK(tl_project_set(ctx, project, "a", "2")); /* no change, no line */
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE table_name = 'setting' AND actor = 'Olena'",
                        0, &n));
    CHECK(n == 2);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_set(ctx, project, "a", "3"));
    tl_project_rollback(project);
    CHECK_EVERY_ALLOC(ctx,
                      (tl_free(value), value = NULL, tl_project_get(ctx, project, "a", &value)));
    CHECK_STR(value, "2");
    tl_free(value);
    CHECK_OK(tl_project_get(ctx, project, "b", &value));
    CHECK(value == NULL);
    tl_project_close(project);
}

TEST(imports_refusals_findings_and_mappings_are_kept)
{
    struct tl_project *project = NULL;
    struct tl_import_entry entry = {.kind = "accident", .path = "a.csv", .options = "{}"};
    struct tl_refused refused = {3, "date-future", "2090 is after today", "{\"d\":\"2090\"}", NULL};
    struct tl_finding finding = {"same-position", "two at one place", 0, 4};
    int64_t id = 0, n = 0;
    char *json = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_import_begin(ctx, project, &entry, &id));
    CHECK(id == 1);
    CHECK_OK(tl_project_refuse(ctx, project, id, &refused));
    CHECK_OK(tl_project_find(ctx, project, id, TL_KIND_ACCIDENT, &finding));
    entry.n_read = entry.n_refused = 1;
    CHECK_OK(tl_project_import_end(ctx, project, id, &entry));
    CHECK_FAILS(tl_project_import_end(ctx, project, 99, &entry), TL_ENOTFOUND, "no import 99");
    CHECK_OK(tl_project_mapping_put(ctx, project, "accident", "h", "a,b", "{\"a\":1}"));
    CHECK_OK(tl_project_mapping_put(ctx, project, "accident", "h", "a,b", "{\"a\":2}"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_mapping_get(ctx, project, "accident", "h", &json));
    CHECK_STR(json, "{\"a\":2}");
    tl_free(json);
    CHECK_OK(tl_project_mapping_get(ctx, project, "item", "h", &json));
    CHECK(json == NULL);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM refused WHERE row = 3 AND reason = 'date-future'", 0,
                        &n));
    CHECK(n == 1);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_FAILS(tl_project_refuse(ctx, project, 99, &refused), TL_EDATA, "FOREIGN KEY");
    tl_project_close(project);
}

static tl_err import_rows(struct tl_ctx *ctx, struct tl_project *project, int n)
{
    enum tl_put put;
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    for (int i = 0; i < n; i++)
        TL_TRY(fixture_put(ctx, project, 0, i, true, "AP mine of a type with a long name", &put,
                           NULL));
    TL_TRY(tl_project_commit(ctx, project));
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    return err;
}

static int64_t count(struct tl_ctx *ctx, const char *name)
{
    struct tl_project *project = NULL;
    int64_t n = -1;
    if (tl_project_open(ctx, name, TL_PROJECT_READ, &project) != TL_OK ||
        tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n) != TL_OK)
        n = -1;
    tl_project_close(project);
    return n;
}

TEST(a_full_disk_changes_nothing)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(import_rows(ctx, project, 10));
    CHECK_OK(tl_sql_exec(ctx, project->db, "PRAGMA max_page_count = 300"));
    CHECK_FAILS(import_rows(ctx, project, 20000), TL_EIO, "the disk is full; nothing was changed");
    CHECK_OK(tl_sql_exec(ctx, project->db, "PRAGMA max_page_count = 1000000"));
    CHECK_OK(import_rows(ctx, project, 11)); /* the same connection goes on */
    tl_project_close(project);
    CHECK(count(ctx, path) == 11);
}

/* The system's own limit on a file's size, as a full disk would answer. */
TEST(a_write_that_fails_changes_nothing)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(import_rows(ctx, project, 10));
    tl_project_close(project);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {1 << 20, 1 << 20};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        if (tl_project_open(ctx, path, TL_PROJECT_WRITE, &project) != TL_OK)
            _exit(1);
        tl_err err = import_rows(ctx, project, 20000);
        _exit(err == TL_EIO && strstr(tl_ctx_message(ctx), "nothing was changed") != NULL ? 0 : 2);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(count(ctx, path) == 10);
}

TEST(methods_are_there_and_unknown_always)
{
    struct tl_project *project = NULL;
    struct tl_method *methods = NULL;
    int64_t n = 0, found = -1;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "DELETE FROM method WHERE name = 'unknown'"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_project_methods(ctx, project, &methods, &n));
    for (int64_t i = 0; i < n; i++) {
        found = strcmp(methods[i].name, "unknown") == 0 ? i : found;
        CHECK(methods[i].source[0] != '\0' && methods[i].detectable_a > 0 &&
              methods[i].per_pass_b > 0);
    }
    CHECK(found >= 0 && n >= 6);
    tl_free(methods);
    tl_project_close(project);
}

TEST(a_renamed_file_gets_a_new_qgis_project)
{
    struct tl_project *project = NULL;
    char *file = NULL;
    CHECK_OK(fixture_create(ctx, path));
    CHECK(rename(path, "project_test_moved.gpkg") == 0);
    CHECK_OK(tl_project_open(ctx, "project_test_moved.gpkg", TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_sql_get_text(ctx, project->db,
                             "SELECT value FROM tilth_state WHERE key = 'qgis_file'", &file));
    CHECK_STR(file, "project_test_moved.gpkg");
    tl_free(file);
    tl_project_close(project);
    unlink("project_test_moved.gpkg");
}
