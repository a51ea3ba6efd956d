#include "unit.h"

#include <math.h>

#include "core/json.h"
#include "store/edit_fixture.h"
#include "tilth/fieldwork.h"

static const char path[] = "fieldwork_test.gpkg";
static const char body[] = "{\"id\":\"11111111-aaaa\",\"kind\":\"accident\"}";

static int64_t count(struct tl_ctx *ctx, struct tl_project *project, const char *sql)
{
    int64_t n = -1;
    return tl_sql_int(ctx, project->db, sql, -1, &n) == TL_OK ? n : -2;
}

static struct tl_fieldwork_sent sent_of(const char *id, const char *text)
{
    return (struct tl_fieldwork_sent){.id = id,
                                      .kind = TL_KIND_ACCIDENT,
                                      .made_at = "2026-11-20T10:00:00Z",
                                      .device = "phone",
                                      .ahead_s = 7200,
                                      .body = text,
                                      .body_bytes = (int64_t)strlen(text)};
}

static tl_err keep(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_fieldwork_sent *sent, const struct tl_fieldwork_made *made,
                   char **receipt)
{
    tl_err err = edit_begin(ctx, project, &olha);
    if (err == TL_OK)
        err = tl_fieldwork_keep(ctx, project, sent, made, &olha, receipt);
    if (err == TL_OK)
        return tl_project_commit(ctx, project);
    tl_project_rollback(project);
    return err;
}

static const char *member(const char *text, const char *name, char out[300])
{
    json_t *json = json_loads(text, 0, NULL);
    const char *value = json_string_value(json_object_get(json, name));
    snprintf(out, 300, "%s", value != NULL ? value : "null");
    json_decref(json);
    return out;
}

TEST(the_same_bytes_have_the_same_receipt_and_others_are_refused)
{
    struct tl_project *project = NULL;
    struct tl_fieldwork_sent sent = sent_of("11111111-aaaa", body);
    const struct tl_fieldwork_made made = {
        TL_FIELDWORK_NEW, "AC-0001", "00112233445566778899aabbccddeeff", 0, NULL, NULL};
    char *receipt = NULL, *again = NULL, text[300];
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_fieldwork_known(ctx, project, sent.id, body, sent.body_bytes, &receipt));
    CHECK(receipt == NULL);
    CHECK_OK(keep(ctx, project, &sent, &made, &receipt));
    CHECK_STR(member(receipt, "state", text), "new");
    CHECK_STR(member(receipt, "code", text), "AC-0001");
    /* sha256sum of those bytes */
    CHECK_STR(member(receipt, "sha256", text),
              "3a7f70b1751674e6bced567b9029e3cfa34d45e7830cc84a9e854db5ece427c5");
    CHECK_OK(tl_fieldwork_known(ctx, project, sent.id, body, sent.body_bytes, &again));
    CHECK_STR(again, receipt);
    tl_free(again);
    again = NULL;
    CHECK_FAILS(tl_fieldwork_known(ctx, project, sent.id, "{}", 2, &again), TL_ECONFLICT,
                "came before with other content");
    CHECK(again == NULL);
    CHECK(keep(ctx, project, &sent, &made, &again) != TL_OK); /* never a second row */
    CHECK(count(ctx, project, "SELECT count(*) FROM field_receipt") == 1);
    CHECK_OK(tl_fieldwork_receipt(ctx, project, sent.id, &again));
    CHECK_STR(again, receipt);
    tl_free(again);
    CHECK_FAILS(tl_fieldwork_receipt(ctx, project, "nothing-of", &again), TL_ENOTFOUND,
                "nothing with the id");
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_free(receipt);
    tl_project_close(project);
}

TEST(a_change_that_met_a_newer_version_waits_until_somebody_decides_once)
{
    struct tl_project *project = NULL;
    struct tl_fieldwork_sent sent = sent_of("11111111-aaaa", body);
    const struct tl_fieldwork_list open = {.open_only = true, .limit = 10}, all = {.limit = 10};
    struct tl_fieldwork_made made = {TL_FIELDWORK_CONFLICT, "AC-0001", "x", 1, "[]", "it changed"};
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    struct tl_edit_state state;
    char *receipt = NULL, *list = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &state));
    made.record_id = state.id;
    sent.code = state.code;
    sent.base_version = state.version;
    CHECK_OK(keep(ctx, project, &sent, &made, &receipt));
    CHECK_OK(tl_fieldwork_conflicts(ctx, project, &open, &list, &n));
    CHECK(n == 1 && strstr(list, "\"it changed\"") != NULL && strstr(list, "11111111") != NULL);
    tl_free(list);
    CHECK_OK(edit_begin(ctx, project, &olha));
    CHECK_FAILS(tl_fieldwork_decide(ctx, project, 1, "{}", NULL, &olha), TL_EDENIED,
                "may not decide");
    CHECK_FAILS(tl_fieldwork_decide(ctx, project, 7, "{}", NULL, &vira), TL_ENOTFOUND,
                "no kept change 7");
    CHECK_OK(tl_fieldwork_decide(ctx, project, 1, "{\"killed\":\"field\"}", "seen", &vira));
    CHECK_FAILS(tl_fieldwork_decide(ctx, project, 1, "{}", NULL, &vira), TL_ECONFLICT,
                "Vira has decided about this");
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_fieldwork_conflicts(ctx, project, &open, &list, &n));
    CHECK(n == 0);
    CHECK_STR(list, "[]\n");
    tl_free(list);
    CHECK_OK(tl_fieldwork_conflicts(ctx, project, &all, &list, &n));
    CHECK(n == 1 && strstr(list, "\"killed\": \"field\"") != NULL);
    tl_free(list);
    tl_free(receipt);
    CHECK_OK(tl_fieldwork_receipt(ctx, project, sent.id, &receipt));
    CHECK(strstr(receipt, "\"decided\":{\"at\"") != NULL); /* the device learns of it */
    CHECK(edit_n_amiss(ctx, project) == 0);
    tl_free(receipt);
    tl_project_close(project);
}

TEST(what_was_refused_is_listed_until_it_is_mended)
{
    struct tl_project *project = NULL;
    struct tl_fieldwork_sent sent = sent_of("11111111-aaaa", body),
                             mended = sent_of("22222222-bbbb", "{}"),
                             third = sent_of("33333333-cccc", "{\"a\":1}");
    const struct tl_fieldwork_list list = {.limit = 10};
    const struct tl_fieldwork_made refused = {TL_FIELDWORK_REFUSED, NULL, NULL, 0, NULL, "killed"};
    const struct tl_fieldwork_made made = {TL_FIELDWORK_NEW, "AC-0001", "x", 0, NULL, NULL};
    char *receipt = NULL, *rows = NULL, text[300];
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(keep(ctx, project, &sent, &refused, &receipt));
    CHECK_STR(member(receipt, "message", text), "killed");
    tl_free(receipt);
    CHECK_OK(tl_fieldwork_refused(ctx, project, &list, &rows, &n));
    CHECK(n == 1 && strstr(rows, "\"kind\": \"accident\"") != NULL);
    tl_free(rows);
    mended.mends = sent.id;
    CHECK_OK(keep(ctx, project, &mended, &made, &receipt));
    tl_free(receipt);
    CHECK_OK(tl_fieldwork_receipt(ctx, project, sent.id, &receipt));
    CHECK_STR(member(receipt, "mended_by", text), "22222222-bbbb");
    tl_free(receipt);
    CHECK_OK(tl_fieldwork_refused(ctx, project, &list, &rows, &n));
    CHECK(n == 0);
    tl_free(rows);
    third.mends = sent.id; /* mended already: the link is left out, the record is kept */
    CHECK_OK(keep(ctx, project, &third, &made, &receipt));
    CHECK(count(ctx, project, "SELECT count(*) FROM field_receipt WHERE mends NOT NULL") == 1);
    tl_free(receipt);
    tl_project_close(project);
}

TEST(altered_words_of_the_field_are_seen_by_check)
{
    struct tl_project *project = NULL;
    struct tl_fieldwork_sent sent = sent_of("11111111-aaaa", body);
    const struct tl_fieldwork_made made = {TL_FIELDWORK_NEW, "AC-0001", "x", 0, NULL, NULL};
    char *receipt = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(keep(ctx, project, &sent, &made, &receipt));
    CHECK(edit_n_amiss(ctx, project) == 0);
    CHECK_OK(tl_sql_exec(ctx, project->db,
                         "DROP TRIGGER log_field_receipt_update; UPDATE field_receipt SET body = "
                         "'{}'"));
    CHECK(edit_n_amiss(ctx, project) > 0);
    tl_free(receipt);
    tl_project_close(project);
}

TEST(a_project_keeps_its_id_whatever_is_written)
{
    struct tl_project *project = NULL;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    struct tl_edit_state state;
    char before[TL_EDIT_VERSION_HEX], after[TL_EDIT_VERSION_HEX];
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_fieldwork_project(ctx, project, before));
    CHECK(strlen(before) == 32);
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &state));
    CHECK_OK(tl_fieldwork_project(ctx, project, after));
    CHECK_STR(after, before);
    tl_project_close(project);
}
