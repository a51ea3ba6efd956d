#include "unit.h"

#include "evidence/tally_fixture.h"

#define NAME "tally_text_test.gpkg"

static int64_t n_lines(const char *text)
{
    int64_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

TEST(all_forms_hold_the_same_rows)
{
    struct tl_project *project = NULL;
    struct tl_tally *t = NULL;
    char *json = NULL, *csv = NULL, *items = NULL, *apart = NULL, *words = NULL;
    CHECK_OK(tally_fixture(ctx, NAME, &project));
    CHECK_OK(tl_tally_make(ctx, project, &(struct tl_tally_options){.by = TL_TALLY_BY_BOTH}, &t));
    CHECK_OK(tl_tally_json(ctx, t, &json));
    CHECK_OK(tl_tally_csv(ctx, t, &csv));
    CHECK_OK(tl_tally_items_csv(ctx, t, &items));
    CHECK_OK(tl_tally_apart_csv(ctx, t, &apart));
    CHECK_OK(tl_tally_words(ctx, t, &words));
    CHECK(n_lines(csv) == 1 + 7 + 1);
    CHECK(n_lines(items) == 1 + 8 * TL_TALLY_CATEGORIES);
    CHECK(n_lines(apart) == 1 + TL_TALLY_APARTS);
    CHECK(strstr(csv, "\nall,all,") != NULL && strstr(csv, "\n2021,East,") != NULL);
    CHECK(strstr(items, "2020,West,anti-personnel mines,4,3\n") != NULL);
    CHECK(strstr(apart, "items found without a date,1,0.0,4\n") != NULL);
    CHECK(strstr(words, "counted apart: items found without a date: 1, 4 items\n") != NULL);
    json_t *root = json_loads(json, 0, NULL);
    CHECK(json_array_size(json_object_get(root, "rows")) == 7);
    json_decref(root);
    tl_free(json);
    tl_free(csv);
    tl_free(items);
    tl_free(apart);
    tl_free(words);
    tl_tally_free(t);
    tl_project_close(project);
    unlink(NAME);
}
