#include "unit.h"

#include "plan/fixture.h"
#include "tilth/plan_page.h"

static int64_t size_of(const char *path, char *head)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    if (fread(head, 1, 8, file) != 8)
        head[0] = '\0';
    fseek(file, 0, SEEK_END);
    int64_t n = ftell(file);
    fclose(file);
    return n;
}

static bool are_same(const char *a, const char *b)
{
    char x[TL_HASH_HEX] = "a", y[TL_HASH_HEX] = "b";
    struct tl_ctx *ctx = tl_ctx_create();
    bool same =
        tl_hash_file(ctx, a, x) == TL_OK && tl_hash_file(ctx, b, y) == TL_OK && strcmp(x, y) == 0;
    tl_ctx_free(ctx);
    return same;
}

TEST(pages_are_drawn_and_the_same_each_time)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char head[8];
    CHECK_OK(fixture_both(ctx, "page.gpkg", true, "harm", "60kUSD", &project, &plan));
    CHECK_OK(tl_plan_page_map(ctx, project, plan, "map.png"));
    CHECK_OK(tl_plan_page_map(ctx, project, plan, "again.png"));
    CHECK_OK(tl_plan_page_pdf(ctx, project, plan, "plan.pdf"));
    CHECK_OK(tl_plan_page_pdf(ctx, project, plan, "again.pdf"));
    CHECK(size_of("map.png", head) > 10000 && memcmp(head, "\x89PNG", 4) == 0);
    CHECK(size_of("plan.pdf", head) > 10000 && memcmp(head, "%PDF", 4) == 0);
    CHECK(are_same("map.png", "again.png") && are_same("plan.pdf", "again.pdf"));
    CHECK_FAILS(tl_plan_page_map(ctx, project, plan, "map.gif"), TL_EUSAGE, "");
    CHECK_FAILS(tl_plan_page_pdf(ctx, project, plan, "no folder/plan.pdf"), TL_EIO, "no folder");
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(a_plan_without_money_has_its_pages_too)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "page.gpkg", false, "hectares", "0USD", &project, &plan));
    CHECK_OK(tl_plan_page_pdf(ctx, project, plan, "empty.pdf"));
    CHECK_OK(tl_plan_page_gantt(ctx, plan, "empty.png"));
    tl_plan_free(plan);
    tl_project_close(project);
}
