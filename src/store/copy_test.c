#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "store/fixture.h"

static const char path[] = "copy_test.gpkg", copy[] = "copy_test.copy";

static tl_err fill(struct tl_ctx *ctx, struct tl_project *project, int first, int n)
{
    enum tl_put put;
    int64_t id;
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    for (int i = first; i < first + n; i++)
        TL_TRY(fixture_put(ctx, project, 0, i, true, "AP mine", &put, &id));
    TL_TRY(tl_project_commit(ctx, project));
done:
    return err;
}

static tl_err count(struct tl_ctx *ctx, const char *of, int64_t *n)
{
    struct tl_project *project = NULL;
    tl_err err = tl_project_open(ctx, of, TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_sql_int(ctx, project->db, "SELECT count(*) FROM accident", 0, n);
    tl_project_close(project);
    return err;
}

TEST(a_copy_is_the_project_as_it_stood_and_changes_alone)
{
    struct tl_project *project = NULL, *read = NULL, *other = NULL;
    struct stat facts;
    int64_t n = 0;
    unlink(copy);
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(fill(ctx, project, 0, 50));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &read));
    CHECK_OK(tl_project_copy(ctx, read, copy));
    CHECK(stat(copy, &facts) == 0 && (facts.st_mode & 0777) == 0600);
    CHECK_OK(fill(ctx, project, 50, 5));
    CHECK_OK(count(ctx, copy, &n));
    CHECK(n == 50);
    CHECK_OK(tl_project_open(ctx, copy, TL_PROJECT_WRITE, &other));
    CHECK_OK(fill(ctx, other, 100, 7));
    tl_project_close(other);
    CHECK_OK(count(ctx, copy, &n));
    CHECK(n == 57);
    CHECK_OK(count(ctx, path, &n));
    CHECK(n == 55);
    tl_project_close(read);
    tl_project_close(project);
}

TEST(a_writer_is_not_kept_waiting_once_the_copy_is_there)
{
    struct tl_project *project = NULL, *read = NULL, *trial = NULL;
    int64_t n = 0;
    unlink(copy);
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &read));
    CHECK_OK(tl_project_copy(ctx, read, copy));
    CHECK_OK(tl_project_open(ctx, copy, TL_PROJECT_WRITE, &trial));
    CHECK_OK(tl_project_begin(ctx, trial)); /* a trial under way */
    CHECK_OK(fill(ctx, project, 0, 3));
    tl_project_rollback(trial);
    CHECK_OK(count(ctx, path, &n));
    CHECK(n == 3);
    tl_project_close(trial);
    tl_project_close(read);
    tl_project_close(project);
}

TEST(what_is_there_already_is_not_touched_and_a_failed_copy_leaves_nothing)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    FILE *file = fopen(copy, "w");
    CHECK(file != NULL && fputs("mine", file) >= 0 && fclose(file) == 0);
    CHECK_FAILS(tl_project_copy(ctx, project, copy), TL_EEXISTS, "cannot be made");
    struct stat facts;
    CHECK(stat(copy, &facts) == 0 && facts.st_size == 4);
    unlink(copy);
    tl_ctx_cancel(ctx);
    CHECK_FAILS(tl_project_copy(ctx, project, copy), TL_ECANCELLED, "");
    CHECK(access(copy, F_OK) != 0);
    CHECK_FAILS(tl_project_copy(ctx, project, "no/such/folder/copy"), TL_EIO, "cannot be made");
    tl_project_close(project);
}
