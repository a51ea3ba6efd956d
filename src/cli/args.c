/** The parser: from argv and the command table to checked values. Needs no memory of its own. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static tl_err complain(struct tl_cli_args *args, const char *format, ...) TL_PRINTF(2, 3);

static tl_err complain(struct tl_cli_args *args, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(args->message, sizeof args->message, format, list);
    va_end(list);
    return TL_EUSAGE;
}

/* Optimal string alignment distance: a swap of two neighbours counts as one slip, as it does at a keyboard. */
static int slips(const char *a, const char *b)
{
    enum { MAX = 40 };
    int row[3][MAX + 1];
    int n_a = (int)strnlen(a, MAX), n_b = (int)strnlen(b, MAX);
    for (int j = 0; j <= n_b; j++)
        row[0][j] = j;
    for (int i = 1; i <= n_a; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *two_before = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= n_b; j++) {
            int best = before[j - 1] + (a[i - 1] != b[j - 1]);
            if (before[j] + 1 < best)
                best = before[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                two_before[j - 2] + 1 < best)
                best = two_before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n_a % 3][n_b];
}

const char *tl_cli_args_nearest(const char *word, int n, const char *const *names)
{
    const char *best = NULL;
    int least = (int)strlen(word) / 3 + 1; /* beyond a third of the letters it is another word */
    for (int i = 0; i < n; i++) {
        int distance = slips(word, names[i]);
        bool begins = strlen(word) >= 2 && strncmp(word, names[i], strlen(word)) == 0;
        if (begins)
            distance = 1;
        if (distance <= least && (best == NULL || distance < least)) {
            best = names[i];
            least = distance;
        }
    }
    return best;
}

static const struct tl_cli_option *find_option(const struct tl_cli_command *command,
                                               const char *name, size_t n_name)
{
    int n;
    const struct tl_cli_option *common = tl_cli_table_common(&n);
    for (int i = 0; i < n; i++)
        if (strlen(common[i].name) == n_name && strncmp(common[i].name, name, n_name) == 0)
            return &common[i];
    n = command == NULL ? 0 : tl_cli_table_n_options(command);
    for (int i = 0; i < n; i++)
        if (strlen(command->options[i].name) == n_name &&
            strncmp(command->options[i].name, name, n_name) == 0)
            return &command->options[i];
    return NULL;
}

static tl_err unknown_option(struct tl_cli_args *args, const char *name, size_t n_name)
{
    const char *names[TL_CLI_OPTIONS_MAX + 16] = {0};
    char word[64];
    int n, n_names = 0;
    const struct tl_cli_option *common = tl_cli_table_common(&n);
    snprintf(word, sizeof word, "%.*s", (int)(n_name < 60 ? n_name : 60), name);
    for (int i = 0; args->command != NULL && i < tl_cli_table_n_options(args->command); i++)
        names[n_names++] = args->command->options[i].name;
    for (int i = 0; i < n; i++)
        names[n_names++] = common[i].name;
    const char *near = tl_cli_args_nearest(word, n_names, names);
    const char *of = args->command != NULL ? args->command->name
                     : args->group != NULL ? args->group
                                           : "tilth";
    if (near != NULL)
        return complain(args, "unknown option --%s of %s; the nearest known one is --%s", word, of,
                        near);
    return complain(args, "unknown option --%s of %s; see tilth help%s%s", word, of,
                    strcmp(of, "tilth") == 0 ? "" : " ", strcmp(of, "tilth") == 0 ? "" : of);
}

/* "transects, inspect, next" */
static void list_seconds(const char *group, char *text, size_t size)
{
    int n;
    size_t used = 0;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    text[0] = '\0';
    for (int i = 0; i < n && used < size; i++) {
        const char *second = tl_cli_table_second(&commands[i], group);
        if (second != NULL)
            used +=
                (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", second);
    }
}

/* The second word of a command of two. */
static tl_err set_second(struct tl_cli_args *args, const char *word)
{
    const char *names[TL_CLI_COMMANDS_MAX] = {0};
    char all[256];
    int n, n_names = 0;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    for (int i = 0; i < n && n_names < TL_CLI_COMMANDS_MAX; i++) {
        const char *second = tl_cli_table_second(&commands[i], args->group);
        if (second == NULL)
            continue;
        names[n_names++] = second;
        if (strcmp(second, word) == 0) {
            args->command = &commands[i];
            args->group = NULL;
            return TL_OK;
        }
    }
    const char *near = tl_cli_args_nearest(word, n_names, names);
    if (near != NULL)
        return complain(args, "unknown command \"%s %.60s\"; the nearest known one is \"%s %s\"",
                        args->group, word, args->group, near);
    list_seconds(args->group, all, sizeof all);
    return complain(args, "unknown command \"%s %.60s\"; expected one of %s", args->group, word,
                    all);
}

static tl_err set_command(struct tl_cli_args *args, const char *word)
{
    const char *names[2 * TL_CLI_COMMANDS_MAX] = {0};
    int n, n_names = 0;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    if (args->group != NULL)
        return set_second(args, word);
    args->command = tl_cli_table_find(word);
    if (args->command != NULL)
        return TL_OK;
    if (tl_cli_table_is_group(word)) {
        args->group = word;
        return TL_OK;
    }
    for (int i = 0; i < n && i < TL_CLI_COMMANDS_MAX; i++) {
        names[n_names++] = commands[i].name;
        if (commands[i].group != NULL)
            names[n_names++] = commands[i].group;
    }
    const char *near = tl_cli_args_nearest(word, n_names, names);
    if (near != NULL)
        return complain(args, "unknown command \"%.60s\"; the nearest known one is \"%s\"", word,
                        near);
    return complain(args, "unknown command \"%.60s\"; see tilth help", word);
}

static bool is_choice(const char *choices, const char *text)
{
    size_t n = strlen(text);
    for (const char *at = choices; at != NULL;
         at = strchr(at, '|') == NULL ? NULL : strchr(at, '|') + 1)
        if (n > 0 && strncmp(at, text, n) == 0 && (at[n] == '|' || at[n] == '\0'))
            return true;
    return false;
}

/* A name in front of "=" is letters, digits, "_", "-" and ".": so a path with "=" in a folder stays a path. */
static char *split_name(char *text)
{
    char *at = text;
    while ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
           *at == '_' || *at == '-' || *at == '.')
        at++;
    return *at == '=' && at > text ? at : NULL;
}

static tl_err set_range(struct tl_cli_args *args, const struct tl_cli_option *option,
                        const char *text, double number)
{
    bool bounded = option->min != 0 || option->max != 0;
    if (bounded && (number < option->min || number > option->max))
        return complain(args, "--%s: \"%.100s\" is out of range; expected %.15g to %.15g",
                        option->name, text, option->min, option->max);
    return TL_OK;
}

static tl_err set_number(struct tl_cli_args *args, struct tl_cli_value *value, const char *text)
{
    char why[TL_CLI_MESSAGE_BYTES];
    if (!tl_cli_units_parse(value->option->type, text, value->number, why))
        return complain(args, "--%s: %.900s", value->option->name, why);
    value->integer = value->option->type == TL_CLI_INTEGER ? (int64_t)value->number[0] : 0;
    return set_range(args, value->option, text, value->number[0]);
}

/* "manual,2"; one pass where none is said. */
static tl_err split_passes(struct tl_cli_args *args, char *text, struct tl_cli_value *value)
{
    char *comma = strrchr(text, ',');
    char *end = NULL;
    value->integer = comma == NULL ? 1 : strtol(comma + 1, &end, 10);
    if (comma == text || (comma != NULL && (end == comma + 1 || *end != '\0')) ||
        value->integer < 1 || value->integer > 100)
        return complain(args, "--%s: \"%.200s\" cannot be read; expected %s (1 to 100 passes)",
                        value->option->name, text, tl_cli_units_example(TL_CLI_PASSES));
    if (comma != NULL)
        *comma = '\0';
    return TL_OK;
}

static tl_err set_value(struct tl_cli_args *args, const struct tl_cli_option *option, char *text)
{
    struct tl_cli_value value = {.option = option, .text = text};
    if (args->n_values == TL_CLI_VALUES_MAX)
        return complain(args, "more than %d options", TL_CLI_VALUES_MAX);
    if (!option->repeatable && tl_cli_args_value(args, option->name) != NULL)
        return complain(args, "--%s is given twice", option->name);
    if (text[0] == '\0')
        return complain(args, "--%s: the value is empty; expected %s", option->name,
                        option->value == NULL ? "a value" : option->value);
    if (option->type == TL_CLI_CHOICE && !is_choice(option->choices, text))
        return complain(args, "--%s: \"%.100s\" is not a choice; expected one of %s", option->name,
                        text, option->choices);
    if (option->type == TL_CLI_PAIR) {
        char *equals = strchr(text, '=');
        if (equals == NULL || equals == text || (equals[1] == '\0' && !option->may_be_empty))
            return complain(args, "--%s: \"%.200s\" cannot be read; expected %s", option->name,
                            text, tl_cli_units_example(TL_CLI_PAIR));
        *equals = '\0';
        value.rest = equals + 1;
    } else if (option->type == TL_CLI_PASSES) {
        tl_err err = split_passes(args, text, &value);
        if (err != TL_OK)
            return err;
    } else if (option->type == TL_CLI_NAMED_FILE) {
        char *equals = split_name(text);
        value.rest = equals == NULL ? text : equals + 1;
        value.text = equals == NULL ? NULL : text;
        if (equals != NULL)
            *equals = '\0';
        if (value.rest[0] == '\0')
            return complain(args, "--%s: there is no file after \"%.100s=\"", option->name, text);
    } else {
        tl_err err = set_number(args, &value, text);
        if (err != TL_OK)
            return err;
    }
    args->values[args->n_values++] = value;
    return TL_OK;
}

static tl_err set_flag(struct tl_cli_args *args, const struct tl_cli_option *option)
{
    if (tl_cli_args_flag(args, option->name))
        return TL_OK;
    if (args->n_values == TL_CLI_VALUES_MAX)
        return complain(args, "more than %d options", TL_CLI_VALUES_MAX);
    args->values[args->n_values++] = (struct tl_cli_value){.option = option, .text = "yes"};
    return TL_OK;
}

/* One option at argv[*at]; moves *at past its value. */
static tl_err take_option(struct tl_cli_args *args, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2;
    char *equals = strchr(argv[*at], '=');
    size_t n_name = equals == NULL ? strlen(name) : (size_t)(equals - name);
    if (equals == NULL && strcmp(name, "help") == 0)
        return args->help = true, TL_OK;
    if (equals == NULL && strcmp(name, "help-json") == 0)
        return args->help_json = true, TL_OK;
    if (equals == NULL && strcmp(name, "version") == 0)
        return args->version = true, TL_OK;
    const struct tl_cli_option *option = find_option(args->command, name, n_name);
    if (option == NULL)
        return unknown_option(args, name, n_name);
    if (option->type == TL_CLI_FLAG) {
        if (equals != NULL)
            return complain(args, "--%s takes no value", option->name);
        return set_flag(args, option);
    }
    if (equals != NULL)
        return set_value(args, option, equals + 1);
    /* A value may begin with one dash (a negative longitude), but not with two: that is a forgotten value. */
    if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0)
        return complain(args, "--%s needs a value: %s", option->name,
                        option->value == NULL ? "VALUE" : option->value);
    *at += 1;
    return set_value(args, option, argv[*at]);
}

/* The command of two words whose first is a command by itself: "plan explain" beside "plan". NULL when there is none. */
static const struct tl_cli_command *second_of(const struct tl_cli_command *command,
                                              const char *word)
{
    int n;
    const struct tl_cli_command *commands = tl_cli_table_commands(&n);
    for (int i = 0; i < n; i++) {
        const char *second = tl_cli_table_second(&commands[i], command->name);
        if (second != NULL && strcmp(second, word) == 0)
            return &commands[i];
    }
    return NULL;
}

static tl_err take_word(struct tl_cli_args *args, const char *word)
{
    if (args->command == NULL)
        return set_command(args, word);
    if (args->n_words == 0 && second_of(args->command, word) != NULL) {
        args->command = second_of(args->command, word);
        return TL_OK;
    }
    if (args->n_words == tl_cli_table_n_words(args->command))
        return complain(args, "unexpected argument \"%.100s\"; see tilth help %s", word,
                        args->command->name);
    if (word[0] == '\0')
        return complain(args, "%s is empty", args->command->words[args->n_words].name);
    args->words[args->n_words++] = word;
    return TL_OK;
}

static tl_err check_complete(struct tl_cli_args *args)
{
    const struct tl_cli_command *command = args->command;
    if (command == NULL && args->group != NULL) {
        char all[256];
        list_seconds(args->group, all, sizeof all);
        return complain(args, "%s needs a second word: one of %s; see tilth help %s", args->group,
                        all, args->group);
    }
    if (command == NULL)
        return complain(args, "no command given; see tilth help");
    int n_words = tl_cli_table_n_words(command);
    for (int i = args->n_words; i < n_words; i++)
        if (!command->words[i].optional)
            return complain(args, "%s needs %s: %s; see tilth help %s", command->name,
                            command->words[i].name, command->words[i].meaning, command->name);
    for (int i = 0; i < tl_cli_table_n_options(command); i++)
        if (command->options[i].required &&
            tl_cli_args_value(args, command->options[i].name) == NULL)
            return complain(args, "%s needs --%s %s; see tilth help %s", command->name,
                            command->options[i].name, command->options[i].value, command->name);
    return TL_OK;
}

tl_err tl_cli_args_parse(int argc, char **argv, struct tl_cli_args *args)
{
    bool only_words = false;
    *args = (struct tl_cli_args){0};
    for (int i = 1; i < argc; i++) {
        tl_err err = TL_OK;
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && strcmp(argv[i], "-h") == 0)
            args->help = true;
        else if (!only_words && strcmp(argv[i], "-V") == 0)
            args->version = true;
        else if (!only_words && strncmp(argv[i], "--", 2) == 0)
            err = take_option(args, argc, argv, &i);
        else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0')
            err = complain(args, "unknown option %.60s; options begin with two dashes", argv[i]);
        else
            err = take_word(args, argv[i]);
        if (err != TL_OK)
            return err;
    }
    return args->help || args->help_json || args->version ? TL_OK : check_complete(args);
}

const struct tl_cli_value *tl_cli_args_value(const struct tl_cli_args *args, const char *name)
{
    for (int i = args->n_values - 1; i >= 0; i--)
        if (strcmp(args->values[i].option->name, name) == 0)
            return &args->values[i];
    return NULL;
}

bool tl_cli_args_flag(const struct tl_cli_args *args, const char *name)
{
    return tl_cli_args_value(args, name) != NULL;
}

const char *tl_cli_args_text(const struct tl_cli_args *args, const char *name, const char *fallback)
{
    const struct tl_cli_value *value = tl_cli_args_value(args, name);
    return value == NULL ? fallback : value->text;
}

double tl_cli_args_number(const struct tl_cli_args *args, const char *name, double fallback)
{
    const struct tl_cli_value *value = tl_cli_args_value(args, name);
    return value == NULL ? fallback : value->number[0];
}

int64_t tl_cli_args_integer(const struct tl_cli_args *args, const char *name, int64_t fallback)
{
    const struct tl_cli_value *value = tl_cli_args_value(args, name);
    return value == NULL ? fallback : value->integer;
}

const struct tl_cli_value *tl_cli_args_next(const struct tl_cli_args *args, const char *name,
                                            int *at)
{
    while (*at < args->n_values) {
        const struct tl_cli_value *value = &args->values[(*at)++];
        if (strcmp(value->option->name, name) == 0)
            return value;
    }
    return NULL;
}
