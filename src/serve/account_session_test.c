#include "unit.h"

#include "serve/account_fixture.h"

#include <sys/stat.h>

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
