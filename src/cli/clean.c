/**
 * Standard output without control characters. Names, remarks and column names come from files of others, and a terminal obeys what stands in them:
 * it can be made to show another figure than the one that was printed. Every command prints through this stream, so none can forget it. JSON loses
 * nothing: there such characters are written as escapes.
 */
#include <errno.h>
#include <unistd.h>

#include "cli/cli.h"

/* Of a terminal C1 too: U+0080 to U+009F, in UTF-8 C2 80 to C2 9F; with this byte in place of the second it is a blank that does not break. */
static char clean_byte(const struct tl_cli_clean *clean, char byte)
{
    unsigned char c = (unsigned char)byte;
    if ((c < 0x20 && c != '\n' && c != '\t') || (c == 0x7f && clean->is_terminal))
        return ' ';
    if (clean->is_terminal && (unsigned char)clean->last == 0xC2 && c >= 0x80 && c < 0xA0)
        return (char)0xA0;
    return byte;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        bytes += done;
        n -= (size_t)done;
    }
    return true;
}

static ssize_t put(void *cookie, const char *bytes, size_t n)
{
    struct tl_cli_clean *clean = cookie;
    char part[4096];
    for (size_t done = 0; done < n;) {
        size_t k = 0;
        for (; k < sizeof part && done < n; k++, done++) {
            part[k] = clean_byte(clean, bytes[done]);
            clean->last = bytes[done];
        }
        if (!write_all(clean->fd, part, k))
            return 0; /* how such a stream says that it failed */
    }
    return (ssize_t)n;
}

FILE *tl_cli_clean_open(struct tl_cli_clean *clean, int fd, bool is_terminal)
{
    *clean = (struct tl_cli_clean){.fd = fd, .is_terminal = is_terminal};
    FILE *stream = fopencookie(clean, "w", (cookie_io_functions_t){.write = put});
    if (stream != NULL)
        setvbuf(stream, NULL, is_terminal ? _IOLBF : _IOFBF, BUFSIZ);
    return stream;
}

void tl_cli_clean_line(FILE *out, const char *text)
{
    struct tl_cli_clean clean = {.is_terminal = true};
    for (; *text != '\0'; text++) {
        char byte = clean_byte(&clean, *text);
        fputc(byte == '\n' || byte == '\t' ? ' ' : byte, out);
        clean.last = *text;
    }
    fputc('\n', out);
}
