/** tilth findings: evidence that came into released areas, and a person's answer to it. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/decision.h"

static tl_err check(struct tl_cli_run *run)
{
    static const char *const names[] = {"by", "role", "reason"};
    bool answer = tl_cli_args_value(run->args, "answer") != NULL;
    for (int i = 0; i < 3; i++) {
        bool given = tl_cli_args_value(run->args, names[i]) != NULL;
        if (answer && !given)
            return tl_cli_run_fail(run, TL_EUSAGE, "--answer needs --%s too", names[i]);
        if (!answer && given)
            return tl_cli_run_fail(run, TL_EUSAGE, "--%s is given without --answer", names[i]);
    }
    return TL_OK;
}

static tl_err answer(struct tl_cli_run *run, struct tl_project *project)
{
    const struct tl_cli_args *args = run->args;
    tl_err err = tl_project_begin(run->ctx, project);
    if (err == TL_OK)
        err =
            tl_decision_answer(run->ctx, project, tl_cli_args_integer(args, "answer", 0),
                               tl_cli_args_text(args, "by", ""), tl_cli_args_text(args, "role", ""),
                               tl_cli_args_text(args, "reason", ""));
    if (err == TL_OK)
        err = tl_project_commit(run->ctx, project);
    else
        tl_project_rollback(project);
    return err;
}

static void print(struct tl_cli_run *run, const char *list, bool all)
{
    struct tl_cli_json json;
    if (run->json) {
        tl_cli_json_begin(&json, run->out, "tilth.findings/1");
        tl_cli_json_text(&json, "project", run->args->words[0]);
        tl_cli_json_raw(&json, "findings", list);
        tl_cli_json_end(&json);
    } else if (strchr(list, '{') == NULL) {
        fputs(all ? "no findings\n" : "no finding waits for an answer\n", run->out);
    } else {
        tl_cli_show_json(run->out, list);
    }
}

tl_err tl_cli_cmd_findings(struct tl_cli_run *run)
{
    const struct tl_cli_args *args = run->args;
    bool answers = tl_cli_args_value(args, "answer") != NULL;
    bool all = tl_cli_args_flag(args, "all");
    struct tl_project *project = NULL;
    char *list = NULL;
    tl_err err = check(run);
    if (err == TL_OK)
        err = tl_project_open(run->ctx, args->words[0],
                              answers ? TL_PROJECT_WRITE : TL_PROJECT_READ, &project);
    if (err == TL_OK && answers)
        err = answer(run, project);
    if (err == TL_OK)
        err = tl_decision_findings(run->ctx, project, tl_cli_args_text(args, "area", NULL), all,
                                   &list);
    tl_project_close(project);
    if (err == TL_OK)
        print(run, list, all);
    tl_free(list);
    return err;
}
