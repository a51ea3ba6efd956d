/** tilth field-view: what an administrator sets for the field view: whom to call, the project's own words, districts. */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "core/core.h"
#include "tilth/fieldwork.h"
#include "tilth/project.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static tl_err read_file(struct tl_cli_run *run, const char *path, char *text, int64_t *n)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return tl_cli_run_fail(run, errno == ENOENT ? TL_ENOTFOUND : TL_EIO, "%s: %s", path,
                               strerror(errno));
    *n = (int64_t)fread(text, 1, FILE_MAX_BYTES, in);
    bool failed = ferror(in) != 0, whole = fgetc(in) == EOF;
    fclose(in);
    if (failed)
        return tl_cli_run_fail(run, TL_EIO, "%s: cannot be read", path);
    if (!whole)
        return tl_cli_run_fail(run, TL_EDATA, "%s: is larger than %d bytes", path, FILE_MAX_BYTES);
    return TL_OK;
}

static tl_err edit(struct tl_cli_run *run, struct tl_project *project, const char *path)
{
    char *text = tl_alloc(run->ctx, FILE_MAX_BYTES, 1);
    int64_t n = 0;
    tl_err err = text != NULL ? read_file(run, path, text, &n) : TL_ENOMEM;
    if (err == TL_OK)
        err = tl_project_begin(run->ctx, project);
    if (err == TL_OK) {
        err = tl_fieldwork_set(run->ctx, project, text, n);
        if (err != TL_OK)
            err = tl_fail_at(run->ctx, err, "%s", path);
    }
    if (err == TL_OK)
        err = tl_project_commit(run->ctx, project);
    tl_free(text);
    return err;
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
