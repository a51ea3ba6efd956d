#include "unit.h"

#include "core/placeholder.h"

TEST(same_arguments_are_accepted_whatever_the_words)
{
    static const char *const pairs[][2] = {
        {"no format", "будь-який % текст %n"},
        {"95 % upper bound", "верхня межа 95 %"},
        {"%s of %lld", "%s із %lld"},
        {"%s of %lld", "%2$lld: %1$s"},
        {"%.1f ha", "%5.2f га"},
        {"evidence %.16s", "дані %.16s"},
        {"at most 5 %.", "не більше ніж 5 %."},
        {"%*d", "%*d"},
        {"%d %%", "%d %%"},
        {"50 %% of %s", "%s: 50 %%"},
        {"%s and %s", "%2$s і %1$s"},
    };
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++)
        CHECK(tl_placeholder_same(pairs[k][0], pairs[k][1]));
}

TEST(other_arguments_are_refused)
{
    static const char *const pairs[][2] = {{"%s of %lld", "%lld of %s"},
                                           {"%d", "%s"},
                                           {"%d", "%lld"},
                                           {"%d", "%d %d"},
                                           {"%d %d", "%d"},
                                           {"%s", "%s%n"},
                                           {"%s", "%1$s %s"},
                                           {"%d", "% s"},
                                           {"%d", "%"},
                                           {"%d %%", "%d %"},
                                           {"%d", "%*d"},
                                           {"%s", "%99$s"},
                                           {"%s", "%0$s"},
                                           {"%s", "%p"},
                                           {"%s", "%1$s %1$d"},
                                           {"%d", "%hhhhhhhhhhhhd"},
                                           {"only %%", "has %s"}};
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++)
        CHECK(!tl_placeholder_same(pairs[k][0], pairs[k][1]));
}
