#include "unit.h"

#include "release/case.h"

static const char *const path = "release_words_test.gpkg";

TEST(words_say_what_was_searched_what_may_remain_and_who_decides)
{
    static const char *const parts[] = {"HA-0001 (Orchard)",        "Searched:",
                                        "What may remain:",         "Chance that at least",
                                        "No criteria were",         "Taken for granted:",
                                        "decided by a named person"};
    struct case_set s = {.options = tl_release_options_default()};
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
        CHECK(strstr(s.c->result.words, parts[k]) != NULL);
    CHECK(strstr(s.c->result.words, " sa"
                                    "fe") == NULL);
    CHECK(strstr(s.c->result.words, " nan") == NULL && strstr(s.c->result.words, "(null)") == NULL);
    case_close(&s, path);
}

TEST(words_come_in_ukrainian_too)
{
    struct case_set s = {.options = tl_release_options_default()};
    s.options.language = "uk";
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    CHECK(strstr(s.c->result.words, "What may remain") == NULL);
    CHECK_STR(json_string_value(json_object_get(s.json, "language")), "uk");
    case_close(&s, path);
}
