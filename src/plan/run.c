/*
 * From files and a project to a plan. Value of a task in the solver's terms: its score, which is a benefit a year (or goes with one), times the share
 * of the horizon that is left when it is done, in the middle of its year on average: (H - y - 1/2) / (H - 1/2).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/plan.h"

static tl_err check_options(struct tl_ctx *ctx, const struct tl_plan_options *o)
{
    if (o->n_years < 1 || o->n_years > TL_PLAN_YEARS_MAX)
        return tl_fail(ctx, TL_EUSAGE, "%lld years; expected 1 to %d", (long long)o->n_years,
                       TL_PLAN_YEARS_MAX);
    if (o->budget == NULL || o->teams == NULL)
        return tl_fail(ctx, TL_EUSAGE, "a plan needs a budget and a file of teams");
    if (!(o->gap >= 0.0 && o->gap < 1.0))
        return tl_fail(ctx, TL_EUSAGE, "a gap of %g; expected 0 to 1", o->gap);
    if (!(o->wait_s >= 0.0))
        return tl_fail(ctx, TL_EUSAGE, "%g s for the solver; expected more than 0", o->wait_s);
    return TL_OK;
}

static tl_err set_years(struct tl_ctx *ctx, struct tl_plan *plan, const struct tl_plan_options *o)
{
    double horizon = plan->objective.horizon_years;
    plan->n_years = o->n_years;
    plan->start = plan->teams.start;
    plan->end = tl_calendar_years_on(plan->start, plan->n_years) - 1;
    plan->horizon_end = plan->start + (int64_t)llround(365.2425 * horizon);
    if (horizon < (double)plan->n_years)
        return tl_fail(ctx, TL_EDATA,
                       "horizon: %g years for a plan of %lld; expected at least as many years as "
                       "the plan has",
                       horizon, (long long)plan->n_years);
    for (int64_t y = 0; y < plan->n_years; y++)
        plan->year_weight[y] = (horizon - (double)y - 0.5) / (horizon - 0.5);
    plan->carry = !plan->budget.by_year || !o->no_carry;
    if (o->no_carry && !plan->budget.by_year)
        return tl_fail(ctx, TL_EUSAGE,
                       "budget: one sum in all has nothing to carry over; expected one sum a year, "
                       "such as 4MUSD,4MUSD,4MUSD");
    memcpy(plan->year_budget, plan->budget.amounts, sizeof plan->year_budget);
    return TL_OK;
}

static tl_err read_all(struct tl_ctx *ctx, struct tl_project *project,
                       const struct tl_plan_options *o, struct tl_plan *plan)
{
    char start[TL_CALENDAR_BYTES];
    tl_err err = TL_OK;
    TL_TRY(tl_money_budget(ctx, o->budget, o->n_years, &plan->budget));
    TL_TRY(tl_objective_read(ctx, o->objective, plan->budget.currency, &plan->objective));
    TL_TRY(tl_teams_read(ctx, project, o->teams, plan->budget.currency, &plan->teams));
    TL_TRY(set_years(ctx, plan, o));
    tl_calendar_text(plan->start, start);
    if (o->stamp_utc != NULL)
        snprintf(plan->stamp_utc, sizeof plan->stamp_utc, "%.17s", o->stamp_utc);
    else
        snprintf(plan->stamp_utc, sizeof plan->stamp_utc, "%.4s%.2s%.2sT000000Z", start, start + 5,
                 start + 8);
    const char *title =
        plan->teams.title[0] != '\0' ? plan->teams.title : tl_project_title(project);
    snprintf(plan->title, sizeof plan->title, "%s", title);
    plan->crs = tl_plan_keep_text(ctx, plan, "%s", tl_project_crs(project));
    if (plan->crs == NULL)
        return TL_ENOMEM;
    tl_progress_begin(ctx, "reading the map and the areas");
    TL_TRY(tl_risk_init(ctx, project, &plan->risk));
    if (tl_objective_needs_map(&plan->objective) && !plan->risk.has_map)
        TL_THROW(ctx, TL_ENOTFOUND,
                 "%s holds no map, so the harm of its areas is not known; make one with: tilth map "
                 "%s --out DIR, or plan with --objective hectares",
                 tl_project_path(project), tl_project_path(project));
    TL_TRY(tl_plan_option_prepare(ctx, project, plan));
    TL_TRY(tl_plan_area_read(ctx, project, plan));
    TL_TRY(tl_plan_task_make(ctx, plan));
    TL_TRY(tl_plan_option_all(ctx, plan));
    TL_TRY(tl_plan_task_score(ctx, plan));
    TL_TRY(tl_plan_rules_apply(ctx, plan));
    TL_TRY(tl_plan_dates_halve(ctx, plan));
done:
    tl_progress_end(ctx);
    return err;
}

static const char *name_of(void *arg, enum tl_plan_thing thing, int64_t index)
{
    struct tl_plan *plan = arg;
    switch (thing) {
    case TL_PLAN_TASK:
        return plan->tasks[index].code;
    case TL_PLAN_TEAM:
        return plan->teams.teams[index].name;
    case TL_PLAN_DISTRICT:
        return plan->districts[index];
    case TL_PLAN_YEAR:
        break;
    }
    return NULL;
}

struct arrays {
    double *value, *ha; /* own, like all */
    uint8_t *rule;
    int32_t *first_year, *last_year;
};

static tl_err fill(struct tl_ctx *ctx, const struct tl_plan *plan, struct arrays *a)
{
    int64_t n = plan->n_tasks;
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, a->value, n);
    TL_TRY_ALLOC(ctx, a->ha, n);
    TL_TRY_ALLOC(ctx, a->rule, n);
    TL_TRY_ALLOC(ctx, a->first_year, n);
    TL_TRY_ALLOC(ctx, a->last_year, n);
    for (int64_t t = 0; t < n; t++) {
        a->value[t] = plan->tasks[t].score;
        a->ha[t] = plan->tasks[t].area_m2 / TL_PLAN_M2_PER_HA;
        a->rule[t] = (uint8_t)plan->jobs[t].rule;
        a->first_year[t] = (int32_t)plan->jobs[t].first_year;
        a->last_year[t] = (int32_t)plan->jobs[t].last_year;
    }
done:
    return err;
}

static tl_err solve(struct tl_ctx *ctx, struct tl_plan *plan, const struct tl_plan_options *o)
{
    struct arrays a = {0};
    struct tl_plan_limits limits = tl_plan_limits_default();
    tl_err err = TL_OK;
    limits.gap = o->gap > 0.0 ? o->gap : limits.gap;
    limits.wait_s = o->wait_s > 0.0 ? o->wait_s : limits.wait_s;
    limits.solver = o->solver;
    limits.heuristic = o->heuristic;
    TL_TRY(fill(ctx, plan, &a));
    const struct tl_plan_problem problem = {.n_tasks = plan->n_tasks,
                                            .n_teams = plan->teams.n_teams,
                                            .n_years = plan->n_years,
                                            .n_options = plan->n_options,
                                            .n_districts = plan->n_districts,
                                            .value = a.value,
                                            .rule = a.rule,
                                            .district = plan->task_district,
                                            .first_year = a.first_year,
                                            .last_year = a.last_year,
                                            .options = plan->options,
                                            .team_days = plan->team_days,
                                            .budget = plan->year_budget,
                                            .carry = plan->carry,
                                            .year_weight = plan->year_weight,
                                            .floor = plan->floors,
                                            .n_orders = plan->n_orders,
                                            .orders = plan->orders,
                                            .early_days = plan->early_days,
                                            .floor_of = plan->has_floors_in_ha ? a.ha : NULL};
    TL_TRY(tl_plan_solve(ctx, &problem, &limits, name_of, plan, &plan->solution));
    TL_TRY(tl_plan_verify(ctx, &problem, &plan->solution));
    TL_TRY_ALLOC(ctx, plan->price_day, plan->teams.n_teams * plan->n_years);
    TL_TRY(tl_plan_prices(ctx, &problem, plan->price_day, plan->price_money));
done:
    tl_free(a.value);
    tl_free(a.ha);
    tl_free(a.rule);
    tl_free(a.first_year);
    tl_free(a.last_year);
    return err;
}

tl_err tl_plan_run(struct tl_ctx *ctx, struct tl_project *project,
                   const struct tl_plan_options *options, struct tl_plan **plan)
{
    struct tl_plan *made = NULL;
    tl_err err = TL_OK;
    TL_TRY(check_options(ctx, options));
    TL_TRY_ALLOC(ctx, made, 1);
    TL_TRY(read_all(ctx, project, options, made));
    TL_TRY(solve(ctx, made, options));
    TL_TRY(tl_plan_schedule_make(ctx, made));
    TL_TRY(tl_plan_dates_check(ctx, made));
    TL_TRY(tl_plan_why_all(ctx, made));
    *plan = made;
    made = NULL;
done:
    tl_plan_free(made);
    return err;
}

void tl_plan_free(struct tl_plan *plan)
{
    if (plan == NULL)
        return;
    for (int64_t i = 0; i < plan->n_areas; i++)
        tl_free(plan->areas[i].wkb);
    for (int64_t t = 0; t < plan->n_tasks; t++)
        tl_free(plan->jobs[t].wkb);
    for (int64_t i = 0; i < plan->n_texts; i++)
        tl_free(plan->texts[i]);
    void *const owned[] = {plan->texts,
                           (void *)plan->assumptions.texts,
                           (void *)plan->notes.texts,
                           plan->methods,
                           plan->soil,
                           plan->areas,
                           plan->tasks,
                           plan->jobs,
                           plan->parts,
                           plan->options,
                           plan->option_info,
                           plan->team_days,
                           plan->team_used,
                           (void *)plan->districts,
                           plan->floors,
                           plan->task_district,
                           plan->orders,
                           plan->early_days,
                           plan->price_day};
    for (size_t i = 0; i < sizeof owned / sizeof owned[0]; i++)
        tl_free(owned[i]);
    tl_plan_solution_fini(&plan->solution);
    tl_risk_fini(&plan->risk);
    tl_objective_fini(&plan->objective);
    tl_teams_fini(&plan->teams);
    tl_free(plan);
}
