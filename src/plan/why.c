/*
 * Why a task is in the plan or not, by the plan's own prices: what one more day of a team and one more unit of money in a year would be worth
 * (problem.h). A task earns score * w in a year and takes days * (price of the team's day) + cost * (price of money), which other tasks
 * would turn into as much. So it needs at least the score
 *
 *     threshold = min over teams and years of (days * price_day + cost * price_money) / w
 *
 * Tasks that are not planned stand in line by score over threshold: those before it come first when there is more money and more days. Prices are those of
 * the linear relaxation: whole tasks may leave a little room or take it, within the plan's gap.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/catalogue.h"
#include "core/text.h"
#include "plan/plan.h"

static void price(const struct tl_plan *plan, int64_t t)
{
    struct tl_plan_job *job = &plan->jobs[t];
    double score = plan->tasks[t].score;
    job->threshold = job->cheaper = job->faster = (double)NAN;
    for (int64_t i = job->first_option; i < job->first_option + job->n_options; i++)
        for (int64_t y = job->first_year; y <= job->last_year; y++) {
            const struct tl_plan_option *o = &plan->options[i];
            double day = plan->price_day[o->team * plan->n_years + y];
            double money = plan->price_money[y], earned = score * plan->year_weight[y];
            if (o->days > plan->team_days[o->team * plan->n_years + y])
                continue;
            job->threshold =
                fmin(job->threshold, (o->days * day + o->cost * money) / plan->year_weight[y]);
            if (money > 0.0 && earned > o->days * day)
                job->cheaper = fmax(job->cheaper, (earned - o->days * day) / money);
            if (day > 0.0 && earned > o->cost * money)
                job->faster = fmax(job->faster, (earned - o->cost * money) / day);
        }
}

struct waiting {
    double ratio;
    int64_t task;
};

static int by_ratio(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;
    if (x->ratio != y->ratio)
        return x->ratio > y->ratio ? -1 : 1;
    return (x->task > y->task) - (x->task < y->task);
}

static tl_err stand_in_line(struct tl_ctx *ctx, struct tl_plan *plan)
{
    struct waiting *line = tl_alloc(ctx, plan->n_tasks, sizeof *line);
    int64_t n = 0;
    double money = 0.0, days = 0.0;
    if (line == NULL)
        return TL_ENOMEM;
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        const struct tl_plan_job *job = &plan->jobs[t];
        if (plan->tasks[t].is_planned || job->n_options == 0 || job->rule == TL_PLAN_MUST_NOT ||
            isnan(job->threshold))
            continue;
        double ratio = plan->tasks[t].score / fmax(job->threshold, 1e-300);
        line[n++] = (struct waiting){fmin(ratio, 1e300), t};
    }
    qsort(line, (size_t)n, sizeof *line, by_ratio);
    for (int64_t i = 0; i < n; i++) {
        struct tl_plan_job *job = &plan->jobs[line[i].task];
        money += plan->tasks[line[i].task].cost;
        days += plan->tasks[line[i].task].days;
        job->before = i;
        job->money_before = money;
        job->days_before = days;
    }
    tl_free(line);
    return TL_OK;
}

static const char *obstacle_words(int why)
{
    static const char *const words[] = {
        [TL_PLAN_ABLE] = TL_CATALOGUE_MARK("no team can do it"),
        [TL_PLAN_NO_PACE] =
            TL_CATALOGUE_MARK("no team can do it: the pace of their methods is not known"),
        [TL_PLAN_NO_PRICE] =
            TL_CATALOGUE_MARK("no team can do it: what their methods cost is not known"),
        [TL_PLAN_TOO_LONG] =
            TL_CATALOGUE_MARK("no team can do it: it takes longer than any of their years"),
        [TL_PLAN_NO_DAYS] = TL_CATALOGUE_MARK("no team that could do it works within the plan")};
    return words[why];
}

static const char *why_planned(struct tl_ctx *ctx, struct tl_plan *plan, int64_t t)
{
    const struct tl_plan_task *task = &plan->tasks[t];
    const struct tl_plan_job *job = &plan->jobs[t];
    char score[TL_TEXT_NUMBER_BYTES], needed[TL_TEXT_NUMBER_BYTES];
    if (job->rule == TL_PLAN_MUST)
        return tl_plan_keep_text(ctx, plan, "it must be done, as the file of teams says");
    tl_text_number(task->score, score);
    tl_text_number(job->threshold, needed);
    if (!(job->threshold > 0.0))
        return tl_plan_keep_text(ctx, plan, "there are days and money enough for it");
    if (task->score >= job->threshold)
        return tl_plan_keep_text(ctx, plan,
                                 "its score of %s is at least the %s that its days and money would "
                                 "earn on other tasks",
                                 score, needed);
    if (plan->teams.n_floors > 0)
        return tl_plan_keep_text(ctx, plan,
                                 "its score of %s is a little under the %s that its days and money "
                                 "would earn elsewhere, but whole tasks leave room for it, or its "
                                 "district's floor asks for it",
                                 score, needed);
    return tl_plan_keep_text(ctx, plan,
                             "its score of %s is a little under the %s that its days and money "
                             "would earn elsewhere, but whole tasks leave room for it",
                             score, needed);
}

static const char *why_not(struct tl_ctx *ctx, struct tl_plan *plan, int64_t t)
{
    const struct tl_plan_task *task = &plan->tasks[t];
    const struct tl_plan_job *job = &plan->jobs[t];
    char score[TL_TEXT_NUMBER_BYTES], needed[TL_TEXT_NUMBER_BYTES];
    double budget = 0.0;
    for (int64_t y = 0; y < plan->n_years; y++)
        budget += plan->year_budget[y];
    if (job->rule == TL_PLAN_MUST_NOT)
        return tl_plan_keep_text(ctx, plan, "it must not be done, as the file of teams says");
    if (job->n_options == 0)
        return tl_plan_keep_text(ctx, plan, "%s", obstacle_words(job->why_not));
    if (budget == 0.0 && task->cost > 0.0)
        return tl_plan_keep_text(ctx, plan, "there is no money: the budget is zero");
    if (isnan(job->threshold))
        return tl_plan_keep_text(ctx, plan, "it takes longer than its teams have in its years");
    if (!(task->score > 0.0))
        return tl_plan_keep_text(ctx, plan,
                                 "its score is zero: doing it is worth nothing by this "
                                 "objective");
    tl_text_number(task->score, score);
    tl_text_number(job->threshold, needed);
    if (task->score < job->threshold)
        return tl_plan_keep_text(ctx, plan,
                                 "its score of %s is less than the %s that its days and money earn "
                                 "on other tasks",
                                 score, needed);
    return tl_plan_keep_text(ctx, plan,
                             "its score of %s would be enough by the plan's prices (%s), but no "
                             "whole gap of days and money is left that it fits into",
                             score, needed);
}

/* Of the tasks that a task waits for, the one that is done last; one that is not in the plan before all others. -1 = it waits for none */
static int64_t last_before(const struct tl_plan *plan, int64_t t)
{
    int64_t last = -1;
    for (int64_t i = 0; i < plan->n_orders; i++) {
        int64_t first = plan->orders[i].first;
        if (plan->orders[i].then != t || (last >= 0 && !plan->tasks[last].is_planned))
            continue;
        if (last < 0 || !plan->tasks[first].is_planned ||
            strcmp(plan->tasks[first].end, plan->tasks[last].end) > 0)
            last = first;
    }
    return last;
}

/* A planned task that waits for this one; -1 without one. */
static int64_t planned_behind(const struct tl_plan *plan, int64_t t)
{
    for (int64_t i = 0; i < plan->n_orders; i++)
        if (plan->orders[i].first == t && plan->tasks[plan->orders[i].then].is_planned)
            return plan->orders[i].then;
    return -1;
}

/* What order has to do with a task's being in the plan, or not; NULL = nothing, or no memory with a message. */
static const char *why_by_order(struct tl_ctx *ctx, struct tl_plan *plan, int64_t t)
{
    const struct tl_plan_task *task = &plan->tasks[t];
    const struct tl_plan_job *job = &plan->jobs[t];
    int64_t before = last_before(plan, t), behind = planned_behind(plan, t);
    if (!task->is_planned && before >= 0 && !plan->tasks[before].is_planned &&
        job->rule != TL_PLAN_MUST_NOT && job->n_options > 0)
        return tl_plan_keep_text(ctx, plan, "it waits for %s, which is not in the plan",
                                 plan->tasks[before].code);
    if (task->is_planned && behind >= 0 && job->rule != TL_PLAN_MUST &&
        task->score < job->threshold)
        return tl_plan_keep_text(ctx, plan, "%s waits for it, and is in the plan",
                                 plan->tasks[behind].code);
    return NULL;
}

/* The reason and, of what is planned behind another task, when that one is done. */
static const char *why_with_order(struct tl_ctx *ctx, struct tl_plan *plan, int64_t t,
                                  const char *why)
{
    int64_t before = last_before(plan, t);
    if (before < 0 || !plan->tasks[t].is_planned)
        return why;
    return tl_plan_keep_text(ctx, plan, "%s; it waits for %s, done on %s", why,
                             plan->tasks[before].code, plan->tasks[before].end);
}

tl_err tl_plan_why_all(struct tl_ctx *ctx, struct tl_plan *plan)
{
    tl_err err = TL_OK;
    for (int64_t t = 0; t < plan->n_tasks; t++)
        price(plan, t);
    TL_TRY(stand_in_line(ctx, plan));
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        struct tl_plan_task *task = &plan->tasks[t];
        const char *why = why_by_order(ctx, plan, t);
        if (why == NULL)
            why = task->is_planned ? why_planned(ctx, plan, t) : why_not(ctx, plan, t);
        if (why != NULL)
            why = why_with_order(ctx, plan, t, why);
        if (why == NULL)
            return TL_ENOMEM;
        task->why = why;
    }
done:
    return err;
}
