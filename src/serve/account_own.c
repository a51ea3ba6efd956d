/* A password that its owner sets: by an invitation, a link that is good once, in the place of a password that two people know; or in the place of their old one. */
#include <stdio.h>
#include <string.h>

#include "serve/account_book.h"

/* The account that a token invites, where it still does. */
static json_t *invited_by(json_t *root, const char *token, int64_t now)
{
    char hash[TL_SECRET_HEX];
    size_t i;
    json_t *account;
    tl_secret_derive("tilth invitation", token, hash);
    json_array_foreach(tl_account_book_list(root, "accounts"), i, account)
    {
        const json_t *invitation = json_object_get(account, "invitation");
        if (invitation != NULL && tl_secret_same(tl_account_book_text(invitation, "hash"), hash) &&
            json_integer_value(json_object_get(invitation, "until")) > (json_int_t)now &&
            strcmp(tl_account_book_state(account), "invited") == 0)
            return account;
    }
    return NULL;
}

static tl_err not_invited(struct tl_ctx *ctx)
{
    return tl_fail(ctx, TL_EDENIED,
                   "this invitation was used, replaced or is too old; ask an administrator for a "
                   "new one");
}

tl_err tl_account_invited(struct tl_ctx *ctx, struct tl_account_book *book, const char *token,
                          char name[TL_ACCOUNT_NAME_BYTES], enum tl_account_role *role)
{
    pthread_mutex_lock(&book->lock);
    tl_account_book_refresh(ctx, book);
    const json_t *account = invited_by(book->root, token, tl_account_book_now(book));
    if (account != NULL)
        snprintf(name, TL_ACCOUNT_NAME_BYTES, "%s", tl_account_book_text(account, "name"));
    if (account != NULL)
        *role = tl_account_book_role(account);
    pthread_mutex_unlock(&book->lock);
    return account != NULL ? TL_OK : not_invited(ctx);
}

struct acceptance {
    struct tl_account_change change;
    const char *token;
    int64_t now;
};

static tl_err take_invitation(struct tl_ctx *ctx, json_t *root, const void *user)
{
    const struct acceptance *acceptance = user;
    if (invited_by(root, acceptance->token, acceptance->now) == NULL) /* used a moment ago */
        return not_invited(ctx);
    return tl_account_change_apply(ctx, root, &acceptance->change);
}

static tl_err settle_acceptance(struct tl_ctx *ctx, const struct tl_account_was *was, json_t *root,
                                const void *user)
{
    return tl_account_change_settle(ctx, was, root, &((const struct acceptance *)user)->change);
}

tl_err tl_account_accept(struct tl_ctx *ctx, struct tl_account_book *book, const char *token,
                         const struct tl_account_edit *edit)
{
    struct acceptance acceptance = {.change = {.edit = edit}, .token = token};
    tl_err err = TL_OK;
    TL_TRY(tl_account_change_hash(ctx, edit->name, edit->password, acceptance.change.hash));
    pthread_mutex_lock(&book->lock);
    acceptance.now = tl_account_book_now(book);
    pthread_mutex_unlock(&book->lock);
    TL_TRY(tl_account_book_change(ctx, book->path, take_invitation, settle_acceptance, edit->name,
                                  &acceptance));
done:
    tl_secret_wipe(&acceptance, sizeof acceptance);
    return err;
}

/* The old password was asked for a moment ago. Since then an administrator may have reset, locked or removed the account: its sessions are over then. */
static tl_err replace_password(struct tl_ctx *ctx, json_t *root, const void *user)
{
    const struct tl_account_change *change = user;
    size_t i;
    const json_t *session;
    json_array_foreach(tl_account_book_list(root, "sessions"), i, session)
    {
        if (strcmp(tl_account_book_text(session, "hash"), change->keeps) == 0 &&
            strcmp(tl_account_book_text(session, "account"), change->edit->name) == 0)
            return tl_account_change_apply(ctx, root, user);
    }
    return tl_fail(ctx, TL_EDENIED, "this session is over; log in again");
}

tl_err tl_account_own_password(struct tl_ctx *ctx, struct tl_account_book *book,
                               const char *session, const struct tl_account_edit *edit)
{
    struct tl_account_change change = {.edit = edit, .keeps = session};
    tl_err err = TL_OK;
    TL_TRY(tl_account_change_hash(ctx, edit->name, edit->password, change.hash));
    TL_TRY(tl_account_book_change(ctx, book->path, replace_password, tl_account_change_settle,
                                  edit->name, &change));
done:
    tl_secret_wipe(&change.hash, sizeof change.hash);
    return err;
}
