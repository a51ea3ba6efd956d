#include "unit.h"

#include "plan/fixture.h"

TEST(a_kept_plan_answers_for_a_task_its_parts_and_its_area)
{
    static const struct {
        const char *task;
        size_t n;
    } asks[] = {{"T-003", 1}, {"t-001/2", 1}, {"T-001", 2}, {"HA-0002", 1}};
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "explain.gpkg", true, "harm", "60kUSD", &project, &plan));
    char *json = NULL, *words = NULL;
    CHECK_FAILS(tl_plan_explain(ctx, project, "T-003", &json, &words), TL_ENOTFOUND,
                "keeps no plan yet");
    CHECK_OK(tl_plan_keep(ctx, project, plan));
    for (int i = 0; i < 4; i++) {
        CHECK_OK(tl_plan_explain(ctx, project, asks[i].task, &json, &words));
        json_t *root = json_loads(json, 0, NULL);
        size_t n = json_array_size(json_object_get(root, "tasks"));
        CHECK(n == asks[i].n || (i == 3 && n > 0));
        CHECK(json_is_false(json_object_get(root, "map_changed")));
        CHECK(strstr(words, "Why: ") != NULL && strstr(words, "  Score ") != NULL);
        json_decref(root);
        tl_free(json);
        tl_free(words);
    }
    CHECK_FAILS(tl_plan_explain(ctx, project, "T-033", &json, &words), TL_ENOTFOUND,
                "the nearest is T-003");
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(a_newer_map_is_told)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    struct tl_hazard_result map = {0};
    struct tl_hazard_options options = tl_hazard_options_default();
    char *json = NULL, *words = NULL;
    CHECK_OK(fixture_both(ctx, "explain.gpkg", true, "harm", "60kUSD", &project, &plan));
    CHECK_OK(tl_plan_keep(ctx, project, plan));
    CHECK_OK(tl_hazard_map(ctx, project, &options, &map));
    CHECK_OK(tl_hazard_save(ctx, project, &map));
    CHECK_OK(tl_plan_explain(ctx, project, "T-003", &json, &words));
    CHECK(strstr(words, "The map has been made anew since then") != NULL);
    tl_free(json);
    tl_free(words);
    tl_hazard_result_fini(&map);
    tl_plan_free(plan);
    tl_project_close(project);
}
