#include "unit.h"

#include "evidence/reason.h"

TEST(the_first_example_is_kept_and_refusals_come_first)
{
    struct tl_reason_tally tally = {0};
    struct tl_import_report report = {0};
    tl_reason_count(&tally, TL_REASON_YEAR_ONLY, 3, "1990");
    tl_reason_count(&tally, TL_REASON_OUTSIDE, 7, "far away");
    tl_reason_count(&tally, TL_REASON_OUTSIDE, 9, "farther away");
    tl_reason_report(&tally, &report);
    CHECK(report.n_reasons == 2);
    CHECK_STR(report.reasons[0].reason, "outside-area");
    CHECK_STR(report.reasons[0].example, "row 7: far away");
    CHECK(report.reasons[0].n == 2 && report.reasons[0].refused);
    CHECK_STR(report.reasons[1].reason, "year-only");
    CHECK(report.reasons[1].n == 1 && !report.reasons[1].refused);
}

TEST(long_examples_are_cut_between_characters)
{
    struct tl_reason_tally tally = {0};
    char text[401] = "";
    for (int i = 0; i < 200; i++)
        memcpy(text + 2 * i, "\xD1\x8F", 3);
    tl_reason_count(&tally, TL_REASON_BAD_TEXT, 0, text);
    const char *example = tally.reasons[TL_REASON_BAD_TEXT].example;
    CHECK(strlen(example) == 198); /* 199 would end inside a character */
    CHECK(((unsigned char)example[197] & 0xC0) == 0x80);
}

TEST(every_reason_has_a_name_of_its_own_and_stands_in_the_manual)
{
    char page[65536] = "";
    FILE *file = fopen(TILTH_SOURCE "/docs/rooms/evidence.md", "r");
    CHECK(file != NULL);
    size_t n = fread(page, 1, sizeof page - 1, file);
    fclose(file);
    CHECK(n > 0);
    for (int a = 0; a < TL_REASON_COUNT; a++) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "`%s`", tl_reason_name((enum tl_reason)a));
        if (strstr(page, quoted) == NULL)
            printf("  %s is not in docs/rooms/evidence.md\n", quoted);
        CHECK(strstr(page, quoted) != NULL);
        for (int b = 0; b < a; b++)
            CHECK(strcmp(tl_reason_name((enum tl_reason)a), tl_reason_name((enum tl_reason)b)) !=
                  0);
    }
}
