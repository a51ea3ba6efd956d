/*
 * Accounts: who there is, and changes by an administrator, who gives the password again. A new account, and one whose password is forgotten, gets an invitation: a
 * token that is good once and for three days, so that nobody but its owner ever knows the password. The page makes a link of it, with the token behind
 * "#", which no browser sends. Whoever is logged in changes their own password by giving the old one. Every change is a line of the project's log before it
 * is made.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "serve/account.h"
#include "serve/api.h"
#include "serve/limit.h"
#include "tilth/log.h"
#include "tilth/victim.h"

/* The line of the log, in the name of whoever asks. */
static tl_err note(struct tl_ctx *ctx, void *user, const char *op, const char *before,
                   const char *after)
{
    struct tl_call *call = user;
    struct tl_project *project = NULL;
    bool writing = false;
    tl_err err = TL_OK;
    TL_TRY(tl_seat_begin_write(call, &project));
    writing = true;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_log_note(ctx, project, "account", op, before, after));
    TL_TRY(tl_project_commit(ctx, project));
done:
    if (writing)
        tl_seat_end_write(call, project);
    return err;
}

/* All accounts; an invitation that was just made goes with them, this once. */
static tl_err answer(struct tl_call *call, int status, const char *name, const char *token)
{
    struct tl_project *project = NULL;
    json_t *list = NULL, *one;
    char *text = NULL;
    bool named = false;
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(tl_call_project(call, &project));
    TL_TRY(tl_account_list(call->ctx, call->serve->project, &text));
    list = json_loads(text, 0, NULL);
    json_array_foreach(list, i, one)
    {
        const char *who = json_string_value(json_object_get(one, "name"));
        TL_TRY(tl_victim_is_named(call->ctx, project, who, &named));
        json_object_set_new(one, "named", json_boolean(named));
    }
    TL_TRY(tl_call_json(call, status,
                        json_pack("{s:s, s:O, s:o}", "schema", "tilth.account-list/1", "accounts",
                                  list, "invitation",
                                  token[0] != '\0'
                                      ? json_pack("{s:s, s:s, s:i}", "name", name, "token", token,
                                                  "hours", TL_ACCOUNT_INVITATION_S / 3600)
                                      : json_null())));
done:
    json_decref(list);
    tl_free(text);
    return err;
}

tl_err tl_api_accounts(struct tl_call *call)
{
    return answer(call, 200, "", "");
}

static tl_err read_edit(struct tl_call *call, struct tl_account_edit *edit)
{
    static const char *const members[] = {"act", "name", "role", "password", NULL};
    static const struct {
        const char *name;
        enum tl_account_act act;
    } acts[] = {{"add", TL_ACCOUNT_ADD},      {"role", TL_ACCOUNT_ROLE},
                {"lock", TL_ACCOUNT_LOCK},    {"unlock", TL_ACCOUNT_UNLOCK},
                {"reset", TL_ACCOUNT_INVITE}, {"remove", TL_ACCOUNT_REMOVE}};
    const char *act = NULL, *role = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_choice(call, "act", true, "add|role|lock|unlock|reset|remove", &act));
    TL_TRY(tl_call_member_text(call, "name", true, TL_ACCOUNT_NAME_BYTES - 1, &edit->name));
    TL_TRY(tl_call_member_text(call, "role", false, 32, &role));
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(acts[i].name, act) == 0)
            edit->act = acts[i].act;
    bool has_role = edit->act == TL_ACCOUNT_ADD || edit->act == TL_ACCOUNT_ROLE;
    if (has_role != (role != NULL))
        TL_THROW(call->ctx, TL_EUSAGE, "role: expected with \"add\" and \"role\", and only there");
    if (role != NULL)
        TL_TRY(tl_account_role_find(call->ctx, role, &edit->role));
done:
    return err;
}

tl_err tl_api_account_change(struct tl_call *call)
{
    struct tl_account_edit edit = {
        .is_by_local = call->person.is_local, .note = note, .user = call};
    char token[TL_ACCOUNT_TOKEN_BYTES] = "";
    const char *password = NULL;
    bool answered = false;
    tl_err err = TL_OK;
    TL_TRY(read_edit(call, &edit));
    /* The one local person has no password, and the first account is the end of that. */
    TL_TRY(tl_call_member_text(call, "password", !call->person.is_local, TL_ACCOUNT_PASSWORD_MAX,
                               &password));
    if (!call->person.is_local)
        TL_TRY(tl_api_ask_password(call, password, &answered));
    if (answered)
        goto done;
    TL_TRY(tl_account_change(call->ctx, call->serve->project, &edit, token));
    TL_TRY(answer(call, edit.act == TL_ACCOUNT_ADD ? 201 : 200, edit.name, token));
done:
    tl_secret_wipe(token, sizeof token);
    return err;
}

/* Tokens cannot be guessed; that somebody tries to costs them time all the same. */
static tl_err check_tries(struct tl_call *call, bool *answered)
{
    char key[sizeof call->address + 16];
    double wait_s = 0;
    tl_err err = TL_OK;
    snprintf(key, sizeof key, "invitation %s", call->address);
    *answered = !tl_limit_take(call->serve->limit, key, tl_clock_s(), &wait_s);
    if (*answered) {
        TL_TRY(tl_call_header(call, "Retry-After", "%d", (int)wait_s + 1));
        tl_call_fail(call, TL_EDENIED, 429, "too many tries; wait a minute");
    }
done:
    return err;
}

/* The one who takes it is nobody yet; the log has their name. */
static tl_err accept(struct tl_call *call, const char *token, const char *name,
                     const char *password)
{
    const struct tl_account_edit edit = {
        .act = TL_ACCOUNT_PASSWORD, .name = name, .password = password, .note = note, .user = call};
    struct tl_call_person asker = call->person;
    snprintf(call->person.name, sizeof call->person.name, "%s", name);
    tl_err err = tl_account_accept(call->ctx, call->serve->book, token, &edit);
    call->person = asker;
    return err;
}

tl_err tl_api_invitation(struct tl_call *call)
{
    static const char *const members[] = {"token", "password", NULL};
    const char *token = NULL, *password = NULL;
    char name[TL_ACCOUNT_NAME_BYTES] = "";
    enum tl_account_role role = TL_ACCOUNT_GUEST;
    bool answered = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "token", true, TL_ACCOUNT_TOKEN_BYTES - 1, &token));
    TL_TRY(tl_call_member_text(call, "password", false, TL_ACCOUNT_PASSWORD_MAX, &password));
    TL_TRY(check_tries(call, &answered));
    if (answered)
        goto done;
    TL_TRY(tl_account_invited(call->ctx, call->serve->book, token, name, &role));
    if (password != NULL)
        TL_TRY(accept(call, token, name, password));
    TL_TRY(
        tl_call_json(call, 200,
                     json_pack("{s:s, s:s, s:s, s:b}", "schema", "tilth.invitation/1", "name", name,
                               "role", tl_account_role_name(role), "taken", password != NULL)));
done:
    return err;
}

tl_err tl_api_own_password(struct tl_call *call)
{
    static const char *const members[] = {"old", "password", NULL};
    const char *old = NULL, *password = NULL;
    bool answered = false;
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "old", true, TL_ACCOUNT_PASSWORD_MAX, &old));
    TL_TRY(tl_call_member_text(call, "password", true, TL_ACCOUNT_PASSWORD_MAX, &password));
    if (call->person.is_local)
        TL_THROW(call->ctx, TL_ECONFLICT,
                 "there are no accounts, and so no password; the first account is made under "
                 "Accounts");
    TL_TRY(tl_api_ask_password(call, old, &answered));
    if (answered)
        goto done;
    if (strcmp(old, password) == 0)
        TL_THROW(call->ctx, TL_EUSAGE, "the new password is the old one; expected another");
    const struct tl_account_edit edit = {.act = TL_ACCOUNT_PASSWORD,
                                         .name = call->person.name,
                                         .password = password,
                                         .note = note,
                                         .user = call};
    TL_TRY(tl_account_own_password(call->ctx, call->serve->book, call->person.session, &edit));
    TL_TRY(tl_api_session_get(call));
done:
    return err;
}
