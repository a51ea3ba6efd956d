/** tilth: the program. Signals live here, the rest in run.c. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "tilth/serve.h"

/* The one global of the program: a signal handler has no other way to reach its context. */
static struct tl_ctx *volatile interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    if (interrupted != NULL)
        tl_ctx_cancel(interrupted);
}

/*
 * Threads of the OpenMP runtime wait for work by spinning, unless its environment said otherwise when it was loaded. On
 * a machine that does other things too, a map then took more than twice the processor time; where they sleep at once, waking them takes a tenth of
 * the time on a quiet one. So the program starts itself again, once, with threads that spin about as long as waking takes, and
 * then sleep; where that cannot be, it goes on as it is.
 */
static void sleep_while_waiting(char **argv)
{
    static const char policy[] = "OMP_WAIT_POLICY", spins[] = "GOMP_SPINCOUNT";
    if (getenv(policy) != NULL || setenv(policy, "passive", 1) != 0)
        return;
    if (getenv(spins) != NULL || setenv(spins, "1000", 1) == 0)
        execv("/proc/self/exe", argv);
}

/* The server starts the program like this to read what somebody has sent. Nothing runs at the end: the walls are for good. */
static void read_upload(void)
{
    struct tl_ctx *ctx = tl_ctx_create();
    _exit(ctx != NULL ? tl_serve_reader(ctx) : tl_err_exit(TL_ENOMEM));
}

/* A file that is opened while one of these is closed would get its number, and what is printed would be written into it. */
static void hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
            _exit(tl_err_exit(TL_EIO));
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], TL_SERVE_READER) == 0)
        read_upload();
    hold_streams();
    sleep_while_waiting(argv);
    struct tl_ctx *ctx = tl_ctx_create();
    if (ctx == NULL) {
        fputs("tilth: no memory to begin with\n", stderr);
        return tl_err_exit(TL_ENOMEM);
    }
    interrupted = ctx;
    /* Once is a request, twice is an order: the handler is gone after its first use. */
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGXFSZ,
           SIG_IGN); /* a limit on file sizes is then a failed write, with a message, not a death */
    struct tl_cli_clean clean;
    FILE *out = tl_cli_clean_open(&clean, STDOUT_FILENO, isatty(STDOUT_FILENO) != 0);
    int code = tl_cli_run_main(ctx, argc, argv, out != NULL ? out : stdout, stderr);
    if (out != NULL)
        (void)fclose(out); /* what could not be written was told by then */
    interrupted = NULL;
    tl_ctx_free(ctx);
    return code;
}
