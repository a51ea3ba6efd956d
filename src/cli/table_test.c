#include "unit.h"

#include "cli/cli.h"

TEST(every_command_is_complete)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    CHECK(n >= 10);
    for (int i = 0; i < n; i++) {
        const struct tl_cli_command *command = &commands[i];
        CHECK(command->summary != NULL && command->description != NULL && command->run != NULL);
        CHECK(command->summary[strlen(command->summary) - 1] != '.');
        CHECK(tl_cli_table_n_examples(command) > 0);
        CHECK(tl_cli_table_find(command->name) == command);
        const char *space = strchr(command->name, ' '); /* two words: the first is the group */
        CHECK((space != NULL) == (command->group != NULL));
        CHECK(space == NULL || strncmp(command->name, command->group, strlen(command->group)) == 0);
    }
}

TEST(every_option_has_what_its_type_needs)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < tl_cli_table_n_options(&commands[i]); k++) {
            const struct tl_cli_option *option = &commands[i].options[k];
            CHECK(option->meaning != NULL && option->meaning[0] != '\0');
            CHECK((option->type == TL_CLI_FLAG) == (option->value == NULL));
            CHECK((option->type == TL_CLI_CHOICE) == (option->choices != NULL));
            CHECK(!(option->required && option->fallback != NULL));
        }
}

TEST(no_name_is_used_twice)
{
    int n, n_common;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    const struct tl_cli_option *common = tl_cli_table_common(&n_common);
    for (int i = 0; i < n; i++) {
        int n_options = tl_cli_table_n_options(&commands[i]);
        for (int k = 0; k < n_options; k++) {
            const char *name = commands[i].options[k].name;
            for (int other = k + 1; other < n_options; other++)
                CHECK(strcmp(name, commands[i].options[other].name) != 0);
            for (int other = 0; other < n_common; other++)
                CHECK(strcmp(name, common[other].name) != 0);
        }
    }
}

/* Each example in the table must be a line that the parser takes: so the help cannot show what does not work. */
TEST(every_example_parses)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < tl_cli_table_n_examples(&commands[i]); k++) {
            char line[512];
            char *argv[40];
            int argc = 0;
            struct tl_cli_args args;
            bool quoted = false, begun = false;
            char *to = line;
            for (const char *at = commands[i].examples[k].line; *at != '\0'; at++) {
                if (*at == '"') {
                    quoted = !quoted;
                } else if (*at == ' ' && !quoted) {
                    *to++ = '\0';
                    begun = false;
                } else {
                    if (!begun)
                        argv[argc++] = to;
                    begun = true;
                    *to++ = *at;
                }
            }
            *to = '\0';
            CHECK_STR(argv[0], "tilth");
            if (tl_cli_args_parse(argc, argv, &args) != TL_OK)
                CHECK_STR(args.message, commands[i].examples[k].line);
            CHECK(args.command == &commands[i] || args.help);
        }
}

TEST(lists_end_where_they_end)
{
    CHECK(tl_cli_table_n_words(tl_cli_table_find("import")) == 2);
    CHECK(tl_cli_table_n_words(tl_cli_table_find("field")) == 0);
    CHECK(tl_cli_table_n_options(tl_cli_table_find("info")) == 0);
    CHECK(tl_cli_table_n_errors(tl_cli_table_find("help")) == 1);
    CHECK(tl_cli_table_find("no") == NULL);
    CHECK(tl_cli_table_is_group("survey") && !tl_cli_table_is_group("map"));
    CHECK_STR(tl_cli_table_second(tl_cli_table_find("survey next"), "survey"), "next");
}
