/** tilth info: what a project holds. */
#include "cli/cli.h"
#include "tilth/project.h"

tl_err tl_cli_cmd_info(struct tl_cli_run *run)
{
    struct tl_project *project = NULL;
    char *info = NULL;
    tl_err err = tl_project_open(run->ctx, run->args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_project_info(run->ctx, project, &info);
    tl_project_close(project);
    if (err != TL_OK)
        return err;
    if (run->json) {
        struct tl_cli_json json;
        tl_cli_json_begin(&json, run->out, "tilth.info/1");
        tl_cli_json_text(&json, "path", run->args->words[0]);
        tl_cli_json_raw(&json, "project", info);
        tl_cli_json_end(&json);
    } else if (!tl_cli_show_json(run->out, info)) {
        err = tl_cli_run_fail(run, TL_EBUG, "the project's figures cannot be read");
    }
    tl_free(info);
    return err;
}
