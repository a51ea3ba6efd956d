#include "unit.h"

#define FIXTURE_NAME "dossier_summary_test"
#include "report/fixture.h"

static void as_polygon(json_t *json)
{
    json_t *area = json_object_get(json, "area"), *searched = json_object_get(json, "searched");
    json_object_set_new(area, "kind", json_string("polygon"));
    json_object_set_new(area, "code", json_string(""));
    json_object_set_new(area, "name", json_null());
    json_object_set_new(area, "outside_m2", json_real(1200.0));
    json_object_set_new(searched, "share", json_real(0.0));
    json_object_set_new(json_object_get(json, "speaks_of"), "depth_cm", json_null());
    json_object_set_new(json, "findings", json_array());
}

TEST(a_polygon_without_a_name_is_told_as_what_it_is)
{
    CHECK_OK(write_dossier(ctx, as_polygon, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "Area without a code") != NULL);
    CHECK(strstr(words, "a polygon that was given, not a registered area") != NULL);
    CHECK(strstr(words, "1,200 m²") != NULL && strstr(words, "all depths") != NULL);
    CHECK(strstr(words, "nothing was searched, as far as the register knows") != NULL);
    CHECK(strstr(words, "waits for an answer: see") == NULL);
    remove_folder(FOLDER);
}

TEST(the_first_page_has_the_figures_in_words_and_what_is_open)
{
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    char *page = strchr(words, '\f');
    CHECK(page != NULL);
    *page = '\0';
    join_lines();
    CHECK(strstr(words, "confirmed hazardous area (direct evidence)") != NULL);
    CHECK(strstr(words, "6 items of explosive ordnance were found there.") != NULL);
    CHECK(strstr(words, "1.83 items are expected, at most 6 with a probability of 95 %") != NULL);
    CHECK(strstr(words, "1 finding since a decision on this area waits for an answer") != NULL);
    CHECK(strstr(words, "A low figure is not a statement that the ground is free") != NULL);
    CHECK(strstr(words, "31.6 % of the area was never searched") != NULL);
    remove_folder(FOLDER);
}
