/*
 * From all that is asked for, pieces are left out as long as what remains can still not be had: halves first, then quarters, down to single ones. What takes least is
 * left out first, so that a few large demands remain rather than many small ones.
 */
#include "plan/infeasible.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "plan/heuristic.h"

/* Of looking for a small set, at most: any set that cannot be had is an answer, if not the smallest. */
static const double SHRINK_S = 30.0;

char *tl_plan_infeasible_name(const struct tl_plan_names *names, enum tl_plan_thing thing,
                              int64_t index, char text[TL_PLAN_THING_BYTES])
{
    static const char *const words[] = {"task", "team", "district", "year"};
    const char *name = names->name == NULL ? NULL : names->name(names->arg, thing, index);
    if (name != NULL)
        snprintf(text, TL_PLAN_THING_BYTES, "%.100s", name);
    else
        snprintf(text, TL_PLAN_THING_BYTES, "%s %lld", words[thing], (long long)index + 1);
    return text;
}

char *tl_plan_infeasible_years(const struct tl_plan_names *names, uint64_t years,
                               char text[2 * TL_PLAN_THING_BYTES])
{
    char first[TL_PLAN_THING_BYTES], last[TL_PLAN_THING_BYTES];
    int from = __builtin_ctzll(years), to = 63 - __builtin_clzll(years);
    tl_plan_infeasible_name(names, TL_PLAN_YEAR, from, first);
    tl_plan_infeasible_name(names, TL_PLAN_YEAR, to, last);
    if (from == to)
        snprintf(text, 2 * TL_PLAN_THING_BYTES, "in %.100s", first);
    else
        snprintf(text, 2 * TL_PLAN_THING_BYTES, "in %.100s to %.100s", first, last);
    return text;
}

static uint64_t window_of(const struct tl_plan_problem *p, int64_t task)
{
    uint64_t years = 0;
    for (int64_t y = 0; y < p->n_years; y++)
        if (y >= p->first_year[task] && y <= p->last_year[task])
            years |= (uint64_t)1 << y;
    return years;
}

/* What a task needs at the least, and the most there is of it at once. */
struct need {
    double days, most_days, cost, most_money;
    int64_t n_options;
};

static struct need need_of(const struct tl_plan_model *m, int64_t task, uint64_t window)
{
    const struct tl_plan_problem *p = m->problem;
    struct need need = {.days = INFINITY, .cost = INFINITY};
    for (int64_t i = 0; i < p->n_options; i++) {
        const struct tl_plan_option *o = &p->options[i];
        if (o->task != task)
            continue;
        need.n_options++;
        need.days = fmin(need.days, o->days);
        need.cost = fmin(need.cost, o->cost);
        for (uint64_t years = window; years != 0; years &= years - 1) {
            int y = __builtin_ctzll(years);
            need.most_days = fmax(need.most_days, p->team_days[o->team * p->n_years + y]);
            need.most_money = fmax(need.most_money, m->money[y]);
        }
    }
    return need;
}

/* "T-003 must be done", or "T-003 must be done (T-007 waits for it)". */
static void name_must(const struct tl_plan_model *m, int64_t task,
                      const struct tl_plan_names *names, char text[TL_PLAN_MUST_BYTES])
{
    char name[TL_PLAN_THING_BYTES], other[TL_PLAN_THING_BYTES] = "";
    tl_plan_infeasible_name(names, TL_PLAN_TASK, task, name);
    for (int64_t i = m->orders.after_at[task]; i < m->orders.after_at[task + 1]; i++)
        if (m->must[m->orders.after[i]])
            tl_plan_infeasible_name(names, TL_PLAN_TASK, m->orders.after[i], other);
    if (m->problem->rule[task] == TL_PLAN_MUST || other[0] == '\0')
        snprintf(text, TL_PLAN_MUST_BYTES, "%s must be done", name);
    else
        snprintf(text, TL_PLAN_MUST_BYTES, "%s must be done (%s waits for it)", name, other);
}

/* A must-do task that has no choice. */
static tl_err fail_task(struct tl_ctx *ctx, const struct tl_plan_model *m, int64_t task,
                        const struct tl_plan_names *names)
{
    char name[TL_PLAN_MUST_BYTES], before[TL_PLAN_THING_BYTES] = "", when[2 * TL_PLAN_THING_BYTES],
                                   a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES];
    uint64_t window = window_of(m->problem, task);
    struct need need = need_of(m, task, window);
    name_must(m, task, names, name);
    for (int64_t i = m->orders.before_at[task]; i < m->orders.before_at[task + 1]; i++)
        tl_plan_infeasible_name(names, TL_PLAN_TASK, m->orders.before[i], before);
    if (m->problem->rule[task] == TL_PLAN_MUST_NOT)
        return tl_fail(ctx, TL_EDATA, "%s and must not be done", name);
    if (need.n_options == 0)
        return tl_fail(ctx, TL_EDATA, "%s and no team can do it", name);
    if (window == 0)
        return tl_fail(ctx, TL_EDATA, "%s, but in no year of the plan", name);
    tl_plan_infeasible_years(names, window, when);
    if (need.days > need.most_days)
        return tl_fail(ctx, TL_EDATA,
                       "%s but takes at least %s days, and no team that can do it has "
                       "more than %s a year %s",
                       name, tl_text_number(need.days, a), tl_text_number(need.most_days, b), when);
    if (need.cost > need.most_money)
        return tl_fail(ctx, TL_EDATA, "%s but costs at least %s, and there are %s %s", name,
                       tl_text_number(need.cost, a), tl_text_number(need.most_money, b), when);
    if (before[0] != '\0')
        return tl_fail(ctx, TL_EDATA,
                       "%s and waits for %s, and there is no year in which both can "
                       "be done, one after the other",
                       name, before);
    return tl_fail(ctx, TL_EDATA,
                   "%s, but no team that can do it has both the days and the money for "
                   "it %s",
                   name, when);
}

tl_err tl_plan_infeasible_alone(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                const struct tl_plan_names *names)
{
    tl_err err = TL_OK;
    char name[TL_PLAN_THING_BYTES], a[TL_TEXT_NUMBER_BYTES], b[TL_TEXT_NUMBER_BYTES];
    double *most = NULL;
    TL_TRY_ALLOC(ctx, most, model->n_districts);
    for (int64_t i = 0; i < model->n_tasks; i++) {
        int64_t t = model->orders.line[i]; /* what others wait for first */
        bool can = model->start[t] < model->start[t + 1];
        if (!can && tl_plan_model_must(model, t)) {
            err = fail_task(ctx, model, t, names);
            goto done;
        }
        if (can && model->problem->district[t] >= 0)
            most[model->problem->district[t]] += tl_plan_model_counts(model, t);
    }
    for (int64_t d = 0; d < model->n_districts; d++)
        if (most[d] < model->problem->floor[d] * (1.0 - 1e-9))
            TL_THROW(ctx, TL_EDATA,
                     "%s is to be given at least %s, and all its tasks that can be done give %s",
                     tl_plan_infeasible_name(names, TL_PLAN_DISTRICT, d, name),
                     tl_text_number(model->problem->floor[d], a), tl_text_number(most[d], b));
done:
    tl_free(most);
    return err;
}

struct sized {
    struct tl_plan_demand demand;
    double size;
};

static int by_size(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return (x->demand.index > y->demand.index) - (x->demand.index < y->demand.index);
}

/* Least days of a task against what its team has, or money: its part of a year. */
static double size_of(const struct tl_plan_model *m, int64_t task)
{
    double days = INFINITY, money = INFINITY;
    for (struct tl_plan_each e = tl_plan_model_each(m, task); tl_plan_model_next(m, &e);) {
        const struct tl_plan_choice *c = &m->choices[e.choice];
        days = fmin(days, c->days / m->problem->team_days[c->team * m->n_years + e.year]);
        money = fmin(money, c->cost > 0.0 ? c->cost / m->money[e.year] : 0.0);
    }
    return fmax(days, money);
}

/* Everything that is asked for, what takes least first; floors last. owns: the caller */
static tl_err list_demands(struct tl_ctx *ctx, const struct tl_plan_model *m, int64_t *n,
                           struct tl_plan_demand **demands)
{
    tl_err err = TL_OK;
    struct sized *sized = NULL;
    struct tl_plan_demand *list = NULL;
    int64_t count = 0;
    TL_TRY_ALLOC(ctx, sized, m->n_tasks + m->n_districts);
    TL_TRY_ALLOC(ctx, list, m->n_tasks + m->n_districts);
    for (int64_t t = 0; t < m->n_tasks; t++)
        if (m->problem->rule[t] == TL_PLAN_MUST)
            sized[count++] = (struct sized){{false, t}, size_of(m, t)};
    for (int64_t d = 0; d < m->n_districts; d++)
        if (m->problem->floor[d] > 0.0)
            sized[count++] = (struct sized){{true, d}, INFINITY};
    qsort(sized, (size_t)count, sizeof *sized, by_size);
    for (int64_t i = 0; i < count; i++)
        list[i] = sized[i].demand;
    *n = count;
    *demands = list;
    list = NULL;
done:
    tl_free(sized);
    tl_free(list);
    return err;
}

/* Leaves out what is not needed for the conflict. */
static tl_err shrink(struct tl_ctx *ctx, const struct tl_plan_question *q, int64_t *n,
                     struct tl_plan_demand *demands)
{
    tl_err err = TL_OK;
    struct tl_plan_demand *rest = NULL;
    TL_TRY_ALLOC(ctx, rest, *n);
    for (int64_t piece = *n / 2; piece >= 1; piece /= 2) {
        for (int64_t first = 0; first<*n && * n> 1;) {
            int64_t size = piece < *n - first ? piece : *n - first, left = *n - size;
            enum tl_plan_verdict verdict = TL_PLAN_UNKNOWN;
            memcpy(rest, demands, (size_t)first * sizeof *rest);
            memcpy(rest + first, demands + first + size, (size_t)(left - first) * sizeof *rest);
            if (tl_clock_s() < q->until_s && left > 0)
                TL_TRY(tl_plan_oracle_ask(ctx, q, left, rest, &verdict));
            if (verdict != TL_PLAN_CANNOT) {
                first += size;
                continue;
            }
            memcpy(demands, rest, (size_t)left * sizeof *rest);
            *n = left;
        }
    }
done:
    tl_free(rest);
    return err;
}

tl_err tl_plan_infeasible_explain(struct tl_ctx *ctx, const struct tl_plan_model *model,
                                  const struct tl_plan_limits *limits,
                                  const struct tl_plan_names *names)
{
    tl_err err = TL_OK;
    struct tl_plan_demand *demands = NULL;
    int64_t n = 0;
    struct tl_plan_question q = {.problem = model->problem, .limits = limits};
    enum tl_plan_verdict verdict = TL_PLAN_UNKNOWN;
    q.until_s = tl_clock_s() + SHRINK_S;
    tl_progress_begin(ctx, "what conflicts");
    TL_TRY(list_demands(ctx, model, &n, &demands));
    TL_TRY(tl_plan_oracle_ask(ctx, &q, n, demands, &verdict));
    if (verdict != TL_PLAN_CANNOT)
        TL_THROW(ctx, TL_ENUMERIC,
                 "no plan was found that does all %lld things that it must (tasks, floors), %s",
                 (long long)n,
                 verdict == TL_PLAN_CAN ? "though there is one: give it more time"
                                        : "nor a proof that there is none");
    TL_TRY(shrink(ctx, &q, &n, demands));
    q.until_s = tl_clock_s() + SHRINK_S;
    err = tl_plan_infeasible_say(ctx, &q, n, demands, names);
done:
    tl_progress_end(ctx);
    tl_free(demands);
    return err;
}
