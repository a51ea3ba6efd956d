#include "unit.h"

#define FIXTURE_NAME "dossier_remain_test"
#include "report/fixture.h"

static void without_criteria(json_t *json)
{
    json_object_set_new(json, "criteria", json_null());
    json_object_set_new(json, "programme", json_null());
}

TEST(without_criteria_there_is_no_verdict)
{
    CHECK_OK(write_dossier(ctx, without_criteria, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    join_lines();
    CHECK(strstr(words, "these are figures, and no verdict") != NULL);
    CHECK(strstr(words, "the criteria are") == NULL && strstr(words, "not met") == NULL);
    CHECK(strstr(words, "cheapest") == NULL);
    remove_folder(FOLDER);
}

TEST(figures_have_their_errors_and_programmes_their_price)
{
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    join_lines();
    CHECK(strstr(words, "1.83 ± 0.05") != NULL && strstr(words, "65 % ± 2 points") != NULL);
    CHECK(strstr(words, "310 (190–640)") != NULL);
    /* Which words share a line of the table depends on the machine's fonts. */
    CHECK(strstr(words, "174,000") != NULL && strstr(words, "523,000)") != NULL);
    CHECK(strstr(words, "dogs × 1, manual × 1: 351 days at the table's pace, 174,000 USD") != NULL);
    CHECK(strstr(words, "For release as cleared: the criteria are not met") != NULL);
    CHECK(strstr(words, "0.05 0.652 not met") != NULL && strstr(words, "yes yes met") != NULL);
    remove_folder(FOLDER);
}

static void with_programme_that_fails(json_t *json)
{
    json_object_set_new(
        json, "programme",
        json_pack("{s:[],s:b,s:s}", "steps", "meets", 0, "why", "the budget of passes is spent"));
}

static void with_nothing_to_do(json_t *json)
{
    json_object_set_new(json, "programme", json_pack("{s:[],s:b}", "steps", "meets", 1));
}

TEST(a_programme_may_fail_or_be_needless)
{
    CHECK_OK(write_dossier(ctx, with_programme_that_fails, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    CHECK(strstr(words, "No work was found for it: the budget") != NULL);
    CHECK(strstr(words, "the budget of passes is spent") != NULL);
    CHECK_OK(write_dossier(ctx, with_nothing_to_do, "en"));
    CHECK(strstr(words, "They are met without further work.") != NULL);
    remove_folder(FOLDER);
}

static void with_a_doubt(json_t *json)
{
    json_object_set_new(
        json_object_get(json, "remaining"), "suspicion",
        json_pack("{s:b,s:s,s:{s:f,s:f,s:f,s:i,s:i,s:i},s:{s:f,s:f,s:f},s:{s:f,s:f,s:f},s:f}",
                  "in_doubt", 1, "standing", "suspected", "true_of_such", "value", 0.4, "low", 0.1,
                  "high", 0.8, "areas", 7, "found", 1, "left_out", 0, "holds", "value", 0.375,
                  "low", 0.09, "high", 0.77, "p_any", "value", 0.413, "low", 0.29, "high", 0.57,
                  "p_any_if_false", 0.271));
}

/* Both numbers, and which of them criteria are held against. */
TEST(a_suspicion_that_may_be_false_is_told_beside_the_figures)
{
    CHECK_OK(write_dossier(ctx, with_a_doubt, "en"));
    if (words[0] == '\0')
        SKIP("pdftotext is not installed");
    join_lines();
    CHECK(strstr(words, "65 % ± 2 points") != NULL);
    CHECK(strstr(words, "The chance that it is: 38 % (90 % interval 9 % to 77 %)") != NULL);
    CHECK(strstr(words, "and searched areas of its kind (7)") != NULL);
    CHECK(strstr(words, "at least one item remains 27 %") != NULL);
    CHECK(strstr(words, "41 % (29 % to 57 %). Criteria are held against the figures above") !=
          NULL);
    CHECK_OK(write_dossier(ctx, with_a_doubt, "uk"));
    join_lines();
    CHECK(strstr(words, "Якщо вона хибна") != NULL);
    CHECK_OK(write_dossier(ctx, NULL, "en"));
    CHECK(strstr(words, "Criteria are held against the figures above") == NULL);
    remove_folder(FOLDER);
}
