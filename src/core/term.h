/** Terms of the register and of IMAS, and numbers, as a language writes them. */
#ifndef TL_CORE_TERM_H
#define TL_CORE_TERM_H

#include "core/catalogue.h"

enum { TL_TERM_SIGN_BYTES = 8, TL_TERM_NUMBER_BYTES = 64 };

/** The words for a term ("TS", "dogs", "approver"); what is no such term stays as it is. */
const char *tl_term_words(const struct tl_catalogue *catalogue, const char *term);

/** The signs between groups of digits and before decimals. */
void tl_term_signs(const struct tl_catalogue *catalogue, char group[TL_TERM_SIGN_BYTES],
                   char point[TL_TERM_SIGN_BYTES]);

/** tl_text_number with the language's signs. @param[out] text  TL_TERM_NUMBER_BYTES; returned */
char *tl_term_number(const struct tl_catalogue *catalogue, double value, char *text);

/** A number with all of its digits, up to ten ("1,234.75"), as limits are told that somebody set. @param[out] text  TL_TERM_NUMBER_BYTES; returned */
char *tl_term_exact(const struct tl_catalogue *catalogue, double value, char *text);

/** tl_text_percent with the language's signs. @param[out] text  TL_TERM_NUMBER_BYTES; returned */
char *tl_term_percent(const struct tl_catalogue *catalogue, double share, int digits, char *text);

#endif
