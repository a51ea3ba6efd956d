/* Secrets come from standard input, a line each, and never from arguments: those are seen by everybody on the machine. On a terminal they are not shown. */
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli/cli.h"

static bool read_line(struct tl_cli_run *run, const char *question, char line[TL_CLI_SECRET_BYTES])
{
    struct termios shown, hidden;
    bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        fprintf(run->err, "%s: ", question);
        fflush(run->err);
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool read = fgets(line, TL_CLI_SECRET_BYTES, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', run->err);
    }
    if (read)
        line[strcspn(line, "\r\n")] = '\0';
    return read;
}

void tl_cli_secret_wipe(char *text, size_t n)
{
    for (volatile char *at = text; n > 0; n--)
        *at++ = '\0';
}

tl_err tl_cli_secret_read(struct tl_cli_run *run, const char *question, bool twice,
                          char line[TL_CLI_SECRET_BYTES])
{
    char again[TL_CLI_SECRET_BYTES];
    tl_err err = TL_OK;
    if (!read_line(run, question, line))
        return tl_cli_run_fail(
            run, TL_EUSAGE, "%s: is read from standard input, which has no further line", question);
    if (twice && isatty(STDIN_FILENO) &&
        (!read_line(run, "Once more", again) || strcmp(line, again) != 0))
        err = tl_cli_run_fail(run, TL_EUSAGE, "the two differ; nothing was changed");
    tl_cli_secret_wipe(again, sizeof again);
    return err;
}

tl_err tl_cli_secret_rest(struct tl_cli_run *run, const char *question, char *text, size_t room)
{
    if (isatty(STDIN_FILENO))
        fprintf(run->err, "%s, ended by Ctrl-D:\n", question);
    size_t n = fread(text, 1, room, stdin);
    if (n == room)
        return tl_cli_run_fail(run, TL_EDATA, "%s: more than %zu bytes", question, room - 1);
    text[n] = '\0';
    return TL_OK;
}
