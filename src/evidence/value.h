/** Text of a source brought to what a column of the register takes, or why that cannot be. */
#ifndef TL_EVIDENCE_VALUE_H
#define TL_EVIDENCE_VALUE_H

#include "evidence/date.h"
#include "evidence/reason.h"

enum { TL_VALUE_BYTES = 64 };

/** What reading a value gave. `text` may point into `room`: not to be copied. */
struct tl_value {
    enum tl_reason reason;     /* TL_REASON_NONE, a refusal, or TL_REASON_YEAR_ONLY (taken in) */
    const char *text;          /* borrows: NULL = not known */
    char room[TL_VALUE_BYTES]; /* holds `text` where it is not the input's own */
    char proposal[TL_VALUE_BYTES]; /* a value that would be taken, "" when there is none */
    char message[320];
};

/** How dates are read. */
struct tl_value_dates {
    enum tl_date_order order;
    char today[TL_DATE_BYTES];
};

/**
 * Checks a value (without blanks around it) against a column: NULL and "" are "not known"; a choice
 * in any case is brought to the register's spelling; a number must be one and lie in the column's
 * range.
 */
void tl_value_check(const struct tl_column *column, const char *text,
                    const struct tl_value_dates *dates, struct tl_value *value);

/** A plain number with nothing after it. */
bool tl_value_number(const char *text, double *number);

#endif
