#include "unit.h"

#include <unistd.h>

#include "core/json.h"
#include "release/criteria.h"

static const char *const path = "criteria_test.yaml";

static tl_err load(struct tl_ctx *ctx, const char *text, struct tl_release_criteria **c)
{
    tl_err err = tl_file_write(ctx, path, text, (int64_t)strlen(text));
    if (err == TL_OK)
        err = tl_release_criteria_load(ctx, path, c);
    unlink(path);
    return err;
}

static struct tl_release_facts facts(void)
{
    struct tl_release_facts f = {.n_methods = 1, .method = {"manual"}, .evidence = "indirect"};
    f.value[TL_RELEASE_P_ANY] = 0.03;
    f.value[TL_RELEASE_SEARCHED_SHARE] = 1.0;
    f.value[TL_RELEASE_DEPTH] = NAN;
    snprintf(f.last_accident, sizeof f.last_accident, "2020-06");
    return f;
}

TEST(limits_are_held_against_facts)
{
    struct tl_release_criteria *c = NULL;
    struct tl_release_facts f = facts();
    const char *why = NULL;
    CHECK_OK(load(ctx, "cleared:\n  p_any: {at_most: 5 %}\n  methods: [Manual]\n", &c));
    CHECK(tl_release_criteria_has(c, 2) && !tl_release_criteria_has(c, 0));
    CHECK(tl_release_criteria_met(c, 2, &f, &why) && why == NULL);
    f.value[TL_RELEASE_P_ANY] = 0.051;
    CHECK(!tl_release_criteria_met(c, 2, &f, &why));
    CHECK_STR(why, "p_any");
    f.value[TL_RELEASE_P_ANY] = 0.05;
    f.method[f.n_methods++] = "dogs";
    CHECK(!tl_release_criteria_met(c, 2, &f, &why));
    CHECK_STR(why, "methods");
    tl_release_criteria_free(c);
}

/* What is not known meets no limit; a date of a month counts from its last day. */
TEST(what_is_not_known_meets_no_limit)
{
    struct tl_release_criteria *c = NULL;
    struct tl_release_facts f = facts();
    const char *why = NULL;
    CHECK_OK(
        load(ctx, "cleared: {depth: {at_least: 13 cm}}\nreduced: {depth: {at_most: 2 m}}\n", &c));
    CHECK(!tl_release_criteria_met(c, 2, &f, &why) && !tl_release_criteria_met(c, 1, &f, &why));
    f.value[TL_RELEASE_DEPTH] = 13.0;
    CHECK(tl_release_criteria_met(c, 2, &f, &why));
    tl_release_criteria_free(c);
    CHECK_OK(load(ctx,
                  "as_of: 2026-06-15\ncancelled: {years_without_accident: {at_least: 6 years}}\n"
                  "reduced: {years_without_accident: {at_least: 5 years}}\n",
                  &c));
    CHECK(!tl_release_criteria_met(c, 0, &f, &why) && tl_release_criteria_met(c, 1, &f, &why));
    f.last_accident[0] = '\0';
    CHECK(tl_release_criteria_met(c, 0, &f, &why));
    f.is_undated = true; /* it may have been yesterday */
    CHECK(!tl_release_criteria_met(c, 0, &f, &why));
    CHECK_STR(why, "years_without_accident");
    tl_release_criteria_free(c);
    CHECK(tl_release_date_is_later("2020", "2020-05-01") &&
          !tl_release_date_is_later("2020-05-01", "2020"));
    CHECK(tl_release_date_is_later("1999", "") && !tl_release_date_is_later("", ""));
}

/* The text of a limit, of the last verdict's first test. */
static const char *limit_of(struct tl_ctx *ctx, const char *text,
                            const struct tl_catalogue *catalogue, char said[80])
{
    struct tl_release_criteria *c = NULL;
    struct tl_release_facts f = facts();
    json_t *json = NULL;
    said[0] = '\0';
    if (load(ctx, text, &c) == TL_OK &&
        tl_release_criteria_judge(ctx, c, catalogue, &f, &json) == TL_OK) {
        const json_t *verdict = json_array_get(json_object_get(json, "verdicts"), 0);
        const json_t *test = json_array_get(json_object_get(verdict, "tests"), 0);
        snprintf(said, 80, "%s", json_string_value(json_object_get(test, "limit")));
    }
    json_decref(json);
    tl_release_criteria_free(c);
    return said;
}

TEST(limits_are_told_as_they_were_set)
{
    struct tl_catalogue *uk = NULL;
    char said[80];
    CHECK_OK(tl_catalogue_open(ctx, "uk", &uk));
    CHECK_STR(limit_of(ctx, "cleared: {searched_share: {at_least: 99.95 %}}\n", NULL, said),
              "at least 99.95 %");
    CHECK_STR(limit_of(ctx, "cleared: {expected: {at_most: 1234.5}}\n", NULL, said),
              "at most 1,234.5");
    CHECK(strstr(limit_of(ctx, "cleared: {p_any: {at_most: 0.5 %}}\n", uk, said), "0,5 %") != NULL);
    tl_catalogue_free(uk);
}

TEST(contradictions_are_named_with_their_lines)
{
    struct tl_release_criteria *c = NULL;
    CHECK_FAILS(load(ctx, "cleared:\n  p_any:\n    at_least: 10 %\n    at_most: 5 %\n", &c),
                TL_EDATA, "line 3");
    CHECK_FAILS(
        load(ctx, "reduced: {depth: {at_least: 20 cm}}\ncleared: {depth: {at_least: 13 cm}}\n", &c),
        TL_EDATA, "deeper than cleared");
    CHECK_FAILS(load(ctx, "cleared: {found: {at_least: 1}, searched_share: {at_most: 0 %}}\n", &c),
                TL_EDATA, "contradict");
    CHECK(c == NULL);
}

TEST(slips_of_the_pen_are_told)
{
    struct tl_release_criteria *c = NULL;
    CHECK_FAILS(load(ctx, "cleared: {p_anny: {at_most: 5 %}}\n", &c), TL_EDATA, "p_any");
    CHECK_FAILS(load(ctx, "cleared: {depth: {at_least: 13}}\n", &c), TL_EDATA, "line 1");
    CHECK_FAILS(load(ctx, "cleared: {p_any: {}}\n", &c), TL_EDATA, "");
    CHECK_FAILS(load(ctx, "title: none\n", &c), TL_EDATA, "no limits");
    CHECK_FAILS(load(ctx, "cleared: {years_without_accident: {at_least: 5 years}}\n", &c), TL_EDATA,
                "as_of");
    CHECK_FAILS(load(ctx, "as_of: soon\ncleared: {p_any: {at_most: 5 %}}\n", &c), TL_EDATA, "soon");
    CHECK_FAILS(tl_release_criteria_load(ctx, "nowhere.yaml", &c), TL_ENOTFOUND, "nowhere.yaml");
}

TEST(the_example_is_read_and_judged)
{
    struct tl_release_criteria *c = NULL;
    struct tl_release_facts f = facts();
    json_t *json = NULL;
    CHECK_OK(tl_release_criteria_load(ctx, TILTH_SOURCE "/docs/examples/criteria.yaml", &c));
    CHECK_OK(tl_release_criteria_judge(ctx, c, NULL, &f, &json));
    const json_t *verdicts = json_object_get(json, "verdicts");
    CHECK(json_array_size(verdicts) == 3);
    CHECK_STR(json_string_value(json_object_get(json_array_get(verdicts, 2), "as")), "cleared");
    CHECK(json_is_false(json_object_get(json_array_get(verdicts, 2), "met")));
    json_decref(json);
    tl_release_criteria_free(c);
}
