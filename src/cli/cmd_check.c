/** tilth check: what is wrong with a project; exit code 12 when an error is found. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/project.h"

static void print_json(struct tl_cli_run *run, int64_t n, const struct tl_check_line *lines,
                       int64_t n_errors)
{
    struct tl_cli_json json;
    tl_cli_json_begin(&json, run->out, "tilth.check/1");
    tl_cli_json_text(&json, "project", run->args->words[0]);
    tl_cli_json_integer(&json, "errors", n_errors);
    tl_cli_json_integer(&json, "warnings", n - n_errors);
    tl_cli_json_array(&json, "lines");
    for (int64_t i = 0; i < n; i++) {
        tl_cli_json_object(&json, NULL);
        tl_cli_json_text(&json, "severity", lines[i].severity);
        tl_cli_json_text(&json, "check", lines[i].check);
        tl_cli_json_text(&json, "message", lines[i].message);
        tl_cli_json_close(&json);
    }
    tl_cli_json_end(&json);
}

tl_err tl_cli_cmd_check(struct tl_cli_run *run)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    int64_t n = 0, n_errors = 0;
    const char *path = run->args->words[0];
    tl_err err = tl_project_open(run->ctx, path, TL_PROJECT_READ, &project);
    if (err == TL_OK)
        err = tl_project_check(run->ctx, project, &lines, &n);
    tl_project_close(project);
    if (err != TL_OK)
        return err;
    tl_cli_progress_wipe(&run->progress);
    for (int64_t i = 0; i < n; i++)
        n_errors += strcmp(lines[i].severity, "error") == 0;
    if (run->json)
        print_json(run, n, lines, n_errors);
    for (int64_t i = 0; !run->json && i < n; i++)
        fprintf(run->out, "%s: %s: %s\n", lines[i].severity, lines[i].check, lines[i].message);
    if (!run->json && !run->quiet)
        fprintf(run->out, "%lld errors, %lld warnings\n", (long long)n_errors,
                (long long)(n - n_errors));
    tl_free(lines);
    if (n_errors > 0)
        return tl_cli_run_fail(run, TL_EINTEGRITY, "%s: %lld errors were found", path,
                               (long long)n_errors);
    return TL_OK;
}
