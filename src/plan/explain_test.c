#include "unit.h"

#include "core/retell.h"
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
    CHECK_FAILS(tl_plan_explain(ctx, project, "T-003", "en", &json, &words), TL_ENOTFOUND,
                "keeps no plan yet");
    CHECK_OK(tl_plan_keep(ctx, project, plan));
    for (int i = 0; i < 4; i++) {
        CHECK_OK(tl_plan_explain(ctx, project, asks[i].task, "en", &json, &words));
        json_t *root = json_loads(json, 0, NULL);
        size_t n = json_array_size(json_object_get(root, "tasks"));
        CHECK(n == asks[i].n || (i == 3 && n > 0));
        CHECK(json_is_false(json_object_get(root, "map_changed")));
        CHECK(strstr(words, "Why: ") != NULL && strstr(words, "  Score ") != NULL);
        json_decref(root);
        tl_free(json);
        tl_free(words);
    }
    CHECK_FAILS(tl_plan_explain(ctx, project, "T-033", "en", &json, &words), TL_ENOTFOUND,
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
    CHECK_OK(tl_plan_explain(ctx, project, "T-003", "en", &json, &words));
    CHECK(strstr(words, "The map has been made anew since then") != NULL);
    tl_free(json);
    tl_free(words);
    tl_hazard_result_fini(&map);
    tl_plan_free(plan);
    tl_project_close(project);
}

/* How many of a list's sentences no text of the catalogue has made. */
static int n_foreign(struct tl_ctx *ctx, const struct tl_retell *retell,
                     const char *(*at)(const struct tl_plan *, int64_t), const struct tl_plan *plan)
{
    int n = 0;
    for (int64_t i = 0; at(plan, i) != NULL; i++) {
        char *told = NULL;
        bool known = false;
        if (tl_retell(ctx, retell, false, at(plan, i), &told, &known) != TL_OK || !known ||
            strcmp(told, at(plan, i)) == 0) {
            printf("  not in Ukrainian: %s\n", at(plan, i));
            n++;
        }
        tl_free(told);
    }
    return n;
}

static const char *why_of(const struct tl_plan *plan, int64_t i)
{
    return i < plan->n_tasks ? plan->tasks[i].why : NULL;
}

TEST(all_that_a_plan_says_is_there_in_ukrainian)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    struct tl_catalogue *uk = NULL;
    struct tl_retell *retell = NULL;
    char *json = NULL, *words = NULL, teams[1000];
    CHECK_OK(tl_catalogue_open(ctx, "uk", &uk));
    CHECK_OK(tl_retell_create(ctx, uk, &retell));
    CHECK_OK(fixture_project(ctx, "explain.gpkg", true, &project));
    snprintf(teams, sizeof teams,
             "%stasks: {must: [T-003], after: [{task: HA-0002, waits_for: [T-003]}]}\n",
             fixture_teams);
    CHECK_OK(fixture_plan(ctx, project, teams, "harm", "60kUSD", &plan));
    CHECK(n_foreign(ctx, retell, tl_plan_assumption, plan) == 0);
    CHECK(n_foreign(ctx, retell, tl_plan_note, plan) == 0);
    CHECK(n_foreign(ctx, retell, why_of, plan) == 0);
    CHECK_OK(tl_plan_keep(ctx, project, plan));
    CHECK_OK(tl_plan_explain(ctx, project, "T-002", "uk", &json, &words));
    CHECK(strstr(words, "  Бал ") != NULL && strstr(words, "шкода") != NULL);
    CHECK(strstr(words, "Чому: ") != NULL && strstr(words, "Чекає на: T-003") != NULL);
    CHECK(strstr(words, "Why") == NULL && strstr(words, "score") == NULL);
    CHECK(strstr(json, "\"why\": \"") != NULL);
    tl_free(json);
    tl_free(words);
    CHECK_FAILS(tl_plan_explain(ctx, project, "T-003", "xx", &json, &words), TL_EUSAGE, "xx");
    tl_plan_free(plan);
    tl_project_close(project);
    tl_retell_free(retell);
    tl_catalogue_free(uk);
}
