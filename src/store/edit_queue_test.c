#include "unit.h"

#include "store/edit_fixture.h"

static const char path[] = "edit_queue_test.gpkg";

TEST(what_waits_is_listed_and_imports_are_not)
{
    struct tl_project *project = NULL;
    struct tl_edit_state first, second;
    struct tl_edit edit = edit_accident(-75.15, "AP mine");
    enum tl_put put;
    char *text = NULL;
    int64_t id = 0, total = -1;
    CHECK_OK(fixture_open(ctx, path, &project));
    CHECK_OK(edit_begin(ctx, project, &olha));
    for (int i = 0; i < 5; i++)
        CHECK_OK(fixture_put(ctx, project, 0, i, true, "AP mine", &put, &id));
    CHECK_OK(tl_project_commit(ctx, project));
    CHECK_OK(edit_create(ctx, project, &edit, &olha, &first));
    CHECK_OK(edit_create(ctx, project, &edit, &petro, &second));
    CHECK_OK(edit_step(ctx, project, TL_EDIT_SUBMIT, "please", &olha, &first));
    CHECK_OK(tl_edit_queue(ctx, project, "submitted", 10, 0, &text, &total));
    CHECK(total == 1 && strstr(text, "please") != NULL && strstr(text, first.code) != NULL &&
          strstr(text, "\"submitted\"") != NULL && strstr(text, "\"person\"") != NULL);
    tl_free(text);
    CHECK_OK(edit_step(ctx, project, TL_EDIT_RETURN, "where?", &vira, &first));
    CHECK_OK(tl_edit_queue(ctx, project, "draft", 1, 1, &text, &total));
    CHECK(total == 2 && strstr(text, second.code) != NULL && strstr(text, "where?") == NULL);
    tl_free(text);
    CHECK_OK(tl_edit_queue(ctx, project, "approved", 10, 0, &text, &total));
    CHECK(total == 0 && strchr(text, '{') == NULL);
    tl_free(text);
    tl_project_close(project);
}
