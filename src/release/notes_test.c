#include "unit.h"

#include "release/case.h"

static const char *const path = "release_notes_test.gpkg";

TEST(what_is_taken_for_granted_is_listed)
{
    struct case_set s = {.options = tl_release_options_default()};
    s.options.depth_cm = 20.0;
    s.options.vegetation = "dense";
    CHECK_OK(case_open(ctx, path, "HA-0001", &s));
    CHECK(case_says(&s, "assumptions", "density") && case_says(&s, "assumptions", "misses"));
    CHECK(case_says(&s, "assumptions", "method") && case_says(&s, "assumptions", "terrain"));
    CHECK(case_says(&s, "assumptions", "depth-not-recorded"));
    CHECK(case_says(&s, "warnings", "depth-not-recorded"));
    CHECK(case_says(&s, "warnings", "assumed-method"));
    CHECK(!case_says(&s, "warnings", "nothing-inside"));
    CHECK(!case_says(&s, "warnings", "older-map"));
    case_close(&s, path);
}

TEST(ground_without_evidence_and_records_after_the_map_are_warned_of)
{
    struct case_set s = {.options = tl_release_options_default()};
    struct tl_release_result r = {0};
    CHECK_OK(case_open(ctx, path, "HA-0002", &s));
    CHECK(case_says(&s, "warnings", "nothing-inside"));
    CHECK_OK(release_text(
        ctx, s.project, "search",
        "id,type,method,passes,depth_cm,date_end,wkt\nS9,clearance,harrow,1,13,2022-01-01,"
        "\"POLYGON((15.011 2.007,15.016 2.007,15.016 2.012,15.011 2.012,15.011 2.007))\"\n"));
    s.options.depth_cm = 20.0;
    CHECK_OK(tl_release_assess(ctx, s.project, &s.options, &r));
    CHECK(strstr(r.json, "\"older-map\"") != NULL);
    CHECK(strstr(r.json, "\"unknown-method\"") != NULL && strstr(r.words, "harrow") != NULL);
    CHECK(strstr(r.json, "\"deeper-than-searched\"") != NULL);
    tl_release_result_fini(&r);
    case_close(&s, path);
}
