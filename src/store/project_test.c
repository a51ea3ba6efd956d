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

TEST(what_is_not_a_project_is_named)
{
    struct tl_project *project = NULL;
    sqlite3 *db = NULL;
    CHECK_FAILS(tl_project_open(ctx, "none.gpkg", TL_PROJECT_READ, &project), TL_ENOTFOUND,
                "none.gpkg");
    CHECK_FAILS(tl_project_open(ctx, ".", TL_PROJECT_READ, &project), TL_EDATA, "a folder");
    CHECK(mkfifo("project_test.pipe", 0600) == 0);
    CHECK_FAILS(tl_project_open(ctx, "project_test.pipe", TL_PROJECT_READ, &project), TL_EDATA,
                "no file at all");
    unlink("project_test.pipe");
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
    CHECK_OK(tl_sql_exec(ctx, db, "UPDATE tilth_project SET schema_version = 99"));
    sqlite3_close(db);
    char known[32];
    snprintf(known, sizeof known, "this program knows up to %d", TL_STORE_VERSION);
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project), TL_EVERSION, known);
    CHECK_FAILS(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project), TL_EVERSION,
                "its schema is version 99,");
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

/* The first who opens it after a kill may be a reader: the old state is there for that one too. */
TEST(after_a_kill_a_reader_finds_the_old_state)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(import_rows(ctx, project, 10));
    tl_project_close(project);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        enum tl_put put;
        tl_err err = tl_project_open(ctx, path, TL_PROJECT_WRITE, &project);
        if (err == TL_OK) /* so that pages reach the disk before the commit */
            err = tl_sql_exec(ctx, project->db, "PRAGMA cache_size = 10");
        if (err == TL_OK)
            err = tl_project_begin(ctx, project);
        for (int i = 10; i < 5000 && err == TL_OK; i++)
            err = fixture_put(ctx, project, 0, i, true, "mine", &put, NULL);
        if (err == TL_OK)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    CHECK(access("project_test.gpkg-journal", F_OK) == 0);
    CHECK(count(ctx, path) == 10);
}
