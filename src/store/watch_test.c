#include "unit.h"

#include "store/decision_fixture.h"

static const char path[] = "watch_test.gpkg";

static tl_err released(struct tl_ctx *ctx, struct tl_project **project)
{
    char hash[65];
    int64_t id = 0;
    tl_err err = TL_OK;
    TL_TRY(fixture_released(ctx, path, project));
    TL_TRY(tl_project_begin(ctx, *project));
    TL_TRY(fixture_assess(ctx, *project, "{}", hash));
    TL_TRY(fixture_decide(ctx, *project, hash, "cleared", &id));
    TL_TRY(tl_project_commit(ctx, *project));
done:
    return err;
}

/* Puts events by way of an import, whose end looks at the released areas. */
static tl_err import_event(struct tl_ctx *ctx, struct tl_project *project, enum tl_kind kind,
                           const char *source_id, double lon, double lat)
{
    const struct tl_import_entry entry = {.kind = tl_kind_info(kind)->name, .path = "x.csv"};
    int64_t id = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_import_begin(ctx, project, &entry, &id));
    TL_TRY(fixture_event(ctx, project, kind, source_id, lon, lat));
    TL_TRY(tl_project_import_end(ctx, project, id, &entry));
    TL_TRY(tl_project_commit(ctx, project));
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    return err;
}

static int count(const char *json, const char *word)
{
    int n = 0;
    for (const char *at = strstr(json, word); at != NULL; at = strstr(at + 1, word))
        n++;
    return n;
}

TEST(an_import_into_a_released_area_raises_a_finding_once)
{
    struct tl_project *project = NULL;
    char *json = NULL;
    CHECK_OK(released(ctx, &project));
    /* outside, known already (AC-0001), then new ones of both kinds, one on the edge */
    CHECK_OK(import_event(ctx, project, TL_KIND_ITEM, "I0", -75.19, 7.03));
    CHECK_OK(import_event(ctx, project, TL_KIND_ACCIDENT, "E1", -75.15, 7.03));
    CHECK_OK(tl_decision_findings(ctx, project, NULL, true, &json));
    CHECK_STR(json, "[]\n");
    tl_free(json);
    CHECK_OK(import_event(ctx, project, TL_KIND_ITEM, "I1", -75.15, 7.025));
    CHECK_OK(import_event(ctx, project, TL_KIND_ACCIDENT, "E3", -75.16, 7.03));
    CHECK_OK(import_event(ctx, project, TL_KIND_ACCIDENT, "E3", -75.16, 7.03));
    CHECK_OK(tl_decision_findings(ctx, project, "HA-0001", false, &json));
    CHECK(count(json, "\"answered\": null") == 2 && count(json, "\"kind\": \"item\"") == 1);
    CHECK(strstr(json, "accident AC-0003 of 2026-05 lies in HA-0001, which was released as "
                       "cleared on 20") != NULL);
    tl_free(json);
    CHECK_FAILS(tl_decision_findings(ctx, project, "HA-0009", true, &json), TL_ENOTFOUND,
                "no hazardous area has the code 'HA-0009'");
    tl_project_close(project);
}

TEST(a_record_that_is_moved_into_it_counts_too)
{
    struct tl_project *project = NULL;
    char *json = NULL;
    CHECK_OK(released(ctx, &project));
    CHECK_OK(import_event(ctx, project, TL_KIND_ACCIDENT, "E2", -75.15, 7.035));
    CHECK_OK(tl_decision_findings(ctx, project, NULL, false, &json));
    CHECK(count(json, "AC-0002") >= 1);
    tl_free(json);
    tl_project_close(project);
}

TEST(an_edit_from_outside_is_seen_at_the_next_opening)
{
    struct tl_project *project = NULL;
    char *json = NULL;
    CHECK_OK(released(ctx, &project));
    CHECK_OK(tl_sql_exec(ctx, project->db,
                         "INSERT INTO item (geom, category) SELECT geom, 'mine' FROM accident "
                         "WHERE code = 'AC-0001'"));
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_decision_findings(ctx, project, NULL, false, &json));
    CHECK_STR(json, "[]\n");
    tl_free(json);
    tl_project_close(project);
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    CHECK_OK(tl_decision_findings(ctx, project, NULL, false, &json));
    CHECK(strstr(json, "item IT-0001 (mine) lies in HA-0001") != NULL);
    tl_free(json);
    tl_project_close(project);
}

TEST(an_area_that_was_opened_again_is_left_alone)
{
    struct tl_project *project = NULL;
    char *json = NULL;
    CHECK_OK(released(ctx, &project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "UPDATE hazard_area SET status = 'open'"));
    CHECK_OK(import_event(ctx, project, TL_KIND_ITEM, "I1", -75.15, 7.025));
    CHECK_OK(tl_decision_findings(ctx, project, NULL, true, &json));
    CHECK_STR(json, "[]\n");
    tl_free(json);
    tl_project_close(project);
}

TEST(a_person_with_the_role_answers_and_it_stays_answered)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    char *json = NULL;
    int64_t n = 0, n_raised = -1;
    CHECK_OK(released(ctx, &project));
    CHECK_OK(import_event(ctx, project, TL_KIND_ITEM, "I1", -75.15, 7.025));
    CHECK_OK(tl_project_check(ctx, project, &lines, &n));
    CHECK(n == 1 && strcmp(lines[0].check, "open-finding") == 0 &&
          strcmp(lines[0].severity, "warning") == 0);
    tl_free(lines);
    CHECK_OK(tl_project_info(ctx, project, &json));
    CHECK(strstr(json, "\"open_findings\": 1") != NULL);
    tl_free(json);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_FAILS(tl_decision_answer(ctx, project, 1, "A. B.", "guest", "no"), TL_EDENIED, "guest");
    CHECK_FAILS(tl_decision_answer(ctx, project, 1, "A. B.", "approver", " "), TL_EUSAGE, "answer");
    CHECK_FAILS(tl_decision_answer(ctx, project, 1, "", "approver", "x"), TL_EUSAGE, "name");
    CHECK_FAILS(tl_decision_answer(ctx, project, 9, "A. B.", "approver", "x"), TL_ENOTFOUND, "9");
    CHECK_OK(tl_decision_answer(ctx, project, 1, "A. B.", "quality manager", "re-cleared"));
    CHECK_FAILS(tl_decision_answer(ctx, project, 1, "C.", "approver", "x"), TL_ECONFLICT,
                "was answered by A. B. on 20");
    CHECK_OK(tl_decision_watch(ctx, project, &n_raised));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK(n_raised == 0);
    CHECK_OK(tl_decision_findings(ctx, project, NULL, false, &json));
    CHECK_STR(json, "[]\n");
    tl_free(json);
    CHECK_OK(tl_decision_findings(ctx, project, NULL, true, &json));
    CHECK(strstr(json, "\"answer\": \"re-cleared\"") != NULL);
    tl_free(json);
    CHECK_OK(tl_project_check(ctx, project, &lines, &n));
    CHECK(n == 0);
    tl_free(lines);
    tl_project_close(project);
}

static const char base[] = "watch_base.gpkg";

static bool copy_file(const char *from, const char *to)
{
    static char part[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    bool good = in != NULL && out != NULL;
    for (size_t n; good && (n = fread(part, 1, sizeof part, in)) > 0;)
        good = fwrite(part, 1, n, out) == n;
    if (in != NULL)
        fclose(in);
    return out != NULL && fclose(out) == 0 && good;
}

/* From the opening on: how an area comes to be released is decision_test.c's, and is made once. */
static tl_err whole(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    char *json = NULL;
    tl_err err = copy_file(base, path) ? TL_OK : TL_EIO;
    TL_TRY(err);
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_WRITE, &project));
    TL_TRY(import_event(ctx, project, TL_KIND_ITEM, "I1", -75.15, 7.025));
    TL_TRY(tl_decision_findings(ctx, project, NULL, true, &json));
done:
    tl_free(json);
    tl_project_close(project);
    return err;
}

TEST(every_allocation_may_fail)
{
    struct tl_project *project = NULL;
    CHECK_OK(released(ctx, &project));
    tl_project_close(project);
    CHECK(copy_file(path, base));
    CHECK_EVERY_ALLOC(ctx, whole(ctx));
}

/* Dozens that were known, in any order of their numbers, and one that was not, of a very long name, which is told whole. */
TEST(what_was_known_is_found_among_many_and_messages_are_whole)
{
    enum { KNOWN = 60, LONG = 900 };
    struct tl_project *project = NULL;
    char *json = NULL, sql[LONG + 100], hash[65], name[16];
    int64_t id = 0, n_raised = 0;
    CHECK_OK(fixture_released(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    for (int k = 0; k < KNOWN; k++) {
        snprintf(name, sizeof name, "K%d", k);
        CHECK_OK(fixture_event(ctx, project, TL_KIND_ITEM, name, -75.15 + 1e-5 * k, 7.03));
    }
    CHECK_OK(fixture_assess(ctx, project, "{}", hash));
    CHECK_OK(fixture_decide(ctx, project, hash, "cleared", &id));
    CHECK_OK(tl_decision_watch(ctx, project, &n_raised));
    CHECK(n_raised == 0);
    CHECK_OK(fixture_event(ctx, project, TL_KIND_ITEM, "N1", -75.15, 7.025));
    snprintf(sql, sizeof sql, "UPDATE item SET category = '%0*d!' WHERE source_id = 'N1'", LONG, 7);
    CHECK_OK(tl_sql_exec(ctx, project->db, sql));
    CHECK_OK(tl_decision_watch(ctx, project, &n_raised));
    CHECK(n_raised == 1);
    CHECK_OK(tl_decision_findings(ctx, project, NULL, true, &json));
    CHECK(strstr(json, "7!) lies in HA-0001") != NULL && strstr(json, "not known then") != NULL);
    CHECK_OK(tl_project_commit(ctx, project));
    tl_free(json);
    tl_project_close(project);
}
