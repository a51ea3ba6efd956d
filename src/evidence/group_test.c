#include "unit.h"

#include "evidence/group.h"

TEST(categories_of_several_languages_are_told_apart)
{
    static const struct {
        const char *category;
        enum tl_group group;
    } table[] = {{"AP mine", TL_GROUP_MINES},
                 {"mina antipersonal", TL_GROUP_MINES},
                 {"IED", TL_GROUP_MINES},
                 {"Anti-Vehicle", TL_GROUP_MINES},
                 {"протипіхотна міна", TL_GROUP_MINES},
                 {"UXO", TL_GROUP_ERW},
                 {"MUSE", TL_GROUP_ERW},
                 {"submunition", TL_GROUP_ERW},
                 {"Cluster bomblet", TL_GROUP_ERW},
                 {"munición sin explotar", TL_GROUP_ERW},
                 {"mines and UXO", TL_GROUP_ALL},
                 {"", TL_GROUP_ALL},
                 {NULL, TL_GROUP_ALL},
                 {"device", TL_GROUP_ALL},
                 {"rapid report", TL_GROUP_ALL},
                 {"mineral oil drum", TL_GROUP_ALL}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (tl_group_of(table[i].category) != table[i].group)
            printf("  \"%s\" gave %d\n", table[i].category, (int)tl_group_of(table[i].category));
        CHECK(tl_group_of(table[i].category) == table[i].group);
    }
}

TEST(what_is_not_known_belongs_to_every_group)
{
    enum tl_group group = TL_GROUP_ALL;
    CHECK(tl_group_takes(TL_GROUP_MINES, NULL) && tl_group_takes(TL_GROUP_ERW, "thing"));
    CHECK(tl_group_takes(TL_GROUP_ALL, "UXO") && !tl_group_takes(TL_GROUP_MINES, "UXO"));
    CHECK_OK(tl_group_find(ctx, "erw", &group));
    CHECK(group == TL_GROUP_ERW);
    CHECK_OK(tl_group_find(ctx, NULL, &group));
    CHECK(group == TL_GROUP_ALL);
    CHECK_FAILS(tl_group_find(ctx, "bombs", &group), TL_EUSAGE, "bombs");
}
