/** tilth field-view: what an administrator sets for the field view: whom to call, the project's own words, districts. */
#include "cli/cli.h"
#include "tilth/fieldwork.h"
#include "tilth/project.h"

static tl_err edit(struct tl_cli_run *run, struct tl_project *project, const char *path)
{
    tl_err err = tl_project_begin(run->ctx, project);
    if (err == TL_OK)
        err = tl_fieldwork_set_file(run->ctx, project, path);
    return err == TL_OK ? tl_project_commit(run->ctx, project) : err;
}

static void print(struct tl_cli_run *run, const char *settings)
{
    struct tl_cli_json json;
    if (!run->json) {
        fputs(settings, run->out); /* what --edit takes, on one line */
        return;
    }
    tl_cli_json_begin(&json, run->out, "tilth.field-view/1");
    tl_cli_json_text(&json, "project", run->args->words[0]);
    tl_cli_json_raw(&json, "settings", settings);
    tl_cli_json_end(&json);
}

tl_err tl_cli_cmd_field_view(struct tl_cli_run *run)
{
    const char *from = tl_cli_args_text(run->args, "edit", NULL);
    struct tl_project *project = NULL;
    char *settings = NULL;
    tl_err err = tl_project_open(run->ctx, run->args->words[0],
                                 from != NULL ? TL_PROJECT_WRITE : TL_PROJECT_READ, &project);
    if (err == TL_OK && from != NULL)
        err = edit(run, project, from);
    if (err == TL_OK)
        err = tl_fieldwork_settings(run->ctx, project, &settings);
    tl_project_close(project);
    if (err == TL_OK && !(from != NULL && run->quiet))
        print(run, settings);
    tl_free(settings);
    return err;
}
