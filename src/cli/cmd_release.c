/** tilth release: records a person's decision. */
#include "cli/cli.h"
#include "tilth/release.h"

tl_err tl_cli_cmd_release(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const struct tl_release_decide decide = {.area = tl_cli_args_text(args, "area", NULL),
                                             .as = tl_cli_args_text(args, "as", NULL),
                                             .person = tl_cli_args_text(args, "by", NULL),
                                             .role = tl_cli_args_text(args, "role", NULL),
                                             .reason = tl_cli_args_text(args, "reason", NULL)};
    struct tl_project *project = NULL;
    char *json = NULL;
    tl_err err = tl_project_open(run->ctx, args->words[0], TL_PROJECT_WRITE, &project);
    if (err == TL_OK)
        err = tl_release_decide(run->ctx, project, &decide, &json);
    tl_project_close(project);
    tl_cli_progress_wipe(&run->progress);
    if (err == TL_OK && run->json)
        fputs(json, run->out);
    else if (err == TL_OK && !run->quiet)
        tl_cli_show_json(run->out, json);
    tl_free(json);
    return err;
}
