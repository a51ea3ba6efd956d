#include "unit.h"

#include "store/fixture.h"

TEST(tables_have_names_of_their_own_and_words)
{
    for (int i = 0; i < tl_store_n_tables; i++) {
        const struct tl_table *table = &tl_store_tables[i];
        enum tl_kind kind;
        CHECK(table->title[0] != '\0' && table->meaning[0] != '\0' && table->columns[0] != '\0');
        CHECK(tl_kind_find(ctx, table->name, &kind) == TL_EUSAGE);
        for (int k = 0; k < i; k++)
            CHECK(strcmp(table->name, tl_store_tables[k].name) != 0);
    }
}

/* What names a person comes with its encryption, not before. */
TEST(victims_have_no_names)
{
    static const char *const personal[] = {"name", "birth", "address", "phone"};
    for (int i = 0; i < tl_store_n_tables; i++)
        for (int p = 0; p < 4 && strcmp(tl_store_tables[i].name, "victim") == 0; p++)
            CHECK(strstr(tl_store_tables[i].columns, personal[p]) == NULL);
}
