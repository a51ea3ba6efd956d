/** tilth account: who may log in to a served project. */
#include <string.h>

#include "cli/cli.h"
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

/* add, passwd, role, remove; the role is checked by the parser, and found here. */
static tl_err change(struct tl_cli_run *run, const char *project, const char *action)
{
    const char *name = tl_cli_args_text(run->args, "name", NULL);
    const char *role_name = tl_cli_args_text(run->args, "role", NULL);
    bool adds = strcmp(action, "add") == 0, roles = strcmp(action, "role") == 0;
    bool passwords = adds || strcmp(action, "passwd") == 0;
    char password[TL_CLI_SECRET_BYTES] = "";
    enum tl_account_role role = TL_ACCOUNT_GUEST;
    tl_err err = TL_OK;
    if (name == NULL)
        return tl_cli_run_fail(run, TL_EUSAGE, "account %s needs --name", action);
    if ((adds || roles) != (role_name != NULL))
        return tl_cli_run_fail(run, TL_EUSAGE,
                               role_name == NULL
                                   ? "account %s needs --role"
                                   : "--role is given with account %s, which does not take it",
                               action);
    if (role_name != NULL)
        err = tl_account_role_find(run->ctx, role_name, &role);
    if (err == TL_OK && passwords)
        err = tl_cli_secret_read(run, "Password", true, password);
    if (err == TL_OK && adds)
        err = tl_account_add(run->ctx, project, name, role, password);
    else if (err == TL_OK && passwords)
        err = tl_account_passwd(run->ctx, project, name, password);
    else if (err == TL_OK && roles)
        err = tl_account_set_role(run->ctx, project, name, role);
    else if (err == TL_OK)
        err = tl_account_remove(run->ctx, project, name);
    tl_cli_secret_wipe(password, sizeof password);
    return err;
}

tl_err tl_cli_cmd_account(struct tl_cli_run *run)
{
    static const char *const actions[] = {"add", "list", "passwd", "role", "remove"};
    const char *project = run->args->words[0], *action = run->args->words[1];
    int i = 0;
    while (i < 5 && strcmp(actions[i], action) != 0)
        i++;
    if (i == 5) {
        const char *near = tl_cli_args_nearest(action, 5, actions);
        return tl_cli_run_fail(
            run, TL_EUSAGE,
            "\"%.60s\" is not what account does: expected add, list, passwd, role or remove%s%s%s",
            action, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
            near != NULL ? "\"?" : "");
    }
    if (strcmp(action, "list") != 0) {
        tl_err err = change(run, project, action);
        if (err != TL_OK)
            return err;
        if (run->quiet && !run->json)
            return TL_OK;
    }
    return list(run, project);
}
