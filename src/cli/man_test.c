#include "unit.h"

#include "cli/cli.h"

/* Runs a writer into memory. owns: the caller, free. */
static char *page_of(void (*write)(FILE *, const struct tl_cli_command *),
                     const struct tl_cli_command *command)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    write(out, command);
    fclose(out);
    return text;
}

TEST(a_man_page_has_its_sections_and_no_stray_command)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    for (int i = 0; i < n; i++) {
        char *text = page_of(tl_cli_man_page, &commands[i]);
        CHECK(strncmp(text, ".TH ", 4) == 0);
        CHECK(strstr(text, ".SH SYNOPSIS") != NULL && strstr(text, ".SH EXIT STATUS") != NULL);
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
            CHECK(line[0] != '.' || strncmp(line, ".TH", 3) == 0 || strncmp(line, ".SH", 3) == 0 ||
                  strcmp(line, ".TP") == 0 || strcmp(line, ".PP") == 0);
        free(text);
    }
}

TEST(a_page_of_the_manual_has_a_row_per_option)
{
    const struct tl_cli_command *command = tl_cli_table_find("import");
    char *text = page_of(tl_cli_man_markdown, command);
    int n_rows = 0;
    for (const char *at = text; (at = strstr(at, "\n| `--")) != NULL; at++)
        n_rows++;
    int n_common;
    tl_cli_table_common(&n_common);
    CHECK(n_rows == tl_cli_table_n_options(command) + n_common);
    CHECK(strstr(text, "hazard-area\\|accident") != NULL); /* "|" must not end the table's cell */
    free(text);
}

TEST(the_completion_is_shell_that_completes)
{
    FILE *file = fopen("man_test_completion.bash", "w");
    CHECK(file != NULL);
    tl_cli_man_completion(file);
    fputs(
        "COMP_WORDS=(tilth map p --eng); COMP_CWORD=3; _tilth; [ \"${COMPREPLY[*]}\" = --engine ] "
        "|| exit 3\n"
        "COMP_WORDS=(tilth im); COMP_CWORD=1; _tilth; [ \"${COMPREPLY[*]}\" = import ] || exit 4\n"
        "COMP_WORDS=(tilth map p --engine ex); COMP_CWORD=4; _tilth; [ \"${COMPREPLY[*]}\" = exact "
        "] || exit 5\n"
        "COMP_WORDS=(tilth su); COMP_CWORD=1; _tilth; [ \"${COMPREPLY[*]}\" = survey ] || exit 6\n"
        "COMP_WORDS=(tilth survey tr); COMP_CWORD=2; _tilth; [ \"${COMPREPLY[*]}\" = transects ] "
        "|| exit 7\n"
        "COMP_WORDS=(tilth survey next p --hours-p); COMP_CWORD=4; _tilth; [ \"${COMPREPLY[*]}\" "
        "= --hours-per-day ] || exit 8\n"
        "COMP_WORDS=(tilth pla); COMP_CWORD=1; _tilth; [ \"${COMPREPLY[*]}\" = plan ] || exit 10\n"
        "COMP_WORDS=(tilth plan expl); COMP_CWORD=2; _tilth; [ \"${COMPREPLY[*]}\" = explain ] || "
        "exit 11\n"
        "COMP_WORDS=(tilth plan p.gpkg --bud); COMP_CWORD=3; _tilth; [ \"${COMPREPLY[*]}\" = "
        "--budget ] || exit 12\n"
        "COMP_WORDS=(tilth plan explain p.gpkg --ta); COMP_CWORD=4; _tilth; [ "
        "\"${COMPREPLY[*]}\" = --task ] || exit 13\n"
        "COMP_WORDS=(tilth assess p --lang u); COMP_CWORD=4; _tilth; [ \"${COMPREPLY[*]}\" = uk ] "
        "|| exit 9\n",
        file);
    fclose(file);
    CHECK(system("bash man_test_completion.bash") == 0);
    remove("man_test_completion.bash");
}

TEST(the_overviews_name_every_command)
{
    char *text = NULL;
    size_t size;
    int n;
    FILE *out = open_memstream(&text, &size);
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    tl_cli_man_overview(out);
    tl_cli_man_markdown_overview(out);
    tl_cli_man_markdown_kinds(out);
    fclose(out);
    for (int i = 0; i < n; i++)
        CHECK(strstr(text, commands[i].summary) != NULL);
    CHECK(strstr(text, "(`--as accident`") != NULL);
    CHECK(strstr(text, "[survey next](survey-next.md)") != NULL);
    free(text);
}
