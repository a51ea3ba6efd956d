/* Looking into a plan, and keeping it in its project. */
#include <math.h>
#include <string.h>

#include "plan/plan.h"

struct tl_plan_summary tl_plan_summary(const struct tl_plan *plan)
{
    struct tl_plan_summary s = {.title = plan->title,
                                .objective = plan->objective.title,
                                .unit = plan->objective.unit,
                                .currency = plan->teams.currency,
                                .n_tasks = plan->n_tasks,
                                .n_areas = plan->n_areas,
                                .n_teams = plan->teams.n_teams,
                                .n_years = plan->n_years,
                                .horizon_years = plan->objective.horizon_years,
                                .value = plan->solution.objective,
                                .bound = plan->solution.bound,
                                .gap = plan->solution.gap,
                                .is_exact = plan->solution.how == TL_PLAN_EXACT,
                                .timed_out = plan->solution.timed_out,
                                .has_map = plan->risk.has_map,
                                .year_budget = plan->year_budget,
                                .year_spent = plan->year_spent,
                                .budget_by_year = plan->budget.by_year};
    tl_calendar_text(plan->start, s.start);
    tl_calendar_text(plan->end, s.end);
    memcpy(s.avoided, plan->avoided, sizeof s.avoided);
    for (int64_t y = 0; y < plan->n_years; y++)
        s.budget += plan->year_budget[y];
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const struct tl_plan_task *task = &plan->tasks[t];
        s.ha += task->area_m2 / TL_PLAN_M2_PER_HA;
        s.score_all += task->score;
        if (!task->is_planned)
            continue;
        s.n_planned++;
        s.ha_planned += task->area_m2 / TL_PLAN_M2_PER_HA;
        s.score += task->score;
        s.cost += task->cost;
    }
    return s;
}

const struct tl_plan_task *tl_plan_task(const struct tl_plan *plan, int64_t i)
{
    return &plan->tasks[i];
}

struct tl_plan_team tl_plan_team(const struct tl_plan *plan, int64_t i)
{
    const struct tl_teams_team *team = &plan->teams.teams[i];
    return (struct tl_plan_team){.name = team->name,
                                 .lon_deg = team->lon_deg,
                                 .lat_deg = team->lat_deg,
                                 .months = team->calendar.months,
                                 .n_years = plan->n_years,
                                 .days = plan->team_days + i * plan->n_years,
                                 .used = plan->team_used + i * plan->n_years};
}

void tl_plan_year(const struct tl_plan *plan, int64_t year, char first[TL_PLAN_DATE_BYTES],
                  char last[TL_PLAN_DATE_BYTES])
{
    tl_calendar_text(tl_calendar_years_on(plan->start, year), first);
    tl_calendar_text(tl_calendar_years_on(plan->start, year + 1) - 1, last);
}

const char *tl_plan_assumption(const struct tl_plan *plan, int64_t i)
{
    return i < plan->assumptions.n ? plan->assumptions.texts[i] : NULL;
}

const char *tl_plan_note(const struct tl_plan *plan, int64_t i)
{
    return i < plan->notes.n ? plan->notes.texts[i] : NULL;
}

tl_err tl_plan_keep(struct tl_ctx *ctx, struct tl_project *project, const struct tl_plan *plan)
{
    char *json = NULL;
    tl_err err = TL_OK;
    TL_TRY(tl_plan_json(ctx, plan, &json));
    TL_TRY(tl_project_begin(ctx, project));
    TL_TRY(tl_project_plan_save(ctx, project, json));
    TL_TRY(tl_project_commit(ctx, project));
done:
    if (err != TL_OK)
        tl_project_rollback(project);
    tl_free(json);
    return err;
}
