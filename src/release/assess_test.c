#include "unit.h"

#include "release/fixture.h"
#include "release/release.h"

static const char *const path = "release_assess_test.gpkg";

static struct tl_release_options options_for(const char *area)
{
    struct tl_release_options o = tl_release_options_default();
    o.area = area;
    o.n_draws = 640;
    return o;
}

static double number_of(const json_t *json, const char *a, const char *b, const char *c)
{
    const json_t *at = json_object_get(json_object_get(json, a), b);
    return json_number_value(c == NULL ? at : json_object_get(at, c));
}

TEST(a_searched_area_and_an_unsearched_one)
{
    struct tl_project *project = NULL;
    struct tl_release_result r = {0};
    struct tl_release_options o = options_for("ha-0001");
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_OK(tl_release_assess(ctx, project, &o, &r));
    if (getenv("SHOW") != NULL)
        printf("%s%s", r.json, r.words);
    json_t *json = json_loads(r.json, 0, NULL);
    CHECK_STR(json_string_value(json_object_get(json, "schema")), "tilth.assess/1");
    CHECK_NEAR(number_of(json, "searched", "share", NULL), 1.0, 1e-6);
    CHECK_NEAR(r.area_m2, 111000.0, 1500.0);
    CHECK(r.expected.value > 0.0 && r.expected.value < 4.0);
    CHECK(r.expected.value < number_of(json, "remaining", "prior", "expected"));
    CHECK(r.p_any.value > 0.0 && r.p_any.value < 1.0 && r.p_any.mcse > 0.0);
    CHECK(json_array_size(json_object_get(json_object_get(json, "searched"), "by")) == 1);
    CHECK(json_array_size(json_object_get(json, "what_if")) > 3);
    CHECK(json_is_null(json_object_get(json, "criteria")));
    CHECK(strstr(r.words, "No criteria were given") != NULL);
    json_decref(json);
    tl_release_result_fini(&r);
    o.area = "Pasture";
    o.n_draws = 6400;
    CHECK_OK(tl_release_assess(ctx, project, &o, &r));
    json = json_loads(r.json, 0, NULL);
    CHECK_NEAR(number_of(json, "searched", "share", NULL), 0.0, 1e-9);
    CHECK_NEAR(r.expected.value / number_of(json, "remaining", "prior", "expected"), 1.0, 0.35);
    CHECK(strstr(r.json, "nothing-inside") != NULL);
    json_decref(json);
    tl_release_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}

TEST(the_same_bytes_on_any_number_of_threads_alone_and_among_all)
{
    struct tl_project *project = NULL;
    struct tl_release_result a = {0}, b = {0};
    struct tl_release_options o = options_for("HA-0001");
    CHECK_OK(release_open(ctx, path, &project));
    tl_ctx_set_threads(ctx, 1);
    CHECK_OK(tl_release_assess(ctx, project, &o, &a));
    tl_ctx_set_threads(ctx, 3);
    CHECK_OK(tl_release_assess(ctx, project, &o, &b));
    CHECK_STR(a.json, b.json);
    CHECK_STR(a.hash, b.hash);
    tl_release_result_fini(&a);
    tl_release_result_fini(&b);
    tl_project_close(project);
    unlink(path);
}

struct gathered {
    int n;
    char code[8][32], hash[8][65];
};

static tl_err gather(struct tl_ctx *ctx, void *user, const struct tl_release_result *result)
{
    struct gathered *g = user;
    (void)ctx;
    snprintf(g->code[g->n], sizeof g->code[0], "%s", result->code);
    snprintf(g->hash[g->n], sizeof g->hash[0], "%s", result->hash);
    g->n++;
    return TL_OK;
}

TEST(all_areas_in_one_call_are_as_each_alone)
{
    struct tl_project *project = NULL;
    struct tl_release_result alone = {0};
    struct tl_release_options o = options_for(NULL);
    struct gathered g = {0};
    char *skipped = NULL;
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_OK(tl_release_assess_all(ctx, project, &o, gather, &g, &skipped));
    CHECK(g.n == 2);
    CHECK_STR(g.code[0], "HA-0001");
    CHECK_STR(g.code[1], "HA-0002");
    CHECK(strstr(skipped, "HA-0003") != NULL);
    o.area = "HA-0002";
    CHECK_OK(tl_release_assess(ctx, project, &o, &alone));
    CHECK_STR(alone.hash, g.hash[1]);
    tl_release_result_fini(&alone);
    tl_free(skipped);
    tl_project_close(project);
    unlink(path);
}

TEST(bad_input_gets_one_clear_line_each)
{
    struct tl_project *project = NULL;
    struct tl_release_result r = {0};
    struct tl_release_options o = options_for("Pastur");
    struct tl_release_what_if what = {"manul", 1};
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_ENOTFOUND, "Pasture");
    o.area = "HA-0003";
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_EDATA, "");
    o.area = "HA-0001";
    o.n_what_if = 1;
    o.what_if = &what;
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_ENOTFOUND, "manual");
    snprintf(what.method, sizeof what.method, "manual");
    what.passes = 0;
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_EUSAGE, "passes");
    o.n_what_if = 0;
    o.group = "mines";
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_ENOTFOUND, "tilth map");
    o.group = NULL;
    o.depth_cm = -1.0;
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_EUSAGE, "depth");
    o.depth_cm = NAN;
    o.language = "xx";
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_EUSAGE, "");
    o.language = NULL;
    o.polygon = "both.geojson";
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_EUSAGE, "one area");
    CHECK(r.json == NULL);
    tl_project_close(project);
    unlink(path);
}

TEST(without_a_map_it_says_how_to_make_one)
{
    struct tl_project *project = NULL;
    struct tl_release_result r = {0};
    struct tl_release_options o = options_for("H1");
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(release_text(ctx, project, "hazard-area", release_areas));
    CHECK_FAILS(tl_release_assess(ctx, project, &o, &r), TL_ENOTFOUND, "tilth map");
    tl_project_close(project);
    unlink(path);
}

/* Made first, kept afterwards: the same in the project as if it had been kept at once. */
TEST(an_assessment_may_be_kept_once_its_dossier_is_written)
{
    struct tl_project *project = NULL;
    struct tl_release_result r = {0}, polygon = {.json = NULL};
    struct tl_release_options o = options_for("HA-0001");
    char *hash = NULL, *evidence = NULL, *json = NULL;
    o.keep = false;
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_OK(tl_release_assess(ctx, project, &o, &r));
    CHECK(!r.kept);
    CHECK_OK(tl_release_keep(ctx, project, &r));
    CHECK(r.kept);
    CHECK_OK(tl_decision_latest_assessment(ctx, project, "HA-0001", &hash, &evidence, &json));
    CHECK_STR(hash, r.hash);
    CHECK_STR(json, r.json);
    CHECK(strstr(r.json, evidence) != NULL && strlen(evidence) == 64);
    CHECK_FAILS(tl_release_keep(ctx, project, &polygon), TL_EDATA, "not an assessment");
    r.code[0] = '\0';
    CHECK_FAILS(tl_release_keep(ctx, project, &r), TL_EUSAGE, "registered");
    tl_free(hash);
    tl_free(evidence);
    tl_free(json);
    tl_release_result_fini(&r);
    tl_project_close(project);
    unlink(path);
}
