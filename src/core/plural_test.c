#include "unit.h"

#include "core/plural.h"

#define UKRAINIAN                                                                                  \
    "Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "          \
    "(n%100<10 || n%100>=20) ? 1 : 2);\n"

TEST(ukrainian_has_three_forms)
{
    static const struct {
        int64_t n;
        int form;
    } cases[] = {{0, 2},   {1, 0},  {2, 1},  {4, 1},         {5, 2},        {11, 2},
                 {12, 2},  {21, 0}, {22, 1}, {101, 0},       {111, 2},      {114, 2},
                 {124, 1}, {-1, 0}, {-3, 1}, {INT64_MIN, 2}, {INT64_MAX, 2}};
    struct tl_plural rule;
    CHECK_OK(tl_plural_read(ctx, "Language: uk\n" UKRAINIAN "X: y\n", &rule));
    CHECK(rule.n_forms == 3);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        CHECK(tl_plural_form(&rule, cases[k].n) == cases[k].form);
}

/* Rules as published in gettext's manual; the numbers by hand. */
TEST(rules_of_other_languages)
{
    static const struct {
        const char *rule;
        int n_forms;
        int forms[8]; /* of 0 1 2 3 5 11 100 101 */
    } cases[] = {
        {"nplurals=1; plural=0;", 1, {0}},
        {"nplurals=2; plural=n != 1;", 2, {1, 0, 1, 1, 1, 1, 1, 1}},
        {"nplurals=2; plural=n>1;", 2, {0, 0, 1, 1, 1, 1, 1, 1}},
        {"nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2;",
         3,
         {2, 0, 1, 1, 1, 1, 1, 0}},
        {"nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : "
         "n%100>=11 ? 4 : 5",
         6,
         {0, 1, 2, 3, 3, 4, 5, 5}},
        {"nplurals=2; plural=!(n==1) && (1+2*3-7)==0;", 2, {1, 0, 1, 1, 1, 1, 1, 1}},
    };
    static const int64_t numbers[] = {0, 1, 2, 3, 5, 11, 100, 101};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char header[300];
        struct tl_plural rule;
        snprintf(header, sizeof header, "Plural-Forms: %s\n", cases[k].rule);
        CHECK_OK(tl_plural_read(ctx, header, &rule));
        CHECK(rule.n_forms == cases[k].n_forms);
        for (int j = 0; j < 8; j++)
            CHECK(tl_plural_form(&rule, numbers[j]) == cases[k].forms[j]);
    }
}

TEST(without_a_rule_it_is_english)
{
    struct tl_plural rule;
    CHECK_OK(tl_plural_read(ctx, "Language: xx\n", &rule));
    CHECK(rule.n_forms == 2);
    CHECK(tl_plural_form(&rule, 1) == 0 && tl_plural_form(&rule, 0) == 1);
}

TEST(malformed_rules_are_refused)
{
    static const char *const rules[] = {"nplurals=2",
                                        "nplurals=0; plural=0",
                                        "nplurals=99; plural=0",
                                        "nplurals=2; plural=n",
                                        "nplurals=2; plural=",
                                        "nplurals=2; plural=n=1",
                                        "nplurals=2; plural=(n>1",
                                        "nplurals=2; plural=n>1)",
                                        "nplurals=2; plural=n ? 1",
                                        "nplurals=2; plural=m>1",
                                        "nplurals=2; plural=n>1; x"};
    struct tl_plural rule = {"as it was", 7};
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
        char header[300];
        snprintf(header, sizeof header, "Plural-Forms: %s\n", rules[k]);
        CHECK_FAILS(tl_plural_read(ctx, header, &rule), TL_EDATA, "lural");
        CHECK(rule.n_forms == 7);
    }
}

TEST(deep_brackets_end_without_overrunning_the_stack)
{
    static char header[200100] = "Plural-Forms: nplurals=2; plural=";
    size_t n = strlen(header);
    struct tl_plural rule;
    memset(header + n, '(', 200000);
    CHECK_FAILS(tl_plural_read(ctx, header, &rule), TL_EDATA, "cannot be read");
    memset(header + n, '!', 200000);
    CHECK_FAILS(tl_plural_read(ctx, header, &rule), TL_EDATA, "cannot be read");
}

TEST(division_by_zero_is_zero)
{
    struct tl_plural rule;
    CHECK_OK(tl_plural_read(ctx, "Plural-Forms: nplurals=2; plural=n%0 + 5/(n-n)\n", &rule));
    CHECK(tl_plural_form(&rule, 3) == 0);
}
