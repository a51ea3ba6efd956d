#include "unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store/fixture.h"

static const char path[] = "kill_test.gpkg";
enum { OLD = 500, NEW = 30000, TRIALS = 20 };

static void sleep_ms(long ms)
{
    struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

static tl_err import_rows(struct tl_ctx *ctx, int from, int to)
{
    struct tl_project *project = NULL;
    enum tl_put put;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    /* a small cache, so that pages reach the disk long before the commit */
    TL_TRY(tl_sql_exec(ctx, project->db, "PRAGMA cache_size = 50"));
    TL_TRY(tl_project_begin(ctx, project));
    for (int i = from; i < to; i++)
        TL_TRY(fixture_put(ctx, project, 0, i, true, "mine", &put, NULL));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_project_close(project);
    return err;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* Killed at moments spread over a whole import: the file holds the old state or the new, and check finds nothing. */
TEST(killed_at_any_moment_the_old_state_or_the_new_is_there)
{
    CHECK_OK(fixture_create(ctx, path));
    CHECK_OK(import_rows(ctx, 0, OLD));
    double began = now_ms();
    int n_old = 0, n_new = 0;
    double whole_ms = 0;
    for (int t = 0; t < TRIALS; t++) {
        fflush(stdout);
        began = now_ms();
        pid_t child = fork();
        if (child == 0)
            _exit(import_rows(ctx, OLD, NEW) == TL_OK ? 0 : 1);
        int status = 0;
        if (t > 0) { /* the first runs to its end, to learn how long that takes */
            sleep_ms((long)(whole_ms * (t + 0.5) / TRIALS));
            kill(child, SIGKILL);
        }
        CHECK(waitpid(child, &status, 0) == child);
        if (t == 0)
            whole_ms = now_ms() - began;
        struct tl_project *project = NULL;
        struct tl_check_line *lines = NULL;
        int64_t n = 0, n_lines = 0;
        CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
        CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
        CHECK_OK(tl_project_check(ctx, project, &lines, &n_lines));
        if (n_lines > 0)
            printf("  %s: %s\n", lines[0].check, lines[0].message);
        CHECK(n_lines == 0);
        CHECK(n == OLD || n == NEW);
        tl_free(lines);
        tl_project_close(project);
        n_old += n == OLD;
        n_new += n == NEW;
        if (n == NEW) { /* back to the start */
            CHECK_OK(fixture_create(ctx, path));
            CHECK_OK(import_rows(ctx, 0, OLD));
        }
    }
    printf("  %d times the old state, %d times the new\n", n_old, n_new);
    CHECK(n_old > 0 && n_new > 0);
}
