#include "unit.h"

#include "geo/vector.h"
#include "survey/fixture.h"
#include "survey/survey.h"

static struct tl_survey_inspect inspection(int64_t n)
{
    struct tl_survey_inspect in = {.lot = tl_survey_lot_default(), .seed = 3};
    in.lot.n_units = n;
    in.lot.free = 0.95;
    in.lot.confidence = 0.95;
    return in;
}

static json_t *run(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_survey_inspect *in, const char *out)
{
    char *json = NULL, *words = NULL;
    json_t *value = NULL;
    if (tl_survey_inspect(ctx, project, in, out, true, &json, &words) == TL_OK)
        value = json_loads(json, 0, NULL);
    tl_free(json);
    tl_free(words);
    return value;
}

static int64_t size_of(const json_t *value)
{
    return json_integer_value(json_object_get(value, "sample_size"));
}

TEST(figures_need_no_project)
{
    struct tl_survey_inspect in = inspection(1000);
    json_t *value = run(ctx, NULL, &in, NULL);
    CHECK(size_of(value) == 56);
    CHECK_STR(json_string_value(json_object_get(value, "schema")), "tilth.inspect/1");
    json_decref(value);
    in.sample = 100;
    value = run(ctx, NULL, &in, NULL);
    CHECK(size_of(value) == 100);
    CHECK_NEAR(json_real_value(json_object_get(value, "confidence")),
               1.0 - tl_survey_pass(1000, 51, 100, 1.0, 0), 1e-8);
    CHECK(json_is_null(json_object_get(value, "wanted_confidence")));
    json_decref(value);
}

TEST(a_flat_prior_asks_for_about_what_no_prior_does)
{
    struct tl_survey_inspect in = inspection(1000);
    in.bayes = true;
    json_t *value = run(ctx, NULL, &in, NULL);
    int64_t flat = size_of(value);
    CHECK(flat >= 54 && flat <= 58);
    json_decref(value);
    in.prior_a = 0.5; /* mostly clean lots: fewer will do */
    in.prior_b = 20;
    value = run(ctx, NULL, &in, NULL);
    CHECK(size_of(value) < flat);
    json_decref(value);
}

static bool says(struct tl_ctx *ctx, const struct tl_survey_inspect *in, const char *part)
{
    char *json = NULL, *words = NULL;
    bool found = tl_survey_inspect(ctx, NULL, in, NULL, true, &json, &words) == TL_OK &&
                 strstr(words, part) != NULL;
    tl_free(json);
    tl_free(words);
    return found;
}

TEST(words_round_no_confidence_to_certainty_and_promise_no_more_than_was_asked)
{
    struct tl_survey_inspect in = inspection(1000);
    CHECK(says(ctx, &in, "confidence of 95.11 %"));
    in.lot.confidence = 0.99997;
    CHECK(says(ctx, &in, "confidence of 99.997 %") && !says(ctx, &in, "confidence of 100 %"));
    in.lot.free = 0.9999999; /* not all of them */
    CHECK(says(ctx, &in, "99.99999 % of the units"));
    in = inspection(1000);
    in.bayes = true;
    CHECK(says(ctx, &in, "units would do for it"));
    in.sample = 5; /* as many as were asked for need not do for anything */
    CHECK(says(ctx, &in, "Prior (beta)") && !says(ctx, &in, "would do for it"));
    in.bayes = false;
    in.lot.accept = 2;
    CHECK(says(ctx, &in, "at most 2 of them have a find"));
}

TEST(samples_are_drawn_on_the_ground)
{
    struct tl_project *project = NULL;
    struct tl_survey_inspect in = inspection(0);
    struct tl_vector *vector = NULL;
    struct tl_vector_options how = {0};
    int64_t rows = 0, size;
    bool more = true;
    CHECK_OK(fixture_survey(ctx, "inspect_test.gpkg", false, &project));
    in.area = "HA-0001";
    in.unit_m = 20;
    json_t *value = run(ctx, project, &in, "inspect_test.geojson"), *again;
    size = size_of(value);
    CHECK(size > 40 && size < 60);
    CHECK_OK(tl_vector_open(ctx, "inspect_test.geojson", &how, &vector));
    for (;;) {
        CHECK_OK(tl_vector_next(ctx, vector, &more));
        if (!more)
            break;
        rows++;
    }
    tl_vector_close(vector);
    CHECK(rows == size);
    char *first = strdup(fixture_text("inspect_test.geojson"));
    again = run(ctx, project, &in, "inspect_test.geojson");
    CHECK(json_equal(value, again));
    CHECK_STR(fixture_text("inspect_test.geojson"), first);
    json_decref(again);
    in.seed = 4;
    again = run(ctx, project, &in, "inspect_test.geojson");
    CHECK(strcmp(fixture_text("inspect_test.geojson"), first) != 0);
    json_decref(again);
    json_decref(value);
    free(first);
    in.bayes = true;
    CHECK(run(ctx, project, &in, NULL) == NULL);
    CHECK(strstr(tl_ctx_message(ctx), "no map yet") != NULL);
    tl_project_close(project);
}

TEST(the_map_is_where_bayes_and_strata_start)
{
    struct tl_project *project = NULL;
    struct tl_survey_inspect in = inspection(0);
    CHECK_OK(fixture_survey(ctx, "inspect_test.gpkg", true, &project));
    in.area = "HA-0001";
    in.unit_m = 20;
    json_t *plain = run(ctx, project, &in, NULL);
    in.stratify = "risk";
    json_t *strata = run(ctx, project, &in, "inspect_test.geojson");
    CHECK(plain != NULL && strata != NULL);
    CHECK(json_array_size(json_object_get(strata, "strata")) == 3);
    CHECK(size_of(strata) <= size_of(plain) + 10);
    in.stratify = NULL;
    in.bayes = true;
    in.lot.free = 0.5;
    json_t *bayes = run(ctx, project, &in, NULL);
    CHECK(bayes != NULL);
    const json_t *priors = json_object_get(bayes, "priors");
    CHECK(json_array_size(priors) == 2);
    for (size_t k = 0; k < 2; k++)
        CHECK(size_of(json_array_get(priors, k)) <= size_of(bayes));
    json_decref(plain);
    json_decref(strata);
    json_decref(bayes);
    tl_project_close(project);
}

TEST(bad_inspections_change_nothing)
{
    struct tl_project *project = NULL;
    struct tl_survey_inspect in;
    char *json = (char *)"untouched", *words = (char *)"untouched";
    const char *out = NULL;
    CHECK_OK(fixture_survey(ctx, "inspect_test.gpkg", false, &project));
#define BAD(change, code, part)                                                                    \
    do {                                                                                           \
        in = inspection(1000);                                                                     \
        change;                                                                                    \
        CHECK_FAILS(tl_survey_inspect(ctx, project, &in, out, false, &json, &words), code, part);  \
    } while (0)
    BAD(in.sample = 2000, TL_EDATA, "2000 units is larger than the lot of 1000");
    BAD(in.sample = -1, TL_EDATA, "-1");
    BAD(in.lot.n_units = 0, TL_EDATA, "0 units");
    BAD((in.lot.free = 1.0, in.lot.found_if_there = 0.5), TL_EDATA, "cannot be had");
    BAD(in.stratify = "luck", TL_EUSAGE, "'luck'");
    BAD(in.stratify = "risk", TL_EUSAGE, "need an area");
    BAD((in.area = "A", in.unit_m = 10.0), TL_EUSAGE, "by one of them, not both");
    BAD((in.area = "A", in.lot.n_units = 0, in.bayes = true, in.stratify = "risk"), TL_EUSAGE,
        "one of them");
    BAD((in.area = "Z", in.lot.n_units = 0), TL_ENOTFOUND, "'Z'");
    BAD((in.area = "A", in.lot.n_units = 0, in.unit_m = NAN), TL_EDATA, "side");
    BAD((in.bayes = true, in.prior_a = -1), TL_EDATA, "Beta(-1");
    out = "inspect_bad.geojson";
    BAD(in.seed = 1, TL_EUSAGE, "needs an area");
    CHECK(access(out, F_OK) != 0);
    CHECK_STR(json, "untouched");
    CHECK_STR(words, "untouched");
    tl_project_close(project);
}

static tl_err once(struct tl_ctx *ctx, struct tl_project *project)
{
    struct tl_survey_inspect in = inspection(0);
    char *json = NULL, *words = NULL;
    in.area = "B";
    in.unit_m = 50;
    in.bayes = true;
    in.lot.free = 0.3;
    tl_err err = tl_survey_inspect(ctx, project, &in, NULL, false, &json, &words);
    tl_free(json);
    tl_free(words);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    CHECK_OK(fixture_survey(ctx, "inspect_test.gpkg", true, &project));
    CHECK_EVERY_ALLOC(ctx, once(ctx, project));
    tl_project_close(project);
}
