/** Numbers in words for people. */
#ifndef TL_CORE_TEXT_H
#define TL_CORE_TEXT_H

enum { TL_TEXT_NUMBER_BYTES = 40 };

/**
 * A number for people: three significant digits, thousands with commas ("1,230,000"), "unknown" when it is not finite.
 * @param[out] text  at least TL_TEXT_NUMBER_BYTES; returned
 */
char *tl_text_number(double value, char *text);

#endif
