#include "unit.h"

#include "plan/fixture.h"

static const char all_parts[] =
    "land_value: [{use: cropland, value: 4 kUSD/ha}, {use: other, value: 1 kUSD/ha}]\nparts:\n"
    "  - {part: harm, weight: 1000 points/casualty}\n  - {part: land value, weight: 2 "
    "points/kUSD}\n"
    "  - {part: beneficiaries, weight: 0.5 points/person}\n  - {part: hectares, weight: 1 "
    "points/ha}\n"
    "  - {part: confirmed, weight: 10 points}\n  - {part: suspected, weight: 3 points}\n"
    "  - {part: priority, name: high, weight: 7 points}\n";

TEST(a_score_is_the_sum_of_its_parts_and_parts_of_a_task_share_it)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    double whole[3] = {0}, size[3] = {0};
    CHECK_OK(fixture_both(ctx, "task.gpkg", true, all_parts, "1MUSD", &project, &plan));
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const struct tl_plan_task *task = &plan->tasks[t];
        const struct tl_plan_area *a = &plan->areas[plan->jobs[t].area];
        double sum = 0.0, share = task->area_m2 / a->area_m2, ha = task->area_m2 / 1e4;
        CHECK(task->n_score_parts == 7);
        for (int p = 0; p < 7; p++)
            sum += task->score_parts[p].points;
        CHECK_NEAR(task->score, sum, 1e-9 * sum);
        whole[plan->jobs[t].area] += sum;
        size[plan->jobs[t].area] += share;
        bool first = plan->jobs[t].area == 0;
        double worth = (first ? 8.0 : 2.0) * ha + ha; /* land and hectares */
        double people = isnan(a->beneficiaries) ? 0.0 : a->beneficiaries;
        double flags = first ? 17.0 : 3.0;
        CHECK_NEAR(task->score - 1000.0 * task->harm_per_year * plan->jobs[t].found,
                   worth + share * (0.5 * people + flags), 1e-6 * task->score);
    }
    for (int a = 0; a < 3; a++)
        CHECK_NEAR(size[a], 1.0, 1e-6);
    CHECK(whole[0] > whole[1] && whole[1] > whole[2]);
    tl_plan_free(plan);
    tl_project_close(project);
}

TEST(harm_is_items_times_use_times_rate_and_codes_come_from_areas)
{
    struct tl_project *project = NULL;
    struct tl_plan *plan = NULL;
    CHECK_OK(fixture_both(ctx, "task.gpkg", true, "harm", "1MUSD", &project, &plan));
    CHECK_STR(plan->tasks[0].code, "T-001/1");
    CHECK_STR(plan->tasks[1].code, "T-001/2");
    CHECK_STR(plan->tasks[plan->n_tasks - 1].code, "T-003");
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const struct tl_plan_task *task = &plan->tasks[t];
        CHECK(task->items[1] <= task->items[0] && task->items[0] <= task->items[2] * 2.0);
        CHECK_NEAR(task->harm_per_year,
                   plan->jobs[t].exposed * plan->risk.rate * plan->risk.per_accident,
                   1e-12 + 1e-9 * task->harm_per_year);
        CHECK_NEAR(task->score, task->harm_per_year * plan->jobs[t].found, 1e-9 * task->score);
        CHECK(plan->jobs[t].exposed <= task->items[0] * 1.000001);
    }
    bool seen[16] = {false};
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        int64_t r = plan->tasks[t].rank;
        CHECK(r >= 1 && r <= plan->n_tasks && !seen[r]);
        seen[r] = true;
        for (int64_t k = 0; k < plan->n_tasks; k++)
            CHECK(plan->tasks[k].rank > r || plan->tasks[k].score >= plan->tasks[t].score);
    }
    tl_plan_free(plan);
    tl_project_close(project);
}
