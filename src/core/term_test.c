#include "unit.h"

#include "core/term.h"

TEST(terms_and_numbers_are_written_in_the_language)
{
    struct tl_catalogue *uk = NULL;
    char text[TL_TERM_NUMBER_BYTES];
    CHECK_OK(tl_catalogue_open(ctx, "uk", &uk));
    CHECK_STR(tl_term_words(NULL, "TS"), "technical survey");
    CHECK_STR(tl_term_words(uk, "ts"), "технічне обстеження");
    CHECK_STR(tl_term_words(uk, "a method of their own"), "a method of their own");
    CHECK_STR(tl_term_number(NULL, 1234567.0, text), "1,230,000");
    CHECK_STR(tl_term_number(uk, 1234567.0, text), "1\u00a0230\u00a0000");
    CHECK_STR(tl_term_number(uk, 0.625983, text), "0,626");
    CHECK_STR(tl_term_number(uk, -2.5, text), "-2,5");
    CHECK_STR(tl_term_number(NULL, 1e300, text), "1.00e+300");
    CHECK_STR(tl_term_number(NULL, NAN, text), "unknown");
    CHECK_STR(tl_term_exact(NULL, 1234.75, text), "1,234.75");
    CHECK_STR(tl_term_exact(uk, -1234567.0, text), "-1\u00a0234\u00a0567");
    CHECK_STR(tl_term_exact(uk, 0.05, text), "0,05");
    CHECK_STR(tl_term_exact(NULL, 100.0, text), "100");
    CHECK_STR(tl_term_exact(NULL, NAN, text), "unknown");
    CHECK_STR(tl_term_percent(uk, 0.9953, 3, text), "99,5 %");
    CHECK_STR(tl_term_percent(NULL, 0.99996, 3, text), "99.996 %");
    CHECK_STR(tl_term_percent(uk, NAN, 3, text), tl_term_number(uk, NAN, text));
    tl_catalogue_free(uk);
}
