/* "tilth.plan/1": everything that the plan is and rests on; no clock and no time of the solver in it. */
#include <math.h>
#include <string.h>

#include "plan/plan.h"

enum { DIGITS = 8 };

static json_t *number(double value)
{
    return tl_json_number(value, DIGITS);
}

static json_t *numbers(const double *values, int64_t n)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < n; i++)
        json_array_append_new(list, number(values[i]));
    return list;
}

/* {"mean", "q05", "q95"}, or null. */
static json_t *interval(const double values[3])
{
    if (isnan(values[0]))
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "mean", number(values[0]), "q05", number(values[1]), "q95",
                     number(values[2]));
}

static json_t *texts_json(const struct tl_plan_list *texts)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < texts->n; i++)
        json_array_append_new(list, json_string(texts->texts[i]));
    return list;
}

static json_t *objective_json(const struct tl_plan *plan)
{
    const struct tl_objective *o = &plan->objective;
    json_t *parts = json_array();
    for (int p = 0; p < o->n_parts; p++)
        json_array_append_new(
            parts, json_pack("{s:s, s:s, s:o, s:o, s:o}", "part", o->parts[p].name, "unit",
                             o->parts[p].unit, "weight", number(o->parts[p].weight), "share",
                             number(o->parts[p].share), "total", number(o->parts[p].total)));
    return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", o->name, "title", o->title, "unit",
                     o->unit, "horizon_years", number(o->horizon_years), "parts", parts);
}

static json_t *teams_json(const struct tl_plan *plan)
{
    json_t *list = json_array();
    for (int64_t k = 0; k < plan->teams.n_teams; k++) {
        const struct tl_teams_team *t = &plan->teams.teams[k];
        json_t *methods = json_array();
        for (int m = 0; m < t->n_methods; m++)
            json_array_append_new(methods, json_string(t->methods[m]));
        json_array_append_new(
            list,
            json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", t->name, "lon",
                      tl_json_number(t->lon_deg, 9), "lat", tl_json_number(t->lat_deg, 9),
                      "methods", methods, "days",
                      numbers(plan->team_days + k * plan->n_years, plan->n_years), "days_used",
                      numbers(plan->team_used + k * plan->n_years, plan->n_years), "price_of_a_day",
                      numbers(plan->price_day + k * plan->n_years, plan->n_years)));
    }
    return list;
}

static json_t *years_json(const struct tl_plan *plan)
{
    json_t *list = json_array();
    for (int64_t y = 0; y < plan->n_years; y++) {
        char first[TL_PLAN_DATE_BYTES], last[TL_PLAN_DATE_BYTES];
        int64_t n = 0;
        tl_plan_year(plan, y, first, last);
        for (int64_t t = 0; t < plan->n_tasks; t++)
            n += plan->tasks[t].year == y;
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:o, s:o, s:I, s:o, s:o}", "year",
                                              (json_int_t)y + 1, "from", first, "to", last,
                                              "budget", number(plan->year_budget[y]), "spent",
                                              number(plan->year_spent[y]), "tasks", (json_int_t)n,
                                              "weight", number(plan->year_weight[y]),
                                              "price_of_money", number(plan->price_money[y])));
    }
    return list;
}

static json_t *districts_json(const struct tl_plan *plan)
{
    json_t *list = json_array();
    for (int64_t d = 0; d < plan->n_districts; d++) {
        double score = 0.0, done = 0.0, ha = 0.0, ha_done = 0.0;
        for (int64_t t = 0; t < plan->n_tasks; t++) {
            const struct tl_plan_task *task = &plan->tasks[t];
            if (plan->task_district[t] != d)
                continue;
            score += task->score;
            ha += task->area_m2 / TL_PLAN_M2_PER_HA;
            done += task->is_planned ? task->score : 0.0;
            ha_done += task->is_planned ? task->area_m2 / TL_PLAN_M2_PER_HA : 0.0;
        }
        json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "district",
                                              plan->districts[d], "floor", number(plan->floors[d]),
                                              "floor_in", plan->has_floors_in_ha ? "ha" : "score",
                                              "score", number(score), "score_planned", number(done),
                                              "ha", number(ha), "ha_planned", number(ha_done)));
    }
    return list;
}

static json_t *score_json(const struct tl_plan_task *task)
{
    json_t *list = json_array();
    for (int p = 0; p < task->n_score_parts; p++)
        json_array_append_new(
            list, json_pack("{s:s, s:o, s:s, s:o}", "part", task->score_parts[p].name, "amount",
                            number(task->score_parts[p].amount), "unit", task->score_parts[p].unit,
                            "points", number(task->score_parts[p].points)));
    return list;
}

/* The codes of the tasks that it waits for. */
static json_t *after_json(const char *after)
{
    json_t *list = json_array();
    while (*after != '\0') {
        size_t n = strcspn(after, " ");
        json_array_append_new(list, json_stringn(after, n));
        after += n + (after[n] == ' ');
    }
    return list;
}

/* What would have to change, from the plan's prices. */
static json_t *change_json(const struct tl_plan *plan, int64_t t)
{
    const struct tl_plan_task *task = &plan->tasks[t];
    const struct tl_plan_job *job = &plan->jobs[t];
    bool lacks = !task->is_planned && task->score < job->threshold;
    bool waits = !task->is_planned && job->money_before > 0.0;
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "score_needed", number(job->threshold),
        "days_and_cost_factor", number(lacks ? task->score / job->threshold : (double)NAN),
        "cost_at_most", number(lacks && job->cheaper < task->cost ? job->cheaper : (double)NAN),
        "days_at_most", number(lacks && job->faster < task->days ? job->faster : (double)NAN),
        "tasks_before", waits ? json_integer(job->before) : json_null(), "money_more",
        number(waits ? job->money_before : (double)NAN), "days_more",
        number(waits ? job->days_before : (double)NAN));
}

static json_t *planned_json(const struct tl_plan *plan, const struct tl_plan_task *task)
{
    if (!task->is_planned)
        return json_null();
    return json_pack("{s:s, s:I, s:s, s:s, s:o}", "team", plan->teams.teams[task->team].name,
                     "year", (json_int_t)task->year + 1, "start", task->start, "end", task->end,
                     "casualties_avoided", number(task->avoided));
}

static json_t *task_json(const struct tl_plan *plan, int64_t t)
{
    static const char *const rules[] = {"may", "must", "must not"};
    const struct tl_plan_task *task = &plan->tasks[t];
    const struct tl_plan_area *a = &plan->areas[plan->jobs[t].area];
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "task",
        task->code, "area", task->area, "name", task->name, "district", task->district, "part",
        (json_int_t)task->part, "parts", (json_int_t)task->n_parts, "class",
        a->is_confirmed   ? "CHA"
        : a->is_suspected ? "SHA"
                          : "",
        "lon", tl_json_number(task->lon_deg, 9), "lat", tl_json_number(task->lat_deg, 9), "ha",
        number(task->area_m2 / TL_PLAN_M2_PER_HA), "items", interval(task->items),
        "casualties_a_year", number(task->harm_per_year), "beneficiaries", number(a->beneficiaries),
        "score", number(task->score), "rank", (json_int_t)task->rank, "score_parts",
        score_json(task));
    json_t *more = json_pack(
        "{s:s, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:s, s:o}", "rule", rules[plan->jobs[t].rule],
        "after", after_json(task->after), "can_be_done", (int)(plan->jobs[t].n_options > 0),
        "method", task->method, "days", number(task->days), "travel_days",
        number(task->travel_days), "cost", number(task->cost), "planned", planned_json(plan, task),
        "why", task->why, "change", change_json(plan, t));
    if (json == NULL || more == NULL || json_object_update(json, more) != 0) {
        json_decref(json);
        json = NULL;
    }
    json_decref(more);
    return json;
}

static json_t *result_json(const struct tl_plan *plan)
{
    struct tl_plan_summary s = tl_plan_summary(plan);
    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:b, s:s, s:o}",
                     "tasks", (json_int_t)s.n_tasks, "planned", (json_int_t)s.n_planned, "ha",
                     number(s.ha), "ha_planned", number(s.ha_planned), "cost", number(s.cost),
                     "score", number(s.score), "score_all", number(s.score_all), "value",
                     number(s.value), "bound", number(s.bound), "gap", number(s.gap), "how",
                     s.is_exact ? "exact" : "heuristic", "timed_out", (int)s.timed_out,
                     "solver_note", plan->solution.note, "casualties_avoided", interval(s.avoided));
}

tl_err tl_plan_json(struct tl_ctx *ctx, const struct tl_plan *plan, char **json)
{
    char start[TL_PLAN_DATE_BYTES], end[TL_PLAN_DATE_BYTES];
    json_t *tasks = json_array(), *root = NULL;
    tl_err err = TL_OK;
    tl_calendar_text(plan->start, start);
    tl_calendar_text(plan->end, end);
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        json_t *task = task_json(plan, t);
        if (task == NULL || json_array_append_new(tasks, task) != 0)
            TL_THROW(ctx, TL_ENOMEM, "the JSON could not be made");
    }
    root = json_pack(
        "{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:O, s:o, s:o}",
        "schema", "tilth.plan/1", "program", "tilth " TILTH_VERSION, "title", plan->title, "map",
        plan->risk.has_map ? json_integer(plan->risk.run_id) : json_null(), "start", start, "end",
        end, "currency", plan->teams.currency, "carry_over", (int)plan->carry, "objective",
        objective_json(plan), "result", result_json(plan), "years", years_json(plan), "teams",
        teams_json(plan), "districts", districts_json(plan), "tasks", tasks, "assumptions",
        texts_json(&plan->assumptions), "notes", texts_json(&plan->notes));
    if (root == NULL)
        TL_THROW(ctx, TL_ENOMEM, "the JSON could not be made");
    TL_TRY(tl_json_text(ctx, root, json));
done:
    json_decref(root);
    json_decref(tasks);
    return err;
}
