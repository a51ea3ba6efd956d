#include "unit.h"

#include <string.h>

#include "core/text.h"

TEST(numbers_read_as_people_write_them)
{
    char text[TL_TEXT_NUMBER_BYTES];
    CHECK_STR(tl_text_number(0.0, text), "0");
    CHECK_STR(tl_text_number(0.012345, text), "0.0123");
    CHECK_STR(tl_text_number(999.4, text), "999");
    CHECK_STR(tl_text_number(999.5, text), "1,000");
    CHECK_STR(tl_text_number(-999.7, text), "-1,000");
    CHECK_STR(tl_text_number(1234567.0, text), "1,230,000");
    CHECK_STR(tl_text_number(-1234567.0, text), "-1,230,000");
    CHECK_STR(tl_text_number(999999.0, text), "1,000,000");
    CHECK_STR(tl_text_number(1e60, text), "1.00e+60");
    CHECK_STR(tl_text_number((double)NAN, text), "unknown");
}

TEST(rounding_makes_neither_nothing_nor_the_whole_of_a_share)
{
    static const struct {
        double share;
        int digits;
        const char *words;
    } table[] = {{0.0, 3, "0 %"},
                 {1.0, 3, "100 %"},
                 {0.5, 3, "50 %"},
                 {0.6235, 4, "62.35 %"},
                 {0.9953, 3, "99.5 %"},
                 {0.9995, 3, "99.95 %"},
                 {0.99996, 4, "99.996 %"},
                 {0.999999996, 3, "> 99.999 %"},
                 {1.0 - 1e-15, 3, "> 99.999 %"},
                 {1.0 - 1e-15, 6, "> 99.999999 %"},
                 {0.0004, 3, "0.04 %"},
                 {2e-6, 3, "0.0002 %"},
                 {1e-9, 3, "< 0.0001 %"},
                 {12.5, 3, "1250 %"},
                 {(double)NAN, 3, "unknown"}};
    char text[TL_TEXT_NUMBER_BYTES];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        CHECK_STR(tl_text_percent(table[i].share, table[i].digits, text), table[i].words);
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

TEST(a_line_for_people_holds_nothing_that_steers_a_terminal_and_no_half_letter)
{
    static const char *const rows[][2] = {
        {"plain, Нікополь \xF0\x9F\x8C\xBE", "plain, Нікополь \xF0\x9F\x8C\xBE"},
        {"a\tb\nc\r\n", "a b c"},
        {"\x1b[2J\x1b]0;title\x07 gone", " [2J ]0;title  gone"},
        {"DEL \x7f, CSI \xC2\x9b"
         "31m, nbsp \xC2\xA0.",
         "DEL  , CSI  31m, nbsp \xC2\xA0."},
        {"cut: \xD0\x96\xD0", "cut: \xD0\x96"},   /* as "%.3s" cuts two letters */
        {"\"cut \xE1\x9E\", on", "\"cut \", on"}, /* and within a sentence */
        {"lost \x80, \xFF", "lost ?, ?"},
        {"", ""}};
    char line[80];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(line, sizeof line, "%s", rows[i][0]);
        tl_text_one_line(line);
        CHECK_STR(line, rows[i][1]);
    }
}

TEST(what_a_spreadsheet_would_compute_is_known)
{
    static const char *const formulas[] = {"=1+2", "@SUM(1)", "+380 44 123", "-cmd|' /C x'!A0",
                                           "-",    "\t=1",    "\r=1",        "-75.1 west"};
    static const char *const others[] = {"-75.1", "+2", "-1e-3", "", "a=b", "'=1", "12"};
    for (size_t i = 0; i < sizeof formulas / sizeof *formulas; i++)
        CHECK(tl_text_is_formula(formulas[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK(!tl_text_is_formula(others[i]));
}
