/** All plans of a small problem, one after the other: what any other way has to agree with. */
#ifndef TL_PLAN_BRUTE_FIXTURE_H
#define TL_PLAN_BRUTE_FIXTURE_H

#include "plan/problem_fixture.h"

struct brute {
    const struct tl_plan_problem *p;
    double days[FIXTURE_TEAMS * FIXTURE_YEARS], cost[FIXTURE_YEARS], served[FIXTURE_DISTRICTS];
    double early[FIXTURE_TEAMS * FIXTURE_YEARS], late[FIXTURE_TEAMS * FIXTURE_YEARS];
    int32_t team[FIXTURE_TASKS], year[FIXTURE_TASKS], turn[FIXTURE_TASKS]; /* team -1 = not done */
    double objective, best; /* best: -1 = there is no plan */
};

/* Said once more, apart from order.h: by the time at which a task is over or begins at the earliest, in thirds of years; a team does its own in order. */
static bool brute_in_order(const struct brute *b, const struct tl_plan_order *o)
{
    int32_t f = o->first, t = o->then;
    if (b->team[t] < 0)
        return true;
    if (b->team[f] < 0)
        return false;
    int32_t over = 3 * b->year[f] + (b->turn[f] == TL_PLAN_EARLY ? 1 : 3);
    int32_t begins = 3 * b->year[t] + (b->turn[t] == TL_PLAN_LATE ? 2 : 0);
    bool alone = b->team[f] == b->team[t] && b->year[f] == b->year[t];
    return alone ? b->turn[f] <= b->turn[t] : over <= begins;
}

static bool brute_keeps(const struct brute *b)
{
    const struct tl_plan_problem *p = b->p;
    double used = 0.0, have = 0.0;
    for (int64_t i = 0; i < p->n_teams * p->n_years; i++)
        if (b->days[i] > p->team_days[i] * (1.0 + 1e-12))
            return false;
    for (int64_t i = 0; i < p->n_teams * p->n_years; i++) {
        double early = p->early_days != NULL ? p->early_days[i] : 0.0;
        double late = p->early_days != NULL ? p->team_days[i] - early : 0.0;
        if (b->early[i] > early + 1e-9 || b->late[i] > late + 1e-9)
            return false;
    }
    for (int64_t i = 0; i < p->n_orders; i++)
        if (!brute_in_order(b, &p->orders[i]))
            return false;
    for (int64_t y = 0; y < p->n_years; y++) {
        used = b->cost[y] + (p->carry ? used : 0.0);
        have = p->budget[y] + (p->carry ? have : 0.0);
        if (used > have * (1.0 + 1e-12))
            return false;
    }
    for (int64_t d = 0; d < p->n_districts; d++)
        if (p->floor[d] > 0.0 && b->served[d] < p->floor[d] * (1.0 - 1e-12))
            return false;
    return true;
}

static void brute_count(struct brute *b, const struct tl_plan_option *o, int64_t y, int turn,
                        double sign)
{
    const struct tl_plan_problem *p = b->p;
    if (turn != TL_PLAN_ANY_TURN)
        (turn == TL_PLAN_EARLY ? b->early : b->late)[o->team * p->n_years + y] += sign * o->days;
    b->team[o->task] = sign > 0.0 ? o->team : -1;
    b->year[o->task] = (int32_t)y;
    b->turn[o->task] = turn;
    b->days[o->team * p->n_years + y] += sign * o->days;
    b->cost[y] += sign * o->cost;
    b->objective += sign * p->value[o->task] * p->year_weight[y];
    if (p->district[o->task] >= 0)
        b->served[p->district[o->task]] +=
            sign * (p->floor_of != NULL ? p->floor_of : p->value)[o->task];
}

static void brute_from(struct brute *b, int64_t task)
{
    const struct tl_plan_problem *p = b->p;
    if (task == p->n_tasks) {
        if (brute_keeps(b) && b->objective > b->best)
            b->best = b->objective > 0.0 ? b->objective : 0.0;
        return;
    }
    if (p->rule[task] != TL_PLAN_MUST)
        brute_from(b, task + 1);
    if (p->rule[task] == TL_PLAN_MUST_NOT)
        return;
    bool ordered = false;
    for (int64_t i = 0; i < p->n_orders; i++)
        ordered = ordered || p->orders[i].first == task || p->orders[i].then == task;
    for (int64_t i = 0; i < p->n_options; i++)
        for (int64_t y = 3 * p->first_year[task]; y < 3 * p->last_year[task] + 3; y++) {
            int turn = (int)(y % 3);
            if (p->options[i].task != task || (!ordered && turn != TL_PLAN_ANY_TURN))
                continue;
            brute_count(b, &p->options[i], y / 3, turn, 1.0);
            brute_from(b, task + 1);
            brute_count(b, &p->options[i], y / 3, turn, -1.0);
        }
}

/* Worth of the best plan; -1 where there is none. */
__attribute__((unused)) static double brute_best(const struct tl_plan_problem *p)
{
    struct brute b = {.p = p, .best = -1.0};
    for (int64_t t = 0; t < p->n_tasks; t++)
        b.team[t] = -1;
    brute_from(&b, 0);
    return b.best;
}

#endif
