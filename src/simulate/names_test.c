#include "unit.h"

#include "simulate/names.h"

TEST(names_do_not_repeat_before_all_are_used)
{
    static char names[3 * TL_NAMES_COUNT][64];
    for (int i = 0; i < 3 * TL_NAMES_COUNT; i++) {
        tl_names_place(i, false, names[i], sizeof names[i]);
        for (int j = 0; j < i; j++)
            CHECK(strcmp(names[i], names[j]) != 0);
    }
}

TEST(the_same_number_is_the_same_place_in_both_scripts)
{
    char latin[64], cyrillic[64];
    tl_names_place(0, false, latin, sizeof latin);
    tl_names_place(0, true, cyrillic, sizeof cyrillic);
    CHECK_STR(latin, "Vilshivka");
    CHECK_STR(cyrillic, "Вільшівка");
}
