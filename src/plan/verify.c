/*
 * A plan against every constraint, written apart from whatever made it: sums over all tasks, nothing kept from the search.
 */
#include <math.h>

#include "core/core.h"
#include "plan/problem.h"

/* Sums of up to a million doubles are off by far less. */
static const double TOLERANCE = 1e-9;

struct tl_plan_limits tl_plan_limits_default(void)
{
    return (struct tl_plan_limits){.gap = 0.01, .wait_s = 60.0, .n_exact_max = 100000};
}

void tl_plan_solution_fini(struct tl_plan_solution *solution)
{
    if (solution == NULL)
        return;
    tl_free(solution->team);
    tl_free(solution->year);
    tl_free(solution->turn);
    *solution = (struct tl_plan_solution){0};
}

/* What a plan uses and gives. */
struct sums {
    double *days;   /* owns: [n_teams, n_years] */
    double *cost;   /* owns: [n_years] */
    double *served; /* owns: [n_districts] */
    double *early,
        *late; /* own: [n_teams, n_years] days that must lie before the year's middle, after it */
    double objective;
};

static void sums_fini(struct sums *s)
{
    tl_free(s->days);
    tl_free(s->cost);
    tl_free(s->served);
    tl_free(s->early);
    tl_free(s->late);
}

/* The option of a task with a team; options are sorted by task, then team. */
static const struct tl_plan_option *option_of(const struct tl_plan_problem *p, int64_t task,
                                              int32_t team)
{
    int64_t low = 0, high = p->n_options;
    while (low < high) {
        int64_t mid = low + (high - low) / 2;
        const struct tl_plan_option *o = &p->options[mid];
        if (o->task < task || (o->task == task && o->team < team))
            low = mid + 1;
        else
            high = mid;
    }
    bool found = low < p->n_options && p->options[low].task == task && p->options[low].team == team;
    return found ? &p->options[low] : NULL;
}

static tl_err add_task(struct tl_ctx *ctx, const struct tl_plan_problem *p, int64_t task,
                       const struct tl_plan_solution *solution, struct sums *s)
{
    int32_t team = solution->team[task], year = solution->year[task];
    long long number = (long long)task + 1;
    if (team < 0 && year < 0) {
        if (p->rule[task] == TL_PLAN_MUST)
            return tl_fail(ctx, TL_EBUG, "task %lld must be done and is not", number);
        return TL_OK;
    }
    if (p->rule[task] == TL_PLAN_MUST_NOT)
        return tl_fail(ctx, TL_EBUG, "task %lld must not be done and is", number);
    if (team < 0 || team >= p->n_teams || year < 0 || year >= p->n_years)
        return tl_fail(ctx, TL_EBUG, "task %lld is given to team %d in year %d", number, team,
                       year);
    if (year < p->first_year[task] || year > p->last_year[task])
        return tl_fail(ctx, TL_EBUG, "task %lld is done in year %d, outside %d to %d", number, year,
                       p->first_year[task], p->last_year[task]);
    const struct tl_plan_option *o = option_of(p, task, team);
    if (o == NULL)
        return tl_fail(ctx, TL_EBUG, "task %lld is given to team %d, which cannot do it", number,
                       team);
    s->days[team * p->n_years + year] += o->days;
    if (solution->turn != NULL && solution->turn[task] != TL_PLAN_ANY_TURN)
        (solution->turn[task] == TL_PLAN_EARLY ? s->early : s->late)[team * p->n_years + year] +=
            o->days;
    s->cost[year] += o->cost;
    if (p->district[task] >= 0)
        s->served[p->district[task]] += p->floor_of != NULL ? p->floor_of[task] : p->value[task];
    s->objective += p->value[task] * p->year_weight[year];
    return TL_OK;
}

static tl_err check_money(struct tl_ctx *ctx, const struct tl_plan_problem *p, const double *cost)
{
    double used = 0.0, have = 0.0;
    for (int64_t y = 0; y < p->n_years; y++) {
        used = p->carry ? used + cost[y] : cost[y];
        have = p->carry ? have + p->budget[y] : p->budget[y];
        if (used > have + TOLERANCE * (have + used))
            return tl_fail(ctx, TL_EBUG, "%.10g of money is spent by year %lld and there is %.10g",
                           used, (long long)y, have);
    }
    return TL_OK;
}

/* What waits is done after all that it waits for. */
static tl_err check_order(struct tl_ctx *ctx, const struct tl_plan_problem *p,
                          const struct tl_plan_solution *s, const struct tl_plan_order *order)
{
    int32_t a = order->first, b = order->then;
    int early = s->turn != NULL ? s->turn[a] : TL_PLAN_ANY_TURN,
        late = s->turn != NULL ? s->turn[b] : TL_PLAN_ANY_TURN;
    if (s->team[b] < 0)
        return TL_OK;
    if (s->team[a] < 0)
        return tl_fail(ctx, TL_EBUG, "task %d is done and waits for task %d, which is not", b + 1,
                       a + 1);
    bool same_year = s->year[a] == s->year[b], same_team = s->team[a] == s->team[b];
    bool in_time = same_team
                       ? early <= late
                       : p->early_days != NULL && early == TL_PLAN_EARLY && late == TL_PLAN_LATE;
    if (s->year[a] > s->year[b] || (same_year && !in_time))
        return tl_fail(ctx, TL_EBUG, "task %d waits for task %d and is not done after it", b + 1,
                       a + 1);
    return TL_OK;
}

static tl_err check_orders(struct tl_ctx *ctx, const struct tl_plan_problem *p,
                           const struct tl_plan_solution *solution, const struct sums *s)
{
    tl_err err = TL_OK;
    for (int64_t i = 0; i < p->n_orders && err == TL_OK; i++)
        err = check_order(ctx, p, solution, &p->orders[i]);
    for (int64_t i = 0; i < p->n_teams * p->n_years && err == TL_OK; i++) {
        double have = p->early_days != NULL ? p->early_days[i] : 0.0;
        double rest = p->early_days != NULL ? p->team_days[i] - have : 0.0;
        if (s->early[i] > have + TOLERANCE * p->team_days[i] ||
            s->late[i] > rest + TOLERANCE * p->team_days[i])
            err = tl_fail(ctx, TL_EBUG,
                          "team %lld works %.10g and %.10g days before and after the middle of "
                          "year %lld and has %.10g and %.10g",
                          (long long)(i / p->n_years), s->early[i], s->late[i],
                          (long long)(i % p->n_years), have, rest);
    }
    return err;
}

static tl_err check_sums(struct tl_ctx *ctx, const struct tl_plan_problem *p, const struct sums *s)
{
    for (int64_t i = 0; i < p->n_teams * p->n_years; i++)
        if (s->days[i] > p->team_days[i] * (1.0 + TOLERANCE))
            return tl_fail(ctx, TL_EBUG, "team %lld works %.10g days in year %lld and has %.10g",
                           (long long)(i / p->n_years), s->days[i], (long long)(i % p->n_years),
                           p->team_days[i]);
    for (int64_t d = 0; d < p->n_districts; d++)
        if (s->served[d] < p->floor[d] * (1.0 - TOLERANCE))
            return tl_fail(ctx, TL_EBUG, "district %lld is given %.10g and its floor is %.10g",
                           (long long)d, s->served[d], p->floor[d]);
    return check_money(ctx, p, s->cost);
}

tl_err tl_plan_verify(struct tl_ctx *ctx, const struct tl_plan_problem *problem,
                      const struct tl_plan_solution *solution)
{
    tl_err err = TL_OK;
    struct sums s = {0};
    TL_TRY_ALLOC(ctx, s.days, problem->n_teams * problem->n_years);
    TL_TRY_ALLOC(ctx, s.cost, problem->n_years);
    TL_TRY_ALLOC(ctx, s.served, problem->n_districts);
    TL_TRY_ALLOC(ctx, s.early, problem->n_teams * problem->n_years);
    TL_TRY_ALLOC(ctx, s.late, problem->n_teams * problem->n_years);
    for (int64_t t = 0; t < problem->n_tasks; t++)
        TL_TRY(add_task(ctx, problem, t, solution, &s));
    TL_TRY(check_sums(ctx, problem, &s));
    TL_TRY(check_orders(ctx, problem, solution, &s));
    if (!(fabs(s.objective - solution->objective) <= 1e-9 * (1e-300 + fabs(s.objective))))
        TL_THROW(ctx, TL_EBUG, "the plan is worth %.17g and says %.17g", s.objective,
                 solution->objective);
    if (!(solution->bound >= solution->objective * (1.0 - TOLERANCE)))
        TL_THROW(ctx, TL_EBUG, "the plan is worth %.17g, above its bound of %.17g", s.objective,
                 solution->bound);
done:
    sums_fini(&s);
    return err;
}
