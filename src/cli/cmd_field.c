/** tilth field: the field on anyone's rasters; and the options of the engine that `map` shares. */
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "tilth/hazard.h"

void tl_cli_field_options(const struct tl_cli_args *args, struct tl_field_options *field)
{
    const struct tl_cli_value *range = tl_cli_args_value(args, "range-prior");
    const struct tl_cli_value *sigma = tl_cli_args_value(args, "sigma-prior");
    const struct tl_cli_value *memory = tl_cli_args_value(args, "memory");
    const char *engine = tl_cli_args_text(args, "engine", "auto");
    if (strcmp(engine, "exact") == 0)
        field->engine = TL_ENGINE_EXACT;
    else if (strcmp(engine, "lattice") == 0)
        field->engine = TL_ENGINE_LATTICE;
    if (range != NULL) {
        field->range_prior_m = range->number[0];
        field->range_prior_p = range->number[1];
    }
    if (sigma != NULL) {
        field->sigma_prior = sigma->number[0];
        field->sigma_prior_p = sigma->number[1];
    }
    if (memory != NULL)
        field->memory_bytes = (int64_t)fmin(memory->number[0], 0x1p62);
    field->n_samples = tl_cli_args_integer(args, "samples", 0);
    field->seed = (uint64_t)tl_cli_args_integer(args, "seed", 1);
}

tl_err tl_cli_print_plan(struct tl_cli_run *run, tl_err err, char *json)
{
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && run->json)
        fputs(json, run->out);
    else if (err == TL_OK && !tl_cli_show_json(run->out, json))
        err = tl_cli_run_fail(run, TL_EBUG, "the plan cannot be shown");
    tl_free(json);
    return err;
}

struct job {
    struct tl_hazard_named_file counts[TL_CLI_VALUES_MAX], effort[TL_CLI_VALUES_MAX],
        covariates[TL_CLI_VALUES_MAX];
    struct tl_hazard_field_options options;
};

/* All files of a repeatable option; of a covariate, name and file are a pair, which has the same halves. */
static int64_t read_files(const struct tl_cli_args *args, const char *name,
                          struct tl_hazard_named_file *files)
{
    const struct tl_cli_value *value;
    int64_t n = 0;
    int at = 0;
    while ((value = tl_cli_args_next(args, name, &at)) != NULL)
        files[n++] = (struct tl_hazard_named_file){.name = value->text, .path = value->rest};
    return n;
}

static struct tl_hazard_named_file *find_file(int64_t n, struct tl_hazard_named_file *files,
                                              const char *name)
{
    for (int64_t i = 0; i < n; i++)
        if (files[i].name != NULL && strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

static tl_err read_priors(struct tl_cli_run *run, struct job *job)
{
    const struct tl_cli_value *value;
    char why[TL_CLI_MESSAGE_BYTES];
    double number[TL_CLI_NUMBERS];
    int at = 0;
    while ((value = tl_cli_args_next(run->args, "covariate-prior", &at)) != NULL) {
        struct tl_hazard_named_file *file =
            find_file(job->options.n_covariates, job->covariates, value->text);
        if (file == NULL)
            return tl_cli_run_fail(
                run, TL_EUSAGE, "--covariate-prior: there is no --covariate %.100s", value->text);
        if (!tl_cli_units_parse(TL_CLI_NORMAL, value->rest, number, why))
            return tl_cli_run_fail(run, TL_EUSAGE, "--covariate-prior %.100s: %.800s", value->text,
                                   why);
        file->prior_mean = number[0];
        file->prior_sd = number[1];
    }
    at = 0;
    while ((value = tl_cli_args_next(run->args, "effort-sd", &at)) != NULL) {
        struct tl_hazard_named_file *file =
            find_file(job->options.n_counts, job->counts, value->text);
        if (file == NULL)
            return tl_cli_run_fail(run, TL_EUSAGE, "--effort-sd: there is no --counts %.100s",
                                   value->text);
        if (!tl_cli_units_parse(TL_CLI_REAL, value->rest, number, why))
            return tl_cli_run_fail(run, TL_EUSAGE, "--effort-sd %.100s: %.800s", value->text, why);
        if (number[0] < 0)
            return tl_cli_run_fail(run, TL_EUSAGE, "--effort-sd %.100s: \"%.100s\" is below zero",
                                   value->text, value->rest);
        file->effect_sd = number[0];
    }
    return TL_OK;
}

tl_err tl_cli_cmd_field(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *folder = tl_cli_args_text(args, "out", NULL);
    char *json = NULL;
    struct job job = {
        .options = {.counts = job.counts, .effort = job.effort, .covariates = job.covariates}};
    job.options.n_counts = read_files(args, "counts", job.counts);
    job.options.n_effort = read_files(args, "effort", job.effort);
    job.options.n_covariates = read_files(args, "covariate", job.covariates);
    job.options.residual = tl_cli_args_text(args, "residual", NULL);
    job.options.overwrite = tl_cli_args_flag(args, "overwrite");
    job.options.field = tl_field_options_default();
    tl_cli_field_options(args, &job.options.field);
    tl_err err = read_priors(run, &job);
    if (err != TL_OK)
        return err;
    if (tl_cli_args_flag(args, "plan")) {
        err = tl_hazard_field_plan(run->ctx, &job.options, &json);
        return tl_cli_print_plan(run, err, json);
    }
    err = tl_hazard_field(run->ctx, &job.options, folder, &json);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && run->json)
        fputs(json, run->out);
    else if (err == TL_OK && !run->quiet && tl_cli_show_json(run->out, json))
        fprintf(run->out, "\nWritten:\n  %s/posterior.tif\n  %s/summary.json\n", folder, folder);
    if (err == TL_OK && !run->json && !run->quiet && job.options.field.n_samples > 0)
        fprintf(run->out, "  %s/samples.tif\n", folder);
    tl_free(json);
    return err;
}
