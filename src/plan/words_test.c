#include "unit.h"

#include "plan/fixture.h"

TEST(people_read_what_is_done_how_good_it_is_and_what_it_rests_on)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char *words = NULL;
    CHECK_OK(fixture_both(ctx, "words.gpkg", true, "harm", "60kUSD", &project, &plan));
    CHECK_OK(tl_plan_words(ctx, plan, &words));
    static const char *const parts[] = {"Fixture: 2027-01-01 to 2028-12-31, by casualties avoided.",
                                        "of the best that any plan could be",
                                        "Casualties expected to be avoided in 10 years:",
                                        "carried over",
                                        "Not planned:",
                                        "Taken for granted:\n",
                                        "accidents (0.001 assumed, times the effect",
                                        "is not free of explosive ordnance"};
    for (int i = 0; i < 8; i++)
        CHECK(strstr(words, parts[i]) != NULL);
    tl_free(words);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(no_money_is_said)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char *words = NULL;
    CHECK_OK(fixture_both(ctx, "words.gpkg", false, "hectares", "0USD", &project, &plan));
    CHECK_OK(tl_plan_words(ctx, plan, &words));
    CHECK(strstr(words, "The budget is zero: nothing is done.") != NULL);
    CHECK(strstr(words, "Planned, by rank") == NULL);
    tl_free(words);
    tl_plan_free(plan);
    tl_project_close(project);
}
