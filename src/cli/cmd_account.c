/** tilth account: who may log in to a served project. */
#include <string.h>

#include "cli/cli.h"
#include "tilth/log.h"
#include "tilth/serve.h"

static tl_err list(struct tl_cli_run *run, const char *project)
{
    struct tl_cli_json json;
    char *accounts = NULL;
    tl_err err = tl_account_list(run->ctx, project, &accounts);
    if (err != TL_OK)
        return err;
    if (run->json) {
        tl_cli_json_begin(&json, run->out, "tilth.account/1");
        tl_cli_json_text(&json, "project", project);
        tl_cli_json_raw(&json, "accounts", accounts);
        tl_cli_json_end(&json);
    } else if (strchr(accounts, '{') == NULL) {
        fputs("no accounts: the project is served to one person on this machine\n", run->out);
    } else {
        tl_cli_show_json(run->out, accounts);
    }
    tl_free(accounts);
    return TL_OK;
}

/* Each change is a line of the project's log before it is made, as it is in the pages. */
static tl_err note(struct tl_ctx *ctx, void *user, const char *op, const char *before,
                   const char *after)
{
    struct tl_project *opened = NULL;
    tl_err err = tl_project_open(ctx, user, TL_PROJECT_WRITE, &opened);
    if (err != TL_OK)
        return err;
    err = tl_project_begin(ctx, opened);
    if (err == TL_OK)
        err = tl_log_note(ctx, opened, "account", op, before, after);
    if (err == TL_OK)
        err = tl_project_commit(ctx, opened);
    tl_project_close(opened);
    return err;
}

static const struct {
    const char *name;
    enum tl_account_act act;
} actions[] = {{"add", TL_ACCOUNT_ADD},       {"passwd", TL_ACCOUNT_PASSWORD},
               {"role", TL_ACCOUNT_ROLE},     {"lock", TL_ACCOUNT_LOCK},
               {"unlock", TL_ACCOUNT_UNLOCK}, {"remove", TL_ACCOUNT_REMOVE}};

enum { N_ACTIONS = sizeof actions / sizeof actions[0] };

/* The role is checked by the parser, and found here. */
static tl_err change(struct tl_cli_run *run, const char *project, int i)
{
    const char *role = tl_cli_args_text(run->args, "role", NULL), *action = actions[i].name;
    char password[TL_CLI_SECRET_BYTES] = "", none[TL_ACCOUNT_TOKEN_BYTES];
    struct tl_account_edit edit = {.act = actions[i].act,
                                   .name = tl_cli_args_text(run->args, "name", NULL),
                                   .password = password,
                                   .note = note,
                                   .user = (void *)(uintptr_t)project};
    bool adds = edit.act == TL_ACCOUNT_ADD;
    tl_err err = TL_OK;
    if (edit.name == NULL)
        return tl_cli_run_fail(run, TL_EUSAGE, "account %s needs --name", action);
    if ((adds || edit.act == TL_ACCOUNT_ROLE) != (role != NULL))
        return tl_cli_run_fail(run, TL_EUSAGE,
                               role == NULL
                                   ? "account %s needs --role"
                                   : "--role is given with account %s, which does not take it",
                               action);
    if (role != NULL)
        err = tl_account_role_find(run->ctx, role, &edit.role);
    if (err == TL_OK && (adds || edit.act == TL_ACCOUNT_PASSWORD))
        err = tl_cli_secret_read(run, "Password", true, password);
    if (err == TL_OK)
        err = tl_account_change(run->ctx, project, &edit, none);
    tl_cli_secret_wipe(password, sizeof password);
    return err;
}

tl_err tl_cli_cmd_account(struct tl_cli_run *run)
{
    const char *names[N_ACTIONS + 1] = {"list"};
    const char *project = run->args->words[0], *action = run->args->words[1];
    int i = 0;
    for (int k = 0; k < N_ACTIONS; k++)
        names[k + 1] = actions[k].name;
    while (i <= N_ACTIONS && strcmp(names[i], action) != 0)
        i++;
    if (i > N_ACTIONS) {
        const char *near = tl_cli_args_nearest(action, N_ACTIONS + 1, names);
        return tl_cli_run_fail(
            run, TL_EUSAGE,
            "\"%.60s\" is not what account does: expected add, list, passwd, role, lock, unlock "
            "or remove%s%s%s",
            action, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
            near != NULL ? "\"?" : "");
    }
    if (i > 0) {
        tl_err err = change(run, project, i - 1);
        if (err != TL_OK)
            return err;
        if (run->quiet && !run->json)
            return TL_OK;
    }
    return list(run, project);
}
