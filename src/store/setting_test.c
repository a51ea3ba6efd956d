#include "unit.h"

#include "store/fixture.h"

static const char path[] = "setting_test.gpkg";

TEST(settings_are_kept_logged_and_rolled_back)
{
    struct tl_project *project = NULL;
    char *value = NULL;
    int64_t n = 0;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_FAILS(tl_project_set(ctx, project, "a", "1"), TL_EBUG, "outside a transaction");
    CHECK_OK(tl_project_set_actor(ctx, project, "Olena"));
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_set(ctx, project, "a", "1"));
    CHECK_OK(tl_project_set(ctx, project, "a", "2"));
    CHECK_OK(tl_project_set(ctx, project, "a", "2")); /* no change, no line */
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(tl_sql_int(ctx, project->db,
                        "SELECT count(*) FROM log WHERE table_name = 'setting' AND actor = 'Olena'",
                        0, &n));
    CHECK(n == 2);
    CHECK_OK(tl_project_begin(ctx, project));
    CHECK_OK(tl_project_set(ctx, project, "a", "3"));
    tl_project_rollback(project);
    CHECK_EVERY_ALLOC(ctx,
                      (tl_free(value), value = NULL, tl_project_get(ctx, project, "a", &value)));
    CHECK_STR(value, "2");
    tl_free(value);
    CHECK_OK(tl_project_get(ctx, project, "b", &value));
    CHECK(value == NULL);
    tl_project_close(project);
}
