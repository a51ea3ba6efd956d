#include "unit.h"

#include "plan/fixture.h"

TEST(the_json_is_the_plan_and_the_same_each_time)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    char *a = NULL, *b = NULL;
    CHECK_OK(fixture_both(ctx, "json.gpkg", true, "harm", "60kUSD", &project, &plan));
    CHECK_OK(tl_plan_json(ctx, plan, &a));
    CHECK_OK(tl_plan_json(ctx, plan, &b));
    CHECK_STR(a, b);
    json_t *json = json_loads(a, 0, NULL);
    struct tl_plan_summary s = tl_plan_summary(plan);
    CHECK(json != NULL);
    CHECK_STR(json_string_value(json_object_get(json, "schema")), "tilth.plan/1");
    json_t *tasks = json_object_get(json, "tasks");
    CHECK((int64_t)json_array_size(tasks) == s.n_tasks);
    for (int64_t t = 0; t < s.n_tasks; t++) {
        const json_t *task = json_array_get(tasks, (size_t)t);
        CHECK_STR(json_string_value(json_object_get(task, "task")), tl_plan_task(plan, t)->code);
        CHECK(json_is_null(json_object_get(task, "planned")) != tl_plan_task(plan, t)->is_planned);
        CHECK_NEAR(json_number_value(json_object_get(task, "score")), tl_plan_task(plan, t)->score,
                   1e-7 * tl_plan_task(plan, t)->score);
    }
    json_decref(json);
    tl_free(a);
    tl_free(b);
    tl_plan_free(plan);
    tl_project_close(project);
}
