/*
 * The problem with only what is asked for, where nothing is worth anything. From cheap to dear: a short search; prices whose bound falls below nothing (which proves that
 * there is no plan); a longer search; then the exact solver, or all ways there are where it is not installed and tasks are few.
 */
#include "plan/oracle.h"

#include <math.h>

#include "plan/exact.h"
#include "plan/heuristic.h"
#include "plan/warm.h"

enum { SHORT = 300, LONG = 10000, PRICES = 300, WARM = 60, TASKS_MAX = 24, NODES_MAX = 1000000 };

/* Where a limit is lifted: this many times what it is, and something where it is nothing. */
static const double PLENTY = 1e9, EXACT_S = 10.0;

struct sub {
    struct tl_plan_problem problem;
    double *value, *counts, *days, *early, *budget, *floor; /* owns */
    uint8_t *rule;                                          /* owns */
    struct tl_plan_model model;
    struct tl_plan_dual dual;
    struct tl_plan_state state;
};

static void sub_fini(struct sub *s)
{
    tl_plan_state_fini(&s->state);
    tl_plan_bound_fini(&s->dual);
    tl_plan_model_fini(&s->model);
    tl_free(s->value);
    tl_free(s->counts);
    tl_free(s->days);
    tl_free(s->early);
    tl_free(s->budget);
    tl_free(s->floor);
    tl_free(s->rule);
}

static tl_err sub_alloc(struct tl_ctx *ctx, const struct tl_plan_question *q, struct sub *s)
{
    tl_err err = TL_OK;
    const struct tl_plan_problem *p = q->problem;
    TL_TRY_ALLOC(ctx, s->value, p->n_tasks);
    TL_TRY_ALLOC(ctx, s->counts, p->n_tasks);
    TL_TRY_ALLOC(ctx, s->rule, p->n_tasks);
    TL_TRY_ALLOC(ctx, s->days, p->n_teams * p->n_years);
    TL_TRY_ALLOC(ctx, s->early, p->n_teams * p->n_years);
    TL_TRY_ALLOC(ctx, s->budget, p->n_years);
    TL_TRY_ALLOC(ctx, s->floor, p->n_districts);
    s->problem = *p;
    s->problem.value = s->value;
    s->problem.floor_of = s->counts;
    s->problem.rule = s->rule;
    s->problem.team_days = s->days;
    s->problem.early_days = p->early_days != NULL ? s->early : NULL;
    s->problem.budget = s->budget;
    s->problem.floor = s->floor;
    for (int64_t t = 0; t < p->n_tasks; t++) {
        s->counts[t] = p->floor_of != NULL ? p->floor_of[t] : p->value[t];
        s->rule[t] = TL_PLAN_MUST_NOT;
    }
    for (int64_t i = 0; i < p->n_teams * p->n_years; i++) {
        double early = p->early_days != NULL ? p->early_days[i] : 0.0;
        s->days[i] = q->any_days ? PLENTY * (1.0 + p->team_days[i]) : p->team_days[i];
        s->early[i] = q->any_days ? 0.5 * s->days[i] : early;
    }
    for (int64_t y = 0; y < p->n_years; y++)
        s->budget[y] = q->any_money ? PLENTY * (1.0 + p->budget[y]) : p->budget[y];
done:
    return err;
}

/* The task may be done where its district's floor is asked for, unless it must not. */
static void allow(const struct tl_plan_problem *p, int64_t district, uint8_t *rule)
{
    for (int64_t t = 0; t < p->n_tasks; t++)
        if (p->district[t] == district && p->rule[t] != TL_PLAN_MUST_NOT &&
            rule[t] == TL_PLAN_MUST_NOT)
            rule[t] = TL_PLAN_MAY;
}

/* What is waited for by what may be done may be done as well. */
static tl_err allow_before(struct tl_ctx *ctx, const struct tl_plan_problem *p, uint8_t *rule)
{
    struct tl_plan_orders orders = {0};
    tl_err err = tl_plan_orders_init(ctx, p->n_tasks, p->n_orders, p->orders, NULL, NULL, &orders);
    for (int64_t i = p->n_tasks - 1; i >= 0 && err == TL_OK; i--) {
        int64_t t = orders.line[i];
        for (int64_t k = orders.before_at[t]; k < orders.before_at[t + 1]; k++) {
            int32_t first = orders.before[k];
            if (rule[t] != TL_PLAN_MUST_NOT && rule[first] == TL_PLAN_MUST_NOT &&
                p->rule[first] != TL_PLAN_MUST_NOT)
                rule[first] = TL_PLAN_MAY;
        }
    }
    tl_plan_orders_fini(&orders);
    return err;
}

static tl_err sub_init(struct tl_ctx *ctx, const struct tl_plan_question *q, int64_t n,
                       const struct tl_plan_demand *demands, struct sub *s)
{
    tl_err err = TL_OK;
    *s = (struct sub){0};
    TL_TRY(sub_alloc(ctx, q, s));
    for (int64_t i = 0; i < n; i++) {
        if (demands[i].is_floor) {
            s->floor[demands[i].index] = q->problem->floor[demands[i].index];
            allow(q->problem, demands[i].index, s->rule);
        } else {
            s->rule[demands[i].index] = TL_PLAN_MUST;
        }
    }
    TL_TRY(allow_before(ctx, q->problem, s->rule));
    TL_TRY(tl_plan_model_init(ctx, &s->problem, &s->model));
    TL_TRY(tl_plan_bound_init(ctx, &s->model, &s->dual));
    TL_TRY(tl_plan_state_init(ctx, &s->model, &s->state));
done:
    return err;
}

/* All ways to do the tasks from the i-th on, or to leave them. @return false when none works, or nodes ran out (*nodes is then below 0) */
static bool try_all(struct sub *s, int64_t n, const int64_t *tasks, int64_t *nodes)
{
    if (n == 0)
        return tl_plan_state_complete(&s->state);
    for (struct tl_plan_each e = tl_plan_model_each(&s->model, tasks[0]);
         tl_plan_model_next(&s->model, &e);) {
        if (--*nodes < 0)
            return false;
        if (!tl_plan_state_fits(&s->state, &s->model.choices[e.choice], e.year))
            continue;
        tl_plan_state_put(&s->state, e.choice, e.year);
        if (try_all(s, n - 1, tasks + 1, nodes))
            return true;
        tl_plan_state_take(&s->state, tasks[0]);
    }
    return !tl_plan_model_must(&s->model, tasks[0]) && try_all(s, n - 1, tasks + 1, nodes);
}

static void by_trying(struct sub *s, enum tl_plan_verdict *verdict)
{
    int64_t tasks[TASKS_MAX], n = 0, nodes = NODES_MAX;
    /* What must be done first, unless tasks wait for others: then those stand behind these. */
    for (int pass = 0; pass < (s->model.orders.n > 0 ? 1 : 2); pass++)
        for (int64_t i = 0; i < s->model.n_tasks; i++) {
            int64_t t = s->model.orders.line[i];
            bool must = tl_plan_model_must(&s->model, t);
            if ((s->model.orders.n == 0 && must != (pass == 0)) ||
                (!must && s->model.start[t] == s->model.start[t + 1]))
                continue;
            if (n == TASKS_MAX)
                return;
            tasks[n++] = t;
        }
    tl_plan_state_clear(&s->state);
    if (try_all(s, n, tasks, &nodes))
        *verdict = TL_PLAN_CAN;
    else if (nodes >= 0)
        *verdict = TL_PLAN_CANNOT;
}

static tl_err by_solver(struct tl_ctx *ctx, const struct tl_plan_question *q, struct sub *s,
                        enum tl_plan_verdict *verdict)
{
    struct tl_plan_limits limits = *q->limits;
    struct tl_plan_exact exact = {0};
    if (limits.heuristic || s->model.n_cells > limits.n_exact_max)
        return TL_OK;
    limits.wait_s = fmin(limits.wait_s, EXACT_S);
    tl_err err = tl_plan_exact_solve(ctx, &s->dual, &limits, &s->state, &exact);
    if (err == TL_OK && exact.infeasible)
        *verdict = TL_PLAN_CANNOT;
    else if (err == TL_OK && tl_plan_state_complete(&s->state))
        *verdict = TL_PLAN_CAN;
    return err == TL_ENUMERIC ? TL_OK : err; /* a solver that fails proves nothing */
}

static tl_err by_search(struct tl_ctx *ctx, struct sub *s, int64_t n_rounds,
                        enum tl_plan_verdict *verdict)
{
    struct tl_plan_effort effort = {.n_rounds = n_rounds, .gap = 0.0, .until_s = INFINITY};
    tl_err err = tl_plan_heuristic_improve(ctx, &s->dual, &effort, &s->state);
    if (err == TL_OK && tl_plan_state_complete(&s->state))
        *verdict = TL_PLAN_CAN;
    return err;
}

/* Nothing is worth anything, so a plan's worth is 0: a bound below it proves that there is none. */
static tl_err by_prices(struct tl_ctx *ctx, struct sub *s, enum tl_plan_verdict *verdict)
{
    tl_err err = TL_OK;
    TL_TRY(tl_plan_warm_prices(ctx, &s->model, WARM, &s->dual));
    TL_TRY(tl_plan_bound_improve(ctx, &s->model, -1.0, 0.0, PRICES, &s->dual));
    if (s->dual.infeasible)
        *verdict = TL_PLAN_CANNOT;
done:
    return err;
}

tl_err tl_plan_oracle_ask(struct tl_ctx *ctx, const struct tl_plan_question *question, int64_t n,
                          const struct tl_plan_demand *demands, enum tl_plan_verdict *verdict)
{
    tl_err err = TL_OK;
    struct sub s = {0};
    enum tl_plan_verdict v = TL_PLAN_UNKNOWN;
    TL_TRY(tl_cancelled(ctx));
    TL_TRY(sub_init(ctx, question, n, demands, &s));
    TL_TRY(by_search(ctx, &s, SHORT, &v));
    if (v == TL_PLAN_UNKNOWN)
        TL_TRY(by_prices(ctx, &s, &v));
    if (v == TL_PLAN_UNKNOWN)
        by_trying(&s, &v);
    bool late = tl_clock_s() > question->until_s;
    if (v == TL_PLAN_UNKNOWN && !late) {
        tl_plan_state_clear(&s.state);
        TL_TRY(by_search(ctx, &s, LONG, &v));
    }
    if (v == TL_PLAN_UNKNOWN && !late)
        TL_TRY(by_solver(ctx, question, &s, &v));
    *verdict = v;
done:
    sub_fini(&s);
    return err;
}

tl_err tl_plan_oracle_most(struct tl_ctx *ctx, const struct tl_plan_question *question,
                           int64_t district, double *most)
{
    tl_err err = TL_OK;
    struct sub s = {0};
    double *weight = NULL;
    TL_TRY_ALLOC(ctx, weight, question->problem->n_years);
    TL_TRY(sub_alloc(ctx, question, &s));
    for (int64_t y = 0; y < question->problem->n_years; y++)
        weight[y] = 1.0;
    s.problem.year_weight = weight;
    s.problem.value = s.counts;
    allow(question->problem, district, s.rule);
    TL_TRY(allow_before(ctx, question->problem, s.rule));
    TL_TRY(tl_plan_model_init(ctx, &s.problem, &s.model));
    TL_TRY(tl_plan_bound_init(ctx, &s.model, &s.dual));
    TL_TRY(tl_plan_warm_prices(ctx, &s.model, 2 * WARM, &s.dual));
    TL_TRY(tl_plan_bound_improve(ctx, &s.model, 0.0, 0.0, PRICES, &s.dual));
    *most = s.dual.bound;
done:
    tl_free(weight);
    sub_fini(&s);
    return err;
}
