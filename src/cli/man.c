/** Man pages, the manual's pages (Markdown) and the completion of bash, from the command table. */
#include <ctype.h>
#include <string.h>

#include "cli/cli.h"
#include "tilth/register.h"

/* Text for roff: a backslash and a leading dot or quote would be commands. */
static void roff(FILE *out, const char *text)
{
    bool line_start = true;
    for (const char *at = text; *at != '\0'; at++) {
        if (at[0] == '\n' && at[1] == '\n') {
            fputs("\n.PP\n", out);
            at++;
            line_start = true;
            continue;
        }
        if (line_start && (*at == '.' || *at == '\''))
            fputs("\\&", out);
        if (*at == '\\')
            fputs("\\e", out);
        else if (*at == '-')
            fputs("\\-", out);
        else if (*at != '`')
            fputc(*at, out);
        line_start = *at == '\n';
    }
    fputs("\n", out);
}

static void roff_title(FILE *out, const char *name, const char *summary)
{
    fputs(".TH ", out);
    for (const char *at = name; *at != '\0'; at++)
        fputc(toupper((unsigned char)*at), out);
    fprintf(out, " 1 \"\" \"tilth %s\" \"Tilth manual\"\n.SH NAME\n", TILTH_VERSION);
    roff(out, name);
    fputs("\\- ", out);
    roff(out, summary);
}

static void roff_options(FILE *out, const char *title, int n, const struct tl_cli_option *options)
{
    if (n == 0)
        return;
    fprintf(out, ".SH %s\n", title);
    for (int i = 0; i < n; i++) {
        const struct tl_cli_option *option = &options[i];
        fprintf(out, ".TP\n\\fB\\-\\-");
        for (const char *at = option->name; *at != '\0'; at++)
            fputs(*at == '-' ? "\\-" : (char[]){*at, '\0'}, out);
        fprintf(out, "\\fR%s%s%s\n", option->value == NULL ? "" : " \\fI",
                option->value == NULL ? "" : option->value, option->value == NULL ? "" : "\\fR");
        roff(out, option->meaning);
        if (option->choices != NULL) {
            fputs("One of ", out);
            roff(out, option->choices);
        }
        if (option->fallback != NULL) {
            fputs("Default: ", out);
            roff(out, option->fallback);
        }
        if (option->repeatable)
            fputs("May be repeated.\n", out);
    }
}

static void roff_exit_code(FILE *out, tl_err err)
{
    fprintf(out, ".TP\n%d\n", tl_err_exit(err));
    roff(out, tl_err_text(err));
}

void tl_cli_man_name(const struct tl_cli_command *command, char *name, size_t size)
{
    snprintf(name, size, "%s", command->name);
    for (char *at = name; *at != '\0'; at++)
        *at = *at == ' ' ? '-' : *at;
}

void tl_cli_man_page(FILE *out, const struct tl_cli_command *command)
{
    char name[80], file[64];
    int n_common, n = tl_cli_table_n_words(command);
    const struct tl_cli_option *common = tl_cli_table_common(&n_common);
    tl_cli_man_name(command, file, sizeof file);
    snprintf(name, sizeof name, "tilth-%s", file);
    roff_title(out, name, command->summary);
    fputs(".SH SYNOPSIS\n", out);
    tl_cli_help_usage(out, command);
    fputs(".SH DESCRIPTION\n", out);
    roff(out, command->description);
    if (n > 0)
        fputs(".SH ARGUMENTS\n", out);
    for (int i = 0; i < n; i++) {
        fprintf(out, ".TP\n\\fI%s\\fR\n", command->words[i].name);
        roff(out, command->words[i].meaning);
    }
    roff_options(out, "OPTIONS", tl_cli_table_n_options(command), command->options);
    roff_options(out, "COMMON OPTIONS", n_common, common);
    fputs(".SH EXAMPLES\n", out);
    for (int i = 0; i < tl_cli_table_n_examples(command); i++) {
        fputs(".TP\n", out);
        roff(out, command->examples[i].line);
        roff(out, command->examples[i].meaning);
    }
    fputs(".SH EXIT STATUS\n", out);
    roff_exit_code(out, TL_OK);
    roff_exit_code(out, TL_EUSAGE);
    for (int i = 0; i < tl_cli_table_n_errors(command); i++)
        roff_exit_code(out, command->errors[i]);
}

void tl_cli_man_overview(FILE *out)
{
    char file[64];
    int n, n_common;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    const struct tl_cli_option *common = tl_cli_table_common(&n_common);
    roff_title(out, "tilth", "from evidence about explosive ordnance to decisions about land");
    fputs(".SH SYNOPSIS\ntilth \\fICOMMAND\\fR [arguments] [options]\n.SH COMMANDS\n", out);
    for (int i = 0; i < n; i++) {
        tl_cli_man_name(&commands[i], file, sizeof file);
        fprintf(out, ".TP\n\\fBtilth\\-%s\\fR(1)\n", file);
        roff(out, commands[i].summary);
    }
    roff_options(out, "COMMON OPTIONS", n_common, common);
    fputs(".SH EXIT STATUS\n", out);
    for (int err = 0; err < TL_ERR_COUNT; err++)
        roff_exit_code(out, (tl_err)err);
}

/* In a table's cell, "|" would end it. */
static void cell(FILE *out, const char *text)
{
    for (const char *at = text == NULL ? "" : text; *at != '\0'; at++)
        if (*at == '|')
            fputs("\\|", out);
        else
            fputc(*at == '\n' ? ' ' : *at, out);
}

static void markdown_options(FILE *out, int n, const struct tl_cli_option *options)
{
    fputs("| option | meaning | choices | default |\n|---|---|---|---|\n", out);
    for (int i = 0; i < n; i++) {
        fputs("| `", out);
        tl_cli_help_option(out, &options[i]);
        fputs("` | ", out);
        cell(out, options[i].meaning);
        fprintf(out, "%s%s | ", options[i].required ? " (required)" : "",
                options[i].repeatable ? " (may be repeated)" : "");
        cell(out, options[i].choices);
        fputs(" | ", out);
        cell(out, options[i].fallback);
        fputs(" |\n", out);
    }
}

static void markdown_exit_code(FILE *out, tl_err err)
{
    fprintf(out, "| %d | %s |\n", tl_err_exit(err), tl_err_text(err));
}

void tl_cli_man_markdown(FILE *out, const struct tl_cli_command *command)
{
    int n_common, n = tl_cli_table_n_options(command);
    const struct tl_cli_option *common = tl_cli_table_common(&n_common);
    fprintf(out, "# tilth %s\n\n%s.\n\n    ", command->name, command->summary);
    tl_cli_help_usage(out, command);
    fprintf(out, "\n%s\n\n", command->description);
    for (int i = 0; i < tl_cli_table_n_words(command); i++)
        fprintf(out, "- `%s`: %s\n", command->words[i].name, command->words[i].meaning);
    if (n > 0) {
        fputs("\n## Options\n", out);
        markdown_options(out, n, command->options);
    }
    fputs("\n## Options of every command\n", out);
    markdown_options(out, n_common, common);
    fputs("\n## Examples\n", out);
    for (int i = 0; i < tl_cli_table_n_examples(command); i++)
        fprintf(out, "%s\n\n    %s\n\n", command->examples[i].meaning, command->examples[i].line);
    fputs("## Exit codes\n| code | meaning |\n|---|---|\n", out);
    markdown_exit_code(out, TL_OK);
    markdown_exit_code(out, TL_EUSAGE);
    for (int i = 0; i < tl_cli_table_n_errors(command); i++)
        markdown_exit_code(out, command->errors[i]);
}

void tl_cli_man_markdown_overview(FILE *out)
{
    char file[64];
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    fputs("# Manual\n\n| command | what it does |\n|---|---|\n", out);
    for (int i = 0; i < n; i++) {
        tl_cli_man_name(&commands[i], file, sizeof file);
        fprintf(out, "| [%s](%s.md) | %s |\n", commands[i].name, file, commands[i].summary);
    }
    fputs("\n[Kinds of record and their fields](kinds.md)\n\n## Exit codes\n| code | meaning "
          "|\n|---|---|\n",
          out);
    for (int err = 0; err < TL_ERR_COUNT; err++)
        markdown_exit_code(out, (tl_err)err);
}

void tl_cli_man_markdown_kinds(FILE *out)
{
    fputs("# Kinds of record and their fields\n", out);
    for (int kind = 0; kind < TL_KIND_COUNT; kind++) {
        const struct tl_kind_info *info = tl_kind_info((enum tl_kind)kind);
        fprintf(out,
                "\n## %s (`--as %s`, %s)\n| field | choices | HXL | meaning |\n|---|---|---|---|\n",
                info->title, info->name, info->geometry);
        for (int i = 0; i < info->n_columns; i++) {
            fprintf(out, "| `%s` | ", info->columns[i].name);
            cell(out, info->columns[i].choices);
            fprintf(out, " | %s | ", info->columns[i].hxl == NULL ? "" : info->columns[i].hxl);
            cell(out, info->columns[i].meaning);
            fputs(" |\n", out);
        }
    }
}

/* Words of one command; choices complete after their option, files after options and words that are files. */
static void completion_case(FILE *out, const struct tl_cli_command *command)
{
    int n_common, n = tl_cli_table_n_options(command);
    const struct tl_cli_option *common = tl_cli_table_common(&n_common);
    fprintf(out, "    \"%s\")\n        options=\"", command->name);
    for (int i = 0; i < n; i++)
        fprintf(out, "--%s ", command->options[i].name);
    for (int i = 0; i < n_common; i++)
        fprintf(out, "--%s ", common[i].name);
    fputs("--help\"\n        case $before in\n", out);
    for (int i = 0; i < n + n_common; i++) {
        const struct tl_cli_option *option = i < n ? &command->options[i] : &common[i - n];
        if (option->choices == NULL)
            continue;
        fprintf(out, "        --%s) choices=\"", option->name);
        for (const char *at = option->choices; *at != '\0'; at++)
            fputc(*at == '|' ? ' ' : *at, out);
        fputs("\" ;;\n", out);
    }
    fputs("        esac ;;\n", out);
}

/* Commands of two words share their first; it is offered once. */
static bool is_first_of_group(const struct tl_cli_command *commands, int i)
{
    for (int k = 0; k < i && commands[i].group != NULL; k++)
        if (tl_cli_table_second(&commands[k], commands[i].group) != NULL)
            return false;
    return true;
}

/* Whether the first of a command's two words is a command by itself. */
static bool has_own(const struct tl_cli_command *command)
{
    return command->group != NULL && tl_cli_table_find(command->group) != NULL;
}

static void completion_group(FILE *out, int n, const struct tl_cli_command *commands,
                             const char *group)
{
    fprintf(out,
            "    %s)\n        if [ \"$COMP_CWORD\" -eq 2 ]; then\n            "
            "COMPREPLY=($(compgen -W \"",
            group);
    for (int i = 0; i < n; i++)
        if (tl_cli_table_second(&commands[i], group) != NULL)
            fprintf(out, "%s ", tl_cli_table_second(&commands[i], group));
    bool own = tl_cli_table_find(group) != NULL; /* then a file may stand there too */
    fprintf(out,
            "--help\" -- \"$word\")%s)\n            return\n        fi\n"
            "        %scommand=\"$command ${COMP_WORDS[2]}\" ;;\n",
            own ? " $(compgen -f -- \"$word\")" : "",
            own ? "[[ ${COMP_WORDS[2]} == *.* ]] || " : "");
}

void tl_cli_man_completion(FILE *out)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    fputs("# Completion of tilth for bash; made from the command table.\n_tilth()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options= "
          "choices=\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W \"",
          out);
    for (int i = 0; i < n; i++)
        if (is_first_of_group(commands, i) && !has_own(&commands[i]))
            fprintf(out, "%s ", commands[i].group != NULL ? commands[i].group : commands[i].name);
    fputs("--help --version\" -- \"$word\"))\n        return\n    fi\n"
          "    local command=${COMP_WORDS[1]}\n    case $command in\n",
          out);
    for (int i = 0; i < n; i++)
        if (commands[i].group != NULL && is_first_of_group(commands, i))
            completion_group(out, n, commands, commands[i].group);
    fputs("    esac\n    case $command in\n", out);
    for (int i = 0; i < n; i++)
        completion_case(out, &commands[i]);
    fputs("    esac\n    if [ -n \"$choices\" ]; then\n        COMPREPLY=($(compgen -W "
          "\"$choices\" -- \"$word\"))\n"
          "    elif [ \"${word:0:2}\" = -- ]; then\n        COMPREPLY=($(compgen -W \"$options\" "
          "-- \"$word\"))\n"
          "    else\n        COMPREPLY=($(compgen -f -- \"$word\"))\n    fi\n}\n"
          "complete -o filenames -F _tilth tilth\n",
          out);
}
