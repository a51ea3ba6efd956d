/*
 * Walls, from the outside in. no_new_privs: nothing that is started gains rights. Limits: memory, time, size of what is written. Landlock with
 * an empty list: no path and no port is open to it. seccomp: a list of the system calls that reading and computing need; all else is
 * refused (libraries ask for much that they can do without), and what only an intruder would do (starting a program or a process, looking
 * into another) is death. Two walls, because each has had holes, and kernels and containers lack one or the other.
 */
#include "serve/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/text.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifndef HAS_ASAN
#define HAS_ASAN 0
#endif

/* Within. */

/* Never above a limit that holds already. */
static bool set_limit(int what, int64_t soft, int64_t hard)
{
    struct rlimit held, limit = {(rlim_t)soft, (rlim_t)hard};
    if (getrlimit((__rlimit_resource_t)what, &held) == 0 && held.rlim_max < limit.rlim_max) {
        limit.rlim_max = held.rlim_max;
        limit.rlim_cur = limit.rlim_cur < held.rlim_max ? limit.rlim_cur : held.rlim_max;
    }
    return setrlimit((__rlimit_resource_t)what, &limit) == 0;
}

static tl_err set_limits(struct tl_ctx *ctx, const struct tl_sandbox_limits *limits)
{
    bool good = set_limit(RLIMIT_CORE, 0, 0) &&
                set_limit(RLIMIT_FSIZE, limits->file_bytes, limits->file_bytes) &&
                set_limit(RLIMIT_CPU, limits->cpu_s, limits->cpu_s + 1);
    if (!HAS_ASAN)
        good = good && set_limit(RLIMIT_AS, limits->memory_bytes, limits->memory_bytes);
    signal(SIGXFSZ, SIG_IGN); /* a failed write, with a message */
    return good ? TL_OK : tl_fail(ctx, TL_EIO, "a limit cannot be set: %s", strerror(errno));
}

/* As the kernel has it today; the header of an older one lacks the later members. */
struct ruleset {
    uint64_t fs, net, scoped;
};

static int64_t landlock_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

static bool raise_landlock(void)
{
    static const uint64_t fs_bits[] = {0, 13, 14, 15, 15, 16}; /* how many rights, by version */
    int64_t version = landlock_version();
    if (version < 1)
        return false;
    struct ruleset rules = {.fs = (1u << fs_bits[version > 5 ? 5 : version]) - 1,
                            .net = version >= 4 ? 3 : 0,
                            .scoped = version >= 6 ? 3 : 0};
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int made = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (made < 0)
        return false;
    bool good = syscall(SYS_landlock_restrict_self, made, 0) == 0;
    close(made);
    return good;
}

/* What reading a file that is open and computing need. */
static const int allowed[] = {SCMP_SYS(read),
                              SCMP_SYS(pread64),
                              SCMP_SYS(readv),
                              SCMP_SYS(write),
                              SCMP_SYS(writev),
                              SCMP_SYS(pwrite64),
                              SCMP_SYS(lseek),
                              SCMP_SYS(fstat),
                              SCMP_SYS(fcntl),
                              SCMP_SYS(close),
                              SCMP_SYS(brk),
                              SCMP_SYS(munmap),
                              SCMP_SYS(mremap),
                              SCMP_SYS(madvise),
                              SCMP_SYS(futex),
                              SCMP_SYS(rt_sigaction),
                              SCMP_SYS(rt_sigprocmask),
                              SCMP_SYS(rt_sigreturn),
                              SCMP_SYS(sigaltstack),
                              SCMP_SYS(clock_gettime),
                              SCMP_SYS(clock_getres),
                              SCMP_SYS(clock_nanosleep),
                              SCMP_SYS(nanosleep),
                              SCMP_SYS(gettimeofday),
                              SCMP_SYS(time),
                              SCMP_SYS(getpid),
                              SCMP_SYS(gettid),
                              SCMP_SYS(getuid),
                              SCMP_SYS(geteuid),
                              SCMP_SYS(getgid),
                              SCMP_SYS(getegid),
                              SCMP_SYS(getrusage),
                              SCMP_SYS(times),
                              SCMP_SYS(uname),
                              SCMP_SYS(sysinfo),
                              SCMP_SYS(getrandom),
                              SCMP_SYS(sched_yield),
                              SCMP_SYS(sched_getaffinity),
                              SCMP_SYS(restart_syscall),
                              SCMP_SYS(exit),
                              SCMP_SYS(exit_group)};

static const int deadly[] = {SCMP_SYS(execve),
                             SCMP_SYS(execveat),
                             SCMP_SYS(fork),
                             SCMP_SYS(vfork),
                             SCMP_SYS(clone),
                             SCMP_SYS(clone3),
                             SCMP_SYS(ptrace),
                             SCMP_SYS(process_vm_readv),
                             SCMP_SYS(process_vm_writev),
                             SCMP_SYS(bpf),
                             SCMP_SYS(pidfd_getfd)};

static bool add_rules(scmp_filter_ctx filter)
{
    bool good = true;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        good = good && seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0) == 0;
    /* Memory that is written is not run. */
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    /* fstat of some C libraries: facts of a descriptor. */
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                                    SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)) == 0;
    /* abort(), of itself only. */
    good = good &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)getpid())) == 0;
    return good;
}

static bool raise_seccomp(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EACCES));
    if (filter == NULL)
        return false;
    bool good = add_rules(filter) && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

tl_err tl_sandbox_enter(struct tl_ctx *ctx, const struct tl_sandbox_limits *limits,
                        struct tl_sandbox_walls *walls)
{
    tl_err err = set_limits(ctx, limits);
    if (err != TL_OK)
        return err;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return tl_fail(ctx, TL_EIO, "rights cannot be given up: %s", strerror(errno));
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    walls->landlock = !limits->no_landlock && raise_landlock();
    walls->seccomp = !limits->no_seccomp && raise_seccomp();
    return TL_OK;
}

struct tl_sandbox_walls tl_sandbox_kernel(void)
{
    const uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return (struct tl_sandbox_walls){
        .seccomp = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0,
        .landlock = landlock_version() >= 1};
}

void tl_sandbox_warn(struct tl_ctx *ctx, const struct tl_sandbox_walls *walls)
{
    if (!walls->seccomp && !walls->landlock)
        tl_warn(ctx, "this kernel has neither seccomp nor Landlock: files that are sent are read "
                     "behind limits of memory and time only");
    else if (!walls->seccomp || !walls->landlock)
        tl_warn(ctx, "this kernel has no %s: files that are sent are read behind one wall, %s",
                walls->seccomp ? "Landlock" : "seccomp", walls->seccomp ? "seccomp" : "Landlock");
}

void tl_sandbox_report(const struct tl_sandbox_walls *walls, tl_err err, const char *words)
{
    char line[TL_SANDBOX_WORDS_BYTES + 16];
    int n = snprintf(line, sizeof line, "%d%d %d %.*s", walls->seccomp, walls->landlock, (int)err,
                     TL_SANDBOX_WORDS_BYTES - 1, words);
    if (n > 0 && write(TL_SANDBOX_REPORT_FD, line, (size_t)n) < 0)
        return;
}

/* Without. */

/* What the reader's libraries need of the environment to find their data, and a test's tools. */
static const char *const kept[] = {
    "PATH",       "LD_LIBRARY_PATH", "LD_PRELOAD",   "LANG",      "LC_ALL",
    "TZ",         "PROJ_DATA",       "PROJ_LIB",     "GDAL_DATA", "GDAL_DRIVER_PATH",
    "GCONV_PATH", "ASAN_OPTIONS",    "UBSAN_OPTIONS"};

enum { N_KEPT = sizeof kept / sizeof *kept, LINE_BYTES = 4096 };

static tl_err add_line(struct tl_ctx *ctx, char **lines, int *n, const char *name,
                       const char *value)
{
    size_t size = strlen(name) + strlen(value) + 2;
    lines[*n] = tl_alloc(ctx, (int64_t)size, 1);
    if (lines[*n] == NULL)
        return TL_ENOMEM;
    snprintf(lines[(*n)++], size, "%s=%s", name, value);
    return TL_OK;
}

static tl_err make_environment(struct tl_ctx *ctx, const char *request, char **lines, int *n)
{
    tl_err err = TL_OK;
    for (int i = 0; i < N_KEPT; i++)
        if (getenv(kept[i]) != NULL)
            TL_TRY(add_line(ctx, lines, n, kept[i], getenv(kept[i])));
    TL_TRY(add_line(ctx, lines, n, "OMP_WAIT_POLICY", "passive"));
    TL_TRY(add_line(ctx, lines, n, "OMP_NUM_THREADS", "1"));
    if (request != NULL)
        TL_TRY(add_line(ctx, lines, n, "TILTH_READ", request));
done:
    return err;
}

/* Descriptors 0, 1, 3 and nothing else: those of the server's sockets and files stay here. */
static int spawn(const struct tl_sandbox_job *job, char **environment, int report, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    char *words[8] = {NULL};
    sigemptyset(&none);
    sigfillset(&all);
    for (int i = 0; i < 7 && job->words[i] != NULL; i++)
        words[i] = (char *)(uintptr_t)job->words[i]; /* posix_spawn does not write to them */
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_adddup2(&files, job->in, 0);
    posix_spawn_file_actions_adddup2(&files, job->out, 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, report, TL_SANDBOX_REPORT_FD);
    posix_spawn_file_actions_addclosefrom_np(&files, TL_SANDBOX_REPORT_FD + 1);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    posix_spawnattr_setpgroup(&how, 0); /* Ctrl-C at the server's terminal is the server's */
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                       POSIX_SPAWN_SETPGROUP);
    int bad = posix_spawn(pid, job->program != NULL ? job->program : "/proc/self/exe", &files, &how,
                          words, environment);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return bad;
}

/* Its report, until it ends; false when it had to be stopped. */
static bool listen_to(struct tl_ctx *ctx, int report, double until_s, char *said, size_t room)
{
    size_t n = 0;
    said[0] = '\0';
    while (tl_clock_s() < until_s && !tl_is_cancelled(ctx)) {
        struct pollfd waits = {.fd = report, .events = POLLIN};
        if (poll(&waits, 1, 100) <= 0)
            continue;
        char dropped[256];
        bool full = n + 1 >= room;
        ssize_t got = read(report, full ? dropped : said + n, full ? sizeof dropped : room - n - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        n += full ? 0 : (size_t)got;
        said[n] = '\0';
    }
    return false;
}

/* It may have closed its report and go on; false when it has to be stopped. */
static bool wait_until(struct tl_ctx *ctx, pid_t pid, double until_s, int *status)
{
    const struct timespec moment = {.tv_nsec = 2000000};
    while (waitpid(pid, status, WNOHANG) != pid) {
        if (tl_clock_s() > until_s || tl_is_cancelled(ctx))
            return false;
        nanosleep(&moment, NULL);
    }
    return true;
}

/* Its own words are a stranger's: one line of text, and one of the errors that a file can have. */
static tl_err as_it_says(struct tl_ctx *ctx, const struct tl_sandbox_job *job, char *said,
                         struct tl_sandbox_walls *walls)
{
    static const tl_err may[] = {TL_OK, TL_EDATA, TL_ENOTFOUND, TL_EUSAGE, TL_EIO, TL_ENOMEM};
    char *end = NULL;
    bool shaped =
        (said[0] == '0' || said[0] == '1') && (said[1] == '0' || said[1] == '1') && said[2] == ' ';
    int64_t code = shaped ? strtol(said + 3, &end, 10) : -1;
    if (shaped && *end == ' ')
        end++;
    for (size_t i = 0; shaped && i < sizeof may / sizeof *may; i++) {
        if (code != (int64_t)may[i])
            continue;
        *walls = (struct tl_sandbox_walls){said[0] == '1', said[1] == '1'};
        for (char *c = end; *c != '\0'; c++)
            if ((unsigned char)*c < ' ' || *c == 0x7f)
                *c = ' ';
        if (may[i] == TL_OK)
            return TL_OK;
        return tl_fail(ctx, may[i], "%s",
                       tl_text_is_utf8(end, (int64_t)strlen(end)) ? end : tl_err_text(may[i]));
    }
    return tl_fail(ctx, TL_EDATA, "%s: the reader said nothing that can be understood", job->what);
}

static tl_err as_it_ended(struct tl_ctx *ctx, const struct tl_sandbox_job *job, int status,
                          bool stopped, char *said, struct tl_sandbox_walls *walls)
{
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (stopped && tl_is_cancelled(ctx))
        return tl_cancelled(ctx);
    if (stopped || sig == SIGXCPU)
        return tl_fail(ctx, TL_EDATA,
                       "%s: takes longer to read than an upload may (%d s); import it with the "
                       "command line, or a part of it",
                       job->what, stopped ? job->limits.wall_s : job->limits.cpu_s);
    if (sig == SIGSYS)
        return tl_fail(ctx, TL_EDATA,
                       "%s: its reader was stopped: it tried what reading a file does not need",
                       job->what);
    if (sig != 0)
        return tl_fail(ctx, TL_EDATA,
                       "%s: its reader broke: the file is damaged, or needs more than %lld MiB of "
                       "memory",
                       job->what, (long long)(job->limits.memory_bytes >> 20));
    return as_it_says(ctx, job, said, walls);
}

tl_err tl_sandbox_run(struct tl_ctx *ctx, const struct tl_sandbox_job *job,
                      struct tl_sandbox_walls *walls)
{
    char *environment[N_KEPT + 4] = {NULL}, said[TL_SANDBOX_WORDS_BYTES + 64];
    int pipes[2] = {-1, -1}, n_lines = 0, status = 0;
    pid_t pid = -1;
    tl_err err = TL_OK;
    *walls = (struct tl_sandbox_walls){false, false};
    TL_TRY(make_environment(ctx, job->request, environment, &n_lines));
    if (pipe2(pipes, O_CLOEXEC) != 0)
        TL_THROW(ctx, TL_EIO, "a reader cannot be started: %s", strerror(errno));
    int bad = spawn(job, environment, pipes[1], &pid);
    close(pipes[1]);
    pipes[1] = -1;
    if (bad != 0)
        TL_THROW(ctx, TL_EIO, "a reader cannot be started: %s", strerror(bad));
    double until_s = tl_clock_s() + job->limits.wall_s;
    bool ended = listen_to(ctx, pipes[0], until_s, said, sizeof said) &&
                 wait_until(ctx, pid, until_s, &status);
    if (!ended) {
        kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    err = as_it_ended(ctx, job, status, !ended, said, walls);
done:
    for (int i = 0; i < 2; i++)
        if (pipes[i] >= 0)
            close(pipes[i]);
    for (int i = 0; i < n_lines; i++)
        tl_free(environment[i]);
    return err;
}
