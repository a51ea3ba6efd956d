/** tilth: the program. Signals live here, the rest in run.c. */
#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"

/* The one global of the program: a signal handler has no other way to reach its context. */
static struct tl_ctx *volatile interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    if (interrupted != NULL)
        tl_ctx_cancel(interrupted);
}

int main(int argc, char **argv)
{
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
    int code = tl_cli_run_main(ctx, argc, argv, stdout, stderr);
    interrupted = NULL;
    tl_ctx_free(ctx);
    return code;
}
