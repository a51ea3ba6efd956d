#include "unit.h"

#include "plan/calendar.h"

TEST(days_go_there_and_back_over_leap_years)
{
    static const struct {
        const char *iso;
        int64_t day;
    } known[] = {{"1970-01-01", 0},
                 {"2000-02-29", 11016},
                 {"2000-03-01", 11017},
                 {"2027-01-01", 20819},
                 {"1969-12-31", -1}};
    for (int i = 0; i < 5; i++) {
        char text[TL_CALENDAR_BYTES];
        int64_t day = 99;
        CHECK(tl_calendar_day(known[i].iso, &day));
        CHECK(day == known[i].day);
        tl_calendar_text(day, text);
        CHECK_STR(text, known[i].iso);
    }
    for (int64_t day = -200000; day < 200000; day += 13) {
        char text[TL_CALENDAR_BYTES];
        int64_t again = 0;
        tl_calendar_text(day, text);
        CHECK(tl_calendar_day(text, &again) && again == day);
    }
}

TEST(what_is_no_date_is_refused)
{
    static const char *const bad[] = {"2027-13-01", "2027-02-29", "2027-1-01",  "2027-01-00",
                                      "27-01-01",   "",           "2027-01-0x", "2027/01/01"};
    int64_t day = 7;
    for (int i = 0; i < 8; i++)
        CHECK(!tl_calendar_day(bad[i], &day) && day == 7);
}

TEST(years_go_on_from_a_leap_day)
{
    char text[TL_CALENDAR_BYTES];
    int64_t day = 0;
    CHECK(tl_calendar_day("2028-02-29", &day));
    tl_calendar_text(tl_calendar_years_on(day, 1), text);
    CHECK_STR(text, "2029-02-28");
    tl_calendar_text(tl_calendar_years_on(day, 4), text);
    CHECK_STR(text, "2032-02-29");
}

TEST(months_have_names_numbers_and_spans_over_new_year)
{
    CHECK(tl_calendar_months("April") == 1U << 3);
    CHECK(tl_calendar_months("apr") == 1U << 3);
    CHECK(tl_calendar_months("12") == 1U << 11);
    CHECK(tl_calendar_months("November to February") == 0xC03U);
    CHECK(tl_calendar_months("all year") == 0xFFFU);
    CHECK(tl_calendar_months("Ap") == 0 && tl_calendar_months("13") == 0 &&
          tl_calendar_months("April to") == 0 && tl_calendar_months("") == 0);
}

TEST(working_days_follow_season_week_and_contract)
{
    struct tl_calendar_team team = {.months = 1U << 3, .days_a_week = 5}; /* April 2027 */
    int64_t first, last;
    CHECK(tl_calendar_day("2027-01-01", &first) && tl_calendar_day("2027-12-31", &last));
    team.from = first;
    team.to = last;
    CHECK(tl_calendar_count(&team, first, last) == 22); /* 30 days less 4 week-ends */
    char text[TL_CALENDAR_BYTES];
    tl_calendar_text(tl_calendar_nth(&team, first, last, 0), text);
    CHECK_STR(text, "2027-04-01"); /* a Thursday */
    tl_calendar_text(tl_calendar_nth(&team, first, last, 2), text);
    CHECK_STR(text, "2027-04-05");
    CHECK(tl_calendar_nth(&team, first, last, 22) == last);
    CHECK(tl_calendar_day("2027-04-26", &team.from));
    CHECK(tl_calendar_count(&team, first, last) == 5);
}
