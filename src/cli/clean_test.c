#include "unit.h"

#include <unistd.h>

#include "cli/cli.h"

static const char dirty[] = "name\x1b]0;x\x07\r\n\tgrün \xC2\x9b"
                            "2J \xC2\xA0 \x7f!\n";

/* What comes out at the other end of a pipe. */
static bool through(bool is_terminal, char *out, size_t room)
{
    struct tl_cli_clean clean;
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    FILE *stream = tl_cli_clean_open(&clean, ends[1], is_terminal);
    bool good = stream != NULL && fputs(dirty, stream) >= 0 && fclose(stream) == 0;
    close(ends[1]);
    ssize_t n = read(ends[0], out, room - 1);
    close(ends[0]);
    out[n > 0 ? n : 0] = '\0';
    return good;
}

TEST(a_name_cannot_steer_the_terminal)
{
    char out[100];
    CHECK(through(true, out, sizeof out));
    CHECK_STR(out, "name ]0;x  \n\tgrün \xC2\xA0"
                   "2J \xC2\xA0  !\n");
}

TEST(a_file_keeps_what_no_terminal_obeys)
{
    char out[100];
    CHECK(through(false, out, sizeof out));
    CHECK_STR(out, "name ]0;x  \n\tgrün \xC2\x9b"
                   "2J \xC2\xA0 \x7f!\n");
}

/* A file that was opened for reading takes nothing, as a full disk does. */
TEST(what_cannot_be_written_is_an_error_of_the_stream)
{
    FILE *null = fopen("/dev/null", "r");
    struct tl_cli_clean clean;
    CHECK(null != NULL);
    FILE *stream = tl_cli_clean_open(&clean, fileno(null), false);
    CHECK(stream != NULL && fputs("x", stream) >= 0);
    CHECK(fflush(stream) != 0 && ferror(stream) != 0);
    (void)fclose(stream);
    fclose(null);
}

TEST(a_message_is_one_line)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    tl_cli_clean_line(out, "tilth: \"a\x1b[31m\nb\" is no name");
    fclose(out);
    CHECK_STR(text, "tilth: \"a [31m b\" is no name\n");
    free(text);
}
