#include "unit.h"

#include "serve/account_fixture.h"

#include "serve/account_book.h"

static void put(const char *text)
{
    FILE *file = fopen(book_path, "w");
    if (file == NULL) /* what is read then is not what is expected */
        return;
    fputs(text, file);
    fclose(file);
}

static bool lets_log_in(struct tl_ctx *ctx, const char *text)
{
    json_t *root = NULL;
    put(text);
    if (tl_account_book_read(ctx, book_path, &root) != TL_OK)
        return false;
    bool has = tl_account_book_has_administrator(root);
    json_decref(root);
    return has;
}

TEST(an_empty_or_absent_file_is_a_book_without_accounts)
{
    json_t *root = NULL;
    unlink(book_path);
    CHECK_OK(tl_account_book_read(ctx, book_path, &root));
    CHECK(json_array_size(tl_account_book_list(root, "accounts")) == 0);
    json_decref(root);
    root = NULL;
    put("");
    CHECK_OK(tl_account_book_read(ctx, book_path, &root));
    json_decref(root);
    root = NULL;
    put("{\"schema\": \"tilth.accounts/2\"}");
    CHECK_FAILS(tl_account_book_read(ctx, book_path, &root), TL_EDATA, "no file of accounts");
    CHECK(root == NULL);
}

TEST(an_administrator_counts_who_can_log_in)
{
    CHECK(!lets_log_in(ctx, "{\"schema\": \"tilth.accounts/1\", \"accounts\": [{\"name\": \"A\", "
                            "\"role\": \"approver\", \"password\": \"x\"}]}"));
    CHECK(!lets_log_in(ctx, "{\"schema\": \"tilth.accounts/1\", \"accounts\": [{\"name\": \"A\", "
                            "\"role\": \"administrator\", \"password\": \"\"}]}"));
    CHECK(!lets_log_in(
        ctx, "{\"schema\": \"tilth.accounts/1\", \"accounts\": [{\"name\": \"A\", "
             "\"role\": \"administrator\", \"password\": \"x\", \"locked\": \"2026\"}]}"));
    CHECK(lets_log_in(ctx, "{\"schema\": \"tilth.accounts/1\", \"accounts\": [{\"name\": \"A\", "
                           "\"role\": \"administrator\", \"password\": \"x\"}]}"));
}

static tl_err spoil(struct tl_ctx *ctx, json_t *root, const void *user)
{
    (void)user;
    json_array_clear(tl_account_book_list(root, "accounts"));
    return tl_fail(ctx, TL_EUSAGE, "no");
}

TEST(what_a_change_refuses_leaves_the_file_as_it_was)
{
    json_t *root = NULL;
    put("{\"schema\": \"tilth.accounts/1\", \"accounts\": [{\"name\": \"A\", \"role\": "
        "\"entry\"}]}");
    CHECK_FAILS(tl_account_book_change(ctx, book_path, spoil, NULL, NULL, NULL), TL_EUSAGE, "no");
    CHECK_OK(tl_account_book_read(ctx, book_path, &root));
    const json_t *account = tl_account_book_named(root, "A");
    CHECK(account != NULL && tl_account_book_role(account) == TL_ACCOUNT_ENTRY);
    CHECK_STR(tl_account_book_state(account), "invited");
    json_decref(root);
}
