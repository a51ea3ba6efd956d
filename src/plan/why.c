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
        [TL_PLAN_ABLE] = "no team can do it",
        [TL_PLAN_NO_PACE] = "no team can do it: the pace of their methods is not known",
        [TL_PLAN_NO_PRICE] = "no team can do it: what their methods cost is not known",
        [TL_PLAN_TOO_LONG] = "no team can do it: it takes longer than any of their years",
        [TL_PLAN_NO_DAYS] = "no team that could do it works within the plan"};
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
    return tl_plan_keep_text(
        ctx, plan,
        "its score of %s is a little under the %s that its days and money "
        "would earn elsewhere, but whole tasks leave room for it%s",
        score, needed, plan->teams.n_floors > 0 ? ", or its district's floor asks for it" : "");
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

tl_err tl_plan_why_all(struct tl_ctx *ctx, struct tl_plan *plan)
{
    tl_err err = TL_OK;
    for (int64_t t = 0; t < plan->n_tasks; t++)
        price(plan, t);
    TL_TRY(stand_in_line(ctx, plan));
    for (int64_t t = 0; t < plan->n_tasks; t++) {
        struct tl_plan_task *task = &plan->tasks[t];
        task->why = task->is_planned ? why_planned(ctx, plan, t) : why_not(ctx, plan, t);
        if (task->why == NULL)
            return TL_ENOMEM;
    }
done:
    return err;
}
