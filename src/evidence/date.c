/*
 * A date is cut into at most three words (numbers, or the name of a month in English); what each of
 * them can be decides the rest. A guess between day and month would be wrong in two of five cases
 * and nobody would see it, so "03/07/1990" is refused until the mapping says which it is.
 */
#include "evidence/date.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { YEAR_MIN = 1850, YEAR_MAX = 2200, SERIAL_MIN = 10000, SERIAL_MAX = 80000, WORDS_MAX = 3 };

struct word {
    int value;
    int digits; /* 0 = the name of a month */
};

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month];
}

static bool is_day(int year, int month, int day)
{
    return year >= YEAR_MIN && year <= YEAR_MAX && month >= 1 && month <= 12 && day >= 1 &&
           day <= month_days(year, month);
}

static enum tl_date_result write_day(int year, int month, int day, char *iso)
{
    if (!is_day(year, month, day))
        return TL_DATE_UNREADABLE;
    snprintf(iso, TL_DATE_BYTES, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
    return TL_DATE_READ;
}

bool tl_date_order_find(const char *name, enum tl_date_order *order)
{
    static const char *const names[] = {"auto", "ymd", "dmy", "mdy", "serial", "serial-1904"};
    for (int i = 0; i < 6; i++)
        if (strcasecmp(name, names[i]) == 0) {
            *order = (enum tl_date_order)i;
            return true;
        }
    return false;
}

/* Civil date of a count of days since 1970-01-01 (the usual shift to years that begin in March). */
static void civil(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

static enum tl_date_result read_serial(const char *text, bool is_1904, char *iso)
{
    char *end = NULL;
    double serial = strtod(text, &end);
    if (end == text || *end != '\0' || !(serial >= 1.0) || serial > 200000.0)
        return TL_DATE_UNREADABLE;
    int year = 0, month = 0, day = 0;
    civil((int64_t)floor(serial) - (is_1904 ? 24107 : 25569), &year, &month, &day);
    return write_day(year, month, day, iso);
}

static int month_of_name(const char *name, size_t length)
{
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    for (int m = 0; m < 12; m++)
        if (length >= 3 && length <= strlen(names[m]) && strncasecmp(name, names[m], length) == 0)
            return m + 1;
    return 0;
}

/* Next word and the separator after it; false when it is neither digits nor a month. */
static bool next_word(const char **at, struct word *word, char *separator)
{
    const char *c = *at;
    size_t length = 0;
    if (isdigit((unsigned char)*c)) {
        long value = 0;
        for (; isdigit((unsigned char)c[length]) && length < 9; length++)
            value = value * 10 + (c[length] - '0');
        *word = (struct word){(int)value, (int)length};
    } else {
        while (isalpha((unsigned char)c[length]))
            length++;
        *word = (struct word){month_of_name(c, length), 0};
        if (word->value == 0)
            return false;
    }
    c += length;
    *separator = *c;
    while (*c != '\0' && strchr("-/. ,", *c) != NULL)
        c++;
    *at = c;
    return true;
}

static bool is_time(const char *text)
{
    return isdigit((unsigned char)text[0]) && isdigit((unsigned char)text[1]) && text[2] == ':';
}

/* Cuts the text into words; -1 when it is no date. */
static int cut(const char *text, struct word words[WORDS_MAX], char *separator)
{
    int n = 0;
    char after = '\0';
    while (*text != '\0' && n < WORDS_MAX) {
        if (!next_word(&text, &words[n++], &after))
            return -1;
        if (n == 1)
            *separator = after;
        if (after == 'T')
            return is_time(text + 1) && n == 3 ? n : -1;
    }
    if (*text == 'T')
        text++;
    return *text == '\0' || (n == 3 && is_time(text)) ? n : -1;
}

static enum tl_date_result read_named(const struct word *w, int n, char *iso)
{
    int m = n == 3 && w[0].digits == 0 ? 0 : 1;
    if (n == 2 && w[0].digits == 0 && w[1].digits == 4 && w[1].value >= YEAR_MIN) {
        snprintf(iso, TL_DATE_BYTES, "%04d-%02d", w[1].value % 10000, w[0].value % 100);
        return TL_DATE_READ;
    }
    if (n != 3 || w[m].digits != 0)
        return TL_DATE_UNREADABLE;
    const struct word *day = m == 0 ? &w[1] : &w[0], *year = &w[2];
    if (m == 1 && w[0].digits == 4) { /* 1990 Jul 14 */
        day = &w[2];
        year = &w[0];
    }
    if (year->digits != 4 || day->digits < 1 || day->digits > 2)
        return TL_DATE_UNREADABLE;
    return write_day(year->value, w[m].value, day->value, iso);
}

static enum tl_date_result read_year_last(const struct word *w, char separator,
                                          enum tl_date_order order, char *iso)
{
    int year = w[2].value;
    if (w[0].digits > 2 || w[1].digits > 2 || w[2].digits != 4 || order == TL_DATE_YMD)
        return TL_DATE_UNREADABLE;
    if (order == TL_DATE_DMY || (order == TL_DATE_AUTO && separator == '.'))
        return write_day(year, w[1].value, w[0].value, iso);
    if (order == TL_DATE_MDY)
        return write_day(year, w[0].value, w[1].value, iso);
    bool day_first = is_day(year, w[1].value, w[0].value);
    bool month_first = is_day(year, w[0].value, w[1].value);
    if (!day_first && !month_first)
        return TL_DATE_UNREADABLE;
    if (!day_first)
        return write_day(year, w[0].value, w[1].value, iso);
    write_day(year, w[1].value, w[0].value, iso);
    return month_first && w[0].value != w[1].value ? TL_DATE_AMBIGUOUS : TL_DATE_READ;
}

static enum tl_date_result read_one(const char *text, struct word w, enum tl_date_order order,
                                    char *iso)
{
    if (w.digits == 4 && w.value >= YEAR_MIN && w.value <= YEAR_MAX) {
        snprintf(iso, TL_DATE_BYTES, "%04d", w.value % 10000);
        return TL_DATE_READ;
    }
    if (w.digits == 8)
        return write_day(w.value / 10000, w.value / 100 % 100, w.value % 100, iso);
    if (order == TL_DATE_AUTO && w.digits == 5 && w.value >= SERIAL_MIN && w.value <= SERIAL_MAX &&
        read_serial(text, false, iso) == TL_DATE_READ)
        return TL_DATE_MAYBE_SERIAL;
    return TL_DATE_UNREADABLE;
}

enum tl_date_result tl_date_read(const char *text, enum tl_date_order order, char *iso)
{
    char trimmed[64];
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    /* A year that went through a spreadsheet or a data frame comes back as "1990.0". */
    if (length > 5 && memcmp(text + length - 2, ".0", 2) == 0 && order != TL_DATE_DMY &&
        strspn(text, "0123456789") == length - 2)
        length -= 2;
    if (length == 0 || length >= sizeof trimmed)
        return TL_DATE_UNREADABLE;
    memcpy(trimmed, text, length);
    trimmed[length] = '\0';
    if (order == TL_DATE_SERIAL || order == TL_DATE_SERIAL_1904)
        return read_serial(trimmed, order == TL_DATE_SERIAL_1904, iso);
    struct word w[WORDS_MAX] = {{0, 0}};
    char separator = '\0';
    int n = cut(trimmed, w, &separator);
    if (n < 1)
        return TL_DATE_UNREADABLE;
    for (int i = 0; i < n; i++)
        if (w[i].digits == 0)
            return read_named(w, n, iso);
    if (n == 1)
        return read_one(trimmed, w[0], order, iso);
    if (w[0].digits != 4)
        return n == 3 ? read_year_last(w, separator, order, iso) : TL_DATE_UNREADABLE;
    if (n == 3)
        return write_day(w[0].value, w[1].value, w[2].value, iso);
    if (!is_day(w[0].value, w[1].value, 1) || w[1].digits > 2)
        return TL_DATE_UNREADABLE;
    snprintf(iso, TL_DATE_BYTES, "%04d-%02d", w[0].value % 10000, w[1].value % 100);
    return TL_DATE_READ;
}

bool tl_date_is_after(const char *iso, const char *today)
{
    size_t length = strlen(iso);
    return strncmp(iso, today, length > 10 ? 10 : length) > 0;
}

double tl_date_year(const char *iso)
{
    int year = 0, month = 0, day = 0;
    int n = iso == NULL ? 0 : sscanf(iso, "%4d-%2d-%2d", &year, &month, &day);
    if (n < 1 || year <= 0 || (n > 1 && (month < 1 || month > 12)))
        return NAN;
    if (n == 1)
        return year + 0.5;
    if (n == 2)
        return year + (month - 0.5) / 12.0;
    return year + (month - 1) / 12.0 + (day - 0.5) / 366.0;
}

void tl_date_today(char *iso)
{
    time_t now = time(NULL);
    struct tm parts;
    localtime_r(&now, &parts);
    strftime(iso, TL_DATE_BYTES, "%Y-%m-%d", &parts);
}
