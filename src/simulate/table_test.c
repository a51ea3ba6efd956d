#include "unit.h"

#include "simulate/table.h"

TEST(csv_is_quoted_where_it_must_be)
{
    struct tl_table t = {.file = "t.csv", .n_columns = 3, .columns = {"a", "b", "c"}};
    const char *const row[] = {"x,y", "say \"no\"", NULL};
    char text[256] = "";
    CHECK_OK(tl_table_add(ctx, &t, row));
    CHECK_OK(tl_table_csv(ctx, &t, "table_quoted.csv"));
    tl_table_fini(&t);
    FILE *file = fopen("table_quoted.csv", "rb");
    CHECK(file != NULL);
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    CHECK(n > 0);
    CHECK_STR(text, "a,b,c\n\"x,y\",\"say \"\"no\"\"\",\n");
}

TEST(cells_are_set_and_read_and_empty_is_empty)
{
    struct tl_table t = {.file = "t.csv", .n_columns = 2, .columns = {"a", "b"}};
    const char *const row[] = {"1", NULL};
    for (int i = 0; i < 200; i++)
        CHECK_OK(tl_table_add(ctx, &t, row));
    CHECK_OK(tl_table_set(ctx, &t, 150, 1, "two"));
    CHECK_STR(tl_table_get(&t, 150, 1), "two");
    CHECK_STR(tl_table_get(&t, 151, 1), "");
    CHECK(tl_table_column(&t, "b") == 1 && tl_table_column(&t, "z") == -1);
    tl_table_fini(&t);
}

static tl_err fill(struct tl_ctx *ctx)
{
    tl_err err = TL_OK;
    struct tl_table t = {.file = "t.csv", .n_columns = 2, .columns = {"a", "b"}};
    const char *const row[] = {"some, text", "more"};
    for (int i = 0; i < 70 && err == TL_OK; i++)
        err = tl_table_add(ctx, &t, row);
    if (err == TL_OK)
        err = tl_table_csv(ctx, &t, "table_alloc.csv");
    tl_table_fini(&t);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, fill(ctx));
}
