/*
 * The solver's licence and ours do not mix in one binary, so it is a program: its model, its beginning, its solution and what it prints are files in memory
 * (memfd_create), which it opens as /proc/self/fd/N: they have no name on any disk and are gone with the last process that holds them, however that ends. Nothing it
 * writes is believed before it is read strictly; whoever asked checks the plan against every constraint.
 *
 * One thread, so that the same model gives the same plan as long as no time limit cuts it short.
 */
#include "plan/cbc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/json.h"

enum { PATH_BYTES = 40, LINE_BYTES = 160, FILE_BYTES_MAX = 1 << 28, LOG_BYTES = 1 << 16 };

/* The solver may need longer than its limit to notice it: a root relaxation is not interrupted. */
static const double GRACE_SHARE = 0.1, GRACE_S = 5.0;

static const char *const FILES[] = {"plan.mps", "start.txt", "plan.sol", "log.txt"};
enum { FILE_MPS, FILE_START, FILE_SOLUTION, FILE_LOG, N_FILES, ARGUMENTS_MAX = 20 };

struct run {
    struct tl_ctx *ctx;
    const struct tl_plan_cbc_ask *ask;
    int file[N_FILES]; /* -1 = not there */
    char path[N_FILES][PATH_BYTES];
    pid_t pid;
    int status; /* as of waitpid */
    bool timed_out;
};

static tl_err make_files(struct run *r)
{
    for (int i = 0; i < N_FILES; i++) {
        /* 0 to 2 are the child's own streams. */
        int file = memfd_create(FILES[i], MFD_CLOEXEC);
        int high = file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, 3);
        if (file >= 0)
            close(file);
        if (high < 0)
            return tl_fail(r->ctx, TL_EIO, "no file in memory for the solver: %s", strerror(errno));
        r->file[i] = high;
        snprintf(r->path[i], PATH_BYTES, "/proc/self/fd/%d", high);
    }
    return TL_OK;
}

static void close_files(struct run *r)
{
    for (int i = 0; i < N_FILES; i++)
        if (r->file[i] >= 0)
            close(r->file[i]);
}

static tl_err write_file(struct run *r, int file, const char *text, int64_t n)
{
    while (n > 0) {
        ssize_t wrote = write(r->file[file], text, (size_t)n);
        if (wrote < 0 && errno != EINTR)
            return tl_fail(r->ctx, TL_EIO, "no memory for the solver's files: %s", strerror(errno));
        text += wrote > 0 ? wrote : 0;
        n -= wrote > 0 ? wrote : 0;
    }
    return TL_OK;
}

static void reap(struct run *r)
{
    while (waitpid(r->pid, &r->status, 0) < 0 && errno == EINTR)
        continue;
}

/* What the program is called with; the texts of its numbers lie in `gap` and `seconds`. */
static void set_arguments(const struct run *r, char gap[32], char seconds[32],
                          const char *arguments[ARGUMENTS_MAX])
{
    const struct tl_plan_cbc_ask *ask = r->ask;
    int n = 0;
    snprintf(gap, 32, "%.9g", ask->gap);
    snprintf(seconds, 32, "%.3f", ask->wait_s);
    arguments[n++] = ask->solver;
    arguments[n++] = r->path[FILE_MPS];
    if (ask->start[0] != '\0') {
        arguments[n++] = "-mipstart";
        arguments[n++] = r->path[FILE_START];
    }
    /* The default way to preprocess adds columns and then trips over the plan it is to begin with (CBC 2.10.8). */
    const char *const rest[] = {"-preprocess",
                                "on",
                                "-timeMode",
                                "elapsed",
                                "-sec",
                                seconds,
                                "-ratioGap",
                                gap,
                                "-solve",
                                "-solution",
                                r->path[FILE_SOLUTION],
                                NULL};
    memcpy(&arguments[n], rest, sizeof rest);
}

/* In the child, until it is another program: only calls that a child of a process with threads may make. @return errno */
static int become(const struct run *r, const char *const arguments[], pid_t parent)
{
    /* Killed, we cannot stop it: the kernel does when the thread that waits here is gone. It may be gone by now. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return errno;
    if (getppid() != parent)
        return ECHILD;
    int in = open("/dev/null", O_RDONLY), log = r->file[FILE_LOG];
    if (in < 0 || dup2(in, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        return errno;
    if (in > 2)
        close(in);
    /* Of this child only, whatever else is started at the same time. */
    for (int i = 0; i < N_FILES; i++)
        if (fcntl(r->file[i], F_SETFD, 0) != 0)
            return errno;
    execvp(r->ask->solver, (char **)(uintptr_t)arguments);
    return errno;
}

/* Starts the program; *missing when there is none of this name. */
static tl_err start(struct run *r, bool *missing)
{
    char gap[32], seconds[32];
    const char *arguments[ARGUMENTS_MAX];
    int failed = 0, told[2];
    pid_t parent = getpid();
    set_arguments(r, gap, seconds, arguments);
    if (pipe2(told, O_CLOEXEC) != 0)
        return tl_fail(r->ctx, TL_ENUMERIC, "%s: cannot be started: %s", r->ask->solver,
                       strerror(errno));
    r->pid = fork();
    if (r->pid == 0) {
        failed = become(r, arguments, parent);
        _exit(write(told[1], &failed, sizeof failed) == sizeof failed ? 127 : 126);
    }
    failed = r->pid < 0 ? errno : 0;
    close(told[1]);
    /* Nothing comes where it became the program. */
    ssize_t got = 0;
    while (r->pid > 0 && (got = read(told[0], &failed, sizeof failed)) < 0 && errno == EINTR)
        continue;
    if (got == sizeof failed)
        reap(r);
    close(told[0]);
    *missing = failed == ENOENT || failed == EACCES || failed == ENOTDIR;
    if (failed != 0 && !*missing)
        return tl_fail(r->ctx, TL_ENUMERIC, "%s: cannot be started: %s", r->ask->solver,
                       strerror(failed));
    return TL_OK;
}

static void stop(struct run *r)
{
    kill(r->pid, SIGKILL);
    reap(r);
}

/* Waits, looking for a cancel; a solver that does not keep to its time is stopped. */
static tl_err wait_for(struct run *r)
{
    double began = tl_clock_s(), limit = r->ask->wait_s * (1.0 + GRACE_SHARE) + GRACE_S, passed;
    for (;;) {
        pid_t ended = waitpid(r->pid, &r->status, WNOHANG);
        if (ended == r->pid)
            return TL_OK;
        if (ended < 0 && errno != EINTR)
            return tl_fail(r->ctx, TL_ENUMERIC, "%s: lost: %s", r->ask->solver, strerror(errno));
        if (tl_is_cancelled(r->ctx)) {
            stop(r);
            return tl_cancelled(r->ctx);
        }
        passed = tl_clock_s() - began;
        if (passed > limit) {
            stop(r);
            r->timed_out = true;
            return TL_OK;
        }
        tl_progress_set(r->ctx, fmin(1.0, passed / fmax(r->ask->wait_s, 1e-3)));
        nanosleep(&(struct timespec){.tv_nsec = passed < 0.2 ? 2000000 : 20000000}, NULL);
    }
}

/* The last `most` bytes of a file as text, "" when nothing is in it. owns: the caller */
static tl_err read_end(struct run *r, int file, int64_t most, char **text)
{
    tl_err err = TL_OK;
    char *bytes = NULL;
    int64_t size = lseek(r->file[file], 0, SEEK_END), done = 0;
    int64_t n = size < most ? size : most;
    TL_TRY_ALLOC(r->ctx, bytes, n + 1);
    while (done < n) {
        ssize_t got = pread(r->file[file], bytes + done, (size_t)(n - done), size - n + done);
        if (got == 0 || (got < 0 && errno != EINTR))
            TL_THROW(r->ctx, TL_EIO, "%s of the solver cannot be read", FILES[file]);
        done += got > 0 ? got : 0;
    }
    *text = bytes;
    bytes = NULL;
done:
    tl_free(bytes);
    return err;
}

/* The last line with something on it, of printable characters only: for a message. */
static void last_line(const char *text, char line[LINE_BYTES])
{
    int64_t end = (int64_t)strlen(text), first;
    int n = 0;
    while (end > 0 && isspace((unsigned char)text[end - 1]))
        end--;
    for (first = end; first > 0 && text[first - 1] != '\n'; first--)
        continue;
    for (; first < end && n < LINE_BYTES - 1; first++)
        line[n++] = isprint((unsigned char)text[first]) ? text[first] : '?';
    line[n] = '\0';
}

/* The number behind the last such label, NAN without one. */
static double number_after(const char *text, const char *label)
{
    const char *found = NULL;
    for (const char *at = strstr(text, label); at != NULL; at = strstr(at + 1, label))
        found = at;
    if (found == NULL)
        return NAN;
    char *end = NULL;
    double number = strtod(found + strlen(label), &end);
    return end == found + strlen(label) || !isfinite(number) ? NAN : number;
}

/* Column of "[**] index column value cost"; -1 where the line is not of this kind; n_columns for one of the columns that only count (mps.c: c, f). */
static int64_t read_line(const char *line, int64_t n_columns, double *value)
{
    char *end = NULL;
    long long column;
    line += strspn(line, " *");
    strtoll(line, &end, 10);
    if (end == line)
        return -1;
    line = end + strspn(end, " ");
    if ((*line == 'c' || *line == 'f') && isdigit((unsigned char)line[1]))
        return n_columns;
    if (*line != 'x' || !isdigit((unsigned char)line[1]))
        return -1;
    column = strtoll(line + 1, &end, 10);
    line = end;
    *value = strtod(line, &end);
    return end == line || column < 0 || column >= n_columns ? -1 : column;
}

static enum tl_plan_cbc_end end_of(const char *text, bool *has_plan)
{
    *has_plan = strncmp(text, "Optimal", 7) == 0;
    if (*has_plan)
        return TL_PLAN_CBC_DONE;
    if (strncmp(text, "Infeasible", 10) == 0 || strncmp(text, "Integer infeasible", 18) == 0)
        return TL_PLAN_CBC_INFEASIBLE;
    if (strncmp(text, "Stopped", 7) != 0)
        return TL_PLAN_CBC_MISSING;
    const char *none = strstr(text, "no integer solution"), *end = strchr(text, '\n');
    *has_plan = none == NULL || (end != NULL && none > end);
    return TL_PLAN_CBC_STOPPED;
}

tl_err tl_plan_cbc_read(struct tl_ctx *ctx, const char *text, int64_t n_columns,
                        struct tl_plan_cbc_answer *answer)
{
    tl_err err = TL_OK;
    struct tl_plan_cbc_answer a = {.bound = -INFINITY};
    bool has_plan = false;
    char shown[LINE_BYTES];
    const char *line = strchr(text, '\n');
    a.end = end_of(text, &has_plan);
    if (a.end == TL_PLAN_CBC_MISSING) {
        snprintf(shown, sizeof shown, "%.*s", (int)strcspn(text, "\n"), text);
        last_line(shown, shown);
        TL_THROW(ctx, TL_ENUMERIC,
                 "its solution begins with \"%.60s\"; expected Optimal, "
                 "Stopped or Infeasible",
                 shown);
    }
    if (has_plan)
        TL_TRY_ALLOC(ctx, a.in, n_columns);
    for (int64_t number = 2; has_plan && line != NULL && line[1] != '\0'; number++) {
        double value = 0.0;
        int64_t column = read_line(line + 1, n_columns, &value);
        if (column == n_columns) {
            line = strchr(line + 1, '\n');
            continue;
        }
        bool one = fabs(value - 1.0) <= 1e-5;
        if (column < 0 || !(one || fabs(value) <= 1e-5))
            TL_THROW(ctx, TL_ENUMERIC, "line %lld of its solution is no column with 0 or 1",
                     (long long)number);
        a.in[column] = one;
        line = strchr(line + 1, '\n');
    }
    *answer = a;
    a.in = NULL;
done:
    tl_free(a.in);
    return err;
}

/* What the program left behind. */
static tl_err read_answer(struct run *r, struct tl_plan_cbc_answer *answer)
{
    tl_err err = TL_OK;
    char *log = NULL, *solution = NULL, said[LINE_BYTES];
    struct tl_plan_cbc_answer a = {.end = TL_PLAN_CBC_STOPPED, .bound = -INFINITY};
    TL_TRY(read_end(r, FILE_LOG, LOG_BYTES, &log));
    last_line(log, said);
    if (r->timed_out)
        goto give; /* what it was writing cannot be trusted */
    if (WIFSIGNALED(r->status))
        TL_THROW(r->ctx, TL_ENUMERIC, "%s was killed by signal %d; it said last: \"%s\"",
                 r->ask->solver, WTERMSIG(r->status), said);
    if (WEXITSTATUS(r->status) != 0)
        TL_THROW(r->ctx, TL_ENUMERIC, "%s ended with %d; it said last: \"%s\"", r->ask->solver,
                 WEXITSTATUS(r->status), said);
    TL_TRY(read_end(r, FILE_SOLUTION, FILE_BYTES_MAX, &solution));
    err = tl_plan_cbc_read(r->ctx, solution, r->ask->n_columns, &a);
    if (err == TL_ENUMERIC)
        err = tl_fail_at(r->ctx, err, "%s", r->ask->solver);
    TL_TRY(err);
    a.bound = number_after(log, "Lower bound:");
    if (isnan(a.bound) && a.end == TL_PLAN_CBC_DONE)
        a.bound = number_after(log, "Objective value:");
    a.bound = isnan(a.bound) ? -INFINITY : a.bound;
give:
    *answer = a;
done:
    tl_free(log);
    tl_free(solution);
    return err;
}

tl_err tl_plan_cbc_run(struct tl_ctx *ctx, const struct tl_plan_cbc_ask *ask,
                       struct tl_plan_cbc_answer *answer)
{
    tl_err err = TL_OK;
    struct run r = {.ctx = ctx, .ask = ask, .file = {-1, -1, -1, -1}};
    bool missing = false;
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(make_files(&r));
    TL_TRY(write_file(&r, FILE_MPS, ask->mps, ask->mps_bytes));
    TL_TRY(write_file(&r, FILE_START, ask->start, (int64_t)strlen(ask->start)));
    TL_TRY(start(&r, &missing));
    if (missing) {
        *answer = (struct tl_plan_cbc_answer){.end = TL_PLAN_CBC_MISSING, .bound = -INFINITY};
        goto done;
    }
    TL_TRY(wait_for(&r));
    TL_TRY(read_answer(&r, answer));
done:
    close_files(&r);
    return err;
}

void tl_plan_cbc_answer_fini(struct tl_plan_cbc_answer *answer)
{
    tl_free(answer->in);
    *answer = (struct tl_plan_cbc_answer){0};
}
