/*
 * The solver's licence and ours do not mix in one binary, so it is a program: its model, its beginning, its solution and what it prints are files of a folder that
 * goes with the call. Nothing it writes is believed before it is read strictly; whoever asked checks the plan against every constraint.
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
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/json.h"

enum { PATH_BYTES = 4096, LINE_BYTES = 160, FILE_BYTES_MAX = 1 << 28, LOG_BYTES = 1 << 16 };

/* The solver may need longer than its limit to notice it: a root relaxation is not interrupted. */
static const double GRACE_SHARE = 0.1, GRACE_S = 5.0;

static const char *const FILES[] = {"plan.mps", "start.txt", "plan.sol", "log.txt"};
enum { FILE_MPS, FILE_START, FILE_SOLUTION, FILE_LOG, N_FILES, ARGUMENTS_MAX = 20 };

struct run {
    struct tl_ctx *ctx;
    const struct tl_plan_cbc_ask *ask;
    char folder[PATH_BYTES];
    char path[PATH_BYTES + 64];
    pid_t pid;
    int status; /* as of waitpid */
    bool timed_out;
};

static const char *path_of(struct run *r, int file)
{
    snprintf(r->path, sizeof r->path, "%s/%s", r->folder, FILES[file]);
    return r->path;
}

static tl_err make_folder(struct run *r)
{
    const char *under = getenv("TMPDIR");
    under = under == NULL || under[0] == '\0' ? "/tmp" : under;
    if (snprintf(r->folder, sizeof r->folder, "%s/tilth-plan-XXXXXX", under) >=
        (int)sizeof r->folder)
        return tl_fail(r->ctx, TL_EIO, "the path of the temporary folder is too long");
    if (mkdtemp(r->folder) == NULL) {
        tl_err err =
            tl_fail(r->ctx, TL_EIO, "%s: cannot make this folder: %s", r->folder, strerror(errno));
        r->folder[0] = '\0';
        return err;
    }
    return TL_OK;
}

static void remove_folder(struct run *r)
{
    if (r->folder[0] == '\0')
        return;
    for (int i = 0; i < N_FILES; i++)
        unlink(path_of(r, i));
    rmdir(r->folder);
}

static void reap(struct run *r)
{
    while (waitpid(r->pid, &r->status, 0) < 0 && errno == EINTR)
        continue;
}

/* What the program is called with; the texts of its numbers lie in `gap` and `seconds`. */
static void set_arguments(const struct tl_plan_cbc_ask *ask, char gap[32], char seconds[32],
                          const char *arguments[ARGUMENTS_MAX])
{
    int n = 0;
    snprintf(gap, 32, "%.9g", ask->gap);
    snprintf(seconds, 32, "%.3f", ask->wait_s);
    arguments[n++] = ask->solver;
    arguments[n++] = FILES[FILE_MPS];
    if (ask->start[0] != '\0') {
        arguments[n++] = "-mipstart";
        arguments[n++] = FILES[FILE_START];
    }
    /* The default way to preprocess adds columns and then trips over the plan it is to begin with (CBC 2.10.8). */
    const char *const rest[] = {"-preprocess", "on",        "-timeMode",          "elapsed",
                                "-sec",        seconds,     "-ratioGap",          gap,
                                "-solve",      "-solution", FILES[FILE_SOLUTION], NULL};
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
    if (chdir(r->folder) != 0)
        return errno;
    int in = open("/dev/null", O_RDONLY);
    int out = open(FILES[FILE_LOG], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        return errno;
    if (in > 2)
        close(in);
    if (out > 2)
        close(out);
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
    set_arguments(r->ask, gap, seconds, arguments);
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

/* The last `most` bytes of a file as text, "" when there is no such file. owns: the caller */
static tl_err read_end(struct run *r, int file, int64_t most, char **text)
{
    tl_err err = TL_OK;
    char *bytes = NULL;
    FILE *in = fopen(path_of(r, file), "rbe");
    int64_t size = 0;
    if (in != NULL && fseek(in, 0, SEEK_END) == 0)
        size = ftell(in);
    int64_t n = size < most ? size : most;
    TL_TRY_ALLOC(r->ctx, bytes, n + 1);
    if (n > 0 &&
        (fseek(in, (long)(size - n), SEEK_SET) != 0 || fread(bytes, 1, (size_t)n, in) != (size_t)n))
        TL_THROW(r->ctx, TL_EIO, "%s: cannot be read", r->path);
    *text = bytes;
    bytes = NULL;
done:
    if (in != NULL)
        fclose(in);
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

/* Column of "[**] index column value cost", -1 where the line is not of this kind. */
static int64_t read_line(const char *line, int64_t n_columns, double *value)
{
    char *end = NULL;
    long long column;
    line += strspn(line, " *");
    strtoll(line, &end, 10);
    if (end == line)
        return -1;
    line = end + strspn(end, " ");
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
    struct run r = {.ctx = ctx, .ask = ask};
    bool missing = false;
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(make_folder(&r));
    TL_TRY(tl_file_write(ctx, path_of(&r, FILE_MPS), ask->mps, ask->mps_bytes));
    if (ask->start[0] != '\0')
        TL_TRY(
            tl_file_write(ctx, path_of(&r, FILE_START), ask->start, (int64_t)strlen(ask->start)));
    TL_TRY(start(&r, &missing));
    if (missing) {
        *answer = (struct tl_plan_cbc_answer){.end = TL_PLAN_CBC_MISSING, .bound = -INFINITY};
        goto done;
    }
    TL_TRY(wait_for(&r));
    TL_TRY(read_answer(&r, answer));
done:
    remove_folder(&r);
    return err;
}

void tl_plan_cbc_answer_fini(struct tl_plan_cbc_answer *answer)
{
    tl_free(answer->in);
    *answer = (struct tl_plan_cbc_answer){0};
}
