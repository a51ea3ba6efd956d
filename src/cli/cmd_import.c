/** tilth import: a file's records into the register, with an account of every row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "tilth/evidence.h"

static void print_json(struct tl_cli_run *run, const struct tl_import_options *options,
                       const struct tl_import_report *report)
{
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.import/1");
    tl_cli_json_text(&json, "project", run->args->words[0]);
    tl_cli_json_text(&json, "file", run->args->words[1]);
    tl_cli_json_text(&json, "as", options->as);
    tl_cli_json_bool(&json, "dry_run", options->dry_run);
    if (options->dry_run)
        tl_cli_json_text(&json, "import_id", NULL);
    else
        tl_cli_json_integer(&json, "import_id", report->import_id);
    tl_cli_json_text(&json, "driver", report->driver);
    tl_cli_json_text(&json, "sha256", report->sha256);
    tl_cli_json_text(&json, "mapping", report->mapping);
    tl_cli_json_bool(&json, "mapping_found", report->mapping_found);
    tl_cli_json_integer(&json, "read", report->n_read);
    tl_cli_json_integer(&json, "added", report->n_added);
    tl_cli_json_integer(&json, "updated", report->n_updated);
    tl_cli_json_integer(&json, "unchanged", report->n_unchanged);
    tl_cli_json_integer(&json, "refused", report->n_refused);
    tl_cli_json_array(&json, "reasons");
    for (int i = 0; i < report->n_reasons; i++) {
        tl_cli_json_object(&json, NULL);
        tl_cli_json_text(&json, "reason", report->reasons[i].reason);
        tl_cli_json_bool(&json, "refused", report->reasons[i].refused);
        tl_cli_json_integer(&json, "count", report->reasons[i].n);
        tl_cli_json_text(&json, "example", report->reasons[i].example);
        tl_cli_json_close(&json);
    }
    tl_cli_json_end(&json);
}

static void print_reasons(FILE *out, const struct tl_import_report *report, bool refused,
                          const char *title)
{
    bool titled = false;
    for (int i = 0; i < report->n_reasons; i++) {
        const struct tl_import_reason *reason = &report->reasons[i];
        if (reason->refused != refused)
            continue;
        if (!titled)
            fprintf(out, "\n%s\n", title);
        titled = true;
        fprintf(out, "%10lld  %s\n", (long long)reason->n, reason->reason);
        if (reason->example[0] != '\0')
            fprintf(out, "            e.g. %s\n", reason->example);
    }
}

static void print_words(struct tl_cli_run *run, const struct tl_import_options *options,
                        const struct tl_import_report *report)
{
    FILE *out = run->out;
    const char *project = run->args->words[0];
    fprintf(out, "%s as %s (%s)%s\n", run->args->words[1], options->as, report->driver,
            options->dry_run ? ", dry run: nothing is written" : "");
    if (report->mapping[0] != '\0')
        fprintf(out, "mapping%s: %s\n", report->mapping_found ? " (from an earlier import)" : "",
                report->mapping);
    fprintf(out,
            "%10lld  read\n%10lld  added\n%10lld  updated\n%10lld  unchanged\n%10lld  refused\n",
            (long long)report->n_read, (long long)report->n_added, (long long)report->n_updated,
            (long long)report->n_unchanged, (long long)report->n_refused);
    print_reasons(out, report, true, "Refused, by reason:");
    print_reasons(out, report, false, "Taken in, with a doubt:");
    if (report->n_refused > 0 && !options->dry_run)
        fprintf(out,
                "\nThe refused rows are kept, with their values and reasons (table refused):\n"
                "  tilth export %s --as refused --out refused.csv\n",
                project);
}

/* Classes as "20=forest"; their number is checked by the import. */
static tl_err read_classes(struct tl_cli_run *run, struct tl_import_class *classes, int64_t *n)
{
    const struct tl_cli_value *pair;
    int at = 0;
    while ((pair = tl_cli_args_next(run->args, "class", &at)) != NULL) {
        char *end = NULL;
        double value = strtod(pair->text, &end);
        if (end == pair->text || *end != '\0' || !isfinite(value))
            return tl_cli_run_fail(run, TL_EUSAGE,
                                   "--class %s=%s: expected a number before the equals sign, the "
                                   "class's value in the raster",
                                   pair->text, pair->rest);
        classes[(*n)++] = (struct tl_import_class){.value = value, .name = pair->rest};
    }
    if (*n > 0 && strcmp(tl_cli_args_text(run->args, "as", ""), "covariate") != 0)
        return tl_cli_run_fail(run, TL_EUSAGE, "--class goes with --as covariate");
    return TL_OK;
}

tl_err tl_cli_cmd_import(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_cli_value *prior = tl_cli_args_value(args, "prior"), *pair;
    struct tl_import_map maps[TL_CLI_VALUES_MAX];
    struct tl_import_class classes[TL_CLI_VALUES_MAX];
    struct tl_project *project = NULL;
    struct tl_import_report report;
    int64_t n_maps = 0, n_classes = 0;
    int at = 0;
    while ((pair = tl_cli_args_next(args, "map", &at)) != NULL)
        maps[n_maps++] = (struct tl_import_map){.field = pair->text, .column = pair->rest};
    tl_err err = read_classes(run, classes, &n_classes);
    if (err != TL_OK)
        return err;
    struct tl_import_options options = {
        .as = tl_cli_args_text(args, "as", NULL),
        .n_maps = n_maps,
        .maps = maps,
        .mapping_file = tl_cli_args_text(args, "mapping", NULL),
        .where = tl_cli_args_text(args, "where", NULL),
        .layer = tl_cli_args_text(args, "layer", NULL),
        .source = tl_cli_args_text(args, "source", NULL),
        .crs = tl_cli_args_text(args, "crs", NULL),
        .encoding = tl_cli_args_text(args, "encoding", NULL),
        .name = tl_cli_args_text(args, "name", NULL),
        .prior_mean = prior == NULL ? 0 : prior->number[0],
        .prior_sd = prior == NULL ? 0 : prior->number[1],
        .nearest = tl_cli_args_flag(args, "nearest"),
        .band = (int)tl_cli_args_number(args, "band", 0),
        .n_classes = n_classes,
        .classes = classes,
        .dry_run = tl_cli_args_flag(args, "dry-run"),
        .keep_duplicates = tl_cli_args_flag(args, "keep-duplicates"),
        .allow_outside = tl_cli_args_flag(args, "allow-outside"),
    };
    err = tl_project_open(run->ctx, args->words[0], TL_PROJECT_WRITE, &project);
    if (err == TL_OK)
        err = tl_import_file(run->ctx, project, args->words[1], &options, &report);
    tl_project_close(project);
    if (err != TL_OK)
        return err;
    tl_cli_progress_wipe(&run->progress);
    if (run->json)
        print_json(run, &options, &report);
    else if (!run->quiet)
        print_words(run, &options, &report);
    return TL_OK;
}
