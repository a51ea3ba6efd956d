#include "unit.h"

#include "store/fixture.h"

static const char path[] = "alloc_test.gpkg";

static tl_err create_open_import(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    enum tl_put put;
    tl_err err = TL_OK;
    TL_TRY(fixture_open(ctx, path, &project));
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(fixture_put(ctx, project, 0, 1, false, "mine", &put, NULL));
    TL_TRY(fixture_put(ctx, project, 0, 1, true, "mine", &put, NULL));
    TL_TRY(fixture_put(ctx, project, 0, 1, true, "other", &put, NULL));
    TL_TRY(tl_project_commit(ctx, project));
done:
    tl_project_close(project);
    return err;
}

TEST(every_allocation_may_fail)
{
    CHECK_EVERY_ALLOC(ctx, create_open_import(ctx));
    struct tl_project *project = NULL;
    int64_t n = 0;
    CHECK_OK(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    CHECK_OK(tl_register_count(ctx, project, TL_KIND_ACCIDENT, &n));
    CHECK(n == 2);
    tl_project_close(project);
}

static tl_err check_all(struct tl_ctx *ctx)
{
    struct tl_project *project = NULL;
    struct tl_check_line *lines = NULL;
    int64_t n = 0;
    tl_err err = TL_OK;
    TL_TRY(tl_project_open(ctx, path, TL_PROJECT_READ, &project));
    TL_TRY(tl_project_check(ctx, project, &lines, &n));
done:
    tl_free(lines);
    tl_project_close(project);
    return err;
}

TEST(every_allocation_of_a_check_may_fail)
{
    CHECK_OK(create_open_import(ctx));
    CHECK_EVERY_ALLOC(ctx, check_all(ctx));
}
