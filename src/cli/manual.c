/** tilth_manual FOLDER: writes man pages, the manual's pages and the completion, all made from the command table. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static FILE *open_page(const char *folder, const char *format, const char *name)
{
    char path[4096], file[256];
    snprintf(file, sizeof file, format, name);
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *page = fopen(path, "w");
    if (page == NULL)
        fprintf(stderr, "tilth_manual: %s: %s\n", path, strerror(errno));
    return page;
}

static int close_page(FILE *page)
{
    return fclose(page) == 0 ? 0 : 1;
}

static int write_command(const char *folder, const struct tl_cli_command *command)
{
    char name[64];
    tl_cli_man_name(command, name, sizeof name);
    FILE *page = open_page(folder, "man/tilth-%s.1", name);
    if (page == NULL)
        return 1;
    tl_cli_man_page(page, command);
    int failed = close_page(page);
    page = open_page(folder, "manual/%s.md", name);
    if (page == NULL)
        return 1;
    tl_cli_man_markdown(page, command);
    return failed | close_page(page);
}

static int write_one(const char *folder, const char *file, void (*write)(FILE *))
{
    FILE *page = open_page(folder, "%s", file);
    if (page == NULL)
        return 1;
    write(page);
    return close_page(page);
}

int main(int argc, char **argv)
{
    int n, failed = 0;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    if (argc != 2) {
        fputs("usage: tilth_manual FOLDER (with man/ and manual/ in it)\n", stderr);
        return 2;
    }
    for (int i = 0; i < n; i++)
        failed |= write_command(argv[1], &commands[i]);
    failed |= write_one(argv[1], "man/tilth.1", tl_cli_man_overview);
    failed |= write_one(argv[1], "manual/README.md", tl_cli_man_markdown_overview);
    failed |= write_one(argv[1], "manual/kinds.md", tl_cli_man_markdown_kinds);
    failed |= write_one(argv[1], "tilth.bash", tl_cli_man_completion);
    return failed;
}
