/** Days of the (proleptic Gregorian) calendar, and which of them a team works. */
#ifndef TL_PLAN_CALENDAR_H
#define TL_PLAN_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

enum { TL_CALENDAR_BYTES = 11, TL_CALENDAR_ALL_MONTHS = 0xFFF };

/** Days since 1970-01-01 of "2027-03-01"; false when it is not a date. */
bool tl_calendar_day(const char *iso, int64_t *day);
/** "2027-03-01", for the years 0 to 9999. @param[out] iso  TL_CALENDAR_BYTES */
void tl_calendar_text(int64_t day, char *iso);
/** First day of the n-th year from a date (0 = the date itself); 29 February becomes 28 February where there is none. */
int64_t tl_calendar_years_on(int64_t day, int64_t n);

/** Months of "April", "apr", "4" or of a span "November to March"; 0 when it is neither. Bit 0 is January. */
unsigned tl_calendar_months(const char *text);

struct tl_calendar_team {
    unsigned months;  /* bits; works in these */
    int days_a_week;  /* from Monday on */
    int64_t from, to; /* first and last day */
};

bool tl_calendar_works(const struct tl_calendar_team *team, int64_t day);
/** Working days from `first` to `last`, both included. */
int64_t tl_calendar_count(const struct tl_calendar_team *team, int64_t first, int64_t last);
/** The n-th working day (0 = the first one) from `first` on; `last` when there are fewer. */
int64_t tl_calendar_nth(const struct tl_calendar_team *team, int64_t first, int64_t last,
                        int64_t n);

#endif
