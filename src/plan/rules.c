/* What the teams' file demands of tasks and districts, as the solver needs it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/text.h"
#include "plan/order.h"
#include "plan/plan.h"

/* The tasks that a text names: one, or all parts of an area. */
static tl_err find_tasks(struct tl_ctx *ctx, const struct tl_plan *plan,
                         const struct tl_yaml_node *node, const char *text, int64_t *first,
                         int64_t *n)
{
    const char *codes[2000];
    int n_codes = 0;
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        if (strcasecmp(plan->tasks[t].code, text) == 0) {
            *first = t;
            *n = 1;
            return TL_OK;
        }
        if (n_codes < 2000)
            codes[n_codes++] = plan->tasks[t].code;
    }
    int64_t area = tl_plan_area_find(plan, text);
    if (area >= 0) {
        *first = plan->areas[area].first;
        *n = plan->areas[area].n;
        return *n > 0 ? TL_OK
                      : tl_yaml_fail(ctx, node,
                                     "%s has no task: all of it lies in other open areas, which "
                                     "count it; expected one of these",
                                     plan->areas[area].code);
    }
    const char *near = tl_text_nearest(text, n_codes, codes);
    return tl_yaml_fail(ctx, node,
                        "task \"%.60s\" does not exist%s%s; expected one such as %s or its "
                        "area's code",
                        text, near != NULL ? "; the nearest is " : "", near != NULL ? near : "",
                        plan->tasks[0].code);
}

static tl_err apply_rules(struct tl_ctx *ctx, struct tl_plan *plan)
{
    for (int64_t i = 0; i < plan->teams.n_rules; i++) {
        const struct tl_teams_rule *rule = &plan->teams.rules[i];
        int64_t first = 0, n = 0;
        tl_err err = find_tasks(ctx, plan, rule->node, rule->task, &first, &n);
        if (err != TL_OK)
            return err;
        for (int64_t t = first; t < first + n; t++) {
            if (plan->jobs[t].rule != TL_PLAN_MAY && plan->jobs[t].rule != rule->rule)
                return tl_yaml_fail(ctx, rule->node, "%s must be done and must not be done",
                                    plan->tasks[t].code);
            plan->jobs[t].rule = rule->rule;
        }
    }
    return TL_OK;
}

/* A window leaves the years that lie in it as far as the team works: whole years of the plan. */
static tl_err apply_windows(struct tl_ctx *ctx, struct tl_plan *plan)
{
    for (int64_t i = 0; i < plan->teams.n_windows; i++) {
        const struct tl_teams_window *w = &plan->teams.windows[i];
        int64_t first = 0, n = 0, from = plan->n_years, to = -1;
        tl_err err = find_tasks(ctx, plan, w->node, w->task, &first, &n);
        if (err != TL_OK)
            return err;
        for (int64_t y = 0; y < plan->n_years; y++)
            if (w->from <= tl_calendar_years_on(plan->start, y) &&
                w->to >= tl_calendar_years_on(plan->start, y + 1) - 1) {
                from = y < from ? y : from;
                to = y;
            }
        if (to < 0)
            return tl_yaml_fail(ctx, w->node,
                                "window of %.60s: no whole year of the plan lies in it; expected "
                                "from and to around at least one year from the plan's start on",
                                w->task);
        for (int64_t t = first; t < first + n; t++) {
            plan->jobs[t].first_year = from;
            plan->jobs[t].last_year = to;
        }
    }
    return TL_OK;
}

static tl_err add_order(struct tl_ctx *ctx, struct tl_plan *plan, const struct tl_yaml_node *node,
                        int64_t first, int64_t then)
{
    if (plan->n_orders == TL_PLAN_ORDERS_MAX)
        return tl_yaml_fail(ctx, node,
                            "more than %d pairs of tasks wait for each other; name fewer",
                            TL_PLAN_ORDERS_MAX);
    if (plan->n_orders == plan->room_orders) {
        int64_t room = 2 * plan->room_orders + 64;
        struct tl_plan_order *grown =
            tl_regrow(ctx, plan->orders, plan->n_orders, room, sizeof *grown);
        if (grown == NULL)
            return TL_ENOMEM;
        plan->orders = grown;
        plan->room_orders = room;
    }
    plan->orders[plan->n_orders++] = (struct tl_plan_order){(int32_t)first, (int32_t)then};
    return TL_OK;
}

/* One task, with all its parts, behind another with all its parts. */
static tl_err apply_after(struct tl_ctx *ctx, struct tl_plan *plan, const struct tl_teams_after *a)
{
    int64_t then = 0, n_then = 0, first = 0, n_first = 0;
    tl_err err = TL_OK;
    TL_TRY(find_tasks(ctx, plan, a->node, a->task, &then, &n_then));
    for (int64_t k = 0; k < a->waits_for->n; k++) {
        const struct tl_yaml_node *node = &a->waits_for->nodes[k];
        TL_TRY(find_tasks(ctx, plan, node, node->text, &first, &n_first));
        for (int64_t i = 0; i < n_first * n_then; i++)
            TL_TRY(add_order(ctx, plan, node, first + i / n_then, then + i % n_then));
    }
done:
    return err;
}

static const char *code_of(void *arg, enum tl_plan_thing thing, int64_t index)
{
    const struct tl_plan *plan = arg;
    return thing == TL_PLAN_TASK ? plan->tasks[index].code : NULL;
}

/* The codes that each task waits for, for people. */
static tl_err name_orders(struct tl_ctx *ctx, struct tl_plan *plan,
                          const struct tl_plan_orders *orders)
{
    struct tl_buf text = {0};
    tl_err err = TL_OK;
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        text.size_bytes = 0;
        for (int64_t k = orders->before_at[t]; k < orders->before_at[t + 1]; k++)
            TL_TRY(tl_buf_printf(ctx, &text, "%s%s", text.size_bytes > 0 ? " " : "",
                                 plan->tasks[orders->before[k]].code));
        if (text.size_bytes > 0)
            plan->tasks[t].after = tl_plan_keep_text(ctx, plan, "%s", text.text);
        if (plan->tasks[t].after == NULL)
            TL_THROW(ctx, TL_ENOMEM, "no memory for the order of tasks");
    }
done:
    tl_buf_fini(&text);
    return err;
}

static tl_err apply_order(struct tl_ctx *ctx, struct tl_plan *plan)
{
    const struct tl_teams *teams = &plan->teams;
    struct tl_plan_orders orders = {0};
    tl_err err = TL_OK;
    for (int64_t i = 0; i < teams->n_after; i++)
        TL_TRY(apply_after(ctx, plan, &teams->after[i]));
    for (int64_t i = 0; teams->in_order != NULL && i < teams->in_order->n; i++) {
        const struct tl_yaml_node *node = &teams->in_order->nodes[i];
        int64_t first = 0, n = 0;
        TL_TRY(find_tasks(ctx, plan, node, node->text, &first, &n));
        for (int64_t k = 1; k < n; k++)
            TL_TRY(add_order(ctx, plan, node, first + k - 1, first + k));
    }
    err = tl_plan_orders_init(ctx, plan->n_tasks, plan->n_orders, plan->orders, code_of, plan,
                              &orders);
    if (err == TL_EDATA)
        err = tl_yaml_fail_at(ctx, err,
                              teams->after_node != NULL ? teams->after_node : teams->in_order);
    TL_TRY(err);
    TL_TRY(name_orders(ctx, plan, &orders));
done:
    tl_plan_orders_fini(&orders);
    return err;
}

static tl_err number_districts(struct tl_ctx *ctx, struct tl_plan *plan)
{
    tl_err err = TL_OK;
    TL_TRY_ALLOC(ctx, plan->task_district, plan->n_tasks);
    TL_TRY_ALLOC(ctx, plan->districts, plan->n_areas);
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const char *name = plan->tasks[t].district;
        int32_t d = 0;
        while (d < plan->n_districts && strcmp(plan->districts[d], name) != 0)
            d++;
        if (name[0] == '\0') {
            plan->task_district[t] = -1;
            continue;
        }
        if (d == plan->n_districts)
            plan->districts[plan->n_districts++] = name;
        plan->task_district[t] = d;
    }
    TL_TRY_ALLOC(ctx, plan->floors, plan->n_districts);
done:
    return err;
}

static tl_err apply_floors(struct tl_ctx *ctx, struct tl_plan *plan)
{
    for (int64_t i = 0; i < plan->teams.n_floors; i++) {
        const struct tl_teams_floor *f = &plan->teams.floors[i];
        double score = 0.0, ha = 0.0;
        int64_t d = 0;
        while (d < plan->n_districts && strcmp(plan->districts[d], f->district) != 0)
            d++;
        if (d == plan->n_districts)
            return tl_yaml_fail(ctx, f->node,
                                "floor of \"%.60s\": no open area is in a district of that name%s",
                                f->district,
                                plan->n_districts == 0
                                    ? "; expected districts: in this file, or places with admin2 "
                                      "in the register"
                                    : "");
        for (int64_t t = 0; t < plan->n_tasks; t++)
            if (plan->task_district[t] == d) {
                score += plan->tasks[t].score;
                ha += plan->tasks[t].area_m2 / TL_PLAN_M2_PER_HA;
            }
        if (f->ha > ha)
            return tl_yaml_fail(ctx, f->node,
                                "floor of %.60s: %g ha, but only %.6g ha are open there",
                                f->district, f->ha, ha);
        plan->floors[d] = f->ha > 0.0 ? f->ha : f->share * score;
        plan->has_floors_in_ha = f->ha > 0.0;
    }
    return TL_OK;
}

tl_err tl_plan_rules_apply(struct tl_ctx *ctx, struct tl_plan *plan)
{
    tl_err err = number_districts(ctx, plan);
    if (err == TL_OK)
        err = apply_rules(ctx, plan);
    if (err == TL_OK)
        err = apply_windows(ctx, plan);
    if (err == TL_OK)
        err = apply_order(ctx, plan);
    if (err == TL_OK)
        err = apply_floors(ctx, plan);
    return err;
}
