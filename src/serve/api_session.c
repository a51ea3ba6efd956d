/* Sessions: who asks, log in, log out. */
#include <stdio.h>
#include <string.h>

#include "serve/account.h"
#include "serve/api.h"
#include "serve/limit.h"
#include "serve/opened.h"

static tl_err answer(struct tl_call *call)
{
    const struct tl_call_person *p = &call->person;
    bool guest = p->role == TL_ACCOUNT_GUEST;
    json_t *json = json_pack("{s:s, s:s?, s:s, s:s?, s:b, s:b, s:s}", "schema", "tilth.session/1",
                             "name", guest ? NULL : p->name, "role", tl_account_role_name(p->role),
                             "csrf", guest ? NULL : p->csrf, "accounts",
                             tl_account_book_has(call->ctx, call->serve->book), "local",
                             p->is_local, "language", call->language);
    return tl_call_json(call, 200, json);
}

/* What the session has opened is closed with it. */
static tl_err end_session(struct tl_call *call)
{
    tl_opened_close(call->serve->opened, call->person.session);
    return tl_account_logout(call->ctx, call->serve->book, call->person.session);
}

tl_err tl_api_session_get(struct tl_call *call)
{
    return answer(call);
}

/* A guess costs a try of the account, of the address, and of all together. */
static bool may_try(struct tl_call *call, const char *name, double *wait_s)
{
    char keys[2][TL_ACCOUNT_NAME_BYTES + 80];
    double now_s = tl_clock_s();
    snprintf(keys[0], sizeof keys[0], "account %s", name);
    snprintf(keys[1], sizeof keys[1], "address %s", call->address);
    /* Behind a proxy all have one address: one who guesses must not keep all others out. */
    return tl_limit_take(call->serve->limit, keys[0], now_s, wait_s) &&
           (call->serve->https || tl_limit_take(call->serve->limit, keys[1], now_s, wait_s));
}

static void forgive(struct tl_call *call, const char *name)
{
    char key[TL_ACCOUNT_NAME_BYTES + 80];
    snprintf(key, sizeof key, "account %s", name);
    tl_limit_forgive(call->serve->limit, key);
    snprintf(key, sizeof key, "address %s", call->address);
    tl_limit_forgive(call->serve->limit, key);
}

tl_err tl_server_log_in(struct tl_call *call, const char *name, const char *password,
                        char token[TL_SECRET_HEX])
{
    double wait_s = 0;
    tl_err err = TL_OK;
    if (!may_try(call, name, &wait_s)) {
        TL_TRY(tl_call_header(call, "Retry-After", "%d", (int)wait_s + 1));
        tl_call_fail(call, TL_EDENIED, 429, "too many tries to log in; wait a minute");
        return TL_EDENIED;
    }
    err = tl_account_login(call->ctx, call->serve->book, name, password, token);
    if (err == TL_EDENIED)
        tl_call_fail(call, TL_EDENIED, 401, tl_ctx_message(call->ctx));
    TL_TRY(err);
    forgive(call, name);
done:
    return err;
}

tl_err tl_api_session_post(struct tl_call *call)
{
    static const char *const members[] = {"name", "password", NULL};
    const char *name = NULL, *password = NULL;
    char token[TL_SECRET_HEX];
    tl_err err = TL_OK;
    TL_TRY(tl_call_members(call, members));
    TL_TRY(tl_call_member_text(call, "name", true, TL_ACCOUNT_NAME_BYTES - 1, &name));
    TL_TRY(tl_call_member_text(call, "password", true, TL_ACCOUNT_PASSWORD_MAX, &password));
    err = tl_server_log_in(call, name, password, token);
    if (err == TL_EDENIED) { /* the reply says so */
        err = TL_OK;
        goto done;
    }
    TL_TRY(err);
    if (call->person.session[0] !=
        '\0') /* a new session for a new log-in: the old one is not left lying about */
        TL_TRY(end_session(call));
    tl_account_whose(call->ctx, call->serve->book, token, &call->person);
    TL_TRY(tl_server_cookie(call, token, TL_ACCOUNT_SESSION_S));
    TL_TRY(answer(call));
done:
    tl_secret_wipe(token, sizeof token);
    return err;
}

/* A session may be left open on a desk: what weighs asks for the password again, and a guess costs a try. */
tl_err tl_api_ask_password(struct tl_call *call, const char *password, bool *answered)
{
    char key[TL_ACCOUNT_NAME_BYTES + 16];
    double wait_s = 0;
    tl_err err = TL_OK;
    snprintf(key, sizeof key, "account %s", call->person.name);
    *answered = false;
    if (!tl_limit_take(call->serve->limit, key, tl_clock_s(), &wait_s)) {
        TL_TRY(tl_call_header(call, "Retry-After", "%d", (int)wait_s + 1));
        tl_call_fail(call, TL_EDENIED, 429, "too many tries; wait a minute");
        *answered = true;
        goto done;
    }
    TL_TRY(tl_account_check(call->ctx, call->serve->book, call->person.name, password));
    tl_limit_forgive(call->serve->limit, key);
done:
    return err;
}

tl_err tl_api_session_delete(struct tl_call *call)
{
    tl_err err = TL_OK;
    TL_TRY(end_session(call));
    memset(&call->person, 0, sizeof call->person);
    TL_TRY(tl_server_cookie(call, "", 0));
    TL_TRY(answer(call));
done:
    return err;
}
