#include "unit.h"

#include "core/json.h"
#include "store/fixture.h"
#include "tilth/log.h"

static const char path[] = "log_list_test.gpkg";

static tl_err fill(struct tl_ctx *ctx, struct tl_project **project)
{
    enum tl_put put;
    int64_t id;
    tl_err err = fixture_open(ctx, path, project);
    if (err == TL_OK)
        err = tl_project_set_actor(ctx, *project, "O. Koval");
    if (err == TL_OK)
        err = tl_project_begin(ctx, *project);
    for (int i = 0; i < 5 && err == TL_OK; i++)
        err = fixture_put(ctx, *project, 0, i, true, "AP mine", &put, &id);
    return err == TL_OK ? tl_project_commit(ctx, *project) : err;
}

TEST(lines_come_latest_first_and_page_by_page)
{
    struct tl_project *project = NULL;
    char *text = NULL;
    bool complete = false;
    CHECK_OK(fill(ctx, &project));
    CHECK_OK(tl_log_list(ctx, project, &(struct tl_log_query){.table = "accident", .limit = 2},
                         &text, &complete));
    json_t *lines = json_loads(text, 0, NULL);
    CHECK(complete && json_array_size(lines) == 2);
    json_t *first = json_array_get(lines, 0), *second = json_array_get(lines, 1);
    CHECK(json_integer_value(json_object_get(first, "record")) == 5);
    CHECK_STR(json_string_value(json_object_get(first, "actor")), "O. Koval");
    CHECK_STR(json_string_value(json_object_get(first, "op")), "insert");
    CHECK(json_is_null(json_object_get(first, "before")));
    CHECK_STR(json_string_value(json_object_get(json_object_get(first, "after"), "category")),
              "AP mine");
    CHECK(json_is_true(json_object_get(first, "moved")));
    int64_t before = json_integer_value(json_object_get(second, "id"));
    json_decref(lines);
    tl_free(text);
    CHECK_OK(tl_log_list(ctx, project,
                         &(struct tl_log_query){.table = "accident", .limit = 10, .before = before},
                         &text, &complete));
    lines = json_loads(text, 0, NULL);
    CHECK(json_array_size(lines) == 3);
    json_decref(lines);
    tl_free(text);
    tl_project_close(project);
}

TEST(lines_keep_their_order_and_their_seals_when_the_clock_is_set_back)
{
    struct tl_project *project = NULL;
    struct tl_check_line *found = NULL;
    enum tl_put put;
    char *text = NULL;
    int64_t id = 0, n = -1;
    bool complete = false;
    CHECK_OK(fill(ctx, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    snprintf(project->at, sizeof project->at, "1999-12-31T23:59:59Z");
    CHECK_OK(fixture_put(ctx, project, 0, 5, true, "AP mine", &put, &id));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_log_list(ctx, project, &(struct tl_log_query){.table = "accident", .limit = 2},
                         &text, &complete));
    json_t *lines = json_loads(text, 0, NULL);
    json_t *first = json_array_get(lines, 0), *second = json_array_get(lines, 1);
    CHECK_STR(json_string_value(json_object_get(first, "at")), "1999-12-31T23:59:59Z");
    CHECK(json_integer_value(json_object_get(first, "record")) == 6 &&
          json_integer_value(json_object_get(second, "record")) == 5);
    json_decref(lines);
    tl_free(text);
    CHECK_OK(tl_project_check(ctx, project, &found, &n));
    for (int64_t i = 0; i < n; i++)
        CHECK(strcmp(found[i].check, "log-chain") != 0);
    tl_free(found);
    tl_project_close(project);
}

TEST(a_record_has_its_own_lines)
{
    struct tl_project *project = NULL;
    char *text = NULL;
    bool complete = false;
    CHECK_OK(fill(ctx, &project));
    CHECK_OK(tl_log_list(ctx, project,
                         &(struct tl_log_query){.table = "accident", .record_id = 3, .limit = 10},
                         &text, &complete));
    json_t *lines = json_loads(text, 0, NULL);
    CHECK(json_array_size(lines) == 1);
    CHECK(json_integer_value(json_object_get(json_array_get(lines, 0), "record")) == 3);
    json_decref(lines);
    tl_free(text);
    text = NULL;
    CHECK_FAILS(tl_log_list(ctx, project, &(struct tl_log_query){.limit = 0}, &text, &complete),
                TL_EUSAGE, "expected 1 to 1000");
    CHECK_FAILS(tl_log_list(ctx, project, &(struct tl_log_query){.limit = 5000}, &text, &complete),
                TL_EUSAGE, "5000");
    CHECK(text == NULL);
    tl_project_close(project);
}

TEST(a_line_about_what_is_kept_beside_the_project_is_sealed_with_the_others)
{
    struct tl_project *project = NULL;
    struct tl_check_line *amiss = NULL;
    char *text = NULL;
    int64_t n = -1;
    bool complete = false;
    CHECK_OK(fill(ctx, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "INSERT INTO setting (key, value) VALUES ('a', 'b')"));
    CHECK_OK(tl_log_note(ctx, project, "account", "update", "{\"name\":\"A\"}",
                         "{\"name\":\"A\",\"role\":\"entry\"}"));
    CHECK_OK(tl_sql_exec(ctx, project->db, "INSERT INTO setting (key, value) VALUES ('c', 'd')"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_log_list(ctx, project, &(struct tl_log_query){.table = "account", .limit = 5},
                         &text, &complete));
    json_t *lines = json_loads(text, 0, NULL), *first = json_array_get(lines, 0);
    CHECK(json_array_size(lines) == 1);
    CHECK_STR(json_string_value(json_object_get(first, "actor")), "O. Koval");
    CHECK_STR(json_string_value(json_object_get(json_object_get(first, "after"), "role")), "entry");
    json_decref(lines);
    tl_free(text);
    CHECK_OK(tl_project_check(ctx, project, &amiss, &n));
    CHECK(n == 0);
    tl_free(amiss);
    tl_project_close(project);
}
