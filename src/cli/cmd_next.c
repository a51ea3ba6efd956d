/** tilth survey next: where to look with the hours there are. */
#include "cli/cli.h"
#include "tilth/survey.h"

tl_err tl_cli_cmd_next(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_survey_next next = {.hours = tl_cli_args_number(args, "hours", 0),
                                        .method = tl_cli_args_text(args, "method", NULL),
                                        .hours_per_day =
                                            tl_cli_args_number(args, "hours-per-day", 0),
                                        .n_max = tl_cli_args_integer(args, "max", 0),
                                        .min_area_m2 = tl_cli_args_number(args, "min-area", 0),
                                        .vegetation = tl_cli_args_text(args, "vegetation", NULL),
                                        .slope = tl_cli_args_text(args, "slope", NULL),
                                        .items_only = tl_cli_args_flag(args, "items-only"),
                                        .seed = (uint64_t)tl_cli_args_integer(args, "seed", 1)};
    struct tl_project *project = NULL;
    char *json = NULL, *words = NULL;
    tl_err err = tl_project_open(run->ctx, args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_survey_next(run->ctx, project, &next, tl_cli_args_text(args, "out", NULL),
                             tl_cli_args_flag(args, "overwrite"), &json, &words);
    return tl_cli_run_end(run, err, project, json, words);
}
