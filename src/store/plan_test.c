#include "unit.h"

#include "store/fixture.h"

static const char path[] = "plan_test.gpkg";

TEST(the_latest_plan_is_kept_and_the_log_has_its_hash)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    char *json = NULL, *at = NULL;
    int64_t n = 0, n_lines = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_plan_load(ctx, project, &json, &at));
    CHECK(json == NULL && at == NULL);
    for (int round = 0; round < 2; round++) {
        CHECK_OK(tl_project_begin(ctx, project));
        CHECK_OK(tl_project_plan_save(ctx, project, round == 0 ? "{\"a\":1}" : "{\"a\":22}"));
        CHECK_OK(tl_project_commit(ctx, project));
    }
    CHECK_OK(tl_project_plan_load(ctx, project, &json, &at));
    CHECK_STR(json, "{\"a\":22}");
    CHECK(at != NULL && at[0] == '2');
    tl_free(json);
    tl_free(at);
    CHECK_OK(tl_sql_int(ctx, project->db, "SELECT count(*) FROM \"plan\"", 0, &n));
    CHECK(n == 1);
    CHECK_OK(
        tl_sql_int(ctx, project->db, "SELECT count(*) FROM log WHERE table_name = 'plan'", 0, &n));
    CHECK(n == 2);
    CHECK_OK(tl_project_check(ctx, project, &lines, &n_lines));
    CHECK(n_lines == 0);
    tl_free(lines);
    tl_project_close(project);
}

TEST(a_plan_that_was_altered_is_refused)
{
    struct tl_project *project = NULL;
    char *json = NULL, *at = NULL;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_plan_save(ctx, project, "{\"a\":1}"));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_sql_exec(ctx, project->db, "UPDATE \"plan\" SET json = X'7B7D'"));
    CHECK_FAILS(tl_project_plan_load(ctx, project, &json, &at), TL_EINTEGRITY, "it was altered");
    CHECK(json == NULL && at == NULL);
    tl_project_close(project);
}
