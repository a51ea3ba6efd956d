#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "serve/account.h"

static const char project[] = "account_test.gpkg", book_path[] = "account_test.gpkg.accounts";

static tl_err begin(struct tl_ctx *ctx, struct tl_account_book **book)
{
    FILE *file = fopen(project, "w"); /* accounts do not look into the project */
    if (file == NULL)
        return TL_EIO;
    fclose(file);
    unlink(book_path);
    return tl_account_book_open(ctx, project, book);
}

static tl_err add(struct tl_ctx *ctx, const char *path, const char *name, enum tl_account_role role,
                  const char *password)
{
    char none[TL_ACCOUNT_TOKEN_BYTES];
    return tl_account_change(
        ctx, path,
        &(struct tl_account_edit){
            .act = TL_ACCOUNT_ADD, .name = name, .role = role, .password = password},
        none);
}

static tl_err act(struct tl_ctx *ctx, enum tl_account_act what, const char *name)
{
    return tl_account_change(
        ctx, project,
        &(struct tl_account_edit){.act = what, .name = name, .keeps_administrator = true}, NULL);
}

TEST(an_account_logs_in_and_out)
{
    struct tl_account_book *book = NULL;
    struct tl_call_person person;
    struct stat facts;
    char token[TL_SECRET_HEX] = "";
    CHECK_OK(begin(ctx, &book));
    CHECK(!tl_account_book_has(ctx, book));
    CHECK_OK(add(ctx, project, "О. Коваль", TL_ACCOUNT_APPROVER, "long enough 1"));
    CHECK(tl_account_book_has(ctx, book));
    CHECK(stat(book_path, &facts) == 0 && (facts.st_mode & 0777) == 0600);
    CHECK_FAILS(tl_account_login(ctx, book, "О. Коваль", "long enough 2", token), TL_EDENIED,
                "not right");
    CHECK_FAILS(tl_account_login(ctx, book, "nobody", "long enough 1", token), TL_EDENIED,
                "not right");
    CHECK_STR(token, "");
    CHECK_OK(tl_account_login(ctx, book, "О. Коваль", "long enough 1", token));
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_APPROVER && !person.is_local && strlen(person.csrf) == 64);
    CHECK_STR(person.name, "О. Коваль");
    CHECK(strcmp(person.csrf, token) != 0 && strcmp(person.session, token) != 0);
    CHECK_OK(tl_account_logout(ctx, book, person.session));
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_GUEST && person.name[0] == '\0');
    tl_account_book_free(book);
}

TEST(another_server_sees_changes_and_sessions_end_with_them)
{
    struct tl_account_book *book = NULL, *other = NULL;
    struct tl_call_person person;
    char token[TL_SECRET_HEX];
    CHECK_OK(begin(ctx, &book));
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(tl_account_book_open(ctx, project, &other));
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", token));
    tl_account_whose(ctx, other, token, &person);
    CHECK(person.role == TL_ACCOUNT_ENTRY);
    CHECK_OK(tl_account_change(
        ctx, project,
        &(struct tl_account_edit){.act = TL_ACCOUNT_ROLE, .name = "A", .role = TL_ACCOUNT_VERIFIER},
        NULL));
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_GUEST);
    CHECK_OK(tl_account_login(ctx, other, "A", "long enough 1", token));
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_VERIFIER);
    CHECK_OK(tl_account_change(
        ctx, project, &(struct tl_account_edit){.act = TL_ACCOUNT_REMOVE, .name = "A"}, NULL));
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_GUEST);
    tl_account_book_free(book);
    tl_account_book_free(other);
}

TEST(the_local_key_is_good_once_and_only_without_accounts)
{
    struct tl_account_book *book = NULL;
    struct tl_call_person person;
    char key[TL_SECRET_HEX], token[TL_SECRET_HEX];
    CHECK_OK(begin(ctx, &book));
    tl_account_local_key(book, key);
    CHECK(!tl_account_local_take(book, "", token) && !tl_account_local_take(book, "00", token));
    CHECK(tl_account_local_take(book, key, token));
    for (int i = 0; i < 2 * TL_ACCOUNT_LOCAL_SESSIONS_MAX; i++) /* another browser, and again */
        CHECK(tl_account_local_take(book, key, token));
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_ADMINISTRATOR && person.is_local);
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    tl_account_whose(ctx, book, token,
                     &person); /* as soon as there are accounts, everybody needs one */
    CHECK(person.role == TL_ACCOUNT_GUEST);
    tl_account_book_free(book);
}

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

TEST(a_book_that_cannot_be_read_makes_nobody_more_than_a_guest)
{
    struct tl_account_book *book = NULL;
    struct tl_call_person person;
    char token[TL_SECRET_HEX], *json = NULL;
    CHECK_OK(begin(ctx, &book));
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", token));
    FILE *file = fopen(book_path, "w");
    CHECK(file != NULL);
    fputs("{\"accounts\": nonsense", file);
    fclose(file);
    tl_account_whose(ctx, book, token, &person);
    CHECK(person.role == TL_ACCOUNT_GUEST);
    CHECK_FAILS(add(ctx, project, "B", TL_ACCOUNT_ADMINISTRATOR, "long enough 1"), TL_EDATA,
                "accounts");
    CHECK_FAILS(tl_account_list(ctx, project, &json), TL_EDATA, "line 1");
    tl_account_book_free(book);
}

static double test_day_s, test_clock_s;

static double test_day(void)
{
    return test_day_s;
}

static double test_clock(void)
{
    return test_clock_s;
}

static enum tl_account_role role_of(struct tl_ctx *ctx, struct tl_account_book *book,
                                    const char *token)
{
    struct tl_call_person person;
    tl_account_whose(ctx, book, token, &person);
    return person.role;
}

TEST(a_session_lasts_as_long_as_it_may_whatever_becomes_of_the_clock)
{
    static const double hour = 3600.0;
    struct tl_account_book *book = NULL, *later = NULL;
    char token[TL_SECRET_HEX], second[TL_SECRET_HEX];
    test_day_s = 1.8e9;
    test_clock_s = 1000.0;
    CHECK_OK(begin(ctx, &book));
    tl_account_book_clocks(book, test_day, test_clock);
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", token));
    test_day_s += 11 * hour;
    test_clock_s += 11 * hour;
    CHECK(role_of(ctx, book, token) == TL_ACCOUNT_ENTRY);
    /* The clock is set back by ten hours; an hour and a minute later the twelve hours are over all the same. */
    test_day_s -= 10 * hour;
    CHECK(role_of(ctx, book, token) == TL_ACCOUNT_ENTRY);
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", second));
    test_day_s += hour + 60.0;
    test_clock_s += hour + 60.0;
    CHECK(role_of(ctx, book, token) == TL_ACCOUNT_GUEST);
    CHECK(role_of(ctx, book, second) == TL_ACCOUNT_ENTRY);
    /* A server that starts now knows only the time of day: the second session is of hours to come, and over. */
    CHECK_OK(tl_account_book_open(ctx, project, &later));
    tl_account_book_clocks(later, test_day, test_clock);
    CHECK(role_of(ctx, later, second) == TL_ACCOUNT_GUEST);
    /* Who logs in there has a session of twelve hours. */
    CHECK_OK(tl_account_login(ctx, later, "A", "long enough 1", token));
    CHECK(role_of(ctx, later, token) == TL_ACCOUNT_ENTRY);
    test_day_s += 12 * hour;
    test_clock_s += 12 * hour;
    CHECK(role_of(ctx, later, token) == TL_ACCOUNT_GUEST);
    tl_account_book_free(book);
    tl_account_book_free(later);
}

TEST(a_clock_that_is_corrected_by_a_little_ends_no_session)
{
    struct tl_account_book *book = NULL, *later = NULL;
    char token[TL_SECRET_HEX];
    test_day_s = 1.8e9;
    test_clock_s = 1000.0;
    CHECK_OK(begin(ctx, &book));
    tl_account_book_clocks(book, test_day, test_clock);
    CHECK_OK(add(ctx, project, "A", TL_ACCOUNT_ENTRY, "long enough 1"));
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", token));
    test_day_s -= 60.0;
    CHECK_OK(tl_account_book_open(ctx, project, &later));
    tl_account_book_clocks(later, test_day, test_clock);
    CHECK(role_of(ctx, book, token) == TL_ACCOUNT_ENTRY);
    CHECK(role_of(ctx, later, token) == TL_ACCOUNT_ENTRY);
    tl_account_book_free(book);
    tl_account_book_free(later);
}

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
    CHECK_FAILS(act(ctx, TL_ACCOUNT_LOCK, "A"), TL_ECONFLICT, "last administrator");
    CHECK_OK(tl_account_accept(ctx, book, second, &accept));
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
                                                            .role = TL_ACCOUNT_ENTRY,
                                                            .keeps_administrator = true},
                                  NULL),
                TL_ECONFLICT, "the last administrator");
    CHECK_OK(tl_account_login(ctx, book, "A", "long enough 1", token)); /* nothing was done */
    CHECK_OK(act(ctx, TL_ACCOUNT_UNLOCK, "B"));
    CHECK_OK(act(ctx, TL_ACCOUNT_REMOVE, "A"));
    CHECK_OK(tl_account_login(ctx, book, "B", "long enough 1", token));
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
    edit.keeps_administrator = true;
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
