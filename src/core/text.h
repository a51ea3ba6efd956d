/** Numbers in words for people, words that are nearly others, and bytes that are text at all. */
#ifndef TL_CORE_TEXT_H
#define TL_CORE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

enum { TL_TEXT_NUMBER_BYTES = 40 };

/**
 * A number for people: three significant digits, thousands with commas ("1,230,000"), "unknown" when it is not finite.
 * @param[out] text  at least TL_TEXT_NUMBER_BYTES; returned
 */
char *tl_text_number(double value, char *text);

/**
 * A share for people, in per cent: `digits` that count, up to two more where fewer would make "100 %" of a share under 1, and beyond that
 * "> 99.999 %" (of three digits); a very small one is "< 0.0001 %". So only none at all is "0 %", and only the whole "100 %": rounding is not
 * knowledge. "unknown" when it is not finite.
 * @param      digits  2 to 8
 * @param[out] text    at least TL_TEXT_NUMBER_BYTES; returned
 */
char *tl_text_percent(double share, int digits, char *text);

/** Slips of the hand between two words without regard to case: letters left out, put in, changed, or two swapped. */
int tl_text_slips(const char *a, const char *b);

/** The one of n names that is nearest to a word (at most a third of its letters, or its beginning), NULL when none is near. */
const char *tl_text_nearest(const char *word, int n, const char *const *names);

/**
 * Folds a UTF-8 text for searching without regard to case: Latin, Greek and Cyrillic capitals become small (one character to one of the same
 * length in bytes; others stay). @param[out] folded  room for strlen(text) + 1 bytes; may be `text` itself
 */
void tl_text_fold(const char *text, char *folded);

/** Whether a text has the shape of a date: 1990, 1990-07 or 1990-07-14. (Whether there is such a day is not looked at.) */
bool tl_text_is_date(const char *text);

/** Whether bytes are well-formed UTF-8 (no overlong forms, no surrogates). */
bool tl_text_is_utf8(const char *bytes, int64_t n_bytes);

/**
 * Makes one line of UTF-8 of a text that may hold anything, in place: control characters (with which a file could steer the terminal that shows them)
 * become blanks, blanks at the end go, a letter that was cut in two goes, other bytes that are no UTF-8 become "?". Never longer than it was.
 */
void tl_text_one_line(char *text);

/** Whether a spreadsheet would compute a cell with this text: it begins with = + - @, a tab or a carriage return and is not just a number. */
bool tl_text_is_formula(const char *text);

#endif
