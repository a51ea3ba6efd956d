#include "unit.h"

#include "tilth/register.h"

TEST(every_kind_is_found_by_its_name_and_its_table)
{
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const struct tl_kind_info *info = tl_kind_info((enum tl_kind)k);
        enum tl_kind found = TL_KIND_COUNT;
        CHECK_OK(tl_kind_find(ctx, info->name, &found));
        CHECK((int)found == k);
        found = TL_KIND_COUNT;
        CHECK_OK(tl_kind_find(ctx, info->table, &found));
        CHECK((int)found == k);
        CHECK(strlen(info->prefix) == 2 && info->title[0] != '\0');
    }
}

TEST(an_unknown_kind_lists_the_names)
{
    enum tl_kind kind = TL_KIND_PLACE;
    CHECK_FAILS(tl_kind_find(ctx, "minefield", &kind), TL_EUSAGE, "\"minefield\" is not a kind");
    CHECK_FAILS(tl_kind_find(ctx, "minefield", &kind), TL_EUSAGE, "hazard-area, accident, item");
    CHECK(kind == TL_KIND_PLACE);
}

TEST(columns_are_complete_and_fit_a_record)
{
    for (int k = 0; k < TL_KIND_COUNT; k++) {
        const struct tl_kind_info *info = tl_kind_info((enum tl_kind)k);
        CHECK(info->n_columns > 0 && info->n_columns <= TL_RECORD_COLUMNS_MAX);
        for (int i = 0; i < info->n_columns; i++) {
            const struct tl_column *c = &info->columns[i];
            CHECK(tl_kind_column((enum tl_kind)k, c->name) == i); /* no name comes twice */
            CHECK((c->type == TL_COLUMN_CHOICE) == (c->choices != NULL));
            CHECK(c->hxl[0] == '#' && c->meaning[0] != '\0' && c->min <= c->max);
        }
    }
    CHECK(tl_kind_column(TL_KIND_ITEM, "no such column") == -1);
}
