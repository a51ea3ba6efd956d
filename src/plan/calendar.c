/* Days from civil dates and back: H. Hinnant, "chrono-compatible low-level date algorithms" (eras of 400 years = 146,097 days). */
#include "plan/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const int64_t ERA_DAYS = 146097;
static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void to_civil(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
    int64_t of_era = days - era * ERA_DAYS;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
    *day = of_year - (153 * m + 2) / 5 + 1;
    *month = m < 10 ? m + 3 : m - 9;
    *year = y + era * 400 + (*month <= 2);
}

bool tl_calendar_day(const char *iso, int64_t *day)
{
    int year, month, d, n = 0;
    if (strlen(iso) != 10 || sscanf(iso, "%4d-%2d-%2d%n", &year, &month, &d, &n) != 3 || n != 10 ||
        iso[4] != '-' || iso[7] != '-' || strspn(iso, "0123456789-") != 10)
        return false;
    if (month < 1 || month > 12 || d < 1 ||
        d > month_days[month - 1] + (month == 2 && is_leap(year)))
        return false;
    *day = from_civil(year, month, d);
    return true;
}

void tl_calendar_text(int64_t day, char *iso)
{
    int64_t year, month, d;
    to_civil(day, &year, &month, &d);
    snprintf(iso, TL_CALENDAR_BYTES, "%04u-%02u-%02u", (unsigned)year % 10000U,
             (unsigned)month % 100U, (unsigned)d % 100U);
}

int64_t tl_calendar_years_on(int64_t day, int64_t n)
{
    int64_t year, month, d;
    to_civil(day, &year, &month, &d);
    year += n;
    return from_civil(year, month, month == 2 && d == 29 && !is_leap(year) ? 28 : d);
}

/* Number of a month, 0 when it is none: its name or three letters of it or more, or 1 to 12. */
static int month_of(const char *text, size_t n)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    char word[16], *end;
    if (n == 0 || n >= sizeof word)
        return 0;
    memcpy(word, text, n);
    word[n] = '\0';
    long number = strtol(word, &end, 10);
    if (*end == '\0')
        return number >= 1 && number <= 12 ? (int)number : 0;
    for (int m = 0; m < 12; m++)
        if (n >= 3 && n <= strlen(names[m]) && strncasecmp(names[m], word, n) == 0)
            return m + 1;
    return 0;
}

unsigned tl_calendar_months(const char *text)
{
    const char *to = strstr(text, " to ");
    size_t n = to != NULL ? (size_t)(to - text) : strlen(text);
    if (strcasecmp(text, "all year") == 0)
        return TL_CALENDAR_ALL_MONTHS;
    int first = month_of(text, n), last = to != NULL ? month_of(to + 4, strlen(to + 4)) : first;
    unsigned months = 0;
    if (first == 0 || last == 0)
        return 0;
    for (int m = first;; m = m % 12 + 1) {
        months |= 1U << (m - 1);
        if (m == last)
            return months;
    }
}

bool tl_calendar_works(const struct tl_calendar_team *team, int64_t day)
{
    int64_t year, month, d, weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    if (day < team->from || day > team->to || weekday >= team->days_a_week)
        return false;
    to_civil(day, &year, &month, &d);
    return (team->months >> (month - 1) & 1U) != 0;
}

int64_t tl_calendar_count(const struct tl_calendar_team *team, int64_t first, int64_t last)
{
    int64_t n = 0;
    for (int64_t day = first; day <= last; day++)
        n += tl_calendar_works(team, day);
    return n;
}

int64_t tl_calendar_nth(const struct tl_calendar_team *team, int64_t first, int64_t last, int64_t n)
{
    for (int64_t day = first; day <= last; day++)
        if (tl_calendar_works(team, day) && n-- == 0)
            return day;
    return last;
}
