#include "unit.h"

#include "tilth/tally.h"

TEST(categories_are_told_from_words)
{
    static const struct {
        const char *text;
        enum tl_tally_category category;
    } table[] = {{"Anti-personnel mine", TL_TALLY_AP},
                 {"PMN-2 (AP)", TL_TALLY_AP},
                 {"antipersonnel", TL_TALLY_AP},
                 {"MAP", TL_TALLY_AP},
                 {"Протипіхотна міна", TL_TALLY_AP},
                 {"AT mine", TL_TALLY_AV},
                 {"Anti-vehicle mines", TL_TALLY_AV},
                 {"IED", TL_TALLY_IMPROVISED},
                 {"artefacto explosivo improvisado", TL_TALLY_IMPROVISED},
                 {"submunition", TL_TALLY_SUBMUNITION},
                 {"Cluster munition remnants", TL_TALLY_SUBMUNITION},
                 {"UXO", TL_TALLY_OTHER},
                 {"unexploded shell", TL_TALLY_OTHER},
                 {"mine", TL_TALLY_UNKNOWN},
                 {"AP and AT mines", TL_TALLY_UNKNOWN},
                 {"capture", TL_TALLY_UNKNOWN}, /* "ap" is not a word of its own */
                 {"", TL_TALLY_UNKNOWN},
                 {NULL, TL_TALLY_UNKNOWN}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        CHECK(tl_tally_category_of(table[i].text) == table[i].category);
}

TEST(names_are_there_for_all)
{
    for (int a = 0; a < TL_TALLY_APARTS; a++)
        CHECK(tl_tally_apart_words((enum tl_tally_apart)a)[0] != '\0');
    for (int p = 0; p < TL_TALLY_PRODUCTS; p++)
        CHECK(strncmp(tl_tally_apart_words(
                          (enum tl_tally_apart)((int)TL_TALLY_CANCELLED_NO_POLYGON + p)),
                      tl_tally_product_name((enum tl_tally_product)p),
                      strlen(tl_tally_product_name((enum tl_tally_product)p))) == 0);
    CHECK(strcmp(tl_tally_category_name(TL_TALLY_UNKNOWN), "not known") == 0);
}
