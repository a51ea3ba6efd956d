#include "unit.h"

#include "core/text.h"

TEST(numbers_read_as_people_write_them)
{
    char text[TL_TEXT_NUMBER_BYTES];
    CHECK_STR(tl_text_number(0.0, text), "0");
    CHECK_STR(tl_text_number(0.012345, text), "0.0123");
    CHECK_STR(tl_text_number(999.4, text), "999");
    CHECK_STR(tl_text_number(1234567.0, text), "1,230,000");
    CHECK_STR(tl_text_number(-1234567.0, text), "-1,230,000");
    CHECK_STR(tl_text_number(999999.0, text), "1,000,000");
    CHECK_STR(tl_text_number(1e60, text), "1.00e+60");
    CHECK_STR(tl_text_number((double)NAN, text), "unknown");
}

TEST(a_word_is_answered_with_its_nearest)
{
    static const char *const names[] = {"depth", "soil", "per_pass", "source"};
    CHECK(tl_text_slips("detph", "depth") == 1 && tl_text_slips("", "soil") == 4);
    CHECK(tl_text_slips("SOIL", "soil") == 0);
    CHECK_STR(tl_text_nearest("detph", 4, names), "depth");
    CHECK_STR(tl_text_nearest("sorce", 4, names), "source");
    CHECK_STR(tl_text_nearest("per", 4, names), "per_pass");
    CHECK(tl_text_nearest("vegetation", 4, names) == NULL);
    CHECK(tl_text_nearest("x", 0, names) == NULL);
}
