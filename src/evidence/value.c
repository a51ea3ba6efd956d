/*
 * What one column takes. Nothing is mended silently: a decimal comma, a choice that is nearly one,
 * a serial number of a spreadsheet are refused with the value that would be taken as a proposal.
 */
#include "evidence/value.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/catalogue.h"
#include "core/text.h"

static void refuse_value(struct tl_value *value, enum tl_reason reason, const char *format, ...)
    TL_PRINTF(3, 4);

static void refuse_value(struct tl_value *value, enum tl_reason reason, const char *format, ...)
{
    value->reason = reason;
    value->text = NULL;
    va_list args;
    va_start(args, format);
    vsnprintf(value->message, sizeof value->message, format, args);
    va_end(args);
}

bool tl_value_number(const char *text, double *number)
{
    /* strtod takes hexadecimals, "inf" and "nan"; people who write those in a table do not mean a
     * number. */
    if (text[strspn(text, "0123456789+-.eE ")] != '\0')
        return false;
    char *end = NULL;
    double value = strtod(text, &end);
    if (end == text || !isfinite(value))
        return false;
    while (*end == ' ')
        end++;
    if (*end != '\0')
        return false;
    *number = value;
    return true;
}

/* "2,5" has a decimal comma. "1,234" may part thousands as well: of whole numbers it does, of others nobody can know. */
static void propose_number(const struct tl_column *column, const char *text, struct tl_value *value)
{
    char mended[TL_VALUE_BYTES];
    double number = 0.0;
    const char *found = strchr(text, ',');
    if (strlen(text) >= sizeof mended || found == NULL || strchr(found + 1, ',') != NULL)
        return;
    bool parts_thousands = strspn(found + 1, "0123456789") == 3 && found[4] == '\0' &&
                           found - text <= 3 && text[0] != '0';
    bool is_whole = column->type == TL_COLUMN_INTEGER;
    snprintf(mended, sizeof mended, is_whole && parts_thousands ? "%.*s%s" : "%.*s.%s",
             (int)(found - text), text, found + 1);
    if (!tl_value_number(mended, &number) || (parts_thousands && !is_whole) ||
        (is_whole && number != floor(number)))
        return;
    memcpy(value->proposal, mended, sizeof mended);
}

static void check_number(const struct tl_column *column, const char *text, struct tl_value *value)
{
    double number = 0.0;
    if (!tl_value_number(text, &number)) {
        propose_number(column, text, value);
        refuse_value(value, TL_REASON_NUMBER_UNREADABLE, "%s is \"%.80s\", expected a number",
                     column->name, text);
    } else if ((column->min != 0.0 || column->max != 0.0) &&
               (number < column->min || number > column->max)) {
        refuse_value(value, TL_REASON_OUT_OF_RANGE, "%s is %s, expected %g to %g", column->name,
                     text, column->min, column->max);
    } else if (column->type == TL_COLUMN_INTEGER) {
        if (number != floor(number) || fabs(number) > 9e15)
            refuse_value(value, TL_REASON_NUMBER_UNREADABLE, "%s is %s, expected a whole number",
                         column->name, text);
        else if (strspn(text, "0123456789") != strlen(text)) {
            snprintf(value->room, sizeof value->room, "%.0f", number);
            value->text = value->room;
        }
    }
}

static void check_choice(const struct tl_column *column, const char *text, struct tl_value *value)
{
    size_t length = strlen(text);
    const char *nearest = NULL;
    size_t nearest_length = 0;
    for (const char *c = column->choices; c != NULL && *c != '\0';) {
        size_t n = strcspn(c, "|");
        if (n == length && strncasecmp(c, text, n) == 0 && n < sizeof value->room) {
            memcpy(value->room, c, n);
            value->room[n] = '\0';
            value->text = value->room;
            return;
        }
        size_t shorter = n < length ? n : length;
        if (nearest == NULL && shorter >= 3 && strncasecmp(c, text, shorter) == 0) {
            nearest = c;
            nearest_length = n;
        }
        c += n + (c[n] == '|');
    }
    if (nearest != NULL && nearest_length < sizeof value->proposal) {
        memcpy(value->proposal, nearest, nearest_length);
        value->proposal[nearest_length] = '\0';
    }
    refuse_value(value, TL_REASON_UNKNOWN_CHOICE, "%s is \"%.80s\", expected one of %.160s",
                 column->name, text, column->choices);
}

static void check_yesno(const struct tl_column *column, const char *text, struct tl_value *value)
{
    static const char *const yes[] = {"1", "yes", "y", "true", "t"};
    static const char *const no[] = {"0", "no", "n", "false", "f"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            value->text = "1";
        if (strcasecmp(text, no[i]) == 0)
            value->text = "0";
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0)
            return;
    }
    refuse_value(value, TL_REASON_UNKNOWN_CHOICE, "%s is \"%.80s\", expected yes or no",
                 column->name, text);
}

static void check_date(const struct tl_column *column, const char *text,
                       const struct tl_value_dates *dates, struct tl_value *value)
{
    char iso[TL_DATE_BYTES] = "";
    switch (tl_date_read(text, dates->order, iso)) {
    case TL_DATE_READ:
        break;
    case TL_DATE_AMBIGUOUS:
        snprintf(value->proposal, sizeof value->proposal, "%s", iso);
        refuse_value(value, TL_REASON_DATE_AMBIGUOUS,
                     "%s is \"%.40s\": which is the day? map date_format==dmy or date_format==mdy",
                     column->name, text);
        return;
    case TL_DATE_MAYBE_SERIAL:
        snprintf(value->proposal, sizeof value->proposal, "%s", iso);
        refuse_value(value, TL_REASON_DATE_UNREADABLE,
                     "%s is \"%.40s\", which as a spreadsheet's serial number is %s: map "
                     "date_format==serial",
                     column->name, text, iso);
        return;
    case TL_DATE_UNREADABLE:
        refuse_value(value, TL_REASON_DATE_UNREADABLE,
                     "%s is \"%.80s\", expected a date such as 1990, 1990-07 or 1990-07-14",
                     column->name, text);
        return;
    }
    if (tl_date_is_after(iso, dates->today)) {
        refuse_value(value, TL_REASON_DATE_FUTURE, "%s is %s, which lies after today (%s)",
                     column->name, iso, dates->today);
        return;
    }
    memcpy(value->room, iso, sizeof iso);
    value->text = value->room;
    if (strlen(iso) == 4) {
        value->reason = TL_REASON_YEAR_ONLY;
        snprintf(value->message, sizeof value->message,
                 TL_CATALOGUE_MARK("%s is %s, without month and day"), column->name, iso);
    }
}

void tl_value_check(const struct tl_column *column, const char *text,
                    const struct tl_value_dates *dates, struct tl_value *value)
{
    value->reason = TL_REASON_NONE;
    value->text = NULL;
    value->proposal[0] = value->message[0] = '\0';
    if (text == NULL || text[0] == '\0')
        return;
    value->text = text;
    switch (column->type) {
    case TL_COLUMN_TEXT:
        if (!tl_text_is_utf8(text, (int64_t)strlen(text)))
            refuse_value(
                value, TL_REASON_BAD_TEXT,
                "%s is not UTF-8 text: say how the file is encoded (--encoding ISO-8859-1?)",
                column->name);
        break;
    case TL_COLUMN_INTEGER:
    case TL_COLUMN_REAL:
        check_number(column, text, value);
        break;
    case TL_COLUMN_DATE:
        check_date(column, text, dates, value);
        break;
    case TL_COLUMN_CHOICE:
        check_choice(column, text, value);
        break;
    case TL_COLUMN_YESNO:
        check_yesno(column, text, value);
        break;
    }
}
