/**
 * Dates as people and spreadsheets write them, brought to ISO 8601 with the precision that they
 * have: a year stays a year. What could be read in two ways is not guessed.
 */
#ifndef TL_EVIDENCE_DATE_H
#define TL_EVIDENCE_DATE_H

#include "core/core.h"

/** Which way round a date with three numbers is; AUTO takes only what has one reading. */
enum tl_date_order {
    TL_DATE_AUTO,
    TL_DATE_YMD,
    TL_DATE_DMY,
    TL_DATE_MDY,
    TL_DATE_SERIAL,     /* days since 1899-12-30, as most spreadsheets keep them */
    TL_DATE_SERIAL_1904 /* days since 1904-01-01 */
};

enum tl_date_result { TL_DATE_READ, TL_DATE_UNREADABLE, TL_DATE_AMBIGUOUS, TL_DATE_MAYBE_SERIAL };

enum { TL_DATE_BYTES = 16 };

/** Order of a name ("ymd", "dmy", "mdy", "serial", "serial-1904", "auto"). false: no such name. */
bool tl_date_order_find(const char *name, enum tl_date_order *order);

/**
 * Reads a date.
 *
 * Read in any order: "1990", "1990-07", "1990-07-14" (also with '/' or '.', a time after it is
 * dropped), "19900714", "14 Jul 1990", "Jul 14, 1990". Read when only one reading is possible, or
 * the order is given: "14/07/1990". Dots mean day first ("03.07.1990"): no convention writes the
 * month first with dots. Years of two digits are not read.
 *
 * @param[out] iso  on TL_DATE_READ the date; on AMBIGUOUS its day-first reading, on MAYBE_SERIAL
 * its reading as a spreadsheet's serial number; at least TL_DATE_BYTES. Untouched when unreadable.
 */
enum tl_date_result tl_date_read(const char *text, enum tl_date_order order, char *iso);

/** Whether an ISO date, as far as it says, lies after `today` ("2026-11-22"). A year that equals
 * today's is not after. */
bool tl_date_is_after(const char *iso, const char *today);

/** Year with its fraction: the middle of what the date says ("1990" gives 1990.5). NaN when it is
 * not an ISO date. */
double tl_date_year(const char *iso);

/** The machine's date. @param[out] iso at least TL_DATE_BYTES. */
void tl_date_today(char *iso);

#endif
