/** tilth export: records or the map's cells to a file that others read. */
#include "cli/cli.h"
#include "tilth/hazard.h"

tl_err tl_cli_cmd_export(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    const char *what = tl_cli_args_text(args, "as", NULL),
               *path = tl_cli_args_text(args, "out", NULL);
    struct tl_project *project = NULL;
    int64_t n_rows = 0;
    tl_err err = tl_project_open(run->ctx, args->words[0], TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_hazard_export(run->ctx, project, what, tl_cli_args_text(args, "format", NULL),
                               path, tl_cli_args_flag(args, "overwrite"), &n_rows);
    tl_project_close(project);
    tl_cli_progress_wipe(&run->progress);
    if (err != TL_OK)
        return err;
    if (run->json) {
        struct tl_cli_json json;
        tl_cli_json_begin(&json, run->out, "tilth.export/1");
        tl_cli_json_text(&json, "as", what);
        tl_cli_json_text(&json, "file", path);
        tl_cli_json_integer(&json, "rows", n_rows);
        tl_cli_json_end(&json);
    } else if (!run->quiet) {
        fprintf(run->out, "%s: %lld rows of %s\n", path, (long long)n_rows, what);
    }
    return TL_OK;
}
