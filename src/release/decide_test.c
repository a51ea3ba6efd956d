#include "unit.h"

#include "release/fixture.h"

static const char *const path = "release_decide_test.gpkg";
static const char *const criteria = "release_decide_test.yaml";

static tl_err keep(struct tl_ctx *ctx, struct tl_project *project, const char *file)
{
    struct tl_release_options o = tl_release_options_default();
    struct tl_release_result r = {0};
    o.area = "HA-0001";
    o.n_draws = 128;
    o.keep = true;
    o.criteria = file;
    tl_err err = tl_release_assess(ctx, project, &o, &r);
    tl_release_result_fini(&r);
    return err;
}

static struct tl_release_decide decide(void)
{
    return (struct tl_release_decide){"HA-0001", "cleared", "A. Name", "approver", "all was done"};
}

TEST(a_decision_needs_role_reason_and_assessment)
{
    struct tl_project *project = NULL;
    struct tl_release_decide d = decide();
    char *json = NULL;
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_FAILS(tl_release_decide(ctx, project, &d, &json), TL_ENOTFOUND, "tilth assess");
    CHECK_OK(keep(ctx, project, NULL));
    d.role = "data entry";
    CHECK_FAILS(tl_release_decide(ctx, project, &d, &json), TL_EDENIED, "data entry");
    d = decide();
    d.reason = "  ";
    CHECK_FAILS(tl_release_decide(ctx, project, &d, &json), TL_EUSAGE, "reason");
    d = decide();
    d.as = "free";
    CHECK_FAILS(tl_release_decide(ctx, project, &d, &json), TL_EUSAGE, "free");
    d = decide();
    d.area = "HA-9999";
    CHECK_FAILS(tl_release_decide(ctx, project, &d, &json), TL_ENOTFOUND, "HA-9999");
    CHECK(json == NULL);
    d = decide();
    CHECK_OK(tl_release_decide(ctx, project, &d, &json));
    json_t *told = json_loads(json, 0, NULL);
    CHECK_STR(json_string_value(json_object_get(told, "person")), "A. Name");
    CHECK(json_is_null(json_object_get(told, "criteria")));
    CHECK(json_is_false(json_object_get(told, "against_criteria")));
    CHECK(strlen(json_string_value(json_object_get(told, "assessment"))) == 64);
    json_decref(told);
    tl_free(json);
    tl_project_close(project);
    unlink(path);
}

TEST(evidence_that_has_changed_asks_for_a_new_assessment)
{
    struct tl_project *project = NULL;
    struct tl_release_decide d = decide();
    char *json = NULL;
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_OK(keep(ctx, project, NULL));
    CHECK_OK(release_text(
        ctx, project, "item",
        "id,lon,lat,date,category,search,how\nI9,15.0061,2.0140,2021,AP mine,S1,search\n"));
    CHECK_FAILS(tl_release_decide(ctx, project, &d, &json), TL_ECONFLICT, "assess again");
    CHECK_OK(keep(ctx, project, NULL));
    CHECK_OK(tl_release_decide(ctx, project, &d, &json));
    tl_free(json);
    tl_project_close(project);
    unlink(path);
}

TEST(a_decision_against_the_criteria_is_recorded_as_such)
{
    struct tl_project *project = NULL;
    struct tl_release_decide d = decide();
    char *json = NULL, *list = NULL;
    const char *text = "title: strict\ncleared: {p_any: {at_most: 0.01 %}}\n";
    CHECK_OK(release_open(ctx, path, &project));
    CHECK_OK(tl_file_write(ctx, criteria, text, (int64_t)strlen(text)));
    CHECK_OK(keep(ctx, project, criteria));
    CHECK_OK(tl_release_decide(ctx, project, &d, &json));
    CHECK(strstr(json, "\"against_criteria\": true") != NULL);
    CHECK_OK(tl_decision_list(ctx, project, "HA-0001", &list));
    CHECK(strstr(list, "strict") != NULL);
    tl_free(json);
    tl_free(list);
    unlink(criteria);
    tl_project_close(project);
    unlink(path);
}
