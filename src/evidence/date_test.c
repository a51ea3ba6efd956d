#include "unit.h"

#include "evidence/date.h"

static bool reads(const char *text, enum tl_date_order order, const char *iso)
{
    char out[TL_DATE_BYTES] = "";
    bool same = tl_date_read(text, order, out) == TL_DATE_READ && strcmp(out, iso) == 0;
    if (!same)
        printf("  \"%s\" gave \"%s\", expected \"%s\"\n", text, out, iso);
    return same;
}

static enum tl_date_result result(const char *text)
{
    char out[TL_DATE_BYTES];
    return tl_date_read(text, TL_DATE_AUTO, out);
}

TEST(dates_with_one_reading_are_read_with_their_own_precision)
{
    static const char *const table[][2] = {{"1990", "1990"},
                                           {"1990.0", "1990"},
                                           {" 1990-07 ", "1990-07"},
                                           {"1990-07-14", "1990-07-14"},
                                           {"1990/7/4", "1990-07-04"},
                                           {"1990.07.14", "1990-07-14"},
                                           {"19900714", "1990-07-14"},
                                           {"14/07/1990", "1990-07-14"},
                                           {"07/14/1990", "1990-07-14"},
                                           {"7/7/1990", "1990-07-07"},
                                           {"03.07.1990", "1990-07-03"},
                                           {"14 Jul 1990", "1990-07-14"},
                                           {"July 14, 1990", "1990-07-14"},
                                           {"jul 1990", "1990-07"},
                                           {"14-Jul-1990", "1990-07-14"},
                                           {"1990-07-14T10:00:00Z", "1990-07-14"},
                                           {"1990-07-14 10:00", "1990-07-14"},
                                           {"1990/07/14 00:00:00+00", "1990-07-14"},
                                           {"29/02/2000", "2000-02-29"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK(reads(table[i][0], TL_DATE_AUTO, table[i][1]));
}

TEST(what_has_two_readings_is_not_guessed)
{
    char out[TL_DATE_BYTES];
    CHECK(tl_date_read("03/07/1990", TL_DATE_AUTO, out) == TL_DATE_AMBIGUOUS);
    CHECK_STR(out, "1990-07-03");
    CHECK(reads("03/07/1990", TL_DATE_DMY, "1990-07-03"));
    CHECK(reads("03/07/1990", TL_DATE_MDY, "1990-03-07"));
    CHECK(tl_date_read("33068", TL_DATE_AUTO, out) == TL_DATE_MAYBE_SERIAL);
    CHECK_STR(out, "1990-07-14");
    CHECK(reads("33068", TL_DATE_SERIAL, "1990-07-14"));
    CHECK(reads("33068.75", TL_DATE_SERIAL, "1990-07-14"));
    CHECK(reads("31606", TL_DATE_SERIAL_1904, "1990-07-14"));
    CHECK(reads("25569", TL_DATE_SERIAL, "1970-01-01"));
}

TEST(what_is_no_date_is_refused)
{
    static const char *const table[] = {
        "",        "unknown",    "90",           "14/07/90", "31/02/1990",
        "1990-13", "1990-02-30", "29/02/1900",   "0204",     "1990-07-14x",
        "14//",    "99999999",   "1990-07-14-3", "Foo 1990", "-1990",
        "12"};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (result(table[i]) != TL_DATE_UNREADABLE)
            printf("  \"%s\" was read\n", table[i]);
        CHECK(result(table[i]) == TL_DATE_UNREADABLE);
    }
}

TEST(the_future_is_judged_at_the_precision_of_the_date)
{
    CHECK(!tl_date_is_after("2026", "2026-11-22") && tl_date_is_after("2027", "2026-11-22"));
    CHECK(!tl_date_is_after("2026-11", "2026-11-22") && tl_date_is_after("2026-12", "2026-11-22"));
    CHECK(!tl_date_is_after("2026-11-22", "2026-11-22"));
    CHECK(tl_date_is_after("2026-11-23", "2026-11-22"));
    CHECK_NEAR(tl_date_year("1990"), 1990.5, 0.0);
    CHECK_NEAR(tl_date_year("1990-01-01"), 1990.0, 0.002);
    CHECK(isnan(tl_date_year("x")) && isnan(tl_date_year(NULL)));
    char today[TL_DATE_BYTES];
    tl_date_today(today);
    CHECK(strlen(today) == 10 && result(today) == TL_DATE_READ);
}
