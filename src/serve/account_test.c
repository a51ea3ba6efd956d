#include "unit.h"

#include "serve/account_fixture.h"

TEST(what_cannot_be_is_refused_in_words)
{
    struct tl_account_book *book = NULL;
    enum tl_account_role role = TL_ACCOUNT_GUEST;
    char *json = NULL;
    CHECK_OK(begin(ctx, &book));
    CHECK_FAILS(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "short"), TL_EUSAGE,
                "expected 10 to 1024");
    CHECK_FAILS(add(ctx, project, "", TL_ACCOUNT_ENTRY, "long enough 1"), TL_EUSAGE, "not a name");
    CHECK_FAILS(add(ctx, project, "a\nb", TL_ACCOUNT_ENTRY, "long enough 1"), TL_EUSAGE,
                "not a name");
    CHECK_FAILS(add(ctx, project, " a", TL_ACCOUNT_ENTRY, "long enough 1"), TL_EUSAGE,
                "not a name");
    CHECK_FAILS(add(ctx, project, "same same same", TL_ACCOUNT_ENTRY, "same same same"), TL_EUSAGE,
                "account's name");
    CHECK_FAILS(add(ctx, "no_such.gpkg", "A", TL_ACCOUNT_ENTRY, "long enough 1"), TL_ENOTFOUND,
                "no such project");
    CHECK_FAILS(tl_account_change(ctx, project,
                                  &(struct tl_account_edit){.act = TL_ACCOUNT_PASSWORD,
                                                            .name = "A",
                                                            .password = "long enough 1"},
                                  NULL),
                TL_ENOTFOUND, "no account \"A\"");
    CHECK_FAILS(tl_account_change(ctx, project,
                                  &(struct tl_account_edit){.act = TL_ACCOUNT_REMOVE, .name = "A"},
                                  NULL),
                TL_ENOTFOUND, "no account");
    CHECK_FAILS(tl_account_role_find(ctx, "guest", &role), TL_EUSAGE, "expected entry");
    CHECK_OK(tl_account_role_find(ctx, "quality", &role));
    CHECK(role == TL_ACCOUNT_QUALITY);
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_FAILS(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"), TL_EEXISTS, "already");
    CHECK_OK(tl_account_list(ctx, project, &json));
    CHECK(strstr(json, "\"A\"") != NULL && strstr(json, "argon2") == NULL);
    tl_free(json);
    tl_account_book_free(book);
}

TEST(a_lock_ends_sessions_and_the_last_administrator_stays)
{
    struct tl_account_book *book = NULL;
    struct tl_call_person person;
    char token[TL_SECRET_HEX];
    CHECK_OK(begin(ctx, &book));
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ADMINISTRATOR, "long enough 1"));
    CHECK_OK(add(ctx, project, "B", TL_ACCOUNT_ADMINISTRATOR, "long enough 1"));
    CHECK_OK(tl_account_login(ctx, book, "B", "long enough 1", token));
    CHECK_OK(act(ctx, TL_ACCOUNT_LOCK, "B"));
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_GUEST);
    CHECK_FAILS(tl_account_login(ctx, book, "B", "long enough 1", token), TL_EDENIED, "is locked");
    CHECK_FAILS(tl_account_login(ctx, book, "B", "long enough 2", token), TL_EDENIED, "not right");
    CHECK_FAILS(act(ctx, TL_ACCOUNT_LOCK, "A"), TL_ECONFLICT, "the last administrator");
    CHECK_FAILS(act(ctx, TL_ACCOUNT_REMOVE, "A"), TL_ECONFLICT, "name another one first");
    CHECK_FAILS(tl_account_change(ctx, project,
                                  &(struct tl_account_edit){.act = TL_ACCOUNT_ROLE,
                                                            .name = "A",
                                                            .role = TL_ACCOUNT_ENTRY},
                                  NULL),
                TL_ECONFLICT, "the last administrator");
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", token)); /* nothing was done */
    CHECK_OK(act(ctx, TL_ACCOUNT_UNLOCK, "B"));
    CHECK_OK(act(ctx, TL_ACCOUNT_REMOVE, "A"));
    CHECK_OK(tl_account_login(ctx, book, "B", "long enough 1", token));
    tl_account_book_free(book);
}

/* Made by the command, which can mend it: what was not there is not taken away. */
TEST(a_book_that_has_no_administrator_can_be_changed_and_mended)
{
    struct tl_account_book *book = NULL;
    CHECK_OK(begin(ctx, &book));
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(act(ctx, TL_ACCOUNT_LOCK, "A"));
    CHECK_OK(act(ctx, TL_ACCOUNT_UNLOCK, "A"));
    CHECK_OK(add(ctx, project, "B", TL_ACCOUNT_ADMINISTRATOR, "long enough 1"));
    CHECK_OK(act(ctx, TL_ACCOUNT_REMOVE, "A"));
    CHECK_FAILS(act(ctx, TL_ACCOUNT_REMOVE, "B"), TL_ECONFLICT, "the last administrator");
    tl_account_book_free(book);
}

static tl_err keep_line(struct tl_ctx *ctx, void *user, const char *op, const char *before,
                        const char *after)
{
    char *line = user;
    if (line[0] == '!')
        return tl_fail(ctx, TL_ELOCKED, "another program is writing");
    snprintf(line, 400, "%s %s -> %s", op, before != NULL ? before : "none",
             after != NULL ? after : "none");
    return TL_OK;
}

TEST(what_cannot_be_written_down_is_not_done)
{
    struct tl_account_book *book = NULL;
    char line[400] = "", token[TL_SECRET_HEX];
    struct tl_account_edit edit = {.act = TL_ACCOUNT_ADD,
                                   .name = "A",
                                   .role = TL_ACCOUNT_ENTRY,
                                   .password = "long enough 1",
                                   .note = keep_line,
                                   .user = line};
    CHECK_OK(begin(ctx, &book));
    edit.is_by_local = true;
    CHECK_FAILS(tl_account_change(ctx, project, &edit, NULL), TL_ECONFLICT, "first account");
    CHECK_STR(line, "");
    edit.role = TL_ACCOUNT_ADMINISTRATOR;
    CHECK_OK(tl_account_change(ctx, project, &edit, NULL));
    CHECK_STR(line, "insert none -> {\"name\":\"A\",\"role\":\"administrator\",\"state\":"
                    "\"active\"}\n");
    edit.act = TL_ACCOUNT_PASSWORD;
    edit.password = "long enough 2";
    CHECK_OK(tl_account_change(ctx, project, &edit, NULL));
    CHECK(strstr(line, "update ") == line && strstr(line, "\"password\":\"new\"") != NULL);
    CHECK(strstr(line, "argon") == NULL && strstr(line, "long enough") == NULL);
    edit.password = "long enough 3";
    line[0] = '!';
    CHECK_FAILS(tl_account_change(ctx, project, &edit, NULL), TL_ELOCKED, "is writing");
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 2", token));
    tl_account_book_free(book);
}
