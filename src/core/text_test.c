#include "unit.h"

#include <string.h>

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

TEST(bytes_that_are_no_text)
{
    static const struct {
        const char *bytes;
        bool is_text;
    } table[] = {{"", true},
                 {"Нікополь, Anzá, ឃុំ", true},
                 {"\xF0\x9F\x8C\xBE", true},
                 {"Anz\xE1", false},
                 {"\xC0\x80", false},         /* overlong */
                 {"\xED\xA0\x80", false},     /* a surrogate */
                 {"\xF5\x80\x80\x80", false}, /* beyond the last character */
                 {"\xE1\x9E", false}};        /* cut off */
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK(tl_text_is_utf8(table[i].bytes, (int64_t)strlen(table[i].bytes)) == table[i].is_text);
    CHECK(!tl_text_is_utf8("ж", 1) &&
          tl_text_is_utf8("жд", 2)); /* what lies behind is not looked at */
}

TEST(folding_makes_capitals_small_in_latin_greek_and_cyrillic)
{
    static const char *const rows[][2] = {{"AbC-9", "abc-9"},
                                          {"ІЗЮМ Ґанок Їжак Є", "ізюм ґанок їжак є"},
                                          {"Ёлка", "ёлка"},
                                          {"ÄÖÜ × ß", "äöü × ß"},
                                          {"ŻÓŁĆ Ždář", "żółć ždář"},
                                          {"ΑΘΉΝΑ", "αθΉνα"},
                                          {"\xe1\x8e\xa0\xff", "\xe1\x8e\xa0\xff"},
                                          {"", ""}};
    char folded[64];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tl_text_fold(rows[i][0], folded);
        CHECK_STR(folded, rows[i][1]);
    }
}

TEST(a_date_has_one_of_three_shapes)
{
    static const char *const dates[] = {"1990", "1990-07", "1990-07-14", "9999-99-99"};
    static const char *const others[] = {"",         "199",        "1990-7",     "1990-07-1",
                                         "1990/07",  "19900714",   "1990-07-1x", "1990-07-14 ",
                                         "1990-07-", "1990 07 14", "-990"};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        CHECK(tl_text_is_date(dates[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(!tl_text_is_date(others[i]));
}
