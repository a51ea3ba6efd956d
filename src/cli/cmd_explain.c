/** tilth explain: the reasons of the latest map at a place. */
#include "cli/cli.h"
#include "tilth/coord.h"
#include "tilth/hazard.h"

tl_err tl_cli_cmd_explain(struct tl_cli_run *run)
{
    struct tl_project *project = NULL;
    double lon_deg, lat_deg;
    char *words = NULL, *json = NULL;
    tl_err err =
        tl_coord_parse(run->ctx, tl_cli_args_text(run->args, "at", ""), &lon_deg, &lat_deg, NULL);
    if (err != TL_OK)
        return err;
    err = tl_project_open(run->ctx, run->args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_hazard_explain(run->ctx, project, lon_deg, lat_deg, &words, &json);
    tl_project_close(project);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK)
        fputs(run->json ? json : words, run->out);
    tl_free(words);
    tl_free(json);
    return err;
}
