#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN true
#else
#define HAS_ASAN false
#endif

static const struct tl_sandbox_limits limits = {
    .memory_bytes = (int64_t)1 << 30, .file_bytes = 1 << 20, .cpu_s = 1, .wall_s = 2};

enum { LOOKED_AT = 100 };

/* What a walled-in process tries: its exit code, or 256 and the signal that ended it. */
static int inside_of(struct tl_ctx *ctx, const struct tl_sandbox_limits *within, int (*tries)(void),
                     struct tl_sandbox_walls *walls)
{
    int status = 0, facts[2], told = 0;
    if (pipe(facts) != 0)
        return -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct tl_sandbox_walls here = {false, false};
        if (tl_sandbox_enter(ctx, within, &here) != TL_OK)
            _exit(LOOKED_AT);
        told = here.seccomp + 2 * here.landlock;
        (void)!write(facts[1], &told, sizeof told);
        _exit(tries());
    }
    close(facts[1]);
    (void)!read(facts[0], &told, sizeof told);
    close(facts[0]);
    waitpid(pid, &status, 0);
    *walls = (struct tl_sandbox_walls){told & 1, told & 2};
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int inside(struct tl_ctx *ctx, int (*tries)(void), struct tl_sandbox_walls *walls)
{
    return inside_of(ctx, &limits, tries, walls);
}

static int try_open(void)
{
    return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int try_exec(void)
{
    static char *const words[] = {"true", NULL};
    execv("/bin/true", words);
    return errno;
}

static int try_fork(void)
{
    return fork() < 0 ? errno : 0;
}

static int try_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) == MAP_FAILED
               ? errno
               : 0;
}

static int try_memory(void)
{
    void *much = mmap(NULL, (size_t)2 << 30, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return much == MAP_FAILED ? errno : 0;
}

static int try_time(void)
{
    for (volatile unsigned n = 0;; n++)
        ;
    return 0;
}

static int try_kill(void)
{
    return kill(getppid(), 0) < 0 ? errno : 0;
}

/* What reading needs goes on. */
static int try_work(void)
{
    char byte = 0;
    void *some = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool good = some != MAP_FAILED && lseek(STDOUT_FILENO, 0, SEEK_CUR) != 12345 &&
                read(-1, &byte, 1) < 0 && errno == EBADF;
    return good ? 7 : 0;
}

/* Which walls there are depends on the kernel: each test says which stand, and holds what they hold. */
TEST(a_walled_in_process_reads_and_computes_and_nothing_else)
{
    struct tl_sandbox_walls walls;
    CHECK(inside(ctx, try_work, &walls) == 7);
    printf("  seccomp: %s, Landlock: %s\n", walls.seccomp ? "stands" : "this kernel has none",
           walls.landlock ? "stands" : "this kernel has none");
    if (walls.seccomp || walls.landlock)
        CHECK(inside(ctx, try_open, &walls) == EACCES);
    if (walls.seccomp) {
        CHECK(inside(ctx, try_socket, &walls) == EACCES);
        CHECK(inside(ctx, try_exec, &walls) == 256 + SIGSYS);
        CHECK(inside(ctx, try_fork, &walls) == 256 + SIGSYS);
        CHECK(inside(ctx, try_code, &walls) == EACCES);
        CHECK(inside(ctx, try_kill, &walls) == EACCES);
    }
    CHECK(inside(ctx, try_time, &walls) == 256 + SIGXCPU);
    if (!HAS_ASAN)
        CHECK(inside(ctx, try_memory, &walls) == ENOMEM);
}

/* Kernels and containers lack one or the other: each wall is tried without its neighbour. */
TEST(each_wall_stands_alone)
{
    const struct tl_sandbox_walls kernel = tl_sandbox_kernel();
    struct tl_sandbox_limits one = limits;
    struct tl_sandbox_walls walls;
    one.no_landlock = true;
    CHECK(inside_of(ctx, &one, try_work, &walls) == 7);
    CHECK(walls.seccomp == kernel.seccomp && !walls.landlock);
    if (walls.seccomp) {
        CHECK(inside_of(ctx, &one, try_open, &walls) == EACCES);
        CHECK(inside_of(ctx, &one, try_exec, &walls) == 256 + SIGSYS);
    }
    one = limits;
    one.no_seccomp = true;
    CHECK(inside_of(ctx, &one, try_work, &walls) == 7);
    CHECK(walls.landlock == kernel.landlock && !walls.seccomp);
    if (walls.landlock)
        CHECK(inside_of(ctx, &one, try_open, &walls) == EACCES);
    CHECK(inside_of(ctx, &one, try_time, &walls) == 256 + SIGXCPU);
    one.no_landlock = true;
    CHECK(inside_of(ctx, &one, try_open, &walls) == 0 && !walls.landlock && !walls.seccomp);
}

static char warned[200];
static int n_warned;

static void keep_warning(void *user, const char *message)
{
    (void)user;
    n_warned++;
    snprintf(warned, sizeof warned, "%s", message);
}

TEST(a_wall_that_is_missing_is_said_in_one_line)
{
    static const struct {
        struct tl_sandbox_walls walls;
        const char *part;
    } cases[] = {
        {{.seccomp = true, .landlock = true}, NULL},
        {{.seccomp = true},
         "has no Landlock: files that are sent are read behind one wall, seccomp"},
        {{.landlock = true},
         "has no seccomp: files that are sent are read behind one wall, Landlock"},
        {{false, false}, "neither seccomp nor Landlock"},
    };
    tl_ctx_set_warn(ctx, keep_warning, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        n_warned = 0;
        tl_sandbox_warn(ctx, &cases[i].walls);
        CHECK(n_warned == (cases[i].part != NULL));
        CHECK(cases[i].part == NULL ||
              (strstr(warned, cases[i].part) != NULL && strchr(warned, '\n') == NULL));
    }
    tl_ctx_set_warn(ctx, NULL, NULL);
}

static tl_err run(struct tl_ctx *ctx, const char *script, struct tl_sandbox_walls *walls)
{
    const char *const words[] = {"sh", "-c", script, NULL};
    int in = open("/dev/null", O_RDONLY), out = open("/dev/null", O_WRONLY);
    struct tl_sandbox_job job = {.program = "/bin/sh",
                                 .words = words,
                                 .request = "the request",
                                 .in = in,
                                 .out = out,
                                 .what = "deaths.csv",
                                 .limits = limits};
    tl_err err = tl_sandbox_run(ctx, &job, walls);
    close(in);
    close(out);
    return err;
}

TEST(each_end_of_a_reader_is_one_sentence)
{
    struct tl_sandbox_walls walls;
    CHECK_OK(run(ctx, "printf '10 0 ' >&3", &walls));
    CHECK(walls.seccomp && !walls.landlock);
    CHECK_OK(run(ctx,
                 "test \"$TILTH_READ\" = 'the request' && test ! -e /dev/fd/4 && printf '11 0' >&3",
                 &walls));
    CHECK_FAILS(run(ctx, "printf '11 2 row 7: no such day' >&3; exit 1", &walls), TL_EDATA,
                "row 7: no such day");
    CHECK_FAILS(run(ctx, "printf '11 2 a\\n\\033b' >&3", &walls), TL_EDATA, "a  b");
    CHECK_FAILS(run(ctx, "printf '11 2 \\377' >&3", &walls), TL_EDATA, tl_err_text(TL_EDATA));
    CHECK_FAILS(run(ctx, "printf '11 14 rights' >&3", &walls), TL_EDATA, "can be understood");
    CHECK_FAILS(run(ctx, "exit 0", &walls), TL_EDATA, "deaths.csv: the reader said nothing");
    CHECK_FAILS(run(ctx, "yes >&3", &walls), TL_EDATA, "");
    CHECK_FAILS(run(ctx, "kill -SEGV $$", &walls), TL_EDATA, "its reader broke");
    CHECK_FAILS(run(ctx, "kill -SYS $$", &walls), TL_EDATA, "was stopped");
    CHECK_FAILS(run(ctx, "kill -XCPU $$", &walls), TL_EDATA, "(1 s)");
    CHECK_FAILS(run(ctx, "sleep 30", &walls), TL_EDATA,
                "takes longer to read than an upload may (2 s)");
    CHECK_FAILS(run(ctx, "exec 3>&-; sleep 30", &walls), TL_EDATA, "takes longer");
}

TEST(a_server_that_ends_does_not_wait_for_its_reader)
{
    struct tl_sandbox_walls walls;
    tl_ctx_cancel(ctx);
    CHECK(run(ctx, "sleep 30", &walls) == TL_ECANCELLED);
}
