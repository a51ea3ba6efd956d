#include "unit.h"

#include "core/json.h"
#include "release/fixture.h"

static const char *const path = "release_ask_test.gpkg";
static const char *const file = "release_ask_test.yaml";

static json_t *ask(struct tl_ctx *ctx, struct tl_release_ask *a, int64_t n,
                   const struct tl_release_what_if *steps)
{
    char *text = NULL;
    json_t *json = NULL;
    if (tl_release_ask_what_if(ctx, a, n, steps, &text) == TL_OK)
        json = json_loads(text, 0, NULL);
    tl_free(text);
    return json;
}

static double after(const json_t *json, const char *key)
{
    return json_number_value(
        json_object_get(json_object_get(json_object_get(json, "after"), key), "value"));
}

/* The project is closed, and the answers are to the last digit those of the assessment's own what-ifs. */
TEST(answers_are_those_of_an_assessment_with_the_same_what_ifs)
{
    static const struct tl_release_what_if asked[] = {{"manual", 2}, {"dogs", 1}};
    struct tl_project *project = NULL;
    struct tl_release_ask *a = NULL;
    struct tl_release_result r = {0};
    struct tl_release_options o = tl_release_options_default();
    o.area = "HA-0001";
    o.n_draws = 256;
    o.n_what_if = 2;
    o.what_if = asked;
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_OK(tl_release_ask_open(ctx, project, &o, &a, &r));
    tl_project_close(project);
    json_t *whole = json_loads(r.json, 0, NULL);
    for (size_t k = 0; k < 2; k++) {
        json_t *one = ask(ctx, a, 1, &asked[k]);
        json_t *own = json_array_get(json_object_get(whole, "what_if"), k);
        CHECK(json_equal(json_object_get(json_object_get(one, "after"), "expected"),
                         json_object_get(own, "expected")));
        CHECK(json_equal(json_object_get(json_object_get(one, "after"), "p_any"),
                         json_object_get(own, "p_any")));
        CHECK(json_equal(json_object_get(one, "days"), json_object_get(own, "days")));
        json_decref(one);
    }
    json_decref(whole);
    tl_release_result_fini(&r);
    tl_release_ask_close(a);
    unlink(path);
}

TEST(steps_add_up_and_nothing_changes_what_is_asked_next)
{
    static const struct tl_release_what_if one[] = {{"manual", 1}},
                                           both[] = {{"manual", 1}, {"dogs", 1}},
                                           twice[] = {{"manual", 1}, {"Manual", 2}},
                                           three[] = {{"manual", 3}}, bad[] = {{"manul", 1}},
                                           none[] = {{"manual", 0}};
    static const char criteria[] = "cleared: {p_any: {at_most: 0.000001}}\n";
    struct tl_project *project = NULL;
    struct tl_release_ask *a = NULL;
    struct tl_release_options o = tl_release_options_default();
    char *text = NULL;
    o.area = "HA-0001";
    o.n_draws = 256;
    o.criteria = file;
    CHECK_OK(tl_file_write(ctx, file, criteria, (int64_t)strlen(criteria)));
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_OK(tl_release_ask_open(ctx, project, &o, &a, NULL));
    tl_project_close(project);
    json_t *now = ask(ctx, a, 0, NULL), *p = ask(ctx, a, 1, one), *q = ask(ctx, a, 2, both),
           *r = ask(ctx, a, 2, twice), *s = ask(ctx, a, 1, three), *again = ask(ctx, a, 1, one);
    CHECK(json_equal(json_object_get(now, "now"), json_object_get(now, "after")));
    CHECK(after(p, "expected") < after(now, "expected"));
    CHECK(after(q, "expected") < after(p, "expected"));
    CHECK(json_equal(r, s) == 1);
    CHECK(json_equal(p, again) == 1);
    CHECK(json_is_object(json_object_get(p, "criteria")));
    CHECK_FAILS(tl_release_ask_what_if(ctx, a, 1, bad, &text), TL_ENOTFOUND, "did you mean manual");
    CHECK_FAILS(tl_release_ask_what_if(ctx, a, 1, none, &text), TL_EUSAGE, "1 to 100 passes");
    json_t *all[] = {now, p, q, r, s, again};
    for (int k = 0; k < 6; k++)
        json_decref(all[k]);
    tl_release_ask_close(a);
    unlink(path);
    unlink(file);
}

TEST(an_area_that_is_not_there_leaves_nothing_open)
{
    struct tl_project *project = NULL;
    struct tl_release_ask *a = NULL;
    struct tl_release_options o = tl_release_options_default();
    o.area = "HA-0009";
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_FAILS(tl_release_ask_open(ctx, project, &o, &a, NULL), TL_ENOTFOUND, "HA-0009");
    CHECK(a == NULL);
    tl_project_close(project);
    unlink(path);
}
