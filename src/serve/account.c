/* Changes of accounts, whoever asks for them: an administrator's page, `tilth account`, or the account's owner (account_own.c). */
#include <stdio.h>
#include <string.h>

#include "core/catalogue.h"
#include "core/text.h"
#include "serve/account_book.h"

static void end_sessions(json_t *root, const char *name, const char *keeps)
{
    json_t *sessions = tl_account_book_list(root, "sessions");
    for (size_t i = json_array_size(sessions); i-- > 0;) {
        const json_t *session = json_array_get(sessions, i);
        if (strcmp(tl_account_book_text(session, "account"), name) == 0 &&
            (keeps == NULL || strcmp(tl_account_book_text(session, "hash"), keeps) != 0))
            json_array_remove(sessions, i);
    }
}

/* The password, or the invitation that stands for one until it is taken. */
static void set_secret(json_t *account, const struct tl_account_change *change)
{
    json_object_set_new(account, "password", json_string(change->hash));
    json_object_del(account, "invitation");
    if (change->invitation[0] != '\0')
        json_object_set_new(account, "invitation",
                            json_pack("{s:s, s:I}", "hash", change->invitation, "until",
                                      (json_int_t)time(NULL) + TL_ACCOUNT_INVITATION_S));
}

static tl_err add_account(struct tl_ctx *ctx, json_t *root, const struct tl_account_change *change,
                          const char *at)
{
    const struct tl_account_edit *edit = change->edit;
    if (tl_account_book_named(root, edit->name) != NULL)
        return tl_fail(ctx, TL_EEXISTS, "there is an account \"%s\" already", edit->name);
    if (json_array_size(tl_account_book_list(root, "accounts")) >= TL_ACCOUNT_ACCOUNTS_MAX)
        return tl_fail(ctx, TL_EUSAGE, "there are %d accounts, and no more are taken",
                       TL_ACCOUNT_ACCOUNTS_MAX);
    json_t *account = json_pack("{s:s, s:s, s:s, s:s}", "name", edit->name, "role",
                                tl_account_role_name(edit->role), "made", at, "changed", at);
    if (account == NULL ||
        json_array_append_new(tl_account_book_list(root, "accounts"), account) != 0)
        return tl_fail(ctx, TL_ENOMEM, "no memory for an account");
    set_secret(account, change);
    return TL_OK;
}

static void remove_account(json_t *root, const char *name)
{
    json_t *accounts = tl_account_book_list(root, "accounts");
    for (size_t i = json_array_size(accounts); i-- > 0;)
        if (strcmp(tl_account_book_text(json_array_get(accounts, i), "name"), name) == 0)
            json_array_remove(accounts, i);
}

/* Whatever is changed ends the account's sessions. */
tl_err tl_account_change_apply(struct tl_ctx *ctx, json_t *root, const void *user)
{
    const struct tl_account_change *change = user;
    const struct tl_account_edit *edit = change->edit;
    json_t *account = tl_account_book_named(root, edit->name);
    char at[32];
    tl_account_book_now_text(at);
    if (edit->act == TL_ACCOUNT_ADD)
        return add_account(ctx, root, change, at);
    if (account == NULL)
        return tl_fail(ctx, TL_ENOTFOUND, "there is no account \"%s\"", edit->name);
    json_object_set_new(account, "changed", json_string(at));
    end_sessions(root, edit->name, change->keeps);
    switch (edit->act) {
    case TL_ACCOUNT_PASSWORD:
    case TL_ACCOUNT_INVITE:
        set_secret(account, change);
        break;
    case TL_ACCOUNT_ROLE:
        json_object_set_new(account, "role", json_string(tl_account_role_name(edit->role)));
        break;
    case TL_ACCOUNT_LOCK:
        json_object_set_new(account, "locked", json_string(at));
        break;
    case TL_ACCOUNT_UNLOCK:
        json_object_del(account, "locked");
        break;
    case TL_ACCOUNT_REMOVE:
        remove_account(root, edit->name);
        break;
    case TL_ACCOUNT_ADD:
        break;
    }
    return TL_OK;
}

/*
 * The one rule about administrators, for the pages and for the command: nothing that is done takes the last one away who can log in. A book that
 * had none before (made by the command) is mended by the command. The pages' first account is made by the one local person, who is nobody
 * afterwards: it has to be an administrator's.
 */
static tl_err check_administrator(struct tl_ctx *ctx, const struct tl_account_was *was,
                                  json_t *root, const struct tl_account_edit *edit)
{
    if (tl_account_book_has_administrator(root))
        return TL_OK;
    if (was->has_administrator)
        return tl_fail(ctx, TL_ECONFLICT,
                       "\"%s\" is the last administrator who can log in: name another one first",
                       edit->name);
    if (edit->is_by_local && edit->role != TL_ACCOUNT_ADMINISTRATOR)
        return tl_fail(ctx, TL_ECONFLICT,
                       "the first account must be an administrator's: nobody could add "
                       "others else");
    return TL_OK;
}

/* What is written into a log; a new password is no fact of the account, but somebody has set it. */
static tl_err note(struct tl_ctx *ctx, const struct tl_account_edit *edit, json_t *before,
                   json_t *after)
{
    char *was = NULL, *is = NULL;
    tl_err err = TL_OK;
    if (after != NULL && before != NULL && edit->act == TL_ACCOUNT_PASSWORD)
        json_object_set_new(after, "password", json_string("new"));
    if (after != NULL && edit->act == TL_ACCOUNT_INVITE)
        json_object_set_new(after, "password", json_string("by invitation"));
    if (before != NULL)
        TL_TRY(tl_json_line(ctx, before, &was));
    if (after != NULL)
        TL_TRY(tl_json_line(ctx, after, &is));
    TL_TRY(edit->note(ctx, edit->user,
                      before == NULL  ? "insert"
                      : after == NULL ? "delete"
                                      : "update",
                      was, is));
done:
    tl_free(was);
    tl_free(is);
    return err;
}

/* What is not written down is not done: the line comes before the change, and only a disk that fails in between leaves one too many. */
tl_err tl_account_change_settle(struct tl_ctx *ctx, const struct tl_account_was *was, json_t *root,
                                const void *user)
{
    const struct tl_account_edit *edit = ((const struct tl_account_change *)user)->edit;
    json_t *after = tl_account_book_facts(tl_account_book_named(root, edit->name));
    tl_err err = TL_OK;
    TL_TRY(check_administrator(ctx, was, root, edit));
    if (edit->note != NULL)
        TL_TRY(note(ctx, edit, was->account, after));
done:
    json_decref(after);
    return err;
}

static tl_err check_name(struct tl_ctx *ctx, const char *name)
{
    size_t n = strlen(name);
    bool bad = n == 0 || n >= TL_ACCOUNT_NAME_BYTES || !tl_text_is_utf8(name, (int64_t)n) ||
               name[0] == ' ' || name[n > 0 ? n - 1 : 0] == ' ';
    for (const char *at = name; *at != '\0'; at++)
        bad = bad || (unsigned char)*at < 0x20 || *at == 0x7f;
    return bad ? tl_fail(
                     ctx, TL_EUSAGE,
                     "\"%.96s\" is not a name: expected 1 to %d bytes without control characters "
                     "and without blanks at its ends",
                     name, TL_ACCOUNT_NAME_BYTES - 1)
               : TL_OK;
}

tl_err tl_account_change_hash(struct tl_ctx *ctx, const char *name, const char *password,
                              char hash[TL_SECRET_PASSWORD_BYTES])
{
    size_t n = strlen(password);
    if (n < TL_ACCOUNT_PASSWORD_MIN || n > TL_ACCOUNT_PASSWORD_MAX)
        return tl_fail(ctx, TL_EUSAGE, "the password has %s; expected %d to %d bytes",
                       n < TL_ACCOUNT_PASSWORD_MIN ? TL_CATALOGUE_MARK("too few characters")
                                                   : TL_CATALOGUE_MARK("too many characters"),
                       TL_ACCOUNT_PASSWORD_MIN, TL_ACCOUNT_PASSWORD_MAX);
    if (strcmp(name, password) == 0)
        return tl_fail(ctx, TL_EUSAGE, "the password is the account's name; expected another");
    return tl_secret_hash(ctx, password, hash);
}

tl_err tl_account_change(struct tl_ctx *ctx, const char *project,
                         const struct tl_account_edit *edit, char *invitation)
{
    struct tl_account_change change = {.edit = edit};
    char path[4096], token[TL_SECRET_HEX] = "";
    bool adds = edit->act == TL_ACCOUNT_ADD;
    tl_err err = TL_OK;
    TL_TRY(tl_account_book_path(ctx, project, path, sizeof path));
    if (adds)
        TL_TRY(check_name(ctx, edit->name));
    if (edit->act == TL_ACCOUNT_PASSWORD || (adds && edit->password != NULL))
        TL_TRY(tl_account_change_hash(ctx, edit->name, edit->password, change.hash));
    else if (adds || edit->act == TL_ACCOUNT_INVITE) {
        tl_secret_make(token);
        tl_secret_derive("tilth invitation", token, change.invitation);
    }
    TL_TRY(tl_account_book_change(ctx, path, tl_account_change_apply, tl_account_change_settle,
                                  edit->name, &change));
    if (token[0] != '\0')
        memcpy(invitation, token, sizeof token);
done:
    tl_secret_wipe(&change.hash, sizeof change.hash);
    tl_secret_wipe(token, sizeof token);
    return err;
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *listed(const json_t *account)
{
    const json_t *invitation = json_object_get(account, "invitation");
    json_int_t until = json_integer_value(json_object_get(invitation, "until"));
    json_t *made = tl_account_book_facts(account);
    char text[32];
    if (invitation != NULL)
        tl_account_book_time_text((time_t)until, text);
    json_object_set_new(made, "made", json_string(tl_account_book_text(account, "made")));
    json_object_set_new(made, "changed", json_string(tl_account_book_text(account, "changed")));
    json_object_set_new(made, "last_login", text_or_null(tl_account_book_text(account, "login")));
    json_object_set_new(made, "invited_until",
                        invitation != NULL ? json_string(text) : json_null());
    return made;
}

tl_err tl_account_list(struct tl_ctx *ctx, const char *project, char **json)
{
    char path[4096];
    json_t *root = NULL, *list = json_array(), *account;
    size_t i;
    tl_err err = TL_OK;
    TL_TRY(tl_account_book_path(ctx, project, path, sizeof path));
    TL_TRY(tl_account_book_read(ctx, path, &root));
    json_array_foreach(tl_account_book_list(root, "accounts"), i, account)
        json_array_append_new(list, listed(account));
    TL_TRY(tl_json_text(ctx, list, json));
done:
    json_decref(root);
    json_decref(list);
    return err;
}
