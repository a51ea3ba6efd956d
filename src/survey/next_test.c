#include "unit.h"

#include "geo/vector.h"
#include "survey/fixture.h"
#include "survey/survey.h"
#include "tilth/decision.h"

static const struct tl_survey_next manual = {.hours = 40, .method = "manual", .seed = 1};

static json_t *run(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_survey_next *next, const char *out)
{
    char *json = NULL, *words = NULL;
    json_t *value = NULL;
    if (tl_survey_next(ctx, project, next, out, true, &json, &words) == TL_OK)
        value = json_loads(json, 0, NULL);
    tl_free(json);
    tl_free(words);
    return value;
}

static double number(const json_t *value, const char *a, const char *b)
{
    const json_t *at = json_object_get(value, a);
    return json_number_value(b == NULL ? at : json_object_get(at, b));
}

TEST(places_are_ranked_written_and_told)
{
    struct tl_project *project = NULL;
    struct tl_survey_next next = manual;
    struct tl_vector *vector = NULL;
    struct tl_vector_options how = {0};
    bool more = true;
    CHECK_OK(fixture_survey(ctx, "next_test.gpkg", true, &project));
    next.hours = 60000; /* ten days' hours on 100 m cells would be one corner */
    json_t *value = run(ctx, project, &next, "next_test.geojson");
    CHECK(value != NULL);
    const json_t *places = json_object_get(value, "places");
    size_t n = json_array_size(places);
    double gathered = number(value, "gathered", "loss_reduction"), hours = 0.0, sum = 0.0;
    CHECK(n >= 1);
    for (size_t k = 0; k < n; k++) {
        const json_t *p = json_array_get(places, k);
        hours += number(p, "hours", NULL);
        sum += number(p, "loss_reduction", NULL);
        CHECK(number(p, "items_found", NULL) > 0.0);
        CHECK(number(p, "items_found", NULL) < number(p, "items_expected", NULL));
        CHECK(number(p, "p_any_mean", NULL) > 0.0 && number(p, "p_any_mean", NULL) < 1.0);
        CHECK(number(p, "area_m2", NULL) >= 4e4 - 1.0);
    }
    CHECK_NEAR(sum, gathered, 1e-6 * gathered);
    CHECK_NEAR(hours, number(value, "gathered", "hours"), 1e-3);
    CHECK(hours <= 60000.0 * (1.0 + 1e-9));
    /* Gathered <= whole passes <= Koopman. */
    double whole = number(json_object_get(value, "optimum"), "whole_passes", NULL);
    double koopman = number(json_object_get(value, "optimum"), "koopman", "loss_reduction");
    CHECK(gathered <= whole * (1.0 + 1e-6) && whole <= koopman * (1.0 + 1e-6));
    CHECK(gathered >= 0.7 * whole);
    CHECK_OK(tl_vector_open(ctx, "next_test.geojson", &how, &vector));
    CHECK(tl_vector_n_rows(vector) == (int64_t)n);
    CHECK_OK(tl_vector_next(ctx, vector, &more));
    CHECK_STR(tl_vector_text(vector, tl_vector_find_column(vector, "rank")), "1");
    CHECK(strstr(tl_vector_text(vector, tl_vector_find_column(vector, "words")), "manual") != NULL);
    tl_vector_close(vector);
    json_t *again = run(ctx, project, &next, "next_test.geojson");
    CHECK(json_equal(value, again));
    json_decref(again);
    json_decref(value);
    tl_project_close(project);
}

/* Told beside, word for word in figures, and no place moves. */
TEST(a_doubt_is_told_and_changes_no_order)
{
    static const char kept[] = "{\"remaining\": {\"suspicion\": {\"in_doubt\": true, \"holds\": "
                               "{\"value\": 0.25}, \"factor\": "
                               "0.2, \"p_any\": {\"value\": 0.3}, \"expected\": 1.5}}}";
    struct tl_project *project = NULL;
    struct tl_survey_next next = manual;
    char hash[65], *json = NULL, *words = NULL;
    next.hours = 60000;
    CHECK_OK(fixture_survey(ctx, "next_test.gpkg", true, &project));
    CHECK_OK(fixture_suspect(ctx, project, "next_test.csv"));
    CHECK_OK(tl_survey_next(ctx, project, &next, NULL, true, &json, &words));
    json_t *before = json_loads(json, 0, NULL);
    CHECK(strstr(words, "Of 1 suspected area no assessment is kept") != NULL);
    CHECK(strstr(words, "non-technical survey") == NULL);
    tl_free(json);
    tl_free(words);
    tl_hash_of(kept, (int64_t)strlen(kept), hash);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_decision_keep_assessment(ctx, project, "HA-0004", hash, "e", kept));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_survey_next(ctx, project, &next, NULL, true, &json, &words));
    json_t *after = json_loads(json, 0, NULL);
    CHECK(strstr(words, "no assessment is kept") == NULL);
    CHECK(strstr(words, "lies in HA-0004, suspected and nothing more (true with 25 %") != NULL);
    CHECK(strstr(words, "non-technical survey") != NULL);
    const json_t *was = json_object_get(before, "places"), *is = json_object_get(after, "places");
    CHECK(json_array_size(was) == json_array_size(is));
    for (size_t k = 0; k < json_array_size(is); k++) {
        const json_t *p = json_array_get(is, k), *doubt = json_object_get(p, "in_doubt");
        static const char *const same[] = {"lon", "lat", "hours", "items_expected",
                                           "loss_reduction_per_hour"};
        for (size_t c = 0; c < sizeof same / sizeof *same; c++)
            CHECK(number(p, same[c], NULL) == number(json_array_get(was, k), same[c], NULL));
        CHECK(json_is_null(json_object_get(json_array_get(was, k), "in_doubt")));
        /* All ground lies in the area: 1 - (1 - .25) (1 - .2) of the items. */
        CHECK_NEAR(number(doubt, "share", NULL), 1.0, 1e-9);
        CHECK_NEAR(number(doubt, "items_expected", NULL), 0.4 * number(p, "items_expected", NULL),
                   1e-6 * number(p, "items_expected", NULL));
    }
    tl_free(json);
    tl_free(words);
    json_decref(before);
    json_decref(after);
    tl_project_close(project);
}

TEST(a_week_of_hours_is_a_part_of_the_best_place)
{
    struct tl_project *project = NULL;
    struct tl_survey_next next = manual;
    CHECK_OK(fixture_survey(ctx, "next_test.gpkg", true, &project));
    json_t *value = run(ctx, project, &next, NULL);
    const json_t *places = json_object_get(value, "places");
    CHECK(json_array_size(places) == 1);
    CHECK_NEAR(number(json_array_get(places, 0), "hours", NULL), 40.0, 1e-6);
    CHECK(number(json_array_get(places, 0), "coverage", NULL) < 0.1);
    /* Hours for less than a cell: the one cell that is worth most, and how much of it. */
    CHECK(number(json_array_get(places, 0), "cells", NULL) == 1.0);
    CHECK(strstr(json_string_value(json_object_get(json_array_get(places, 0), "words")),
                 "m2 of that cell, a square of") != NULL);
    json_decref(value);
    /* Asked for four cells, it is four cells, and lanes. */
    next.min_area_m2 = 4e4 - 1.0;
    value = run(ctx, project, &next, NULL);
    places = json_object_get(value, "places");
    CHECK(number(json_array_get(places, 0), "cells", NULL) >= 4.0);
    CHECK(strstr(json_string_value(json_object_get(json_array_get(places, 0), "words")),
                 "in lanes over") != NULL);
    json_decref(value);
    tl_project_close(project);
}

/* The table's factors on the pace and on the chance at a pass, as written in a file of methods. */
TEST(vegetation_and_slope_change_pace_and_chance)
{
    static const char yaml[] =
        "methods:\n- {name: unknown, detectable: {a: 4, b: 2}, per_pass: {a: 4, b: 2}, source: x}\n"
        "- {name: dogs, detectable: {a: 4, b: 2}, per_pass: {a: 4, b: 2}, source: x}\n"
        "- name: manual\n  detectable: {a: 18, b: 2}\n  per_pass: {a: 12, b: 4}\n  source: x\n"
        "  pace: {typical: 30 m2/day, source: x}\n  terrain:\n    vegetation:\n"
        "      dense: {pace: 0.5, detection: 0.8}\n    slope:\n      steep: {pace: 0.25}\n"
        "      moderate: {pace: 0.6}\n    source: our trials\n";
    struct tl_project *project = NULL;
    struct tl_survey_next next = manual;
    struct tl_method_edit edit;
    CHECK_OK(fixture_survey(ctx, "next_test.gpkg", true, &project));
    CHECK_OK(tl_file_write(ctx, "next_test.yaml", yaml, (int64_t)strlen(yaml)));
    CHECK_OK(tl_method_edit(ctx, project, "next_test.yaml", &edit));
    json_t *plain = run(ctx, project, &next, NULL);
    next.vegetation = "Dense";
    next.slope = "steep";
    json_t *hard = run(ctx, project, &next, NULL);
    CHECK_NEAR(number(hard, "method", "m2_per_hour"), number(plain, "method", "m2_per_hour") / 8.0,
               1e-9);
    CHECK_NEAR(number(plain, "method", "hours_per_day"), 6.0, 1e-12);
    CHECK_NEAR(number(hard, "method", "hours_per_day"), 6.0, 1e-12);
    CHECK_NEAR(number(hard, "method", "per_pass"), number(plain, "method", "per_pass") * 0.8, 1e-7);
    CHECK_NEAR(number(hard, "gathered", "items_found") / number(plain, "gathered", "items_found"),
               0.1, 1e-4);
    json_decref(plain);
    json_decref(hard);
    unlink("next_test.yaml");
    tl_project_close(project);
}

TEST(bad_requests_change_nothing)
{
    struct tl_project *project = NULL;
    struct tl_survey_next next;
    char *json = (char *)"untouched", *words = (char *)"untouched";
    const char *out = "next_bad.geojson";
    unlink(out);
    CHECK_OK(fixture_survey(ctx, "next_test.gpkg", true, &project));
#define BAD(change, code, part)                                                                    \
    do {                                                                                           \
        next = manual;                                                                             \
        change;                                                                                    \
        CHECK_FAILS(tl_survey_next(ctx, project, &next, out, false, &json, &words), code, part);   \
    } while (0)
    BAD(next.method = "dogs", TL_EDATA, "pace of the method 'dogs' is not known");
    BAD(next.method = "dowsing", TL_ENOTFOUND, "dowsing");
    BAD(next.hours = NAN, TL_EDATA, "hours");
    BAD(next.n_max = -1, TL_EDATA, "-1 places");
    BAD(next.min_area_m2 = INFINITY, TL_EDATA, "smallest area");
    BAD(next.min_area_m2 = 1e12, TL_EDATA, "--min-area");
    CHECK(access(out, F_OK) != 0);
    out = "next_bad.gpx";
    next = manual;
    BAD(next.seed = 1, TL_EUSAGE, ".geojson");
    out = "next_bad.geojson";
    BAD(next.vegetation = "jungle", TL_EUSAGE, "vegetation 'jungle': expected none to dense");
    BAD(next.slope = "cliff", TL_EUSAGE, "slope 'cliff': expected flat to steep");
    CHECK_OK(tl_file_write(ctx, "next_bad.geojson", "x", 1));
    out = "next_bad.geojson";
    BAD(next.seed = 1, TL_EEXISTS, "--overwrite");
    unlink(out);
    CHECK_STR(json, "untouched");
    CHECK_STR(words, "untouched");
    tl_project_close(project);
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project)
{
    char *json = NULL, *words = NULL;
    tl_err err = tl_survey_next(ctx, project, &manual, NULL, false, &json, &words);
    tl_free(json);
    tl_free(words);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_survey(ctx, "next_test.gpkg", true, &project));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project));
    tl_project_close(project);
}
