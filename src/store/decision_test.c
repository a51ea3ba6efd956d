#include "unit.h"

#include "core/json.h"
#include "store/decision_fixture.h"

static const char path[] = "decision_test.gpkg";

TEST(an_assessment_is_kept_once_and_the_latest_is_found)
{
    struct tl_project *project = NULL;
    char hash[65], *got = NULL, *evidence = NULL, *json = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_released(ctx, path, &project));
    CHECK_OK(tl_decision_latest_assessment(ctx, project, "HA-0001", &got, &evidence, &json));
    CHECK(got == NULL && evidence == NULL && json == NULL);
    CHECK_FAILS(tl_decision_latest_assessment(ctx, project, "HA-0009", &got, &evidence, &json),
                TL_ENOTFOUND, "HA-0009");
    CHECK_OK(tl_project_begin(ctx, project));
    for (int i = 0; i < 2; i++)
        CHECK_OK(fixture_assess(ctx, project, "{\"a\": 1}", hash));
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT count(*) FROM assessment", 0, &n));
    CHECK(n == 1);
    CHECK_OK(fixture_assess(ctx, project, "{\"a\": 2}", hash));
    CHECK_FAILS(tl_decision_keep_assessment(ctx, project, "HA-0001", hash, "e", "{\"a\": 3}"),
                TL_EBUG, "not that of its text");
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_decision_latest_assessment(ctx, project, "HA-0001", &got, &evidence, &json));
    CHECK_STR(json, "{\"a\": 2}");
    CHECK_STR(got, hash);
    CHECK_STR(evidence, "evidence");
    tl_free(got);
    tl_free(evidence);
    tl_free(json);
    tl_project_close(project);
}

TEST(summaries_tell_the_doubt_of_a_suspicion)
{
    struct tl_project *project = NULL;
    char hash[65], *json = NULL;
    CHECK_OK(fixture_released(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_assess(ctx, project,
                            "{\"remaining\": {\"p_any\": {\"value\": 0.5}, \"suspicion\": "
                            "{\"in_doubt\": true, \"holds\": {\"value\": 0.25}, \"factor\": 0.2, "
                            "\"p_any\": {\"value\": 0.3}, \"expected\": 1.5}}}",
                            hash));
    CHECK_OK(tl_decision_summaries(ctx, project, &json));
    json_t *all = json_loads(json, 0, NULL);
    const json_t *doubt = json_object_get(json_object_get(all, "HA-0001"), "doubt");
    CHECK(json_number_value(json_object_get(doubt, "holds")) == 0.25);
    CHECK(json_number_value(json_object_get(doubt, "p_any")) == 0.3);
    CHECK(json_number_value(json_object_get(doubt, "expected")) == 1.5);
    CHECK(json_number_value(json_object_get(doubt, "factor")) == 0.2);
    json_decref(all);
    tl_free(json);
    /* Without a doubt, and of assessments from before it was told. */
    static const char *const without[] = {
        "{\"remaining\": {\"suspicion\": {\"in_doubt\": false, \"standing\": \"met\"}}}",
        "{\"remaining\": {}}"};
    for (int k = 0; k < 2; k++) {
        CHECK_OK(fixture_assess(ctx, project, without[k], hash));
        CHECK_OK(tl_decision_summaries(ctx, project, &json));
        all = json_loads(json, 0, NULL);
        CHECK(json_is_null(json_object_get(json_object_get(all, "HA-0001"), "doubt")));
        json_decref(all);
        tl_free(json);
    }
    CHECK_OK(tl_project_commit(ctx, project));
    tl_project_close(project);
}

TEST(a_decision_is_recorded_with_its_person_and_sets_the_status)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    char hash[65], *json = NULL;
    int64_t id = 0, n = 0;
    CHECK_OK(fixture_released(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_assess(ctx, project, "{}", hash));
    CHECK_OK(fixture_decide(ctx, project, hash, "cleared", &id));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(id == 1);
    CHECK_OK(tl_decision_list(ctx, project, "HA-0001", &json));
    CHECK(strstr(json, "\"as\": \"cleared\"") != NULL &&
          strstr(json, "\"person\": \"O. Koval\"") != NULL && strstr(json, hash) != NULL &&
          strstr(json, "\"met\": true") != NULL);
    tl_free(json);
    CHECK_OK(tl_decision_list(ctx, project, "HA-0002", &json));
    CHECK_STR(json, "[]\n");
    tl_free(json);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM hazard_area h JOIN land_release l ON "
                        "l.hazard_area_id = h.id WHERE h.status = 'cleared' AND l.product = "
                        "'cleared' AND h.geom = l.geom AND l.approved_by = 'O. Koval' AND "
                        "h.date_closed = l.date_end AND length(h.date_closed) = 10",
                        0, &n));
    CHECK(n == 1);
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE table_name IN ('assessment', 'decision', "
                        "'land_release')",
                        0, &n));
    CHECK(n == 3);
    CHECK_OK(tl_project_check(ctx, project, &lines, &n));
    CHECK(n == 0);
    tl_free(lines);
    /* altered past the program */
    CHECK_OK(tl_sql_exec(ctx, project->db, "UPDATE assessment SET json = '{ }'"));
    CHECK_OK(tl_sql_exec(ctx, project->db, "UPDATE hazard_area SET status = 'open'"));
    CHECK_OK(tl_project_check(ctx, project, &lines, &n));
    int seen = 0;
    for (int64_t i = 0; i < n; i++)
        seen +=
            strcmp(lines[i].check, "assessment") == 0 || strcmp(lines[i].check, "decision") == 0;
    CHECK(seen == 2);
    tl_free(lines);
    tl_project_close(project);
}

TEST(what_may_not_be_is_refused_and_nothing_is_written)
{
    struct tl_project *project = NULL;
    char hash[65];
    int64_t id = -1, n = 0;
    CHECK_OK(fixture_released(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(fixture_assess(ctx, project, "{}", hash));
    const struct tl_decision good = {.area_code = "HA-0001",
                                     .as = "cleared",
                                     .person = "O. Koval",
                                     .role = "approver",
                                     .reason = "all met",
                                     .assessment_hash = hash};
    struct tl_decision d = good;
    d.role = "verifier";
    CHECK_FAILS(tl_decision_put(ctx, project, &d, &id), TL_EDENIED,
                "the role 'verifier' may not release land");
    d = good;
    d.person = " ";
    CHECK_FAILS(tl_decision_put(ctx, project, &d, &id), TL_EUSAGE, "the name of the person");
    d = good;
    d.reason = "";
    CHECK_FAILS(tl_decision_put(ctx, project, &d, &id), TL_EUSAGE, "the reason");
    d = good;
    d.as = "safe";
    CHECK_FAILS(tl_decision_put(ctx, project, &d, &id), TL_EUSAGE, "\"safe\" is not what");
    d = good;
    d.area_code = "HA-0007";
    CHECK_FAILS(tl_decision_put(ctx, project, &d, &id), TL_ENOTFOUND, "HA-0007");
    d = good;
    d.assessment_hash = "00";
    CHECK_FAILS(tl_decision_put(ctx, project, &d, &id), TL_ENOTFOUND, "tilth assess");
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT (SELECT count(*) FROM decision) + (SELECT count(*) FROM "
                        "land_release) + (SELECT count(*) FROM hazard_area WHERE status != 'open')",
                        -1, &n));
    CHECK(n == 0 && id == -1);
    CHECK_OK(tl_project_commit(ctx, project));
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_FAILS(tl_decision_put(ctx, project, &good, &id), TL_EREADONLY, "reading only");
    tl_project_close(project);
}

static tl_err whole(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    char hash[65], *json = NULL;
    int64_t id = 0;
    tl_err err = TL_OK;
    TL_TRY(fixture_released(ctx, path, &project));
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(fixture_assess(ctx, project, "{}", hash));
    TL_TRY(fixture_decide(ctx, project, hash, "reduced", &id));
    TL_TRY(tl_project_commit(ctx, project));
    TL_TRY(tl_decision_list(ctx, project, NULL, &json));
done:
    tl_free(json);
    tl_project_close(project);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, whole(ctx));
}
