/*
 * The book is a JSON file beside the project: it is small, written seldom, and read by people in need. A change takes the
 * file's lock, reads it again, and puts a new file in its place, so that two servers and `tilth account` can work side by side; whoever reads looks at its
 * time first. Sessions are kept there too, as hashes of their tokens: they outlive the server, and removing an account ends them.
 */
#include "serve/account_book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/catalogue.h"
#include "core/private.h"

static const char *const role_names[TL_ACCOUNT_ROLES] = {
    TL_CATALOGUE_MARK("guest"),           TL_CATALOGUE_MARK("entry"),
    TL_CATALOGUE_MARK("verifier"),        TL_CATALOGUE_MARK("approver"),
    TL_CATALOGUE_MARK("quality manager"), TL_CATALOGUE_MARK("administrator")};

const char *tl_account_role_name(enum tl_account_role role)
{
    return (unsigned)role < TL_ACCOUNT_ROLES ? role_names[role] : "?";
}

tl_err tl_account_role_find(struct tl_ctx *ctx, const char *name, enum tl_account_role *role)
{
    for (int r = TL_ACCOUNT_ENTRY; r < TL_ACCOUNT_ROLES; r++)
        if (strcmp(name, role_names[r]) == 0 ||
            (r == TL_ACCOUNT_QUALITY && strcmp(name, "quality") == 0)) {
            *role = (enum tl_account_role)r;
            return TL_OK;
        }
    return tl_fail(ctx, TL_EUSAGE,
                   "\"%.60s\" is not a role of an account: expected entry, verifier, approver, "
                   "quality manager or administrator",
                   name);
}

void tl_account_book_time_text(time_t time, char at[32])
{
    struct tm utc;
    gmtime_r(&time, &utc);
    strftime(at, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void tl_account_book_now_text(char at[32])
{
    struct timespec now; /* time() may lie a little behind it */
    clock_gettime(CLOCK_REALTIME, &now);
    tl_account_book_time_text(now.tv_sec, at);
}

json_t *tl_account_book_list(json_t *root, const char *name)
{
    json_t *list = json_object_get(root, name);
    if (!json_is_array(list)) {
        list = json_array();
        json_object_set_new(root, name, list);
    }
    return list;
}

const char *tl_account_book_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

json_t *tl_account_book_named(json_t *root, const char *name)
{
    size_t i;
    json_t *account;
    json_array_foreach(tl_account_book_list(root, "accounts"), i, account)
    {
        if (strcmp(tl_account_book_text(account, "name"), name) == 0)
            return account;
    }
    return NULL;
}

tl_err tl_account_book_read(struct tl_ctx *ctx, const char *path, json_t **root)
{
    struct stat facts;
    if (stat(path, &facts) != 0 && errno == ENOENT) {
        *root = json_object();
        return TL_OK;
    }
    if (facts.st_size == 0) {
        *root = json_object();
        return TL_OK;
    }
    tl_err err = tl_json_read(ctx, path, root);
    if (err == TL_OK && strcmp(tl_account_book_text(*root, "schema"), "tilth.accounts/1") != 0) {
        json_decref(*root);
        *root = NULL;
        err = tl_fail(ctx, TL_EDATA, "%s: is no file of accounts", path);
    }
    return err;
}

static tl_err write_book(struct tl_ctx *ctx, const char *path, json_t *root)
{
    char *text = NULL;
    tl_err err = TL_OK;
    json_object_set_new(root, "schema", json_string("tilth.accounts/1"));
    TL_TRY(tl_json_text(ctx, root, &text));
    TL_TRY(tl_private_write(ctx, path, text));
done:
    if (text != NULL)
        tl_secret_wipe(text, strlen(text));
    tl_free(text);
    return err;
}

const char *tl_account_book_state(const json_t *account)
{
    if (tl_account_book_text(account, "locked")[0] != '\0')
        return "locked";
    return tl_account_book_text(account, "password")[0] != '\0' ? "active" : "invited";
}

json_t *tl_account_book_facts(const json_t *account)
{
    return account == NULL
               ? NULL
               : json_pack("{s:s, s:s, s:s}", "name", tl_account_book_text(account, "name"), "role",
                           tl_account_book_text(account, "role"), "state",
                           tl_account_book_state(account));
}

enum tl_account_role tl_account_book_role(const json_t *account)
{
    for (int r = TL_ACCOUNT_ENTRY; r < TL_ACCOUNT_ROLES; r++)
        if (strcmp(tl_account_book_text(account, "role"), role_names[r]) == 0)
            return (enum tl_account_role)r;
    return TL_ACCOUNT_GUEST;
}

bool tl_account_book_has_administrator(json_t *root)
{
    size_t i;
    json_t *account;
    json_array_foreach(tl_account_book_list(root, "accounts"), i, account)
    {
        if (strcmp(tl_account_book_text(account, "role"), role_names[TL_ACCOUNT_ADMINISTRATOR]) ==
                0 &&
            strcmp(tl_account_book_state(account), "active") == 0)
            return true;
    }
    return false;
}

tl_err tl_account_book_change(struct tl_ctx *ctx, const char *path, tl_account_change_fn change,
                              tl_account_settle_fn settle, const char *name, const void *user)
{
    json_t *root = NULL;
    struct tl_account_was was = {0};
    int file = -1;
    tl_err err = TL_OK;
    TL_TRY(tl_private_lock(ctx, path, &file));
    TL_TRY(tl_account_book_read(ctx, path, &root));
    was.has_administrator = tl_account_book_has_administrator(root);
    was.account = name != NULL ? tl_account_book_facts(tl_account_book_named(root, name)) : NULL;
    TL_TRY(change(ctx, root, user));
    if (settle != NULL)
        TL_TRY(settle(ctx, &was, root, user));
    TL_TRY(write_book(ctx, path, root));
done:
    json_decref(root);
    json_decref(was.account);
    if (file >= 0)
        close(file);
    return err;
}

tl_err tl_account_book_path(struct tl_ctx *ctx, const char *project, char *path, size_t n)
{
    if (access(project, F_OK) != 0)
        return tl_fail(ctx, TL_ENOTFOUND, "%s: there is no such project", project);
    if (snprintf(path, n, "%s.accounts", project) >= (int)n)
        return tl_fail(ctx, TL_EUSAGE, "%s: the path is too long", project);
    return TL_OK;
}
