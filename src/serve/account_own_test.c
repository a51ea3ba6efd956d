#include "unit.h"

#include "serve/account_fixture.h"

TEST(an_invitation_is_good_once_and_nobody_else_knows_the_password)
{
    struct tl_account_book *book = NULL;
    const struct tl_account_edit invite = {
        .act = TL_ACCOUNT_ADD, .name = "A", .role = TL_ACCOUNT_VERIFIER};
    struct tl_account_edit accept = {.act = TL_ACCOUNT_PASSWORD, .name = "A", .password = "short"};
    enum tl_account_role role = TL_ACCOUNT_GUEST;
    char token[TL_ACCOUNT_TOKEN_BYTES], second[TL_ACCOUNT_TOKEN_BYTES], session[TL_SECRET_HEX],
        name[TL_ACCOUNT_NAME_BYTES] = "", *json = NULL;
    CHECK_OK(begin(ctx, &book));
    CHECK_OK(tl_account_change(ctx, project, &invite, token));
    CHECK(strlen(token) == 64);
    CHECK_FAILS(tl_account_login(ctx, book, "A", "", session), TL_EDENIED, "not right");
    CHECK_OK(tl_account_list(ctx, project, &json));
    CHECK(strstr(json, "\"invited\"") != NULL && strstr(json, token) == NULL);
    tl_free(json);
    CHECK_FAILS(tl_account_invited(ctx, book, "00", name, &role), TL_EDENIED, "a new one");
    CHECK_OK(tl_account_invited(ctx, book, token, name, &role));
    CHECK(role == TL_ACCOUNT_VERIFIER);
    CHECK_STR(name, "A");
    CHECK_FAILS(tl_account_accept(ctx, book, token, &accept), TL_EUSAGE, "expected 10");
    accept.password = "my own words 1";
    CHECK_OK(tl_account_accept(ctx, book, token, &accept));
    CHECK_FAILS(tl_account_accept(ctx, book, token, &accept), TL_EDENIED, "was used");
    CHECK_OK(tl_account_login(ctx, book, "A", "my own words 1", session));
    CHECK_OK(tl_account_change(
        ctx, project, &(struct tl_account_edit){.act = TL_ACCOUNT_INVITE, .name = "A"}, token));
    CHECK_OK(tl_account_change(
        ctx, project, &(struct tl_account_edit){.act = TL_ACCOUNT_INVITE, .name = "A"}, second));
    CHECK_FAILS(tl_account_login(ctx, book, "A", "my own words 1", session), TL_EDENIED,
                "not right");
    CHECK_FAILS(tl_account_accept(ctx, book, token, &accept), TL_EDENIED, "replaced");
    CHECK_OK(tl_account_accept(ctx, book, second, &accept));
    tl_account_book_free(book);
}

static tl_err set_own(struct tl_ctx *ctx, struct tl_account_book *book, const char *token,
                      const char *password)
{
    struct tl_call_person person;
    const struct tl_account_edit edit = {
        .act = TL_ACCOUNT_PASSWORD, .name = "A", .password = password};
    tl_account_whose(ctx, book, token, &person);
    return tl_account_own_password(ctx, book, person.session, &edit);
}

TEST(a_person_sets_another_password_and_only_their_other_sessions_end)
{
    struct tl_account_book *book = NULL;
    char here[TL_SECRET_HEX], there[TL_SECRET_HEX], other[TL_SECRET_HEX];
    CHECK_OK(begin(ctx, &book));
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(add(ctx, project, "B", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", here));
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", there));
    CHECK_OK(tl_account_login(ctx, book, "B", "long enough 1", other));
    CHECK_FAILS(set_own(ctx, book, here, "short"), TL_EUSAGE, "expected 10 to 1024");
    CHECK(role_of(ctx, book, there) == TL_ACCOUNT_ENTRY); /* nothing was done */
    CHECK_OK(set_own(ctx, book, here, "long enough 2"));
    CHECK(role_of(ctx, book, here) == TL_ACCOUNT_ENTRY);
    CHECK(role_of(ctx, book, there) == TL_ACCOUNT_GUEST);
    CHECK(role_of(ctx, book, other) == TL_ACCOUNT_ENTRY);
    CHECK_FAILS(tl_account_check(ctx, book, "A", "long enough 1"), TL_EDENIED, "not right");
    CHECK_OK(tl_account_check(ctx, book, "A", "long enough 2"));
    CHECK_OK(tl_account_check(ctx, book, "B", "long enough 1"));
    tl_account_book_free(book);
}

TEST(a_session_that_has_ended_sets_no_password)
{
    struct tl_account_book *book = NULL;
    struct tl_call_person person, stranger;
    const struct tl_account_edit edit = {
        .act = TL_ACCOUNT_PASSWORD, .name = "A", .password = "long enough 2"};
    char token[TL_SECRET_HEX], invitation[TL_ACCOUNT_TOKEN_BYTES];
    CHECK_OK(begin(ctx, &book));
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(add(ctx, project, "B", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(tl_account_login(ctx, book, "B", "long enough 1", token));
    tl_account_whose(ctx, book, token, &stranger);
    CHECK_FAILS(tl_account_own_password(ctx, book, stranger.session, &edit), TL_EDENIED,
                "log in again");
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", token));
    tl_account_whose(ctx, book, token, &person);
    /* Between the question for the old password and the change an administrator has taken it away. */
    CHECK_OK(tl_account_change(ctx, project,
                               &(struct tl_account_edit){.act = TL_ACCOUNT_INVITE, .name = "A"},
                               invitation));
    CHECK_FAILS(tl_account_own_password(ctx, book, person.session, &edit), TL_EDENIED,
                "log in again");
    CHECK_FAILS(tl_account_check(ctx, book, "A", "long enough 2"), TL_EDENIED, "not right");
    tl_account_book_free(book);
}
