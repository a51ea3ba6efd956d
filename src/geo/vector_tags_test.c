#include "unit.h"

#include "geo/vector.h"
#include "geo/vector_tags.h"

static bool are(int n, const char *const *cells)
{
    struct tl_vector_tags tags = {0};
    for (int i = 0; i < n; i++)
        tl_vector_tags_look(&tags, cells[i]);
    return tl_vector_tags_are(&tags);
}

#define ARE(...)                                                                                   \
    are((int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)),                        \
        (const char *const[]){__VA_ARGS__})

TEST(a_row_of_hashtags_is_told_from_data)
{
    CHECK(ARE("#meta+id", "#date", "", "#geo+lat", " #adm1 +name "));
    CHECK(ARE("#loc", "#affected+killed"));
    CHECK(!ARE("#geo+lat"));           /* one cell is no row of tags */
    CHECK(!ARE("#ff0000", "#c0ffee")); /* colours */
    CHECK(!ARE("#geo+lat", "30.05"));
    CHECK(!ARE("#geo lat", "#date")); /* words, no attributes */
    CHECK(!ARE("# 12", "#geo"));
    CHECK(!ARE("", ""));
}

/* Its number is that of the row in the file all the same. */
TEST(a_row_of_tags_is_no_record)
{
    static const char path[] = "vector_tags_test.csv";
    static const char text[] = "lon,lat,name\n#geo+lon,#geo+lat,#loc+name\n30.05,50.05,A\n"
                               "#geo+lon,#geo+lat,#loc\n";
    struct tl_vector *v = NULL;
    bool more = false;
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    CHECK_OK(tl_vector_open(ctx, path, NULL, &v));
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(more && tl_vector_row(v) == 2);
    CHECK_STR(tl_vector_text(v, 2), "A");
    CHECK_OK(tl_vector_next(ctx, v, &more)); /* further down it is data, whatever it means */
    CHECK(more && tl_vector_row(v) == 3);
    CHECK_OK(tl_vector_next(ctx, v, &more));
    CHECK(!more);
    tl_vector_close(v);
}
