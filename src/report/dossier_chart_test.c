#include "unit.h"

#define FIXTURE_NAME "dossier_chart_test"
#include "report/fixture.h"

static void with_chances(json_t *json, double p, int n)
{
    json_t *remaining = json_object_get(json, "remaining"), *list = json_array();
    json_object_set_new(remaining, "p_any", json_pack("{s:f,s:f}", "value", p, "mcse", p / 10.0));
    json_object_set_new(remaining, "prior", json_pack("{s:f,s:f}", "expected", 1.0, "p_any", p));
    for (int k = 0; k < n; k++)
        json_array_append_new(
            list, json_pack("{s:s,s:i,s:{s:f}}", "method",
                            "a very long name of a method of searching, too long for its place",
                            "passes", k, "p_any", "value", k % 2 == 0 ? p : 0.0));
    json_object_set_new(json, "what_if", list);
}

static void with_tiny(json_t *json)
{
    with_chances(json, 3e-5, 4);
}

static void with_certain(json_t *json)
{
    with_chances(json, 1.0, 60);
}

static void with_none(json_t *json)
{
    with_chances(json, 0.0, 0);
}

TEST(axes_fit_chances_of_all_sizes)
{
    CHECK_OK(write_dossier(ctx, with_tiny, "en"));
    bool is_read = words[0] != '\0';
    CHECK(!is_read || strstr(words, "< 0.01 %") != NULL || strstr(words, "0.003 %") != NULL);
    CHECK_OK(write_dossier(ctx, with_certain, "en"));
    CHECK(!is_read || strstr(words, "> 99.9 %") != NULL);
    CHECK_OK(write_dossier(ctx, with_none, "en"));
    CHECK(!is_read || strstr(words, "No further work was looked at.") != NULL);
    remove_folder(FOLDER);
}
