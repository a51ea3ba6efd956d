/**
 * The command line, for itself: the command table's shapes, what the parser hands to a command, and what commands share.
 * The table (table.c) is the only place that names a command or an option; parser, help, man pages, completion and the
 * manual are made from it.
 */
#ifndef TL_CLI_CLI_H
#define TL_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "tilth/ctx.h"

struct tl_cli_run;
struct tl_project;
typedef tl_err (*tl_cli_fn)(struct tl_cli_run *run);

enum tl_cli_type {
    TL_CLI_FLAG,
    TL_CLI_TEXT,
    TL_CLI_FILE,
    TL_CLI_FOLDER,
    TL_CLI_CHOICE,       /* one of `choices` */
    TL_CLI_INTEGER,      /* within min..max */
    TL_CLI_REAL,         /* within min..max */
    TL_CLI_LENGTH,       /* "500m", in metres */
    TL_CLI_AREA,         /* "2ha", in square metres */
    TL_CLI_TIME,         /* "30d", in seconds */
    TL_CLI_SIZE,         /* "8GiB", in bytes */
    TL_CLI_LENGTH_PRIOR, /* "5km:0.1", a length and a probability */
    TL_CLI_NUMBER_PRIOR, /* "2:0.1", a positive number and a probability */
    TL_CLI_NORMAL,       /* "0.5:1", mean and standard deviation */
    TL_CLI_PAIR,         /* "field=column" */
    TL_CLI_NAMED_FILE,   /* "NAME=FILE" or just "FILE" */
    TL_CLI_POSITION,     /* "lon,lat" or any other coordinate text */
    TL_CLI_SHARE,        /* "95%" or "0.95", of one */
    TL_CLI_DENSITY,      /* "0.02/m2" or "200/ha", per square metre */
    TL_CLI_PACE,         /* "500m2/day" or "0.2ha/day", in square metres a day */
    TL_CLI_TARGET,       /* "circle 40m", "ellipse 60m 20m 30deg": full axes, angle (NaN = any) */
    TL_CLI_PASSES        /* "manual,2": a method and how often */
};

struct tl_cli_option {
    const char *name; /* without its dashes */
    enum tl_cli_type type;
    const char *value;    /* word that stands for the value in the help; NULL for a flag */
    const char *choices;  /* "auto|exact|lattice" */
    const char *fallback; /* what holds when the option is not given, in words; NULL = nothing */
    bool required;
    bool repeatable;
    bool may_be_empty; /* of a pair: nothing may follow its "=" */
    double min, max;   /* of integers and reals; both 0 = any */
    const char *meaning;
};

struct tl_cli_word {
    const char *name;
    enum tl_cli_type type; /* TL_CLI_FILE, TL_CLI_FOLDER, TL_CLI_TEXT: for the completion */
    bool optional;
    const char *meaning;
};

struct tl_cli_example {
    const char *line;
    const char *meaning;
};

enum {
    TL_CLI_WORDS_MAX = 3,
    TL_CLI_OPTIONS_MAX = 24,
    TL_CLI_EXAMPLES_MAX = 8,
    TL_CLI_ERRORS_MAX = 16,
    TL_CLI_COMMANDS_MAX = 40
};

struct tl_cli_command {
    const char *name;        /* one word, or two: "survey next" */
    const char *group;       /* the first of two words; NULL of a command of one */
    const char *summary;     /* one line, without a full stop */
    const char *description; /* paragraphs, parted by "\n\n" */
    struct tl_cli_word words[TL_CLI_WORDS_MAX];
    struct tl_cli_option options[TL_CLI_OPTIONS_MAX]; /* up to the first without a name */
    struct tl_cli_example examples[TL_CLI_EXAMPLES_MAX];
    tl_err
        errors[TL_CLI_ERRORS_MAX]; /* that it can end with, beside TL_OK, TL_EUSAGE and TL_EBUG */
    tl_cli_fn run;
};

/** The table: n commands, and the options that all of them have. */
const struct tl_cli_command *tl_cli_table_commands(int *n);
const struct tl_cli_option *tl_cli_table_common(int *n);
int tl_cli_table_n_words(const struct tl_cli_command *command);
int tl_cli_table_n_options(const struct tl_cli_command *command);
int tl_cli_table_n_examples(const struct tl_cli_command *command);
int tl_cli_table_n_errors(const struct tl_cli_command *command);
const struct tl_cli_command *tl_cli_table_find(const char *name);
/** Whether a word is the first of commands of two words ("survey"). */
bool tl_cli_table_is_group(const char *word);
/** Second word of a command of that group, NULL when it is not of it. */
const char *tl_cli_table_second(const struct tl_cli_command *command, const char *group);

/* Parsing. */

enum { TL_CLI_NUMBERS = 3 };

struct tl_cli_value {
    const struct tl_cli_option *option;
    const char *
        text; /* borrows: as given; of a pair and of passes: its first half, of a named file: its name or NULL */
    const char *rest;              /* borrows: of a pair or named file: what follows "=" */
    double number[TL_CLI_NUMBERS]; /* of numbers and priors, in SI units */
    int64_t integer;
};

enum { TL_CLI_VALUES_MAX = 256, TL_CLI_MESSAGE_BYTES = 1024 };

struct tl_cli_args {
    const struct tl_cli_command
        *command;      /* NULL when only --help, --help-json or --version was asked for */
    const char *group; /* borrows: first word of a command of two, while the second is missing */
    int n_words;
    const char *words[TL_CLI_WORDS_MAX]; /* borrows */
    int n_values;
    struct tl_cli_value values[TL_CLI_VALUES_MAX];
    bool help, help_json, version;
    char message[TL_CLI_MESSAGE_BYTES]; /* of an error */
};

/**
 * Parses a command line (argv[0] is skipped). Pairs are split in place, so argv must be writable, and outlive args.
 * Errors: TL_EUSAGE with args->message; an unknown word is answered with the nearest known one.
 */
TL_MUST_USE tl_err tl_cli_args_parse(int argc, char **argv, struct tl_cli_args *args);

bool tl_cli_args_flag(const struct tl_cli_args *args, const char *name);
/** The last value given, NULL when there is none. */
const struct tl_cli_value *tl_cli_args_value(const struct tl_cli_args *args, const char *name);
/** Text of the last value, or `fallback`. */
const char *tl_cli_args_text(const struct tl_cli_args *args, const char *name,
                             const char *fallback);
double tl_cli_args_number(const struct tl_cli_args *args, const char *name, double fallback);
int64_t tl_cli_args_integer(const struct tl_cli_args *args, const char *name, int64_t fallback);
/** The next value of a repeatable option from *at on; NULL when there is no more. Begin with *at = 0. */
const struct tl_cli_value *tl_cli_args_next(const struct tl_cli_args *args, const char *name,
                                            int *at);

/** The one of `n` names that is nearest to `word` by edit distance, NULL when none is near. */
const char *tl_cli_args_nearest(const char *word, int n, const char *const *names);

/**
 * Reads numbers with units and priors, by type, in SI units.
 * @param[out] number   one to three numbers
 * @param[out] message  what is wrong, with what was expected; at least TL_CLI_MESSAGE_BYTES
 * @return whether it could be read
 */
bool tl_cli_units_parse(enum tl_cli_type type, const char *text, double number[TL_CLI_NUMBERS],
                        char *message);
/** An example of a type in words ("a length such as 500m or 2km"). */
const char *tl_cli_units_example(enum tl_cli_type type);
/** A length, area or count of bytes for people: "2 km", "12.5 ha", "1.4 GB". `text` has at least 32 bytes. */
const char *tl_cli_units_length(double length_m, char text[32]);
const char *tl_cli_units_area(double area_m2, char text[32]);
const char *tl_cli_units_bytes(double bytes, char text[32]);

/* Documents made from the table. */

void tl_cli_help_overview(FILE *out);
void tl_cli_help_command(FILE *out, const struct tl_cli_command *command);
void tl_cli_help_group(FILE *out, const char *group);
/** Columns of a kind of record, for `tilth help accident`; false when there is no such kind. */
bool tl_cli_help_kind(FILE *out, struct tl_ctx *ctx, const char *name);
void tl_cli_help_exit_codes(FILE *out);
/** One command, or all of them for NULL. */
void tl_cli_help_json(FILE *out, const struct tl_cli_command *command);
/** Writes "--name VALUE". */
void tl_cli_help_option(FILE *out, const struct tl_cli_option *option);
/** Writes "tilth import PROJECT FILE --as KIND [options]". */
void tl_cli_help_usage(FILE *out, const struct tl_cli_command *command);

/** Name of a command's page: "survey-next". */
void tl_cli_man_name(const struct tl_cli_command *command, char *name, size_t size);
void tl_cli_man_overview(FILE *out);
void tl_cli_man_page(FILE *out, const struct tl_cli_command *command);
void tl_cli_man_markdown(FILE *out, const struct tl_cli_command *command);
void tl_cli_man_markdown_overview(FILE *out);
void tl_cli_man_markdown_kinds(FILE *out);
void tl_cli_man_completion(FILE *out);

/* Output. */

enum { TL_CLI_JSON_DEPTH = 16 };

/** JSON as it goes, indented by two. A key is NULL inside arrays. Numbers that are not finite become null. */
struct tl_cli_json {
    FILE *out;
    int depth;
    bool filled[TL_CLI_JSON_DEPTH];
    char closing[TL_CLI_JSON_DEPTH];
};

void tl_cli_json_begin(struct tl_cli_json *json, FILE *out, const char *schema);
void tl_cli_json_end(struct tl_cli_json *json);
void tl_cli_json_object(struct tl_cli_json *json, const char *key);
void tl_cli_json_array(struct tl_cli_json *json, const char *key);
void tl_cli_json_close(struct tl_cli_json *json);
void tl_cli_json_text(struct tl_cli_json *json, const char *key,
                      const char *text); /* NULL = null */
void tl_cli_json_number(struct tl_cli_json *json, const char *key, double value);
void tl_cli_json_integer(struct tl_cli_json *json, const char *key, int64_t value);
void tl_cli_json_bool(struct tl_cli_json *json, const char *key, bool value);
/** Puts in text that is JSON already. */
void tl_cli_json_raw(struct tl_cli_json *json, const char *key, const char *raw);

/** Prints a JSON object, or a list of objects, as indented words for people; false when it is neither. */
bool tl_cli_show_json(FILE *out, const char *json);

/** Prints text wrapped to 79 columns, each line after `indent` spaces. */
void tl_cli_wrap(FILE *out, int indent, const char *text);

/* Running. */

enum tl_cli_progress_mode { TL_CLI_PROGRESS_NONE, TL_CLI_PROGRESS_LINE, TL_CLI_PROGRESS_JSON };

struct tl_cli_progress {
    FILE *err;
    enum tl_cli_progress_mode mode;
    int n_columns; /* of the terminal */
    bool shown;    /* a line stands there and must be wiped before anything else is written */
};

/** A tl_progress_fn; `user` is a struct tl_cli_progress. */
void tl_cli_progress_show(void *user, const struct tl_progress *progress);
void tl_cli_progress_wipe(struct tl_cli_progress *progress);

struct tl_cli_run {
    struct tl_ctx *ctx;
    const struct tl_cli_args *args;
    FILE *out, *err;
    bool json, quiet;
    struct tl_cli_progress progress;
    char message
        [TL_CLI_MESSAGE_BYTES]; /* of an error of the command itself; else the context's holds */
};

/** Sets the run's message and returns `err`. */
tl_err tl_cli_run_fail(struct tl_cli_run *run, tl_err err, const char *format, ...) TL_PRINTF(3, 4);

/** Prints a result to standard output: the JSON or the words, as asked; with --quiet no words. */
void tl_cli_run_give(struct tl_cli_run *run, const char *json, const char *words);

/** The end of a command whose result is a text: closes the project (NULL is fine), prints the result if `err` is TL_OK, frees it; returns `err`. */
tl_err tl_cli_run_end(struct tl_cli_run *run, tl_err err, struct tl_project *project, char *json,
                      char *words);

/* Text without control characters. */

struct tl_cli_clean { /* behind a stream, for as long as that is open */
    int fd;
    bool is_terminal;
    char last; /* byte before, for characters of two */
};

/**
 * A stream to a descriptor that passes on text without control characters but line ends and tabs (blanks stand for them); of a terminal DEL and C1 too.
 * The descriptor stays open when the stream is closed. NULL when there is no memory.
 */
FILE *tl_cli_clean_open(struct tl_cli_clean *clean, int fd, bool is_terminal);
/** A text as one such line. */
void tl_cli_clean_line(FILE *out, const char *text);

/** The whole program but for signals: parses, runs, prints the error; returns the exit code. */
int tl_cli_run_main(struct tl_ctx *ctx, int argc, char **argv, FILE *out, FILE *err);

/* Secrets. */

enum { TL_CLI_SECRET_BYTES = 1024 + 3 }; /* of a password, with its end of line */

/** A line of standard input without its end; `twice` asks again on a terminal. Errors: TL_EUSAGE (none there, the two differ). */
TL_MUST_USE tl_err tl_cli_secret_read(struct tl_cli_run *run, const char *question, bool twice,
                                      char line[TL_CLI_SECRET_BYTES]);
/** All that is left of standard input. Errors: TL_EDATA (as long as the room). */
TL_MUST_USE tl_err tl_cli_secret_rest(struct tl_cli_run *run, const char *question, char *text,
                                      size_t room);
void tl_cli_secret_wipe(char *text, size_t n);

struct tl_field_options;
/** Prints what `--plan` found, or hands its error on; frees it. */
TL_MUST_USE tl_err tl_cli_print_plan(struct tl_cli_run *run, tl_err err, char *json);

/** Puts --engine, --memory, --range-prior, --sigma-prior, --samples and --seed into the field's options. */
void tl_cli_field_options(const struct tl_cli_args *args, struct tl_field_options *field);

/* One file a command. */
tl_err tl_cli_cmd_new(struct tl_cli_run *run);
tl_err tl_cli_cmd_import(struct tl_cli_run *run);
tl_err tl_cli_cmd_map(struct tl_cli_run *run);
tl_err tl_cli_cmd_explain(struct tl_cli_run *run);
tl_err tl_cli_cmd_assess(struct tl_cli_run *run);
tl_err tl_cli_cmd_release(struct tl_cli_run *run);
tl_err tl_cli_cmd_findings(struct tl_cli_run *run);
tl_err tl_cli_cmd_methods(struct tl_cli_run *run);
tl_err tl_cli_cmd_transects(struct tl_cli_run *run);
tl_err tl_cli_cmd_inspect(struct tl_cli_run *run);
tl_err tl_cli_cmd_next(struct tl_cli_run *run);
tl_err tl_cli_cmd_forecast(struct tl_cli_run *run);
tl_err tl_cli_cmd_progress(struct tl_cli_run *run);
tl_err tl_cli_cmd_plan(struct tl_cli_run *run);
tl_err tl_cli_cmd_plan_explain(struct tl_cli_run *run);
tl_err tl_cli_cmd_info(struct tl_cli_run *run);
tl_err tl_cli_cmd_check(struct tl_cli_run *run);
tl_err tl_cli_cmd_export(struct tl_cli_run *run);
tl_err tl_cli_cmd_simulate(struct tl_cli_run *run);
tl_err tl_cli_cmd_field(struct tl_cli_run *run);
tl_err tl_cli_cmd_serve(struct tl_cli_run *run);
tl_err tl_cli_cmd_account(struct tl_cli_run *run);
tl_err tl_cli_cmd_field_view(struct tl_cli_run *run);
tl_err tl_cli_cmd_attach(struct tl_cli_run *run);
tl_err tl_cli_cmd_victims(struct tl_cli_run *run);
tl_err tl_cli_cmd_help(struct tl_cli_run *run);

#endif
