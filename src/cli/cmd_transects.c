/** tilth survey transects: a design, and its lines. */
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "tilth/survey.h"

static tl_err read_design(struct tl_cli_run *run, struct tl_survey_design *design)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_cli_value *target = tl_cli_args_value(args, "target");
    bool spacing = tl_cli_args_value(args, "spacing") != NULL;
    bool probability = tl_cli_args_value(args, "probability") != NULL;
    if (spacing == probability)
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "survey transects needs one of --spacing and --probability");
    if (tl_cli_args_value(args, "density") == NULL && tl_cli_args_value(args, "background") != NULL)
        return tl_cli_run_fail(run, TL_EUSAGE, "--background is given without --density");
    *design = (struct tl_survey_design){
        .target = {target->number[0], target->number[1], target->number[2]},
        .swath_m = tl_cli_args_number(args, "width", 0),
        .spacing_m = tl_cli_args_number(args, "spacing", 0),
        .probability = tl_cli_args_number(args, "probability", 0),
        .density_per_m2 = tl_cli_args_number(args, "density", NAN),
        .background_per_m2 = tl_cli_args_number(args, "background", 0),
        .detection = tl_cli_args_number(args, "detection", 1),
        .false_alarm = tl_cli_args_number(args, "false-alarm", 0.05),
        .normal_density = tl_cli_args_flag(args, "fades")};
    return TL_OK;
}

tl_err tl_cli_cmd_transects(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_survey_lines lines = {
        .area = tl_cli_args_text(args, "area", NULL),
        .polygon = tl_cli_args_text(args, "polygon", NULL),
        .bearing_deg = tl_cli_args_number(args, "bearing", NAN),
        .start = strcmp(tl_cli_args_text(args, "start", "random"), "even") == 0
                     ? TL_SURVEY_START_EVEN
                     : TL_SURVEY_START_RANDOM,
        .m2_per_day = tl_cli_args_number(args, "pace", NAN),
        .method = tl_cli_args_text(args, "method", NULL),
        .seed = (uint64_t)tl_cli_args_integer(args, "seed", 1)};
    struct tl_survey_design design;
    struct tl_project *project = NULL;
    char *json = NULL, *words = NULL;
    tl_err err = TL_OK;
    if ((lines.area != NULL) == (lines.polygon != NULL))
        return tl_cli_run_fail(run, TL_EUSAGE,
                               "survey transects needs one of --area and --polygon");
    err = read_design(run, &design);
    if (err == TL_OK)
        err = tl_project_open(run->ctx, args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_survey_transects(run->ctx, project, &design, &lines,
                                  tl_cli_args_text(args, "out", NULL),
                                  tl_cli_args_flag(args, "overwrite"), &json, &words);
    return tl_cli_run_end(run, err, project, json, words);
}
