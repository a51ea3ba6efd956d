/** Help from the command table, for people and as JSON. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/register.h"

void tl_cli_help_option(FILE *out, const struct tl_cli_option *option)
{
    fprintf(out, "--%s%s%s", option->name, option->value == NULL ? "" : " ",
            option->value == NULL ? "" : option->value);
}

void tl_cli_help_usage(FILE *out, const struct tl_cli_command *command)
{
    int n_words = tl_cli_table_n_words(command), n_options = tl_cli_table_n_options(command);
    fprintf(out, "tilth %s", command->name);
    for (int i = 0; i < n_words; i++)
        fprintf(out, command->words[i].optional ? " [%s]" : " %s", command->words[i].name);
    for (int i = 0; i < n_options; i++)
        if (command->options[i].required) {
            fputs(" ", out);
            tl_cli_help_option(out, &command->options[i]);
        }
    fputs(" [options]\n", out);
}

static void write_options(FILE *out, int n, const struct tl_cli_option *options)
{
    char text[1024];
    for (int i = 0; i < n; i++) {
        const struct tl_cli_option *option = &options[i];
        fputs("  ", out);
        tl_cli_help_option(out, option);
        fprintf(out, "%s%s\n", option->required ? "  (required)" : "",
                option->repeatable ? "  (may be repeated)" : "");
        tl_cli_wrap(out, 6, option->meaning);
        if (option->choices != NULL) {
            snprintf(text, sizeof text, "One of %s.", option->choices);
            tl_cli_wrap(out, 6, text);
        }
        if (option->fallback != NULL) {
            snprintf(text, sizeof text, "Default: %s.", option->fallback);
            tl_cli_wrap(out, 6, text);
        }
    }
}

static void write_exit_code(FILE *out, tl_err err)
{
    fprintf(out, "  %3d  %s\n", tl_err_exit(err), tl_err_text(err));
}

/* Any command may succeed or be used wrongly; the rest is its own. */
static bool may_end_with(const struct tl_cli_command *command, tl_err err)
{
    for (int i = 0; i < tl_cli_table_n_errors(command); i++)
        if (command->errors[i] == err)
            return true;
    return err == TL_OK || err == TL_EUSAGE;
}

void tl_cli_help_command(FILE *out, const struct tl_cli_command *command)
{
    int n_common, n = tl_cli_table_n_words(command);
    const struct tl_cli_option *common = tl_cli_table_common(&n_common);
    fprintf(out, "tilth %s: %s\n\nUsage:\n  ", command->name, command->summary);
    tl_cli_help_usage(out, command);
    fputs("\n", out);
    tl_cli_wrap(out, 0, command->description);
    if (n > 0)
        fputs("\nArguments:\n", out);
    for (int i = 0; i < n; i++) {
        fprintf(out, "  %s\n", command->words[i].name);
        tl_cli_wrap(out, 6, command->words[i].meaning);
    }
    n = tl_cli_table_n_options(command);
    if (n > 0)
        fputs("\nOptions:\n", out);
    write_options(out, n, command->options);
    fputs("\nOptions of every command:\n", out);
    write_options(out, n_common, common);
    fputs("\nExamples:\n", out);
    for (int i = 0; i < tl_cli_table_n_examples(command); i++)
        fprintf(out, "  %s\n", command->examples[i].line);
    fputs("\nExit codes:\n", out);
    for (int err = 0; err < TL_ERR_COUNT; err++)
        if (may_end_with(command, (tl_err)err))
            write_exit_code(out, (tl_err)err);
}

void tl_cli_help_group(FILE *out, const char *group)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    fprintf(out, "Commands of tilth %s:\n", group);
    for (int i = 0; i < n; i++)
        if (tl_cli_table_second(&commands[i], group) != NULL)
            fprintf(out, "  %-16s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\n`tilth help %s WORD` says more.\n", group);
}

void tl_cli_help_overview(FILE *out)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    fputs("tilth: from evidence about explosive ordnance to decisions about land\n\n"
          "Usage:\n  tilth COMMAND [arguments] [options]\n\nCommands:\n",
          out);
    for (int i = 0; i < n; i++)
        fprintf(out, "  %-16s %s\n", commands[i].name, commands[i].summary);
    fputs("\nLengths, areas and times need a unit: 500m, 2km, 2ha, 30d.\n"
          "Nothing is overwritten without --overwrite.\n"
          "`tilth help COMMAND` says more; `tilth help accident` lists the fields of a kind of\n"
          "record; `tilth help exit-codes` says what each exit code means; `tilth --version`.\n",
          out);
}

void tl_cli_help_exit_codes(FILE *out)
{
    for (int err = 0; err < TL_ERR_COUNT; err++)
        write_exit_code(out, (tl_err)err);
}

static const char *type_words(enum tl_column_type type)
{
    switch (type) {
    case TL_COLUMN_INTEGER:
        return "whole number";
    case TL_COLUMN_REAL:
        return "number";
    case TL_COLUMN_DATE:
        return "date (1990, 1990-07, 1990-07-14)";
    case TL_COLUMN_CHOICE:
        return "choice";
    case TL_COLUMN_YESNO:
        return "yes or no";
    default:
        return "text";
    }
}

bool tl_cli_help_kind(FILE *out, struct tl_ctx *ctx, const char *name)
{
    enum tl_kind kind;
    if (tl_kind_find(ctx, name, &kind) != TL_OK)
        return false;
    const struct tl_kind_info *info = tl_kind_info(kind);
    fprintf(out, "%s: fields of %s (--as %s; geometry: %s)\n\n", info->title, info->name,
            info->name, info->geometry);
    for (int i = 0; i < info->n_columns; i++) {
        const struct tl_column *column = &info->columns[i];
        fprintf(out, "  %s: %s%s%s\n", column->name, type_words(column->type),
                column->choices == NULL ? "" : ": ",
                column->choices == NULL ? "" : column->choices);
        tl_cli_wrap(out, 6, column->meaning);
    }
    fputs("\nof every kind:\n", out);
    tl_cli_wrap(
        out, 2,
        "lon and lat; or x and y, with --crs; or position (degrees, UTM or MGRS as text); or wkt. "
        "id, accuracy [m], remarks. And date_format, for --map date_format==dmy (mdy, ymd, "
        "serial)");
    return true;
}

static const char *type_name(enum tl_cli_type type)
{
    static const char *const names[] = {[TL_CLI_FLAG] = "flag",
                                        [TL_CLI_TEXT] = "text",
                                        [TL_CLI_FILE] = "file",
                                        [TL_CLI_FOLDER] = "folder",
                                        [TL_CLI_CHOICE] = "choice",
                                        [TL_CLI_INTEGER] = "integer",
                                        [TL_CLI_REAL] = "real",
                                        [TL_CLI_LENGTH] = "length",
                                        [TL_CLI_AREA] = "area",
                                        [TL_CLI_TIME] = "time",
                                        [TL_CLI_SIZE] = "size",
                                        [TL_CLI_LENGTH_PRIOR] = "length-prior",
                                        [TL_CLI_NUMBER_PRIOR] = "number-prior",
                                        [TL_CLI_NORMAL] = "normal",
                                        [TL_CLI_PAIR] = "pair",
                                        [TL_CLI_NAMED_FILE] = "named-file",
                                        [TL_CLI_POSITION] = "position",
                                        [TL_CLI_SHARE] = "share",
                                        [TL_CLI_DENSITY] = "density",
                                        [TL_CLI_PACE] = "pace",
                                        [TL_CLI_TARGET] = "target",
                                        [TL_CLI_PASSES] = "passes"};
    return names[type];
}

static void json_options(struct tl_cli_json *json, const char *key, int n,
                         const struct tl_cli_option *options)
{
    tl_cli_json_array(json, key);
    for (int i = 0; i < n; i++) {
        const struct tl_cli_option *option = &options[i];
        tl_cli_json_object(json, NULL);
        tl_cli_json_text(json, "name", option->name);
        tl_cli_json_text(json, "type", type_name(option->type));
        tl_cli_json_text(json, "value", option->value);
        tl_cli_json_text(json, "choices", option->choices);
        tl_cli_json_text(json, "default", option->fallback);
        tl_cli_json_bool(json, "required", option->required);
        tl_cli_json_bool(json, "repeatable", option->repeatable);
        if (option->min != 0 || option->max != 0) {
            tl_cli_json_number(json, "min", option->min);
            tl_cli_json_number(json, "max", option->max);
        }
        tl_cli_json_text(json, "meaning", option->meaning);
        tl_cli_json_close(json);
    }
    tl_cli_json_close(json);
}

static void json_exit_code(struct tl_cli_json *json, tl_err err)
{
    tl_cli_json_object(json, NULL);
    tl_cli_json_text(json, "name", tl_err_name(err));
    tl_cli_json_integer(json, "exit", tl_err_exit(err));
    tl_cli_json_text(json, "meaning", tl_err_text(err));
    tl_cli_json_close(json);
}

static void json_command(struct tl_cli_json *json, const struct tl_cli_command *command)
{
    tl_cli_json_object(json, NULL);
    tl_cli_json_text(json, "name", command->name);
    tl_cli_json_text(json, "summary", command->summary);
    tl_cli_json_text(json, "description", command->description);
    tl_cli_json_array(json, "arguments");
    for (int i = 0; i < tl_cli_table_n_words(command); i++) {
        tl_cli_json_object(json, NULL);
        tl_cli_json_text(json, "name", command->words[i].name);
        tl_cli_json_text(json, "type", type_name(command->words[i].type));
        tl_cli_json_bool(json, "required", !command->words[i].optional);
        tl_cli_json_text(json, "meaning", command->words[i].meaning);
        tl_cli_json_close(json);
    }
    tl_cli_json_close(json);
    json_options(json, "options", tl_cli_table_n_options(command), command->options);
    tl_cli_json_array(json, "examples");
    for (int i = 0; i < tl_cli_table_n_examples(command); i++)
        tl_cli_json_text(json, NULL, command->examples[i].line);
    tl_cli_json_close(json);
    tl_cli_json_array(json, "exit_codes");
    for (int err = 0; err < TL_ERR_COUNT; err++)
        if (may_end_with(command, (tl_err)err))
            json_exit_code(json, (tl_err)err);
    tl_cli_json_close(json);
    tl_cli_json_close(json);
}

void tl_cli_help_json(FILE *out, const struct tl_cli_command *command)
{
    struct tl_cli_json json;
    int n, n_common;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    const struct tl_cli_option *common = tl_cli_table_common(&n_common);
    tl_cli_json_begin(&json, out, "tilth.help/1");
    tl_cli_json_text(&json, "version", TILTH_VERSION);
    json_options(&json, "common_options", n_common, common);
    tl_cli_json_array(&json, "commands");
    for (int i = 0; i < n; i++)
        if (command == NULL || command == &commands[i])
            json_command(&json, &commands[i]);
    tl_cli_json_end(&json);
}
