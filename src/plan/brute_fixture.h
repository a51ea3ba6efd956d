/** All plans of a small problem, one after the other: what any other way has to agree with. */
#ifndef TL_PLAN_BRUTE_FIXTURE_H
#define TL_PLAN_BRUTE_FIXTURE_H

#include "plan/problem_fixture.h"

struct brute {
    const struct tl_plan_problem *p;
    double days[FIXTURE_TEAMS * FIXTURE_YEARS], cost[FIXTURE_YEARS], served[FIXTURE_DISTRICTS];
    double objective, best; /* best: -1 = there is no plan */
};

static bool brute_keeps(const struct brute *b)
{
    const struct tl_plan_problem *p = b->p;
    double used = 0.0, have = 0.0;
    for (int64_t i = 0; i < p->n_teams * p->n_years; i++)
        if (b->days[i] > p->team_days[i] * (1.0 + 1e-12))
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

static void brute_count(struct brute *b, const struct tl_plan_option *o, int64_t y, double sign)
{
    const struct tl_plan_problem *p = b->p;
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
    for (int64_t i = 0; i < p->n_options; i++)
        for (int64_t y = p->first_year[task]; y <= p->last_year[task]; y++) {
            if (p->options[i].task != task)
                break;
            brute_count(b, &p->options[i], y, 1.0);
            brute_from(b, task + 1);
            brute_count(b, &p->options[i], y, -1.0);
        }
}

/* Worth of the best plan; -1 where there is none. */
__attribute__((unused)) static double brute_best(const struct tl_plan_problem *p)
{
    struct brute b = {.p = p, .best = -1.0};
    brute_from(&b, 0);
    return b.best;
}

#endif
