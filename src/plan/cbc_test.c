#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plan/cbc.h"
#include "plan/problem_fixture.h"
#include "unit.h"

/* The best of two things of which one fits: x1. */
static const char MPS[] = "NAME plan FREE\nROWS\n N worth\n L b0\nCOLUMNS\n x0 worth -2\n x0 b0 1\n"
                          " x1 worth -3\n x1 b0 1\nRHS\n rhs b0 1\nBOUNDS\n BV bound x0\n"
                          " BV bound x1\nENDATA\n";

static struct tl_plan_cbc_ask ask_of(const char *solver)
{
    return (struct tl_plan_cbc_ask){.solver = solver,
                                    .mps = MPS,
                                    .start = "",
                                    .mps_bytes = sizeof MPS - 1,
                                    .n_columns = 2,
                                    .wait_s = 20.0};
}

/* A program of a few lines of shell in the test's own folder. @return its path */
static const char *script(const char *name, const char *lines)
{
    static char path[4096];
    char folder[3000];
    if (getcwd(folder, sizeof folder) == NULL)
        return "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return "";
    fprintf(file, "#!/bin/sh\n%s\n", lines);
    fclose(file);
    chmod(path, 0700);
    return path;
}

/* What lies in the folder for temporary files, which is the test's own: nothing may ever. */
static int n_left(void)
{
    DIR *dir = opendir("temporary");
    int n = dir == NULL ? -1 : 0;
    for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.';
    if (dir != NULL)
        closedir(dir);
    return n;
}

static tl_err run(struct tl_ctx *ctx, const struct tl_plan_cbc_ask *ask,
                  struct tl_plan_cbc_answer *answer)
{
    char folder[3000], path[3100];
    mkdir("temporary", 0700);
    if (getcwd(folder, sizeof folder) != NULL) {
        snprintf(path, sizeof path, "%s/temporary", folder);
        setenv("TMPDIR", path, 1);
    }
    return tl_plan_cbc_run(ctx, ask, answer);
}

/* Files that this process holds open. */
static int n_open(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;
    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

/* In a solver's shell: the file that the solution goes to is the last argument. */
#define LAST "for out; do :; done; "

TEST(cbc_finds_the_best_and_says_how_good_it_is)
{
    struct tl_plan_cbc_ask ask = ask_of("cbc");
    struct tl_plan_cbc_answer a;
    if (!fixture_has_cbc())
        SKIP("cbc is not installed");
    ask.start = "Stopped\n0 x0 1\n";
    CHECK_OK(run(ctx, &ask, &a));
    CHECK(a.end == TL_PLAN_CBC_DONE && a.in != NULL && !a.in[0] && a.in[1]);
    CHECK_NEAR(a.bound, -3.0, 1e-9);
    CHECK(n_left() == 0);
    tl_plan_cbc_answer_fini(&a);
}

TEST(a_program_that_is_not_there_is_no_error)
{
    struct tl_plan_cbc_ask ask = ask_of("/no/such/program");
    struct tl_plan_cbc_answer a;
    CHECK_OK(run(ctx, &ask, &a));
    CHECK(a.end == TL_PLAN_CBC_MISSING && a.in == NULL);
    CHECK(n_left() == 0);
}

TEST(a_solver_that_dies_or_fails_is_told_with_its_last_words)
{
    struct tl_plan_cbc_answer a = {0};
    struct tl_plan_cbc_ask ask = ask_of(script("dies", "echo working; kill -9 $$"));
    CHECK_FAILS(run(ctx, &ask, &a), TL_ENUMERIC, "killed by signal 9; it said last: \"working\"");
    ask.solver = script("fails", "echo 'out of luck' >&2; exit 3");
    CHECK_FAILS(run(ctx, &ask, &a), TL_ENUMERIC, "ended with 3; it said last: \"out of luck\"");
    ask.solver = script("silent", "exit 0");
    CHECK_FAILS(run(ctx, &ask, &a), TL_ENUMERIC, "its solution begins with \"\"");
    ask.solver = script("garbage", LAST "head -c 100000 /dev/zero | tr '\\0' '\\377' > $out");
    CHECK_FAILS(run(ctx, &ask, &a), TL_ENUMERIC, "expected Optimal, Stopped or Infeasible");
    CHECK(a.in == NULL && n_left() == 0);
}

TEST(a_solver_that_outlives_its_time_is_stopped)
{
    struct tl_plan_cbc_answer a;
    struct tl_plan_cbc_ask ask = ask_of(script("sleeps", "exec sleep 100"));
    struct timespec began, ended;
    ask.wait_s = 0.1;
    clock_gettime(CLOCK_MONOTONIC, &began);
    CHECK_OK(run(ctx, &ask, &a));
    clock_gettime(CLOCK_MONOTONIC, &ended);
    CHECK(a.end == TL_PLAN_CBC_STOPPED && a.in == NULL && a.bound == -INFINITY);
    CHECK(ended.tv_sec - began.tv_sec < 60);
    CHECK(n_left() == 0);
}

/* Asks to stop as soon as something is told of the solver's progress. */
static void cancel(void *user, const struct tl_progress *progress)
{
    (void)progress;
    tl_ctx_cancel(user);
}

TEST(cancelling_ends_the_solver)
{
    struct tl_plan_cbc_answer a = {0};
    struct tl_plan_cbc_ask ask = ask_of(script("sleeps", "echo $$ > pid.txt; exec sleep 100"));
    long pid = 0;
    tl_ctx_set_progress(ctx, cancel, ctx);
    tl_progress_begin(ctx, "solving");
    CHECK_FAILS(run(ctx, &ask, &a), TL_ECANCELLED, "");
    tl_progress_end(ctx);
    CHECK(a.in == NULL && n_left() == 0);
    FILE *file = fopen("pid.txt", "r");
    if (file == NULL)
        return; /* it was ended before it could write its number */
    bool has_pid = fscanf(file, "%ld", &pid) == 1;
    fclose(file);
    CHECK(!has_pid || kill((pid_t)pid, 0) != 0);
}

/* The number that a solver has written, 0 = not yet. */
static long read_number(const char *path)
{
    long number = 0;
    FILE *file = fopen(path, "r");
    if (file != NULL && fscanf(file, "%ld.", &number) != 1)
        number = 0;
    if (file != NULL)
        fclose(file);
    return number;
}

/* Whether a child ends within a minute, and how. */
static bool ends(pid_t pid, int *status)
{
    for (int i = 0; i < 3000; i++) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    kill(pid, SIGKILL);
    return false;
}

TEST(a_solver_does_not_outlive_who_started_it)
{
    struct tl_plan_cbc_answer a;
    struct tl_plan_cbc_ask ask =
        ask_of(script("stays", "echo $$. > solver.tmp; mv solver.tmp solver.txt; "
                               "exec sleep 1000"));
    long solver = 0;
    int status = 0;
    unlink("solver.txt");
    ask.wait_s = 900.0;
    /* Who is left without a parent is this test's, so that its end can be seen. */
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
    fflush(stdout);
    pid_t asker = fork();
    if (asker == 0)
        _exit(run(ctx, &ask, &a) == TL_OK);
    for (int i = 0; i < 3000 && solver == 0; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        solver = read_number("solver.txt");
    }
    kill(asker, SIGKILL);
    CHECK(ends(asker, &status) && WIFSIGNALED(status));
    CHECK(solver > 0);
    if (solver > 0)
        CHECK(ends((pid_t)solver, &status) && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    unlink("solver.txt");
    CHECK(n_left() == 0); /* nobody was left to clean up */
}

TEST(solutions_are_read_strictly)
{
    static const struct {
        const char *text;
        tl_err err;
        enum tl_plan_cbc_end end;
        int x0, x1; /* -1 = no plan */
    } rows[] = {
        {"Optimal - objective value -3\n      1 x1   1   -3\n", TL_OK, TL_PLAN_CBC_DONE, 0, 1},
        {"Optimal (within gap tolerance) - objective value -3\n 0 x0 0.9999999 -2\n", TL_OK,
         TL_PLAN_CBC_DONE, 1, 0},
        {"Optimal - objective value 0\n", TL_OK, TL_PLAN_CBC_DONE, 0, 0},
        {"Stopped on time - objective value -3\n** 1 x1 1 -3\n", TL_OK, TL_PLAN_CBC_STOPPED, 0, 1},
        {"Stopped on time (no integer solution - continuous used) - objective value -3\n 0 x0 0.3 "
         "1\n",
         TL_OK, TL_PLAN_CBC_STOPPED, -1, -1},
        {"Infeasible - objective value 3\n 0 x0 1 1\n", TL_OK, TL_PLAN_CBC_INFEASIBLE, -1, -1},
        {"Integer infeasible - objective value 3\n", TL_OK, TL_PLAN_CBC_INFEASIBLE, -1, -1},
        {"Optimal - objective value -3\n 0 c1 0.5 0\n 1 x1 1 -3\n 2 f7 1 0\n", TL_OK,
         TL_PLAN_CBC_DONE, 0, 1},
        {"Optimal - objective value -3\n 0 cx 1 0\n", TL_ENUMERIC, 0, 0, 0},
        {"Optimal - objective value -3\n 1 x2 1 -3\n", TL_ENUMERIC, 0, 0, 0},
        {"Optimal - objective value -3\n 1 x-1 1 -3\n", TL_ENUMERIC, 0, 0, 0},
        {"Optimal - objective value -3\n 1 x1 0.4 -3\n", TL_ENUMERIC, 0, 0, 0},
        {"Optimal - objective value -3\n 1 x1 nan -3\n", TL_ENUMERIC, 0, 0, 0},
        {"Optimal - objective value -3\n 1 x99999999999999999999 1 -3\n", TL_ENUMERIC, 0, 0, 0},
        {"Optimal - objective value -3\nhello\n", TL_ENUMERIC, 0, 0, 0},
        {"Unbounded\n", TL_ENUMERIC, 0, 0, 0},
        {"", TL_ENUMERIC, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tl_plan_cbc_answer a = {0};
        tl_err err = tl_plan_cbc_read(ctx, rows[i].text, 2, &a);
        CHECK(err == rows[i].err && a.end == rows[i].end);
        CHECK((a.in != NULL) == (err == TL_OK && rows[i].x0 >= 0));
        CHECK(a.in == NULL || (a.in[0] == rows[i].x0 && a.in[1] == rows[i].x1));
        tl_plan_cbc_answer_fini(&a);
    }
}

TEST(memory_that_runs_out_is_told)
{
    struct tl_plan_cbc_answer a = {0};
    struct tl_plan_cbc_ask ask = ask_of(
        script("answers", LAST "printf 'Optimal - objective value -3\\n 1 x1 1 -3\\n' > $out"));
    int n = n_open();
    CHECK_EVERY_ALLOC(ctx, run(ctx, &ask, &a));
    CHECK(a.in != NULL && a.in[1] && n_left() == 0 && n_open() == n);
    tl_plan_cbc_answer_fini(&a);
}
