/** tilth survey inspect: how many units to inspect, and which. */
#include "cli/cli.h"
#include "tilth/survey.h"

static tl_err check(struct tl_cli_run *run, const struct tl_survey_inspect *inspect,
                    const char *from)
{
    if ((from != NULL) != (inspect->area != NULL))
        return tl_cli_run_fail(run, TL_EUSAGE, "--from and --area go together: %s is missing",
                               from == NULL ? "--from" : "--area");
    if (from == NULL && inspect->lot.n_units == 0)
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "survey inspect needs --units, or --from and --area; see tilth help "
                               "survey inspect");
    if (from != NULL)
        return TL_OK;
    static const char *const of_area[] = {"stratify", "bayes", "unit", "out"};
    for (int i = 0; i < 4; i++)
        if (tl_cli_args_value(run->args, of_area[i]) != NULL)
            return tl_cli_run_fail(run, TL_EUSAGE, "--%s needs --from and --area", of_area[i]);
    return TL_OK;
}

tl_err tl_cli_cmd_inspect(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *from = tl_cli_args_text(args, "from", NULL);
    const struct tl_survey_inspect inspect = {
        .lot = {.n_units = tl_cli_args_integer(args, "units", 0),
                .free = tl_cli_args_number(args, "free", 0),
                .confidence = tl_cli_args_number(args, "confidence", 0),
                .found_if_there = tl_cli_args_number(args, "found-if-there", 1),
                .accept = tl_cli_args_integer(args, "accept", 0)},
        .area = tl_cli_args_text(args, "area", NULL),
        .stratify = tl_cli_args_text(args, "stratify", NULL),
        .unit_m = tl_cli_args_number(args, "unit", 0),
        .bayes = tl_cli_args_flag(args, "bayes"),
        .sample = tl_cli_args_integer(args, "sample", 0),
        .seed = (uint64_t)tl_cli_args_integer(args, "seed", 1)};
    struct tl_project *project = NULL;
    char *json = NULL, *words = NULL;
    tl_err err = check(run, &inspect, from);
    if (err == TL_OK && from != NULL)
        err = tl_project_open(run->ctx, from, TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_survey_inspect(run->ctx, project, &inspect, tl_cli_args_text(args, "out", NULL),
                                tl_cli_args_flag(args, "overwrite"), &json, &words);
    return tl_cli_run_end(run, err, project, json, words);
}
