/** tilth progress: tables of what was suspected, released and found, as treaty reports have them. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/project.h"
#include "tilth/tally.h"

static tl_err print(struct tl_cli_run *run, const struct tl_tally *tally)
{
    char *text = NULL;
    tl_err err = TL_OK;
    if (run->json)
        err = tl_tally_json(run->ctx, tally, &text);
    else if (!run->quiet)
        err = tl_tally_words(run->ctx, tally, &text);
    if (err == TL_OK && text != NULL)
        fputs(text, run->out);
    tl_free(text);
    return err;
}

tl_err tl_cli_cmd_progress(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *by = tl_cli_args_text(args, "by", "year"),
               *out = tl_cli_args_text(args, "out", NULL);
    const struct tl_tally_options options = {.from = (int)tl_cli_args_integer(args, "from", 0),
                                             .to = (int)tl_cli_args_integer(args, "to", 0),
                                             .by = strcmp(by, "both") == 0 ? TL_TALLY_BY_BOTH
                                                   : strcmp(by, "district") == 0
                                                       ? TL_TALLY_BY_DISTRICT
                                                       : TL_TALLY_BY_YEAR};
    struct tl_project *project = NULL;
    struct tl_tally *tally = NULL;
    tl_err err = tl_project_open(run->ctx, args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_tally_make(run->ctx, project, &options, &tally);
    if (err == TL_OK && out != NULL)
        err = tl_tally_write(run->ctx, tally, tl_cli_args_text(args, "lang", "en"), out,
                             tl_cli_args_flag(args, "overwrite"));
    if (err == TL_OK)
        err = print(run, tally);
    tl_tally_free(tally);
    tl_project_close(project);
    return err;
}
