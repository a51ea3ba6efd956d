/** What the tests of accounts share: a project's file, and its book. */
#ifndef TL_SERVE_ACCOUNT_FIXTURE_H
#define TL_SERVE_ACCOUNT_FIXTURE_H

#include <stdio.h>
#include <unistd.h>

#include "serve/account.h"

static const char project[] = "account_test.gpkg", book_path[] = "account_test.gpkg.accounts";

static inline tl_err begin(struct tl_ctx *ctx, struct tl_account_book **book)
{
    FILE *file = fopen(project, "w"); /* accounts do not look into the project */
    if (file == NULL)
        return TL_EIO;
    fclose(file);
    unlink(book_path);
    return tl_account_book_open(ctx, project, book);
}

static inline tl_err add(struct tl_ctx *ctx, const char *path, const char *name,
                         enum tl_account_role role, const char *password)
{
    char none[TL_ACCOUNT_TOKEN_BYTES];
    return tl_account_change(
        ctx, path,
        &(struct tl_account_edit){
            .act = TL_ACCOUNT_ADD, .name = name, .role = role, .password = password},
        none);
}

static inline tl_err act(struct tl_ctx *ctx, enum tl_account_act what, const char *name)
{
    return tl_account_change(ctx, project, &(struct tl_account_edit){.act = what, .name = name},
                             NULL);
}

static inline enum tl_account_role role_of(struct tl_ctx *ctx, struct tl_account_book *book,
                                           const char *token)
{
    struct tl_call_person person;
    tl_account_whose(ctx, book, token, &person);
    return person.role;
}

#endif
