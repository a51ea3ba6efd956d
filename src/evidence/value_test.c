#include "unit.h"

#include "evidence/value.h"

static const struct tl_value_dates dates = {TL_DATE_AUTO, "2026-11-22"};

static struct tl_column column(enum tl_column_type type)
{
    return (struct tl_column){
        .name = "c", .type = type, .choices = "SHA|CHA|Other", .min = 0, .max = 30};
}

static enum tl_reason check(enum tl_column_type type, const char *text, struct tl_value *value)
{
    struct tl_column c = column(type);
    tl_value_check(&c, text, &dates, value);
    return value->reason;
}

TEST(numbers_must_be_numbers_within_their_range)
{
    struct tl_value v;
    CHECK(check(TL_COLUMN_REAL, "2.5", &v) == TL_REASON_NONE);
    CHECK_STR(v.text, "2.5");
    CHECK(check(TL_COLUMN_REAL, "31", &v) == TL_REASON_OUT_OF_RANGE && v.text == NULL);
    CHECK(strstr(v.message, "c is 31, expected 0 to 30") != NULL);
    CHECK(check(TL_COLUMN_REAL, "2,5", &v) == TL_REASON_NUMBER_UNREADABLE);
    CHECK_STR(v.proposal, "2.5");
    CHECK(check(TL_COLUMN_REAL, "1,000,000", &v) == TL_REASON_NUMBER_UNREADABLE && !v.proposal[0]);
    CHECK(check(TL_COLUMN_REAL, "1,234", &v) == TL_REASON_NUMBER_UNREADABLE && !v.proposal[0]);
    CHECK(check(TL_COLUMN_INTEGER, "1,234", &v) == TL_REASON_NUMBER_UNREADABLE);
    CHECK_STR(v.proposal, "1234"); /* not a thousandth of it */
    CHECK(check(TL_COLUMN_INTEGER, "2,5", &v) == TL_REASON_NUMBER_UNREADABLE && !v.proposal[0]);
    CHECK(check(TL_COLUMN_REAL, "0x10", &v) == TL_REASON_NUMBER_UNREADABLE);
    CHECK(check(TL_COLUMN_REAL, "nan", &v) == TL_REASON_NUMBER_UNREADABLE);
    CHECK(check(TL_COLUMN_REAL, "1e999", &v) == TL_REASON_NUMBER_UNREADABLE);
    CHECK(check(TL_COLUMN_REAL, "about 3", &v) == TL_REASON_NUMBER_UNREADABLE);
    CHECK(check(TL_COLUMN_INTEGER, "3.0", &v) == TL_REASON_NONE);
    CHECK_STR(v.text, "3");
    CHECK(check(TL_COLUMN_INTEGER, "3.5", &v) == TL_REASON_NUMBER_UNREADABLE);
    CHECK(check(TL_COLUMN_REAL, "", &v) == TL_REASON_NONE && v.text == NULL);
}

TEST(choices_are_brought_to_the_registers_spelling)
{
    struct tl_value v;
    memset(&v, 'z', sizeof v); /* what stood there before must not shine through */
    CHECK(check(TL_COLUMN_CHOICE, "cha", &v) == TL_REASON_NONE);
    CHECK_STR(v.text, "CHA");
    CHECK(check(TL_COLUMN_CHOICE, "others", &v) == TL_REASON_UNKNOWN_CHOICE);
    CHECK_STR(v.proposal, "Other");
    CHECK(strstr(v.message, "SHA|CHA|Other") != NULL);
    CHECK(check(TL_COLUMN_CHOICE, "x", &v) == TL_REASON_UNKNOWN_CHOICE && v.proposal[0] == '\0');
    CHECK(check(TL_COLUMN_YESNO, "TRUE", &v) == TL_REASON_NONE && strcmp(v.text, "1") == 0);
    CHECK(check(TL_COLUMN_YESNO, "no", &v) == TL_REASON_NONE && strcmp(v.text, "0") == 0);
    CHECK(check(TL_COLUMN_YESNO, "perhaps", &v) == TL_REASON_UNKNOWN_CHOICE);
}

TEST(dates_are_judged)
{
    struct tl_value v;
    CHECK(check(TL_COLUMN_DATE, "14/07/1990", &v) == TL_REASON_NONE);
    CHECK_STR(v.text, "1990-07-14");
    CHECK(check(TL_COLUMN_DATE, "1990", &v) == TL_REASON_YEAR_ONLY);
    CHECK_STR(v.text, "1990");
    CHECK(check(TL_COLUMN_DATE, "2027-01-01", &v) == TL_REASON_DATE_FUTURE && v.text == NULL);
    CHECK(check(TL_COLUMN_DATE, "03/07/1990", &v) == TL_REASON_DATE_AMBIGUOUS);
    CHECK_STR(v.proposal, "1990-07-03");
    CHECK(check(TL_COLUMN_DATE, "33068", &v) == TL_REASON_DATE_UNREADABLE);
    CHECK_STR(v.proposal, "1990-07-14");
    CHECK(check(TL_COLUMN_DATE, "soon", &v) == TL_REASON_DATE_UNREADABLE && v.proposal[0] == '\0');
}

TEST(text_must_be_utf8)
{
    struct tl_value v;
    CHECK(check(TL_COLUMN_TEXT, "Нікополь, Anzá, ឃុំ", &v) == TL_REASON_NONE);
    CHECK(check(TL_COLUMN_TEXT, "Anz\xE1", &v) == TL_REASON_BAD_TEXT);
}
