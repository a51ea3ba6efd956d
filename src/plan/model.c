/*
 * What can be done at all. Leaving out what does not fit on its own costs nothing and tightens every bound that follows: a linear relaxation would
 * otherwise do half of a task that no team can do whole. With order between tasks that goes along the line: a year in which nothing that a task waits for can be
 * done in time is none of its years.
 */
#include "plan/model.h"

#include <math.h>

static bool is_amount(double x)
{
    return isfinite(x) && x >= 0.0;
}

static tl_err check_task(struct tl_ctx *ctx, const struct tl_plan_problem *p, int64_t t)
{
    long long number = (long long)t + 1;
    if (!is_amount(p->value[t]))
        return tl_fail(ctx, TL_EDATA, "task %lld is worth %g; expected 0 or more", number,
                       p->value[t]);
    if (p->floor_of != NULL && !is_amount(p->floor_of[t]))
        return tl_fail(ctx, TL_EDATA, "task %lld counts %g towards a floor; expected 0 or more",
                       number, p->floor_of[t]);
    if (p->rule[t] > TL_PLAN_MUST_NOT)
        return tl_fail(ctx, TL_EDATA, "task %lld has the rule %d; expected 0 to 2", number,
                       p->rule[t]);
    if (p->district[t] < -1 || p->district[t] >= p->n_districts)
        return tl_fail(ctx, TL_EDATA, "task %lld lies in district %d; there are %lld", number,
                       p->district[t], (long long)p->n_districts);
    return TL_OK;
}

static tl_err check_option(struct tl_ctx *ctx, const struct tl_plan_problem *p, int64_t i)
{
    const struct tl_plan_option *o = &p->options[i];
    if (o->task < 0 || o->task >= p->n_tasks || o->team < 0 || o->team >= p->n_teams)
        return tl_fail(ctx, TL_EDATA, "option %lld: no such task (%d) or team (%d)", (long long)i,
                       o->task, o->team);
    if (!is_amount(o->days) || o->days == 0.0 || !is_amount(o->cost))
        return tl_fail(ctx, TL_EDATA,
                       "task %d takes team %d %g days at %g; expected more than 0, and 0 or more",
                       o->task + 1, o->team + 1, o->days, o->cost);
    if (i > 0 && (o[-1].task > o->task || (o[-1].task == o->task && o[-1].team >= o->team)))
        return tl_fail(ctx, TL_EDATA, "option %lld is out of order", (long long)i);
    return TL_OK;
}

static tl_err check_amounts(struct tl_ctx *ctx, const char *what, int64_t n, const double *x)
{
    for (int64_t i = 0; i < n; i++)
        if (!is_amount(x[i]))
            return tl_fail(ctx, TL_EDATA, "%s %lld is %g; expected 0 or more", what, (long long)i,
                           x[i]);
    return TL_OK;
}

static tl_err check(struct tl_ctx *ctx, const struct tl_plan_problem *p)
{
    tl_err err = TL_OK;
    if (p->n_years < 1 || p->n_years > TL_PLAN_YEARS_MAX)
        TL_THROW(ctx, TL_EDATA, "a plan over %lld years; expected 1 to %d", (long long)p->n_years,
                 TL_PLAN_YEARS_MAX);
    if (p->n_tasks < 0 || p->n_teams < 0 || p->n_tasks > INT32_MAX || p->n_teams > INT32_MAX)
        TL_THROW(ctx, TL_EDATA, "%lld tasks and %lld teams", (long long)p->n_tasks,
                 (long long)p->n_teams);
    for (int64_t t = 0; t < p->n_tasks; t++)
        TL_TRY(check_task(ctx, p, t));
    for (int64_t i = 0; i < p->n_options; i++)
        TL_TRY(check_option(ctx, p, i));
    TL_TRY(check_amounts(ctx, "days of team and year", p->n_teams * p->n_years, p->team_days));
    for (int64_t i = 0; p->early_days != NULL && i < p->n_teams * p->n_years; i++)
        if (!(p->early_days[i] >= 0.0 && p->early_days[i] <= p->team_days[i]))
            TL_THROW(ctx, TL_EDATA, "%g of %g days lie before the middle of the year",
                     p->early_days[i], p->team_days[i]);
    TL_TRY(check_amounts(ctx, "the budget of year", p->n_years, p->budget));
    TL_TRY(check_amounts(ctx, "the weight of year", p->n_years, p->year_weight));
    TL_TRY(check_amounts(ctx, "the floor of district", p->n_districts, p->floor));
done:
    return err;
}

/* Tasks that may be done at all: worth something, asked for, or waited for by such a one. */
static void mark_worth(const struct tl_plan_model *m, bool *worth)
{
    const struct tl_plan_problem *p = m->problem;
    for (int64_t i = p->n_tasks - 1; i >= 0; i--) {
        int64_t t = m->orders.line[i];
        bool own = p->value[t] > 0.0 ||
                   (tl_plan_model_counts(m, t) > 0.0 && tl_plan_model_floor(m, t) > 0.0);
        m->must[t] = p->rule[t] == TL_PLAN_MUST;
        for (int64_t k = m->orders.after_at[t]; k < m->orders.after_at[t + 1]; k++) {
            m->must[t] = m->must[t] || m->must[m->orders.after[k]];
            own = own || worth[m->orders.after[k]];
        }
        worth[t] = p->rule[t] != TL_PLAN_MUST_NOT && (own || m->must[t]);
    }
}

static uint64_t years_of(const struct tl_plan_model *m, const struct tl_plan_option *o, int turn)
{
    const struct tl_plan_problem *p = m->problem;
    uint64_t years = 0;
    for (int64_t y = 0; y < p->n_years; y++)
        if (y >= p->first_year[o->task] && y <= p->last_year[o->task] &&
            o->days <= tl_plan_model_turn_days(m, o->team * p->n_years + y, turn) &&
            o->cost <= m->money[y])
            years |= (uint64_t)1 << y;
    return years;
}

/* An option once for each turn that it may take. */
static void add_turns(struct tl_plan_model *m, const struct tl_plan_option *o, bool leads,
                      bool waits)
{
    const bool has[] = {[TL_PLAN_EARLY] = leads, [TL_PLAN_ANY_TURN] = true, [TL_PLAN_LATE] = waits};
    for (int turn = TL_PLAN_EARLY; turn <= TL_PLAN_LATE; turn++) {
        uint64_t years = has[turn] ? years_of(m, o, turn) : 0;
        if (years != 0)
            m->choices[m->n_choices++] =
                (struct tl_plan_choice){years, o->days, o->cost, o->task, o->team, turn};
    }
}

/* All choices that fit on their own; without a year where there is none, so that they stand in order. */
static void fill(struct tl_plan_model *m, const bool *worth)
{
    const struct tl_plan_problem *p = m->problem;
    int64_t i = 0;
    for (int64_t t = 0; t < p->n_tasks; t++) {
        bool leads = m->orders.after_at[t] < m->orders.after_at[t + 1];
        bool waits = m->orders.before_at[t] < m->orders.before_at[t + 1];
        m->start[t] = m->n_choices;
        for (; i < p->n_options && p->options[i].task == t; i++)
            if (worth[t])
                add_turns(m, &p->options[i], leads, waits);
    }
    m->start[p->n_tasks] = m->n_choices;
}

/* The years of a choice in which one of a task that it waits for can be done in time. */
static uint64_t years_behind(const struct tl_plan_model *m, const struct tl_plan_choice *c,
                             int64_t first)
{
    uint64_t years = 0, earliest = 0;
    for (int64_t i = m->start[first]; i < m->start[first + 1]; i++) {
        const struct tl_plan_choice *f = &m->choices[i];
        struct tl_plan_place one = {f->team, 0, f->turn}, other = {c->team, 0, c->turn};
        uint64_t low = f->years & (~f->years + 1); /* 0 where it has none */
        earliest = low != 0 && (earliest == 0 || low < earliest) ? low : earliest;
        years |= tl_plan_orders_keep(one, other) ? f->years : 0;
    }
    if (earliest != 0) /* all years after the first */
        years |= ~(earliest | (earliest - 1));
    return c->years & years;
}

static void prune(struct tl_plan_model *m)
{
    int64_t n = 0, from = 0;
    for (int64_t i = 0; i < m->n_tasks && m->orders.n > 0; i++) {
        int64_t t = m->orders.line[i];
        for (int64_t k = m->orders.before_at[t]; k < m->orders.before_at[t + 1]; k++)
            for (int64_t c = m->start[t]; c < m->start[t + 1]; c++)
                m->choices[c].years = years_behind(m, &m->choices[c], m->orders.before[k]);
    }
    for (int64_t t = 0; t < m->n_tasks; t++) {
        int64_t end = m->start[t + 1];
        m->start[t] = n;
        for (int64_t c = from; c < end; c++)
            if (m->choices[c].years != 0) {
                m->n_cells += __builtin_popcountll(m->choices[c].years);
                m->choices[n++] = m->choices[c];
            }
        from = end;
    }
    m->start[m->n_tasks] = m->n_choices = n;
}

tl_err tl_plan_model_init(struct tl_ctx *ctx, const struct tl_plan_problem *problem,
                          struct tl_plan_model *model)
{
    tl_err err = TL_OK;
    const struct tl_plan_problem *p = problem;
    struct tl_plan_model m = {.problem = p,
                              .n_tasks = p->n_tasks,
                              .n_teams = p->n_teams,
                              .n_years = p->n_years,
                              .n_bins = p->n_teams * p->n_years,
                              .n_districts = p->n_districts};
    double weight = 0.0;
    bool *worth = NULL;
    TL_TRY(check(ctx, p));
    TL_TRY(tl_plan_orders_init(ctx, p->n_tasks, p->n_orders, p->orders, NULL, NULL, &m.orders));
    TL_TRY_ALLOC(ctx, worth, p->n_tasks);
    TL_TRY_ALLOC(ctx, m.must, p->n_tasks);
    TL_TRY_ALLOC(ctx, m.start, p->n_tasks + 1);
    TL_TRY_ALLOC(ctx, m.choices, (p->n_orders > 0 ? 3 : 1) * p->n_options);
    TL_TRY_ALLOC(ctx, m.money, p->n_years);
    for (int64_t y = 0; y < p->n_years; y++) {
        m.money[y] = p->budget[y] + (p->carry && y > 0 ? m.money[y - 1] : 0.0);
        weight = fmax(weight, p->year_weight[y]);
    }
    for (int64_t t = 0; t < p->n_tasks; t++)
        m.value_max = fmax(m.value_max, weight * p->value[t]);
    m.value_max = m.value_max > 0.0 ? m.value_max : 1.0;
    mark_worth(&m, worth);
    fill(&m, worth);
    prune(&m);
    *model = m;
    m = (struct tl_plan_model){0};
done:
    tl_free(worth);
    tl_plan_model_fini(&m);
    return err;
}

void tl_plan_model_fini(struct tl_plan_model *model)
{
    if (model == NULL)
        return;
    tl_free(model->start);
    tl_free(model->choices);
    tl_free(model->money);
    tl_free(model->must);
    tl_plan_orders_fini(&model->orders);
    *model = (struct tl_plan_model){0};
}
