#include "unit.h"

#include "cli/cli.h"
#include "core/json.h"
#include "tilth/register.h"

TEST(the_overview_names_every_command)
{
    char *text = NULL;
    size_t size;
    int n;
    FILE *out = open_memstream(&text, &size);
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    tl_cli_help_overview(out);
    fclose(out);
    for (int i = 0; i < n; i++)
        CHECK(strstr(text, commands[i].summary) != NULL);
    free(text);
}

TEST(a_commands_help_names_every_option_and_fits_80_columns)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    for (int i = 0; i < n; i++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        tl_cli_help_command(out, &commands[i]);
        fclose(out);
        for (int k = 0; k < tl_cli_table_n_options(&commands[i]); k++)
            CHECK(strstr(text, commands[i].options[k].name) != NULL);
        char *examples = strstr(text, "\nExamples:");
        CHECK(examples != NULL);
        *examples = '\0'; /* an example is a line to copy: it may be long */
        for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
            CHECK(strlen(line) <= 80 || strncmp(line, "  tilth ", 8) == 0);
        free(text);
    }
}

TEST(help_as_json_is_json_with_every_command)
{
    char *text = NULL;
    size_t size;
    int n;
    FILE *out = open_memstream(&text, &size);
    tl_cli_table_commands(&n);
    tl_cli_help_json(out, NULL);
    fclose(out);
    json_t *json = json_loads(text, 0, NULL);
    CHECK(json != NULL);
    CHECK_STR(json_string_value(json_object_get(json, "schema")), "tilth.help/1");
    CHECK(json_array_size(json_object_get(json, "commands")) == (size_t)n);
    json_decref(json);
    free(text);
}

TEST(a_kind_of_record_lists_its_fields)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    CHECK(tl_cli_help_kind(out, ctx, "accident"));
    CHECK(!tl_cli_help_kind(out, ctx, "no-such-kind"));
    fclose(out);
    const struct tl_kind_info *info = tl_kind_info(TL_KIND_ACCIDENT);
    for (int i = 0; i < info->n_columns; i++)
        CHECK(strstr(text, info->columns[i].name) != NULL);
    free(text);
}

TEST(every_exit_code_has_its_line)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    tl_cli_help_exit_codes(out);
    fclose(out);
    CHECK(strstr(text, "130  stopped on request") != NULL);
    CHECK(strstr(text, " 12  ") != NULL);
    free(text);
}
